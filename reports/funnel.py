"""The funnel of a view: counts by stage for the whole, and split by channel, campaign, country, device or period.

The whole adds up what reaches people: advertising, e-mail, organic social and search. Web analytics counts the
same visits again, from the shop's side, so it is a funnel of its own. Purchases of everything are the shop's
orders; of a part of it, what the platforms claim. Repeat orders are known for the shop as a whole only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from math import ceil
from types import MappingProxyType
from typing import Any, Literal

from sqlalchemy import Connection

from analytics import breakdowns, channels, funnel
from analytics.funnel import Counts, Stage, Stages, Step
from reports import daily, sales, segments, stages
from reports.daily import BEFORE, NOW, Converted, Cut, LeftOut, Sums
from reports.view import Compare, View

OUTREACH = ("paid", "email", "social", "search")
MOST_GROUPS = 200
"""Lines of a split, largest first."""
MOST_PERIODS = 6
By = Literal["", "channel", "campaign", "country", "device", "period"]
SOLD = ("orders", "repeat_orders")


@dataclass(frozen=True)
class Asked:
    """A funnel to read; hashable, so that answers can be cached. `kind` empty: everything that reaches people."""

    view: View
    kind: str = ""
    by: By = ""
    earlier: int = 1
    """How many earlier periods of the same length stand beside this one, where `by` is period."""
    year_before: bool = False

    @property
    def whole(self) -> bool:
        """Whether it is all of the business, so that purchases are the shop's."""
        return self.kind in {"", "web"} and not self.view.channels and not self.view.campaigns


@dataclass(frozen=True)
class Group:
    """One funnel. `before` is that of the compared period; empty where nothing is compared."""

    key: str
    label: str
    steps: tuple[Step, ...]
    before: tuple[Step, ...] = ()
    spend: Decimal | None = None
    spend_before: Decimal | None = None

    @property
    def is_empty(self) -> bool:
        """True if no stage is measured."""
        return all(step.count is None for step in self.steps)

    def step(self, stage: Stage) -> Step:
        """One stage of it."""
        return next(step for step in self.steps if step.stage is stage)

    def step_before(self, stage: Stage) -> Step | None:
        """The stage in the compared period."""
        return next((step for step in self.before if step.stage is stage), None)


@dataclass(frozen=True)
class Funnel:
    """What the page shows. `channels` by kind are those with figures now. `unmeasured`: channels that have figures, but none for a stage; `without`: channels
    that do not bring the breakdown; `share`: part of the first stage that is split, 0 to 1."""

    whole: Group
    groups: list[Group]
    channels: dict[str, tuple[str, ...]]
    from_shop: bool
    unmeasured: dict[Stage, tuple[str, ...]] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    share: Decimal | None = None
    more: int = 0
    left_out: list[LeftOut] = field(default_factory=list)
    without_rate: list[str] = field(default_factory=list)
    rates_of: date | None = None


@dataclass(frozen=True)
class _Read:
    """Counts and spend of a period, by kind and channel as well as of everything."""

    counts: Counts
    spend: Decimal | None
    rows: list[Sums]


def funnel_of(connection: Connection, project_id: int, asked: Asked, refund_policy: str) -> Funnel:
    """The funnel in the stages that the project agreed on, money in the view's currency."""
    agreed = stages.in_force(connection, project_id).stages
    kinds = (asked.kind,) if asked.kind else OUTREACH
    phases, money, from_shop = _read(connection, project_id, asked, agreed, kinds, refund_policy)
    if not asked.kind and not phases[NOW].rows and not phases[BEFORE].rows:
        kinds = ("web",)
        phases, money, from_shop = _read(connection, project_id, asked, agreed, kinds, refund_policy)
    whole = _group("", "All", phases[NOW], phases[BEFORE] if asked.view.compared else None)
    groups, more, without, share = _split(connection, project_id, asked, agreed, kinds, refund_policy, phases)
    return Funnel(
        whole, groups, _channels(phases[NOW].rows), from_shop, _unmeasured(agreed, phases[NOW].rows), without, share, more,
        daily.left_out(connection, project_id, asked.view), daily.without_rate(money),
        daily.old_rates(connection, asked.view, money),
    )  # fmt: skip


_Phases = dict[str, _Read]
_Split = tuple[list[Group], int, tuple[str, ...], Decimal | None]


def _measures(agreed: Stages, kinds: Iterable[str]) -> tuple[str, ...]:
    return ("spend", *funnel.measures(agreed, kinds))


def _read(
    connection: Connection,
    project_id: int,
    asked: Asked,
    agreed: Stages,
    kinds: tuple[str, ...],
    refund_policy: str,
) -> tuple[_Phases, list[Converted], bool]:
    """Both phases; the currencies; and whether purchases are the shop's."""
    names = _measures(agreed, kinds)
    base = daily.rows(connection, project_id, asked.view, names)
    (rows,), money = daily.cuts(
        connection, base, Cut(("phase", "kind", "channel"), names, (base.c.kind.in_(kinds),))
    )
    sold: dict[str, Sums] = {}
    if asked.whole:
        shop = daily.shop(connection, project_id, asked.view, refund_policy)
        (sums,), _ = daily.cuts(connection, shop, Cut(("phase",), SOLD))
        sold = {one["phase"]: one for one in sums}
    phases = {
        phase: _phase(agreed, [row for row in rows if row["phase"] == phase], sold.get(phase))
        for phase in (NOW, BEFORE)
    }
    return phases, money, bool(sold)


def _phase(agreed: Stages, rows: list[Sums], sold: Mapping[str, Any] | None) -> _Read:
    found = funnel.added(funnel.counts(agreed, row["kind"], row) for row in rows)
    if sold is not None:
        found |= {Stage.PURCHASE: sold["orders"], Stage.REPEAT: sold["repeat_orders"]}
    return _Read(found, _spend(rows), rows)


def _spend(rows: Iterable[Mapping[str, Any]]) -> Decimal | None:
    known = [row["spend"] for row in rows if row["spend"] is not None]
    return sum(known, Decimal(0)) if known else None


def _group(key: str, label: str, now: _Read, before: _Read | None) -> Group:
    return Group(
        key,
        label,
        funnel.steps(now.counts, now.spend),
        funnel.steps(before.counts, before.spend) if before else (),
        now.spend,
        before.spend if before else None,
    )


def _channels(rows: Sequence[Sums]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        found[row["kind"]].append(row["channel"])
    return {kind: tuple(sorted(found[kind])) for kind in funnel.KINDS if kind in found}


def _unmeasured(agreed: Stages, rows: Sequence[Sums]) -> dict[Stage, tuple[str, ...]]:
    found: dict[Stage, tuple[str, ...]] = {}
    for stage in funnel.MAPPED:
        missing = {row["channel"] for row in rows if funnel.counts(agreed, row["kind"], row)[stage] is None}
        if missing:
            found[stage] = tuple(sorted(missing, key=channels.label))
    return found


def _split(
    connection: Connection,
    project_id: int,
    asked: Asked,
    agreed: Stages,
    kinds: tuple[str, ...],
    refund_policy: str,
    phases: _Phases,
) -> _Split:
    if asked.by == "channel":
        keyed = [(row["phase"], row["channel"], row) for phase in phases.values() for row in phase.rows]
        return (*_groups(asked, agreed, keyed, channels.label), (), None)
    if asked.by == "campaign":
        keyed = _campaigns(connection, project_id, asked, agreed, _there(phases))
        return (*_groups(asked, agreed, keyed, _campaign_label), (), None)
    if asked.by in {"country", "device"}:
        sold = _sold(connection, project_id, asked, refund_policy)
        return _broken_down(connection, project_id, asked, agreed, _there(phases), phases, sold)
    if asked.by == "period":
        return _periods(connection, project_id, asked, agreed, kinds, refund_policy), 0, (), None
    return [], 0, (), None


def _there(phases: _Phases) -> tuple[str, ...]:
    """The kinds of channel that have figures."""
    return tuple({row["kind"]: None for read in phases.values() for row in read.rows})


_Keyed = list[tuple[str, str, Sums]]
"""Phase, group and sums of one channel in it."""
_Sold = Mapping[tuple[str, str], Decimal]
"""The shop's orders by phase and group; empty where it does not tell them apart."""


def _sold(connection: Connection, project_id: int, asked: Asked, refund_policy: str) -> _Sold:
    """The shop's orders by country, of all of the business; the shop knows no devices."""
    found: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    if asked.by == "country" and asked.whole:
        for one in sales.by(connection, project_id, asked.view, refund_policy, "country"):
            for phase, totals in ((NOW, one.now), (BEFORE, one.before)):
                found[phase, breakdowns.country(one.value)] += totals.get("orders") or 0
    return found


def _groups(
    asked: Asked, agreed: Stages, keyed: _Keyed, label: Any, sold: _Sold = MappingProxyType({})
) -> tuple[list[Group], int]:
    """Groups, largest spend and first stage first, and how many more there are."""
    rows: dict[tuple[str, str], list[Sums]] = defaultdict(list)
    for phase, key, row in keyed:
        rows[phase, key].append(row)
    found = []
    for key in dict.fromkeys((*(key for _, key, _ in keyed), *(key for _, key in sold))):
        now, before = (_phase(agreed, rows.get((phase, key), []), None) for phase in (NOW, BEFORE))
        for phase, read in ((NOW, now), (BEFORE, before)) if sold else ():
            read.counts[Stage.PURCHASE] = sold.get((phase, key), Decimal(0))
        if any(count is not None for count in now.counts.values()):
            found.append((key, label(key), now, before))
    found.sort(key=lambda one: _size(one[0], one[1], one[2]))
    # Rates and costs take longer than counts, and of many campaigns only the largest are shown.
    groups = [
        _group(key, name, now, before if asked.view.compared else None)
        for key, name, now, before in found[:MOST_GROUPS]
    ]
    return groups, max(len(found) - MOST_GROUPS, 0)


def _size(key: str, label: str, now: _Read) -> tuple[Any, ...]:
    first = next((count for stage in Stage if (count := now.counts.get(stage)) is not None), None)
    return (not key, -(now.spend or 0), -(first or 0), label.casefold())


def _campaigns(
    connection: Connection, project_id: int, asked: Asked, agreed: Stages, kinds: tuple[str, ...]
) -> _Keyed:
    names = _measures(agreed, kinds)
    found = segments.by_campaign(connection, project_id, asked.view, kinds, names)
    return [(row["phase"], f"{row['channel']}\n{row['value']}", row) for row in found]


def _campaign_label(key: str) -> str:
    channel, _, name = key.partition("\n")
    return f"{name or 'Without a name'} · {channels.label(channel)}"


def _broken_down(
    connection: Connection,
    project_id: int,
    asked: Asked,
    agreed: Stages,
    kinds: tuple[str, ...],
    phases: _Phases,
    sold: _Sold,
) -> _Split:
    names = _measures(agreed, kinds)
    found = segments.by_breakdown(connection, project_id, asked.view, asked.by, kinds, names)
    same = breakdowns.country if asked.by == "country" else breakdowns.device
    keyed = [(row["phase"], same(row["value"] or ""), row) for row in found.rows]
    known = sold if keyed else {}
    groups, more = _groups(asked, agreed, keyed, lambda key: breakdowns.label(asked.by, key), known)
    having = {row["channel"] for row in found.rows}
    without = {row["channel"] for row in phases[NOW].rows} - having
    return (
        groups,
        more,
        tuple(sorted({*without, *found.without}, key=channels.label)),
        _share(agreed, keyed, phases),
    )


def _share(agreed: Stages, keyed: _Keyed, phases: _Phases) -> Decimal | None:
    split = funnel.added(funnel.counts(agreed, row["kind"], row) for phase, _, row in keyed if phase == NOW)
    return funnel.ratio(split[Stage.AWARENESS], phases[NOW].counts[Stage.AWARENESS])


def _periods(
    connection: Connection,
    project_id: int,
    asked: Asked,
    agreed: Stages,
    kinds: tuple[str, ...],
    refund_policy: str,
) -> list[Group]:
    found = []
    for view in periods(asked):
        one = replace(asked, view=view)
        phases, _, _ = _read(connection, project_id, one, agreed, kinds, refund_policy)
        group = _group(view.start.isoformat(), f"{view.start}/{view.end}", phases[NOW], None)
        found.append(group)
    return found


def periods(asked: Asked) -> list[View]:
    """This period, the earlier ones that were asked for, and the year before: each as long as this one and whole
    weeks away from it, so that weekdays line up."""
    view = replace(asked.view, compare=Compare.NONE)
    weeks = ceil(view.length / 7)
    count = min(max(asked.earlier, 0), MOST_PERIODS)
    back = [timedelta(weeks=weeks * n) for n in range(count + 1)]
    if asked.year_before and timedelta(weeks=52) not in back:
        back.append(timedelta(weeks=52))
    earliest = view.start - date.min
    return [replace(view, start=view.start - by, end=view.end - by) for by in back if by < earliest]
