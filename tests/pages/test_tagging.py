"""The tag audit: both sides in full, and aliases that join them and let go again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from analytics.aliases import Alias
from store import agreements, db, rates
from tests.opening import buttons, press, text
from tests.pages.links import follow
from tests.pages.test_grouping import MONDAY, visit
from tests.syncing.files import bring_in, meta_file


@pytest.fixture
def filled(house):
    with db.instance() as connection:
        rates.ensure(connection)
    rows = [
        (MONDAY + timedelta(days=n), name, spend, 4)
        for n in range(7)
        for name, spend in {"Spring_Sale_DE": "10", "Brand": "5", "Forgotten": "1"}.items()
    ]
    bring_in(house.project_id, meta_file(rows))
    visit(
        house.project_id,
        {("meta / cpc", "sale-spring-de-2"): 40, ("meta / cpc", "brand"): 30, ("meta / cpc", "(not set)"): 5},
    )
    return house


def show(house, role="editor"):
    return follow(house, role, "tagging")


def column(found, name):
    shown = next((d.value[name] for d in found.dataframe if name in d.value.columns), [])
    return [None if value != value else value for value in shown]


@pytest.mark.parametrize("role", ["viewer", "editor", "owner", "admin"])
def test_an_empty_project_says_what_to_do_next(house, role):
    assert "Nothing here yet" in text(house.open(role, "tagging"))


def test_a_project_without_web_analytics_says_why_nothing_can_be_compared(house):
    bring_in(house.project_id, meta_file([(MONDAY, "Brand", "5", 4)]))
    assert "has no web analytics" in text(show(house))


def test_both_sides_are_listed_with_what_they_probably_are(filled):
    found = show(filled, "viewer")
    assert column(found, "Probably tagged as") == ["sale-spring-de-2", None]
    assert column(found, "Probably the campaign") == ["Spring_Sale_DE", None]
    assert column(found, "Sessions") == [280, 35]
    assert [m.value for m in found.metric] == ["€77.00", "315"]
    assert not [label for label in buttons(found) if "alias" in label]


def test_an_alias_joins_the_two_and_is_taken_back(filled):
    found = press(show(filled), "Make it an alias")
    assert "one campaign from now on" in text(found)
    assert column(found, "Campaign") == ["Forgotten"]
    assert [m.value for m in found.metric] == ["€7.00", "35"]
    found = press(found, "Remove alias")
    assert [m.value for m in found.metric] == ["€77.00", "315"]


def test_an_alias_by_hand_that_cannot_be_is_refused_in_words(filled):
    made = (Alias("campaign", "a", "b"),)
    agreements.save_aliases(filled.people["owner"], filled.project_id, made, seen=0)
    found = show(filled)
    found.text_input(key="alias-raw").set_value("b").run()
    found.text_input(key="alias-canonical").set_value("c").run()
    assert "which is an alias itself" in text(press(found, "Add alias"))
