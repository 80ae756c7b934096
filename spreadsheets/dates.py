"""Days and moments as files write them: many orders, many languages, month names, date cells.

A column holds few distinct days, so each distinct text is read once. Month names come from
Unicode's CLDR (Babel). Which of `3/4/2026` is the day is decided once per column: by a value that
can be read one way only, by the report's stated period, by the language, else the person is asked.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache

from babel import Locale

LANGUAGES = (
    "en",
    "de",
    "fr",
    "es",
    "pt",
    "it",
    "nl",
    "pl",
    "tr",
    "cs",
    "sv",
    "da",
    "nb",
    "fi",
    "ru",
    "uk",
    "id",
    "ro",
    "hu",
)
SERIAL_ORIGIN = date(1899, 12, 30)  # day 0 of spreadsheet programs' serial numbers

_ISO = re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T |].*)?$")
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_MONTH = re.compile(r"^(\d{4})[-/.](\d{1,2})$|^(\d{1,2})[-/.](\d{4})$|^(\d{4})(0[1-9]|1[0-2])$")
_NUMERIC = re.compile(r"^(\d{1,2})([-/.])\s?(\d{1,2})\2\s?(\d{4}|\d{2})\.?(?:[T ,|].*)?$")
_EASTERN = re.compile(r"^(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(?:(\d{1,2})\s*[日일])?")
_QUARTER = re.compile(
    r"^(?:q|t|kw ?)?([1-4])(?:st|nd|rd|th|er|e|º|ª|\.|o)?[ /-]*(?:q|quarter|quartal|kwartaal|trimestre|trim\.?|"
    r"kwartał|çeyrek|kvartal|квартал|四半期|분기|季度)?,?[ /-]*(?:of |de |del |du )?(\d{4})$"
    r"|^(\d{4})[ /-]*(?:q|t|k)([1-4])$",
    re.IGNORECASE,
)
_WEEK = re.compile(r"^(\d{4})-?W(\d{1,2})$", re.IGNORECASE)


class NoDay(ValueError):
    """The text is not a day; the message is the plain reason."""


@dataclass(frozen=True)
class Span:
    """One day or a whole month, as a text said it."""

    first: date
    days: int = 1

    @property
    def last(self) -> date:
        return self.first + timedelta(days=self.days - 1)


@cache
def _months() -> dict[str, int]:
    names: dict[str, int] = {}
    for language in LANGUAGES:
        months = Locale.parse(language).months
        for context in ("format", "stand-alone"):
            for width in ("abbreviated", "wide"):
                for number, name in months[context][width].items():
                    names.setdefault(_word(name), number)
    names |= {
        "sept": 9,
        "mrt": 3,
        "märz": 3,
        "maerz": 3,
        "juill": 7,
        "fev": 2,
        "fevr": 2,
        "aout": 8,
        "mrz": 3,
    }
    return names


def _word(text: str) -> str:
    return text.casefold().strip(" .,")


def read_day(text: str, order: str = "mdy", year: int | None = None) -> Span:
    """The day (or month) that one text means. `order` is "dmy" or "mdy". Raises `NoDay`."""
    text = re.sub(r"[\s\u00a0\u202f]+", " ", text).strip(" '\"")
    for read in (_read_digits, _read_eastern):
        if (found := read(text, order)) is not None:
            return found
    if (quarter := _read_quarter(text)) is not None:
        return quarter
    if (named := _read_named(text, year)) is not None:
        return named
    raise NoDay("not a date")


def _read_digits(text: str, order: str) -> Span | None:
    if found := _ISO.match(text) or _COMPACT.match(text):
        return Span(_day(int(found[1]), int(found[2]), int(found[3])))
    if found := _NUMERIC.match(text):
        first, second = int(found[1]), int(found[3])
        year = int(found[4]) + (2000 if len(found[4]) == 2 else 0)
        return Span(_day(year, second, first) if order == "dmy" else _day(year, first, second))
    if found := _MONTH.match(text):
        return month_of(_day(int(found[1] or found[4] or found[5]), int(found[2] or found[3] or found[6]), 1))
    if found := _WEEK.match(text):
        return Span(date.fromisocalendar(int(found[1]), int(found[2]), 1), 7)
    return None


def _read_quarter(text: str) -> Span | None:
    """`4th quarter 2023`, `Q1 2024`, `2024-Q1`, `1º trimestre de 2024`."""
    if not (found := _QUARTER.match(text)) or not re.search(r"[^\W\d]", text):
        return None
    first = _day(int(found[2] or found[3]), int(found[1] or found[4]) * 3 - 2, 1)
    last = month_of(first.replace(month=first.month + 2)).last
    return Span(first, (last - first).days + 1)


def is_weekday(text: str) -> bool:
    """Whether the text is nothing but the name of a day of the week."""
    return _word(text) in _weekdays()


@cache
def _weekdays() -> frozenset[str]:
    names: set[str] = set()
    for language in LANGUAGES:
        days = Locale.parse(language).days
        for context in ("format", "stand-alone"):
            for width in ("abbreviated", "wide"):
                names.update(_word(name) for name in days[context][width].values())
    return frozenset(names)


def _read_eastern(text: str, order: str) -> Span | None:
    if not (found := _EASTERN.match(text)):
        return None
    day = _day(int(found[1]), int(found[2]), int(found[3] or 1))
    return Span(day) if found[3] else month_of(day)


def _read_named(text: str, year: int | None) -> Span | None:
    words = [_word(word) for word in re.split(r"[\s,./-]+", re.sub(r"\d{1,2}:\d{2}.*$", "", text))]
    # The last name wins: "mar." opens a Spanish Tuesday and a French one too.
    month = next((_months()[word] for word in reversed(words) if word in _months()), None)
    if month is None:
        return None
    digits = [found[1] for word in words if (found := re.match(r"^(\d{1,4})(?:st|nd|rd|th|er|º|ª)?$", word))]
    years = [int(word) for word in digits if len(word) == 4]
    days = [int(word) for word in digits if len(word) <= 2]
    if not years and len(days) == 2 and len([word for word in words if word]) == 3:
        years = [2000 + days.pop()]
    if not years and year is None:
        raise NoDay("a date without a year")
    said = years[0] if years else year
    assert said is not None
    return Span(_day(said, month, days[0])) if days else month_of(_day(said, month, 1))


def _day(year: int, month: int, day: int) -> date:
    try:
        found = date(year, month, day)
    except ValueError as error:
        raise NoDay("no such day in the calendar") from error
    if not 1990 <= found.year <= 2100:
        raise NoDay("a year that cannot be right")
    return found


def month_of(day: date) -> Span:
    """The whole month that the day lies in."""
    return Span(day.replace(day=1), calendar.monthrange(day.year, day.month)[1])


def serial_day(number: int) -> date:
    """The day of a spreadsheet program's serial number."""
    return SERIAL_ORIGIN + timedelta(days=number)


def day_order(
    texts: Iterable[str], language: str, stated: tuple[date, date] | None = None
) -> tuple[str, bool]:
    """Which order numeric dates are in, and whether that is certain.

    Uncertain answers are the likelier order: the one in which the days lie closer together.
    """
    found = [match for text in texts if (match := _NUMERIC.match(text.strip()))]
    if not found:
        return "dmy", True
    first_big = any(int(match[1]) > 12 for match in found)
    second_big = any(int(match[3]) > 12 for match in found)
    if first_big != second_big:
        return ("dmy" if first_big else "mdy"), True
    if any(match[2] == "." for match in found) or language not in ("en", ""):
        return "dmy", True
    if all(match[1] == match[3] for match in found):
        return "dmy", True
    return _likelier([match.string for match in found], stated)


def _likelier(texts: Sequence[str], stated: tuple[date, date] | None) -> tuple[str, bool]:
    days = {order: _all_days(texts, order) for order in ("mdy", "dmy")}
    if stated:
        inside = {
            order: bool(d) and all(stated[0] <= day <= stated[1] for day in d) for order, d in days.items()
        }
        if inside["mdy"] != inside["dmy"]:
            return ("mdy" if inside["mdy"] else "dmy"), True
    spread = {order: (len(texts) - len(d), (max(d) - min(d)).days if d else 0) for order, d in days.items()}
    return ("dmy" if spread["dmy"] < spread["mdy"] else "mdy"), False


def _all_days(texts: Sequence[str], order: str) -> list[date]:
    days = []
    for text in texts:
        try:
            days.append(read_day(text, order).first)
        except NoDay:
            continue
    return days


def read_period(text: str, order: str = "mdy") -> tuple[date, date] | None:
    """First and last day of a stated period ("July 8, 2025 - July 31, 2025", "2026.02.05-2026.02.10")."""
    text = re.sub(r"[\s\u00a0]+", " ", text).strip(" \"'")
    if found := re.search(r"(\d{4})[.-](\d{2})[.-](\d{2})\s*[-_–]\s*(\d{4})[.-](\d{2})[.-](\d{2})", text):
        return _period(f"{found[1]}-{found[2]}-{found[3]}", f"{found[4]}-{found[5]}-{found[6]}", order)
    if found := re.search(r"(\d{8})\s*[-–_]\s*(\d{8})", text):
        return _period(found[1], found[2], order)
    for split in (
        r"\s+[-–—]\s+",
        r"\s*[–—]\s*",
        r"\s+(?:to|bis|a|al|au|até|tot)\s+",
        r"\s*[~〜]\s*",
        r",(?=\d)",
        "-",
    ):
        parts = re.split(split, text)
        if len(parts) == 2 and (period := _period(parts[0], parts[1], order)):
            return period
    try:
        span = read_day(text, order)
    except NoDay:
        return None
    return span.first, span.last


def _period(first: str, last: str, order: str) -> tuple[date, date] | None:
    try:
        end = read_day(last, order)
        start = read_day(first, order, end.first.year)
        if start.first > end.last and not re.search(r"\d{4}", first):
            start = read_day(first, order, end.first.year - 1)
    except NoDay:
        return None
    return (start.first, end.last) if start.first <= end.last else None


def read_moment(text: str, order: str = "mdy") -> datetime:
    """A moment with or without an offset. Raises `NoDay`."""
    text = re.sub(r"[\s\u00a0\u202f]+", " ", text).strip(" '\"")
    try:
        return datetime.fromisoformat(
            text.removesuffix(" UTC").replace(" +", "+").replace(" -", "-") if ":" in text else text
        )
    except ValueError:
        day = read_day(text, order).first
    clock = re.search(r"(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([ap])?\.?m?", text, re.IGNORECASE)
    if not clock:
        return datetime.combine(day, time())
    hour = int(clock[1]) % 12 + (12 if clock[4].lower() == "p" else 0) if clock[4] else int(clock[1])
    try:
        return datetime.combine(day, time(hour, int(clock[2]), int(clock[3] or 0)))
    except ValueError as error:
        raise NoDay("no such time of day") from error
