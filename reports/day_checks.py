"""Data-quality checks of days: unusual volume, missing and impossible figures, spend that nobody came from."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from statistics import median

from analytics import channels
from reports import wording
from reports.checks import (
    HAND_MADE,
    Hit,
    Outcome,
    Severity,
    counted,
    is_online,
    measures,
    number,
    without_days,
)
from reports.figures import Figures
from reports.health import SourceHealth
from reports.overview import Totals

IN_A_ROW = 5
"""Days with the very same spend that make a source suspicious."""
JUDGED = 7
"""Days whose volume is judged, each by the same weekday of the eight weeks before."""
_WEEKS = 8
_LEAST_WEEKS = 4
_VOLUME = {"paid": ("impressions", 1000), "web": ("sessions", 50), "shop": ("orders", 10)}
"""What the volume of a kind of source is, and below what it is too small to judge."""
_PAIRS = (
    ("spend", "impressions"),
    ("conversion_value", "conversions"),
    ("engaged_sessions", "sessions"),
    ("unique_opens", "delivered"),
)


def volume(figures: Figures) -> Outcome:
    """Days far from the median of the same weekday in the eight weeks before."""
    hits: list[Hit] = []
    unchecked: list[str] = []
    examined = 0
    for one in figures.of_kind(*_VOLUME):
        if one.source.channel in HAND_MADE or one.source.channel not in channels.PLATFORMS:
            continue
        metric, least = _VOLUME[channels.kind(one.source.channel)]
        found = _far_from_usual(figures, one, metric, least)
        if found is None:
            unchecked.append(
                f"{one.label} has fewer than {_LEAST_WEEKS} weeks of {metric} before these days."
            )
            continue
        examined += 1
        hits += found
    return Outcome(examined, hits, unchecked)


def _far_from_usual(figures: Figures, one: SourceHealth, metric: str, least: int) -> list[Hit] | None:
    days = dict(figures.of(one, figures.first))
    first, last = (
        one.source.covers_from or figures.first,
        min(one.source.covers_through or figures.last, figures.last),
    )
    if not measures(days.items(), metric):
        return None
    hits, judged = [], False
    for back in range(JUDGED):
        day = last - timedelta(back)
        before = [day - timedelta(7 * n) for n in range(1, _WEEKS + 1)]
        usual = [number(days.get(d, {}), metric) for d in before if d >= max(first, figures.first)]
        if day <= figures.last - timedelta(JUDGED) or len(usual) < _LEAST_WEEKS:
            continue
        judged = True
        if hit := _judge(one, metric, least, day, number(days.get(day, {}), metric), usual):
            hits.append(hit)
    return hits if judged else None


def _judge(
    one: SourceHealth, metric: str, least: int, day: date, value: Decimal, usual: list[Decimal]
) -> Hit | None:
    """A hit where a value is half of the usual away from it, and four times as far as usual days are."""
    middle = median(usual)
    spread = Decimal("1.4826") * median(abs(v - middle) for v in usual)
    if max(value, middle) < least or abs(value - middle) <= max(4 * spread, middle / 2):
        return None
    severity: Severity = "error" if not value else "warning" if value < middle else "info"
    text = f"{one.label}: {value:,.0f} {metric} on {wording.day(day)}; {middle:,.0f} are usual on a {day:%A}."
    return Hit(text, severity)


def nulls(figures: Figures) -> Outcome:
    """Days with one figure but without that which it comes from: spend without impressions, and the like."""
    hits, examined = [], 0
    for one in counted(figures):
        days = figures.of(one)
        for has, lacks in _PAIRS:
            if not (measures(days, has) and measures(days, lacks)):
                continue
            examined += 1
            bad = [day for day, totals in days if number(totals, has) > 0 and not number(totals, lacks)]
            if bad:
                text = f"{one.label}: {wording.label(has)} without {wording.label(lacks)} on {wording.days(bad)}."
                hits.append(Hit(text, "warning", len(bad)))
    return Outcome(
        examined, hits, [] if examined else ["No source has both figures of any pair that is compared."]
    )


def constant(figures: Figures) -> Outcome:
    """The very same spend on five or more days in a row: a budget typed in, or a report that stopped moving."""
    hits, examined = [], 0
    for one in filter(is_online, counted(figures)):
        days = figures.of(one)
        examined += measures(days, "spend")
        for run in _runs(days):
            amount = wording.figure("spend", run[0][1].get("spend"), one.source.currency)
            text = f"{one.label}: {amount} on each of the {len(run)} days to {wording.day(run[-1][0])}."
            hits.append(Hit(text, "warning", len(run)))
    return Outcome(examined, hits, [] if examined else ["No platform reports spend by day in these weeks."])


def _runs(days: list[tuple[date, Totals]]) -> list[list[tuple[date, Totals]]]:
    """Stretches of adjacent days with equal spend that is not zero, long enough to tell."""
    found: list[list[tuple[date, Totals]]] = []
    for day, totals in days:
        before = found[-1][-1] if found else None
        follows = before is not None and (day - before[0]).days == 1
        if follows and before is not None and before[1].get("spend") == totals.get("spend"):
            found[-1].append((day, totals))
        else:
            found.append([(day, totals)])
    return [run for run in found if len(run) >= IN_A_ROW and number(run[0][1], "spend") > 0]


def negative(figures: Figures) -> Outcome:
    """Days on which something is less than nothing."""
    hits = []
    with_days = [one for one in figures.health if figures.of(one)]
    for one in with_days:
        by_metric: dict[str, list[date]] = defaultdict(list)
        for day, names in sorted(figures.negative.get(one.source.id, {}).items()):
            if day >= figures.recent:
                for name in names.split(", "):
                    by_metric[name].append(day)
        hits += [
            Hit(f"{one.label}: {wording.label(name)} below zero on {wording.days(days)}.", "error", len(days))
            for name, days in by_metric.items()
        ]
    return Outcome(len(with_days), hits, without_days(figures, figures.health))


def spend_without_sessions(figures: Figures) -> Outcome:
    """Days on which advertising ran and the web analytics, which covers them, saw nobody."""
    paid = [one for one in figures.of_kind("paid") if is_online(one)]
    web = [one for one in figures.of_kind("web") if measures(figures.of(one), "sessions")]
    if not (paid and web):
        missing = "web analytics with sessions by day" if paid else "advertising that a platform reports"
        return Outcome(0, (), [f"This project has no {missing} in these weeks."])
    spent: dict[date, set[str]] = defaultdict(set)
    for one in paid:
        for day, totals in figures.of(one):
            if number(totals, "spend") > 0:
                spent[day].add(channels.label(one.source.channel))
    hits, examined = [], 0
    for day in sorted(spent):
        covering = [one for one in web if _covers(one, day)]
        if covering:
            examined += 1
            if not any(number(figures.days[one.source.id].get(day, {}), "sessions") for one in covering):
                text = f"{wording.day(day)}: spend on {', '.join(sorted(spent[day]))}, and no session."
                hits.append(Hit(text, "error"))
    unchecked = [] if examined else ["The web analytics covers no day on which there was spend."]
    return Outcome(examined, hits, unchecked)


def _covers(one: SourceHealth, day: date) -> bool:
    first, last = one.source.covers_from, one.source.covers_through
    return first is not None and last is not None and first <= day <= last


def clicks_without_impressions(figures: Figures) -> Outcome:
    """Days with clicks on what was never shown."""
    hits, examined = [], 0
    for one in figures.of_kind("paid", "search"):
        days = figures.of(one)
        if not (measures(days, "clicks") and measures(days, "impressions")):
            continue
        examined += 1
        bad = [day for day, t in days if number(t, "clicks") > 0 and not number(t, "impressions")]
        if bad:
            clicks = sum(number(t, "clicks") for day, t in days if day in set(bad))
            text = f"{one.label}: {clicks:,.0f} clicks and no impression on {wording.days(bad)}."
            hits.append(Hit(text, "warning", len(bad)))
    return Outcome(examined, hits, [] if examined else ["No source has clicks and impressions by day."])
