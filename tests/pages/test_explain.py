"""Explain a number: every tile leads there, and nonsense in the link does not break it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.opening import text
from tests.pages.links import follow
from tests.pages.test_dashboards import MONDAY, filled, tiles
from tests.syncing.files import bring_in, meta_file

__all__ = ["filled"]


@pytest.mark.parametrize("role", ["viewer", "owner"])
def test_a_figure_opens_to_its_formula_accounts_and_rows(filled, role):
    found = filled.open(role, "explain", period="All data", metric="CPC")
    assert tiles(found)["CPC"] == "€2.62"
    assert "spend ÷ clicks = €73.50 ÷ 28" in text(found)
    accounts, rows = found.dataframe[-2].value, found.dataframe[-1].value
    assert list(accounts["Channel"]) == ["Meta Ads"]
    assert len(rows) == 7
    assert list(rows["Spend (EUR)"]) == [10.5] * 7


def test_what_moved_a_figure_is_named(filled):
    year_before = [(MONDAY + timedelta(days=n - 364), "Winter", "8.00", 2) for n in range(7)]
    bring_in(filled.project_id, meta_file(year_before), account="Another")
    found = follow(
        filled, "viewer", "explain",
        period="Latest 30 days with data", compare="Year before", metric="Spend", by="Campaigns",
    )  # fmt: skip
    assert "It rose by €17.50, from €56.00" in text(found)
    parts = found.dataframe[0].value
    assert dict(zip(*(parts[column] for column in parts.columns), strict=True)) == {
        "Meta Ads · Spring": "+€73.50", "Meta Ads · Winter": "−€56.00", "Change": "+€17.50",
    }  # fmt: skip


@pytest.mark.parametrize(
    "link",
    [{"metric": "Happiness"}, {"by": "moon"}, {"metric": ""}, {"period": "never"}, {"channels": "Nobody"}],
)
def test_a_nonsense_link_still_explains_something(filled, link):
    found = filled.open("viewer", "explain", **{"period": "All data", **link})
    assert not found.exception
    assert found.metric or "No value" in text(found)


def test_a_metric_that_nobody_reports_says_why(filled):
    found = filled.open("viewer", "explain", period="All data", metric="Leads")
    assert "No value" in text(found)


def test_an_empty_project_says_what_to_do(house):
    assert "Nothing here yet" in text(house.open("owner", "explain"))
