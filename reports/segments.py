"""Figures by country or device, from the rows in which platforms split themselves (`country=DE`, `device=mobile`);
and by campaign, from their roll-up.

Each account brings its own breakdowns, or none. Of one that brings several grains of a breakdown, the highest is
read, so that nothing is counted twice. Its rows are added up before anything is joined to them: there are many.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from analytics import channels
from reports import daily
from reports.daily import Sums
from reports.view import View
from store import grains
from store.history import FORMER, as_of
from store.models import campaign_daily, daily_metrics, entities, sources

_COMBINED_FROM = 40


@dataclass(frozen=True)
class Split:
    """Sums by phase, kind, channel and `value` of the breakdown; `without` are channels whose accounts bring none."""

    rows: list[Sums]
    without: tuple[str, ...]


def by_breakdown(
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
    if not found:
        return Split([], tuple(sorted(without)))
    d = as_of(daily_metrics, view.as_of)
    by_grain: dict[int, list[int]] = defaultdict(list)
    for source, grain in found.items():
        by_grain[grain].append(source)
    chosen = sa.or_(*(sa.and_(d.c.grain == grain, d.c.source_id.in_(ids)) for grain, ids in by_grain.items()))
    wanted = sa.and_(chosen, _of_campaigns(project_id, view, d)) if view.campaigns else chosen
    rows = _added(connection, project_id, view, d, d.c.segment, wanted, measures, many_a_day=True)
    return Split(
        [_told(row, accounts, _value(row["key"], breakdown)) for row in rows], tuple(sorted(without))
    )


def by_campaign(
    connection: Connection, project_id: int, view: View, kinds: Collection[str], measures: Sequence[str]
) -> list[Sums]:
    """Measures by phase, kind, channel and `value`, the campaign's name, in the view's currency."""
    accounts = _accounts(connection, project_id, view, kinds)
    if not accounts:
        return []
    d = as_of(campaign_daily, view.as_of)
    wanted: sa.ColumnElement[bool] = d.c.source_id.in_(list(accounts))
    if view.campaigns:
        wanted = sa.and_(wanted, _of_campaigns(project_id, view, d))
    rows = _added(connection, project_id, view, d, d.c.campaign_id, wanted, measures, many_a_day=False)
    names = _names(connection, project_id, {(row["source_id"], row["key"]) for row in rows})
    return [_told(row, accounts, names.get((row["source_id"], row["key"]), "")) for row in rows]


def _told(row: Sums, accounts: Mapping[int, str], value: str) -> Sums:
    channel = accounts[row["source_id"]]
    return {**row, "channel": channel, "kind": channels.kind(channel), "value": value}


def _value(segment: str, breakdown: str) -> str:
    """DE for `device=mobile|country=DE`."""
    found = (part.partition("=") for part in segment.split("|"))
    return next((value for name, _, value in found if name == breakdown), "")


def _names(connection: Connection, project_id: int, keys: set[tuple[int, int]]) -> dict[tuple[int, int], str]:
    by_source: dict[int, list[int]] = defaultdict(list)
    for source, entity in keys:
        by_source[source].append(entity)
    e = entities.c
    parts = [
        sa.select(e.source_id, e.id, e.name).where(
            e.project_id == project_id, e.source_id == source, e.id == sa.any_(sa.literal(ids, _IDS))
        )
        for source, ids in by_source.items()
    ]
    found = connection.execute(sa.union_all(*parts)).all() if parts else []
    return {(row.source_id, row.id): row.name for row in found}


_IDS = sa.ARRAY(sa.BigInteger)


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


def _added(
    connection: Connection,
    project_id: int,
    view: View,
    d: sa.FromClause,
    key: sa.ColumnElement[Any],
    wanted: sa.ColumnElement[bool],
    measures: Sequence[str],
    *,
    many_a_day: bool,
) -> list[Sums]:
    """Sums by phase, source_id and `key` in the view's currency; of `many_a_day`, those of each day come first."""
    factors = daily.conversion(project_id, view)
    periods = daily.prepare(connection, project_id, view)
    keys = (d.c.source_id, key.label("key"), d.c.day, d.c.days, d.c.currency)
    found = []
    for phase, (first, last) in daily.periods_of(view).items():
        counted = daily.counted(d, view, first, last, periods=periods)
        sums = [(sa.func.sum(d.c[name]) if many_a_day else d.c[name]).label(name) for name in measures]
        query = sa.select(*keys, *sums).where(d.c.project_id == project_id, wanted, counted)
        if many_a_day:
            query = query.group_by(d.c.source_id, key, d.c.day, d.c.days, d.c.currency)
        rows = query.subquery(f"days_{phase}")
        money = daily.converted(rows, daily.factor_of(view, rows, factors), measures)
        joined = rows.outerjoin(factors, daily.rate_of(factors, rows))
        part = sa.select(rows.c.source_id, rows.c.key, *money).select_from(joined).subquery(phase)
        of_key = (part.c.source_id, part.c.key)
        total = [sa.cast(sa.func.sum(part.c[name]), sa.Numeric).label(name) for name in measures]
        found.append(sa.select(sa.literal(phase).label("phase"), *of_key, *total).group_by(*of_key))
    return [dict(row._mapping) for row in connection.execute(sa.union_all(*found))]


def _of_campaigns(project_id: int, view: View, d: sa.FromClause) -> sa.ColumnElement[bool]:
    named = sa.select(entities.c.source_id, entities.c.id).where(
        entities.c.project_id == project_id, entities.c.name.in_(view.campaigns)
    )
    return sa.tuple_(d.c.source_id, d.c.campaign_id).in_(named)
