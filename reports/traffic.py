"""Visits and orders by channel group: the tags of web analytics and of the shop, put together by the project's rules.

A visit counts where its source, medium and campaign lead to, after the project's aliases; an order where the
last visit that the shop ties to it does. Visits come from the breakdown of web analytics by source, medium and
campaign, which adds up to the site's total only nearly; without a breakdown by campaign from the one by source
and medium.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from analytics import aliases, grouping, metrics
from analytics.aliases import Alias
from analytics.grouping import Grouping, Triple
from reports import daily, sales
from reports.daily import BEFORE, NOW
from reports.overview import Totals
from reports.view import View
from store import agreements, grains
from store.history import as_of
from store.models import daily_metrics, entities, sources

WEB = ("sessions", "engaged_sessions", "key_events", "conversions", "conversion_value")
"""Measures of visits; conversions and their value are what web analytics counts as purchases."""
SHOP = sales.MEASURES
MEASURES = (*WEB, *SHOP)
_FINEST = (
    grains.code("account", "source_medium_campaign"),
    grains.code("campaign", "source_medium"),
    grains.code("account", "source_medium"),
)
"""Where tags are, the most detailed first."""
_ENOUGH = Decimal("0.9")
"""Part of a breakdown's sessions that a finer one must have to be taken instead."""
UNTAGGED = Triple("", "", "")
_DIRECT = Triple("(direct)", "(none)", "(not set)")


@dataclass(frozen=True)
class Tagged:
    """What came with one source, medium and campaign, now and in the compared period; money in the view's currency."""

    triple: Triple
    now: Totals = field(default_factory=dict)
    before: Totals = field(default_factory=dict)


@dataclass(frozen=True)
class Tags:
    """All tags of a view. `no_visits`, `no_orders`: why there are none; empty where there are some."""

    tagged: tuple[Tagged, ...]
    no_visits: str = ""
    no_orders: str = ""


@dataclass(frozen=True)
class Group:
    """A channel with its sums and how many tags it is made of; None where nothing measures it."""

    channel: str
    tags: int
    now: Totals
    before: Totals

    def value(self, slug: str) -> Decimal | None:
        """A metric of the period: a sum, or the ratio of sums."""
        return metrics.evaluate(slug, self.now)

    def change(self, slug: str) -> Decimal | None:
        """Its relative change against the compared period."""
        return metrics.change(metrics.evaluate(slug, self.now), metrics.evaluate(slug, self.before))


@dataclass(frozen=True)
class Traffic:
    """The channels in the order of their sessions (without any: orders), and their sum. `version` of the rules: 0 is GA4's."""

    groups: list[Group]
    whole: Group
    version: int
    no_visits: str = ""
    no_orders: str = ""


def by_group(
    connection: Connection, project_id: int, view: View, refund_policy: str = "order_day"
) -> Traffic:
    """Sessions, engaged sessions, key events and purchases with their value, orders and sales by channel group.

    The view's channels choose among web analytics and shops where they name some; its campaigns choose tags.
    """
    agreed = agreements.read_grouping(connection, project_id)
    found = by_tag(connection, project_id, view, refund_policy)
    groups = grouped(found.tagged, agreed.value)
    whole = Group(
        "", len(found.tagged), _sum(t.now for t in found.tagged), _sum(t.before for t in found.tagged)
    )
    return Traffic(groups, whole, agreed.version, found.no_visits, found.no_orders)


def grouped(tagged: Iterable[Tagged], rules: Grouping) -> list[Group]:
    """Tags put together by rules; Unassigned last."""
    found = list(tagged)
    channels = grouping.assign(rules, (one.triple for one in found))
    members: dict[str, list[Tagged]] = defaultdict(list)
    for one in found:
        members[channels[one.triple]].append(one)
    groups = [
        Group(channel, len(of), _sum(t.now for t in of), _sum(t.before for t in of))
        for channel, of in members.items()
    ]
    return sorted(groups, key=_order)


def _order(group: Group) -> tuple[bool, Decimal, Decimal, str]:
    sessions, orders = (group.now.get(name) or Decimal(0) for name in ("sessions", "orders"))
    return group.channel == grouping.UNASSIGNED, -sessions, -orders, group.channel


def _sum(totals: Iterable[Totals]) -> Totals:
    found: Totals = dict.fromkeys(MEASURES)
    for one in totals:
        for name, value in one.items():
            if value is not None:
                found[name] = (found[name] or Decimal(0)) + value
    return found


def by_tag(connection: Connection, project_id: int, view: View, refund_policy: str = "order_day") -> Tags:
    """Every source, medium and campaign after the aliases, largest sessions (then sales) first."""
    known = agreements.read_aliases(connection, project_id).value
    sites, shops = _sources(connection, project_id, view)
    visits = _visits(connection, project_id, view, sites) if sites else {}
    orders = _orders(connection, project_id, view, refund_policy, shops) if shops else []
    tagged = _joined([*visits.items(), *orders], known)
    if view.campaigns:
        wanted = {aliases.plain(name) for name in view.campaigns}
        tagged = [one for one in tagged if aliases.plain(one.triple.campaign) in wanted]
    return Tags(tuple(tagged), _no_visits(bool(sites), bool(visits)), _no_orders(bool(shops), bool(orders)))


def _no_visits(sites: bool, visits: bool) -> str:
    if not sites:
        return "This project has no web analytics, or the filter leaves it out."
    return "" if visits else "Web analytics brings no sessions by source and medium for these days."


def _no_orders(shops: bool, orders: bool) -> str:
    if not shops:
        return "This project has no shop, or the filter leaves it out."
    return "" if orders else "The shop has no orders on these days."


def _sources(connection: Connection, project_id: int, view: View) -> tuple[list[int], tuple[str, ...]]:
    """Web analytics (by id) and shops (by channel) that count in totals; a filter for channels of neither kind leaves both."""
    query = sa.select(sources.c.id, sources.c.channel, daily.kind_of(sources.c.channel).label("kind")).where(
        sources.c.project_id == project_id, sources.c.in_totals
    )
    rows = [row for row in connection.execute(query) if row.kind in {"web", "shop"}]
    chosen = [row for row in rows if row.channel in view.channels] or rows
    shops = dict.fromkeys(row.channel for row in chosen if row.kind == "shop")
    return [row.id for row in chosen if row.kind == "web"], tuple(shops)


_Phases = dict[str, Totals]


def _visits(
    connection: Connection, project_id: int, view: View, sites: Sequence[int]
) -> dict[Triple, _Phases]:
    found = list(connection.execute(_visit_query(connection, project_id, view, sites)))
    sizes: dict[tuple[Any, ...], Decimal] = defaultdict(Decimal)
    for row in found:
        sizes[row.phase, row.source_id, row.grain] += row.sessions or 0
    taken = {key[:2]: _grain(sizes, key[0], key[1]) for key in sizes}
    made: dict[Triple, _Phases] = defaultdict(dict)
    for row in found:
        if taken[row.phase, row.source_id] == row.grain:
            sums = made[_triple(row.segment, row.campaign)].setdefault(row.phase, {})
            for name in WEB:
                value = getattr(row, name)
                if value is not None:
                    sums[name] = (sums.get(name) or Decimal(0)) + value
    return made


def _grain(sizes: Mapping[tuple[Any, ...], Decimal], phase: str, source: int) -> int:
    """The most detailed breakdown that holds nearly all sessions."""
    most = max(size for key, size in sizes.items() if key[:2] == (phase, source))
    return next(
        grain
        for grain in _FINEST
        if (size := sizes.get((phase, source, grain))) is not None and size >= most * _ENOUGH
    )


def _visit_query(connection: Connection, project_id: int, view: View, sites: Sequence[int]) -> sa.Select[Any]:
    """phase, source_id, grain, segment, campaign and the sums of WEB."""
    periods = daily.prepare(connection, project_id, view)
    d = as_of(daily_metrics, view.as_of)
    factors = daily.conversion(connection, project_id, view)
    money = daily.converted(d, daily.factor_of(view, d, factors), WEB)
    keys = (d.c.source_id, d.c.grain, d.c.segment, d.c.campaign_id)
    phases = {
        name: sa.select(*keys, *money)
        .select_from(d.outerjoin(factors, daily.rate_of(factors, d)))
        .where(d.c.project_id == project_id, d.c.source_id.in_(sites), d.c.grain.in_(_FINEST))
        .where(daily.counted(d, view, first, last, periods=periods))
        .subquery(f"visits_{name}")
        for name, (first, last) in daily.periods_of(view).items()
    }
    added = []
    for name, rows in phases.items():
        by = [rows.c[key] for key in ("source_id", "grain", "segment", "campaign_id")]
        added.append(sa.select(sa.literal(name).label("phase"), *by, *daily.summed(rows, WEB)).group_by(*by))
    sums = sa.union_all(*added).cte("sums")
    mine = sa.and_(
        entities.c.project_id == project_id,
        entities.c.source_id == sums.c.source_id,
        entities.c.id == sums.c.campaign_id,
    )
    return sa.select(sums, entities.c.name.label("campaign")).select_from(sums.outerjoin(entities, mine))


def _triple(segment: str, campaign: str | None) -> Triple:
    """`source_medium=google / cpc|campaign=brand` in its parts, or `source=google|medium=cpc`; see syncing/segments.py."""
    parts = dict(part.partition("=")[::2] for part in segment.split("|"))
    source, _, medium = parts.get("source_medium", "").rpartition(" / ")
    if "source_medium" in parts and not source:
        source, medium = medium, ""
    return Triple(
        parts.get("source", source), parts.get("medium", medium), parts.get("campaign", campaign or "")
    )


def _orders(
    connection: Connection, project_id: int, view: View, refund_policy: str, shops: tuple[str, ...]
) -> list[tuple[Triple, _Phases]]:
    found: list[tuple[Triple, _Phases]] = []
    for sold in sales.by(connection, project_id, view, refund_policy, "tag", shops):
        parts = [*sold.value.split(" / ", 2), "", ""]
        found.append(
            (
                _as_web_analytics(Triple(*(part.strip() for part in parts[:3]))),
                {NOW: sold.now, BEFORE: sold.before},
            )
        )
    return found


def _as_web_analytics(triple: Triple) -> Triple:
    """Shops leave the medium of untagged visits empty, where Google Analytics writes (none) or referral."""
    if triple.source == "direct" and not triple.medium:
        return _DIRECT
    if "." in triple.source and not triple.medium:
        return triple._replace(medium="referral")
    return triple


def _joined(found: Iterable[tuple[Triple, _Phases]], known: Iterable[Alias]) -> list[Tagged]:
    """One line a triple, however its letters are written; of several ways to write it the first is shown."""
    names, made = aliases.applied(known), dict[Triple, Tagged]()
    for raw, phases in found:
        shown = Triple(
            *(
                names.get((name, value.strip().lower()), value)
                for name, value in zip(Triple._fields, raw, strict=True)
            )
        )
        key = Triple(*(grouping.plain(part) for part in shown))
        before = made.get(key, Tagged(shown))
        made[key] = Tagged(
            before.triple,
            _added(before.now, phases.get(NOW, {})),
            _added(before.before, phases.get(BEFORE, {})),
        )
    return sorted(made.values(), key=_size)


def _added(one: Totals, other: Totals) -> Totals:
    if not one:
        return dict(other)
    merged = dict(one)
    for name, value in other.items():
        if value is not None:
            merged[name] = (merged.get(name) or Decimal(0)) + value
    return merged


def _size(one: Tagged) -> tuple[Decimal, Decimal, Triple]:
    return -(one.now.get("sessions") or Decimal(0)), -(one.now.get("revenue_gross") or Decimal(0)), one.triple
