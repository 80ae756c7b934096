"""What a team agrees on for its project: channel rules, naming convention, funnel stages, costs …

Each kind is kept whole, version after version: the newest is in force, an earlier one can be brought
back (as a new version), so that no edit destroys another. What a kind's content may be is checked by
the module that it belongs to, before it comes here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from errors import BadInput, NotFound
from store import audit
from store.access import Action, Person, enter
from store.models import definitions, users


@dataclass(frozen=True)
class Definition:
    """One version. `by` is a name; empty for somebody who is gone. `content` is what JSON can hold."""

    kind: str
    version: int
    content: Any
    note: str
    by: str
    at: datetime


def _read(connection: Connection, project_id: int, kind: str, most: int) -> list[Definition]:
    d = definitions.c
    query = (
        sa.select(d.kind, d.version, d.content, d.note, sa.func.coalesce(users.c.name, "").label("by"), d.at)
        .select_from(definitions.outerjoin(users, users.c.id == d.person_id))
        .where(d.project_id == project_id, d.kind == kind)
        .order_by(d.version.desc())
        .limit(most)
    )
    return [Definition(*row) for row in connection.execute(query)]


def current(connection: Connection, project_id: int, kind: str) -> Definition | None:
    """The version in force; None where the project never defined it and the product's default holds."""
    found = _read(connection, project_id, kind, 1)
    return found[0] if found else None


def versions(connection: Connection, project_id: int, kind: str, most: int = 50) -> list[Definition]:
    """The newest versions, newest first."""
    return _read(connection, project_id, kind, most)


def save(
    person: Person, project_id: int, kind: str, content: Any, *, seen: int, note: str = ""
) -> Definition:
    """Put a new version in force and say so in the audit log; what is in force already is not written again.

    `seen` is the version that the person edited, 0 for none. Raises NotAllowed, NotFound, and BadInput when
    somebody else saved another version meanwhile.
    """
    with enter(person, project_id, Action.EDIT_ANALYSIS) as connection:
        # Two people who save at once: the second waits here and then sees the first's version.
        lock = sa.text("SELECT pg_advisory_xact_lock(hashtextextended('definitions ' || :kind, :project))")
        connection.execute(lock, {"kind": kind, "project": project_id})
        before = current(connection, project_id, kind)
        version = before.version if before else 0
        if version != seen:
            who = before.by if before and before.by else "Somebody"
            raise BadInput(f"{who} saved another version meanwhile. Look at it first; yours was not saved.")
        if before is not None and before.content == content:
            return before
        row = {"kind": kind, "version": version + 1, "content": content, "note": note}
        at = datetime.now(UTC)
        connection.execute(
            sa.insert(definitions).values(project_id=project_id, person_id=person.id, at=at, **row)
        )
        details = {"version": version + 1} | ({"note": note} if note else {})
        audit.record(
            connection, who=person, action="define", subject=kind, project_id=project_id, details=details
        )
        return Definition(**row, by=person.name, at=at)


def restore(person: Person, project_id: int, kind: str, version: int, *, seen: int) -> Definition:
    """Bring an earlier version back, as the newest. Raises as `save`, and NotFound for no such version."""
    with enter(person, project_id, Action.EDIT_ANALYSIS) as connection:
        d = definitions.c
        query = sa.select(d.content).where(d.project_id == project_id, d.kind == kind, d.version == version)
        row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound(f"There is no version {version} to bring back.")
    return save(person, project_id, kind, row.content, seen=seen, note=f"version {version} again")
