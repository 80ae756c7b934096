"""Charts as files: each kind draws, whatever it is given, in several threads at once."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from PIL import Image

from errors import BadInput
from reports import courses, palette, pictures
from reports.pictures import Mark, Picture, Series
from ui import charts

DAYS = tuple(date(2026, 3, 1) + timedelta(n) for n in range(6))
NASTY = "_$5 to $6 <b>&\x00\n日本 " + "x" * 90
STATES = ("", "", "", "settling", "settling", "open")
GAPS = (Decimal(1), None, Decimal("-2.5"), Decimal(4), Decimal(0), Decimal("1e12"))


def dated(kind: str, **more) -> Picture:
    series = tuple(Series(name, "#4477AA", GAPS, STATES) for name in ("Spend", NASTY))
    marks = (Mark(1, DAYS[0], DAYS[0], NASTY), Mark(2, DAYS[2], DAYS[4], "Sale"))
    return Picture(kind, NASTY, "EUR", DAYS, series, marks, **more)


def named(kind: str, **more) -> Picture:
    names = (NASTY, "Meta Ads", "Radio")
    series = tuple(Series(n, "#CC6677", (Decimal(1), None, Decimal("2.5"))) for n in ("a", "b"))
    return Picture(kind, "By channel", "%", names, series, **more)


ALL = [
    *(dated(kind) for kind in ("line", "bar", "stacked", "heat")),
    *(named(kind) for kind in ("line", "bar", "stacked", "horizontal", "heat")),
    named("scatter", axes=("Spend", "CTR")),
    Picture("horizontal", "Change", "", ("a", "b"), (Series("Rise", "#44AA99", (Decimal(1), None)),
            Series("Fall", "#CC6677", (None, Decimal(-3))))),
    Picture("line", "One day", "×", DAYS[:1], (Series("MER", "#4477AA", (Decimal(3),)),)),
    Picture("line", "Nothing", "", (), ()),
    Picture("bar", "No value", "", ("a",), (Series("x", "#000000", (None,)),)),
]  # fmt: skip


@pytest.mark.parametrize("picture", ALL, ids=lambda p: f"{p.kind} {p.title[:12]!r} {len(p.places)}")
def test_every_kind_of_chart_is_a_png_and_an_svg(picture):
    image = Image.open(io.BytesIO(pictures.draw(picture, "png")))
    image.verify()
    assert image.format == "PNG"
    assert image.width == 1440
    root = ElementTree.fromstring(pictures.draw(picture, "svg"))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"


@pytest.mark.parametrize("picture", ALL, ids=lambda p: f"{p.kind} {p.title[:12]!r} {len(p.places)}")
def test_every_kind_of_chart_is_drawn_on_a_page_and_said_in_words(picture):
    assert charts.figure(picture).to_plotly_json()["layout"]
    assert charts.figure(picture, small=True)
    assert charts.describe(picture).startswith(picture.title)


@pytest.mark.parametrize("form", ["gif", "", "../png", "PNG"])
def test_another_form_is_refused(form):
    with pytest.raises(BadInput, match="PNG or SVG"):
        pictures.draw(dated("line"), form)


def test_a_series_has_one_value_for_each_place():
    with pytest.raises(ValueError, match="not one value"):
        Picture("line", "x", "", DAYS, (Series("a", "#000000", GAPS[:2]),))
    with pytest.raises(ValueError, match="not one value"):
        Picture("line", "x", "", DAYS, (Series("a", "#000000", GAPS, STATES[:1]),))
    with pytest.raises(ValueError, match="two series"):
        Picture("scatter", "x", "", DAYS, (Series("a", "#000000", GAPS),))


def test_charts_are_drawn_in_several_threads_at_once():
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda n: pictures.draw(ALL[n % 4], "svg"), range(8)))
    assert all(one.startswith(b"<?xml") for one in found)


def test_a_line_is_cut_where_its_state_changes_and_stays_joined():
    found = pictures.runs(Series("a", "#000000", GAPS, STATES))
    assert [(state, list(places)) for state, places in found] == [
        ("", [0, 1, 2]), ("settling", [2, 3, 4]), ("open", [4, 5]),
    ]  # fmt: skip


def test_open_days_are_dotted_and_settling_ones_dashed_and_bars_are_hatched():
    drawn = charts.figure(dated("line"))
    assert [trace.line.dash for trace in drawn.data][:3] == ["solid", "dash", "dot"]
    assert list(charts.figure(dated("stacked")).data[0].marker.pattern.shape) == ["", "", "", "/", "/", "x"]


def test_notes_stand_on_the_chart_by_number_and_their_words_are_no_markup():
    drawn = charts.figure(dated("line"))
    assert [note.text for note in drawn.layout.annotations] == ["<b>1</b>", "<b>2</b>"]
    assert "<b>" not in drawn.layout.annotations[0].hovertext
    assert len(drawn.layout.shapes) == 3


@pytest.mark.parametrize(
    ("value", "said"), [(0.6, "0.6"), (1234, "1.23k"), (5_000_000, "5M"), (-2e9, "-2B"), (0, "0")]
)
def test_axes_say_numbers_shortly(value, said):
    assert pictures.short(value) == said


def weekly(first, count, days=7):
    places = tuple(first + timedelta(days=days * n) for n in range(count))
    return Picture("stacked", "Spend", "EUR", places, (Series("A", "#4477AA", (Decimal(1),) * count),))


def test_weeks_are_named_below_their_own_bars_with_the_year_where_it_changes():
    axis = charts.figure(weekly(date(2026, 12, 14), 5)).layout.xaxis
    assert list(axis.ticktext) == ["14 Dec<br>2026", "21 Dec", "28 Dec", "4 Jan<br>2027", "11 Jan"]
    assert len(charts.figure(weekly(date(2026, 1, 5), 52)).layout.xaxis.ticktext) <= 5


def test_months_are_named_as_months_and_days_as_days():
    places = tuple(date(2026, month, 1) for month in range(9, 12))
    months = Picture("line", "Spend", "EUR", places, (Series("A", "#4477AA", (Decimal(1),) * 3),))
    assert list(charts.figure(months).layout.xaxis.ticktext) == ["Sep<br>2026", "Oct", "Nov"]
    by_day = charts.figure(dated("line")).layout.xaxis
    assert by_day.ticktext is None
    assert by_day.hoverformat == "%-d %b %Y"


@pytest.mark.parametrize(
    "picture", [weekly(date(2026, 1, 5), 30), weekly(date(2026, 1, 1), 2), dated("line")]
)
def test_a_mailed_chart_has_the_same_pixels_across(picture):
    image = Image.open(io.BytesIO(pictures.draw(picture, "png", mailed=True)))
    assert abs(image.width - 1440) <= 1


def test_accounts_of_one_channel_share_its_colour_and_are_told_apart():
    lines = {name: [(date(2026, 1, 1), Decimal(1))] for name in "bacd"}
    drawn = courses.accounts(
        "Spend", lines, dict.fromkeys("abc", "google_ads") | {"d": "meta_ads"}, "%"
    ).series
    a, b, c, d = sorted(drawn, key=lambda one: one.name)
    assert a.color == b.color == palette.color("google_ads") != c.color
    assert [one.dashed for one in (a, b, c, d)] == [False, True, False, False]
    assert charts.figure(courses.accounts("x", lines, dict.fromkeys("abcd", "ga4"), "%")).data
