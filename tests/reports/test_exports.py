"""Tables as files: whole counts whole, everything else to the sixth decimal."""

from __future__ import annotations

from decimal import Decimal

import pytest

from reports import exports

WHOLE = {"clicks": Decimal(20597), "spend": Decimal("11288.53")}
PART = {"clicks": Decimal("238.69"), "spend": Decimal(7)}
NONE = {"clicks": None, "spend": None}


@pytest.mark.parametrize(
    ("totals", "line"),
    [
        ([WHOLE], "a,20597,11288.53"),
        ([WHOLE, NONE], "a,20597,11288.53"),
        ([WHOLE, PART], "a,20597.0,11288.53"),  # one fraction makes the column one of fractions
        ([NONE], "a,,"),
    ],
)
def test_counts_without_a_fraction_are_whole_numbers(totals, line):
    names = {"Channel": ["a", "b"][: len(totals)]}
    sheet = exports.Sheet("Channels", names, totals, ("clicks", "spend"), "EUR")
    assert exports.as_csv(sheet).decode("utf-8-sig").splitlines()[1] == line
