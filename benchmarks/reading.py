"""One backfill by the real sync engine, in a process that does nothing else: `python -m benchmarks.reading META 730`.

The database (DATABASE_URL) and the platform's stand-in (PLATFORM_BASE_URLS) are given, see benchmarks/sync.py.
Rows are made while they are loaded, so the time is taken where connector and engine meet: what passes inside a
connector's call is waiting (the HTTP session at work, pauses) or parsing (all the rest), what passes outside of
one is loading. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa

from connectors._base import Account, Batch, Connector, Entity, Row, Stream
from connectors._http import Http, Wait
from sandbox import credentials
from store import connections, db, runs, sources
from store.models import daily_metrics, projects
from syncing import connecting, logins, plan, worker

T = TypeVar("T")


@dataclass
class Clock:
    """Seconds inside a connector's calls and, of these, those that it paused; rows that came out of it."""

    inside: float = 0.0
    paused: float = 0.0
    rows: int = 0
    http: list[Http] = field(default_factory=list)

    @property
    def waiting(self) -> float:
        """Sending, waiting for and receiving answers, and pauses for limits and for reports that are prepared."""
        return self.paused + sum(http.spent.asking for http in self.http)

    def timed(self, call: Callable[[], T]) -> T:
        """What the call of a connector returns."""
        start = time.perf_counter()
        try:
            return call()
        finally:
            self.inside += time.perf_counter() - start

    def each(self, made: Iterator[T]) -> Iterator[T]:
        """What a connector yields."""
        while (one := self.timed(lambda: next(made, None))) is not None:
            yield one

    def pausing(self, wait: Wait) -> Wait:
        """The same pauses, noted."""

        def pause(seconds: float, why: str) -> None:
            start = time.perf_counter()
            try:
                wait(seconds, why)
            finally:
                self.paused += time.perf_counter() - start

        return pause


class Watched:
    """A connector whose calls from outside are on the clock."""

    def __init__(self, connector: Connector, clock: Clock) -> None:
        self._connector, self._clock = connector, clock
        clock.http.append(connector.http)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connector, name)

    def account(self, key: str) -> Account:
        """See Connector."""
        return self._clock.timed(lambda: self._connector.account(key))

    def entities(self, account: Account) -> Iterator[Entity]:
        """See Connector."""
        return self._clock.each(self._connector.entities(account))

    def pull(self, account: Account, stream: Stream, first: date, last: date) -> Iterator[Batch]:
        """See Connector."""
        for batch in self._clock.each(self._connector.pull(account, stream, first, last)):
            self._clock.rows += len(batch.rows)
            yield batch

    def totals(self, account: Account, first: date, last: date) -> dict[date, Row]:
        """See Connector."""
        return self._clock.timed(lambda: self._connector.totals(account, first, last))


def connect(platform: str, days: int) -> tuple[int, int]:
    """A project with the stand-in's first account, that is to be read for so many days; project and source."""
    given = credentials.credentials(platform)
    connector = logins.with_credentials(platform, given)
    account = next(one for one in connector.accounts() if not one.note)
    about = {
        "name": "B",
        "currency": "EUR",
        "time_zone": "UTC",
        "customer_salt": "",
        "created_at": datetime.now(UTC),
    }
    with db.instance() as connection:
        project_id = connection.scalar(sa.insert(projects).values(about).returning(projects.c.id)) or 0
    with db.project(project_id) as connection:
        made = connections.create(
            connection, project_id, platform, platform, "token", connector.credentials, None
        )
        login = connections.read(connection, project_id, made)
        source_id = connecting.add_source(connection, project_id, login, account, None)
        first = plan.today(datetime.now(UTC), account.time_zone) - timedelta(days - 1)
        sources.change(connection, project_id, source_id, read_from=first, streams=["ad"])
    return project_id, source_id


def backfill(project_id: int, source_id: int, clock: Clock) -> float:
    """Do the source's first sync on the clock; its seconds. Raises SystemExit where it did not go well."""
    with db.project(project_id) as connection:
        asked = runs.active_sync(connection, project_id, source_id)
    opened = logins.open_connector

    def open_connector(project_id: int, connection_id: int, wait: Wait) -> Watched:
        return Watched(opened(project_id, connection_id, clock.pausing(wait)), clock)

    logins.open_connector = open_connector  # type: ignore[assignment]
    start = time.perf_counter()
    try:
        worker.work_once(kind="sync")
    finally:
        logins.open_connector = opened
    seconds = time.perf_counter() - start
    with db.project(project_id) as connection:
        run = runs.read(connection, project_id, asked.id if asked else 0)
        stored = connection.scalar(sa.select(sa.func.count()).select_from(daily_metrics)) or 0
    result = run.result or {}
    if run.state != "done" or result["problems"] or stored != clock.rows:
        raise SystemExit(
            f"The sync did not go well: {run.state}, {run.error}, {stored} of {clock.rows} rows, {result}"
        )
    return seconds


def peak_mb() -> float:
    """The most memory that this process ever held, in millions of bytes. Linux tells it."""
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024 / 1e6


def measure(platform: str, days: int) -> dict[str, float]:
    """Rows, seconds by what they went into, processor seconds of this process (HTTP too), and the peak of memory."""
    clock, place = Clock(), connect(platform, days)
    started = time.process_time()
    wall = backfill(*place, clock)
    cpu = time.process_time() - started
    waiting = clock.waiting
    return {
        "rows": clock.rows, "wall": round(wall, 2), "waiting": round(waiting, 2),
        "parsing": round(clock.inside - waiting, 2), "loading": round(wall - clock.inside, 2),
        "cpu": round(cpu, 2), "peak_mb": round(peak_mb(), 1),
    }  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reading", description=__doc__)
    parser.add_argument("platform")
    parser.add_argument("days", type=int)
    given = parser.parse_args(arguments)
    print(json.dumps(measure(given.platform, given.days)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
