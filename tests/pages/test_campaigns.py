"""The campaigns page: with data, without, for each role, at every level of the drill, and by nonsense links."""

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
    names = {"SALE_DE": "10.50", "SALE_FR": "2.00", "Brand": "1.00"}
    rows = [(MONDAY + timedelta(days=n), name, spend, 4) for n in range(7) for name, spend in names.items()]
    bring_in(house.project_id, meta_file(rows))
    return house


def show(house, role="viewer", **params):
    return follow(house, role, "campaigns", **{"period": "All data", **params})


def rows(found) -> dict[str, float]:
    frame = found.dataframe[-1].value
    return dict(zip(frame.iloc[:, 0], frame["spend"], strict=True))


@pytest.mark.parametrize("role", ["viewer", "editor", "owner", "admin"])
def test_an_empty_project_says_what_to_do_next(house, role):
    assert "Nothing here yet" in text(house.open(role, "campaigns"))


def test_a_project_without_advertising_says_so(house):
    bring_in(house.project_id, exports.shopify(Business(MONDAY, days=1)), "orders.csv")
    assert "no advertising account yet" in text(house.open("viewer", "campaigns"))


@pytest.mark.parametrize("role", ["viewer", "editor", "owner", "admin"])
def test_platforms_come_first_with_their_total(filled, role):
    assert rows(show(filled, role)) == {"Total of 1": 94.5, "Meta Ads": 94.5}


def test_a_link_opens_a_platform_and_its_campaigns(filled):
    found = show(filled, at="meta_ads")
    assert rows(found) == {"Total of 3": 94.5, "SALE_DE": 73.5, "SALE_FR": 14.0, "Brand": 7.0}
    assert "Meta Ads" in text(found)


def test_campaigns_are_found_by_name_and_status_and_sorted(filled):
    assert list(rows(show(filled, list="Campaigns", find="sale"))) == ["Total of 2", "SALE_DE", "SALE_FR"]
    assert list(rows(show(filled, list="Campaigns", sort="CPC", smallest="true")))[1] == "Brand"
    assert "No name and status here match" in text(show(filled, list="Campaigns", find="winter"))
    assert "No name and status here match" in text(show(filled, list="Campaigns", status="ended"))


def test_campaigns_are_put_together_by_a_part_of_their_name(filled):
    found = show(filled, list="By part of the name", split="_", part="2")
    assert rows(found) == {"Total": 94.5, "DE": 73.5, "FR": 14.0, "Names without this part": 7.0}
    assert "Names without this part spent €7.00, 7.4% of all" in text(found)


def test_the_drill_goes_down_to_ads(house):
    with db.instance() as connection:
        rates.ensure(connection)
    bring_in(house.project_id, exports.tiktok_ads(Business(MONDAY + timedelta(days=6), days=7)), "tiktok.csv")
    from reports import campaigns, places
    from reports.view import View

    with db.project(house.project_id) as connection:
        view, place, totals = View(MONDAY, MONDAY + timedelta(days=6), "EUR"), "", []
        for _ in range(3):
            found = show(house, at=place) if place else show(house, list="Campaigns")
            totals.append(next(iter(rows(found))))
            trail = places.trail(connection, house.project_id, place)
            place = (
                campaigns.listing(connection, house.project_id, view, trail[-1] if trail else None)
                .rows[0]
                .key
            )
    ads = show(house, at=place)
    assert "Nothing below it has figures" in text(ads)
    assert all(name.startswith("Total of") for name in totals)


@pytest.mark.parametrize("at", ["nobody", "1/2", "9/9/9", "'; drop table", "1/-99999999999999999999"])
def test_a_place_that_is_not_there_says_so_and_shows_all_platforms(filled, at):
    found = show(filled, at=at)
    assert "You see all platforms" in text(found)
    assert "Meta Ads" in rows(found)


def test_a_link_with_nonsense_still_opens(filled):
    found = show(
        filled, list="7", sort="x", find="%", part="0", split="?", chart="y", status="z", smallest="q"
    )
    assert "No name and status here match" in text(found)
    assert show(filled, list="7", sort="x", part="-1", split="?", chart="y", status="z").dataframe


def test_a_period_without_figures_says_so(filled):
    assert "No figures for this view" in text(show(filled, period="Last 7 days"))


def test_a_campaign_that_the_filter_leaves_out_says_so(filled):
    from reports import campaigns
    from reports.view import View

    with db.project(filled.project_id) as connection:
        view = View(MONDAY, MONDAY, "EUR")
        brand = campaigns.listing(connection, filled.project_id, view, None).rows[-1]
    assert "leaves this one out" in text(show(filled, at=brand.key, campaigns="SALE_DE"))
    assert "no finer figures" in text(show(filled, at=brand.key))
