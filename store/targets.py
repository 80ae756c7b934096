"""Targets: what a metric shall reach in a period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from analytics import metrics
from analytics.metrics import Kind
from errors import BadInput, NotFound
from store import audit
from store.access import Action, Person, enter, reading
from store.models import targets

LONGEST_NAME = 80
_LONGEST = timedelta(days=366 * 3)
_LARGEST = Decimal(10) ** 15
_KEPT = timedelta(days=30)


def can_be_set(slug: str) -> bool:
    """Whether a metric can have a target: counts of people over a period cannot be followed day by day."""
    found = metrics.REGISTRY.get(slug)
    if found is None:
        return False
    people = any(
        metrics.metric(part).kind is Kind.DISTINCT and part != "new_customers" for part in metrics.parts(slug)
    )
    return not people and slug != "position_weighted"


@dataclass(frozen=True)
class Content:
    """What a target says. `value` of a percentage is a part (0.025 for 2.5 %); `currency` is that of money.

    Raises BadInput, saying what is wrong.
    """

    name: str
    metric: str
    channel: str
    first: date
    last: date
    value: Decimal
    currency: str = ""

    def __post_init__(self) -> None:
        if not can_be_set(self.metric):
            raise BadInput("This metric cannot have a target. Choose another; the target was not saved.")
        found = metrics.metric(self.metric)
        name = " ".join(self.name.split()) or found.label
        object.__setattr__(self, "name", name)
        if len(name) > LONGEST_NAME or "\0" in name or len(self.channel) > 200:
            raise BadInput(f"A target's name has at most {LONGEST_NAME} characters. It was not saved.")
        if self.last < self.first:
            raise BadInput("The target ends before it begins. Pick the first day first; it was not saved.")
        if self.last - self.first >= _LONGEST:
            raise BadInput("A target can run three years at most. It was not saved.")
        if not self.value.is_finite() or not 0 < self.value < _LARGEST:
            raise BadInput("A target must be above zero. It was not saved.")
        money = found.unit == "money"
        if money != bool(self.currency) or (
            money and not (len(self.currency) == 3 and self.currency.isalpha())
        ):
            raise BadInput("A target of money needs a currency, and others none. It was not saved.")


@dataclass(frozen=True)
class Target:
    """A target with its number."""

    id: int
    content: Content


def _read(connection: Connection, project_id: int, *where: sa.ColumnElement[bool]) -> list[Target]:
    t = targets.c
    query = (
        sa.select(t.id, t.name, t.metric, t.channel, t.first, t.last, t.value, t.currency)
        .where(t.project_id == project_id, *where)
        .order_by(t.last.desc(), t.first, t.id)
        .limit(200)
    )
    found = []
    for row in connection.execute(query):
        if can_be_set(row.metric):  # a metric of an older version may be gone
            found.append(Target(row.id, Content(*row[1:7], row.currency.strip())))
    return found


def listed(person: Person, project_id: int) -> list[Target]:
    """All targets, those that end last first."""
    with reading(person, project_id) as connection:
        return _read(connection, project_id, targets.c.removed_at.is_(None))


def covering(person: Person, project_id: int, first: date, last: date) -> list[Target]:
    """Targets that run on any of these days."""
    t = targets.c
    with reading(person, project_id) as connection:
        return _read(connection, project_id, t.removed_at.is_(None), t.first <= last, t.last >= first)


def removed(person: Person, project_id: int) -> list[Target]:
    """Targets that can be brought back: removed in the last 30 days."""
    with reading(person, project_id) as connection:
        return _read(connection, project_id, targets.c.removed_at > datetime.now(UTC) - _KEPT)


def _said(content: Content) -> dict[str, Any]:
    return {
        "metric": content.metric, "channel": content.channel, "from": content.first.isoformat(),
        "to": content.last.isoformat(), "value": str(content.value), "currency": content.currency,
    }  # fmt: skip


def add(person: Person, project_id: int, content: Content) -> int:
    """Set a target; its id. Raises NotAllowed for a viewer, NotFound for a stranger."""
    with enter(person, project_id, Action.EDIT_ANALYSIS) as connection:
        values = {"project_id": project_id, "person_id": person.id, "at": datetime.now(UTC)}
        query = sa.insert(targets).values(**values, **vars(content)).returning(targets.c.id)
        found = int(connection.scalar(query) or 0)
        audit.record(
            connection, who=person, action="add_target", subject=content.name, project_id=project_id,
            details=_said(content),
        )  # fmt: skip
        return found


def _change(
    person: Person, project_id: int, target_id: int, action: str, details: dict[str, Any], **values: Any
) -> None:
    with enter(person, project_id, Action.EDIT_ANALYSIS) as connection:
        t = targets.c
        query = sa.update(targets).where(t.project_id == project_id, t.id == target_id)
        name = connection.scalar(query.values(**values).returning(t.name))
        if name is None:
            raise NotFound("That target is not there (any more).")
        audit.record(
            connection, who=person, action=action, subject=name, project_id=project_id, details=details
        )


def change(person: Person, project_id: int, target_id: int, content: Content) -> None:
    """Set a target anew. Raises as `add`, and NotFound for no such target."""
    written = {"person_id": person.id, "at": datetime.now(UTC)}
    _change(person, project_id, target_id, "change_target", _said(content), **vars(content), **written)


def remove(person: Person, project_id: int, target_id: int) -> None:
    """Take a target away; `restore` brings it back."""
    _change(person, project_id, target_id, "remove_target", {}, removed_at=datetime.now(UTC))


def restore(person: Person, project_id: int, target_id: int) -> None:
    """Bring a removed target back."""
    _change(person, project_id, target_id, "restore_target", {}, removed_at=None)
