"""Batches: what one import wrote, kept so that it can be traced to the row and undone exactly.

Facts are a function of the batches that are not undone: for each slice (source, grain, day, days) the
latest batch that speaks for it wins. Each batch keeps its normalised rows as Parquet, so undoing one
restores what stood under it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from errors import NotFound
from store.models import batch_rows, batch_slices, batches, users

Slice = tuple[date, int]
"""A day and how many days it stands for."""


class Layer(NamedTuple):
    """Days of one source and grain that a batch speaks for."""

    source_id: int
    grain: int
    slices: frozenset[Slice]


@dataclass(frozen=True)
class Batch:
    """One import. `result` counts rows: new, changed, unchanged, removed."""

    id: int
    upload_id: int | None
    title: str
    platform: str
    report: str
    kind: str
    rows: int
    totals: dict[str, str]
    terms: dict[str, str]
    problems: list[dict[str, Any]]
    date_from: date | None
    date_to: date | None
    result: dict[str, int]
    imported_by: int | None
    imported_at: datetime
    undone_by: int | None
    undone_at: datetime | None


_COLUMNS = [batches.c[name] for name in Batch.__dataclass_fields__]


def add(connection: Connection, project_id: int, **values: Any) -> int:
    """Insert a batch; its id."""
    made = connection.scalar(
        sa.insert(batches).values(project_id=project_id, **values).returning(batches.c.id)
    )
    return int(made or 0)


def set_result(connection: Connection, project_id: int, batch_id: int, result: Mapping[str, int]) -> None:
    """Keep what the import changed."""
    mine = sa.update(batches).where(batches.c.project_id == project_id, batches.c.id == batch_id)
    connection.execute(mine.values(result=dict(result)))


def keep_layer(connection: Connection, project_id: int, batch_id: int, layer: Layer) -> None:
    """Write down which days the batch speaks for."""
    rows = [
        {
            "project_id": project_id,
            "source_id": layer.source_id,
            "grain": layer.grain,
            "day": day,
            "days": days,
            "batch_id": batch_id,
        }
        for day, days in sorted(layer.slices)
    ]
    if rows:
        connection.execute(sa.insert(batch_slices), rows)


def keep_rows(
    connection: Connection,
    project_id: int,
    batch_id: int,
    source_id: int,
    part: str,
    contents: Iterable[bytes],
) -> None:
    """Keep normalised rows (Parquet files) of one source."""
    for no, content in enumerate(contents):
        values = {"project_id": project_id, "batch_id": batch_id, "source_id": source_id, "part": part}
        connection.execute(sa.insert(batch_rows).values(**values, no=no, content=content))


def kept_rows(
    connection: Connection, project_id: int, batch_id: int, source_id: int, part: str
) -> list[bytes]:
    """The Parquet files that `keep_rows` was given."""
    query = (
        sa.select(batch_rows.c.content)
        .where(
            batch_rows.c.project_id == project_id,
            batch_rows.c.batch_id == batch_id,
            batch_rows.c.source_id == source_id,
            batch_rows.c.part == part,
        )
        .order_by(batch_rows.c.no)
    )
    return [bytes(content) for content in connection.scalars(query)]


def layers(connection: Connection, project_id: int, batch_id: int) -> list[Layer]:
    """What a batch speaks for, by source and grain."""
    found: dict[tuple[int, int], set[Slice]] = {}
    query = sa.select(
        batch_slices.c.source_id, batch_slices.c.grain, batch_slices.c.day, batch_slices.c.days
    ).where(batch_slices.c.project_id == project_id, batch_slices.c.batch_id == batch_id)
    for source_id, grain, day, days in connection.execute(query):
        found.setdefault((source_id, grain), set()).add((day, days))
    return [Layer(source, grain, frozenset(slices)) for (source, grain), slices in found.items()]


def owners(connection: Connection, project_id: int, layer: Layer) -> dict[Slice, int]:
    """The batch that each slice shows now: the latest one not undone. Slices without one are absent."""
    query = (
        sa.select(batch_slices.c.day, batch_slices.c.days, sa.func.max(batch_slices.c.batch_id))
        .join(
            batches,
            sa.and_(
                batches.c.project_id == batch_slices.c.project_id, batches.c.id == batch_slices.c.batch_id
            ),
        )
        .where(
            batch_slices.c.project_id == project_id,
            batch_slices.c.source_id == layer.source_id,
            batch_slices.c.grain == layer.grain,
            batches.c.undone_at.is_(None),
        )
        .group_by(batch_slices.c.day, batch_slices.c.days)
    )
    return {
        (day, days): owner for day, days, owner in connection.execute(query) if (day, days) in layer.slices
    }


def mark_undone(
    connection: Connection, project_id: int, batch_id: int, person_id: int | None, at: datetime
) -> bool:
    """Mark a batch undone. False when it already was."""
    mine = sa.update(batches).where(
        batches.c.project_id == project_id, batches.c.id == batch_id, batches.c.undone_at.is_(None)
    )
    return connection.execute(mine.values(undone_at=at, undone_by=person_id)).rowcount == 1


def read(connection: Connection, project_id: int, batch_id: int) -> Batch:
    """One batch. Raises NotFound."""
    row = connection.execute(
        sa.select(*_COLUMNS).where(batches.c.project_id == project_id, batches.c.id == batch_id)
    ).one_or_none()
    if row is None:
        raise NotFound("This import does not exist in this project.")
    return Batch(**row._mapping)


def listed(connection: Connection, project_id: int) -> list[tuple[Batch, str]]:
    """All imports with the name of who made them, newest first."""
    query = (
        sa.select(*_COLUMNS, sa.func.coalesce(users.c.name, "").label("who"))
        .outerjoin(users, users.c.id == batches.c.imported_by)
        .where(batches.c.project_id == project_id)
        .order_by(batches.c.id.desc())
    )
    found = []
    for row in connection.execute(query):
        values = dict(row._mapping)
        who = values.pop("who")
        found.append((Batch(**values), who))
    return found
