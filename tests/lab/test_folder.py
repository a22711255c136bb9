"""A run folder is opened whole, or not at all and with a reason."""

import json
import shutil
from pathlib import Path

import pytest
import torch

from tandem.core.errors import ArtifactError, UsageError
from tandem.lab.folder import RunFolder, open_run


@pytest.fixture
def copy(words_run: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(words_run, tmp_path / "run"))


def flip(path: Path, place: float) -> None:
    content = bytearray(path.read_bytes())
    content[int(len(content) * place)] ^= 1
    path.write_bytes(content)


def test_an_opened_run_answers_as_the_one_that_was_trained(words_run: Path) -> None:
    one, other = open_run(words_run), open_run(words_run)
    ids, mask = torch.tensor([[5, 6, 7]]), torch.ones(1, 3, dtype=torch.bool)
    for each in (one, other):
        each.model.eval()
    assert torch.equal(one.model.encoder(ids, mask), other.model.encoder(ids, mask))
    assert one.recipe.encoder == "attention | lstm"


@pytest.mark.parametrize("place", [0.01, 0.3, 0.6, 0.99])
@pytest.mark.parametrize("name", ["weights.safetensors", "tokenizer.json"])
def test_one_flipped_bit_is_noticed(name: str, place: float, copy: Path) -> None:
    flip(copy / name, place)
    with pytest.raises(ArtifactError, match=f"{name}: damaged or exchanged"):
        open_run(copy)


def test_the_tokenizer_of_another_run_is_noticed(copy: Path, pieces_run: Path) -> None:
    shutil.copy(pieces_run / "tokenizer.json", copy)
    with pytest.raises(ArtifactError, match=r"tokenizer\.json: damaged or exchanged"):
        open_run(copy)


def test_the_weights_of_another_recipe_are_noticed_even_when_all_files_agree(copy: Path) -> None:
    config = copy / "config.toml"
    config.write_text(config.read_text().replace("attention | lstm", "gru"))
    with pytest.raises(ArtifactError, match=r"weights\.safetensors: does not fit the recipe"):
        open_run(copy)


@pytest.mark.parametrize("name", ["weights.safetensors", "tokenizer.json", "scores.json"])
def test_a_missing_file_is_named(name: str, copy: Path) -> None:
    (copy / name).unlink()
    with pytest.raises(ArtifactError, match=name):
        open_run(copy)


def test_a_run_without_scores_has_not_finished(copy: Path) -> None:
    (copy / "scores.json").unlink()
    assert not RunFolder(copy).complete
    with pytest.raises(ArtifactError, match="has not finished; repeat its train command"):
        open_run(copy)


def test_a_damaged_recipe_is_an_artifact_error(copy: Path) -> None:
    (copy / "config.toml").write_text("encoder = ")
    with pytest.raises(ArtifactError, match=r"config\.toml: not TOML"):
        open_run(copy)


def test_what_is_no_run_folder_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such run folder"):
        open_run(tmp_path / "absent")
    with pytest.raises(UsageError, match=r"not a run folder: it has no config\.toml"):
        open_run(tmp_path)


def test_a_pretrained_encoder_is_no_run() -> None:
    with pytest.raises(UsageError, match=r'^hf:any-bert: it has learnt no task yet; .*init = "hf:any-bert"'):
        open_run(Path("hf:any-bert"))


def test_a_mistyped_run_is_told_its_neighbours(copy: Path) -> None:
    with pytest.raises(UsageError, match=rf'no such run folder; did you mean "{copy}"\?'):
        open_run(copy.with_name(copy.name + "s"))


@pytest.mark.parametrize("content", ["", "[]", "{", '{"scores": 3}', "\xff"])
def test_json_that_lacks_what_is_needed_is_an_artifact_error(content: str, tmp_path: Path) -> None:
    path = tmp_path / "machine.json"
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(ArtifactError, match=r"machine\.json"):
        RunFolder(tmp_path).read_json(path, "precision")


def test_scores_hold_the_digest_of_what_decides_the_answers(words_run: Path) -> None:
    content = json.loads((words_run / "scores.json").read_text())
    assert content["files"] == RunFolder(words_run).digests()
    assert set(content["files"]) == {"weights.safetensors", "tokenizer.json"}


def test_sweeping_removes_what_is_half_written_and_nothing_else(tmp_path: Path) -> None:
    kept = [tmp_path / "log.jsonl", tmp_path / "notes.tmp", tmp_path / "checkpoints/step-3/state.json"]
    swept = [
        tmp_path / ".scores.json.12.tmp",
        tmp_path / "figures/.curve.png.7.tmp",
        tmp_path / "checkpoints/step-4.tmp/x",
    ]
    for path in (*kept, *swept):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    RunFolder(tmp_path).sweep()
    assert all(path.exists() for path in kept)
    assert not any(path.exists() for path in swept)
    assert not (tmp_path / "checkpoints/step-4.tmp").exists()
