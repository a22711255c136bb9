"""How long work is expected to take, and what is refused for it."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest
from queued import job

from tandem.serve import limits
from tandem.serve.app import create_app
from tandem.serve.batching import Batcher
from tandem.serve.guards import Access
from tandem.serve.jobs import Job, Load
from tandem.serve.metrics import Metrics
from tandem.serve.problems import Problem
from tandem.serve.questions import Classify, Look
from tandem.serve.rates import FIRST, Rates


def test_what_took_long_is_expected_to_take_long_again() -> None:
    rates, slow, other = Rates(), ("model", "classify"), ("model", "score")
    assert rates.seconds({slow: Load(100, 1)}) == 0
    rates.learn(slow, Load(500, 1), seconds=5.0)
    assert rates.seconds({slow: Load(1000, 2)}) == pytest.approx(10.0)
    assert rates.least(slow, 1000) == pytest.approx(10.0)
    assert rates.seconds({slow: Load(1000, 2), other: Load(1000, 1)}) == pytest.approx(10.0)


def test_short_texts_say_nothing_wrong_about_long_ones() -> None:
    rates, kind = Rates(), ("model", "score")
    rates.learn(("model", FIRST), Load(512, 1), seconds=0.01)
    for _ in range(50):
        rates.learn(kind, Load(2, 1), seconds=0.02)
    assert rates.seconds({kind: Load(20, 10)}) == pytest.approx(0.2, rel=0.05)
    assert rates.seconds({kind: Load(2**16, 1)}) < 2
    rates.learn(kind, Load(2**10, 1), seconds=0.1)
    assert rates.least(kind, 2**16) == pytest.approx(6.4)


def test_every_token_of_a_text_that_is_continued_takes_its_time() -> None:
    rates, kind = Rates(), ("model", "generate")
    rates.learn(("model", FIRST), Load(512, 1), seconds=0.01)
    rates.learn(kind, Load(20), seconds=0.02)
    assert rates.seconds({kind: Load(400)}) == pytest.approx(0.4)


def test_a_short_text_that_was_held_up_does_not_refuse_the_others() -> None:
    rates, kind = Rates(), ("model", "classify")
    for _ in range(20):
        rates.learn(kind, Load(30, 1), seconds=0.01)
    rates.learn(kind, Load(1, 1), seconds=0.3)
    assert rates.seconds({kind: Load(1000, 33)}) < limits.WAITING_SECONDS
    for _ in range(20):
        rates.learn(kind, Load(30, 1), seconds=0.3)
    assert rates.seconds({kind: Load(1000, 33)}) > limits.WAITING_SECONDS


def test_what_takes_longer_than_a_deadline_by_itself_is_refused_once_that_is_known(model: Callable[[str], Any]) -> None:
    async def run() -> list[int]:
        batcher, found = Batcher(Metrics()), list[int]()
        batcher.rates.learn(("mlm", "influence"), Load(1000, 1), seconds=1.0)
        for tokens in (7000, 9000):
            try:
                batcher.accept(job(model("mlm"), Look(text="a"), action="influence", tokens=tokens))
                found.append(200)
            except Problem as problem:
                found.append(problem.status)
        # What waits takes 7 s, so what takes 2 would be late.
        try:
            batcher.accept(job(model("mlm"), Look(text="a"), action="influence", tokens=2000))
        except Problem as problem:
            found.append(problem.status)
        return found

    assert asyncio.run(run()) == [200, 413, 503]


def test_a_server_that_nobody_has_asked_yet_answers_a_first_visit(served: list[Any]) -> None:
    """The page `Look inside` asks all models at once."""

    async def run() -> list[Any]:
        app = create_app(served, access=Access())
        async with app.router.lifespan_context(app):
            loop, names = asyncio.get_running_loop(), ("mlm", "learned", "cross")
            models = {one.id: one for one in served}
            asked = [
                app.state.batcher.answer(Job(models[name], action, question, tokens, loop.time() + 8, loop))
                for name in names
                for action, tokens in (("influence", 41 * 41), ("attention", 41), ("score", 41 * 41))
                if action in models[name].can
                for question in [Look(text="wind " * (15 if name == "learned" else 40))]
            ]
            return await asyncio.gather(*asked, return_exceptions=True)

    found = asyncio.run(run())
    assert len(found) > 6
    assert all(isinstance(answer, bytes) for answer in found), found


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
