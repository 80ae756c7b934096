"""Which figures make the stages of a project's funnel: as the team agreed, or by default."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from analytics import funnel
from analytics.funnel import Stages
from errors import BadInput
from store import definitions
from store.access import Person
from store.definitions import Definition

KIND = "stages"


@dataclass(frozen=True)
class Agreed:
    """Stages in force and their version; 0 where the product's default holds."""

    stages: Stages
    version: int

    @property
    def is_default(self) -> bool:
        """True if they are what a new project has."""
        return funnel.as_content(self.stages) == funnel.as_content(funnel.DEFAULT)


def in_force(connection: Connection, project_id: int) -> Agreed:
    """The stages that the project's funnel has now."""
    found = definitions.current(connection, project_id, KIND)
    return Agreed(funnel.read(found.content), found.version) if found else Agreed(funnel.DEFAULT, 0)


def save(person: Person, project_id: int, content: Any, *, seen: int, note: str = "") -> Definition:
    """Agree on stages: kind → stage → slugs. Raises BadInput that says which figure cannot stand where, and as
    `definitions.save`."""
    if wrong := funnel.problems(content):
        raise BadInput(f"{' '.join(wrong)} Nothing was saved.")
    return definitions.save(person, project_id, KIND, content, seen=seen, note=note)
