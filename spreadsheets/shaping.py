"""From a draft to the normalised metrics frame: one column a metric, one row an entity and day."""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from spreadsheets import money, periods
from spreadsheets.checking import add_up, check
from spreadsheets.conversion import convert, header_of, sign_of, text_of
from spreadsheets.currencies import is_code
from spreadsheets.drafts import Draft
from spreadsheets.extras import pack_extras
from spreadsheets.meanings import (
    AMOUNTS,
    COUNTS,
    ENTITY_COLUMNS,
    IDS,
    ITEMS,
    MONEY,
    SEGMENTS,
    breakdown_of,
    grain_of,
)
from spreadsheets.merging import merge_repeats
from spreadsheets.numbers import EXACT, Numbers, parse, split_signs, tidy
from spreadsheets.problems import Problems
from spreadsheets.segments import OWN_CHANNEL, segment_column
from spreadsheets.totals import part
from spreadsheets.understanding import Question

_LOST_ID = r"^\d(?:[.,]\d+)?[eE]\+?\d+$"
_MICRO = Decimal(1_000_000)


def shape_metrics(draft: Draft) -> None:
    """Fills the draft's table: frame, totals, problems, questions and notes."""
    parted = part(draft)
    frame = parted.data
    table = draft.table
    problems = Problems(table, frame["row"])
    days = periods.days_of(draft, frame)
    if days.bad is not None:
        cells = frame[_day_column(draft)] if frame.height else frame["row"].cast(pl.String)
        problems.add(days.bad, days.column, cells, days.reasons, "not a date")
    sign = sign_of(draft, frame)
    numbers, signs = convert(draft, frame, sign, problems)
    built = _names(draft, frame, problems)
    columns = {
        "row": frame["row"],
        "day": days.first,
        "days": days.length,
        "currency": _currency(draft, frame, numbers, signs),
        **built,
        "segment": segment_column(draft, frame, days.hour),
        **_metrics(draft, numbers),
    }
    extras, censored = pack_extras(draft, frame, numbers, sign)
    good = pl.DataFrame(columns | extras | censored).filter(~problems.bad)
    problems.close()
    _describe(draft, good)
    add_up(draft, good)
    check(draft, parted, sign)
    table.frame = merge_repeats(good, list(extras), list(censored), table)


def _day_column(draft: Draft) -> str:
    for meaning in (
        "hourly",
        "day",
        "week",
        "month",
        "quarter",
        "year",
        "nth_day",
        "nth_week",
        "nth_month",
        "starts_only",
    ):
        if draft.has(meaning):
            return draft.columns[meaning]
    return draft.columns.get("starts", "row")


def _names(draft: Draft, frame: pl.DataFrame, problems: Problems) -> dict[str, pl.Series]:
    built: dict[str, pl.Series] = {}
    for meaning in ENTITY_COLUMNS:
        if draft.has(meaning):
            built[meaning] = text_of(frame[draft.columns[meaning]])
            if meaning in IDS:
                built[meaning] = _ids(draft, frame, meaning, built[meaning], problems)
    account = draft.answers.account or draft.table.account
    if account and "account" not in built:
        built["account"] = pl.Series([account], dtype=pl.String).new_from_index(0, frame.height)
    if draft.platform.slug in OWN_CHANNEL and draft.has("channel"):
        built["channel"] = text_of(frame[draft.columns["channel"]])
    item = next((name for name in ITEMS if draft.has(name)), None)
    if item:
        built["item"] = text_of(frame[draft.columns[item]])
    for meaning in ("status", "status_text"):
        if draft.has(meaning) and "status" not in built:
            built["status"] = text_of(frame[draft.columns[meaning]])
    if draft.has("budget"):
        cells, _ = split_signs(tidy(frame[draft.columns["budget"]]))
        built["budget"] = parse(cells, sign_of(draft, frame)).values
    return built


def _ids(draft: Draft, frame: pl.DataFrame, meaning: str, ids: pl.Series, problems: Problems) -> pl.Series:
    """Ids as text; those that a spreadsheet program has rounded are left out and named."""
    column = draft.columns[meaning]
    ids = ids.str.strip_prefix("'").str.replace(r"^\[(\d+)\]$", "${1}").str.replace(r"^(\d+)\.0$", "${1}")
    lost = ids.str.contains(_LOST_ID).fill_null(False)
    if column[1:].isdigit() and int(column[1:]) in draft.raw.sheet.numeric:
        lost = lost | ids.str.contains(r"^\d{16,}$").fill_null(False)
    if lost.any():
        reason = "an id that a spreadsheet program has rounded: it is left out, the row is kept"
        problems.add(lost, header_of(draft, column), frame[column], {}, reason, drop=False)
    return pl.select(pl.when(lost).then(None).otherwise(ids)).to_series()


def _currency(
    draft: Draft, frame: pl.DataFrame, numbers: dict[str, Numbers], signs: dict[str, pl.Series]
) -> pl.Series:
    none = pl.Series([None], dtype=pl.String).new_from_index(0, frame.height)
    paid = [numbers[name].values for name in MONEY if name in numbers]
    if not paid or not frame.height or draft.platform.no_money:
        named = {sign for sign in draft.signs.values() if is_code(sign)}
        if len(named) == 1 and not draft.platform.no_money:
            draft.table.currency = named.pop()
        return none
    zero_only = all(bool((values.fill_null(0) == 0).all()) for values in paid)
    codes = (
        money.currency_of(draft, frame, signs)
        if not zero_only or draft.has("currency") or draft.signs
        else none
    )
    money.settle(draft, codes)
    return codes


def _metrics(draft: Draft, numbers: dict[str, Numbers]) -> dict[str, pl.Series]:
    """Base metrics in their order, with the platform's fallbacks where the first choice is absent."""
    found = {name: number.values for name, number in numbers.items()}
    for target, sources in draft.platform.fallbacks.items():
        source = next((name for name in sources if name in found), None)
        if target not in found and source:
            found[target] = found[source]
    for target, sources in draft.sums.items():
        present = [found[name] for name in sources if name in found]
        if target not in found and present:
            found[target] = pl.select(pl.sum_horizontal(*present)).to_series()
    if "spend_micro" in found and "spend" not in found:
        found["spend"] = (found["spend_micro"] / _MICRO).cast(EXACT)
    if "position" in found and "impressions" in found:
        found["position_weighted"] = (found["position"] * found["impressions"]).cast(EXACT)
    whole = {name: found[name].cast(pl.Int64) for name in COUNTS if name in found}
    return whole | {name: found[name] for name in AMOUNTS if name in found}


def _describe(draft: Draft, good: pl.DataFrame) -> None:
    """Grain, breakdown, days, account and report of the table."""
    table = draft.table
    unused = {
        name for name in ENTITY_COLUMNS if name in good.columns and good[name].null_count() == good.height > 0
    }
    held = set(draft.columns) - unused
    if draft.has("hourly"):
        held.add("hour")
    table.grain = grain_of(held)
    own = {"channel"} if draft.platform.slug in OWN_CHANNEL else set()
    table.breakdown = breakdown_of({name for name in held if name in SEGMENTS} - own)
    table.rows = good.height
    table.daily = good.height > 0 and bool((good["days"] == 1).all()) and good["day"].null_count() == 0
    if good.height and good["day"].null_count() < good.height:
        lasts = good.select(pl.col("day") + pl.duration(days=pl.col("days").cast(pl.Int64) - 1)).to_series()
        first, last = good["day"].min(), lasts.max()
        table.date_from, table.date_to = first, last  # type: ignore[assignment]
    elif draft.stated:
        table.date_from, table.date_to = draft.stated
    _account(draft, good)


def _account(draft: Draft, good: pl.DataFrame) -> None:
    table = draft.table
    for name in ("account", "account_id"):
        if name in good.columns:
            distinct = good[name].drop_nulls().unique().to_list()
            if len(distinct) == 1:
                setattr(table, name, distinct[0])
    known = table.account or table.account_id or "account" in good.columns or "account_id" in good.columns
    if not known and good.height:
        usual = None if draft.platform.slug in OWN_CHANNEL else draft.platform.label
        table.questions.append(Question("account", "Which account is this from?", (), usual))
