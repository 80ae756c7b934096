"""Orders along a dimension: each order once in every one, true after any sequence of loads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import polars as pl
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from store import db, orders, sales
from store.models import orders as order_table
from store.models import sales_daily, shop_daily
from store.orders import Details
from tests.store.test_orders import AT, DAYS, LATER, Shop, frame, line, lines, loads, order, shop_ids

__all__ = ["shop_ids"]

VISITS = {
    "day": pl.Date, "order_key": pl.String, "which": pl.String, "at": pl.Datetime("us", "UTC"),
    **dict.fromkeys(("source", "medium", "campaign", "content", "term", "landing_page", "referrer"), pl.String),
}  # fmt: skip
REFUNDS = {
    "day": pl.Date, "order_key": pl.String, "refund_key": pl.String, "refunded_day": pl.Date,
    "amount": pl.Decimal(38, 10),
}  # fmt: skip


@pytest.fixture
def shop(shop_ids) -> Iterator[Shop]:
    with db.project(shop_ids[0]) as connection:
        yield Shop(connection, *shop_ids)


def along(connection: Connection, dimension: str, *names: str) -> dict[tuple, tuple]:
    """Sums by day and value; zero rows left out."""
    d = sales_daily.c
    query = sa.select(d.day, d.value, *(d[name] for name in names)).where(d.dimension == dimension)
    return {(r[0], r[1]): tuple(r[2:]) for r in connection.execute(query)}


def test_an_order_counts_once_in_every_dimension(shop):
    shop.put(
        order("1", country="DE", source="Web", medium="CPC", campaign="Spring", customer_key="k", items=2),
        order("2", DAYS[1], country="FR", source="Web", customer_key="k"),
        order("3", DAYS[1], source="POS"),
    )
    assert along(shop.connection, "country", "orders") == {
        (DAYS[0], "DE"): (1,), (DAYS[1], "FR"): (1,), (DAYS[1], ""): (1,),
    }  # fmt: skip
    assert along(shop.connection, "channel", "orders", "items") == {
        (DAYS[0], "Web"): (1, 2), (DAYS[1], "Web"): (1, 0), (DAYS[1], "POS"): (1, 0),
    }  # fmt: skip
    assert along(shop.connection, "customer", "orders", "new_customers", "customers_known") == {
        (DAYS[0], "new"): (1, 1, 1), (DAYS[1], "returning"): (1, 0, 1), (DAYS[1], "unknown"): (1, 0, 0),
    }  # fmt: skip
    assert along(shop.connection, "tag", "orders") == {
        (DAYS[0], "web / cpc / spring"): (1,),
        (DAYS[1], ""): (2,),
    }


def test_products_are_counted_from_the_lines_of_their_orders(shop):
    shop.put(
        order("1"), order("2"),
        of=lines(line("1", quantity=3, discount=Decimal(2)), line("1", 2, title="Cap"), line("2", quantity=None)),
    )  # fmt: skip
    names = ("orders", "items", "revenue_gross", "discounts", "refunds_order_day")
    assert along(shop.connection, "product", *names) == {
        (DAYS[0], "Shirt"): (2, 4, 36, 2, None), (DAYS[0], "Cap"): (1, 1, 9, 0, None),
    }  # fmt: skip


def _details(refunds: list[tuple], visits: list[dict]) -> Details:
    return Details(
        pl.DataFrame(refunds, schema=REFUNDS, orient="row"),
        pl.DataFrame([{name: v.get(name, "") for name in VISITS} | v for v in visits], schema=VISITS),
    )


def test_the_last_visit_names_the_tag_and_a_refund_counts_under_it_on_its_own_day(shop):
    visit = {
        "day": DAYS[0],
        "order_key": "1",
        "at": None,
        "source": "Google",
        "medium": "cpc",
        "campaign": "A",
    }
    first, last = visit | {"which": "first", "source": "news"}, visit | {"which": "last"}
    refund = (DAYS[0], "1", "r", DAYS[2], Decimal(5))

    def put(*visits: dict) -> None:
        made = frame(order("1", refunds=Decimal(5), medium="other"))
        place = (shop.connection, shop.project, shop.ids[0], DAYS, made, None, 1, AT)
        orders.load_orders(*place, details=_details([refund], list(visits)))

    names = ("orders", "refunds_order_day", "refunds_refund_day")
    put(first, last)
    assert along(shop.connection, "tag", *names) == {
        (DAYS[0], "google / cpc / a"): (1, 5, 0), (DAYS[2], "google / cpc / a"): (0, 0, 5),
    }  # fmt: skip
    put(first, last | {"campaign": "B"})
    assert (DAYS[0], "google / cpc / b") in along(shop.connection, "tag", *names)
    assert (DAYS[0], "google / cpc / a") not in along(shop.connection, "tag", *names)


def test_a_customer_who_turns_out_to_be_returning_takes_the_refund_along(shop):
    shop.put(order("9", DAYS[1], customer_key="k", refunds=Decimal(7), refunded_day=DAYS[3]))
    assert along(shop.connection, "customer", "refunds_refund_day")[DAYS[3], "new"] == (7,)
    shop.put(order("1", DAYS[0], customer_key="k"), shop=1)
    found = along(shop.connection, "customer", "refunds_refund_day")
    assert found[DAYS[3], "returning"] == (7,)
    assert (DAYS[3], "new") not in found


def recomputed(rows: list[sa.Row]) -> dict[tuple, tuple]:
    """Orders and money by country, sales channel, tag and kind of customer, in the plainest way."""
    never = datetime.max.replace(tzinfo=UTC)
    ordered = sorted(rows, key=lambda r: (r.day, r.placed_at or never, r.source_id, r.order_key))
    firsts: dict[str, sa.Row] = {}
    for r in ordered:
        firsts.setdefault(r.customer_key, r)
    sums: dict[tuple, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 5)
    for r in rows:
        new = r.customer_key and firsts[r.customer_key] is r
        tag = f"{r.channel} / {r.medium} / {r.campaign}".lower() if r.medium or r.campaign else ""
        kind = "new" if new else "returning" if r.customer_key else "unknown"
        values = {"channel": r.channel, "country": r.country, "tag": tag, "customer": kind}
        for dimension, value in values.items():
            add = (1, r.gross, r.discounts, r.refunds, 0)
            for day, amounts in ((r.day, add), (r.refunded_day or r.day, (0, 0, 0, 0, r.refunds))):
                if any(amounts):
                    key = (r.source_id, dimension, day, value, r.currency)
                    sums[key] = [a + b for a, b in zip(sums[key], amounts, strict=True)]
    return {key: tuple(values) for key, values in sums.items()}


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sequence=st.lists(loads(), min_size=1, max_size=4))
def test_sums_equal_a_recomputation_after_any_sequence_of_loads(shop_ids, sequence):
    d = sales_daily.c
    names = ("orders", "revenue_gross", "discounts", "refunds_order_day", "refunds_refund_day")
    query = sa.select(d.source_id, d.dimension, d.day, d.value, d.currency, *(d[name] for name in names))
    with db.project(shop_ids[0]) as connection:
        shop = Shop(connection, *shop_ids)
        for which, days, rows in sequence:
            shop.put(*rows, days=days, shop=which)
            found = {tuple(r)[:5]: tuple(r)[5:] for r in connection.execute(query)}
            assert found == recomputed(connection.execute(sa.select(order_table)).all())
        connection.rollback()


def test_days_loaded_before_the_table_was_there_are_filled_in(shop):
    shop.put(order("1", country="DE"), order("2", DAYS[1], country="FR"))
    before = along(shop.connection, "country", *sales.SUMS)
    shop.connection.execute(sa.delete(sales_daily))
    sales.complete(shop.connection, shop.project, LATER)
    assert along(shop.connection, "country", *sales.SUMS) == before
    assert shop.connection.scalar(sa.select(sa.func.count()).select_from(shop_daily)) == 2
