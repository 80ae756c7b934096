"""The channel rules page: rules changed in a draft, previewed on the traffic at hand, saved and brought back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from analytics import grouping
from analytics.grouping import Condition, Grouping, Rule
from store import agreements, db, definitions, grains, load, rates, sources
from store.load import Window
from syncing import segments
from tests.opening import buttons, press, text
from tests.pages.links import follow

MONDAY = date(2026, 3, 2)
TAGS = {
    ("google / cpc", "brand"): 400,
    ("google / organic", "(not set)"): 300,
    ("newsletter / newsletter", "spring"): 50,
    ("chatgpt.com / referral", "(not set)"): 20,
}


def visit(project_id: int, tags: dict[tuple[str, str], int] = TAGS, days: int = 7) -> int:
    """Sessions by source, medium and campaign, the same on each day."""
    with db.project(project_id) as connection:
        site = sources.get_or_create(
            connection, project_id, "ga4", "ga4", "1", "Site", "EUR", "Europe/Berlin"
        )
        all_days = [MONDAY + timedelta(days=n) for n in range(days)]
        grain = grains.code("account", "source_medium_campaign")
        window = Window(project_id, site, grain, frozenset((day, 1) for day in all_days), currency="EUR")
        rows = [
            {
                "day": day,
                "segment": segments.stored("source_medium_campaign", " | ".join(tag)),
                "sessions": sessions,
            }
            for day in all_days
            for tag, sessions in tags.items()
        ]
        load.load_rows(connection, window, rows, run_id=1, at=datetime(2026, 3, 20, tzinfo=UTC))
    return site


@pytest.fixture
def filled(house):
    with db.instance() as connection:
        rates.ensure(connection)
    visit(house.project_id)
    return house


def show(house, role="editor", **params):
    return follow(house, role, "grouping", **{"period": "All data", **params})


def frame(found, key):
    """A table by what it must and must not have as columns."""
    has, lacks = {
        "by-channel": ({"Channel", "Tags", "sessions"}, set()),
        "rules": ({"Takes what is tagged"}, set()),
        "raw-tags": ({"Channel", "Source"}, {"From"}),
    }[key]
    tables = (d.value for d in found.dataframe)
    return next(t for t in tables if has <= set(t.columns) and not lacks & set(t.columns))


def channels(found) -> dict[str, float]:
    table = frame(found, "by-channel")
    return dict(zip(table["Channel"], table["sessions"], strict=True))


def rules_in_force(house) -> Grouping:
    with db.project(house.project_id) as connection:
        return agreements.read_grouping(connection, house.project_id).value


@pytest.mark.parametrize("role", ["viewer", "editor", "owner", "admin"])
def test_an_empty_project_says_what_to_do_next_and_shows_the_default(house, role):
    found = house.open(role, "grouping")
    assert "Nothing here yet" in text(found)
    assert len(frame(found, "rules")) == len(grouping.DEFAULT.rules)


def test_traffic_stands_by_channel_and_unassigned_tags_stand_first(filled):
    found = show(filled)
    assert channels(found) == {
        "Paid Search": 2800,
        "Organic Search": 2100,
        "Referral": 140,
        "Unassigned": 350,
    }
    assert next(iter(frame(found, "raw-tags")["Channel"])) == "Unassigned"
    assert "1 of 4 tags are Unassigned, with 350 sessions" in text(found)


def test_a_viewer_sees_the_rules_and_cannot_change_them(filled):
    found = show(filled, "viewer")
    assert "Editors and owners of this project may change this" in text(found)
    assert not {"Save rules", "Add “AI Assistants”", "Back to GA4's default"} & set(buttons(found))


def test_a_change_is_previewed_before_it_is_saved_and_can_be_taken_back(filled):
    found = press(show(filled), "Add “AI Assistants”")
    assert "1 of 4 tags move to another channel, with 140 sessions" in text(found).replace("**", "")
    assert rules_in_force(filled) == grouping.DEFAULT
    found = press(found, "Save rules")
    assert "Saved." in text(found)
    assert channels(found)["AI Assistants"] == 140
    found = press(found, "Back to GA4's default")
    assert rules_in_force(filled) != grouping.DEFAULT
    found = press(found, "Save rules")
    assert rules_in_force(filled) == grouping.DEFAULT
    found = press(found, "Bring back")
    assert "Version 1 is in force again." in text(found)
    assert grouping.AI_ASSISTANTS in rules_in_force(filled).rules


def test_a_rule_is_edited_moved_and_deleted(filled):
    found = press(show(filled), "Add a rule above rule 1")
    found.selectbox(key="rule-channel-1").set_value("Email").run()
    found.text_input(key="rule-values-1-0").set_value("newsletter, mailing").run()
    found = press(found, "Apply to the draft")
    assert next(iter(frame(found, "rules")["Channel"])) == "Email"
    assert "source is “newsletter” or “mailing”" in list(frame(found, "rules")["Takes what is tagged"])
    found = press(found, "Move down")
    assert list(frame(found, "rules")["Channel"])[:2] == ["Direct", "Email"]
    press(found, "Save rules")
    assert rules_in_force(filled).rules[1].channel == "Email"
    found = press(show(filled), "Add a rule above rule 1")
    found = press(found, "Delete")
    assert list(frame(found, "rules")["Channel"])[:2] == ["Direct", "Email"]


def test_a_rule_that_cannot_be_computed_is_refused_in_words(filled):
    found = press(show(filled), "Add a rule above rule 1")
    found.selectbox(key="rule-test-1-0").set_value("matches").run()
    found.text_input(key="rule-values-1-0").set_value("(?=a)b").run()
    found = press(found, "Apply to the draft")
    assert "look-ahead" in text(found)
    assert "source is “example”" in list(frame(found, "rules")["Takes what is tagged"])


def test_a_rule_that_takes_everything_is_told_in_the_preview(filled):
    found = press(show(filled), "Add a rule above rule 1")
    found.selectbox(key="rule-test-1-0").set_value("matches").run()
    found.text_input(key="rule-values-1-0").set_value(".*").run()
    found = press(found, "Apply to the draft")
    assert "matches everything that reaches it: the 27 rules below it never match" in text(found)


def test_somebody_who_saved_meanwhile_is_not_overwritten(filled):
    found = press(show(filled), "Add “AI Assistants”")
    other = Grouping((Rule("All", (Condition("source", "contains", ("o",)),)),))
    agreements.save_grouping(filled.people["owner"], filled.project_id, other, seen=0)
    assert "saved another version meanwhile" in text(press(found, "Save rules"))
    assert rules_in_force(filled) == other


def test_a_source_gets_a_category_of_its_own(filled):
    found = show(filled)
    found.text_input(key="category-source-0").set_value("Newsletter").run()
    found.selectbox(key="category-kind-0").set_value("social").run()
    found = press(press(found, "Set category"), "Save rules")
    assert channels(found)["Organic Social"] == 350


def test_what_was_stored_and_cannot_be_read_leaves_the_default_in_force(filled):
    definitions.save(filled.people["owner"], filled.project_id, "grouping", {"rules": [{"x": 1}]}, seen=0)
    found = show(filled)
    assert "cannot be read" in text(found)
    assert channels(found)["Paid Search"] == 2800


def test_a_link_with_nonsense_still_opens(filled):
    found = show(filled, **{"find-tag": "zzz", "tags-of": "Nothing", "period": "x", "compare": "y"})
    assert "No tag here matches" in text(found)
    assert "No figures" not in text(show(filled, **{"as-of": "nonsense", "currency": "XXX"}))


def test_a_search_finds_tags_by_any_part(filled):
    assert list(frame(show(filled, **{"find-tag": "goog cpc"}), "raw-tags")["Medium"]) == ["cpc"]
