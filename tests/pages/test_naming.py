"""The naming page, and campaigns by the dimensions of their names and by tag."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from analytics.naming import Convention, Part
from store import agreements, audit, db, definitions, labels, rates
from store.audit import Filter
from store.models import entities
from tests.opening import buttons, press, text
from tests.pages.links import follow
from tests.syncing.files import bring_in, meta_file

MONDAY = date(2026, 3, 2)
NAMES = {"de_brand_video": "10", "at_brand_static": "5", "ger_brand_video": "3", "Old": "2"}
CONVENTION = Convention(
    "_", (Part("market", ("de", "at", "ch")), Part("topic"), Part("format", optional=True))
)


@pytest.fixture
def filled(house):
    with db.instance() as connection:
        rates.ensure(connection)
    rows = [(MONDAY + timedelta(days=n), name, spend, 4) for n in range(10) for name, spend in NAMES.items()]
    bring_in(house.project_id, meta_file(rows))
    return house


@pytest.fixture
def agreed(filled):
    agreements.save_convention(filled.people["editor"], filled.project_id, CONVENTION, seen=0)
    return filled


def show(house, role="viewer", page="naming", **params):
    return follow(house, role, page, **{"period": "All data", **params})


def table(found, column):
    return next(d.value for d in found.dataframe if column in d.value.columns)


def convention(house):
    with db.project(house.project_id) as connection:
        return agreements.read_convention(connection, house.project_id).value


@pytest.mark.parametrize("role", ["viewer", "editor", "owner", "admin"])
def test_an_empty_project_says_what_to_do_next(house, role):
    assert "Nothing here yet" in text(house.open(role, "naming"))


def test_a_convention_is_suggested_from_names_saved_and_given_up(filled):
    found = show(filled, "editor")
    assert "3 of 4 names are made of 3 parts at “_”" in text(found)
    found = press(press(found, "Start from this"), "Save convention")
    assert "Saved." in text(found)
    assert convention(filled).names == ("part 1", "part 2", "part 3")
    found = press(found, "Give up the convention")
    assert convention(filled) is None
    press(found, "Bring back")
    assert convention(filled).names == ("part 1", "part 2", "part 3")


def test_violations_stand_by_spend_with_their_reason_and_share(agreed):
    found = show(agreed)
    shown = table(found, "What is wrong")
    assert list(shown["Campaign"]) == ["ger_brand_video", "Old"]
    assert next(iter(shown["What is wrong"])) == "part 1 market is 'ger'; allowed: de, at, ch"
    assert "too few parts at “_”: 1 instead of 2 to 3" in list(shown["What is wrong"])[1]
    assert list(shown["Share of spend %"]) == [15.0, 10.0]
    assert [m.value for m in found.metric] == ["2 of 4", "75.0%"]


def test_dimensions_have_spend_and_names_without_one_stand_last(agreed):
    shown = table(show(agreed, dimension="market"), "market")
    assert dict(zip(shown["market"], shown["spend"], strict=True)) == {
        "Total": 200.0, "de": 100.0, "at": 50.0, "Names without market": 50.0,
    }  # fmt: skip


def test_a_viewer_sees_the_convention_and_cannot_change_it(agreed):
    found = show(agreed)
    assert "de_<topic>_<format>" in text(found)
    assert "Save convention" not in buttons(found)


def test_without_a_convention_a_viewer_is_told_so(filled):
    assert "No naming convention is agreed on yet" in text(show(filled))


def test_a_stored_convention_that_cannot_be_read_says_so(filled):
    definitions.save(filled.people["owner"], filled.project_id, "naming", {"separator": 3}, seen=0)
    assert "cannot be read" in text(show(filled))


def test_a_link_with_nonsense_still_opens(agreed):
    assert table(show(agreed, dimension="nothing", period="x", channels="y"), "market") is not None


def test_a_period_without_figures_says_so(agreed):
    assert "No figures for this view" in text(show(agreed, period="Last 7 days"))


# --- campaigns -------------------------------------------------------------------------------------


def test_campaigns_are_put_together_by_a_naming_dimension(agreed):
    found = show(agreed, page="campaigns", list="By naming dimension", dimension="topic")
    shown = table(found, "topic")
    assert list(shown["topic"]) == ["Total", "brand", "Names without topic"]
    assert "Names without a valid topic spent €20.00, 10.0% of all." in text(found)


def test_without_a_convention_the_list_says_where_to_make_one(filled):
    assert "No naming convention is agreed on yet" in text(
        show(filled, page="campaigns", list="By naming dimension")
    )


def test_campaigns_are_found_by_what_their_names_say(agreed):
    found = show(agreed, page="campaigns", list="Campaigns", labelled="market: de")
    assert list(table(found, "Name")["Name"]) == ["Total of 1", "de_brand_video"]
    found = show(agreed, page="campaigns", list="Campaigns", find="format: static")
    assert list(table(found, "Name")["Name"]) == ["Total of 1", "at_brand_static"]


def tags(house) -> dict:
    with db.project(house.project_id) as connection:
        return labels.of_project(connection, house.project_id)


def keys_of(house, name) -> list[tuple[int, int]]:
    """Source and entity of the campaigns of this name."""
    with db.project(house.project_id) as connection:
        query = sa.select(entities.c.source_id, entities.c.id).where(entities.c.name == name)
        return [tuple(row) for row in connection.execute(query)]


def test_tags_are_given_found_and_taken_back(filled):
    labels.give(filled.people["editor"], filled.project_id, keys_of(filled, "de_brand_video"), " hero ")
    found = show(filled, "editor", page="campaigns", list="By tag", find="brand")
    found.toggle(key="tag-all").set_value(True).run()
    found.selectbox(key="tag").set_value("hero").run()
    found = press(found, "Give tag")
    assert "“hero” was given to 2 campaigns" in text(found)
    assert list(tags(filled).values()) == [("hero",)] * 3
    shown = table(show(filled, page="campaigns", list="By tag"), "Tag")
    assert dict(zip(shown["Tag"], shown["spend"], strict=True)) == {
        "Total": 200.0, "hero": 180.0, "Without a tag": 20.0,
    }  # fmt: skip
    one = show(filled, page="campaigns", list="Campaigns", labelled="tag: hero")
    assert len(table(one, "Name")) == 4
    assert "Taken back." in text(press(found, "Undo"))
    assert list(tags(filled)) == keys_of(filled, "de_brand_video")
    entries = audit.read(filled.people["admin"], filled.project_id, Filter())
    assert [(e.action, e.subject) for e in entries if "tag" in e.action] == [
        ("untag_campaigns", "hero"), ("tag_campaigns", "hero"), ("tag_campaigns", "hero"),
    ]  # fmt: skip


def test_a_viewer_gives_no_tags(filled):
    found = show(filled, page="campaigns", list="By tag")
    assert "No campaign here has a tag yet" in text(found)
    assert "Give tag" not in buttons(found)
