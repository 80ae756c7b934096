"""Klaviyo's metrics over the world's e-mails and orders: events by day and attribute, statistics by message.

An e-mail's events of a day stand at noon of the shop's zone. `$message` is the campaign's id for campaigns, the
message's own for flows; an order is attributed to the e-mail that its last visit came from.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from sandbox import emails, orders
from sandbox.emails import Message, MessageDay
from sandbox.world import SHOP_ZONE, World

PLACED = "RhPord"
METRICS: dict[str, tuple[str, str, str]] = {
    "RhPrcv": ("Received Email", "Klaviyo", "Internal"),
    "RhPbnc": ("Bounced Email", "Klaviyo", "Internal"),
    "RhPopn": ("Opened Email", "Klaviyo", "Internal"),
    "RhPclk": ("Clicked Email", "Klaviyo", "Internal"),
    "RhPuns": ("Unsubscribed from Email Marketing", "Klaviyo", "Internal"),
    "RhPspm": ("Marked Email as Spam", "Klaviyo", "Internal"),
    PLACED: ("Placed Order", "Shopify", "eCommerce"),
}
"""Id → name, integration and its category."""
BY = {
    "$message", "$flow", "$campaign_channel", "$flow_channel", "$attributed_message", "$attributed_flow",
    "$attributed_channel", "Campaign Name", "Subject", "Message Name", "$value_currency",
}  # fmt: skip
STATISTICS = {
    "recipients", "delivered", "delivery_rate", "opens", "opens_unique", "open_rate", "clicks", "clicks_unique",
    "click_rate", "click_to_open_rate", "bounced", "bounce_rate", "unsubscribes", "unsubscribe_uniques",
    "unsubscribe_rate", "spam_complaints", "spam_complaint_rate", "conversions", "conversion_uniques",
    "conversion_rate", "conversion_value", "average_order_value", "revenue_per_recipient", "failed", "failed_rate",
}  # fmt: skip
_ZONE = ZoneInfo(SHOP_ZONE)


@dataclass(frozen=True)
class Happened:
    """Events of one metric at one moment with the same attributes."""

    at: datetime
    about: dict[str, str]
    count: int
    unique: int
    cents: int = 0


def key(message: Message) -> str:
    """What `$message` holds."""
    return message.parent_id if message.kind == "campaign" else message.id


@lru_cache(4096)
def _about(message: Message) -> dict[str, str]:
    campaign = message.kind == "campaign"
    return {
        "$message": key(message), "$flow": "" if campaign else message.parent_id,
        "$campaign_channel": "email" if campaign else "", "$flow_channel": "" if campaign else "email",
        "Campaign Name": message.parent_name if campaign else "", "Subject": message.subject,
        "Message Name": message.name,
    }  # fmt: skip


def _counts(metric: str, row: MessageDay) -> tuple[int, int]:
    delivered = row.received - row.bounced
    return {
        "RhPrcv": (delivered, delivered), "RhPbnc": (row.bounced, row.bounced), "RhPopn": (row.opened, row.opened_unique),
        "RhPclk": (row.clicked, row.clicked_unique), "RhPuns": (row.unsubscribed, row.unsubscribed),
        "RhPspm": (row.spam, row.spam),
    }[metric]  # fmt: skip


def happened(world: World, metric: str, first: date, last: date) -> Iterator[Happened]:
    """The metric's events on these days of the shop's zone."""
    if metric == PLACED:
        yield from _placed(world, first, last)
        return
    for day in _days(world, first, last):
        noon = datetime.combine(day, time(12), _ZONE)
        for row in emails.day(world, day):
            count, unique = _counts(metric, row)
            if count:
                yield Happened(noon, _about(row.message), count, unique)


def _days(world: World, first: date, last: date) -> Iterator[date]:
    day = max(first, world.start)
    while day <= min(last, world.today(SHOP_ZONE)):
        yield day
        day += timedelta(days=1)


def _placed(world: World, first: date, last: date) -> Iterator[Happened]:
    known = messages(world)
    for order in orders.seen(world, first, last):
        if order.test:
            continue
        message = known.get(order.last.source.message_id) if order.last else None
        about = {
            "$value_currency": "EUR",
            "$attributed_message": "",
            "$attributed_flow": "",
            "$attributed_channel": "",
        }
        if message:
            flow = "" if message.kind == "campaign" else message.parent_id
            about |= {
                "$attributed_message": key(message),
                "$attributed_flow": flow,
                "$attributed_channel": "email",
            }
        yield Happened(order.created_at, about, 1, 1, order.total)


def messages(world: World) -> dict[str, Message]:
    """Every message that there is, by its id."""
    flows = [message for message, _ in emails.flow_messages()]
    return {message.id: message for message in (*emails.campaigns(world), *flows)}


def statistics(world: World, kind: str, first: date, last: date) -> dict[Message, dict[str, float]]:
    """Counts by message: campaigns that were sent on these days over their whole life, flows by what happened."""
    found: dict[Message, dict[str, float]] = {}
    wide = last + timedelta(days=len(emails.TRICKLE)) if kind == "campaign" else last
    sent = {
        message.id: message for message in messages(world).values()
        if message.kind == kind and (not message.sent_at or first <= message.sent_at.date() <= last)
    }  # fmt: skip
    for day in _days(world, first, wide):
        for row in emails.day(world, day):
            if row.message.id in sent:
                _add(found.setdefault(row.message, {}), row)
    by_key = {key(message): message for message in sent.values()}
    for event in _placed(world, first, wide):
        message = by_key.get(event.about["$attributed_message"])
        if message in found:
            held = found[message]
            held["conversions"] = held.get("conversions", 0) + 1
            held["conversion_value"] = round(held.get("conversion_value", 0) + event.cents / 100, 2)
    return found


def _add(held: dict[str, float], row: MessageDay) -> None:
    for name, value in (
        ("recipients", row.received), ("delivered", row.received - row.bounced), ("bounced", row.bounced),
        ("opens", row.opened), ("opens_unique", row.opened_unique), ("clicks", row.clicked),
        ("clicks_unique", row.clicked_unique), ("unsubscribes", row.unsubscribed),
        ("unsubscribe_uniques", row.unsubscribed), ("spam_complaints", row.spam),
    ):  # fmt: skip
        held[name] = held.get(name, 0) + value


_RATES = {
    "delivery_rate": ("delivered", "recipients"), "open_rate": ("opens_unique", "delivered"),
    "click_rate": ("clicks_unique", "delivered"), "click_to_open_rate": ("clicks_unique", "opens_unique"),
    "bounce_rate": ("bounced", "recipients"), "unsubscribe_rate": ("unsubscribe_uniques", "delivered"),
    "spam_complaint_rate": ("spam_complaints", "delivered"), "conversion_rate": ("conversions", "delivered"),
    "average_order_value": ("conversion_value", "conversions"), "revenue_per_recipient": ("conversion_value", "recipients"),
}  # fmt: skip


def shown(held: dict[str, float], name: str) -> float:
    """One statistic; rates are fractions."""
    if name in _RATES:
        top, bottom = (held.get(each, 0) for each in _RATES[name])
        return round(top / bottom, 10) if bottom else 0.0
    if name == "conversion_uniques":
        name = "conversions"
    return float(held.get(name, 0))
