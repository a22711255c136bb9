"""The commands of the page about serving run as printed, and what it shows has the shape of what they print."""

import json
import re
import shlex
import shutil
import socket
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from asked import listening

from tandem.cli.main import main
from tandem.lab.folder import open_run
from tandem.serve import limits, process
from tandem.serve.app import create_app
from tandem.serve.guards import Access
from tandem.serve.metrics import Metrics
from tandem.serve.pages import PAGES
from tandem.serve.served import Served

PAGE = (Path(__file__).parents[2] / "docs/serving.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```console\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
COMMANDS = [each.partition("\n") for block in BLOCKS for each in block.removeprefix("$ ").split("\n$ ")]
CALLED = {"demo/lstm": "mlm", "reviews": "classify", "inference": "siamese"}
"""What the page calls a run, and which one it is here."""


def shape(content: Any) -> Any:
    """Keys and types; of a list, those of its first."""
    if isinstance(content, dict):
        return {key: shape(value) for key, value in content.items()}
    if isinstance(content, list):
        return [shape(one) for one in content[:1]]
    return type(content)


def events(text: str) -> list[tuple[str, Any]]:
    names, told = (re.findall(rf"^{field}: (.*)$", text, flags=re.MULTILINE) for field in ("event", "data"))
    return [(name, shape(json.loads(content))) for name, content in zip(names, told, strict=True)]


def sent(command: str, port: int) -> str:
    """What a command of curl prints, sent without it: not every machine has one."""
    _, options, url, *more = shlex.split(command.replace(":8000/", f":{port}/"))
    assert options in ("-s", "-sN")
    told = dict(zip(more[::2], more[1::2], strict=True))
    assert told.keys() <= {"-H", "-d"}
    headers = dict([told["-H"].split(": ")]) if "-H" in told else {}
    request = urllib.request.Request(url, told["-d"].encode() if "-d" in told else None, headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as reply:
            return reply.read().decode()
    except urllib.error.HTTPError as error:
        # Without -f curl prints what a refusal says.
        with error:
            return error.read().decode()


def test_the_commands_print_what_the_page_shows(run_folders: dict[str, Path]) -> None:
    served = [Served(name, open_run(run_folders[here])) for name, here in CALLED.items()]
    asked = [(line, shown.strip()) for line, _, shown in COMMANDS if line.startswith("curl ")]
    assert len(asked) == 9
    with listening(create_app(served, access=Access())) as (port, _):
        for line, shown in asked:
            printed = sent(line, port)
            if "/generate" in line:
                assert events(printed)[-1] == events(shown)[-1]
                assert {name for name, _ in events(printed)} <= {"piece", "end"}
            elif "/metrics" in line:
                assert "\ntandem_requests_total{" in printed
            elif "problem" in shown or "status" in shown:
                assert json.loads(printed) == json.loads(shown)
            elif "models" not in line:
                assert shape(json.loads(printed)) == shape(json.loads(shown)), line
            else:
                (expected,) = json.loads(shown)["models"]
                assert json.loads(printed)["models"][0].keys() == expected.keys()


def test_the_command_opens_what_the_page_says(
    run_folders: dict[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("lstm", "hybrid"):
        shutil.copytree(run_folders["clm"], tmp_path / "runs/demo" / name)
    opened: list[Any] = []

    def run(app: Any, place: socket.socket, **_: Any) -> None:
        opened.append(app)
        place.close()

    monkeypatch.setattr(process, "run", run)
    lines = [line for line, _, _ in COMMANDS if line.startswith("tandem ")]
    for line in lines:
        monkeypatch.setattr(sys, "argv", [*line.split(), "--port", "0"])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 0
        assert "demo/lstm: gru, clm: " in capsys.readouterr().out
    assert len(opened) == len(lines) == 1


def test_every_page_action_limit_and_metric_is_on_the_page(app: Any) -> None:
    assert [page.name for page in PAGES if f"`/{page.name}`" not in PAGE] == []
    paths = [path.rpartition("/")[2] for path in app.openapi()["paths"]]
    assert [name for name in paths if f"`{name}`" not in PAGE and f"/{name}" not in PAGE] == []
    numbers = [
        limits.BODY_BYTES, limits.TEXT_CHARACTERS, limits.TEXT_TOKENS, limits.MASKS, limits.TOP_K, limits.SAMPLED_TOP_K,
        limits.GENERATED_TOKENS, limits.BEAM, limits.REQUEST_TOKENS, limits.REPLY_NUMBERS, limits.OPEN_REQUESTS,
        limits.CONNECTIONS, int(limits.DEADLINE_SECONDS), int(limits.HEADER_SECONDS),
    ]  # fmt: skip
    table = PAGE.partition("## Limits")[2].partition("Requests wait")[0]
    assert [number for number in numbers if not re.search(rf"\b{number}\b", table)] == []
    counted = {line.split()[2] for line in Metrics().text().decode().splitlines() if line.startswith("# TYPE")}
    assert [name for name in counted if not name.endswith("_created") and f"`{name}`" not in PAGE] == []
