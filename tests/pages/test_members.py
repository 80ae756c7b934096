from __future__ import annotations

import pytest

from store import members
from store.access import Role
from tests.accounts import token_of
from tests.opening import buttons, press


def roles(house):
    return {m.email: m.role for m in members.list_all(house.people["admin"], house.project_id)}


@pytest.mark.parametrize("role", ["viewer", "editor"])
def test_members_are_seen_but_not_managed_below_owner(house, role):
    found = house.open(role, "members")
    assert len(found.dataframe[0].value) == 3
    assert not {"Make invitation link", "Save role", "Take out"} & set(buttons(found))
    assert "for owners: Owner" in found.info[0].value


@pytest.mark.parametrize("role", ["owner", "admin"])
def test_invitation_is_made_shown_once_and_withdrawn(house, role):
    found = house.open(role, "members")
    next(s for s in found.selectbox if s.label == "Role").set_value(Role.EDITOR)
    found = press(found, "Make invitation link")
    assert len(token_of(found.code[0].value)) >= 43
    found = press(found, "Withdraw")
    assert not found.code
    assert members.invitations(house.people["owner"], house.project_id) == []


def test_wrong_address_is_refused_in_words(house):
    found = house.open("owner", "members")
    next(f for f in found.text_input if f.label.startswith("E-mail")).set_value("nonsense")
    found = press(found, "Make invitation link")
    assert "not an e-mail address" in found.error[0].value


def choose(house, email):
    found = house.open("owner", "members")
    ids = {m.email: m.user_id for m in members.list_all(house.people["admin"], house.project_id)}
    return next(s for s in found.selectbox if s.label == "Member").set_value(ids[email]).run()


def test_role_is_changed(house):
    found = choose(house, "viewer@example.com")
    next(s for s in found.selectbox if s.label == "New role").set_value(Role.EDITOR).run()
    found = press(found, "Save role")
    assert roles(house)["viewer@example.com"] is Role.EDITOR


def test_member_is_taken_out_after_a_confirmation(house):
    found = press(choose(house, "viewer@example.com"), "Take out")
    assert "viewer@example.com" in roles(house)
    press(found, "Take out now")
    assert "viewer@example.com" not in roles(house)


def test_last_owner_cannot_leave(house):
    found = press(press(house.open("owner", "members"), "Leave project"), "Leave project now")
    assert "at least one owner" in found.error[0].value


def test_viewer_leaves(house):
    press(press(house.open("viewer", "members"), "Leave project"), "Leave project now")
    assert "viewer@example.com" not in roles(house)
