"""How sources are said to be, whether totals match, and what was restated, over a real database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from errors import BadInput
from reports import figures, health, monitors, reconciliation, restatement
from reports.reconciliation import Row
from sandbox import exports
from sandbox.business import Business
from store import db, grains, load, looks, rates, reconciliations, schedules, sources
from store.load import Window
from store.models import restatements
from store.models import runs as runs_table
from store.reconciliations import Reconciliation
from tests.syncing import pretend
from tests.syncing.files import bring_in, meta_file, take_back

MONDAY = date(2026, 3, 2)
NOW = datetime.now(UTC)
AT = datetime(2026, 3, 9, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _rates(database):
    with db.instance() as connection:
        rates.ensure(connection)


def uploaded(project: int, days: int = 7) -> list[int]:
    return bring_in(
        project, meta_file([(MONDAY + timedelta(n), "Spring", f"{10 + n}", 4 + n) for n in range(days)])
    )


def states(project: int, now: datetime = NOW) -> list[health.SourceHealth]:
    with db.project(project) as connection:
        return health.of_project(connection, project, now)


# --- sources -------------------------------------------------------------------------------------


def test_an_upload_has_an_age_and_no_schedule(make_project):
    project = make_project()
    uploaded(project)
    [one] = states(project, datetime(2026, 3, 18, 12, tzinfo=UTC))
    assert (one.state, one.is_fresh, one.needs_somebody, one.expected_through) == (
        "uploaded",
        False,
        False,
        None,
    )
    assert "ends 10 days ago" in one.diagnosis
    assert abs(one.brought_in_at - datetime.now(UTC)) < timedelta(minutes=5)


def test_an_import_that_was_taken_back_did_not_bring_anything_in(make_project):
    project = make_project()
    uploaded(project)
    [later] = uploaded(project, days=9)
    take_back(project, later)
    [one] = states(project)
    assert one.brought_in_at is not None
    with db.project(project) as connection:
        assert set(health._imported(connection, project)) == {one.source.id}


@pytest.mark.parametrize(
    ("cron", "hours", "behind"),
    [
        ("", 10, 0),
        ("", 24 * 3, 2),
        ("0 6 * * mon", 24 * 5, 0),
        ("0 6 * * mon", 24 * 9, 7),
        ("0 6 1 * *", 24 * 20, 0),
    ],
)
def test_a_source_is_behind_what_its_schedule_should_have_brought(
    make_project, monkeypatch, cron, hours, behind
):
    pretend.install(monkeypatch)
    project = make_project()
    place = (project, pretend.connected(project, days=4))
    pretend.sync(*place)
    at = datetime(2026, 3, 2, 6, 15, tzinfo=UTC)  # a Monday, after the weekly and the default hour
    with db.instance() as connection:
        connection.execute(sa.update(runs_table).where(runs_table.c.state == "done").values(finished_at=at))
    with db.project(project) as connection:
        schedules.change(connection, *place, cron=cron, time_zone="UTC")
        sources.change(connection, *place, covers_through=MONDAY - timedelta(1))
    [one] = states(project, at + timedelta(hours=hours))
    assert one.days_behind == behind
    assert one.is_fresh == (behind == 0)


def test_the_last_planned_time_is_found_however_long_ago(make_project, monkeypatch):
    pretend.install(monkeypatch)
    project = make_project()
    source = pretend.connected(project, days=4)
    with db.project(project) as connection:
        schedules.change(connection, project, source, cron="0 6 1 * *", time_zone="UTC")
        planned = schedules.read(connection, project, source)
    found = health._last_planned(
        planned, datetime(2026, 1, 15, tzinfo=UTC), datetime(2026, 3, 20, tzinfo=UTC)
    )
    assert found.date() == date(2026, 3, 1)
    nothing = datetime(2026, 3, 2, tzinfo=UTC)
    assert health._last_planned(planned, nothing, datetime(2026, 3, 20, tzinfo=UTC)) == nothing


# --- what the monitors read ----------------------------------------------------------------------


def test_the_monitors_read_what_is_stored(make_project):
    project = make_project()
    uploaded(project, days=35)
    bring_in(project, exports.shopify(Business(MONDAY + timedelta(34), days=14)), "orders.csv")
    with db.project(project) as connection:
        ads = next(s for s in sources.listed(connection, project) if s.channel == "meta_ads")
        web = sources.get_or_create(connection, project, "ga4", "ga4", "9", "Site", "EUR", "UTC")
        by_tag = Window.daily(project, web, grains.code("account", "source_medium_campaign"), MONDAY, MONDAY)
        rows = [
            {"day": MONDAY, "segment": "source_medium=meta / cpc|campaign=spring", "sessions": 7},
            {"day": MONDAY, "segment": "source_medium=(direct) / (none)|campaign=(none)", "sessions": 3},
        ]
        load.load_rows(connection, by_tag, rows, run_id=1, at=AT)
        found = figures.read(connection, project, "EUR", NOW)
    assert (found.last, found.recent) == (MONDAY + timedelta(34), MONDAY)
    assert found.days[ads.id][MONDAY]["spend"] == 10
    assert [(c.name, c.spend, c.clicks) for c in found.campaigns] == [
        ("Spring", sum(range(10, 45)), sum(range(4, 39)))
    ]
    assert {(t.source_medium, t.campaign, t.sessions) for t in found.traffic} == {
        ("meta / cpc", "spring", 7), ("(direct) / (none)", "(none)", 3),
    }  # fmt: skip
    shop = next(one for one in found.health if one.source.channel == "shopify")
    assert all("orders" in totals for totals in found.days[shop.source.id].values())


def test_what_is_below_zero_is_named(make_project):
    project = make_project()
    with db.project(project) as connection:
        source = sources.get_or_create(connection, project, "meta_ads", "meta_ads", "1", "Shop", "EUR", "")
        window = Window.daily(project, source, grains.code("account"), MONDAY, MONDAY, currency="EUR")
        load.load_rows(
            connection, window, [{"day": MONDAY, "spend": Decimal(-5), "saves": -1}], run_id=1, at=AT
        )
        found = monitors.run(connection, project, "EUR", NOW)
    said = next(one for one in found if one.monitor.slug == "negative")
    assert set(said.examples) == {
        "Meta Ads · Shop: spend below zero on 2 Mar 2026.", "Meta Ads · Shop: saves below zero on 2 Mar 2026.",
    }  # fmt: skip


def test_a_time_zone_that_changed_is_seen_in_the_rows(make_project):
    project = make_project()
    with db.project(project) as connection:
        source = sources.get_or_create(connection, project, "meta_ads", "meta_ads", "1", "Shop", "EUR", "UTC")
        for n, zone in enumerate(("Europe/Berlin", "UTC")):
            day = MONDAY + timedelta(n)
            window = Window.daily(
                project,
                source,
                grains.code("account"),
                day,
                day,
                currency="EUR",
                terms=load.Terms(time_zone=zone),
            )
            load.load_rows(connection, window, [{"day": day, "spend": Decimal(5)}], run_id=1, at=AT)
        found = monitors.run(connection, project, "EUR", NOW)
    said = next(one for one in found if one.monitor.slug == "terms")
    assert said.examples == ("Meta Ads · Shop: days to 2 Mar 2026 are in Europe/Berlin, later ones in UTC.",)


# --- does it match -------------------------------------------------------------------------------


def match(
    project: int, first: date = MONDAY, last: date = MONDAY + timedelta(6)
) -> reconciliation.Reconciled:
    with db.project(project) as connection:
        return reconciliation.reconcile(connection, project, first, last, "EUR", "order_day")


def claim(project: int, platform: str, currency: str, orders: str, value: str) -> int:
    with db.project(project) as connection:
        source = sources.get_or_create(connection, project, platform, platform, "1", "Shop", currency, "")
        window = Window.daily(project, source, grains.code("account"), MONDAY, MONDAY, currency=currency)
        row = {
            "day": MONDAY,
            "spend": Decimal(9),
            "conversions": Decimal(orders),
            "conversion_value": Decimal(value),
        }
        load.load_rows(connection, window, [row], run_id=1, at=AT)
    return source


def test_platform_stored_and_shop_stand_side_by_side_in_the_accounts_currency(make_project):
    project = make_project()
    bring_in(project, exports.shopify(Business(MONDAY + timedelta(6), days=7)), "orders.csv")
    source = claim(project, "meta_ads", "USD", "1", "50")
    one = Reconciliation(MONDAY, "spend", Decimal(10), Decimal(9), "still_changing")
    with db.project(project) as connection:
        reconciliations.record(connection, project, source, [one], 1, AT)
        sold = connection.execute(
            sa.text(
                "SELECT sum(orders), sum(revenue_gross - discounts - refunds_order_day) FROM shop_daily WHERE day = :day"
            ),
            {"day": MONDAY},
        ).one()
        rate = rates.factor(connection, project, "EUR", "USD", MONDAY)
    found = match(project)
    rows = {row.metric: row for row in found.rows}
    assert (rows["spend"].difference, rows["spend"].relative, rows["spend"].cause) == (
        -1,
        Decimal("-0.1"),
        "still_changing",
    )
    assert (rows["conversions"].shop_total, rows["conversions"].claim) == (sold[0], 1)
    assert rows["conversion_value"].shop_total == pytest.approx(sold[1] * rate)
    assert rows["conversion_value"].shop_cause == "attribution_window"
    assert found.claimed_orders == 1
    assert found.over_claim == 1 / found.shop_orders


def test_without_a_shop_claims_cannot_be_compared_and_say_so(make_project):
    project = make_project()
    claim(project, "meta_ads", "EUR", "5", "50")
    row = next(row for row in match(project).rows if row.metric == "conversions")
    assert (row.shop_total, row.shop_cause) == (None, "no_shop")
    assert match(project).over_claim is None


@pytest.mark.parametrize(
    ("channel", "claimed", "together", "valued", "cause"),
    [
        ("meta_ads", 12, 12, True, "over_claim"),
        ("meta_ads", 6, 14, True, "over_claim_together"),
        ("meta_ads", 6, 9, True, "attribution_window"),
        ("meta_ads", 6, 9, False, "not_orders"),
        ("meta_ads", 10, 10, True, "equal"),
        ("ga4", 8, 0, True, "not_seen"),
        ("ga4", 12, 0, True, "seen_twice"),
        ("ga4", 10, 0, False, "equal"),
    ],
)
def test_the_cause_of_a_difference_from_the_shop_is_named(channel, claimed, together, valued, cause):
    row = Row(1, channel, "Shop", "EUR", MONDAY, "conversions", Decimal(claimed), None, "equal", None)
    found = reconciliation.shop_cause(row, Decimal(10), Decimal(together), Decimal(10), has_value=valued)
    assert found == cause
    assert found in reconciliation.SHOP_CAUSES


def test_a_period_that_is_too_long_is_refused(make_project):
    with pytest.raises(BadInput, match="92 days"):
        match(make_project(), MONDAY, MONDAY + timedelta(92))


# --- restatements --------------------------------------------------------------------------------


def put(connection, project: int, source: int, *changes: tuple) -> None:
    """Record (grain, old, new, hours after AT)."""
    rows = [
        {"project_id": project, "source_id": source, "grain": grain, "day": MONDAY, "days": 1, "run_id": 1,
         "at": AT + timedelta(hours=hours), "metric": "spend", "old_total": Decimal(old), "new_total": Decimal(new)}
        for grain, old, new, hours in changes
    ]  # fmt: skip
    if rows:
        connection.execute(sa.insert(restatements), rows)


def changed(project: int, *changes: tuple, since: int = 0) -> list[restatement.Restated]:
    with db.project(project) as connection:
        source = sources.get_or_create(connection, project, "meta_ads", "meta_ads", "1", "Shop", "EUR", "")
        put(connection, project, source, *changes)
        return restatement.restated(connection, project, AT + timedelta(hours=since, minutes=-1))


def test_several_changes_of_a_day_are_one_from_the_first_total_to_the_last(make_project):
    project = make_project()
    [one] = changed(project, (200, "100", "103", 0), (200, "103", "104", 24), (400, "90", "50", 30))
    assert (one.old, one.new, one.relative) == (100, 104, Decimal("0.04"))
    assert restatement.sentences([one]) == [
        "Meta Ads · Shop: spend of 2 Mar 2026 rose by 4 %, from 100.00 EUR to 104.00 EUR."
    ]
    [later] = changed(project, since=1)
    assert (later.old, later.new) == (103, 104)


def test_what_came_back_to_where_it_was_is_no_change(make_project):
    assert changed(make_project(), (200, "100", "90", 0), (200, "90", "100", 5)) == []


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(totals=st.lists(st.integers(0, 9), min_size=2, max_size=6), since=st.integers(0, 5))
def test_a_change_spans_all_versions_since_then(make_project, totals, since):
    steps = [(200, str(a), str(b), n) for n, (a, b) in enumerate(pairwise(totals)) if a != b]
    seen = [step for step in steps if step[3] >= since]
    found = changed(make_project(), *steps, since=since)
    expected = (int(seen[0][1]), int(seen[-1][2])) if seen and seen[0][1] != seen[-1][2] else None
    assert [(one.old, one.new) for one in found] == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("100", "96", "fell by 4 %"),
        ("0", "5", "appeared"),
        ("100", None, "went away"),
        ("1000", "1000.1", "less than 0.1 %"),
    ],
)
def test_a_change_is_said_in_words(old, new, said):
    total = None if new is None else Decimal(new)
    one = restatement.Restated(1, "meta_ads", "Shop", "EUR", "spend", MONDAY, 1, Decimal(old), total, AT)
    assert said in restatement.sentences([one])[0]


# --- looks ---------------------------------------------------------------------------------------


def test_looks_within_half_an_hour_are_one_visit(make_project):
    project = make_project()
    with db.project(project) as connection:

        def look(minutes: int) -> datetime | None:
            at = AT + timedelta(minutes=minutes)
            found = looks.last(connection, project, 7, at)
            looks.note(connection, project, 7, at)
            return found

        assert look(0) is None
        assert look(20) is None
        assert look(90) == AT + timedelta(minutes=20)
        assert look(100) == AT + timedelta(minutes=20)
        assert looks.last(connection, project, 8, AT) is None
