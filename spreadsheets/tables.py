"""Finds the tables in a sheet: what stands above them, their header row, and their rows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from spreadsheets.sheets import Sheet, frame_of

_NO_CARD = re.compile(r"^-+$|:|^\d{8}|^report csv export$|^all users$|^dashboard report$", re.IGNORECASE)
_BLANK_LIMIT = 500  # blank lines looked at for a second table


@dataclass
class RawTable:
    """One table as it stands in the file. `frame` holds every row below the header, totals included."""

    name: str
    sheet: Sheet
    preamble: list[str]
    header: list[str]
    header_row: int
    frame: pl.DataFrame
    comments: list[str] = field(default_factory=list)

    @property
    def width(self) -> int:
        return len(self.header)


def lines_above(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows as lines of text, empty cells left out."""
    return [", ".join(cell.strip() for cell in row if cell.strip()) for row in rows]


def table_at(
    sheet: Sheet, rows: Sequence[Sequence[str]], index: int, end: int | None = None, start: int = 0
) -> RawTable:
    """The table whose header is the sheet's row with this index (from 0), up to row `end`."""
    header = list(rows[index - start])
    while header and not header[-1].strip():
        header.pop()
    height = (end if end is not None else sheet.frame.height) - index - 1
    frame = sheet.frame.slice(index + 1, height)
    above = [line for line in lines_above(rows[: index - start]) if line]
    return RawTable(sheet.name, sheet, above, [cell.strip() for cell in header], index + 1, frame)


def blank_rows(sheet: Sheet) -> list[int]:
    """Indexes (from 0) of the first empty rows."""
    empty = sheet.frame.select(pl.all_horizontal(pl.exclude("row").str.strip_chars() == "")).to_series()
    return empty.arg_true().head(_BLANK_LIMIT).to_list()


def commented_tables(sheet: Sheet) -> list[RawTable]:
    """Tables between `#` comments and blank lines (GA4). Comments above count for the tables below.

    The first block of comments (title, account, property) belongs to all tables.
    """
    blanks = set(blank_rows(sheet))
    marked = sheet.frame["c0"].str.contains(r"^#(\s|$)").arg_true().head(_BLANK_LIMIT * 2).to_list()
    stops = sorted({*blanks, *marked})
    found: list[RawTable] = []
    general: list[str] = []
    comments: list[str] = []
    header_at = 0
    for stop in [*stops, sheet.frame.height]:
        if stop > header_at:
            found.append(_commented(sheet, header_at, stop, [*general, *comments]))
            comments = []
        if stop < sheet.frame.height and stop not in blanks:
            line = ", ".join(cell.strip() for cell in sheet.frame.row(stop)[:-1] if cell.strip())
            (comments if found or _is_section(line) else general).append(line)
        header_at = stop + 1
    return found


def _is_section(line: str) -> bool:
    return bool(
        re.match(
            r"^#\s*(start|end) ?date|^# ?(date de|startdatum|enddatum|fecha|data de)", line, re.IGNORECASE
        )
    )


def _commented(sheet: Sheet, start: int, stop: int, comments: list[str]) -> RawTable:
    block = [list(row[:-1]) for row in sheet.frame.slice(start, 1).iter_rows()]
    table = table_at(sheet, block, start, stop, start)
    said = [line.lstrip("# ").strip() for line in comments]
    cards = [line for line in said if line and not _NO_CARD.search(line)]
    table.name = cards[-1] if cards else sheet.name
    table.preamble = said
    table.comments = comments
    return table


def keyed_table(sheet: Sheet, keys: Mapping[str, str], blocks: str, title: str, stop: str) -> list[RawTable]:
    """A report of key and value lines as a table with one row (or one for each test combination)."""
    common: dict[str, str] = {}
    parts: list[dict[str, str]] = []
    for row in sheet.head(200):
        key = row[0].strip().rstrip(":").casefold()
        if re.match(stop, key):
            break
        value = next((cell.strip() for cell in row[1:] if cell.strip()), "")
        if blocks and (found := re.match(blocks, key)):
            parts.append({"_": found[1]})
        elif key in keys and value:
            (parts[-1] if parts else common).setdefault(keys[key], re.sub(r"\s*\([\d.,]+\s?%\)$", "", value))
    rows = [common | part for part in parts] or [common]
    for row_values in rows:
        if "_" in row_values:
            row_values[title] = f"{row_values.get(title, sheet.name)} | Combination {row_values.pop('_')}"
    header = list(dict.fromkeys(name for row_values in rows for name in row_values))
    frame = frame_of([[row_values.get(name, "") for name in header] for row_values in rows])
    return [RawTable(sheet.name, sheet, [], header, 1, frame)]
