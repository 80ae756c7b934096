"""The funnel page: with data, without, for each role, each split, its stages, and by nonsense links."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from reports import stages
from sandbox import exports
from sandbox.business import Business
from store import db, definitions, rates
from tests.opening import buttons, press, text
from tests.pages.links import follow
from tests.syncing.files import bring_in, meta_file

MONDAY = date(2026, 3, 2)


@pytest.fixture
def filled(house):
    with db.instance() as connection:
        rates.ensure(connection)
    rows = [(MONDAY + timedelta(days=n), name, "10", 4) for n in range(7) for name in ("Spring", "Brand")]
    bring_in(house.project_id, meta_file(rows))
    bring_in(house.project_id, exports.shopify(Business(MONDAY + timedelta(days=6), days=7)), "orders.csv")
    return house


def show(house, role="viewer", **params):
    return follow(house, role, "funnel", **{"period": "All data", **params})


def lines(found) -> dict[str, list]:
    frame = next(d.value for d in found.dataframe if "Kind of channel" not in d.value.columns)
    return {row[0]: list(row[1:]) for row in frame.itertuples(index=False)}


def tiles(found) -> dict[str, str]:
    return {tile.label: tile.value for tile in found.metric}


@pytest.mark.parametrize("role", ["viewer", "editor", "owner", "admin"])
def test_an_empty_project_says_what_to_do_next(house, role):
    assert "Nothing here yet" in text(house.open(role, "funnel"))


@pytest.mark.parametrize("role", ["viewer", "editor", "owner", "admin"])
def test_the_stages_stand_with_counts_rates_and_costs(filled, role):
    found = show(filled, role)
    orders = int(Business(MONDAY + timedelta(days=6), days=7).order_counts().sum())
    assert tiles(found)["Awareness"] == "2,800"
    assert tiles(found)["Purchase"] == f"{orders:,}"
    assert tiles(found)["Consideration"] == "–"
    interest = lines(found)["Interest"]
    assert interest[:2] == ["Clicks", 56.0]
    assert 0.02 in interest
    assert 2.5 in interest  # 140 of spend for 56 clicks
    assert "are the shop's orders" in text(found)
    assert "not measured by Meta Ads" in text(found)


def test_a_later_stage_that_counts_more_is_told(filled):
    assert "**Purchase** counts more than Interest" in text(show(filled))


def test_one_kind_ends_in_claims(filled):
    found = show(filled, of="Advertising")
    assert "the platforms' own claims" in text(found)
    assert tiles(found)["Purchase"] == "–"


@pytest.mark.parametrize(
    ("by", "names"),
    [
        ("Channels", ["Meta Ads"]),
        ("Campaigns", ["Brand · Meta Ads", "Spring · Meta Ads"]),
        ("Periods", ["2–8 Mar 2026", "23 Feb – 1 Mar 2026"]),
    ],
)
def test_funnels_stand_side_by_side(filled, by, names):
    found = show(filled, by=by)
    assert list(lines(found)) == names
    assert found.get("plotly_chart")


def test_several_periods_and_the_year_before(filled):
    assert len(lines(show(filled, by="Periods", earlier="6", year="true"))) == 8


@pytest.mark.parametrize(("by", "word"), [("Countries", "country"), ("Devices", "device")])
def test_a_split_that_no_account_brings_says_so(filled, by, word):
    assert f"No account of this view brings figures by {word}" in text(show(filled, by=by))


def test_an_editor_changes_stages_and_brings_the_old_ones_back(filled):
    found = show(filled, "editor")
    box = next(m for m in found.multiselect if m.label == "Interest")
    box.set_value(["link_clicks"])
    found = press(found, "Save stages")
    assert "The stages are saved" in text(found)
    assert tiles(found)["Interest"] == "–"
    found = press(found, "Back to the default")
    assert tiles(found)["Interest"] == "56"
    found = press(found, "Bring back")
    assert "is in force again" in text(found)
    with db.project(filled.project_id) as connection:
        kept = definitions.versions(connection, filled.project_id, stages.KIND)
    assert [one.version for one in kept][-1] == 1
    assert len(kept) == 3


def test_stages_without_any_figure_are_refused_in_words(filled):
    found = show(filled, "editor")
    for box in found.multiselect:
        if box.label in {"Awareness", "Interest", "Consideration", "Purchase"}:
            box.set_value([])
    assert "needs at least one figure" in text(press(found, "Save stages"))


def test_a_viewer_sees_the_stages_and_cannot_change_them(filled):
    found = show(filled)
    assert "An editor or owner of the project can change them" in text(found)
    assert not {"Save stages", "Back to the default"} & set(buttons(found))


def test_stages_stored_by_an_earlier_version_do_not_break_the_page(filled):
    definitions.save(filled.people["editor"], filled.project_id, stages.KIND, {"paid": 7, "fax": []}, seen=0)
    assert tiles(show(filled))["Interest"] == "56"


def test_a_link_with_nonsense_still_opens(filled):
    found = show(filled, of="9", by="?", earlier="-4", year="x", currency="XYZ", channels="no", compare="z")
    assert tiles(found)["Awareness"] == "2,800"
    assert show(filled, by="Periods", earlier="1e9", year="?").dataframe


def test_impossible_and_empty_periods_say_so(filled):
    assert "longer than twelve years" in text(
        show(filled, period="Custom dates", dates=["2016-04-01", "2035-01-01"])
    )
    assert "No figures for this view" in text(
        show(filled, period="Custom dates", dates=["2035-01-01", "2035-01-31"])
    )
