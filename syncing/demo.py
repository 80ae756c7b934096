"""The demo project: an invented business's accounts, connected and read like anybody's.

Its connections lead to the sandbox, which answers in this process as the platforms do, so every screen is
alive without one credential, and the sidecar keeps it fresh day by day.
"""

from __future__ import annotations

from typing import Any

import connectors
from sandbox import credentials as invented
from sandbox import platforms
from store import connections, projects, runs
from store.access import Action, Person, enter
from store.db import Connection
from syncing import connecting, logins
from syncing.layers import Progress

NAME = "Demo: Harbour & Pine"


def create(person: Person) -> int:
    """A project of its own for the demo, and a run that connects its accounts; the project's id."""
    project = projects.create(person, NAME, "EUR", "Europe/Berlin", is_demo=True)
    with enter(person, project.id, Action.MANAGE_CONNECTIONS) as connection:
        runs.request(connection, project.id, "demo", {}, person.id)
    return project.id


def connect(connection: Connection, project_id: int, person_id: int | None, say: Progress) -> dict[str, Any]:
    """Connect the business's accounts at every platform; each is read by a run of its own."""
    offered = [slug for slug in connectors.REGISTRY if slug in platforms.NAMES]
    made = []
    for n, slug in enumerate(offered):
        kind = connectors.find(slug)
        say(f"Connecting {kind.label}", n, len(offered))
        connector = logins.with_credentials(slug, invented.credentials(slug), is_demo=True)
        found = [account for account in connector.accounts() if not account.note]
        connection_id = connections.create(
            connection,
            project_id,
            slug,
            f"{kind.label}: {found[0].name}",
            "demo",
            connector.credentials,
            person_id,
        )
        login = connections.read(connection, project_id, connection_id)
        made += [connecting.add_source(connection, project_id, login, one, person_id) for one in found]
    return {"sources": made}
