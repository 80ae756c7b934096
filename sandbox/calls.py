"""One request as a stand-in sees it, and the answers that it gives."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.responses import Response


@dataclass
class Call:
    """A request. `path` is the real one (without the platform's prefix), `parts` its variable pieces,
    `base` the sandbox's address with the platform's prefix, for URLs in answers. `whole`: answer in one piece, a fault may have to cut it."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    base: str
    whole: bool = False
    parts: dict[str, str] = field(default_factory=dict)

    def json(self) -> Any:
        """The body as JSON; None if it is none."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return None

    def form(self) -> dict[str, str]:
        """The body's fields, whether sent as a form or as JSON (token endpoints take both)."""
        if "json" in self.headers.get("content-type", ""):
            found = self.json()
            return {name: str(value) for name, value in found.items()} if isinstance(found, dict) else {}
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    def bearer(self) -> str | None:
        """The token of an `Authorization: Bearer` header."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else None

    def array(self, name: str) -> list[Any] | None:
        """A query parameter that holds a JSON array; None if it is missing or something else."""
        try:
            found = json.loads(self.query.get(name, ""))
        except json.JSONDecodeError:
            return None
        return found if isinstance(found, list) else None


Handler = Callable[[Call], Response]


def answer(
    body: Any, status: int = 200, headers: dict[str, str] | None = None, kind: str = "application/json"
) -> Response:
    """A JSON answer."""
    content = orjson.dumps(body, option=orjson.OPT_NON_STR_KEYS)
    return Response(content, status, headers=headers, media_type=kind)


class Refused(Exception):
    """Ends a handler with an answer: the platform's error body."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status_code)
        self.response = response
