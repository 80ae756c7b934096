"""Imports: understood before written, idempotent, replacing whole days, all or nothing, undone exactly."""

from __future__ import annotations

import io
from datetime import date, timedelta
from decimal import Decimal

import polars as pl
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from errors import BadInput, NotFound, StoreUnavailable
from sandbox import exports
from sandbox.business import Business
from store import batches, db, load, uploads
from store.models import daily_metrics, restatements, source_daily, sources
from syncing import imports
from tests.syncing.files import (
    bring_in,
    meta_file,
    names_of_campaigns,
    receive,
    result_of,
    silent,
    stored,
    take_back,
)

FIRST = date(2026, 3, 1)


def days(n: int, start: int = 0, spend: str = "10.00", clicks: int = 5, campaign: str = "Spring"):
    return [(FIRST + timedelta(days=start + k), campaign, spend, clicks) for k in range(n)]


def total(project_id: int, slug: str = "spend") -> Decimal | None:
    with db.project(project_id) as connection:
        return connection.scalar(sa.select(sa.func.sum(source_daily.c[slug])))


def test_an_import_writes_the_totals_of_the_file(make_project):
    project = make_project()
    (batch,) = bring_in(project, meta_file(days(10)))
    assert total(project) == Decimal("100.00")
    assert total(project, "clicks") == 50
    assert result_of(project, batch) == {"new": 10, "changed": 0, "unchanged": 0, "removed": 0}


def test_the_same_file_twice_changes_nothing(make_project):
    project = make_project()
    bring_in(project, meta_file(days(10)))
    before = stored(project)
    (again,) = bring_in(project, meta_file(days(10)))
    assert stored(project) == before
    assert result_of(project, again) == {"new": 0, "changed": 0, "unchanged": 10, "removed": 0}


def test_an_overlapping_export_replaces_its_days(make_project):
    project = make_project()
    bring_in(project, meta_file(days(10)))
    bring_in(
        project, meta_file([*days(5, start=5, spend="20.00"), *days(5, start=5, campaign="New", spend="1")])
    )
    assert total(project) == Decimal("50.00") + Decimal("105.00")


def test_a_campaign_that_a_newer_export_no_longer_has_is_gone_from_its_days(make_project):
    project = make_project()
    bring_in(project, meta_file([*days(3), *days(3, campaign="Gone")]))
    bring_in(project, meta_file(days(3)))
    assert total(project) == Decimal("30.00")


def test_a_changed_day_is_recorded_as_restated(make_project):
    project = make_project()
    bring_in(project, meta_file(days(2)))
    bring_in(project, meta_file(days(2, spend="12.00")))
    with db.project(project) as connection:
        query = sa.select(restatements.c.old_total, restatements.c.new_total).where(
            restatements.c.metric == "spend"
        )
        assert connection.execute(query).all() == [(Decimal("10.00"), Decimal("12.00"))] * 2


def test_a_batch_keeps_its_rows_with_their_row_in_the_file(make_project):
    project = make_project()
    (batch,) = bring_in(project, meta_file(days(3)))
    with db.project(project) as connection:
        ((source,),) = connection.execute(sa.select(sources.c.id)).all()
        (content,) = batches.kept_rows(connection, project, batch, source, "rows")
    kept = pl.read_parquet(io.BytesIO(content))
    assert kept["row"].to_list() == [2, 3, 4]
    assert kept["day"].to_list() == [FIRST + timedelta(days=n) for n in range(3)]


def test_undo_takes_a_first_import_back_without_a_trace(make_project):
    project = make_project()
    (batch,) = bring_in(project, meta_file(days(10)))
    take_back(project, batch)
    assert not any(stored(project).values())
    with db.project(project) as connection:
        assert connection.execute(sa.select(sources)).all() == []


def test_undo_twice_is_the_same_as_once(make_project):
    project = make_project()
    (one,) = bring_in(project, meta_file(days(4)))
    (two,) = bring_in(project, meta_file(days(4, spend="9")))
    take_back(project, two)
    before = stored(project)
    take_back(project, two)
    assert stored(project) == before
    assert total(project) == 40
    assert result_of(project, one)["new"] == 4


def test_orders_come_in_and_go_out_exactly(make_project):
    project = make_project()
    bring_in(project, exports.shopify(Business(date(2026, 3, 20), days=10)), "orders.csv")
    before = stored(project)
    (late,) = bring_in(project, exports.shopify(Business(date(2026, 3, 25), days=10)), "orders.csv")
    assert stored(project) != before
    take_back(project, late)
    assert stored(project) == before


def test_customers_are_kept_as_salted_hashes_only(make_project):
    project, other = make_project(), make_project(customer_salt="another")
    content = exports.shopify(Business(date(2026, 3, 20), days=3))
    bring_in(project, content, "orders.csv")
    bring_in(other, content, "orders.csv")
    keys = []
    for one in (project, other):
        with db.project(one) as connection:
            dump = str(connection.execute(sa.text("SELECT * FROM orders")).all())
            keys.append(set(connection.scalars(sa.text("SELECT customer_key FROM orders"))))
        assert "example.com" not in dump
    assert not keys[0] & keys[1]


def test_nothing_is_half_written_when_the_database_goes_away(make_project, monkeypatch):
    project = make_project()
    upload = receive(project, meta_file(days(10)))
    real = load.load_frame

    def breaks_off(*arguments, **named):
        real(*arguments, **named)
        raise StoreUnavailable("gone")

    monkeypatch.setattr(load, "load_frame", breaks_off)
    with pytest.raises(StoreUnavailable), db.project(project) as connection:
        imports.import_upload(connection, project, upload, {"account": "Shop"}, [0], None, silent)
    assert not any(stored(project).values())
    with db.project(project) as connection:
        assert batches.listed(connection, project) == []
        assert uploads.read(connection, project, upload).state == "reading"


def test_a_table_with_an_open_question_is_not_written(make_project):
    project = make_project()
    content = b"Date,Campaign name,Spend in account currency,Impressions,Pin clicks,Saves\n2026-03-01,A,5.00,100,3,1\n"
    upload = receive(project, content, "pinterest.csv")
    with pytest.raises(BadInput), db.project(project) as connection:
        imports.import_upload(connection, project, upload, {}, [0], None, silent)
    assert not any(stored(project).values())


def test_what_an_import_would_replace_is_told_before(make_project):
    project = make_project()
    bring_in(project, meta_file(days(10)))
    upload = receive(project, meta_file(days(5, start=5, spend="20.00")))
    with db.project(project) as connection:
        imports.inspect(connection, project, upload, {"account": "Shop"}, silent)
        (plan,) = uploads.read(connection, project, upload).tables[0]["plan"]
    assert plan["rows"] == 5
    assert Decimal(plan["totals"]["spend"]) == 50
    assert plan["new_source"] is False


def test_an_unreadable_file_keeps_its_reason(make_project):
    project = make_project()
    upload = receive(project, b"", "empty.csv")
    with db.project(project) as connection:
        imports.inspect(connection, project, upload, {}, silent)
        kept = uploads.read(connection, project, upload)
    assert kept.state == "unreadable"
    assert "empty" in kept.reason


def test_an_upload_of_another_project_does_not_exist(make_project):
    mine, theirs = make_project(), make_project()
    upload = receive(theirs, meta_file(days(1)))
    with pytest.raises(NotFound), db.project(mine) as connection:
        imports.import_upload(connection, mine, upload, {}, [0], None, silent)


def test_a_mapping_is_remembered_for_the_next_file_with_this_header(make_project):
    project = make_project()
    content = b"When,Money out,Where\n2026-03-01,5.50,Radio spot\n2026-03-02,6.50,Radio spot\n"
    mapping = {"When": "day", "Money out": "spend", "Where": "campaign"}
    bring_in(project, content, "radio.csv", mapping=mapping, currency="EUR")
    assert total(project) == Decimal("12.00")
    upload = receive(project, content.replace(b"6.50", b"7.50"), "radio-2.csv")
    with db.project(project) as connection:
        imports.inspect(connection, project, upload, {"currency": "EUR", "account": "Shop"}, silent)
        table = uploads.read(connection, project, upload).tables[0]
    assert table["platform"] == "custom"
    assert table["totals"]["spend"] == "13"


def test_a_name_without_an_id_joins_the_campaign_that_has_one(make_project):
    project = make_project()
    head = 'Day,"Campaign name","Campaign ID","Amount spent (EUR)",Impressions,"Reporting starts","Reporting ends"\n'
    row = "2026-03-01,Spring,120210000000000001,5,100,2026-03-01,2026-03-01\n"
    bring_in(project, (head + row).encode())
    bring_in(project, meta_file(days(2, start=5)))
    assert names_of_campaigns(project) == ["Spring"]


def test_campaigns_of_two_accounts_with_one_name_stay_apart(make_project):
    project = make_project()
    bring_in(project, meta_file(days(2)), account="Shop A")
    bring_in(project, meta_file(days(2)), account="Shop B")
    assert total(project) == 40


def test_payments_beside_a_shop_do_not_count_twice(make_project):
    project = make_project()
    bring_in(project, exports.shopify(Business(date(2026, 3, 20), days=2)), "orders.csv")
    payments = (
        "id,Created date (UTC),Amount,Amount Refunded,Currency,Captured,Fee,Status,Mode,Customer ID\n"
        "ch_1,2026-03-20 10:00:00,15.00,0.00,eur,true,0.50,Paid,Live,cus_1\n"
    )
    bring_in(project, payments.encode(), "payments.csv")
    with db.project(project) as connection:
        counted = dict(connection.execute(sa.select(sources.c.platform, sources.c.in_totals)).all())
    assert counted == {"shopify": True, "stripe": False}


operations = st.lists(
    st.one_of(
        st.tuples(
            st.just("import"),
            st.integers(0, 8),
            st.integers(1, 6),
            st.integers(1, 4),
            st.sampled_from(["A", "B"]),
        ),
        st.tuples(st.just("undo"), st.integers(0, 20)),
    ),
    min_size=2,
    max_size=9,
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(operations)
def test_after_any_imports_and_undos_the_store_is_as_if_the_undone_had_never_been(make_project, steps):
    project, fresh = make_project("Worked on"), make_project("Fresh")
    made: list[tuple[int, bytes]] = []
    undone: set[int] = set()
    for step in steps:
        if step[0] == "import":
            _, start, length, clicks, campaign = step
            content = meta_file(
                days(length, start=start, spend=f"{clicks}.25", clicks=clicks, campaign=campaign)
            )
            made.append((bring_in(project, content)[0], content))
        elif made:
            batch = made[step[1] % len(made)][0]
            take_back(project, batch)
            undone.add(batch)
    for batch, content in made:
        if batch not in undone:
            bring_in(fresh, content)
    assert _figures(project) == _figures(fresh)


def _figures(project_id: int):
    """What is stored, without the numbers that sources got."""
    with db.project(project_id) as connection:
        facts = sa.select(
            daily_metrics.c.day, daily_metrics.c.entity_id, daily_metrics.c.spend, daily_metrics.c.clicks
        ).order_by(daily_metrics.c.day, daily_metrics.c.entity_id)
        rolled = sa.select(source_daily.c.day, source_daily.c.spend, source_daily.c.clicks).order_by(
            source_daily.c.day
        )
        return connection.execute(facts).all(), connection.execute(rolled).all()
