"""GA4's report fields over the world's sessions: which there are, how cells become rows.

Sessions, page views and revenue add up; users don't: a row of several cells has fewer than their sum. Events
are told apart only where `eventName` is asked for; the key event is `purchase`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sandbox import visits
from sandbox.traffic import Source
from sandbox.visits import Cell
from sandbox.world import World

EVENTS = ("session_start", "first_visit", "page_view", "user_engagement", "add_to_cart", "begin_checkout",
          "purchase", "scroll")  # fmt: skip
METRICS = {
    "sessions": "TYPE_INTEGER", "engagedSessions": "TYPE_INTEGER", "totalUsers": "TYPE_INTEGER",
    "activeUsers": "TYPE_INTEGER", "newUsers": "TYPE_INTEGER", "screenPageViews": "TYPE_INTEGER",
    "eventCount": "TYPE_INTEGER", "keyEvents": "TYPE_FLOAT", "addToCarts": "TYPE_INTEGER",
    "checkouts": "TYPE_INTEGER", "ecommercePurchases": "TYPE_INTEGER", "transactions": "TYPE_INTEGER",
    "purchaseRevenue": "TYPE_CURRENCY", "totalRevenue": "TYPE_CURRENCY", "refundAmount": "TYPE_CURRENCY",
    "engagementRate": "TYPE_FLOAT", "bounceRate": "TYPE_FLOAT",
}  # fmt: skip
_OVERLAP = 0.9
_UNTAGGED = {"Organic Search": "(organic)", "Direct": "(direct)", "Referral": "(referral)"}


@dataclass(frozen=True)
class Event:
    """A cell on a day, or one kind of its events or transactions."""

    day: date
    cell: Cell
    name: str = ""
    count: int = 0
    transaction: tuple[str, int] | None = None


def _campaign(source: Source) -> str:
    return source.campaign or _UNTAGGED.get(source.channel, "(not set)")


DIMENSIONS: dict[str, Callable[[Event], str]] = {
    "date": lambda e: e.day.strftime("%Y%m%d"),
    "sessionSource": lambda e: e.cell.source.source,
    "sessionMedium": lambda e: e.cell.source.medium,
    "sessionSourceMedium": lambda e: f"{e.cell.source.source} / {e.cell.source.medium}",
    "sessionCampaignName": lambda e: _campaign(e.cell.source),
    "sessionDefaultChannelGroup": lambda e: e.cell.source.channel,
    "firstUserSource": lambda e: e.cell.first.source,
    "firstUserMedium": lambda e: e.cell.first.medium,
    "firstUserSourceMedium": lambda e: f"{e.cell.first.source} / {e.cell.first.medium}",
    "firstUserCampaignName": lambda e: _campaign(e.cell.first),
    "firstUserDefaultChannelGroup": lambda e: e.cell.first.channel,
    "deviceCategory": lambda e: e.cell.device,
    "country": lambda e: visits.COUNTRY_NAMES[e.cell.country],
    "countryId": lambda e: e.cell.country,
    "landingPage": lambda e: e.cell.landing,
    "landingPagePlusQueryString": lambda e: e.cell.landing,
    "eventName": lambda e: e.name,
    "transactionId": lambda e: e.transaction[0] if e.transaction else "(not set)",
}
"""Dimension → its value for an event."""


def events(world: World, days: list[date], dimensions: list[str]) -> Iterator[Event]:
    """What a report is made of: cells, or their events, or their transactions where a dimension needs them."""
    for day in days:
        for cell in visits.day(world, day):
            if "transactionId" in dimensions:
                yield from (Event(day, cell, "purchase", 1, one) for one in cell.transactions)
            elif "eventName" in dimensions:
                yield from (Event(day, cell, name, count) for name, count in _named(cell) if count)
            else:
                yield Event(day, cell)


def _named(cell: Cell) -> list[tuple[str, int]]:
    counts = (cell.sessions, cell.new_users, cell.page_views, cell.engaged, cell.add_to_carts, cell.checkouts,
              cell.purchases)  # fmt: skip
    return list(zip(EVENTS, (*counts, max(cell.events - sum(counts), 0)), strict=True))


class Sums:
    """The figures of one row."""

    def __init__(self) -> None:
        self.cells = self.sessions = self.engaged = self.users = self.new_users = self.page_views = 0
        self.events = self.carts = self.checkouts = self.purchases = self.revenue = 0

    def add(self, event: Event) -> None:
        """One more cell, event or transaction."""
        cell, share = event.cell, event.count
        self.cells += 1
        self.revenue += _revenue(event)
        self.purchases += share if event.name == "purchase" else 0 if event.name else cell.purchases
        if event.name:
            self.sessions += min(cell.sessions, share)
            self.engaged += min(cell.engaged, share)
            self.users += min(cell.users, share)
            self.events += share
            self.new_users += share if event.name == "first_visit" else 0
            self.page_views += share if event.name == "page_view" else 0
            self.carts += share if event.name == "add_to_cart" else 0
            self.checkouts += share if event.name == "begin_checkout" else 0
            return
        self.sessions += cell.sessions
        self.engaged += cell.engaged
        self.users += cell.users
        self.events += max(cell.events, sum(count for _, count in _named(cell)))
        self.new_users += cell.new_users
        self.page_views += cell.page_views
        self.carts += cell.add_to_carts
        self.checkouts += cell.checkouts

    def shown(self, metric: str) -> str:
        """A metric's value as text, as GA4 sends all of them."""
        people = self.users if self.cells == 1 else math.ceil(self.users * _OVERLAP)
        engaged = self.engaged / self.sessions if self.sessions else 0.0
        found: dict[str, int | str] = {
            "sessions": self.sessions, "engagedSessions": self.engaged, "totalUsers": people, "activeUsers": people,
            "newUsers": self.new_users, "screenPageViews": self.page_views, "eventCount": self.events,
            "keyEvents": self.purchases, "addToCarts": self.carts, "checkouts": self.checkouts,
            "ecommercePurchases": self.purchases, "transactions": self.purchases, "refundAmount": 0,
            "purchaseRevenue": _money(self.revenue), "totalRevenue": _money(self.revenue),
            "engagementRate": f"{engaged:.6g}", "bounceRate": f"{1 - engaged:.6g}",
        }  # fmt: skip
        return str(found[metric])


def _revenue(event: Event) -> int:
    if event.transaction:
        return event.transaction[1]
    return event.cell.revenue if event.name in {"", "purchase"} else 0


def _money(cents: int) -> str:
    whole, rest = divmod(cents, 100)
    return f"{whole}.{rest:02d}".rstrip("0").rstrip(".") if rest else str(whole)


def fits(event: Event, expression: Any) -> bool:
    """Whether a dimensionFilter lets an event through. KeyError for a field or filter that there is not."""
    if not expression:
        return True
    if "andGroup" in expression:
        return all(fits(event, each) for each in expression["andGroup"]["expressions"])
    if "orGroup" in expression:
        return any(fits(event, each) for each in expression["orGroup"]["expressions"])
    if "notExpression" in expression:
        return not fits(event, expression["notExpression"])
    wanted = expression["filter"]
    value = DIMENSIONS[wanted["fieldName"]](event)
    if "inListFilter" in wanted:
        return value in wanted["inListFilter"]["values"]
    text = wanted["stringFilter"]
    if not text.get("caseSensitive"):
        value, text = value.lower(), {**text, "value": text["value"].lower()}
    tests: dict[str, Callable[[], bool]] = {
        "EXACT": lambda: value == text["value"],
        "BEGINS_WITH": lambda: value.startswith(text["value"]),
        "ENDS_WITH": lambda: value.endswith(text["value"]),
        "CONTAINS": lambda: text["value"] in value,
    }
    return tests[text.get("matchType", "EXACT")]()
