"""Totals by country and device stay true, and say what they said at any time, whatever is loaded, restated and removed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from store import breakdowns, db, grains, history, load, sources
from store.breakdowns import BREAKDOWNS
from store.load import Loaded, Window
from store.models import MEASURES, breakdown_daily, daily_metrics
from tests.store.test_rollups import amounts, counts, total, two_sources

__all__ = ["two_sources"]

START = datetime(2026, 6, 1, tzinfo=UTC)
DAY = date(2026, 5, 1)
SLICES = [(DAY + timedelta(n), 1) for n in range(3)] + [(DAY, 31)]
BOTH = grains.code("account", "country_device")
GRAINS = {
    grains.code("account", "country"): ("country=DE", "country=FR"),
    grains.code("campaign", "country"): ("country=DE", "country=", "country=FR"),
    grains.code("campaign", "device"): ("device=mobile", "device=tv"),
    BOTH: ("country=DE|device=tv", "device=mobile|country=DE", "country=FR|device="),
    grains.code("keyword", "device"): ("device=mobile",),
    grains.code("campaign"): ("",),
}
USED = ("impressions", "reach", "spend")
KEYS = ("source_id", "breakdown", "day", "days", "value", "currency", "grain")


def at(step: int) -> datetime:
    return START + timedelta(hours=step)


def value_of(segment: str, breakdown: str) -> str | None:
    parts = dict(part.split("=") for part in segment.split("|") if part)
    return parts.get(breakdown)


def recomputed(rows: list[sa.Row]) -> dict[tuple, tuple]:
    """The totals as documented, from the rows alone and in the plainest way."""
    groups = defaultdict(list)
    for breakdown in BREAKDOWNS:
        mine = [r for r in rows if r.grain < 500 and value_of(r.segment, breakdown) is not None]
        top: dict[tuple, tuple] = {}
        for r in mine:
            where, rank = (r.source_id, r.day, r.days), ("|" in r.segment, r.grain)
            top[where] = min(rank, top.get(where, rank))
        for r in mine:
            if r.grain == top[r.source_id, r.day, r.days][1]:
                value = value_of(r.segment, breakdown)
                groups[(r.source_id, breakdown, r.day, r.days, value, r.currency, r.grain)].append(r)
    return {key: tuple(total(found, name) for name in MEASURES) for key, found in groups.items()}


def stored(connection: Connection, as_of: datetime | None = None) -> dict[tuple, tuple]:
    table = history.as_of(breakdown_daily, as_of)
    return {
        tuple(getattr(r, k) for k in KEYS): tuple(getattr(r, m) for m in MEASURES)
        for r in connection.execute(sa.select(table))
    }


def facts(connection: Connection, as_of: datetime | None = None) -> list[sa.Row]:
    return list(connection.execute(sa.select(history.as_of(daily_metrics, as_of))).all())


@st.composite
def loads(draw: st.DrawFn) -> dict:
    """A window of random slices and unique rows in it; empty ones are deletions."""
    slices = draw(st.sets(st.sampled_from(SLICES), min_size=1))
    grain = draw(st.sampled_from(sorted(GRAINS)))
    where, segments = st.sampled_from(sorted(slices)), st.sampled_from(GRAINS[grain])
    keys = draw(st.lists(st.tuples(where, st.sampled_from("xy"), segments), unique=True, max_size=6))
    rows = [
        {
            "day": day, "days": days, "entity": entity, "campaign": entity, "segment": segment,
            **{
                name: draw(amounts if name == "spend" else counts)
                for name in draw(st.sets(st.sampled_from(USED)))
            },
        }
        for (day, days), entity, segment in keys
    ]  # fmt: skip
    return {
        "source": draw(st.integers(0, 1)), "grain": grain, "slices": frozenset(slices), "rows": rows,
        "currency": draw(st.sampled_from(["EUR", "USD"])),
    }  # fmt: skip


def run(connection: Connection, project: int, ids: list[int], step: dict, n: int) -> Loaded:
    window = Window(project, ids[step["source"]], step["grain"], step["slices"], step["currency"])
    return load.load_rows(connection, window, step["rows"], run_id=n + 1, at=at(n))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sequence=st.lists(loads(), min_size=1, max_size=6))
def test_totals_equal_a_recomputation_now_and_as_of_any_time(two_sources, sequence):
    project, ids = two_sources
    with db.project(project) as connection:
        said = []
        for n, step in enumerate(sequence):
            run(connection, project, ids, step, n)
            said.append(stored(connection))
            assert said[-1] == recomputed(facts(connection))
        for n, found in enumerate(said):
            assert stored(connection, at(n)) == found == recomputed(facts(connection, at(n)))
        assert not run(connection, project, ids, sequence[-1], 99).wrote
        connection.rollback()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sequence=st.lists(loads(), min_size=1, max_size=6), again=loads())
def test_what_was_loaded_before_the_table_was_there_gets_its_whole_history(two_sources, sequence, again):
    project, ids = two_sources
    with db.project(project) as connection:
        for n, step in enumerate(sequence):
            run(connection, project, ids, step, n)
        for table in (breakdown_daily, history.FORMER[breakdown_daily]):
            connection.execute(sa.delete(table))
        run(connection, project, ids, again, len(sequence))
        breakdowns.complete(connection, project)
        for n in range(len(sequence) + 1):
            assert stored(connection, at(n)) == recomputed(facts(connection, at(n)))
        assert stored(connection) == recomputed(facts(connection))
        connection.rollback()


@pytest.fixture
def one(two_sources) -> Iterator:
    project, (source, _) = two_sources
    with db.project(project) as connection:

        def put(level: str, breakdown: str, *rows: dict, step: int = 0) -> Loaded:
            window = Window(project, source, grains.code(level, breakdown), frozenset({(DAY, 1)}), "EUR")
            return load.load_rows(connection, window, rows, run_id=1, at=at(step))

        yield connection, put


def row(entity: str | None, segment: str, **measures: object) -> dict:
    return {"day": DAY, "entity": entity, "segment": segment, **measures}


def shown(connection: Connection, name: str = "clicks") -> dict[str, object]:
    d = breakdown_daily.c
    return {r.value: r[1] for r in connection.execute(sa.select(d.value, d[name]))}


def test_a_days_totals_come_from_the_highest_grain_that_has_the_breakdown(one):
    connection, put = one
    put("ad", "device", row("a", "device=tv", clicks=1), row("b", "device=tv", clicks=2))
    assert shown(connection) == {"tv": 3}
    put("account", "device", row(None, "device=tv", clicks=4), row(None, "device=mobile", clicks=1))
    assert shown(connection) == {"tv": 4, "mobile": 1}
    put("account", "device")
    assert shown(connection) == {"tv": 3}


def test_a_split_by_several_things_is_used_where_there_is_none_by_one(one):
    connection, put = one
    put(
        "account",
        "age_device",
        row(None, "age=18|device=tv", clicks=1),
        row(None, "age=25|device=tv", clicks=2),
    )
    assert shown(connection) == {"tv": 3}
    put("ad", "device", row("a", "device=tv", clicks=9))
    assert shown(connection) == {"tv": 9}


def test_people_are_never_added_up(one):
    connection, put = one
    put(
        "campaign",
        "country",
        row("c", "country=DE", reach=5),
        row("d", "country=DE", reach=5),
        row("d", "country=FR", reach=7),
    )
    assert shown(connection, "reach") == {"DE": None, "FR": 7}


def test_loads_without_a_breakdown_and_partial_grains_leave_no_totals(one):
    connection, put = one
    put("campaign", "", row("c", "", clicks=1))
    put("account", "age_gender", row(None, "age=18|gender=f", clicks=1))
    put("keyword", "device", row("k", "device=tv", clicks=1))
    assert shown(connection) == {}


def test_what_stays_as_it_is_is_not_written_again(one):
    connection, put = one
    put("campaign", "device", row("c", "device=tv", clicks=1), row("c", "device=mobile", clicks=1))
    versions = sa.text("SELECT value, ctid::text, xmin::text FROM breakdown_daily ORDER BY value")
    before = connection.execute(versions).all()
    put("campaign", "device", row("c", "device=tv", clicks=2), row("c", "device=mobile", clicks=1), step=1)
    put("ad", "device", row("a", "device=tv", clicks=9), step=2)
    after = connection.execute(versions).all()
    assert (before[0] == after[0], before[1] == after[1]) == (True, False)
    former = history.FORMER[breakdown_daily].c
    assert connection.execute(sa.select(former.value, former.clicks, former.until)).all() == [
        ("tv", 1, at(1))
    ]


def test_completing_twice_changes_nothing(one):
    connection, put = one
    put("campaign", "device", row("c", "device=tv", clicks=1))
    connection.execute(sa.delete(breakdown_daily))
    project = connection.scalar(sa.select(daily_metrics.c.project_id))
    breakdowns.complete(connection, project)
    versions = sa.text("SELECT ctid::text, xmin::text, since FROM breakdown_daily")
    before = connection.execute(versions).all()
    assert before[0].since == at(0)
    breakdowns.complete(connection, project)
    assert connection.execute(versions).all() == before


def test_a_deleted_source_leaves_neither_totals_nor_their_history(one):
    connection, put = one
    put("campaign", "device", row("c", "device=tv", clicks=1))
    put("campaign", "device", row("c", "device=tv", clicks=2), step=1)
    project, source = connection.execute(
        sa.select(daily_metrics.c.project_id, daily_metrics.c.source_id)
    ).one()
    sources.delete(connection, project, source)
    for table in (breakdown_daily, history.FORMER[breakdown_daily]):
        assert connection.execute(sa.select(table)).all() == []
