"""Periods and what they are compared with: same weekdays, same length, no day in both."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errors import BadInput
from reports.view import LONGEST, Compare, View

days = st.dates(date(2000, 1, 1), date(2090, 12, 31))


@given(first=days, length=st.integers(1, 800), compare=st.sampled_from([Compare.PREVIOUS, Compare.YEAR]))
def test_the_compared_period_has_the_same_weekdays_and_length(first, length, compare):
    view = View(first, first + timedelta(days=length - 1), "EUR", compare)
    start, end = view.compared
    assert start.weekday() == first.weekday()
    assert (end - start).days + 1 == length == len(view.days)
    assert end < view.end
    if compare is Compare.PREVIOUS:
        assert end < view.start
        assert (view.start - start).days < length + 7


def test_nothing_is_compared_when_asked_so():
    assert View(date(2026, 5, 1), date(2026, 5, 2), "EUR", Compare.NONE).compared is None


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (date(2026, 5, 2), date(2026, 5, 1), "ends before"),
        (date(1996, 1, 1), date(2026, 1, 1), "twelve years"),
        (date(2026, 1, 1), date(2026, 1, 1) + timedelta(days=LONGEST), "twelve years"),
    ],
)
def test_an_impossible_period_is_refused_in_words(first, last, said):
    with pytest.raises(BadInput, match=said):
        View(first, last, "EUR")
