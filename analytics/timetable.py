"""When something that repeats comes next: daily, on a weekday, or on a day of the month, at an hour of a time zone.

Where clocks go forward over the hour, the next full hour that there is takes its place; where they go back, the
first of the two hours counts.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

EVERY = ("daily", "weekly", "monthly")
_LONGEST_GAP = 48  # hours; the longest so far was a day, when Samoa crossed the date line in 2011


@dataclass(frozen=True)
class Timetable:
    """`weekday` is 1 for Monday … 7 for Sunday; `month_day` beyond a month's end is its last day.

    Raises ValueError for what is no time.
    """

    every: str
    hour: int
    weekday: int = 1
    month_day: int = 1

    def __post_init__(self) -> None:
        right = self.every in EVERY and 0 <= self.hour <= 23
        if not (right and 1 <= self.weekday <= 7 and 1 <= self.month_day <= 31):
            raise ValueError("no such time")

    def next(self, after: datetime, zone: str) -> datetime:
        """The first time later than `after`; aware, UTC."""
        day = after.astimezone(ZoneInfo(zone)).date() - timedelta(days=2)
        while True:
            if self.falls_on(day) and (at := self.at(day, zone)) > after:
                return at
            day += timedelta(days=1)

    def falls_on(self, day: date) -> bool:
        """Whether the day is one of its days."""
        if self.every == "weekly":
            return day.isoweekday() == self.weekday
        if self.every == "monthly":
            return day.day == min(self.month_day, monthrange(day.year, day.month)[1])
        return True

    def at(self, day: date, zone: str) -> datetime:
        """Its time on a day; UTC."""
        local, place = datetime.combine(day, time(self.hour)), ZoneInfo(zone)
        for _ in range(_LONGEST_GAP):
            moment = local.replace(tzinfo=place).astimezone(UTC)
            if moment.astimezone(place).replace(tzinfo=None) == local:
                return moment
            local += timedelta(hours=1)
        raise ValueError(f"no hour after {day} in {zone}")
