"""Tiles: how a change reads."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ui import tables


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
