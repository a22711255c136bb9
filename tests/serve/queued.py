"""A question as the queue gets it."""

import asyncio
from typing import Any

from tandem.serve import limits
from tandem.serve.jobs import Job
from tandem.serve.questions import Question


def job(model: Any, question: Question, *, action: str = "classify", tokens: int = 10, kind: type[Job] = Job) -> Any:
    loop = asyncio.get_running_loop()
    return kind(model, action, question, tokens, loop.time() + limits.DEADLINE_SECONDS, loop)
