"""When accounts are refreshed: what is due becomes a run, whichever sidecar sees it first.

A schedule is a cron expression in the project's time zone, or the default hours in UTC. The next time is
written down, so that a sidecar that was away asks once for what it missed, and two do not ask twice. Each
source is moved by some minutes of its own, so that not all of them start at the same second.
"""

from __future__ import annotations

import re
import zlib
from datetime import datetime, timedelta

from apscheduler.triggers.cron import CronTrigger

import settings
from errors import BadInput
from store import db, runs, schedules
from store.schedules import Schedule
from syncing import plan

JITTER_MINUTES = 10
PRESETS: dict[str, str] = {
    "": "Twice a day (the default)",
    "0 * * * *": "Every hour",
    "0 */4 * * *": "Every four hours",
    "0 6 * * *": "Every morning at 6:00",
    "0 6 * * mon-fri": "On weekday mornings at 6:00",
    "0 6 * * mon": "Every Monday at 6:00",
}
"""Cron expression → what a person reads."""


def trigger(cron: str, time_zone: str) -> CronTrigger:
    """When a schedule fires. Raises BadInput for what is no cron expression, or more often than hourly."""
    if not cron.strip():
        hours = ",".join(map(str, settings.current().refresh_hours))
        return CronTrigger(hour=hours, minute=0, timezone="UTC")
    try:
        made = CronTrigger.from_crontab(_with_named_days(cron), timezone=plan.zone(time_zone))
    except (ValueError, TypeError) as error:
        raise BadInput(
            f"“{cron}” is not a schedule: write minute, hour, day, month and weekday, such as 0 6 * * mon-fri. "
            "Nothing was changed."
        ) from error
    fires = made.get_next_fire_time(None, datetime(2026, 1, 5, tzinfo=plan.zone("UTC")))
    if fires is None:
        raise BadInput(f"“{cron}” never comes true. Nothing was changed.")
    again = made.get_next_fire_time(fires, fires + timedelta(seconds=1))
    if again is not None and again - fires < timedelta(minutes=15):
        raise BadInput("An account can be refreshed every 15 minutes at most. Nothing was changed.")
    return made


_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


def _with_named_days(cron: str) -> str:
    """The expression with names for its weekdays: cron counts from Sunday as 0 or 7, the trigger from Monday."""
    *others, weekdays = cron.split()
    return " ".join([*others, ",".join(map(_named, weekdays.split(",")))])


def _named(part: str) -> str:
    found = re.fullmatch(r"([0-7])(?:-([0-7]))?(?:/([1-7]))?", part.replace("*/", "0-6/"))
    if not found:
        return part
    first, last, step = found.groups()
    end = int(last) if last else 6 if step else int(first)
    return ",".join(_DAYS[n % 7] for n in range(int(first), end + 1, int(step or 1)))


def moved(project_id: int, source_id: int) -> timedelta:
    """How much later than its schedule a source starts; always the same for one source."""
    return timedelta(seconds=zlib.crc32(f"{project_id}:{source_id}".encode()) % (JITTER_MINUTES * 60))


def next_time(schedule: Schedule, after: datetime) -> datetime | None:
    """When the source is refreshed next, later than `after`; aware, UTC."""
    shift = moved(schedule.project_id, schedule.source_id)
    fires = trigger(schedule.cron, schedule.time_zone).get_next_fire_time(
        None, after - shift + timedelta(seconds=1)
    )
    return None if fires is None else fires.astimezone(plan.zone("UTC")) + shift


def ask_for_what_is_due(now: datetime) -> list[int]:
    """Queue a sync of every source whose time has come; ids of the runs. Planned times are written down anew."""
    asked = []
    with db.instance() as connection:
        for schedule in schedules.due(connection, now):
            place = (schedule.project_id, schedule.source_id)
            if schedule.next_at is not None and settings.current().refreshes(schedule.platform):
                run_id, is_new = runs.request_sync(connection, *place, {"mode": "schedule"}, None)
                asked += [run_id] if is_new else []
            schedules.change(connection, *place, next_at=next_time(schedule, now))
    return asked
