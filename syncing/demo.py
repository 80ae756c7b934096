"""The demo project: the invented business's exports, brought in through the same importer as anybody's files."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sandbox.business import Business
from sandbox.exports import ANSWERS, FILES
from spreadsheets import reading
from spreadsheets.understanding import Answers
from store import projects, runs
from store.access import Action, Person, enter
from store.db import Connection
from syncing import imports
from syncing.layers import Progress

NAME = "Demo: Harbour & Pine"


def create(person: Person) -> int:
    """A project of its own for the demo, and a run that fills it; the project's id."""
    project = projects.create(person, NAME, "EUR", "Europe/Berlin", is_demo=True)
    with enter(person, project.id, Action.IMPORT) as connection:
        runs.request(connection, project.id, "demo", {}, person.id)
    return project.id


def fill(connection: Connection, project_id: int, person_id: int | None, say: Progress) -> list[int]:
    """Import the exports of the business up to yesterday; the ids of the batches."""
    business = Business(datetime.now(UTC).date() - timedelta(days=1))
    salt = projects.salt(connection, project_id)
    made = []
    with tempfile.TemporaryDirectory(prefix="soundings-") as folder:
        for n, (name, write) in enumerate(FILES.items()):
            say(f"Importing {name}", n, len(FILES))
            path = Path(folder) / "export"
            path.write_bytes(write(business))
            answers = ANSWERS.get(name, {})
            for table in reading.understand(path, name, Answers.from_dict(answers, salt=salt)):
                if imports.is_importable(table):
                    made.append(
                        imports.write(
                            connection, project_id, table, answers, None, person_id, lambda *_: None
                        )
                    )
    return made
