"""Roll-ups stay true, whatever is loaded, restated, removed and undone."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from store import db, load, sources
from store.load import Window
from store.models import DISTINCT, MEASURES, campaign_daily, daily_metrics, source_daily

AT = datetime(2026, 6, 1, tzinfo=UTC)
GRAINS = (100, 200, 203, 400, 900)
SLICES = [(date(2026, 5, n), 1) for n in range(1, 5)] + [(date(2026, 5, 1), 31)]
USED = ("impressions", "reach", "spend")


def recomputed(rows: list[sa.Row], *, by_campaign: bool) -> dict[tuple, tuple]:
    """The totals as documented, from the rows alone and in the plainest way."""
    rows = [r for r in rows if not by_campaign or (r.grain >= 200 and r.campaign_id is not None)]
    top: dict[tuple, int] = {}
    for r in rows:
        top[r.source_id, r.day, r.days] = min(r.grain, top.get((r.source_id, r.day, r.days), r.grain))
    groups = defaultdict(list)
    for r in rows:
        if r.grain == top[r.source_id, r.day, r.days]:
            extra = (r.campaign_id,) if by_campaign else ()
            groups[(r.source_id, r.day, r.days, *extra, r.currency, r.grain)].append(r)
    return {key: tuple(total(found, name) for name in MEASURES) for key, found in groups.items()}


def total(rows: list[sa.Row], name: str) -> object:
    values = [getattr(r, name) for r in rows]
    if name in DISTINCT:
        return values[0] if len(values) == 1 else None
    known = [v for v in values if v is not None]
    return sum(known) if known else None


def stored(connection: Connection, table: sa.Table) -> dict[tuple, tuple]:
    keys = [
        "source_id",
        "day",
        "days",
        *(["campaign_id"] if table is campaign_daily else []),
        "currency",
        "grain",
    ]
    return {
        tuple(getattr(r, k) for k in keys): tuple(getattr(r, m) for m in MEASURES)
        for r in connection.execute(sa.select(table))
    }


def assert_true(connection: Connection) -> None:
    rows = connection.execute(sa.select(daily_metrics)).all()
    assert stored(connection, source_daily) == recomputed(rows, by_campaign=False)
    assert stored(connection, campaign_daily) == recomputed(rows, by_campaign=True)


@pytest.fixture
def two_sources(make_project) -> tuple[int, list[int]]:
    project = make_project()
    with db.project(project) as connection:
        ids = [
            sources.get_or_create(connection, project, "meta_ads", "meta_ads", key, key, "EUR", "")
            for key in "ab"
        ]
    return project, ids


amounts = st.none() | st.decimals(-5, 5, places=3)
counts = st.none() | st.integers(-3, 9)


@st.composite
def loads(draw: st.DrawFn) -> dict:
    """A window of random slices and unique rows in it; empty ones are deletions."""
    slices = draw(st.sets(st.sampled_from(SLICES), min_size=1))
    keys = draw(
        st.lists(st.tuples(st.sampled_from(sorted(slices)), st.sampled_from("xyz")), unique=True, max_size=6)
    )
    rows = [
        {
            "day": day,
            "days": days,
            "entity": entity,
            "campaign": draw(st.none() | st.sampled_from("xy")),
            **{
                name: draw(amounts if name == "spend" else counts)
                for name in draw(st.sets(st.sampled_from(USED)))
            },
        }
        for (day, days), entity in keys
    ]
    return {
        "source": draw(st.integers(0, 1)),
        "grain": draw(st.sampled_from(GRAINS)),
        "slices": frozenset(slices),
        "currency": draw(st.sampled_from(["EUR", "USD"])),
        "rows": rows,
    }


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sequence=st.lists(loads(), min_size=1, max_size=6))
def test_roll_ups_equal_a_recomputation_after_any_sequence_of_loads(two_sources, sequence):
    project, ids = two_sources
    with db.project(project) as connection:
        for run, step in enumerate(sequence, 1):
            window = Window(project, ids[step["source"]], step["grain"], step["slices"], step["currency"])
            load.load_rows(connection, window, step["rows"], run_id=run, at=AT)
            assert_true(connection)
        last = sequence[-1]
        window = Window(project, ids[last["source"]], last["grain"], last["slices"], last["currency"])
        again = load.load_rows(connection, window, last["rows"], run_id=99, at=AT)
        assert (again.new, again.changed, again.removed) == (0, 0, 0)
        connection.rollback()


@pytest.fixture
def one(two_sources):
    project, (source, _) = two_sources
    with db.project(project) as connection:

        def put(grain: int, *rows: dict, days: frozenset = frozenset(SLICES)) -> None:
            load.load_rows(connection, Window(project, source, grain, days, "EUR"), rows, run_id=1, at=AT)
            assert_true(connection)

        yield connection, put


def row(entity: str | None, **measures: object) -> dict:
    return {"day": date(2026, 5, 1), "entity": entity, **measures}


def test_totals_come_from_the_highest_grain_whichever_came_first(one):
    connection, put = one
    put(400, row("ad1", campaign="c", spend=Decimal(5)), row("ad2", campaign="c", spend=Decimal(6)))
    put(200, row("c", spend=Decimal(12)))
    put(100, row(None, spend=Decimal(13)))
    assert connection.scalar(sa.select(source_daily.c.spend)) == 13
    assert connection.scalar(sa.select(campaign_daily.c.spend)) == 12
    put(200)
    assert connection.scalar(sa.select(campaign_daily.c.spend)) == 11


def test_people_are_never_added_up(one):
    connection, put = one
    put(200, row("c1", reach=5, clicks=1), row("c2", reach=6, clicks=2))
    assert connection.execute(sa.select(source_daily.c.reach, source_daily.c.clicks)).one() == (None, 3)
    assert set(connection.scalars(sa.select(campaign_daily.c.reach))) == {5, 6}
    put(100, row(None, reach=8))
    assert connection.scalar(sa.select(source_daily.c.reach)) == 8


def test_a_plain_row_goes_before_the_same_level_split_up(one):
    connection, put = one
    put(203, row("c", segment="device=mobile", clicks=1), row("c", segment="device=desktop", clicks=2))
    put(200, row("c", clicks=4))
    assert connection.scalar(sa.select(source_daily.c.clicks)) == 4


def test_a_finer_grain_below_the_top_leaves_the_totals_untouched(one):
    connection, put = one
    put(100, row(None, clicks=9))
    versions = sa.text("SELECT ctid, xmin FROM source_daily")
    before = connection.execute(versions).all()
    put(900, row("query", clicks=3))
    assert connection.execute(versions).all() == before
