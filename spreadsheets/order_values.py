"""An order's money and moments."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

import polars as pl

from spreadsheets.conversion import header_of
from spreadsheets.dates import NoDay, day_order, read_moment
from spreadsheets.drafts import Draft
from spreadsheets.numbers import EXACT, parse, split_signs, tidy
from spreadsheets.problems import Problems
from spreadsheets.understanding import Question

_AMOUNTS = ("order_total", "net", "subtotal", "discounts", "refunds", "shipping", "taxes", "fees")
_UTC = pl.Datetime("us", "UTC")


def read_amounts(
    draft: Draft, orders: pl.DataFrame, sign: str, problems: Problems
) -> tuple[dict[str, pl.Series], dict[str, pl.Series]]:
    amounts: dict[str, pl.Series] = {}
    signs: dict[str, pl.Series] = {}
    for meaning in _AMOUNTS:
        if not draft.has(meaning):
            continue
        column = draft.columns[meaning]
        cells = tidy(orders[column])
        bare, tokens = split_signs(cells)
        if meaning in ("order_total", "net"):
            signs[meaning] = tokens
        found = parse(bare, sign)
        problems.add(found.bad, header_of(draft, column), cells, found.reasons, "not a number")
        amounts[meaning] = found.values
    if "order_total" in amounts or "net" in amounts:
        name = "order_total" if "order_total" in amounts else "net"
        missing = amounts[name].is_null() & ~problems.bad
        if draft.table.platform != "hubspot":
            column = draft.columns[name]
            problems.add(missing, header_of(draft, column), orders[column], {}, "no amount")
    return amounts, signs


def read_moments(draft: Draft, orders: pl.DataFrame, problems: Problems) -> dict[str, pl.Series]:
    """`placed_at` in UTC and `day` as the file's own clock shows it; refunds get their day."""
    found: dict[str, pl.Series] = {}
    for meaning, target in (("placed_at", "placed_at"), ("refunded_at", "refunded_day")):
        column = draft.columns.get(meaning) or (
            draft.columns.get("paid_at") if meaning == "placed_at" else None
        )
        cells = (
            orders[column].str.strip_chars()
            if column
            else pl.Series([""], dtype=pl.String).new_from_index(0, orders.height)
        )
        moments, days, reasons = _parse_moments(draft, cells)
        if target == "refunded_day":
            found[target] = days
            continue
        found |= {"placed_at": moments, "day": days}
        header = header_of(draft, column) if column else "date"
        problems.add(days.is_null(), header, cells, reasons, "no date")
    return found


def _parse_moments(draft: Draft, cells: pl.Series) -> tuple[pl.Series, pl.Series, dict[str, str]]:
    texts = cells.unique().to_list()
    order = draft.answers.date_order
    if order is None:
        order, certain = day_order(texts, draft.language)
        if not certain and not any(question.kind == "date_order" for question in draft.table.questions):
            draft.table.questions.append(
                Question(
                    "date_order",
                    f"Is {texts[0] or texts[-1]} day/month/year or month/day/year?",
                    ("dmy", "mdy"),
                    order,
                )
            )
    moments: list[datetime | None] = []
    days: list[date | None] = []
    reasons: dict[str, str] = {}
    for text in texts:
        try:
            moment = read_moment(text, order) if text else None
        except NoDay as error:
            reasons[text] = str(error)
            moment = None
        days.append(moment.date() if moment else None)
        moments.append(_utc(moment) if moment else None)
    known = pl.DataFrame(
        {
            "text": pl.Series(texts, dtype=pl.String),
            "moment": pl.Series(moments, dtype=_UTC),
            "day": pl.Series(days, dtype=pl.Date),
        }
    )
    joined = pl.DataFrame({"text": cells}).join(known, on="text", how="left", maintain_order="left")
    return joined["moment"], joined["day"], reasons


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def worth(draft: Draft, orders: pl.DataFrame, amounts: Mapping[str, pl.Series]) -> dict[str, pl.Series]:
    """Gross, discounts, refunds, net and the parts of them."""
    height = orders.height
    zero = pl.Series([Decimal(0)], dtype=EXACT).new_from_index(0, height)
    none = pl.Series([None], dtype=EXACT).new_from_index(0, height)
    total = (
        amounts["order_total"] if "order_total" in amounts else amounts.get("net", zero).fill_null(Decimal(0))
    )
    discounts = amounts.get("discounts", zero).fill_null(Decimal(0)).abs()
    refunds = amounts.get("refunds", zero).fill_null(Decimal(0)).abs()
    refunds = _voided(draft, orders, total, refunds)
    fees = amounts.get("fees", none)
    if draft.has("currency_converted") and draft.has("currency"):
        same = (
            orders[draft.columns["currency_converted"]].str.to_uppercase()
            == orders[draft.columns["currency"]].str.to_uppercase()
        )
        fees = pl.select(pl.when(same).then(fees).otherwise(None)).to_series()
        if draft.has("fees") and not same.all():
            draft.table.notes.append(
                "Fees are in the settlement currency; they are kept only where it is the order's own."
            )
    return {
        "gross": (total + discounts).cast(EXACT),
        "discounts": discounts,
        "refunds": refunds,
        "shipping": amounts.get("shipping", none),
        "taxes": amounts.get("taxes", none),
        "net": (total - refunds).cast(EXACT),
        "fees": fees,
    }


def _voided(draft: Draft, orders: pl.DataFrame, total: pl.Series, refunds: pl.Series) -> pl.Series:
    """A voided order was never paid: it counts as refunded in full, as the shop's own reports do."""
    if draft.table.platform != "shopify" or not draft.has("order_status"):
        return refunds
    voided = orders[draft.columns["order_status"]].str.strip_chars().str.to_lowercase() == "voided"
    count = int(voided.sum())
    if count:
        draft.table.notes.append(f"{count:,} voided orders are kept and count as refunded in full.")
    return pl.select(pl.when(voided).then(total).otherwise(refunds)).to_series()
