"""What every answer carries and what a state-changing request of a browser must show.

A browser's own script is told from another site's by `Sec-Fetch-Site` and `Origin`, which pages cannot
forge, and by a JSON body, which a plain form cannot send.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

import settings
from errors import NotAllowed
from store import attempts

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "SAMEORIGIN",
    "Content-Security-Policy": "frame-ancestors 'self'; object-src 'none'; base-uri 'self'",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
_FOREIGN = "This request did not come from a Soundings page in your browser. Nothing was changed."


def is_https() -> bool:
    """True if people reach the app by https, so that cookies are Secure."""
    return (settings.current().base_url or "").startswith("https://")


class SecurityHeaders:
    """ASGI middleware: protective headers on every HTTP answer, no caching of the API's."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                if is_https():
                    headers.setdefault("Strict-Transport-Security", "max-age=31536000")
                if scope["path"].startswith("/api/"):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _own_hosts(request: Request) -> set[str]:
    own = {request.headers.get("host", "")}
    if base := settings.current().base_url:
        own.add(urlsplit(base).netloc)
    return own - {""}


def from_own_page(request: Request) -> None:
    """FastAPI dependency of routes that a cookie authorises. Raises NotAllowed for another site's request."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    foreign_site = site is not None and site != "same-origin"
    foreign_origin = origin is not None and urlsplit(origin).netloc not in _own_hosts(request)
    if foreign_site or foreign_origin or (site is None and origin is None) or kind != "application/json":
        raise NotAllowed(_FOREIGN)


def client_address(request: Request) -> str:
    """The client's address, through trusted proxies."""
    peer = request.client.host if request.client else None
    return attempts.client_address(peer, request.headers.get("x-forwarded-for"))
