"""What score, look and gradient-flow print and leave behind, and what they refuse."""

import csv
import re
import sys
from pathlib import Path

import pytest
from running import Ask, left_half_written, python, tiny, trained

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def causal(book: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished causal run with attention and learned positions of 16 places."""
    recipe = tiny(
        book, task="clm", encoder="attention", model__positions="learned", tokenizer__kind="wordpiece",
        tokenizer__size=120, budget__steps=3,
    )  # fmt: skip
    return trained(recipe, tmp_path_factory.mktemp("causal") / "run")


def test_a_text_is_scored_word_by_word(finished: Path, ask: Ask) -> None:
    answer = ask("score", finished, "The zebra wind blows.")
    assert (answer.code, answer.err) == (0, "")
    lines = answer.out.splitlines()
    assert [line.split()[1] for line in lines[:4]] == ["The", "zebra", "wind", "blows."]
    assert lines[1].split()[0] == "-"
    values = [float(lines[number].split()[0]) for number in (0, 2, 3)]
    total = re.search(
        r"^(-\d+\.\d{4}) nats by pll-l2r: 4 words, 3 tokens, .* pseudo-perplexity", answer.out, re.MULTILINE
    )
    assert total
    assert sum(values) == pytest.approx(float(total[1]), abs=2e-4)
    assert "tokens without a log-probability: 1 " in answer.out
    assert ask("score", finished, "The zebra wind blows.") == answer


def test_tokens_of_a_word_and_likelier_ones_are_shown(causal: Path, ask: Ask) -> None:
    lines = ask("score", causal, "winterspring", "--top", 2).out.splitlines()
    tokens = lines[1 : lines.index("")]
    assert len(tokens) > 1
    assert all(re.fullmatch(r" +-\d+\.\d{4}    \S+   \(\S+ 0\.\d\d  \S+ 0\.\d\d\)", line) for line in tokens)
    assert " nats by exact: 1 words" in lines[-1]


def test_a_file_is_scored_line_by_line_into_a_table(causal: Path, tmp_path: Path, ask: Ask) -> None:
    text = tmp_path / "text.txt"
    text.write_text("The wind blows.\n\nWe wait.\n", encoding="utf-8")
    answer = ask("score", causal, text, "--csv", tmp_path / "new" / "scores.csv")
    assert answer.code == 0
    first, empty, third = answer.out.splitlines()[:3]
    assert first.endswith("The wind blows.")
    assert third.endswith("We wait.")
    assert empty == ""
    with (tmp_path / "new" / "scores.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["unit"] == "text"]
    assert [row["text"] for row in rows] == ["The wind blows.", "", "We wait."]
    assert f"{float(rows[0]['log_probability']):.4f}" == first.split()[0]


def test_measures_of_a_masked_model_differ(finished: Path, ask: Ask) -> None:
    words = [ask("score", finished, "wind blows spring", "--measure", name).out for name in ("pll", "left-to-right")]
    assert words[0] != words[1]
    assert (
        ask("score", finished, "wind", "--measure", "pll").out.replace("pll", "pll-l2r")
        == ask("score", finished, "wind").out
    )


def test_minimal_pairs_are_judged_beside_the_frequencies(finished: Path, tmp_path: Path, ask: Ask) -> None:
    pairs = tmp_path / "pairs.csv"
    rows = ["seasons,spring wind,spring spring", "seasons,the wind,the summer", "order,a b,b a", "order,of,of"]
    pairs.write_text("paradigm,good,bad\n" + "\n".join(rows) + "\n")
    answer = ask("score", finished, pairs, "--minimal-pairs", "--csv", tmp_path / "judged.csv")
    assert (answer.code, answer.err) == (0, "")
    table = {line.split("  ")[0]: line.split()[-4:] for line in answer.out.splitlines()[1:4]}
    assert [*table] == ["seasons", "order", "mean of paradigms"]
    assert table["order"][3] == "50.0"
    assert table["seasons"][3] == "100.0"
    assert table["mean of paradigms"][3] == "75.0"
    mean = (float(table["seasons"][1]) + float(table["order"][1])) / 2
    assert float(table["mean of paradigms"][1]) == pytest.approx(mean, abs=0.05)
    with (tmp_path / "judged.csv").open(newline="") as file:
        assert [row["points"] for row in csv.DictReader(file)][3] == "0.5"
    assert "seasons" in ask("score", finished, pairs, "--minimal-pairs", "--pairs", 1).out


def test_without_the_training_text_pairs_are_judged_without_frequencies(
    book: Path, tmp_path: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own.txt"
    own.write_bytes(book.read_bytes())
    run = trained(tiny(own, budget__steps=1), tmp_path / "run")
    own.unlink()
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("good,bad\nthe wind,wind the\n")
    answer = ask("score", run, pairs, "--minimal-pairs")
    assert answer.code == 0
    assert answer.err.startswith("no unigram baseline: ")
    assert answer.out.splitlines()[1].split()[-1] == "-"


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        ([" "], 3, "DataError: there is no word in the text"),
        (["missing.txt"], 2, "UsageError: missing.txt: no such file"),
        (["the wind", "--measure", "pll"], 2, "UsageError: --measure pll: not of a causal model"),
        (["the wind " * 30], 2, "UsageError: the text: 60 tokens, and this model's learned positions end at 16"),
        (["a \udce9"], 3, "DataError: character 3 of the text"),
        (["blimb", "--minimal-pairs"], 2, "UsageError: blimb: no such file, nor a corpus of minimal pairs"),
    ],
)
def test_score_refuses_in_one_line(causal: Path, ask: Ask, arguments: list[str], code: int, complaint: str) -> None:
    answer = ask("score", causal, *arguments)
    assert (answer.code, answer.out) == (code, "")
    assert answer.err.startswith(complaint)
    assert answer.err.count("\n") == 1


def test_a_line_that_is_too_long_is_named_and_nothing_is_written(causal: Path, tmp_path: Path, ask: Ask) -> None:
    text = tmp_path / "text.txt"
    text.write_text("the wind\n" + "the wind " * 30)
    answer = ask("score", causal, text, "--csv", tmp_path / "scores.csv")
    assert answer.code == 2
    assert answer.err.startswith(f"UsageError: {text}, line 2: 60 tokens")
    assert [path.name for path in tmp_path.iterdir()] == ["text.txt"]


def test_look_tells_of_the_strongest_and_draws_into_the_run(causal: Path, ask: Ask) -> None:
    answer = ask("look", causal, "The wind blows.")
    assert (answer.code, answer.err) == (0, "")
    lines = [line.split() for line in answer.out.splitlines() if re.match(r" +\d+  ", line)]
    assert lines[0] == ["1", "[CLS]"]
    assert lines[1][:3] == ["2", "The", "[CLS]"]
    assert all(len(line) == 2 + 2 * min(3, number) for number, line in enumerate(lines))
    folder = causal / "figures" / "look" / "the-wind-blows"
    assert {path.name for path in folder.iterdir()} == {
        "influence.png", "influence.svg", "attention-1.png", "attention-1.svg",
    }  # fmt: skip
    assert (folder / "attention-1.png").read_bytes().startswith(PNG)
    assert left_half_written(causal) == []


def test_look_has_a_map_for_a_recurrent_run_and_says_that_there_is_no_attention(
    finished: Path, tmp_path: Path, ask: Ask
) -> None:
    answer = ask("look", finished, "We wait for the \ud55c\uad6d wind!", "--out", tmp_path / "new folder")
    assert answer.code == 0
    assert "no attention layer" in answer.out
    assert {path.name for path in (tmp_path / "new folder").iterdir()} == {"influence.png", "influence.svg"}


def test_gradient_flow_shows_new_and_trained_encoders_and_writes_what_is_asked_for(
    finished: Path, tmp_path: Path, ask: Ask
) -> None:
    common = ("--width", 8, "--length", 9, "--samples", 1)
    answer = ask("gradient-flow", "rnn", finished, *common)
    assert answer.code == 0
    heading, first, second = (line.split() for line in answer.out.splitlines()[2:5])
    assert heading == ["encoder", "0", "1", "2", "4", "8", "factor"]
    assert first[0] == "rnn"
    assert second[:2] == ["lstm,", "trained"]
    assert list(tmp_path.iterdir()) == []
    ask("gradient-flow", "rnn", "cnn", *common, "--out", tmp_path / "flow")
    assert {path.name for path in (tmp_path / "flow").iterdir()} == {
        "gradient-flow.csv", "gradient-flow.png", "gradient-flow.svg",
    }  # fmt: skip
    with (tmp_path / "flow" / "gradient-flow.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["encoder"], row["distance"]) for row in rows] == [
        (n, str(d)) for n in ("rnn", "cnn") for d in range(9)
    ]
    assert {float(row["norm"]) for row in rows[-6:]} == {0.0}
    assert "no such run folder" in ask("gradient-flow", "runs/none").err
    refused = ask("gradient-flow", "rnnn")
    assert (refused.code, refused.out) == (2, "")
    assert 'did you mean "rnn"?' in refused.err


def test_without_matplotlib_numbers_are_told_and_one_line_names_what_is_missing(
    causal: Path, tmp_path: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    look = ask("look", causal, "The wind", "--out", tmp_path / "look")
    assert look.code == 0
    assert look.out.splitlines()[-1] == "Figures: not drawn; pip install -e '.[plots]' in the clone draws them"
    assert not (tmp_path / "look").exists()
    flow = ask("gradient-flow", "rnn", "--width", 4, "--length", 4, "--samples", 1, "--out", tmp_path / "flow")
    assert flow.code == 0
    assert "not drawn; pip install" in flow.out
    assert [path.name for path in (tmp_path / "flow").iterdir()] == ["gradient-flow.csv"]


def test_help_of_these_commands_loads_no_torch(tmp_path: Path) -> None:
    program = (
        "import sys, tandem.cli.main\n"
        "for command in ('score', 'look', 'gradient-flow'):\n"
        "    try:\n"
        "        tandem.cli.main.app([command, '--help'])\n"
        "    except SystemExit as end:\n"
        "        assert end.code == 0\n"
        "print({'torch', 'numpy', 'matplotlib'} & set(sys.modules))\n"
    )
    done = python(program, cwd=tmp_path)
    assert done.stdout.splitlines()[-1:] == ["set()"], done.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [(["--pairs", 5], "goes with --minimal-pairs"), (["--minimal-pairs", "--top", 3], "shows tokens of texts")],
)
def test_an_option_that_would_do_nothing_is_refused(
    finished: Path, ask: Ask, options: list[str | int], said: str
) -> None:
    answer = ask("score", finished, "the spring", *options)
    assert answer.code == 2
    assert said in answer.err
