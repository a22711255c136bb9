"""The command `embed`: what it prints, what it writes, and what it refuses."""

import json
from pathlib import Path

import numpy as np
import pytest
from running import Ask, tiny, trained
from tiny_bert import bert_in


@pytest.fixture(scope="session")
def elmo(book: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run that reads both ways."""
    recipe = tiny(book, task="bilm", encoder="lstm*2", budget__steps=3)
    return trained(recipe, tmp_path_factory.mktemp("elmo") / "run")


def test_a_line_for_each_token_with_its_characters_and_its_length(elmo: Path, ask: Ask) -> None:
    answer = ask("embed", elmo, "The spring wind")
    assert (answer.code, answer.err) == (0, "")
    first, _, heading, *lines = answer.out.splitlines()
    assert first == "layer 2 (2 lstm), 3 in all: 3 tokens, each with 32 numbers"
    assert heading.split() == ["characters", "token", "norm", "vector"]
    assert [line.split()[:2] for line in lines] == [
        ["0-3", "the"], ["4-10", "spring"], ["11-15", "wind"], ["0-15", "(mean)"],
    ]  # fmt: skip
    assert all(len(line.split()) == 3 + 6 + 1 and line.endswith("…") for line in lines)


def test_layer_and_mix_choose_what_is_shown(elmo: Path, ask: Ask) -> None:
    answers = [
        ask("embed", elmo, "the wind", *more).out for more in ([], ["--layer", 2], ["--layer", 0], ["--mix", "uniform"])
    ]
    assert answers[0] == answers[1]
    assert len(set(answers)) == 3
    assert answers[2].startswith("layer 0 (embedding), 3 in all")
    assert answers[3].startswith("mean of all layers, 3 in all")


def test_files_hold_every_number_and_the_terminal_says_where(elmo: Path, ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "texts.txt").write_text("The wind blows.\n\nWe wait for spring.\n", encoding="utf-8")
    paths = [tmp_path / "out" / f"v.{kind}" for kind in ("json", "csv", "npy", "pooled")]
    arguments = [part for path in paths for part in (f"--{path.suffix[1:]}", path)]
    answer = ask("embed", elmo, "--file", tmp_path / "texts.txt", "--layer", 1, *arguments)
    assert (answer.code, answer.err) == (0, "texts without a word, whose own vector is zero: 1 (line 2)\n")
    assert answer.out.splitlines() == [
        "layer 1 (1 lstm), 3 in all: 7 tokens, each with 32 numbers", *(f"written: {path}" for path in paths),
    ]  # fmt: skip
    array = np.load(paths[2])
    assert array.shape == (7, 32)
    content = json.loads(paths[0].read_text(encoding="utf-8"))
    assert content["layer"] == "layer 1 (1 lstm)"
    assert [text["text"] for text in content["texts"]] == ["The wind blows.", "", "We wait for spring."]
    vectors = [token["vector"] for text in content["texts"] for token in text["tokens"]]
    assert np.array_equal(np.array(vectors, dtype=np.float32), array)
    assert len(paths[1].read_text().splitlines()) == 1 + 7
    pooled = np.load(paths[3])
    assert np.array_equal(np.array([text["vector"] for text in content["texts"]], dtype=np.float32), pooled)
    np.testing.assert_allclose(pooled, [array[:3].mean(axis=0), np.zeros(32), array[3:].mean(axis=0)], atol=1e-6)


def test_the_vector_of_a_text_is_pooled_as_the_head_does_and_what_it_leaves_out_is_said(
    book: Path, ask: Ask, tmp_path: Path
) -> None:
    recipe = tiny(book, task="siamese", corpus={"name": "inference", "rows": 60}, objective__pooling="max")
    run = trained(recipe, tmp_path / "run")
    (tmp_path / "texts.txt").write_text("All dogs swim.\n" + "No dogs swim. " * 6, encoding="utf-8")
    answer = ask(
        "embed", run, "--file", tmp_path / "texts.txt", "--pooled", tmp_path / "p.npy", "--json", tmp_path / "j"
    )
    assert (answer.code, answer.err) == (0, "texts whose own vector is that of their first 16 tokens: 1\n")
    texts = json.loads((tmp_path / "j").read_text(encoding="utf-8"))["texts"]
    read = [np.array([token["vector"] for token in text["tokens"]]) for text in texts]
    assert [len(vectors) for vectors in read] == [3, 18]
    np.testing.assert_allclose(np.load(tmp_path / "p.npy"), [vectors[:16].max(axis=0) for vectors in read], atol=1e-6)
    assert ask("embed", run, "All dogs swim.").out.splitlines()[-1].split()[:2] == ["0-14", "(max)"]


def test_a_pretrained_model_is_asked_as_a_run_is(ask: Ask, tmp_path: Path) -> None:
    answer = ask("embed", f"hf:{bert_in(tmp_path / 'bert')}", "the wind")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("layer 3 (3 attention), 4 in all: 2 tokens, each with 24 numbers")
    answer = ask("embed", f"hf:{tmp_path}", "the wind")
    assert (answer.code, answer.err.count("\n")) == (2, 1)
    assert "this folder has no config.json" in answer.err


def test_it_works_for_a_masked_model_too(finished: Path, ask: Ask) -> None:
    assert ask("embed", finished, "The wind").out.startswith(
        "layer 1 (1 lstm), 2 in all: 2 tokens, each with 16 numbers"
    )


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        ([], 2, "UsageError: give one of a text and --file"),
        (["x", "--file", "texts.txt"], 2, "UsageError: give one of a text and --file"),
        (["wind", "--layer", "3"], 2, "UsageError: layer = 3: this run has 0 (embedding), 1 (1 lstm), 2 (2 lstm)"),
        (["wind", "--layer", "-1"], 2, "UsageError: layer = -1"),
        (["wind", "--mix", "unifrom"], 2, 'UsageError: --mix: unknown mix "unifrom"; did you mean "uniform"?'),
        (["wind", "--mix", "uniform", "--layer", "1"], 2, "UsageError: --layer 1 and --mix uniform: give one of them"),
        (["--file", "none.txt"], 3, "DataError: none.txt"),
        (["--file", "empty.txt"], 3, "DataError: empty.txt: holds no text"),
        (["..."], 3, "DataError: there is no word in the text that the tokenizer reads"),
        (["wind \udce9"], 3, "DataError: character 6 of the text is half of one"),
        (["wind", "--json", "."], 2, "cannot be written"),
        (["wind", "--json", "out", "--csv", "out"], 2, "two outputs would be this file"),
        (["--file", "texts.txt", "--csv", "texts.txt"], 2, "is the file with the texts"),
    ],
)  # fmt: skip
def test_mistakes_are_answered_with_one_line_and_leave_nothing(
    arguments: list[str],
    code: int,
    complaint: str,
    elmo: Path,
    ask: Ask,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in (("texts.txt", "wind\n"), ("empty.txt", "\n")):
        (tmp_path / name).write_text(text)
    answer = ask("embed", elmo, *arguments)
    assert answer.code == code
    assert complaint in answer.err
    assert answer.err.count("\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty.txt", "texts.txt"]


def test_a_model_that_has_never_seen_a_mask_is_not_asked_for_one(elmo: Path, ask: Ask) -> None:
    answer = ask("fill-mask", elmo, "The [MASK] blows.")
    assert answer.code == 2
    assert "bilm fills no masks" in answer.err


def test_a_folder_that_is_no_run_is_refused(ask: Ask, tmp_path: Path) -> None:
    answer = ask("embed", tmp_path, "wind")
    assert answer.code == 2
    assert "not a run folder" in answer.err


def test_a_table_is_refused(elmo: Path, ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "films.csv").write_text("review,stars\nfine,1\n")
    answer = ask("embed", elmo, "--file", tmp_path / "films.csv")
    assert answer.code == 2
    assert "films.csv: a table; write its texts into a text file, one a line" in answer.err
