"""The queue: together or alone the same answer, nothing accepted that is not answered in time, nothing for nobody."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from queued import job

from tandem.lab.erasure import class_influences
from tandem.lab.generate import Ending
from tandem.serve import batching, limits
from tandem.serve.batching import Batcher
from tandem.serve.jobs import Stream
from tandem.serve.metrics import Metrics
from tandem.serve.predict import answers
from tandem.serve.questions import Classify, FillMask, Generate, Look, Nli, OneText, Question, Similarity, Translate

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
    alone = [json.loads(answer) for one in asked for answer in answers(model(name), action, [one])]
    assert all(map(same, together, alone))
    assert not all(same(together[0], other) for other in together)


def test_what_is_read_one_by_one_does_not_wait_for_each_other(model: Callable[[str], Any]) -> None:
    async def run() -> list[bytes]:
        batcher = Batcher(Metrics())
        questions = [(Look(text="wind"), "attention"), (Classify(text="wind", words=True), "classify")] * 3
        for question, action in questions:
            batcher.accept(job(model("mlm" if action == "attention" else "classify"), question, action=action))
        batcher.start()
        await batcher.end()
        return batcher.metrics.text()

    metrics = asyncio.run(run())
    for action in ("attention", "classify"):
        assert f'tandem_batch_requests_count{{action="{action}"}} 3.0'.encode() in metrics
        assert f'tandem_batch_requests_sum{{action="{action}"}} 3.0'.encode() in metrics


def test_one_mistake_costs_no_reading_of_all_the_others(
    model: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []

    def watched(one: Any, action: str, asked: Any) -> Any:
        read.append(len(asked))
        return answers(one, action, asked)

    async def run() -> list[Any]:
        batcher, one = Batcher(Metrics()), model("mlm")
        texts = ["wind [MASK]"] * 13 + ["no mask"] + ["wind [MASK]"] * 18
        asked = [batcher.answer(job(one, FillMask(text=text), action="fill-mask")) for text in texts]
        waiting = [asyncio.ensure_future(one) for one in asked]
        await asyncio.sleep(0)
        batcher.start()
        found = await asyncio.gather(*waiting, return_exceptions=True)
        await batcher.end()
        return found

    monkeypatch.setattr(batching, "answers", watched)
    found = asyncio.run(run())
    assert [number for number, answer in enumerate(found) if not isinstance(answer, bytes)] == [13]
    # Halves of halves: 2 log2(32) + 1 readings, and not one for each of the 32.
    assert len(read) == 11
    assert read[0] == 32


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
    assert all(isinstance(answer, bytes) for answer in found[:5]), found
    assert "no word" in str(found[5])
    assert b'tandem_batch_requests_sum{action="classify"} 6.0' in metrics.text()
    assert b"tandem_waiting_tokens 0.0" in metrics.text()


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


def test_a_word_without_which_nothing_is_left_is_weighed_against_a_guess(model: Callable[[str], Any]) -> None:
    run = model("classify").run
    (word,) = class_influences(run, "warm")
    (answer,) = answers(model("classify"), "classify", [Classify(text="warm")])
    best = max(one["probability"] for one in json.loads(answer)["labels"])
    assert word.influence == pytest.approx(best - 0.5, abs=1e-5)
