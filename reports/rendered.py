"""A dashboard as it leaves the server: figures, charts, tables, how far its sources reach, and the way back to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import polars as pl

from analytics import metrics
from reports import exports, formats, pictures
from reports.exports import Sheet
from reports.overview import Totals
from reports.pictures import Picture
from reports.view import View
from spreadsheets import writing

MOST_CHARTS = 6


@dataclass(frozen=True)
class Figure:
    """A figure above the tables. `key` names it in conditions; `moved` is its relative change."""

    key: str
    label: str
    text: str
    value: Decimal | None
    moved: Decimal | None = None

    @property
    def change(self) -> str:
        """+12.3%, empty where nothing is compared."""
        return formats.change(self.moved) or ""


@dataclass(frozen=True)
class Table:
    """A table: as texts for reading, and as a frame of numbers for a workbook."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    frame: pl.DataFrame = field(compare=False)


@dataclass(frozen=True)
class Rendered:
    """What is sent. `said` is the period in words, `notes` what the figures leave out, `health` how the sources are."""

    name: str
    title: str
    project: str
    said: str
    view: View
    figures: tuple[Figure, ...]
    charts: tuple[Picture, ...]
    tables: tuple[Table, ...]
    notes: tuple[str, ...]
    health: tuple[str, ...]
    link: str
    about: pl.DataFrame = field(compare=False)

    def figure(self, key: str) -> Figure | None:
        """The figure that a condition names."""
        return next((one for one in self.figures if one.key == key), None)

    @property
    def images(self) -> list[bytes]:
        """The charts as PNG, in their order."""
        return [pictures.draw(picture, "png", mailed=True) for picture in self.charts]

    @property
    def workbook(self) -> bytes:
        """An XLSX file: the figures, each table, and a sheet that says what they show."""
        sheets = {"Figures": _figures(self.figures)} if self.figures else {}
        for number, table in enumerate(self.tables):
            sheets[table.title if table.title not in sheets else f"{table.title[:27]} {number}"] = table.frame
        return writing.write_xlsx({**sheets, "About": self.about})


def _figures(found: Sequence[Figure]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "Figure": [one.label for one in found],
            "Value": exports.numbers([one.value for one in found]),
            "As read": [one.text for one in found],
            "Change": [one.change for one in found],
        }
    )


def figure(slug: str, value: Decimal | None, before: Decimal | None, currency: str) -> Figure:
    """A metric's figure beside that of the compared period."""
    found = metrics.metric(slug)
    moved = metrics.change(value, before)
    return Figure(slug, found.label, formats.metric(found, value, currency), value, moved)


def figures(slugs: Sequence[str], now: Totals, before: Totals, currency: str) -> list[Figure]:
    """The figures that have a value."""
    values = [(slug, metrics.evaluate(slug, now), metrics.evaluate(slug, before)) for slug in slugs]
    return [figure(slug, value, old, currency) for slug, value, old in values if value is not None]


def of_sheet(sheet: Sheet) -> Table:
    """A table of metrics; those that no row has are left out."""
    there = tuple(
        slug for slug in sheet.slugs if any(metrics.evaluate(slug, row) is not None for row in sheet.totals)
    )
    kept = Sheet(sheet.title, sheet.names, sheet.totals, there, sheet.currency)
    found = [metrics.metric(slug) for slug in there]
    texts = list(zip(*sheet.names.values(), strict=True))
    rows = [
        (*names, *(formats.metric(one, metrics.evaluate(one.slug, row), sheet.currency) for one in found))
        for names, row in zip(texts, sheet.totals, strict=True)
    ]
    header = (*sheet.names, *(one.label for one in found))
    return Table(sheet.title, header, tuple(rows), exports.frame(kept))


def of_frame(title: str, frame: pl.DataFrame) -> Table:
    """A table whose columns are no metrics; numbers are read with up to two decimals, parts of 1 with more."""
    rows = [tuple(_text(cell) for cell in row) for row in frame.iter_rows()]
    return Table(title, tuple(frame.columns), tuple(rows), frame)


def _text(cell: object) -> str:
    if cell is None:
        return formats.NONE
    if isinstance(cell, date):
        return formats.day(cell)
    if isinstance(cell, float):
        whole = cell == int(cell)
        return formats.number(Decimal(str(cell)), 0 if whole else 4 if abs(cell) < 1 else 2)
    return str(cell)
