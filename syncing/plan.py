"""What a sync reads: days that were never read, and days whose figures may still have changed since.

A day settles when it has been over for the stream's lookback (platforms restate recent days); a day that
was last read before it settled is read again on every run, so a sidecar that slept for a month catches up
on what settled meanwhile. Newest first, every stream's newest 30 days before anything older.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_BUCKET = 30


@dataclass(frozen=True)
class Chunk:
    """Days of one stream to read at once."""

    stream: str
    first: date
    last: date

    @property
    def days(self) -> int:
        """How many they are."""
        return (self.last - self.first).days + 1


def zone(name: str) -> ZoneInfo:
    """The time zone of that name; UTC where the platform's name is none that we know."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, IsADirectoryError):
        return ZoneInfo("UTC")


def today(now: datetime, time_zone: str) -> date:
    """The day that it is for the account."""
    return now.astimezone(zone(time_zone)).date()


def is_needed(day: date, read_at: datetime | None, since: datetime, lookback: int, time_zone: str) -> bool:
    """Whether a run that was asked for at `since` must read the day.

    `lookback` is in days after the end of the day, counted in the account's zone.
    """
    if read_at is None:
        return True
    settled = datetime.combine(day + timedelta(1 + lookback), time.min, zone(time_zone))
    return read_at < since and read_at < settled


def needed(
    read: Mapping[date, datetime], first: date, last: date, since: datetime, lookback: int, time_zone: str
) -> list[date]:
    """Days from `first` to `last` that a run must read, oldest first."""
    days = (first + timedelta(n) for n in range((last - first).days + 1))
    return [day for day in days if is_needed(day, read.get(day), since, lookback, time_zone)]


def chunks(stream: str, days: list[date], longest: int) -> Iterator[Chunk]:
    """The days (ascending) as ranges of at most `longest` days without gaps, newest first."""
    left = list(days)
    while left:
        last = first = left.pop()
        while left and left[-1] == first - timedelta(1) and (last - left[-1]).days < longest:
            first = left.pop()
        yield Chunk(stream, first, last)


def following(waiting: Mapping[str, list[date]], longest: Mapping[str, int], now: date) -> Chunk | None:
    """The chunk to read next among streams (in their order of importance); None when nothing waits."""
    heads = [
        next(chunks(stream, _newest(days, now)[-longest[stream] :], longest[stream]))
        for stream, days in waiting.items()
        if days
    ]
    order = {stream: n for n, stream in enumerate(waiting)}
    return min(
        heads,
        key=lambda chunk: (max(0, (now - chunk.last).days) // _BUCKET, order[chunk.stream]),
        default=None,
    )


def _newest(days: list[date], now: date) -> list[date]:
    """The days of the last month where there are any: a long chunk must not keep them waiting."""
    return [day for day in days if is_recent(day, now)] or days


def is_recent(day: date, now: date) -> bool:
    """Whether the day is one of the newest 30."""
    return (now - day).days < _BUCKET
