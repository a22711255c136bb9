"""One recipe, one folder: where it lies, who may write into it, and what happens when it is complete."""

from pathlib import Path

import pytest
from running import tiny, trained

from tandem.core.errors import BusyError, DataError, UsageError
from tandem.core.files import owned
from tandem.lab.events import Finished, Notice
from tandem.lab.folder import RunFolder
from tandem.lab.run import default_folder, train_run


@pytest.mark.parametrize(
    ("recipe", "overrides", "folder"),
    [
        ("recipes/demo/lstm.toml", [], "runs/demo/lstm"),
        ("/home/me/tandem/recipes/demo/lstm.toml", [], "runs/demo/lstm"),
        ("mine.toml", [], "runs/mine"),
        ("texts/mine.toml", [], "runs/mine"),
        ("recipes/demo/lstm.toml", ["budget.tokens=2e6"], "runs/demo/lstm+budget.tokens=2e6"),
        ("mine.toml", ["encoder=gru*2", "seed=1"], "runs/mine+encoder=gru_2+seed=1"),
        ("mine.toml", ["corpus.path=/etc/../x"], "runs/mine+corpus.path=_etc_.._x"),
    ],
)
def test_the_default_folder_is_named_after_the_recipe_and_what_was_changed(
    recipe: str, overrides: list[str], folder: str
) -> None:
    assert default_folder(Path(recipe), overrides) == Path(folder)


def test_many_changes_still_give_a_name_that_a_disk_can_hold() -> None:
    names = {default_folder(Path("mine.toml"), [f"corpus.path={'x' * 500}", f"seed={seed}"]).name for seed in (1, 2)}
    assert len(names) == 2
    assert all(len(name) < 100 for name in names)


def test_a_finished_run_folder_holds_what_it_promises(words_run: Path) -> None:
    names = {path.relative_to(words_run).as_posix() for path in words_run.rglob("*") if path.is_file()}
    checkpoint = {"manifest.json", "optimiser.safetensors", "state.json", "weights.safetensors"}
    assert names == {
        ".lock", "config.toml", "log.jsonl", "losses.csv", "machine.json", "scores.json", "timings.jsonl",
        "tokenizer.json", "weights.safetensors", *(f"checkpoints/step-40/{name}" for name in checkpoint),
    }  # fmt: skip


def test_a_complete_run_is_not_trained_again(book: Path, tmp_path: Path) -> None:
    recipe = tiny(book, budget__steps=2)
    folder = trained(recipe, tmp_path / "run")
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    notice, finished = train_run(recipe, folder)
    assert isinstance(notice, Notice)
    assert "is complete already; delete it to train again" in notice.text
    assert finished == Finished(RunFolder(folder))
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


def test_a_folder_with_a_run_of_another_recipe_is_refused_with_the_difference(book: Path, tmp_path: Path) -> None:
    folder = trained(tiny(book, budget__steps=1), tmp_path / "run")
    other = tiny(book, budget__steps=1, seed=1, model__width=8)
    with pytest.raises(UsageError, match=r"run of another recipe \(it differs in: seed, model\)"):
        list(train_run(other, folder))


def test_a_folder_with_other_things_in_it_is_left_alone(book: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(UsageError, match="holds files and is no run folder"):
        list(train_run(tiny(book), tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_file_is_no_folder(book: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(UsageError, match="is a file"):
        list(train_run(tiny(book), tmp_path / "file"))


def test_an_empty_folder_may_be_used(book: Path, tmp_path: Path) -> None:
    trained(tiny(book, budget__steps=1), tmp_path)


def test_a_folder_in_use_is_refused_and_untouched(book: Path, tmp_path: Path) -> None:
    with owned(tmp_path / "run"), pytest.raises(BusyError, match="another process is working"):
        list(train_run(tiny(book), tmp_path / "run"))
    assert [path.name for path in (tmp_path / "run").iterdir()] == [".lock"]


def test_a_text_that_cannot_be_used_leaves_no_folder(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").touch()
    with pytest.raises(DataError):
        list(train_run(tiny(tmp_path / "empty.txt"), tmp_path / "run"))
    assert not (tmp_path / "run").exists()
