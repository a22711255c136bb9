"""Work that nobody waits for any more, and the thread that does it."""

import asyncio
import copy
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from queued import job

from tandem.lab import look
from tandem.lab.scoring import scorer
from tandem.serve import batching
from tandem.serve.api import routes
from tandem.serve.batching import Batcher
from tandem.serve.catalogue import Catalogue
from tandem.serve.jobs import Load, Stream
from tandem.serve.metrics import Metrics
from tandem.serve.predict import answers
from tandem.serve.problems import Problem
from tandem.serve.questions import Classify, Generate, Look
from tandem.serve.served import Served, Shelf


async def until_idle(batcher: Batcher, *, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not batcher.is_idle and time.monotonic() < end:
        await asyncio.sleep(0.01)
    return batcher.is_idle


@pytest.mark.parametrize("action", ["score", "influence"])
@pytest.mark.parametrize("leaves", [True, False])
def test_a_long_computation_ends_when_its_client_leaves_or_its_time_is_over(
    model: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch, action: str, leaves: bool
) -> None:
    run = copy.deepcopy(model("mlm").run)
    run.model.encoder.body.register_forward_pre_hook(lambda *_: time.sleep(0.05))
    monkeypatch.setattr(look, "POSITIONS_AT_ONCE", 1)
    monkeypatch.setattr(scorer, "POSITIONS_AT_ONCE", 1)

    async def ask() -> tuple[bool, bytes]:
        batcher = Batcher(Metrics())
        batcher.start()
        # One reading for each of 120 words: six seconds.
        long = job(Served("slow", run), Look(text="wind " * 120), action=action, tokens=14_400)
        if not leaves:
            long.deadline = asyncio.get_running_loop().time() + 0.5
        asked = asyncio.ensure_future(batcher.answer(long))
        await asyncio.sleep(0.4)
        assert not batcher.is_idle
        if leaves:
            asked.cancel()
        with pytest.raises((asyncio.CancelledError, Problem)):
            await asked
        is_idle = await until_idle(batcher, seconds=1)
        # What is learned of it is written after that, so its thread has to have ended.
        await batcher.end()
        # A deadline says how long it takes at least; a client that has left says nothing.
        assert (batcher.rates.seconds({long.kind: Load(14_400, 1)}) > 0.4) is not leaves
        return is_idle, batcher.metrics.text()

    is_idle, metrics = asyncio.run(ask())
    assert is_idle
    assert b"tandem_waiting_tokens 0.0" in metrics
    assert f'tandem_tokens_total{{action="{action}"}} 14400.0'.encode() not in metrics


def test_nobody_waits_longer_than_the_deadline(model: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()

    def stuck(*_: object) -> list[bytes]:
        release.wait(10)
        return [b"{}"]

    async def run() -> float:
        batcher = Batcher(Metrics())
        batcher.start()
        late = job(model("classify"), Classify(text="a"))
        late.deadline = asyncio.get_running_loop().time() + 0.2
        begin = time.perf_counter()
        with pytest.raises(Problem, match="not answered within"):
            await batcher.answer(late)
        took = time.perf_counter() - begin
        release.set()
        await batcher.end()
        return took

    monkeypatch.setattr(batching, "answers", stuck)
    assert 0.15 < asyncio.run(run()) < 2


def test_what_nobody_waits_for_is_not_answered(model: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def watched(one: Any, action: str, asked: Any) -> list[bytes]:
        read.extend(question.text for question in asked)
        return answers(one, action, asked)

    async def run() -> None:
        batcher, one = Batcher(Metrics()), model("classify")
        leaving = asyncio.ensure_future(batcher.answer(job(one, Classify(text="leaves"))))
        staying = asyncio.ensure_future(batcher.answer(job(one, Classify(text="stays"))))
        await asyncio.sleep(0)
        leaving.cancel()
        await asyncio.sleep(0)
        batcher.start()
        await staying
        assert batcher.is_idle
        await batcher.end()

    monkeypatch.setattr(batching, "answers", watched)
    asyncio.run(run())
    assert read == ["stays"]


def test_a_text_that_nobody_reads_any_more_is_not_continued(model: Callable[[str], Any]) -> None:
    async def run() -> tuple[bool, int]:
        batcher = Batcher(Metrics())
        batcher.start()
        stream = job(model("clm"), Generate(text="The", tokens=400), tokens=400, action="generate", kind=Stream)
        batcher.accept(stream)
        await stream.found.get()
        # What is read of a long text is not waited for any more.
        while not stream.left < stream.tokens:
            await asyncio.sleep(0.001)
        assert batcher.loads[stream.kind].positions < stream.tokens
        stream.gone = True
        is_idle = await until_idle(batcher, seconds=2)
        await batcher.end()
        return is_idle, stream.found.qsize()

    idle, pieces = asyncio.run(run())
    assert idle
    assert pieces < 390


def test_a_text_is_not_continued_for_a_client_that_leaves_before_the_answer_begins(served: list[Any]) -> None:
    async def run() -> bool:
        batcher = Batcher(Metrics())
        batcher.start()
        (generate,) = (
            one.endpoint for one in routes(Shelf(served), batcher, Catalogue(served)).routes if one.name == "generate"
        )
        answer = await generate(Generate(model="clm", text="The", tokens=400))
        (stream,) = batcher.unanswered
        del answer
        await until_idle(batcher, seconds=2)
        await batcher.end()
        return stream.gone and stream.found.qsize() < 390

    assert asyncio.run(run())


def test_stopping_takes_nothing_new_and_answers_what_it_took(model: Callable[[str], Any]) -> None:
    async def run() -> bytes:
        batcher, one = Batcher(Metrics()), model("classify")
        accepted = asyncio.ensure_future(batcher.answer(job(one, Classify(text="day"))))
        await asyncio.sleep(0)
        batcher.stop()
        with pytest.raises(Problem, match="stopping"):
            await batcher.answer(job(one, Classify(text="day")))
        batcher.start()
        found = await accepted
        await batcher.end()
        return found

    assert asyncio.run(run()).startswith(b'{"model":"classify"')


def test_a_fault_of_the_thread_that_answers_ends_one_answer_and_no_other(
    model: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def run() -> tuple[Any, bytes]:
        batcher, one = Batcher(Metrics()), model("classify")
        batcher.start()
        with monkeypatch.context() as broken:
            broken.setattr(batcher.rates, "learn", lambda *_, **__: 1 / 0)
            broken.setattr(batching, "answers", lambda *_: iter(()))
            (fault,) = await asyncio.gather(batcher.answer(job(one, Classify(text="day"))), return_exceptions=True)
        found = await batcher.answer(job(one, Classify(text="day")))
        assert batcher.is_idle
        await batcher.end()
        return fault, found

    fault, found = asyncio.run(run())
    assert (type(fault), fault.status) == (Problem, 500)
    assert found.startswith(b'{"model":"classify"')
    assert "a model failed" in caplog.text


def test_a_server_without_its_thread_is_not_ready(app: Any, talk: Callable[..., Any]) -> None:
    async def several(client: Any) -> list[int]:
        found = [(await client.get("/readyz")).status_code]
        app.state.batcher.stop()
        await asyncio.to_thread(app.state.batcher.thread.join, 5)
        app.state.batcher.end_by = None
        return [*found, (await client.get("/readyz")).status_code, (await client.get("/livez")).status_code]

    assert talk(several) == [200, 503, 500]
