"""Sign-ins that last: a random id in the browser's cookie, its SHA-256 here, ended by deleting the row.

A passphrase that was right yields a ticket (a link that lives for a minute), because a page over a
websocket cannot set a cookie; the HTTP route trades the ticket for a session.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Connection

import settings
from errors import BadInput
from store import audit, db, links
from store.access import Person, enter_self
from store.models import sessions, users

_SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class Session:
    """One signed-in browser, for the account page. Times are UTC."""

    id: int
    created_at: datetime
    seen_at: datetime
    address: str | None
    browser: str | None
    is_this: bool


def issue_ticket(connection: Connection, user_id: int) -> str:
    """A ticket that is good for one session within a minute."""
    links.clear_up(connection)
    return links.create(connection, links.Purpose.SIGN_IN, user_id=user_id)


def start(ticket: str, address: str | None, browser: str | None) -> str:
    """Trade a ticket for a session and return the cookie's value. Raises BadInput for a bad ticket."""
    token = secrets.token_urlsafe(32)
    now = datetime.now(UTC)
    with db.instance() as connection:
        link = links.use(connection, ticket, links.Purpose.SIGN_IN)
        query = sa.select(users).where(users.c.id == link.user_id, users.c.disabled_at.is_(None))
        row = connection.execute(query).one_or_none()
        if row is None:
            raise BadInput("This account is disabled. Ask an administrator.")
        connection.execute(sa.delete(sessions).where(sessions.c.expires_at < now))
        session_id = connection.execute(
            sa.insert(sessions)
            .values(
                token_hash=links.token_hash(token),
                user_id=row.id,
                created_at=now,
                seen_at=now,
                expires_at=now + timedelta(days=settings.current().session_days),
                address=address,
                browser=(browser or "")[:300] or None,
            )
            .returning(sessions.c.id)
        ).scalar_one()
        person = Person(row.id, row.email, row.name, row.is_admin, session_id)
        audit.record(connection, who=person, action="sign_in", address=address)
    return token


def find(token: str | None) -> Person | None:
    """The person behind a cookie's value, read from the database now; None if there is no such session."""
    if not token:
        return None
    now = datetime.now(UTC)
    query = (
        sa.select(users, sessions.c.id.label("session_id"), sessions.c.seen_at)
        .join(sessions, sessions.c.user_id == users.c.id)
        .where(
            sessions.c.token_hash == links.token_hash(token),
            sessions.c.expires_at > now,
            users.c.disabled_at.is_(None),
        )
    )
    with db.instance() as connection:
        row = connection.execute(query).one_or_none()
        if row is None:
            return None
        if now - row.seen_at > _SEEN_EVERY:
            expires = now + timedelta(days=settings.current().session_days)
            connection.execute(
                sa.update(sessions)
                .where(sessions.c.id == row.session_id)
                .values(seen_at=now, expires_at=expires)
            )
    return Person(row.id, row.email, row.name, row.is_admin, row.session_id)


def end(token: str | None) -> None:
    """End the session of a cookie's value, if there is one."""
    person = find(token)
    if person is None:
        return
    with db.instance() as connection:
        connection.execute(sa.delete(sessions).where(sessions.c.id == person.session_id))
        audit.record(connection, who=person, action="sign_out")


def end_this(person: Person) -> None:
    """End the session that the person is in."""
    with db.instance() as connection:
        gone = connection.execute(sa.delete(sessions).where(sessions.c.id == person.session_id))
        if gone.rowcount:
            audit.record(connection, who=person, action="sign_out")


def list_own(person: Person) -> list[Session]:
    """The person's signed-in browsers, the last used first. Raises SignInNeeded."""
    query = (
        sa.select(sessions)
        .where(sessions.c.user_id == person.id, sessions.c.expires_at > datetime.now(UTC))
        .order_by(sessions.c.seen_at.desc())
    )
    with enter_self(person) as connection:
        rows = connection.execute(query).all()
    return [
        Session(r.id, r.created_at, r.seen_at, r.address, r.browser, r.id == person.session_id) for r in rows
    ]


def revoke(person: Person, session_id: int) -> None:
    """End one of the person's own sessions; somebody else's are not touched. Raises SignInNeeded."""
    with enter_self(person) as connection:
        gone = connection.execute(
            sa.delete(sessions).where(sessions.c.id == session_id, sessions.c.user_id == person.id)
        )
        if gone.rowcount:
            audit.record(connection, who=person, action="revoke_session")


def revoke_all(person: Person) -> None:
    """Sign out everywhere, here too. Raises SignInNeeded."""
    with enter_self(person) as connection:
        count = end_all_of(connection, person.id)
        audit.record(connection, who=person, action="sign_out_everywhere", details={"sessions": count})


def end_all_of(connection: Connection, user_id: int, except_session: int | None = None) -> int:
    """End all sessions of a user (disabled, new passphrase), one aside if given; how many."""
    query = sa.delete(sessions).where(sessions.c.user_id == user_id)
    if except_session is not None:
        query = query.where(sessions.c.id != except_session)
    return connection.execute(query).rowcount
