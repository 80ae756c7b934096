"""The small line in a tile: a course by day as a drawing of a few hundred bytes.

Sixteen of Streamlit's own chart tiles take a browser most of a second; sixteen of these, nothing that shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

Points = Sequence[tuple[date, Decimal | None]]
_WIDTH, _HEIGHT, _MARGIN = 640, 112, 6
_COLOR = "#2d8293"  # at least 3 : 1 on the light surface and on the dark one
_LINE = 'fill="none" stroke-width="6" stroke-linejoin="round" stroke-linecap="round"'


def svg(points: Points) -> str:
    """The course as an SVG drawing, its lowest value at the bottom; empty for fewer than two figures.

    Days without a figure leave a gap.
    """
    known = [float(value) for _, value in points if value is not None]
    if len(known) < 2:
        return ""
    low, high = min(known), max(known)
    across = (_WIDTH - 2 * _MARGIN) / (len(points) - 1)
    up = (_HEIGHT - 2 * _MARGIN) / (high - low) if high > low else 0.0
    middle = _HEIGHT / 2

    def at(place: int, value: float) -> str:
        y = _HEIGHT - _MARGIN - (value - low) * up if up else middle
        return f"{_MARGIN + place * across:.0f},{y:.0f}"

    lines = [[at(place, value) for place, value in stretch] for stretch in _stretches(points)]
    drawn = "".join(
        # A line from a point to itself shows as a dot, by its round ends.
        f'<polyline points="{" ".join(line if len(line) > 1 else line * 2)}"/>'
        for line in lines
    )
    return f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" xmlns="http://www.w3.org/2000/svg"><g stroke="{_COLOR}" {_LINE}>{drawn}</g></svg>'


def _stretches(points: Points) -> Iterator[list[tuple[int, float]]]:
    """Days in a row that have a figure, each with its place."""
    stretch: list[tuple[int, float]] = []
    for place, (_, value) in enumerate(points):
        if value is not None:
            stretch.append((place, float(value)))
        elif stretch:
            yield stretch
            stretch = []
    if stretch:
        yield stretch
