"""How a target goes: actual beside what was to be expected by now, and where the pace leads.

A target of something that adds up (spend, orders) is expected evenly over its days: value × days over ÷ days.
A ratio (ROAS, CPA) is expected to be what the target says, at any time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

State = Literal["not_started", "no_days", "not_measured", "running", "ended"]
Verdict = Literal["", "on", "above", "below"]
_AS_GOOD_AS_ON = Decimal("0.02")


@dataclass(frozen=True)
class Pace:
    """`elapsed` of `days` are over and complete. `pace` is actual ÷ expected (1: on plan); `forecast` is the value at
    the end if it goes on like this. None where there is nothing to tell."""

    state: State
    elapsed: int
    days: int
    actual: Decimal | None = None
    expected: Decimal | None = None
    pace: Decimal | None = None
    forecast: Decimal | None = None

    @property
    def verdict(self) -> Verdict:
        """Whether it is on plan (2 % off counts as that), above or below."""
        if self.pace is None:
            return ""
        if abs(self.pace - 1) <= _AS_GOOD_AS_ON:
            return "on"
        return "above" if self.pace > 1 else "below"


def through(first: date, last: date, complete: date) -> date | None:
    """The last day of a target whose figures are in; None before there is any."""
    return min(last, complete) if complete >= first else None


def pace(
    value: Decimal,
    first: date,
    last: date,
    complete: date,
    today: date,
    actual: Decimal | None,
    *,
    adds_up: bool,
) -> Pace:
    """Pace of a target from `first` to `last` whose `actual` is that of its days up to `complete`.

    Raises ValueError for a target of zero or less, or an end before its start.
    """
    if value <= 0 or last < first:
        raise ValueError("a target is above zero, and ends after it starts")
    days = (last - first).days + 1
    if today < first:
        return Pace("not_started", 0, days)
    end = through(first, last, complete)
    if end is None:
        return Pace("no_days", 0, days)
    elapsed = (end - first + timedelta(1)).days
    if actual is None:
        return Pace("not_measured", elapsed, days)
    state: State = "ended" if elapsed == days and today > last else "running"
    if not adds_up:
        return Pace(state, elapsed, days, actual, value, actual / value, actual)
    expected = value * elapsed / days
    return Pace(state, elapsed, days, actual, expected, actual / expected, actual * days / elapsed)
