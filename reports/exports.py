"""Downloads of a report: the table as CSV, or as a workbook whose second sheet says what it shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from analytics import channels, metrics
from reports.view import Compare, View
from spreadsheets import writing

_DIGITS = 6


@dataclass(frozen=True)
class Sheet:
    """A table to download: leading text columns, then metrics by slug with a row's base totals each."""

    title: str
    names: dict[str, list[str]]
    totals: Sequence[dict[str, Decimal | None]]
    slugs: tuple[str, ...]
    currency: str


def numbers(values: Sequence[Decimal | int | None], digits: int = _DIGITS) -> pl.Series:
    """A column of numbers, rounded for spreadsheets."""
    return pl.Series(
        [None if v is None else float(round(Decimal(v), digits)) for v in values], dtype=pl.Float64
    )


def _column(sheet: Sheet, slug: str) -> pl.Series:
    found = metrics.metric(slug)
    values: list[Any] = [metrics.evaluate(slug, row) for row in sheet.totals]
    label = f"{found.label} ({sheet.currency})" if found.unit == "money" else found.label
    if found.unit == "count" and all(v is None or v == v.to_integral_value() for v in values):
        return pl.Series(label, [None if v is None else int(v) for v in values], dtype=pl.Int64)
    return pl.Series(
        label, [None if v is None else float(round(v, _DIGITS)) for v in values], dtype=pl.Float64
    )


def frame(sheet: Sheet) -> pl.DataFrame:
    """The table, unrounded but for the sixth decimal; counts without a fraction as whole numbers."""
    texts = [pl.Series(name, values, dtype=pl.Utf8) for name, values in sheet.names.items()]
    return pl.DataFrame([*texts, *(_column(sheet, slug) for slug in sheet.slugs)])


def about(sheet: Sheet, view: View, project: str, time_zone: str) -> pl.DataFrame:
    """The second sheet: filters, currency, as-of stamp and the definition of each column."""
    now = datetime.now(UTC).astimezone(ZoneInfo(time_zone))
    compared = "nothing" if view.compare is Compare.NONE else "{} to {}".format(*(view.compared or ("", "")))
    rows = [
        ("Report", sheet.title),
        ("Project", project),
        ("As of", f"{now:%Y-%m-%d %H:%M} {time_zone}"),
        ("Period", f"{view.start} to {view.end}"),
        ("Compared with", compared),
        (
            "Currency",
            f"{view.currency}, each day at its ECB reference rate (weekends: the last one published)",
        ),
        ("Channels", ", ".join(channels.label(c) for c in view.channels) or "all"),
        ("Campaigns", ", ".join(view.campaigns) or "all"),
    ]
    rows += [
        (
            metrics.metric(slug).label,
            f"{metrics.metric(slug).formula} ({metrics.metric(slug).kind}). {metrics.metric(slug).caveat}".strip(),
        )
        for slug in sheet.slugs
    ]
    return pl.DataFrame({"What": [what for what, _ in rows], "Meaning": [text for _, text in rows]})


def as_csv(sheet: Sheet) -> bytes:
    """UTF-8 CSV with a header; text that a spreadsheet program would run as a formula is disarmed."""
    return writing.write_csv(frame(sheet))


def as_xlsx(sheet: Sheet, view: View, project: str, time_zone: str) -> bytes:
    """A workbook of two sheets: the table, and what it shows."""
    return writing.write_xlsx(
        {sheet.title[:31]: frame(sheet), "About": about(sheet, view, project, time_zone)}
    )
