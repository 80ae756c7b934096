"""The sandbox as a server in this process: on a free port of 127.0.0.1, in a thread that ends with us."""

from __future__ import annotations

import socket
import struct
import threading
from asyncio import Transport
from types import TracebackType
from typing import Any, cast

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from sandbox import platforms
from sandbox.faults import Faults
from sandbox.server import application
from sandbox.world import World


class _Protocol(H11Protocol):
    """HTTP/1.1, with a way to break the connection the way a failing network does."""

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.access_log = False  # uvicorn asks the process's loggers, which are not the sandbox's alone
        inner = self.app

        async def app(scope: Any, receive: Any, send: Any) -> None:
            scope.setdefault("extensions", {})["sandbox.abort"] = self._abort
            await inner(scope, receive, send)

        self.app = app

    def _abort(self) -> None:
        raw = cast(socket.socket | None, self.transport.get_extra_info("socket"))
        if raw is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()


class Server:
    """A running sandbox. `address` is its URL, `base_urls` the map that `PLATFORM_BASE_URLS` takes, `world`
    and `faults` what it answers from. Use it in a `with`, or call `close`."""

    def __init__(self, world: World | None = None, faults: Faults | None = None, port: int = 0) -> None:
        self.world = world or World()
        self.faults = faults or Faults(self.world.seed)
        # asyncio switches Nagle's delay (40 ms an answer) off only for sockets that name their protocol.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", port))
        self._socket.listen(128)
        self.address = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.base_urls = base_urls(self.address)
        config = uvicorn.Config(
            application(self.world, self.faults),
            http=_Protocol,
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name="sandbox", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop, and give the port back."""
        self._server.should_exit = True
        self._thread.join(5)
        self._socket.close()

    def wait(self) -> None:
        """Serve until interrupted."""
        while self._thread.is_alive():
            self._thread.join(1)

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def base_urls(address: str) -> dict[str, str]:
    """Platform → URL of its stand-in, for `PLATFORM_BASE_URLS`."""
    return {slug: f"{address}/{slug}" for slug in platforms.NAMES}


def local(world: World | None = None, faults: Faults | None = None) -> Server:
    """A sandbox of one's own on a free port. It listens when this returns."""
    return Server(world, faults)


_shared: list[Server] = []
_starting = threading.Lock()


def shared() -> str:
    """The address of this process's one sandbox with the default world, started at the first call."""
    with _starting:
        if not _shared:
            _shared.append(local())
        return _shared[0].address
