"""Figures by country, device or campaign, from their roll-ups.

Each account brings its own breakdowns, or none; see store/breakdowns.py. With a filter for campaigns they come from
the rows in which platforms split themselves (`country=DE`, `device=mobile`), of an account's highest grain, added up
before anything is joined to them: there are many.
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
from store import breakdowns
from store.history import FORMER, as_of
from store.models import breakdown_daily, campaign_daily, daily_metrics, entities, sources


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
    if view.campaigns:
        rows, found = _of_facts(connection, project_id, view, breakdown, accounts, measures)
    else:
        rows, found = _of_totals(connection, project_id, view, breakdown, accounts, measures)
    without = {channel for source, channel in accounts.items() if source not in found}
    return Split([_told(row, accounts, row["key"]) for row in rows], tuple(sorted(without)))


def _of_totals(
    connection: Connection,
    project_id: int,
    view: View,
    breakdown: str,
    accounts: Mapping[int, str],
    measures: Sequence[str],
) -> tuple[list[Sums], set[int]]:
    """Sums by the breakdown from its roll-up, and the sources that bring it."""
    found = _bringing(connection, project_id, view, breakdown, list(accounts))
    if not found:
        return [], found
    d = as_of(breakdown_daily, view.as_of)
    wanted = sa.and_(d.c.source_id.in_(sorted(found)), d.c.breakdown == breakdown)
    return _added(connection, project_id, view, d, d.c.value, wanted, measures, many_a_day=False), found


def _bringing(
    connection: Connection, project_id: int, view: View, breakdown: str, ids: list[int]
) -> set[int]:
    """The sources that bring a breakdown, on whatever day; of an earlier time also those that brought it once."""
    tables = (breakdown_daily, FORMER[breakdown_daily]) if view.as_of else (breakdown_daily,)
    # One index probe each; as EXISTS the planner would rather read the whole roll-up.
    there = [
        sa.select(sa.func.min(t.c.day))
        .where(t.c.project_id == project_id, t.c.source_id == sources.c.id, t.c.breakdown == breakdown)
        .scalar_subquery()
        for t in tables
    ]
    query = sa.select(sources.c.id).where(
        sources.c.project_id == project_id,
        sources.c.id.in_(ids),
        sa.or_(*(one.is_not(None) for one in there)),
    )
    return set(connection.scalars(query))


def _of_facts(
    connection: Connection,
    project_id: int,
    view: View,
    breakdown: str,
    accounts: Mapping[int, str],
    measures: Sequence[str],
) -> tuple[list[Sums], set[int]]:
    """The same of the view's campaigns only, which the roll-up does not tell apart."""
    known = breakdowns.grains_of(connection, project_id, accounts, breakdown, former=view.as_of is not None)
    if not known:
        return [], set()
    d = as_of(daily_metrics, view.as_of)
    by_grain: dict[int, list[int]] = defaultdict(list)
    for source, found in known.items():
        by_grain[found[0]].append(source)
    chosen = sa.or_(*(sa.and_(d.c.grain == grain, d.c.source_id.in_(ids)) for grain, ids in by_grain.items()))
    wanted = sa.and_(chosen, _of_campaigns(project_id, view, d))
    rows = _added(connection, project_id, view, d, d.c.segment, wanted, measures, many_a_day=True)
    return [{**row, "key": _value(row["key"], breakdown)} for row in rows], set(known)


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
    factors = daily.conversion(connection, project_id, view)
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
