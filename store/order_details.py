"""What an order has besides its lines: each refund on its own day, and the shop's first and last visit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy import Connection

REFUNDS = ("day", "order_key", "refund_key", "refunded_day", "amount")
VISITS = (
    "day", "order_key", "which", "at", "source", "medium", "campaign", "content", "term", "landing_page", "referrer",
)  # fmt: skip
_TYPES = {"day": "date", "refunded_day": "date", "amount": "numeric", "at": "timestamptz"}
_KEYS = {"order_refunds": 3, "order_visits": 3}


def replace(
    connection: Connection,
    place: Mapping[str, Any],
    keys: list[tuple[date, str]],
    refunds: pl.DataFrame | None,
    visits: pl.DataFrame | None,
) -> set[date]:
    """Give the orders of these days and keys exactly these details; the days whose refunds or visits changed."""
    of = {"project_id": place["project_id"], "source_id": place["source_id"]}
    before = _stored(connection, of, keys)
    _put(connection, of, "order_refunds", REFUNDS, keys, refunds)
    _put(connection, of, "order_visits", VISITS, keys, visits)
    return {day for day, *_ in before ^ _stored(connection, of, keys)}


def refund_dates(connection: Connection, place: Mapping[str, Any]) -> set[date]:
    """Days of the refunds of orders placed on `place["days"]`: what a load that removes some of them touches."""
    query = sa.text(
        "SELECT DISTINCT r.refunded_day FROM order_refunds r WHERE r.project_id = :project_id"
        " AND r.source_id = :source_id AND r.day = ANY (CAST(:days AS date[]))"
    )
    names = ("project_id", "source_id", "days")
    return set(connection.scalars(query, {name: place[name] for name in names}))


_ORDERS = "SELECT * FROM unnest(CAST(:days AS date[]), CAST(:keys AS text[])) AS k (day, order_key)"


def _stored(connection: Connection, of: dict[str, Any], keys: list[tuple[date, str]]) -> set[tuple[Any, ...]]:
    """What totals by day depend on, each row led by the day on which it counts."""
    ours = (
        f"JOIN ({_ORDERS}) k ON k.day = r.day AND k.order_key = r.order_key"
        " WHERE r.project_id = :project_id AND r.source_id = :source_id"
    )
    query = sa.text(
        f"SELECT r.refunded_day, r.order_key, r.refund_key, r.amount::text, '' FROM order_refunds r {ours}"
        f" UNION ALL SELECT r.day, r.order_key, r.source, r.medium, r.campaign FROM order_visits r {ours}"
        " AND r.which = 'last'"
    )
    values = {**of, "days": [day for day, _ in keys], "keys": [key for _, key in keys]}
    return {tuple(row) for row in connection.execute(query, values)}


def _put(
    connection: Connection,
    of: dict[str, Any],
    table: str,
    columns: tuple[str, ...],
    keys: list[tuple[date, str]],
    frame: pl.DataFrame | None,
) -> None:
    values: dict[str, Any] = {**of, "days": [day for day, _ in keys], "keys": [key for _, key in keys]}
    for name in columns:
        values[f"v_{name}"] = frame[name].to_list() if frame is not None and frame.height else []
    arrays = ", ".join(f"CAST(:v_{name} AS {_TYPES.get(name, 'text')}[])" for name in columns)
    given = f"SELECT * FROM unnest({arrays}) AS g ({', '.join(columns)})"
    primary, rest = columns[: _KEYS[table]], columns[_KEYS[table] :]
    same = " AND ".join(f"g.{name} = t.{name}" for name in primary)
    connection.execute(
        sa.text(
            f"DELETE FROM {table} t USING ({_ORDERS}) k WHERE t.project_id = :project_id"
            " AND t.source_id = :source_id AND k.day = t.day AND k.order_key = t.order_key"
            f" AND NOT EXISTS (SELECT 1 FROM ({given}) g WHERE {same})"
        ),
        values,
    )
    if not values["v_day"]:
        return
    connection.execute(
        sa.text(
            f"INSERT INTO {table} AS t (project_id, source_id, {', '.join(columns)})"
            f" SELECT :project_id, :source_id, {', '.join(f'g.{name}' for name in columns)} FROM ({given}) g"
            f" ON CONFLICT (project_id, source_id, {', '.join(primary)}) DO UPDATE"
            f" SET {', '.join(f'{name} = excluded.{name}' for name in rest)}"
            f" WHERE ({', '.join(f't.{n}' for n in rest)}) IS DISTINCT FROM ({', '.join(f'excluded.{n}' for n in rest)})"
        ),
        values,
    )
