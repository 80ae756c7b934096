"""Orders that a connector yields: refunds on their own days, changes merged, customers hashed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from connectors._base import Line, Order, Refund, Visit
from store import db
from store.models import order_lines, order_refunds, order_visits, orders, shop_daily
from tests.syncing import pretend
from tests.syncing.pretend import TODAY, Script, connected, sync

DAY = TODAY - timedelta(5)


def order(key: str, day=DAY, gross: str = "50", customer: str = "gid://1", **more) -> Order:
    placed = datetime.combine(day, time(12), UTC)
    return Order(
        key, f"#{key}", placed, day, "EUR", Decimal(gross), Decimal(0), customer=customer,
        lines=(Line("Tent", "T1", Decimal(1), Decimal(gross)),),
        visits=(Visit("last", placed, "google", "cpc", "spring"),), **more,
    )  # fmt: skip


@pytest.fixture
def place(make_project, monkeypatch) -> tuple[tuple[int, int], Script]:
    script = pretend.install(monkeypatch)
    script.orders = [order("1"), order("2", DAY + timedelta(1)), order("3", customer="gid://2")]
    return (project := make_project(), connected(project, "pretend_shop")), script


def days(place) -> dict:
    s = shop_daily.c
    with db.project(place[0]) as connection:
        query = sa.select(s.day, s.orders, s.new_customers, s.refunds_refund_day, s.refunds_order_day)
        return {row[0]: tuple(row[1:]) for row in connection.execute(query)}


def count(place, table) -> int:
    with db.project(place[0]) as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(table))


def test_orders_come_with_lines_visits_and_a_hashed_customer(place):
    place, _ = place
    assert sync(*place).state == "done"
    assert days(place) == {DAY: (2, 2, 0, 0), DAY + timedelta(1): (1, 0, 0, 0)}
    assert (count(place, order_lines), count(place, order_visits)) == (3, 3)
    with db.project(place[0]) as connection:
        keys = connection.scalars(sa.select(orders.c.customer_key)).all()
    assert all(len(key) == 64 and "gid" not in key for key in keys)


def test_each_refund_counts_on_its_own_day_and_the_other_orders_stay(place):
    place, script = place
    sync(*place)
    back = (Refund("r1", DAY + timedelta(2), Decimal(10)), Refund("r2", DAY + timedelta(3), Decimal(5)))
    script.changed = [replace(order("1"), refunds=back)]
    run = sync(*place)
    assert (run.state, run.result["changed"], run.result["removed"]) == ("done", 1, 0)
    assert days(place) == {
        DAY: (2, 2, 0, 15), DAY + timedelta(1): (1, 0, 0, 0),
        DAY + timedelta(2): (0, 0, 10, 0), DAY + timedelta(3): (0, 0, 5, 0),
    }  # fmt: skip
    assert sync(*place).rows_written == 0
    script.changed = [order("1")]
    sync(*place)
    assert days(place) == {DAY: (2, 2, 0, 0), DAY + timedelta(1): (1, 0, 0, 0)}
    assert count(place, order_refunds) == 0


def test_a_refund_that_moves_to_another_day_is_followed(place):
    place, script = place
    script.orders[0] = replace(
        script.orders[0], refunds=(Refund("r1", DAY, Decimal(10)), Refund("r2", DAY, Decimal(1)))
    )
    sync(*place)
    moved = (Refund("r1", DAY + timedelta(4), Decimal(10)), Refund("r2", DAY + timedelta(4), Decimal(1)))
    script.changed = [replace(script.orders[0], refunds=moved)]
    sync(*place)
    assert days(place)[DAY][2] == 0
    assert days(place)[DAY + timedelta(4)][2] == 11


def test_changed_orders_from_before_the_first_day_read_are_left_out(place):
    place, script = place
    sync(*place)
    script.changed = [order("old", TODAY - timedelta(300))]
    assert sync(*place).rows_written == 0
