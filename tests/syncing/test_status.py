"""How fresh a source is said to be: what is the matter, what to do, and what needs doing soon."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

import settings
from errors import Refused
from store import connections, db, runs, schedules
from store.models import runs as table
from syncing import status
from tests.syncing import pretend
from tests.syncing.pretend import TODAY, Pretend, Script

NOW = datetime.now(UTC)


@pytest.fixture
def script(monkeypatch) -> Script:
    return pretend.install(monkeypatch)


@pytest.fixture
def place(make_project, script) -> tuple[int, int]:
    project_id = make_project()
    return project_id, pretend.connected(project_id, days=4)


def judged(place, now: datetime | None = None) -> status.Freshness:
    with db.project(place[0]) as connection:
        [one] = status.of_project(connection, place[0], now or datetime.now(UTC))
    return one


def read_at(place, at: datetime) -> None:
    """The source was read once, at that time."""
    pretend.sync(*place)
    with db.instance() as connection:
        connection.execute(sa.update(table).where(table.c.state == "done").values(finished_at=at))


def test_a_source_that_waits_for_its_first_turn_is_in_line_and_then_being_read(place):
    with db.project(place[0]) as connection:
        runs.request_sync(connection, *place, {}, None)
    assert judged(place).state == "queued"
    with db.instance() as connection:
        run = runs.claim(connection, "a", "sync")
        runs.progress(connection, run.id, "Campaigns: 1 – 3 Sep 2026", 1, 4)
    assert (judged(place).state, judged(place).diagnosis) == (
        "syncing",
        "Being read: Campaigns: 1 – 3 Sep 2026",
    )


@pytest.mark.parametrize(
    ("cron", "hours", "state"),
    [
        ("", 30, "healthy"),
        ("", 37, "stale"),
        ("0 * * * *", 24, "healthy"),
        ("0 * * * *", 27, "stale"),
        ("0 6 * * mon", 24 * 6, "healthy"),
        ("0 6 * * mon", 24 * 9, "stale"),
    ],
)
def test_stale_is_a_day_later_than_planned(place, cron, hours, state):
    at = datetime(2026, 3, 2, 5, 15, tzinfo=UTC)  # a Monday, just after the default's and the weekly time
    read_at(place, at)
    with db.project(place[0]) as connection:
        schedules.change(connection, *place, cron=cron, time_zone="UTC")
    if cron.endswith("mon"):
        at += timedelta(hours=1)
        with db.instance() as connection:
            connection.execute(sa.update(table).where(table.c.state == "done").values(finished_at=at))
    assert judged(place, at + timedelta(hours=hours)).state == state


def test_a_cancelled_refresh_changes_nothing_about_the_last_good_one(place):
    read_at(place, NOW)
    with db.project(place[0]) as connection:
        run_id, _ = runs.request_sync(connection, *place, {}, None)
        runs.cancel(connection, place[0], run_id)
    assert judged(place).state == "healthy"


def test_a_part_that_could_not_be_read_is_named_though_the_rest_is_healthy(place, script):
    script.trouble.extend([None, Refused("Pretend refused the ads.")])
    pretend.sync(*place)
    found = judged(place)
    assert found.state == "healthy"
    assert "not everything could be read" in found.diagnosis
    assert "Pretend refused the ads." in found.diagnosis


def test_a_platform_that_this_server_does_not_read_is_paused(place, monkeypatch):
    read_at(place, NOW)
    monkeypatch.setattr(settings.Settings, "refreshes", lambda self, platform: False)
    found = judged(place)
    assert (found.state, found.cure.partition(".")[0]) == ("paused", "Ask whoever runs the server")


def test_what_ends_soon_is_said_ahead(place, monkeypatch):
    read_at(place, NOW)
    assert judged(place).cure == "Nothing to do."
    monkeypatch.setattr(Pretend, "version_ends", TODAY + timedelta(days=30))
    assert "ends version 1 of its API" in judged(place).cure
    monkeypatch.setattr(Pretend, "version_ends", date(2199, 1, 1))
    with db.project(place[0]) as connection:
        [login] = connections.listed(connection, place[0])
        connections.change(connection, place[0], login.id, sign_in_ends_at=NOW + timedelta(days=5))
    assert "The sign-in ends on" in judged(place).cure


def test_what_is_safe_is_said_with_everything_that_needs_somebody(place):
    read_at(place, NOW)
    with db.project(place[0]) as connection:
        [login] = connections.listed(connection, place[0])
        connections.shut_out(connection, place[0], login.id, "Pretend ended this sign-in.")
    found = judged(place)
    assert found.state == "needs_reconnecting"
    assert found.cure.endswith(f"Numbers through {TODAY - timedelta(days=1):%d %b %Y} are safe.")
