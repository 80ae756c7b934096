from __future__ import annotations

import pyotp
import pytest

from store import people, second_factor, sessions
from store.models import users
from tests import opening
from tests.accounts import OTHER, token_of
from tests.opening import press


def accounts_by_email(house):
    return {a.email: a for a in people.list_all(house.people["admin"])}


@pytest.mark.parametrize("role", ["viewer", "editor", "owner"])
def test_page_is_refused_politely(house, role):
    found = house.open(role, "people")
    assert "needs an administrator" in found.warning[0].value
    assert "owner@example.com" not in opening.text(found)
    assert not found.dataframe


def choose(house, email):
    found = house.open("admin", "people")
    box = next(s for s in found.selectbox if s.label == "Person")
    return box.set_value(accounts_by_email(house)[email].id).run()


def test_everybody_is_listed(house):
    found = house.open("admin", "people")
    assert set(found.dataframe[0].value["E-mail"]) == {f"{r}@example.com" for r in house.people}
    assert users.c.password_hash.name not in found.dataframe[0].value


def test_reset_link_is_made_and_works(house):
    found = press(choose(house, "viewer@example.com"), "Reset link")
    found = press(found, "Make link")
    people.reset(token_of(found.code[0].value), OTHER, OTHER)
    assert people.sign_in("viewer@example.com", OTHER, "local").ticket


def test_account_is_disabled_after_a_confirmation_and_enabled_again(house):
    found = press(choose(house, "viewer@example.com"), "Disable")
    assert accounts_by_email(house)["viewer@example.com"].disabled_at is None
    press(found, "Disable now")
    assert sessions.find(house.cookies["viewer"]) is None
    press(press(choose(house, "viewer@example.com"), "Enable"), "Enable now")
    assert accounts_by_email(house)["viewer@example.com"].disabled_at is None


def test_administrator_is_made_and_withdrawn(house):
    press(press(choose(house, "owner@example.com"), "Make administrator"), "Make administrator now")
    assert accounts_by_email(house)["owner@example.com"].is_admin
    press(press(choose(house, "owner@example.com"), "Withdraw administrator"), "Withdraw")
    assert not accounts_by_email(house)["owner@example.com"].is_admin


def test_last_administrator_is_told_why_not(house):
    found = press(press(choose(house, "admin@example.com"), "Disable"), "Disable now")
    assert "last administrator" in found.error[0].value


def test_second_factor_is_reset(house):
    viewer = house.people["viewer"]
    secret = second_factor.new_secret()
    second_factor.turn_on(viewer, secret, pyotp.TOTP(secret).now())
    press(press(choose(house, "viewer@example.com"), "Reset second factor"), "Turn it off")
    assert not second_factor.is_on(viewer)
