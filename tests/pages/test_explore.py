"""Explore as people with each role see it: with data, without, in every chart, and by nonsense links."""

from __future__ import annotations

import io
from datetime import date, timedelta

import polars as pl
import pytest

from sandbox import exports
from sandbox.business import Business
from store import annotations, db, rates
from store.annotations import Content
from tests.opening import press, text
from tests.pages.links import follow
from tests.syncing.files import bring_in, meta_file

MONDAY = date(2026, 3, 2)


@pytest.fixture
def filled(house):
    with db.instance() as connection:
        rates.ensure(connection)
    rows = [
        (MONDAY + timedelta(days=n), name, spend, 4)
        for n in range(7)
        for name, spend in (("A", "2"), ("B", "1"))
    ]
    bring_in(house.project_id, meta_file(rows))
    return house


def show(house, role="viewer", **params):
    return follow(house, role, "explore", **{"period": "All data", **params})


def rows(found) -> dict[str, list]:
    return {row[0]: list(row[1:]) for row in found.dataframe[-1].value.itertuples(index=False)}


def drawn(found) -> int:
    return len(found.get("plotly_chart"))


@pytest.mark.parametrize("role", ["viewer", "editor"])
def test_an_empty_project_says_what_to_do_next(house, role):
    assert "Nothing here yet" in text(house.open(role, "explore"))


@pytest.mark.parametrize("role", ["viewer", "editor", "owner", "admin"])
def test_everybody_sees_the_question_of_the_link(filled, role):
    found = show(filled, role, metrics=["Spend", "CPC"], by="Campaign", chart="Horizontal bars")
    assert rows(found) == {
        "Total": ["", 21.0, 0.38], "A": ["Meta Ads · Shop", 14.0, 0.5], "B": ["Meta Ads · Shop", 7.0, 0.25],
    }  # fmt: skip
    assert drawn(found) == 1
    assert "Spend and CPC by campaign" in text(found)


def test_spend_by_day_comes_first(filled):
    found = show(filled)
    assert rows(found)["Total"] == [21.0]
    assert len(rows(found)) == 8
    assert drawn(found) == 1


def test_a_formula_is_a_column_and_dividing_by_zero_a_dash(filled):
    found = show(filled, metrics="Spend", by="Channel", formula="spend / clicks")
    assert rows(found)["Meta Ads"] == [21.0, 0.38]
    none = show(filled, metrics="Spend", by="Channel", formula="spend / (clicks - clicks)")
    assert rows(none)["Meta Ads"][1] != rows(none)["Meta Ads"][1] or rows(none)["Meta Ads"][1] is None
    wrong = show(filled, metrics="Spend", formula="__import__('os')")
    assert "The formula cannot be read" in text(wrong)
    assert drawn(wrong) == 1


def test_a_link_with_nonsense_still_opens_and_says_what_is_missing(filled):
    found = show(
        filled, metrics=["Spend", "Happiness"], by="Moon", split="?", chart="Pie", sort="x", smallest="z", top="-4",
        channels=["Meta Ads", "Fax"], campaigns="Nobody", period="Yesteryear", currency="XYZ", dates="x",
    )  # fmt: skip
    assert rows(found)["Total"] == [21.0]
    said = text(found)
    assert "Happiness" in said
    assert "channels that this project has no figures of (any more): Fax" in said
    assert "Nobody" in said
    assert "not among the choices: Yesteryear, XYZ" in said
    assert "not among the choices: Moon, ?, Pie …" in said


def test_a_link_of_known_choices_is_not_called_wrong(filled):
    known = {
        "period": "Last 90 days",
        "currency": "USD",
        "by": "Week",
        "split": "Channel",
        "chart": "Stacked bars",
    }
    assert "not among the choices" not in text(show(filled, **known))


def test_charts_that_do_not_fit_say_why(filled):
    assert "A scatter needs two metrics" in text(show(filled, chart="Scatter"))
    assert "Ratios and counts of people cannot be stacked" in text(
        show(filled, metrics="CTR", chart="Stacked bars")
    )
    assert "Lines join days" in text(show(filled, by="Channel", chart="Line"))
    assert drawn(show(filled, chart="Table only")) == 0
    assert drawn(show(filled, chart="Heat map")) == 1


def test_no_metric_and_no_figures_are_told(filled):
    assert "No figures for this view" in text(show(filled, period="Last 7 days"))
    assert "No account has these metrics by country" in text(show(filled, by="Country"))
    assert "longer than twelve years" in text(
        show(filled, period="Custom dates", dates=["2016-04-01", "2035-01-01"])
    )


def test_notes_stand_below_the_chart_for_everybody(filled):
    annotations.add(filled.people["editor"], filled.project_id, Content(MONDAY, MONDAY, "Sale *begins*"))
    found = show(filled, "viewer")
    assert "**1** 2 Mar 2026: Sale \\*begins\\*" in text(found)
    assert "Notes (1)" in [b.label for b in found.button]


def test_an_editor_writes_edits_and_removes_a_note_and_takes_it_back(filled):
    found = press(show(filled, "editor"), "Notes")
    found.text_input(key="note-new-text").set_value("Sale")
    found.date_input(key="note-new-days").set_value((MONDAY, MONDAY + timedelta(1)))
    found = press(found, "Save note")
    assert "The note is saved" in text(found)
    assert "2–3 Mar 2026: Sale" in text(found)
    found = press(found, "Notes (1)")
    found = press(found, "Remove")
    assert "The note is removed" in text(found)
    assert "2–3 Mar 2026: Sale" not in text(found)
    assert "2–3 Mar 2026: Sale" in text(press(found, "Undo").run())


def test_a_viewer_without_notes_has_no_button_for_them(filled):
    assert not [b for b in show(filled, "viewer").button if b.label.startswith("Notes")]


def test_downloads_hold_the_table_with_its_total_and_definitions(filled):
    """The functions behind the buttons, since a test app does not press them."""
    from reports import explore as report
    from reports.questions import Question
    from reports.view import Compare, View
    from store import projects
    from ui import explore

    view = View(MONDAY, MONDAY + timedelta(6), "EUR", Compare.NONE)
    project = projects.list_for(filled.people["viewer"])[0]
    with db.project(filled.project_id) as connection:
        found = report.explore(
            connection, filled.project_id, view, Question(("spend", "cpc"), "week"), "order_day"
        )
    lines = explore._file(project, found, view, "csv").decode("utf-8-sig").splitlines()
    assert lines == [
        "From,To,Week,Spend (EUR),CPC (EUR)", "2026-03-02,2026-03-08,Total,21.0,0.375", "2026-03-02,2026-03-08,2–8 Mar 2026,21.0,0.375",
    ]  # fmt: skip
    book = pl.read_excel(
        io.BytesIO(explore._file(project, found, view, "xlsx")), sheet_id=0, engine="calamine"
    )
    assert list(book) == ["Explore", "About"]
    assert "ratio" in dict(book["About"].rows())["CPC"]


def test_sales_say_that_they_are_the_whole_shop_s(filled):
    bring_in(filled.project_id, exports.shopify(Business(MONDAY + timedelta(6), days=7)), "orders.csv")
    found = show(filled, metrics="Orders", channels="Meta Ads", by="Week")
    assert "Sales are those of the whole shop" in text(found)
