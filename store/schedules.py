"""When sources are refreshed. A row says when the next run is due; whichever sidecar sees it first asks for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql

from errors import NotFound
from store.models import schedules


@dataclass(frozen=True)
class Schedule:
    """When one source is refreshed. An empty `cron` means the default times; `next_at` None: not planned yet."""

    project_id: int
    source_id: int
    connection_id: int
    platform: str
    cron: str
    time_zone: str
    paused: bool
    next_at: datetime | None


_COLUMNS = [schedules.c[name] for name in Schedule.__dataclass_fields__]


def add(connection: Connection, project_id: int, source_id: int, connection_id: int, platform: str) -> None:
    """Refresh a source at the default times; one that has a schedule keeps it, through the new connection."""
    values = {
        "project_id": project_id, "source_id": source_id, "connection_id": connection_id, "platform": platform,
    }  # fmt: skip
    query = postgresql.insert(schedules).values(values)
    connection.execute(
        query.on_conflict_do_update(
            index_elements=[schedules.c.project_id, schedules.c.source_id],
            set_={"connection_id": connection_id},
        )
    )


def listed(connection: Connection, project_id: int | None = None) -> list[Schedule]:
    """Schedules of a project, or of all."""
    query = sa.select(*_COLUMNS)
    if project_id is not None:
        query = query.where(schedules.c.project_id == project_id)
    query = query.order_by(schedules.c.project_id, schedules.c.source_id)
    return [Schedule(**row._mapping) for row in connection.execute(query)]


def read(connection: Connection, project_id: int, source_id: int) -> Schedule:
    """One source's schedule. Raises NotFound for a source that is not pulled through a connection."""
    query = sa.select(*_COLUMNS).where(
        schedules.c.project_id == project_id, schedules.c.source_id == source_id
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound("This source is not refreshed by itself: it has no connection.")
    return Schedule(**row._mapping)


def change(connection: Connection, project_id: int, source_id: int, **values: object) -> None:
    """Set cron, time_zone, paused or next_at. Raises NotFound."""
    mine = sa.and_(schedules.c.project_id == project_id, schedules.c.source_id == source_id)
    if connection.execute(sa.update(schedules).where(mine).values(values)).rowcount == 0:
        raise NotFound("This source is not refreshed by itself: it has no connection.")


def due(connection: Connection, now: datetime) -> list[Schedule]:
    """Schedules whose time has come or that were never planned, locked so that no other sidecar takes them."""
    query = sa.select(*_COLUMNS).where(
        schedules.c.paused.is_(False), sa.or_(schedules.c.next_at.is_(None), schedules.c.next_at <= now)
    )
    query = query.order_by(schedules.c.next_at).limit(200).with_for_update(skip_locked=True)
    return [Schedule(**row._mapping) for row in connection.execute(query)]
