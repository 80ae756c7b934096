"""A connector that talks to a running sandbox; waiting takes no time."""

from __future__ import annotations

from datetime import UTC, date, datetime
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests

from connectors._base import Connector, Credentials, Row
from connectors._http import Http
from connectors._limits import Limiter
from sandbox.credentials import credentials
from sandbox.serving import Server
from sandbox.world import World

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def world() -> World:
    """A world at a fixed time with ten weeks of history."""
    return World(now=lambda: NOW, start=date(2026, 9, 10))


def reach(server: Server, kind: type[Connector], way: int = 0, **more: Any) -> Any:
    """A connector for the sandbox's pasted credentials. `waits` of it is how long it would have slept."""
    waits: list[float] = []
    http = Http(
        kind.label, Limiter(()), server.base_urls[kind.slug], delay=0.0, wait=lambda s, why: waits.append(s)
    )
    connector: Any = kind(Credentials(credentials(kind.slug, way=way) | more), http)
    connector.waits = waits
    return connector


def rows(connector: Any, account: Any, slug: str, first: Any, last: Any) -> list[Row]:
    """All rows of a stream."""
    return [
        row for batch in connector.pull(account, connector.stream(slug), first, last) for row in batch.rows
    ]


def allow(connector: Any) -> dict[str, str]:
    """What a person who allows the reading on the sandbox's page brings back in the address."""
    address = connector.http.address(
        connector.allow_address("https://here.example/back", "state-1", "v" * 43)
    )
    page = requests.get(address, timeout=10).text
    link = unescape(page.split('id="allow" href="')[1].split('"')[0])
    return dict(parse_qsl(urlsplit(link).query))
