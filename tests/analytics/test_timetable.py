"""Times that repeat, over changes of the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.timetable import Timetable

ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Asia/Kolkata",
    "UTC",
    "America/Sao_Paulo",
]
TABLES = st.builds(
    Timetable, st.sampled_from(["daily", "weekly", "monthly"]), st.integers(0, 23), st.integers(1, 7), st.integers(1, 31)
)  # fmt: skip
MOMENTS = st.datetimes(datetime(2008, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone


@given(TABLES, st.sampled_from(ZONES), MOMENTS)
def test_the_next_time_is_later_on_a_right_day_and_at_its_hour_or_the_next_that_there_is(table, zone, after):
    found = table.next(after, zone)
    assert found > after
    local = found.astimezone(ZoneInfo(zone))
    if local.hour == table.hour:
        assert table.falls_on(local.date())
    else:  # the clock went forward over the hour
        missing = datetime.combine(local.date(), datetime.min.time()).replace(
            hour=table.hour, tzinfo=ZoneInfo(zone)
        )
        there_and_back = missing.astimezone(UTC).astimezone(ZoneInfo(zone))
        assert there_and_back.replace(tzinfo=None) != missing.replace(tzinfo=None) or zone == "Pacific/Apia"
    assert local.minute == 0 or zone == "Australia/Lord_Howe"


@given(st.integers(0, 23), st.sampled_from(ZONES), MOMENTS)
def test_a_daily_report_leaves_once_a_day_whatever_the_clocks_do(hour, zone, after):
    table, times = Timetable("daily", hour), []
    for _ in range(10):
        after = table.next(after, zone)
        times.append(after)
    assert all(timedelta(hours=22) <= b - a <= timedelta(hours=49) for a, b in pairwise(times))
    assert len({one.astimezone(ZoneInfo(zone)).date() for one in times}) >= 9


@pytest.mark.parametrize(
    ("hour", "after", "expected"),
    [
        (2, "2026-03-28T12:00", "2026-03-29T01:00"),  # 02:00 does not exist: 03:00 CEST
        (2, "2026-10-24T12:00", "2026-10-25T00:00"),  # 02:00 exists twice: the first, CEST
        (2, "2026-10-25T00:00", "2026-10-26T01:00"),  # and not again an hour later
        (8, "2026-03-28T12:00", "2026-03-29T06:00"),
    ],
)
def test_in_berlin(hour, after, expected):
    found = Timetable("daily", hour).next(datetime.fromisoformat(after).replace(tzinfo=UTC), "Europe/Berlin")
    assert found == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_day_31_is_the_last_day_of_shorter_months():
    table, found = Timetable("monthly", 6, month_day=31), []
    after = datetime(2026, 1, 31, 12, tzinfo=UTC)
    for _ in range(3):
        after = table.next(after, "UTC")
        found.append(after.date())
    assert found == [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]


@pytest.mark.parametrize(
    "wrong", [("hourly", 1, 1, 1), ("daily", 24, 1, 1), ("daily", 1, 8, 1), ("daily", 1, 1, 32)]
)
def test_what_is_no_time_is_refused(wrong):
    with pytest.raises(ValueError, match="no such time"):
        Timetable(*wrong)
