"""The hub is real sockets here: one that serves a small data set, one that refuses, ones that never answer."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from small_hub import SmallHub, serving

from tandem.text import snapshot

pytest.importorskip("huggingface_hub", reason="the extra hub is not installed")

FILES = {
    "default/train/0000.jsonl": b"".join(b'{"text": "train %d"}\n' % row for row in range(40)),
    "default/test/0000.jsonl": b'{"text": "test 0"}\n{"text": "test 1"}\n',
    "default/unsupervised/0000.jsonl": b'{"text": "nobody asks for this"}\n',
    "other/train/0000.jsonl": b'{"text": "nor for this"}\n',
    "README.md": b"# Reviews\n",
}
TABLE = """
import json
from tandem.core.errors import TandemError
from tandem.text.columns import Columns
from tandem.text.hub import PublicTable
from tandem.text import snapshot
table = PublicTable("house/reviews", Columns("text"))
"""
READ = """
try:
    said = {"where": table.where(), "identity": table.identity()}
    said["texts"] = [example.text for split in ("train", "validation", "test") for example in table.examples(split)]
    said["then"] = table.where()
except TandemError as error:
    said = {"error": str(error), "code": error.exit_code}
print(json.dumps(said))
"""

Ask = Callable[..., dict[str, Any]]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """What reading the data set in a process of its own, with these variables, comes to; its cache is kept."""

    def asked(first: str = "", **variables: str) -> dict[str, Any]:
        unset = {"TANDEM_MIRROR", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"}
        kept = {name: value for name, value in os.environ.items() if name.upper() not in unset}
        environment = kept | {"HF_HOME": str(tmp_path / "home"), "HF_HUB_OFFLINE": "0"} | variables
        done = subprocess.run(
            [sys.executable, "-c", TABLE + first + READ], env=environment, capture_output=True, text=True, timeout=60
        )
        assert (done.returncode, done.stderr) == (0, "")
        said: dict[str, Any] = json.loads(done.stdout)
        return said

    return asked


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a server that accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def refusing() -> str:
    """The address of a port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def hub() -> Iterator[SmallHub]:
    with serving(FILES) as server:
        yield server


def test_rows_come_from_the_hub_and_later_from_its_cache(ask: Ask, hub: SmallHub) -> None:
    said = ask(HF_ENDPOINT=hub.address)
    assert (said["where"], said["then"]) == ("hub", "cache")
    assert said["identity"] == f"hub:house/reviews/data@{hub.commit}"
    assert sorted(said["texts"]) == sorted([f"train {row}" for row in range(40)] + ["test 0", "test 1"])
    hub.asked.clear()
    again = ask(HF_ENDPOINT=hub.address)
    assert again == said | {"where": "cache"}
    assert not [path for path in hub.asked if "/tree/" in path or "/resolve/" in path]


def test_only_the_files_that_are_read_are_fetched(ask: Ask, hub: SmallHub) -> None:
    ask(HF_ENDPOINT=hub.address)
    assert {path.partition(hub.commit)[2] for path in hub.asked if "/resolve/" in path} == {
        "/default/train/0000.jsonl",
        "/default/test/0000.jsonl",
    }


def test_what_is_in_the_cache_is_read_when_the_hub_is_away(ask: Ask, silent: str) -> None:
    with serving(FILES) as hub:
        said = ask(HF_ENDPOINT=hub.address) | {"where": "cache"}
    assert ask(HF_ENDPOINT=hub.address) == said
    assert ask(HF_ENDPOINT=hub.address, HF_HUB_OFFLINE="1") == said
    assert ask("snapshot.PATIENCE = 1\n", HF_ENDPOINT=silent) == said
    assert ask(HF_ENDPOINT="http://hub.invalid", HTTP_PROXY=hub.address) == said


def test_a_cache_that_lacks_a_file_is_not_taken_for_the_data_set(ask: Ask, tmp_path: Path) -> None:
    with serving(FILES) as hub:
        ask(HF_ENDPOINT=hub.address)
    (train,) = tmp_path.rglob("snapshots/*/default/train/0000.jsonl")
    train.unlink()
    assert "cannot be had from the hub" in ask(HF_ENDPOINT=hub.address)["error"]
    assert ask("print = lambda _: __builtins__.print(json.dumps(table.where()))\n") == "hub"


def test_a_new_commit_is_a_new_identity_and_is_read(ask: Ask, hub: SmallHub) -> None:
    before = ask(HF_ENDPOINT=hub.address)
    hub.files = FILES | {"default/test/0000.jsonl": b'{"text": "test 2"}\n'}
    after = ask(HF_ENDPOINT=hub.address)
    assert before["identity"] != after["identity"] == f"hub:house/reviews/data@{hub.commit}"
    assert after["texts"][-1] == "test 2"


def unreachable(said: dict[str, Any], address: str, reason: str) -> bool:
    start = f"house/reviews: cannot be had from the hub {address} ("
    end = "); name a local mirror: --mirror DIR or TANDEM_MIRROR=DIR"
    message = said["error"]
    return said["code"] == 3 and message.startswith(start) and message.endswith(end) and reason in message


def test_a_hub_that_refuses_is_told_in_one_line(ask: Ask, refusing: str) -> None:
    assert unreachable(ask(HF_ENDPOINT=refusing), refusing, "Connection refused")


def test_a_hub_that_never_answers_is_given_up(ask: Ask, silent: str) -> None:
    assert unreachable(ask(HF_ENDPOINT=silent), silent, "no answer within 5 s")


def test_a_hub_that_falls_silent_after_its_first_answer_is_given_up(ask: Ask, hub: SmallHub) -> None:
    hub.silent_about = "/tree/"
    assert unreachable(ask("snapshot.PATIENCE = 1\n", HF_ENDPOINT=hub.address), hub.address, "no answer within 1 s")


def test_a_name_without_an_address_is_told_in_one_line(ask: Ask) -> None:
    assert unreachable(ask(HF_ENDPOINT="http://hub.invalid"), "http://hub.invalid", "")


def test_a_proxy_that_refuses_or_never_answers_is_told_in_one_line(ask: Ask, refusing: str, silent: str) -> None:
    said = ask(HF_ENDPOINT="http://hub.invalid", HTTP_PROXY=refusing)
    assert unreachable(said, "http://hub.invalid", "Connection refused")
    said = ask("snapshot.PATIENCE = 1\n", HF_ENDPOINT="http://hub.invalid", HTTP_PROXY=silent)
    assert unreachable(said, "http://hub.invalid", "no answer within 1 s")


def test_a_hub_that_may_not_be_asked_is_told_in_one_line(ask: Ask, hub: SmallHub) -> None:
    said = ask(HF_ENDPOINT=hub.address, HF_HUB_OFFLINE="1")
    assert unreachable(said, hub.address, "offline mode is enabled")
    assert not hub.asked


def test_a_data_set_without_the_folder_is_told(ask: Ask, hub: SmallHub) -> None:
    hub.files = {"other/train/0000.jsonl": b'{"text": "one"}\n'}
    assert ask(HF_ENDPOINT=hub.address)["error"].startswith(
        "house/reviews: the hub has no default at refs/convert/parquet; name a local mirror: "
    )


def test_what_is_in_time_comes_back_and_what_it_raises_too() -> None:
    assert snapshot.within(10.0, lambda: "said") == "said"
    with pytest.raises(ZeroDivisionError):
        snapshot.within(10.0, lambda: 1 // 0)


def test_what_takes_too_long_is_left_behind() -> None:
    ends, begin = threading.Event(), time.monotonic()
    with pytest.raises(TimeoutError, match=r"no answer within 0\.01 s"):
        snapshot.within(0.01, ends.wait)
    ends.set()
    assert time.monotonic() - begin < 60
    assert snapshot.PATIENCE <= 8


def test_telling_what_there_is_opens_no_socket(tmp_path: Path) -> None:
    script = """
import os, sys
def hook(event, arguments):
    if event.startswith("socket."):
        print(event, arguments)
        os._exit(9)
sys.addaudithook(hook)
from tandem.core import parts
from tandem.text.corpora.base import Corpus
for name in parts.names("tandem.text.corpora"):
    part = parts.load_class("tandem.text.corpora", name, Corpus)
    if part.source == "hub":
        corpus = part()
        print(name, corpus.title, corpus.licence, corpus.rows, corpus.labels(), corpus.table.where())
print("datasets" in sys.modules, "torch" in sys.modules)
"""
    environment = {**os.environ, "HF_HOME": str(tmp_path), "HF_HUB_OFFLINE": "0"}
    environment.pop("TANDEM_MIRROR", None)
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True)
    *lines, modules = done.stdout.splitlines()
    assert (done.returncode, done.stderr, modules) == (0, "", "False False")
    assert lines
    assert all(line.endswith(" hub") for line in lines)
