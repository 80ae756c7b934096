"""Exact sums of a table's rows, held against the total that the file itself gives."""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from spreadsheets.conversion import number_columns
from spreadsheets.drafts import Draft
from spreadsheets.meanings import ADDITIVE, COUNTS, MONEY
from spreadsheets.numbers import parse, split_signs, tidy
from spreadsheets.totals import Parted


def add_up(draft: Draft, good: pl.DataFrame) -> None:
    """Exact sums; money of several currencies is summed for each of them instead."""
    table = draft.table
    money_here = [name for name in MONEY if name in good.columns]
    codes = list(good["currency"].drop_nulls().unique(maintain_order=True).to_list()) if good.height else []
    for name in ADDITIVE:
        if name not in good.columns or (name in money_here and len(codes) > 1):
            continue
        if good[name].null_count() == good.height and good.height:
            continue
        table.totals[name] = exact_sum(good[name])
    if len(codes) > 1:
        for code in codes:
            rows = good.filter(pl.col("currency") == code)
            table.totals_by_currency[code] = {name: exact_sum(rows[name]) for name in money_here}


def exact_sum(values: pl.Series) -> Decimal:
    """The sum as a decimal without trailing zeros."""
    return tidy_decimal(Decimal(str(values.sum() or 0)))


def tidy_decimal(value: Decimal) -> Decimal:
    """The same number without trailing zeros and without an exponent."""
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


def check(draft: Draft, parted: Parted, sign: str) -> None:
    """Compares the rows with the file's own total and with the number of rows that it states."""
    table = draft.table
    if (
        draft.expected_rows is not None
        and draft.expected_rows != table.rows + len(parted.totals) + table.problem_count
    ):
        table.notes.append(
            f"The file says that it has {draft.expected_rows:,} rows; {table.rows:,} were found."
        )
    groups: dict[str, dict[str, Decimal]] = {}
    for label, row in parted.totals:
        group = groups.setdefault(" ".join(label.split()), {})
        for meaning, value in _total_row(draft, row, sign).items():
            group[meaning] = group.get(meaning, Decimal(0)) + value
    groups = {label: group for label, group in groups.items() if group}
    if not groups:
        return
    label = min(groups, key=lambda label: len(_differences(groups[label], table.totals, table.rows)))
    table.footer = {name: tidy_decimal(value) for name, value in groups[label].items()}
    _compare(draft, label)


def _total_row(draft: Draft, row: dict[str, str], sign: str) -> dict[str, Decimal]:
    found = {}
    for meaning, column in number_columns(draft).items():
        if meaning in ADDITIVE and meaning in draft.table.totals:
            cells, _ = split_signs(tidy(pl.Series([row[column]], dtype=pl.String)))
            value = parse(cells, sign).values[0]
            if value is not None:
                found[meaning] = value
    return found


def _compare(draft: Draft, label: str) -> None:
    table = draft.table
    different = _differences(table.footer, table.totals, table.rows)
    rounded = [
        name for name, value in table.footer.items() if value != table.totals[name] and name not in different
    ]
    if different:
        said = "; ".join(
            f"{name} {table.footer[name]:,f}, rows {table.totals[name]:,f}" for name in different
        )
        more = all(table.footer[name] >= table.totals[name] for name in different)
        why = "It also covers what isn't listed" if more else "They differ"
        table.notes.append(f'The file\'s own total ("{label}") is not the sum of its rows. {why}: {said}.')
    if rounded:
        said = "; ".join(f"{name} {table.footer[name]:,f}, rows {table.totals[name]:,f}" for name in rounded)
        table.notes.append(f"The file's own total differs from the sum of its rows by rounding: {said}.")


def _differences(footer: dict[str, Decimal], totals: dict[str, Decimal], rows: int) -> list[str]:
    """Metrics that differ by more than each row's rounding to cents can explain."""
    slack = {name: Decimal(0) if name in COUNTS else Decimal("0.005") * (rows + 1) for name in footer}
    return [name for name, value in footer.items() if abs(value - totals.get(name, Decimal(0))) > slack[name]]
