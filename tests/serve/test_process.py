"""The real command with real sockets: how it starts, whom it lets go, and how it ends."""

import asyncio
import json
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from asked import get, ready_port, until
from running import Ask

from tandem.core.errors import UsageError
from tandem.serve import limits
from tandem.serve.guards import NAMES
from tandem.serve.process import listening, names


def test_what_was_accepted_is_answered_before_the_end(process: subprocess.Popen[str], port: int) -> None:
    question = {"model": "clm", "text": "The spring", "tokens": limits.GENERATED_TOKENS}
    with socket.create_connection(("127.0.0.1", port)) as stream:
        body = json.dumps(question).encode()
        head = f"POST /api/v1/generate HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
        stream.sendall(f"{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)
        beginning = stream.recv(200)
        assert beginning.startswith(b"HTTP/1.1 200")
        begin = time.monotonic()
        process.send_signal(signal.SIGTERM)
        rest = b"".join(iter(lambda: stream.recv(65536), b""))
        assert b"event: end" in beginning + rest
        assert process.wait(timeout=10) == 0
        assert time.monotonic() - begin < 10


SLOW = """
import sys, time
from tandem.cli.main import main
from tandem.serve import batching, limits
seconds, deadline = float(sys.argv.pop()), 2.0
limits.STOP_SECONDS += deadline - limits.DEADLINE_SECONDS
limits.DEADLINE_SECONDS = deadline
answers = batching.answers
def slow(*asked):
    time.sleep(seconds)
    yield from answers(*asked)
batching.answers = slow
main()
"""
"""`tandem`, whose models take as many seconds for an answer as its last argument says, and cannot be stopped."""


def stopped_while_it_answers(run: Path, folder: Path, *, seconds: float) -> tuple[int, tuple[int, bytes], int, float]:
    """The exit code; status and content of what was asked for before SIGTERM; /readyz behind it; seconds to the end."""
    command = [sys.executable, "-c", SLOW, "serve", str(run), "--port", "0", str(seconds)]
    with (
        subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process,
        ThreadPoolExecutor(1) as pool,
    ):
        try:
            port = ready_port(process)
            asked = pool.submit(get, port, "/api/v1/score", {"text": "The spring"})
            until(lambda: b"tandem_waiting_requests 1.0" in get(port, "/metrics")[1])
            begin = time.monotonic()
            process.terminate()
            while (ready := get(port, "/readyz")[0]) == 200:
                time.sleep(0.01)
            return process.wait(timeout=20), asked.result(), ready, time.monotonic() - begin
        finally:
            process.kill()


def test_an_answer_that_was_accepted_is_given_and_nobody_new_is_sent_here(
    run_folders: dict[str, Path], tmp_path: Path
) -> None:
    code, (status, content), ready, took = stopped_while_it_answers(run_folders["clm"], tmp_path, seconds=1.5)
    assert (code, status, ready) == (0, 200, 503)
    assert b"log_probability" in content
    assert took < limits.STOP_SECONDS


def test_what_cannot_be_stopped_does_not_hold_up_the_end(run_folders: dict[str, Path], tmp_path: Path) -> None:
    code, (status, content), ready, took = stopped_while_it_answers(run_folders["clm"], tmp_path, seconds=30)
    assert (code, status, ready) == (0, 503, 503)
    assert b"not answered within" in content
    # With a deadline of 2 s.
    assert took < 4.5
    assert limits.STOP_SECONDS < 10


def test_a_server_to_which_nobody_listens_ends_too(process: subprocess.Popen[str], port: int) -> None:
    assert get(port, "/livez")[0] == 200
    assert process.stdout
    process.stdout.close()
    process.terminate()
    assert process.wait(timeout=10) == 0


def test_no_answer_waits_until_its_header_is_acknowledged() -> None:
    async def accepted() -> int:
        gone = asyncio.Event()

        class Kept(asyncio.Protocol):
            def connection_made(self, transport: Any) -> None:
                found.append(transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
                gone.set()

        found: list[int] = []
        place = listening("127.0.0.1", 0)
        async with await asyncio.get_running_loop().create_server(Kept, sock=place):
            with socket.create_connection(place.getsockname()):
                await gone.wait()
        return found[0]

    assert asyncio.run(accepted()) == 1


def test_overload_is_told_at_once_and_the_accepted_are_in_time(process: subprocess.Popen[str], port: int) -> None:
    question = {"model": "clm", "text": "The spring wind blows. " * 30, "tokens": limits.GENERATED_TOKENS}

    def ask(_: int) -> tuple[int, float, bytes]:
        begin = time.monotonic()
        status, answer = get(port, "/api/v1/generate", question)
        return status, time.monotonic() - begin, answer

    with ThreadPoolExecutor(64) as pool:
        found = list(pool.map(ask, range(192)))
    refused = [seconds for status, seconds, _ in found if status == 503]
    accepted = [seconds for status, seconds, _ in found if status == 200]
    assert len(refused) + len(accepted) == len(found)
    assert accepted
    assert refused
    assert max(accepted) < limits.DEADLINE_SECONDS
    assert not any(b'"deadline"' in answer for _, _, answer in found)
    # Told at once: long before anybody is answered. Some may have waited for a connection.
    assert statistics.median(refused) < 1


def test_where_nothing_can_be_served_one_line_says_why(run_folders: dict[str, Path], tmp_path: Path, ask: Ask) -> None:
    damaged = tmp_path / "damaged"
    shutil.copytree(run_folders["clm"], damaged)
    weights = damaged / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x00")
    other = tmp_path / "other-tokenizer"
    shutil.copytree(run_folders["clm"], other)
    shutil.copy(run_folders["mlm"] / "tokenizer.json", other / "tokenizer.json")
    done = ask("serve", damaged, other)
    assert done.code == 6
    assert len(done.err.strip().splitlines()) == 1
    assert "damaged or exchanged" in done.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["serve"], "tandem compare recipes/demo"),
        (["serve", "--host", "0.0.0.0"], "--token"),
        (["serve", "--token", "short"], "at least 16"),
        (["serve", "--token", "sixteen-characters "], "without blanks at its ends"),
        (["serve", "nowhere"], "no such run folder"),
        (["serve", "nowhere", "--host", "a..b", "--token", "x" * 16], "not the name of a machine"),
    ],
)
def test_a_wrong_command_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ask: Ask, arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = ask(*arguments)
    assert done.code == 2
    assert said in done.err
    assert len(done.err.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", NAMES), ("LocalHost", NAMES), ("127.0.0.2", NAMES | {"127.0.0.2"}), ("0.0.0.0", None), ("0", None)],
)
def test_it_answers_to_its_name_and_to_any_where_it_listens_everywhere(
    host: str, expected: frozenset[str] | None
) -> None:
    with listening(host, 0) as place:
        assert names(host, place) == expected


def test_an_address_is_taken_before_anything_is_served_there() -> None:
    with listening("127.0.0.1", 0) as place, pytest.raises(UsageError, match="choose another --port"):
        listening("127.0.0.1", place.getsockname()[1])


def test_a_taken_port_is_one_line_before_a_model_is_opened(run_folders: dict[str, Path], ask: Ask) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = ask("serve", run_folders["clm"], "--port", taken.getsockname()[1])
    assert done.code == 2
    assert "choose another --port" in done.err
    assert done.out == ""
