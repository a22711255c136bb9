"""One accepted request on its way through the queue."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from tandem.lab.generate import Ending, Pieces
from tandem.serve.questions import Generate, Question
from tandem.serve.served import Served

Kind = tuple[str, str]
"""The id of a model and an action: jobs of one kind take about as long for each position."""


@dataclass(eq=False)
class Job:
    """A question to a model, the positions it takes, and until when it must be answered (seconds of the loop's clock).

    Whoever waits for it sets `gone` when nobody wants the answer any more; the worker then lets it fall. The answer
    goes to `answer`, from the worker's thread into the event loop.
    """

    served: Served
    action: str
    question: Question
    tokens: int
    deadline: float
    loop: asyncio.AbstractEventLoop
    gone: bool = False
    answer: "asyncio.Future[bytes]" = field(init=False)

    def __post_init__(self) -> None:
        self.answer = self.loop.create_future()

    @property
    def kind(self) -> Kind:
        """What is asked of whom."""
        return self.served.id, self.action

    @property
    def group(self) -> object:
        """Jobs of one group can be answered together."""
        return self.kind, self.question.group

    @property
    def is_dead(self) -> bool:
        """Whether no answer is needed any more."""
        return self.gone or self.loop.time() > self.deadline

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
