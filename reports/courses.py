"""Charts by day: lines, and bars by channel, for pages and for mails."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from analytics import channels
from reports.palette import OTHER, SPEND, color, pale
from reports.pictures import Mark, Picture, Series
from reports.settling import Settling

Points = Sequence[tuple[date, Decimal | None]]


def _dated(name: str, points: Points, color: str, settled: Settling | None) -> Series:
    days = [day for day, _ in points]
    states = settled.of_days(days) if settled else ()
    return Series(name, color, tuple(value for _, value in points), states)


def course(
    title: str,
    series: Mapping[str, Points],
    colors: Mapping[str, str],
    unit: str,
    settled: Settling | Mapping[str, Settling] | None = None,
    marks: Sequence[Mark] = (),
    *,
    sums: bool = True,
) -> Picture:
    """Lines by day over the days that any of them has; `settled` is that of all, or by line; an `OTHER` one is what the rest is compared with."""
    days = tuple(sorted({day for points in series.values() for day, _ in points}))
    drawn = []
    for name, points in series.items():
        known = dict(points)
        whole = [(day, known.get(day)) for day in days]
        final = settled.get(name) if isinstance(settled, Mapping) else settled
        one = _dated(name, whole, colors.get(name, SPEND), final)
        drawn.append(replace(one, dashed=True, states=()) if one.color == OTHER else one)
    return Picture("line", title, unit, days, tuple(drawn), tuple(marks), sums=sums)


def accounts(title: str, series: Mapping[str, Points], of: Mapping[str, str], unit: str) -> Picture:
    """Lines by day of accounts `of` channels: those of one channel share its colour, every other is dashed, the third
    and later ones are paler."""
    names = sorted(series, key=lambda name: (channels.label(of[name]), name))
    before: Counter[str] = Counter()
    colors, dashed = {}, set()
    for name in names:
        colors[name] = pale(color(of[name]), before[of[name]] // 2)
        if before[of[name]] % 2:
            dashed.add(name)
        before[of[name]] += 1
    drawn = course(title, {name: series[name] for name in names}, colors, unit)
    return replace(drawn, series=tuple(replace(one, dashed=one.name in dashed) for one in drawn.series))


def by_channel(
    title: str,
    series: Mapping[str, Points],
    currency: str,
    settled: Settling | None = None,
    marks: Sequence[Mark] = (),
) -> Picture:
    """Stacked bars by day, one colour a channel, the largest channel at the bottom."""
    by_size = sorted(series, key=lambda c: -sum(v or Decimal(0) for _, v in series[c]))
    drawn = tuple(_dated(channels.label(c), series[c], color(c), settled) for c in by_size)
    days = tuple(day for day, _ in series[by_size[0]]) if by_size else ()
    return Picture("stacked", title, currency, days, drawn, tuple(marks))
