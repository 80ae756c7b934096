"""Orders, payments and won deals: one row an order, whatever the file repeats.

`net = total − refunded` and `gross = total + discounts`, so gross − discounts − refunds = net;
shipping and taxes are informative parts of it. Mail addresses leave this module only as hashes.
"""

from __future__ import annotations

import hashlib
import re
from decimal import Decimal

import polars as pl

from spreadsheets import money
from spreadsheets.checking import exact_sum
from spreadsheets.conversion import header_of, sign_of, text_of
from spreadsheets.drafts import Draft
from spreadsheets.numbers import EXACT, blank, parse, split_signs, tidy
from spreadsheets.order_states import keep_orders
from spreadsheets.order_values import read_amounts, read_moments, worth
from spreadsheets.problems import Problems
from spreadsheets.totals import part
from spreadsheets.understanding import Question

_MONEY_SLUGS = {
    "gross": "revenue_gross", "discounts": "discounts", "refunds": "refunds", "net": "revenue_net",
    "shipping": "shipping", "taxes": "taxes",
}  # fmt: skip


def shape_orders(draft: Draft) -> None:
    """Fills the draft's table: frame, lines, totals, problems, questions and notes."""
    rows = part(draft).data
    draft.frame = rows = _keyed(draft, rows)
    sign = sign_of(draft, rows)
    orders = keep_orders(draft, _one_row_each(draft, rows))
    problems = Problems(draft.table, orders["row"])
    amounts, signs = read_amounts(draft, orders, sign, problems)
    placed = read_moments(draft, orders, problems)
    frame = pl.DataFrame(
        {
            "row": orders["row"],
            "order_key": orders["order_key"],
            "name": _text(draft, orders, "order_name").fill_null(orders["order_key"]),
            **placed,
            "currency": money.currency_of(draft, orders, signs),
            **worth(draft, orders, amounts),
            "customer_key": _customers(draft, orders),
            **_circumstances(draft, orders),
            "items": _items(draft, orders, rows, sign),
        }
    )
    frame = frame.filter(~problems.bad)
    problems.close()
    money.settle(draft, frame["currency"])
    draft.table.lines = _lines(draft, rows, frame, sign)
    draft.table.frame = frame
    _describe(draft, frame)


def _keyed(draft: Draft, rows: pl.DataFrame) -> pl.DataFrame:
    """Adds `order_key`. Line rows repeat the order's name; what they leave out comes from the row above."""
    names = _cells(draft, rows, "order_name")
    ids = _cells(draft, rows, "order_key")
    if names is not None and draft.has("line_title"):
        group = names.fill_null(strategy="forward")
        frame = rows.with_columns(group.alias("order_key"))
        if ids is not None:
            first = pl.col("_id").drop_nulls().first().over("order_key")
            frame = frame.with_columns(ids.alias("_id")).with_columns(
                first.fill_null(pl.col("order_key")).alias("order_key")
            )
            frame = frame.drop("_id")
        return frame
    key = ids if ids is not None else names
    made = _made_up(draft, rows)
    return rows.with_columns((made if key is None else key.fill_null(made)).alias("order_key"))


def _cells(draft: Draft, rows: pl.DataFrame, meaning: str) -> pl.Series | None:
    if not draft.has(meaning):
        return None
    return text_of(rows[draft.columns[meaning]])


def _made_up(draft: Draft, rows: pl.DataFrame) -> pl.Series:
    """A key for rows without one: a hash of what identifies a payment, numbered where it repeats."""
    told = [
        draft.columns[name]
        for name in (
            "placed_at",
            "order_total",
            "net",
            "currency",
            "customer_id",
            "invoice",
            "payment_intent",
        )
        if draft.has(name)
    ]
    joined = rows.select(
        pl.concat_str(
            [pl.col(name) for name in told] or [pl.col("row").cast(pl.String)], separator="|"
        ).alias("told")
    )
    numbered = joined.with_columns(pl.int_range(pl.len()).over("told").cast(pl.String).alias("nth"))
    texts = numbered.select(pl.concat_str(["told", "nth"], separator="#")).to_series().to_list()
    hashes = [hashlib.sha256(text.encode()).hexdigest()[:24] for text in texts]
    return pl.Series(hashes, dtype=pl.String)


def _one_row_each(draft: Draft, rows: pl.DataFrame) -> pl.DataFrame:
    """The first filled cell of every column, per order."""
    if not rows["order_key"].is_duplicated().any():
        return rows
    cells = [name for name in rows.columns if name.startswith("c")]
    first = [
        pl.col(name).filter(pl.col(name).str.strip_chars() != "").first().fill_null("") for name in cells
    ]
    merged = rows.group_by("order_key", maintain_order=True).agg(pl.col("row").first(), *first)
    if not draft.has("line_title"):
        draft.table.notes.append(
            f"{rows.height - merged.height:,} rows repeat an earlier order; each order counts once."
        )
    return merged


def customer_key(identity: str, salt: str) -> str:
    """What stands for a customer in the store: a salted hash, never the address or id itself."""
    return hashlib.sha256((salt + identity).encode()).hexdigest()


def _customers(draft: Draft, orders: pl.DataFrame) -> pl.Series:
    """A salted hash of the mail address in lower case, else of the platform's customer id."""
    keys = pl.Series([None], dtype=pl.String).new_from_index(0, orders.height)
    for meaning in ("email", "customer_id"):
        if not draft.has(meaning):
            continue
        cells = orders[draft.columns[meaning]].str.strip_chars().str.to_lowercase()
        usable = ~blank(cells) & (cells != "0")
        hashed = {
            text: customer_key(text, draft.answers.salt) for text in cells.filter(usable).unique().to_list()
        }
        keys = keys.fill_null(cells.replace_strict(hashed, default=None, return_dtype=pl.String))
    return keys


def _text(draft: Draft, orders: pl.DataFrame, meaning: str) -> pl.Series:
    cells = _cells(draft, orders, meaning)
    return cells if cells is not None else pl.Series([None], dtype=pl.String).new_from_index(0, orders.height)


def _circumstances(draft: Draft, orders: pl.DataFrame) -> dict[str, pl.Series]:
    source, medium = _text(draft, orders, "source"), _text(draft, orders, "medium")
    if draft.has("attribution"):
        said = {text: _attributed(text) for text in orders[draft.columns["attribution"]].unique().to_list()}
        cells = orders[draft.columns["attribution"]]
        source = source.fill_null(
            cells.replace_strict(
                {text: pair[0] for text, pair in said.items()}, default=None, return_dtype=pl.String
            )
        )
        medium = medium.fill_null(
            cells.replace_strict(
                {text: pair[1] for text, pair in said.items()}, default=None, return_dtype=pl.String
            )
        )
    status = "deal_stage" if draft.has("deal_stage") else "order_status"
    return {
        "status": _text(draft, orders, status).str.to_lowercase(),
        "country": _text(draft, orders, "country"),
        "customer_type": _text(draft, orders, "customer_type").str.to_lowercase().fill_null(""),
        "source": source,
        "medium": medium,
        "campaign": _text(draft, orders, "utm_campaign"),
    }


def _attributed(text: str) -> tuple[str | None, str | None]:
    """`Organic: Google` → ("google", "organic"); `Direct` → ("direct", None)."""
    kind, _, value = (piece.strip().lower() for piece in text.partition(":"))
    if not value:
        return (kind or None), None
    return value, None if kind == "source" else kind


def _items(draft: Draft, orders: pl.DataFrame, rows: pl.DataFrame, sign: str) -> pl.Series:
    if draft.has("line_quantity"):
        quantity = parse(tidy(rows[draft.columns["line_quantity"]]), sign).values.cast(pl.Int32)
        sums = (
            rows.select("order_key")
            .with_columns(quantity.alias("items"))
            .group_by("order_key")
            .agg(pl.col("items").sum())
        )
        return orders.select("order_key").join(sums, on="order_key", how="left", maintain_order="left")[
            "items"
        ]
    if draft.has("items"):
        return parse(tidy(orders[draft.columns["items"]]), sign).values.cast(pl.Int32)
    return pl.Series([None], dtype=pl.Int32).new_from_index(0, orders.height)


def _lines(draft: Draft, rows: pl.DataFrame, kept: pl.DataFrame, sign: str) -> pl.DataFrame | None:
    """The line items of the kept orders."""
    if not draft.has("line_title"):
        return None

    def number(meaning: str) -> pl.Series:
        if not draft.has(meaning):
            return pl.Series([None], dtype=EXACT).new_from_index(0, rows.height)
        return parse(split_signs(tidy(rows[draft.columns[meaning]]))[0], sign).values

    lines = pl.DataFrame(
        {
            "order_key": rows["order_key"],
            "sku": _text(draft, rows, "line_sku"),
            "title": _text(draft, rows, "line_title"),
            "quantity": number("line_quantity"),
            "price": number("line_price"),
            "discount": number("line_discount"),
        }
    ).filter(pl.col("title").is_not_null() | pl.col("sku").is_not_null())
    lines = lines.with_columns((pl.int_range(pl.len()).over("order_key") + 1).cast(pl.Int32).alias("line"))
    lines = lines.join(kept.select("order_key"), on="order_key", how="semi", maintain_order="left")
    return lines.select("order_key", "line", "sku", "title", "quantity", "price", "discount")


def _describe(draft: Draft, frame: pl.DataFrame) -> None:
    table = draft.table
    table.grain, table.daily, table.rows = "order", True, frame.height
    if frame.height:
        table.date_from, table.date_to = frame["day"].min(), frame["day"].max()  # type: ignore[assignment]
    told = {"gross", "net"} | {
        name for name in ("discounts", "refunds", "shipping", "taxes") if draft.has(name)
    }
    if "refunds" not in told and bool((frame["refunds"] != 0).any()):
        told.add("refunds")
    slugs = {column: slug for column, slug in _MONEY_SLUGS.items() if column in told}
    table.totals = {"orders": Decimal(frame.height)}
    codes = frame["currency"].drop_nulls().unique(maintain_order=True).to_list()
    if len(codes) <= 1:
        table.totals |= {slug: exact_sum(frame[column]) for column, slug in slugs.items()}
    else:
        for code in codes:
            part_of = frame.filter(pl.col("currency") == code)
            sums = {slug: exact_sum(part_of[column]) for column, slug in slugs.items()}
            table.totals_by_currency[code] = {"orders": Decimal(part_of.height)} | sums
    if draft.answers.account:
        table.account = draft.answers.account
    elif frame.height:
        table.questions.append(
            Question("account", "Which shop or account is this from?", (), draft.platform.label)
        )
    if re.search(r"\(utc\)", header_of(draft, draft.columns.get("placed_at", "row")), re.IGNORECASE):
        table.time_zone = "UTC"
