"""What a load speaks for: one grain of one source, and a set of slices.

A slice is a first day and a number of days: (2 March, 1) is that day, (1 March, 31) is one figure for
all of March. A load replaces its slices whole, so whatever is in them and not in the load goes away.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import astuple, dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import TypedDict

from errors import BadInput
from store import grains

Slice = tuple[date, int]

_LONGEST = 32767  # `days` is a smallint


@dataclass(frozen=True)
class Terms:
    """Under which terms the platform reported: zone of its days, window and meaning of its conversions."""

    time_zone: str = ""
    attribution: str = ""
    definition: str = ""


@dataclass(frozen=True)
class Window:
    """The slices of one grain of one source that a load replaces.

    `currency` is the three-letter code of the money in its rows, empty where they carry none.
    """

    project_id: int
    source_id: int
    grain: int
    slices: frozenset[Slice]
    currency: str = ""
    terms: Terms = field(default_factory=Terms)

    def __post_init__(self) -> None:
        if self.currency and not (
            len(self.currency) == 3 and self.currency.isascii() and self.currency.isupper()
        ):
            raise BadInput(
                f"The currency {self.currency!r} is not a three-letter code such as EUR. Nothing was written."
            )
        for day, days in self.slices:
            if not 1 <= days <= _LONGEST:
                raise BadInput(f"A period from {day} cannot last {days} days. Nothing was written.")

    @classmethod
    def daily(
        cls,
        project_id: int,
        source_id: int,
        grain: int,
        date_from: date,
        date_to: date,
        *,
        currency: str = "",
        terms: Terms | None = None,
    ) -> Window:
        """Every single day from `date_from` to `date_to`, both included."""
        if date_to < date_from:
            raise BadInput(
                f"The window ends on {date_to}, before it begins on {date_from}. Nothing was written."
            )
        days = frozenset((date_from + timedelta(n), 1) for n in range((date_to - date_from).days + 1))
        return cls(project_id, source_id, grain, days, currency, terms or Terms())

    @classmethod
    def period(
        cls,
        project_id: int,
        source_id: int,
        grain: int,
        day: date,
        days: int,
        *,
        currency: str = "",
        terms: Terms | None = None,
    ) -> Window:
        """One figure for `days` days from `day` on."""
        return cls(project_id, source_id, grain, frozenset({(day, days)}), currency, terms or Terms())

    @property
    def level(self) -> str:
        """Level of the entities of this grain; where two share a number, the first one of `grains.LEVELS`."""
        return grains.label(self.grain - self.grain % 100)

    @property
    def covers(self) -> tuple[date, date] | None:
        """First and last day that the slices reach over; None without slices."""
        if not self.slices:
            return None
        return min(day for day, _ in self.slices), max(day + timedelta(days - 1) for day, days in self.slices)


@dataclass(frozen=True)
class Loaded:
    """What a load did, in rows (or orders)."""

    new: int
    changed: int
    unchanged: int
    removed: int

    def __add__(self, other: Loaded) -> Loaded:
        return Loaded(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    @property
    def wrote(self) -> bool:
        """False if the load found everything as it was."""
        return bool(self.new or self.changed or self.removed)


@dataclass(frozen=True)
class Replaced:
    """What a window holds now: its rows, and totals of the measures that may be added up."""

    rows: int
    totals: Mapping[str, Decimal]


class _Row(TypedDict):
    day: date


class MetricRow(_Row, total=False):
    """A row as a connector yields it. Beside these keys it holds any of `models.MEASURES`.

    Counts are int, amounts are Decimal (or int), never float; an absent or null measure is unmeasured.
    `entity` and `campaign` are the platform's key, or (level, key) where the level is not the window's.
    """

    days: int
    entity: str | tuple[str, str] | None
    campaign: str | tuple[str, str] | None
    segment: str | None
    more: Mapping[str, object] | None


@dataclass(frozen=True)
class Filter:
    """A condition on the columns `day` and `days` of a table, and its parameters."""

    sql: str
    values: Mapping[str, object]


def within(slices: Collection[Slice], table: str) -> Filter:
    """The condition that a row of `table` (its name or alias in the query) lies in one of the slices.

    A run of single days is a range, which an index serves best; any other set is compared pair by pair.
    """
    if not slices:
        return Filter("false", {})
    first, last = min(day for day, _ in slices), max(day for day, _ in slices)
    values: dict[str, object] = {"first_day": first, "last_day": last}
    between = f"{table}.day BETWEEN :first_day AND :last_day"
    if all(days == 1 for _, days in slices) and (last - first).days + 1 == len(slices):
        return Filter(f"{between} AND {table}.days = 1", values)
    ordered = sorted(slices)
    values |= {"slice_day": [day for day, _ in ordered], "slice_days": [days for _, days in ordered]}
    pairs = "SELECT * FROM unnest(CAST(:slice_day AS date[]), CAST(:slice_days AS smallint[]))"
    return Filter(f"{between} AND ({table}.day, {table}.days) IN ({pairs})", values)
