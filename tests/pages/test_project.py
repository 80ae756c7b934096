from __future__ import annotations

import pytest

from store import projects
from tests.opening import buttons, press


def name_field(found):
    return next(f for f in found.text_input if f.label == "Name")


@pytest.mark.parametrize("role", ["viewer", "editor"])
def test_settings_are_shown_but_not_changed_below_owner(house, role):
    found = house.open(role, "project")
    assert name_field(found).value == "Shop"
    assert name_field(found).disabled
    assert not {"Save settings", "Delete project"} & set(buttons(found))
    assert f"You are {role}; ask Owner" in found.info[0].value


@pytest.mark.parametrize("role", ["owner", "admin"])
def test_owner_changes_settings(house, role):
    found = house.open(role, "project")
    name_field(found).set_value("Sea shop")
    next(s for s in found.selectbox if s.label == "Reporting currency").set_value("CHF")
    next(s for s in found.selectbox if s.label == "First day of the week").set_value(7)
    found = press(found, "Save settings")
    assert found.success[0].value == "The settings are saved."
    changed = projects.get(house.people[role], house.project_id)
    assert (changed.name, changed.currency, changed.week_start) == ("Sea shop", "CHF", 7)


def test_empty_name_is_refused_in_words(house):
    found = house.open("owner", "project")
    name_field(found).set_value(" ")
    found = press(found, "Save settings")
    assert "1 to 80 characters" in found.error[0].value


def test_deleting_wants_the_name(house):
    found = press(house.open("owner", "project"), "Delete project")
    assert "Delete for good" not in buttons(found)
    assert len(projects.list_for(house.people["owner"])) == 1


def test_deleted_project_is_gone(house):
    from streamlit.testing.v1.element_tree import Button

    found = press(house.open("owner", "project"), "Delete project")
    confirm = next(f for f in found.text_input if f.label == "Type the project's name to confirm")
    confirm.set_value("Shop")
    opener = next(b for b in found.button if b.label == "Delete project")
    found = opener.click().run()
    button = next(b for b in found.button if b.label == "Delete for good")
    assert isinstance(button, Button)
    assert not button.disabled
    button.click().run()
    assert projects.list_for(house.people["owner"]) == []
