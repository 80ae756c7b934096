"""One thing against another: two periods, two channels, two kinds of channel or two campaigns, metric by metric.

Each side is added up by itself, in one currency; every ratio is that of the side's sums. Days of the sides
are laid over each other from the first day of each.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import Connection

from analytics import channels, metrics
from reports import daily
from reports.daily import SHOP, Converted, Cut, LeftOut, Sums
from reports.overview import Points, Totals
from reports.view import Compare, View
from store.models import MEASURES

EVERYTHING = (
    "spend", "revenue_net", "mer", "orders", "aov", "new_customers", "ncac", "impressions", "clicks", "ctr", "cpc",
    "cpm", "conversions", "cpa", "conversion_value", "roas_reported", "sessions",
)  # fmt: skip
"""What all channels together are read by: advertising, the shop beside it, and web sessions."""
KINDS: dict[str, str] = {
    "paid": "Advertising",
    "social": "Organic social",
    "search": "Organic search",
    "email": "E-mail",
    "web": "Web analytics",
    "shop": "Shop",
}
"""Kinds of channel that can be compared, as people call them."""
_AS_GOOD_AS_EQUAL = Decimal("0.0005")
"""A relative change that reads as 0.0 %."""
Of = Literal["all", "kind", "channel", "campaign"]


@dataclass(frozen=True)
class Subject:
    """What a side is about; `name` is a kind, a channel's slug or a campaign's name."""

    of: Of = "all"
    name: str = ""

    @property
    def label(self) -> str:
        """In the words of a page."""
        words = {"all": "All channels", "kind": KINDS.get(self.name, self.name), "campaign": self.name}
        return words.get(self.of) or channels.label(self.name)

    @property
    def is_shop(self) -> bool:
        """True if its figures are orders."""
        return self.name == "shop" if self.of == "kind" else self.of == "channel" and _kind(self) == "shop"

    @property
    def slugs(self) -> tuple[str, ...]:
        """The metrics that it is read by, the most important first."""
        if self.of == "all":
            return EVERYTHING
        if self.is_shop:
            return channels.METRICS["shop"]
        if self.of == "campaign":
            return tuple(dict.fromkeys((*channels.METRICS["paid"], *channels.METRICS["email"])))
        found = channels.METRICS.get(_kind(self), ())
        return (*found, *channels.OWN_METRICS.get(self.name, ()))


def _kind(subject: Subject) -> Any:
    return channels.kind(subject.name) if subject.of == "channel" else subject.name


@dataclass(frozen=True)
class Side:
    """A subject in a period: its base totals, and those of each day from the first on."""

    subject: Subject
    start: date
    end: date
    totals: Totals
    days: list[tuple[date, Totals]]
    partly: frozenset[str] = frozenset()
    """Ratios that only some of the side's channels measure: they have no value for all of them."""

    def value(self, slug: str) -> Decimal | None:
        """A metric over the period."""
        return None if slug in self.partly else metrics.evaluate(slug, self.totals)

    def course(self, slug: str) -> Points:
        """A metric on each day; a ratio is that of the day's sums."""
        return [(day, None if slug in self.partly else metrics.evaluate(slug, t)) for day, t in self.days]


@dataclass(frozen=True)
class Line:
    """A metric on both sides. `change` is (A − B) ÷ |B|; `verdict` judges A by the metric's direction."""

    slug: str
    a: Decimal | None
    b: Decimal | None

    @property
    def difference(self) -> Decimal | None:
        """A − B."""
        return self.a - self.b if self.a is not None and self.b is not None else None

    @property
    def change(self) -> Decimal | None:
        """Relative difference; None where B is nothing."""
        return metrics.change(self.a, self.b)

    @property
    def verdict(self) -> str:
        """better, worse, equal (as good as); empty where no direction is better or a side has no value."""
        direction, difference, change = metrics.metric(self.slug).direction, self.difference, self.change
        if difference is None or direction == "none":
            return ""
        if difference == 0 or (change is not None and abs(change) < _AS_GOOD_AS_EQUAL):
            return "equal"
        return "better" if (difference > 0) == (direction == "up") else "worse"


@dataclass(frozen=True)
class Comparison:
    """Both sides with the metrics that either of them measures, and what the totals do not contain."""

    a: Side
    b: Side
    lines: list[Line]
    left_out: list[LeftOut] = field(default_factory=list)
    without_rate: list[str] = field(default_factory=list)
    rates_of: date | None = None


Asked = tuple[Subject, View]


def comparison(connection: Connection, project_id: int, a: Asked, b: Asked, refund_policy: str) -> Comparison:
    """A against B. What a view compares with by itself is not looked at. `refund_policy`: order_day or refund_day."""
    sides, money, left = [], list[Converted](), list[LeftOut]()
    for subject, given in (a, b):
        view = _narrowed(subject, replace(given, compare=Compare.NONE))
        side, currencies = _side(connection, project_id, view, subject, refund_policy)
        sides.append(side)
        money += currencies
        if not subject.is_shop:
            left += [
                one for one in daily.left_out(connection, project_id, view) if _belongs(subject, one.channel)
            ]
    first, second = sides
    slugs = dict.fromkeys((*first.subject.slugs, *second.subject.slugs))
    lines = [Line(slug, first.value(slug), second.value(slug)) for slug in slugs]
    kept = [line for line in lines if line.a is not None or line.b is not None]
    old = daily.old_rates(connection, a[1], money)
    return Comparison(first, second, kept, list(dict.fromkeys(left)), daily.without_rate(money), old)


def _narrowed(subject: Subject, view: View) -> View:
    if subject.of == "channel":
        return replace(view, channels=(subject.name,))
    return replace(view, campaigns=(subject.name,)) if subject.of == "campaign" else view


def _belongs(subject: Subject, channel: str) -> bool:
    return subject.of != "kind" or channels.kind(channel) == subject.name


def _side(
    connection: Connection, project_id: int, view: View, subject: Subject, refund_policy: str
) -> tuple[Side, list[Converted]]:
    totals, by_day, money = Totals(), dict[date, Totals](), list[Converted]()
    partly: frozenset[str] = frozenset()
    if not subject.is_shop:
        totals, by_day, partly, money = _platforms(connection, project_id, view, subject)
    if subject.is_shop or subject.of == "all":
        sold, sold_by_day, currencies = _shop(connection, project_id, view, subject, refund_policy)
        totals |= sold
        money = [*money, *currencies]
        by_day = {day: {**by_day.get(day, {}), **sold_by_day.get(day, {})} for day in {*by_day, *sold_by_day}}
    dated = [(day, by_day.get(day, {})) for day in view.days]
    return Side(subject, view.start, view.end, totals, dated, partly), money


def _platforms(
    connection: Connection, project_id: int, view: View, subject: Subject
) -> tuple[Totals, dict[date, Totals], frozenset[str], list[Converted]]:
    """Totals, totals by day, the ratios that cannot be told for all channels, and the currencies."""
    needed = {part for slug in subject.slugs for part in metrics.parts(slug)}
    measures = tuple(name for name in MEASURES if name in needed)
    base = daily.rows(connection, project_id, view, measures)
    kinds = _kinds(subject)
    which = (base.c.kind.in_(kinds),) if kinds else ()
    (by_channel, daily_sums), money = daily.cuts(
        connection, base,
        Cut(("kind", "channel"), measures, which),
        Cut(("kind", "day"), measures, (*which, base.c.days == 1)),
    )  # fmt: skip
    totals = _added(by_channel, measures, subject)
    days: dict[date, list[Sums]] = {}
    for sums in daily_sums:
        days.setdefault(sums["day"], []).append(sums)
    by_day = {day: _added(rows, measures, subject) for day, rows in days.items()}
    return totals, by_day, _partly(subject, by_channel), money


def _kinds(subject: Subject) -> tuple[str, ...]:
    return {"all": ("paid", "web"), "kind": (subject.name,)}.get(subject.of, ())


def _added(rows: Iterable[Mapping[str, Any]], measures: Iterable[str], subject: Subject) -> Totals:
    """Σ of the rows. Of all channels, sessions are the web's and everything else is advertising's."""
    found: Totals = {}
    given = list(rows)
    for name in measures:
        kind = "web" if name == "sessions" else "paid"
        wanted = [row for row in given if subject.of != "all" or row["kind"] == kind]
        values = [row[name] for row in wanted if row[name] is not None]
        if name in {"reach", "users"}:
            found[name] = values[0] if len(values) == len(wanted) == 1 else None
        else:
            found[name] = sum(values, Decimal(0)) if values else None
    return found


def _partly(subject: Subject, by_channel: list[Sums]) -> frozenset[str]:
    shared = [metrics.metric(slug) for slug in subject.slugs if metrics.metric(slug).shared_only]
    return frozenset(one.slug for one in shared if any(row.get(one.numerator) is None for row in by_channel))


def _shop(
    connection: Connection, project_id: int, view: View, subject: Subject, refund_policy: str
) -> tuple[Totals, dict[date, Totals], list[Converted]]:
    sold = daily.shop(connection, project_id, view, refund_policy)
    which: tuple[sa.ColumnElement[bool], ...] = ()
    if subject.of == "channel":
        which = (sold.c.channel == subject.name,)
    (whole, by_day), money = daily.cuts(
        connection, sold, Cut(("phase",), SHOP, which), Cut(("day",), SHOP, which)
    )
    totals = {name: whole[0][name] for name in SHOP} if whole else {}
    return totals, {sums.pop("day"): sums for sums in by_day}, money
