"""The application: models behind a queue, the API, the pages, and what watches over them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request, Security
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.security import HTTPBearer
from starlette.exceptions import HTTPException

from tandem.core.errors import TandemError
from tandem.serve.api import PREFIX, routes
from tandem.serve.batching import Batcher
from tandem.serve.catalogue import Catalogue
from tandem.serve.guards import Access, Guards
from tandem.serve.metrics import Metrics
from tandem.serve.pages import missing_page, mount_pages, wants_page
from tandem.serve.problems import Problem
from tandem.serve.rates import measure
from tandem.serve.served import Served, Shelf


def create_app(served: Sequence[Served], *, access: Access, batcher: Batcher | None = None) -> FastAPI:
    """The application over these models. Its `state.batcher` is the queue, by which it can be stopped."""
    batcher = batcher or Batcher(Metrics())
    for one in served:
        measure(one, batcher.rates)

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
    # Only described here: who may ask is asked before, of every request.
    described = [] if access.token is None else [Security(HTTPBearer(auto_error=False))]
    app.include_router(routes(Shelf(served), batcher, Catalogue(served)), dependencies=described)
    _add_health(app, batcher)
    _add_problems(app)
    known = frozenset(app.openapi()["paths"]) | {"/livez", "/readyz", "/metrics", "/openapi.json"}
    mount_pages(app, {str(one.run.recipe.corpus["name"]) for one in served if "translate" in one.can})
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
        if not batcher.is_alive:
            raise Problem(503, "the thread that answers has ended", fix="start the server again", retry_after=5)
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

    @app.exception_handler(RequestValidationError)
    async def illegal(_: Request, error: RequestValidationError) -> Response:
        return Problem.of_body(error.errors()).response()

    @app.exception_handler(HTTPException)
    async def other(request: Request, error: HTTPException) -> Response:
        if error.status_code == 404 and wants_page(request):
            return missing_page(request)
        headers = dict(error.headers or {})
        legal = f"send it as {headers['Allow']}; " if "Allow" in headers else ""
        fix = f"{legal}the API is at {PREFIX}, and /openapi.json lists what there is"
        return Problem(error.status_code, str(error.detail), fix=fix).response(headers)
