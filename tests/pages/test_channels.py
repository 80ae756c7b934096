"""Channels: each kind in its own metrics, by link, for every role, and with nothing to show."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from sandbox import exports
from sandbox.business import Business
from store import db, rates
from tests.opening import text
from tests.pages.links import follow
from tests.syncing.files import bring_in, meta_file

MONDAY = date(2026, 3, 2)


@pytest.fixture
def filled(house):
    with db.instance() as connection:
        rates.ensure(connection)
    business = Business(MONDAY + timedelta(days=6), days=7)
    days = [(MONDAY + timedelta(days=n), "Spring", "10.50", 4) for n in range(7)]
    bring_in(house.project_id, meta_file(days))
    bring_in(house.project_id, exports.shopify(business), "orders.csv")
    bring_in(house.project_id, exports.klaviyo(business), "klaviyo.csv", currency="USD")
    return house


def tiles(found) -> dict[str, str]:
    return {m.label: m.value for m in found.metric}


def test_an_empty_project_says_what_to_do_next(house):
    assert "Nothing here yet" in text(house.open("editor", "channels"))


@pytest.mark.parametrize("role", ["viewer", "editor", "owner"])
def test_advertising_comes_first_and_speaks_of_spend(filled, role):
    found = filled.open(role, "channels", period="All data")
    assert tiles(found)["Spend"] == "€73.50"
    assert "own claim" in text(found)
    assert "Open Meta Ads" in [link.proto.label for link in found.get("page_link")]


def test_email_speaks_of_deliveries_and_lists_its_best_mails(filled):
    found = follow(filled, "viewer", "channels", period="All data", kind="E-mail")
    assert "Delivered" in tiles(found)
    assert "Spend" not in tiles(found)
    assert "Apple Mail Privacy Protection" in text(found)
    assert "E-mails by unique clicks" in text(found)


@pytest.mark.parametrize(
    ("by", "said", "column"),
    [
        ("First-time and returning customers", "First-time", "Customers"),
        ("Countries", "", "Country"),
        ("Products", "before refunds", "Product"),
    ],
)
def test_sales_are_broken_down(filled, by, said, column):
    found = follow(filled, "viewer", "channels", period="All data", kind="Sales", **{"orders-by": by})
    assert "Net sales" in tiles(found)
    tables = [table.value for table in found.dataframe]
    assert any(column in table.columns for table in tables)
    assert said in text(found) + " ".join(str(table) for table in tables)


def test_what_no_order_says_is_told(filled):
    found = follow(
        filled, "viewer", "channels", period="All data", kind="Sales",
        **{"orders-by": "Where orders came from, by tag"},
    )  # fmt: skip
    assert "No order in this period says" in text(found) or found.dataframe


@pytest.mark.parametrize(
    "params",
    [
        {"kind": "Skywriting"},
        {"kind": "Sales", "orders-by": "Moon phase"},
        {"kind": "E-mail", "channels": "Meta Ads"},
        {"period": "Custom dates", "dates": "1990-01-01/2020-01-01"},
        {"period": "Custom dates", "dates": "2090-01-01/2090-02-01"},
        {"currency": "XXX", "compare": "Never"},
    ],
)
def test_a_link_of_nonsense_still_opens_the_page(filled, params):
    found = follow(filled, "viewer", "channels", **params)
    assert found.title[0].value == "Channels"
