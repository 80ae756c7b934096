"""The audit log: who did what when, written in the transaction of the deed itself and never changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from store.access import Action, Person, enter, enter_instance
from store.models import audit, projects

SYSTEM = "Soundings"
_address: ContextVar[str | None] = ContextVar("audit_address", default=None)


@dataclass(frozen=True)
class Entry:
    """One line of the log. `project` is the project's name, empty for the instance or a deleted project."""

    id: int
    at: datetime
    who: str
    action: str
    subject: str
    details: dict[str, Any]
    project_id: int | None
    project: str
    address: str | None


@dataclass(frozen=True)
class Filter:
    """Which lines to read. Times are aware; `since` is included, `until` is not."""

    who: str | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def acting_from(address: str | None) -> None:
    """Remember the client's address for what this thread (a page run, a request) records from now on."""
    _address.set(address)


def record(
    connection: Connection,
    *,
    who: Person | None,
    action: str,
    subject: str = "",
    project_id: int | None = None,
    details: dict[str, Any] | None = None,
    address: str | None = None,
) -> None:
    """Write one line. `who` None means Soundings itself. Details must hold no secret."""
    connection.execute(
        sa.insert(audit).values(
            at=datetime.now(UTC),
            user_id=who.id if who else None,
            who=f"{who.name} <{who.email}>" if who else SYSTEM,
            project_id=project_id,
            action=action,
            subject=subject,
            details=details or {},
            address=address or _address.get(),
        )
    )


def _conditions(project_id: int | None, chosen: Filter) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if project_id is not None:
        found.append(audit.c.project_id == project_id)
    if chosen.who:
        found.append(audit.c.who == chosen.who)
    if chosen.action:
        found.append(audit.c.action == chosen.action)
    if chosen.since:
        found.append(audit.c.at >= chosen.since)
    if chosen.until:
        found.append(audit.c.at < chosen.until)
    return found


@contextmanager
def _entered(person: Person, project_id: int | None) -> Iterator[Connection]:
    if project_id is None:
        with enter_instance(person, Action.READ_INSTANCE_AUDIT) as connection:
            yield connection
    else:
        with enter(person, project_id, Action.READ_AUDIT) as connection:
            yield connection


def read(
    person: Person, project_id: int | None, chosen: Filter, *, limit: int | None = 50, offset: int = 0
) -> list[Entry]:
    """Lines of a project (its owners), or of the whole instance when `project_id` is None (administrators),
    newest first. Raises NotFound, NotAllowed or SignInNeeded."""
    query = (
        sa.select(audit, sa.func.coalesce(projects.c.name, "").label("project"))
        .select_from(audit.outerjoin(projects, projects.c.id == audit.c.project_id))
        .where(*_conditions(project_id, chosen))
        .order_by(audit.c.at.desc(), audit.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    with _entered(person, project_id) as connection:
        rows = connection.execute(query).all()
    return [
        Entry(r.id, r.at, r.who, r.action, r.subject, r.details, r.project_id, r.project, r.address)
        for r in rows
    ]


def count(person: Person, project_id: int | None, chosen: Filter) -> int:
    """How many lines `read` would give without a limit."""
    query = sa.select(sa.func.count()).select_from(audit).where(*_conditions(project_id, chosen))
    with _entered(person, project_id) as connection:
        return connection.scalar(query) or 0


def choices(person: Person, project_id: int | None) -> tuple[list[str], list[str]]:
    """People and actions that occur in the log, for the page's filters."""
    conditions = _conditions(project_id, Filter())
    with _entered(person, project_id) as connection:
        people = connection.scalars(
            sa.select(audit.c.who).where(*conditions).distinct().order_by(audit.c.who)
        )
        actions = connection.scalars(
            sa.select(audit.c.action).where(*conditions).distinct().order_by(audit.c.action)
        )
        return list(people), list(actions)
