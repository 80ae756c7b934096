"""How a fault changes an answer, or takes its place."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import orjson
from starlette.responses import HTMLResponse, Response

from sandbox.calls import Call
from sandbox.faults import Fault
from sandbox.platforms._base import Platform

ERROR_PAGE = (
    "<!DOCTYPE html><html><head><title>Error</title></head><body><h1>Something went wrong</h1></body></html>"
)
_CURRENCIES = {
    "currency", "currencyCode", "currency_code", "account_currency", "preferred_currency", "presentmentCurrencyCode",
}  # fmt: skip


def instead(platform: Platform, fault: Fault) -> Response | None:
    """The answer that takes the place of the real one; None for a fault that changes the real one."""
    if fault.kind == "rate_limited":
        return platform.rate_limited(_retry_after(platform, fault))
    if fault.kind == "server_error":
        return (platform.inner_error() if fault.status == 200 else None) or _server_error(fault)
    if fault.kind == "html":
        return HTMLResponse(ERROR_PAGE)
    if fault.kind == "expired":
        return platform.expired()
    if fault.kind == "day_limit":
        return platform.day_limit()
    return platform.too_much() if fault.kind == "too_much" else None


def _retry_after(platform: Platform, fault: Fault) -> dict[str, str]:
    if fault.retry_after is None:
        return {}
    if fault.retry_after == "date":
        at = platform.world.now + timedelta(seconds=2)
        return {"Retry-After": format_datetime(at, usegmt=True)}
    return {"Retry-After": str(fault.retry_after)}


def _server_error(fault: Fault) -> Response:
    status = 500 if fault.status == 200 else fault.status
    if fault.html:
        return HTMLResponse(ERROR_PAGE, status)
    return Response(b'{"error":"internal"}', status, media_type="application/json")


def change(platform: Platform, fault: Fault, call: Call, response: Response) -> Response | None:
    """The real answer, damaged; None if this fault does not apply to it (then it waits for the next)."""
    if response.status_code != 200 or "json" not in (response.media_type or ""):
        return None
    body = bytes(response.body)
    if fault.kind == "truncated_json":
        return _like(response, body[: max(len(body) // 2, 1)])
    if fault.kind == "truncated_gzip":
        packed = gzip.compress(body)
        return _like(response, packed[: len(packed) // 2], {"Content-Encoding": "gzip"})
    if "jsonl" in (response.media_type or ""):
        return None
    content = _damaged(platform, fault, call, orjson.loads(body))
    return None if content is None else _like(response, orjson.dumps(content))


def _damaged(platform: Platform, fault: Fault, call: Call, body: Any) -> Any | None:
    if fault.kind == "same_page":
        return platform.same_page(call, body)
    if fault.kind == "empty":
        return platform.empty(call, body)
    if fault.kind == "incomplete":
        return platform.incomplete(call, body)
    if fault.kind == "missing_field":
        return _walk(body, {fault.name}, None)
    if fault.kind == "field_type":
        return _walk(body, {fault.name}, lambda _: {"unexpected": ["shape"]})
    if fault.kind == "unknown_currency":
        return _walk(body, _CURRENCIES, lambda _: "ZZZ")
    return None


def _walk(body: Any, names: set[str], replace: Callable[[Any], Any] | None) -> Any | None:
    """The body with these fields changed (or removed) everywhere; None if it has none of them."""
    found = [False]

    def visit(value: Any) -> Any:
        if isinstance(value, list):
            return [visit(item) for item in value]
        if not isinstance(value, dict):
            return value
        kept = {}
        for name, item in value.items():
            if name not in names:
                kept[name] = visit(item)
                continue
            found[0] = True
            if replace:
                kept[name] = replace(item)
        return kept

    changed = visit(body)
    return changed if found[0] else None


def _like(response: Response, body: bytes, headers: dict[str, str] | None = None) -> Response:
    kept = {
        name: value
        for name, value in response.headers.items()
        if name not in {"content-length", "content-type"}
    }
    return Response(
        body, response.status_code, headers=kept | (headers or {}), media_type=response.media_type
    )
