"""Which days each row of a table stands for.

A row with `start = 1st, end = 30th` is one period and never booked on its first day. Where rows say
nothing, the period stated above the table or in the file's name counts for all; else we ask.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import polars as pl

from spreadsheets.dates import (
    NoDay,
    Span,
    day_order,
    is_weekday,
    month_of,
    read_day,
    read_period,
    serial_day,
)
from spreadsheets.drafts import Draft
from spreadsheets.understanding import Question

_START = re.compile(
    r"^(?:report start|start date|begindatum\b[^:]*|berichts(?:beginn|start)|début du rapport|"
    r"inicio del informe|início do relatório)\s*:\s*(.+)$",
    re.IGNORECASE,
)
_END = re.compile(
    r"^(?:report end|end date|einddatum\b[^:]*|berichtsende|fin du rapport|fin del informe|"
    r"fim do relatório)\s*:\s*(.+)$",
    re.IGNORECASE,
)
_UNRELATED = re.compile(
    r"generated|aangemaakt|data as of|last completed|erstellt|generado|généré|time zone|rows:", re.IGNORECASE
)
_IN_NAME = re.compile(
    r"(\d{4})[.-](\d{2})[.-](\d{2})\s?(?:-|–|_|to|a|bis|_to_)+\s?(\d{4})[.-](\d{2})[.-](\d{2})|(\d{8})[-_](\d{8})"
)


@dataclass
class Days:
    """First day, number of days, and the hour ("" = none) of each row; reasons by row position."""

    first: pl.Series
    length: pl.Series
    hour: pl.Series | None = None
    bad: pl.Series | None = None
    column: str = ""
    reasons: dict[str, str] = field(default_factory=dict)


def stated_period(draft: Draft) -> tuple[date, date] | None:
    """The period that stands above the table or in the file's name."""
    if draft.stated:
        return draft.stated
    lines = [
        part
        for line in draft.raw.preamble
        for part in re.split(r",\s*(?=report end)", line.strip(), flags=re.I)
    ]
    start = next((found[1] for line in lines if (found := _START.match(line))), None)
    end = next((found[1] for line in lines if (found := _END.match(line))), None)
    if start and end and (period := _from_two(start, end, draft.language)):
        return period
    for line in lines:
        said = re.sub(r"^[^:\d]{3,40}:\s*", "", line)
        if (
            not _UNRELATED.search(line)
            and re.search(r"\d{4}", said)
            and (period := read_period(said, _order(draft.language)))
        ):
            return period
    found = _IN_NAME.search(draft.raw.sheet.name) or _IN_NAME.search(draft.raw.name)
    return read_period(found[0].replace("_to_", "-")) if found else None


def _order(language: str) -> str:
    return "mdy" if language == "en" else "dmy"


def _from_two(start: str, end: str, language: str) -> tuple[date, date] | None:
    try:
        first = read_day(_without_time(start), _order(language)).first
        return first, read_day(_without_time(end), _order(language)).first
    except NoDay:
        return None


def _without_time(text: str) -> str:
    return re.sub(r",?\s*\d{1,2}:\d{2}.*$", "", text.strip(' "'))


def days_of(draft: Draft, frame: pl.DataFrame) -> Days:
    """The days of the frame's rows; adds questions and notes to the draft's table."""
    stated = stated_period(draft)
    draft.stated = stated
    reader = _Reader(draft, frame, stated)
    if draft.has("hourly"):
        return reader.hourly()
    named = draft.distinct("day") if draft.has("day") else []
    if named and all(is_weekday(text) for text in named):
        draft.rename("day", "weekday")
    for meaning in ("day", "week", "month", "quarter", "year"):
        if draft.has(meaning) and reader.tells_more(meaning):
            return reader.single(meaning)
    if draft.has("starts") and draft.has("ends"):
        return reader.pairs()
    for meaning, step in (("nth_day", "day"), ("nth_week", "week"), ("nth_month", "month")):
        if draft.has(meaning) and stated:
            return reader.offsets(meaning, step, stated[0])
    if draft.has("starts_only"):
        return reader.starts("starts_only")
    if draft.has("starts"):
        return reader.starts("starts")
    return reader.one_period()


class _Reader:
    def __init__(self, draft: Draft, frame: pl.DataFrame, stated: tuple[date, date] | None) -> None:
        self.draft = draft
        self.frame = frame
        self.stated = stated

    def cells(self, meaning: str) -> pl.Series:
        return self.frame[self.draft.columns[meaning]].str.strip_chars().str.strip_chars('"')

    def header(self, meaning: str) -> str:
        number = int(self.draft.columns[meaning][1:])
        return self.draft.raw.header[number] if number < len(self.draft.raw.header) else meaning

    def tells_more(self, meaning: str) -> bool:
        """Whether a column of days, weeks or months says more than start and end of each row do."""
        if meaning == "day" or not (self.draft.has("starts") and self.draft.has("ends")):
            return True
        if meaning == "year" or self.cells("starts").n_unique() > 1:
            return False
        texts = self.draft.distinct(meaning)
        order = self.order(texts)
        try:
            return bool(texts) and all(self._one(text, order) for text in texts)
        except NoDay:
            return False

    def read(self, meaning: str, convert: Callable[[Span], Span] = lambda span: span) -> Days:
        """Reads every distinct text once."""
        cells = self.cells(meaning)
        texts = [str(text) for text in cells.unique().to_list()]
        order = self.order(texts)
        spans: dict[str, Span] = {}
        reasons: dict[str, str] = {}
        for text in texts:
            try:
                spans[text] = convert(self._one(text, order))
            except NoDay as error:
                reasons[text] = str(error) if text else "no date"
        first = cells.replace_strict(
            {text: span.first for text, span in spans.items()}, default=None, return_dtype=pl.Date
        )
        length = cells.replace_strict(
            {text: span.days for text, span in spans.items()}, default=1, return_dtype=pl.Int16
        )
        if any("without a year" in reason for reason in reasons.values()):
            self.draft.table.questions.append(Question("year", "Which year are these dates from?"))
        return Days(first, length, bad=first.is_null(), column=self.header(meaning), reasons=reasons)

    def _one(self, text: str, order: str) -> Span:
        if re.fullmatch(r"\d{5}(?:\.\d+)?", text):
            return Span(serial_day(int(float(text))))
        year = self.draft.answers.year or (self.stated[0].year if self.stated else None)
        try:
            return read_day(text, order, year)
        except NoDay:
            if (period := read_period(text, order)) is None:
                raise
            return Span(period[0], (period[1] - period[0]).days + 1)

    def order(self, texts: Sequence[str]) -> str:
        if self.draft.answers.date_order:
            return self.draft.answers.date_order
        order, certain = day_order(texts, self.draft.language, self.stated)
        if not certain and not any(question.kind == "date_order" for question in self.draft.table.questions):
            sample = next((text for text in texts if re.match(r"\d", text)), "")
            self.draft.table.questions.append(
                Question(
                    "date_order", f"Is {sample} day/month/year or month/day/year?", ("dmy", "mdy"), order
                )
            )
        return order

    def single(self, meaning: str) -> Days:
        """A column of days, or of the first days of weeks, months, quarters or years."""
        stretch = {
            "day": lambda span: span,
            "week": _week,
            "month": _month,
            "quarter": _quarter,
            "year": _year,
        }[meaning]
        return self.read(meaning, lambda span: self._clip(stretch(span)) if meaning != "day" else span)

    def _clip(self, span: Span) -> Span:
        """A week or month that the stated period cuts off is shorter."""
        if not self.stated or not (span.first <= self.stated[1] and span.last >= self.stated[0]):
            return span
        first, last = max(span.first, self.stated[0]), min(span.last, self.stated[1])
        return Span(first, (last - first).days + 1)

    def hourly(self) -> Days:
        """`2023-11-11|01`, `3/15/2020 12:00:00 AM|7` or `2026-07-10T14:00:00`."""
        days = self.read("hourly")
        cells = self.cells("hourly")
        hours = cells.str.extract(r"\|\s*(\d{1,2})$", 1)
        hours = hours.fill_null(cells.str.extract(r"^[^|]*\d[T ](\d{1,2}):\d{2}", 1))
        days.hour = hours.fill_null("").str.strip_chars_start("0")
        days.hour = days.hour.replace({"": "0"})
        return days

    def pairs(self) -> Days:
        """Start and end on every row; a day column was looked for before."""
        start, end = self.read("starts"), self.read("ends")
        length = (end.first - start.first).dt.total_days() + 1
        wrong = (length < 1).fill_null(True) | (length > 3700).fill_null(True)
        reasons = start.reasons | end.reasons
        bad = start.first.is_null() | end.first.is_null() | wrong
        column = start.column if start.first.is_null().any() else end.column
        return Days(
            start.first,
            length.fill_null(1).clip(1, 3700).cast(pl.Int16),
            bad=bad,
            column=column,
            reasons=reasons,
        )

    def offsets(self, meaning: str, step: str, origin: date) -> Days:
        """`Nth day` counts from the period's first day."""
        spans: dict[str, Span] = {}
        for text in self.cells(meaning).unique().to_list():
            if text.isdigit():
                spans[text] = self._clip(_offset(origin, int(text), step))
        cells = self.cells(meaning)
        first = cells.replace_strict(
            {text: span.first for text, span in spans.items()}, default=None, return_dtype=pl.Date
        )
        length = cells.replace_strict(
            {text: span.days for text, span in spans.items()}, default=1, return_dtype=pl.Int16
        )
        return Days(first, length, bad=first.is_null(), column=self.header(meaning))

    def starts(self, meaning: str) -> Days:
        """Start dates only (LinkedIn): days, weeks, months or one period, as gaps and stated period say."""
        days = self.read(meaning)
        distinct = sorted(day for day in days.first.drop_nulls().unique().to_list())
        if len(distinct) == 1:
            return self._lone_start(days, distinct[0])
        gaps = [(later - earlier).days for earlier, later in itertools.pairwise(distinct)]
        if gaps and all(day.day == 1 for day in distinct[1:]):
            return self._stretched(days, _month)
        # The first week may be cut off by the report's start.
        if len(gaps) > 2 and gaps[0] <= 7 and all(gap == 7 for gap in gaps[1:]):
            return self._stretched(days, _week)
        return days

    def _stretched(self, days: Days, stretch: Callable[[Span], Span]) -> Days:
        lengths = {
            day: self._clip(Span(day, stretch(Span(day)).days)).days
            for day in days.first.drop_nulls().unique().to_list()
        }
        days.length = days.first.replace_strict(lengths, default=1, return_dtype=pl.Int16)
        return days

    def _lone_start(self, days: Days, start: date) -> Days:
        period = self.draft.answers.period or self.stated
        if period and period[0] <= start <= period[1]:
            length = (period[1] - start).days + 1
            days.length = pl.Series([length], dtype=pl.Int16).new_from_index(0, len(days.first))
            if length > 1:
                self.draft.table.notes.append(
                    "Every row starts on the same day: each is one period, not a day."
                )
        elif not period:
            self.draft.table.questions.append(
                Question(
                    "period",
                    "All rows start on the same day. Which days does this report cover?",
                    (),
                    f"{start} - {start}",
                )
            )
        return days

    def one_period(self) -> Days:
        """Nothing in the rows: one stated or answered period for all of them."""
        period = self.draft.answers.period or self.stated
        height = self.frame.height
        if period is None:
            if height:
                self.draft.table.questions.append(
                    Question("period", "Which days does this report cover? The file doesn't say.")
                )
            empty = pl.Series([None], dtype=pl.Date).new_from_index(0, height)
            return Days(empty, pl.Series([1], dtype=pl.Int16).new_from_index(0, height))
        length = (period[1] - period[0]).days + 1
        return Days(
            pl.Series([period[0]], dtype=pl.Date).new_from_index(0, height),
            pl.Series([length], dtype=pl.Int16).new_from_index(0, height),
        )


def _week(span: Span) -> Span:
    return Span(span.first, 7)


def _month(span: Span) -> Span:
    return month_of(span.first)


def _quarter(span: Span) -> Span:
    first = span.first.replace(month=(span.first.month - 1) // 3 * 3 + 1, day=1)
    last = month_of(first + timedelta(days=70)).last
    return Span(first, (last - first).days + 1)


def _year(span: Span) -> Span:
    first = span.first.replace(month=1, day=1)
    return Span(first, (span.first.replace(month=12, day=31) - first).days + 1)


def _offset(origin: date, count: int, step: str) -> Span:
    if step == "day":
        return Span(origin + timedelta(days=count))
    if step == "week":
        return Span(origin + timedelta(days=7 * count), 7)
    month = origin.month - 1 + count
    return month_of(date(origin.year + month // 12, month % 12 + 1, 1))
