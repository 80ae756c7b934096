"""Loading a window: exact, all or nothing, and nothing at all when nothing changed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import polars as pl
import pytest
import sqlalchemy as sa
from sqlalchemy import Connection

from errors import BadInput, NotFound, StoreUnavailable
from store import db, load, registry, sources
from store.entities import identity
from store.load import Entity, Loaded, Terms, Window
from store.models import (
    campaign_daily,
    daily_metrics,
    entities,
    restatements,
    source_daily,
    staged_metrics,
)

MAY = date(2026, 5, 1)
FIRST = datetime(2026, 6, 1, tzinfo=UTC)
LATER = datetime(2026, 6, 2, tzinfo=UTC)
AD, CAMPAIGN, ACCOUNT = 400, 200, 100


def day(n: int) -> date:
    return date(2026, 5, n)


def ad(n: int, name: str = "a", **measures: object) -> dict[str, object]:
    return {"day": day(n), "entity": name, "campaign": "c", **measures}


@pytest.fixture
def project(make_project) -> int:
    return make_project()


@pytest.fixture
def source(project: int) -> int:
    with db.project(project) as connection:
        return sources.get_or_create(
            connection, project, "meta_ads", "meta_ads", "1", "Brand", "EUR", "Europe/Berlin"
        )


@pytest.fixture
def connection(project: int, source: int) -> Iterator[Connection]:
    with db.project(project) as connection:
        yield connection


@pytest.fixture
def window(project: int, source: int) -> Window:
    return Window.daily(
        project, source, AD, day(1), day(10), currency="EUR", terms=Terms("Europe/Berlin", "7d")
    )


def rows_of(connection: Connection, *names: str, table: sa.Table = daily_metrics) -> list[tuple]:
    keys = [c for c in table.primary_key.columns if c.name not in {"project_id", "source_id"}]
    query = sa.select(*(table.c[name] for name in names)).order_by(*keys)
    return [tuple(row) for row in connection.execute(query)]


def put(connection: Connection, window: Window, rows, run_id: int = 1, at: datetime = FIRST) -> Loaded:
    return load.load_rows(connection, window, rows, run_id=run_id, at=at)


def test_new_rows_are_written_with_run_time_terms_and_currency(connection, window):
    loaded = put(
        connection, window, [ad(1, impressions=10, spend=Decimal("1.23"), more={"saves": 3, "x": "é"})], 7
    )
    assert loaded == Loaded(1, 0, 0, 0)
    row = connection.execute(sa.select(daily_metrics)).one()
    assert (row.day, row.days, row.segment, row.impressions, row.clicks) == (day(1), 1, "", 10, None)
    assert (row.spend, row.currency, row.run_id, row.extracted_at) == (Decimal("1.23"), "EUR", 7, FIRST)
    assert (row.entity_id, row.campaign_id) == (identity("ad", "a"), identity("campaign", "c"))
    assert row.more == {"saves": 3, "x": "é"}
    terms = connection.execute(sa.text("SELECT attribution FROM terms WHERE id = :id"), {"id": row.terms_id})
    assert terms.scalar() == "7d"
    assert connection.scalar(sa.select(sa.func.count()).select_from(staged_metrics)) == 0


def test_the_same_load_again_changes_nothing(connection, window):
    rows = [
        ad(n, name, impressions=n, spend=Decimal(n) / 7, more={"k": n}) for n in range(1, 9) for name in "ab"
    ]
    put(connection, window, rows)
    tables = (daily_metrics, source_daily, campaign_daily, entities)
    before = [
        connection.execute(sa.text(f"SELECT ctid, xmin, * FROM {t.name} ORDER BY ctid")).all() for t in tables
    ]
    assert put(connection, window, list(reversed(rows)), 2, LATER) == Loaded(0, 0, 16, 0)
    after = [
        connection.execute(sa.text(f"SELECT ctid, xmin, * FROM {t.name} ORDER BY ctid")).all() for t in tables
    ]
    assert after == before
    assert connection.scalar(sa.select(sa.func.count()).select_from(restatements)) == 0
    assert sources.read(connection, window.project_id, window.source_id).written_at == FIRST


def test_equal_amounts_with_another_number_of_decimals_are_unchanged(connection, window):
    put(connection, window, [ad(1, spend=Decimal("1.2"))])
    assert put(connection, window, [ad(1, spend=Decimal("1.200"))], 2) == Loaded(0, 0, 1, 0)


def test_only_what_changed_is_written_and_what_the_platform_dropped_goes(connection, window):
    put(connection, window, [ad(1, "kept", clicks=1), ad(1, "changed", clicks=1), ad(2, "gone", clicks=1)])
    loaded = put(
        connection,
        window,
        [ad(1, "kept", clicks=1), ad(1, "changed", clicks=2), ad(3, "new", clicks=9)],
        2,
        LATER,
    )
    assert loaded == Loaded(1, 1, 1, 1)
    found = set(rows_of(connection, "day", "clicks", "run_id", "extracted_at"))
    assert found == {(day(1), 1, 1, FIRST), (day(1), 2, 2, LATER), (day(3), 9, 2, LATER)}


def test_a_measure_that_is_no_longer_reported_becomes_null(connection, window):
    put(connection, window, [ad(1, clicks=1, leads=5, more={"a": 1})])
    assert put(connection, window, [ad(1, clicks=1)], 2) == Loaded(0, 1, 0, 0)
    assert rows_of(connection, "clicks", "leads", "more") == [(1, None, None)]
    assert rows_of(connection, "clicks", "leads", table=source_daily) == [(1, None)]


@pytest.mark.parametrize("change", [{"currency": "USD"}, {"terms": Terms("Europe/Berlin", "1d")}])
def test_another_currency_or_attribution_is_a_change(connection, window, change):
    from dataclasses import replace

    put(connection, window, [ad(1, spend=Decimal(1))])
    assert put(connection, replace(window, **change), [ad(1, spend=Decimal(1))], 2) == Loaded(0, 1, 0, 0)
    assert len(rows_of(connection, "spend", table=source_daily)) == 1


def test_rows_outside_the_window_stay(connection, window, project, source):
    put(connection, window, [ad(1, clicks=1), ad(9, clicks=9)])
    narrow = Window.daily(project, source, AD, day(1), day(3), currency="EUR", terms=window.terms)
    assert put(connection, narrow, [], 2) == Loaded(0, 0, 0, 1)
    assert rows_of(connection, "day", "clicks") == [(day(9), 9)]


def test_a_window_may_be_any_set_of_days_and_periods(connection, window, project, source):
    slices = frozenset({(day(1), 1), (day(4), 1), (day(1), 31)})
    odd = Window(project, source, AD, slices, "EUR", window.terms)
    put(connection, window, [ad(n, clicks=n) for n in range(1, 6)])
    rows = [ad(1, clicks=10), ad(1, clicks=100) | {"days": 31}]
    assert put(connection, odd, rows, 2) == Loaded(1, 1, 0, 1)
    assert rows_of(connection, "day", "days", "clicks") == [
        (day(1), 1, 10), (day(1), 31, 100), (day(2), 1, 2), (day(3), 1, 3), (day(5), 1, 5),
    ]  # fmt: skip


def test_many_blocks_load_like_one(connection, window, monkeypatch):
    monkeypatch.setattr("store.blocks._BLOCK", 7)
    rows = [ad(n % 10 + 1, f"ad{n}", clicks=n, **({"leads": n} if n % 13 == 0 else {})) for n in range(100)]
    assert put(connection, window, iter(rows)) == Loaded(100, 0, 0, 0)
    assert put(connection, window, iter(rows), 2) == Loaded(0, 0, 100, 0)
    assert connection.scalar(sa.select(sa.func.sum(daily_metrics.c.clicks))) == sum(range(100))
    assert connection.scalar(sa.select(sa.func.sum(source_daily.c.leads))) == sum(range(0, 100, 13))


def test_odd_texts_survive(connection, window):
    texts = ['a"b', "tab\there", "line\nbreak", "back\\slash\\.", ",", "'", " ", "\\N", "日本"]
    put(connection, window, [ad(1, clicks=1, segment=text) for text in texts])
    assert {row[0] for row in rows_of(connection, "segment")} == set(texts)


BAD_ROWS = [
    ([ad(1, clicks=1), ad(1, clicks=2)], "Two rows for"),
    ([ad(1), ad(11)], "Row 2: The day 2026-05-11 is not part"),
    ([ad(1), ad(1) | {"days": -3, "entity": "b"}], "Row 2: The -3 days from 2026-05-01"),
    ([ad(1, spend=Decimal("1")), ad(2, spend=Decimal("NaN"))], "Row 2: spend is Decimal('NaN')"),
    ([ad(1, spend=Decimal("Infinity"))], "Row 1: spend is Decimal('Infinity')"),
    ([ad(1, spend=1.5)], "Row 1: spend is 1.5; it has to be an exact"),
    ([ad(1, clicks=float("nan"))], "Row 1: clicks is nan"),
    ([ad(1, clicks=1), ad(2, clicks="12")], "Row 2: clicks is '12'; it has to be a whole number"),
    ([ad(1, clicks=2**63)], "Row 1: clicks is 9223372036854775808"),
    ([ad(1), ad(2, clics=1)], "Row 2: there is no metric 'clics'"),
    ([ad(1) | {"day": None}], "Row 1: day is missing"),
    ([ad(1) | {"day": datetime(2026, 5, 1, tzinfo=UTC)}], "Row 1: day is"),
    ([ad(1) | {"entity": 12}], "Row 1: entity_id is 12"),
    ([ad(1) | {"segment": 12}], "Row 1: segment is 12"),
    ([ad(1, more={"x": float("inf")})], "Row 1: more is"),
    ([ad(1, more=[1])], "Row 1: more is"),
    ([ad(1, segment="nul\x00")], "A value cannot be stored"),
]


@pytest.mark.parametrize(("rows", "said"), BAD_ROWS)
def test_bad_rows_are_named_and_nothing_is_written(connection, window, rows, said):
    put(connection, window, [ad(1, "old", clicks=7)])
    with pytest.raises(BadInput) as caught:
        put(connection, window, rows, 2, LATER)
    assert said in str(caught.value)
    assert "Nothing was written" in str(caught.value)
    assert rows_of(connection, "clicks", "run_id") == [(7, 1)]
    assert connection.scalar(sa.select(sa.func.count()).select_from(staged_metrics)) == 0


def test_doubles_in_different_blocks_are_found(connection, window, monkeypatch):
    monkeypatch.setattr("store.blocks._BLOCK", 3)
    rows = [ad(1, f"ad{n}", clicks=n) for n in range(10)]
    with pytest.raises(BadInput, match="Two rows for Shoes on 2026-05-01"):
        load.load_rows(
            connection, window, [*rows, rows[0]], run_id=1, at=FIRST, entities=[Entity("ad", "ad0", "Shoes")]
        )


@pytest.mark.parametrize("currency", ["EURO", "eur", "E1"])
def test_a_currency_that_is_no_code_is_refused(currency):
    with pytest.raises(BadInput, match=currency):
        Window.daily(1, 1, AD, day(1), day(1), currency=currency)


def test_a_period_of_less_than_a_day_is_refused():
    with pytest.raises(BadInput, match="cannot last -1 days"):
        Window.period(1, 1, AD, day(1), -1)


def test_a_source_of_another_project_is_not_found(connection, make_project, source):
    other = make_project("Other")
    with pytest.raises(NotFound):
        put(connection, Window.daily(other, source, AD, day(1), day(2)), [ad(1, clicks=1)])


def test_frames_load_like_rows(connection, window):
    rows = [ad(n, name, impressions=n, spend=Decimal(n) / 8) for n in (1, 2) for name in "ab"]
    put(connection, window, rows)
    frame = pl.DataFrame(
        {
            "day": [r["day"] for r in rows],
            "entity_id": [identity("ad", r["entity"]) for r in rows],
            "campaign_id": [identity("campaign", "c")] * 4,
            "impressions": [r["impressions"] for r in rows],
            "spend": pl.Series([r["spend"] for r in rows], dtype=pl.Decimal(38, 10)),
        }
    )
    assert load.load_frame(connection, window, frame, run_id=2, at=LATER) == Loaded(0, 0, 4, 0)
    text = frame.with_columns(pl.Series("spend", ["0.125", "1E+3", "-.5", None]), more=pl.lit('{"a": 1}'))
    assert load.load_frame(connection, window, text, run_id=3, at=LATER) == Loaded(0, 4, 0, 0)
    assert sorted(r[0] for r in rows_of(connection, "spend") if r[0] is not None) == [
        Decimal("-.5"), Decimal("0.125"), Decimal(1000),
    ]  # fmt: skip
    assert load.load_frame(connection, window, frame.clear(), run_id=4, at=LATER).removed == 4


def test_amounts_of_a_frame_are_stored_without_padding(connection, window):
    values = [Decimal("100"), Decimal("0"), Decimal("1.50"), Decimal("-0.0000000001")]
    frame = pl.DataFrame(
        {"day": [day(1)] * 4, "entity_id": [1, 2, 3, 4], "spend": pl.Series(values, dtype=pl.Decimal(38, 10))}
    )
    load.load_frame(connection, window, frame, run_id=1, at=FIRST)
    shown = connection.scalars(sa.text("SELECT spend::text FROM daily_metrics ORDER BY entity_id")).all()
    assert shown == ["100", "0", "1.5", "-0.0000000001"]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"spend": [1.5]}, "The column spend holds Float64"),
        ({"clicks": ["x"]}, "The column clicks holds String"),
        ({"spend": ["12,5O"]}, "Row 1: spend is '12,5O'"),
        ({"spend": ["NaN"]}, "Row 1: spend is 'NaN'"),
        ({"row": [1]}, "There is no metric 'row'"),
        ({"entity_id": pl.Series([None], dtype=pl.Int64)}, "Row 1: entity_id is missing"),
    ],
)
def test_bad_frames_are_named(connection, window, columns, said):
    frame = pl.DataFrame({"day": [day(1)], "entity_id": [1], **columns})
    with pytest.raises(BadInput, match=said):
        load.load_frame(connection, window, frame, run_id=1, at=FIRST)


def test_restatements_keep_old_and_new_totals_of_days_that_had_rows(connection, window):
    put(
        connection,
        window,
        [ad(1, "a", spend=Decimal(10), clicks=5), ad(1, "b", spend=Decimal(1)), ad(2, clicks=1)],
    )
    rows = [ad(1, "a", spend=Decimal(12), clicks=5), ad(1, "b", spend=Decimal(1)), ad(3, clicks=1)]
    put(connection, window, rows, 2, LATER)
    found = connection.execute(sa.select(restatements).order_by("day", "metric")).all()
    assert [(r.day, r.metric, r.old_total, r.new_total, r.run_id, r.at) for r in found] == [
        (day(1), "spend", 11, 13, 2, LATER),
        (day(2), "clicks", 1, None, 2, LATER),
    ]


def test_coverage_widens_and_the_time_of_writing_follows(connection, window, project, source):
    put(connection, window, [ad(1, clicks=1)])
    put(connection, Window.period(project, source, AD, date(2026, 4, 1), 30), [], 2, LATER)
    found = sources.read(connection, project, source)
    assert (found.covers_from, found.covers_through, found.written_at) == (date(2026, 4, 1), day(10), FIRST)


def test_replaced_says_what_a_load_would_replace(connection, window):
    put(connection, window, [ad(1, spend=Decimal(3), reach=5), ad(2, spend=Decimal(4))])
    put_slices = frozenset({(day(1), 1), (day(9), 1)})
    assert load.replaced(connection, window.project_id, window.source_id, AD, put_slices) == {
        "rows": 1,
        "spend": 3,
    }
    assert load.replaced(connection, window.project_id, window.source_id, AD, window.slices)["spend"] == 7
    assert load.replaced(connection, window.project_id, window.source_id, 0, window.slices) == {"rows": 0}


def test_entities_take_new_names_and_keep_what_is_not_said(connection, project, source):
    def register(*found: Entity) -> None:
        registry.register_entities(connection, project, source, found)

    top = Entity("campaign", "1", "Spring", status="active", budget="10.5")
    register(top, Entity("ad_group", "2", "Group", top.id))
    register(
        Entity("campaign", "1", "Summer"), Entity("campaign", "3", "Twin"), Entity("campaign", "4", "Twin")
    )
    found = {
        r.key: (r.name, r.status, r.budget, r.parent_id) for r in connection.execute(sa.select(entities))
    }
    assert found["1"] == ("Summer", "active", Decimal("10.5"), None)
    assert found["2"] == ("Group", "", None, top.id)
    assert registry.campaigns_by_name(connection, project, source) == {"Summer": "1"}


def test_two_keys_with_one_id_are_refused(connection, project, source, monkeypatch):
    registry.register_entities(connection, project, source, [Entity("ad", "1", "One")])
    monkeypatch.setattr(registry, "identity", lambda level, key: identity("ad", "1"))
    for found in ([Entity("ad", "2", "Two")], [Entity("ad", "3", "x"), Entity("ad", "4", "y")]):
        with pytest.raises(BadInput, match="cannot be told apart"):
            registry.register_entities(connection, project, source, found)


def test_loads_of_one_source_wait_for_each_other(project, source, window):
    order: list[str] = []

    def second() -> None:
        with db.project(project) as connection:
            put(connection, window, [ad(1, clicks=2)], 2, LATER)
            order.append("second")

    with db.project(project) as connection:
        put(connection, window, [ad(1, clicks=1)])
        waiting = threading.Thread(target=second)
        waiting.start()
        waiting.join(0.2)
        order.append("first")
    waiting.join()
    assert order == ["first", "second"]
    with db.project(project) as connection:
        assert rows_of(connection, "clicks", "run_id") == [(2, 2)]


def test_loads_of_different_sources_run_side_by_side(project, source, window):
    with db.project(project) as connection:
        other = sources.get_or_create(connection, project, "x_ads", "x_ads", "1", "Brand", "EUR", "")
    theirs = Window.daily(project, other, AD, day(1), day(2), currency="EUR")
    with db.project(project) as one, db.project(project) as two:
        put(one, window, [ad(1, clicks=1)])
        put(two, theirs, [ad(1, clicks=2)])
    with db.project(project) as connection:
        assert rows_of(connection, "clicks") == [(1,), (2,)]


def test_a_failed_connector_leaves_nothing_behind(connection, window):
    def breaking() -> Iterator[dict[str, object]]:
        yield from (ad(1, f"ad{n}", clicks=1) for n in range(25_000))
        raise RuntimeError("the platform hung up")

    with pytest.raises(RuntimeError, match="hung up"):
        put(connection, window, breaking())
    assert rows_of(connection, "clicks") == []
    assert put(connection, window, [ad(1, clicks=1)]) == Loaded(1, 0, 0, 0)


def test_a_server_that_goes_away_in_the_middle_leaves_the_old_numbers(project, window):
    with db.project(project) as connection:
        put(connection, window, [ad(1, clicks=1)])

    def interrupted(process: int) -> Iterator[dict[str, object]]:
        for n in range(60_000):
            if n == 30_000:
                owner = db.connect_as_owner()
                with owner.connect() as other:
                    other.execute(
                        sa.text("SELECT pg_terminate_backend(:process, 5000)"), {"process": process}
                    )
                owner.dispose()
            yield ad(1, f"ad{n}", clicks=1)

    with pytest.raises(StoreUnavailable), db.project(project) as connection:
        put(connection, window, interrupted(connection.scalar(sa.text("SELECT pg_backend_pid()"))), 2, LATER)
    with db.project(project) as connection:
        assert rows_of(connection, "clicks", "run_id") == [(1, 1)]


def test_a_source_is_one_account_in_one_currency(connection, project):
    def get(currency: str, name: str = "Brand", zone: str = "") -> int:
        return sources.get_or_create(connection, project, "x_ads", "x_ads", "9", name, currency, zone)

    euro = get("EUR", zone="Europe/Paris")
    assert get("EUR", "Renamed") == euro
    assert get("USD") != euro
    assert get("") == get("")
    found = sources.read(connection, project, euro)
    assert (found.name, found.time_zone, found.currency) == ("Renamed", "Europe/Paris", "EUR")
    assert sources.find(connection, project, "x_ads", "x_ads", "9", "").currency == ""
    assert sources.find(connection, project, "x_ads", "x_ads", "10", "EUR") is None
    with pytest.raises(BadInput, match="EURO"):
        get("EURO")


def test_an_empty_source_can_be_dropped_and_a_filled_one_covers_what_it_holds(
    connection, window, project, source
):
    put(connection, window, [ad(4, clicks=1)])
    assert sources.drop_if_empty(connection, project, source) is False
    assert sources.read(connection, project, source).covers_through == day(4)
    put(connection, window, [], 2, LATER)
    assert sources.drop_if_empty(connection, project, source) is True
    with pytest.raises(NotFound):
        sources.read(connection, project, source)


def test_an_email_without_a_flow_above_it_is_its_own_campaign(connection, window):
    emails = replace(window, grain=CAMPAIGN)
    rows = [
        {"day": day(1), "entity": "alone", "clicks": 3},
        {"day": day(1), "entity": "of a flow", "campaign": "flow", "clicks": 4},
    ]
    put(connection, emails, rows)
    found = dict(rows_of(connection, "campaign_id", "clicks", table=campaign_daily))
    assert sorted(found.values()) == [3, 4]
    assert rows_of(connection, "clicks", table=source_daily) == [(7,)]
