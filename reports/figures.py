"""What the data-quality monitors look at, read once: roll-ups of the last nine weeks, and few rows of five.

The window ends with the newest day that any source covers, so that data that ended long ago is judged by
its own last weeks; how long ago that was is the business of one monitor alone (timeliness).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy import Connection

from analytics import aliases, channels
from reports import daily, health
from reports.health import SourceHealth
from reports.overview import Totals
from reports.view import Compare, View
from store import agreements, grains
from store.models import (
    MEASURES,
    campaign_daily,
    daily_metrics,
    entities,
    reconciliations,
    shop_daily,
    source_daily,
    terms,
)

WEEKS = 9
RECENT = 35
"""Days that most monitors judge; the weeks before serve to know what is usual."""
MEASURED = (
    "impressions", "clicks", "spend", "conversions", "conversion_value", "sessions", "engaged_sessions",
    "delivered", "unique_opens", "views",
)  # fmt: skip
SOLD = ("orders", "revenue_gross")
_MOST = 5_000
_BY_CAMPAIGN = (
    grains.code("account", "source_medium_campaign"),
    grains.code("campaign", "source_medium"),
)


@dataclass(frozen=True)
class Campaign:
    """A campaign's spend (in the project's currency; None: no rate) and clicks in the recent days."""

    source_id: int
    key: str
    name: str
    spend: Decimal | None
    clicks: int


@dataclass(frozen=True)
class Tagged:
    """Sessions of one source, medium and campaign tag in the recent days, after the project's aliases."""

    source_medium: str
    campaign: str
    sessions: int


@dataclass(frozen=True)
class Zone:
    """Under which time zone a source's days were reported, and which days those are."""

    source_id: int
    time_zone: str
    first: date
    last: date


@dataclass(frozen=True)
class Compared:
    """A metric of a source that was compared with the platform's own, and the days that differ unexplained."""

    source_id: int
    metric: str
    unexplained: tuple[date, ...] = ()


@dataclass(frozen=True)
class Figures:
    """`days` are each source's single-day totals in its own currency, `negative` the metrics below zero by day.

    `traffic` is None where no web source splits its sessions by campaign.
    """

    first: date
    last: date
    currency: str
    health: tuple[SourceHealth, ...] = ()
    days: Mapping[int, Mapping[date, Totals]] = field(default_factory=dict)
    negative: Mapping[int, Mapping[date, str]] = field(default_factory=dict)
    campaigns: tuple[Campaign, ...] = ()
    traffic: tuple[Tagged, ...] | None = None
    zones: tuple[Zone, ...] = ()
    compared: tuple[Compared, ...] = ()

    @property
    def recent(self) -> date:
        """First of the recent days."""
        return self.last - timedelta(RECENT - 1)

    def of_kind(self, *kinds: str) -> list[SourceHealth]:
        """Sources in totals whose channel is of one of these kinds."""
        return [
            one for one in self.health if one.source.in_totals and channels.kind(one.source.channel) in kinds
        ]

    def of(self, one: SourceHealth, first: date | None = None) -> list[tuple[date, Totals]]:
        """A source's complete days, in their order, from the first of the recent days on unless told otherwise."""
        found = self.days.get(one.source.id, {})
        first, last = first or self.recent, one.source.covers_through or self.last
        return sorted((day, totals) for day, totals in found.items() if first <= day <= last)


def read(connection: Connection, project_id: int, currency: str, now: datetime | None = None) -> Figures:
    """Everything that the monitors look at; money of campaigns in `currency`."""
    now = now or datetime.now(UTC)
    found = health.of_project(connection, project_id, now)
    ends = [one.source.covers_through for one in found if one.source.covers_through]
    last = min(max(ends, default=now.date()), now.date())
    window = Figures(last - timedelta(WEEKS * 7 - 1), last, currency, tuple(found))
    days, negative = _days(connection, project_id, window)
    return Figures(
        window.first, last, currency, window.health, days, negative,
        _campaigns(connection, project_id, window), _traffic(connection, project_id, window),
        _zones(connection, project_id, window), _compared(connection, project_id, window),
    )  # fmt: skip


def _days(
    connection: Connection, project_id: int, window: Figures
) -> tuple[dict[int, dict[date, Totals]], dict[int, dict[date, str]]]:
    days: dict[int, dict[date, Totals]] = {}
    negative: dict[int, dict[date, str]] = {}
    for table, names, all_names in (
        (source_daily, MEASURED, MEASURES),
        (shop_daily, SOLD, (*SOLD, "discounts", "shipping", "taxes")),
    ):
        t = table.c
        named = sa.func.concat_ws(", ", *(sa.case((t[name] < 0, name)) for name in all_names))
        below = sa.case((sa.func.least(*(t[name] for name in all_names)) < 0, named))
        query = sa.select(t.source_id, t.day, below, *(t[name] for name in names)).where(
            t.project_id == project_id, t.day.between(window.first, window.last)
        )
        if table is source_daily:
            query = query.where(t.days == 1)
        for source_id, day, minus, *values in connection.execute(query):
            totals = days.setdefault(source_id, {}).setdefault(day, {})
            totals.update(zip(names, values, strict=True))
            if minus:
                negative.setdefault(source_id, {})[day] = minus
    return days, negative


def _campaigns(connection: Connection, project_id: int, window: Figures) -> tuple[Campaign, ...]:
    """The recent campaigns of advertising, the largest spend first."""
    wanted = [one.source.id for one in window.of_kind("paid")]
    view = View(window.recent, window.last, window.currency, Compare.NONE)
    factors = daily.conversion(connection, project_id, view)
    t = campaign_daily
    sums = (
        sa.select(
            t.c.source_id,
            t.c.campaign_id,
            sa.func.sum(t.c.spend * daily.factor_of(view, t, factors)).label("spend"),
            sa.func.sum(t.c.clicks).label("clicks"),
        )
        .select_from(t.outerjoin(factors, daily.rate_of(factors, t)))
        .where(
            t.c.project_id == project_id,
            t.c.source_id.in_(wanted),
            t.c.day.between(window.recent, window.last),
            t.c.days == 1,
        )
        .group_by(t.c.source_id, t.c.campaign_id)
        .cte("sums")
    )
    query = (
        sa.select(sums.c.source_id, entities.c.key, entities.c.name, sums.c.spend, sums.c.clicks)
        .join(
            entities,
            sa.and_(
                entities.c.project_id == project_id,
                entities.c.source_id == sums.c.source_id,
                entities.c.id == sums.c.campaign_id,
            ),
        )
        .order_by(sums.c.spend.desc().nulls_last(), entities.c.name)
        .limit(_MOST)
    )
    return tuple(Campaign(*row[:4], int(row[4] or 0)) for row in connection.execute(query))


def _traffic(connection: Connection, project_id: int, window: Figures) -> tuple[Tagged, ...] | None:
    """Sessions by tag, from the breakdown by source, medium and campaign; None where no web source has it."""
    d = daily_metrics.c
    wanted = [one.source.id for one in window.of_kind("web")]
    sums = (
        sa.select(d.source_id, d.segment, d.campaign_id, sa.func.sum(d.sessions).label("sessions"))
        .where(
            d.project_id == project_id,
            d.source_id.in_(wanted),
            d.grain.in_(_BY_CAMPAIGN),
            d.day.between(window.recent, window.last),
            d.days == 1,
        )
        .group_by(d.source_id, d.segment, d.campaign_id)
        .cte("sums")
    )
    mine = sa.and_(
        entities.c.project_id == project_id,
        entities.c.source_id == sums.c.source_id,
        entities.c.id == sums.c.campaign_id,
    )
    query = (
        sa.select(sums.c.segment, entities.c.name, sums.c.sessions)
        .select_from(sums.outerjoin(entities, mine))
        .order_by(sums.c.sessions.desc().nulls_last())
        .limit(_MOST)
    )
    rows = connection.execute(query).all()
    names = aliases.applied(agreements.read_aliases(connection, project_id).value)
    return tuple(_tagged(names, *row) for row in rows) if rows else None


def _tagged(
    names: Mapping[tuple[str, str], str], segment: str, campaign: str | None, sessions: int | None
) -> Tagged:
    """`source_medium=google / cpc|campaign=brand` in its parts, aliases applied; see syncing/segments.py."""
    parts = dict(part.partition("=")[::2] for part in segment.split("|"))
    found = {"campaign": parts.get("campaign", campaign or "")}
    found["source"], slash, found["medium"] = parts.get("source_medium", "").rpartition(" / ")
    shown = {name: names.get((name, value.strip().lower()), value) for name, value in found.items()}
    return Tagged(f"{shown['source']}{slash}{shown['medium']}", shown["campaign"], int(sessions or 0))


def _zones(connection: Connection, project_id: int, window: Figures) -> tuple[Zone, ...]:
    """The zones of the rows that make each source's totals, which are few: those of its highest grain."""
    s, d = source_daily.c, daily_metrics.c
    tops = (
        sa.select(s.source_id, sa.func.min(s.grain).label("grain"))
        .where(s.project_id == project_id, s.day.between(window.recent, window.last), s.days == 1)
        .group_by(s.source_id)
        .cte("tops")
    )
    query = (
        sa.select(d.source_id, terms.c.time_zone, sa.func.min(d.day), sa.func.max(d.day))
        .select_from(tops)
        .join(
            daily_metrics,
            sa.and_(
                d.project_id == project_id,
                d.source_id == tops.c.source_id,
                d.grain == tops.c.grain,
                d.day.between(window.recent, window.last),
                d.days == 1,
            ),
        )
        .join(terms, sa.and_(terms.c.project_id == d.project_id, terms.c.id == d.terms_id))
        .where(terms.c.time_zone != "")
        .group_by(d.source_id, terms.c.time_zone)
        .order_by(d.source_id, sa.func.min(d.day))
    )
    return tuple(Zone(*row) for row in connection.execute(query))


def _compared(connection: Connection, project_id: int, window: Figures) -> tuple[Compared, ...]:
    """What was compared with the platforms' own totals in the recent days."""
    r = reconciliations.c
    days = sa.func.array_agg(r.day).filter(r.cause == "unexplained")
    query = (
        sa.select(r.source_id, r.metric, days)
        .where(r.project_id == project_id, r.day.between(window.recent, window.last))
        .group_by(r.source_id, r.metric)
        .order_by(r.source_id, r.metric)
    )
    return tuple(
        Compared(source_id, metric, tuple(sorted(found or ())))
        for source_id, metric, found in connection.execute(query)
    )
