"""Which days of a figure are final: not yet complete days, and days that platforms still change, are drawn apart.

A day is complete once every source that the figure comes from covers it; it is final when it lies farther back
than the platform restates (the source's own lookback, else the platform's default for the figure's family).
Uploaded files are not restated by themselves, and one that ended over a month ago has ended: it is not late.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import connectors
from analytics import channels, metrics
from reports.coverage import Coverage
from reports.pictures import State

_ENDED = timedelta(days=31)
_CLAIMS = frozenset({"conversions", "conversion_value", "all_conversions", "key_events"})
_KINDS = {"paid": ("paid", "social", "search"), "email": ("email",), "web": ("web",), "shop": ("shop",)}


@dataclass(frozen=True)
class Settling:
    """From `settles_from` on, figures may change; from `open_from` on they are not complete. `late`: the account
    that reaches least far, where it is behind the others' last full day; else empty."""

    settles_from: date
    open_from: date
    late: str = ""

    def state(self, first: date, last: date) -> State:
        """State of a figure over some days."""
        if last >= self.open_from:
            return "open"
        return "settling" if last >= self.settles_from else ""

    def of(self, spans: Iterable[tuple[date, date]]) -> tuple[State, ...]:
        """The state of each of several spans."""
        return tuple(self.state(first, last) for first, last in spans)

    def of_days(self, days: Iterable[date]) -> tuple[State, ...]:
        """The state of each day."""
        return self.of((day, day) for day in days)


def settling(
    found: Sequence[Coverage], chosen: Collection[str], slugs: Collection[str], today: date
) -> Settling:
    """Of metrics over the chosen channels (none: all that the metrics come from), as of a day."""
    parts = {part for slug in slugs for part in metrics.parts(slug)}
    mine = [one for one in found if one.in_totals and _concerns(one, chosen, parts)]
    open_from, late = today, ""
    settles_from = today
    for one in mine:
        reach = one.covers_through
        if reach is None or (not one.connected and reach < today - _ENDED):
            continue
        if reach + timedelta(1) < min(open_from, today - timedelta(1)):
            late = channels.account_label(one.channel, one.account)
        open_from = min(open_from, reach + timedelta(1))
        settles_from = min(settles_from, today - timedelta(lookback(one, parts)))
    return Settling(min(settles_from, open_from), open_from, late)


def _concerns(source: Coverage, chosen: Collection[str], parts: Collection[str]) -> bool:
    kind = channels.kind(source.channel)
    origins = {metrics.origin(part) for part in parts}
    if chosen and source.channel not in chosen:
        return kind == "shop" and "shop" in origins
    return bool(chosen) or any(kind in _KINDS[origin] for origin in origins)


def lookback(source: Coverage, parts: Collection[str]) -> int:
    """Days back from today that the source's platform may still change figures of these measures."""
    if not source.connected or source.platform not in connectors.REGISTRY:
        return 0
    main = connectors.find(source.platform).streams[0]
    if main.kind == "orders":
        return 0  # orders are followed by their time of change
    if source.lookback is not None:
        return source.lookback
    family = "conversions" if _CLAIMS & set(parts) else ""
    others = [days for name, days in main.lookback.items() if name != "conversions"]
    return main.lookback.get(family) or max(others, default=main.window)


def words(states: Collection[State], found: Settling | None = None) -> str:
    """What the dashes and dots of a chart mean; empty where every day is final."""
    parts = []
    if "settling" in states:
        since = (
            f" (from {_day(found.settles_from)})" if found and found.settles_from < found.open_from else ""
        )
        parts.append(f"Dashed or striped: platforms may still change these days{since}.")
    if "open" in states:
        why = (
            f"{found.late} reaches only to {_day(found.open_from - timedelta(1))}"
            if found and found.late
            else ""
        )
        parts.append(f"Dotted or crossed: not complete yet{f', since {why}' if why else ''}.")
    return " ".join(parts)


def _day(day: date) -> str:
    return f"{day.day} {day:%b}"
