"""The funnel over stored figures: whole and splits, the shop's purchases, breakdowns, periods, and as it stood."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics import funnel
from analytics.funnel import Stage
from errors import BadInput, NotAllowed
from reports import funnel as report
from reports import stages
from reports.funnel import Asked
from reports.view import Compare, View
from store import db, grains, load, orders, rates, sources
from store.load import Entity, Window
from tests import accounts

MONDAY = date(2026, 3, 2)
WEEK = [MONDAY + timedelta(n) for n in range(7)]
VIEW = View(WEEK[0], WEEK[6], "EUR")
NOON = datetime(2026, 3, 20, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _rates(database):
    with db.instance() as connection:
        rates.ensure(connection)


def source(connection, project: int, platform: str, currency: str = "EUR") -> int:
    return sources.get_or_create(connection, project, platform, platform, "1", platform, currency, "")


def put(connection, project, source_id, rows, level="account", breakdown="", currency="EUR", at=NOON) -> None:
    """Load rows of figures, each with its day."""
    days = frozenset((row["day"], 1) for row in rows)
    window = Window(project, source_id, grains.code(level, breakdown), days, currency=currency)
    names = {str(row["campaign"]) for row in rows if "campaign" in row}
    entities = [Entity("campaign", name, name) for name in names]
    load.load_rows(connection, window, rows, run_id=1, at=at, entities=entities)


def sell(connection, project, shop, sold, at=NOON) -> None:
    """Orders of (day, key, customer, country)."""
    frame = pl.DataFrame(
        [
            {"order_key": key, "day": day, "currency": "EUR", "gross": Decimal(50), "customer_key": customer,
             "country": country}
            for day, key, customer, country in sold
        ],
        schema={"order_key": pl.String, "day": pl.Date, "currency": pl.String, "gross": pl.Decimal(38, 10),
                "customer_key": pl.String, "country": pl.String},
    )  # fmt: skip
    orders.load_orders(connection, project, shop, sorted({day for day, *_ in sold}), frame, None, 1, at)


def ask(project: int, view: View = VIEW, **parts) -> report.Funnel:
    with db.project(project) as connection:
        return report.funnel_of(connection, project, Asked(view, **parts), "order_day")


def counts(group: report.Group) -> dict[Stage, int | None]:
    return {step.stage: None if step.count is None else int(step.count) for step in group.steps}


def row(day: date = MONDAY, **figures: object) -> dict:
    return {"day": day, **figures}


@pytest.fixture
def shop(make_project) -> int:
    """Meta with everything, Google without add-to-carts, e-mail, the web, and a shop that knows its customers."""
    project = make_project()
    with db.project(project) as connection:
        put(connection, project, source(connection, project, "meta_ads"), [
            row(impressions=1000, clicks=50, add_to_carts=9, leads=1, conversions=Decimal(5), spend=Decimal(20)),
            row(MONDAY - timedelta(7), impressions=800, clicks=20, add_to_carts=4, leads=0, conversions=Decimal(2), spend=Decimal(10)),
        ])  # fmt: skip
        put(connection, project, source(connection, project, "google_ads"), [
            row(impressions=500, clicks=40, conversions=Decimal(3), spend=Decimal(30))
        ])  # fmt: skip
        put(connection, project, source(connection, project, "klaviyo"), [
            row(delivered=300, unique_opens=90, unique_clicks=12, conversions=Decimal(2))
        ], currency="")  # fmt: skip
        put(
            connection, project, source(connection, project, "ga4"), [row(sessions=700, engaged_sessions=400)]
        )
        sell(connection, project, source(connection, project, "shopify"), [
            (MONDAY, "1", "ann", "DE"), (MONDAY, "2", "bob", "FR"), (WEEK[2], "3", "ann", "DE"),
        ])  # fmt: skip
    return project


def test_the_whole_ends_in_the_orders_of_the_shop(shop):
    found = ask(shop)
    assert found.from_shop
    assert counts(found.whole) == {
        Stage.AWARENESS: 1800, Stage.INTEREST: 180, Stage.CONSIDERATION: 22, Stage.PURCHASE: 3, Stage.REPEAT: 1,
    }  # fmt: skip
    assert found.whole.spend == 50
    assert found.whole.step(Stage.PURCHASE).cost == Decimal(50) / 3
    assert found.whole.step(Stage.INTEREST).rate == Decimal(180) / 1800
    assert found.whole.step_before(Stage.AWARENESS).count == 800


def test_a_part_of_the_business_ends_in_what_its_platforms_claim(shop):
    paid = ask(shop, kind="paid")
    assert not paid.from_shop
    assert counts(paid.whole)[Stage.PURCHASE] == 8
    assert counts(paid.whole)[Stage.REPEAT] is None
    meta = ask(shop, replace(VIEW, channels=("meta_ads",)))
    assert counts(meta.whole)[Stage.PURCHASE] == 5
    assert counts(meta.whole)[Stage.CONSIDERATION] == 10
    web = ask(shop, kind="web")
    assert counts(web.whole)[Stage.AWARENESS] == 700
    assert counts(web.whole)[Stage.PURCHASE] == 3


def test_a_channel_that_does_not_measure_a_stage_is_named(shop):
    assert ask(shop).unmeasured == {Stage.CONSIDERATION: ("google_ads",)}
    assert ask(shop, kind="web").unmeasured == {
        Stage.CONSIDERATION: ("ga4",), Stage.PURCHASE: ("ga4",),
    }  # fmt: skip


def test_channels_add_up_to_the_whole(shop):
    found = ask(shop, by="channel")
    assert [group.label for group in found.groups] == ["Google Ads", "Meta Ads", "Klaviyo"]
    added = funnel.added({s.stage: s.count for s in group.steps} for group in found.groups)
    for stage in (Stage.AWARENESS, Stage.INTEREST, Stage.CONSIDERATION):
        assert added[stage] == found.whole.step(stage).count
    assert found.groups[1].step_before(Stage.INTEREST).count == 20


def test_only_web_analytics_makes_the_whole_where_there_is_nothing_else(make_project):
    project = make_project()
    with db.project(project) as connection:
        put(
            connection, project, source(connection, project, "ga4"), [row(sessions=700, engaged_sessions=400)]
        )
    found = ask(project)
    assert found.channels == {"web": ("ga4",)}
    assert counts(found.whole)[Stage.INTEREST] == 400


def test_a_country_has_one_line_whatever_it_is_called(shop):
    with db.project(shop) as connection:
        meta = source(connection, shop, "meta_ads")
        put(connection, shop, meta, [
            row(campaign="c", entity="c", segment="country=DE", impressions=600, clicks=30, spend=Decimal(15)),
            row(campaign="c", entity="c", segment="country=FR", impressions=300, clicks=10, spend=Decimal(5)),
            row(campaign="c", entity="c", segment="country=unknown", impressions=50, clicks=1, spend=Decimal(0)),
        ], "campaign", "country")  # fmt: skip
        put(connection, shop, source(connection, shop, "klaviyo"), [
            row(segment="country=Germany|device=mobile", delivered=100, unique_opens=30, unique_clicks=3)
        ], "account", "country_device", currency="")  # fmt: skip
    found = ask(shop, by="country")
    assert {group.label: counts(group)[Stage.AWARENESS] for group in found.groups} == {
        "Germany": 700, "France": 300, "Unknown": 50,
    }  # fmt: skip
    assert [group.label for group in found.groups] == ["Germany", "France", "Unknown"]
    assert found.groups[0].spend == 15
    assert found.without == ("google_ads",)
    assert found.share == Decimal(1050) / 1800
    assert counts(ask(shop, by="device").groups[0])[Stage.AWARENESS] == 100
    only = ask(shop, replace(VIEW, channels=("meta_ads",), campaigns=("c",)), by="country")
    assert [group.label for group in only.groups] == ["Germany", "France", "Unknown"]


def test_campaigns_are_split_with_their_channel(shop):
    with db.project(shop) as connection:
        put(connection, shop, source(connection, shop, "meta_ads"), [
            row(campaign=name, entity=name, impressions=500, clicks=clicks, spend=Decimal(10))
            for name, clicks in (("a", 30), ("b", 20))
        ], "campaign")  # fmt: skip
    found = ask(shop, by="campaign")
    assert [(g.label, counts(g)[Stage.INTEREST]) for g in found.groups] == [
        ("a · Meta Ads", 30),
        ("b · Meta Ads", 20),
    ]


def test_periods_are_whole_weeks_apart_and_equally_long(shop):
    found = ask(shop, by="period", earlier=2, year_before=True)
    assert [counts(group)[Stage.AWARENESS] for group in found.groups] == [1800, 800, None, None]
    views = report.periods(Asked(VIEW, by="period", earlier=99, year_before=True))
    assert len(views) == 8
    assert all(view.length == 7 and view.start.weekday() == 0 for view in views)
    long = View(date(2026, 1, 1), date(2026, 2, 10), "EUR")
    assert [v.start for v in report.periods(Asked(long, earlier=1))] == [date(2026, 1, 1), date(2025, 11, 20)]
    ancient = View(date(1, 1, 9), date(1, 1, 15), "EUR", Compare.NONE)
    assert len(report.periods(Asked(ancient, earlier=3, year_before=True))) == 2


def test_stages_that_the_project_agreed_on_make_the_funnel(shop):
    editor = accounts.join(accounts.add("ed@example.com"), shop, "editor")
    content = funnel.as_content(funnel.DEFAULT)
    content["paid"]["consideration"] = ["leads"]
    stages.save(editor, shop, content, seen=0)
    assert counts(ask(shop, kind="paid").whole)[Stage.CONSIDERATION] == 1
    with pytest.raises(BadInput, match="CTR is a ratio"):
        stages.save(editor, shop, {**content, "paid": {"interest": ["ctr"]}}, seen=1)
    viewer = accounts.join(accounts.add("vi@example.com"), shop, "viewer")
    with pytest.raises(NotAllowed):
        stages.save(viewer, shop, content, seen=1)


def test_a_funnel_stands_as_it_stood(shop):
    later = NOON + timedelta(days=1)
    before = ask(shop, replace(VIEW, as_of=NOON), by="country")
    with db.project(shop) as connection:
        meta = source(connection, shop, "meta_ads")
        put(connection, shop, meta, [row(impressions=1, clicks=1)], at=later)
        put(
            connection, shop, meta, [row(segment="country=DE", impressions=1)], "account", "country", at=later
        )
        sell(connection, shop, source(connection, shop, "shopify"), [(MONDAY, "1", "ann", "DE")], at=later)
    assert ask(shop, replace(VIEW, as_of=NOON), by="country") == before
    assert counts(ask(shop).whole)[Stage.AWARENESS] == 801


def test_an_empty_project_has_an_empty_funnel(make_project):
    project = make_project()
    for by in ("", "channel", "campaign", "country", "device", "period"):
        found = ask(project, by=by)
        assert found.whole.is_empty
        assert all(group.is_empty for group in found.groups)


cents = st.integers(0, 10**6).map(lambda n: Decimal(n) / 100)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(cents, st.integers(0, 99)), min_size=1, max_size=7), st.sampled_from(["USD", "JPY"])
)
def test_cost_per_step_is_in_the_currency_of_the_view(make_project, days, currency):
    project = make_project()
    with db.project(project) as connection:
        put(connection, project, source(connection, project, "meta_ads", currency), [
            row(day, spend=spend, clicks=clicks, impressions=100)
            for day, (spend, clicks) in zip(WEEK, days, strict=False)
        ], currency=currency)  # fmt: skip
    own, euros = (ask(project, replace(VIEW, currency=c)).whole for c in (currency, "EUR"))
    assert own.spend == sum(spend for spend, _ in days)
    assert [step.rate for step in own.steps] == [step.rate for step in euros.steps]
    clicks = sum(clicks for _, clicks in days)
    assert own.step(Stage.INTEREST).cost == (own.spend / clicks if clicks else None)
