"""First-party orders: replace the orders of some days of a shop, and keep `shop_daily` and `sales_daily` true.

An order is known by its day and key. What stays the same is not written again; an order that is edited
or refunded is changed in place, one that is no longer there goes, with its lines. A customer is new with
the first order of that key in the whole project: an earlier order that is loaded later takes the "new" to
its own day, in whichever shop it was placed.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy import Connection

from errors import BadInput
from store import copying, merge, order_details, sales, shops, sources
from store.models import orders as orders_table
from store.windows import Loaded

_NOTHING = "Nothing was written."
_TEXTS = ("name", "customer_type", "status", "country", "channel", "medium", "campaign")
_MONEY = ("gross", "discounts", "refunds", "shipping", "taxes", "fees", "net")
_COLUMNS = (
    "day", "order_key", "name", "placed_at", "currency", *_MONEY, "refunded_day", "customer_key", "customer_type",
    "status", "country", "channel", "medium", "campaign", "items",
)  # fmt: skip
_LINES = ("day", "order_key", "line", "sku", "title", "quantity", "price", "discount")
_BLOCK = 20_000


@dataclass(frozen=True)
class Details:
    """Each refund and the visits of the orders of a load: frames with the columns of `order_details`."""

    refunds: pl.DataFrame
    visits: pl.DataFrame


def load_orders(
    connection: Connection,
    project_id: int,
    source_id: int,
    days: Collection[date],
    orders: pl.DataFrame,
    lines: pl.DataFrame | None,
    run_id: int,
    at: datetime,
    *,
    details: Details | None = None,
    only_these: bool = False,
) -> Loaded:
    """Replace the orders that were placed on `days` (in the shop's time zone), and their lines.

    `orders` has the columns of the reader's orders frame (`source` is the sales channel), `lines` those
    of `order_lines` without the day; without `lines` the orders have none, without `details` their refunds
    and visits stay as they are. With `only_these`, other orders of these days stay too. Raises BadInput that
    names the first offender; then nothing was written.
    """
    staged, staged_lines = _checked(orders, set(days)), _checked_lines(lines, orders)
    with connection.begin_nested():
        sources.lock(connection, project_id, source_id)
        sources.lock_orders(connection, project_id)
        place: dict[str, Any] = {"project_id": project_id, "source_id": source_id, "run_id": run_id}
        _stage(connection, "staged_orders", staged, place)
        _stage(connection, "staged_order_lines", staged_lines, place)
        keys = list(zip(staged["day"], staged["order_key"], strict=True))
        place |= {
            "days": sorted(set(days)),
            "at": at,
            "keys": [key for _, key in keys] if only_these else None,
        }
        loaded = _write(connection, place, keys, details)
        for table in ("staged_orders", "staged_order_lines"):
            connection.execute(sa.text(f"DELETE FROM {table} s WHERE {_STAGED}"), place)
        covers = (min(days), max(days)) if days else None
        sources.advance(connection, project_id, source_id, covers, at, wrote=loaded.wrote)
    return loaded


def clear(connection: Connection, project_id: int, source_id: int, run_id: int) -> None:
    """Take all orders of a source away, with what follows from them: who was a new customer elsewhere."""
    days = connection.scalars(
        sa.select(orders_table.c.day)
        .where(orders_table.c.project_id == project_id, orders_table.c.source_id == source_id)
        .distinct()
    ).all()
    if days:
        none = pl.DataFrame(schema=dict.fromkeys(("order_key", "currency"), pl.String) | {"day": pl.Date})
        load_orders(connection, project_id, source_id, days, none, None, run_id, datetime.now(UTC))


# --- checking and staging ------------------------------------------------------------------------


def _checked(orders: pl.DataFrame, days: set[date]) -> pl.DataFrame:
    frame = orders.rename({"source": "channel"}) if "source" in orders.columns else orders
    frame = frame.with_columns(pl.lit(None).alias(name) for name in _COLUMNS if name not in frame.columns)
    zero = pl.lit(0).cast(pl.Decimal(38, 10))
    frame = (
        frame.select(_COLUMNS)
        .with_columns(pl.col(name).cast(pl.Decimal(38, 10)) for name in _MONEY)
        .with_columns(pl.col(name).fill_null(zero) for name in ("gross", "discounts", "refunds"))
        .with_columns(pl.col(name).cast(pl.String).fill_null("") for name in (*_TEXTS, "currency"))
    )
    owed = pl.col("gross") - pl.col("discounts") - pl.col("refunds")
    frame = frame.with_columns(pl.coalesce(pl.col("net"), owed).alias("net"))
    _refuse(frame, pl.col("order_key").is_null(), "order_key", "An order without a key")
    _refuse(frame, pl.col("order_key").is_duplicated(), "order_key", "Two orders with the key")
    _refuse(
        frame,
        ~pl.col("day").is_in(list(days)).fill_null(False),
        "order_key",
        "A day outside of this load has order",
    )
    _refuse(
        frame,
        ~pl.col("currency").str.contains("^[A-Z]{3}$"),
        "order_key",
        "No three-letter currency code has order",
    )
    _refuse(frame, pl.col("net") != owed, "order_key", "Net is not gross − discounts − refunds in order")
    return frame


def _checked_lines(lines: pl.DataFrame | None, orders: pl.DataFrame) -> pl.DataFrame:
    if lines is None or not lines.width:
        return pl.DataFrame(schema=dict.fromkeys(_LINES, pl.String))
    frame = lines.drop("day", strict=False).join(
        orders.select("order_key", "day"), on="order_key", how="left"
    )
    frame = frame.with_columns(pl.lit(None).alias(name) for name in _LINES if name not in frame.columns)
    frame = frame.select(_LINES).with_columns(
        pl.col(name).cast(pl.String).fill_null("") for name in ("sku", "title")
    )
    _refuse(frame, pl.col("day").is_null(), "order_key", "Lines of an order that is not in this load")
    _refuse(
        frame,
        pl.struct("order_key", "line").is_duplicated(),
        "order_key",
        "Two lines with one number in order",
    )
    return frame


def _refuse(frame: pl.DataFrame, wrong: pl.Expr, column: str, what: str) -> None:
    if not (found := frame.filter(wrong).head(1)).is_empty():
        raise BadInput(f"{what}: {found[column][0]}. {_NOTHING}")


def _stage(connection: Connection, table: str, frame: pl.DataFrame, place: dict[str, Any]) -> None:
    extra = {name: pl.lit(value) for name, value in place.items()}
    for part in frame.iter_slices(_BLOCK):
        columns = (*part.columns, *extra)
        copying.send(connection, table, columns, copying.as_csv(part.with_columns(**extra)))


# --- writing -------------------------------------------------------------------------------------

_STAGED = "s.project_id = :project_id AND s.source_id = :source_id AND s.run_id = :run_id"
_OURS = "o.project_id = :project_id AND o.source_id = :source_id"
_SAME = " AND ".join(f"s.{name} = o.{name}" for name in ("project_id", "source_id", "day", "order_key"))
_VALUES = tuple(name for name in _COLUMNS if name not in {"day", "order_key"})
_DIFFERS = " OR ".join((*(f"s.{name} IS DISTINCT FROM o.{name}" for name in _VALUES), "s.lines_differ"))
_REPLACED = (
    "o.day = ANY (CAST(:days AS date[]))"
    " AND (CAST(:keys AS text[]) IS NULL OR o.order_key = ANY (CAST(:keys AS text[])))"
)


def _write(
    connection: Connection, place: dict[str, Any], keys: list[tuple[date, str]], details: Details | None
) -> Loaded:
    merge.plan_for_bulk(connection)
    _mark_lines(connection, place)
    loaded, touched = _compare(connection, place)
    merge.plan_as_usual(connection)
    if details is not None and not loaded.wrote:
        dates = order_details.replace(connection, place, keys, details.refunds, details.visits)
        _refresh(connection, place, {(place["source_id"], day) for day in dates})
    if loaded.removed:
        touched.dates |= order_details.refund_dates(connection, place)
    if loaded.wrote:
        before = shops.first_orders(connection, place["project_id"], touched.customers)
        merge.plan_for_bulk(connection)
        for statement in _STATEMENTS:
            connection.execute(sa.text(statement), place)
        merge.plan_as_usual(connection)
        if details is not None:
            touched.dates |= order_details.replace(connection, place, keys, details.refunds, details.visits)
        after = shops.first_orders(connection, place["project_id"], touched.customers)
        _refresh(connection, place, before | after | touched.days(place["source_id"]))
    return loaded


def _refresh(connection: Connection, place: dict[str, Any], days: Collection[shops.ShopDay]) -> None:
    for roll_up in (shops, sales):
        roll_up.refresh(connection, place["project_id"], days, place["at"])


def _mark_lines(connection: Connection, place: dict[str, Any]) -> None:
    """Note in `staged_orders` which orders do not have the lines that they are to have."""
    names = ", ".join(f"s.{name}" for name in _LINES)
    staged = f"SELECT {names} FROM staged_order_lines s WHERE {_STAGED}"
    stored = f"SELECT {names.replace('s.', 'o.')} FROM order_lines o WHERE {_OURS} AND {_REPLACED}"
    connection.execute(
        sa.text(f"""
        UPDATE staged_orders s SET lines_differ = true WHERE {_STAGED} AND (s.day, s.order_key) IN (
            SELECT day, order_key FROM (({staged} EXCEPT {stored}) UNION ALL ({stored} EXCEPT {staged})) differing)"""),
        place,
    )


def _compare(connection: Connection, place: dict[str, Any]) -> tuple[Loaded, shops.Touched]:
    """What the load will do, and which days and customers it touches."""
    rows = connection.execute(
        sa.text(f"""
        SELECT o.order_key IS NULL AS is_new, s.order_key IS NULL AS is_removed,
               day, o.refunded_day, o.customer_key, s.refunded_day, s.customer_key
        FROM (SELECT * FROM staged_orders s WHERE {_STAGED}) s
        FULL JOIN (SELECT * FROM orders o WHERE {_OURS} AND {_REPLACED}) o USING (project_id, source_id, day, order_key)
        WHERE o.order_key IS NULL OR s.order_key IS NULL OR {_DIFFERS}"""),
        place,
    )
    touched, new, removed, changed = shops.Touched(), 0, 0, 0
    for is_new, is_removed, day, old_refunded_day, old_customer, refunded_day, customer in rows:
        new, removed, changed = new + is_new, removed + is_removed, changed + (not is_new and not is_removed)
        touched.add(day, old_refunded_day, old_customer)
        touched.add(day, refunded_day, customer)
    staged = connection.scalar(sa.text(f"SELECT count(*) FROM staged_orders s WHERE {_STAGED}"), place) or 0
    return Loaded(new, changed, staged - new - changed, removed), touched


_DELETE = f"""
DELETE FROM orders o WHERE {_OURS} AND {_REPLACED}
  AND NOT EXISTS (SELECT 1 FROM staged_orders s WHERE {_STAGED} AND {_SAME})"""

_UPDATE = f"""
UPDATE orders o SET {", ".join(f"{name} = s.{name}" for name in _VALUES)}, run_id = :run_id, extracted_at = :at
FROM staged_orders s WHERE {_STAGED} AND {_OURS} AND {_SAME} AND ({_DIFFERS})"""

_INSERT = f"""
INSERT INTO orders (project_id, source_id, day, order_key, {", ".join(_VALUES)}, run_id, extracted_at)
SELECT :project_id, :source_id, s.day, s.order_key, {", ".join(f"s.{name}" for name in _VALUES)}, :run_id, :at
FROM staged_orders s WHERE {_STAGED} AND NOT EXISTS (
    SELECT 1 FROM orders o WHERE {_OURS} AND {_REPLACED} AND {_SAME})"""

_WITH_OTHER_LINES = f"SELECT s.day, s.order_key FROM staged_orders s WHERE {_STAGED} AND s.lines_differ"

_DELETE_LINES = f"DELETE FROM order_lines o WHERE {_OURS} AND {_REPLACED} AND (o.day, o.order_key) IN ({_WITH_OTHER_LINES})"

_INSERT_LINES = f"""
INSERT INTO order_lines (project_id, source_id, {", ".join(_LINES)})
SELECT :project_id, :source_id, {", ".join(f"l.{name}" for name in _LINES)}
FROM staged_order_lines l
WHERE {_STAGED.replace("s.", "l.")} AND (l.day, l.order_key) IN ({_WITH_OTHER_LINES})"""

_STATEMENTS = (_DELETE, _UPDATE, _INSERT, _DELETE_LINES, _INSERT_LINES)
