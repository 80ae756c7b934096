"""Tags that people give to campaigns by hand, kept apart from names, which belong to the platforms.

Giving and taking answer with exactly what they changed, so that it can be taken back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from errors import BadInput
from store import audit
from store.access import Action, Person, enter
from store.models import entities, labels

TAG = "tag"
LONGEST, MOST = 60, 5_000
Key = tuple[int, int]
"""A source and an entity of it."""


@dataclass(frozen=True)
class Change:
    """A tag that was given (or, with `given` false, taken) and the campaigns that this changed."""

    tag: str
    given: bool
    keys: tuple[Key, ...]


def of_project(connection: Connection, project_id: int) -> dict[Key, tuple[str, ...]]:
    """The tags of each campaign that has some, by name."""
    found: dict[Key, tuple[str, ...]] = {}
    query = sa.select(labels.c.source_id, labels.c.entity_id, labels.c.value).where(
        labels.c.project_id == project_id, labels.c.dimension == TAG
    )
    for source, entity, value in connection.execute(query.order_by(sa.func.lower(labels.c.value))):
        found[source, entity] = (*found.get((source, entity), ()), value)
    return found


def give(person: Person, project_id: int, keys: Collection[Key], tag: str) -> Change:
    """Tag campaigns; a tag that differs from a known one in letter case alone is that one.

    Raises NotAllowed, NotFound, and BadInput for a tag or a number of campaigns that cannot be.
    """
    wanted = _checked(tag, keys)
    with enter(person, project_id, Action.EDIT_ANALYSIS) as connection:
        known = sa.select(labels.c.value).where(
            labels.c.project_id == project_id, sa.func.lower(labels.c.value) == wanted.lower()
        )
        value = connection.scalar(known.limit(1)) or wanted
        rows = [
            {"project_id": project_id, "source_id": s, "entity_id": e, "dimension": TAG, "value": value}
            for s, e in _campaigns(connection, project_id, keys)
        ]
        changed: list[Key] = []
        if rows:
            query = insert(labels).values(rows).on_conflict_do_nothing()
            done = connection.execute(query.returning(labels.c.source_id, labels.c.entity_id))
            changed = [(row.source_id, row.entity_id) for row in done]
        return _recorded(connection, person, project_id, Change(value, True, tuple(changed)))


def take(person: Person, project_id: int, keys: Collection[Key], tag: str) -> Change:
    """Take a tag from campaigns. Raises as `give`."""
    value = _checked(tag, keys)
    with enter(person, project_id, Action.EDIT_ANALYSIS) as connection:
        gone = sa.delete(labels).where(
            labels.c.project_id == project_id,
            labels.c.dimension == TAG,
            sa.func.lower(labels.c.value) == value.lower(),
            sa.tuple_(labels.c.source_id, labels.c.entity_id).in_(list(keys)),
        )
        done = connection.execute(gone.returning(labels.c.source_id, labels.c.entity_id))
        changed = tuple((row.source_id, row.entity_id) for row in done)
        return _recorded(connection, person, project_id, Change(value, False, changed))


def undo(person: Person, project_id: int, change: Change) -> Change:
    """Take back what `give` or `take` changed, and nothing else. Raises as these."""
    if not change.keys:
        return change
    return (take if change.given else give)(person, project_id, change.keys, change.tag)


def _checked(tag: str, keys: Collection[Key]) -> str:
    value = " ".join(tag.split())
    if not 1 <= len(value) <= LONGEST:
        raise BadInput(f"A tag has 1 to {LONGEST} characters. Nothing was changed.")
    if not keys:
        raise BadInput("Pick campaigns first. Nothing was changed.")
    if len(keys) > MOST:
        raise BadInput(f"{MOST:,} campaigns at once are the most. Nothing was changed.")
    return value


def _campaigns(connection: Connection, project_id: int, keys: Iterable[Key]) -> list[Key]:
    """Those of the keys that are campaigns of the project."""
    query = sa.select(entities.c.source_id, entities.c.id).where(
        entities.c.project_id == project_id,
        entities.c.level == "campaign",
        sa.tuple_(entities.c.source_id, entities.c.id).in_(list(keys)),
    )
    return [(row.source_id, row.id) for row in connection.execute(query)]


def _recorded(connection: Connection, person: Person, project_id: int, change: Change) -> Change:
    if change.keys:
        action = "tag_campaigns" if change.given else "untag_campaigns"
        details = {"campaigns": len(change.keys)}
        audit.record(
            connection, who=person, action=action, subject=change.tag, project_id=project_id, details=details
        )
    return change
