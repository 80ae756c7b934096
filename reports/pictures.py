"""What a chart shows, described once: pages draw it with Plotly, downloads and mails as PNG or SVG on the server."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from errors import BadInput

Kind = Literal["line", "bar", "stacked", "horizontal", "scatter", "heat"]
State = Literal["", "settling", "open"]
"""Of a figure: final, may still be changed by its platform, or not complete yet."""
Place = date | str
FORMS = ("png", "svg")
LOW, HIGH = "#d3e9ee", "#084857"
"""Ends of the heat map's scale."""


@dataclass(frozen=True)
class Series:
    """One line, set of bars or row of a heat map; a value for each place, None for a gap.

    `states` has one state a place, or is empty where all are final. `hints` are words on hovering.
    `dashed` is for what the others are compared with.
    """

    name: str
    color: str
    values: tuple[Decimal | None, ...]
    states: tuple[State, ...] = ()
    dashed: bool = False
    hints: tuple[str, ...] = ()

    def state(self, place: int) -> State:
        """State of the figure at a place."""
        return self.states[place] if self.states else ""


@dataclass(frozen=True)
class Mark:
    """A note on some days of a chart over days; `number` is what stands at its line."""

    number: int
    first: date
    last: date
    text: str


@dataclass(frozen=True)
class Picture:
    """A chart. `places` are days or names along it; `unit` is that of the values (percent comes as 12.5 and "%").

    A scatter's two series are the x and the y values of its points, and `axes` their titles. A heat map's series
    are its rows, its places the columns. Raises ValueError where a series has not one value a place.
    """

    kind: Kind
    title: str
    unit: str
    places: tuple[Place, ...]
    series: tuple[Series, ...]
    marks: tuple[Mark, ...] = ()
    axes: tuple[str, str] = ("", "")
    sums: bool = field(default=True, compare=False)
    """Whether the values of a series may be added up to say what the chart shows in words."""

    def __post_init__(self) -> None:
        for one in self.series:
            if len(one.values) != len(self.places) or (one.states and len(one.states) != len(self.places)):
                raise ValueError(f"{one.name}: not one value for each of {len(self.places)} places")
        if self.kind == "scatter" and len(self.series) != 2:
            raise ValueError("a scatter has two series: x and y")

    @property
    def is_dated(self) -> bool:
        """True if the places are days."""
        return bool(self.places) and all(isinstance(place, date) for place in self.places)

    @property
    def is_empty(self) -> bool:
        """True if there is no value at all."""
        return all(value is None for one in self.series for value in one.values)

    @property
    def is_disjoint(self) -> bool:
        """True if each place has a value of one series at most: colours then tell the places apart."""
        at = zip(*(one.values for one in self.series), strict=True)
        return len(self.series) > 1 and all(sum(value is not None for value in here) < 2 for here in at)

    @property
    def states(self) -> set[State]:
        """The states that occur."""
        return {
            one.state(n) for one in self.series for n, value in enumerate(one.values) if value is not None
        }


def runs(series: Series) -> list[tuple[State, range]]:
    """The places of a line in stretches of one state; each stretch begins where the one before ended."""
    found: list[tuple[State, range]] = []
    start = 0
    for place in range(1, len(series.values) + 1):
        if place == len(series.values) or series.state(place) != series.state(start):
            found.append((series.state(start), range(max(start - 1, 0), place)))
            start = place
    return found


def short(value: float) -> str:
    """1.2M, 34k, 0.6: a number on an axis."""
    for size, sign in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.3g}{sign}"
    return f"{value:.3g}"


def labelled(value: float, unit: str) -> str:
    """A number on an axis with its unit."""
    return f"{short(value)}{unit}" if unit in {"%", "×"} else f"{short(value)} {unit}".rstrip()


def draw(picture: Picture, form: str, *, mailed: bool = False) -> bytes:
    """The chart as a PNG (1,440 pixels wide) or SVG file, on white. A `mailed` one has no title, as the mail says it
    above, and letters that can be read on a phone. Raises BadInput for another form."""
    if form not in FORMS:
        raise BadInput(f"Charts can be downloaded as PNG or SVG, not as {form[:20]}.")
    from reports import drawing  # loads matplotlib, which takes half a second and is rarely needed

    return drawing.draw(picture, form, mailed=mailed)
