from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from errors import BadInput, SignInNeeded
from store import db, sessions
from store.models import sessions as table
from tests import accounts


def test_session_survives_a_restart(database):
    person, cookie = accounts.sign_in(accounts.add())
    db.forget()
    assert sessions.find(cookie) == person


def test_forged_cookie_is_nobody(database):
    accounts.sign_in(accounts.add())
    for cookie in (None, "", "forged", "x" * 5000, "\x00"):
        assert sessions.find(cookie) is None


def test_cookie_is_not_stored(database):
    _, cookie = accounts.sign_in(accounts.add())
    with db.instance() as connection:
        assert cookie not in repr(connection.execute(sa.select(table)).one())


def test_ticket_expires_within_a_minute(database):
    ticket = accounts.ticket(accounts.add())
    accounts.age(ticket, seconds=1)
    with pytest.raises(BadInput, match="expired"):
        sessions.start(ticket, None, None)


def test_ticket_of_a_disabled_account_is_worth_nothing(database):
    ticket = accounts.ticket(accounts.add(disabled=True))
    with pytest.raises(BadInput, match="disabled"):
        sessions.start(ticket, None, None)


def test_unused_session_ends_and_used_one_is_prolonged(database):
    _, cookie = accounts.sign_in(accounts.add())
    soon = datetime.now(UTC) + timedelta(hours=1)
    with db.instance() as connection:
        connection.execute(
            sa.update(table).values(expires_at=soon, seen_at=table.c.seen_at - timedelta(hours=1))
        )
    assert sessions.find(cookie)
    with db.instance() as connection:
        assert connection.scalar(sa.select(table.c.expires_at)) > soon + timedelta(days=1)
        connection.execute(sa.update(table).values(expires_at=datetime.now(UTC)))
    assert sessions.find(cookie) is None


def test_sign_out_ends_this_browser_only(database):
    ann = accounts.add()
    here, cookie_here = accounts.sign_in(ann)
    _, cookie_there = accounts.sign_in(ann)
    sessions.end_this(here)
    assert sessions.find(cookie_here) is None
    assert sessions.find(cookie_there)
    sessions.end(cookie_there)
    sessions.end("forged")
    assert sessions.find(cookie_there) is None


def test_sign_out_everywhere(database):
    ann = accounts.add()
    here, *_ = accounts.sign_in(ann)
    cookies = [accounts.sign_in(ann)[1] for _ in range(3)]
    _, bob = accounts.sign_in(accounts.add("bob@example.com"))
    sessions.revoke_all(here)
    assert [sessions.find(c) for c in cookies] == [None] * 3
    assert sessions.find(bob)
    with pytest.raises(SignInNeeded):
        sessions.list_own(here)


def test_own_sessions_are_listed_and_revoked_others_are_not_touched(database):
    ann = accounts.add()
    here, _ = accounts.sign_in(ann)
    there, cookie = accounts.sign_in(ann)
    bob, bobs = accounts.sign_in(accounts.add("bob@example.com"))
    assert {s.id: s.is_this for s in sessions.list_own(here)} == {
        here.session_id: True,
        there.session_id: False,
    }
    sessions.revoke(here, there.session_id)
    sessions.revoke(here, bob.session_id)
    assert sessions.find(cookie) is None
    assert sessions.find(bobs)
