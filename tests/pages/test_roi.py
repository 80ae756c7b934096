"""The ROI page: with data, without, for each role, with and without costs, and by nonsense links."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from reports import costs
from sandbox import exports
from sandbox.business import Business
from store import db, definitions, rates
from tests.opening import buttons, press, text
from tests.pages.links import follow
from tests.syncing.files import bring_in, meta_file

MONDAY = date(2026, 3, 2)
COSTS = {"currency": "EUR", "periods": [{"since": "2026-01-01", "goods": "40", "shipping_each": "4.90"}]}


@pytest.fixture
def filled(house):
    with db.instance() as connection:
        rates.ensure(connection)
    rows = [(MONDAY + timedelta(days=n), name, "10", 4) for n in range(7) for name in ("Spring", "Brand")]
    bring_in(house.project_id, meta_file(rows))
    bring_in(house.project_id, exports.google_ads(Business(MONDAY + timedelta(days=6), days=7)), "google.csv")
    bring_in(house.project_id, exports.shopify(Business(MONDAY + timedelta(days=6), days=7)), "orders.csv")
    return house


def show(house, role="viewer", **params):
    return follow(house, role, "roi", **{"period": "All data", **params})


def tiles(found) -> dict[str, str]:
    return {tile.label: tile.value for tile in found.metric}


def number(found, label: str):
    return next(n for n in found.number_input if n.label.startswith(label))


@pytest.mark.parametrize("role", ["viewer", "editor", "owner", "admin"])
def test_an_empty_project_says_what_to_do_next(house, role):
    assert "Nothing here yet" in text(house.open(role, "roi"))


@pytest.mark.parametrize("role", ["viewer", "editor", "owner", "admin"])
def test_claim_and_shop_stand_side_by_side_and_costs_are_asked_for(filled, role):
    found = show(filled, role)
    assert {"Spend", "Net sales", "MER", "ROAS (platform)", "Over-claim ratio", "CAC (blended)"} <= set(
        tiles(found)
    )
    assert "POAS" not in tiles(found)
    assert "need to know what selling costs" in text(found)
    assert list(found.dataframe[0].value["Channel"])[-1] == "Total"
    assert len(found.get("plotly_chart")) == 2


def test_an_editor_sets_costs_and_profit_appears(filled):
    found = show(filled, "editor")
    number(found, "Cost of goods").set_value(40.0)
    number(found, "Shipping per order").set_value(4.9)
    found = press(found, "Save costs")
    assert "The costs are saved" in text(found)
    assert {"POAS", "Break-even ROAS", "Gross margin", "Contribution margin"} <= set(tiles(found))
    with db.project(filled.project_id) as connection:
        kept = definitions.current(connection, filled.project_id, costs.KIND).content
    assert kept["periods"] == [
        {"since": "2026-03-02", "goods": "40", "shipping_share": "0", "fee_share": "0", "shipping_each": "4.9000",
         "fee_each": "0.0000", "other_each": "0.0000"}
    ]  # fmt: skip


def test_a_removed_line_can_be_brought_back(filled):
    costs.save(filled.people["owner"], filled.project_id, COSTS, seen=0)
    found = press(show(filled, "editor"), "Remove line")
    assert "POAS" not in tiles(found)
    found = press(found, "Bring back")
    assert "POAS" in tiles(found)


def test_the_margin_is_drawn_and_what_it_lacks_is_said(filled):
    costs.save(filled.people["owner"], filled.project_id, COSTS, seen=0)
    found = show(filled)
    assert "after all costs and advertising" in text(found)
    assert len(found.get("plotly_chart")) == 3
    assert "The margin has only that spend taken off" in text(show(filled, channels=["Meta Ads"]))
    later = {"currency": "EUR", "periods": [{"since": "2026-03-05", "goods": "40"}]}
    costs.save(filled.people["owner"], filled.project_id, later, seen=1)
    assert "this period begins earlier" in text(show(filled))


def test_a_viewer_sees_costs_and_cannot_change_them(filled):
    costs.save(filled.people["owner"], filled.project_id, COSTS, seen=0)
    found = show(filled)
    assert "An editor or owner of the project can set them" in text(found)
    assert not {"Save costs", "Remove line", "Bring back"} & set(buttons(found))


def test_costs_stored_by_an_earlier_version_do_not_break_the_page(filled):
    definitions.save(
        filled.people["editor"], filled.project_id, costs.KIND, {"periods": [7, {"goods": 3}]}, seen=0
    )
    assert "need to know what selling costs" in text(show(filled, "editor"))


def test_orders_without_tags_leave_the_shop_side_unknown_in_words(filled):
    said = text(show(filled))
    assert "No order of this period carries the tag" in said or "Of net sales," in said
    assert "not told apart by campaign" in text(show(filled, campaigns=["Spring"]))


def test_a_link_with_nonsense_still_opens(filled):
    found = show(filled, currency="XYZ", channels="no", campaigns="?", compare="z", **{"as-of": "soon"})
    assert "Spend" in tiles(found)


def test_impossible_and_empty_periods_say_so(filled):
    assert "longer than twelve years" in text(
        show(filled, period="Custom dates", dates=["2016-04-01", "2035-01-01"])
    )
    assert "No figures for this view" in text(
        show(filled, period="Custom dates", dates=["2035-01-01", "2035-01-31"])
    )
