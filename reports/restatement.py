"""What platforms changed after the fact: each day's total before and after, told in sentences."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy import Connection

from reports import wording
from store.models import restatements, sources

MOST_ROWS = 5_000
"""Changes of one answer, the newest first."""


@dataclass(frozen=True)
class Restated:
    """A day's total of one metric that is another one than it was; amounts in the account's currency.

    `old` stood before the first change that is looked at, `new` stands after the last one, `at`.
    """

    source_id: int
    channel: str
    account: str
    currency: str
    metric: str
    day: date
    days: int
    old: Decimal | None
    new: Decimal | None
    at: datetime

    @property
    def difference(self) -> Decimal:
        """New minus old."""
        return (self.new or Decimal(0)) - (self.old or Decimal(0))

    @property
    def relative(self) -> Decimal | None:
        """Difference ÷ old; None where nothing stood before."""
        return self.difference / abs(self.old) if self.old else None


def restated(
    connection: Connection,
    project_id: int,
    since: datetime,
    source_id: int | None = None,
    channels: tuple[str, ...] = (),
) -> list[Restated]:
    """Totals that were changed since then and are not back where they were, the newest change first.

    Of several grains of a day the highest counts, since totals come from it.
    """
    r, s = restatements.c, sources.c
    spans = sa.select(
        r.source_id, r.metric, r.day, r.days, r.grain, sa.func.min(r.id).label("first"), sa.func.max(r.id).label("last")
    ).where(r.project_id == project_id, r.at > since)  # fmt: skip
    if source_id is not None:
        spans = spans.where(r.source_id == source_id)
    grouped = spans.group_by(r.source_id, r.metric, r.day, r.days, r.grain).subquery("grouped")
    g = grouped.c
    one = (g.source_id, g.metric, g.day, g.days)
    chosen = sa.select(*one, g.first, g.last).distinct(*one).order_by(*one, g.grain).subquery("chosen")
    c, before, after = chosen.c, restatements.alias("before"), restatements.alias("after")
    query = (
        sa.select(
            c.source_id, s.channel, s.name.label("account"), s.currency, c.metric, c.day, c.days,
            before.c.old_total.label("old"), after.c.new_total.label("new"), after.c.at,
        )
        .join(sources, sa.and_(s.project_id == project_id, s.id == c.source_id))
        .join(before, sa.and_(before.c.project_id == project_id, before.c.id == c.first))
        .join(after, sa.and_(after.c.project_id == project_id, after.c.id == c.last))
        .where(before.c.old_total.is_distinct_from(after.c.new_total))
        .order_by(after.c.at.desc(), c.day.desc(), s.channel, s.name, c.metric)
        .limit(MOST_ROWS)
    )  # fmt: skip
    if channels:
        query = query.where(s.channel.in_(channels))
    return [Restated(**row._mapping) for row in connection.execute(query)]


def sentences(found: Iterable[Restated]) -> list[str]:
    """One sentence for each source and metric, the largest change first.

    'Meta Ads · Shop: spend of 18 Nov 2026 rose by 4 %, from 100.00 EUR to 104.00 EUR.'
    """
    groups: dict[tuple[int, str], list[Restated]] = defaultdict(list)
    for one in found:
        groups[one.source_id, one.metric].append(one)
    told = sorted(groups.values(), key=_size, reverse=True)
    return [_of_a_day(group[0]) if len(group) == 1 else _of_days(group) for group in told]


def _size(group: list[Restated]) -> tuple[bool, Decimal]:
    """Money first; then by how much of it moved."""
    old = sum((abs(one.old or Decimal(0)) for one in group), Decimal(0))
    moved = abs(sum((one.difference for one in group), Decimal(0)))
    return group[0].metric == "spend", moved / old if old else moved


def _of_a_day(one: Restated) -> str:
    old, new = (wording.figure(one.metric, value, one.currency.strip()) for value in (one.old, one.new))
    return f"{wording.account(one.channel, one.account)}: {wording.label(one.metric)} of {_period(one)} {_moved(one.old, one.new)}, from {old} to {new}."


def _of_days(group: list[Restated]) -> str:
    one = group[0]
    old = sum((o.old or Decimal(0) for o in group), Decimal(0))
    new = sum((o.new or Decimal(0) for o in group), Decimal(0))
    most = max(group, key=lambda o: abs(o.difference))
    days = [o.day for o in group]
    span = f"{len(group)} days, {wording.day(min(days))} to {wording.day(max(days))},"
    text = f"{wording.account(one.channel, one.account)}: {wording.label(one.metric)} of {span} {_moved(old, new)} in all"
    return f"{text}; most of it on {wording.day(most.day)}, which {_moved(most.old, most.new)}."


def _period(one: Restated) -> str:
    return wording.day(one.day) if one.days == 1 else f"the {one.days} days from {wording.day(one.day)}"


def _moved(old: Decimal | None, new: Decimal | None) -> str:
    before, after = old or Decimal(0), new or Decimal(0)
    if new is None:
        return "went away"
    if not before:
        return "appeared" if after else "stayed the same"
    if before == after:
        return "stayed the same"
    return f"{'rose' if after > before else 'fell'} by {wording.percent((after - before) / abs(before))}"
