"""How fresh every source is: what the command line prints and the Connections page shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

import connectors
import settings
from store import connections, runs, schedules, sources
from store.connections import Login
from store.db import Connection
from store.runs import Run
from store.schedules import Schedule
from store.sources import Source
from syncing import schedule as times

State = Literal[
    "healthy",
    "syncing",
    "queued",
    "waiting",
    "stale",
    "error",
    "needs_reconnecting",
    "never_synced",
    "paused",
]
_LATE = timedelta(hours=24)
_MOST_BETWEEN = timedelta(hours=12)  # for a source without a schedule
_AHEAD = timedelta(days=14)
_VERSION_AHEAD = timedelta(days=60)


@dataclass(frozen=True)
class Freshness:
    """One connected source: its state, what is the matter and what to do about it, in a sentence each."""

    source: Source
    login: Login
    schedule: Schedule | None
    latest: Run | None
    succeeded_at: datetime | None
    state: State
    diagnosis: str
    cure: str


def of_project(connection: Connection, project_id: int, now: datetime) -> list[Freshness]:
    """Every connected source of a project."""
    logins = {login.id: login for login in connections.listed(connection, project_id)}
    plans = {plan.source_id: plan for plan in schedules.listed(connection, project_id)}
    latest = runs.latest_syncs(connection, project_id)
    succeeded = runs.last_successes(connection, project_id)
    return [
        _freshness(
            source, logins[source.connection_id], plans.get(source.id), latest.get(source.id), succeeded.get(source.id), now
        )
        for source in sources.listed(connection, project_id)
        if source.connection_id in logins
    ]  # fmt: skip


def _freshness(
    source: Source, login: Login, schedule: Schedule | None, latest: Run | None, succeeded: datetime | None, now: datetime
) -> Freshness:  # fmt: skip
    state, diagnosis, cure = _judged(source, login, schedule, latest, succeeded, now)
    return Freshness(source, login, schedule, latest, succeeded, state, diagnosis, cure)


def _judged(
    source: Source, login: Login, schedule: Schedule | None, latest: Run | None, succeeded: datetime | None, now: datetime
) -> tuple[State, str, str]:  # fmt: skip
    safe = f"Numbers through {source.covers_through:%d %b %Y} are safe." if source.covers_through else ""
    if login.state == "needs_reconnecting":
        return (
            "needs_reconnecting",
            login.diagnosis or "The platform no longer accepts this sign-in.",
            f"An owner of the project presses Reconnect under Connections and signs in again. {safe}".strip(),
        )
    if latest and latest.state == "running":
        return "syncing", f"Being read: {latest.stage or 'starting'}", "Nothing to do."
    if latest and latest.state == "queued" and latest.not_before:
        return (
            "waiting",
            latest.stage,
            f"Nothing to do: it goes on by itself at {latest.not_before:%d %b %H:%M} UTC.",
        )
    if latest and latest.state == "queued":
        return "queued", "It waits for its turn.", "Nothing to do."
    if latest and latest.state == "failed":
        return (
            "error",
            latest.error or "The last refresh failed.",
            f"Press Refresh now to try again. {safe}".strip(),
        )
    if succeeded is None:
        return "never_synced", "No figures have been read yet.", "Press Refresh now."
    if schedule and schedule.paused:
        return (
            "paused",
            "Refreshing is paused.",
            f"Switch its schedule on again when you want new figures. {safe}".strip(),
        )
    if not settings.current().refreshes(source.platform):
        return (
            "paused",
            "Refreshing this platform is switched off on this server.",
            f"Ask whoever runs the server. {safe}".strip(),
        )
    if now - _expected(schedule, succeeded) > _LATE:
        return (
            "stale",
            f"The last refresh was on {succeeded:%d %b at %H:%M} UTC.",
            f"Press Refresh now; if it stays so, check that the sidecar runs. {safe}".strip(),
        )
    if problems := (latest.result or {}).get("problems") if latest else None:
        return (
            "healthy",
            f"Up to date, but not everything could be read: {next(iter(problems.values()))}",
            "See Syncs for what was left out.",
        )
    return "healthy", f"Refreshed on {succeeded:%d %b at %H:%M} UTC.", _ahead(source, login, now)


def _expected(schedule: Schedule | None, succeeded: datetime) -> datetime:
    """When the refresh after that one was planned: a source that is read on Mondays is not stale on a Thursday."""
    planned = times.next_time(schedule, succeeded) if schedule else None
    return planned or succeeded + _MOST_BETWEEN


def _ahead(source: Source, login: Login, now: datetime) -> str:
    """What will need doing: a sign-in that ends, an API version that does."""
    if login.sign_in_ends_at and login.sign_in_ends_at - now < _AHEAD:
        return (
            f"The sign-in ends on {login.sign_in_ends_at:%d %b %Y}: replace it under Connections before that."
        )
    if ends := version_ends(source.platform, now.date()):
        kind = connectors.find(source.platform)
        return f"{kind.label} ends version {kind.version} of its API on {ends:%d %b %Y}: update Soundings before that."
    return "Nothing to do."


def version_ends(platform: str, today: date) -> date | None:
    """When the pinned API version ends, if that is near."""
    ends = connectors.find(platform).version_ends if platform in connectors.REGISTRY else None
    return ends if ends and ends - today < _VERSION_AHEAD else None
