"""One accepted request on its way through the queue."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from tandem.lab.generate import Ending, Pieces
from tandem.serve.questions import Generate, Question
from tandem.serve.served import Served

Kind = tuple[str, str]
"""The id of a model and an action: jobs of one kind take about as long for each position."""


ALONE = frozenset({"next", "tag", "embed", "attention", "influence"})
"""Actions for which a model reads one question after the other, as it does for the words that matter: answered
together, they would only wait for each other."""


@dataclass(frozen=True)
class Load:
    """So many positions of so many requests."""

    positions: int = 0
    requests: int = 0

    def __add__(self, other: "Load") -> "Load":
        return Load(self.positions + other.positions, self.requests + other.requests)

    def __sub__(self, other: "Load") -> "Load":
        return Load(self.positions - other.positions, self.requests - other.requests)


@dataclass(eq=False)
class Job:
    """A question to a model, the positions it takes, and until when it must be answered (seconds of the loop's clock).

    Whoever waits for it sets `gone` when nobody wants the answer any more; the worker then lets it fall. `left` is how
    many of the positions are still to be read. The answer goes to `answer`, from the worker's thread into the event
    loop.
    """

    served: Served
    action: str
    question: Question
    tokens: int
    deadline: float
    loop: asyncio.AbstractEventLoop
    gone: bool = False
    left: int = field(init=False)
    answer: "asyncio.Future[bytes]" = field(init=False)

    def __post_init__(self) -> None:
        self.left = self.tokens
        self.answer = self.loop.create_future()

    @property
    def kind(self) -> Kind:
        """What is asked of whom."""
        return self.served.id, self.action

    @property
    def group(self) -> object:
        """Jobs of one group can be answered together."""
        if self.action in ALONE or getattr(self.question, "words", False):
            return id(self)
        return self.kind, self.question.group

    @property
    def load(self) -> Load:
        """What is still to be read."""
        return Load(self.left, 1)

    @property
    def is_late(self) -> bool:
        """Whether its deadline is over."""
        return self.loop.time() > self.deadline

    @property
    def is_dead(self) -> bool:
        """Whether no answer is needed any more."""
        return self.gone or self.is_late

    def fail(self, error: Exception) -> None:
        """Hands over why there is no answer, from any thread."""
        self.settle(error)

    def settle(self, answer: bytes | Exception) -> None:
        """Hands the answer over, from any thread."""
        self._call(_settle, self.answer, answer)

    def _call(self, function: Any, *arguments: Any) -> None:
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(function, *arguments)


@dataclass(eq=False)
class Stream(Job):
    """A text that is generated piece by piece; behind the last piece stands how it ended, or what went wrong."""

    question: Generate
    found: "asyncio.Queue[str | Ending | Exception]" = field(init=False)
    pieces: Pieces | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self.found = asyncio.Queue()

    @property
    def group(self) -> object:
        return id(self)

    @property
    def load(self) -> Load:
        # Token by token, a text has no beginning that takes longer than the rest.
        return Load(self.left, 0)

    def fail(self, error: Exception) -> None:
        self.give(error)

    def give(self, piece: str | Ending | Exception) -> None:
        """Hands a piece over, from any thread."""
        self._call(self.found.put_nowait, piece)


def _settle(future: "asyncio.Future[bytes]", answer: bytes | Exception) -> None:
    if future.done():
        return
    if isinstance(answer, Exception):
        future.set_exception(answer)
    else:
        future.set_result(answer)
