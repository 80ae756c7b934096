"""The queue of reports to send, as a sidecar works through it, inside a project's transaction.

What is due becomes a run in the transaction that moves the next time on. A run is *preparing* while it is rendered
and *sending* from just before it leaves: a process that ends while preparing is followed by another, one that ends
while sending is not, since the report may have left. So a report may be lost then, but is never sent twice.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from store import deliveries as reports
from store import projects
from store.deliveries import RUN, Delivery, Run
from store.models import deliveries, delivery_runs

LEASE = timedelta(minutes=15)
MOST_ATTEMPTS = 4
"""One and three more."""
_KEPT = timedelta(days=400)
_LOST = (
    "The server's process ended while this was sent. It may have arrived; it was not sent again, so that nobody "
    "gets it twice. The next one goes out as planned."
)
_KILLED = "The server's process ended several times while this was prepared. Nothing was sent."


def plan(connection: Connection, project_id: int, now: datetime) -> int:
    """Make a run of each report whose time has come, and move its next time on; how many. Times that passed while
    no sidecar ran are made up for once."""
    d = deliveries.c
    due = sa.select(d.id).where(
        d.project_id == project_id, d.removed_at.is_(None), d.paused.is_(False), d.next_at <= now
    )
    ids = list(connection.scalars(due.with_for_update(skip_locked=True)))
    for one in reports.find(connection, project_id, d.id.in_(ids)) if ids else []:
        values = {
            "project_id": project_id, "delivery_id": one.id, "planned_at": one.next_at, "to_address": "",
            "is_test": False, "state": "waiting", "attempts": 0, "not_before": now, "sent_to": 0, "detail": "",
        }  # fmt: skip
        connection.execute(sa.insert(delivery_runs).values(values))
        following = one.content.timetable.next(now, projects.time_zone(connection, project_id))
        reports.write(connection, project_id, one.id, next_at=following)
    return len(ids)


def take_over(connection: Connection, project_id: int, now: datetime) -> None:
    """Runs whose process ended: prepared anew, or, where they were being sent, set aside."""
    r = delivery_runs.c
    old = sa.and_(r.project_id == project_id, r.started_at < now - LEASE)
    killed = sa.and_(old, r.state == "preparing", r.attempts >= MOST_ATTEMPTS)
    for where, state, detail in (
        (sa.and_(old, r.state == "sending"), "unknown", _LOST),
        (killed, "failed", _KILLED),
    ):
        query = sa.update(delivery_runs).where(where).values(state=state, finished_at=now, detail=detail)
        for delivery_id, is_test in connection.execute(query.returning(r.delivery_id, r.is_test)).all():
            if not is_test:
                _note(connection, project_id, delivery_id, now, state, detail)
    again = sa.update(delivery_runs).where(old, r.state == "preparing")
    connection.execute(again.values(state="waiting", not_before=now))


def claim(
    connection: Connection, project_id: int, now: datetime, delivery_id: int | None = None
) -> Run | None:
    """Take the run that waits longest (of one report); None when none is to be done now."""
    r = delivery_runs.c
    mine = (r.delivery_id == delivery_id,) if delivery_id is not None else ()
    waiting = sa.select(r.id).where(
        r.project_id == project_id, r.state == "waiting", r.not_before <= now, *mine
    )
    run_id = connection.scalar(
        waiting.order_by(r.not_before, r.id).limit(1).with_for_update(skip_locked=True)
    )
    if run_id is None:
        return None
    query = sa.update(delivery_runs).where(r.project_id == project_id, r.id == run_id)
    row = connection.execute(
        query.values(state="preparing", started_at=now, attempts=r.attempts + 1).returning(*RUN)
    ).one()
    return Run(**row._mapping)


def _mine(project_id: int, run: Run, *states: str) -> Any:
    r = delivery_runs.c
    return sa.update(delivery_runs).where(
        r.project_id == project_id, r.id == run.id, r.attempts == run.attempts, r.state.in_(states)
    )


def hand_over(connection: Connection, project_id: int, run: Run, now: datetime) -> bool:
    """Say that the run is about to leave. False: another process has it by now, or it was dropped; do not send."""
    query = _mine(project_id, run, "preparing").values(state="sending", started_at=now)
    return bool(connection.execute(query).rowcount)


def postpone(connection: Connection, project_id: int, run: Run, until: datetime, why: str) -> None:
    """Try the run again then."""
    query = _mine(project_id, run, "preparing", "sending")
    connection.execute(query.values(state="waiting", not_before=until, detail=why))


def finish(
    connection: Connection,
    project_id: int,
    run: Run,
    now: datetime,
    state: str,
    detail: str = "",
    sent_to: int = 0,
) -> None:
    """The run ended as sent, quiet (its line was not crossed) or failed; its report says so, unless it was a test."""
    values = {"state": state, "finished_at": now, "detail": detail, "sent_to": sent_to}
    done = connection.execute(_mine(project_id, run, "preparing", "sending").values(**values))
    if done.rowcount and not run.is_test:
        _note(connection, project_id, run.delivery_id, now, state, detail)


def _note(
    connection: Connection, project_id: int, delivery_id: int, now: datetime, state: str, detail: str
) -> None:
    reports.write(connection, project_id, delivery_id, last_at=now, last_state=state, last_result=detail)


def remember(connection: Connection, project_id: int, one: Delivery, holds: bool | None) -> None:
    """Keep whether the figure is beyond its line, unless the report was changed meanwhile."""
    d = deliveries.c
    query = sa.update(deliveries).where(
        d.project_id == project_id, d.id == one.id, d.updated_at == one.updated_at
    )
    connection.execute(query.values(holds=holds))


def forget_old(connection: Connection, project_id: int, now: datetime) -> None:
    """Runs of more than 400 days ago leave the log."""
    r = delivery_runs.c
    connection.execute(
        sa.delete(delivery_runs).where(r.project_id == project_id, r.finished_at < now - _KEPT)
    )
