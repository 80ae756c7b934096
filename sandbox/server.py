"""The server: every platform under its own prefix, faults in between, and a door for those who test.

`http://host:port/<platform><path of the real URL>` answers as the platform would. `/_sandbox/faults` (GET,
POST one fault or {"reconnect": platform}, DELETE all) and `/_sandbox/log` are for tests; they are no part of any platform.
"""

from __future__ import annotations

import asyncio
import re
from typing import Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route, compile_path

from sandbox import damage, platforms
from sandbox.calls import Call, Handler, Refused, answer
from sandbox.faults import Fault, Faults
from sandbox.platforms._base import Platform
from sandbox.tokens import Tokens
from sandbox.world import World

_SIGN_IN = re.compile(r"(token|revoke)/?$")
"""Token endpoints: an access token that has ended plays no part there."""
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
_SECRET = {"access_token", "client_secret", "secret", "refresh_token", "code", "auth_code", "appsecret_proof",
           "input_token", "fb_exchange_token", "assertion"}  # fmt: skip


class Stand:
    """One platform at its prefix: finds the handler, lets faults strike, writes the log."""

    def __init__(self, platform: Platform, faults: Faults) -> None:
        self.platform = platform
        self.faults = faults
        self._fixed: dict[tuple[str, str], Handler] = {}
        self._patterns: list[tuple[str, Any, Handler]] = []
        for (method, path), handler in platform.routes().items():
            if "{" in path:
                self._patterns.append((method, compile_path(path)[0], handler))
            else:
                self._fixed[method, path] = handler

    async def __call__(self, request: Request) -> Response:
        """Answer one request."""
        call = await _call(request, self.platform.slug)
        self._sync_revocation()
        target = call.path + "?" + request.url.query
        fault = self.faults.find(self.platform.slug, target)
        call.whole = fault is not None
        response, struck = await self._respond(request, call, fault)
        self.faults.note(
            at=self.platform.world.now.isoformat(),
            platform=self.platform.slug,
            method=call.method,
            path=call.path,
            query={name: "…" if name in _SECRET else value for name, value in call.query.items()},
            status=response.status_code if response else 0,
            fault=struck,
        )
        if response is None:
            return _reset(request)
        return response

    async def _respond(
        self, request: Request, call: Call, fault: Fault | None
    ) -> tuple[Response | None, str]:
        """The answer (None: no answer, the connection breaks) and the fault that struck."""
        if fault is None or (fault.kind == "expired" and _SIGN_IN.search(call.path)):
            return self.answer(call), ""
        if fault.kind == "slow":
            if self.faults.strike(fault):
                await asyncio.sleep(fault.seconds)
            return self.answer(call), fault.kind
        if fault.kind == "reset":
            return (None, fault.kind) if self.faults.strike(fault) else (self.answer(call), "")
        found = damage.instead(self.platform, fault)
        if found is None:
            real = self.answer(call)
            found = damage.change(self.platform, fault, call, real)
            if found is None:
                return real, ""
        return (found, fault.kind) if self.faults.strike(fault) else (self.answer(call), "")

    def answer(self, call: Call) -> Response:
        """What the platform answers without faults."""
        handler = self._find(call)
        if handler is None:
            return self.platform.not_found(call)
        try:
            return handler(call)
        except Refused as refused:
            return refused.response

    def _find(self, call: Call) -> Handler | None:
        fixed = self._fixed.get((call.method, call.path))
        if fixed:
            return fixed
        for method, pattern, handler in self._patterns:
            match = pattern.match(call.path) if method == call.method else None
            if match:
                call.parts = match.groupdict()
                return handler
        return None

    def _sync_revocation(self) -> None:
        slug, tokens = self.platform.slug, self.platform.tokens
        if slug in self.faults.revoked():
            if not tokens.is_revoked(slug):
                tokens.revoke(slug)
        elif tokens.is_revoked(slug):
            tokens.restore(slug)


async def _call(request: Request, slug: str) -> Call:
    try:
        body = await request.body()
    except ClientDisconnect:
        body = b""
    root = str(request.base_url).rstrip("/")
    return Call(
        method=request.method,
        path=request.url.path.removeprefix("/" + slug) or "/",
        query=dict(parse_qsl(request.url.query, keep_blank_values=True)),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body,
        base=f"{root}/{slug}",
    )


def _reset(request: Request) -> Response:
    """Break the connection without an answer, if the server lets us; `serving` does."""
    abort = request.scope.get("extensions", {}).get("sandbox.abort")
    if abort is None:
        raise ConnectionResetError("The sandbox broke this connection, as it was asked to.")
    abort()
    return Response(status_code=502)


def application(world: World | None = None, faults: Faults | None = None) -> Starlette:
    """The ASGI app over one world. `app.state.platforms` holds the stand-ins, `app.state.faults` the faults."""
    world = world or World()
    faults = faults or Faults(world.seed)
    tokens = Tokens(world)
    found = {slug: make(world, tokens) for slug, make in platforms.load().items()}
    routes = [Route("/", _index, methods=["GET"])]
    routes.append(Route("/_sandbox/faults", _faults, methods=["GET", "POST", "DELETE"]))
    routes.append(Route("/_sandbox/log", _log, methods=["GET"]))
    for slug, platform in found.items():
        routes.append(Route(f"/{slug}/{{path:path}}", Stand(platform, faults).__call__, methods=METHODS))
    app = Starlette(routes=routes)
    app.state.world, app.state.faults, app.state.platforms = world, faults, found
    return app


async def _index(request: Request) -> Response:
    names = "".join(f"<li>{slug}</li>" for slug in request.app.state.platforms)
    return HTMLResponse(f"<!DOCTYPE html><title>Sandbox</title><h1>Sandbox</h1><ul>{names}</ul>")


async def _faults(request: Request) -> Response:
    faults: Faults = request.app.state.faults
    if request.method == "DELETE":
        faults.clear()
    elif request.method == "POST":
        settings = await request.json()
        try:
            if "reconnect" in settings:
                faults.reconnect(settings["reconnect"])
            else:
                faults.add(**settings)
        except (TypeError, ValueError) as error:
            return answer({"error": str(error)}, 400)
    return answer({"faults": faults.active(), "revoked": sorted(faults.revoked())})


async def _log(request: Request) -> Response:
    return answer({"log": request.app.state.faults.log(request.query_params.get("platform", ""))})
