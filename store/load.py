"""Bulk loading: replace a window of one source's numbers, exactly and in one transaction (the caller's).

Rows are staged by COPY, only what differs is written, what the platform dropped is removed, the roll-ups
follow, restated totals are recorded, and the source's coverage advances. Loading the same twice changes
nothing. Loads of one source wait for each other; different sources load side by side. docs/loading.md
tells the whole story, docs/benchmarks.md how fast it is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal

import polars as pl
import sqlalchemy as sa
from sqlalchemy import Connection

from store import blocks, breakdowns, grains, merge, rollups, sources, staging
from store.models import DISTINCT, MEASURES, daily_metrics, orders
from store.registry import Entity, register_entities, terms_id
from store.windows import Loaded, MetricRow, Slice, Terms, Window, within

__all__ = [
    "Entity",
    "Loaded",
    "MetricRow",
    "Terms",
    "Window",
    "load_frame",
    "load_rows",
    "register_entities",
    "replaced",
]


def load_rows(
    connection: Connection,
    window: Window,
    rows: Iterable[MetricRow] | Iterable[Mapping[str, object]],
    *,
    run_id: int,
    at: datetime,
    entities: Iterable[Entity] = (),
) -> Loaded:
    """Replace the window with rows as a connector yields them (see `windows.MetricRow`); may be millions.

    `at` is when they were extracted. The iterable must not use `connection` itself. Raises BadInput that
    names the first offender (a key twice, a day outside the window, an unknown metric, a number that is
    not exact or not finite); then nothing was written. Raises NotFound for a source of another project.
    """
    return _load(connection, window, blocks.of_rows(window, rows), run_id, at, entities)


def load_frame(
    connection: Connection,
    window: Window,
    frame: pl.DataFrame,
    *,
    run_id: int,
    at: datetime,
    entities: Iterable[Entity] = (),
) -> Loaded:
    """The same, columnar: `day`, `days`, `entity_id`, `campaign_id`, `segment`, any measure, `more` (JSON text).

    Counts are integers, amounts Decimal, integers or exact decimal text. `days` defaults to 1.
    """
    return _load(connection, window, blocks.of_frame(window, frame), run_id, at, entities)


def _load(
    connection: Connection,
    window: Window,
    made: Iterator[pl.DataFrame],
    run_id: int,
    at: datetime,
    entities: Iterable[Entity],
) -> Loaded:
    with connection.begin_nested():
        sources.lock(connection, window.project_id, window.source_id)
        register_entities(connection, window.project_id, window.source_id, entities)
        staged = staging.stage(connection, window, run_id, made)
        version = merge.Version(run_id, at, terms_id(connection, window.project_id, window.terms))
        merge.plan_for_bulk(connection)
        loaded = _write(connection, window, version, staged)
        staging.clear(connection, window, run_id)
        merge.plan_as_usual(connection)
        sources.advance(
            connection, window.project_id, window.source_id, window.covers, at, wrote=loaded.wrote
        )
    return loaded


def _write(connection: Connection, window: Window, version: merge.Version, staged: staging.Staged) -> Loaded:
    if merge.is_empty(connection, window):
        if staged.rows:
            merge.insert(connection, window, version, staged)
            _roll_up(connection, window, staged.slices, version.at, staged.measures)
        return Loaded(staged.rows, 0, 0, 0)
    found = merge.differences(connection, window, version, staged)
    touched = {d.where for d in found if d.exists}
    loaded = merge.counted(staged, found)
    if not touched:
        return loaded
    restated = {d.where for d in found if d.exists and (d.removed or d.kept)}
    before = merge.totals(connection, window, restated)
    merge.apply(connection, window, version, staged, found)
    merge.record_restatements(connection, window, version, before, merge.totals(connection, window, restated))
    _roll_up(connection, window, touched, version.at, MEASURES if loaded.removed else staged.measures)
    return loaded


def _roll_up(
    connection: Connection, window: Window, slices: Collection[Slice], at: datetime, measures: tuple[str, ...]
) -> None:
    for one in (rollups, breakdowns):
        one.refresh(connection, window.project_id, window.source_id, window.grain, slices, at, measures)


def replaced(
    connection: Connection, project_id: int, source_id: int, grain: int, slices: Collection[Slice]
) -> dict[str, Decimal | int]:
    """What slices hold now and a load would replace: `rows`, and a total of each measure that may be added up.

    For `grains.ORDER_SLICE` these are orders, with orders, revenue_gross, discounts, refunds and revenue_net.
    """
    if grain == grains.ORDER_SLICE:
        return _replaced_orders(connection, project_id, source_id, {day for day, _ in slices})
    where = within(slices, "daily_metrics")
    names = [name for name in MEASURES if name not in DISTINCT]
    query = sa.select(sa.func.count(), *(sa.func.sum(daily_metrics.c[name]) for name in names)).where(
        daily_metrics.c.project_id == project_id,
        daily_metrics.c.source_id == source_id,
        daily_metrics.c.grain == grain,
        sa.text(where.sql),
    )
    count, *sums = connection.execute(query, dict(where.values)).one()
    return {
        "rows": count,
        **{name: total for name, total in zip(names, sums, strict=True) if total is not None},
    }


def _replaced_orders(
    connection: Connection, project_id: int, source_id: int, days: Collection[object]
) -> dict[str, Decimal | int]:
    o = orders.c
    query = sa.select(
        sa.func.count(),
        sa.func.sum(o.gross),
        sa.func.sum(o.discounts),
        sa.func.sum(o.refunds),
        sa.func.sum(o.net),
    ).where(o.project_id == project_id, o.source_id == source_id, o.day.in_(days))
    count, *sums = connection.execute(query).one()
    if not count:
        return {"rows": 0}
    names = ("revenue_gross", "discounts", "refunds", "revenue_net")
    return {"rows": count, "orders": count, **dict(zip(names, sums, strict=True))}
