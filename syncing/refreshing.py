"""What people ask of syncs: refresh now, cancel, read a period again, change when. Each checks the role anew."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import connectors
from errors import BadInput
from store import audit, projects, runs, schedules, sources, synced
from store.access import Action, Person, enter, reading
from store.db import Connection
from store.runs import Run
from syncing import plan, schedule, status


def freshness(person: Person, project_id: int) -> list[status.Freshness]:
    """How fresh every connected source is."""
    with reading(person, project_id) as connection:
        return status.of_project(connection, project_id, datetime.now(UTC))


def history(person: Person, project_id: int, source_id: int | None = None) -> list[tuple[Run, str, str]]:
    """The last 100 syncs, newest first, each with its source's name and platform; a removed source has none."""
    with reading(person, project_id) as connection:
        known = {source.id: source for source in sources.listed(connection, project_id)}
        found = runs.syncs(connection, project_id, source_id, 100)
    named = [(run, known.get(run.source_id or 0)) for run in found]
    return [(run, source.name if source else "", source.platform if source else "") for run, source in named]


def refresh(person: Person, project_id: int, source_ids: list[int] | None = None) -> int:
    """Ask for a sync of these sources, or of all that are connected; how many were not at work already."""
    with enter(person, project_id, Action.REFRESH) as connection:
        connected = {s.id for s in sources.listed(connection, project_id) if s.connection_id}
        wanted = connected if source_ids is None else connected & set(source_ids)
        if not wanted:
            raise BadInput("There is no connected account to refresh. Connect one under Connections.")
        asked = [
            runs.request_sync(connection, project_id, one, {"mode": "manual"}, person.id)[1]
            for one in sorted(wanted)
        ]
        _record(connection, person, project_id, "refresh", "", {"sources": sorted(wanted)})
    return sum(asked)


def backfill(person: Person, project_id: int, source_id: int, first: date, last: date) -> bool:
    """Read a period (again), and from now on everything since its first day. False when a sync is at work,
    which then reads it on its next run. Raises BadInput."""
    with enter(person, project_id, Action.REFRESH) as connection:
        source = sources.read(connection, project_id, source_id)
        read_again(connection, project_id, source, first, last)
        run = {"mode": "backfill"}
        _, is_new = runs.request_sync(connection, project_id, source_id, run, person.id)
        period = {"first": str(first), "last": str(last)}
        _record(connection, person, project_id, "backfill", source.name, period)
    return is_new


def read_again(
    connection: Connection, project_id: int, source: sources.Source, first: date, last: date
) -> None:
    """Note that days are to be read again whatever was read of them before. Raises BadInput."""
    if source.connection_id is None or source.read_from is None:
        raise BadInput(f"{source.name} is not connected, so nothing can be read again.")
    today = plan.today(datetime.now(UTC), source.time_zone)
    oldest = today - timedelta(max(s.history_days for s in connectors.find(source.platform).streams))
    if last < first:
        raise BadInput("The period ends before it begins. Nothing was changed.")
    if first > today:
        raise BadInput("That period is still to come. Nothing was changed.")
    if last < oldest:
        raise BadInput(
            f"{connectors.find(source.platform).label} answers back to {oldest:%d %b %Y} only. Nothing was changed."
        )
    synced.forget(connection, project_id, source.id, first, min(last, today))
    if first < source.read_from:
        sources.change(connection, project_id, source.id, read_from=max(first, oldest))


def cancel(person: Person, project_id: int, run_id: int) -> bool:
    """End a sync that waits or works; what it had written stays."""
    with enter(person, project_id, Action.REFRESH) as connection:
        run = runs.read(connection, project_id, run_id)
        if run.kind != "sync":
            raise BadInput("Only a refresh can be cancelled here.")
        done = runs.cancel(connection, project_id, run_id)
        _record(connection, person, project_id, "cancel_refresh", "", {"run": run_id})
    return done


def set_schedule(person: Person, project_id: int, source_id: int, cron: str, *, paused: bool) -> None:
    """When a source is refreshed: a cron expression in the project's time zone, empty for the default. Raises BadInput."""
    with enter(person, project_id, Action.MANAGE_CONNECTIONS) as connection:
        zone = projects.time_zone(connection, project_id)
        schedule.trigger(cron, zone)
        schedules.change(
            connection, project_id, source_id, cron=cron.strip(), time_zone=zone, paused=paused, next_at=None
        )
        source = sources.read(connection, project_id, source_id)
        changed = schedules.read(connection, project_id, source_id)
        schedules.change(
            connection, project_id, source_id, next_at=schedule.next_time(changed, datetime.now(UTC))
        )
        _record(
            connection, person, project_id, "change_schedule", source.name, {"cron": cron, "paused": paused}
        )


def _record(
    connection: Connection,
    person: Person,
    project_id: int,
    action: str,
    subject: str,
    details: dict[str, Any],
) -> None:
    audit.record(
        connection, who=person, action=action, subject=subject, project_id=project_id, details=details
    )
