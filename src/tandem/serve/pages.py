"""The pages for people: HTML around the JSON API, and the files that the pages are made of."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates

from tandem.serve import limits

HERE = Path(__file__).parent
POLICY = "; ".join(
    (
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'",
        "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
    )
)  # fmt: skip
"""What a page may load: files of this server, and nothing written into the page itself."""


@dataclass(frozen=True)
class Page:
    """A page: the name of its address, template and script; what the menu calls it; what it is for."""

    name: str
    title: str
    lead: str


PAGES = (
    Page("agree", "Agree?", "Does the second sentence follow from the first, contradict it, or neither?"),
    Page("fill", "Fill and continue", "Which word belongs into the gap, and how would the text go on?"),
    Page("classify", "Classify and tag", "What kind of text is this, which words decide it, and what is each word?"),
    Page("translate", "Translate", "A translation, and what each of its words was told from."),
    Page("look", "Look inside", "What each model attends to, what moves it, and what surprises it."),
    Page("runs", "Runs", "How every run learns, what it costs, and what it scores."),
)
REPORT = Page("report", "Report", "What one run is, how it has learnt, and what its own files say of it.")
"""Each run on the last page leads to it."""
MISSING = Page("missing", "No such page", "There is nothing at this address.")


class _Files(StaticFiles):
    """Files that a browser keeps and asks about each time: they have tags, so what has not changed is not sent."""

    def file_response(self, *arguments: Any, **options: Any) -> Response:
        response = super().file_response(*arguments, **options)
        response.headers["Cache-Control"] = "no-cache"
        return response


LOADER = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined)
TEMPLATES = Jinja2Templates(env=LOADER)


def mount_pages(app: FastAPI, corpora: Collection[str] = ()) -> None:
    """Adds the pages at `/NAME`, their files under `/static`, and `/`, which leads to the first page.

    `corpora` are the names of those that models which translate have learnt from: texts to try are of their kind.
    """
    app.mount("/static", _Files(directory=HERE / "static"), name="static")

    def home() -> RedirectResponse:
        return RedirectResponse(f"/{PAGES[0].name}")

    app.add_api_route("/", home, include_in_schema=False)
    for page in (*PAGES, REPORT):
        app.add_api_route(f"/{page.name}", _shown(page, corpora), include_in_schema=False)


def wants_page(request: Request) -> bool:
    """Whether it is a person's browser that asks, and not for the API or a file."""
    is_page = not request.url.path.startswith(("/api/", "/static/"))
    return is_page and request.method == "GET" and "text/html" in request.headers.get("accept", "")


def missing_page(request: Request) -> HTMLResponse:
    """What a person reads at an address that does not exist."""
    return _shown(MISSING, status=404)(request)


def _shown(page: Page, corpora: Collection[str] = (), *, status: int = 200) -> Callable[[Request], HTMLResponse]:
    def show(request: Request) -> HTMLResponse:
        headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"}
        content = {"page": page, "pages": PAGES, "limits": limits, "corpora": corpora}
        return TEMPLATES.TemplateResponse(request, f"{page.name}.html", content, status, headers)

    return show
