"""Connections: sign-ins at platforms. The credentials lie in the vault and never leave it but for a call.

Functions take a transaction that `access.enter` opened (or a sidecar's), and the project, so that a
connection of another project is not found.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from errors import NeedsReconnect, NotFound
from store import vault
from store.models import connections, runs, sources

_MISSING = "There is no such connection in this project."
_OAUTH_MINUTES = 30


@dataclass(frozen=True)
class Login:
    """A connection without its credentials. `state` is signing_in, healthy or needs_reconnecting."""

    id: int
    project_id: int
    platform: str
    name: str
    state: str
    diagnosis: str
    sign_in: str
    created_at: datetime
    sign_in_ends_at: datetime | None
    used_at: datetime | None
    secret_id: int | None


_COLUMNS = [connections.c[name] for name in Login.__dataclass_fields__]


def _owner(connection_id: int) -> str:
    return f"connection:{connection_id}"


def create(
    connection: Connection,
    project_id: int,
    platform: str,
    name: str,
    sign_in: str,
    credentials: Mapping[str, Any],
    person_id: int | None,
    *,
    state: str = "healthy",
) -> int:
    """A new connection with its credentials locked away; its id."""
    values = {
        "project_id": project_id,
        "platform": platform,
        "name": name,
        "sign_in": sign_in,
        "state": state,
        "created_at": datetime.now(UTC),
        "created_by": person_id,
    }
    made = connection.scalar(sa.insert(connections).values(values).returning(connections.c.id))
    assert made is not None
    secret_id = vault.put(connection, _owner(made), project_id, _packed(credentials))
    connection.execute(sa.update(connections).where(connections.c.id == made).values(secret_id=secret_id))
    return int(made)


def _packed(credentials: Mapping[str, Any]) -> bytes:
    return json.dumps(dict(credentials)).encode()


def listed(connection: Connection, project_id: int) -> list[Login]:
    """Connections of a project, oldest first."""
    query = sa.select(*_COLUMNS).where(connections.c.project_id == project_id).order_by(connections.c.id)
    return [Login(**row._mapping) for row in connection.execute(query)]


def read(connection: Connection, project_id: int, connection_id: int, *, lock: bool = False) -> Login:
    """One connection; with `lock`, nobody else changes it until the transaction ends. Raises NotFound."""
    query = sa.select(*_COLUMNS).where(
        connections.c.project_id == project_id, connections.c.id == connection_id
    )
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFound(_MISSING)
    return Login(**row._mapping)


def credentials(connection: Connection, project_id: int, connection_id: int) -> dict[str, Any]:
    """What signs in. Raises NotFound, KeyMismatch, or NeedsReconnect where nothing is stored."""
    login = read(connection, project_id, connection_id)
    if login.secret_id is None:
        raise NeedsReconnect(f"{login.name} has no sign-in stored any more. Reconnect it.")
    found: dict[str, Any] = json.loads(vault.get(connection, login.secret_id, _owner(connection_id)))
    return found


def replace_credentials(
    connection: Connection, project_id: int, connection_id: int, given: Mapping[str, Any]
) -> None:
    """Store other credentials in place of the known ones, which are gone."""
    login = read(connection, project_id, connection_id, lock=True)
    if login.secret_id is None:
        secret_id = vault.put(connection, _owner(connection_id), project_id, _packed(given))
        change(connection, project_id, connection_id, secret_id=secret_id)
    else:
        vault.replace(connection, login.secret_id, _owner(connection_id), _packed(given))


def change(connection: Connection, project_id: int, connection_id: int, **values: object) -> None:
    """Set columns. Raises NotFound."""
    mine = sa.and_(connections.c.project_id == project_id, connections.c.id == connection_id)
    if connection.execute(sa.update(connections).where(mine).values(values)).rowcount == 0:
        raise NotFound(_MISSING)


def let_in(connection: Connection, project_id: int, connection_id: int, ends: datetime | None) -> None:
    """The platform accepted the credentials: the connection is healthy."""
    change(
        connection, project_id, connection_id,
        state="healthy", diagnosis="", used_at=datetime.now(UTC), sign_in_ends_at=ends,
        oauth_state=None, oauth_expires_at=None,
    )  # fmt: skip


def shut_out(connection: Connection, project_id: int, connection_id: int, diagnosis: str) -> None:
    """The platform no longer accepts the credentials: somebody has to reconnect."""
    change(connection, project_id, connection_id, state="needs_reconnecting", diagnosis=diagnosis)


def sources_of(connection: Connection, project_id: int, connection_id: int) -> list[int]:
    """Ids of the sources that are pulled through a connection."""
    query = sa.select(sources.c.id).where(
        sources.c.project_id == project_id, sources.c.connection_id == connection_id
    )
    return list(connection.scalars(query.order_by(sources.c.id)))


def remove(connection: Connection, project_id: int, connection_id: int) -> None:
    """Forget a connection and its credentials; its sources and what they hold stay, and are not refreshed."""
    login = read(connection, project_id, connection_id, lock=True)
    connection.execute(
        sa.update(runs)
        .where(
            runs.c.project_id == project_id,
            runs.c.kind == "sync",
            runs.c.state.in_(["queued", "running"]),
            runs.c.source_id.in_(sources_of(connection, project_id, connection_id)),
        )
        .values(state="cancelled", finished_at=datetime.now(UTC), stage="")
    )
    connection.execute(
        sa.update(sources)
        .where(sources.c.project_id == project_id, sources.c.connection_id == connection_id)
        .values(connection_id=None)
    )
    connection.execute(sa.delete(connections).where(connections.c.id == login.id))
    if login.secret_id is not None:
        vault.remove(connection, login.secret_id)


# --- on the way to the platform's page and back ----------------------------------------------------


def _hashed(state: str) -> bytes:
    return sha256(state.encode()).digest()


def leave(connection: Connection, project_id: int, connection_id: int, state: str) -> None:
    """A person goes to the platform's page with this state, and is expected back within half an hour."""
    change(
        connection, project_id, connection_id,
        oauth_state=_hashed(state), oauth_expires_at=datetime.now(UTC) + timedelta(minutes=_OAUTH_MINUTES),
    )  # fmt: skip


def come_back(connection: Connection, state: str) -> Login:
    """The connection whose state the platform's page brought back, once. Raises NotFound when there is none."""
    mine = sa.and_(
        connections.c.oauth_state == _hashed(state), connections.c.oauth_expires_at > datetime.now(UTC)
    )
    row = connection.execute(
        sa.update(connections)
        .where(mine)
        .values(oauth_state=None, oauth_expires_at=None)
        .returning(*_COLUMNS)
    ).one_or_none()
    if row is None:
        raise NotFound(
            "This way back from the platform was used already, or took longer than half an hour. Nothing was "
            "changed: start the sign-in again from Connections."
        )
    return Login(**row._mapping)


def idle(connection: Connection, before: datetime) -> list[Login]:
    """Healthy connections of all projects whose credential was last used before then."""
    query = sa.select(*_COLUMNS).where(
        connections.c.state == "healthy",
        sa.or_(connections.c.used_at.is_(None), connections.c.used_at < before),
    )
    return [Login(**row._mapping) for row in connection.execute(query.order_by(connections.c.id))]
