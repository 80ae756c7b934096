"""How far a sync is: which days of a stream were read and when, up to when changes were read, snapshots."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from store.models import snapshots, sync_cursors, synced_days


def days(
    connection: Connection, project_id: int, source_id: int, stream: str, first: date, last: date
) -> dict[date, datetime]:
    """When each day of the range was last read; days that never were are absent."""
    d = synced_days.c
    query = sa.select(d.day, d.at).where(
        d.project_id == project_id, d.source_id == source_id, d.stream == stream, d.day.between(first, last)
    )
    return {row.day: row.at for row in connection.execute(query)}


_NOTE = sa.text("""
INSERT INTO synced_days AS d (project_id, source_id, stream, day, at, run_id)
SELECT :project_id, :source_id, :stream, CAST(:first AS date) + n, :at, :run_id
FROM generate_series(0, :last_n) AS n
ON CONFLICT (project_id, source_id, stream, day) DO UPDATE SET at = excluded.at, run_id = excluded.run_id
WHERE d.at < excluded.at""")


def note(
    connection: Connection, project_id: int, source_id: int, stream: str, first: date, last: date,
    at: datetime, run_id: int,
) -> None:  # fmt: skip
    """These days were read, beginning at `at`; part of the transaction that loads them."""
    values = {
        "project_id": project_id, "source_id": source_id, "stream": stream, "first": first,
        "last_n": (last - first).days, "at": at, "run_id": run_id,
    }  # fmt: skip
    connection.execute(_NOTE, values)


def forget(
    connection: Connection,
    project_id: int,
    source_id: int,
    first: date | None = None,
    last: date | None = None,
) -> None:
    """The days of a range (all days without one) count as never read, so the next sync reads them again."""
    query = sa.delete(synced_days).where(
        synced_days.c.project_id == project_id, synced_days.c.source_id == source_id
    )
    if first is not None and last is not None:
        query = query.where(synced_days.c.day.between(first, last))
    connection.execute(query)


def span(connection: Connection, project_id: int, source_id: int) -> tuple[date, date, datetime] | None:
    """First and last day read of any stream, and the time of the newest reading; None before the first."""
    d = synced_days.c
    query = sa.select(sa.func.min(d.day), sa.func.max(d.day), sa.func.max(d.at)).where(
        d.project_id == project_id, d.source_id == source_id
    )
    first, last, at = connection.execute(query).one()
    return None if first is None else (first, last, at)


def cursor(connection: Connection, project_id: int, source_id: int, stream: str) -> datetime | None:
    """Up to when changes were read; None before the first time."""
    c = sync_cursors.c
    found: datetime | None = connection.scalar(
        sa.select(c.until).where(c.project_id == project_id, c.source_id == source_id, c.stream == stream)
    )
    return found


def advance(connection: Connection, project_id: int, source_id: int, stream: str, until: datetime) -> None:
    """Changes were read up to then; part of the transaction that loads them."""
    connection.execute(
        sa.text(
            "INSERT INTO sync_cursors AS c (project_id, source_id, stream, until)"
            " VALUES (:project_id, :source_id, :stream, :until)"
            " ON CONFLICT (project_id, source_id, stream) DO UPDATE SET until = greatest(c.until, excluded.until)"
        ),
        {"project_id": project_id, "source_id": source_id, "stream": stream, "until": until},
    )


_KEEP = sa.text("""
INSERT INTO snapshots (project_id, source_id, day, entity_id, at, totals)
SELECT :project_id, :source_id, :day, given.id, :at, CAST(given.totals AS jsonb)
FROM unnest(CAST(:ids AS bigint[]), CAST(:totals AS text[])) AS given (id, totals)
ON CONFLICT (project_id, source_id, day, entity_id) DO UPDATE SET at = excluded.at, totals = excluded.totals""")


def keep_snapshot(
    connection: Connection, project_id: int, source_id: int, day: date, at: datetime,
    totals: Iterable[tuple[int, Mapping[str, Any]]],
) -> None:  # fmt: skip
    """Lifetime totals by entity as they stood on a day; a later look on the same day replaces an earlier one."""
    found = list(totals)
    values = {
        "project_id": project_id, "source_id": source_id, "day": day, "at": at,
        "ids": [one for one, _ in found], "totals": [json.dumps(dict(each), default=str) for _, each in found],
    }  # fmt: skip
    connection.execute(_KEEP, values)


def snapshot_before(
    connection: Connection, project_id: int, source_id: int, day: date
) -> tuple[date, dict[int, dict[str, Any]]] | None:
    """The newest snapshot taken on an earlier day: its day, and for each entity ever seen by then its last
    totals. None before the first."""
    s = snapshots.c
    mine = (s.project_id == project_id, s.source_id == source_id, s.day < day)
    newest = connection.scalar(sa.select(sa.func.max(s.day)).where(*mine))
    if newest is None:
        return None
    query = sa.select(s.entity_id, s.totals).where(*mine).distinct(s.entity_id)
    rows = connection.execute(query.order_by(s.entity_id, s.day.desc()))
    return newest, {row.entity_id: row.totals for row in rows}


def thin_snapshots(connection: Connection, project_id: int, source_id: int, today: date) -> None:
    """Drop snapshots that nothing needs any more: older than 120 days, the last of each entity aside."""
    connection.execute(
        sa.text(
            "DELETE FROM snapshots s WHERE s.project_id = :project_id AND s.source_id = :source_id AND s.day < :before"
            " AND EXISTS (SELECT 1 FROM snapshots n WHERE n.project_id = s.project_id AND n.source_id = s.source_id"
            " AND n.entity_id = s.entity_id AND n.day > s.day)"
        ),
        {"project_id": project_id, "source_id": source_id, "before": today - timedelta(days=120)},
    )
