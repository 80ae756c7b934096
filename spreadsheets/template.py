"""The unified template: a table for every channel that has no export, and for offline spend."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl

from spreadsheets.platforms.unified import HEADERS
from spreadsheets.writing import write_csv, write_xlsx

EXAMPLE_NOTE = "Overwrite the example rows. One row is one day; further metrics may be added as columns."


def example_rows() -> pl.DataFrame:
    """Two rows that show what goes where."""
    radio = (date(2026, 1, 1), "Radio", "Studio North", "Winter spots", "", "", "EUR", "1250.00")
    paper = (date(2026, 1, 2), "Print", "City Paper", "Winter issue", "Half page", "", "EUR", "480.50")
    rows = [(*radio, None, None, None, None), (*paper, 42_000, None, "12", "960.00")]
    columns: dict[str, pl.Series] = {}
    for number, (meaning, header) in enumerate(HEADERS.items()):
        values = [row[number] for row in rows]
        if meaning in ("spend", "conversions", "conversion_value"):
            columns[header] = pl.Series(
                [Decimal(str(v)) if v is not None else None for v in values], dtype=pl.Decimal(38, 2)
            )
        elif meaning in ("impressions", "clicks"):
            columns[header] = pl.Series(values, dtype=pl.Int64)
        else:
            columns[header] = pl.Series(values)
    return pl.DataFrame(columns)


def template_bytes(kind: str) -> bytes:
    """The template as "csv" or "xlsx"."""
    if kind == "csv":
        return write_csv(example_rows())
    return write_xlsx(
        {"Soundings": example_rows(), "Help": pl.DataFrame({"How to use this": [EXAMPLE_NOTE]})}
    )


def write_template(path: Path) -> None:
    """Writes the template; the name's ending (.csv or .xlsx) chooses the format."""
    path.write_bytes(template_bytes("csv" if path.suffix.lower() == ".csv" else "xlsx"))
