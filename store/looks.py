"""When each person last looked at the state of a project's data: what was restated later is news to them.

Looks less than half an hour apart are one visit, so that reloading the page does not make its news old.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql

from store.models import looks

VISIT = timedelta(minutes=30)


def last(connection: Connection, project_id: int, person_id: int, now: datetime) -> datetime | None:
    """When the person looked before this visit; None if this is their first."""
    query = sa.select(looks.c.at, looks.c.since).where(
        looks.c.project_id == project_id, looks.c.person_id == person_id
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    found: datetime | None = row.since if now - row.at < VISIT else row.at
    return found


def note(connection: Connection, project_id: int, person_id: int, now: datetime) -> None:
    """The person looks now."""
    since = last(connection, project_id, person_id, now)
    query = postgresql.insert(looks).values(project_id=project_id, person_id=person_id, since=since, at=now)
    connection.execute(
        query.on_conflict_do_update(
            index_elements=[looks.c.project_id, looks.c.person_id], set_={"since": since, "at": now}
        )
    )
