"""Who may do what: roles per project, actions, and the one way into a project's transaction.

Every read and every change of a project goes through `enter`, which reads the person's role from the
database in the same transaction; what a page shows or hides decides nothing. Row-level security then
keeps the transaction inside that project. The reads of one visit of a page share such a transaction (`reading`).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from errors import NotAllowed, NotFound, SignInNeeded
from store import db
from store.models import members, projects, sessions, users


class Role(StrEnum):
    """What a person is in a project, from least to most."""

    VIEWER = "viewer"
    EDITOR = "editor"
    OWNER = "owner"


class Action(StrEnum):
    """Something that a person may or may not do, in a project or on the instance."""

    VIEW = "view"
    EXPORT = "export"
    IMPORT = "import"
    UNDO = "undo"
    MAP_COLUMNS = "map_columns"
    EDIT_ANALYSIS = "edit_analysis"
    EDIT_PROJECT = "edit_project"
    EDIT_RATES = "edit_rates"
    MANAGE_MEMBERS = "manage_members"
    READ_AUDIT = "read_audit"
    REFRESH = "refresh"
    MANAGE_CONNECTIONS = "manage_connections"
    DELETE_PROJECT = "delete_project"

    CREATE_PROJECT = "create_project"
    MANAGE_PEOPLE = "manage_people"
    READ_INSTANCE_AUDIT = "read_instance_audit"


LEAST_ROLE: dict[Action, Role] = {
    Action.VIEW: Role.VIEWER,
    Action.EXPORT: Role.VIEWER,
    Action.IMPORT: Role.EDITOR,
    Action.UNDO: Role.EDITOR,
    Action.MAP_COLUMNS: Role.EDITOR,
    Action.EDIT_ANALYSIS: Role.EDITOR,
    Action.EDIT_PROJECT: Role.OWNER,
    Action.EDIT_RATES: Role.OWNER,
    Action.MANAGE_MEMBERS: Role.OWNER,
    Action.READ_AUDIT: Role.OWNER,
    Action.REFRESH: Role.EDITOR,
    Action.MANAGE_CONNECTIONS: Role.OWNER,
    Action.DELETE_PROJECT: Role.OWNER,
}
INSTANCE_ACTIONS = frozenset({Action.CREATE_PROJECT, Action.MANAGE_PEOPLE, Action.READ_INSTANCE_AUDIT})

_RANK = {role: rank for rank, role in enumerate(Role)}
_NO_PROJECT = "There is no such project, or you are not a member of it."
_SIGNED_OUT = "Your sign-in has ended. Sign in again; nothing was changed."


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in. `session_id` ties what they do to a sign-in that can be revoked."""

    id: int
    email: str
    name: str
    is_admin: bool
    session_id: int | None = field(default=None, compare=False)


_SESSION: sa.BindParameter[int | None] = sa.bindparam("session")
_ALIVE = sa.or_(
    sa.cast(_SESSION, sa.BigInteger).is_(None),
    sa.exists().where(
        sessions.c.id == _SESSION,
        sessions.c.user_id == users.c.id,
        sessions.c.expires_at > sa.bindparam("now", type_=sa.DateTime(timezone=True)),
    ),
)
# Built once: every read of every page asks it.
_STANDING = (
    sa.select(users.c.is_admin, _ALIVE.label("alive"), projects.c.id.label("project"), members.c.role)
    .select_from(
        users.outerjoin(projects, projects.c.id == sa.cast(sa.bindparam("project"), sa.Integer)).outerjoin(
            members, sa.and_(members.c.project_id == projects.c.id, members.c.user_id == users.c.id)
        )
    )
    .where(users.c.id == sa.bindparam("person"), users.c.disabled_at.is_(None))
)


def _standing(connection: Connection, person: Person, project_id: int | None) -> Any:
    """The person as they are now, and in a project. Raises SignInNeeded when disabled or signed out."""
    values = {"person": person.id, "project": project_id, "session": person.session_id}
    row = connection.execute(_STANDING, {**values, "now": datetime.now(UTC)}).one_or_none()
    if row is None or not row.alive:
        raise SignInNeeded(_SIGNED_OUT)
    return row


def _is_admin_now(connection: Connection, person: Person) -> bool:
    return bool(_standing(connection, person, None).is_admin)


def role_of(connection: Connection, person: Person, project_id: int) -> Role | None:
    """The person's role in a project now; owner for an instance administrator; None for a stranger."""
    row = _standing(connection, person, project_id)
    if row.project is None:
        return None
    if row.is_admin:
        return Role.OWNER
    return Role(row.role) if row.role else None


def owners(connection: Connection, project_id: int) -> list[str]:
    """Names of the project's owners: whom to ask."""
    return list(
        connection.scalars(
            sa.select(users.c.name)
            .join(members, members.c.user_id == users.c.id)
            .where(
                members.c.project_id == project_id,
                members.c.role == Role.OWNER.value,
                users.c.disabled_at.is_(None),
            )
            .order_by(users.c.name)
        )
    )


def _administrators(connection: Connection) -> list[str]:
    return list(
        connection.scalars(
            sa.select(users.c.name)
            .where(users.c.is_admin, users.c.disabled_at.is_(None))
            .order_by(users.c.name)
        )
    )


def _may_create(connection: Connection, person: Person) -> bool:
    query = sa.select(members.c.project_id).where(
        members.c.user_id == person.id, members.c.role == Role.OWNER.value
    )
    return connection.execute(query.limit(1)).first() is not None


def _member(connection: Connection, person: Person, project_id: int) -> Role:
    role = role_of(connection, person, project_id)
    if role is None:
        raise NotFound(_NO_PROJECT)
    return role


def _check(connection: Connection, person: Person, project_id: int, action: Action) -> None:
    role = _member(connection, person, project_id)
    least = LEAST_ROLE[action]
    if _RANK[role] < _RANK[least]:
        names = owners(connection, project_id)
        whom = f"Ask an owner: {', '.join(names)}." if names else "Ask an administrator of this instance."
        raise NotAllowed(
            f"This needs {_with_article(least)} of the project; you are {_with_article(role)}. {whom}"
        )


def _with_article(role: Role) -> str:
    return f"a {role}" if role is Role.VIEWER else f"an {role}"


def _check_instance(connection: Connection, person: Person, action: Action) -> None:
    if _is_admin_now(connection, person):
        return
    if action is Action.CREATE_PROJECT and _may_create(connection, person):
        return
    whom = ", ".join(_administrators(connection))
    raise NotAllowed(f"This needs an administrator of this instance. Ask one: {whom}.")


class _Visit:
    """The reading transaction of a visit: opened by the first read, closed before anything else is entered."""

    def __init__(self) -> None:
        self.reads = 0
        self._connection: Connection | None = None
        self._stack = ExitStack()
        self._of: tuple[Person, int | None, int] | None = None

    def read(self, person: Person, project_id: int) -> Connection | None:
        """The connection; None while a read of another project goes on."""
        if self._of == (person, person.session_id, project_id):
            return self._connection
        if self.reads:
            return None
        self.end()
        self._connection = self._stack.enter_context(db.project(project_id, snapshot=True))
        try:
            _member(self._connection, person, project_id)
        except BaseException:
            self.end()
            raise
        self._of = (person, person.session_id, project_id)
        return self._connection

    def end(self) -> None:
        """Give the connection back. An error under way ends the transaction in the words that `db.project` has for it."""
        self._of = self._connection = None
        self._stack.__exit__(*sys.exc_info())


_visit: ContextVar[_Visit | None] = ContextVar("visit", default=None)


@contextmanager
def visit() -> Iterator[None]:
    """What is read inside is read at one moment, in one transaction that asks once who the person is.

    Anything that is entered to change something ends that transaction; what is read afterwards is read anew.
    """
    mine = _Visit()
    before = _visit.set(mine)
    try:
        yield
    finally:
        _visit.reset(before)
        mine.end()


@contextmanager
def reading(person: Person, project_id: int) -> Iterator[Connection]:
    """`enter` for looking only: within a `visit`, the one transaction of all its reads. Raises as `enter`."""
    mine = _visit.get()
    found = mine.read(person, project_id) if mine else None
    if mine is None or found is None:
        with enter(person, project_id, Action.VIEW) as connection:
            yield connection
        return
    mine.reads += 1
    try:
        yield found
    except sa.exc.DBAPIError:
        mine.end()  # nothing more can be asked in that transaction
        raise
    finally:
        mine.reads -= 1


def _end_reading() -> None:
    mine = _visit.get()
    if mine and not mine.reads:
        mine.end()


@contextmanager
def enter(person: Person, project_id: int, action: Action) -> Iterator[Connection]:
    """A transaction in a project, for an action that the person's role permits now.

    Raises SignInNeeded (disabled, or session ended), NotFound for a stranger (a project that one is not
    in does not exist) and NotAllowed, naming the owners, for too low a role.
    """
    _end_reading()
    with db.project(project_id) as connection:
        _check(connection, person, project_id, action)
        yield connection


@contextmanager
def enter_instance(person: Person, action: Action) -> Iterator[Connection]:
    """A transaction over the instance. Projects are created by administrators and by owners of a project;
    all else is for administrators. Raises SignInNeeded or NotAllowed."""
    _end_reading()
    with db.instance() as connection:
        _check_instance(connection, person, action)
        yield connection


@contextmanager
def enter_self(person: Person) -> Iterator[Connection]:
    """A transaction over the person's own account. Raises SignInNeeded when disabled or signed out."""
    _end_reading()
    with db.instance() as connection:
        _is_admin_now(connection, person)
        yield connection


def may(person: Person, project_id: int | None, action: Action) -> bool:
    """True if the person may do that now; the role is read from the database. For what a page offers."""
    try:
        if action in INSTANCE_ACTIONS:
            with enter_instance(person, action):
                return True
        if project_id is None:
            return False
        with reading(person, project_id) as connection:
            return _RANK[_member(connection, person, project_id)] >= _RANK[LEAST_ROLE[action]]
    except (NotFound, NotAllowed, SignInNeeded):
        return False
