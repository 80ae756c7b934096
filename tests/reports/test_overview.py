"""The overview's arithmetic: totals as in the files, ratios of sums, one currency, no day counted twice."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics import metrics
from errors import BadInput
from reports import overview
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


def view(first: date = MONDAY, days: int = 7, **parts) -> View:
    return View(first, first + timedelta(days=days - 1), parts.pop("currency", "EUR"), **parts)


def show(project: int, asked: View, refunds: str = "order_day") -> overview.Overview:
    with db.project(project) as connection:
        return overview.overview(connection, project, asked, refunds)


def tile(found: overview.Overview, slug: str) -> overview.Tile:
    return next(t for tiles in found.groups.values() for t in tiles if t.slug == slug)


def rows(first: date, spends: list[str], campaign: str = "Spring", clicks: int = 10):
    return [(first + timedelta(days=n), campaign, spend, clicks) for n, spend in enumerate(spends)]


def test_tiles_are_the_sums_of_the_files_and_their_ratios(make_project):
    project = make_project()
    bring_in(project, meta_file(rows(MONDAY, ["10.50"] * 7)))
    found = show(project, view())
    assert tile(found, "spend").value == Decimal("73.50")
    assert tile(found, "clicks").value == 70
    assert tile(found, "impressions").value == 3500
    assert tile(found, "cpm").value == Decimal("73.50") * 1000 / 3500
    assert tile(found, "ctr").value == Decimal(70) / 3500
    assert tile(found, "conversions").value is None


def test_the_compared_period_lies_whole_weeks_back(make_project):
    project = make_project()
    bring_in(project, meta_file(rows(MONDAY - timedelta(days=14), ["1"] * 7 + ["2"] * 7 + ["4"] * 7)))
    found = show(project, view())
    assert (tile(found, "spend").value, tile(found, "spend").before) == (28, 14)
    assert tile(found, "spend").change == 1
    for length in (1, 6, 7, 8, 30, 365):
        asked = view(days=length)
        assert asked.compared[0].weekday() == asked.start.weekday()
        assert asked.compared[1] < asked.start
        year = view(days=length, compare=Compare.YEAR)
        assert year.compared[0].weekday() == year.start.weekday()
        assert (year.start - year.compared[0]).days == 364
    assert show(project, view(compare=Compare.NONE)).groups["Value"][0].before is None


def test_net_sales_and_orders_come_from_the_shop(make_project):
    project = make_project()
    business = Business(MONDAY + timedelta(days=6), days=7)
    (batch,) = bring_in(project, exports.shopify(business), "orders.csv")
    with db.project(project) as connection:
        totals = connection.scalar(sa.text("SELECT totals FROM batches WHERE id = :id"), {"id": batch})
    found = show(project, view())
    assert tile(found, "orders").value == Decimal(totals["orders"]) == int(business.order_counts().sum())
    assert tile(found, "revenue_net").value == Decimal(totals["revenue_net"])


def test_refunds_follow_the_policy_of_the_project(make_project):
    project = make_project()
    head = "Name,Email,Financial Status,Created at,Total,Refunded Amount,Currency,Refunded at,Lineitem name\n"
    bring_in(
        project,
        (head + "#1,a@example.com,refunded,2026-03-02 10:00:00 +0100,50.00,50.00,EUR,,Tent\n").encode(),
        "o.csv",
    )
    assert tile(show(project, view()), "revenue_net").value == 0
    assert tile(show(project, view(), "refund_day"), "revenue_net").value == 0


def test_the_total_of_a_ratio_is_the_ratio_of_the_totals(make_project):
    project = make_project()
    bring_in(project, meta_file(rows(MONDAY, ["100"], clicks=1)))
    bring_in(project, exports.tiktok_ads(Business(MONDAY + timedelta(days=6), days=7)), "tiktok.csv")
    found = show(project, view(currency="GBP"))
    clicks = sum(row.now["clicks"] for row in found.paid)
    spend = sum(row.now["spend"] for row in found.paid)
    assert metrics.evaluate("cpc", found.paid_total) == spend / clicks
    averaged = sum(metrics.evaluate("cpc", row.now) for row in found.paid) / 2
    assert metrics.evaluate("cpc", found.paid_total) != averaged


def test_amounts_are_converted_at_the_rate_of_their_day(make_project):
    project = make_project()
    bring_in(project, meta_file(rows(MONDAY, ["109.00"]), currency="USD"))
    with db.project(project) as connection:
        per_euro = connection.scalar(
            sa.text("SELECT per_euro FROM rates WHERE currency = 'USD' AND day = :d"), {"d": MONDAY}
        )
    spend = tile(show(project, view()), "spend").value
    assert spend == pytest.approx(Decimal("109.00") / per_euro)


def test_a_currency_without_a_rate_is_named_and_not_guessed(make_project):
    project = make_project()
    bring_in(project, meta_file(rows(MONDAY, ["5"])))
    bring_in(project, meta_file(rows(MONDAY, ["500"]), currency="AED"), account="Dubai")
    found = show(project, view())
    assert tile(found, "spend").value == 5
    assert found.without_rate == ["AED"]


def test_old_rates_are_told_where_they_are_used(make_project):
    project = make_project()
    late = date(2099, 3, 2)
    bring_in(project, meta_file(rows(late, ["5"])))
    assert show(project, view(late)).rates_of is None
    bring_in(project, meta_file(rows(late, ["5"]), currency="USD"), account="US")
    with db.instance() as connection:
        assert show(project, view(late)).rates_of == rates.newest(connection)
    assert show(project, view(MONDAY)).rates_of is None


def test_a_period_file_counts_only_when_its_whole_period_is_shown(make_project):
    project = make_project()
    head = '"Campaign name","Amount spent (EUR)",Impressions,"Reporting starts","Reporting ends"\n'
    bring_in(project, (head + "Spring,90.00,1000,2026-03-02,2026-03-11\n").encode())
    whole = show(project, view(days=10))
    assert tile(whole, "spend").value == 90
    assert all(value is None for _, value in tile(whole, "spend").course)
    part = show(project, view(days=7))
    assert tile(part, "spend").value is None
    assert [(p.days, p.spend) for p in part.left_out] == [(10, Decimal("90"))]


def test_a_period_file_gives_way_to_daily_rows_of_the_same_account(make_project):
    project = make_project()
    head = '"Campaign name","Amount spent (EUR)",Impressions,"Reporting starts","Reporting ends"\n'
    bring_in(project, (head + "Spring,90.00,1000,2026-03-02,2026-03-11\n").encode())
    bring_in(project, meta_file(rows(MONDAY, ["9"] * 10)))
    found = show(project, view(days=10))
    assert tile(found, "spend").value == 90
    assert len(found.left_out) == 1


def test_channels_and_campaigns_filter(make_project):
    project = make_project()
    bring_in(project, meta_file([*rows(MONDAY, ["10"]), *rows(MONDAY, ["7"], "Other")]))
    bring_in(project, exports.tiktok_ads(Business(MONDAY, days=1)), "tiktok.csv")
    assert [r.channel for r in show(project, view(channels=("meta_ads",))).paid] == ["meta_ads"]
    assert tile(show(project, view(campaigns=("Other",))), "spend").value == 7


def test_an_empty_project_has_no_figures_and_no_error(make_project):
    found = show(make_project(), view())
    assert found.is_empty
    assert all(t.value is None for tiles in found.groups.values() for t in tiles)


@pytest.mark.parametrize("last", [MONDAY - timedelta(days=1), MONDAY + timedelta(days=366 * 30)])
def test_an_impossible_period_is_refused_in_words(last: date):
    with pytest.raises(BadInput, match="period"):
        View(MONDAY, last, "EUR")


cents = st.integers(1, 10**7).map(lambda n: Decimal(n) / 100)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(cents, cents), min_size=1, max_size=7), st.sampled_from(["USD", "GBP", "JPY", "SEK"])
)
def test_roas_does_not_change_when_everything_is_in_another_currency(make_project, days, other):
    """The same money in another account currency, each day at that day's rate."""
    plain, expressed = make_project("Plain"), make_project("Expressed")
    with db.instance() as connection:
        query = sa.text("SELECT day, per_euro FROM rates WHERE currency = :c AND day BETWEEN :a AND :b")
        rate = dict(
            connection.execute(query, {"c": other, "a": MONDAY, "b": MONDAY + timedelta(days=7)}).all()
        )
    head = 'Day,"Campaign name","Amount spent ({0})",Purchases,"Purchases conversion value","Reporting starts","Reporting ends"\n'
    for project, currency in ((plain, "EUR"), (expressed, other)):
        lines = []
        for n, (spend, value) in enumerate(days):
            day = MONDAY + timedelta(days=n)
            factor = rate[day] if currency != "EUR" else Decimal(1)
            lines.append(f"{day},Spring,{spend * factor:f},1,{value * factor:f},{day},{day}\n")
        bring_in(project, (head.format(currency) + "".join(lines)).encode())
    one, two = (tile(show(p, view()), "roas_reported").value for p in (plain, expressed))
    assert one is not None
    assert abs(one - two) <= one * Decimal("1e-9")
