"""Runs: work that outlives a page. A row here is the work; a sidecar claims it, beats while it works and
writes down how far it is. A run whose beat is old belongs to a sidecar that died: another takes it over.
"""

from __future__ import annotations

import logging
import select
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql

from errors import NotFound
from store import db
from store.models import runs, sidecars

_log = logging.getLogger(__name__)
CHANNEL = "soundings_runs"
LEASE = timedelta(seconds=30)
MOST_ATTEMPTS = 3


@dataclass(frozen=True)
class Run:
    """One piece of work and how far it is. `units_total` is None while the size is not known."""

    id: int
    project_id: int
    kind: str
    state: str
    params: Mapping[str, Any]
    requested_by: int | None
    requested_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    heartbeat_at: datetime | None
    attempts: int
    units_done: int
    units_total: int | None
    stage: str
    error: str | None
    result: Mapping[str, Any] | None
    source_id: int | None = None
    not_before: datetime | None = None
    parked: int = 0
    rows_written: int = 0
    sidecar: str | None = None

    @property
    def is_over(self) -> bool:
        """True once nothing more will happen."""
        return self.state in {"done", "failed", "cancelled"}


_COLUMNS = [runs.c[name] for name in Run.__dataclass_fields__]


def _now() -> datetime:
    return datetime.now(UTC)


def request(
    connection: Connection, project_id: int, kind: str, params: Mapping[str, Any], person_id: int | None
) -> int:
    """Queue a run and wake the sidecars when the transaction commits; the run's id."""
    row = {
        "project_id": project_id,
        "kind": kind,
        "state": "queued",
        "params": dict(params),
        "requested_by": person_id,
        "requested_at": _now(),
    }
    run_id = connection.scalar(sa.insert(runs).values(row).returning(runs.c.id))
    connection.execute(sa.text(f"NOTIFY {CHANNEL}"))
    return int(run_id or 0)


def request_sync(
    connection: Connection, project_id: int, source_id: int, params: Mapping[str, Any], person_id: int | None
) -> tuple[int, bool]:
    """Queue a sync of a source, of which one at most waits or works; the run's id, and whether it is new."""
    row = {
        "project_id": project_id,
        "source_id": source_id,
        "kind": "sync",
        "state": "queued",
        "params": dict(params),
        "requested_by": person_id,
        "requested_at": _now(),
    }
    query = (
        postgresql.insert(runs)
        .values(row)
        .on_conflict_do_nothing(
            index_elements=[runs.c.project_id, runs.c.source_id],
            index_where=sa.text("kind = 'sync' AND state IN ('queued', 'running')"),
        )
    )
    run_id = connection.scalar(query.returning(runs.c.id))
    if run_id is not None:
        connection.execute(sa.text(f"NOTIFY {CHANNEL}"))
        return int(run_id), True
    known = active_sync(connection, project_id, source_id)
    assert known is not None
    return known.id, False


def active_sync(connection: Connection, project_id: int, source_id: int) -> Run | None:
    """The sync of a source that waits or works, if there is one."""
    query = sa.select(*_COLUMNS).where(
        runs.c.project_id == project_id,
        runs.c.source_id == source_id,
        runs.c.kind == "sync",
        runs.c.state.in_(["queued", "running"]),
    )
    row = connection.execute(query).one_or_none()
    return Run(**row._mapping) if row else None


def claim(connection: Connection, sidecar: str, kind: Literal["sync", "other"] | None = None) -> Run | None:
    """Take the oldest run that waits, or one whose sidecar stopped beating. None when there is nothing to do.

    A run is given up after three attempts without progress, so that one that kills its sidecar does not do
    so for ever. `kind` takes only syncs, or only other runs.
    """
    now = _now()
    abandoned = sa.and_(runs.c.state == "running", runs.c.heartbeat_at < now - LEASE)
    connection.execute(
        sa.update(runs)
        .where(abandoned, runs.c.attempts >= MOST_ATTEMPTS)
        .values(
            state="failed",
            finished_at=now,
            error="This was started three times and its process ended each time. Nothing more was written. "
            "Try a smaller file or period, or look into the server's log.",
        )
    )
    waiting = (
        sa.select(runs.c.id)
        .where(
            sa.or_(
                sa.and_(
                    runs.c.state == "queued", sa.or_(runs.c.not_before.is_(None), runs.c.not_before <= now)
                ),
                abandoned,
            ),
            {None: sa.true(), "sync": runs.c.kind == "sync"}.get(kind, runs.c.kind != "sync"),
        )
        .order_by(runs.c.started_at.is_not(None), runs.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    taken = (
        sa.update(runs)
        .where(runs.c.id == waiting.scalar_subquery())
        .values(
            state="running",
            sidecar=sidecar,
            started_at=sa.func.coalesce(runs.c.started_at, now),
            heartbeat_at=now,
            not_before=None,
            attempts=runs.c.attempts + 1,
        )
        .returning(*_COLUMNS)
    )
    row = connection.execute(taken).one_or_none()
    return Run(**row._mapping) if row else None


def beat(connection: Connection, run_id: int, sidecar: str) -> bool:
    """Say that the run is alive. False when it is no longer this sidecar's, who must then stop."""
    mine = sa.update(runs).where(runs.c.id == run_id, runs.c.sidecar == sidecar, runs.c.state == "running")
    return connection.execute(mine.values(heartbeat_at=_now())).rowcount == 1


def progress(
    connection: Connection, run_id: int, stage: str, done: int = 0, total: int | None = None
) -> None:
    """Write down how far a run is."""
    connection.execute(
        sa.update(runs)
        .where(runs.c.id == run_id)
        .values(stage=stage, units_done=done, units_total=total, heartbeat_at=_now())
    )


def finish(connection: Connection, run_id: int, result: Mapping[str, Any] | None = None) -> None:
    """The run is done."""
    done = {"state": "done", "finished_at": _now(), "result": dict(result or {}), "stage": "", "error": None}
    connection.execute(sa.update(runs).where(runs.c.id == run_id, runs.c.state == "running").values(done))


def release(connection: Connection, run_id: int, sidecar: str) -> None:
    """Give a run back: this process ends, another takes it up where it stands."""
    mine = sa.update(runs).where(runs.c.id == run_id, runs.c.sidecar == sidecar, runs.c.state == "running")
    connection.execute(mine.values(state="queued", sidecar=None, attempts=runs.c.attempts - 1))
    connection.execute(sa.text(f"NOTIFY {CHANNEL}"))


def others_wait(connection: Connection) -> bool:
    """Whether a sync waits that had no turn yet."""
    query = sa.select(runs.c.id).where(
        runs.c.kind == "sync", runs.c.state == "queued", runs.c.started_at.is_(None)
    )
    return connection.scalar(query.limit(1)) is not None


def park(connection: Connection, run_id: int, sidecar: str, until: datetime, why: str) -> None:
    """Let a run wait until then; `why` is for the person who looks."""
    mine = sa.update(runs).where(runs.c.id == run_id, runs.c.sidecar == sidecar, runs.c.state == "running")
    waiting = {"state": "queued", "sidecar": None, "attempts": 0, "not_before": until, "stage": why}
    connection.execute(mine.values(**waiting, parked=runs.c.parked + 1))


def moved(connection: Connection, run_id: int, sidecar: str, rows: int) -> bool:
    """In the transaction of a chunk: the run is still this sidecar's, wrote so many rows, and got on. False: stop."""
    mine = sa.update(runs).where(runs.c.id == run_id, runs.c.sidecar == sidecar, runs.c.state == "running")
    now = {"heartbeat_at": _now(), "attempts": 1, "rows_written": runs.c.rows_written + rows}
    return connection.execute(mine.values(now)).rowcount == 1


def cancel(connection: Connection, project_id: int, run_id: int) -> bool:
    """End a run that waits or works; what it committed stays. False if it was over already. Raises NotFound."""
    run = read(connection, project_id, run_id)
    over = sa.update(runs).where(
        runs.c.project_id == project_id, runs.c.id == run.id, runs.c.state.in_(["queued", "running"])
    )
    ended = {"state": "cancelled", "finished_at": _now(), "stage": ""}
    return connection.execute(over.values(ended)).rowcount == 1


def fail(connection: Connection, run_id: int, error: str) -> None:
    """The run ended without its result; `error` is for the person who asked for it."""
    failed = {"state": "failed", "finished_at": _now(), "error": error, "stage": ""}
    connection.execute(sa.update(runs).where(runs.c.id == run_id, runs.c.state == "running").values(failed))


def exists(connection: Connection, run_id: int) -> bool:
    """Whether there still is such a run."""
    return bool(connection.scalar(sa.select(sa.exists().where(runs.c.id == run_id))))


def read(connection: Connection, project_id: int, run_id: int) -> Run:
    """One run of a project. Raises NotFound."""
    row = connection.execute(
        sa.select(*_COLUMNS).where(runs.c.project_id == project_id, runs.c.id == run_id)
    ).one_or_none()
    if row is None:
        raise NotFound("This run does not exist in this project.")
    return Run(**row._mapping)


def syncs(
    connection: Connection, project_id: int, source_id: int | None = None, limit: int = 50
) -> list[Run]:
    """Syncs of a project (of one source), newest first."""
    query = sa.select(*_COLUMNS).where(runs.c.project_id == project_id, runs.c.kind == "sync")
    if source_id is not None:
        query = query.where(runs.c.source_id == source_id)
    return [Run(**row._mapping) for row in connection.execute(query.order_by(runs.c.id.desc()).limit(limit))]


def latest_syncs(connection: Connection, project_id: int) -> dict[int, Run]:
    """The newest sync of each source that had one."""
    query = (
        sa.select(*_COLUMNS)
        .where(runs.c.project_id == project_id, runs.c.kind == "sync")
        .distinct(runs.c.source_id)
        .order_by(runs.c.source_id, runs.c.id.desc())
    )
    return {row.source_id: Run(**row._mapping) for row in connection.execute(query)}


def last_successes(connection: Connection, project_id: int) -> dict[int, datetime]:
    """When the newest sync of each source that succeeded ended."""
    query = (
        sa.select(runs.c.source_id, sa.func.max(runs.c.finished_at).label("at"))
        .where(runs.c.project_id == project_id, runs.c.kind == "sync", runs.c.state == "done")
        .group_by(runs.c.source_id)
    )
    return {row.source_id: row.at for row in connection.execute(query)}


def unfinished(connection: Connection, project_id: int, kind: str | None = None) -> list[Run]:
    """Runs of a project that wait or work, oldest first."""
    query = sa.select(*_COLUMNS).where(
        runs.c.project_id == project_id, runs.c.state.in_(["queued", "running"])
    )
    if kind:
        query = query.where(runs.c.kind == kind)
    return [Run(**row._mapping) for row in connection.execute(query.order_by(runs.c.id))]


def say_hello(connection: Connection, sidecar: str) -> None:
    """A sidecar's own heartbeat; rows of long-dead ones are cleared away."""
    now = _now()
    connection.execute(sa.delete(sidecars).where(sidecars.c.heartbeat_at < now - timedelta(hours=1)))
    changed = connection.execute(
        sa.update(sidecars).where(sidecars.c.name == sidecar).values(heartbeat_at=now)
    )
    if not changed.rowcount:
        connection.execute(sa.insert(sidecars).values(name=sidecar, started_at=now, heartbeat_at=now))


def last_hello(connection: Connection) -> datetime | None:
    """The newest heartbeat of any sidecar; None when none ever ran."""
    found: datetime | None = connection.scalar(sa.select(sa.func.max(sidecars.c.heartbeat_at)))
    return found


def listen(stop: threading.Event, *wakes: threading.Event) -> None:
    """Set all of `wakes` whenever somebody asks for a run, until `stop`; reconnects when the line breaks."""
    while not stop.is_set():
        try:
            _listen(stop, wakes)
        except Exception as error:  # the driver raises classes of its own from poll()
            _log.warning("listening broke off, going on by polling: %s", type(error).__name__)
            stop.wait(2.0)


def _listen(stop: threading.Event, wakes: tuple[threading.Event, ...]) -> None:
    with db.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text(f"LISTEN {CHANNEL}"))
        raw = connection.connection.driver_connection
        assert raw is not None
        while not stop.is_set():
            if select.select([raw], [], [], 1.0)[0]:
                raw.poll()
                if raw.notifies:
                    raw.notifies.clear()
                    for wake in wakes:
                        wake.set()
