"""Saved views: kept from any dashboard, opened again, shared, pinned, removed and taken back."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from store import db, rates, views
from store.models import views as table
from tests.opening import buttons, press, text
from tests.pages.links import follow
from tests.syncing.files import bring_in, meta_file

MONDAY = date(2026, 3, 2)


@pytest.fixture
def filled(house):
    with db.instance() as connection:
        rates.ensure(connection)
    bring_in(house.project_id, meta_file([(MONDAY + timedelta(days=n), "Spring", "2", 4) for n in range(7)]))
    return house


def kept(house, role="editor", name="Weekly", page="explore", shared=True, **params) -> int:
    given = {key: [value] if isinstance(value, str) else value for key, value in params.items()}
    return views.save(house.people[role], house.project_id, name, page, given, shared=shared)


@pytest.mark.parametrize("role", ["viewer", "editor", "owner", "admin"])
def test_without_views_it_says_how_to_make_one(house, role):
    assert "No saved views yet" in text(house.open(role, "views"))


@pytest.mark.parametrize("page", ["overview", "channel", "campaigns", "compare", "explain", "explore"])
def test_every_dashboard_can_be_saved_with_its_filters(filled, page):
    found = press(follow(filled, "viewer", page, period="All data", currency="USD"), "Save view")
    found.text_input(key="view-name").set_value("My view")
    found = press(found, "Save")
    assert "is saved" in text(found)
    (one,) = views.listed(filled.people["viewer"], filled.project_id)
    assert (one.page, one.params["currency"], one.params["period"]) == (page, ["USD"], ["All data"])
    assert "project" not in one.params


def test_a_name_that_is_taken_is_told_and_nothing_is_lost(filled):
    kept(filled, "viewer", "My view", shared=False)
    found = press(follow(filled, "viewer", "overview", period="All data"), "Save view")
    found.text_input(key="view-name").set_value("my view")
    assert "already" in text(press(found, "Save"))
    assert len(views.listed(filled.people["viewer"], filled.project_id)) == 1


def test_a_viewer_opens_what_is_shared_and_changes_only_what_is_theirs(filled):
    kept(filled, name="Everybody's")
    kept(filled, "viewer", "Mine", shared=False)
    found = filled.open("viewer", "views")
    assert [s.value for s in found.subheader] == ["Yours", "Shared by others"]
    assert len([label for label in buttons(found) if label == "Remove"]) == 1
    assert not [label for label in buttons(found) if label.startswith("Share")]


def test_an_editor_shares_and_takes_back(filled):
    kept(filled, name="Plan", shared=False)
    found = press(filled.open("editor", "views"), "Share with the project")
    assert "Everybody in the project sees it now" in text(found)
    assert "shared with the project" in text(found)
    assert "only you see it" in text(press(found, "Show it to you alone"))


def test_a_view_is_renamed_removed_and_both_are_taken_back(filled):
    found_id = kept(filled, name="Plan")
    found = filled.open("editor", "views")
    found.text_input(key=f"view-name-{found_id}").set_value("New plan")
    found = press(found, "Rename")
    assert views.listed(filled.people["editor"], filled.project_id)[0].name == "New plan"
    press(found, "Undo")
    assert views.listed(filled.people["editor"], filled.project_id)[0].name == "Plan"
    found = press(filled.open("editor", "views"), "Remove")
    assert "The view is removed" in text(found)
    assert views.listed(filled.people["editor"], filled.project_id) == []
    press(found, "Undo")
    assert [one.name for one in views.listed(filled.people["editor"], filled.project_id)] == ["Plan"]
    found = press(filled.open("editor", "views"), "Remove").run()
    press(found, "Bring back")
    assert [one.name for one in views.listed(filled.people["editor"], filled.project_id)] == ["Plan"]


def test_a_pinned_view_is_drawn_on_the_overview_for_those_who_see_it(filled):
    kept(filled, name="Spend by week", by="Week", metrics="Spend", period="All data")
    press(filled.open("editor", "views"), "Draw it on the overview")
    for role in ("viewer", "editor"):
        found = filled.open(role, "overview", period="All data")
        assert "Pinned" in [s.value for s in found.subheader]
        assert "**Spend by week**" in text(found)
    press(filled.open("editor", "views"), "Take it off the overview")
    assert "Pinned" not in [s.value for s in filled.open("viewer", "overview", period="All data").subheader]


@pytest.mark.parametrize(
    "params",
    [
        {"channels": ["Fax", "Meta Ads"]}, {"metrics": ["Happiness"]}, {"by": ["Moon"], "chart": ["Pie"], "top": ["-1"]},
        {"period": ["Custom dates"], "dates": ["1900-01-01", "2026-03-08"]}, {"period": ["Custom dates"], "dates": ["x"]},
        {"period": ["Custom dates"], "dates": ["2026-03-08", "2026-03-01"]}, {"formula": ["1 / 0"]}, {"formula": ["("]},
        {"currency": ["XYZ"], "as-of": ["soon"]}, {"campaigns": ["gone"]}, {"chart": ["Table only"]}, {"metrics": []},
    ],
)  # fmt: skip
def test_a_pinned_view_whose_source_is_gone_or_that_is_nonsense_leaves_the_overview_whole(filled, params):
    found_id = kept(filled, name="Odd")
    views.pin(filled.people["editor"], filled.project_id, found_id, True)
    with db.project(filled.project_id) as connection:
        connection.execute(sa.update(table).where(table.c.id == found_id).values(params=params))
    found = filled.open("viewer", "overview", period="All data")
    assert len(found.metric) == 16
    assert "Pinned" in [s.value for s in found.subheader]
    if "Fax" in str(params):
        assert "Fax: no figures in this project" in text(found)


def test_a_view_whose_source_is_gone_opens_and_says_what_is_missing(filled):
    found = follow(filled, "viewer", "channel", channel="TikTok Ads", period="All data")
    assert "TikTok Ads" in text(found)
    assert found.metric
    found = follow(filled, "viewer", "compare", what="Two periods", of="Fax", period="All data")
    assert "Fax" in text(found)


def test_a_view_of_a_page_that_is_gone_says_so(filled):
    kept(filled, name="Old", page="weather")
    assert "the page Weather is not in this version" in text(filled.open("viewer", "views"))
