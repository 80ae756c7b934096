"""One side against the other: each is the sum of its own rows, ratios are of sums, days start together."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics import metrics
from reports import comparison
from reports.comparison import Comparison, Line, Subject
from reports.view import Compare, View
from sandbox import exports
from sandbox.business import Business
from store import db, rates
from tests.syncing.files import bring_in, meta_file

MONDAY = date(2026, 3, 2)


@pytest.fixture(autouse=True)
def _rates(database):
    with db.instance() as connection:
        rates.ensure(connection)


def view(first: int = 0, days: int = 7, currency: str = "EUR") -> View:
    start = MONDAY + timedelta(first)
    return View(start, start + timedelta(days - 1), currency, Compare.NONE)


def compare(project: int, a: tuple[Subject, View], b: tuple[Subject, View]) -> Comparison:
    with db.project(project) as connection:
        return comparison.comparison(connection, project, a, b, "order_day")


def line(found: Comparison, slug: str) -> Line:
    return next(one for one in found.lines if one.slug == slug)


spends = st.lists(
    st.tuples(st.integers(0, 10**6).map(lambda n: Decimal(n) / 100), st.integers(0, 50)),
    min_size=14,
    max_size=14,
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(spends, st.integers(0, 9), st.integers(1, 5), st.integers(0, 9), st.integers(1, 5))
def test_two_free_periods_are_each_the_sum_of_their_days(
    make_project, figures, first_a, days_a, first_b, days_b
):
    project = make_project()
    rows = [(MONDAY + timedelta(n), "Spring", str(s), c) for n, (s, c) in enumerate(figures)]
    bring_in(project, meta_file(rows))
    meta = Subject("channel", "meta_ads")
    found = compare(project, (meta, view(first_a, days_a)), (meta, view(first_b, days_b)))
    for side, first, days in ((found.a, first_a, days_a), (found.b, first_b, days_b)):
        part = figures[first : first + days]
        spend, clicks = sum(s for s, _ in part), sum(c for _, c in part)
        assert side.value("spend") == spend
        assert side.value("cpc") == (spend / clicks if clicks else None)
        assert [value for _, value in side.course("spend")] == [s for s, _ in part]
    spent = line(found, "spend")
    assert spent.difference == spent.a - spent.b
    assert spent.change == metrics.change(spent.a, spent.b)


def test_all_channels_agree_with_the_overview(make_project):
    from reports import overview

    project = make_project()
    business = Business(MONDAY + timedelta(days=13), days=14)
    bring_in(project, exports.shopify(business), "orders.csv")
    bring_in(project, exports.tiktok_ads(business), "tiktok.csv")
    bring_in(project, meta_file([(MONDAY + timedelta(n), "Spring", "5", 3) for n in range(14)]))
    found = compare(project, (Subject(), view(7)), (Subject(), view(0)))
    with db.project(project) as connection:
        now = View(MONDAY + timedelta(7), MONDAY + timedelta(13), "EUR")
        shown = overview.overview(connection, project, now, "order_day")
    tiles = {tile.slug: tile for tiles in shown.groups.values() for tile in tiles}
    for slug in ("spend", "revenue_net", "mer", "orders", "clicks", "ctr", "conversions"):
        one = line(found, slug)
        assert (one.a, one.b, one.change) == (tiles[slug].value, tiles[slug].before, tiles[slug].change), slug


def test_two_channels_show_what_either_measures(make_project):
    project = make_project()
    business = Business(MONDAY + timedelta(days=6), days=7)
    bring_in(project, meta_file([(MONDAY, "Spring", "10", 5)]))
    bring_in(project, exports.klaviyo(business), "klaviyo.csv", currency="USD")
    bring_in(project, exports.shopify(business), "orders.csv")
    found = compare(
        project, (Subject("channel", "meta_ads"), view()), (Subject("channel", "klaviyo"), view())
    )
    assert (line(found, "spend").a, line(found, "spend").b) == (10, None)
    assert line(found, "delivered").a is None
    assert line(found, "delivered").b > 0
    kinds = compare(project, (Subject("kind", "paid"), view()), (Subject("kind", "shop"), view()))
    assert line(kinds, "spend").a == 10
    assert line(kinds, "orders").b == int(business.order_counts().sum())
    shop = compare(project, (Subject("channel", "shopify"), view()), (Subject("kind", "shop"), view()))
    assert line(shop, "orders").change == 0


def test_two_campaigns_are_told_apart(make_project):
    project = make_project()
    bring_in(project, meta_file([(MONDAY, "Spring", "10", 5), (MONDAY, "Summer", "30", 5)]))
    found = compare(project, (Subject("campaign", "Spring"), view()), (Subject("campaign", "Summer"), view()))
    assert (line(found, "spend").a, line(found, "spend").b) == (10, 30)
    assert line(found, "cpc").verdict == "better"
    assert line(found, "clicks").verdict == "equal"
    assert line(found, "spend").verdict == ""


def test_a_ratio_that_only_some_channels_measure_is_not_told_for_all(make_project):
    project = make_project()
    head = "Date,Campaign name,Spend in account currency,Impressions,Pin clicks,Saves,Engagements\n"
    bring_in(project, (head + f"{MONDAY},Pins,5.00,1000,10,4,40\n").encode(), "pinterest.csv", currency="EUR")
    alone = compare(project, (Subject("kind", "paid"), view()), (Subject("kind", "paid"), view(7)))
    assert line(alone, "engagement_rate").a is not None
    bring_in(project, meta_file([(MONDAY, "Spring", "10", 5)]))
    both = compare(project, (Subject("kind", "paid"), view()), (Subject("kind", "paid"), view(7)))
    assert "engagement_rate" not in {one.slug for one in both.lines}


def test_nothing_on_both_sides_has_no_lines(make_project):
    assert compare(make_project(), (Subject(), view()), (Subject("campaign", "?"), view())).lines == []


@pytest.mark.parametrize(
    ("slug", "a", "b", "verdict"),
    [
        ("clicks", 5, 4, "better"), ("clicks", 4, 5, "worse"), ("cpa", 5, 4, "worse"), ("cpa", 4, 5, "better"),
        ("spend", 5, 4, ""), ("clicks", 5, None, ""), ("clicks", 0, 0, "equal"), ("mer", 50001, 50000, "equal"),
    ],
)  # fmt: skip
def test_the_verdict_follows_the_direction_of_the_metric(slug, a, b, verdict):
    def exact(value: int | None) -> Decimal | None:
        return None if value is None else Decimal(value)

    assert Line(slug, exact(a), exact(b)).verdict == verdict
