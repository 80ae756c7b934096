"""The rows that every dashboard starts from: roll-ups of the days asked for, money in one currency.

A row that stands for several days (a file without a day column) counts only where the whole period is
asked for, the source has no daily rows inside it, and no longer period of the source covers it: so no
day is counted twice, and a period is never booked on its first day. What was left out is told.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple, Protocol

import sqlalchemy as sa
from sqlalchemy import Connection

from analytics import channels, metrics
from reports.view import View
from store import rates
from store.history import as_of
from store.models import (
    COUNTS,
    MEASURES,
    breakdown_daily,
    campaign_daily,
    daily_metrics,
    entities,
    shop_daily,
    source_daily,
    sources,
)

MONEY = frozenset({"spend", "conversion_value"})
SHOP = metrics.SHOP
NOW, BEFORE = "now", "before"
_WITHOUT_PUBLICATION = timedelta(days=4)


class Converted(NamedTuple):
    """A currency of some rows: whether a rate was missing for any of them, and the last of their days."""

    currency: str
    no_rate: bool
    last_day: date


@dataclass(frozen=True)
class LeftOut:
    """A period figure that is not counted: `covered` by other files of the same source, or asked for only in part."""

    channel: str
    account: str
    first: date
    days: int
    spend: Decimal | None
    currency: str
    covered: bool


class Caveats(Protocol):
    """A report that says what its totals leave out, and whether they stand on old exchange rates."""

    @property
    def left_out(self) -> list[LeftOut]: ...

    @property
    def without_rate(self) -> list[str]: ...

    @property
    def rates_of(self) -> date | None: ...


def last_day(table: sa.FromClause) -> sa.ColumnElement[date]:
    """The last day that a row stands for; its exchange rate is the one used."""
    return table.c.day + table.c.days - 1


def within(table: sa.FromClause, first: date, last: date) -> sa.ColumnElement[bool]:
    """True for rows that lie wholly between two days."""
    return sa.and_(table.c.day >= first, table.c.day <= last, last_day(table) <= last)


def prepare(connection: Connection, project_id: int, view: View) -> bool:
    """Whether any source of the project may hold figures for several days at once; most hold none.

    The planner knows nothing of the few thousand rates and would sort the figures to merge them with those,
    which takes several times as long as a hash join: it is told, for this transaction.
    """
    d = source_daily.c
    periods = sa.exists().where(d.project_id == project_id, d.days > 1)
    query = sa.select(periods, sa.func.set_config("enable_mergejoin", "off", True))
    return bool(connection.execute(query).one()[0]) or view.as_of is not None


def counted(
    table: sa.FromClause, view: View, first: date, last: date, *, periods: bool
) -> sa.ColumnElement[bool]:
    """True for the rows that make totals of these days. `periods`: whether the project has any (`prepare`)."""
    if periods:
        return sa.and_(within(table, first, last), not_twice(table, view, first, last))
    return sa.and_(table.c.day.between(first, last), table.c.days == 1)


def periods_of(view: View) -> dict[str, tuple[date, date]]:
    """First and last day of the phases: now, and before where the view compares."""
    found = {NOW: (view.start, view.end)}
    if view.compared:
        found[BEFORE] = view.compared
    return found


def not_twice(table: sa.FromClause, view: View, first: date, last: date) -> sa.ColumnElement[bool]:
    """True for a single day, and for a period that nothing finer or longer of its source overlaps."""
    by_grain, split = "entity_id" in table.c, "breakdown" in table.c
    own = daily_metrics if by_grain else breakdown_daily if split else source_daily
    other = as_of(own, view.as_of).alias("other")
    overlaps = sa.and_(
        other.c.project_id == table.c.project_id,
        other.c.source_id == table.c.source_id,
        other.c.day <= last_day(table),
        last_day(other) >= table.c.day,
        within(other, first, last),
        other.c.grain == table.c.grain if by_grain else sa.true(),
        other.c.breakdown == table.c.breakdown if split else sa.true(),
        sa.or_(
            other.c.days == 1,
            other.c.days > table.c.days,
            sa.and_(other.c.days == table.c.days, other.c.day < table.c.day),
        ),
    )
    return sa.or_(table.c.days == 1, ~sa.exists(sa.select(sa.literal(1)).where(overlaps)))


def conversion(connection: Connection, project_id: int, view: View, *, also: str = "") -> sa.Subquery:
    """The factors that turn amounts of the view's days into its currency, `also` those in another currency than the
    sources'; to be joined by `rate_of`."""
    return rates.by_day(connection, project_id, view.currency, view.earliest, view.end, also=also)


def rate_of(factors: sa.Subquery, table: sa.FromClause) -> sa.ColumnElement[bool]:
    """The join of a row to its rates: those of the last day that it stands for."""
    return factors.c.day == (last_day(table) if "days" in table.c else table.c.day)


def factor_of(view: View, table: sa.FromClause, factors: sa.Subquery) -> sa.ColumnElement[Any]:
    """What a row's money is multiplied by: 1 for money in the view's currency, null where no rate is known."""
    known = [(table.c.currency == rate.name, rate) for rate in factors.c if rate.name != "day"]
    return sa.case((table.c.currency == view.currency, sa.literal(1)), *known)


def converted(
    table: sa.FromClause, factor: sa.ColumnElement[Any], names: Iterable[str]
) -> list[sa.Label[Any]]:
    """Measures of a row; money in the view's currency."""
    return [(table.c[name] * factor if name in MONEY else table.c[name]).label(name) for name in names]


_KIND = [(slug, platform.kind) for slug, platform in channels.PLATFORMS.items() if platform.kind != "paid"]


def kind_of(channel: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    """`channels.kind` of a channel, in SQL."""
    by_kind: dict[str, list[str]] = {}
    for slug, kind in _KIND:
        by_kind.setdefault(kind, []).append(slug)
    return sa.case(*((channel.in_(slugs), kind) for kind, slugs in by_kind.items()), else_="paid")


def rows(
    connection: Connection,
    project_id: int,
    view: View,
    measures: Iterable[str] = MEASURES,
    *,
    by_campaign: bool = False,
) -> sa.CTE:
    """phase (now, before), channel, kind, source_id, day, days, currency, no_rate and measures, money in the
    view's currency.

    With campaigns in the view, or `by_campaign`, the rows come from the campaign roll-up, with `campaign_id`
    and the name of their `campaign`.
    """
    by_campaign = by_campaign or bool(view.campaigns)
    periods = prepare(connection, project_id, view)
    table = as_of(campaign_daily if by_campaign else source_daily, view.as_of)
    source = table.join(
        sources, sa.and_(sources.c.project_id == table.c.project_id, sources.c.id == table.c.source_id)
    )
    if by_campaign:
        # An outer join, which the planner leaves out where nobody asks for names.
        source = source.outerjoin(
            entities,
            sa.and_(
                entities.c.project_id == table.c.project_id,
                entities.c.source_id == table.c.source_id,
                entities.c.id == table.c.campaign_id,
            ),
        )
    factors = conversion(connection, project_id, view)
    source = source.outerjoin(factors, rate_of(factors, table))
    factor = factor_of(view, table, factors)
    columns = [
        sources.c.channel,
        kind_of(sources.c.channel).label("kind"),
        table.c.source_id,
        table.c.day,
        table.c.days,
        table.c.currency,
        factor.is_(None).label("no_rate"),
        *([table.c.campaign_id, entities.c.name.label("campaign")] if by_campaign else []),
        *converted(table, factor, measures),
    ]
    phases = []
    for name, (first, last) in periods_of(view).items():
        query = (
            sa.select(sa.literal(name).label("phase"), *columns)
            .select_from(source)
            .where(table.c.project_id == project_id, sources.c.in_totals)
            .where(counted(table, view, first, last, periods=periods))
        )
        if view.channels:
            query = query.where(sources.c.channel.in_(view.channels))
        if view.campaigns:
            query = query.where(entities.c.name.in_(view.campaigns))
        phases.append(query)
    return sa.union_all(*phases).cte("daily")


def sold(
    table: sa.FromClause, factor: sa.ColumnElement[Any], refund_policy: str
) -> list[sa.ColumnElement[Any]]:
    """A shop's measures of a roll-up's row, money times `factor`; customers only where the shop knows any."""
    t = table.c
    refunds = t.refunds_order_day if refund_policy == "order_day" else t.refunds_refund_day
    return [
        t.orders,
        (t.revenue_gross * factor).label("revenue_gross"),
        (t.discounts * factor).label("discounts"),
        (refunds * factor).label("refunds"),
        ((t.revenue_gross - t.discounts - refunds) * factor).label("revenue_net"),
        sa.case((t.customers_known > 0, t.new_customers)).label("new_customers"),
        sa.case((t.customers_known > 0, t.new_customer_revenue * factor)).label("new_customer_revenue"),
    ]


def shop(connection: Connection, project_id: int, view: View, refund_policy: str) -> sa.CTE:
    """phase, channel, day and the shop's measures, money in the view's currency."""
    d = as_of(shop_daily, view.as_of)
    factors = conversion(connection, project_id, view)
    factor = factor_of(view, d, factors)
    columns = [
        sources.c.channel,
        sa.literal("shop").label("kind"),
        d.c.source_id,
        d.c.day,
        d.c.currency,
        factor.is_(None).label("no_rate"),
        *sold(d, factor, refund_policy),
        sa.case((d.c.customers_known > 0, d.c.customers_known - d.c.new_customers)).label("repeat_orders"),
    ]
    source = d.join(
        sources, sa.and_(sources.c.project_id == d.c.project_id, sources.c.id == d.c.source_id)
    ).outerjoin(factors, rate_of(factors, d))
    phases = [
        sa.select(sa.literal(name).label("phase"), *columns)
        .select_from(source)
        .where(d.c.project_id == project_id, sources.c.in_totals, d.c.day.between(first, last))
        for name, (first, last) in periods_of(view).items()
    ]
    return sa.union_all(*phases).cte("shop")


def summed(table: sa.FromClause, names: Iterable[str]) -> list[sa.Label[Any]]:
    """Σ of each measure; distinct counts only where one row makes the sum, else null."""
    return [total.label(name) for name, total in zip(names, _sums(table, names), strict=True)]


def _sums(table: sa.FromClause, names: Iterable[str]) -> list[sa.ColumnElement[Any]]:
    found: list[sa.ColumnElement[Any]] = []
    for name in names:
        column = table.c[name]
        if name in {"reach", "users"}:
            found.append(sa.cast(sa.case((sa.func.count() == 1, sa.func.max(column))), sa.Numeric))
        else:
            total = sa.func.sum(column)
            found.append(sa.cast(total, sa.Numeric) if name in COUNTS else total)
    return found


def left_out(connection: Connection, project_id: int, view: View) -> list[LeftOut]:
    """Period figures that touch the view's period and are not counted in it."""
    d = as_of(source_daily, view.as_of)
    whole = within(d, view.start, view.end)
    own = d.alias("own")
    by_day = sa.exists().where(
        own.c.project_id == d.c.project_id,
        own.c.source_id == d.c.source_id,
        own.c.days == 1,
        own.c.day.between(view.start, view.end),
    )
    query = (
        sa.select(
            sources.c.channel,
            sources.c.name,
            d.c.day,
            d.c.days,
            d.c.spend,
            d.c.currency,
            sa.or_(whole, by_day).label("covered"),
        )
        .join(sources, sa.and_(sources.c.project_id == d.c.project_id, sources.c.id == d.c.source_id))
        .where(
            d.c.project_id == project_id,
            d.c.days > 1,
            d.c.day <= view.end,
            last_day(d) >= view.start,
            sa.not_(sa.and_(whole, not_twice(d, view, view.start, view.end))),
        )
        .order_by(sources.c.channel, d.c.day)
    )
    if view.channels:
        query = query.where(sources.c.channel.in_(view.channels))
    return [
        LeftOut(
            row.channel,
            row.name,
            row.day,
            row.days,
            row.spend,
            row.currency,
            row.covered,
        )
        for row in connection.execute(query)
    ]


@dataclass(frozen=True)
class Cut:
    """One way to add rows up: by some of phase, channel, kind, currency and day, some measures of some rows."""

    keys: tuple[str, ...]
    measures: tuple[str, ...]
    where: tuple[sa.ColumnElement[bool], ...] = ()


Sums = dict[str, Any]
"""A group's keys and the sums of its measures, by name."""
_KEYS = ("phase", "channel", "kind", "currency", "day")


def cuts(connection: Connection, base: sa.CTE, *wanted: Cut) -> tuple[list[list[Sums]], list[Converted]]:
    """The groups of each cut, and the currencies that the rows are in: one query, which reads the rows once."""
    width = max(len(cut.measures) for cut in wanted)
    queries = [_cut(base, n, cut, width) for n, cut in enumerate(wanted)]
    names = [(*cut.keys, *cut.measures) for cut in wanted]
    places = [
        [*(1 + _KEYS.index(key) for key in cut.keys), *range(6, 6 + len(cut.measures))] for cut in wanted
    ]
    found: list[list[Sums]] = [[] for _ in wanted]
    money = []
    for row in connection.execute(sa.union_all(*queries, _by_currency(base, width))).all():
        n = row[0]
        if n < 0:
            money.append(Converted(row[4], row[6] == 1, row[5]))
        else:
            found[n].append({name: row[place] for name, place in zip(names[n], places[n], strict=True)})
    return found, money


def _cut(base: sa.CTE, n: int, cut: Cut, width: int) -> sa.Select[Any]:
    keys = [base.c[key] if key in cut.keys else _nothing(key) for key in _KEYS]
    query = sa.select(*_labelled(n, keys, _sums(base, cut.measures), width))
    return query.where(*cut.where).group_by(*(base.c[key] for key in cut.keys))


def _by_currency(base: sa.CTE, width: int) -> sa.Select[Any]:
    """Per currency: the last day in the place of the day, and 1 in the place of a measure where a rate is missing."""
    keys = [_nothing(key) for key in _KEYS[:3]] + [base.c.currency, sa.func.max(base.c.day)]
    no_rate = sa.cast(sa.func.max(sa.case((base.c.no_rate, 1), else_=0)), sa.Numeric)
    query = sa.select(*_labelled(-1, keys, [no_rate], width))
    return query.where(base.c.currency != "").group_by(base.c.currency)


def _nothing(key: str) -> sa.ColumnElement[Any]:
    return sa.cast(sa.null(), sa.Date if key == "day" else sa.Text)


def _labelled(n: int, keys: list[Any], sums: list[Any], width: int) -> list[sa.Label[Any]]:
    padding = [sa.cast(sa.null(), sa.Numeric)] * (width - len(sums))
    return [column.label(f"c{place}") for place, column in enumerate([sa.literal(n), *keys, *sums, *padding])]


def without_rate(found: list[Converted]) -> list[str]:
    """Currencies whose amounts could not be converted and are missing from the totals."""
    return sorted({one.currency for one in found if one.no_rate})


def old_rates(connection: Connection, view: View, found: list[Converted]) -> date | None:
    """The newest ECB rates' day, where later amounts in other currencies had to be converted at them; else None.

    A weekend and a holiday make four days without a publication; only more than that is worth a word.
    """
    known = rates.newest(connection)
    if known is None:
        return None
    late = known + _WITHOUT_PUBLICATION
    return known if any(one.currency != view.currency and one.last_day > late for one in found) else None
