"""Does the runs that pages ask for: claims one, beats while it works, and records how it ended.

Each run's work is one transaction, so a process that dies leaves nothing half-written, and whoever takes
the run over starts it again from the beginning.
"""

from __future__ import annotations

import errno
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from errors import SoundingsError, StoreUnavailable
from store import audit, batches, db, people, runs, uploads
from store.db import Connection
from store.runs import Run
from syncing import demo, imports, layers

_BEAT_SECONDS = 5.0
_log = logging.getLogger(__name__)
Say = Callable[[str, int, int | None], None]


def name() -> str:
    """What this process calls itself in the store."""
    return f"{socket.gethostname()}:{os.getpid()}"


def _inspect(connection: Connection, run: Run, say: Say) -> dict[str, Any]:
    params = run.params
    found = imports.inspect(connection, run.project_id, params["upload_id"], params.get("answers", {}), say)
    return {"tables": found}


def _import(connection: Connection, run: Run, say: Say) -> dict[str, Any]:
    params = run.params
    made = imports.import_upload(
        connection,
        run.project_id,
        params["upload_id"],
        params["answers"],
        params["tables"],
        run.requested_by,
        say,
    )
    for batch_id in made:
        batch = batches.read(connection, run.project_id, batch_id)
        _record(
            connection, run, "import", batch.title, {"batch": batch_id, "rows": batch.rows, **batch.result}
        )
    return {"batches": made}


def _undo(connection: Connection, run: Run, say: Say) -> dict[str, Any]:
    batch_id = int(run.params["batch_id"])
    layers.undo(connection, run.project_id, batch_id, run.requested_by, say)
    batch = batches.read(connection, run.project_id, batch_id)
    _record(connection, run, "undo_import", batch.title, {"batch": batch_id, "rows": batch.rows})
    return {"batch": batch_id}


def _demo(connection: Connection, run: Run, say: Say) -> dict[str, Any]:
    made = demo.fill(connection, run.project_id, run.requested_by, say)
    _record(connection, run, "fill_demo", demo.NAME, {"imports": len(made)})
    return {"batches": made}


WORK: dict[str, Callable[[Connection, Run, Say], dict[str, Any]]] = {
    "inspect": _inspect,
    "import": _import,
    "undo": _undo,
    "demo": _demo,
}


def _record(connection: Connection, run: Run, action: str, subject: str, details: dict[str, Any]) -> None:
    who = people.find(connection, run.requested_by) if run.requested_by else None
    audit.record(
        connection, who=who, action=action, subject=subject, project_id=run.project_id, details=details
    )


@contextmanager
def _beating(run_id: int, sidecar: str) -> Iterator[None]:
    """Keep the run's heartbeat fresh from a thread, whatever the work is busy with."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(_BEAT_SECONDS):
            try:
                with db.instance() as connection:
                    runs.beat(connection, run_id, sidecar)
            except SoundingsError as error:
                _log.warning("run %s: heartbeat missed: %s", run_id, error)

    thread = threading.Thread(target=beat, name=f"beat-{run_id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _speaker(run_id: int) -> Say:
    """Writes progress at most twice a second, in a transaction of its own so that pages see it at once."""
    last: list[Any] = [0.0, ""]

    def say(stage: str, done: int, total: int | None) -> None:
        now = time.monotonic()
        if stage == last[1] and now - last[0] < 0.5:
            return
        last[:] = [now, stage]
        with db.instance() as connection:
            runs.progress(connection, run_id, stage, done, total)

    return say


def work_once(sidecar: str | None = None) -> bool:
    """Claim and do one run. False when nothing waits."""
    sidecar = sidecar or name()
    with db.instance() as connection:
        run = runs.claim(connection, sidecar)
    if run is None:
        return False
    with _beating(run.id, sidecar):
        _do(run, sidecar)
    return True


def _do(run: Run, sidecar: str) -> None:
    try:
        with db.project(run.project_id) as connection:
            result = WORK[run.kind](connection, run, _speaker(run.id))
            if not runs.beat(connection, run.id, sidecar):
                raise StoreUnavailable("Another process took this over.")
            runs.finish(connection, run.id, result)
    except StoreUnavailable:
        _log.warning("run %s: the database went away; the run will be taken up again", run.id)
    except SoundingsError as error:
        _fail(run, str(error))
    except Exception as error:
        _fail(run, _unforeseen(run, error))


def _unforeseen(run: Run, error: Exception) -> str:
    """What to tell of an error that nobody raised on purpose: a reference to the log, where the details are."""
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return "The server's disk is full. Nothing was written. Whoever runs the server must free some space."
    reference = uuid4().hex[:8]
    _log.error("run %s failed, reference %s", run.id, reference, exc_info=error)
    return f"Something broke on our side; nothing was written. Reference for the log: {reference}."


def _fail(run: Run, message: str) -> None:
    with db.project(run.project_id) as connection:
        runs.fail(connection, run.id, message)
        upload_id = run.params.get("upload_id")
        if upload_id and run.kind == "inspect":
            uploads.change(connection, run.project_id, int(upload_id), state="unreadable", reason=message)
        elif upload_id:
            uploads.change(connection, run.project_id, int(upload_id), state="understood")


def work(stop: threading.Event, wake: threading.Event, idle_seconds: float = 5.0) -> None:
    """Do runs until told to stop; sleeps until woken or until `idle_seconds` passed."""
    while not stop.is_set():
        try:
            busy = work_once()
        except SoundingsError as error:
            _log.warning("cannot take up work: %s", error)
            busy = False
        except Exception:
            _log.exception("cannot take up work")
            busy = False
        if not busy:
            wake.wait(idle_seconds)
            wake.clear()
