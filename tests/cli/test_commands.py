"""What each command prints and leaves behind when all is well."""

import re
import shutil
import sys
from pathlib import Path

import pytest
from running import Ask, python, tandem, written

PNG = b"\x89PNG\r\n\x1a\n"
SAMPLE = "The [MASK] wind blows."


def test_train_shows_the_way_and_leaves_a_whole_folder(book: Path, tmp_path: Path) -> None:
    written(tmp_path / "recipes/mine.toml", book, encoder="attention[heads=2] | lstm", samples=[SAMPLE])
    done = tandem("train", "recipes/mine.toml", "--set", "budget.steps=4", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    folder = tmp_path / "runs/mine+budget.steps=4"
    assert f"attention[heads=2] | lstm  seed 0  →  {folder.relative_to(tmp_path)}" in done.stdout
    assert "validation loss" in done.stdout
    assert SAMPLE in done.stdout
    assert done.stdout.rstrip().splitlines()[-1].startswith("Next: tandem fill-mask runs/mine+budget.steps=4 ")
    shown = folder.relative_to(tmp_path)
    assert f"Page: {shown}/README.md   Pictures: {shown}/figures/curve.png\n" in done.stdout
    assert (folder / "figures/curve.png").read_bytes().startswith(PNG)
    assert "    tandem train recipes/mine.toml --set budget.steps=4\n" in (folder / "README.md").read_text()


def test_train_a_second_time_says_that_all_is_done(book: Path, tmp_path: Path, ask: Ask) -> None:
    recipe = written(tmp_path / "mine.toml", book, budget__steps=2)
    first, second = (ask("train", recipe, "--out", tmp_path / "run") for _ in range(2))
    assert first.code == second.code == 0
    assert "is complete already" in second.out
    assert first.out.splitlines()[-3:] == second.out.splitlines()[-3:]


def test_the_command_on_the_card_repeats_the_run(book: Path, tmp_path: Path, ask: Ask) -> None:
    recipe = written(tmp_path / "mine.toml", book, budget__steps=2)
    ask("train", recipe, "--set", "encoder=gru > cnn", "--out", tmp_path / "run")
    (command,) = re.findall(r"^    tandem (.*)$", (tmp_path / "run/README.md").read_text(), flags=re.MULTILINE)
    assert command == f"train {recipe} --set 'encoder=gru > cnn' --out {tmp_path / 'run'}"


def test_compare_with_two_seeds_makes_one_table_and_the_second_call_is_short(
    book: Path, tmp_path: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("lstm", "cnn"):
        written(tmp_path / f"recipes/{name}.toml", book, encoder=name, budget__steps=2)
    first = ask("compare", "recipes/lstm.toml", "recipes/cnn.toml", "--seeds", 2)
    assert (first.code, first.err) == (0, "")
    assert {path.name for path in (tmp_path / "runs").iterdir()} == {
        "lstm", "lstm+seed=1", "cnn", "cnn+seed=1", "comparison.md", "comparison.html", "curves.png",
    }  # fmt: skip
    assert (tmp_path / "runs/curves.png").read_bytes().startswith(PNG)
    assert "±" in first.out
    assert "Table: runs/comparison.md   Page: runs/comparison.html   Learning curves: runs/curves.png" in first.out
    table = (tmp_path / "runs/comparison.md").read_bytes()
    second = ask("compare", "recipes/lstm.toml", "recipes/cnn.toml", "--seeds", 2)
    assert second.out.count("is complete already") == 4
    assert "validation loss" not in second.out
    assert (tmp_path / "runs/comparison.md").read_bytes() == table


def test_report_puts_finished_runs_side_by_side(finished: Path, tmp_path: Path, ask: Ask) -> None:
    answer = ask("report", finished, "--out", tmp_path / "brackets [a]")
    assert answer.code == 0
    assert f"Table: {tmp_path}/brackets [a]/comparison.md" in answer.out
    assert (tmp_path / "brackets [a]/curves.png").read_bytes().startswith(PNG)


def test_without_matplotlib_train_ends_well_and_report_says_what_is_missing(
    finished: Path, book: Path, tmp_path: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    recipe = written(tmp_path / "mine.toml", book, budget__steps=1)
    trained = ask("train", recipe, "--out", tmp_path / "run")
    assert (trained.code, trained.out.count("Pictures: not drawn; pip install -e '.[plots]'")) == (0, 1)
    answer = ask("report", finished, "--out", tmp_path / "out")
    assert answer.code == 0
    assert "not drawn; pip install -e '.[plots]'" in answer.out


def test_fill_mask_prints_a_probability_and_a_word_a_line(finished: Path, ask: Ask) -> None:
    answer = ask("fill-mask", finished, SAMPLE, "--top", 3)
    assert answer.code == 0
    assert len(answer.out.splitlines()) == 3
    assert all(re.fullmatch(r"  [01]\.\d{4}  \S+", line) for line in answer.out.splitlines())


def test_fill_mask_numbers_the_masks_where_there_are_several(finished: Path, ask: Ask) -> None:
    lines = ask("fill-mask", finished, "<mask> wind [mask]", "--top", 1).out.splitlines()
    assert [lines[0], lines[2]] == ["mask 1", "mask 2"]
    assert len(lines) == 4


def test_evaluate_prints_the_same_at_every_call(finished: Path, ask: Ask) -> None:
    first, second = ask("evaluate", finished), ask("evaluate", finished)
    assert first == second
    assert first.code == 0
    assert re.search(r"^test: loss \d\.\d{4} nats per masked token, accuracy \d+\.\d\d %$", first.out, re.MULTILINE)
    assert re.search(r"^unigram baseline: loss \d", first.out, re.MULTILINE)
    assert ask("evaluate", finished, "--split", "validation").out != first.out


def test_evaluate_can_ask_another_question_of_a_run_and_no_other_run(finished: Path, ask: Ask) -> None:
    everywhere = ask("evaluate", finished, "--set", "objective.scope=all")
    predictions = [
        int(re.findall(r"over ([\d,]+) pred", out)[0].replace(",", ""))
        for out in (everywhere.out, ask("evaluate", finished).out)
    ]
    assert predictions[0] > 4 * predictions[1]
    refused = ask("evaluate", finished, "--set", "model.width=4")
    assert refused.code == 2
    assert "only keys under objective" in refused.err


def test_evaluate_needs_neither_the_store_nor_the_checkpoints_of_the_training(
    finished: Path, tmp_path: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = shutil.copytree(finished, tmp_path / "run")
    shutil.rmtree(copy / "checkpoints")
    expected = ask("evaluate", finished).out
    monkeypatch.setenv("TANDEM_CACHE", str(tmp_path / "cache"))
    assert ask("evaluate", copy).out.endswith(expected)


def test_describe_prints_tree_parameters_and_operations(ask: Ask) -> None:
    answer = ask("describe", "attention*2 | lstm", "--width", 64)
    assert answer.code == 0
    for part in ("attention, sees both", "lstm, sees both", "parameters ", "FLOPs per token", "width 64"):
        assert part in answer.out


def test_check_says_that_a_recipe_is_fine_and_writes_nothing(book: Path, tmp_path: Path, ask: Ask) -> None:
    recipe = written(tmp_path / "mine.toml", book)
    answer = ask("check", recipe)
    assert answer.code == 0
    assert re.fullmatch(rf"{recipe}: fine; lstm, [\d,]+ parameters\n", answer.out)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.toml"]


def test_help_lists_every_command_and_loads_neither_torch_nor_numpy(tmp_path: Path) -> None:
    program = (
        "import sys, tandem.cli.main\n"
        "for command in [], *([c] for c in sys.argv[1:]):\n"
        "    try:\n"
        "        tandem.cli.main.app([*command, '--help'])\n"
        "    except SystemExit as end:\n"
        "        assert end.code == 0, command\n"
        "print({'torch', 'numpy', 'tokenizers', 'matplotlib'} & set(sys.modules))\n"
    )
    commands = ["train", "compare", "fill-mask", "evaluate", "describe", "check", "report"]
    done = python(program, *commands, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "set()"
    assert all(f"\n  {command}  " in done.stdout for command in commands)
