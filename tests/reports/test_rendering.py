"""Views rendered on the server: the same figures as the reports, whatever the link says."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from errors import BadInput, NotFound, SignInNeeded
from reports import letters, overview, rendering
from reports.view import Compare, View
from store import db, rates
from store.views import SavedView
from tests import accounts
from tests.syncing.files import bring_in, meta_file

MONDAY = date(2026, 3, 2)
DAYS = [
    (MONDAY + timedelta(days=n), name, spend, 4 + n)
    for n in range(14)
    for name, spend in (("Spring", "10.10"), ("=1+1", "5"))
]


@pytest.fixture
def shop(make_project):
    project_id = make_project()
    with db.instance() as connection:
        rates.ensure(connection)
    bring_in(project_id, meta_file(DAYS))
    return project_id, accounts.join(accounts.add("vi@example.com"), project_id, "viewer")


def view(page, **params):
    given = {
        name.replace("_", "-"): [value] if isinstance(value, str) else value for name, value in params.items()
    }
    return SavedView(1, "Weekly", page, given, True, None, 1, "Vi", datetime.now(UTC))


def render(shop, page, **params):
    project_id, person = shop
    return rendering.render(person, project_id, view(page, **{"period": "All data", **params}))


LINKS = {
    "overview": {}, "channels": {}, "channel": {"channel": "Meta Ads"}, "campaigns": {}, "compare": {"what": "Two campaigns"},
    "funnel": {"by": "Channels"}, "roi": {}, "explore": {"by": "Campaign", "metrics": ["Spend", "CTR"], "chart": "Bars"},
}  # fmt: skip


@pytest.mark.parametrize("page", LINKS)
def test_every_page_that_can_be_sent_has_figures_charts_a_table_and_a_workbook(shop, page):
    found = render(shop, page, **LINKS[page])
    assert found.figures
    assert found.charts or page == "roi"  # no shop and no claims: nothing to draw there
    assert found.tables
    assert not any("No figures" in note for note in found.notes)
    assert all(image.startswith(b"\x89PNG") for image in found.images)
    sheets = pl.read_excel(io.BytesIO(found.workbook), sheet_id=0)
    assert next(iter(sheets)) == "Figures"
    assert list(sheets)[-1] == "About"
    assert found.health == ("Meta Ads · Shop: through 15 Mar 2026",)
    assert f"/{'' if page == 'overview' else page}?" in found.link
    assert f"project={shop[0]}" in found.link


def test_sources_that_reach_equally_far_stand_in_one_line(shop):
    for name in ("Second", "Third"):
        bring_in(shop[0], meta_file(DAYS), f"{name}.csv", account=name)
    found = render(shop, "overview")
    assert found.health == ("all 3 sources: through 15 Mar 2026",)
    assert "Data: all 3 sources: through 15 Mar 2026" in letters.text(found)


@pytest.mark.parametrize("page", LINKS)
def test_a_project_without_data_or_with_other_dates_says_why_there_is_nothing(make_project, shop, page):
    project_id = make_project("Empty")
    person = accounts.join(shop[1], project_id, "viewer")
    try:
        found = rendering.render(person, project_id, view(page, **LINKS[page]))
        assert any("no data yet" in note for note in found.notes)
    except (BadInput, NotFound):
        assert page in {"channels", "channel", "compare"}
    if page != "compare":
        found = render(
            shop, page, **LINKS[page], **{"period": "Custom dates", "dates": ["2025-01-01", "2025-01-02"]}
        )
        assert any("2–15 Mar 2026" in note for note in found.notes)


def test_figures_are_the_reports_own_to_the_cent(shop):
    found = render(shop, "overview", currency="USD", compare="Nothing")
    with db.project(shop[0]) as connection:
        asked = View(MONDAY, MONDAY + timedelta(days=13), "USD", Compare.NONE)
        own = overview.overview(connection, shop[0], asked, "order_day")
    tiles = {
        tile.slug: tile.value for group in own.groups.values() for tile in group if tile.value is not None
    }
    assert {one.key: one.value for one in found.figures} == tiles
    assert found.view == asked


def test_filters_of_the_link_hold_and_what_is_gone_is_said(shop):
    found = render(shop, "overview", campaigns=["Spring", "Gone"], channels=["Meta Ads", "Fax"])
    assert str(found.figure("spend").value) in {"141.40", "141.4"}
    assert any("Gone, Fax" in note for note in found.notes)


NONSENSE = [
    {"period": "Soon"}, {"period": "Custom dates", "dates": ["x"]}, {"currency": "XYZ"}, {"as_of": "never"},
    {"compare": "Mars"}, {"channels": ["\0"]}, {"by": "Moon"}, {"earlier": "-4"}, {"sort": "Luck"}, {"find": "%_\\"},
    {"of": "Fax"}, {"kind": "Fax"}, {"channel": "Fax"}, {"chart": "Pie"}, {"formula": "1/0"}, {"metrics": ["Luck"]},
]  # fmt: skip


@pytest.mark.parametrize("page", LINKS)
def test_nonsense_in_a_link_is_left_out_or_told_in_words(shop, page):
    told = 0
    for params in NONSENSE:
        try:
            assert render(shop, page, **{**LINKS[page], **params}).title
        except BadInput:
            told += 1
    assert told == (1 if page == "explore" else 0)  # of no metric that there is, nothing can be asked


@pytest.mark.parametrize("page", ["views", "explain", "health", "targets", "weather", "grouping"])
def test_a_page_that_makes_no_report_is_refused_in_words(shop, page):
    with pytest.raises(BadInput, match="cannot be sent"):
        render(shop, page)


def test_lists_put_together_by_name_are_refused_in_words(shop):
    with pytest.raises(BadInput, match="name parts"):
        render(shop, "campaigns", list="By tag")


def test_a_place_of_the_drill_that_is_gone_is_told(shop):
    with pytest.raises(NotFound):
        render(shop, "campaigns", at="99/1")


def test_strangers_and_the_disabled_get_nothing(shop):
    with pytest.raises(NotFound):
        rendering.render(accounts.add("out@example.com"), shop[0], view("overview"))
    with pytest.raises(SignInNeeded):
        rendering.render(accounts.add("gone@example.com", disabled=True), shop[0], view("overview"))


def test_a_formula_in_a_name_stays_text_and_markup_stays_words(shop):
    found = render(shop, "explore", by="Campaign", metrics=["Spend"], chart="Table only")
    sheet = pl.read_excel(io.BytesIO(found.workbook), sheet_name="Explore")
    assert "'=1+1" in sheet["Campaign"].to_list()
    odd = rendering.render(shop[1], shop[0], view("overview"), "<b>&\"'`*<!channel>")
    assert "<b>&" not in letters.html(odd)
    assert "&lt;!channel&gt;" in letters.slack(odd)["text"]


def test_a_message_keeps_to_the_limits_of_webhooks(make_project):
    project_id = make_project()
    person = accounts.join(accounts.add(), project_id, "viewer")
    rows = [(MONDAY, f"{n:03} " + "<&>" * 40, "1", 3) for n in range(60)]
    bring_in(project_id, meta_file(rows))
    one = view(
        "explore", by="Campaign", metrics=["Spend", "Clicks", "CTR", "CPC"], period="All data", chart="Bars"
    )
    found = rendering.render(person, project_id, one, "N" * 80)
    message = letters.slack(found, "Why " * 900, is_test=True)
    assert len(message["blocks"]) <= 50
    assert len(message["text"]) <= 3000
    for block in message["blocks"]:
        assert len(block.get("text", {}).get("text", "")) <= (150 if block["type"] == "header" else 3000)
        assert len(block.get("fields", [])) <= 10
        assert all(
            len(part.get("text", "")) <= 3000
            for part in block.get("elements", [])
            if part["type"] == "mrkdwn"
        )
    code = next(b["text"]["text"] for b in message["blocks"] if "```" in b.get("text", {}).get("text", ""))
    assert code.endswith("```")
    assert "more lines" in code
    assert "more lines" in letters.text(found)
