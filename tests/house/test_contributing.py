"""The mixer printed in CONTRIBUTING.md is found, trained, and keeps every contract."""

import importlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tandem.core.config import read_recipe
from tandem.lab.assemble import assemble, check
from tandem.lab.folder import RunFolder, open_run
from tandem.lab.run import train_run
from tandem.nn.mixers.base import Mixer

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
DEMO = ROOT / "recipes/demo/lstm.toml"
PLUGIN = "import tandem.nn.mixers\ntandem.nn.mixers.__path__.append({folder!r})\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the printed file and nothing else."""
    (block,) = re.findall(r"^```python\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
    folder = tmp_path_factory.mktemp("printed") / "parts"
    folder.mkdir()
    (folder / "mean.py").write_text(block, encoding="utf-8")
    return folder


@pytest.fixture
def installed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As if the file stood beside the mixers that Tandem ships."""
    package = importlib.import_module("tandem.nn.mixers")
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(folder)])
    yield
    sys.modules.pop("tandem.nn.mixers.mean", None)
    vars(package).pop("mean", None)


def test_tandem_ships_no_such_mixer() -> None:
    assert not (ROOT / "src/tandem/nn/mixers/mean.py").exists()


@pytest.mark.usefixtures("installed")
def test_every_command_of_the_page_names_encoders_that_can_be_built() -> None:
    described = re.findall(r'tandem describe "(.+?)"', PAGE)
    trained = re.findall(r'tandem train (\S+) --set encoder="(.+?)"', PAGE)
    assert described
    assert {recipe for recipe, _ in trained} == {str(DEMO.relative_to(ROOT))}
    for expression in [*described, *(encoder for _, encoder in trained)]:
        mixers = [m for m in check(read_recipe(DEMO, [f"encoder={expression}"])).modules() if isinstance(m, Mixer)]
        assert "Mean" in {type(mixer).__name__ for mixer in mixers}


@pytest.mark.usefixtures("installed")
def test_the_printed_mixer_trains(book: Path, tmp_path: Path) -> None:
    overrides = [
        'encoder="mean*2"', "budget.steps=1", "corpus.name=file", f'corpus.path="{book}"', "model.width=16",
        "tokenizer.size=200", "train.batch_tokens=256", "train.precision=fp32", "schedule.warmup=0.0",
    ]  # fmt: skip
    recipe = read_recipe(DEMO, overrides)
    before = assemble(recipe).model.weights()
    for _ in train_run(recipe, tmp_path / "run"):
        pass
    assert RunFolder(tmp_path / "run").complete
    after = open_run(tmp_path / "run").model.weights()
    gates = {name: weight for name, weight in before.items() if "mixer.gates" in name}
    assert len(gates) == 4
    assert all(not after[name].equal(weight) for name, weight in gates.items())


def test_the_printed_mixer_keeps_every_contract(folder: Path) -> None:
    (folder.parent / "with_mean.py").write_text(PLUGIN.format(folder=str(folder)), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "with_mean", "-p", "no:cacheprovider", "-k", "mean"]
    done = subprocess.run(
        [*command, "tests/contracts"], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(folder.parent)},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    counted = re.search(r"(\d+) passed", done.stdout)
    assert counted is not None
    assert int(counted[1]) >= 15
