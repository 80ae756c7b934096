"""The small lines in tiles: they stay in their frame, leave gaps, and are nothing where nothing can be drawn."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from ui import sparklines

FIRST = date(2026, 5, 1)


def course(values):
    return [(FIRST + timedelta(n), None if v is None else Decimal(v)) for n, v in enumerate(values)]


def lines(drawing: str) -> list[list[tuple[int, int]]]:
    found = ElementTree.fromstring(drawing)
    return [
        [tuple(int(n) for n in pair.split(",")) for pair in one.attrib["points"].split()]
        for one in found.iter()
        if "points" in one.attrib
    ]


def test_a_course_rises_where_its_figures_rise():
    (line,) = lines(sparklines.svg(course([1, 3, 2])))
    across, down = zip(*line, strict=True)
    assert list(across) == sorted(across)
    assert down[1] < down[2] < down[0]


def test_days_without_a_figure_leave_a_gap_and_a_lonely_day_is_a_dot():
    first, lonely = lines(sparklines.svg(course([1, 2, None, 3, None])))
    assert len(first) == 2
    assert lonely[0] == lonely[1]


def test_fewer_than_two_figures_make_no_line():
    assert [sparklines.svg(course(values)) for values in ([], [5], [None, 5, None])] == ["", "", ""]


def test_a_course_that_does_not_move_is_level():
    (line,) = lines(sparklines.svg(course([4, 4, 4])))
    assert len({y for _, y in line}) == 1


@given(st.lists(st.none() | st.decimals(-(10**12), 10**12, places=4), max_size=400))
def test_whatever_the_figures_the_drawing_stays_in_its_frame(values):
    drawing = sparklines.svg(course(values))
    if not drawing:
        assert sum(value is not None for value in values) < 2
        return
    width, height = (int(n) for n in re.search(r"0 0 (\d+) (\d+)", drawing).groups())
    for line in lines(drawing):
        assert all(0 <= x <= width and 0 <= y <= height for x, y in line)
