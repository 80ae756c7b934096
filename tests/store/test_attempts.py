from __future__ import annotations

import contextlib
import threading
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

import settings
from errors import TryLater
from store import attempts, db
from store.models import attempts as table


def fail(count, email="ann@example.com", address="192.0.2.1"):
    for _ in range(count):
        attempts.begin(email, address)


def let_pass(**time):
    with db.instance() as connection:
        connection.execute(sa.update(table).values(at=table.c.at - timedelta(**time)))


def test_account_waits_after_five_failures_from_anywhere(database):
    for n in range(5):
        fail(1, address=f"192.0.2.{n}")
    with pytest.raises(TryLater) as caught:
        fail(1, address="198.51.100.1")
    assert 0 < caught.value.seconds <= 61
    fail(1, email="bob@example.com")


def test_pause_grows_with_each_failure(database):
    fail(5)
    pauses = []
    for _ in range(6):
        with pytest.raises(TryLater) as caught:
            fail(1)
        pauses.append(caught.value.seconds)
        let_pass(seconds=pauses[-1])
        fail(1)
    assert [round(p / 60) for p in pauses] == [1, 2, 4, 8, 15, 15]


def test_address_waits_after_twenty_failures_whatever_the_names(database):
    for n in range(20):
        fail(1, email=f"p{n}@example.com")
    with pytest.raises(TryLater):
        fail(1, email="fresh@example.com")
    fail(1, email="fresh@example.com", address="198.51.100.1")
    let_pass(minutes=16)
    fail(1, email="fresh2@example.com")


def test_success_is_struck_out_and_forgives_the_account(database):
    fail(4)
    attempt = attempts.begin("Ann@example.com ", "192.0.2.1")
    with db.instance() as connection:
        attempts.strike_out(connection, attempt)
        attempts.forgive(connection, "ann@example.com")
        assert connection.scalar(sa.select(sa.func.count()).select_from(table)) == 0


def test_many_attempts_at_once_do_not_slip_through(database):
    passed = []

    def try_once():
        with contextlib.suppress(TryLater):
            passed.append(attempts.begin("ann@example.com", "192.0.2.1"))

    threads = [threading.Thread(target=try_once) for _ in range(12)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert len(passed) == attempts.ACCOUNT_LIMIT


def test_names_are_kept_as_hashes_and_not_for_long(database):
    fail(1)
    let_pass(days=3)
    fail(1, email="bob@example.com")
    with db.instance() as connection:
        rows = connection.execute(sa.select(table)).all()
    assert [r.account_hash for r in rows] == [attempts.account_key("bob@example.com")]
    assert datetime.now(UTC) - rows[0].at < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("proxies", "peer", "header", "expected"),
    [
        (0, "192.0.2.1", "203.0.113.9", "192.0.2.1"),
        (0, None, None, "local"),
        (1, "10.0.0.1", "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        (2, "10.0.0.1", "6.6.6.6, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (2, "10.0.0.1", "203.0.113.9", "10.0.0.1"),
    ],
)
def test_only_trusted_proxies_are_believed(monkeypatch, proxies, peer, header, expected):
    here = settings.read({"SOUNDINGS_TRUSTED_PROXIES": str(proxies)})
    monkeypatch.setattr(settings, "current", lambda: here)
    assert attempts.client_address(peer, header) == expected
