"""What can be asked of the figures freely: metrics, a dimension, a split; and what its columns are called."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from analytics import channels, formulas, metrics
from analytics.metrics import Kind
from errors import BadInput
from reports.comparison import KINDS

TIMES = ("day", "week", "month")
ENTITIES = ("campaign", "ad_group", "ad")
SEGMENTS = ("country", "device")
BY: dict[str, str] = {
    "day": "Day",
    "week": "Week",
    "month": "Month",
    "weekday": "Weekday",
    "channel": "Channel",
    "kind": "Kind of channel",
    "account": "Account",
    "campaign": "Campaign",
    "ad_group": "Ad group",
    "ad": "Ad",
    "country": "Country",
    "device": "Device",
}
"""Dimensions, as people call them."""
SPLITS: dict[str, str] = {"": "Nothing", "channel": "Channel", "kind": "Kind of channel"}
MOST_METRICS = 6
MOST_LINES = 500
"""Lines of an answer; what is beyond stands under all others."""
OTHERS = "others"
FORMULA = "formula"
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
OF_ONE_CHANNEL = ("channel", "kind", "account", *ENTITIES)


@dataclass(frozen=True)
class Question:
    """What to look at. `sort` is a metric's slug or "name"; `top` keeps that many lines beside "all others" (0: all
    up to `MOST_LINES`); `week_start` is 1 for Monday … 7 for Sunday; `formula` is a metric of one's own.

    Raises BadInput for what cannot be asked.
    """

    slugs: tuple[str, ...]
    by: str = "day"
    split: str = ""
    sort: str = ""
    smallest: bool = False
    top: int = 0
    week_start: int = 1
    formula: str = ""

    def __post_init__(self) -> None:
        known = all(slug in metrics.REGISTRY for slug in self.slugs)
        if not known or not 1 <= len(self.slugs) + bool(self.formula) <= MOST_METRICS:
            raise BadInput(f"Choose one to {MOST_METRICS} metrics.")
        if self.by not in BY or self.split not in SPLITS:
            raise BadInput("This is no dimension that figures can be put together by.")
        try:
            formulas.parse(self.formula or "0")
        except formulas.FormulaError as error:
            raise BadInput(f"This formula cannot be read. {error}") from error

    @property
    def needed(self) -> tuple[str, ...]:
        """All metrics that the answer is made of."""
        more = formulas.parse(self.formula).slugs if self.formula else ()
        return tuple(dict.fromkeys((*self.slugs, *more)))

    @property
    def splits(self) -> str:
        """The split that is in force: a line of one channel cannot be split by channel."""
        return (
            "" if self.by in OF_ONE_CHANNEL and (self.by, self.split) != ("kind", "channel") else self.split
        )

    @property
    def columns(self) -> tuple[str, ...]:
        """Slugs in the order of the answer's columns; `FORMULA` stands for the formula."""
        return (*self.slugs, *([FORMULA] if self.formula else []))


def split_label(question: Question, part: str) -> str:
    """A channel or kind of channel, as people call it."""
    if question.splits == "kind":
        return KINDS.get(part, part)
    return channels.label(part)


def label(question: Question, slug: str) -> str:
    """A column's name."""
    return question.formula if slug == FORMULA else metrics.metric(slug).label


def unit(question: Question, slug: str, currency: str) -> str:
    """A column's unit: the currency, %, ×, s, or empty for counts and formulas."""
    if slug == FORMULA:
        return ""
    return {"money": currency, "percent": "%", "multiple": "×", "seconds": "s"}.get(
        metrics.metric(slug).unit, ""
    )


def drawn(question: Question, slug: str, value: Decimal | None) -> Decimal | None:
    """A value in its unit: 12.5 for 12.5 %."""
    percent = slug != FORMULA and metrics.metric(slug).unit == "percent"
    return value * 100 if value is not None and percent else value


def is_sum(question: Question, slug: str) -> bool:
    """Whether values of a column may be added up."""
    return slug != FORMULA and metrics.metric(slug).kind in {Kind.ADDITIVE, Kind.SEMI_ADDITIVE}
