"""Saved views: who sees, changes and shares them, what a link may hold, and that removing can be undone."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from errors import BadInput, NotAllowed, NotFound
from store import audit, db, views
from store.models import views as table
from tests import accounts

PARAMS = {"period": ["Last 90 days"], "channels": ["Meta Ads", "Google Ads"]}


@pytest.fixture
def project(make_project) -> int:
    return make_project()


@pytest.fixture
def people(project):
    return {
        role: accounts.join(accounts.add(f"{role}@example.com"), project, role)
        for role in ("viewer", "editor", "owner")
    }


def names(person, project) -> list[str]:
    return [one.name for one in views.listed(person, project)]


def test_a_viewer_keeps_a_private_view_that_nobody_else_sees(project, people):
    found = views.save(people["viewer"], project, "  Weekly   review ", "overview", PARAMS)
    (one,) = views.listed(people["viewer"], project)
    assert (one.id, one.name, one.page, one.params, one.shared) == (
        found,
        "Weekly review",
        "overview",
        PARAMS,
        False,
    )
    assert names(people["owner"], project) == []
    for deed in (views.remove, lambda *a: views.rename(*a, "x"), lambda *a: views.pin(*a, True)):
        with pytest.raises(NotFound):
            deed(people["owner"], project, found)


def test_an_editor_shares_and_a_viewer_only_opens(project, people):
    with pytest.raises(NotAllowed):
        views.save(people["viewer"], project, "All", "overview", {}, shared=True)
    found = views.save(people["editor"], project, "All", "explore", {}, shared=True)
    assert names(people["viewer"], project) == ["All"]
    deeds = (
        views.remove,
        lambda *a: views.rename(*a, "x"),
        lambda *a: views.share(*a, False),
        lambda *a: views.pin(*a, True),
    )
    for deed in deeds:
        with pytest.raises(NotAllowed):
            deed(people["viewer"], project, found)
    views.rename(people["owner"], project, found, "Everything")
    views.share(people["editor"], project, found, False)
    assert (names(people["viewer"], project), names(people["editor"], project)) == ([], ["Everything"])
    own = views.save(people["viewer"], project, "Mine", "explore", {})
    with pytest.raises(NotAllowed):
        views.share(people["viewer"], project, own, True)


def test_a_name_is_used_once_by_a_person_whatever_its_case(project, people):
    views.save(people["viewer"], project, "Weekly", "overview", {})
    views.save(people["editor"], project, "Weekly", "overview", {})
    with pytest.raises(BadInput, match="already"):
        views.save(people["viewer"], project, "weekly", "overview", {})
    other = views.save(people["viewer"], project, "Monthly", "overview", {})
    with pytest.raises(BadInput, match="already"):
        views.rename(people["viewer"], project, other, "WEEKLY")
    assert names(people["viewer"], project) == ["Monthly", "Weekly"]


def test_a_removed_view_comes_back_unless_its_name_is_taken(project, people):
    ann = people["viewer"]
    found = views.save(ann, project, "Weekly", "overview", PARAMS)
    views.remove(ann, project, found)
    assert names(ann, project) == []
    assert [one.name for one in views.removed(ann, project)] == ["Weekly"]
    views.restore(ann, project, found)
    assert views.listed(ann, project)[0].params == PARAMS
    views.remove(ann, project, found)
    views.save(ann, project, "Weekly", "overview", {})
    with pytest.raises(BadInput, match="already"):
        views.restore(ann, project, found)


@pytest.mark.parametrize("name", ["", "   ", "x" * 81])
def test_a_view_needs_a_name_of_1_to_80_characters(project, people, name):
    with pytest.raises(BadInput, match="1 to 80"):
        views.save(people["viewer"], project, name, "overview", {})


@pytest.mark.parametrize(
    "params",
    [
        {"a": ["x" * 501]}, {f"p{n}": ["x"] for n in range(61)}, {"a": ["x" * 400] * 50}, {"a": [1]}, {"a": ["\0"]},
        {"x" * 501: ["a"]},
    ],
)  # fmt: skip
def test_a_link_holds_texts_and_not_too_many(project, people, params):
    with pytest.raises(BadInput, match="more filters"):
        views.save(people["viewer"], project, "Big", "overview", params)


@pytest.mark.parametrize("page", ["", "../account", "Overview", "https://example.com", "x" * 41])
def test_only_pages_are_saved(project, people, page):
    with pytest.raises(BadInput, match="dashboards"):
        views.save(people["viewer"], project, "Odd", page, {})


def test_project_and_invitation_are_no_part_of_a_view(project, people):
    views.save(
        people["viewer"], project, "Weekly", "overview", {**PARAMS, "project": ["7"], "link": ["secret"]}
    )
    assert views.listed(people["viewer"], project)[0].params == PARAMS


@pytest.mark.parametrize("content", [[], "x", 5, {"a": "text", "b": [1, "c"], "d": None}])
def test_what_an_older_version_stored_is_read_as_far_as_it_makes_sense(project, people, content):
    found = views.save(people["viewer"], project, "Old", "overview", {})
    with db.project(project) as connection:
        connection.execute(sa.update(table).where(table.c.id == found).values(params=content))
    assert views.listed(people["viewer"], project)[0].params in ({}, {"b": ["c"]})


def test_pinned_views_stand_on_the_overview_in_an_order_and_not_too_many(project, people):
    ed = people["editor"]
    ids = [views.save(ed, project, f"View {n}", "explore", {}, shared=n != 2) for n in range(7)]
    for one in ids[:6]:
        views.pin(ed, project, one, True)
    views.pin(ed, project, ids[0], True)
    with pytest.raises(BadInput, match="room for 6"):
        views.pin(ed, project, ids[6], True)
    assert [one.name for one in views.pinned(people["viewer"], project)] == [
        "View 0",
        "View 1",
        "View 3",
        "View 4",
        "View 5",
    ]
    views.forward(ed, project, ids[3])
    views.forward(ed, project, ids[0])
    assert [one.id for one in views.pinned(ed, project)] == [ids[0], ids[1], ids[3], ids[2], ids[4], ids[5]]
    views.pin(ed, project, ids[0], False)
    assert len(views.pinned(ed, project)) == 5
    with pytest.raises(BadInput, match="Only views of Explore"):
        views.pin(ed, project, views.save(ed, project, "Table", "campaigns", {}), True)


def test_a_stranger_and_another_project_find_nothing(project, people, make_project):
    found = views.save(people["editor"], project, "All", "overview", {}, shared=True)
    stranger, other = accounts.add("stranger@example.com"), make_project("Other")
    accounts.join(people["editor"], other, "owner")
    for deed in (
        views.listed,
        lambda p, i: views.save(p, i, "x", "overview", {}),
        lambda p, i: views.remove(p, i, found),
    ):
        with pytest.raises(NotFound):
            deed(stranger, project)
    with pytest.raises(NotFound):
        views.remove(people["editor"], other, found)
    with db.project(other) as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(table)) == 0


def test_what_is_done_to_views_stands_in_the_audit_log(project, people):
    found = views.save(people["owner"], project, "Weekly", "overview", {}, shared=True)
    views.replace(people["owner"], project, found, PARAMS)
    views.rename(people["owner"], project, found, "Monthly")
    views.remove(people["owner"], project, found)
    deeds = [entry.action for entry in audit.read(people["owner"], project, audit.Filter())]
    assert deeds == ["remove_view", "rename_view", "change_view", "save_view"]
