"""Tables of one file that belong together: Search Console's ZIP, workbooks with the same sheet twice."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

import polars as pl

from spreadsheets.dates import read_period
from spreadsheets.meanings import METRICS
from spreadsheets.merging import KEY
from spreadsheets.understanding import Table


def settle_siblings(tables: Sequence[Table]) -> None:
    """Shares what one table knows with the others, and drops doubles."""
    searches = [table for table in tables if table.platform == "search_console"]
    filtered = next((found for table in searches if (found := _filtered_period(table))), None)
    _share_search_period([table for table in searches if table.kind == "metrics"], filtered)
    usable = [table for table in tables if table.kind == "metrics" and table.rows]
    _drop_doubles(usable)
    _join_cards([table for table in usable if table.platform == "ga4" and table.kind == "metrics"])


def _filtered_period(table: Table) -> tuple[date, date] | None:
    """The days that the list of filters names, if it names days and not "Last 3 months"."""
    if table.report != "filters":
        return None
    values = [list(row.values()) for row in table.preview]
    said = [row[1] for row in values if len(row) > 1 and re.search(r"\d{4}", row[1])]
    return next((period for text in said if (period := read_period(text))), None)


def _share_search_period(tables: Sequence[Table], filtered: tuple[date, date] | None) -> None:
    """Only the chart has days: they are the period of all files of the same export."""
    dated = next(
        (
            (table.date_from, table.date_to)
            for table in tables
            if table.daily and table.date_from and table.date_to
        ),
        filtered,
    )
    site = next((table.account for table in tables if table.account), None)
    for table in tables:
        if site and not table.account:
            _name_account(table, site)
        if dated is None or table.date_from:
            continue
        table.date_from, table.date_to = dated
        days = (dated[1] - dated[0]).days + 1
        table.frame = table.frame.with_columns(
            pl.lit(dated[0]).alias("day"), pl.lit(days, dtype=pl.Int16).alias("days")
        )
        table.questions = [question for question in table.questions if question.kind != "period"]
        table.notes.append(
            "These sums cover the whole period and leave out anonymised searches: never add them to days."
        )


def _name_account(table: Table, site: str) -> None:
    table.account = site
    table.questions = [question for question in table.questions if question.kind != "account"]
    if "account" in table.frame.columns or table.frame.width:
        table.frame = table.frame.with_columns(pl.lit(site, dtype=pl.String).alias("account"))


def _join_cards(tables: Sequence[Table]) -> None:
    """A snapshot's cards about the same rows become one table; else each would replace the other."""
    firsts: dict[tuple[object, ...], Table] = {}
    for table in tables:
        key = (table.grain, table.breakdown, table.daily, table.date_from, table.date_to, table.account)
        first = firsts.setdefault(key, table)
        if first is table:
            continue
        shared = {name for name in METRICS if name in first.frame.columns and name in table.frame.columns}
        table.kind = "not_data"
        if shared:
            table.notes.insert(
                0, f'"{first.name}" has the same metric for the same days; this table is not added to it.'
            )
            continue
        _join(first, table)
        table.notes.insert(0, f'Its numbers were joined to "{first.name}": both are about the same rows.')


def _join(first: Table, other: Table) -> None:
    keys = [name for name in KEY if name in first.frame.columns and name in other.frame.columns]
    added = [name for name in METRICS if name in other.frame.columns]
    joined = first.frame.join(
        other.frame.select(*keys, "row", *added), on=keys, how="full", nulls_equal=True, coalesce=True
    )
    joined = joined.with_columns(
        pl.col("row").fill_null(pl.col("row_right")), pl.col("more").fill_null("")
    ).drop("row_right")
    first.frame = joined.sort("row")
    first.rows = joined.height
    first.totals |= other.totals


def _drop_doubles(tables: Sequence[Table]) -> None:
    """Meta's workbooks hold the same rows as "Formatted Report" and as "Raw Data Report"."""
    seen: dict[tuple[object, ...], str] = {}
    for table in tables:
        what = (table.platform, table.report, table.grain, table.breakdown, table.date_from, table.date_to)
        key = (*what, table.rows, tuple(sorted(table.totals.items())))
        if key in seen and table.totals:
            table.kind = "not_data"
            table.notes.insert(0, f'These are the same rows as in "{seen[key]}": they are read once.')
        else:
            seen[key] = table.name
