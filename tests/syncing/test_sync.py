"""A sync: newest first, atomic with its cursor, resumed, split, parked, stopped, and honest about what failed."""

from __future__ import annotations

import threading
from collections import deque
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from connectors._base import Account, Batch, Entity, Stream
from errors import DayLimitReached, NeedsReconnect, RateLimited, Refused, TooMuchData, Unreachable
from store import connections, db, reconciliations, runs, sources, synced
from store.entities import identity
from store.models import entities, restatements, synced_days
from store.models import reconciliations as compared
from store.models import runs as table
from syncing import worker
from tests.syncing import pretend
from tests.syncing.pretend import TODAY, Pretend, Script, connected, stored, sync


@pytest.fixture
def script(monkeypatch) -> Script:
    return pretend.install(monkeypatch)


@pytest.fixture
def place(make_project, script: Script) -> tuple[int, int]:
    project_id = make_project()
    script.spend = {("A", TODAY - timedelta(n)): Decimal(n + 1) for n in range(20)}
    return project_id, connected(project_id)


def later(place: tuple[int, int], days: int) -> None:
    """Let the days seem to have been read so long ago."""
    with db.project(place[0]) as connection:
        connection.execute(sa.update(synced_days).values(at=synced_days.c.at - timedelta(days)))


def test_everything_is_read_newest_first_and_stored_by_grain(place, script):
    run = sync(*place)
    assert run.state == "done"
    for stream in ("campaign", "ad"):
        lasts = [last for slug, _, last in script.pulled if slug == stream]
        assert lasts == sorted(lasts, reverse=True)
    wanted = {(identity("campaign", name), day): spend for (name, day), spend in script.spend.items()}
    assert stored(*place) == stored(*place, grain=400) == wanted
    assert (run.rows_written, run.result["days"]) == (40, 40)


def test_the_second_run_reads_the_lookback_only_and_changes_nothing(place, script):
    sync(*place)
    script.pulled.clear()
    run = sync(*place)
    assert min(first for _, first, _ in script.pulled) == TODAY - timedelta(3)
    assert (run.result["new"], run.result["changed"], run.rows_written) == (0, 0, 0)


def test_a_month_of_sleep_reads_again_what_settled_meanwhile(place, script):
    sync(*place)
    later(place, 9)
    script.pulled.clear()
    sync(*place)
    assert min(first for _, first, _ in script.pulled) == TODAY - timedelta(9 + 3)


def test_a_restated_day_is_changed_and_recorded(place, script):
    sync(*place)
    yesterday = TODAY - timedelta(1)
    script.spend["A", yesterday] = Decimal("7.77")
    run = sync(*place)
    assert run.result["changed"] == 2
    with db.project(place[0]) as connection:
        found = connection.execute(
            sa.select(restatements.c.old_total, restatements.c.new_total).where(
                restatements.c.metric == "spend", restatements.c.grain == 200
            )
        ).all()
    assert found == [(Decimal(2), Decimal("7.77"))]


def test_too_much_data_is_asked_for_in_halves(place, script):
    script.trouble = deque([TooMuchData("too much"), TooMuchData("too much")])
    assert sync(*place).state == "done"
    assert [(last - first).days + 1 for _, first, last in script.pulled[:3]] == [10, 5, 3]
    assert len(stored(*place)) == 20


def test_a_day_that_is_too_much_by_itself_spoils_its_stream_only(place, script, monkeypatch):
    script.trouble = deque([None, None, TooMuchData("too much for you")])
    monkeypatch.setattr(pretend.Pretend, "streams", tuple(
        s if s.slug != "ad" else pretend.Stream("ad", "Ads", "ad", max_days=1, lookback={"all": 3})
        for s in pretend.Pretend.streams
    ))  # fmt: skip
    run = sync(*place)
    assert run.state == "done"
    assert run.result["problems"] == {"ad": "too much for you"}
    assert len(stored(*place)) == 20


def test_a_failing_main_stream_fails_the_run_and_keeps_what_is_stored(place, script):
    sync(*place)
    before = stored(*place)
    script.trouble = deque([Refused("The question is wrong.")])
    run = sync(*place)
    assert (run.state, run.error) == ("failed", "The question is wrong.")
    assert stored(*place) == before


def test_a_day_limit_parks_the_run_until_it_is_over(place, script):
    script.trouble = deque([None, DayLimitReached("Enough for today.", 3600)])
    run = sync(*place)
    assert (run.state, run.stage) == ("queued", "Enough for today.")
    assert 3500 < (run.not_before - datetime.now(UTC)).total_seconds() <= 3600
    assert not worker.work_once("a", kind="sync")
    with db.project(place[0]) as connection:
        connection.execute(sa.update(table).values(not_before=datetime.now(UTC)))
    worker.work_once("a", kind="sync")
    assert len(stored(*place)) == 20
    assert len({(stream, first) for stream, first, _ in script.pulled}) == len(script.pulled) - 1


def test_a_platform_that_cannot_be_reached_is_tried_again_and_given_up_in_the_end(place, script):
    script.trouble = deque([Unreachable("Pretend could not be reached.")] * 9)
    run = sync(*place)
    for _ in range(3):
        assert run.state == "queued"
        with db.project(place[0]) as connection:
            connection.execute(sa.update(table).values(not_before=datetime.now(UTC)))
        worker.work_once("a", kind="sync")
        with db.project(place[0]) as connection:
            run = runs.read(connection, place[0], run.id)
    assert run.state == "failed"
    assert "tried 4 times" in run.error


def test_a_withdrawn_sign_in_marks_its_connection_and_disturbs_no_other(place, script):
    connected(place[0])
    script.trouble = deque([None, NeedsReconnect("Pretend ended this sign-in. Reconnect it.")])
    run = sync(*place)
    assert run.state == "failed"
    assert len(stored(*place)) == 10
    with db.project(place[0]) as connection:
        states = {login.id: login.state for login in connections.listed(connection, place[0])}
    assert sorted(states.values()) == ["healthy", "needs_reconnecting"]


def test_a_run_that_was_cancelled_in_a_chunk_writes_nothing_of_it(place, script):
    def cancel() -> None:
        with db.project(place[0]) as connection:
            runs.cancel(connection, place[0], runs.active_sync(connection, *place).id)
        script.before_rows = lambda: None

    script.before_rows = cancel
    run = sync(*place)
    assert run.state == "cancelled"
    assert stored(*place) == {}


def test_a_run_is_taken_over_from_its_last_committed_chunk(place, script):
    def die() -> None:
        if len(script.pulled) == 3:
            raise KeyboardInterrupt

    script.before_rows = die
    with db.project(place[0]) as connection:
        run_id, _ = runs.request_sync(connection, *place, {}, None)
    with pytest.raises(KeyboardInterrupt):
        worker.work_once("dead", kind="sync")
    with db.instance() as connection:
        connection.execute(sa.update(table).values(heartbeat_at=datetime.now(UTC) - timedelta(minutes=5)))
    read = script.pulled[:2]
    script.before_rows = lambda: None
    assert worker.work_once("alive", kind="sync")
    with db.project(place[0]) as connection:
        assert runs.read(connection, place[0], run_id).state == "done"
    assert len(stored(*place)) == len(stored(*place, grain=400)) == 20
    assert not set(read) & set(script.pulled[3:])


def test_a_process_that_ends_gives_its_run_back(place, script):
    stop = threading.Event()
    script.before_rows = stop.set
    with db.project(place[0]) as connection:
        run_id, _ = runs.request_sync(connection, *place, {}, None)
    worker.work_once("leaving", kind="sync", stop=stop)
    with db.project(place[0]) as connection:
        run = runs.read(connection, place[0], run_id)
    assert (run.state, run.attempts) == ("queued", 0)
    assert len(stored(*place)) == 10
    assert worker.work_once("next", kind="sync")
    assert len(stored(*place)) == 20


def test_two_ask_for_one_source_and_one_run_is_made(place):
    with db.project(place[0]) as connection:
        first, is_new = runs.request_sync(connection, *place, {}, None)
        again, is_newer = runs.request_sync(connection, *place, {}, None)
    assert (first, is_new, is_newer) == (again, True, False)


def test_entities_are_known_with_status_and_budget_and_by_their_new_name(place, script):
    script.entities = [Entity("campaign", "A", "Spring", None, "active", Decimal("5.50"), "day")]
    sync(*place)
    script.entities = [
        Entity("campaign", "A", "Spring renamed", None, "removed", Decimal("5.50"), "day"),
        Entity("campaign", "B", "Spring", None, "active"),
    ]
    sync(*place)
    with db.project(place[0]) as connection:
        query = sa.select(entities.c.key, entities.c.name, entities.c.status, entities.c.budget_period)
        found = connection.execute(query.order_by(entities.c.key)).all()
    assert found == [("A", "Spring renamed", "removed", "day"), ("B", "Spring", "active", "")]


def test_another_currency_of_the_account_stops_before_anything_is_written(place, script):
    sync(*place)
    before = stored(*place)
    script.accounts = [Account("1", "Shop", "USD", "UTC")]
    run = sync(*place)
    assert run.state == "failed"
    assert "USD instead of EUR" in run.error
    assert stored(*place) == before


def test_another_time_zone_or_name_of_the_account_is_taken_over(place, script):
    script.accounts = [Account("1", "Shop DE", "EUR", "Europe/Berlin")]
    sync(*place)
    with db.project(place[0]) as connection:
        source = sources.read(connection, *place)
    assert (source.name, source.time_zone) == ("Shop DE", "Europe/Berlin")


def test_the_source_covers_complete_days_only(place):
    sync(*place)
    with db.project(place[0]) as connection:
        source = sources.read(connection, *place)
    assert (source.covers_from, source.covers_through) == (TODAY - timedelta(19), TODAY - timedelta(1))


def test_totals_are_compared_with_the_platform_s_own(place, script):
    quiet = TODAY - timedelta(3)
    script.totals = {
        TODAY: {"spend": Decimal("1.50"), "clicks": 1},
        quiet: {"spend": Decimal("4.50"), "clicks": 1},
    }
    run = sync(*place)
    with db.project(place[0]) as connection:
        r = compared.c
        found = connection.execute(sa.select(r.day, r.metric, r.cause).order_by(r.day, r.metric)).all()
    assert found == [
        (quiet, "clicks", "equal"), (quiet, "spend", "below_account"),
        (TODAY, "clicks", "equal"), (TODAY, "spend", "still_changing"),
    ]  # fmt: skip
    assert run.result["differences"] == 0


def test_days_before_the_source_s_first_are_not_compared(place, script):
    with db.project(place[0]) as connection:
        sources.change(connection, *place, read_from=TODAY - timedelta(1))
    script.totals = {TODAY - timedelta(n): {"spend": Decimal(900)} for n in range(4)}
    sync(*place)
    with db.project(place[0]) as connection:
        found = reconciliations.listed(connection, *place, TODAY - timedelta(9), TODAY)
    assert {one.day for one in found} == {TODAY, TODAY - timedelta(1)}


def test_an_account_s_own_rows_do_not_hide_what_its_campaigns_lack(place, script, monkeypatch):
    account = Stream("account", "Account", "account", max_days=10, history_days=400, lookback={"all": 3})
    monkeypatch.setattr(Pretend, "streams", (account, *Pretend.streams))
    day = TODAY - timedelta(3)
    script.totals = {day: {"spend": Decimal(12)}}
    pull = Pretend.pull

    def pulled(self, of, stream, first, last):
        if stream.level != "account":
            return pull(self, of, stream, first, last)
        return iter([Batch([{"day": day, "spend": Decimal(12)}] if first <= day <= last else [])])

    monkeypatch.setattr(Pretend, "pull", pulled)
    sync(*place)
    with db.project(place[0]) as connection:
        (one,) = reconciliations.listed(connection, *place, day, day)
    assert (one.platform_total, one.cause) == (12, "unexplained")
    assert one.stored_total < 12


def test_a_period_asked_for_is_read_whatever_was_read_before(place, script):
    sync(*place)
    script.pulled.clear()
    first, last = TODAY - timedelta(15), TODAY - timedelta(12)
    with db.project(place[0]) as connection:
        synced.forget(connection, *place, first, last)
    sync(*place, first=str(first), last=str(last))
    assert {(a, b) for _, a, b in script.pulled} == {(first, last)}


def test_a_database_that_goes_away_in_a_chunk_leaves_the_run_to_be_taken_up(place, script):
    def cut() -> None:
        owner = db.connect_as_owner()
        with owner.begin() as connection:
            connection.execute(sa.text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            ))  # fmt: skip
        owner.dispose()
        script.before_rows = lambda: None

    script.before_rows = cut
    run = sync(*place)
    assert run.state == "running"
    with db.instance() as connection:
        connection.execute(sa.update(table).values(heartbeat_at=datetime.now(UTC) - timedelta(minutes=5)))
    worker.work_once("alive", kind="sync")
    assert len(stored(*place)) == len(stored(*place, grain=400)) == 20


def test_a_long_limit_parks_instead_of_holding_a_worker(place, script):
    script.trouble = deque([RateLimited("Slow down.", 7200)])
    run = sync(*place)
    assert (run.state, run.stage) == ("queued", "Slow down.")
