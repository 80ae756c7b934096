"""Notes on days: a sale, an outage, a change of tracking. Charts over those days show them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from errors import BadInput, NotFound
from store import audit
from store.access import Action, Person, enter, reading
from store.models import notes, users

LONGEST_TEXT = 200
MOST = 40
"""Notes that one chart shows, the newest."""
_LONGEST = timedelta(days=366)
_KEPT = timedelta(days=30)


@dataclass(frozen=True)
class Content:
    """What a note says: of `day` to `until` (the same for a single day), about one channel or all (empty).

    Raises BadInput for days that are not in order and for a text of the wrong length.
    """

    day: date
    until: date
    text: str
    channel: str = ""

    def __post_init__(self) -> None:
        text = " ".join(self.text.split())
        object.__setattr__(self, "text", text)
        if not 0 < len(text) <= LONGEST_TEXT or "\0" in text:
            raise BadInput(f"A note needs 1 to {LONGEST_TEXT} characters. It was not saved.")
        if self.until < self.day:
            raise BadInput("The note ends before it begins. Pick the first day first; it was not saved.")
        if self.until - self.day > _LONGEST:
            raise BadInput("A note can cover a year at most. It was not saved.")
        if not 1990 <= self.day.year <= 2100 or len(self.channel) > 200:
            raise BadInput("That day or channel cannot be. The note was not saved.")


@dataclass(frozen=True)
class Annotation:
    """A note; `by` is the name of whoever wrote it last, empty if they are gone."""

    id: int
    content: Content
    by: str
    at: datetime


def _read(connection: Connection, query: sa.Select[Any]) -> list[Annotation]:
    rows = connection.execute(query).all()
    return [Annotation(r.id, Content(r.day, r.until, r.text, r.channel), r.by, r.at) for r in rows]


def _query(project_id: int, *where: sa.ColumnElement[bool]) -> sa.Select[Any]:
    a = notes.c
    by = sa.func.coalesce(users.c.name, "").label("by")
    joined = notes.outerjoin(users, users.c.id == a.person_id)
    columns = (a.id, a.day, a.until, a.text, a.channel, by, a.at)
    return sa.select(*columns).select_from(joined).where(a.project_id == project_id, *where)


def between(
    person: Person, project_id: int, first: date, last: date, channels: Collection[str] = ()
) -> list[Annotation]:
    """Notes on any of these days, the earliest first: those about all channels, and about the given ones (none: any)."""
    a = notes.c
    query = _query(project_id, a.removed_at.is_(None), a.day <= last, a.until >= first)
    if channels:
        query = query.where(a.channel.in_(["", *channels]))
    with reading(person, project_id) as connection:
        return _read(connection, query.order_by(a.day.desc(), a.id.desc()).limit(MOST))[::-1]


def removed(person: Person, project_id: int) -> list[Annotation]:
    """Notes that can be brought back: removed in the last 30 days, the newest first."""
    a = notes.c
    query = _query(project_id, a.removed_at > datetime.now(UTC) - _KEPT)
    with reading(person, project_id) as connection:
        return _read(connection, query.order_by(a.removed_at.desc()).limit(10))


def _said(content: Content) -> dict[str, Any]:
    return {"day": content.day.isoformat(), "until": content.until.isoformat(), "channel": content.channel}


def add(person: Person, project_id: int, content: Content) -> int:
    """Write a note; its id. Raises NotAllowed for a viewer, NotFound for a stranger."""
    with enter(person, project_id, Action.EDIT_ANALYSIS) as connection:
        values = {"project_id": project_id, "person_id": person.id, "at": datetime.now(UTC)}
        query = sa.insert(notes).values(**values, **vars(content)).returning(notes.c.id)
        found = int(connection.scalar(query) or 0)
        audit.record(connection, who=person, action="add_note", subject=content.text, project_id=project_id,
                     details=_said(content))  # fmt: skip
        return found


def _change(person: Person, project_id: int, note_id: int, action: str, **values: Any) -> None:
    with enter(person, project_id, Action.EDIT_ANALYSIS) as connection:
        a = notes.c
        query = sa.update(notes).where(a.project_id == project_id, a.id == note_id)
        row = connection.execute(query.values(**values).returning(a.text, a.day, a.until)).one_or_none()
        if row is None:
            raise NotFound("That note is not there (any more).")
        details = {"day": row.day.isoformat(), "until": row.until.isoformat()}
        audit.record(
            connection, who=person, action=action, subject=row.text, project_id=project_id, details=details
        )


def change(person: Person, project_id: int, note_id: int, content: Content) -> None:
    """Write a note anew. Raises as `add`, and NotFound for no such note."""
    written = {"person_id": person.id, "at": datetime.now(UTC)}
    _change(person, project_id, note_id, "change_note", **vars(content), **written)


def remove(person: Person, project_id: int, note_id: int) -> None:
    """Take a note off the charts; `restore` brings it back."""
    _change(person, project_id, note_id, "remove_note", removed_at=datetime.now(UTC))


def restore(person: Person, project_id: int, note_id: int) -> None:
    """Bring a removed note back."""
    _change(person, project_id, note_id, "restore_note", removed_at=None)
