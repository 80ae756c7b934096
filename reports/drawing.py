"""Charts drawn on the server by matplotlib, for downloads and mails; only its object interface, which threads may share."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import matplotlib as mpl
import matplotlib.dates
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from reports.pictures import HIGH, LOW, Picture, Series, labelled, runs

mpl.rcParams["text.parse_math"] = False  # a campaign may be called $5 to $10
_DPI, _WIDTH, _HEIGHT = 144, 10.0, 4.6
_MAILED_WIDTH, _MAILED_HEIGHT = 5.6, 3.0
_INK, _FAINT = "#1c2b33", "#d5dee2"
_DASHES = {"": "solid", "settling": "dashed", "open": "dotted"}
_HATCHES = {"": "", "settling": "///", "open": "xxx"}
_EPOCH = date(1970, 1, 1)
_MOST_NAMES, _LONGEST = 14, 34


def draw(picture: Picture, form: str, *, mailed: bool = False) -> bytes:
    """The file's bytes; `form` is png or svg. A `mailed` one has the same pixels, but larger letters and no title."""
    tall = {"horizontal": len(picture.places), "heat": len(picture.series)}.get(picture.kind, 0)
    width, height = (_MAILED_WIDTH, _MAILED_HEIGHT) if mailed else (_WIDTH, _HEIGHT)
    figure = Figure(figsize=(width, max(height, 1.6 + 0.32 * min(tall, 60))), layout="constrained")
    axes = figure.add_subplot()
    if not mailed:
        axes.set_title(_clean(picture.title, 110), loc="left", color=_INK, fontsize=12)
    if picture.is_empty:
        axes.text(0.5, 0.5, "No figures", ha="center", va="center", transform=axes.transAxes)
        axes.set_axis_off()
    else:
        _DRAW[picture.kind](axes, picture)
        _style(axes, picture, room=width / _WIDTH)
    return _bytes(figure, form, _DPI * _WIDTH / width)


def _bytes(figure: Figure, form: str, dpi: float) -> bytes:
    file = io.BytesIO()
    metadata = {"Date": None} if form == "svg" else None
    figure.savefig(file, format=form, dpi=dpi, metadata=metadata)
    return file.getvalue()


def _clean(text: str, longest: int = _LONGEST) -> str:
    """A name without what no font has, short enough for a chart; a leading _ would hide it from the legend."""
    seen = "".join(c for c in text if c.isprintable())
    seen = seen if len(seen) <= longest else f"{seen[: longest - 1]}…"
    return f"\N{THIN SPACE}{seen}" if seen.startswith("_") else seen


def _numbers(series: Series) -> list[float]:
    return [float("nan") if value is None else float(value) for value in series.values]


def _day(place: object) -> float:
    """A day on matplotlib's calendar."""
    return float((place - _EPOCH).days) if isinstance(place, date) else 0.0


def _along(picture: Picture) -> list[float]:
    """Where each place lies: days on the calendar, names one after the other."""
    if picture.is_dated:
        return [_day(place) for place in picture.places]
    return [float(n) for n in range(len(picture.places))]


def _line(axes: Axes, picture: Picture) -> None:
    along = _along(picture)
    for one in picture.series:
        values, label = _numbers(one), _clean(one.name)
        lonely = sum(value is not None for value in one.values) < 3
        for state, places in runs(one):
            axes.plot(
                [along[n] for n in places], [values[n] for n in places], color=one.color, linewidth=1.8, label=label,
                linestyle="dashdot" if one.dashed and not state else _DASHES[state], marker="o" if lonely else None,
            )  # fmt: skip
            label = ""


def _step(picture: Picture) -> float:
    """Distance between two places."""
    along = _along(picture)
    return min((b - a for a, b in pairwise(along)), default=1.0)


def _bars(axes: Axes, picture: Picture) -> None:
    """Bars beside each other, or on each other: what is below zero is stacked downwards."""
    stacked, along = picture.kind == "stacked" or picture.is_disjoint, _along(picture)
    room = _step(picture) * 0.84
    width = room if stacked else room / len(picture.series)
    above, below = [0.0] * len(along), [0.0] * len(along)
    for place, one in enumerate(picture.series):
        values = [0.0 if value is None else float(value) for value in one.values]
        feet = [above[n] if value >= 0 else below[n] for n, value in enumerate(values)]
        shift = 0.0 if stacked else (place - (len(picture.series) - 1) / 2) * width
        bars = axes.bar(
            [x + shift for x in along], values, width, bottom=feet if stacked else None, color=one.color,
            label=_clean(one.name), edgecolor="white", linewidth=0,
        )  # fmt: skip
        for n, bar in enumerate(bars):
            bar.set_hatch(_HATCHES[one.state(n)])
        for n, value in enumerate(values):
            if value >= 0:
                above[n] += value
            else:
                below[n] += value


def _horizontal(axes: Axes, picture: Picture) -> None:
    beside = 1 if picture.is_disjoint else len(picture.series)
    high = 0.8 / beside
    for place, one in enumerate(picture.series):
        values = [0.0 if value is None else float(value) for value in one.values]
        shift = (place - (len(picture.series) - 1) / 2) * high if beside > 1 else 0.0
        at = [n + shift for n in range(len(values))]
        axes.barh(at, values, high, color=one.color, label=_clean(one.name))
    axes.set_yticks(range(len(picture.places)), [_clean(str(place)) for place in picture.places])
    axes.invert_yaxis()


def _scatter(axes: Axes, picture: Picture) -> None:
    across, up = (_numbers(one) for one in picture.series)
    axes.scatter(across, up, color=picture.series[1].color, s=36, alpha=0.85)
    named = [n for n in range(len(picture.places)) if across[n] == across[n] and up[n] == up[n]]
    for n in sorted(named, key=lambda n: -up[n])[:_MOST_NAMES]:
        axes.annotate(_clean(str(picture.places[n]), 24), (across[n], up[n]), (4, 4), textcoords="offset points",
                      fontsize=8, color=_INK)  # fmt: skip
    axes.set_xlabel(_clean(picture.axes[0], 60))
    axes.set_ylabel(_clean(picture.axes[1], 60))


def _heat(axes: Axes, picture: Picture) -> None:
    cells = [_numbers(one) for one in picture.series]
    shown = axes.imshow(cells, aspect="auto", cmap=LinearSegmentedColormap.from_list("heat", [LOW, HIGH]))
    axes.set_yticks(range(len(cells)), [_clean(one.name) for one in picture.series])
    every = -(-len(picture.places) // _MOST_NAMES)
    axes.set_xticks(
        range(0, len(picture.places), every), [_clean(_said(place), 14) for place in picture.places[::every]]
    )
    bar = axes.figure.colorbar(shown, ax=axes, shrink=0.8)
    bar.ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: labelled(value, picture.unit)))


def _said(place: object) -> str:
    return f"{place.day} {place:%b}" if isinstance(place, date) else str(place)


_DRAW: dict[str, Callable[[Axes, Picture], None]] = {
    "line": _line, "bar": _bars, "stacked": _bars, "horizontal": _horizontal, "scatter": _scatter, "heat": _heat,
}  # fmt: skip


def _style(axes: Axes, picture: Picture, room: float) -> None:
    """Axes, grid, names and legend; `room` is the part of the full width that there is for names."""
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.tick_params(colors=_INK, labelsize=9)
    if picture.kind == "heat":
        return
    values: Any = axes.xaxis if picture.kind == "horizontal" else axes.yaxis
    values.set_major_formatter(FuncFormatter(lambda value, _: labelled(value, picture.unit)))
    axes.grid(axis="x" if picture.kind == "horizontal" else "y", color=_FAINT, linewidth=0.7)
    axes.set_axisbelow(True)
    if picture.kind == "scatter":
        return
    if picture.kind == "line" and axes.get_ylim()[0] > 0:
        axes.set_ylim(bottom=0)
    if picture.kind != "horizontal":
        _places(axes, picture, room)
    if len(picture.series) > 1 and not picture.is_disjoint:
        axes.legend(
            loc="upper left",
            bbox_to_anchor=(0, -0.09 if room == 1 else -0.14),
            ncols=4 if room == 1 else 3,
            frameon=False,
            fontsize=9,
        )
    _marks(axes, picture)


def _places(axes: Axes, picture: Picture, room: float) -> None:
    """The names or days below the chart; those of weeks and months stand below their own bar or point."""
    if picture.is_dated and _step(picture) >= 7:
        named = picture.places[:: -(-len(picture.places) // int(9 * room))]
        monthly = all(isinstance(place, date) and place.day == 1 for place in picture.places)
        texts = [f"{place:%b %Y}" if monthly else _said(place) for place in named]
        axes.set_xticks([_day(place) for place in named], texts)
        return
    if picture.is_dated:
        calendar: Any = matplotlib.dates
        locator = calendar.AutoDateLocator(maxticks=int(5 + 4 * room))
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(calendar.ConciseDateFormatter(locator, None, _NAMES, _YEARS, _NAMES))
        return
    counted = picture.kind == "line"  # days of a period, one after the other: not each needs its name
    slanted = len(picture.places) > 6 and not counted
    every = -(-len(picture.places) // (int(9 * room) if counted else 40))
    axes.set_xticks(
        range(0, len(picture.places), every), [_clean(str(place), 20) for place in picture.places[::every]],
        rotation=35 if slanted else 0, ha="right" if slanted else "center",
    )  # fmt: skip


_NAMES = ["%Y", "%b %Y", "%-d %b", "%H:%M", "%H:%M", "%S"]
_YEARS = ["", "", "%Y", "%-d %b %Y", "%-d %b %Y", "%-d %b %Y"]


def _marks(axes: Axes, picture: Picture) -> None:
    """A thin line at the first day of each note, with its number; its words stand below the chart."""
    if not picture.is_dated or picture.kind == "horizontal":
        return
    for mark in picture.marks:
        first = _day(mark.first)
        axes.axvline(first, color=_INK, linewidth=0.8)
        if mark.last > mark.first:
            axes.axvspan(first, _day(mark.last + timedelta(1)), color=_INK, alpha=0.06)
        axes.annotate(str(mark.number), (first, 1), xycoords=("data", "axes fraction"), ha="center", va="bottom",
                      fontsize=8, color=_INK)  # fmt: skip
    if picture.marks:
        said = "   ".join(f"{mark.number} {_clean(mark.text, 40)}" for mark in picture.marks[:6])
        axes.set_xlabel(said, loc="left", fontsize=8, color=_INK)
