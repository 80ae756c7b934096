"""Orders as a connector yields them, brought into the store: customers hashed, refunds and visits kept one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from connectors._base import Batch, Order
from spreadsheets.orders import customer_key
from store import order_details, orders, projects
from store.db import Connection
from store.windows import Loaded

_MONEY = pl.Decimal(38, 10)
_ORDERS: dict[str, Any] = {
    "order_key": pl.String, "name": pl.String, "placed_at": pl.Datetime("us", "UTC"), "day": pl.Date,
    "currency": pl.String, "gross": _MONEY, "discounts": _MONEY, "refunds": _MONEY, "refunded_day": pl.Date,
    "shipping": _MONEY, "taxes": _MONEY, "customer_key": pl.String, "customer_type": pl.String, "status": pl.String,
    "country": pl.String, "channel": pl.String, "medium": pl.String, "campaign": pl.String, "items": pl.Int64,
}  # fmt: skip
_LINES: dict[str, Any] = {
    "order_key": pl.String, "line": pl.Int64, "sku": pl.String, "title": pl.String, "quantity": _MONEY,
    "price": _MONEY, "discount": _MONEY,
}  # fmt: skip
_REFUNDS: dict[str, Any] = {
    "day": pl.Date, "order_key": pl.String, "refund_key": pl.String, "refunded_day": pl.Date, "amount": _MONEY,
}  # fmt: skip
_VISITS: dict[str, Any] = {
    name: pl.Datetime("us", "UTC") if name == "at" else pl.Date if name == "day" else pl.String
    for name in order_details.VISITS
}


def load(
    connection: Connection,
    project_id: int,
    source_id: int,
    pulled: Iterator[Batch],
    days: tuple[date, date],
    run_id: int,
    at: datetime,
) -> Loaded:
    """Replace the orders placed on these days by those pulled."""
    found = [order for batch in pulled for order in batch.orders]
    every = [days[0] + timedelta(n) for n in range((days[1] - days[0]).days + 1)]
    return _put(connection, project_id, source_id, found, every, run_id, at, only_these=False)


def merge(
    connection: Connection,
    project_id: int,
    source_id: int,
    pulled: Iterator[Batch],
    first: date | None,
    run_id: int,
    at: datetime,
) -> Loaded:
    """Give the pulled orders their new version; the others stay. Orders placed before `first` are left out."""
    newest = {order.key: order for batch in pulled for order in batch.orders}
    found = [order for order in newest.values() if first is None or order.day >= first]
    if not found:
        return Loaded(0, 0, 0, 0)
    days = sorted({order.day for order in found})
    return _put(connection, project_id, source_id, found, days, run_id, at, only_these=True)


def _put(
    connection: Connection,
    project_id: int,
    source_id: int,
    found: list[Order],
    days: list[date],
    run_id: int,
    at: datetime,
    *,
    only_these: bool,
) -> Loaded:
    salt = projects.salt(connection, project_id)
    return orders.load_orders(
        connection, project_id, source_id, days,
        pl.DataFrame([_order(order, salt) for order in found], schema=_ORDERS, orient="row"),
        pl.DataFrame(list(_lines(found)), schema=_LINES, orient="row"),
        run_id, at,
        details=orders.Details(
            pl.DataFrame(list(_refunds(found)), schema=_REFUNDS, orient="row"),
            pl.DataFrame(list(_visits(found)), schema=_VISITS, orient="row"),
        ),
        only_these=only_these,
    )  # fmt: skip


def _order(order: Order, salt: str) -> tuple[Any, ...]:
    refunds = sum((refund.amount for refund in order.refunds), Decimal(0))
    refunded = max((refund.day for refund in order.refunds), default=None)
    items = sum((line.quantity or Decimal(0) for line in order.lines), Decimal(0))
    return (
        order.key, order.name, order.placed_at, order.day, order.currency, order.gross, order.discounts, refunds,
        refunded, order.shipping, order.taxes, customer_key(order.customer, salt) if order.customer else None,
        order.customer_type, order.status, order.country, order.channel, order.medium, order.campaign, int(items),
    )  # fmt: skip


def _lines(found: Iterable[Order]) -> Iterator[tuple[Any, ...]]:
    for order in found:
        for n, line in enumerate(order.lines, 1):
            yield order.key, n, line.sku, line.title, line.quantity, line.price, line.discount


def _refunds(found: Iterable[Order]) -> Iterator[tuple[Any, ...]]:
    for order in found:
        for refund in order.refunds:
            yield order.day, order.key, refund.key, refund.day, refund.amount


def _visits(found: Iterable[Order]) -> Iterator[tuple[Any, ...]]:
    for order in found:
        for v in order.visits:
            yield (
                order.day, order.key, v.which, v.at, v.source, v.medium, v.campaign, v.content, v.term,
                v.landing_page, v.referrer,
            )  # fmt: skip
