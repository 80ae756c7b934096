"""Does the runs that pages ask for: claims one, beats while it works, and records how it ended.

The work of an import is one transaction, so a process that dies leaves nothing half-written, and whoever
takes the run over starts it again from the beginning. A sync commits chunk by chunk and goes on from there.
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
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import uuid4

from connectors._redaction import clean
from errors import SoundingsError, Stopped, StoreUnavailable, TryLater, Unreachable
from store import audit, batches, db, orders, people, runs, sources, uploads
from store.db import Connection
from store.runs import Run
from syncing import demo, imports, layers, sync
from syncing.working import Working

_BEAT_SECONDS = 5.0
_MOST_RETRIES = 3
_RETRY_SECONDS = 300
_log = logging.getLogger(__name__)
Say = Callable[[str, int, int | None], None]
Kind = Literal["sync", "other"]


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
    made = demo.connect(connection, run.project_id, run.requested_by, say)
    _record(connection, run, "fill_demo", demo.NAME, made)
    return made


def _remove(connection: Connection, run: Run, say: Say) -> dict[str, Any]:
    removed = []
    for n, source_id in enumerate(run.params["source_ids"]):
        source = sources.read(connection, run.project_id, int(source_id))
        say(f"Removing {source.name}", n, len(run.params["source_ids"]))
        orders.clear(connection, run.project_id, source.id, run.id)
        sources.delete(connection, run.project_id, source.id)
        removed.append(source.name)
        _record(connection, run, "delete_source", source.name, {"source": source.id})
    return {"removed": removed}


WORK: dict[str, Callable[[Connection, Run, Say], dict[str, Any]]] = {
    "inspect": _inspect,
    "import": _import,
    "undo": _undo,
    "demo": _demo,
    "remove": _remove,
}


def _record(connection: Connection, run: Run, action: str, subject: str, details: dict[str, Any]) -> None:
    who = people.find(connection, run.requested_by) if run.requested_by else None
    audit.record(
        connection, who=who, action=action, subject=subject, project_id=run.project_id, details=details
    )


@contextmanager
def _beating(run_id: int, sidecar: str, lost: threading.Event) -> Iterator[None]:
    """Keep the run's heartbeat fresh from a thread, whatever the work is busy with; `lost` is set when it is
    no longer ours."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(_BEAT_SECONDS):
            try:
                with db.instance() as connection:
                    if not runs.beat(connection, run_id, sidecar):
                        lost.set()
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


def work_once(
    sidecar: str | None = None, *, kind: Kind | None = None, stop: threading.Event | None = None
) -> bool:
    """Claim and do one run (of one kind: syncs, or all else). False when nothing waits."""
    # Not the process alone: after a stall, a thread must not mistake a run that another one took over for its own.
    sidecar = sidecar or f"{name()}:{threading.current_thread().name}"
    with db.instance() as connection:
        run = runs.claim(connection, sidecar, kind)
    if run is None:
        return False
    working = Working(run.id, sidecar, _speaker(run.id), stop or threading.Event())
    with _beating(run.id, sidecar, working.lost):
        if run.kind == "sync":
            _sync(run, working)
        else:
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


def _sync(run: Run, working: Working) -> None:
    """A sync commits chunk by chunk, so how it ends is a matter of its own."""
    try:
        result = sync.perform(run, working)
        with db.project(run.project_id) as connection:
            runs.finish(connection, run.id, result)
            _record(connection, run, "sync", _source_name(connection, run), result)
    except StoreUnavailable:
        _log.warning("run %s: the database went away; the run will be taken up again", run.id)
    except Stopped:
        if not working.lost.is_set():
            with db.instance() as connection:
                runs.release(connection, run.id, working.sidecar)
    except TryLater as error:
        _park(run, working, error)
    except SoundingsError as error:
        _fail(run, clean(str(error)))
    except Exception as error:
        if _is_gone(run):
            _log.info("run %s ended with its project", run.id)
        else:
            _fail(run, clean(_unforeseen(run, error)))


def _is_gone(run: Run) -> bool:
    """Whether the run went away while it was at work: its project was deleted."""
    with db.instance() as connection:
        return not runs.exists(connection, run.id)


def _park(run: Run, working: Working, error: TryLater) -> None:
    """Let a run wait for the platform; one that failed so again and again is given up until its next time."""
    if isinstance(error, Unreachable) and run.parked >= _MOST_RETRIES:
        _fail(
            run,
            f"{clean(str(error))} It was tried {run.parked + 1} times and is tried again at its next time.",
        )
        return
    seconds = error.seconds or _RETRY_SECONDS * 4 ** min(run.parked, 3)
    until = datetime.now(UTC) + timedelta(seconds=seconds)
    with db.instance() as connection:
        runs.park(connection, run.id, working.sidecar, until, clean(str(error)))


def _source_name(connection: Connection, run: Run) -> str:
    return sources.read(connection, run.project_id, run.source_id or 0).name


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


def work(
    stop: threading.Event, wake: threading.Event, idle_seconds: float = 5.0, kind: Kind | None = None
) -> None:
    """Do runs (of one kind) until told to stop; sleeps until woken or until `idle_seconds` passed."""
    while not stop.is_set():
        try:
            busy = work_once(kind=kind, stop=stop)
        except SoundingsError as error:
            _log.warning("cannot take up work: %s", error)
            busy = False
        except Exception:
            _log.exception("cannot take up work")
            busy = False
        if not busy:
            wake.wait(idle_seconds)
            wake.clear()
