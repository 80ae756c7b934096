"""From a draft's cells to numbers and names: which columns, which decimal sign, which texts."""

from __future__ import annotations

import polars as pl

from spreadsheets.drafts import Draft
from spreadsheets.meanings import AMOUNTS, COUNTS, METRICS, MONEY, MONEY_LIKE
from spreadsheets.numbers import Numbers, blank, decimal_sign, parse, split_signs, tidy
from spreadsheets.problems import Problems
from spreadsheets.understanding import Question


def number_columns(draft: Draft) -> dict[str, str]:
    """Meaning → column, for all columns that hold stored numbers."""
    wanted = {*METRICS, "position", "spend_micro"}
    for sources in (*draft.platform.fallbacks.values(), *draft.sums.values()):
        wanted.update(sources)
    return {meaning: column for meaning, column in draft.columns.items() if meaning in wanted}


def _whole(draft: Draft, meaning: str) -> bool:
    """Counts, and what stands in for a count."""
    stand_ins = [sources for target, sources in draft.platform.fallbacks.items() if target in COUNTS]
    return meaning in COUNTS or any(meaning in sources for sources in stand_ins)


def sign_of(draft: Draft, frame: pl.DataFrame) -> str:
    """The decimal sign of the file: answered, or decided from the cells."""
    if draft.answers.number_format:
        return "," if draft.answers.number_format.endswith(",5") else "."
    if draft.raw.sheet.encoding == "workbook" and draft.raw.sheet.numeric:
        return "."
    amounts, counts = [], []
    for meaning, column in draft.columns.items():
        if meaning in COUNTS:
            counts.append(split_signs(tidy(frame[column]))[0])
        elif meaning in AMOUNTS or meaning in MONEY_LIKE or meaning in _RATES or meaning in _ORDER_MONEY:
            amounts.append(split_signs(tidy(frame[column]))[0])
    fallback = "," if draft.raw.sheet.delimiter == ";" else "."
    sign = decimal_sign(amounts, counts, draft.language, fallback)
    if sign is None:
        draft.table.questions.append(
            Question(
                "number_format",
                "Is 1.234 in this file one thousand or one point two?",
                ("1,234.5", "1.234,5"),
                "1.234,5",
            )
        )
    return sign or "."


_RATES = frozenset({"ctr", "rate", "roas_reported", "conversion_rate", "frequency"})
_ORDER_MONEY = frozenset(
    [
        "order_total",
        "net",
        "refunds",
        "discounts",
        "shipping",
        "taxes",
        "fees",
        "line_price",
        "line_discount",
        "position",
        "revenue_gross",
        "revenue_net",
    ]
)


def convert(
    draft: Draft, frame: pl.DataFrame, sign: str, problems: Problems
) -> tuple[dict[str, Numbers], dict[str, pl.Series]]:
    """All stored numbers, and the currency signs that stood in the cells of money columns."""
    numbers: dict[str, Numbers] = {}
    signs: dict[str, pl.Series] = {}
    for meaning, column in number_columns(draft).items():
        cells = tidy(frame[column])
        bare, tokens = split_signs(cells)
        if meaning in MONEY:
            signs[meaning] = tokens
        found = parse(bare, sign, whole=_whole(draft, meaning))
        numbers[meaning] = found
        reasons = found.reasons if bare is cells else _by_cell(cells, bare, found.reasons)
        problems.add(found.bad, header_of(draft, column), cells, reasons, "not a number")
    return numbers, signs


def _by_cell(cells: pl.Series, bare: pl.Series, reasons: dict[str, str]) -> dict[str, str]:
    if not reasons:
        return reasons
    pairs = pl.DataFrame({"cell": cells, "bare": bare}).unique().filter(pl.col("bare").is_in(list(reasons)))
    return {cell: reasons[text] for cell, text in pairs.iter_rows()}


def header_of(draft: Draft, column: str) -> str:
    """The header text of a frame column."""
    number = int(column[1:]) if column[1:].isdigit() else -1
    return draft.raw.header[number] if 0 <= number < len(draft.raw.header) else column


def text_of(cells: pl.Series) -> pl.Series:
    """Names without surrounding spaces; "--" and the like become null."""
    tidied = cells.str.strip_chars().str.replace(r'^="(.*)"$', "${1}")
    return pl.select(pl.when(blank(tidied) & (tidied != "*")).then(None).otherwise(tidied)).to_series()
