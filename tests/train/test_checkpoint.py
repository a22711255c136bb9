"""A checkpoint is whole or not there, and every damage to it is noticed."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
import torch
from running import files_of_at_most

from tandem.core.errors import ArtifactError, ResourceError
from tandem.train.checkpoint import load_latest, save_checkpoint, verify

FILES = ("weights.safetensors", "optimiser.safetensors", "state.json", "manifest.json")


def save(folder: Path, step: int, *, size: int = 3) -> Path:
    weights = {"w": torch.full((size,), float(step)), "half": torch.ones(2, dtype=torch.bfloat16)}
    optimiser = {"w/step": torch.tensor(float(step)), "w/exp_avg": torch.zeros(size)}
    return save_checkpoint(folder, step, weights=weights, optimiser=optimiser, state={"step": step, "third": 1 / 3})


def steps(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_was_saved_comes_back_with_every_bit_and_type(tmp_path: Path) -> None:
    save(tmp_path, 7)
    found = load_latest(tmp_path)
    assert found is not None
    weights, optimiser, state, damaged = found
    assert torch.equal(weights["w"], torch.full((3,), 7.0))
    assert weights["half"].dtype == torch.bfloat16
    assert optimiser["w/step"].shape == ()
    assert state == {"step": 7, "third": 1 / 3}
    assert damaged == []


def test_the_newest_two_stay_and_steps_are_counted_not_spelled(tmp_path: Path) -> None:
    for step in (8, 9, 10):
        save(tmp_path, step)
    assert steps(tmp_path) == ["step-10", "step-9"]
    found = load_latest(tmp_path)
    assert found is not None
    assert found[2]["step"] == 10


def test_a_step_may_be_saved_again(tmp_path: Path) -> None:
    save(tmp_path, 5, size=3)
    save(tmp_path, 5, size=4)
    found = load_latest(tmp_path)
    assert found is not None
    assert found[0]["w"].shape == (4,)
    assert steps(tmp_path) == ["step-5"]


def test_nothing_saved_is_nothing_found(tmp_path: Path) -> None:
    assert load_latest(tmp_path / "absent") is None
    (tmp_path / "step-3.tmp").mkdir()
    (tmp_path / "notes").mkdir()
    assert load_latest(tmp_path) is None


@pytest.mark.parametrize("name", FILES)
def test_a_flipped_bit_anywhere_is_noticed_or_harmless(name: str, tmp_path: Path) -> None:
    save(tmp_path, 1)
    path = save(tmp_path, 2)
    whole = (path / name).read_bytes()
    chance = random.Random(name)
    for _ in range(200):
        content = bytearray(whole)
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        (path / name).write_bytes(content)
        found = load_latest(tmp_path)
        assert found is not None
        step = found[2]["step"]
        assert torch.equal(found[0]["w"], torch.full((3,), float(step)))
        # A flip in what the manifest says about versions changes nothing that is used.
        if name != "manifest.json":
            assert step == 1
            assert found[3][0].startswith(f"{path} is damaged: {name}")


@pytest.mark.parametrize("name", FILES)
def test_a_truncated_or_missing_file_is_noticed(name: str, tmp_path: Path) -> None:
    path = save(tmp_path, 2)
    assert verify(path) is None
    content = (path / name).read_bytes()
    (path / name).write_bytes(content[:-1])
    assert verify(path) is not None
    (path / name).unlink()
    assert verify(path) is not None


@pytest.mark.parametrize("manifest", ["", "[]", "{}", '{"files": {}}', '{"files": {"weights.safetensors": 3}}'])
def test_a_manifest_that_does_not_name_every_file_is_damage(manifest: str, tmp_path: Path) -> None:
    path = save(tmp_path, 2)
    (path / "manifest.json").write_text(manifest)
    assert "manifest" in str(verify(path))
    with pytest.raises(ArtifactError, match="no checkpoint is whole"):
        load_latest(tmp_path)


def test_damaged_later_checkpoints_do_not_crowd_out_whole_ones(tmp_path: Path) -> None:
    save(tmp_path, 90)
    (save(tmp_path, 100) / "weights.safetensors").write_bytes(b"")
    save(tmp_path, 95)
    assert steps(tmp_path) == ["step-90", "step-95"]


def test_a_full_disk_leaves_the_earlier_checkpoint_and_no_half_of_the_new_one(tmp_path: Path) -> None:
    save(tmp_path, 1)
    with files_of_at_most(2000), pytest.raises(ResourceError, match=r"step-2.*no room left"):
        save(tmp_path, 2, size=1000)
    assert steps(tmp_path) == ["step-1"]
    assert verify(tmp_path / "step-1") is None


def test_the_manifest_says_what_made_it(tmp_path: Path) -> None:
    manifest: dict[str, Any] = json.loads((save(tmp_path, 2) / "manifest.json").read_text())
    assert manifest["step"] == 2
    assert manifest["versions"]["torch"] == str(torch.__version__)
    assert manifest["threads"] == torch.get_num_threads()


def test_a_state_that_is_not_finite_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        save_checkpoint(tmp_path, 1, weights={}, optimiser={}, state={"loss": float("nan")})
    assert steps(tmp_path) == []
