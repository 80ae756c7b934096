"""The one way in: a file becomes tables that are understood, asked about, or named as unknown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from errors import UnreadableFile
from spreadsheets import mapping
from spreadsheets.drafts import Draft
from spreadsheets.headers import currency_in, normalise
from spreadsheets.meanings import ITEM_REPORTS
from spreadsheets.opening import open_file
from spreadsheets.orders import shape_orders
from spreadsheets.platforms import LABELS, PLATFORMS
from spreadsheets.platforms._declaration import Platform
from spreadsheets.problems import mask, private_headers
from spreadsheets.recognition import Match, find_tables, titled_platform
from spreadsheets.shaping import shape_metrics
from spreadsheets.sheets import Sheet, frame_of
from spreadsheets.siblings import settle_siblings
from spreadsheets.tables import RawTable, lines_above
from spreadsheets.understanding import Answers, Column, Table, fingerprint

__all__ = ["fingerprint", "understand", "understand_rows"]

_PREVIEW_ROWS = 20
_SAMPLE_LENGTH = 80
_HIDDEN = "…"
_TITLES = {"time_series": "time series", "ad_group": "ad group", "search_terms": "search terms"}


def understand(
    path: Path, name: str, answers: Answers | None = None, progress: Callable[[float], None] | None = None
) -> list[Table]:
    """Every table of a file. `progress` is called with 0 … 1. Raises `UnreadableFile`."""
    answers = answers or Answers()
    tell = progress or (lambda share: None)
    tell(0.0)
    sheets = open_file(path, name)
    tables: list[Table] = []
    for number, sheet in enumerate(sheets):
        tables.extend(_understand_sheet(sheet, name, answers))
        tell((number + 1) / len(sheets))
    if not tables:
        raise UnreadableFile("No table was found: there is no row with column names.")
    settle_siblings(tables)
    return tables


def understand_rows(rows: Sequence[Mapping[str, Any]], name: str, answers: Answers | None = None) -> Table:
    """Rows of the offline grid (header → value), read as a file with the same cells would be."""
    header = list(dict.fromkeys(key for row in rows for key in row)) or ["Date", "Channel", "Spend"]
    cells = [header, *([_as_text(row.get(key)) for key in header] for row in rows)]
    sheet = Sheet(name, frame_of(cells), "", "workbook", {}, frozenset(range(len(header))))
    return _understand_sheet(sheet, name, answers or Answers())[0]


def _as_text(value: Any) -> str:
    return "" if value is None else str(value)


def _understand_sheet(sheet: Sheet, file_name: str, answers: Answers) -> list[Table]:
    found = find_tables(sheet, file_name)
    if not found:
        return _without_header(sheet)
    return [_understand_table(raw, match, answers) for raw, match in found]


def _without_header(sheet: Sheet) -> list[Table]:
    """A known preamble without a table is an empty report; anything else is no table."""
    lines = lines_above(sheet.head(20))
    platform = titled_platform(lines)
    if platform is None:
        return []
    note = "The report is empty: nothing was delivered in its period."
    return [
        Table(sheet.name, platform.slug, "empty", f"{platform.label}: empty report", "not_data", notes=[note])
    ]


def _understand_table(raw: RawTable, match: Match | None, answers: Answers) -> Table:
    platform = match.platform if match else None
    if answers.mapping:
        platform = mapping.CUSTOM
    elif answers.platform in PLATFORMS:
        platform = PLATFORMS[answers.platform]
    if platform is None:
        return _unknown(raw)
    draft = _draft(raw, platform, answers)
    table = draft.table
    table.notes.extend(raw.sheet.notes)
    if platform.kind == "not_data":
        draft.refuse(platform.note)
    if platform.refine and not draft.refused:
        platform.refine(draft)
    table.columns = _columns(draft)
    table.preview = _preview(raw, platform)
    if not draft.refused:
        (shape_orders if platform.kind == "orders" else shape_metrics)(draft)
        _name_report(draft)
        if (
            table.rows == 0
            and not table.problem_count
            and not (platform.kind == "orders" and raw.frame.height)
        ):
            table.notes.insert(0, "The table has column names and no rows: nothing was delivered.")
    return table


def _draft(raw: RawTable, platform: Platform, answers: Answers) -> Draft:
    headers = [normalise(header) for header in raw.header]
    table = Table(
        raw.name, platform.slug or None, platform.report or "unknown", platform.label, platform.kind
    )
    draft = Draft(raw, platform, table, _language(platform, headers), answers, headers, {}, frame=raw.frame)
    if answers.mapping:
        draft.columns = mapping.mapped_columns(raw.header, answers.mapping)
    for number, name in enumerate(headers):
        meaning = platform.meaning_of(name)
        if meaning and meaning not in draft.columns:
            draft.columns[meaning] = f"c{number}"
        elif name and meaning is None and platform.keeps_unknown:
            draft.unknown[raw.header[number]] = f"c{number}"
    for meaning, column in draft.columns.items():
        sign = currency_in(raw.header[int(column[1:])])
        if sign:
            draft.signs[meaning] = sign
    return draft


def _language(platform: Platform, headers: Sequence[str]) -> str:
    """The language that most headers are in; the first declared one when several fit."""
    counts = {language: len(known.intersection(headers)) for language, known in platform.languages.items()}
    return max(counts, key=lambda language: counts[language]) if counts else "en"


def _columns(draft: Draft) -> list[Column]:
    meanings = {column: meaning for meaning, column in draft.columns.items()}
    hidden = private_headers(draft.raw.header, draft.platform)
    columns = []
    for number, header in enumerate(draft.raw.header):
        name = f"c{number}"
        sample = _HIDDEN if header in hidden else _sample(draft.raw.frame, name)
        columns.append(
            Column(header, meanings.get(name) or draft.platform.meaning_of(draft.headers[number]), sample)
        )
    return columns


def _sample(frame: pl.DataFrame, column: str) -> str:
    cells = frame[column].head(200)
    return next((mask(cell.strip())[:_SAMPLE_LENGTH] for cell in cells.to_list() if cell.strip()), "")


def _preview(raw: RawTable, platform: Platform | None) -> list[dict[str, str]]:
    """The first rows as they stand in the file, without personal data."""
    hidden = private_headers(raw.header, platform)
    rows = []
    for cells in raw.frame.head(_PREVIEW_ROWS).iter_rows():
        row = {}
        for number, header in enumerate(raw.header):
            label = header if header and header not in row else f"{header or 'column'} ({number + 1})"
            row[label] = _HIDDEN if header in hidden and cells[number] else mask(cells[number])
        rows.append(row)
    return rows


def _unknown(raw: RawTable) -> Table:
    table = Table(raw.name, None, "unknown", "Unknown table", "unknown")
    rows = raw.frame.filter(pl.any_horizontal(pl.exclude("row").str.strip_chars() != ""))
    suggested = mapping.suggest(raw.header, rows)
    hidden = private_headers(raw.header, None)
    table.columns = [
        Column(
            header, suggested.get(f"c{number}"), _HIDDEN if header in hidden else _sample(rows, f"c{number}")
        )
        for number, header in enumerate(raw.header)
    ]
    table.rows = rows.height
    table.preview = _preview(raw, None)
    table.notes = [*raw.sheet.notes, "This table isn't known yet. Say what its columns mean to import it."]
    return table


def _name_report(draft: Draft) -> None:
    """The report's slug and title, from what its rows are."""
    table, platform = draft.table, draft.platform
    item = next((name for name in ITEM_REPORTS if draft.has(name)), None)
    if table.kind == "metrics" and not platform.report:
        if item:
            table.report = ITEM_REPORTS[item]
        elif table.grain == "account":
            table.report = table.breakdown or ("time_series" if table.daily else "account")
        else:
            table.report = table.grain or "unknown"
        if platform.slug in ("unified", "custom"):
            table.report = "template" if platform.slug == "unified" else "custom"
    words = _TITLES.get(table.report, table.report).replace("_", " ")
    table.title = f"{LABELS.get(platform.slug, platform.label)}: {words}"
    if platform.slug == "" or table.kind == "not_data":
        table.title = platform.label
