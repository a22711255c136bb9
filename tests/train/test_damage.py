"""Damaged checkpoints are noticed; the one before takes over, and the run ends with the same bits."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from running import tandem
from same_bits import assert_same_bits

from tandem.core.config import read_recipe
from tandem.core.errors import ArtifactError
from tandem.lab.events import Event, Notice
from tandem.lab.run import train_run
from tandem.train.loop import Step

STOPPED_AT = 20


@pytest.fixture(scope="session")
def unfinished(workplace: Path) -> Path:
    """A run that was abandoned after step 19 was saved and step 20 was not."""
    folder = workplace / "unfinished"
    events = train_run(read_recipe(workplace / "hybrid.toml"), folder)
    for event in events:
        if isinstance(event, Step) and event.step == STOPPED_AT:
            break
    events.close()
    assert sorted(path.name for path in (folder / "checkpoints").iterdir()) == ["step-18", "step-19"]
    return folder


@pytest.fixture
def folder(unfinished: Path, tmp_path: Path) -> Path:
    """A copy to damage."""
    return Path(shutil.copytree(unfinished, tmp_path / "run"))


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def go_on(folder: Path, workplace: Path) -> list[Event]:
    return list(train_run(read_recipe(workplace / "hybrid.toml"), folder))


@pytest.mark.parametrize("damage", [truncate, flip_a_bit])
def test_the_checkpoint_before_a_damaged_one_leads_to_the_same_end(
    damage: Callable[[Path], None], folder: Path, workplace: Path
) -> None:
    damage(folder / "checkpoints/step-19/optimiser.safetensors")
    said = [event.text for event in go_on(folder, workplace) if isinstance(event, Notice)]
    assert any("step-19 is damaged: optimiser.safetensors" in text for text in said)
    assert "continuing after step 18" in said
    assert_same_bits(folder, workplace / "runs/hybrid")


def test_what_a_killed_process_left_half_written_does_no_harm(folder: Path, workplace: Path) -> None:
    leftover = folder / "checkpoints/step-20.tmp"
    leftover.mkdir()
    (leftover / "weights.safetensors").write_bytes(b"half")
    (folder / ".scores.json.4711.tmp").write_bytes(b"{")
    assert Notice("continuing after step 19") in go_on(folder, workplace)
    assert_same_bits(folder, workplace / "runs/hybrid")


def test_a_kill_before_the_recipe_was_written_leaves_a_folder_that_can_be_used(workplace: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / ".lock").touch()
    (folder / ".config.toml.4711.tmp").write_text("enco")
    events = train_run(read_recipe(workplace / "hybrid.toml"), folder)
    assert next(event for event in events if isinstance(event, Step)).step == 1
    events.close()
    assert not list(folder.glob(".*.tmp"))


def test_no_whole_checkpoint_ends_with_one_line_and_exit_code_6(folder: Path, workplace: Path) -> None:
    for step in (18, 19):
        flip_a_bit(folder / f"checkpoints/step-{step}/weights.safetensors")
    done = tandem("train", "hybrid.toml", "--out", folder, cwd=workplace)
    assert done.returncode == 6
    assert done.stderr.startswith("ArtifactError: no checkpoint is whole")
    assert done.stderr.count("\n") == 1
    assert sorted(path.name for path in (folder / "checkpoints").iterdir()) == ["step-18", "step-19"]


def test_a_log_that_was_shortened_by_hand_is_refused(folder: Path, workplace: Path) -> None:
    truncate(folder / "log.jsonl")
    truncate(folder / "log.jsonl")
    with pytest.raises(ArtifactError, match=r"log\.jsonl: holds \d+ bytes, and the checkpoint knows \d+"):
        go_on(folder, workplace)


def test_a_tokenizer_that_is_not_the_corpus_s_is_refused(folder: Path, workplace: Path) -> None:
    flip_a_bit(folder / "tokenizer.json")
    with pytest.raises(ArtifactError, match="has changed since the run began"):
        go_on(folder, workplace)


def test_a_text_that_changed_under_the_same_vocabulary_is_refused(
    folder: Path, workplace: Path, book: Path, request: pytest.FixtureRequest
) -> None:
    text = book.read_text(encoding="utf-8")
    request.addfinalizer(lambda: book.write_text(text, encoding="utf-8"))
    paragraphs = text.rstrip("\n").split("\n\n")
    paragraphs[0], paragraphs[1] = paragraphs[1], paragraphs[0]
    book.write_text("\n\n".join(paragraphs) + "\n", encoding="utf-8")
    with pytest.raises(ArtifactError, match="has changed since the run began"):
        go_on(folder, workplace)
