"""Numbers that only one platform has, kept beside the metrics as JSON in `more`.

Censored cells (`<5`, `< 10%`) are kept there as text: the metric itself stays empty, never rounded.
"""

from __future__ import annotations

import polars as pl

from spreadsheets.drafts import Draft
from spreadsheets.meanings import DIMENSIONS, METRICS, RATIOS
from spreadsheets.numbers import Numbers, parse, split_signs, tidy

EXTRA = "more:"
TEXT = "text:"
_KEPT_TEXTS = frozenset(
    {"result_type", "results_type", "match_type", "objective", "campaign_type", "attribution_setting"}
)
_UNKEPT = frozenset(
    {
        "status_text",
        "starts_only",
        "spend_converted",
        "currency_converted",
        "position",
        "spend_micro",
        "column",
        "year",
    }
)
_EXTRA_LIMIT = 80  # a hundred columns of custom metrics help nobody


def pack_extras(
    draft: Draft, frame: pl.DataFrame, numbers: dict[str, Numbers], sign: str
) -> tuple[dict[str, pl.Series], dict[str, pl.Series]]:
    """Extra numeric columns ("more:name") and extra texts ("text:name"), by column name."""
    found: dict[str, pl.Series] = {}
    texts: dict[str, pl.Series] = {}
    for meaning, column in [*draft.columns.items(), *draft.unknown.items()][: _EXTRA_LIMIT * 2]:
        if meaning in METRICS or meaning in DIMENSIONS or meaning in RATIOS or meaning in _UNKEPT:
            continue
        cells = tidy(frame[column])
        if meaning in _KEPT_TEXTS:
            texts[TEXT + meaning] = cells
        elif (values := _numeric(cells, sign)) is not None and len(found) < _EXTRA_LIMIT:
            found[EXTRA + meaning] = values
    for meaning, number in numbers.items():
        if number.censored.any():
            cells = tidy(frame[draft.columns[meaning]])
            texts[f"{TEXT}{meaning}_censored"] = pl.select(
                pl.when(number.censored).then(cells).otherwise(pl.lit(""))
            ).to_series()
    return found, texts


def _numeric(cells: pl.Series, sign: str) -> pl.Series | None:
    """The column's numbers, or None when it mostly holds text or nothing."""
    sample = cells.head(2_000)
    if not sample.str.contains(r"\d").any():
        return None
    number = parse(split_signs(sample)[0], sign)
    filled = len(sample) - number.values.null_count()
    if not filled or int(number.bad.sum()) * 10 > filled:
        return None
    return parse(split_signs(cells)[0], sign).values


def as_json(frame: pl.DataFrame, numbers: list[str], texts: list[str]) -> pl.Series:
    """One JSON object a row; "" where a row has no extras."""
    parts = []
    for name in numbers:
        value = pl.col(name).cast(pl.String).str.replace(r"\.?0+$", "")
        value = (
            pl.when(pl.col(name) == pl.col(name).round(0))
            .then(pl.col(name).cast(pl.Int64, strict=False).cast(pl.String))
            .otherwise(value)
        )
        parts.append(pl.lit(f"{_quoted(name.removeprefix(EXTRA))}: ") + value)
    for name in texts:
        plain = (
            pl.col(name).str.replace_all("\\", "\\\\", literal=True).str.replace_all('"', '\\"', literal=True)
        )
        plain = plain.str.replace_all(r"[\x00-\x1f]", " ")
        parts.append(
            pl.when(pl.col(name).fill_null("") != "").then(
                pl.lit(f'{_quoted(name.removeprefix(TEXT))}: "') + plain + pl.lit('"')
            )
        )
    if not parts:
        return pl.Series([""], dtype=pl.String).new_from_index(0, frame.height)
    joined = pl.concat_str(parts, separator=", ", ignore_nulls=True)
    return frame.select(
        pl.when(joined == "").then(pl.lit("")).otherwise(pl.lit("{") + joined + pl.lit("}"))
    ).to_series()


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
