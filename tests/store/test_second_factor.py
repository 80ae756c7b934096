from __future__ import annotations

import threading
import time

import pyotp
import pytest
import sqlalchemy as sa

from errors import BadInput, TryLater
from store import db, people, second_factor, sessions
from store.models import recovery_codes, secrets, users
from tests import accounts
from tests.accounts import PASSPHRASE


@pytest.fixture
def clock(monkeypatch):
    """A clock that the test turns: 30 seconds are one step."""
    now = [1_800_000_000.0]
    monkeypatch.setattr(second_factor.time, "time", lambda: now[0])
    return now


@pytest.fixture
def protected(database, clock):
    """Somebody with a second factor, their secret and recovery codes; the clock is two steps on."""
    ann, _ = accounts.sign_in(accounts.add())
    secret = second_factor.new_secret()
    codes = second_factor.turn_on(ann, secret, code_of(secret, clock))
    clock[0] += 60
    return ann, secret, codes


def code_of(secret, clock, steps=0):
    return pyotp.TOTP(secret).at(int(clock[0]) + 30 * steps)


def finish(ann, code):
    ticket = second_factor.sign_in(ann.id, code, "local")
    return sessions.find(sessions.start(ticket, None, None))


def test_passphrase_alone_gives_no_ticket(protected):
    ann, *_ = protected
    found = people.sign_in(ann.email, PASSPHRASE, "local")
    assert (found.user_id, found.ticket) == (ann.id, None)


def test_code_signs_in_once(protected, clock):
    ann, secret, _ = protected
    code = code_of(secret, clock)
    assert finish(ann, f" {code[:3]} {code[3:]} ") == ann
    with pytest.raises(BadInput, match="used already"):
        finish(ann, code)
    clock[0] += 30
    assert finish(ann, code_of(secret, clock)) == ann


def test_the_code_that_turned_it_on_does_not_sign_in(protected, clock):
    ann, secret, _ = protected
    clock[0] -= 60
    with pytest.raises(BadInput):
        finish(ann, code_of(secret, clock))


def test_same_code_from_two_places_at_once_signs_in_one(protected, clock):
    ann, secret, _ = protected
    code, outcomes = code_of(secret, clock), []

    def send():
        try:
            outcomes.append(second_factor.sign_in(ann.id, code, "local") and "in")
        except BadInput:
            outcomes.append("out")

    threads = [threading.Thread(target=send) for _ in range(2)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert sorted(outcomes) == ["in", "out"]


@pytest.mark.parametrize(("steps", "good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_clock_may_be_a_step_off(protected, clock, steps, good):
    ann, secret, _ = protected
    clock[0] += 300
    code = code_of(secret, clock, steps)
    if good:
        assert finish(ann, code)
    else:
        with pytest.raises(BadInput):
            finish(ann, code)


def test_recovery_code_works_once_however_it_is_typed(protected):
    ann, _, codes = protected
    assert len(codes) == len(set(codes)) == 10
    assert finish(ann, codes[0].upper().replace("-", " "))
    with pytest.raises(BadInput):
        finish(ann, codes[0])
    assert second_factor.codes_left(ann) == 9


def test_codes_cannot_be_guessed_on_and_on(protected):
    ann, _, codes = protected
    for _ in range(5):
        with pytest.raises(BadInput):
            finish(ann, "000000")
    with pytest.raises(TryLater):
        finish(ann, codes[0])


def test_right_passphrase_does_not_forgive_wrong_codes(protected):
    ann, *_ = protected
    for _ in range(4):
        with pytest.raises(BadInput):
            finish(ann, "000000")
        people.sign_in(ann.email, PASSPHRASE, "local")
    with pytest.raises(BadInput):
        finish(ann, "000000")
    with pytest.raises(TryLater):
        people.sign_in(ann.email, PASSPHRASE, "local")


def test_wrong_code_does_not_turn_it_on(database):
    ann, _ = accounts.sign_in(accounts.add())
    with pytest.raises(BadInput):
        second_factor.turn_on(ann, second_factor.new_secret(), "12345")
    assert not second_factor.is_on(ann)


def test_turning_off_needs_the_passphrase_and_leaves_nothing(protected):
    ann, *_ = protected
    with pytest.raises(BadInput, match="passphrase is wrong"):
        second_factor.turn_off(ann, "wrong", "local")
    assert second_factor.is_on(ann)
    second_factor.turn_off(ann, PASSPHRASE, "local")
    assert not second_factor.is_on(ann)
    with db.instance() as connection:
        for table in (secrets, recovery_codes):
            assert connection.scalar(sa.select(sa.func.count()).select_from(table)) == 0


def test_new_codes_void_the_old(protected):
    ann, _, old = protected
    new = second_factor.renew_codes(ann, PASSPHRASE, "local")
    with pytest.raises(BadInput):
        finish(ann, old[0])
    assert finish(ann, new[0])


def test_administrator_resets_a_lost_factor(protected):
    ann, *_ = protected
    admin = accounts.add("root@example.com", is_admin=True)
    second_factor.reset(admin, ann.id)
    assert people.sign_in(ann.email, PASSPHRASE, "local").ticket


def test_secret_and_codes_are_not_in_the_tables(protected):
    _, secret, codes = protected
    with db.instance() as connection:
        shown = "".join(
            repr(connection.execute(sa.select(t)).all()) for t in (users, secrets, recovery_codes)
        )
    assert secret not in shown
    assert not any(code in shown for code in codes)


def test_picture_is_an_svg_for_the_account(database):
    ann = accounts.add()
    assert second_factor.picture(ann, second_factor.new_secret()).lstrip().startswith("<svg")
    assert time.time() > 0
