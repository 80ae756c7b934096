"""Sales along a dimension: values add up to the shop's totals, in one currency, under either refund policy."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest

from errors import BadInput
from reports import overview, sales
from reports.view import Compare, View
from store import db, rates
from store.sales import DIMENSIONS
from tests.store.test_orders import DAYS, Shop, line, lines, order, shop_ids

__all__ = ["shop_ids"]


@pytest.fixture
def shop(shop_ids, database) -> Iterator[Shop]:
    with db.instance() as connection:
        rates.ensure(connection)
    with db.project(shop_ids[0]) as connection:
        yield Shop(connection, *shop_ids)


def by(shop: Shop, dimension: str, policy: str = "order_day", **parts: object) -> dict[str, sales.Sold]:
    found = sales.by(shop.connection, shop.project, _view(**parts), policy, dimension)
    return {sold.value: sold for sold in found}


def _view(currency: str = "EUR", **parts: object) -> View:
    return View(DAYS[1], DAYS[3], currency, Compare.PREVIOUS, **parts)


def _fill(shop: Shop) -> None:
    week = timedelta(weeks=1)
    before = DAYS[1] - week
    shop.put(
        order("0", before, 40, country="DE"), order("1", DAYS[1], 100, country="DE", customer_key="k"),
        order("2", DAYS[2], 60, country="FR", refunds=Decimal(10), refunded_day=DAYS[3], currency="USD"),
        order("3", DAYS[3], 7, customer_key="k"),
        days=[before, *DAYS], of=lines(line("1", quantity=2), line("3", title="Cap")),
    )  # fmt: skip


def test_values_stand_by_size_each_beside_the_period_before(shop):
    _fill(shop)
    found = by(shop, "country")
    assert next(iter(found)) == "DE"
    assert (found["DE"].now["revenue_net"], found["DE"].before["revenue_net"]) == (100, 40)
    assert found["FR"].before == {}
    kinds = by(shop, "customer")
    assert (kinds["new"].now["orders"], kinds["returning"].now["orders"], kinds["unknown"].now["orders"]) == (
        1,
        1,
        1,
    )


def _total(found: dict[str, sales.Sold], name: str) -> Decimal:
    return sum((sold.now[name] or Decimal(0) for sold in found.values()), Decimal(0))


@pytest.mark.parametrize("policy", ["order_day", "refund_day"])
@pytest.mark.parametrize("currency", ["EUR", "USD"])
@pytest.mark.parametrize("dimension", [d for d in DIMENSIONS if d != "product"])
def test_the_values_of_a_dimension_add_up_to_the_shops_totals(shop, dimension, currency, policy):
    _fill(shop)
    whole = overview.overview(shop.connection, shop.project, _view(currency), policy).shops[0].now
    found = by(shop, dimension, policy, currency=currency)
    for name in ("orders", "revenue_gross", "discounts", "refunds", "revenue_net", "new_customers"):
        assert _total(found, name) == (whole[name] or 0), name


def test_products_have_sales_and_items_but_no_refunds(shop):
    _fill(shop)
    shirt = by(shop, "product")["Shirt"].now
    assert (shirt["items"], shirt["revenue_gross"]) == (2, 18)
    assert "revenue_net" not in shirt


def test_the_course_has_every_day_and_gaps_stay_gaps(shop):
    _fill(shop)
    found = sales.course(shop.connection, shop.project, _view(), "order_day", "country")
    assert found["DE"] == [(DAYS[1], 100), (DAYS[2], None), (DAYS[3], None)]


def test_unknown_words_are_refused(shop):
    with pytest.raises(BadInput, match="weather"):
        by(shop, "weather")
    with pytest.raises(BadInput, match="spend"):
        sales.course(shop.connection, shop.project, _view(), "order_day", "country", "spend")
    assert by(shop, "country") == {}


def test_channels_of_the_view_choose_the_shops(shop):
    _fill(shop)
    found = sales.by(shop.connection, shop.project, _view(), "order_day", "country", ("woocommerce",))
    assert found == []
