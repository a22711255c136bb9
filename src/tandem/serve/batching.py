"""The queue in front of the models, and the one thread that empties it.

Requests that wait while the thread is busy are answered together where they are about equally long: no request waits
for others to come, and none is read among much padding. A text that is being generated takes a short turn and goes to
the end of the queue again.
"""

import asyncio
import logging
import math
import threading
import time
from collections import Counter, deque

from tandem.core.errors import TandemError
from tandem.serve import limits
from tandem.serve.jobs import Job, Kind, Stream
from tandem.serve.metrics import Metrics
from tandem.serve.predict import answers, pieces
from tandem.serve.problems import Problem
from tandem.serve.rates import Rates

LOG = logging.getLogger(__name__)


class Batcher:
    """Takes jobs until its bounds are reached, and answers them in a thread of its own."""

    def __init__(self, metrics: Metrics, *, together: int = limits.BATCH_REQUESTS) -> None:
        self.metrics, self.together, self.rates = metrics, together, Rates()
        self.waiting: deque[Job] = deque()
        self.changed = threading.Condition()
        self.unanswered: set[Job] = set()
        self.tokens: Counter[Kind] = Counter()
        self.is_stopping = False
        self.thread: threading.Thread | None = None

    def start(self) -> None:
        """Begins to answer."""
        self.is_stopping = False
        self.thread = threading.Thread(target=self._work, name="models", daemon=True)
        self.thread.start()

    def stop(self) -> None:
        """Takes nothing more; what was accepted is still answered."""
        with self.changed:
            self.is_stopping = True
            self.changed.notify_all()

    async def end(self) -> None:
        """The same, and waits until that is done, or the last deadline is over."""
        self.stop()
        if self.thread is not None:
            await asyncio.to_thread(self.thread.join, limits.DEADLINE_SECONDS)

    @property
    def is_alive(self) -> bool:
        """Whether there is a thread that answers."""
        return self.thread is not None and self.thread.is_alive()

    @property
    def is_idle(self) -> bool:
        """Whether everything that was accepted is answered."""
        return not self.unanswered

    def check_room(self, tokens: int = 1) -> None:
        """Whether `tokens` more positions would be read in time.

        Raises:
            Problem: not now; it says when to try again.
        """
        if self.is_stopping:
            raise Problem(503, "the server is stopping", fix="ask again when it is back", retry_after=5)
        with self.changed:
            seconds = self.rates.seconds(self.tokens)
            waiting = self.tokens.total()
        if self.unanswered and (waiting + tokens > limits.WAITING_TOKENS or seconds > limits.WAITING_SECONDS):
            raise Problem(
                503, f"{waiting} positions are waiting to be read, about {seconds:.1f} s of work",
                fix="ask again in a moment", retry_after=max(1, math.ceil(seconds)),
            )  # fmt: skip

    def accept(self, job: Job) -> None:
        """Puts `job` at the end of the queue.

        Raises:
            Problem: there is no room.
        """
        self.check_room(job.tokens)
        with self.changed:
            self.unanswered.add(job)
            self.waiting.append(job)
            self._count(job, job.tokens)
            self.changed.notify_all()

    async def answer(self, job: Job) -> bytes:
        """What the model says, as JSON.

        Raises:
            Problem: there is no room, or the deadline has passed. TandemError: the question cannot be answered.
        """
        self.accept(job)
        try:
            async with asyncio.timeout_at(job.deadline):
                return await job.answer
        except TimeoutError:
            fix = "ask about a shorter text, or again in a moment"
            raise Problem(503, f"not answered within {limits.DEADLINE_SECONDS:g} s", fix=fix, retry_after=2) from None
        finally:
            job.gone = True

    def _work(self) -> None:
        while True:
            with self.changed:
                while not self.waiting and not self.is_stopping:
                    self.changed.wait()
                if not self.waiting:
                    return
                batch = self._taken()
            if not batch:
                continue
            if isinstance(batch[0], Stream):
                self._turn(batch[0])
            else:
                self._answer(batch)

    def _taken(self) -> list[Job]:
        """The oldest job, and those that are best answered with it; the dead ones are let go."""
        first = self.waiting.popleft()
        if first.is_dead:
            self._done(first)
            return []
        batch, widest, positions = [first], first.tokens, first.tokens
        alike = [job for job in self.waiting if job.group == first.group and not job.is_dead]
        for job in sorted(alike, key=lambda job: abs(job.tokens - first.tokens))[: self.together - 1]:
            widest, positions = max(widest, job.tokens), positions + job.tokens
            read = (len(batch) + 1) * widest
            if read > limits.BATCH_TOKENS or read - positions > limits.PADDING_TOKENS:
                break
            batch.append(job)
        for job in batch[1:]:
            self.waiting.remove(job)
        return batch

    def _answer(self, batch: list[Job]) -> None:
        served, action = batch[0].served, batch[0].action
        begin = time.perf_counter()
        try:
            found: list[bytes | Exception] = [*answers(served, action, [job.question for job in batch])]
        except Exception as error:
            # One question that cannot be answered must not spoil the others.
            found = [_noted(error)] if len(batch) == 1 else [self._alone(job) for job in batch]
        positions = float(sum(job.tokens for job in batch))
        self.rates.learn(batch[0].kind, positions=positions, seconds=time.perf_counter() - begin)
        self.metrics.batches.labels(action).observe(len(batch))
        for job, answer in zip(batch, found, strict=True):
            self._done(job)
            job.settle(answer)

    def _alone(self, job: Job) -> bytes | Exception:
        try:
            (answer,) = answers(job.served, job.action, [job.question])
        except Exception as error:
            return _noted(error)
        return answer

    def _turn(self, job: Stream) -> None:
        """A few more pieces of a text."""
        begin, given = time.perf_counter(), 0
        try:
            if job.pieces is None:
                job.pieces = pieces(job.served, job.question)
            # At least one, however long it took to begin.
            while not given or time.perf_counter() - begin < limits.TURN_SECONDS:
                job.give(next(job.pieces))
                given += 1
        except StopIteration as ended:
            self._done(job)
            job.give(ended.value)
            return
        except Exception as error:
            self._done(job)
            job.give(_noted(error))
            return
        # A piece is about a token.
        positions = job.tokens * given / job.question.tokens
        self.rates.learn(job.kind, positions=positions, seconds=time.perf_counter() - begin)
        with self.changed:
            self.waiting.append(job)

    def _done(self, job: Job) -> None:
        self.metrics.tokens.labels(job.action).inc(job.tokens)
        with self.changed:
            self.unanswered.discard(job)
            self._count(job, -job.tokens)

    def _count(self, job: Job, tokens: int) -> None:
        self.tokens[job.kind] += tokens
        self.metrics.waiting.set(len(self.unanswered))
        self.metrics.waiting_tokens.set(self.tokens.total())


def _noted(error: Exception) -> Exception:
    """The same; what is no user's mistake goes into the log."""
    if not isinstance(error, TandemError):
        LOG.error("a model failed", exc_info=error)
    return error
