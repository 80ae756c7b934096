"""A platform made of a function: what a connector asks goes in, hand-made answers come out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors._base import Connector, Credentials, Keeper
from connectors._http import Answer, Http
from connectors._limits import Limiter


@dataclass
class Asked:
    """One request as it went out."""

    method: str
    url: str
    parts: dict[str, Any]
    headers: Mapping[str, str]

    @property
    def params(self) -> dict[str, Any]:
        return dict(self.parts.get("params") or {})

    @property
    def body(self) -> Any:
        return self.parts.get("json") or self.parts.get("data")


Reply = Callable[[Asked], Any]
"""Says what a request is answered: a body (200), (status, body) or (status, body, headers)."""


@dataclass
class Played:
    """A connector that talks to `reply`, and what it asked and how long it waited."""

    connector: Any
    asked: list[Asked] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)


def play(
    kind: type[Connector], credentials: dict[str, Any], reply: Reply, keeper: Keeper | None = None
) -> Played:
    """A connector without a network. Waiting takes no time."""
    waits: list[float] = []
    asked: list[Asked] = []
    http = Http("The platform", Limiter(()), wait=lambda seconds, why: waits.append(seconds), delay=0.01)

    def sent(method: str, url: str, *, signed: bool = True, **parts: Any) -> Answer:
        one = Asked(method, url, parts, dict(http.headers()) if signed else {})
        asked.append(one)
        return answered(reply(one))

    http._sent = sent  # type: ignore[method-assign]
    http.lines = lambda url, **more: iter(sent("GET", url, signed=False).body.split(b"\n"))  # type: ignore
    return Played(kind(Credentials(credentials), http, keeper), asked, waits)


def answered(found: Any) -> Answer:
    """What a reply says as an answer. Bytes go out as they are."""
    status, body, headers = 200, found, {}
    if isinstance(found, tuple):
        status, body, headers = (*found, {})[:3]
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status, headers, content)
