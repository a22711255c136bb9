"""The routes of the JSON API."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response, StreamingResponse

from tandem.lab.generate import Ending
from tandem.serve import limits
from tandem.serve import questions as ask
from tandem.serve import replies as say
from tandem.serve.batching import Batcher
from tandem.serve.bodies import SaidOnce
from tandem.serve.catalogue import Catalogue, Models, Report, Runs
from tandem.serve.cost import checked_cost
from tandem.serve.jobs import Job, Stream
from tandem.serve.problems import MEDIA_TYPE, Problem, ProblemText
from tandem.serve.served import Shelf

PREFIX = "/api/v1"
ROUTES: dict[str, tuple[type[ask.Question], type[say.Reply]]] = {
    "fill-mask": (ask.FillMask, say.FilledMasks),
    "next": (ask.Next, say.Followed),
    "score": (ask.OneText, say.Scored),
    "classify": (ask.Classify, say.Classified),
    "tag": (ask.OneText, say.Tagged),
    "nli": (ask.Nli, say.Inferred),
    "similarity": (ask.Similarity, say.Alike),
    "embed": (ask.OneText, say.Embedded),
    "translate": (ask.Translate, say.Translated),
    "attention": (ask.Look, say.Attended),
    "influence": (ask.Look, say.Influenced),
}
REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"description": meaning, "content": {MEDIA_TYPE: {"schema": ProblemText.model_json_schema()}}}
    for status, meaning in {
        400: "the body is no JSON", 401: "no token, or a wrong one", 403: "asked by a page of another origin",
        404: "no such model", 405: "asked by another method", 408: "the body came too slowly",
        409: "the model does something else", 413: "too long", 421: "asked under another name",
        422: "cannot be answered", 500: "a fault of the server",
        503: "busy or stopping; Retry-After says when to ask again",
    }.items()
}  # fmt: skip
REFUSALS[503]["headers"] = {"Retry-After": {"description": "seconds", "schema": {"type": "integer"}}}
EVENT = {
    "type": "object",
    "required": ["event", "data"],
    "properties": {"event": {"enum": ["piece", "end", "error"]}, "data": {"type": "string", "description": "JSON"}},
}
STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "events: `piece` {text}; at last `end` {reason, tokens}, or `error` with a problem",
        "content": {"text/event-stream": {"schema": EVENT}},
    }
}
J = TypeVar("J", bound=Job)


def routes(shelf: Shelf, batcher: Batcher, catalogue: Catalogue) -> APIRouter:
    """All routes of the API, answered by the models of `shelf`."""
    router = APIRouter(prefix=PREFIX, responses=REFUSALS, route_class=SaidOnce)

    @router.get("/models")
    async def models() -> Models:
        """The models that are served, and what each can do."""
        return catalogue.models

    @router.get("/runs", response_model=Runs, responses={304: {"description": "as it was sent before"}})
    def runs(request: Request) -> Response:
        """The runs beside those that are served, with their learning curves; live while one trains."""
        content = catalogue.runs().model_dump_json().encode()
        tag = f'"{hashlib.blake2b(content, digest_size=16).hexdigest()}"'
        headers = {"ETag": tag, "Cache-Control": "no-cache"}
        if tag in request.headers.get("If-None-Match", ""):
            return Response(status_code=304, headers=headers)
        return Response(content, media_type="application/json", headers=headers)

    @router.get("/report")
    def report(run: Annotated[str, Query(max_length=limits.MODEL_CHARACTERS)]) -> Report:
        """What a finished run's own files say for people; a name is looked up among those of `/runs`."""
        return catalogue.report(run)

    def add(action: str, question: type[ask.Question], reply: type[say.Reply]) -> None:
        async def answer(asked: question) -> Response:  # type: ignore[valid-type]
            job = await _job(shelf, action, asked, Job)
            return Response(await batcher.answer(job), media_type="application/json")

        router.add_api_route(
            f"/{action}", answer, methods=["POST"], response_model=reply, name=action, description=question.__doc__
        )

    for action, (question, reply) in ROUTES.items():
        add(action, question, reply)

    @router.post("/generate", response_class=StreamingResponse, responses=STREAM)
    async def generate(asked: ask.Generate) -> StreamingResponse:
        """How a text goes on, as server-sent events."""
        job = await _job(shelf, "generate", asked, Stream)
        batcher.accept(job)
        events = _events(job)
        # Begun here: a client that leaves before the answer begins must end the work too.
        first = await anext(events)
        return StreamingResponse(_followed(first, events), media_type="text/event-stream")

    return router


async def _job(shelf: Shelf, action: str, asked: ask.Question, kind: type[J]) -> J:
    """The question as a job for the queue.

    Raises:
        Problem: no such model, or too long.
    """
    served = shelf.find(asked.model, action)
    loop = asyncio.get_running_loop()
    deadline = loop.time() + limits.DEADLINE_SECONDS
    if sum(map(len, asked.texts)) > limits.SHORT_CHARACTERS:
        tokens = await asyncio.to_thread(checked_cost, served, action, asked)
    else:
        tokens = checked_cost(served, action, asked)
    return kind(served, action, asked, tokens, deadline, loop)


async def _next(job: Stream) -> str | Ending | Exception | None:
    """What comes next of a text; None when its time is over."""
    try:
        async with asyncio.timeout_at(job.deadline):
            return await job.found.get()
    except TimeoutError:
        return None


async def _events(job: Stream) -> AsyncIterator[bytes]:
    """What is told of a text. What is wrong with the question is found before anything else, and raised."""
    is_first = True
    try:
        while True:
            match await _next(job):
                case str(text):
                    yield _event("piece", {"text": text})
                case Ending(tokens, reason):
                    yield _event("end", {"reason": reason, "tokens": tokens})
                    return
                case None:
                    yield _event("end", {"reason": "deadline", "tokens": None})
                    return
                case Exception() as error:
                    if is_first:
                        raise error
                    yield _event("error", Problem.of(error).text().model_dump())
                    return
            is_first = False
    finally:
        job.gone = True


async def _followed(first: bytes, others: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for one in others:
        yield one


def _event(name: str, data: dict[str, Any]) -> bytes:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode(errors="replace")
