"""Country and device: the roll-up and the rows behind it tell the same, in both phases, currencies and at any time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reports import segments
from reports.view import Compare, View
from store import db, grains, load, rates, sources
from store.load import Entity, Window

MONDAY = date(2026, 3, 9)
DAYS = [MONDAY + timedelta(n) for n in range(-7, 7)]
START = datetime(2026, 4, 1, tzinfo=UTC)
VIEW = View(MONDAY, MONDAY + timedelta(6), "EUR", Compare.PREVIOUS)
NAMES = ("x", "y")
MEASURES = ("impressions", "spend")


@pytest.fixture
def project(make_project) -> int:
    with db.instance() as connection:
        rates.ensure(connection)
    return make_project()


def put(connection, project, breakdown, slices, rows, currency="EUR", at=START, platform="meta_ads") -> None:
    """Replace slices of campaigns' rows by (day, days, campaign, segment, impressions, spend)."""
    source = sources.get_or_create(connection, project, platform, platform, "1", "A", "EUR", "")
    window = Window(project, source, grains.code("campaign", breakdown), frozenset(slices), currency)
    made = [
        {"day": day, "days": days, "entity": name, "campaign": name, "segment": segment, "impressions": count, "spend": spend}
        for day, days, name, segment, count, spend in rows
    ]  # fmt: skip
    entities = [Entity("campaign", name, name) for name in NAMES]
    load.load_rows(connection, window, made, run_id=1, at=at, entities=entities)


def shown(connection, project, view, breakdown) -> dict[tuple[str, str], tuple]:
    found = segments.by_breakdown(connection, project, view, breakdown, ("paid",), MEASURES)
    return {(r["phase"], r["value"]): tuple(r[name] for name in MEASURES) for r in found.rows}


@st.composite
def loads(draw: st.DrawFn) -> tuple:
    breakdown = draw(st.sampled_from(["country", "device"]))
    values = [f"{breakdown}={value}" for value in ("a", "b", "")]
    slices = draw(st.sets(st.sampled_from([*((day, 1) for day in DAYS), (DAYS[0], 7)]), min_size=1))
    keys = st.tuples(st.sampled_from(sorted(slices)), st.sampled_from(NAMES), st.sampled_from(values))
    rows = [
        (*where, name, segment, draw(st.integers(0, 9)), draw(st.decimals(0, 9, places=2)))
        for where, name, segment in draw(st.lists(keys, unique=True, max_size=12))
    ]
    return breakdown, slices, rows, draw(st.sampled_from(["EUR", "USD"]))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sequence=st.lists(loads(), min_size=1, max_size=4))
def test_the_roll_up_says_what_the_rows_of_all_campaigns_say(project, sequence):
    with db.project(project) as connection:
        for n, (breakdown, slices, rows, currency) in enumerate(sequence):
            put(connection, project, breakdown, slices, rows, currency, START + timedelta(hours=n))
        for at in (None, *(START + timedelta(hours=n) for n in range(len(sequence)))):
            view = replace(VIEW, as_of=at)
            for breakdown in ("country", "device"):
                of_all = shown(connection, project, replace(view, campaigns=NAMES), breakdown)
                assert shown(connection, project, view, breakdown) == of_all
        connection.rollback()


def test_a_period_counts_once_beside_its_days(project):
    week = (DAYS[7], 7)
    with db.project(project) as connection:
        put(connection, project, "country", {week}, [(*week, "x", "country=a", 70, Decimal(7))])
        assert shown(connection, project, VIEW, "country") == {("now", "a"): (70, 7)}
        day = (DAYS[8], 1)
        put(connection, project, "country", {day}, [(*day, "x", "country=a", 5, Decimal(1))])
        put(connection, project, "device", {day}, [(*day, "x", "device=b", 3, Decimal(1))])
        assert shown(connection, project, VIEW, "country") == {("now", "a"): (5, 1)}
        assert shown(connection, project, VIEW, "device") == {("now", "b"): (3, 1)}


def test_accounts_without_the_breakdown_are_named(project):
    day = (MONDAY, 1)
    with db.project(project) as connection:
        put(connection, project, "country", {day}, [(*day, "x", "country=a", 1, Decimal(1))])
        put(connection, project, "", {day}, [(*day, "x", "", 1, Decimal(1))], platform="tiktok_ads")
        for view in (VIEW, replace(VIEW, campaigns=NAMES)):
            found = segments.by_breakdown(connection, project, view, "country", ("paid",), MEASURES)
            assert found.without == ("tiktok_ads",)
        assert segments.by_breakdown(connection, project, VIEW, "device", ("paid",), MEASURES).rows == []
