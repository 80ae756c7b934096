"""Every registered metric, over figures of five kinds of source in three currencies, at every grouping.

The expectation is computed from the rows alone: measures added up (people never), then numerator ÷ denominator.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa

from analytics import channels, metrics
from analytics.metrics import REGISTRY
from reports import daily, overview, sales
from reports.daily import MONEY, NOW, SHOP, Cut
from reports.view import Compare, View
from store import db, grains, load, orders, rates, sources
from store.load import Window
from store.models import COUNTS, DISTINCT, MEASURES, project_rates
from tests.store.test_orders import frame, order

MONDAY = date(2026, 5, 4)
DAYS = [MONDAY + timedelta(n) for n in range(5)]
AT = datetime(2026, 6, 1, tzinfo=UTC)
RATES = {"USD": Decimal("1.25"), "SEK": Decimal(10)}
SOURCES = (
    ("google_ads", "EUR"), ("google_ads", "USD"), ("meta_ads", "SEK"), ("klaviyo", "USD"), ("ga4", "EUR"),
    ("tiktok_organic", ""), ("search_console", ""),
)  # fmt: skip
VIEW = View(DAYS[0], DAYS[-1], "EUR", Compare.NONE)
KEYS = (
    ("phase",),
    ("channel",),
    ("day",),
    ("kind",),
    ("channel", "day"),
    ("kind", "day"),
    ("currency", "day"),
)


class Row(NamedTuple):
    """One stored figure, its money in euros."""

    phase: str
    channel: str
    kind: str
    currency: str
    day: date
    campaign: str
    values: dict[str, Decimal | None]


def _value(rng: random.Random, name: str) -> Decimal | int | None:
    if rng.random() < 0.15:
        return None
    if rng.random() < 0.15:
        return 0
    return rng.randrange(1, 9000) if name in COUNTS else Decimal(rng.randrange(1, 900_000)) / 100


@pytest.fixture
def business(make_project) -> tuple[int, list[Row]]:
    """Random figures of two campaigns a source and day; every measure of every kind of source is there."""
    with db.instance() as connection:
        rates.ensure(connection)
    project, rng, rows = make_project(), random.Random(4), []
    with db.project(project) as connection:
        for currency, per_euro in RATES.items():
            rate = {"currency": currency, "day": date(2026, 1, 1), "per_euro": per_euro}
            connection.execute(sa.insert(project_rates).values(project_id=project, **rate))
        for number, (channel, currency) in enumerate(SOURCES):
            source = sources.get_or_create(
                connection, project, channel, channel, str(number), channel, currency, ""
            )
            made = []
            for day in DAYS:
                for campaign in ("A", "B"):
                    names = [name for name in MEASURES if currency or name not in MONEY]
                    values = {name: _value(rng, name) for name in names}
                    made.append({"day": day, "entity": campaign, "campaign": campaign, **values})
                    rows.append(_row(channel, currency, day, campaign, values))
            slices = frozenset((day, 1) for day in DAYS)
            window = Window(project, source, grains.code("campaign"), slices, currency=currency)
            load.load_rows(connection, window, made, run_id=1, at=AT)
    return project, rows


def _row(channel: str, currency: str, day: date, campaign: str, values: dict[str, Any]) -> Row:
    euros = {
        name: None if value is None else Decimal(value) / (RATES.get(currency, 1) if name in MONEY else 1)
        for name, value in values.items()
    }
    return Row(NOW, channel, channels.kind(channel), currency, day, campaign, euros)


def _added(rows: Iterable[Row]) -> dict[str, Decimal | None]:
    """Σ of each measure; people only where one row alone is meant."""
    rows, found = list(rows), {}
    for name in MEASURES:
        values = [row.values[name] for row in rows if row.values.get(name) is not None]
        if name in DISTINCT:
            found[name] = values[0] if len(rows) == 1 and values else None
        else:
            found[name] = sum(values, Decimal(0)) if values else None
    return found


def _expected(slug: str, totals: dict[str, Decimal | None]) -> Decimal | None:
    found = REGISTRY[slug]
    if not found.is_ratio:
        return totals.get(slug)
    top, bottom = totals.get(found.numerator), totals.get(found.denominator)
    return None if top is None or not bottom else top / bottom * found.scale


def _same(one: Decimal | None, other: Decimal | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= abs(other) * Decimal("1e-20") + Decimal("1e-20")


OF_FACTS = [slug for slug in REGISTRY if set(metrics.parts(slug)) <= set(MEASURES)]


_KEPT: dict[str, Any] = {}
"""What the fixtures below found: plain values, the same for every metric."""


@pytest.fixture
def cut_of(request):
    """The product's sums by grouping, and the same from the rows."""
    if "cuts" not in _KEPT:
        _KEPT["cuts"] = _cuts(*request.getfixturevalue("business"))
    return _KEPT["cuts"]


def _cuts(
    project: int, rows: list[Row]
) -> dict[tuple[str, ...], list[tuple[dict[str, Any], dict[str, Any]]]]:
    found: dict[tuple[str, ...], list[tuple[dict[str, Any], dict[str, Any]]]] = {}
    with db.project(project) as connection:
        base = daily.rows(connection, project, VIEW)
        groups, _ = daily.cuts(connection, base, *(Cut(keys, MEASURES) for keys in KEYS))
        by_campaign = daily.rows(connection, project, VIEW, by_campaign=True)
        (singly,), _ = daily.cuts(connection, by_campaign, Cut(("channel", "day"), MEASURES))
    for keys, sums in zip(KEYS, groups, strict=True):
        ours = {tuple(one[key] for key in keys): one for one in sums}
        theirs = defaultdict(list)
        for row in rows:
            theirs[tuple(getattr(row, key) for key in keys)].append(row)
        assert set(ours) == set(theirs), keys
        found[keys] = [(ours[key], _added(theirs[key])) for key in ours]
    by_day = {(one["channel"], one["day"]): one for one in singly}
    found["campaigns",] = [
        (by_day[key], _added(r for r in rows if (r.channel, r.day) == key)) for key in by_day
    ]
    return found


@pytest.mark.parametrize("slug", OF_FACTS)
def test_a_metric_is_the_ratio_of_sums_at_every_grouping(cut_of, slug):
    for keys, pairs in cut_of.items():
        for ours, theirs in pairs:
            assert _same(metrics.evaluate(slug, ours), _expected(slug, theirs)), (keys, ours)


OF_SHOPS = [slug for slug in REGISTRY if set(metrics.parts(slug)) <= {*SHOP, "items"}]
BESIDE = [
    slug
    for slug in REGISTRY
    if slug not in {*OF_FACTS, *OF_SHOPS} and set(metrics.parts(slug)) <= {*MEASURES, *SHOP}
]
"""Advertising beside the shop's sales: MER, nCAC …"""
COMPUTED = [slug for slug in REGISTRY if slug not in {*OF_FACTS, *OF_SHOPS, *BESIDE}]
"""What ROI works out from costs and tags; its sums have tests of their own."""


Sums = dict[date, dict[str, Decimal]]


def _sell(project: int) -> Sums:
    """Orders in two currencies, with customers, refunds and items; the same added up in euros."""
    rng, sums = random.Random(5), defaultdict(lambda: defaultdict(Decimal))
    made, known = [], set()
    for number in range(40):
        day, currency, customer = DAYS[number // 8], rng.choice(["EUR", "USD"]), rng.choice("abcdefgh")
        gross, discounts, refunds = (Decimal(rng.randrange(*span)) for span in ((50, 900), (0, 9), (0, 40)))
        values = {"discounts": discounts, "refunds": refunds, "customer_key": customer, "items": number % 3}
        made.append(order(f"{number:02}", day, int(gross), currency=currency, **values))
        one = RATES.get(currency, Decimal(1))
        add = {"orders": Decimal(1), "items": Decimal(number % 3), "revenue_gross": gross / one,
               "discounts": discounts / one, "refunds": refunds / one,
               "revenue_net": (gross - discounts - refunds) / one}  # fmt: skip
        new = customer not in known
        add |= {
            "repeat_orders": Decimal(not new),
            "new_customers": Decimal(new),
            "new_customer_revenue": (gross - discounts) / one * new,
        }
        known.add(customer)
        for name, amount in add.items():
            sums[day][name] += amount
    with db.project(project) as connection:
        source = sources.get_or_create(connection, project, "shopify", "shopify", "s", "s", "EUR", "")
        orders.load_orders(connection, project, source, set(DAYS), frame(*made), None, 1, AT)
    return sums


def _whole(sums: dict[date, dict[str, Decimal]]) -> dict[str, Decimal]:
    names = {name for by_day in sums.values() for name in by_day}
    return {name: sum((by_day[name] for by_day in sums.values()), Decimal(0)) for name in names}


class Sold(NamedTuple):
    """What the reports say of the shop and of advertising beside it, and the expectations."""

    by_day: list[dict[str, Any]]
    whole: dict[str, Any]
    country: dict[str, Any]
    beside: dict[str, Any]
    sums: Sums
    totals: dict[str, Decimal | None]


@pytest.fixture
def sold(request) -> Sold:
    if "sold" not in _KEPT:
        _KEPT["sold"] = _sold(*request.getfixturevalue("business"))
    return _KEPT["sold"]


def _sold(project: int, rows: list[Row]) -> Sold:
    sums = _sell(project)
    with db.project(project) as connection:
        base = daily.shop(connection, project, VIEW, "order_day")
        (by_day, (whole,)), _ = daily.cuts(connection, base, Cut(("day",), SHOP), Cut(("phase",), SHOP))
        (country,) = sales.by(connection, project, VIEW, "order_day", "country")
        found = overview.overview(connection, project, VIEW, "order_day")
    web = {"sessions": found.others["web"][0].now["sessions"]}
    beside = {**found.paid_total, **web, **found.shops[0].now}
    paid, visits = (_added(row for row in rows if row.kind == kind) for kind in ("paid", "web"))
    totals = {**paid, "sessions": visits["sessions"], **_whole(sums)}
    return Sold(by_day, whole, country.now, beside, sums, totals)


@pytest.mark.parametrize("slug", OF_SHOPS)
def test_a_metric_of_shops_is_the_ratio_of_sums_by_day_and_by_country(sold, slug):
    if "items" not in metrics.parts(slug):
        for one in sold.by_day:
            assert _same(metrics.evaluate(slug, one), _expected(slug, sold.sums[one["day"]]))
        assert _same(metrics.evaluate(slug, sold.whole), _expected(slug, _whole(sold.sums)))
    if set(metrics.parts(slug)) <= set(sales.MEASURES):
        assert _same(metrics.evaluate(slug, sold.country), _expected(slug, _whole(sold.sums)))


@pytest.mark.parametrize("slug", BESIDE)
def test_a_metric_beside_the_shop_divides_advertising_by_all_sales(sold, slug):
    assert metrics.evaluate(slug, sold.beside) is not None
    assert _same(metrics.evaluate(slug, sold.beside), _expected(slug, sold.totals))


@pytest.mark.parametrize("slug", COMPUTED)
def test_a_metric_of_costs_and_tags_is_the_ratio_of_its_parts(slug):
    rng = random.Random(slug)
    rows = [{name: Decimal(rng.randrange(-900, 900)) for name in metrics.parts(slug)} for _ in range(9)]
    totals = {name: sum((row[name] for row in rows), Decimal(0)) for name in metrics.parts(slug)}
    assert _same(metrics.evaluate(slug, totals), _expected(slug, totals))
    assert metrics.evaluate(slug, {}) is None
