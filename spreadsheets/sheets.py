"""One grid of text cells, wherever it comes from: delimited text or a sheet of a workbook.

Text is read by polars; where a file's quoting is too odd for it, by Python's csv module, which
forgives more. Rows keep the number that a spreadsheet program shows for them.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import fastexcel
import polars as pl

from errors import UnreadableFile
from spreadsheets.decoding import to_utf8

DELIMITERS = (",", ";", "\t", "|")
HEAD_ROWS = 60  # preambles are at most ten lines
ROW_LIMIT = 5_000_000
_EXACT_BELOW = 2 * 1024**2  # small files go through the csv module, which keeps ragged rows whole
_WIDTH_LIMIT = 2_000


@dataclass
class Sheet:
    """Cells as text: columns c0, c1 … without nulls, and `row`, counted from 1.

    `delimiter` is "" for workbooks. `money_formats` are currency signs in number formats, `numeric`
    the columns whose cells are numbers rather than text, both by column and for XLSX only.
    """

    name: str
    frame: pl.DataFrame
    delimiter: str = ""
    encoding: str = ""
    money_formats: Mapping[int, str] = field(default_factory=dict)
    numeric: frozenset[int] = frozenset()
    notes: list[str] = field(default_factory=list)

    @property
    def width(self) -> int:
        return self.frame.width - 1

    def head(self, rows: int = HEAD_ROWS) -> list[list[str]]:
        """The first rows as lists of cells."""
        return [list(cells) for cells in self.frame.head(rows).select(pl.exclude("row")).iter_rows()]


def read_text(data: bytes, name: str, known: Callable[[Sequence[str]], int]) -> Sheet:
    """Delimited text. `known` counts header names in a row: the delimiter that shows most of them wins."""
    text, encoding = to_utf8(data)
    text, told = _spoken_delimiter(text)
    text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in text else text
    head = text[:131_072].decode("utf-8", errors="ignore")
    delimiter = told or _best_delimiter(head, known)
    if len(text) >= _EXACT_BELOW and (frame := _read_fast(text, delimiter)) is not None:
        return Sheet(name, frame, delimiter, encoding)
    return Sheet(name, _read_exact(text, delimiter), delimiter, encoding)


def _spoken_delimiter(text: bytes) -> tuple[bytes, str | None]:
    """Takes off the `sep=;` line that Excel understands (and does not show)."""
    found = re.match(rb'^"?sep=(.)"?[ \t]*\r?\n', text, re.IGNORECASE)
    return (text[found.end() :], found[1].decode()) if found else (text, None)


def _best_delimiter(head: str, known: Callable[[Sequence[str]], int]) -> str:
    scores = {}
    for delimiter in DELIMITERS:
        rows = _some_rows(head, delimiter)
        names = max((known(row) for row in rows), default=0)
        widths = Counter(len(row) for row in rows if len(row) > 1)
        width, times = max(widths.items(), key=lambda item: item[0] * item[1], default=(0, 0))
        scores[delimiter] = (names if names > 1 else 0, width * times)
    return max(DELIMITERS, key=lambda delimiter: scores[delimiter])


def _some_rows(head: str, delimiter: str) -> list[list[str]]:
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(head), delimiter=delimiter):
            rows.append(row)
            if len(rows) >= HEAD_ROWS:
                break
    except csv.Error:
        pass
    return rows


def _read_fast(text: bytes, delimiter: str) -> pl.DataFrame | None:
    """The whole text by polars, or None when its quoting or shape is beyond it."""
    width = (
        max((len(row) for row in _some_rows(text[:262_144].decode("utf-8", "ignore"), delimiter)), default=1)
        + 1
    )
    if width > _WIDTH_LIMIT:
        raise UnreadableFile(f"The table has more than {_WIDTH_LIMIT:,} columns. Export fewer of them.")
    try:
        frame = pl.read_csv(
            io.BytesIO(text),
            has_header=False,
            schema={f"c{number}": pl.String for number in range(width)},
            separator=delimiter,
            infer_schema=False,
            missing_columns="insert",
            truncate_ragged_lines=True,
        )
    except (pl.exceptions.PolarsError, ValueError):
        return None
    if frame.height > ROW_LIMIT:
        raise UnreadableFile(f"The table has more than {ROW_LIMIT:,} rows. Export a shorter period.")
    return _numbered(frame.with_columns(pl.all().fill_null("")))


def _read_exact(text: bytes, delimiter: str) -> pl.DataFrame:
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text.decode("utf-8"), newline=""), delimiter=delimiter):
            rows.append(row)
            if len(rows) > ROW_LIMIT:
                raise UnreadableFile(f"The table has more than {ROW_LIMIT:,} rows. Export a shorter period.")
    except csv.Error as error:
        raise UnreadableFile(
            f"The table breaks off after row {len(rows):,}: a quotation mark is opened and never closed."
        ) from error
    return frame_of(rows)


def frame_of(rows: Sequence[Sequence[str]]) -> pl.DataFrame:
    """The grid of ragged rows."""
    width = max((len(row) for row in rows), default=1) or 1
    if width > _WIDTH_LIMIT:
        raise UnreadableFile(f"The table has more than {_WIDTH_LIMIT:,} columns. Export fewer of them.")
    columns = {
        f"c{number}": pl.Series([row[number] if number < len(row) else "" for row in rows], dtype=pl.String)
        for number in range(width)
    }
    return _numbered(pl.DataFrame(columns))


def _numbered(frame: pl.DataFrame) -> pl.DataFrame:
    rows = pl.int_range(1, frame.height + 1, dtype=pl.Int32, eager=True)
    return frame.with_columns(rows.alias("row"))


def read_workbook(
    data: bytes, name: str, hints: Mapping[str, tuple[dict[int, str], frozenset[int]]]
) -> list[Sheet]:
    """Every sheet with cells of an XLSX, XLS or ODS workbook. Formulas count as their stored values."""
    reader: Any = _guarded(lambda: fastexcel.read_excel(data))
    sheets = []
    for title in reader.sheet_names:
        loaded: Any = _guarded(
            partial(reader.load_sheet, title, header_row=None, skip_rows=0, dtypes="string")
        )
        frame: pl.DataFrame = _guarded(loaded.to_polars)
        if frame.height == 0 or frame.width == 0:
            continue
        frame.columns = [f"c{number}" for number in range(frame.width)]
        frame = frame.with_columns(pl.all().cast(pl.String).fill_null("").str.strip_suffix(" 00:00:00"))
        formats, numeric = hints.get(title, ({}, frozenset()))
        label = title if len(reader.sheet_names) > 1 else name
        sheets.append(Sheet(label, _numbered(frame), "", "workbook", formats, numeric))
    if not sheets:
        raise UnreadableFile("The workbook holds no cells.")
    return sheets


def _guarded(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except UnreadableFile:
        raise
    except Exception as error:
        raise UnreadableFile(_workbook_reason(str(error))) from error
    except BaseException as error:  # a panic of the Rust reader is not an Exception
        if type(error).__name__ != "PanicException":
            raise
        raise UnreadableFile(
            "The workbook is damaged: it cannot be read. Open and save it again, then upload it."
        ) from error


def _workbook_reason(message: str) -> str:
    if "password" in message.lower() or "encrypt" in message.lower():
        return "The workbook is protected by a password. Save it without one and upload it again."
    return "The workbook is damaged or of an unknown kind. Open it, save it as .xlsx and upload it again."
