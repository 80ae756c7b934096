"""Overview and channel as people with each role see them: with data, without, filtered, and by nonsense links."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import polars as pl
import pytest
import sqlalchemy as sa

from sandbox import exports
from sandbox.business import Business
from store import db, rates
from tests.opening import buttons, text
from tests.pages.links import follow
from tests.syncing.files import bring_in, meta_file

MONDAY = date(2026, 3, 2)


@pytest.fixture
def filled(house):
    with db.instance() as connection:
        rates.ensure(connection)
    bring_in(
        house.project_id, meta_file([(MONDAY + timedelta(days=n), "Spring", "10.50", 4) for n in range(7)])
    )
    bring_in(house.project_id, exports.shopify(Business(MONDAY + timedelta(days=6), days=7)), "orders.csv")
    bring_in(
        house.project_id,
        exports.klaviyo(Business(MONDAY + timedelta(days=6), days=7)),
        "klaviyo.csv",
        currency="USD",
    )
    return house


def tiles(found) -> dict[str, str]:
    return {m.label: m.value for m in found.metric}


@pytest.mark.parametrize("role", ["viewer", "editor", "owner", "admin"])
def test_an_empty_project_says_what_to_do_next_to_those_who_can(house, role):
    found = house.open(role, "overview")
    assert "Nothing here yet" in text(found)
    assert ("Upload a file" in buttons(found)) == (role != "viewer")
    if role == "viewer":
        assert "An editor or owner of the project can upload" in text(found)


@pytest.mark.parametrize("role", ["viewer", "editor", "owner", "admin"])
def test_everybody_in_the_project_sees_the_same_figures(filled, role):
    found = tiles(filled.open(role, "overview", period="All data"))
    assert len(found) == 16
    assert found["Spend"] == "€73.50"
    assert found["Clicks"] == "28"


def test_a_stranger_sees_nothing(filled):
    from tests import accounts, opening

    _, cookie = accounts.sign_in(accounts.add("stranger@example.com"))
    found = opening.page(filled.monkeypatch, cookie, "overview", project=str(filled.project_id))
    assert not found.metric
    assert "no such project" in text(found)


def test_filters_come_from_the_link(filled):
    found = filled.open(
        "viewer", "overview", period="All data", currency="USD", compare="Nothing", channels="Meta Ads"
    )
    assert "amounts in USD" in text(found)
    assert "compared with" not in text(found)
    assert tiles(found)["Spend"].startswith("$")


def test_a_link_shows_figures_as_they_stood(filled):
    with db.project(filled.project_id) as connection:
        for table in ("source_daily", "shop_daily"):
            connection.execute(sa.text(f"UPDATE {table} SET since = '2026-05-01'"))
    then = filled.open("viewer", "overview", period="All data", **{"as-of": "2026-05-01"})
    assert tiles(then)["Spend"] == "€73.50"
    assert "as it stood at the end of 01 May 2026" in text(then)
    before = filled.open("viewer", "overview", period="All data", **{"as-of": "2026-04-29"})
    assert not before.metric


@pytest.mark.parametrize("day", ["soon", "9999-12-31", ""])
def test_a_day_that_cannot_be_shows_figures_as_they_stand(filled, day):
    assert tiles(filled.open("viewer", "overview", period="All data", **{"as-of": day}))["Spend"] == "€73.50"


def test_a_link_with_nonsense_still_opens(filled):
    found = filled.open(
        "viewer", "overview", period="Yesteryear", currency="XYZ", compare="7", channels="Nobody", dates="x"
    )
    assert len(found.metric) == 16


def test_a_period_without_data_says_so(filled):
    found = filled.open("viewer", "overview", period="Last 7 days")
    assert "No figures for this view" in text(found)
    assert "cover" in text(found)


@pytest.mark.parametrize("channel", ["Meta Ads", "Klaviyo"])
def test_a_channel_shows_its_own_metrics(filled, channel):
    found = filled.open("viewer", "channel", period="All data", channel=channel)
    shown = tiles(found)
    assert ("Spend" in shown) == (channel == "Meta Ads")
    assert ("Delivered" in shown) == (channel == "Klaviyo")
    assert len(found.dataframe[-1].value) >= 1


def test_the_channel_that_a_page_opens_with_stands_in_the_link(filled):
    found = filled.open("viewer", "channel", period="All data")
    assert found.query_params["channel"] == "Klaviyo"
    assert found.selectbox(key="channel").value == "klaviyo"
    found.selectbox(key="channel").set_value(None).run()
    assert not found.exception
    assert "Delivered" in tiles(found)


def test_a_channel_without_data_says_what_to_do(house):
    assert "Nothing here yet" in text(house.open("editor", "channel"))


def test_ad_groups_are_added_up_from_ads(house):
    bring_in(house.project_id, exports.tiktok_ads(Business(MONDAY + timedelta(days=6), days=7)), "tiktok.csv")
    ads = house.open("viewer", "channel", period="All data", currency="GBP", level="Ads").dataframe[-1].value
    groups = (
        house.open("viewer", "channel", period="All data", currency="GBP", level="Ad groups")
        .dataframe[-1]
        .value
    )
    assert sorted(groups["Name"]) == ["Catalogue", "Outdoor interest"]
    assert Decimal(str(groups["spend"].sum())).quantize(Decimal("0.01")) == Decimal(
        str(ads["spend"].sum())
    ).quantize(Decimal("0.01"))


def test_downloads_hold_the_table_and_what_it_shows(filled):
    """The functions behind the buttons, since a test app does not press them."""
    from reports import exports as downloads
    from reports import overview
    from reports.view import View

    view = View(MONDAY, MONDAY + timedelta(days=6), "EUR")
    with db.project(filled.project_id) as connection:
        found = overview.overview(connection, filled.project_id, view, "order_day")
    sheet = downloads.Sheet(
        "Channels",
        {"Channel": ["=cmd()", "Total"]},
        [found.paid[0].now, found.paid_total],
        ("spend", "cpc"),
        "EUR",
    )
    lines = downloads.as_csv(sheet).decode("utf-8-sig").splitlines()
    assert lines[0] == "Channel,Spend (EUR),CPC (EUR)"
    assert lines[1] == "'=cmd(),73.5,2.625"
    book = pl.read_excel(
        downloads.as_xlsx(sheet, view, "Shop", "Europe/Berlin"), sheet_id=0, engine="calamine"
    )
    assert list(book) == ["Channels", "About"]
    about = dict(book["About"].rows())
    assert about["Currency"].startswith("EUR")
    assert "ratio" in about["CPC"]
    assert about["Period"] == "2026-03-02 to 2026-03-08"


def test_a_period_in_which_orders_begin_later_than_spend_says_so(filled):
    early = [(MONDAY - timedelta(days=n), "Spring", "10.50", 4) for n in range(1, 8)]
    bring_in(filled.project_id, meta_file(early), account="Before")
    week = [str(MONDAY), str(MONDAY + timedelta(days=6))]
    whole, later = {"period": "All data"}, {"period": "Custom dates", "dates": week}
    opened = {
        "overview": filled.open("viewer", "overview", **whole),
        "roi": follow(filled, "viewer", "roi", **whole),
    }
    for found in opened.values():
        assert "Orders are known from 2 Mar 2026 on only" in text(found)
    assert "Orders are known" not in text(follow(filled, "viewer", "roi", **later))
