"""Reports that are sent by themselves: which view, to whom, when, and on which condition.

A report follows its saved view: what is changed there is sent changed. It is made with the rights of whoever
saved it last. The webhook's address lies in the vault and is never shown again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from analytics.crossing import TESTS, Line
from analytics.timetable import Timetable
from errors import BadInput, NotFound
from store import audit, projects, vault
from store.access import Action, Person, enter, reading
from store.models import deliveries, delivery_runs, users

LONGEST_NAME = 80
MOST_RECIPIENTS = 20
_MOST = 100
_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?\.[A-Za-z]{2,}"
)
_KEPT = timedelta(days=30)
_LARGEST = Decimal(10) ** 15
_KEY = re.compile(r"[a-z][a-z_.]{0,59}")
_NOTHING = "That report is not there (any more)."


@dataclass(frozen=True)
class Content:
    """What is sent, to whom and when. `kind` is mail or slack; `line` None: always sent; else only when the figure
    `metric` crosses it. Raises BadInput for what cannot be."""

    name: str
    view_id: int
    kind: str
    timetable: Timetable
    recipients: tuple[str, ...] = ()
    metric: str = ""
    line: Line | None = None

    def __post_init__(self) -> None:
        text = " ".join(self.name.split())
        if not 0 < len(text) <= LONGEST_NAME or not text.isprintable():
            raise BadInput(f"A report needs a name of 1 to {LONGEST_NAME} characters. It was not saved.")
        object.__setattr__(self, "name", text)
        if self.kind not in {"mail", "slack"}:
            raise BadInput("A report goes out as mail or to a webhook. It was not saved.")
        object.__setattr__(self, "recipients", self._addresses())
        if bool(self.metric) != bool(self.line) or (self.metric and not _KEY.fullmatch(self.metric)):
            raise BadInput("A condition needs a figure and a value. The report was not saved.")
        if self.line and not self._can_be_crossed(self.line):
            raise BadInput(
                "The value of the condition is no number that a figure can cross. It was not saved."
            )

    def _can_be_crossed(self, line: Line) -> bool:
        limit = line.limit
        return (
            line.test in TESTS
            and limit.is_finite()
            and abs(limit) < _LARGEST
            and (line.test != "changed" or limit > 0)
        )

    def _addresses(self) -> tuple[str, ...]:
        given = list(dict.fromkeys(self.recipients))
        if self.kind == "slack":
            return ()
        for address in given:
            if len(address) > 254 or not _ADDRESS.fullmatch(address) or ".." in address:
                raise BadInput(f"“{address[:60]}” is not an e-mail address. The report was not saved.")
        if not 1 <= len(given) <= MOST_RECIPIENTS:
            raise BadInput(f"Give 1 to {MOST_RECIPIENTS} e-mail addresses. The report was not saved.")
        return tuple(given)


@dataclass(frozen=True)
class Delivery:
    """A report with its state. `holds`: whether its figure was beyond the line when it was looked at last.
    `owner` is a name, empty if they are gone."""

    id: int
    content: Content
    webhook: str
    secret_id: int | None
    holds: bool | None
    paused: bool
    owner_id: int
    owner: str
    next_at: datetime
    last_at: datetime | None
    last_state: str
    last_result: str
    updated_at: datetime


@dataclass(frozen=True)
class Run:
    """One time that a report was due, or was tried. `to_address` is that of a test."""

    id: int
    delivery_id: int
    planned_at: datetime
    to_address: str
    is_test: bool
    state: str
    attempts: int
    finished_at: datetime | None
    sent_to: int
    detail: str


RUN = [delivery_runs.c[name] for name in Run.__dataclass_fields__]


def _delivery(row: Any) -> Delivery:
    line = Line(row.test, row.limit) if row.test and row.limit is not None else None
    content = Content(
        row.name, row.view_id, row.kind, Timetable(row.every, row.hour, row.weekday, row.month_day),
        tuple(row.recipients), row.metric if line else "", line,
    )  # fmt: skip
    return Delivery(
        row.id, content, row.webhook, row.secret_id, row.holds, row.paused, row.owner_id, row.owner or "",
        row.next_at, row.last_at, row.last_state, row.last_result, row.updated_at,
    )  # fmt: skip


def find(connection: Connection, project_id: int, *where: sa.ColumnElement[bool]) -> list[Delivery]:
    """Reports of a project by name."""
    d = deliveries.c
    joined = deliveries.outerjoin(users, users.c.id == d.owner_id)
    query = sa.select(deliveries, users.c.name.label("owner")).select_from(joined)
    query = query.where(d.project_id == project_id, *where).order_by(sa.func.lower(d.name), d.id)
    return [_delivery(row) for row in connection.execute(query)]


def listed(person: Person, project_id: int) -> list[Delivery]:
    """All reports of a project."""
    with reading(person, project_id) as connection:
        return there(connection, project_id)


def removed(person: Person, project_id: int) -> list[Delivery]:
    """Reports that can be brought back: removed in the last 30 days."""
    with reading(person, project_id) as connection:
        return find(connection, project_id, deliveries.c.removed_at > datetime.now(UTC) - _KEPT)


def read(connection: Connection, project_id: int, delivery_id: int) -> Delivery:
    """One report that was not removed. Raises NotFound."""
    found = find(connection, project_id, deliveries.c.id == delivery_id, deliveries.c.removed_at.is_(None))
    if not found:
        raise NotFound(_NOTHING)
    return found[0]


def there(connection: Connection, project_id: int) -> list[Delivery]:
    """Reports that were not removed."""
    return find(connection, project_id, deliveries.c.removed_at.is_(None))


def runs_of(connection: Connection, project_id: int, delivery_id: int, most: int) -> list[Run]:
    """Runs of a report, the newest first."""
    r = delivery_runs.c
    query = sa.select(*RUN).where(r.project_id == project_id, r.delivery_id == delivery_id)
    return [Run(**row._mapping) for row in connection.execute(query.order_by(r.id.desc()).limit(most))]


def log(person: Person, project_id: int, delivery_id: int, most: int = 20) -> list[Run]:
    """What was sent when, or why not; the newest first."""
    with reading(person, project_id) as connection:
        return runs_of(connection, project_id, delivery_id, most)


def _columns(content: Content) -> dict[str, Any]:
    table, line = content.timetable, content.line
    return {
        "name": content.name, "view_id": content.view_id, "kind": content.kind,
        "recipients": list(content.recipients), "every": table.every, "hour": table.hour,
        "weekday": table.weekday, "month_day": table.month_day, "metric": content.metric,
        "test": line.test if line else "", "limit": line.limit if line else None,
    }  # fmt: skip


def _said(content: Content) -> dict[str, Any]:
    return {"kind": content.kind, "recipients": len(content.recipients), "every": content.timetable.every}


def save(
    person: Person,
    project_id: int,
    content: Content,
    *,
    webhook: str = "",
    shown: str = "",
    delivery_id: int | None = None,
) -> int:
    """Make a report, or change one; its id. `webhook` is the address (empty: the known one stays), `shown` what may
    be shown of it. From now on the person's rights count. Raises BadInput, NotAllowed, NotFound."""
    now = datetime.now(UTC)
    with enter(person, project_id, Action.EDIT_ANALYSIS) as connection:
        zone = projects.time_zone(connection, project_id)
        values = _columns(content) | {
            "owner_id": person.id, "updated_at": now, "next_at": content.timetable.next(now, zone), "holds": None,
        }  # fmt: skip
        if delivery_id is None:
            delivery_id = _added(connection, project_id, values, now)
            action = "add_report"
        else:
            _changed(connection, project_id, delivery_id, content, values)
            action = "change_report"
        _keep_webhook(connection, project_id, delivery_id, content, webhook, shown)
        audit.record(
            connection, who=person, action=action, subject=content.name, project_id=project_id,
            details=_said(content),
        )  # fmt: skip
        return delivery_id


def _added(connection: Connection, project_id: int, values: dict[str, Any], now: datetime) -> int:
    there = sa.select(sa.func.count()).where(
        deliveries.c.project_id == project_id, deliveries.c.removed_at.is_(None)
    )
    if (connection.scalar(there) or 0) >= _MOST:
        raise BadInput(f"A project can have {_MOST} reports. Remove one first; nothing was saved.")
    new = {"project_id": project_id, "created_at": now, "paused": False, "webhook": "", "last_state": "",
           "last_result": ""}  # fmt: skip
    query = sa.insert(deliveries).values(**new, **values).returning(deliveries.c.id)
    return int(connection.scalar(query) or 0)


def _changed(
    connection: Connection, project_id: int, delivery_id: int, content: Content, values: dict[str, Any]
) -> None:
    known = read(connection, project_id, delivery_id)
    same = (known.content.view_id, known.content.metric, known.content.line)
    if same == (content.view_id, content.metric, content.line):
        values = {name: value for name, value in values.items() if name != "holds"}
    write(connection, project_id, delivery_id, **values)
    _drop_waiting(connection, project_id, delivery_id, "The report was changed before this was sent.")


def _keep_webhook(
    connection: Connection, project_id: int, delivery_id: int, content: Content, webhook: str, shown: str
) -> None:
    """The address goes into the vault; that of a report that became a mail is forgotten."""
    known = read(connection, project_id, delivery_id).secret_id
    if content.kind == "mail":
        write(connection, project_id, delivery_id, secret_id=None, webhook="")
        if known is not None:
            vault.remove(connection, known)
    elif webhook and known is not None:
        vault.replace(connection, known, owner(delivery_id), webhook.encode())
        write(connection, project_id, delivery_id, webhook=shown)
    elif webhook:
        made = vault.put(connection, owner(delivery_id), project_id, webhook.encode())
        write(connection, project_id, delivery_id, secret_id=made, webhook=shown)
    elif known is None:
        raise BadInput("Paste the webhook's address. The report was not saved.")


def owner(delivery_id: int) -> str:
    """Whose the webhook's address is, to the vault."""
    return f"delivery:{delivery_id}"


def write(connection: Connection, project_id: int, delivery_id: int, **values: Any) -> None:
    """Set columns. Raises NotFound."""
    d = deliveries.c
    query = sa.update(deliveries).where(d.project_id == project_id, d.id == delivery_id)
    if connection.execute(query.values(**values)).rowcount == 0:
        raise NotFound(_NOTHING)


def _drop_waiting(connection: Connection, project_id: int, delivery_id: int, why: str) -> None:
    r = delivery_runs.c
    waiting = sa.update(delivery_runs).where(
        r.project_id == project_id, r.delivery_id == delivery_id, r.state == "waiting"
    )
    connection.execute(waiting.values(state="dropped", finished_at=datetime.now(UTC), detail=why))


def _act(person: Person, project_id: int, delivery_id: int, action: str, **values: Any) -> None:
    with enter(person, project_id, Action.EDIT_ANALYSIS) as connection:
        d = deliveries.c
        there = d.removed_at.is_not(None) if action == "restore_report" else d.removed_at.is_(None)
        found = find(connection, project_id, d.id == delivery_id, there)
        if not found:
            raise NotFound(_NOTHING)
        if "removed_at" in values or "paused" in values:
            _drop_waiting(
                connection, project_id, delivery_id, "The report was paused or removed before this was sent."
            )
        if values.get("paused") is False or action == "restore_report":
            zone = projects.time_zone(connection, project_id)
            values |= {"next_at": found[0].content.timetable.next(datetime.now(UTC), zone)}
        write(connection, project_id, delivery_id, **values)
        name = found[0].content.name
        audit.record(connection, who=person, action=action, subject=name, project_id=project_id)


def pause(person: Person, project_id: int, delivery_id: int, on: bool) -> None:
    """Send a report no longer by itself, or again from its next time on; what was missed is not made up for."""
    _act(person, project_id, delivery_id, "pause_report" if on else "resume_report", paused=on)


def remove(person: Person, project_id: int, delivery_id: int) -> None:
    """Take a report away; `restore` brings it back."""
    _act(person, project_id, delivery_id, "remove_report", removed_at=datetime.now(UTC))


def restore(person: Person, project_id: int, delivery_id: int) -> None:
    """Bring a removed report back."""
    _act(person, project_id, delivery_id, "restore_report", removed_at=None)


def ask(person: Person, project_id: int, delivery_id: int) -> int:
    """Have a report sent now as a test, whatever its condition: a mail to the person alone, a post to the webhook.
    The id of the run, which a sidecar takes up."""
    now = datetime.now(UTC)
    with enter(person, project_id, Action.EDIT_ANALYSIS) as connection:
        one = read(connection, project_id, delivery_id)
        values = {
            "project_id": project_id, "delivery_id": delivery_id, "planned_at": now, "is_test": True,
            "to_address": person.email if one.content.kind == "mail" else "", "state": "waiting", "attempts": 0,
            "not_before": now, "sent_to": 0, "detail": "",
        }  # fmt: skip
        made = connection.scalar(sa.insert(delivery_runs).values(values).returning(delivery_runs.c.id))
        audit.record(
            connection, who=person, action="try_report", subject=one.content.name, project_id=project_id
        )
        return int(made or 0)
