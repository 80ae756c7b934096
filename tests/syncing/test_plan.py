"""Which days a run reads, and in what order."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from syncing import plan

DAY = date(2026, 10, 25)  # the clocks go back in Berlin
NOW = datetime(2026, 11, 20, 5, tzinfo=UTC)


def at(day: date, hour: int = 0) -> datetime:
    return datetime.combine(day, time(hour), UTC)


def test_a_day_that_was_never_read_is_needed():
    assert plan.is_needed(DAY, None, NOW, 0, "UTC")


def test_a_day_settles_when_its_lookback_is_over_in_the_account_s_zone():
    berlin_midnight = datetime(2026, 10, 25, 23, tzinfo=UTC)  # 25 October lasts 25 hours there
    assert plan.is_needed(DAY, berlin_midnight - timedelta(minutes=1), NOW, 0, "Europe/Berlin")
    assert not plan.is_needed(DAY, berlin_midnight, NOW, 0, "Europe/Berlin")
    assert plan.is_needed(DAY, berlin_midnight, NOW, 1, "Europe/Berlin")


def test_a_day_that_this_run_has_read_is_not_read_again():
    assert not plan.is_needed(NOW.date(), NOW + timedelta(seconds=1), NOW, 30, "UTC")


def test_a_zone_that_nobody_knows_counts_as_utc():
    assert plan.today(NOW, "Mars/Olympus") == NOW.date()
    assert plan.today(NOW, "") == NOW.date()


@given(st.sets(st.integers(0, 60)), st.integers(1, 20))
def test_chunks_hold_every_day_once_newest_first_without_gaps(numbers, longest):
    days = sorted(DAY + timedelta(n) for n in numbers)
    found = list(plan.chunks("ad", days, longest))
    held = [chunk.first + timedelta(n) for chunk in found for n in range(chunk.days)]
    assert sorted(held) == days
    assert all(chunk.days <= longest for chunk in found)
    assert [chunk.last for chunk in found] == sorted((chunk.last for chunk in found), reverse=True)


@given(st.integers(1, 12), st.integers(1, 40), st.integers(1, 40))
def test_the_newest_thirty_days_of_all_streams_come_before_anything_older(longest, some, others):
    waiting = {
        "campaign": [DAY - timedelta(n) for n in reversed(range(some))],
        "ad": [DAY - timedelta(n) for n in reversed(range(others))],
    }
    spans = {"campaign": longest, "ad": longest}
    buckets = []
    while chunk := plan.following(waiting, spans, DAY):
        waiting[chunk.stream] = waiting[chunk.stream][: -chunk.days]
        buckets.append((DAY - chunk.last).days // 30)
    assert buckets == sorted(buckets)
    assert not any(waiting.values())
