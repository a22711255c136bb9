"""The application: models behind a queue, the API, the pages, and what watches over them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from tandem.core.errors import TandemError
from tandem.serve.api import PREFIX, routes
from tandem.serve.batching import Batcher
from tandem.serve.catalogue import Catalogue
from tandem.serve.guards import Access, Guards
from tandem.serve.metrics import Metrics
from tandem.serve.pages import missing_page, mount_pages, wants_page
from tandem.serve.problems import Problem
from tandem.serve.served import Served, Shelf


def create_app(served: Sequence[Served], *, access: Access, batcher: Batcher | None = None) -> FastAPI:
    """The application over these models. Its `state.batcher` is the queue, by which it can be stopped."""
    batcher = batcher or Batcher(Metrics())

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        batcher.start()
        yield
        await batcher.end()

    # The library's own pages of documentation load scripts from elsewhere.
    app = FastAPI(
        title="Tandem", version="1", summary="Small language encoders: ask and compare them.", lifespan=lifespan,
        docs_url=None, redoc_url=None, redirect_slashes=False, strict_content_type=True,
    )  # fmt: skip
    app.state.batcher = batcher
    app.include_router(routes(Shelf(served), batcher, Catalogue(served)))
    _add_health(app, batcher)
    _add_problems(app)
    known = frozenset(app.openapi()["paths"]) | {"/livez", "/readyz", "/metrics", "/openapi.json"}
    mount_pages(app)
    app.add_middleware(Guards, access=access, batcher=batcher, routes=known)
    return app


def _add_health(app: FastAPI, batcher: Batcher) -> None:
    @app.get("/livez", include_in_schema=False)
    async def livez() -> JSONResponse:
        if not (batcher.is_alive or batcher.is_stopping):
            raise Problem(500, "the thread that answers has ended", fix="start the server again")
        return JSONResponse({"status": "alive"})

    @app.get("/readyz", include_in_schema=False)
    async def readyz() -> JSONResponse:
        if batcher.is_stopping:
            raise Problem(503, "the server is stopping", fix="ask another one", retry_after=5)
        return JSONResponse({"status": "ready"})

    @app.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        return Response(batcher.metrics.text(), media_type=batcher.metrics.media_type)


def _add_problems(app: FastAPI) -> None:
    @app.exception_handler(Problem)
    async def refused(_: Request, problem: Problem) -> Response:
        return problem.response()

    @app.exception_handler(TandemError)
    async def unanswered(_: Request, error: TandemError) -> Response:
        return Problem.of(error).response()

    @app.exception_handler(Exception)
    async def failed(_: Request, error: Exception) -> Response:
        return Problem.of(error).response()

    @app.exception_handler(RequestValidationError)
    async def illegal(_: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        if first["type"] == "json_invalid":
            return Problem(400, "the body is no JSON", fix="send one JSON object").response()
        place = ".".join(str(part) for part in first["loc"][1:]) or "body"
        fix = "send a JSON object with Content-Type: application/json; /openapi.json says what is legal"
        return Problem(422, f"{place[:100]}: {first['msg']}", fix=fix).response()

    @app.exception_handler(HTTPException)
    async def other(request: Request, error: HTTPException) -> Response:
        if error.status_code == 404 and wants_page(request):
            return missing_page(request)
        fix = f"the API is at {PREFIX}; /openapi.json lists what there is"
        return Problem(error.status_code, str(error.detail), fix=fix).response(dict(error.headers or {}))
