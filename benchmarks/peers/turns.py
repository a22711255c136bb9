"""A training loop that runs only while the benchmark waits for it, so that several can take turns on one machine.

Needs nothing but Python: it is imported in the environment of each peer.
"""

import importlib.metadata
import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any


def settings() -> dict[str, Any]:
    """What the benchmark asks for: the content of the JSON file that is the only argument."""
    with open(sys.argv[1], encoding="utf-8") as file:
        content: dict[str, Any] = json.load(file)
    return content


def versions(*packages: str) -> str:
    """The packages with their versions, for the table."""
    return ", ".join(f"{name} {importlib.metadata.version(name)}" for name in packages)


class Turns:
    """Reads a request a line, `{"seconds": 2, "steps": 10}` or `{"evaluate": true}`, and answers each with a line.

    A turn takes at least those seconds and those steps. Whatever else is printed goes to stderr. The steps before
    `begin` are not measured.
    """

    def __init__(self, evaluate: Callable[[], float] | None = None) -> None:
        self.answers = os.fdopen(os.dup(1), "w", buffering=1)
        os.dup2(2, 1)
        self.evaluate = evaluate
        self.steps = self.tokens = self.least = 0
        self.started = self.seconds = 0.0
        self.trained = 0.0
        self.begun = False

    def begin(self, runs_on: str) -> None:
        """Says that the loop is warm and what it runs on, and waits for the first turn."""
        self.begun = True
        self._answer({"ready": True, "runs_on": runs_on})
        self._wait()

    def step(self, tokens: int) -> None:
        """One step over so many tokens of text is done; returns when the next one may begin."""
        self.steps += 1
        self.tokens += tokens
        elapsed = time.perf_counter() - self.started
        if elapsed >= self.seconds and self.steps >= self.least:
            self._end(elapsed, is_last=False)

    def finish(self) -> None:
        """The budget is spent: ends this turn at once, and every later one before it begins."""
        while True:
            self._end(time.perf_counter() - self.started, is_last=True)

    @property
    def clock(self) -> float:
        """Seconds that the loop has run, without those in which it waited."""
        return self.trained + (time.perf_counter() - self.started)

    def _end(self, elapsed: float, *, is_last: bool) -> None:
        self.trained += elapsed
        self._answer({"tokens": self.tokens, "steps": self.steps, "seconds": elapsed, "last": is_last})
        self._wait()

    def _wait(self) -> None:
        while True:
            line = sys.stdin.readline()
            if not line:
                # The benchmark is over; a library in whose callback this is called may catch exceptions.
                os._exit(0)
            request = json.loads(line)
            if "seconds" in request:
                break
            assert self.evaluate is not None
            self._answer({"loss": self.evaluate()})
        self.seconds, self.least, self.tokens, self.steps = request["seconds"], request["steps"], 0, 0
        self.started = time.perf_counter()

    def _answer(self, content: dict[str, Any]) -> None:
        self.answers.write(json.dumps(content) + "\n")
