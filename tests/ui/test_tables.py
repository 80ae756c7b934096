"""Tiles: how a change reads."""

from __future__ import annotations

from decimal import Decimal

import pytest

from analytics import metrics
from ui import formats, tables


@pytest.mark.parametrize("change", ["0.0004", "-0.0004", "0"])
def test_a_change_that_rounds_to_nothing_is_neither_good_nor_bad(change):
    found = tables.delta(Decimal(change), "up", "vs before")
    assert (found["delta"], found["delta_color"], found["delta_arrow"]) == ("0.0%", "off", "off")


@pytest.mark.parametrize(("direction", "color"), [("up", "normal"), ("down", "inverse"), ("none", "off")])
def test_a_change_is_coloured_by_the_metrics_own_direction(direction, color):
    found = tables.delta(Decimal("-0.1234"), direction, "vs before")
    assert (found["delta"], found["delta_color"], found["delta_arrow"]) == ("-12.3%", color, "auto")


def test_without_anything_to_compare_with_nothing_is_said():
    found = tables.delta(None, "up", "vs before")
    assert (found["delta"], found["delta_description"]) == (None, None)


def test_percent_columns_have_two_decimals_in_every_line():
    found = tables.column("ctr", "EUR")
    assert (found["type_config"]["format"], found["type_config"]["step"]) == ("percent", 0.0001)


def test_shares_are_as_fine_as_their_column_shows_them():
    assert tables.shares([Decimal(2), None, Decimal(0)], Decimal(3)) == [0.6667, None, 0.0]
    assert tables.shares([Decimal(2)], None) == [None]
    assert tables.shares([Decimal(2)], Decimal(0)) == [None]


@pytest.mark.parametrize(("slug", "values", "said"), [
    ("spend", ["1994.3", "-661.5", "0"], ["+€1,994.30", "−€661.50", "€0.00"]),
    ("clicks", ["1200", "-3"], ["+1,200", "−3"]),
    ("conversions", ["1200", "2.5"], ["+1,200.00", "+2.50"]),
    ("ctr", ["0.0125", "-0.003"], ["+1.25%", "−0.30%"]),
])  # fmt: skip
def test_parts_of_a_change_have_the_same_decimals(slug, values, said):
    numbers = [Decimal(value) for value in values]
    assert formats.signed_alike(metrics.metric(slug), numbers, "EUR") == said
