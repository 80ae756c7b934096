"""Projects: what separates one body of data from another; name, reporting currency, time zone, policies."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import available_timezones

import sqlalchemy as sa
from babel.numbers import list_currencies
from sqlalchemy import Connection

from errors import BadInput, NotFound
from store import audit, history
from store.access import Action, Person, Role, enter, enter_instance, enter_self, role_of
from store.models import members, projects, restatements, users

REFUND_POLICIES = ("order_day", "refund_day")


@dataclass(frozen=True)
class Project:
    """A project and the role that the reader has in it. `week_start` is 1 for Monday … 7 for Sunday."""

    id: int
    name: str
    currency: str
    time_zone: str
    week_start: int
    refund_policy: str
    is_demo: bool
    role: Role


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    if "name" in values:
        values["name"] = " ".join(str(values["name"]).split())
        if not 1 <= len(values["name"]) <= 80:
            raise BadInput("Give the project a name of 1 to 80 characters.")
    if "currency" in values and values["currency"] not in list_currencies():
        raise BadInput("Choose a currency by its three letters, such as EUR.")
    if "time_zone" in values and values["time_zone"] not in available_timezones():
        raise BadInput("Choose a time zone such as Europe/Berlin.")
    if "week_start" in values and values["week_start"] not in range(1, 8):
        raise BadInput("The first day of the week is a number from 1 (Monday) to 7 (Sunday).")
    if "refund_policy" in values and values["refund_policy"] not in REFUND_POLICIES:
        raise BadInput("Refunds count on the order_day or on the refund_day.")
    return values


def _project(row: Any, role: Role) -> Project:
    return Project(
        row.id,
        row.name,
        row.currency,
        row.time_zone,
        row.week_start,
        row.refund_policy,
        row.is_demo,
        role,
    )


def create(
    person: Person,
    name: str,
    currency: str,
    time_zone: str,
    week_start: int = 1,
    refund_policy: str = "order_day",
    *,
    is_demo: bool = False,
) -> Project:
    """Create a project, owned by its creator. Raises NotAllowed or BadInput."""
    values = _checked(
        {
            "name": name,
            "currency": currency,
            "time_zone": time_zone,
            "week_start": week_start,
            "refund_policy": refund_policy,
        }
    )
    now = datetime.now(UTC)
    salt = secrets.token_hex(16)
    with enter_instance(person, Action.CREATE_PROJECT) as connection:
        row = connection.execute(
            sa.insert(projects)
            .values(**values, is_demo=is_demo, customer_salt=salt, created_at=now, created_by=person.id)
            .returning(projects)
        ).one()
        connection.execute(
            sa.insert(members).values(
                project_id=row.id, user_id=person.id, role=Role.OWNER.value, created_at=now
            )
        )
        audit.record(connection, who=person, action="create_project", subject=row.name, project_id=row.id)
        _remember(connection, person, row.id)
    return _project(row, Role.OWNER)


def _remember(connection: Connection, person: Person, project_id: int) -> None:
    connection.execute(sa.update(users).where(users.c.id == person.id).values(last_project_id=project_id))


def list_for(person: Person) -> list[Project]:
    """The projects that the person is in, by name; all of them for an administrator. Raises SignInNeeded."""
    with enter_self(person) as connection:
        is_admin = connection.scalar(sa.select(users.c.is_admin).where(users.c.id == person.id))
        mine = sa.and_(members.c.project_id == projects.c.id, members.c.user_id == person.id)
        query = sa.select(projects, members.c.role).select_from(projects.outerjoin(members, mine))
        if not is_admin:
            query = query.where(members.c.role.is_not(None))
        rows = connection.execute(query.order_by(sa.func.lower(projects.c.name), projects.c.id)).all()
    return [_project(r, Role.OWNER if is_admin else Role(r.role)) for r in rows]


def get(person: Person, project_id: int) -> Project:
    """One project with the person's role now. Raises NotFound for a stranger."""
    with enter(person, project_id, Action.VIEW) as connection:
        row = connection.execute(sa.select(projects).where(projects.c.id == project_id)).one()
        role = role_of(connection, person, project_id)
    assert role is not None
    return _project(row, role)


def last_used(person: Person) -> int | None:
    """The project that the person looked at last, in any browser. May be gone meanwhile."""
    with enter_self(person) as connection:
        return connection.scalar(sa.select(users.c.last_project_id).where(users.c.id == person.id))


def remember(person: Person, project_id: int) -> None:
    """Keep a project as the one to open next time. Raises NotFound for a stranger."""
    with enter(person, project_id, Action.VIEW) as connection:
        _remember(connection, person, project_id)


def change(person: Person, project_id: int, **values: Any) -> None:
    """Change name, currency, time_zone, week_start or refund_policy.

    Raises NotAllowed, NotFound or BadInput.
    """
    unknown = set(values) - {"name", "currency", "time_zone", "week_start", "refund_policy"}
    assert not unknown, unknown
    values = _checked(values)
    with enter(person, project_id, Action.EDIT_PROJECT) as connection:
        before = (
            connection.execute(sa.select(projects).where(projects.c.id == project_id).with_for_update())
            .one()
            ._mapping
        )
        changed = {k: {"from": before[k], "to": v} for k, v in values.items() if before[k] != v}
        if not changed:
            return
        connection.execute(sa.update(projects).where(projects.c.id == project_id).values(**values))
        audit.record(
            connection,
            who=person,
            action="change_project",
            subject=before["name"],
            project_id=project_id,
            details=changed,
        )


def delete(person: Person, project_id: int, typed_name: str) -> None:
    """Delete a project with all its data, for good. The name, typed again, is the confirmation.

    Raises NotAllowed, NotFound, or BadInput for another name. The audit log keeps its lines.
    """
    with enter(person, project_id, Action.DELETE_PROJECT) as connection:
        query = sa.select(projects.c.name).where(projects.c.id == project_id).with_for_update()
        name = connection.scalar(query)
        if name is None:
            raise NotFound("There is no such project.")
        if " ".join(typed_name.split()) != name:
            raise BadInput(f"Type the project's name, “{name}”, to delete it. Nothing was deleted.")
        for table in (*history.FORMER, *history.FORMER.values(), restatements):
            connection.execute(sa.delete(table).where(table.c.project_id == project_id))
        connection.execute(sa.delete(projects).where(projects.c.id == project_id))
        audit.record(connection, who=person, action="delete_project", subject=name, project_id=project_id)


def salt(connection: Connection, project_id: int) -> str:
    """What is mixed into the project's hashed customer keys, for imports; inside a project's transaction."""
    found = connection.scalar(sa.select(projects.c.customer_salt).where(projects.c.id == project_id))
    if found is None:
        raise NotFound("There is no such project.")
    return str(found)


def is_demo(connection: Connection, project_id: int) -> bool:
    """True for a project of invented data, whose connections lead to the sandbox."""
    found = connection.scalar(sa.select(projects.c.is_demo).where(projects.c.id == project_id))
    if found is None:
        raise NotFound("There is no such project.")
    return bool(found)


def time_zone(connection: Connection, project_id: int) -> str:
    """The project's time zone."""
    found = connection.scalar(sa.select(projects.c.time_zone).where(projects.c.id == project_id))
    if found is None:
        raise NotFound("There is no such project.")
    return str(found)


def every(connection: Connection) -> list[int]:
    """Ids of all projects, for work that the server does by itself."""
    return list(connection.scalars(sa.select(projects.c.id).order_by(projects.c.id)))


def numbered(connection: Connection, name_or_id: str) -> int:
    """The project of a number or a name, for the command line. Raises NotFound, also for a name that two have."""
    query = sa.select(projects.c.id).where(
        sa.or_(
            sa.cast(projects.c.id, sa.Text) == name_or_id,
            sa.func.lower(projects.c.name) == name_or_id.lower(),
        )
    )
    found = connection.scalars(query).all()
    if len(found) != 1:
        raise NotFound(f"There is {'no' if not found else 'more than one'} project {name_or_id!r}.")
    return int(found[0])
