"""What a report is asked for: a period, what to compare it with, which channels and campaigns, in which currency."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from math import ceil

from errors import BadInput

LONGEST = 366 * 12
"""Days in the longest period that a report takes."""


class Compare(StrEnum):
    """What a period is compared with. Both are shifted by whole weeks, so that weekdays line up."""

    PREVIOUS = "previous"
    YEAR = "year"
    NONE = "none"


@dataclass(frozen=True)
class View:
    """A question to a report; hashable, so that answers can be cached. Empty tuples mean all.

    Raises BadInput for an impossible period.
    """

    start: date
    end: date
    currency: str
    compare: Compare = Compare.PREVIOUS
    channels: tuple[str, ...] = ()
    campaigns: tuple[str, ...] = ()
    as_of: datetime | None = None
    """Figures as they stood then; None: as they stand."""

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise BadInput("The period ends before it starts. Pick the first day first.")
        if (self.end - self.start).days >= LONGEST:
            raise BadInput("The period is longer than twelve years. Pick a shorter one.")

    @property
    def length(self) -> int:
        """Days in the period, both ends counted."""
        return (self.end - self.start).days + 1

    @property
    def days(self) -> list[date]:
        """Every day of the period."""
        return [self.start + timedelta(days=n) for n in range(self.length)]

    @property
    def shift(self) -> timedelta | None:
        """How far back the compared period lies: whole weeks, at least as long as the period, or 52 weeks."""
        if self.compare is Compare.NONE:
            return None
        if self.compare is Compare.YEAR:
            return timedelta(weeks=52)
        return timedelta(weeks=ceil(self.length / 7))

    @property
    def compared(self) -> tuple[date, date] | None:
        """First and last day of the compared period."""
        return (self.start - self.shift, self.end - self.shift) if self.shift else None

    @property
    def earliest(self) -> date:
        """First day that is looked at: of the compared period, where there is one."""
        return self.compared[0] if self.compared else self.start
