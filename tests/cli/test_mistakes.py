"""What a person gets wrong is answered with one line that helps, and changes nothing on disk."""

import json
import os
import shutil
from pathlib import Path

import pytest
from running import Ask, written


@pytest.fixture
def recipe(book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A good recipe in the current folder."""
    monkeypatch.chdir(tmp_path)
    written(tmp_path / "mine.toml", book)
    return Path("mine.toml")


@pytest.fixture
def run(finished: Path, tmp_path: Path) -> Path:
    """A finished run to damage."""
    return Path(shutil.copytree(finished, tmp_path / "run"))


def everything(folder: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in folder.rglob("*")}


@pytest.mark.parametrize(
    ("override", "complaint"),
    [
        ("modle.width=3", 'unknown key "modle"; did you mean "model"?'),
        ("encoder=lsmt*2", 'unknown mixer "lsmt"; did you mean "lstm"?'),
        ("encoder=lstm >", "the expression ends too early"),
        ("encoder=attention[windw=3]", 'unknown option "windw"; did you mean "window"?'),
        ("optimiser.name=adam", 'did you mean "adamw"?'),
        ("schedule.decay=linaer", 'did you mean "linear"?'),
        ("tokenizer.kind=word", 'did you mean "words"?'),
        ("model.width=wide", "model.width = 'wide'"),
        ("model.width=0", "model.width = 0"),
        ("model.width=1e12", "model.width = 1000000000000: at most"),
        ("model.dropout=1.5", "model.dropout = 1.5"),
        ("seed=-1", "seed = -1"),
        ("budget.stpes=3", 'unknown key "budget.stpes"; did you mean "steps"?'),
        ("corpus.pth=x", 'unknown option "pth"; did you mean "path"?'),
        ("corpus.name=soto", 'unknown corpus "soto"; did you mean "sotu"?'),
        ("task=mml", 'unknown task "mml"; did you mean "mlm"?'),
        ("objective.rate=0", "objective.rate = 0"),
        ("width", "write key=value"),
        ("encoder.x=1", "encoder is a value, not a table"),
    ],
)
@pytest.mark.parametrize("command", ["train", "check"])
def test_a_wrong_recipe_is_refused_with_what_is_legal(
    command: str, override: str, complaint: str, recipe: Path, ask: Ask, tmp_path: Path
) -> None:
    before = everything(tmp_path)
    answer = ask(command, recipe, "--set", override)
    assert answer.code == 2
    assert answer.err.startswith("UsageError: ")
    assert complaint in answer.err
    assert answer.err.count("\n") == 1
    assert everything(tmp_path) == before


@pytest.mark.parametrize(
    "arguments",
    [
        ["nothing"], ["train"], ["train", "mine.toml", "--sett", "x=1"], ["compare", "mine.toml", "--seeds", "0"],
        ["compare", "mine.toml", "--seeds", "two"], ["fill-mask", "run", "[MASK]", "--top", "0"], ["--nothing"],
        ["describe", "lstm", "--width", "wide"], ["report"], ["evaluate"],
    ],
)  # fmt: skip
def test_an_unknown_command_or_option_is_answered_with_the_way_to_the_help(
    arguments: list[str], ask: Ask, recipe: Path
) -> None:
    answer = ask(*arguments)
    assert answer.code == 2
    assert "Usage: tandem" in answer.err
    assert "--help" in answer.err
    assert len(answer.err.splitlines()) <= 4


@pytest.mark.parametrize("command", ["train", "compare", "check", "describe"])
def test_a_recipe_that_is_not_there_is_answered_with_the_nearest(command: str, recipe: Path, ask: Ask) -> None:
    answer = ask(command, "mien.toml")
    assert answer.code == 2
    assert answer.err == 'UsageError: mien.toml: no such recipe; did you mean "mine.toml"? (legal: mine.toml)\n'


@pytest.mark.parametrize("content", [b"encoder =", b"\xff\xfe", b"", b"encoder = 3", b"[budget]\nsteps = 1\n"])
def test_a_file_that_is_no_recipe_is_refused(content: bytes, recipe: Path, ask: Ask) -> None:
    recipe.write_bytes(content)
    answer = ask("train", recipe)
    assert answer.code == 2
    assert answer.err.startswith("UsageError: mine.toml: ")
    assert answer.err.count("\n") == 1


def test_a_folder_is_no_recipe(recipe: Path, ask: Ask) -> None:
    assert ask("train", ".").code == 2


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "no text to train on"),
        (b"\n \n\n", "no text to train on"),
        (b"one line\n", "too little text"),
        (b"caf\xe9\n\n" * 50, "not UTF-8: line 1, byte 3"),
        (b"a\0b\n\n" * 50, "line 1: holds a NUL byte"),
    ],
)
def test_a_text_that_cannot_be_used_is_an_error_of_the_data(
    content: bytes, complaint: str, recipe: Path, ask: Ask, cache: Path
) -> None:
    Path("text.txt").write_bytes(content)
    answer = ask("train", recipe, "--set", "corpus.path=text.txt")
    assert answer.code == 3
    assert answer.err.startswith("DataError: ")
    assert complaint in answer.err
    assert answer.err.count("\n") == 1
    assert not Path("runs").exists()
    assert not list(cache.rglob("*.tmp"))


@pytest.mark.parametrize("command", [["evaluate"], ["report"], ["fill-mask", "[MASK]"]])
def test_what_is_no_run_folder_is_refused(command: list[str], recipe: Path, ask: Ask, tmp_path: Path) -> None:
    before = everything(tmp_path)
    for folder, complaint in (
        ("none", "no such run folder"),
        (".", "not a run folder"),
        (recipe, "no such run folder"),
    ):
        answer = ask(command[0], folder, *command[1:])
        assert answer.code == 2
        assert answer.err == f"UsageError: {folder}: {complaint}{': it has no config.toml' if folder == '.' else ''}\n"
    assert everything(tmp_path) == before


@pytest.mark.parametrize("command", [["evaluate"], ["report"], ["fill-mask", "[MASK]"]])
def test_a_run_that_has_not_finished_answers_nothing(command: list[str], run: Path, ask: Ask) -> None:
    (run / "scores.json").unlink()
    answer = ask(command[0], run, *command[1:])
    assert answer.code == 6
    assert "has not finished; repeat its train command to go on" in answer.err
    assert not (run.parent / "comparison.md").exists()


@pytest.mark.parametrize("name", ["weights.safetensors", "tokenizer.json"])
@pytest.mark.parametrize("command", [["evaluate"], ["fill-mask", "[MASK]"]])
def test_damaged_weights_or_another_tokenizer_answer_nothing(
    command: list[str], name: str, run: Path, ask: Ask
) -> None:
    os.truncate(run / name, 500)
    answer = ask(command[0], run, *command[1:])
    assert answer.code == 6
    assert answer.err == f"ArtifactError: {run / name}: damaged or exchanged: its SHA-256 is not that in scores.json\n"


@pytest.mark.parametrize("name", ["scores.json", "machine.json", "timings.jsonl", "config.toml"])
def test_a_report_on_damaged_files_is_refused(name: str, run: Path, ask: Ask) -> None:
    os.truncate(run / name, 10)
    answer = ask("report", run)
    assert answer.code == 6
    assert answer.err.startswith(f"ArtifactError: {run / name}: ")
    assert answer.err.count("\n") == 1


def test_a_sentence_without_a_mask_is_refused(run: Path, ask: Ask) -> None:
    answer = ask("fill-mask", run, "no mask")
    assert answer.code == 2
    assert answer.err == 'UsageError: "no mask" holds no mask; write [MASK] where a word is to be guessed\n'


@pytest.mark.parametrize("text", ["", " \n"])
@pytest.mark.parametrize(
    ("command", "before"),
    [
        ("classify", []), ("tag", []), ("translate", []), ("score", []), ("look", []), ("fill-mask", []),
        ("embed", []), ("nli", ["A dog."]), ("similarity", ["A dog."]),
    ],
)  # fmt: skip
def test_an_empty_text_is_an_error_of_the_data(
    command: str, before: list[str], text: str, finished: Path, ask: Ask
) -> None:
    answer = ask(command, finished, *before, text)
    assert (answer.code, answer.out) == (3, "")
    assert answer.err.startswith("DataError: ")
    assert answer.err.count("\n") == 1


def test_a_masked_model_that_cannot_begin_says_how_it_can(finished: Path, ask: Ask) -> None:
    answer = ask("generate", finished)
    assert answer.code == 2
    assert 'give it at least one word, as in tandem generate RUN "We must"' in answer.err


def test_a_temperature_that_is_hardly_a_number_is_no_mistake(finished: Path, ask: Ask) -> None:
    coldest, greedy = (ask("generate", finished, "We must", "--temperature", t) for t in ("1e-310", "0"))
    assert (coldest.code, coldest.out) == (0, greedy.out)


def test_a_split_that_does_not_exist_is_answered_with_the_nearest(run: Path, ask: Ask) -> None:
    answer = ask("evaluate", run, "--split", "tset")
    assert answer.code == 2
    assert 'unknown split "tset"; did you mean "test"?' in answer.err


def test_a_folder_with_a_run_of_another_recipe_stays_as_it_is(run: Path, recipe: Path, ask: Ask) -> None:
    before = everything(run)
    answer = ask("train", recipe, "--set", "seed=9", "--out", run)
    assert answer.code == 2
    assert "holds a run of another recipe (it differs in: seed, budget)" in answer.err
    assert everything(run) == before


def test_an_output_that_cannot_be_written_is_refused(run: Path, recipe: Path, ask: Ask) -> None:
    for arguments in (["train", recipe, "--out", recipe], ["report", run, "--out", recipe]):
        answer = ask(*arguments)
        assert answer.code == 2
        assert answer.err.startswith("UsageError: mine.toml")
        assert answer.err.count("\n") == 1
    assert ask("train", recipe, "--out", "x" * 300).code in (2, 4)


def test_a_run_whose_text_is_gone_cannot_be_scored_and_can_still_answer(
    book: Path, tmp_path: Path, recipe: Path, ask: Ask
) -> None:
    shutil.copy(book, tmp_path / "gone.txt")
    assert ask("train", recipe, "--set", "corpus.path=gone.txt", "--out", "run").code == 0
    (tmp_path / "gone.txt").unlink()
    assert ask("evaluate", "run").code == 3
    assert ask("fill-mask", "run", "[MASK]").code == 0


def test_a_loss_that_is_no_number_leaves_a_log_of_numbers(recipe: Path, ask: Ask) -> None:
    answer = ask("train", recipe, "--set", "optimiser.learning_rate=1e30", "--set", "budget.steps=50", "--out", "run")
    assert answer.code == 5
    assert answer.err.startswith("DivergedError: ")
    for line in Path("run/log.jsonl").read_text().splitlines():
        json.loads(line, parse_constant=pytest.fail)


@pytest.mark.parametrize("command", [["generate", "caf\udce9"], ["fill-mask", "caf\udce9 [MASK]"]])
def test_a_text_in_another_encoding_is_one_line(finished: Path, command: list[str], ask: Ask) -> None:
    answer = ask(command[0], finished, command[1])
    assert answer.code == 3
    assert "half of one (a lone surrogate)" in answer.err


def test_nothing_that_a_terminal_would_obey_comes_from_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ask: Ask
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("films.csv").write_text(
        "text,label\n" + "".join(f"film {n},\x1b[31mgood\nfilm {n} {n},bad\n" for n in range(9))
    )
    shown = ask("data", "show", "films.csv")
    assert "\\x1b[31mgood" in shown.out
    assert "\x1b" not in shown.out + shown.err
    Path("odd.toml").write_text('encoder = "\\u001b[31mlstm"\n')
    refused = ask("train", "odd.toml")
    assert refused.code == 2
    assert "\x1b" not in refused.err
