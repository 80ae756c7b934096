"""When accounts are refreshed: default hours, own schedules, two sidecars, and what a schedule may not be."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, time, timedelta

import pytest
import sqlalchemy as sa

import settings
from errors import BadInput
from store import db, runs, schedules
from store.access import Role
from store.models import schedules as table
from store.schedules import Schedule
from syncing import refreshing, schedule
from tests import accounts
from tests.syncing import pretend

NOW = datetime(2026, 3, 28, 12, tzinfo=UTC)  # clocks go forward in Berlin on the 29th


def planned(cron: str, zone: str, after: datetime = NOW) -> datetime:
    found = schedule.next_time(Schedule(1, 1, 1, "pretend", cron, zone, False, None), after)
    return found - schedule.moved(1, 1)


def test_the_default_is_twice_a_day_in_utc():
    assert planned("", "Europe/Berlin") == NOW.replace(hour=17)
    assert planned("", "Europe/Berlin", NOW.replace(hour=18)) == datetime(2026, 3, 29, 5, tzinfo=UTC)


def test_an_own_schedule_is_in_the_project_s_zone_also_when_the_clocks_change():
    assert planned("0 6 * * *", "Europe/Berlin", NOW - timedelta(days=1)) == datetime(
        2026, 3, 28, 5, tzinfo=UTC
    )
    assert planned("0 6 * * *", "Europe/Berlin") == datetime(2026, 3, 29, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("weekdays", "fires"),
    [
        ("0", [29]),
        ("7", [29]),
        ("1", [30]),
        ("1-5", [30, 31]),
        ("5-7", [29]),
        ("*/2", [29, 31]),
        ("sun,2", [29, 31]),
    ],
)
def test_numbered_weekdays_count_from_sunday_as_cron_does(weekdays, fires):
    days = [date(2026, 3, day) for day in (29, 30, 31)]
    trigger = schedule.trigger(f"0 6 * * {weekdays}", "UTC")
    midnights = [datetime.combine(day, time.min, UTC) for day in days]
    found = [at.day for at in midnights if trigger.get_next_fire_time(None, at).date() == at.date()]
    assert found == fires


def test_sources_are_moved_apart_by_minutes_of_their_own():
    moved = {schedule.moved(1, source) for source in range(50)}
    assert len(moved) > 40
    assert max(moved) < timedelta(minutes=schedule.JITTER_MINUTES)


@pytest.mark.parametrize(
    "cron", ["every day", "99 * * * *", "* * * * *", "*/5 * * * *", "0 0 31 2 *", "a" * 500, "0 6 * *"]
)
def test_what_is_no_schedule_or_too_often_is_refused(cron):
    with pytest.raises(BadInput, match="Nothing was changed"):
        schedule.trigger(cron, "UTC")


def test_all_presets_are_schedules():
    for cron in schedule.PRESETS:
        assert schedule.trigger(cron, "Europe/Berlin")


@pytest.fixture
def place(make_project, monkeypatch) -> tuple[int, int]:
    pretend.install(monkeypatch)
    return (project_id := make_project(), pretend.connected(project_id))


def asked(place) -> list[runs.Run]:
    with db.project(place[0]) as connection:
        return [run for run in runs.syncs(connection, place[0]) if run.params == {"mode": "schedule"}]


def test_what_is_due_is_asked_for_once_and_planned_anew(place):
    now = datetime.now(UTC)
    schedule.ask_for_what_is_due(now)
    assert asked(place) == []
    schedule.ask_for_what_is_due(now + timedelta(days=1))
    schedule.ask_for_what_is_due(now + timedelta(days=1))
    assert len(asked(place)) == 1
    with db.instance() as connection:
        [one] = schedules.listed(connection)
    assert one.next_at > now + timedelta(days=1)


def test_two_sidecars_at_once_ask_once(place):
    schedule.ask_for_what_is_due(datetime.now(UTC))
    later, found = datetime.now(UTC) + timedelta(days=1), []
    threads = [
        threading.Thread(target=lambda: found.extend(schedule.ask_for_what_is_due(later))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 1


def test_a_paused_source_and_a_platform_that_is_off_are_left_alone(place, monkeypatch):
    schedule.ask_for_what_is_due(datetime.now(UTC))
    later = datetime.now(UTC) + timedelta(days=1)
    with db.instance() as connection:
        connection.execute(sa.update(table).values(paused=True))
    assert schedule.ask_for_what_is_due(later) == []
    with db.instance() as connection:
        connection.execute(sa.update(table).values(paused=False, platform="tiktok_ads"))
    monkeypatch.setenv("TIKTOK_REFRESH_ENABLED", "off")
    settings.current.cache_clear()
    assert schedule.ask_for_what_is_due(later) == []
    monkeypatch.undo()
    settings.current.cache_clear()


def test_a_schedule_is_changed_by_an_owner_and_shows_its_next_time(place):
    owner = accounts.join(accounts.add("owner@example.com"), place[0], Role.OWNER)
    refreshing.set_schedule(owner, *place, "0 6 * * mon", paused=False)
    with db.project(place[0]) as connection:
        found = schedules.read(connection, *place)
    assert (found.cron, found.time_zone) == ("0 6 * * mon", "Europe/Berlin")
    assert found.next_at > datetime.now(UTC)
    with pytest.raises(BadInput):
        refreshing.set_schedule(owner, *place, "whenever", paused=False)
    with db.project(place[0]) as connection:
        assert schedules.read(connection, *place) == found
