"""The funnel: which figures make its stages, and its rates, drop-off and costs.

A stage's count is the sum of the figures that its kind of channel maps to it. Every rate is a count ÷ a count,
after adding up; it is null where the earlier stage is 0 or not measured. Only figures that may be added up can
make a stage: no ratio, no count of people, no money.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Any

from analytics import metrics
from analytics.metrics import Kind


class Stage(StrEnum):
    """From first contact to coming back."""

    AWARENESS = "awareness"
    INTEREST = "interest"
    CONSIDERATION = "consideration"
    PURCHASE = "purchase"
    REPEAT = "repeat"


MAPPED = (Stage.AWARENESS, Stage.INTEREST, Stage.CONSIDERATION, Stage.PURCHASE)
"""Stages that channels have figures for; repeat orders are known to the shop alone."""
KINDS = {
    "paid": "Advertising",
    "email": "E-mail",
    "social": "Organic social",
    "search": "Organic search",
    "web": "Web analytics",
}
Stages = Mapping[str, Mapping[Stage, tuple[str, ...]]]
"""Kind of channel → stage → slugs of metrics."""
Counts = dict[Stage, Decimal | None]
Totals = Mapping[str, Any]

DEFAULT: Stages = {
    "paid": {
        Stage.AWARENESS: ("impressions",),
        Stage.INTEREST: ("clicks",),
        Stage.CONSIDERATION: ("add_to_carts", "leads"),
        Stage.PURCHASE: ("conversions",),
    },
    "email": {
        Stage.AWARENESS: ("delivered",),
        Stage.INTEREST: ("unique_opens",),
        Stage.CONSIDERATION: ("unique_clicks",),
        Stage.PURCHASE: ("conversions",),
    },
    "social": {
        Stage.AWARENESS: ("views",),
        Stage.INTEREST: ("engagements",),
        Stage.CONSIDERATION: ("shop_clicks",),
        Stage.PURCHASE: (),
    },
    "search": {
        Stage.AWARENESS: ("impressions",),
        Stage.INTEREST: ("clicks",),
        Stage.CONSIDERATION: (),
        Stage.PURCHASE: (),
    },
    "web": {
        Stage.AWARENESS: ("sessions",),
        Stage.INTEREST: ("engaged_sessions",),
        Stage.CONSIDERATION: ("checkouts_started",),
        Stage.PURCHASE: ("conversions",),
    },
}
_NO_EVENTS = {"position_weighted", *metrics.SHOP}


def may_count(slug: str) -> bool:
    """Whether a metric can make a stage: a platform's count that may be added up."""
    found = metrics.REGISTRY.get(slug)
    return (
        found is not None
        and found.kind in {Kind.ADDITIVE, Kind.SEMI_ADDITIVE}
        and found.unit in {"count", "number"}
        and slug not in _NO_EVENTS
        and not slug.startswith("attributed_")
    )


COUNTABLE = tuple(sorted(filter(may_count, metrics.REGISTRY), key=lambda slug: metrics.metric(slug).label))
"""Slugs that a stage can be made of, by label."""


def problems(content: Any) -> list[str]:
    """What is wrong with stages that somebody wants to agree on, in words; empty where nothing is."""
    if not isinstance(content, Mapping):
        return ["The stages are not a list of figures by kind of channel."]
    found = [f"“{kind}” is no kind of channel." for kind in content if kind not in KINDS]
    for kind, label in KINDS.items():
        found += _problems_of_kind(label, content.get(kind))
    return found


def _problems_of_kind(label: str, given: Any) -> list[str]:
    if not isinstance(given, Mapping):
        return [f"The stages of {label} are missing."]
    found = [f"“{stage}” is no stage of {label}." for stage in given if stage not in MAPPED]
    named: list[str] = []
    for stage in MAPPED:
        slugs = given.get(stage, ())
        if not isinstance(slugs, list | tuple) or not all(isinstance(slug, str) for slug in slugs):
            found.append(f"{stage.capitalize()} of {label} is not a list of figures.")
            continue
        found += [_refusal(slug, stage, label) for slug in slugs if not may_count(slug)]
        named += slugs
    twice = sorted({slug for slug in named if named.count(slug) > 1 and slug in metrics.REGISTRY})
    found += [f"{metrics.metric(slug).label} stands twice in the stages of {label}." for slug in twice]
    return found if named or found else [f"{label} needs at least one figure in one of its stages."]


def _refusal(slug: str, stage: Stage, label: str) -> str:
    known = metrics.REGISTRY.get(slug)
    where = f"{stage.capitalize()} of {label}"
    if known is None:
        return f"{where}: “{slug}” is no known figure."
    why = {
        Kind.RATIO: "is a ratio; ratios cannot be added up",
        Kind.DISTINCT: "counts people, who cannot be added up over days and channels",
    }.get(known.kind, "is an amount of money" if known.unit == "money" else "is no count of a platform")
    return f"{where}: {known.label} {why}."


def read(content: Any) -> Stages:
    """Stages as they were stored, perhaps by an earlier version; what is not usable is left out, a kind without
    anything usable is as by default."""
    stored = content if isinstance(content, Mapping) else {}
    return {kind: _read_kind(stored.get(kind)) or DEFAULT[kind] for kind in KINDS}


def _read_kind(given: Any) -> dict[Stage, tuple[str, ...]]:
    if not isinstance(given, Mapping):
        return {}
    found = {stage: _usable(given.get(stage)) for stage in MAPPED}
    return found if any(found.values()) else {}


def _usable(slugs: Any) -> tuple[str, ...]:
    if not isinstance(slugs, list | tuple):
        return ()
    return tuple(dict.fromkeys(slug for slug in slugs if isinstance(slug, str) and may_count(slug)))


def as_content(stages: Stages) -> dict[str, dict[str, list[str]]]:
    """Stages as JSON can hold them."""
    return {kind: {str(stage): list(slugs) for stage, slugs in of.items()} for kind, of in stages.items()}


def measures(stages: Stages, kinds: Iterable[str]) -> tuple[str, ...]:
    """All figures that the stages of some kinds need."""
    return tuple(dict.fromkeys(slug for kind in kinds for slugs in stages[kind].values() for slug in slugs))


def counts(stages: Stages, kind: str, totals: Totals) -> Counts:
    """What a channel of a kind counts at each stage; None where it measures none of the stage's figures."""
    found: Counts = dict.fromkeys(Stage)
    for stage, slugs in stages[kind].items():
        found[stage] = _sum(totals.get(slug) for slug in slugs)
    return found


def added(given: Iterable[Counts]) -> Counts:
    """Σ by stage; None where nobody measures it."""
    rows = list(given)
    return {stage: _sum(row.get(stage) for row in rows) for stage in Stage}


def _sum(values: Iterable[Any]) -> Decimal | None:
    known = [Decimal(value) for value in values if value is not None]
    return sum(known, Decimal(0)) if known else None


@dataclass(frozen=True)
class Step:
    """One stage. `rate` is its count ÷ that of the stage before, `of_first` ÷ that of the first stage, `lost` the
    stage before − this one, `cost` spend ÷ its count; each None where it is not known."""

    stage: Stage
    count: Decimal | None
    rate: Decimal | None
    of_first: Decimal | None
    lost: Decimal | None
    cost: Decimal | None

    @property
    def drop(self) -> Decimal | None:
        """Part of the stage before that did not come this far; negative where more came than there were."""
        return None if self.rate is None else 1 - self.rate


def steps(found: Counts, spend: Decimal | None) -> tuple[Step, ...]:
    """The funnel of some counts."""
    first = found.get(Stage.AWARENESS)
    made: list[Step] = []
    before: Decimal | None = None
    for stage in Stage:
        count = found.get(stage)
        lost = before - count if before is not None and count is not None else None
        rate = ratio(count, before) if stage is not Stage.AWARENESS else None
        made.append(Step(stage, count, rate, ratio(count, first), lost, ratio(spend, count)))
        before = count
    return tuple(made)


def ratio(top: Decimal | None, bottom: Decimal | None) -> Decimal | None:
    """top ÷ bottom; None where either is unknown or the bottom is 0."""
    return None if top is None or not bottom else top / bottom


def exceeding(made: Sequence[Step]) -> list[tuple[Step, Step]]:
    """Stages that count more than the nearest measured stage before them: (earlier, later)."""
    known = [step for step in made if step.count is not None]
    return [
        (earlier, later)
        for earlier, later in pairwise(known)
        if earlier.count is not None and later.count is not None and later.count > earlier.count
    ]
