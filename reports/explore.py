"""Free questions: some metrics by a dimension, split by a second one, with a total that is a ratio of sums.

A line that belongs to one channel shows that channel's own figures. Lines and totals over several kinds of
channel take each measure from where the overview takes it: advertising for spend and clicks, web analytics for
sessions, e-mail for opens, the shop for sales; what none of those measures comes from whoever does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy import Connection

from analytics import channels, formulas, metrics
from analytics.metrics import Kind
from reports import daily, explore_rows, explore_top
from reports.daily import SHOP, Converted, Cut, LeftOut, Sums
from reports.explore_rows import bucket
from reports.questions import ENTITIES, FORMULA, OF_ONE_CHANNEL, OTHERS, SEGMENTS, TIMES, Question
from reports.view import Compare, View
from store.models import MEASURES

_ORIGIN_KINDS = {"paid": "paid", "email": "email", "web": "web", "shop": "shop"}
Values = dict[str, Decimal | None]


@dataclass(frozen=True)
class Line:
    """A value of the dimension (and of the split). `first` and `last` are its days where the dimension is time."""

    key: str
    name: str
    values: Values
    split: str = ""
    channel: str = ""
    account: str = ""
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class Answer:
    """Lines in order, then their total. `rest`: how many lines "all others" stands for. `apart`: metrics of which
    some lines have figures that the total leaves out, being of another kind of channel."""

    question: Question
    lines: list[Line]
    total: Values
    rest: int = 0
    apart: tuple[str, ...] = ()
    whole_shop: bool = False
    left_out: list[LeftOut] = field(default_factory=list)
    without_rate: list[str] = field(default_factory=list)
    rates_of: date | None = None


@dataclass(frozen=True)
class _Scope:
    """Where sums over several kinds of channel take each measure from; None: from all of them."""

    kinds: dict[str, str | None]

    def groups(self, groups: Iterable[Sums], measure: str) -> list[Sums]:
        wanted = self.kinds.get(measure)
        return [group for group in groups if wanted is None or group["kind"] == wanted]


def _scope(view: View, measures: Iterable[str], groups: list[Sums]) -> _Scope:
    kinds: dict[str, str | None] = {}
    for name in measures:
        kind = _ORIGIN_KINDS[metrics.origin(name)]
        measured = any(group["kind"] == kind and group.get(name) is not None for group in groups)
        kinds[name] = kind if measured and not (view.channels and kind != "shop") else None
    return _Scope(kinds)


_ANYWHERE = _Scope({})


def _value(slug: str, groups: Sequence[Sums], scope: _Scope) -> Decimal | None:
    """A metric over groups of rows: Σ ÷ Σ. Counts of people only where there is one group."""
    found = metrics.metric(slug)
    chosen = list(groups)
    if found.shared_only:
        chosen = [group for group in chosen if group.get(found.numerator) is not None]
    totals: dict[str, Decimal | None] = {}
    for part in metrics.parts(slug):
        mine = scope.groups(chosen, part)
        values = [Decimal(group[part]) for group in mine if group.get(part) is not None]
        distinct = metrics.metric(part).kind is Kind.DISTINCT and part not in SHOP
        if distinct:
            totals[part] = values[0] if len(values) == len(mine) == 1 else None
        else:
            totals[part] = sum(values, Decimal(0)) if values else None
    return metrics.evaluate(slug, totals)


def _values(question: Question, groups: Sequence[Sums], scope: _Scope) -> Values:
    found: Values = {slug: _value(slug, groups, scope) for slug in question.needed}
    if question.formula:
        found[FORMULA] = formulas.parse(question.formula).value(found)
    return {slug: found[slug] for slug in question.columns}


def explore(
    connection: Connection, project_id: int, view: View, question: Question, refund_policy: str
) -> Answer:
    """The answer, money in the view's currency. `refund_policy`: order_day or refund_day.

    What the view compares with is not looked at.
    """
    view = replace(view, compare=Compare.NONE)
    parts = {part for slug in question.needed for part in metrics.parts(slug)}
    groups, whole, money = _read(connection, project_id, view, question, parts, refund_policy)
    scope = _scope(view, parts, whole)
    by_key: dict[str, list[Sums]] = defaultdict(list)
    for group in groups:
        if explore_top.is_line(group["phase"]):
            by_key[group["phase"]].append(group)
    keys = _ordered(question, view, by_key, scope)
    shown = keys if question.by in (*TIMES, "weekday") else keys[: explore_top.most(question)]
    lines = [line for key in shown for line in _lines(question, key, by_key.get(key, []), scope)]
    others = [group for group in groups if explore_top.is_beyond(group["phase"])]
    rest = len(keys) - len(shown) + int(sum(group[explore_top.LINES] for group in others))
    if rest:
        others += [group for key in keys[len(shown) :] for group in by_key[key]]
        lines += [
            replace(one, name=f"All others ({rest:,})") for one in _lines(question, OTHERS, others, scope)
        ]
    return Answer(
        question,
        explore_rows.named(connection, project_id, question.by, lines, view),
        _values(question, whole, scope),
        rest,
        _apart(question, [*others, *(group for own in by_key.values() for group in own)], scope),
        bool(parts & set(SHOP)) and bool(view.campaigns or view.channels),
        daily.left_out(connection, project_id, view),
        daily.without_rate(money),
        daily.old_rates(connection, view, money),
    )


def _read(
    connection: Connection,
    project_id: int,
    view: View,
    question: Question,
    parts: Collection[str],
    refund_policy: str,
) -> tuple[list[Sums], list[Sums], list[Converted]]:
    """Sums by key, channel and kind; sums by channel and kind; currencies."""
    groups, whole, money = list[Sums](), list[Sums](), list[Converted]()
    timed = question.by in (*TIMES, "weekday")
    measures = tuple(name for name in MEASURES if name in parts)
    if measures:
        rows = explore_rows.platforms(
            connection, project_id, view, question.by, question.week_start, measures
        )
        single, shown = (rows.c.days == 1,) if timed else (), measures
        if explore_top.ranks(question):
            rows, shown = explore_top.chosen(rows, question, measures), (*measures, explore_top.LINES)
        (groups, whole), money = daily.cuts(
            connection, rows,
            Cut(("phase", "channel", "kind"), shown, single), Cut(("channel", "kind"), measures),
        )  # fmt: skip
    sold = tuple(name for name in SHOP if name in parts)
    if sold and question.by not in (*ENTITIES, *SEGMENTS):
        rows = explore_rows.shops(
            connection, project_id, view, question.by, question.week_start, sold, refund_policy
        )
        chosen = [channel for channel in view.channels if channels.kind(channel) == "shop"]
        mine = (rows.c.channel.in_(chosen),) if chosen else ()
        lines = () if timed or chosen or not view.channels else (sa.false(),)
        (by_key, all_), currencies = daily.cuts(
            connection, rows,
            Cut(("phase", "channel", "kind"), sold, (*mine, *lines)), Cut(("channel", "kind"), sold, mine),
        )  # fmt: skip
        groups, whole, money = [*groups, *by_key], [*whole, *all_], [*money, *currencies]
    return groups, whole, money


def _lines(question: Question, key: str, groups: list[Sums], scope: _Scope) -> list[Line]:
    """The line of a key, or one for each channel or kind of channel that it has figures of."""
    first, last = bucket_days(question, key)
    split = question.splits
    if not split:
        single = question.by in OF_ONE_CHANNEL and key != OTHERS
        own = _ANYWHERE if single else scope
        channel = groups[0]["channel"] if single and groups and question.by != "kind" else ""
        return [Line(key, key, _values(question, groups, own), "", channel, "", first, last)]
    parts: dict[str, list[Sums]] = defaultdict(list)
    for group in groups:
        parts[group[split]].append(group)
    found = [
        Line(
            key,
            key,
            _values(question, mine, _ANYWHERE),
            part,
            part if split == "channel" else "",
            "",
            first,
            last,
        )
        for part, mine in sorted(parts.items())
    ]
    return [line for line in found if any(value is not None for value in line.values.values())]


def bucket_days(question: Question, key: str) -> tuple[date | None, date | None]:
    """First and last day of a day, week or month by its key."""
    if question.by not in TIMES or key == OTHERS:
        return None, None
    first = date.fromisoformat(key)
    return first, bucket(question.by, question.week_start, first)[1]


def _ordered(question: Question, view: View, by_key: dict[str, list[Sums]], scope: _Scope) -> list[str]:
    """All days, weeks or months of the view in order; other keys by the metric that they are sorted by."""
    if question.by in TIMES:
        day, found = view.start, dict[str, None]()
        while day <= view.end:
            first, last = bucket(question.by, question.week_start, day)
            found[first.isoformat()] = None
            day = last + timedelta(1)
        return list(found)
    if question.by == "weekday":
        order = [str((question.week_start - 1 + n) % 7 + 1) for n in range(7)]
        return [key for key in order if key in by_key]
    own = _ANYWHERE if question.by in OF_ONE_CHANNEL else scope
    values = {key: _values(question, groups, own) for key, groups in by_key.items()}
    there = [key for key, found in values.items() if any(value is not None for value in found.values())]
    by = explore_top.sorted_by(question)

    def rank(key: str) -> tuple[bool, Decimal, str]:
        value = values[key][by]
        return (
            value is None,
            (value if question.smallest else -value) if value is not None else Decimal(0),
            key,
        )

    return sorted(there, key=rank)


def _apart(question: Question, groups: list[Sums], scope: _Scope) -> tuple[str, ...]:
    """Metrics that lines of one channel show, and the total does not contain."""
    if question.by not in OF_ONE_CHANNEL and not question.splits:
        return ()
    return tuple(slug for slug in question.slugs if any(_is_apart(slug, group, scope) for group in groups))


def _is_apart(slug: str, group: Sums, scope: _Scope) -> bool:
    leading = metrics.parts(slug)[0]
    if scope.kinds.get(leading) in {None, group["kind"]}:
        return False
    return _value(slug, [group], _ANYWHERE) is not None
