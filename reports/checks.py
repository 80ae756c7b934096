"""What a data-quality check finds, and what all checks share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from analytics import channels
from reports.figures import Figures
from reports.health import SourceHealth
from reports.overview import Totals

Severity = Literal["error", "warning", "info"]
HAND_MADE = frozenset({"offline", "unified", "custom"})


@dataclass(frozen=True)
class Hit:
    """Something that is wrong, in a sentence; `count` is how many days (or campaigns …) it stands for."""

    text: str
    severity: Severity
    count: int = 1


@dataclass(frozen=True)
class Outcome:
    """What a check found among `examined` things, and why it could not look at others."""

    examined: int
    hits: Sequence[Hit] = ()
    unchecked: Sequence[str] = ()


def is_online(one: SourceHealth) -> bool:
    """True for advertising that a platform reports; offline spend is spread by hand and brings no clicks."""
    channel = one.source.channel
    return channel in channels.PLATFORMS and channel not in HAND_MADE and channels.kind(channel) == "paid"


def number(totals: Totals, name: str) -> Decimal:
    """A day's figure; 0 where there is none."""
    return Decimal(totals.get(name) or 0)


def measures(days: Iterable[tuple[date, Totals]], name: str) -> bool:
    """True if any of the days has the figure."""
    return any(totals.get(name) is not None for _, totals in days)


def counted(figures: Figures) -> list[SourceHealth]:
    """Sources that are in the totals."""
    return [one for one in figures.health if one.source.in_totals]


def without_days(figures: Figures, found: Iterable[SourceHealth]) -> list[str]:
    """Why some sources could not be looked at: they have no days here."""
    return [f"{one.label} has no daily figures in these weeks." for one in found if not figures.of(one)]
