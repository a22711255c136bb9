"""The queue: together or alone the same answer, nothing accepted that is not answered in time, nothing for nobody."""

import asyncio
import json
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from tandem.lab.erasure import class_influences
from tandem.lab.generate import Ending
from tandem.serve import batching, limits
from tandem.serve.api import routes
from tandem.serve.batching import Batcher
from tandem.serve.catalogue import Catalogue
from tandem.serve.jobs import Job, Stream
from tandem.serve.metrics import Metrics
from tandem.serve.predict import answers
from tandem.serve.problems import Problem
from tandem.serve.questions import Classify, FillMask, Generate, Nli, OneText, Question, Similarity, Translate
from tandem.serve.rates import Rates
from tandem.serve.served import Shelf

WORDS = ["day", "7", "is", "warm", "the", "spring", "wind", "blows", "we", "wait", "for", "winter", "81", "cold"]
TEXTS = [" ".join(WORDS[(n * 5 + i) % len(WORDS)] for i in range(1 + n % 11)) for n in range(32)]
MIXED: dict[str, tuple[str, Callable[[str], Question]]] = {
    "fill-mask": ("mlm", lambda text: FillMask(text=f"{text} [MASK]", top_k=1 + len(text) % 4)),
    "score": ("mlm", lambda text: OneText(text=text)),
    "classify": ("classify", lambda text: Classify(text=text)),
    "tag": ("tag", lambda text: OneText(text=text)),
    "nli": ("siamese", lambda text: Nli(premise=text, hypothesis="it is cold")),
    "similarity": ("cross", lambda text: Similarity(first=text, second="it is cold")),
    "embed": ("mlm", lambda text: OneText(text=text)),
    "translate": ("translate", lambda text: Translate(text=" ".join("abcd"[: 1 + len(text) % 4]))),
}


@pytest.fixture
def model(served: list[Any]) -> Callable[[str], Any]:
    return {one.id: one for one in served}.__getitem__


def same(one: Any, other: Any) -> bool:
    """Whether two answers are equal, their numbers to 1e-5."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other if not isinstance(one, float) else one == pytest.approx(other, abs=1e-5)


@pytest.mark.parametrize("action", MIXED)
def test_together_and_alone_the_answer_is_the_same(model: Callable[[str], Any], action: str) -> None:
    name, question = MIXED[action]
    asked = [question(text) for text in TEXTS]
    together = [json.loads(answer) for answer in answers(model(name), action, asked)]
    alone = [json.loads(answers(model(name), action, [one])[0]) for one in asked]
    assert all(map(same, together, alone))
    assert not all(same(together[0], other) for other in together)


def job(model: Any, question: Question, *, action: str = "classify", tokens: int = 10, kind: type[Job] = Job) -> Any:
    loop = asyncio.get_running_loop()
    return kind(model, action, question, tokens, loop.time() + limits.DEADLINE_SECONDS, loop)


def test_what_waits_is_answered_together_and_one_mistake_spoils_no_other(model: Callable[[str], Any]) -> None:
    async def run() -> tuple[list[Any], Metrics]:
        batcher, one = Batcher(Metrics()), model("classify")
        asked = [Classify(text=text) for text in (*TEXTS[:5], "   ")]
        waiting = [asyncio.ensure_future(batcher.answer(job(one, question))) for question in asked]
        await asyncio.sleep(0)
        batcher.start()
        found = await asyncio.gather(*waiting, return_exceptions=True)
        await batcher.end()
        return found, batcher.metrics

    found, metrics = asyncio.run(run())
    assert all(isinstance(answer, bytes) for answer in found[:5])
    assert "no word" in str(found[5])
    assert b'tandem_batch_requests_sum{action="classify"} 6.0' in metrics.text()
    assert b"tandem_waiting_tokens 0.0" in metrics.text()


def test_a_full_queue_answers_at_once_and_says_when_to_come_again(model: Callable[[str], Any]) -> None:
    async def run() -> Problem:
        batcher = Batcher(Metrics())
        batcher.accept(job(model("classify"), Classify(text="a"), tokens=limits.WAITING_TOKENS))
        begin = time.perf_counter()
        with pytest.raises(Problem) as refused:
            await batcher.answer(job(model("classify"), Classify(text="b")))
        assert time.perf_counter() - begin < 0.1
        return refused.value

    problem = asyncio.run(run())
    assert problem.status == 503
    assert problem.retry_after
    assert "Retry-After" in problem.response().headers


def test_what_took_long_is_expected_to_take_long_again() -> None:
    rates, slow, other = Rates(), ("model", "classify"), ("model", "score")
    assert rates.seconds({slow: 100}) == pytest.approx(0.1)
    rates.learn(slow, positions=100.0, seconds=5.0)
    assert rates.seconds({slow: 200}) == pytest.approx(10.0)
    assert rates.seconds({slow: 200, other: 1000}) == pytest.approx(11.0)


def test_a_short_text_that_was_held_up_does_not_refuse_the_others() -> None:
    rates, kind = Rates(), ("model", "classify")
    for _ in range(20):
        rates.learn(kind, positions=30.0, seconds=0.01)
    rates.learn(kind, positions=1.0, seconds=0.3)
    assert rates.seconds({kind: 1000}) < limits.WAITING_SECONDS
    for _ in range(20):
        rates.learn(kind, positions=30.0, seconds=0.3)
    assert rates.seconds({kind: 1000}) > limits.WAITING_SECONDS


def test_what_waits_together_is_about_equally_long_and_the_oldest_comes_first(
    model: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[list[str]] = []

    def watched(one: Any, action: str, asked: Any) -> list[bytes]:
        read.append([question.text for question in asked])
        return answers(one, action, asked)

    async def run() -> None:
        batcher, one = Batcher(Metrics(), together=3), model("classify")
        lengths = {"a": 10, "b": 500, "c": 40, "d": 490, "e": 12, "f": 11, "g": 13}
        waiting = [
            asyncio.ensure_future(batcher.answer(job(one, Classify(text=text), tokens=tokens)))
            for text, tokens in lengths.items()
        ]
        await asyncio.sleep(0)
        batcher.start()
        await asyncio.gather(*waiting)
        await batcher.end()

    monkeypatch.setattr(batching, "answers", watched)
    asyncio.run(run())
    assert read == [["a", "f", "e"], ["b", "d"], ["c", "g"]]


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
        stream = job(model("clm"), Generate(text="The", tokens=400), action="generate", kind=Stream)
        batcher.accept(stream)
        await stream.found.get()
        stream.gone = True
        for _ in range(200):
            if batcher.is_idle:
                break
            await asyncio.sleep(0.01)
        await batcher.end()
        return batcher.is_idle, stream.found.qsize()

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
        for _ in range(200):
            if batcher.is_idle:
                break
            await asyncio.sleep(0.01)
        await batcher.end()
        return stream.gone and stream.found.qsize() < 390

    assert asyncio.run(run())


def test_a_turn_that_is_over_before_it_begins_still_goes_on(
    model: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run() -> list[Any]:
        batcher = Batcher(Metrics())
        batcher.start()
        stream = job(model("clm"), Generate(text="The", tokens=3), action="generate", kind=Stream)
        batcher.accept(stream)
        found = [await asyncio.wait_for(stream.found.get(), 20)]
        while not isinstance(found[-1], Ending):
            found.append(await asyncio.wait_for(stream.found.get(), 20))
        assert batcher.is_alive
        await batcher.end()
        return found

    monkeypatch.setattr(limits, "TURN_SECONDS", 0.0)
    *texts, ending = asyncio.run(run())
    assert texts
    assert ending.tokens == 3


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


def test_a_word_without_which_nothing_is_left_is_weighed_against_a_guess(model: Callable[[str], Any]) -> None:
    run = model("classify").run
    (word,) = class_influences(run, "warm")
    (answer,) = answers(model("classify"), "classify", [Classify(text="warm")])
    best = max(one["probability"] for one in json.loads(answer)["labels"])
    assert word.influence == pytest.approx(best - 0.5, abs=1e-5)
