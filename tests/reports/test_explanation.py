"""A figure taken apart is the figure that the overview shows, and its pieces make it whole again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from analytics import metrics
from reports import evidence, explanation, overview
from reports.view import Compare, View
from sandbox import exports
from sandbox.business import Business
from store import db, rates
from tests.syncing.files import bring_in, meta_file

MONDAY = date(2026, 3, 2)
VIEW = View(MONDAY + timedelta(7), MONDAY + timedelta(13), "GBP", Compare.PREVIOUS)
TILES = sorted({slug for group in metrics.OVERVIEW.values() for slugs in group for slug in slugs})


@pytest.fixture(scope="module")
def _files() -> list[tuple[bytes, str, dict]]:
    business = Business(MONDAY + timedelta(days=13), days=14)
    meta = [
        (MONDAY + timedelta(days=n), name, f"{n * 3 + len(name)}.50", 5 + n)
        for n in range(14)
        for name in ("Spring", "Sale")
    ]
    return [
        (meta_file(meta), "meta.csv", {"currency": "EUR"}),
        (exports.tiktok_ads(business), "tiktok.csv", {"currency": "USD"}),
        (exports.shopify(business), "orders.csv", {}),
        (exports.klaviyo(business), "klaviyo.csv", {"currency": "USD"}),
        (exports.ga4(business), "ga4.csv", {"currency": "EUR"}),
    ]


@pytest.fixture
def project(make_project, _files) -> int:
    made = make_project()
    with db.instance() as connection:
        rates.ensure(connection)
    for content, name, answers in _files:
        bring_in(made, content, name, **answers)
    return made


def explain(project: int, slug: str, view: View = VIEW, by: str = "channel") -> explanation.Explanation:
    with db.project(project) as connection:
        return explanation.explain(connection, project, view, slug, "order_day", by)


def test_every_tile_is_explained_by_the_value_that_it_shows(project):
    with db.project(project) as connection:
        shown = overview.overview(connection, project, VIEW, "order_day")
    tiles = [tile for group in shown.groups.values() for tile in group]
    assert sum(tile.value is not None for tile in tiles) > 12
    for tile in tiles:
        found = explain(project, tile.slug)
        assert (found.value, found.before) == (tile.value, tile.before), tile.slug
        assert metrics.evaluate(tile.slug, found.parts) == tile.value


@pytest.mark.parametrize("by", explanation.BY)
def test_what_moved_a_figure_adds_up_to_its_change(project, by):
    explained = 0
    for slug in TILES:
        found = explain(project, slug, by=by)
        if found.movers:
            explained += 1
            assert len(found.movers) <= 4
            assert sum((one.amount for one in found.movers), Decimal(0)) == pytest.approx(
                found.change, rel=Decimal("1e-15")
            )
    assert explained > 8


def test_campaigns_are_named_and_what_has_none_stands_under_its_account(project):
    names = {one.key for one in explain(project, "spend", by="campaign").movers}
    assert "Meta Ads · Sale" in names or "Meta Ads · Spring" in names


def test_accounts_and_rows_behind_a_figure_make_it_whole(project):
    found = explain(project, "spend", replace(VIEW, currency="EUR"))
    assert sum(one.totals["spend"] for one in found.behind) == found.value
    for one in found.behind:
        with db.project(project) as connection:
            rows = evidence.facts(connection, project, VIEW, "spend", one.source_id)
        assert len(rows) == one.rows
        assert one.run_id == max(row.run_id for row in rows)
        assert one.extracted_at == max(row.extracted_at for row in rows)
        if one.currency == "EUR":
            assert sum(row.totals["spend"] for row in rows) == one.totals["spend"]
            assert one.rate == 1
        else:
            assert 0 < one.rate < 2


@pytest.mark.parametrize("slug", ["roas_reported", "cpa", "spend"])
def test_the_mean_rate_is_that_of_the_days(project, slug):
    view = replace(VIEW, currency="EUR")
    with db.project(project) as connection:
        known = {
            currency: [
                rates.factor(connection, project, currency, "EUR", view.start + timedelta(n))
                for n in range(7)
            ]
            for currency in ("GBP", "USD", "SEK")
        }
    others = [one for one in explain(project, slug, view).behind if one.currency != "EUR"]
    assert others
    for one in others:
        assert min(known[one.currency]) <= one.rate <= max(known[one.currency])


def test_sales_open_to_their_orders(project):
    found = explain(project, "revenue_net", replace(VIEW, currency="EUR"))
    (shop,) = found.behind
    with db.project(project) as connection:
        rows = evidence.facts(connection, project, VIEW, "revenue_net", shop.source_id)
    assert shop.grain == "orders"
    assert shop.rows == len(rows)
    assert sum(row.totals["revenue_net"] for row in rows) == found.value


def test_without_a_comparison_nothing_is_said_about_a_change(project):
    found = explain(project, "spend", replace(VIEW, compare=Compare.NONE))
    assert (found.before, found.change, found.movers) == (None, None, None)


def test_an_empty_project_has_nothing_behind_a_figure(make_project):
    found = explain(make_project(), "cpc")
    assert (found.value, found.movers, found.behind) == (None, None, [])


def test_a_channel_by_itself_is_explained_by_all_that_it_reports(project):
    alone = replace(VIEW, channels=("klaviyo",))
    assert explain(project, "conversions", alone).value > 0
    assert "klaviyo" not in {one.channel for one in explain(project, "conversions").behind}


def test_only_accounts_that_carry_a_part_are_behind_it(project):
    assert {one.channel for one in explain(project, "click_rate").behind} == {"klaviyo"}
    assert {one.channel for one in explain(project, "mer").behind} == {"meta_ads", "tiktok_ads", "shopify"}
