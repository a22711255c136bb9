"""How the body of a question is read: one JSON object that says everything once."""

import json
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute


class SaidOnce(APIRoute):
    """A route whose body may not hold a key twice: of two values, readers of JSON take the one or the other."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()

        async def read(request: Request) -> Response:
            return await answer(_Request(request.scope, request.receive))

        return read


class _Request(Request):
    async def json(self) -> Any:
        body = await self.body()
        try:
            return json.loads(body, object_pairs_hook=_once)
        except (RecursionError, ValueError) as error:
            # The one error of which the framework keeps what was wrong.
            raise json.JSONDecodeError(getattr(error, "msg", str(error)), "", 0) from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice in an object")
    return found
