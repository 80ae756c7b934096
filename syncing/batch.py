"""Syncs from the command line: ask for them, do them here, and say how each ended."""

from __future__ import annotations

import json
import sys
import threading
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import connectors
import settings
from errors import BadInput
from store import db, projects, runs, schedules, sources
from store.runs import Run
from store.schedules import Schedule
from syncing import plan, refreshing, status, worker


@dataclass(frozen=True)
class Choice:
    """Which sources a command is about; None: all of them. `source` is a number or a name."""

    channels: str | None
    project: str | None
    source: str | None

    def schedules(self) -> list[Schedule]:
        """Their schedules. Raises BadInput for a platform or project that there is not."""
        wanted = {part.strip() for part in (self.channels or "").split(",") if part.strip()}
        there_are = f"There are: {', '.join(connectors.REGISTRY)}."
        if unknown := wanted - set(connectors.REGISTRY):
            raise BadInput(f"There is no channel {', '.join(sorted(unknown))}. {there_are}")
        if self.channels is not None and not wanted:
            raise BadInput(f"--channels names none. {there_are}")
        with db.instance() as connection:
            project_id = None if self.project is None else projects.numbered(connection, self.project)
            found = schedules.listed(connection, project_id)
        return [one for one in found if (not wanted or one.platform in wanted) and self._is_meant(one)]

    def _is_meant(self, one: Schedule) -> bool:
        if self.source is None:
            return True
        if self.source == str(one.source_id):
            return True
        with db.project(one.project_id) as connection:
            return (
                sources.read(connection, one.project_id, one.source_id).name.casefold()
                == self.source.casefold()
            )


@dataclass(frozen=True)
class Wish:
    """What is to be read: `mode` is daily, incremental (with `hours`) or backfill (with `first` and `last`)."""

    mode: str
    hours: int | None = None
    first: date | None = None
    last: date | None = None

    def check(self) -> None:
        """Raises BadInput for one that lacks something."""
        if self.mode == "incremental" and (self.hours is None or not 1 <= self.hours <= 720):
            raise BadInput("--mode incremental needs --hours from 1 to 720.")
        if self.mode == "backfill" and (self.first is None or self.last is None):
            raise BadInput("--mode backfill needs --start and --end, as YYYY-MM-DD.")
        if self.first and self.last and self.last < self.first:
            raise BadInput("--end lies before --start.")


@dataclass(frozen=True)
class _Asked:
    """A run that does what was asked; not a new one where the source was at work already."""

    project_id: int
    run_id: int
    is_new: bool

    def read(self) -> Run:
        with db.project(self.project_id) as connection:
            return runs.read(connection, self.project_id, self.run_id)


def refresh(choice: Choice, wish: Wish, stop: threading.Event) -> int:
    """Sync the chosen sources and wait for it, until `stop`; a line for each. 0 if all went well, 1 otherwise.

    Raises BadInput for a wish that no chosen source can fulfil.
    """
    wish.check()
    found = choice.schedules()
    if choice.source is not None and not found:
        raise BadInput(f"There is no connected source {choice.source!r}. `status` lists them.")
    if not found:
        print("No connected account is meant by this. Connect one in the app under Connections.")
        return 0
    asked, refused = _ask_all([one for one in found if _is_on(one)], wish)
    _work_off(list(asked.values()), stop)
    # A run that was at work already may have known nothing of the days to read again: they get one of their own.
    late = [one for one, run in asked.items() if wish.mode == "backfill" and not run.is_new]
    if late and not stop.is_set():
        asked |= _ask_all(late, wish)[0]
        _work_off(list(asked.values()), stop)
    ended = [_ended(run) for run in asked.values()]
    return 1 if refused or stop.is_set() or any(run.state == "failed" for run in ended) else 0


def _ask_all(wanted: list[Schedule], wish: Wish) -> tuple[dict[Schedule, _Asked], int]:
    """Runs for these sources, and how many of them cannot do it. Raises BadInput where none can."""
    asked: dict[Schedule, _Asked] = {}
    refused: list[BadInput] = []
    for one in wanted:
        try:
            asked[one] = _ask(one, wish)
        except BadInput as error:
            refused.append(error)
    if refused and not asked:
        raise refused[0]
    for why in refused:
        print(why, file=sys.stderr)
    return asked, len(refused)


def _is_on(one: Schedule) -> bool:
    on = settings.current().refreshes(one.platform)
    if not on:
        print(f"{one.platform}: switched off on this server")
    return on


def _ask(one: Schedule, wish: Wish) -> _Asked:
    params: dict[str, Any] = {"mode": wish.mode}
    with db.project(one.project_id) as connection:
        source = sources.read(connection, one.project_id, one.source_id)
        if wish.mode == "incremental":
            since = datetime.now(UTC) - timedelta(hours=wish.hours or 1)
            params["first"] = str(plan.today(since, source.time_zone))
        if wish.mode == "backfill" and wish.first and wish.last:
            refreshing.read_again(connection, one.project_id, source, wish.first, wish.last)
            params |= {"first": str(wish.first), "last": str(wish.last)}
        run_id, is_new = runs.request_sync(connection, one.project_id, one.source_id, params, None)
    return _Asked(one.project_id, run_id, is_new)


def _work_off(asked: list[_Asked], stop: threading.Event) -> None:
    """Do what waits, and wait for what another sidecar does of these."""
    while not stop.is_set():
        if not worker.work_once(kind="sync", stop=stop):
            if not any(one.read().state == "running" for one in asked):
                return
            stop.wait(1)


def _ended(asked: _Asked) -> Run:
    run = asked.read()
    with db.project(asked.project_id) as connection:
        source = sources.read(connection, asked.project_id, run.source_id or 0)
    how = {"done": _done(run), "queued": f"waits: {run.stage}"}.get(run.state, run.error or run.state)
    print(f"{source.platform} {source.name}: {how}", file=sys.stderr if run.state == "failed" else sys.stdout)
    return run


def _done(run: Run) -> str:
    result = run.result or {}
    return f"{result.get('new', 0)} new, {result.get('changed', 0)} changed, {result.get('removed', 0)} removed rows in {result.get('days', 0)} days read"


def print_status(choice: Choice, *, as_json: bool) -> int:
    """Freshness and last run of every chosen source; 1 when one needs somebody."""
    meant = {(one.project_id, one.source_id) for one in choice.schedules()}
    found: list[tuple[int, status.Freshness]] = []
    for project_id in sorted({project for project, _ in meant}):
        with db.project(project_id) as connection:
            fresh = status.of_project(connection, project_id, datetime.now(UTC))
        found += [(project_id, one) for one in fresh if (project_id, one.source.id) in meant]
    if as_json:
        print(json.dumps({"sources": [_as_dict(*one) for one in found]}, default=str))
    elif not found:
        print("No account is connected.")
    else:
        for project_id, one in found:
            print(
                f"project {project_id}  source {one.source.id}  {one.source.platform}  {one.source.name}: {one.state}, "
                f"covers through {one.source.covers_through or '–'}. {one.diagnosis} {one.cure}"
            )
    return 1 if any(one.state in {"error", "needs_reconnecting", "stale"} for _, one in found) else 0


def _as_dict(project_id: int, one: status.Freshness) -> dict[str, Any]:
    latest = one.latest
    return {
        "project": project_id, "source": one.source.id, "platform": one.source.platform, "account": one.source.name,
        "state": one.state, "diagnosis": one.diagnosis, "cure": one.cure, "covers_from": one.source.covers_from,
        "covers_through": one.source.covers_through, "written_at": one.source.written_at,
        "succeeded_at": one.succeeded_at, "next_at": one.schedule.next_at if one.schedule else None,
        "last_run": latest and {
            "id": latest.id, "state": latest.state, "requested_at": latest.requested_at,
            "finished_at": latest.finished_at, "rows": latest.rows_written, "error": latest.error,
        },
    }  # fmt: skip
