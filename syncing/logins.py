"""A connector for a stored connection: the credentials come out of the vault, renewed ones go back in at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import connectors
from connectors._base import Connector, Credentials, Keeper
from connectors._http import Wait, pause
from errors import NeedsReconnect
from sandbox import serving
from store import connections, db, projects
from store.connections import Login


def open_connector(project_id: int, connection_id: int, wait: Wait = pause) -> Connector:
    """A connector for the connection. Raises NotFound, KeyMismatch, NeedsReconnect."""
    with db.project(project_id) as connection:
        login = connections.read(connection, project_id, connection_id)
        if login.state == "needs_reconnecting" and login.secret_id is None:
            raise NeedsReconnect(login.diagnosis or f"{login.name} must be reconnected.")
        credentials = connections.credentials(connection, project_id, connection_id)
        is_demo = projects.is_demo(connection, project_id)
    return with_credentials(
        login.platform, credentials, is_demo=is_demo, keeper=_keeper(login, project_id), wait=wait
    )


def with_credentials(
    platform: str,
    credentials: Mapping[str, Any],
    *,
    is_demo: bool = False,
    keeper: Keeper | None = None,
    wait: Wait = pause,
) -> Connector:
    """A connector for credentials that are not stored (yet). The demo's go to the sandbox of this process."""
    base_url = f"{serving.shared()}/{platform}" if is_demo else None
    given = {name: value for name, value in credentials.items() if not name.startswith("_")}
    return connectors.connect(platform, given, keeper=keeper, wait=wait, base_url=base_url)


def _keeper(login: Login, project_id: int) -> Keeper:
    """Renews under a lock on the connection, so that two runs do not spend one rotating refresh token twice."""

    def keep(renew: Callable[[Credentials], Mapping[str, Any]], stale: object) -> Credentials:
        with db.project(project_id) as connection:
            connections.read(connection, project_id, login.id, lock=True)
            known = Credentials(connections.credentials(connection, project_id, login.id))
            if known.get("access_token") and known.get("access_token") != stale:
                return known
            fresh = Credentials({**known, **renew(known)})
            connections.replace_credentials(connection, project_id, login.id, fresh)
        return fresh

    return keep


def refresh_idle(before: datetime) -> list[str]:
    """Renew the tokens of connections that were not used since `before`, so that they do not die of disuse.

    Returns a line for each that could not be renewed; those that the platform refused are marked.
    """
    with db.instance() as connection:
        found = connections.idle(connection, before)
    failures = []
    for login in found:
        try:
            connector = open_connector(login.project_id, login.id)
            if connector.can_renew():
                connector.renew()
            ends = connector.sign_in_ends()
        except NeedsReconnect as error:
            with db.project(login.project_id) as connection:
                connections.shut_out(connection, login.project_id, login.id, str(error))
            failures.append(f"{login.name}: {error}")
        except Exception as error:  # one connection's trouble is not the others'
            failures.append(f"{login.name}: {type(error).__name__}")
        else:
            with db.project(login.project_id) as connection:
                connections.let_in(connection, login.project_id, login.id, ends)
    return failures
