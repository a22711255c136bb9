"""The queue in front of the models, and the one thread that empties it.

Requests that wait while the thread is busy are answered together where they are about equally long: no request waits
for others to come, and none is read among much padding. A text that is being generated takes a short turn and goes to
the end of the queue again. Work that nobody waits for any more is stopped, in the middle of a computation too.
"""

import asyncio
import logging
import math
import threading
import time
from collections import defaultdict, deque
from collections.abc import Sequence

from tandem.core.errors import TandemError
from tandem.serve import limits
from tandem.serve.jobs import Job, Kind, Load, Stream
from tandem.serve.metrics import Metrics
from tandem.serve.predict import answers, pieces
from tandem.serve.problems import Problem
from tandem.serve.rates import Rates
from tandem.serve.watch import NobodyWaits, while_wanted

LOG = logging.getLogger(__name__)


class Batcher:
    """Takes jobs until its bounds are reached, and answers them in a thread of its own."""

    def __init__(self, metrics: Metrics, *, together: int = limits.BATCH_REQUESTS) -> None:
        self.metrics, self.together, self.rates = metrics, together, Rates()
        self.waiting: deque[Job] = deque()
        self.changed = threading.Condition()
        self.unanswered: set[Job] = set()
        self.loads: defaultdict[Kind, Load] = defaultdict(Load)
        self.end_by: float | None = None
        self.thread: threading.Thread | None = None

    def start(self) -> None:
        """Begins to answer."""
        self.thread = threading.Thread(target=self._work, name="models", daemon=True)
        self.thread.start()

    def stop(self) -> None:
        """Takes nothing more; what was accepted is still answered."""
        with self.changed:
            self.end_by = self.end_by or time.monotonic() + limits.STOP_SECONDS
            self.changed.notify_all()

    async def end(self) -> None:
        """The same, and waits until that is done, or the time of a stop is over. It may be started again."""
        self.stop()
        if self.thread is not None and self.end_by is not None:
            await asyncio.to_thread(self.thread.join, max(0.0, self.end_by - time.monotonic()))
        self.end_by = None

    @property
    def is_stopping(self) -> bool:
        """Whether nothing more is taken."""
        return self.end_by is not None

    @property
    def is_alive(self) -> bool:
        """Whether there is a thread that answers."""
        return self.thread is not None and self.thread.is_alive()

    @property
    def is_idle(self) -> bool:
        """Whether everything that was accepted is answered."""
        return not self.unanswered

    def check_room(self, job: Job | None = None) -> None:
        """Whether `job`, or any at all, would be answered in time.

        Raises:
            Problem: not now; it says when to try again. Or never, as the job alone takes too long.
        """
        if self.is_stopping:
            raise Problem(503, "the server is stopping", fix="ask again when it is back", retry_after=5)
        with self.changed:
            seconds, waiting = self.rates.seconds(self.loads), sum(load.positions for load in self.loads.values())
            alone = 0.0
            # What is generated is told as far as it comes.
            if job is not None and not isinstance(job, Stream):
                alone = self.rates.seconds({job.kind: job.load})
                least = self.rates.least(job.kind, job.tokens)
                if least > limits.DEADLINE_SECONDS:
                    raise Problem(
                        413, f"this model would work at it for {least:.0f} s or longer, and "
                        f"{limits.DEADLINE_SECONDS:g} s are given to a request", fix="ask about a shorter text",
                    )  # fmt: skip
        is_full = waiting + (job.tokens if job else 1) > limits.WAITING_TOKENS or seconds > limits.WAITING_SECONDS
        if self.unanswered and (is_full or seconds + alone > limits.DEADLINE_SECONDS):
            raise Problem(
                503, f"{waiting} positions are waiting to be read, about {seconds:.1f} s of work",
                fix="ask again in a moment", retry_after=max(1, math.ceil(seconds)),
            )  # fmt: skip

    def accept(self, job: Job) -> None:
        """Puts `job` at the end of the queue.

        Raises:
            Problem: there is no room, or never will be.
        """
        self.check_room(job)
        with self.changed:
            self.unanswered.add(job)
            self.waiting.append(job)
            self._count(job.kind, job.load)
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
        while (batch := self._next()) is not None:
            try:
                if isinstance(batch[0], Stream):
                    self._turn(batch[0])
                else:
                    self._answer(batch)
            except Exception as error:
                # Without this thread nobody is answered any more.
                for job in batch:
                    self._fail(job, error)

    def _next(self) -> list[Job] | None:
        """The jobs to be answered now; waits for one, and is None when all is done and no more is taken."""
        with self.changed:
            while True:
                while not self.waiting and not self.is_stopping:
                    self.changed.wait()
                if not self.waiting:
                    return None
                if batch := self._taken():
                    return batch

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

    def _answer(self, batch: Sequence[Job]) -> None:
        """Answers all of a batch, each as soon as its answer is made.

        One question that cannot be answered must not spoil the others: the halves of what it left are answered apart.
        """
        served, action, left, rest = batch[0].served, batch[0].action, deque(batch), list[Job]()
        begin = time.perf_counter()
        try:
            with while_wanted(lambda: not all(job.is_dead for job in left)):
                for answer in answers(served, action, [job.question for job in batch]):
                    self._done(left[0], read=left[0].tokens)
                    left.popleft().settle(answer)
        except NobodyWaits:
            for job in left:
                self._done(job)
            # A deadline that has passed says how long it takes at least, where no more was expected.
            expected = self.rates.seconds({batch[0].kind: sum((job.load for job in batch), Load())})
            if not left[0].is_late or time.perf_counter() - begin < expected:
                return
        except Exception as error:
            if len(left) > 1:
                rest = [*left]
            else:
                self._fail(left[0], error)
        if answered := batch[: len(batch) - len(rest)]:
            load = sum((job.load for job in answered), Load())
            self.rates.learn(batch[0].kind, load, seconds=time.perf_counter() - begin)
            self.metrics.batches.labels(action).observe(len(answered))
        for half in (rest[: len(rest) // 2], rest[len(rest) // 2 :]):
            if half:
                self._answer(half)

    def _turn(self, job: Stream) -> None:
        """A few more pieces of a text."""
        begin, given = time.perf_counter(), 0
        try:
            with while_wanted(lambda: not job.is_dead):
                if job.pieces is None:
                    job.pieces = pieces(job.served, job.question)
                # At least one, however long it took to begin.
                while not given or time.perf_counter() - begin < limits.TURN_SECONDS:
                    job.give(next(job.pieces))
                    given += 1
        except StopIteration as ended:
            self._done(job, read=job.left)
            job.give(ended.value)
            return
        except NobodyWaits:
            self._done(job)
            return
        except Exception as error:
            self._fail(job, error)
            return
        # A piece is about a token.
        read = min(job.left - 1, job.tokens * given // job.question.tokens)
        self.rates.learn(job.kind, Load(read), seconds=time.perf_counter() - begin)
        self.metrics.tokens.labels(job.action).inc(read)
        with self.changed:
            self._count(job.kind, Load() - Load(read))
            job.left -= read
            self.waiting.append(job)

    def _fail(self, job: Job, error: Exception) -> None:
        """What is no user's mistake goes into the log, and nowhere else."""
        if not isinstance(error, TandemError):
            LOG.error("a model failed", exc_info=error)
            error = Problem.of(error)
        self._done(job)
        job.fail(error)

    def _done(self, job: Job, *, read: int = 0) -> None:
        self.metrics.tokens.labels(job.action).inc(read)
        with self.changed:
            if job in self.unanswered:
                self.unanswered.discard(job)
                self._count(job.kind, Load() - job.load)

    def _count(self, kind: Kind, load: Load) -> None:
        self.loads[kind] += load
        self.metrics.waiting.set(len(self.unanswered))
        self.metrics.waiting_tokens.set(sum(load.positions for load in self.loads.values()))
