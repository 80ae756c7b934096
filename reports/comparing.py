"""Compare as its link has it: what stands on either side, both courses laid over each other, and the sheets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from analytics import channels, metrics
from errors import BadInput
from reports import formats, links, palette
from reports.comparison import KINDS, Asked, Comparison, Line, Side, Subject
from reports.coverage import Coverage
from reports.exports import Sheet
from reports.links import Params
from reports.overview import Totals
from reports.pictures import Picture, Series, State
from reports.view import Compare, View
from store.projects import Project

WHATS = {
    "periods": "Two periods",
    "channels": "Two channels",
    "kinds": "Two kinds of channel",
    "campaigns": "Two campaigns",
}
AGAINST = {"before": "The period before", "year": "A year before", "custom": "Custom dates"}
CHARTS = 9
"""Small charts that are drawn unless the person picks others: more make a slow page."""


@dataclass(frozen=True)
class Asking:
    """Both sides as the link has them, and what each is called."""

    a: Asked
    b: Asked
    names: tuple[str, str]
    colors: tuple[str, str]


def subjects(found: Sequence[Coverage], what: str, campaigns: Sequence[str] = ()) -> list[Subject]:
    """What can stand on a side, in the order of the choice."""
    known = sorted({c.channel for c in found if channels.kind(c.channel) in KINDS}, key=channels.label)
    kinds = [kind for kind in KINDS if any(channels.kind(channel) == kind for channel in known)]
    by_channel = [Subject("channel", channel) for channel in known]
    if what == "channels":
        return by_channel
    if what == "kinds":
        return [Subject("kind", kind) for kind in kinds]
    if what == "campaigns":
        return [Subject("campaign", name) for name in campaigns]
    return [Subject(), *(Subject("kind", kind) for kind in kinds), *by_channel]


def named(options: Sequence[Subject]) -> dict[str, Subject]:
    """Sides by their words, told apart so that kinds and channels never share one."""
    return {one.label if one.of != "kind" else f"{one.label} (all)": one for one in options}


def second_period(view: View, against: str) -> tuple[date, date]:
    """The period before a view's, or a year before it."""
    other = replace(view, compare=Compare.YEAR if against == "year" else Compare.PREVIOUS).compared
    return other or (view.start, view.end)


def asking(what: str, first: Subject, second: Subject, view: View, other: tuple[date, date]) -> Asking:
    """Both sides; `other` is the second period, where periods are compared."""
    a = view
    b = replace(a, start=other[0], end=other[1])
    if what == "periods":
        names = formats.days(a.start, a.end), formats.days(b.start, b.end)
        return Asking((first, a), (second, b), names, (_color(first), palette.OTHER))
    return Asking(
        (first, a), (second, b), (first.label, second.label), (_color(first), _second(first, second))
    )


def from_link(
    params: Params, project: Project, found: list[Coverage], campaigns: Sequence[str]
) -> tuple[Asking, list[str]]:
    """Both sides of a link, and what it asks for that is not there. Raises BadInput where there are no two."""
    what = links.chosen(WHATS, params, "what", "periods")
    options = named(subjects(found, what, campaigns))
    if what != "periods" and len(options) < 2:
        raise BadInput(f"This project has fewer than {WHATS[what].lower()}: there is nothing to compare.")
    keys = ("of", "of") if what == "periods" else (f"first-{what}", f"second-{what}")
    sides = [_side(options, params, key, place) for place, key in enumerate(keys)]
    choice = replace(links.read(params, project, found, compare=False), channels=(), campaigns=())
    view, other = links.view(choice, project, found), None
    if what == "periods":
        against = links.chosen(AGAINST, params, "against", "before")
        days = [day for day in map(links.day_of, params.get("second-dates", ())) if day]
        given = (days[0], days[-1]) if days and against == "custom" else None
        other = given or second_period(view, against)
    gone = [text for key in dict.fromkeys(keys) for text in links.missing(params, key, options)]
    return asking(what, sides[0], sides[1], view, other or (view.start, view.end)), gone


def _side(options: Mapping[str, Subject], params: Params, key: str, place: int) -> Subject:
    words = list(options)
    wanted = links.first(params, key)
    return options[wanted] if wanted in options else options[words[place if key != "of" else 0]]


def _color(subject: Subject) -> str:
    return palette.color(subject.name) if subject.of == "channel" else palette.SPEND


def _second(first: Subject, second: Subject) -> str:
    return palette.color(second.name) if second.of == "channel" and first != second else palette.OTHER


def words(asking: Asking) -> str:
    """The periods in words, and what follows from their lengths."""
    (_, a), (_, b) = asking.a, asking.b
    text = f"{formats.days(a.start, a.end)} ({a.length} days)"
    if (a.start, a.end) == (b.start, b.end):
        return f"{text} · amounts in {a.currency}{_stood(a)}"
    text += f" against {formats.days(b.start, b.end)} ({b.length} days) · amounts in {a.currency}{_stood(a)}"
    if a.length != b.length:
        text += (
            f". The periods are not equally long: sums of the longer one have {abs(a.length - b.length)} more days in "
            "them, so read the ratios, or pick equal periods. Charts lay day 1 over day 1 and end where each period ends."
        )
    elif a.start.weekday() != b.start.weekday():
        text += ". Day 1 lies over day 1; the weekdays differ."
    return text


def _stood(view: View) -> str:
    return f" · as it stood at the end of {view.as_of:%d %b %Y}" if view.as_of else ""


def difference(line: Line, currency: str) -> str:
    """A − B in words."""
    found, value = metrics.metric(line.slug), line.difference
    if value is None:
        return formats.NONE
    sign = "±" if line.verdict == "equal" or not value else "+" if value > 0 else "−"
    if found.unit == "percent":
        return f"{sign}{abs(value) * 100:,.2f} points"
    return f"{sign}{formats.metric(found, abs(value), currency)}"


VERDICTS = {"better": "▲ better", "worse": "▼ worse", "equal": "equal", "": formats.NONE}


def sheet(
    title: str, found: Comparison, asking: Asking, parts: Sequence[Sequence[tuple[str, Totals]]]
) -> Sheet:
    """A line for each part of each side. Ratios that one side cannot tell are left out."""
    names: dict[str, list[str]] = {"Side": [], "From": [], "To": [], "Day": []}
    for side, label, part in zip((found.a, found.b), asking.names, parts, strict=True):
        for day, _ in part:
            for name, text in zip(names, (label, str(side.start), str(side.end), day), strict=True):
                names[name].append(text)
    slugs = tuple(s.slug for s in found.lines if s.slug not in found.a.partly | found.b.partly)
    return Sheet(title, names, [sums for part in parts for _, sums in part], slugs, asking.a[1].currency)


def has_course(side: Side, line: Line) -> bool:
    """Whether a side has any value of a metric by day."""
    return any(value is not None for _, value in side.course(line.slug))


def overlaid(
    slug: str, found: Comparison, asking: Asking, project: Project, coverage: list[Coverage]
) -> Picture:
    """Both sides of a metric over the day of the period, from 1; the second dashed, what is not final dotted."""
    shown = metrics.metric(slug)
    scale = 100 if shown.unit == "percent" else 1
    units = {"money": asking.a[1].currency, "percent": "%", "multiple": "×"}
    length = max(len(found.a.days), len(found.b.days))
    nothing: list[State] = [""] * length
    drawn: list[Series] = []
    for side, name, color, (subject, view) in zip(
        (found.a, found.b), asking.names, asking.colors, (asking.a, asking.b), strict=True
    ):
        course = side.course(slug)
        rest = length - len(course)
        values = [None if value is None else value * scale for _, value in course]
        settled = links.settling(project, coverage, replace(view, channels=_channels(subject)), [slug])
        states: list[State] = ["open" if state else "" for state in settled.of_days(day for day, _ in course)]
        hints = [formats.day(day) for day, _ in course]
        drawn.append(
            Series(
                name,
                color,
                (*values, *[None] * rest),
                (*states, *nothing[:rest]),
                dashed=bool(drawn),
                hints=(*hints, *[""] * rest),
            )
        )
    places = tuple(f"day {n}" for n in range(1, length + 1))
    title = f"{shown.label} by day: {asking.names[0]} and {asking.names[1]}"
    return Picture("line", title, units.get(shown.unit, ""), places, tuple(drawn), sums=not shown.is_ratio)


def _channels(subject: Subject) -> tuple[str, ...]:
    return (subject.name,) if subject.of == "channel" else ()
