"""Members of a project: who is in it with which role, and the invitations that are still open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from errors import BadInput, NotFound
from store import audit, links
from store.access import Action, Person, Role, enter, enter_self, reading, role_of
from store.links import Link, Purpose
from store.models import links as links_table
from store.models import members, projects, users


@dataclass(frozen=True)
class Member:
    """Somebody in a project."""

    user_id: int
    email: str
    name: str
    role: Role
    is_admin: bool
    is_disabled: bool


@dataclass(frozen=True)
class Invitation:
    """An invitation that was not used yet."""

    id: int
    role: Role
    email: str | None
    invited_by: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class Offer:
    """What an invitation offers, for the form that accepts it."""

    project: str
    role: Role
    email: str | None


def list_all(person: Person, project_id: int) -> list[Member]:
    """The project's members, by name. Any member may see them. Raises NotFound for a stranger."""
    query = (
        sa.select(users, members.c.role)
        .join(members, members.c.user_id == users.c.id)
        .where(members.c.project_id == project_id)
        .order_by(users.c.name, users.c.email)
    )
    with reading(person, project_id) as connection:
        rows = connection.execute(query).all()
    return [Member(r.id, r.email, r.name, Role(r.role), r.is_admin, r.disabled_at is not None) for r in rows]


def _locked_role(connection: Connection, project_id: int, user_id: int) -> Role:
    """A member's role, while nobody else can change the project's owners. Raises NotFound."""
    connection.execute(sa.select(projects.c.id).where(projects.c.id == project_id).with_for_update())
    role = connection.scalar(
        sa.select(members.c.role).where(members.c.project_id == project_id, members.c.user_id == user_id)
    )
    if role is None:
        raise NotFound("This person is not a member of the project.")
    return Role(role)


def _keep_an_owner(connection: Connection, project_id: int, user_id: int) -> None:
    others = connection.scalar(
        sa.select(sa.func.count())
        .select_from(members.join(users, users.c.id == members.c.user_id))
        .where(
            members.c.project_id == project_id,
            members.c.role == Role.OWNER.value,
            members.c.user_id != user_id,
            users.c.disabled_at.is_(None),
        )
    )
    if not others:
        raise BadInput("A project keeps at least one owner. Make somebody else owner first.")


def _email(connection: Connection, user_id: int) -> str:
    return str(connection.scalar(sa.select(users.c.email).where(users.c.id == user_id)))


def change_role(person: Person, project_id: int, user_id: int, role: Role) -> None:
    """Give a member another role. Raises NotAllowed, NotFound, BadInput (the last owner)."""
    with enter(person, project_id, Action.MANAGE_MEMBERS) as connection:
        before = _locked_role(connection, project_id, user_id)
        if before is role:
            return
        if before is Role.OWNER:
            _keep_an_owner(connection, project_id, user_id)
        connection.execute(
            sa.update(members)
            .where(members.c.project_id == project_id, members.c.user_id == user_id)
            .values(role=role.value)
        )
        audit.record(
            connection,
            who=person,
            action="change_role",
            subject=_email(connection, user_id),
            project_id=project_id,
            details={"from": before.value, "to": role.value},
        )


def _remove(connection: Connection, person: Person, project_id: int, user_id: int, action: str) -> None:
    role = _locked_role(connection, project_id, user_id)
    if role is Role.OWNER:
        _keep_an_owner(connection, project_id, user_id)
    connection.execute(
        sa.delete(members).where(members.c.project_id == project_id, members.c.user_id == user_id)
    )
    audit.record(
        connection,
        who=person,
        action=action,
        subject=_email(connection, user_id),
        project_id=project_id,
        details={"role": role.value},
    )


def remove(person: Person, project_id: int, user_id: int) -> None:
    """Take somebody out of the project. Raises NotAllowed, NotFound, BadInput (the last owner)."""
    with enter(person, project_id, Action.MANAGE_MEMBERS) as connection:
        _remove(connection, person, project_id, user_id, "remove_member")


def leave(person: Person, project_id: int) -> None:
    """Leave a project oneself. Raises NotFound, BadInput (the last owner)."""
    with enter(person, project_id, Action.VIEW) as connection:
        _remove(connection, person, project_id, person.id, "leave_project")


def invite(person: Person, project_id: int, role: Role, email: str | None = None) -> str:
    """An invitation link (7 days, once), for one address only if an e-mail is given. Raises NotAllowed."""
    email = (email or "").strip().lower() or None
    if email is not None and ("@" not in email or len(email) > 254 or " " in email):
        raise BadInput("That is not an e-mail address. It looks like ann@example.com.")
    with enter(person, project_id, Action.MANAGE_MEMBERS) as connection:
        token = links.create(
            connection,
            Purpose.INVITE,
            project_id=project_id,
            role=role.value,
            email=email,
            created_by=person.id,
        )
        audit.record(
            connection,
            who=person,
            action="invite",
            subject=email or "",
            project_id=project_id,
            details={"role": role.value},
        )
    return links.address(token)


def invitations(person: Person, project_id: int) -> list[Invitation]:
    """Open invitations, the newest first. Raises NotAllowed."""
    query = (
        sa.select(links_table, sa.func.coalesce(users.c.name, "").label("invited_by"))
        .select_from(links_table.outerjoin(users, users.c.id == links_table.c.created_by))
        .where(
            links_table.c.purpose == Purpose.INVITE.value,
            links_table.c.project_id == project_id,
            links_table.c.used_at.is_(None),
            links_table.c.revoked_at.is_(None),
            links_table.c.expires_at > datetime.now(UTC),
        )
        .order_by(links_table.c.id.desc())
    )
    with enter(person, project_id, Action.MANAGE_MEMBERS) as connection:
        rows = connection.execute(query).all()
    return [Invitation(r.id, Role(r.role), r.email, r.invited_by, r.created_at, r.expires_at) for r in rows]


def withdraw_invitation(person: Person, project_id: int, invitation_id: int) -> None:
    """Make an open invitation useless. Raises NotAllowed, NotFound."""
    with enter(person, project_id, Action.MANAGE_MEMBERS) as connection:
        gone = links.withdraw(
            connection,
            links_table.c.id == invitation_id,
            links_table.c.project_id == project_id,
            links_table.c.purpose == Purpose.INVITE.value,
        )
        if not gone:
            raise NotFound("This invitation is no longer open.")
        audit.record(connection, who=person, action="withdraw_invitation", project_id=project_id)


def offer(connection: Connection, link: Link) -> Offer:
    """What an invitation offers."""
    name = connection.scalar(sa.select(projects.c.name).where(projects.c.id == link.project_id))
    return Offer(str(name), Role(str(link.role)), link.email)


def check_invited(link: Link, email: str) -> None:
    """Raise BadInput if the invitation is for somebody else's address."""
    if link.email is not None and link.email != email:
        raise BadInput("This invitation is for another e-mail address. Ask for one for yours.")


def admit(connection: Connection, person: Person, link: Link) -> None:
    """Make the person a member as a used invitation says; a role that is already higher stays."""
    assert link.project_id is not None
    assert link.role is not None
    connection.execute(
        insert(members)
        .values(project_id=link.project_id, user_id=person.id, role=link.role, created_at=datetime.now(UTC))
        .on_conflict_do_nothing()
    )
    details = {"role": link.role}
    audit.record(connection, who=person, action="join", project_id=link.project_id, details=details)


def join(person: Person, token: str) -> int:
    """Accept an invitation as somebody who is signed in; the project's id. Raises BadInput."""
    with enter_self(person) as connection:
        link = links.use(connection, token, Purpose.INVITE)
        check_invited(link, person.email)
        assert link.project_id is not None
        held = role_of(connection, person, link.project_id)
        if held is not None and not person.is_admin:
            raise BadInput(f"You are in this project already, as {held}. An owner can change your role.")
        admit(connection, person, link)
        return link.project_id
