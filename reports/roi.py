"""What advertising brings: the platforms' claim beside the shop's own orders, and what is left after all costs.

Spend and claims are those of the view's channels; orders and net sales are the whole shop's. By channel, the
shop's side are the orders whose last visit carried a tag of the channel: less than a channel brought, as what it
claims is more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from analytics import channels, costs, metrics, tags
from analytics.costs import Agreed
from reports import costs as agreed_costs
from reports import daily, sales
from reports.costs import Taken
from reports.daily import BEFORE, NOW, SHOP, Cut, LeftOut, Sums
from reports.overview import Totals
from reports.view import View

PLATFORM = ("spend", "conversions", "conversion_value")
ATTRIBUTED = {
    "attributed_orders": "orders", "attributed_revenue": "revenue_net", "attributed_customers": "new_customers",
}  # fmt: skip
TILES = ("spend", "conversion_value", "revenue_net", "mer", "roas_reported", "over_claim", "cac", "ncroas")
PROFIT = ("gross_margin", "break_even_roas", "poas", "contribution_margin")
CHANNEL = (
    "spend", "conversions", "conversion_value", "roas_reported", "attributed_orders", "attributed_revenue",
    "roas_attributed", "over_claim_attributed", "attributed_customers", "ncac_attributed",
)  # fmt: skip
STEPS = ("revenue_net", *costs.PARTS, "gross_profit", "spend", "contribution_margin")
TOTALS = {"revenue_net", "gross_profit", "contribution_margin"}
"""Steps of the waterfall that are subtotals."""
_WEEK = 7
_LONG = 4 * _WEEK


@dataclass(frozen=True)
class ChannelReturn:
    """An advertising channel: its spend and claim, and the orders whose last visit it brought."""

    channel: str
    now: Totals
    before: Totals

    def roas(self) -> tuple[Decimal | None, Decimal | None]:
        """The shop's and the platform's."""
        return metrics.evaluate("roas_attributed", self.now), metrics.evaluate("roas_reported", self.now)


@dataclass(frozen=True)
class Roi:
    """Everything on the page, in the view's currency. `course` has a line for each day, or for each whole week."""

    now: Totals
    before: Totals
    channels: list[ChannelReturn]
    course: list[tuple[date, Totals]]
    weekly: bool
    days: list[tuple[date, Totals]]
    agreed: Agreed
    taken: Taken
    tagged: dict[str, Decimal] = field(default_factory=dict)
    """Net sales by what their tag says: `ads`, `other` (another tag), `none`."""
    left_out: list[LeftOut] = field(default_factory=list)
    without_rate: list[str] = field(default_factory=list)
    rates_of: date | None = None

    @property
    def is_empty(self) -> bool:
        """True if the period has neither spend or claims nor orders."""
        return not self.channels and self.now.get("orders") is None

    @property
    def waterfall(self) -> list[tuple[str, Decimal]]:
        """From net sales to the contribution margin; empty while costs are not known."""
        net = self.now.get("revenue_net")
        if net is None or self.taken.parts is None:
            return []
        return costs.waterfall(net, self.taken.parts, self.now.get("spend") or Decimal(0))


def roi(
    connection: Connection,
    project_id: int,
    view: View,
    refund_policy: str,
    currency: str,
    week_start: int = 1,
) -> Roi:
    """The return of advertising. `currency` is the project's, in which costs are agreed on by default;
    `week_start` 1 for Monday … 7 for Sunday."""
    base = daily.rows(connection, project_id, view, PLATFORM)
    paid = base.c.kind == "paid"
    singly = (paid, base.c.phase == NOW, base.c.days == 1)
    (by_channel, by_day), money = daily.cuts(
        connection, base, Cut(("phase", "channel"), PLATFORM, (paid,)), Cut(("day",), PLATFORM, singly)
    )
    shop = daily.shop(connection, project_id, view, refund_policy)
    (sold, sold_by_day), shop_money = daily.cuts(
        connection, shop, Cut(("phase",), SHOP), Cut(("day",), SHOP, (shop.c.phase == NOW,))
    )
    in_force = agreed_costs.in_force(connection, project_id, currency)
    taken = agreed_costs.taken(connection, project_id, view, refund_policy, in_force.agreed)
    tagged, left = _by_tag(connection, project_id, view, refund_policy, by_channel)
    whole = {phase: _whole(by_channel, sold, phase, taken.get(phase, Taken(None))) for phase in (NOW, BEFORE)}
    days = _days(view, by_day, sold_by_day)
    course = _weeks(days, week_start) if view.length >= _LONG else days
    currencies = [*money, *shop_money]
    return Roi(
        whole[NOW], whole[BEFORE], _channels(by_channel, tagged), course, view.length >= _LONG, days,
        in_force.agreed, taken[NOW], left, daily.left_out(connection, project_id, view),
        daily.without_rate(currencies), daily.old_rates(connection, view, currencies),
    )  # fmt: skip


def _sum(rows: Iterable[Mapping[str, Any]], names: Iterable[str]) -> Totals:
    given = list(rows)
    found: Totals = {}
    for name in names:
        values = [row[name] for row in given if row.get(name) is not None]
        found[name] = sum(values, Decimal(0)) if values else None
    return found


def _whole(by_channel: list[Sums], sold: list[Sums], phase: str, taken: Taken) -> Totals:
    totals = _sum((row for row in by_channel if row["phase"] == phase), PLATFORM)
    totals |= _sum((row for row in sold if row["phase"] == phase), SHOP)
    net = totals.get("revenue_net")
    if net is not None and taken.parts is not None:
        totals |= costs.results(net, taken.parts, totals["spend"] or Decimal(0))
    return totals


_Tagged = dict[str, dict[str, Totals]]
"""Phase → channel → attributed measures."""


def _by_tag(
    connection: Connection, project_id: int, view: View, refund_policy: str, by_channel: list[Sums]
) -> tuple[_Tagged, dict[str, Decimal]]:
    """Orders by the channel that their tag belongs to; and net sales by what the tag says. Nothing where only some
    campaigns are asked for: their names need not be those in the tags."""
    if view.campaigns:
        return {NOW: {}, BEFORE: {}}, {}
    known = frozenset(row["channel"] for row in by_channel)
    found: _Tagged = {NOW: defaultdict(dict), BEFORE: defaultdict(dict)}
    said: dict[str, Decimal] = defaultdict(Decimal)
    for one in sales.by(connection, project_id, view, refund_policy, "tag"):
        channel = tags.channel(one.value, known)
        is_ad = channel != "" and channels.kind(channel) == "paid"
        said["ads" if is_ad else "other" if one.value.strip(" /") else "none"] += (
            one.now.get("revenue_net") or 0
        )
        for phase, totals in ((NOW, one.now), (BEFORE, one.before)):
            if is_ad and totals:
                _add(found[phase][channel], {name: totals.get(of) for name, of in ATTRIBUTED.items()})
    if not said["ads"] and not said["other"]:
        return {NOW: {}, BEFORE: {}}, {}
    return found, dict(said)


def _add(to: Totals, more: Totals) -> None:
    for name, value in more.items():
        if value is not None:
            to[name] = (to.get(name) or Decimal(0)) + value


def _channels(by_channel: list[Sums], tagged: _Tagged) -> list[ChannelReturn]:
    """Channels that spend or claim, the largest spend first. Where orders carry tags, a channel without any has 0."""
    found: dict[str, dict[str, Totals]] = defaultdict(lambda: {NOW: {}, BEFORE: {}})
    for row in by_channel:
        has_tags = bool(tagged[row["phase"]])
        own = tagged[row["phase"]].get(row["channel"], {})
        nothing = dict.fromkeys(("attributed_orders", "attributed_revenue"), Decimal(0)) if has_tags else {}
        measured = {name: row[name] for name in PLATFORM}
        found[row["channel"]][row["phase"]] = {**measured, **nothing, **own}
    rows = [ChannelReturn(channel, t[NOW], t[BEFORE]) for channel, t in found.items()]
    shown = [row for row in rows if any(row.now.get(name) is not None for name in PLATFORM)]
    return sorted(shown, key=lambda r: (-(r.now.get("spend") or Decimal(0)), channels.label(r.channel)))


def _days(view: View, by_day: list[Sums], sold: list[Sums]) -> list[tuple[date, Totals]]:
    found: dict[date, Totals] = defaultdict(dict)
    for sums in (*by_day, *sold):
        found[sums["day"]] |= {name: value for name, value in sums.items() if name != "day"}
    return [(day, found.get(day, {})) for day in view.days]


def _weeks(days: list[tuple[date, Totals]], week_start: int) -> list[tuple[date, Totals]]:
    """Whole weeks, by their first day; what stands before the first and after the last is left out."""
    first = next((n for n, (day, _) in enumerate(days) if day.isoweekday() == week_start), 0)
    starts = range(first, len(days) - _WEEK + 1, _WEEK)
    return [
        (days[n][0], _sum((totals for _, totals in days[n : n + _WEEK]), (*PLATFORM, *SHOP))) for n in starts
    ]


def value(slug: str, totals: Totals) -> Decimal | None:
    """A figure of the page; a break-even ROAS only where there is a profit to break even with."""
    return costs.breaks_even(totals) if slug == "break_even_roas" else metrics.evaluate(slug, totals)


def signed(found: Roi) -> list[tuple[str, Decimal]]:
    """The steps with both subtotals: what is taken off is negative."""
    by_slug = dict(found.waterfall)
    totals = {slug: found.now[slug] or Decimal(0) for slug in TOTALS}
    return [(slug, totals[slug] if slug in TOTALS else by_slug[slug]) for slug in STEPS]


def total(rows: list[ChannelReturn]) -> Totals:
    """The channels added up."""
    found: Totals = {}
    for slug in dict.fromkeys(part for column in CHANNEL for part in metrics.parts(column)):
        values = [value for row in rows if (value := row.now.get(slug)) is not None]
        found[slug] = sum(values, Decimal(0)) if values else None
    return found
