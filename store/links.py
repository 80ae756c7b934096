"""One-time links: the first administrator, invitations, resets, and the tickets that become a session.

A link holds 256 random bits; the database keeps their SHA-256. It works once, until it expires or is revoked.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

import settings
from errors import BadInput
from store.models import links


class Purpose(StrEnum):
    """What a link is for."""

    FIRST_ADMIN = "first_admin"
    INVITE = "invite"
    RESET = "reset"
    SIGN_IN = "sign_in"


LIFETIME = {
    Purpose.FIRST_ADMIN: timedelta(hours=24),
    Purpose.INVITE: timedelta(days=7),
    Purpose.RESET: timedelta(hours=1),
    Purpose.SIGN_IN: timedelta(minutes=1),
}
_FORGED = "This link is not valid. Check that the whole address was copied, or ask for a new link."
_USED = "This link was already used; a link works once. Sign in, or ask for a new link."
_REVOKED = "This link was withdrawn. Ask the person who sent it for a new one."
_EXPIRED = "This link has expired. Ask the person who sent it for a new one."


@dataclass(frozen=True)
class Link:
    """A link that was found good."""

    id: int
    purpose: Purpose
    user_id: int | None
    project_id: int | None
    role: str | None
    email: str | None
    created_by: int | None
    expires_at: datetime


def token_hash(token: str) -> bytes:
    """What the database keeps of a token."""
    return hashlib.sha256(token.encode()).digest()


def address(token: str) -> str:
    """The full address of a link, to be printed, mailed or copied."""
    return f"{settings.current().address_shown}/?link={token}"


def create(connection: Connection, purpose: Purpose, **about: Any) -> str:
    """Make a link and return its token, which is not kept anywhere. `about` fills columns of the table."""
    token = secrets.token_urlsafe(32)
    now = datetime.now(UTC)
    connection.execute(
        sa.insert(links).values(
            token_hash=token_hash(token),
            purpose=purpose.value,
            created_at=now,
            expires_at=now + LIFETIME[purpose],
            **about,
        )
    )
    return token


def _good(row: Any, purpose: Purpose | None) -> Link:
    if row is None or (purpose is not None and row.purpose != purpose.value):
        raise BadInput(_FORGED)
    if row.revoked_at is not None:
        raise BadInput(_REVOKED)
    if row.used_at is not None:
        raise BadInput(_USED)
    if row.expires_at <= datetime.now(UTC):
        raise BadInput(_EXPIRED)
    return Link(
        row.id,
        Purpose(row.purpose),
        row.user_id,
        row.project_id,
        row.role,
        row.email,
        row.created_by,
        row.expires_at,
    )


def look_up(connection: Connection, token: str) -> Link:
    """The link behind a token, not used up. Raises BadInput that says what is wrong with it."""
    row = connection.execute(sa.select(links).where(links.c.token_hash == token_hash(token))).one_or_none()
    if row is not None and row.purpose == Purpose.SIGN_IN.value:
        row = None
    return _good(row, None)


def use(connection: Connection, token: str, purpose: Purpose) -> Link:
    """Use a link up. Of several who try at once, one succeeds. Raises BadInput that says what is wrong."""
    query = sa.select(links).where(links.c.token_hash == token_hash(token)).with_for_update()
    link = _good(connection.execute(query).one_or_none(), purpose)
    connection.execute(sa.update(links).where(links.c.id == link.id).values(used_at=datetime.now(UTC)))
    return link


def withdraw(connection: Connection, *conditions: sa.ColumnElement[bool]) -> int:
    """Withdraw open links; how many."""
    changed = connection.execute(
        sa.update(links)
        .where(links.c.used_at.is_(None), links.c.revoked_at.is_(None), *conditions)
        .values(revoked_at=datetime.now(UTC))
    )
    return changed.rowcount


def clear_up(connection: Connection) -> None:
    """Remove tickets that are long over; other links stay as a record."""
    old = datetime.now(UTC) - timedelta(days=1)
    connection.execute(
        sa.delete(links).where(links.c.purpose == Purpose.SIGN_IN.value, links.c.expires_at < old)
    )
