"""tandem translate and tandem evaluate on a run that translates, and what they refuse."""

from pathlib import Path

import pytest
from running import Ask


def test_a_text_is_translated(ask: Ask, reversing_run: Path) -> None:
    for beam in (1, 5):
        answer = ask("translate", reversing_run, "a b c", "--beam", beam)
        assert (answer.code, answer.out, answer.err) == (0, "c b a\n", "")


def test_a_file_is_translated_line_by_line(ask: Ask, reversing_run: Path, tmp_path: Path) -> None:
    file, out = tmp_path / "in.txt", tmp_path / "out.txt"
    file.write_text("a b c\nd c\nb e\n", encoding="utf-8")
    assert ask("translate", reversing_run, "--file", file).out.splitlines() == ["c b a", "c d", "e b"]
    answer = ask("translate", reversing_run, "--file", file, "--out", out)
    assert answer.out == f"written: {out} (3 translations)\n"
    assert out.read_text(encoding="utf-8").splitlines() == ["c b a", "c d", "e b"]


def test_a_column_of_a_table_is_translated(ask: Ask, reversing_run: Path, tmp_path: Path) -> None:
    file = tmp_path / "in.csv"
    file.write_text("id,said\n1,a b c\n2,d e\n", encoding="utf-8")
    assert ask("translate", reversing_run, "--file", file, "--text", "said").out.splitlines() == ["c b a", "e d"]


def test_the_alignment_is_drawn_as_png_and_svg(ask: Ask, reversing_run: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="the extra plots is not installed")
    answer = ask("translate", reversing_run, "a b c", "--attention", tmp_path / "drawn.png")
    assert answer.out == "c b a\n"
    assert (tmp_path / "drawn.png").read_bytes().startswith(b"\x89PNG")
    svg = (tmp_path / "drawn.svg").read_text(encoding="utf-8")
    assert "[SEP]" in svg


def test_unknown_signs_are_told_on_the_second_channel(ask: Ask, reversing_run: Path) -> None:
    answer = ask("translate", reversing_run, "a Q")
    assert answer.code == 0
    assert answer.err == "the text: 1 of 2 tokens are unknown to the tokenizer\n"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([""], 3, "DataError: there is no word in the text"),
        (["?!"], 3, "DataError: the text: there is no word in it to translate"),
        (["a b c d a b c d"], 3, "DataError: the text: 8 tokens; the model was trained on at most 6"),
        ([], 2, "UsageError: give one of a text and --file"),
        (["a", "--beam", "0"], 2, "UsageError: beam = 0: from 1"),
        (["a", "--length-penalty", "nan"], 2, "UsageError: length penalty = nan"),
        (["a", "--text", "said"], 2, "UsageError: --text said names a column"),
        (["--file", "nowhere.txt"], 3, "nowhere.txt"),
    ],
)
def test_a_mistake_is_one_line(ask: Ask, reversing_run: Path, arguments: list[str], code: int, message: str) -> None:
    answer = ask("translate", reversing_run, *arguments)
    assert (answer.code, answer.out) == (code, "")
    assert message in answer.err
    assert answer.err.count("\n") == 1


def test_a_line_without_words_is_named_and_nothing_is_written(ask: Ask, reversing_run: Path, tmp_path: Path) -> None:
    file, out = tmp_path / "in.txt", tmp_path / "out.txt"
    file.write_text("a b\n\nc\n", encoding="utf-8")
    answer = ask("translate", reversing_run, "--file", file, "--out", out)
    assert answer.code == 3
    assert answer.err == f"DataError: {file}, line 2: there is no word in it to translate\n"
    assert not out.exists()


def test_a_run_of_another_task_does_not_translate(ask: Ask, book: Path, tmp_path: Path) -> None:
    from running import tiny, trained

    run = trained(tiny(book, budget__steps=1), tmp_path / "run")
    answer = ask("translate", run, "the wind")
    assert (answer.code, answer.err.count("\n")) == (2, 1)
    assert "was not trained to translate" in answer.err


def test_evaluate_gives_bleu_with_its_signature_and_twenty_translations(ask: Ask, reversing_run: Path) -> None:
    pytest.importorskip("sacrebleu", reason="the extra eval is not installed")
    answer = ask("evaluate", reversing_run, "--split", "validation")
    assert answer.code == 0
    assert "perplexity: " in answer.out
    assert "nrefs:1|case:lc|eff:no|tok:13a" in answer.out
    assert "words in the text" in answer.out
    assert answer.out.count("  translation  ") == 20
    assert (reversing_run / "translations-validation.csv").is_file()


PAIRS = "en,de\n" + "".join(f"{a} {b},{b} {a}\n" for a in "abcdefgh" for b in "ijklmnop")


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    path = tmp_path / "recipe.toml"
    path.write_text(
        'encoder = "gru"\ntask = "translate"\n[tokenizer]\nkind = "words"\nsize = 40\nboundaries = true\n'
        '[model]\nwidth = 16\n[data]\nlength = 6\n[budget]\nsteps = 1\n[train]\nprecision = "fp32"\n'
    )
    return path


def test_own_pairs_in_a_table_or_in_two_files_can_be_learnt_from(ask: Ask, recipe: Path, tmp_path: Path) -> None:
    table = tmp_path / "pairs.csv"
    table.write_text(PAIRS)
    answer = ask(
        "train", recipe, "--data", table, "--text", "en", "--second", "de", "--out", tmp_path / "table"
    )  # fmt: skip
    assert answer.code == 0, answer.err
    rows = [line.split(",") for line in PAIRS.splitlines()[1:]]
    for name, column in (("en.txt", 0), ("de.txt", 1)):
        (tmp_path / name).write_text("".join(f"{row[column]}\n" for row in rows))
    answer = ask(
        "train", recipe, "--set", "corpus.name=file", "--set", f"corpus.path={tmp_path / 'en.txt'}",
        "--set", f"corpus.target={tmp_path / 'de.txt'}", "--out", tmp_path / "parallel",
    )  # fmt: skip
    assert answer.code == 0, answer.err


def test_a_missing_target_is_named(ask: Ask, recipe: Path, tmp_path: Path) -> None:
    table, text = tmp_path / "pairs.csv", tmp_path / "en.txt"
    table.write_text(PAIRS)
    text.write_text("a b\nc d\n")
    answer = ask("train", recipe, "--data", table, "--text", "en", "--second", "deu", "--out", tmp_path / "run")
    assert (answer.code, answer.err.count("\n")) == (2, 1)
    assert 'corpus.second = "deu": no such column; did you mean "de"?' in answer.err
    answer = ask("train", recipe, "--data", text, "--out", tmp_path / "run")
    assert (answer.code, answer.err.count("\n")) == (2, 1)
    assert "which holds running text; it needs texts with their translations" in answer.err
    assert not (tmp_path / "run").exists()


def test_files_of_unequal_length_are_refused_with_their_counts(ask: Ask, recipe: Path, tmp_path: Path) -> None:
    (tmp_path / "en.txt").write_text("a b\nc d\ne f\n")
    (tmp_path / "de.txt").write_text("b a\nd c\n")
    answer = ask(
        "train", recipe, "--set", "corpus.name=file", "--set", f"corpus.path={tmp_path / 'en.txt'}",
        "--set", f"corpus.target={tmp_path / 'de.txt'}", "--out", tmp_path / "run",
    )  # fmt: skip
    assert (answer.code, answer.err.count("\n")) == (3, 1)
    assert "en.txt has 3 lines and" in answer.err
    assert "de.txt 2;" in answer.err


def test_a_second_tokenizer_belongs_to_translation(ask: Ask, recipe: Path, tmp_path: Path) -> None:
    two = ["--set", "target_tokenizer.kind=words", "--set", "target_tokenizer.boundaries=true"]
    own = ["--set", "corpus.name=reverse", "--out", tmp_path / "run"]
    refused = ask("train", recipe, *two, *own, "--set", "task=mlm")
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert "target_tokenizer: task mlm reads all texts by one tokenizer" in refused.err
    assert ask("train", recipe, *two, *own, "--set", "data.length=16").code == 0
