"""All channels of one kind side by side: advertising, organic social, e-mail, web, search, or the shops."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy import Connection

from analytics import channels, metrics
from analytics.channels import ChannelKind
from reports import daily
from reports.daily import NOW, Cut, LeftOut, Sums
from reports.overview import ChannelRow, Points, Totals, add, by_channel
from reports.view import View
from store.models import MEASURES

Where = tuple[sa.ColumnElement[bool], ...]


@dataclass(frozen=True)
class KindReport:
    """What the channels of a kind did: each (the largest first), together, and by day; money in the view's currency.

    `course` is the kind's leading metric by channel and day. Counts of people are None for several channels.
    """

    kind: ChannelKind
    rows: list[ChannelRow]
    now: Totals
    before: Totals
    days: list[tuple[date, Totals]]
    course: dict[str, Points]
    left_out: list[LeftOut]
    without_rate: list[str]
    rates_of: date | None

    @property
    def is_empty(self) -> bool:
        """True if no channel of this kind has a figure in the period."""
        return not any(value is not None for row in self.rows for value in row.now.values())


def of_kind(
    connection: Connection, project_id: int, view: View, kind: ChannelKind, refund_policy: str
) -> KindReport:
    """The channels of a kind that the view lets through."""
    if kind == "shop":
        names: tuple[str, ...] = daily.SHOP
        base = daily.shop(connection, project_id, view, refund_policy)
        where: Where = (base.c.channel.in_(view.channels) if view.channels else sa.true(),)
        single: Where = (base.c.phase == NOW, *where)
        daily.prepare(connection, project_id, view)
    else:
        names = _measures(kind)
        base = daily.rows(connection, project_id, view, names)
        where = (base.c.kind == kind,)
        single = (base.c.phase == NOW, base.c.days == 1, *where)
    lead = channels.LEADING[kind]
    (sums, by_day, course), money = daily.cuts(
        connection, base,
        Cut(("phase", "channel"), names, where), Cut(("day",), names, single),
        Cut(("channel", "day"), (lead,), (*single, base.c[lead].is_not(None))),
    )  # fmt: skip
    rows = by_channel(sums)
    if kind != "paid":
        rows.sort(key=lambda row: -(row.now.get(lead) or Decimal(0)))
    return KindReport(
        kind,
        rows,
        add((row.now for row in rows), names),
        add((row.before for row in rows), names),
        _days(view, by_day),
        _courses(view, course, lead),
        [] if kind == "shop" else _of_kind(daily.left_out(connection, project_id, view), kind),
        daily.without_rate(money),
        daily.old_rates(connection, view, money),
    )


def _measures(kind: ChannelKind) -> tuple[str, ...]:
    """The base measures behind the metrics of a kind."""
    return tuple(
        dict.fromkeys(
            part for slug in channels.METRICS[kind] for part in metrics.parts(slug) if part in MEASURES
        )
    )


def _of_kind(found: Iterable[LeftOut], kind: ChannelKind) -> list[LeftOut]:
    return [one for one in found if channels.kind(one.channel) == kind]


def _days(view: View, found: list[Sums]) -> list[tuple[date, Totals]]:
    by_day = {sums.pop("day"): sums for sums in found}
    return [(day, by_day.get(day, {})) for day in view.days]


def _courses(view: View, found: list[Sums], lead: str) -> dict[str, Points]:
    by: dict[str, dict[date, Decimal]] = defaultdict(dict)
    for sums in found:
        by[sums["channel"]][sums["day"]] = sums[lead]
    return {channel: [(day, known.get(day)) for day in view.days] for channel, known in by.items()}
