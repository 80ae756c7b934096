"""Pace of targets: expected, pace and forecast agree with each other, whatever the days and amounts."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.pace import pace

FIRST = date(2026, 3, 1)
amounts = st.decimals(Decimal("0.01"), Decimal("1e9"), places=2)


def day(n: int) -> date:
    return FIRST + timedelta(n)


@given(amounts, amounts, st.integers(1, 400), st.integers(-5, 420), st.integers(0, 3))
def test_sums_are_expected_evenly_and_forecast_by_their_pace(value, actual, days, complete, behind):
    last, today = day(days - 1), day(complete + 1 + behind)
    found = pace(value, FIRST, last, day(complete), today, actual, adds_up=True)
    assert found.days == days
    if today < FIRST:
        assert (found.state, found.elapsed, found.pace) == ("not_started", 0, None)
    elif complete < 0:
        assert (found.state, found.elapsed, found.pace) == ("no_days", 0, None)
    else:
        assert found.elapsed == min(complete + 1, days)
        assert abs(found.pace * found.expected - actual) < Decimal("1e-9") * actual
        assert abs(found.forecast / value - found.pace) <= Decimal("1e-20") * max(found.pace, 1)
        if found.elapsed == days:
            assert found.expected == value
            assert found.forecast == actual
            assert (found.state == "ended") == (today > last)


@given(amounts, amounts, st.integers(1, 100), st.integers(0, 100))
def test_a_ratio_is_compared_with_the_target_at_any_time(value, actual, days, complete):
    found = pace(value, FIRST, day(days - 1), day(complete), day(complete + 1), actual, adds_up=False)
    assert (found.expected, found.forecast, found.pace) == (value, actual, actual / value)


@pytest.mark.parametrize(
    ("actual", "verdict"),
    [("50", "on"), ("51", "on"), ("49", "on"), ("52", "above"), ("48", "below"), ("0", "below")],
)
def test_two_percent_off_is_on_plan(actual, verdict):
    found = pace(Decimal(100), FIRST, day(9), day(4), day(5), Decimal(actual), adds_up=True)
    assert (found.expected, found.verdict) == (Decimal(50), verdict)


def test_what_is_not_measured_has_no_pace():
    found = pace(Decimal(100), FIRST, day(9), day(4), day(5), None, adds_up=True)
    assert (found.state, found.elapsed, found.pace, found.verdict) == ("not_measured", 5, None, "")


def test_a_period_that_is_over_keeps_waiting_for_late_figures():
    late = pace(Decimal(100), FIRST, day(9), day(7), day(20), Decimal(80), adds_up=True)
    assert (late.state, late.elapsed, late.forecast) == ("running", 8, Decimal(100))


@pytest.mark.parametrize(("value", "last"), [("0", day(3)), ("-1", day(3)), ("5", day(-1))])
def test_a_target_of_nothing_or_backwards_is_refused(value, last):
    with pytest.raises(ValueError, match="above zero"):
        pace(Decimal(value), FIRST, last, day(0), day(1), Decimal(1), adds_up=True)
