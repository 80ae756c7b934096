"""What was understood of an uploaded file: the types that the reader hands to everybody else.

A `Table` is one table of one file (a ZIP, a workbook or a GA4 snapshot may hold several). Its
`frame` holds the good rows in one normalised shape (see docs/spreadsheets.md); everything else is
for showing, asking and remembering, and survives JSON.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal

import polars as pl

Kind = Literal["metrics", "orders", "unknown", "not_data"]
QuestionKind = Literal["currency", "account", "date_order", "period", "year", "number_format"]

PROBLEM_LIMIT = 10_000  # problems kept in full; more are only counted


@dataclass(frozen=True)
class Problem:
    """One cell or row that could not be used. `row` counts as a spreadsheet program shows it, from 1."""

    row: int
    column: str
    value: str
    reason: str


@dataclass(frozen=True)
class Question:
    """Something that only the person can know. `options` are answers to choose from, empty = free text."""

    kind: QuestionKind
    text: str
    options: tuple[str, ...] = ()
    suggestion: str | None = None


@dataclass(frozen=True)
class Column:
    """One column of the source. `meaning` is a metric slug or a dimension name, None when not mapped."""

    header: str
    meaning: str | None
    sample: str


@dataclass(frozen=True)
class Answers:
    """What a person answered or set beforehand. Every field is optional.

    `date_order` is "dmy" or "mdy"; `number_format` is "1,234.5" or "1.234,5"; `period` is first and
    last day; `mapping` is header → meaning for a table that nobody knows; `salt` makes the hashed
    customer keys of one installation useless to another. The salt is not part of the JSON.
    """

    currency: str | None = None
    account: str | None = None
    date_order: str | None = None
    number_format: str | None = None
    period: tuple[date, date] | None = None
    year: int | None = None
    mapping: Mapping[str, str] | None = None
    platform: str | None = None
    report: str | None = None
    salt: str = ""

    def as_dict(self) -> dict[str, Any]:
        """JSON-able answers, without the salt and without what was not answered."""
        found: dict[str, Any] = {
            name: getattr(self, name)
            for name in ("currency", "account", "date_order", "number_format", "year", "platform", "report")
        }
        found["period"] = [day.isoformat() for day in self.period] if self.period else None
        found["mapping"] = dict(self.mapping) if self.mapping else None
        return {name: value for name, value in found.items() if value is not None}

    @classmethod
    def from_dict(cls, given: Mapping[str, Any], salt: str = "") -> Answers:
        """The reverse of `as_dict`; unknown keys are ignored."""
        known = {name: given[name] for name in _PLAIN_ANSWERS if given.get(name) is not None}
        period = given.get("period")
        if period:
            first, last = (date.fromisoformat(day) for day in period)
            known["period"] = (first, last)
        return cls(salt=salt, **known)


_PLAIN_ANSWERS = (
    "currency", "account", "date_order", "number_format", "year", "mapping", "platform", "report",
)  # fmt: skip


@dataclass
class Table:
    """One understood table. `totals` are exact sums of additive base metrics over the good rows.

    `platform` None means an unknown table that is ready for column mapping. `daily` False means that
    each row is one period. `footer` holds the file's own grand totals where it has them. `problems`
    is capped at `PROBLEM_LIMIT`; `problem_count` is the whole number. Where rows are in several
    currencies, money is missing from `totals` and stands in `totals_by_currency` instead.
    """

    name: str
    platform: str | None = None
    report: str = "unknown"
    title: str = ""
    kind: Kind = "unknown"
    grain: str | None = None
    breakdown: str = ""
    daily: bool = False
    currency: str | None = None
    time_zone: str | None = None
    account: str | None = None
    account_id: str | None = None
    attribution: str = ""
    date_from: date | None = None
    date_to: date | None = None
    rows: int = 0
    totals: dict[str, Decimal] = field(default_factory=dict)
    totals_by_currency: dict[str, dict[str, Decimal]] = field(default_factory=dict)
    footer: dict[str, Decimal] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    problem_count: int = 0
    questions: list[Question] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    preview: list[dict[str, str]] = field(default_factory=list)
    frame: pl.DataFrame = field(default_factory=pl.DataFrame, repr=False, compare=False)
    lines: pl.DataFrame | None = field(default=None, repr=False, compare=False)

    @property
    def note(self) -> str:
        """Why there is nothing to import, or the most important remark; empty when there is none."""
        return self.notes[0] if self.notes else ""

    def as_dict(self) -> dict[str, Any]:
        """Everything but the frames, JSON-able: exact decimal strings, ISO days.

        The first keys are the ones that `python -m spreadsheets inspect --json` promises.
        """
        return {
            "platform": self.platform,
            "report": self.report,
            "grain": self.grain,
            "currency": self.currency,
            "date_from": self.date_from.isoformat() if self.date_from else None,
            "date_to": self.date_to.isoformat() if self.date_to else None,
            "rows": self.rows,
            "totals": {slug: plain(value) for slug, value in self.totals.items()},
            "problems": [asdict(problem) for problem in self.problems],
            "problem_count": self.problem_count,
            "name": self.name,
            "title": self.title,
            "kind": self.kind,
            "breakdown": self.breakdown,
            "daily": self.daily,
            "time_zone": self.time_zone,
            "account": self.account,
            "account_id": self.account_id,
            "attribution": self.attribution,
            "totals_by_currency": {
                code: {slug: plain(value) for slug, value in totals.items()}
                for code, totals in self.totals_by_currency.items()
            },
            "footer": {slug: plain(value) for slug, value in self.footer.items()},
            "questions": [
                asdict(question) | {"options": list(question.options)} for question in self.questions
            ],
            "columns": [asdict(column) for column in self.columns],
            "notes": list(self.notes),
            "preview": [dict(row) for row in self.preview],
        }

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> Table:
        """The reverse of `as_dict`; frames stay empty."""
        known = {name: given[name] for name in _PLAIN_FIELDS if name in given}
        for name in ("date_from", "date_to"):
            known[name] = date.fromisoformat(given[name]) if given.get(name) else None
        for name in ("totals", "footer"):
            known[name] = {slug: Decimal(value) for slug, value in given.get(name, {}).items()}
        known["totals_by_currency"] = {
            code: {slug: Decimal(value) for slug, value in totals.items()}
            for code, totals in given.get("totals_by_currency", {}).items()
        }
        known["problems"] = [Problem(**problem) for problem in given.get("problems", ())]
        known["questions"] = [
            Question(**{**question, "options": tuple(question["options"])})
            for question in given.get("questions", ())
        ]
        known["columns"] = [Column(**column) for column in given.get("columns", ())]
        return cls(**known)


_PLAIN_FIELDS = (
    "name", "platform", "report", "title", "kind", "grain", "breakdown", "daily", "currency", "time_zone",
    "account", "account_id", "attribution", "rows", "problem_count", "notes", "preview",
)  # fmt: skip


def plain(value: Decimal) -> str:
    """The number as a short exact string: no exponent, no trailing zeros, never "-0"."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def fingerprint(table: Table) -> str:
    """A stable hash of the table's normalised headers, to remember a column mapping by."""
    from spreadsheets.headers import normalise

    return hashlib.sha256(
        "\x1f".join(normalise(column.header) for column in table.columns).encode()
    ).hexdigest()
