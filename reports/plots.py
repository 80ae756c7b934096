"""The charts of a free question's answer, for its page, the overview and mails."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from reports import palette, questions
from reports.explore import Answer, Line
from reports.pictures import Kind, Mark, Picture, Place, Series, State
from reports.questions import OTHERS, TIMES, WEEKDAYS, Question
from reports.settling import Settling

CHARTS: dict[str, str] = {
    "line": "Line",
    "bar": "Bars",
    "stacked": "Stacked bars",
    "horizontal": "Horizontal bars",
    "scatter": "Scatter",
    "heat": "Heat map",
    "table": "Table only",
}
"""Kinds of chart, as people call them."""
_MOST_PLACES = {"bar": 60, "stacked": 60, "horizontal": 40}
Settled = Callable[[str], Settling]
"""Which days are final, by the slug of a metric."""


@dataclass(frozen=True)
class Drawn:
    """The charts of an answer, and why they are of another kind than was asked for, or not all of it."""

    pictures: list[Picture]
    why: str = ""


def draw(answer: Answer, chart: str, currency: str, settled: Settled, marks: Sequence[Mark] = ()) -> Drawn:
    """The charts; none for the table alone, and where nothing has a value."""
    question = answer.question
    if chart == "table" or not answer.lines:
        return Drawn([])
    if chart == "scatter":
        return _scatter(answer, currency)
    if chart == "heat":
        return _heat(answer, currency)
    kind, why = _kind(question, chart)
    drawing = _Drawing(answer, kind, currency, settled, tuple(marks))
    pictures = drawing.split() if question.splits else drawing.whole()
    pictures = [_filled(one) for one in pictures if not one.is_empty]
    most = _MOST_PLACES.get(kind, 0)
    if most and any(len(one.places) > most and not one.is_dated for one in pictures):
        why = f"{why} Only the first {most} are drawn; the table has all.".strip()
        pictures = [_first(one, most) for one in pictures]
    return Drawn(pictures, why)


def _filled(picture: Picture) -> Picture:
    """Without names that have no value; days stay, as gaps."""
    if picture.is_dated:
        return picture
    kept = [n for n in range(len(picture.places)) if any(one.values[n] is not None for one in picture.series)]
    series = [
        replace(
            one,
            values=tuple(one.values[n] for n in kept),
            states=tuple(one.states[n] for n in kept) if one.states else (),
        )
        for one in picture.series
    ]
    kept_series = tuple(one for one in series if any(value is not None for value in one.values))
    return replace(picture, places=tuple(picture.places[n] for n in kept), series=kept_series)


def _kind(question: Question, chart: str) -> tuple[Kind, str]:
    if chart == "line" and question.by not in TIMES:
        return (
            "bar",
            f"Lines join days, weeks or months; {questions.BY[question.by].lower()} is drawn as bars.",
        )
    if chart == "stacked" and not all(questions.is_sum(question, slug) for slug in question.columns):
        return "bar", "Ratios and counts of people cannot be stacked: they are drawn side by side."
    kinds: dict[str, Kind] = {"line": "line", "bar": "bar", "stacked": "stacked", "horizontal": "horizontal"}
    return kinds.get(chart, "line" if question.by in TIMES else "bar"), ""


def _first(picture: Picture, most: int) -> Picture:
    series = (replace(s, values=s.values[:most], states=s.states[:most]) for s in picture.series)
    return replace(picture, places=picture.places[:most], series=tuple(series))


def title(question: Question, slugs: Sequence[str]) -> str:
    """'Spend and Clicks by week and channel'."""
    names = [questions.label(question, slug) for slug in slugs]
    joined = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    split = f" and {questions.SPLITS[question.splits].lower()}" if question.splits else ""
    return f"{joined} by {questions.BY[question.by].lower()}{split}"


@dataclass(frozen=True)
class _Drawing:
    answer: Answer
    kind: Kind
    currency: str
    settled: Settled
    marks: tuple[Mark, ...]

    @property
    def question(self) -> Question:
        return self.answer.question

    def _places(self) -> dict[str, Line]:
        """A line for each place, in order."""
        found: dict[str, Line] = {}
        for line in self.answer.lines:
            found.setdefault(line.key, line)
        return found

    def _picture(self, slugs: Sequence[str], series: Sequence[Series], unit: str) -> Picture:
        timed = self.question.by in TIMES and self.kind != "horizontal"
        places: tuple[Place, ...] = tuple(
            date.fromisoformat(line.key) if timed else said(self.question, line)
            for line in self._places().values()
        )
        sums = all(questions.is_sum(self.question, slug) for slug in slugs)
        marks = self.marks if timed else ()
        return Picture(self.kind, title(self.question, slugs), unit, places, tuple(series), marks, sums=sums)

    def _states(self, slug: str) -> tuple[State, ...]:
        if self.question.by not in TIMES or slug == questions.FORMULA:
            return ()
        spans = [(line.first, line.last) for line in self._places().values()]
        return self.settled(slug).of((first, last) for first, last in spans if first and last)

    def _series(self, name: str, color: str, slug: str, values: dict[str, Decimal | None]) -> Series:
        numbers = (questions.drawn(self.question, slug, values.get(key)) for key in self._places())
        return Series(name, color, tuple(numbers), self._states(slug))

    def whole(self) -> list[Picture]:
        """One chart a unit, one line or set of bars a metric; a lone metric of channels in the channels' colours."""
        by_unit: dict[tuple[str, bool], list[str]] = {}
        for slug in self.question.columns:
            unit = questions.unit(self.question, slug, self.currency)
            by_unit.setdefault((unit, slug == questions.FORMULA), []).append(slug)
        found = []
        for (unit, _), slugs in by_unit.items():
            if self.question.by == "channel" and len(slugs) == 1 and self.kind != "line":
                series = [
                    self._series(line.name, _color(line), slugs[0], {line.key: line.values[slugs[0]]})
                    for line in self.answer.lines
                ]
            else:
                series = [
                    self._series(
                        questions.label(self.question, slug), palette.SEVERAL[n % len(palette.SEVERAL)], slug,
                        {line.key: line.values[slug] for line in self.answer.lines},
                    )
                    for n, slug in enumerate(slugs)
                ]  # fmt: skip
            found.append(self._picture(slugs, series, unit))
        return found

    def split(self) -> list[Picture]:
        """One chart a metric, one line or set of bars a channel or kind of channel."""
        found = []
        parts = sorted({line.split for line in self.answer.lines if line.split})
        for slug in self.question.columns:
            series = []
            for n, part in enumerate(parts):
                values = {line.key: line.values[slug] for line in self.answer.lines if line.split == part}
                if all(value is None for value in values.values()):
                    continue
                by_channel = self.question.splits == "channel"
                color = palette.color(part) if by_channel else palette.SEVERAL[n % len(palette.SEVERAL)]
                series.append(self._series(questions.split_label(self.question, part), color, slug, values))
            unit = questions.unit(self.question, slug, self.currency)
            found.append(self._picture([slug], series, unit))
        return found


def _color(line: Line) -> str:
    return palette.color(line.key) if line.key != OTHERS else palette.OTHER


def said(question: Question, line: Line) -> str:
    """What a line is called: '3 Nov 2026', '3–9 Nov', 'Nov 2026', or its name."""
    if line.first is None or line.last is None:
        return line.name
    if question.by == "month":
        return f"{line.first:%b %Y}"
    if line.first == line.last:
        return f"{line.first.day} {line.first:%b %Y}"
    same = line.first.month == line.last.month
    return f"{line.first.day}{'' if same else f' {line.first:%b}'}–{line.last.day} {line.last:%b %Y}"


def _scatter(answer: Answer, currency: str) -> Drawn:
    question = answer.question
    if len(question.columns) < 2:
        return Drawn([], "A scatter needs two metrics: choose a second one.")
    x, y = question.columns[:2]
    lines = [
        line
        for line in answer.lines
        if line.key != OTHERS and line.values[x] is not None and line.values[y] is not None
    ]
    if not lines:
        return Drawn([], "No line has values of both metrics, so there is no point to draw.")
    titles = [_titled(question, slug, currency) for slug in (x, y)]
    names = tuple(
        said(question, line) + (f" · {questions.split_label(question, line.split)}" if line.split else "")
        for line in lines
    )
    series = tuple(
        Series(
            name, palette.SPEND, tuple(questions.drawn(question, slug, line.values[slug]) for line in lines)
        )
        for slug, name in zip((x, y), titles, strict=True)
    )
    named = f"{questions.label(question, y)} against {questions.label(question, x)} by {questions.BY[question.by].lower()}"
    why = "" if len(question.columns) == 2 else "A scatter shows the first two metrics."
    unit = questions.unit(question, y, currency)
    return Drawn(
        [Picture("scatter", named, unit, names, series, axes=(titles[0], titles[1]), sums=False)], why
    )


def _titled(question: Question, slug: str, currency: str) -> str:
    unit = questions.unit(question, slug, currency)
    return questions.label(question, slug) + (f" ({unit})" if unit else "")


def _heat(answer: Answer, currency: str) -> Drawn:
    question, slug = answer.question, answer.question.columns[0]
    why = "A heat map shows the first metric." if len(question.columns) > 1 else ""
    if question.by == "day" and not question.splits:
        columns, rows = _weeks(answer, slug)
        named = f"{questions.label(question, slug)} by weekday and week"
    elif question.splits:
        columns, rows = _crossed(answer, slug)
        named = title(question, [slug])
    else:
        return Drawn(
            [], "A heat map needs the dimension Day (weekdays against weeks), or a split by channel."
        )
    unit = questions.unit(question, slug, currency)
    sums = questions.is_sum(question, slug)
    picture = Picture("heat", named, unit, columns, tuple(rows), sums=sums)
    return Drawn([] if picture.is_empty else [picture], why)


def _weeks(answer: Answer, slug: str) -> tuple[tuple[Place, ...], list[Series]]:
    """Weekdays as rows, weeks as columns."""
    question = answer.question
    values = {line.first: line.values[slug] for line in answer.lines if line.first}
    mondays: list[date] = []
    for day in values:
        first = day - timedelta((day.isoweekday() - question.week_start) % 7)
        if first not in mondays:
            mondays.append(first)
    rows = []
    for n in range(7):
        days = [first + timedelta(n) for first in mondays]
        name = WEEKDAYS[(question.week_start - 1 + n) % 7]
        numbers = tuple(questions.drawn(question, slug, values.get(day)) for day in days)
        rows.append(Series(name, palette.SPEND, numbers))
    return tuple(mondays), rows


def _crossed(answer: Answer, slug: str) -> tuple[tuple[Place, ...], list[Series]]:
    """The dimension as rows, the split as columns."""
    question = answer.question
    parts = sorted({line.split for line in answer.lines if line.split})
    cells = {(line.key, line.split): line.values[slug] for line in answer.lines}
    names = {line.key: said(question, line) for line in answer.lines if line.split}
    rows = [
        Series(
            name,
            palette.SPEND,
            tuple(questions.drawn(question, slug, cells.get((key, part))) for part in parts),
        )
        for key, name in list(names.items())[:60]
    ]
    return tuple(questions.split_label(question, part) for part in parts), rows
