"""The rows behind a free question, each with the key of its dimension, and what those keys are called.

Times, channels and accounts come from the roll-up of sources, campaigns from theirs; ad groups, ads, countries
and devices from the facts of each account's highest grain that has them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import Connection

from analytics import channels
from reports import daily, detail
from reports.comparison import KINDS
from reports.detail import TOP_LEVELS
from reports.questions import ENTITIES, OTHERS, SEGMENTS, WEEKDAYS
from reports.view import View
from store import grains
from store.history import as_of
from store.models import campaign_daily, daily_metrics, entities, sources

if TYPE_CHECKING:
    from reports.explore import Line

_UNKNOWN = "not told"


def bucket(by: str, week_start: int, day: date) -> tuple[date, date]:
    """First and last day of the day, week or month that a day is in."""
    if by == "week":
        first = day - timedelta((day.isoweekday() - week_start) % 7)
        return first, first + timedelta(6)
    if by == "month":
        first = day.replace(day=1)
        return first, (first + timedelta(31)).replace(day=1) - timedelta(1)
    return day, day


def _key(by: str, week_start: int, rows: sa.FromClause) -> sa.ColumnElement[Any]:
    """The key of a row's day, channel, kind or account, as text."""
    day = rows.c.day
    if by == "week":
        weekday = sa.cast(sa.func.extract("isodow", day), sa.Integer)
        return sa.cast(day - (weekday - week_start + 7) % 7, sa.Text)
    keys = {
        "day": day,
        "month": sa.cast(sa.func.date_trunc("month", day), sa.Date),
        "weekday": sa.cast(sa.func.extract("isodow", day), sa.Integer),
        "channel": rows.c.channel,
        "kind": rows.c.kind,
        "account": rows.c.source_id,
    }
    return sa.cast(keys[by], sa.Text)


def _keyed(
    rows: sa.CTE, key: sa.ColumnElement[Any], measures: Sequence[str], days: sa.ColumnElement[Any]
) -> sa.CTE:
    """The rows with their key in the place of the phase, by which `daily.cuts` groups: all are of one phase."""
    kept = (rows.c.channel, rows.c.kind, rows.c.day, days.label("days"), rows.c.currency, rows.c.no_rate)
    return sa.select(key.label("phase"), *kept, *(rows.c[name] for name in measures)).cte("keyed")


def platforms(
    connection: Connection, project_id: int, view: View, by: str, week_start: int, measures: Sequence[str]
) -> sa.CTE:
    """phase (the key), channel, kind, day, days, currency, no_rate and measures of everything but the shop."""
    if by in (*ENTITIES, *SEGMENTS):
        return _facts(connection, project_id, view, by, measures)
    rows = daily.rows(connection, project_id, view, measures)
    return _keyed(rows, _key(by, week_start, rows), measures, rows.c.days)


def shops(
    connection: Connection,
    project_id: int,
    view: View,
    by: str,
    week_start: int,
    measures: Sequence[str],
    refund_policy: str,
) -> sa.CTE:
    """The same of the shop's orders."""
    rows = daily.shop(connection, project_id, view, refund_policy)
    return _keyed(rows, _key(by, week_start, rows), measures, sa.literal(1))


def _facts(connection: Connection, project_id: int, view: View, by: str, measures: Sequence[str]) -> sa.CTE:
    """Added up by source, key and currency first: there are far fewer of those than rows."""
    periods = daily.prepare(connection, project_id, view)
    table = as_of(campaign_daily if by == "campaign" else daily_metrics, view.as_of)
    factors = daily.conversion(connection, project_id, view)
    factor = daily.factor_of(view, table, factors)
    mine = tuple(connection.scalars(_sources(project_id, view)))
    key, of_grain = _of_grain(connection, project_id, view, by, table, mine)
    chosen = (
        sa.select(
            table.c.source_id, key.label("key"), table.c.currency, daily.last_day(table).label("day"),
            factor.is_(None).label("no_rate"), *daily.converted(table, factor, measures),
        )
        .select_from(table.outerjoin(factors, daily.rate_of(factors, table)))
        .where(table.c.project_id == project_id, of_grain)
        .where(daily.counted(table, view, view.start, view.end, periods=periods))
    )  # fmt: skip
    if view.campaigns:
        chosen = chosen.where(
            sa.tuple_(table.c.source_id, table.c.campaign_id).in_(_named(project_id, view.campaigns))
        )
    rows = chosen.subquery("chosen")
    keys = (rows.c.source_id, rows.c.key, rows.c.currency)
    latest = (sa.func.max(rows.c.day).label("day"), sa.func.bool_or(rows.c.no_rate).label("no_rate"))
    sums = sa.select(*keys, *latest, *daily.summed(rows, measures)).group_by(*keys).subquery("sums")
    joined = sums.join(sources, sa.and_(sources.c.project_id == project_id, sources.c.id == sums.c.source_id))
    entity = sa.cast(sums.c.source_id, sa.Text) + "/" + sa.cast(sums.c.key, sa.Text)
    columns = (
        (entity if by in ENTITIES else sums.c.key).label("phase"), sources.c.channel,
        daily.kind_of(sources.c.channel).label("kind"), sums.c.day, sa.literal(1).label("days"), sums.c.currency,
        sums.c.no_rate,
    )  # fmt: skip
    return sa.select(*columns, *(sums.c[name] for name in measures)).select_from(joined).cte("keyed")


def _sources(project_id: int, view: View) -> sa.Select[Any]:
    query = sa.select(sources.c.id).where(sources.c.project_id == project_id, sources.c.in_totals)
    return query.where(sources.c.channel.in_(view.channels)) if view.channels else query


def _named(project_id: int, names: Iterable[str]) -> sa.Select[Any]:
    return sa.select(entities.c.source_id, entities.c.id).where(
        entities.c.project_id == project_id, entities.c.level.in_(TOP_LEVELS), entities.c.name.in_(names)
    )


def _of_grain(
    connection: Connection, project_id: int, view: View, by: str, table: sa.FromClause, mine: Collection[int]
) -> tuple[sa.ColumnElement[Any], sa.ColumnElement[bool]]:
    """The key of a fact, and which facts of these sources make the dimension: one grain of each."""
    if by == "campaign":
        return table.c.campaign_id, table.c.source_id.in_(mine)
    found = detail.grains_by_source(connection, project_id, mine)
    chosen = {one: _grain(by, have, below_account=bool(view.campaigns)) for one, have in found.items()}
    pairs = [(one, grain) for one, grain in chosen.items() if grain is not None]
    by_grain: dict[int, list[int]] = defaultdict(list)
    for one, grain in pairs:
        by_grain[grain].append(one)
    each = (sa.and_(table.c.grain == grain, table.c.source_id.in_(ids)) for grain, ids in by_grain.items())
    which = sa.or_(sa.false(), *each)
    if by in SEGMENTS:
        value = sa.func.split_part(table.c.segment, "=", 2)
        told = sa.func.upper(value) if by == "country" else sa.func.lower(sa.func.replace(value, "_", " "))
        return sa.func.coalesce(sa.func.nullif(told, ""), _UNKNOWN), which
    entity: sa.ColumnElement[Any] = table.c.entity_id
    from_ads = [one for one, grain in pairs if by == "ad_group" and grain // 100 == grains.LEVELS["ad"]]
    if from_ads:
        entity = sa.case((table.c.source_id.in_(from_ads), detail.parent_of(table)), else_=entity)
    return sa.func.coalesce(entity, table.c.entity_id), which


def _grain(by: str, have: Sequence[int], *, below_account: bool) -> int | None:
    """The grain of a source that shows a dimension; ad groups come from ads where there is nothing else."""
    if by in SEGMENTS:
        wanted = grains.BREAKDOWNS[by]
        low = grains.CAMPAIGN_OR_BELOW[0] if below_account else 0
        return next((grain for grain in have if grain % 100 == wanted and grain >= low), None)
    for level in ("ad_group", "ad") if by == "ad_group" else ("ad",):
        lowest = grains.code(level)
        own = next((grain for grain in have if lowest <= grain < lowest + 100), None)
        if own is not None:
            return own
    return None


def named(connection: Connection, project_id: int, by: str, lines: list[Line], view: View) -> list[Line]:
    """The lines with names that people know, no two alike."""
    if by in ENTITIES or by == "account":
        found = _names(connection, project_id, by, lines)
        lines = [
            replace(line, name=found[line.key][0] or line.name, account=found[line.key][1])
            if line.key in found
            else line
            for line in lines
        ]
    else:
        lines = [_told(by, line, view) if line.key != OTHERS else line for line in lines]
    return _apart(lines)


def _told(by: str, line: Line, view: View) -> Line:
    if by == "channel":
        return replace(line, name=channels.label(line.key))
    if by == "kind":
        return replace(line, name=KINDS.get(line.key, line.key))
    if by == "weekday":
        return replace(line, name=WEEKDAYS[int(line.key) - 1])
    if line.first and line.last:
        first, last = max(line.first, view.start), min(line.last, view.end)
        return replace(line, first=first, last=last)
    return line


def _names(
    connection: Connection, project_id: int, by: str, lines: Iterable[Line]
) -> dict[str, tuple[str, str]]:
    """Name and account of each key."""
    keys = {line.key for line in lines if line.key != OTHERS}
    s = sources.c
    accounts = connection.execute(sa.select(s.id, s.channel, s.name).where(s.project_id == project_id)).all()
    labels = {str(row.id): channels.account_label(row.channel, row.name) for row in accounts}
    if by == "account":
        return {key: (labels.get(key, key), labels.get(key, key)) for key in keys}
    pairs = [(int(key.partition("/")[0]), int(key.partition("/")[2])) for key in keys]
    e = entities.c
    query = sa.select(e.source_id, e.id, e.name).where(
        e.project_id == project_id, sa.tuple_(e.source_id, e.id).in_(pairs)
    )
    found = {f"{row.source_id}/{row.id}": row.name for row in connection.execute(query)} if pairs else {}
    return {key: (found.get(key, ""), labels.get(key.partition("/")[0], "")) for key in keys}


def _apart(lines: list[Line]) -> list[Line]:
    """Lines of one name told apart: by their account, then by a number."""
    accounts: dict[str, set[str]] = defaultdict(set)
    for line in lines:
        accounts[line.name].add(line.account)
    known: dict[str, str] = {}
    taken: Counter[str] = Counter()
    for line in lines:
        if line.key not in known:
            several = len(accounts[line.name]) > 1 and line.account
            name = f"{line.name} · {line.account}" if several else line.name
            taken[name] += 1
            known[line.key] = name if taken[name] == 1 else f"{name} ({taken[name]})"
    return [replace(line, name=known[line.key]) for line in lines]
