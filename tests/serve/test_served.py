"""Which runs are served under which names, and what is said about runs that are not whole."""

import io
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from pydantic import BaseModel

from tandem.core.errors import ArtifactError, UsageError
from tandem.core.files import owned
from tandem.lab.folder import RunFolder
from tandem.serve import catalogue as catalogues
from tandem.serve import replies
from tandem.serve.api import ROUTES
from tandem.serve.catalogue import Catalogue
from tandem.serve.problems import Problem
from tandem.serve.served import Shelf, finished_runs, name_of, open_all


def test_a_run_is_called_by_its_place_under_runs() -> None:
    assert name_of(Path("runs/demo/lstm")) == "demo/lstm"
    assert name_of(Path("/home/me/runs/demo/lstm")) == "demo/lstm"
    assert name_of(Path("/home/me/runs/old/runs/demo/lstm")) == "demo/lstm"
    assert name_of(Path("/home/me/mine")) == "mine"
    assert name_of(Path("runs")) == "runs"


def test_two_runs_of_one_name_are_told_apart(run_folders: dict[str, Path], tmp_path: Path) -> None:
    places = [tmp_path / "a" / "mine", tmp_path / "b" / "mine"]
    for place in places:
        shutil.copytree(run_folders["clm"], place)
    found = open_all([*places, places[0]], refuse=lambda text: pytest.fail(text))
    assert [one.id for one in found] == ["mine", "mine-2"]
    (places[1] / "README.md").write_text("the second")
    shutil.copytree(places[0], tmp_path / "b" / "yours")
    catalogue = Catalogue(found)
    assert [run.id for run in catalogue.runs().runs] == ["mine", "mine-2", "yours"]
    assert [one.text for one in catalogue.report("mine-2").documents] == ["the second"]


def test_a_folder_that_is_named_in_two_ways_is_one_run(
    run_folders: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("one", "two"):
        shutil.copytree(run_folders["clm"], tmp_path / "runs" / name)
    places = [Path("runs/one"), tmp_path / "runs/one", tmp_path / "runs/two"]
    found = open_all(places, refuse=lambda text: pytest.fail(text))
    assert [one.id for one in found] == ["one", "two"]
    assert [run.id for run in Catalogue(found).runs().runs] == ["one", "two"]


class Harmful:
    """What runs a program where it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, ("unpickled",)


@pytest.mark.parametrize("known", [True, False])
def test_weights_are_never_unpickled(
    run_folders: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    run = tmp_path / "run"
    shutil.copytree(run_folders["clm"], run)
    torch.save({"encoder.embedding.weight": Harmful()}, run / "weights.safetensors")
    if known:
        scores = json.loads((run / "scores.json").read_text())
        scores["files"]["weights.safetensors"] = RunFolder(run).digests()["weights.safetensors"]
        (run / "scores.json").write_text(json.dumps(scores))
    with pytest.raises(ArtifactError, match="weights"):
        open_all([run], refuse=lambda _: None)
    assert not (tmp_path / "unpickled").exists()
    # The file would have done it.
    torch.load(io.BytesIO((run / "weights.safetensors").read_bytes()), weights_only=False)
    assert (tmp_path / "unpickled").exists()


def test_every_finished_run_is_found(run_folders: dict[str, Path], tmp_path: Path) -> None:
    folder = run_folders["clm"].parent
    assert finished_runs(folder) == sorted(path for name, path in run_folders.items() if name != "translate")
    with pytest.raises(UsageError, match="holds no finished run; train one with"):
        finished_runs(tmp_path)


def test_some_runs_are_better_than_none(run_folders: dict[str, Path], tmp_path: Path) -> None:
    damaged, refused = tmp_path / "damaged", list[str]()
    shutil.copytree(run_folders["clm"], damaged)
    (damaged / "tokenizer.json").write_bytes((run_folders["mlm"] / "tokenizer.json").read_bytes())
    found = open_all([damaged, run_folders["mlm"]], refuse=refused.append)
    assert [one.id for one in found] == ["mlm"]
    assert len(refused) == 1
    assert "tokenizer.json: damaged or exchanged" in refused[0]
    with pytest.raises(ArtifactError, match="damaged or exchanged"):
        open_all([damaged], refuse=refused.append)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda config, scores: (config.replace("[model]", "[model]\ndepth = 2"), scores), 'unknown key "model.depth"'),
        (lambda config, scores: (config, {k: v for k, v in scores.items() if k != "labels"}), "it lacks labels"),
        (lambda config, scores: (config, {k: v for k, v in scores.items() if k != "tokens"}), "it lacks tokens"),
    ],
)
def test_a_run_of_another_version_is_one_line_and_the_others_are_served(
    run_folders: dict[str, Path], tmp_path: Path, change: Callable[..., tuple[str, Any]], said: str
) -> None:
    old, refused = tmp_path / "old", list[str]()
    shutil.copytree(run_folders["mlm"], old)
    config, scores = old / "config.toml", old / "scores.json"
    text, content = change(config.read_text(), json.loads(scores.read_text()))
    config.write_text(text)
    scores.write_text(json.dumps(content))
    assert [one.id for one in open_all([old, run_folders["clm"]], refuse=refused.append)] == ["clm"]
    (line,) = refused
    assert said in line
    assert str(old) in line
    assert "\n" not in line


def test_the_first_that_can_is_asked_where_no_model_is_named(served: list[Any]) -> None:
    shelf = Shelf(served)
    assert shelf.find(None, "tag").id == "tag"
    assert shelf.find("cross", "similarity").id == "cross"
    with pytest.raises(Problem, match="no model that is served can fly") as none:
        shelf.find(None, "fly")
    assert none.value.status == 409
    with pytest.raises(Problem, match="cannot tag") as other:
        shelf.find("mlm", "tag")
    assert other.value.fix == "ask tag"


def test_runs_that_are_not_whole_hide_no_others(run_folders: dict[str, Path], tmp_path: Path) -> None:
    names = ("half", "broken", "whole")
    for name in names:
        shutil.copytree(run_folders["clm"], tmp_path / name)
    for gone in ("scores.json", "weights.safetensors"):
        (tmp_path / "half" / gone).unlink()
    (tmp_path / "broken" / "config.toml").write_text("encoder = 3")
    catalogue = Catalogue([])
    catalogue.ids = {tmp_path / "whole": "whole"}
    found = {run.id: run for run in catalogue.runs().runs}
    assert found.keys() == {"half", "whole"}
    assert not found["half"].finished
    assert found["half"].parameters is None
    assert found["half"].curve == found["whole"].curve
    log = tmp_path / "half" / "log.jsonl"
    line = {"step": 99, "tokens": 999, "validation": {"loss": 0.5, "accuracy": 0.9}}
    log.write_text(log.read_text() + json.dumps(line) + "\n")
    newest = {run.id: run for run in catalogue.runs().runs}["half"].curve[-1]
    assert (newest.step, newest.loss) == (99, 0.5)


def test_a_run_trains_only_while_a_process_works_on_it(run_folders: dict[str, Path], tmp_path: Path) -> None:
    shutil.copytree(run_folders["clm"], tmp_path / "one")
    catalogue = Catalogue([])
    catalogue.ids = {tmp_path / "one": "one"}

    def state() -> str:
        (card,) = catalogue.runs().runs
        assert card.finished == (card.state == "finished")
        return card.state

    assert state() == "finished"
    (tmp_path / "one" / "scores.json").unlink()
    assert state() == "stopped"
    with owned(tmp_path / "one"):
        assert state() == "training"
    assert state() == "stopped"


def test_of_many_runs_those_that_changed_last_are_shown_and_one_that_is_as_it_was_is_not_read_again(
    run_folders: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["a", "b", "c", "d"]
    for age, name in enumerate(names):
        shutil.copytree(run_folders["clm"], tmp_path / name)
        for path in (tmp_path / name).iterdir():
            os.utime(path, (1e9 - age, 1e9 - age))
    monkeypatch.setattr(catalogues, "MOST_RUNS", 2)
    catalogue = Catalogue([])
    catalogue.ids = {tmp_path / "a": "a"}
    assert [run.id for run in catalogue.runs().runs] == ["a", "b"]
    (tmp_path / "d" / "log.jsonl").touch()
    assert [run.id for run in catalogue.runs().runs] == ["a", "d"]
    monkeypatch.setattr(RunFolder, "recipe", lambda _: pytest.fail("read again"))
    assert [run.id for run in catalogue.runs().runs] == ["a", "d"]
    shutil.rmtree(tmp_path)
    assert catalogue.runs().runs == []


def test_a_folder_of_somebody_else_hides_no_run(
    run_folders: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "closed").mkdir()
    shutil.copytree(run_folders["clm"], tmp_path / "own")
    stat = Path.stat

    def refused(path: Path, **options: Any) -> Any:
        # The superuser, as whom tests may run, is refused nowhere.
        if path.parent == tmp_path / "closed":
            raise PermissionError(13, "Permission denied", str(path))
        return stat(path, **options)

    monkeypatch.setattr(Path, "stat", refused)
    catalogue = Catalogue([])
    catalogue.ids = {tmp_path / "own": "own"}
    assert [run.id for run in catalogue.runs().runs] == ["own"]


def test_every_reply_names_its_model() -> None:
    kinds = [one for one in vars(replies).values() if isinstance(one, type) and issubclass(one, BaseModel)]
    answered = [one for one in kinds if issubclass(one, replies.Reply) and one is not replies.Reply]
    assert set(answered) == {reply for _, reply in ROUTES.values()}
    assert all("model" in one.model_fields for one in answered)
