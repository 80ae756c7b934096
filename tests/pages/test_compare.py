"""The compare page: with data, without, for each role, each kind of comparison, and by nonsense links."""

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
    rows = [
        (MONDAY + timedelta(days=n), "Spring" if n < 7 else "Summer", "1" if n < 7 else "3", 4)
        for n in range(14)
    ]
    bring_in(house.project_id, meta_file(rows))
    bring_in(house.project_id, exports.shopify(Business(MONDAY + timedelta(days=13), days=14)), "orders.csv")
    return house


def show(house, role="viewer", **params):
    return follow(
        house, role, "compare", **{"period": "Custom dates", "dates": ["2026-03-09", "2026-03-15"], **params}
    )


def lines(found) -> dict[str, list[str]]:
    frame = found.dataframe[-1].value
    return {row[0]: list(row[1:]) for row in frame.itertuples(index=False)}


@pytest.mark.parametrize("role", ["viewer", "editor", "owner", "admin"])
def test_an_empty_project_says_what_to_do_next(house, role):
    assert "Nothing here yet" in text(house.open(role, "compare"))


@pytest.mark.parametrize("role", ["viewer", "editor", "owner", "admin"])
def test_two_periods_stand_side_by_side(filled, role):
    found = lines(show(filled, role))
    assert found["Spend (EUR)"] == ["€21.00", "€7.00", "+€14.00", "+200.0%", "–"]
    assert found["CPC (EUR)"] == ["€0.75", "€0.25", "+€0.50", "+200.0%", "▼ worse"]
    assert found["Clicks"] == ["28", "28", "±0", "0.0%", "equal"]


def test_the_second_period_is_free_and_unequal_lengths_are_told(filled):
    found = show(filled, against="Custom dates", **{"second-dates": ["2026-03-02", "2026-03-04"]})
    assert "The periods are not equally long" in text(found)
    assert "4 more days" in text(found)
    assert lines(found)["Spend (EUR)"][:2] == ["€21.00", "€3.00"]


def test_two_channels_two_kinds_and_two_campaigns(filled):
    two = show(filled, what="Two channels", **{"first-channels": "Shopify", "second-channels": "Meta Ads"})
    assert lines(two)["Spend (EUR)"][:2] == ["–", "€21.00"]
    kinds = show(filled, what="Two kinds of channel")
    assert lines(kinds)["Spend (EUR)"][:2] == ["€21.00", "–"]
    named = show(filled, what="Two campaigns", period="All data")
    assert lines(named)["Spend (EUR)"] == ["€7.00", "€21.00", "−€14.00", "-66.7%", "–"]


def test_the_same_on_both_sides_says_so(filled):
    found = show(filled, what="Two campaigns", **{"first-campaigns": "Spring", "second-campaigns": "Spring"})
    assert "Both sides are the same" in text(found)


def test_too_few_to_compare_says_so(house):
    bring_in(house.project_id, meta_file([(MONDAY, "Spring", "5", 1)]))
    assert "nothing to compare yet" in text(follow(house, "viewer", "compare", what="Two channels"))


def test_charts_follow_the_link(filled):
    assert "Day by day" in text(show(filled))
    assert len(show(filled, metrics="Spend").get("plotly_chart")) == 1


def test_a_link_with_nonsense_still_opens(filled):
    found = follow(
        filled,
        "viewer",
        "compare",
        what="9",
        of="?",
        period="x",
        against="y",
        dates="z",
        currency="XYZ",
        metrics="no",
    )
    assert found.dataframe
    far = show(filled, dates=["2016-04-01", "2035-01-01"])
    assert "longer than twelve years" in text(far)


def test_a_period_without_figures_says_so(filled):
    assert "No figures for this view" in text(show(filled, dates=["2020-01-01", "2020-01-07"]))


def test_downloads_hold_both_sides(filled):
    """The sheet behind the buttons, since a test app does not press them."""
    from reports import comparison
    from reports import exports as downloads
    from reports.comparison import Subject
    from reports.view import Compare, View
    from ui import comparison as shown

    meta = Subject("channel", "meta_ads")
    a, b = ((meta, View(day, day, "EUR", Compare.NONE)) for day in (MONDAY + timedelta(7), MONDAY))
    with db.project(filled.project_id) as connection:
        found = comparison.comparison(connection, filled.project_id, a, b, "order_day")
    asking = shown.Asking(a, b, ("Later", "Earlier"), ("#000000", "#111111"))
    sheet = shown.sheet(
        "Comparison", found, asking, [[("all days", side.totals)] for side in (found.a, found.b)]
    )
    lines = downloads.as_csv(sheet).decode("utf-8-sig").splitlines()
    assert lines[0].startswith("Side,From,To,Day,Spend (EUR)")
    assert lines[1].startswith("Later,2026-03-09,2026-03-09,all days,3")
    assert lines[2].startswith("Earlier,2026-03-02,2026-03-02,all days,1")
