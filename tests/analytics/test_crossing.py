"""A line that a figure crosses is told once each time."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.crossing import Line, crossed, remembered

VALUES = st.one_of(st.none(), st.decimals(-1000, 1000, places=2))


@given(
    st.sampled_from(["above", "below", "changed"]),
    st.decimals(0, 500, places=1),
    st.lists(st.tuples(VALUES, VALUES)),
)
def test_it_is_told_when_it_gets_beyond_the_line_and_not_again_before_it_was_back(test, limit, looks):
    line, before, told = Line(test, limit), None, []
    for value, change in looks:
        now = line.holds(value, change)
        if crossed(before, now):
            told.append(True)
        elif now is False:
            told.append(False)
        before = remembered(before, now)
    beyond = [line.holds(*look) for look in looks]
    known = [one for one in beyond if one is not None]
    expected = sum(one and (n == 0 or not known[n - 1]) for n, one in enumerate(known))
    assert sum(told) == expected


@pytest.mark.parametrize(
    ("test", "value", "change", "holds"),
    [
        ("above", 11, None, True), ("above", 10, None, False), ("above", None, 5, None), ("below", 9, None, True),
        ("below", 10, None, False), ("changed", 1, Decimal("-11"), True), ("changed", 1, Decimal(10), False),
        ("changed", 1, None, None),
    ],
)  # fmt: skip
def test_a_line_of_ten(test, value, change, holds):
    assert Line(test, Decimal(10)).holds(None if value is None else Decimal(value), change) is holds
