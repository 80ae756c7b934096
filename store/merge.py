"""From `staged_metrics` into `daily_metrics`: write only what is new or different, remove what is gone.

A window that holds nothing yet takes the rows as they are. Otherwise one pass over both sides finds, by
slice, what differs; slices in which nothing differs are not touched again. A new version of a row bears
the run and time of this load, a row that stays keeps its own.

Staged rows have no statistics, so the planner believes them few: `plan_for_bulk` keeps it from looking
each of a million rows up by itself. Every join holds project_id, no value is made by the server's clock.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy import Connection

from store import history
from store.blocks import KEY
from store.models import MEASURES, STAGED, restatements
from store.staging import Staged
from store.windows import Loaded, Slice, Window, within

RESTATED = ("spend", "conversions", "conversion_value", "impressions", "clicks")
_WORK_MEM = "128MB"


@dataclass(frozen=True)
class Difference:
    """How one slice of the window differs from what is staged, in rows."""

    day: object
    days: int
    new: int
    removed: int
    kept: int
    changed: int

    @property
    def where(self) -> Slice:
        return self.day, self.days  # type: ignore[return-value]

    @property
    def exists(self) -> bool:
        return bool(self.new or self.removed or self.changed)


@dataclass(frozen=True)
class Version:
    """What the rows that a load writes have in common."""

    run_id: int
    at: datetime
    terms_id: int


def plan_for_bulk(connection: Connection) -> None:
    """Settings for the statements of a load; `plan_as_usual` takes them back."""
    connection.execute(sa.text(f"SET LOCAL enable_nestloop = off; SET LOCAL work_mem = '{_WORK_MEM}'"))


def plan_as_usual(connection: Connection) -> None:
    connection.execute(sa.text("SET LOCAL enable_nestloop TO DEFAULT; SET LOCAL work_mem TO DEFAULT"))


def is_empty(connection: Connection, window: Window) -> bool:
    """True if the store holds no row in the window."""
    where = within(window.slices, "d")
    sql = f"SELECT NOT EXISTS (SELECT 1 FROM daily_metrics d WHERE {_OURS} AND {where.sql})"
    return bool(connection.scalar(sa.text(sql), {**_place(window), **where.values}))


_OURS = "d.project_id = :project_id AND d.source_id = :source_id AND d.grain = :grain"
_STAGED = "s.project_id = :project_id AND s.run_id = :run_id"
_SAME = " AND ".join(f"s.{name} = d.{name}" for name in ("project_id", *KEY))


def _place(window: Window) -> dict[str, object]:
    return {"project_id": window.project_id, "source_id": window.source_id, "grain": window.grain}


def _values(window: Window, version: Version) -> dict[str, object]:
    common = {
        "currency": window.currency,
        "run_id": version.run_id,
        "at": version.at,
        "terms_id": version.terms_id,
    }
    return _place(window) | common


def _carried(staged: Staged) -> tuple[str, ...]:
    return ("campaign_id", *staged.measures, *(("more",) if staged.has_more else ()))


def insert(
    connection: Connection,
    window: Window,
    version: Version,
    staged: Staged,
    slices: Collection[Slice] | None = None,
) -> None:
    """Write the staged rows that the store does not have; all of them unless `slices` says where to look."""
    columns = ", ".join((*KEY, *_carried(staged)))
    sql = f"""
    INSERT INTO daily_metrics (project_id, source_id, grain, currency, terms_id, run_id, extracted_at, {columns})
    SELECT :project_id, :source_id, :grain, :currency, :terms_id, :run_id, :at, {columns}
    FROM staged_metrics s WHERE {_STAGED}"""
    values = _values(window, version)
    if slices is not None:
        where, stored = within(slices, "s"), within(slices, "d")
        sql += f" AND {where.sql} AND NOT EXISTS (SELECT 1 FROM daily_metrics d WHERE {_OURS} AND {stored.sql} AND {_SAME})"
        values |= where.values
    connection.execute(sa.text(sql), values)


def _differs(staged: Staged) -> str:
    """SQL: does the stored row d say something else than the staged row s?"""
    carried = _carried(staged)
    absent = [f"d.{name}" for name in (*MEASURES, "more") if name not in carried]
    parts = [f"s.{name} IS DISTINCT FROM d.{name}" for name in carried]
    parts += [f"num_nonnulls({', '.join(absent)}) > 0"] if absent else []
    parts += ["d.currency <> CAST(:currency AS char(3))", "d.terms_id <> :terms_id"]
    return " OR ".join(parts)


def differences(connection: Connection, window: Window, version: Version, staged: Staged) -> list[Difference]:
    """Compare the window with the staged rows in one pass; one entry a slice that holds rows on either side."""
    where = within(window.slices, "d")
    sql = f"""
    SELECT day, days,
           count(*) FILTER (WHERE kind = 0) AS new,
           count(*) FILTER (WHERE kind = 1) AS removed,
           count(*) FILTER (WHERE kind >= 2) AS kept,
           count(*) FILTER (WHERE kind = 3) AS changed
    FROM (
        SELECT day, days,
               CASE WHEN d.project_id IS NULL THEN 0 WHEN s.project_id IS NULL THEN 1
                    WHEN {_differs(staged)} THEN 3 ELSE 2 END AS kind
        FROM (SELECT * FROM staged_metrics s WHERE {_STAGED}) s
        FULL JOIN (SELECT * FROM daily_metrics d WHERE {_OURS} AND {where.sql}) d
             USING ({", ".join(("project_id", *KEY))})
        OFFSET 0
    ) compared
    GROUP BY day, days"""
    rows = connection.execute(sa.text(sql), _values(window, version) | dict(where.values))
    return [Difference(*row) for row in rows]


def apply(
    connection: Connection, window: Window, version: Version, staged: Staged, found: Sequence[Difference]
) -> None:
    """Make the window say what is staged, touching only slices and rows that differ."""
    if changed := {d.where for d in found if d.changed}:
        _update(connection, window, version, staged, changed)
    if removed := {d.where for d in found if d.removed}:
        _delete(connection, window, version, removed)
    if new := {d.where for d in found if d.new}:
        insert(connection, window, version, staged, new)


def _update(
    connection: Connection, window: Window, version: Version, staged: Staged, slices: Collection[Slice]
) -> None:
    carried = _carried(staged)
    where = within(slices, "d")
    sets = [
        f"{name} = s.{name}" if name in carried else f"{name} = NULL"
        for name in ("campaign_id", *MEASURES, "more")
    ]
    sql = f"""
    UPDATE daily_metrics d
    SET {", ".join(sets)}, currency = :currency, terms_id = :terms_id, run_id = :run_id, extracted_at = :at
    FROM staged_metrics s
    WHERE {_OURS} AND {where.sql} AND {_STAGED} AND {_SAME} AND ({_differs(staged)})"""
    values = _values(window, version) | dict(where.values)
    gone = f"FROM staged_metrics s, daily_metrics d WHERE {_OURS} AND {where.sql} AND {_STAGED} AND {_SAME}"
    _keep(connection, f"{gone} AND ({_differs(staged)})", values)
    connection.execute(sa.text(sql), values)


def _delete(connection: Connection, window: Window, version: Version, slices: Collection[Slice]) -> None:
    where = within(slices, "d")
    gone = f"""FROM daily_metrics d
    WHERE {_OURS} AND {where.sql} AND NOT EXISTS (SELECT 1 FROM staged_metrics s WHERE {_STAGED} AND {_SAME})"""
    values = {**_place(window), **where.values, "run_id": version.run_id, "at": version.at}
    _keep(connection, gone, values)
    connection.execute(sa.text(f"DELETE {gone}"), values)


def _keep(connection: Connection, gone: str, values: Mapping[str, object]) -> None:
    """Keep the former versions of rows that are about to be replaced or removed."""
    sql = history.keeping("daily_metrics", "d", ", ".join(STAGED), gone, "extracted_at")
    connection.execute(sa.text(sql), values)


def counted(staged: Staged, found: Sequence[Difference]) -> Loaded:
    """The load in numbers."""
    changed = sum(d.changed for d in found)
    kept = sum(d.kept for d in found)
    return Loaded(sum(d.new for d in found), changed, kept - changed, sum(d.removed for d in found))


def totals(
    connection: Connection, window: Window, slices: Collection[Slice]
) -> dict[Slice, dict[str, Decimal | None]]:
    """Totals of the restated metrics by slice, as the store holds them now."""
    where = within(slices, "d")
    sums = ", ".join(f"sum(d.{name})" for name in RESTATED)
    sql = f"SELECT d.day, d.days, {sums} FROM daily_metrics d WHERE {_OURS} AND {where.sql} GROUP BY d.day, d.days"
    rows = connection.execute(sa.text(sql), {**_place(window), **where.values})
    return {(day, days): dict(zip(RESTATED, sums, strict=True)) for day, days, *sums in rows}


def record_restatements(
    connection: Connection,
    window: Window,
    version: Version,
    before: dict[Slice, dict[str, Decimal | None]],
    after: dict[Slice, dict[str, Decimal | None]],
) -> None:
    """Keep old and new total of each metric and slice that had rows before and now adds up to something else."""
    rows = [
        {
            **_place(window), "day": day, "days": days, "run_id": version.run_id, "at": version.at,
            "metric": name, "old_total": old, "new_total": after.get((day, days), {}).get(name),
        }
        for (day, days), totals in sorted(before.items())
        for name, old in totals.items()
        if old != after.get((day, days), {}).get(name)
    ]  # fmt: skip
    if rows:
        connection.execute(sa.insert(restatements), rows)
