"""People for tests: rows made directly, with a passphrase whose hash is cheap."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache, partial

import bcrypt
import sqlalchemy as sa

from store import db, links, passphrases, sessions
from store.access import Person, Role
from store.models import members, users

PASSPHRASE = "a quiet harbour at dawn"
OTHER = "seven grey gulls upwind"
bcrypt.gensalt = partial(bcrypt.gensalt, 4)  # the real cost of 12 takes a quarter of a second a hash


@cache
def _kept() -> str:
    return passphrases.keep(PASSPHRASE)


def add(email: str = "ann@example.com", *, is_admin: bool = False, disabled: bool = False) -> Person:
    """An account named after its address."""
    now = datetime.now(UTC)
    name = email.partition("@")[0].title()
    values = {"email": email, "name": name, "password_hash": _kept(), "is_admin": is_admin, "created_at": now}
    with db.instance() as connection:
        insert = sa.insert(users).values(**values, disabled_at=now if disabled else None)
        user_id = connection.scalar(insert.returning(users.c.id))
    return Person(user_id, email, name, is_admin)


def join(person: Person, project_id: int, role: Role | str) -> Person:
    """Make somebody a member."""
    with db.instance() as connection:
        connection.execute(
            sa.insert(members).values(
                project_id=project_id, user_id=person.id, role=str(role), created_at=datetime.now(UTC)
            )
        )
    return person


def ticket(person: Person) -> str:
    """What a right passphrase gives."""
    with db.instance() as connection:
        return sessions.issue_ticket(connection, person.id)


def sign_in(person: Person) -> tuple[Person, str]:
    """A session: the person in it, and the cookie's value."""
    token = sessions.start(ticket(person), "192.0.2.1", "Firefox on Linux")
    found = sessions.find(token)
    assert found is not None
    return found, token


def token_of(address: str) -> str:
    """The token in a link's address."""
    return address.partition("?link=")[2]


def age(token: str, **back: float) -> None:
    """Make a link expire `back` ago."""
    from datetime import timedelta

    from store.models import links as links_table

    with db.instance() as connection:
        connection.execute(
            sa.update(links_table)
            .where(links_table.c.token_hash == links.token_hash(token))
            .values(expires_at=datetime.now(UTC) - timedelta(**back))
        )
