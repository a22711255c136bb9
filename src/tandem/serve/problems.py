"""What a client did wrong, or what keeps the server from answering, as one JSON object (RFC 9457)."""

import json
import re
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel
from starlette.responses import Response

from tandem.core.errors import DataError, TandemError, UsageError
from tandem.text.readable import readable

SHOWN, PLACE, MOST_TOLD = 300, 100, 5
MEDIA_TYPE = "application/problem+json"
TITLES = {
    400: "Not JSON",
    401: "No access",
    403: "Not from here",
    404: "Not found",
    405: "Wrong method",
    408: "Too slow",
    409: "Not what this model does",
    413: "Too long",
    421: "Not this server",
    422: "Cannot be answered",
    500: "A fault of the server",
    503: "Busy",
}


class ProblemText(BaseModel):
    """A refusal: what kind, what exactly, and what to do about it."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    fix: str


class Problem(Exception):  # noqa: N818 - named as in RFC 9457
    """A refusal with a status; `retry_after` says in how many seconds to try again."""

    def __init__(self, status: int, detail: str, *, fix: str, retry_after: int | None = None) -> None:
        super().__init__(detail)
        self.status, self.detail, self.fix, self.retry_after = status, detail, fix, retry_after

    @classmethod
    def of(cls, error: Exception) -> "Problem":
        """What `error` is to a client: the lab's own words where the question was wrong, and no detail otherwise."""
        if isinstance(error, Problem):
            return error
        if isinstance(error, UsageError | DataError):
            # An error of ours ends with what to do, and may begin with the text that was sent.
            detail, _, fix = str(error).rpartition("; ")
            detail, fix = (detail, fix) if detail else (fix, "ask in another way; /openapi.json says what is legal")
            return cls(422, readable(detail, width=SHOWN), fix=fix)
        if isinstance(error, TandemError | MemoryError):
            return cls(500, "the model could not answer", fix="the server's own output says why")
        return cls(500, "the server failed", fix="the server's own output says why; please report it")

    @classmethod
    def of_body(cls, errors: Sequence[Any]) -> "Problem":
        """What pydantic found wrong with a question, all of it."""
        first = errors[0]
        if first["type"] == "json_invalid":
            return cls(400, f"the body is no JSON: {first['ctx']['error'][:SHOWN]}", fix="send one JSON object")
        told = [(".".join(map(str, error["loc"][1:]))[:PLACE] or "body", error) for error in errors[:MOST_TOLD]]
        fixes = dict.fromkeys(_fix(place, error) for place, error in told)
        return cls(422, "; ".join(f"{place}: {error['msg']}" for place, error in told), fix="; ".join(fixes))

    def text(self) -> ProblemText:
        """What a client reads."""
        return ProblemText(
            title=TITLES.get(self.status, "Refused"), status=self.status, detail=self.detail, fix=self.fix
        )

    def response(self, headers: dict[str, str] | None = None) -> Response:
        """The same as an answer."""
        more = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        content = json.dumps(self.text().model_dump(), ensure_ascii=False).encode(errors="replace")
        return Response(content, self.status, {**(headers or {}), **more}, MEDIA_TYPE)


def _fix(place: str, error: Any) -> str:
    if place == "body":
        return "send a JSON object with Content-Type: application/json; /openapi.json says what is legal"
    match error["type"]:
        case "extra_forbidden":
            return f"leave out {place}"
        case "missing":
            return f"send {place}"
    return re.sub(r"^(Input|String) ", f"{place} ", error["msg"])
