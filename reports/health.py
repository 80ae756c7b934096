"""How each source of a project is: connected ones by their refreshes, uploaded ones by their age."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Connection

from reports import wording
from store import sources
from store.models import batch_rows, batches
from store.schedules import Schedule
from store.sources import Source
from syncing import plan, schedule, status
from syncing.status import Freshness

_GRACE = timedelta(hours=24)  # as long as syncing/status.py waits before it calls a source stale
_RECENT = timedelta(days=8)
AT_WORK = frozenset({"healthy", "syncing", "queued", "waiting"})
IN_TROUBLE = frozenset({"stale", "error", "needs_reconnecting", "never_synced"})


@dataclass(frozen=True)
class SourceHealth:
    """One source. `state` is that of syncing/status.py, or uploaded.

    `brought_in_at` is its last refresh or import. `expected_through` is the day that its figures should
    reach after the refreshes that were planned; None where nothing is planned.
    """

    source: Source
    state: str
    diagnosis: str
    cure: str
    brought_in_at: datetime | None
    expected_through: date | None = None

    @property
    def label(self) -> str:
        """'Meta Ads · Brand DE'."""
        return wording.account(self.source.channel, self.source.name)

    @property
    def days_behind(self) -> int:
        """Days missing at the end; 0 where nothing is planned or known."""
        if self.expected_through is None or self.source.covers_through is None:
            return 0
        return max(0, (self.expected_through - self.source.covers_through).days)

    @property
    def is_fresh(self) -> bool:
        """True for a connected source that works and reaches as far as it should, give or take a day."""
        return self.state in AT_WORK and self.source.covers_through is not None and self.days_behind <= 1

    @property
    def is_uploaded(self) -> bool:
        """True without a connection: nobody knows when its next figures should come."""
        return self.state == "uploaded"

    @property
    def needs_somebody(self) -> bool:
        """True if the source does not get well by itself."""
        return self.state in IN_TROUBLE


def of_project(connection: Connection, project_id: int, now: datetime) -> list[SourceHealth]:
    """Every source of a project, by channel and name."""
    connected = {one.source.id: one for one in status.of_project(connection, project_id, now)}
    imported = _imported(connection, project_id)
    return [
        _connected(connected[one.id], now)
        if one.id in connected
        else _uploaded(one, imported.get(one.id), now)
        for one in sources.listed(connection, project_id)
    ]


def _connected(one: Freshness, now: datetime) -> SourceHealth:
    return SourceHealth(
        one.source, one.state, one.diagnosis, one.cure, one.succeeded_at, _expected_through(one, now)
    )


def _uploaded(source: Source, at: datetime | None, now: datetime) -> SourceHealth:
    today = plan.today(now, source.time_zone)
    age = (today - source.covers_through).days if source.covers_through else None
    end = "has no complete day yet" if age is None else f"ends {wording.count(max(age, 0), 'day')} ago"
    came = f"Brought in by hand on {wording.day(at.date())}" if at else "Brought in by hand"
    return SourceHealth(
        source, "uploaded", f"{came}; {end}.", "Upload a newer export, or connect the account.", at
    )


def _imported(connection: Connection, project_id: int) -> dict[int, datetime]:
    """When each source was last brought in by an import that stands."""
    query = (
        sa.select(batch_rows.c.source_id, sa.func.max(batches.c.imported_at).label("at"))
        .join(
            batches,
            sa.and_(batches.c.project_id == batch_rows.c.project_id, batches.c.id == batch_rows.c.batch_id),
        )
        .where(batch_rows.c.project_id == project_id, batches.c.undone_at.is_(None))
        .group_by(batch_rows.c.source_id)
    )
    return {row.source_id: row.at for row in connection.execute(query)}


def _expected_through(one: Freshness, now: datetime) -> date | None:
    """The day before the last refresh that was planned, or that there was."""
    if one.succeeded_at is None or one.state in {"paused", "never_synced"}:
        return None
    at = _last_planned(one.schedule, one.succeeded_at, now - _GRACE) if one.schedule else one.succeeded_at
    return plan.today(at, one.source.time_zone) - timedelta(days=1)


def _last_planned(planned: Schedule, after: datetime, now: datetime) -> datetime:
    """The latest planned time up to now; `after` itself if there was none since.

    Looks at the last days first: what has nothing there is refreshed rarely, and few steps lead through all.
    """
    found = after
    for start in (max(after, now - _RECENT), after):
        upcoming = schedule.next_time(planned, start)
        while upcoming is not None and upcoming <= now:
            found, upcoming = upcoming, schedule.next_time(planned, upcoming)
        if found > after:
            break
    return found
