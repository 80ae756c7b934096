"""The sidecar and its command line: what may be asked for, and real processes that are killed, told to end, doubled."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import sqlalchemy as sa

import scheduler
import settings
from connectors import _limits
from connectors._base import Account
from errors import Refused
from sandbox.serving import Server, local
from sandbox.world import World
from store import connections, db, runs, sources
from store.models import runs as table
from store.models import sidecars
from store.runs import Run
from tests.syncing import pretend
from tests.syncing.disturbed import STARTED, Place, check, connect
from tests.syncing.pretend import TODAY, Script

ROOT = Path(__file__).parent.parent
PATIENCE = 60


# --- the command line ----------------------------------------------------------------------------


@pytest.fixture
def _process(monkeypatch) -> Iterator[None]:
    """What a command sets for its whole process is set back."""
    made, hooks = logging.getLogRecordFactory(), (sys.excepthook, threading.excepthook)
    known = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    logging.setLogRecordFactory(made)
    sys.excepthook, threading.excepthook = hooks
    for number, handler in known.items():
        signal.signal(number, handler)


@pytest.fixture
def script(monkeypatch, _process) -> Script:
    return pretend.install(monkeypatch)


@pytest.fixture
def place(make_project, script) -> tuple[int, int]:
    script.spend = {("A", TODAY - timedelta(days=n)): Decimal(5) for n in range(20)}
    project_id = make_project()
    return project_id, pretend.connected(project_id)


def asked(project_id: int) -> list[Run]:
    with db.project(project_id) as connection:
        return [run for run in runs.syncs(connection, project_id) if run.state != "cancelled"]


def days_of(script: Script, stream: str = "campaign") -> tuple[Any, Any]:
    found = [(first, last) for slug, first, last in script.pulled if slug == stream]
    return min(first for first, _ in found), max(last for _, last in found)


def test_daily_reads_every_connected_account_and_says_how_it_went(place, script, capsys):
    assert scheduler.main(["--mode", "daily"]) == 0
    assert capsys.readouterr().out.startswith(
        "pretend Shop: 40 new, 0 changed, 0 removed rows in 40 days read"
    )
    assert pretend.stored(*place)
    [run] = asked(place[0])
    assert (run.state, run.params) == ("done", {"mode": "daily"})


def test_incremental_reads_only_the_days_of_the_last_hours(place, script):
    assert scheduler.main(["--mode", "incremental", "--hours", "30"]) == 0
    first, last = days_of(script)
    assert last == TODAY
    assert TODAY - timedelta(days=2) <= first <= TODAY - timedelta(days=1)


def test_backfill_reads_a_period_again_whatever_was_read_before(place, script):
    scheduler.main(["--mode", "daily"])
    script.pulled.clear()
    first, last = TODAY - timedelta(days=60), TODAY - timedelta(days=10)
    assert scheduler.main(["--mode", "backfill", "--start", str(first), "--end", str(last)]) == 0
    assert days_of(script) == (first, last)


def test_backfill_of_a_source_that_is_at_work_waits_and_then_reads_the_period(place, script):
    with db.project(place[0]) as connection:
        run_id, _ = runs.request_sync(connection, *place, {"mode": "schedule"}, None)
        runs.claim(connection, "another sidecar", "sync")

    def end() -> None:
        time.sleep(0.3)
        with db.project(place[0]) as connection:
            runs.finish(connection, run_id, {})

    other = threading.Thread(target=end)
    other.start()
    first, last = TODAY - timedelta(days=60), TODAY - timedelta(days=50)
    assert scheduler.main(["--mode", "backfill", "--start", str(first), "--end", str(last)]) == 0
    other.join()
    assert days_of(script) == (first, last)
    assert [run.state for run in asked(place[0])] == ["done", "done"]


def test_channels_projects_and_a_single_source_narrow_it_down(place, script, make_project):
    shop = pretend.connected(place[0], "pretend_shop")
    elsewhere = make_project("Elsewhere")
    pretend.connected(elsewhere)
    assert scheduler.main(["--mode", "daily", "--channels", "pretend_shop", "--project", "Shop"]) == 0
    assert [(run.project_id, run.source_id) for run in asked(place[0])] == [(place[0], shop)]
    assert scheduler.main(["run", str(place[1])]) == 0
    assert asked(place[0])[0].source_id == place[1]
    assert asked(elsewhere) == []
    assert scheduler.main(["run", "shop", "--project", str(elsewhere)]) == 0
    assert len(asked(elsewhere)) == 1


def test_one_account_that_fails_is_said_and_the_others_are_read(place, script, capsys):
    script.accounts = [Account("2", "Broken", "EUR", "UTC")]
    broken = pretend.connected(place[0])
    assert scheduler.main(["--mode", "daily"]) == 1  # the first account is no longer in the list
    said = capsys.readouterr()
    assert "pretend Shop: Pretend: this sign-in does not see the account 1" in said.err
    assert "pretend Broken: " in said.out
    assert {run.source_id: run.state for run in asked(place[0])} == {place[1]: "failed", broken: "done"}


def test_a_period_that_one_account_cannot_answer_is_read_for_the_others(place, script, capsys):
    shop = pretend.connected(place[0], "pretend_shop")  # it answers back to 400 days
    first = TODAY - timedelta(days=600)
    more = ["--mode", "backfill", "--start", str(first), "--end", str(first + timedelta(days=3))]
    assert scheduler.main(more) == 1
    assert "answers back to" in capsys.readouterr().err
    assert [run.source_id for run in asked(place[0])] == [place[1]]
    assert scheduler.main([*more, "--channels", "pretend_shop"]) == 2
    assert shop not in [run.source_id for run in asked(place[0])]


def test_a_platform_that_is_switched_off_is_left_alone(place, monkeypatch, capsys):
    monkeypatch.setattr(settings.Settings, "refreshes", lambda self, platform: False)
    assert scheduler.main(["--mode", "daily"]) == 0
    assert "pretend: switched off on this server" in capsys.readouterr().out
    assert asked(place[0]) == []


def test_a_command_that_is_told_to_end_hands_its_work_over(place, script, capsys):
    script.before_rows = lambda: os.kill(os.getpid(), signal.SIGTERM)
    assert scheduler.main(["--mode", "daily"]) == 1
    assert "waits" in capsys.readouterr().out
    [run] = asked(place[0])
    assert (run.state, run.sidecar) == ("queued", None)
    script.before_rows = lambda: None
    assert scheduler.main(["work"]) == 0
    assert len(pretend.stored(*place)) == 20


@pytest.mark.usefixtures("_process", "database")
def test_without_a_connection_there_is_nothing_to_do(capsys):
    assert scheduler.main(["--mode", "daily"]) == 0
    assert "Connect one in the app" in capsys.readouterr().out
    assert scheduler.main(["status"]) == 0
    assert "No account is connected." in capsys.readouterr().out


def test_status_says_how_each_account_is_and_fails_when_one_needs_somebody(place, script, capsys):
    assert scheduler.main(["status"]) == 0
    assert "pretend  Shop: never_synced, covers through –. No figures" in capsys.readouterr().out
    scheduler.main(["--mode", "daily"])
    capsys.readouterr()
    assert scheduler.main(["status", "--json"]) == 0
    [line] = capsys.readouterr().out.splitlines()
    [one] = json.loads(line)["sources"]
    assert one["state"] == "healthy"
    assert one["covers_through"] == str(TODAY - timedelta(days=1))
    assert one["last_run"]["state"] == "done"
    script.trouble.append(Refused("Pretend refused the question."))
    assert scheduler.main(["run", "Shop"]) == 1
    capsys.readouterr()
    assert scheduler.main(["status", "--json", "--project", "Shop"]) == 1
    [one] = json.loads(capsys.readouterr().out)["sources"]
    assert (one["state"], one["diagnosis"]) == ("error", "Pretend refused the question.")


WRONG = {
    "": "either a command or --mode",
    "serve --mode daily": "either a command or --mode",
    "fly": "invalid choice",
    "--mode weekly": "invalid choice",
    "--mod daily": "invalid choice",
    "--mode daily --hour=3": "unrecognized arguments: --hour=3",
    "--mode incremental": "needs --hours from 1 to 720",
    "--mode incremental --hours 0": "needs --hours from 1 to 720",
    "--mode incremental --hours 721": "needs --hours from 1 to 720",
    "--mode incremental --hours soon": "invalid int value",
    "--mode daily --hours 3": "--hours does not go with daily",
    "--mode backfill": "needs --start and --end",
    "--mode backfill --start 2026-01-01": "needs --start and --end",
    "--mode backfill --start 2026-01-05 --end 2026-01-01": "--end lies before --start",
    "--mode backfill --start yesterday --end 2026-01-01": "'yesterday' is no date such as",
    "--mode backfill --start 2026-02-30 --end 2026-03-01": "'2026-02-30' is no date such as",
    "--mode backfill --start 2199-01-01 --end 2199-01-02": "still to come",
    "--mode daily --channels myspace": "There is no channel myspace",
    "--mode daily --channels ,": "names none",
    "--mode daily --project Nowhere": "There is no project 'Nowhere'",
    "--mode daily --project": "expected one argument",
    "run": "run needs the number or name",
    "run 999": "no connected source '999'",
    "status 3": "source does not go with status",
    "serve --channels pretend": "--channels does not go with serve",
    "check --json": "--json does not go with check",
    "status --project 77": "There is no project '77'",
}


@pytest.mark.parametrize("line", WRONG)
def test_a_wrong_command_line_ends_with_two_and_one_line_that_says_why(place, capsys, line):
    try:
        status = scheduler.main(line.split())
    except SystemExit as ended:
        status = ended.code
    said = capsys.readouterr()
    assert status == 2
    assert said.out == ""
    [reason] = said.err.splitlines()
    assert WRONG[line] in reason
    assert asked(place[0]) == []


# --- real processes ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with local(World(now=lambda: STARTED)) as made:
        yield made


@pytest.fixture
def sandbox(server: Server, database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """The stand-ins in place of the platforms, for this process and those that it starts."""
    monkeypatch.setenv("PLATFORM_BASE_URLS", json.dumps(server.base_urls))
    monkeypatch.setenv("ANALYTICS_RETRY_DELAY_SECONDS", "0")
    monkeypatch.setenv("SOUNDINGS_RATES_REFRESH", "off")
    settings.current.cache_clear()
    _limits._limiters.clear()
    server.faults.clear()
    yield server
    server.faults.clear()
    monkeypatch.undo()
    settings.current.cache_clear()


class Sidecar:
    """`python scheduler.py serve` as a process of its own; what it writes is kept in a file."""

    def __init__(self, log: Path, **environment: str) -> None:
        self._log = log
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "scheduler.py", "serve"],
                cwd=ROOT, env=os.environ | environment, stdout=out, stderr=subprocess.STDOUT,
            )  # fmt: skip
        self.name = f"{os.uname().nodename}:{self.process.pid}"

    @property
    def said(self) -> str:
        return self._log.read_text()

    def is_up(self) -> bool:
        assert self.process.poll() is None, self.said
        with db.instance() as connection:
            return connection.scalar(sa.select(sa.func.count()).where(sidecars.c.name == self.name)) == 1


@pytest.fixture
def start(sandbox: Server, tmp_path: Path) -> Iterator[Callable[..., Sidecar]]:
    begun: list[Sidecar] = []

    def make(**environment: str) -> Sidecar:
        begun.append(Sidecar(tmp_path / f"sidecar-{len(begun)}.log", **environment))
        return begun[-1]

    yield make
    for one in begun:
        with contextlib.suppress(ProcessLookupError):
            one.process.kill()
        one.process.wait(10)


def until(true: Callable[[], Any], what: str = "it") -> Any:
    """Poll until something is true."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := true():
            return found
        time.sleep(0.05)
    raise AssertionError(f"{what} did not come true in {PATIENCE} s")


def ask(place: Place) -> int:
    with db.project(place.project_id) as connection:
        return runs.request_sync(connection, place.project_id, place.source_id, {}, None)[0]


def run_of(place: Place, run_id: int) -> Run:
    with db.project(place.project_id) as connection:
        return runs.read(connection, place.project_id, run_id)


def has_ended(place: Place, run_id: int) -> Run | None:
    run = run_of(place, run_id)
    assert run.state != "failed", run.error
    return run if run.state == "done" else None


def in_the_middle(place: Place, run_id: int) -> bool:
    """Some chunks are committed and others are not."""
    run = run_of(place, run_id)
    assert run.state != "done", "it was over before it could be disturbed"
    return run.rows_written > 0 and run.units_done < (run.units_total or 0)


def process_of(run: Run) -> str:
    """The sidecar whose thread claimed the run last."""
    return run.sidecar.rpartition(":")[0]


@pytest.mark.parametrize("platform", ["google_ads", "tiktok_ads"])
def test_a_sidecar_that_is_killed_loses_and_doubles_nothing(sandbox, start, make_project, platform):
    place = connect(make_project(), platform)
    sandbox.faults.add("slow", platform, count=None, seconds=0.2)
    first = start()
    run_id = ask(place)
    until(lambda: in_the_middle(place, run_id), "the middle of the run")
    first.process.kill()
    first.process.wait(10)
    left = run_of(place, run_id)
    assert process_of(left) == first.name
    sandbox.faults.clear()
    with db.instance() as connection:  # as if its lease had run out by now
        connection.execute(sa.update(table).values(heartbeat_at=STARTED - timedelta(minutes=5)))
    second = start()
    done = until(lambda: has_ended(place, run_id), "the end of the run")
    assert process_of(done) == second.name
    assert done.rows_written >= left.rows_written
    check(place, sandbox)


def test_a_sidecar_that_is_told_to_end_hands_over_at_once(sandbox, start, make_project):
    place = connect(make_project(), "google_ads")
    sandbox.faults.add("slow", "google_ads", count=None, seconds=0.2)
    first = start()
    run_id = ask(place)
    until(lambda: in_the_middle(place, run_id), "the middle of the run")
    begun = time.monotonic()
    first.process.terminate()
    assert first.process.wait(20) == 0
    assert time.monotonic() - begun < 8  # app.py and containers give it ten seconds
    left = run_of(place, run_id)
    assert (left.state, left.sidecar) == ("queued", None)
    assert "Traceback" not in first.said
    sandbox.faults.clear()
    second = start()
    done = until(lambda: has_ended(place, run_id), "the end of the run")
    assert process_of(done) == second.name
    check(place, sandbox)


def test_an_idle_sidecar_ends_at_once_and_without_a_word_of_error(start):
    one = start()
    until(one.is_up, "the sidecar")
    one.process.send_signal(signal.SIGINT)
    assert one.process.wait(10) == 0
    assert "Traceback" not in one.said


def test_two_sidecars_share_the_work_and_never_run_one_source_twice(sandbox, start, make_project):
    project_id = make_project()
    places = [connect(project_id, platform) for platform in ("google_ads", "tiktok_ads", "shopify")]
    sandbox.faults.add("slow", count=None, seconds=0.05)
    both = [start(SOUNDINGS_SYNC_WORKERS="1") for _ in range(2)]
    for one in both:
        until(one.is_up, "a sidecar")
    wanted = {place.source_id: (place, ask(place)) for place in places}
    assert {ask(place) for place in places} <= {run_id for _, run_id in wanted.values()}
    ended = [until(lambda p=p, r=r: has_ended(p, r), "the end of a run") for p, r in wanted.values()]
    assert {process_of(run) for run in ended} == {one.name for one in both}
    assert {run.attempts for run in ended} == {1}
    done = [run for run in asked(project_id) if run.state == "done"]
    assert sorted(run.source_id or 0 for run in done) == sorted(wanted)
    for place in places:
        check(place, sandbox)


# --- secrets -------------------------------------------------------------------------------------

TROUBLE: tuple[dict[str, Any], ...] = (
    {"kind": "server_error"}, {"kind": "server_error", "html": True}, {"kind": "html"}, {"kind": "field_type", "name": "metrics"},
    {"kind": "expired"}, {"kind": "revoked"},
)  # fmt: skip
SECRET_NAMES = (
    "access_token", "refresh_token", "client_secret", "app_secret", "secret",
)  # fmt: skip
SPEAKING = ("google_ads", "meta_ads", "tiktok_ads", "shopify")


def secrets_of(place: Place) -> set[str]:
    """Every secret that is stored for a source now, in all forms that could be written somewhere."""
    with db.project(place.project_id) as connection:
        login = sources.read(connection, place.project_id, place.source_id).connection_id
        kept = connections.credentials(connection, place.project_id, login)
    found = {str(kept[name]) for name in SECRET_NAMES if kept.get(name)}
    assert found
    return {
        form
        for one in found
        for form in (one, quote(one, safe=""), b64encode(one.encode()).decode(), one.encode().hex())
    }


def everything_stored() -> str:
    """Each row of each table, as text."""
    owner = db.connect_as_owner()
    with owner.connect() as connection:
        names = connection.scalars(
            sa.text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        ).all()
        found = [
            "\n".join(map(str, connection.scalars(sa.text(f'SELECT t::text FROM "{name}" t')).all()))
            for name in names
        ]
    owner.dispose()
    return "\n".join(found)


def test_no_secret_is_written_anywhere_whatever_goes_wrong(sandbox, start, make_project):
    project_id = make_project()
    places = [connect(project_id, platform) for platform in SPEAKING]
    found = set().union(*map(secrets_of, places))
    sidecar = start(SOUNDINGS_LOG_LEVEL="DEBUG", ANALYTICS_MAX_RETRIES="0", SOUNDINGS_SYNC_WORKERS="4")
    for trouble in TROUBLE:
        for place in places:
            count = {} if trouble["kind"] == "revoked" else {"count": None}
            sandbox.faults.add(platform=place.platform, **count, **trouble)
        wanted = [(place, ask(place)) for place in places]
        for place, run_id in wanted:
            until(lambda p=place, r=run_id: run_of(p, r).is_over or run_of(p, r).not_before, "the trouble")
        with db.project(project_id) as connection:
            for _, run_id in wanted:
                runs.cancel(connection, project_id, run_id)
            connection.execute(sa.text("UPDATE connections SET state = 'healthy'"))
        found |= set().union(*map(secrets_of, places))
        sandbox.faults.clear()
    for place, run_id in [(place, ask(place)) for place in places]:
        until(lambda p=place, r=run_id: has_ended(p, r), "a run without trouble")
    found |= set().union(*map(secrets_of, places))
    sidecar.process.terminate()
    sidecar.process.wait(20)
    stored = everything_stored()
    assert min(len(sidecar.said), len(stored)) > 10_000
    assert not [secret for secret in found if secret in sidecar.said]
    assert not [secret for secret in found if secret in stored]
