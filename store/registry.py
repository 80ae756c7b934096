"""The register of what numbers belong to: entities with their names, and the terms that rows share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice

import sqlalchemy as sa
from sqlalchemy import Connection

from errors import BadInput
from store.entities import SEPARATOR, identity
from store.models import entities, terms
from store.windows import Terms

_BLOCK = 20_000


@dataclass(frozen=True)
class Entity:
    """A campaign, ad group, ad, page … of a source. `key` is the platform's id, else the path of names."""

    level: str
    key: str
    name: str
    parent_id: int | None = None
    status: str = ""
    budget: Decimal | str | None = None
    budget_period: str = ""

    @property
    def id(self) -> int:
        """Its id in the store."""
        return identity(self.level, self.key)


_GIVEN = """
SELECT * FROM unnest(
    CAST(:ids AS bigint[]), CAST(:levels AS text[]), CAST(:keys AS text[]), CAST(:parents AS bigint[]),
    CAST(:names AS text[]), CAST(:statuses AS text[]), CAST(:budgets AS numeric[]), CAST(:periods AS text[])
) AS given (id, level, key, parent_id, name, status, budget, budget_period)"""

_COLLISION = sa.text(f"""
SELECT e.level, e.key, given.level AS other_level, given.key AS other_key
FROM entities e JOIN ({_GIVEN}) given ON given.id = e.id
WHERE e.project_id = :project_id AND e.source_id = :source_id AND (e.level <> given.level OR e.key <> given.key)
LIMIT 1""")

_UPSERT = sa.text(f"""
INSERT INTO entities AS e (project_id, source_id, id, level, key, parent_id, name, status, budget, budget_period)
SELECT :project_id, :source_id, given.id, given.level, given.key, given.parent_id, given.name, given.status,
       given.budget, given.budget_period
FROM ({_GIVEN}) given
LEFT JOIN entities known ON known.project_id = :project_id AND known.source_id = :source_id AND known.id = given.id
WHERE known.id IS NULL OR known.name <> given.name
   OR (given.parent_id IS NOT NULL AND given.parent_id IS DISTINCT FROM known.parent_id)
   OR (given.status <> '' AND given.status <> known.status)
   OR (given.budget IS NOT NULL AND (given.budget, given.budget_period) IS DISTINCT FROM (known.budget, known.budget_period))
ON CONFLICT (project_id, source_id, id) DO UPDATE SET
    name = excluded.name,
    parent_id = coalesce(excluded.parent_id, e.parent_id),
    status = coalesce(nullif(excluded.status, ''), e.status),
    budget = coalesce(excluded.budget, e.budget),
    budget_period = CASE WHEN excluded.budget IS NULL THEN e.budget_period ELSE excluded.budget_period END""")


def register_entities(
    connection: Connection, project_id: int, source_id: int, found: Iterable[Entity]
) -> None:
    """Make entities known, or give known ones their new name, status, parent and budget.

    What the new version does not say (no parent, no status, no budget) stays as it was. Raises BadInput
    when two keys share an id.
    """
    seen = iter(found)
    while block := list(islice(seen, _BLOCK)):
        values = {"project_id": project_id, "source_id": source_id, **_columns(block)}
        if clash := connection.execute(_COLLISION, values).first():
            raise _collision(clash.level, clash.key, clash.other_level, clash.other_key)
        connection.execute(_UPSERT, values)


def _columns(block: list[Entity]) -> dict[str, list[object]]:
    by_id: dict[int, Entity] = {}
    for entity in block:
        other = by_id.get(entity.id, entity)
        if (other.level, other.key) != (entity.level, entity.key):
            raise _collision(other.level, other.key, entity.level, entity.key)
        by_id[entity.id] = entity
    some = by_id.values()
    return {
        "ids": list(by_id),
        "levels": [e.level for e in some],
        "keys": [e.key for e in some],
        "parents": [e.parent_id for e in some],
        "names": [e.name for e in some],
        "statuses": [e.status for e in some],
        "budgets": [None if e.budget is None else Decimal(e.budget) for e in some],
        "periods": [e.budget_period for e in some],
    }


def _collision(level: str, key: str, other_level: str, other_key: str) -> BadInput:
    one, other = (
        f"{at} {name.replace(SEPARATOR, ' › ')!r}" for at, name in ((level, key), (other_level, other_key))
    )
    return BadInput(
        f"{one} and {other} get the same number in the store and cannot be told apart. Nothing was written."
    )


def campaigns_by_name(connection: Connection, project_id: int, source_id: int) -> dict[str, str]:
    """Key of each campaign (or e-mail) whose name no other campaign of the source has."""
    rows = connection.execute(
        sa.select(entities.c.name, sa.func.min(entities.c.key))
        .where(
            entities.c.project_id == project_id,
            entities.c.source_id == source_id,
            entities.c.level.in_(("campaign", "email")),
        )
        .group_by(entities.c.name)
        .having(sa.func.count() == 1)
    )
    return dict(tuple(row) for row in rows)


def terms_id(connection: Connection, project_id: int, given: Terms) -> int:
    """Id of the terms in this project, made if need be."""
    wanted = {"time_zone": given.time_zone, "attribution": given.attribution, "definition": given.definition}
    query = sa.select(terms.c.id).where(
        terms.c.project_id == project_id, *(terms.c[name] == value for name, value in wanted.items())
    )
    found: int | None = connection.scalar(query)
    if found is None:
        connection.execute(
            sa.text(
                "INSERT INTO terms (project_id, time_zone, attribution, definition)"
                " VALUES (:project_id, :time_zone, :attribution, :definition)"
                " ON CONFLICT (project_id, time_zone, attribution, definition) DO NOTHING"
            ),
            {"project_id": project_id, **wanted},
        )
        found = connection.scalar(query)
    assert found is not None
    return found
