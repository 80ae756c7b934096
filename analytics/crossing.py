"""A line that a figure crosses: above or below a value, or changed by more than a part against the period before."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

TESTS: dict[str, str] = {
    "above": "is above",
    "below": "is below",
    "changed": "changed by more than (up or down)",
}
"""Kinds of line, as people call them."""


@dataclass(frozen=True)
class Line:
    """`limit` of a change is a part: 0.2 for 20 %."""

    test: str
    limit: Decimal

    def holds(self, value: Decimal | None, change: Decimal | None) -> bool | None:
        """Whether a figure with this value and relative change is beyond the line; None where that cannot be told."""
        if self.test == "changed":
            return None if change is None else abs(change) > self.limit
        if value is None:
            return None
        return value > self.limit if self.test == "above" else value < self.limit


def crossed(before: bool | None, now: bool | None) -> bool:
    """Whether the line was crossed since it was looked at last; a first look beyond it counts."""
    return now is True and before is not True


def remembered(before: bool | None, now: bool | None) -> bool | None:
    """What to keep until the next look: nothing new where it could not be told."""
    return before if now is None else now
