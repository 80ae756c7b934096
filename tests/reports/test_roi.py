"""The return of advertising: claim beside shop, tags by channel, costs by their days, currencies, and as it stood."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import polars as pl
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics import metrics
from errors import BadInput, NotAllowed
from reports import costs as agreed_costs
from reports import funnel, roi
from reports.funnel import Asked
from reports.view import Compare, View
from store import db, grains, load, orders, rates, sources
from store.load import Window
from tests import accounts

MONDAY = date(2026, 3, 2)
WEEK = [MONDAY + timedelta(n) for n in range(7)]
VIEW = View(WEEK[0], WEEK[6], "EUR")
NOON = datetime(2026, 3, 20, 12, tzinfo=UTC)
COSTS = {
    "since": "2026-01-01", "goods": "40", "shipping_share": "0", "fee_share": "2", "shipping_each": "4",
    "fee_each": "0.25", "other_each": "1",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _rates(database):
    with db.instance() as connection:
        rates.ensure(connection)


def source(connection, project: int, platform: str, currency: str = "EUR") -> int:
    return sources.get_or_create(connection, project, platform, platform, "1", platform, currency, "")


def spend(connection, project, platform, rows, currency="EUR", at=NOON) -> None:
    """Rows of (day, spend, conversions, value)."""
    window = Window(
        project, source(connection, project, platform, currency), grains.code("account"),
        frozenset((row[0], 1) for row in rows), currency=currency,
    )  # fmt: skip
    made = [
        {"day": day, "spend": Decimal(cost), "conversions": Decimal(n), "conversion_value": Decimal(value)}
        for day, cost, n, value in rows
    ]
    load.load_rows(connection, window, made, run_id=1, at=at)


def sell(connection, project, sold, currency="EUR", at=NOON) -> None:
    """Orders of (day, key, gross, customer, tag); a tag is source / medium / campaign."""
    shop = source(connection, project, "shopify", currency)
    frame = pl.DataFrame(
        [
            {"order_key": key, "day": day, "currency": currency, "gross": Decimal(gross), "customer_key": customer,
             **dict(zip(("source", "medium", "campaign"), [*tag.split(" / "), "", ""], strict=False)), "country": "DE"}
            for day, key, gross, customer, tag in sold
        ],
        schema={"order_key": pl.String, "day": pl.Date, "currency": pl.String, "gross": pl.Decimal(38, 10),
                "customer_key": pl.String, "source": pl.String, "medium": pl.String, "campaign": pl.String,
                "country": pl.String},
    )  # fmt: skip
    orders.load_orders(connection, project, shop, sorted({row[0] for row in sold}), frame, None, 1, at)


def show(project: int, view: View = VIEW, refunds: str = "order_day", week_start: int = 1) -> roi.Roi:
    with db.project(project) as connection:
        return roi.roi(connection, project, view, refunds, "EUR", week_start)


def agree(project: int, *periods: dict, currency: str = "EUR", seen: int = 0):
    editor = accounts.join(accounts.add(f"ed{project}-{seen}@example.com"), project, "editor")
    return agreed_costs.save(editor, project, {"currency": currency, "periods": list(periods)}, seen=seen)


@pytest.fixture
def shop(make_project) -> int:
    project = make_project()
    with db.project(project) as connection:
        spend(connection, project, "google_ads", [(MONDAY, 60, 6, 500)])
        spend(connection, project, "meta_ads", [(WEEK[1], 40, 4, 400), (MONDAY - timedelta(7), 20, 1, 50)])
        sell(connection, project, [
            (MONDAY, "1", "100", "ann", "google / cpc / spring"), (MONDAY, "2", "200", "bob", "ig / paid_social"),
            (WEEK[2], "3", "300", "ann", "google / organic"), (WEEK[3], "4", "50", "cat", ""),
            (MONDAY - timedelta(7), "5", "80", "bob", ""),
        ])  # fmt: skip
    return project


def test_claim_and_shop_stand_side_by_side(shop):
    found = show(shop)
    assert found.now["spend"] == 100
    assert found.now["conversion_value"] == 900
    assert found.now["revenue_net"] == 650
    assert {slug: roi.value(slug, found.now) for slug in ("mer", "roas_reported", "over_claim", "cac")} == {
        "mer": Decimal("6.5"), "roas_reported": 9, "over_claim": Decimal("2.5"), "cac": 50,
    }  # fmt: skip
    assert found.before["spend"] == 20
    assert found.before["revenue_net"] == 80


def test_each_channel_has_what_its_last_visits_sold(shop):
    google, meta = show(shop).channels
    assert (google.channel, meta.channel) == ("google_ads", "meta_ads")
    assert google.roas() == (Decimal(100) / 60, Decimal(500) / 60)
    assert meta.roas() == (5, 10)
    assert metrics.evaluate("ncac_attributed", google.now) == 60
    assert metrics.evaluate("over_claim_attributed", meta.now) == 4
    assert metrics.evaluate("ncac_attributed", meta.now) is None  # bob had ordered before
    assert show(shop).tagged == {"ads": 300, "other": 300, "none": 50}


def test_without_a_tag_anywhere_the_shop_side_is_unknown_and_not_nothing(make_project):
    project = make_project()
    with db.project(project) as connection:
        spend(connection, project, "google_ads", [(MONDAY, 60, 6, 500)])
        sell(connection, project, [(MONDAY, "1", "100", "ann", "")])
    found = show(project)
    assert found.channels[0].roas() == (None, Decimal(500) / 60)
    assert found.tagged == {}


def test_tags_are_not_told_apart_by_campaign(shop):
    assert show(shop, replace(VIEW, campaigns=("spring",))).tagged == {}


def test_profit_is_unknown_until_costs_are_agreed_on(shop):
    found = show(shop)
    assert found.taken.parts is None
    assert found.waterfall == []
    assert roi.value("poas", found.now) is None
    assert roi.value("break_even_roas", found.now) is None


def test_costs_leave_a_margin_that_adds_up(shop):
    agree(shop, COSTS)
    found = show(shop)
    assert found.taken.parts == {
        "goods_cost": 260, "shipping_cost": 16, "payment_fees": 13 + 1, "other_costs": 4,
    }  # fmt: skip
    assert found.now["gross_profit"] == 356
    assert found.now["contribution_margin"] == 256
    assert sum(amount for _, amount in found.waterfall) == 256
    assert roi.value("poas", found.now) == Decimal("3.56")
    assert roi.value("break_even_roas", found.now) == Decimal(650) / 356


def test_costs_hold_from_their_day_on(shop):
    agree(shop, COSTS, {**COSTS, "since": "2026-03-04", "goods": "60"})
    assert show(shop).taken.parts["goods_cost"] == Decimal("0.4") * 300 + Decimal("0.6") * 350


def test_days_before_the_first_costs_have_no_profit(shop):
    agree(shop, {**COSTS, "since": "2026-03-04"})
    found = show(shop)
    assert found.taken.before_first
    assert roi.value("contribution_margin", found.now) is None
    assert show(shop, View(WEEK[2], WEEK[6], "EUR")).taken.parts is not None


def test_a_loss_has_no_break_even(shop):
    agree(shop, {**COSTS, "goods": "100"})
    found = show(shop)
    assert found.now["gross_profit"] < 0
    assert roi.value("break_even_roas", found.now) is None


def test_costs_of_another_currency_are_converted_on_each_day(shop):
    agree(shop, {**COSTS, "goods": "0", "fee_share": "0", "fee_each": "0", "other_each": "0"}, currency="USD")
    with db.project(shop) as connection:
        query = sa.text("SELECT per_euro FROM rates WHERE currency = 'USD' AND day = :day")
        days = (MONDAY, MONDAY, WEEK[2], WEEK[3])
        wanted = sum(4 / connection.scalar(query, {"day": day}) for day in days)
    assert show(shop).taken.parts["shipping_cost"] == pytest.approx(wanted)


def test_costs_whose_currency_has_no_rate_are_not_guessed(shop):
    agree(shop, COSTS, currency="AED")
    assert show(shop).taken.no_rate
    agree(shop, {"since": "2026-01-01", "goods": "40"}, currency="AED", seen=1)
    assert show(shop).taken.parts["goods_cost"] == 260


def test_costs_are_refused_in_words_and_to_viewers(shop):
    with pytest.raises(BadInput, match="above 100 %"):
        agree(shop, {**COSTS, "goods": "140"})
    viewer = accounts.join(accounts.add("vi@example.com"), shop, "viewer")
    with pytest.raises(NotAllowed):
        agreed_costs.save(viewer, shop, {"currency": "EUR", "periods": [COSTS]}, seen=0)


def test_a_long_period_is_drawn_by_whole_weeks(shop):
    view = View(date(2026, 2, 19), date(2026, 3, 20), "EUR", Compare.NONE)
    found = show(shop, view)
    assert found.weekly
    assert [day for day, _ in found.course] == [date(2026, 2, 23), MONDAY, date(2026, 3, 9)]
    assert found.course[1][1]["spend"] == 100
    assert found.course[1][1]["revenue_net"] == 650
    assert [day.isoweekday() for day, _ in show(shop, view, week_start=7).course] == [7, 7, 7]


def test_a_report_stands_as_it_stood(shop):
    agree(shop, COSTS)
    before = show(shop, replace(VIEW, as_of=NOON))
    later = NOON + timedelta(days=1)
    with db.project(shop) as connection:
        spend(connection, shop, "google_ads", [(MONDAY, 1, 1, 1)], at=later)
        sell(connection, shop, [(MONDAY, "1", "7", "ann", "")], at=later)
    assert show(shop, replace(VIEW, as_of=NOON)) == before
    assert show(shop) != before


def test_countries_of_the_funnel_end_in_the_orders_of_the_shop(shop):
    with db.project(shop) as connection:
        ads = source(connection, shop, "meta_ads")
        window = Window(
            shop, ads, grains.code("account", "country"), frozenset({(MONDAY, 1)}), currency="EUR"
        )
        row = {"day": MONDAY, "segment": "country=Germany", "impressions": 9}
        load.load_rows(connection, window, [row], run_id=1, at=NOON)
        found = funnel.funnel_of(connection, shop, Asked(VIEW, by="country"), "order_day")
    (germany,) = found.groups
    assert germany.label == "Germany"
    assert [step.count for step in germany.steps if step.stage == "purchase"] == [4]


def test_an_empty_project_has_no_return_and_no_error(make_project):
    project = make_project()
    agree(project, COSTS)
    found = show(project)
    assert found.is_empty
    assert found.waterfall == []


cents = st.integers(1, 10**6).map(lambda n: Decimal(n) / 100)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(cents, cents, cents), min_size=1, max_size=7), st.sampled_from(["USD", "JPY"]))
def test_ratios_do_not_change_with_the_currency_of_the_view(make_project, days, currency):
    project = make_project()
    with db.project(project) as connection:
        rows = [(MONDAY, cost, 1, value) for cost, value, _ in days[:1]]
        spend(connection, project, "meta_ads", rows, currency)
        sell(connection, project, [
            (MONDAY, str(n), gross, f"c{n}", "fb / cpc") for n, (_, _, gross) in enumerate(days)
        ], currency)  # fmt: skip
    agree(project, {"since": "2026-01-01", "goods": "33", "fee_share": "2"})
    here, there = (show(project, replace(VIEW, currency=c)) for c in (currency, "GBP"))
    for slug in ("mer", "roas_reported", "poas", "break_even_roas", "ncroas", "over_claim"):
        one, other = roi.value(slug, here.now), roi.value(slug, there.now)
        assert one is not None
        assert abs(one - other) <= one * Decimal("1e-9")
    (one,), (other,) = here.channels, there.channels
    assert abs(one.roas()[0] - other.roas()[0]) <= one.roas()[0] * Decimal("1e-9")
