"""Figures by country or device, from the rows in which platforms split themselves: `country=DE`, `device=mobile`.

Each account brings its own breakdowns, or none. Of one that brings several grains of a breakdown, the highest is
read, so that nothing is counted twice.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Connection

from reports import daily
from reports.daily import Sums
from reports.view import View
from store import grains
from store.history import FORMER, as_of
from store.models import daily_metrics, entities, sources

_COMBINED_FROM = 40


@dataclass(frozen=True)
class Split:
    """Sums by phase, kind, channel and `value` of the breakdown; `without` are channels whose accounts bring none."""

    rows: list[Sums]
    without: tuple[str, ...]


def sums(
    connection: Connection,
    project_id: int,
    view: View,
    breakdown: str,
    kinds: Collection[str],
    measures: Sequence[str],
) -> Split:
    """Measures by a breakdown (country, device) in the view's currency, values as the platforms write them."""
    accounts = _accounts(connection, project_id, view, kinds)
    found = _grains(connection, project_id, view, breakdown, list(accounts))
    without = {channel for source, channel in accounts.items() if source not in found}
    rows = _sums(connection, project_id, view, breakdown, found, measures) if found else []
    return Split(rows, tuple(sorted(without)))


def _accounts(connection: Connection, project_id: int, view: View, kinds: Collection[str]) -> dict[int, str]:
    """Channels by source, of sources that ever had a figure."""
    s = sources.c
    query = sa.select(s.id, s.channel).where(
        s.project_id == project_id,
        s.in_totals,
        s.covers_from.is_not(None),
        daily.kind_of(s.channel).in_(kinds),
    )
    if view.channels:
        query = query.where(s.channel.in_(view.channels))
    return {row.id: row.channel for row in connection.execute(query)}


_PROBES = """
WITH RECURSIVE found AS (
    SELECT s.id AS source_id, (SELECT min(d.grain) FROM {table} d
                               WHERE d.project_id = :project_id AND d.source_id = s.id) AS grain
    FROM sources s WHERE s.project_id = :project_id AND s.id = ANY (CAST(:ids AS integer[]))
    UNION ALL
    SELECT found.source_id, (SELECT min(d.grain) FROM {table} d WHERE d.project_id = :project_id
                             AND d.source_id = found.source_id AND d.grain > found.grain)
    FROM found WHERE found.grain IS NOT NULL
)
SELECT source_id, grain, CASE WHEN grain % 100 >= :combined THEN
       (SELECT d.segment FROM {table} d WHERE d.project_id = :project_id AND d.source_id = found.source_id
        AND d.grain = found.grain LIMIT 1) END AS segment
FROM found WHERE grain IS NOT NULL ORDER BY source_id, grain
"""
"""The grains of each source, one index probe each, and an example of those that split by several things at once."""


def _grains(
    connection: Connection, project_id: int, view: View, breakdown: str, ids: list[int]
) -> dict[int, int]:
    """The grain of each source to read a breakdown from: the plain one, else one that has it among others."""
    tables = ("daily_metrics", FORMER[daily_metrics].name) if view.as_of else ("daily_metrics",)
    values = {"project_id": project_id, "ids": ids, "combined": _COMBINED_FROM}
    plain, mixed = dict[int, int](), dict[int, int]()
    for table in tables:
        for source, grain, segment in connection.execute(sa.text(_PROBES.format(table=table)), values):
            if grain >= grains.PARTIAL_FROM:
                continue
            if grain % 100 == grains.BREAKDOWNS[breakdown]:
                plain[source] = min(grain, plain.get(source, grain))
            elif segment and any(part.startswith(f"{breakdown}=") for part in segment.split("|")):
                mixed[source] = min(grain, mixed.get(source, grain))
    return mixed | plain


def _sums(
    connection: Connection,
    project_id: int,
    view: View,
    breakdown: str,
    found: dict[int, int],
    measures: Sequence[str],
) -> list[Sums]:
    d = as_of(daily_metrics, view.as_of)
    factors = daily.conversion(project_id, view)
    periods = daily.prepare(connection, project_id, view)
    value = sa.func.substring(d.c.segment, rf"(?:^|\|){breakdown}=([^|]*)")
    columns = [
        sources.c.channel,
        daily.kind_of(sources.c.channel).label("kind"),
        value.label("value"),
        *daily.converted(d, daily.factor_of(view, d, factors), measures),
    ]
    source = d.join(
        sources, sa.and_(sources.c.project_id == d.c.project_id, sources.c.id == d.c.source_id)
    ).outerjoin(factors, daily.rate_of(factors, d))
    chosen = sa.or_(*(sa.and_(d.c.source_id == one, d.c.grain == grain) for one, grain in found.items()))
    phases = []
    for phase, (first, last) in daily.periods_of(view).items():
        query = sa.select(sa.literal(phase).label("phase"), *columns).select_from(source)
        query = query.where(
            d.c.project_id == project_id, chosen, daily.counted(d, view, first, last, periods=periods)
        )
        phases.append(query.where(_of_campaigns(project_id, view, d)) if view.campaigns else query)
    base = sa.union_all(*phases).cte("broken_down")
    keys = (base.c.phase, base.c.channel, base.c.kind, base.c.value)
    asked = sa.select(*keys, *daily.summed(base, measures)).group_by(*keys)
    return [dict(row._mapping) for row in connection.execute(asked)]


def _of_campaigns(project_id: int, view: View, d: sa.FromClause) -> sa.ColumnElement[bool]:
    named = sa.select(entities.c.source_id, entities.c.id).where(
        entities.c.project_id == project_id, entities.c.name.in_(view.campaigns)
    )
    return sa.tuple_(d.c.source_id, d.c.campaign_id).in_(named)
