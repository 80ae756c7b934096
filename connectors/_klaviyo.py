"""Klaviyo's answers: counts by day as rows, entities, cursors. See klaviyo.py."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

from connectors._base import Entity, Row, Status
from connectors._values import inside, listed, text
from errors import UnexpectedAnswer

LOOSE = "none"
"""Stands for events that Klaviyo ties to no message."""
_STATES: Mapping[str, Status] = {
    "draft": "draft", "sent": "ended", "variations sent": "ended", "live": "active", "manual": "paused",
}  # fmt: skip


@dataclass(frozen=True)
class Events:
    """One of Klaviyo's metrics: its names over time, and what counts and people become."""

    names: tuple[str, ...]
    counted: str
    people: str = ""


EVENTS = (
    Events(("Received Email",), "delivered"),
    Events(("Bounced Email",), "bounces"),
    Events(("Opened Email",), "opens", "unique_opens"),
    Events(("Clicked Email",), "email_clicks", "unique_clicks"),
    Events(("Unsubscribed from Email Marketing", "Unsubscribed"), "unsubscribes"),
    Events(("Marked Email as Spam",), "spam_complaints"),
)
CHECKED = ("delivered", "opens", "email_clicks")
Figures = dict[tuple[date, str], Row]


def row_of(rows: Figures, day: date, message: str, flow: str) -> Row:
    """The row of a message on a day, made when first asked for."""
    key = (day, message or LOOSE)
    if key not in rows:
        rows[key] = {"day": day, "entity": message or LOOSE, **({"campaign": flow} if flow else {})}
    return rows[key]


def add(row: Row, name: str, amount: int | Decimal) -> None:
    """Adds to a figure: a message may come in several groups."""
    row[name] = row.get(name, 0) + amount


def complete(rows: Figures, converts: bool) -> None:
    """What did not happen is 0, as the account measures it."""
    zeros = dict.fromkeys([name for kind in EVENTS for name in (kind.counted, kind.people) if name], 0)
    zeros |= {"conversions": 0, "conversion_value": 0} if converts else {}
    for row in rows.values():
        for name in zeros:
            row.setdefault(name, 0)
        row["sent"] = row["delivered"] + row["bounces"]


def days_of(
    group: Any, days: list[date], measured: list[str]
) -> Iterator[tuple[date, str, str, dict[str, Any]]]:
    """Day, message, flow and measurements of a group, whose series stand beside the days."""
    message, flow = ([*(text(each or "", "dimensions") for each in listed(group, "dimensions")), "", ""])[:2]
    series = [listed(group, "measurements", name) for name in measured]
    if any(len(values) != len(days) for values in series):
        raise UnexpectedAnswer("Klaviyo's counts do not fit their days. Nothing of this answer was stored.")
    for day, *values in zip(days, *series, strict=True):
        yield day, message, flow, dict(zip(measured, values, strict=True))


def entity_of(level: str, each: Any) -> Entity:
    """A campaign or a flow."""
    held, key = inside(each, "attributes"), text(inside(each, "id"), "id")
    state = str(held.get("status") or "").lower()
    status: Status = _STATES.get(
        state, "ended" if state.startswith("cancelled") else "active" if state else ""
    )
    return Entity(
        level, key, str(held.get("name") or key), None, "removed" if held.get("archived") else status
    )


def campaign_of(each: Any) -> Iterator[Entity]:
    """A campaign, by its own id and by those of its messages: events name one or the other."""
    campaign = entity_of("email", each)
    yield campaign
    held = (each.get("relationships") or {}).get("campaign-messages") or {}
    for message in held.get("data") or []:
        key = text(inside(message, "id"), "campaign-messages.id")
        if key != campaign.key:
            yield replace(campaign, key=key)


def rank_of(metric: Any) -> int:
    """0 for Klaviyo's own and a shop's, 1 for the API's."""
    name = (inside(metric, "attributes").get("integration") or {}).get("name")
    return 1 if str(name).upper() == "API" else 0


def next_cursor(answer: Any) -> str | None:
    """The cursor in the link to the next page, None on the last one."""
    links = answer.get("links") if isinstance(answer, dict) else None
    link = links.get("next") if isinstance(links, dict) else None
    if not link:
        return None
    query = parse_qs(urlsplit(str(link)).query)
    found = query.get("page_cursor") or query.get("page[cursor]")
    return found[0] if found else str(link)


def instant(at: datetime) -> str:
    """A time as filters want it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")
