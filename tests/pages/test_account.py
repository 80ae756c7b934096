from __future__ import annotations

import re

import pyotp
import pytest

from store import people, second_factor, sessions
from tests import accounts, opening
from tests.accounts import OTHER, PASSPHRASE
from tests.opening import press


def fill(found, **fields):
    for label, value in fields.items():
        next(f for f in found.text_input if f.label == label.replace("_", " ")).set_value(value)
    return found


@pytest.mark.parametrize("role", ["viewer", "editor", "owner", "admin"])
def test_everybody_has_an_account_page(house, role):
    found = house.open(role, "account")
    assert found.title[0].value == "Account"
    assert "127" not in opening.text(found)
    assert "Firefox on Linux · 192.0.2.1" in opening.text(found)


def test_name_is_changed(house):
    found = press(fill(house.open("viewer", "account"), Your_name="Vera"), "Save name")
    assert found.success[0].value == "Your name is saved."
    assert sessions.find(house.cookies["viewer"]).name == "Vera"


def test_passphrase_is_changed_with_the_one_before(house):
    found = house.open("viewer", "account")
    fill(found, Passphrase_now="wrong", New_passphrase=OTHER, New_passphrase_again=OTHER)
    found = press(found, "Change passphrase")
    assert "wrong" in found.error[0].value
    fill(found, Passphrase_now=PASSPHRASE, New_passphrase=OTHER, New_passphrase_again=OTHER)
    press(found, "Change passphrase")
    assert people.sign_in("viewer@example.com", OTHER, "local").ticket


def test_second_factor_is_set_up_shown_once_and_turned_off(house):
    person = house.people["viewer"]
    found = press(house.open("viewer", "account"), "Set up second factor")
    secret = next(c.value for c in found.code if re.fullmatch("[A-Z2-7]{32}", c.value))
    found = press(fill(found, Code="000000"), "Turn on")
    assert not second_factor.is_on(person)
    found = press(fill(found, Code=pyotp.TOTP(secret).now()), "Turn on")
    codes = next(c.value for c in found.code).split()
    assert len(codes) == 10
    found = press(found, "I have kept them")
    assert codes[0] not in opening.text(found)
    found = press(fill(found, Your_passphrase="wrong"), "Turn off second factor")
    assert second_factor.is_on(person)
    press(fill(found, Your_passphrase=PASSPHRASE), "Turn off second factor")
    assert not second_factor.is_on(person)


def test_recovery_codes_are_renewed(house):
    person = house.people["viewer"]
    secret = second_factor.new_secret()
    old = second_factor.turn_on(person, secret, pyotp.TOTP(secret).now())
    found = press(fill(house.open("viewer", "account"), Your_passphrase=PASSPHRASE), "New recovery codes")
    assert not set(found.code[0].value.split()) & set(old)


def test_another_browser_is_ended(house):
    _, cookie = accounts.sign_in(house.people["viewer"])
    press(house.open("viewer", "account"), "End")
    assert sessions.find(cookie) is None
    assert sessions.find(house.cookies["viewer"])


def test_sign_out_everywhere_ends_this_browser_too(house):
    _, cookie = accounts.sign_in(house.people["viewer"])
    press(house.open("viewer", "account"), "Sign out everywhere")
    assert sessions.find(cookie) is None
    assert sessions.find(house.cookies["viewer"]) is None
