"""Tokens of connections that nobody uses are renewed before they die; two at once spend one refresh token once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
import sqlalchemy as sa

from errors import NeedsReconnect, Unreachable
from store import connections, db
from store.models import connections as table
from syncing import logins
from tests.syncing import pretend
from tests.syncing.pretend import Pretend

ENDS = datetime(2031, 5, 1, tzinfo=UTC)


class Renewals(list):
    """What was renewed; `trouble` is raised instead."""

    trouble: Exception | None = None


@pytest.fixture
def renewals(monkeypatch) -> Renewals:
    made = Renewals()

    def renewed(_, credentials):
        if made.trouble:
            raise made.trouble
        made.append(credentials["access_token"])
        return {"access_token": f"fresh-token-{len(made)}", "sign_in_ends_at": ENDS.timestamp()}

    pretend.install(monkeypatch)
    monkeypatch.setattr(Pretend, "can_renew", lambda self: True)
    monkeypatch.setattr(Pretend, "_renewed", renewed)
    return made


@pytest.fixture
def login(make_project, renewals) -> tuple[int, int]:
    project_id = make_project()
    given = {"access_token": "old-token", "refresh_token": "planted-refresh"}
    with db.project(project_id) as connection:
        made = connections.create(connection, project_id, "pretend", "Pretend", "token", given, None)
    return project_id, made


def now_and(days: int = 0) -> datetime:
    return datetime.now(UTC) + timedelta(days)


def held(login: tuple[int, int]) -> dict:
    with db.project(login[0]) as connection:
        return dict(connections.credentials(connection, *login))


def read(login: tuple[int, int]) -> connections.Login:
    with db.project(login[0]) as connection:
        return connections.read(connection, *login)


def test_an_idle_sign_in_is_renewed_and_its_end_noted(login, renewals):
    assert logins.refresh_idle(now_and(-1)) == []
    assert held(login)["access_token"] == "fresh-token-1"
    assert (read(login).state, read(login).sign_in_ends_at) == ("healthy", ENDS)


def test_one_that_was_used_is_left_alone(login, renewals):
    with db.project(login[0]) as connection:
        connections.let_in(connection, *login, None)
    assert logins.refresh_idle(now_and(-1)) == []
    assert renewals == []
    assert logins.refresh_idle(now_and(1)) == []
    assert renewals == ["old-token"]


def test_a_withdrawn_sign_in_is_marked_and_the_others_go_on(login, renewals, make_project):
    renewals.trouble = NeedsReconnect("Pretend ended this sign-in.")
    (line,) = logins.refresh_idle(now_and(-1))
    assert "ended this sign-in" in line
    assert (read(login).state, read(login).diagnosis) == ("needs_reconnecting", "Pretend ended this sign-in.")
    renewals.trouble = None
    assert logins.refresh_idle(now_and(1)) == []
    assert renewals == []


def test_a_passing_fault_marks_nothing_and_keeps_the_old_token(login, renewals):
    renewals.trouble = Unreachable("Pretend could not be reached (planted-refresh).")
    (line,) = logins.refresh_idle(now_and(-1))
    assert "planted" not in line
    assert held(login)["access_token"] == "old-token"
    assert read(login).state == "healthy"
    renewals.trouble = None
    assert logins.refresh_idle(now_and(-1)) == []
    assert renewals == ["old-token"]


def test_two_runs_at_once_renew_once(login, renewals):
    together = Barrier(2)

    def renew(_):
        connector = logins.open_connector(*login)
        together.wait(10)
        connector.renew()
        return connector.credentials["access_token"]

    with ThreadPoolExecutor(2) as pool:
        assert set(pool.map(renew, range(2))) == {"fresh-token-1"}
    assert renewals == ["old-token"]


def test_a_connection_whose_secret_is_gone_says_so_and_does_not_break_the_round(login, renewals):
    with db.project(login[0]) as connection:
        connection.execute(sa.update(table).values(secret_id=None))
    (line,) = logins.refresh_idle(now_and(-1))
    assert "Pretend" in line
    assert renewals == []
