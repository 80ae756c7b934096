"""Tables out, as CSV or XLSX bytes: real dates and numbers, and no text that a program would execute.

A text that starts with `= + - @` TAB or CR is a formula to spreadsheet programs, whoever typed it
into a campaign's name. An apostrophe in front makes it text again; numbers stay numbers. In XLSX a
number is a double by the format's nature, exact to 15 digits; CSV keeps every digit.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping

import polars as pl
from rustpy_xlsxwriter import Format, write_worksheets

_RISKY = r"^[=+\-@\t\r\n]"
_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")  # in sheet titles
_TITLE_LENGTH = 31
_HEADER_FILL, _HEADER_FONT = "#1F3A5F", "#FFFFFF"


def neutralise(frame: pl.DataFrame) -> pl.DataFrame:
    """The same table with harmless texts and headers."""
    texts = [name for name, kind in frame.schema.items() if kind in (pl.String, pl.Categorical)]
    safe = frame.with_columns(_harmless(pl.col(name).cast(pl.String)).alias(name) for name in texts)
    return safe.rename({name: f"'{name}" for name in frame.columns if re.match(_RISKY, name)})


def _harmless(text: pl.Expr) -> pl.Expr:
    return pl.when(text.str.contains(_RISKY)).then(pl.lit("'") + text).otherwise(text)


def write_csv(frame: pl.DataFrame) -> bytes:
    """UTF-8 with a byte order mark (so that Excel shows accents), commas, CRLF, exact decimals."""
    safe = _short_decimals(neutralise(frame))
    return b"\xef\xbb\xbf" + safe.write_csv(line_terminator="\r\n").encode()


def _short_decimals(frame: pl.DataFrame) -> pl.DataFrame:
    """Decimals as text without trailing zeros; after `neutralise`, as a minus before digits is no formula."""
    decimals = [name for name, kind in frame.schema.items() if isinstance(kind, pl.Decimal) and kind.scale]
    return frame.with_columns(
        pl.col(name).cast(pl.String).str.replace(r"0+$", "").str.replace(r"\.$", "").alias(name)
        for name in decimals
    )


def write_xlsx(sheets: Mapping[str, pl.DataFrame]) -> bytes:
    """One workbook with the sheets in their order; the header row is styled, frozen and filtered."""
    target = io.BytesIO()
    titled = sheet_titles(sheets)
    header = Format().set_bold().set_background_color(_HEADER_FILL).set_font_color(_HEADER_FONT)
    write_worksheets(
        [(title, _typed(neutralise(frame))) for title, frame in titled.items()],
        target,
        freeze_panes={"general": {"row": 1, "col": 0}},
        header_format={"general": header},
        autofilter={title: frame.height > 0 for title, frame in titled.items()},
        column_widths={title: _widths(frame) for title, frame in titled.items()},
        column_formats={title: _formats(frame) for title, frame in titled.items()},
    )
    return target.getvalue()


def _typed(frame: pl.DataFrame) -> pl.DataFrame:
    """Types that the format has: decimals become doubles, moments lose their zone (they are UTC)."""
    changes = []
    for name, kind in frame.schema.items():
        if isinstance(kind, pl.Decimal):
            changes.append(pl.col(name).cast(pl.Float64))
        elif isinstance(kind, pl.Datetime) and kind.time_zone:
            changes.append(pl.col(name).dt.convert_time_zone("UTC").dt.replace_time_zone(None))
    return frame.with_columns(changes)


def _formats(frame: pl.DataFrame) -> dict[str, Format]:
    return {
        _safe_name(name): Format().set_num_format("yyyy-mm-dd")
        for name, kind in frame.schema.items()
        if kind == pl.Date
    }


def _safe_name(name: str) -> str:
    return f"'{name}" if re.match(_RISKY, name) else name


def _widths(frame: pl.DataFrame) -> dict[str, float]:
    """Widths by the header and the first rows."""
    sample = frame.head(50)
    return {
        _safe_name(name): float(
            min(50, max(len(name) + 4, 10, *(len(str(cell)) + 2 for cell in sample[name].to_list()), 0))
        )
        for name in frame.columns
    }


def sheet_titles(sheets: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Titles that Excel accepts: 31 characters, no brackets or slashes, each once."""
    found: dict[str, pl.DataFrame] = {}
    for title, frame in sheets.items():
        clean = _FORBIDDEN.sub(" ", title).strip(" '")[:_TITLE_LENGTH] or "Sheet"
        unique, number = clean, 2
        while unique.lower() in {name.lower() for name in found}:
            unique = f"{clean[: _TITLE_LENGTH - 4]} ({number})"
            number += 1
        found[unique] = frame
    return found
