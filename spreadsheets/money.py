"""Which currency each row's money is in, from a column, the cells, the headers or the number formats."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from spreadsheets.currencies import candidates, is_code
from spreadsheets.drafts import Draft
from spreadsheets.understanding import Question

_HOME = {
    "pt": "BRL",
    "ja": "JPY",
    "de": "EUR",
    "fr": "EUR",
    "it": "EUR",
    "es": "EUR",
    "nl": "EUR",
    "pl": "PLN",
    "sv": "SEK",
}
COMMON = ("EUR", "USD", "GBP", "CHF", "SEK", "DKK", "NOK", "PLN", "CAD", "AUD", "JPY", "INR", "BRL")


def currency_of(draft: Draft, frame: pl.DataFrame, signs: Mapping[str, pl.Series]) -> pl.Series:
    """The code of each row, null where only the person can tell (and then asks).

    `signs` are the currency signs found in the cells of each money column.
    """
    height = frame.height
    found = pl.Series([None], dtype=pl.String).new_from_index(0, height)
    unsure: list[str] = []
    if draft.has("currency"):
        cells = frame[draft.columns["currency"]].str.strip_chars().str.to_uppercase()
        codes = {text: code for text in cells.unique().to_list() if (code := _single(text, unsure))}
        found = cells.replace_strict(codes, default=None, return_dtype=pl.String)
    for column in signs.values():
        tokens = {
            token: code for token in column.unique().to_list() if token and (code := _single(token, unsure))
        }
        if tokens:
            found = found.fill_null(column.replace_strict(tokens, default=None, return_dtype=pl.String))
    for sign in _outside(draft):
        if code := _single(sign, unsure):
            found = found.fill_null(code)
    if draft.answers.currency:
        found = found.fill_null(draft.answers.currency.upper())
    if height and found.null_count():
        _ask(draft, unsure)
    return found


def _single(token: str, unsure: list[str]) -> str | None:
    """The one currency that a token means; an ambiguous sign is remembered for the question."""
    meant = (token,) if is_code(token) else candidates(token)
    if len(meant) > 1:
        unsure.extend(code for code in meant if code not in unsure)
        return None
    return meant[0] if meant else None


def _outside(draft: Draft) -> list[str]:
    """Signs in headers, then those in number formats: money columns only."""
    formats = draft.raw.sheet.money_formats
    columns = [
        draft.columns[name]
        for name in ("spend", "conversion_value", "cpc", "order_total", "net")
        if draft.has(name)
    ]
    styled = [
        formats[int(column[1:])] for column in columns if column[1:].isdigit() and int(column[1:]) in formats
    ]
    return [*draft.signs.values(), *styled]


def _ask(draft: Draft, unsure: list[str]) -> None:
    if any(question.kind == "currency" for question in draft.table.questions):
        return
    home = _HOME.get(draft.language)
    suggestion = unsure[0] if unsure else home
    options = tuple(unsure) if unsure else COMMON
    draft.table.questions.append(
        Question("currency", "Which currency is the money in this file in?", options, suggestion)
    )


def settle(draft: Draft, codes: pl.Series) -> None:
    """The table's one currency; a note when there are several."""
    distinct = sorted(code for code in codes.drop_nulls().unique().to_list())
    if len(distinct) == 1:
        draft.table.currency = distinct[0]
    elif distinct:
        draft.table.notes.append(
            f"Rows are in {len(distinct)} currencies ({', '.join(distinct)}); each keeps its own."
        )
