"""Channel rules, naming convention, aliases and link vocabulary of a project: read, checked and saved.

What is stored may come from an older version of Soundings: what cannot be read any more counts as not agreed
on, and says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection

from analytics import aliases, grouping, naming, rules, utm
from analytics.aliases import Alias
from analytics.grouping import Grouping
from analytics.naming import Convention
from analytics.rules import WrongRule
from analytics.utm import Vocabulary
from errors import BadInput
from store import definitions
from store.access import Person
from store.definitions import Definition

GROUPING, NAMING, ALIASES, VOCABULARY = "grouping", "naming", "aliases", "vocabulary"
T = TypeVar("T")


@dataclass(frozen=True)
class Agreed(Generic[T]):
    """What is in force, and of which version (0: the product's default). `problem`: why a stored one is not."""

    value: T
    version: int = 0
    problem: str = ""


def read_grouping(connection: Connection, project_id: int) -> Agreed[Grouping]:
    """The channel rules; GA4's where the project has none of its own."""
    return _read(connection, project_id, GROUPING, rules.from_content, grouping.DEFAULT)


def read_convention(connection: Connection, project_id: int) -> Agreed[Convention | None]:
    """How campaigns are named; None where nothing is agreed, or it was given up."""
    return _read(connection, project_id, NAMING, _convention, None)


def read_aliases(connection: Connection, project_id: int) -> Agreed[tuple[Alias, ...]]:
    """Which tags stand for others."""
    return _read(connection, project_id, ALIASES, aliases.from_content, ())


def read_vocabulary(connection: Connection, project_id: int) -> Agreed[Vocabulary]:
    """Which values links may be tagged with; any where nothing is agreed."""
    return _read(connection, project_id, VOCABULARY, utm.from_content, utm.OPEN)


def _convention(content: Any) -> Convention | None:
    return naming.from_content(content) if content else None


def _read(
    connection: Connection, project_id: int, kind: str, parse: Callable[[Any], T], default: T
) -> Agreed[T]:
    stored = definitions.current(connection, project_id, kind)
    if stored is None:
        return Agreed(default)
    try:
        return Agreed(parse(stored.content), stored.version)
    except WrongRule as error:
        return Agreed(default, stored.version, f"{error} What is shown is the default; save to replace it.")


def save_grouping(
    person: Person, project_id: int, value: Grouping, *, seen: int, note: str = ""
) -> Definition:
    """Put channel rules in force. Raises BadInput that names the wrong rule, and as `definitions.save`."""
    return _save(person, project_id, GROUPING, lambda: rules.as_content(rules.check(value)), seen, note)


def save_convention(
    person: Person, project_id: int, value: Convention | None, *, seen: int, note: str = ""
) -> Definition:
    """Put a naming convention in force; None gives it up. Raises as `save_grouping`."""
    return _save(
        person,
        project_id,
        NAMING,
        lambda: naming.as_content(naming.check(value)) if value else {},
        seen,
        note,
    )


def save_aliases(
    person: Person, project_id: int, value: tuple[Alias, ...], *, seen: int, note: str = ""
) -> Definition:
    """Put aliases in force. Raises as `save_grouping`."""
    return _save(person, project_id, ALIASES, lambda: aliases.as_content(aliases.check(value)), seen, note)


def save_vocabulary(
    person: Person, project_id: int, value: Vocabulary, *, seen: int, note: str = ""
) -> Definition:
    """Put a vocabulary in force. Raises as `save_grouping`."""
    return _save(person, project_id, VOCABULARY, lambda: utm.as_content(utm.check(value)), seen, note)


def _save(
    person: Person, project_id: int, kind: str, make: Callable[[], Any], seen: int, note: str
) -> Definition:
    try:
        content = make()
    except WrongRule as error:
        raise BadInput(f"{str(error)[:1].upper()}{str(error)[1:]} Nothing was saved.") from error
    return definitions.save(person, project_id, kind, content, seen=seen, note=note)
