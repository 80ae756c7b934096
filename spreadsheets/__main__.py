"""`python -m spreadsheets inspect FILE [--json]`: what a file is, without a database.

Exit 0 when it was recognised or is an unknown table ready for mapping, 2 with one line otherwise.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from errors import UnreadableFile
from spreadsheets.reading import understand
from spreadsheets.understanding import Table, plain


def main(arguments: list[str] | None = None) -> int:
    """The command line. Gives the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m spreadsheets", description=__doc__.splitlines()[0] if __doc__ else ""
    )
    commands = parser.add_subparsers(dest="command", required=True)
    inspect = commands.add_parser("inspect", help="say what a file is and what it holds")
    inspect.add_argument("file", type=Path)
    inspect.add_argument("--json", action="store_true", help="print one JSON object")
    chosen = parser.parse_args(arguments)
    try:
        tables = understand(chosen.file, chosen.file.name)
    except UnreadableFile as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(as_json(tables), ensure_ascii=False) if chosen.json else as_text(tables))
    return 0


def primary(tables: list[Table]) -> Table:
    """The table that speaks for the file: rows, then a series of days, then most metrics, then most rows."""

    def rank(table: Table) -> tuple[bool, bool, bool, bool, bool, int, int]:
        usable = table.kind in ("metrics", "orders")
        whole = table.grain == "account" and table.breakdown in ("", "hour") and usable
        series = whole and table.rows > 1 and table.date_from is not None
        return (
            usable and table.rows > 0,
            usable or (table.kind == "unknown" and table.rows > 0),
            series and table.daily,
            series,
            usable and table.date_from is not None,
            len(table.totals),
            table.rows,
        )

    return max(tables, key=rank)


def as_json(tables: list[Table]) -> dict[str, Any]:
    """The primary table's keys at the top, all tables under "tables" where there are several."""
    found = primary(tables).as_dict()
    if len(tables) > 1:
        found["tables"] = [table.as_dict() for table in tables]
    return found


def as_text(tables: list[Table]) -> str:
    """The same for people."""
    return "\n\n".join(_paragraph(table) for table in tables)


def _paragraph(table: Table) -> str:
    days = f"{table.date_from} to {table.date_to}" if table.date_from else "no dates"
    breakdown = f", by {table.breakdown}" if table.breakdown else ""
    lines = [
        f"{table.name}: {table.title}",
        f"  {table.rows:,} rows, grain {table.grain or '-'}{breakdown}, {days}, "
        f"{'daily' if table.daily else 'whole periods'}, currency {table.currency or '-'}",
    ]
    lines += [f"  {slug}: {plain(value)}" for slug, value in table.totals.items()]
    for code, totals in table.totals_by_currency.items():
        lines.append(f"  {code}: " + ", ".join(f"{slug} {plain(value)}" for slug, value in totals.items()))
    if table.footer:
        lines.append(
            "  the file's own total: "
            + ", ".join(f"{slug} {plain(value)}" for slug, value in table.footer.items())
        )
    lines += [f"  note: {note}" for note in table.notes]
    lines += [f"  question: {question.text} {question.suggestion or ''}" for question in table.questions]
    lines += [f"  row {p.row}, {p.column}: {p.value!r}: {p.reason}" for p in table.problems[:20]]
    if table.problem_count > 20:
        lines.append(f"  … {table.problem_count - 20:,} more problems")
    if table.kind == "unknown":
        lines += [f"  column {c.header!r} → {c.meaning or '?'} (such as {c.sample!r})" for c in table.columns]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
