from __future__ import annotations

import contextlib
import threading

import pytest
import sqlalchemy as sa

from errors import BadInput
from store import db, links
from store.links import Purpose
from store.models import links as table
from tests import accounts


def make(purpose=Purpose.INVITE, **about):
    with db.instance() as connection:
        return links.create(connection, purpose, **about)


def use(token, purpose=Purpose.INVITE):
    with db.instance() as connection:
        return links.use(connection, token, purpose)


def test_link_works_once(database):
    token = make(email="bob@example.com")
    assert use(token).email == "bob@example.com"
    with pytest.raises(BadInput, match="already used"):
        use(token)


def test_expired_revoked_and_forged_links_say_so(database):
    expired, revoked = make(), make()
    accounts.age(expired, seconds=1)
    with db.instance() as connection:
        assert links.withdraw(connection, table.c.token_hash == links.token_hash(revoked)) == 1
    for token, word in [
        (expired, "expired"),
        (revoked, "withdrawn"),
        ("forged", "not valid"),
        ("", "not valid"),
    ]:
        with pytest.raises(BadInput, match=word):
            use(token)


def test_link_serves_its_purpose_only(database):
    ticket = accounts.ticket(accounts.add())
    with pytest.raises(BadInput, match="not valid"):
        use(ticket, Purpose.RESET)
    with db.instance() as connection, pytest.raises(BadInput, match="not valid"):
        links.look_up(connection, ticket)


def test_token_is_long_and_not_stored(database):
    token = make()
    assert len(token) >= 43
    with db.instance() as connection:
        kept = connection.execute(sa.select(table)).one()
    assert token not in repr(kept)


def test_of_many_at_once_one_succeeds(database):
    token, used = make(), []

    def try_once():
        with contextlib.suppress(BadInput):
            used.append(use(token))

    threads = [threading.Thread(target=try_once) for _ in range(6)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert len(used) == 1


def test_failure_after_use_leaves_the_link_good(database):
    token = make()

    def use_and_fail():
        with db.instance() as connection:
            links.use(connection, token, Purpose.INVITE)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        use_and_fail()
    assert use(token)
