"""Syncs for each role: what works now, what can be asked for, when it is read next, and how it went."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from streamlit.testing.v1 import AppTest

from connectors._base import Account
from errors import NotAllowed, NotFound, RateLimited, Refused
from store import db, runs, schedules, sources
from store.models import runs as table
from store.runs import Run
from syncing import connecting, refreshing, schedule
from tests import accounts
from tests.opening import buttons, press, text
from tests.syncing import pretend
from tests.syncing.pretend import TODAY, Script
from ui import syncs


@pytest.fixture
def script(monkeypatch) -> Script:
    return pretend.install(monkeypatch)


@pytest.fixture
def source_id(house, script) -> int:
    """A connected account that was read once."""
    script.spend = {("A", TODAY): Decimal(5)}
    found = pretend.connected(house.project_id, days=5)
    pretend.sync(house.project_id, found, mode="first")
    return found


def second(house, script: Script) -> int:
    script.accounts = [Account("2", "Outlet", "EUR", "UTC")]
    found = pretend.connected(house.project_id, days=5)
    script.accounts = [Account("1", "Shop", "EUR", "UTC"), *script.accounts]
    return found


def latest(house, source_id: int) -> Run:
    with db.project(house.project_id) as connection:
        return runs.latest_syncs(connection, house.project_id)[source_id]


def ask(house, source_id: int, **values) -> int:
    """A run that is asked for, in whatever state."""
    with db.project(house.project_id) as connection:
        run_id, _ = runs.request_sync(connection, house.project_id, source_id, {"mode": "manual"}, None)
        if values:
            connection.execute(sa.update(table).where(table.c.id == run_id).values(values))
    return run_id


def key(found: AppTest, start: str):
    """The button whose key starts so."""
    return next(b for b in found.button if (b.key or "").startswith(start))


# --- what is seen --------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["viewer", "owner"])
def test_without_a_connection_the_way_there_is_shown(house, role):
    found = house.open(role, "syncs")
    assert "No account is connected" in text(found)
    assert "Go to Connections" in buttons(found)
    assert not found.exception


@pytest.mark.parametrize("role", ["viewer", "editor", "owner", "admin"])
def test_each_role_sees_the_same_and_may_do_what_it_may(house, source_id, role):
    found = house.open(role, "syncs")
    said = text(found).replace("\\", "")
    assert "pretend · Shop" in said
    assert "Refreshed on" in said
    assert "next" in said
    offered = set(buttons(found))
    assert ("Refresh now" in offered) == ("Refresh all now" in offered) == (role != "viewer")
    assert ("When it is read" in [s.label for s in found.selectbox]) == (role in {"owner", "admin"})
    assert ("Read a period again" in [d.label for d in found.date_input]) == (role != "viewer")


def test_a_run_at_work_shows_how_far_it_is_and_that_one_may_leave(house, source_id):
    started = datetime.now(UTC) - timedelta(minutes=2)
    ask(
        house, source_id, state="running", started_at=started, heartbeat_at=started, units_done=30,
        units_total=400, rows_written=1_234, stage="Campaigns: 1 – 30 Sep 2026",
    )  # fmt: skip
    said = text(house.open("viewer", "syncs")).replace("\\", "")
    assert "30 of 400 daily reports · 1,234 rows" in said
    assert "calculating how long it takes" in said
    assert "you can close this page" in said


def test_the_time_left_is_told_by_what_this_page_saw_not_by_when_the_run_began(source_id, house):
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    run_id = ask(
        house, source_id, state="running", units_done=10, units_total=100, started_at=now - timedelta(days=1)
    )
    with db.project(house.project_id) as connection:
        run = runs.read(connection, house.project_id, run_id)
    watched = syncs.Pace(now - timedelta(minutes=1), 0, 0)
    assert watched.eta(run, now) == "about 9 minutes left"
    assert syncs.Pace(now, 10, 0).eta(run, now) == "calculating how long it takes"


def test_a_parked_run_says_why_and_until_when(house, source_id):
    until = datetime.now(UTC) + timedelta(hours=2)
    ask(house, source_id, not_before=until, stage="Pretend's daily limit is used up.", parked=1)
    found = house.open("editor", "syncs")
    said = text(found).replace("\\", "")
    assert "Pretend's daily limit is used up." in said
    assert f"goes on by itself at {until:%d %b %H:%M} UTC" in said


def test_a_run_that_gave_way_does_not_look_as_if_it_worked(house, source_id):
    ask(house, source_id, started_at=datetime.now(UTC), stage="Ads: 23 Oct – 21 Nov 2026")
    said = text(house.open("viewer", "syncs"))
    assert "it goes on where it was" in said
    assert "23 Oct" not in said


def test_history_tells_how_each_run_went_in_plain_words(house, source_id, script):
    script.trouble.append(Refused("Pretend refused the question."))
    pretend.sync(house.project_id, source_id, mode="manual")
    cancelled = ask(house, source_id)
    with db.project(house.project_id) as connection:
        runs.cancel(connection, house.project_id, cancelled)
    table_ = house.open("viewer", "syncs").dataframe[-1].value
    assert list(table_["Source"]) == ["pretend · Shop"] * 4
    assert list(table_["Why"])[:2] == ["somebody asked", "somebody asked"]
    assert table_["How it went"][0] == "cancelled"
    assert "Pretend refused the question." in table_["How it went"][1]
    assert "daily reports read" in table_["How it went"][2]


def test_history_is_narrowed_to_one_source_and_keeps_a_removed_one(house, source_id, script):
    other = second(house, script)
    pretend.sync(house.project_id, other)
    found = house.open("viewer", "syncs")
    box = next(s for s in found.selectbox if s.label == "Source")
    found = box.set_value(other).run()
    assert set(found.dataframe[-1].value["Source"]) == {"pretend · Outlet"}
    with db.project(house.project_id) as connection:
        sources.delete(connection, house.project_id, other)
    assert "removed" in set(house.open("viewer", "syncs").dataframe[-1].value["Source"])


def test_an_error_is_told_with_what_is_safe(house, source_id):
    with db.project(house.project_id) as connection:
        sources.change(connection, house.project_id, source_id, covers_through=TODAY - timedelta(days=1))
        connection.execute(
            sa.update(table).values(state="failed", error="Pretend has a problem *of its own*.")
        )
    said = text(house.open("viewer", "syncs")).replace("\\", "")
    assert "Pretend has a problem *of its own*." in said
    assert f"Numbers through {TODAY - timedelta(days=1):%d %b %Y} are safe." in said


# --- what is asked for ---------------------------------------------------------------------------


def test_one_source_or_all_are_refreshed(house, source_id, script):
    other = second(house, script)
    found = house.open("editor", "syncs")
    found = key(found, f"refresh-{other}").click().run()
    assert "Outlet is being refreshed" in text(found)
    assert key(found, f"refresh-{other}").disabled
    assert latest(house, source_id).state == "done"
    found = press(found, "Refresh all now")
    assert latest(house, source_id).state == "queued"
    assert latest(house, source_id).params == {"mode": "manual"}


def test_a_refresh_is_cancelled(house, source_id):
    run_id = ask(house, source_id)
    found = key(house.open("editor", "syncs"), f"cancel-{run_id}").click().run()
    assert latest(house, source_id).state == "cancelled"
    assert "What was read so far stays" in text(found)


def period(found: AppTest, *days):
    found.date_input[0].set_value(days)
    return press(found, "Read again")


def test_a_period_is_read_again_also_before_the_first_day(house, source_id, script):
    first, last = TODAY - timedelta(days=40), TODAY - timedelta(days=30)
    found = period(house.open("editor", "syncs"), first, last)
    assert "is read again." in text(found)
    script.pulled.clear()
    pretend.worker.work_once("a", kind="sync")
    read = [(start, end) for stream, start, end in script.pulled if stream == "campaign"]
    assert min(start for start, _ in read) == first


def test_a_period_asked_for_while_one_works_is_promised_for_the_next(house, source_id):
    ask(house, source_id, state="running", started_at=datetime.now(UTC), heartbeat_at=datetime.now(UTC))
    found = period(house.open("editor", "syncs"), TODAY - timedelta(days=3), TODAY)
    assert "with the next refresh" in text(found)


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ((TODAY - timedelta(days=3),), "Pick a first and a last day"),
        ((TODAY - timedelta(days=3_000), TODAY - timedelta(days=2_900)), "answers back to"),
    ],
)
def test_wrong_dates_are_refused_and_say_why(house, source_id, days, said):
    found = period(house.open("editor", "syncs"), *days)
    assert said in text(found)
    assert latest(house, source_id).state == "done"


def choose(found: AppTest, label: str, value):
    return next(s for s in found.selectbox if s.label == label).set_value(value).run()


@pytest.mark.parametrize("cron", [c for c in schedule.PRESETS if c])
def test_a_preset_is_saved(house, source_id, cron):
    found = press(choose(house.open("owner", "syncs"), "When it is read", cron), "Save schedule")
    assert "Schedule saved." in text(found)
    with db.project(house.project_id) as connection:
        kept = schedules.read(connection, house.project_id, source_id)
    assert (kept.cron, kept.paused) == (cron, False)
    assert kept.next_at > datetime.now(UTC)


@pytest.mark.parametrize("cron", ["whenever", "* * * * *", "99 6 * * *"])
def test_a_bad_schedule_is_refused_and_the_known_one_stays(house, source_id, cron):
    found = choose(house.open("owner", "syncs"), "When it is read", "own")
    next(t for t in found.text_input if t.label.startswith("Minute, hour")).set_value(cron)
    found = press(found.run(), "Save schedule")
    assert "Nothing was changed." in text(found)
    with db.project(house.project_id) as connection:
        assert schedules.read(connection, house.project_id, source_id).cron == ""


def test_a_source_is_paused_and_says_so(house, source_id):
    found = house.open("owner", "syncs")
    found = press(found.toggle[0].set_value(False).run(), "Save schedule")
    assert "Refreshing is paused" in text(found)
    assert "not planned" in text(found)


def test_what_is_read_and_how_far_back_is_set_by_an_owner(house, source_id):
    found = house.open("owner", "syncs")
    found.multiselect[0].set_value(["campaign", "extra"])
    found.number_input[0].set_value(14)
    found = press(found, "Save")
    assert "from the next refresh on" in text(found)
    with db.project(house.project_id) as connection:
        kept = sources.read(connection, house.project_id, source_id)
    assert (kept.streams, kept.lookback) == (["campaign", "extra"], 14)


def test_a_day_limit_parks_the_run_and_the_page_says_what_the_platform_said(house, source_id, script):
    script.trouble.append(RateLimited("Pretend asked us to slow down.", 3_600))
    run = pretend.sync(house.project_id, source_id)
    assert run.state == "queued"
    assert "Pretend asked us to slow down." in text(house.open("viewer", "syncs")).replace("\\", "")


# --- who may -------------------------------------------------------------------------------------

DEEDS = {
    "refresh": lambda who, p, s: refreshing.refresh(who, p),
    "refresh one": lambda who, p, s: refreshing.refresh(who, p, [s]),
    "backfill": lambda who, p, s: refreshing.backfill(who, p, s, TODAY, TODAY),
    "cancel": lambda who, p, s: refreshing.cancel(who, p, 1),
    "schedule": lambda who, p, s: refreshing.set_schedule(who, p, s, "", paused=True),
    "streams": lambda who, p, s: connecting.choose_streams(who, p, s, ["campaign"]),
    "lookback": lambda who, p, s: connecting.set_lookback(who, p, s, 3),
}
OWNERS = {"schedule", "streams", "lookback"}


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("role", ["viewer", "editor"])
def test_every_deed_is_refused_on_the_server_to_too_low_a_role(house, source_id, role, deed):
    if role == "viewer" or deed in OWNERS:
        with pytest.raises(NotAllowed, match="Ask an owner"):
            DEEDS[deed](house.people[role], house.project_id, source_id)
        assert latest(house, source_id).state == "done"
    else:
        DEEDS[deed](house.people[role], house.project_id, source_id)


@pytest.mark.parametrize("deed", DEEDS)
def test_a_stranger_does_nothing_in_any_project(house, source_id, deed):
    with pytest.raises(NotFound):
        DEEDS[deed](accounts.add("stranger@example.com"), house.project_id, source_id)


def test_a_source_of_another_project_is_not_refreshed(house, source_id, make_project):
    elsewhere = make_project("Elsewhere")
    owner = accounts.join(accounts.add("other@example.com"), elsewhere, "owner")
    with pytest.raises(Exception, match="no connected account"):
        refreshing.refresh(owner, elsewhere, [source_id])
    with pytest.raises(NotFound):
        refreshing.backfill(owner, elsewhere, source_id, TODAY, TODAY)
    assert latest(house, source_id).state == "done"
