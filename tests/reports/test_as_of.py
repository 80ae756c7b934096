"""A report as it stood: whatever was replaced or removed since, it says what it said then."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import polars as pl
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reports import detail, overview
from reports.view import Compare, View
from store import db, grains, history, load, orders, rates, sources
from store.load import Window

MAY = date(2026, 5, 4)
DAYS = [MAY + timedelta(n) for n in range(4)]
START = datetime(2026, 6, 1, tzinfo=UTC)
VIEW = View(DAYS[1], DAYS[3], "EUR", Compare.PREVIOUS)
LEVELS = ("account", "campaign", "ad")


@pytest.fixture(autouse=True)
def _rates(database):
    with db.instance() as connection:
        rates.ensure(connection)


def at(step: int) -> datetime:
    return START + timedelta(hours=step)


def source(connection, project: int, platform: str, currency: str) -> int:
    return sources.get_or_create(connection, project, platform, platform, "1", platform, currency, "")


def put(
    connection, project: int, source_id: int, level: str, days: list[date], rows: list, step: int
) -> None:
    """Replace the days of a grain by rows of (day, name, clicks, spend)."""
    window = Window(
        project, source_id, grains.code(level), frozenset((day, 1) for day in days), currency="USD"
    )
    made = [
        {
            "day": day, "entity": "" if level == "account" else f"{level} {name}",
            "campaign": None if level == "account" else f"campaign {name}", "clicks": clicks, "spend": spend, "reach": clicks,
        }
        for day, name, clicks, spend in rows
    ]  # fmt: skip
    if level == "account":
        made = [{k: v for k, v in row.items() if k not in {"entity", "campaign"}} for row in made]
    load.load_rows(connection, window, made, run_id=step + 1, at=at(step))


def sell(connection, project: int, shop: int, days: list[date], sold: list, step: int) -> None:
    """Replace the orders of the days by (day, key, gross, refunds)."""
    frame = pl.DataFrame(
        [
            {"order_key": key, "day": day, "currency": "EUR", "gross": Decimal(gross), "refunds": Decimal(refunds),
             "customer_key": f"c{key}"}
            for day, key, gross, refunds in sold
        ],
        schema={"order_key": pl.String, "day": pl.Date, "currency": pl.String, "gross": pl.Decimal(38, 10),
                "refunds": pl.Decimal(38, 10), "customer_key": pl.String},
    )  # fmt: skip
    orders.load_orders(connection, project, shop, days, frame, None, step + 1, at(step))


def show(connection, project: int, as_of: datetime | None = None) -> tuple:
    view = replace(VIEW, as_of=as_of)
    by_campaign = replace(view, channels=("meta_ads",))
    return (
        overview.overview(connection, project, view, "refund_day"),
        overview.by_day(connection, project, view),
        detail.details(connection, project, by_campaign, None),
        detail.details(connection, project, by_campaign, grains.code("ad")),
    )


money = st.integers(0, 500).map(lambda n: Decimal(n) / 100)
days = st.lists(st.sampled_from(DAYS), unique=True, min_size=1).map(sorted)


@st.composite
def steps(draw: st.DrawFn) -> tuple:
    chosen = draw(days)
    if draw(st.booleans()):
        keys = draw(st.lists(st.sampled_from("123"), unique=True))
        sold = [
            (draw(st.sampled_from(chosen)), key, draw(st.integers(5, 9)), draw(st.integers(0, 3)))
            for key in keys
        ]
        return "orders", chosen, sold
    level = draw(st.sampled_from(LEVELS))
    names = ("",) if level == "account" else draw(st.lists(st.sampled_from("ab"), unique=True))
    rows = [
        (day, name, draw(st.integers(0, 3)), draw(money))
        for day in chosen
        for name in names
        if draw(st.booleans())
    ]
    return level, chosen, rows


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sequence=st.lists(steps(), min_size=2, max_size=5))
def test_every_past_report_is_reproduced_exactly(make_project, sequence):
    project, shown = make_project(), []
    with db.project(project) as connection:
        ads, shop = (
            source(connection, project, "meta_ads", "USD"),
            source(connection, project, "shopify", "EUR"),
        )
        for step, (what, chosen, rows) in enumerate(sequence):
            if what == "orders":
                sell(connection, project, shop, chosen, rows, step)
            else:
                put(connection, project, ads, what, chosen, rows, step)
            shown.append(show(connection, project))
        for step, then in enumerate(shown):
            later = timedelta(minutes=59 * (step % 2))  # any moment before the next load
            assert show(connection, project, at(step) + later) == then
        assert show(connection, project, START - timedelta(hours=1))[0].is_empty
        connection.rollback()


def test_only_versions_that_ended_long_ago_are_dropped(make_project):
    project = make_project()
    with db.project(project) as connection:
        ads = source(connection, project, "meta_ads", "USD")
        for step, spend in enumerate(("1", "2", "3")):
            put(connection, project, ads, "campaign", DAYS[:2], [(DAYS[1], "a", 1, Decimal(spend))], step)
        assert history.reaches_back_to(connection, project) == at(1)
        history.prune(connection, at(2))
        assert history.reaches_back_to(connection, project) == at(2)
        assert show(connection, project, at(1))[2][0].totals["clicks"] == 1
        count = connection.scalar(sa.text("SELECT count(*) FROM former_daily_metrics"))
        assert count == 1


def test_loading_the_same_again_keeps_no_version(make_project):
    project = make_project()
    with db.project(project) as connection:
        ads = source(connection, project, "meta_ads", "USD")
        for step in range(3):
            put(connection, project, ads, "campaign", DAYS[:2], [(DAYS[1], "a", 1, Decimal(5))], step)
        assert history.reaches_back_to(connection, project) is None
