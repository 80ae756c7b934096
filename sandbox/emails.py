"""The newsletter and the automatic e-mails: who received, opened and clicked what on which day.

Two campaigns a week at eight in the shop's zone, whose opens and clicks trickle in over six days, and three
flows. Events belong to the day on which they happen, so past days don't change; orders that follow them
are in `sandbox.orders` (the last visit's `message_id`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np

from sandbox import maturity
from sandbox.world import SHOP_ZONE, World

TRICKLE = (0.62, 0.2, 0.08, 0.05, 0.03, 0.02)
"""Parts of a campaign's opens and clicks on the day that it was sent and the five after it."""
_BASE36 = "0123456789ABCDEFGHJKMNPQRSTVWXYZabcd"


@dataclass(frozen=True)
class Message:
    """One e-mail: a campaign's only message or one of a flow's. `parent_id` is the campaign or flow."""

    id: str
    parent_id: str
    parent_name: str
    name: str
    subject: str
    kind: str
    sent_at: datetime | None = None


@dataclass(frozen=True)
class MessageDay:
    """What happened with one message on one day (shop's zone). Counts; `unique` ones count a person once
    in the message's life."""

    message: Message
    received: int
    bounced: int
    opened: int
    opened_unique: int
    clicked: int
    clicked_unique: int
    unsubscribed: int
    spam: int


FLOWS: tuple[tuple[str, str, tuple[tuple[str, int], ...]], ...] = (
    ("Fl0wWc", "Welcome series", (("Welcome", 60), ("Our favourites", 48))),
    ("Fl0wCt", "Abandoned cart", (("Still interested?", 75), ("Your cart waits", 55))),
    ("Fl0wPp", "Post-purchase", (("How was it?", 45),)),
)
"""Id, name and messages (with e-mails a day) of each flow."""


def _code(kind: str, number: int) -> str:
    text = ""
    while number or len(text) < 8:
        number, rest = divmod(number, 32)
        text = _BASE36[rest] + text
    return kind + text


@lru_cache(2048)
def campaign_of(day: date) -> Message | None:
    """The campaign that goes out on that day: Tuesdays and Fridays, otherwise None."""
    if day.weekday() not in {1, 4}:
        return None
    n = day.toordinal()
    title = "Tuesday tips" if day.weekday() == 1 else "Weekend offer"
    at = datetime.combine(day, time(8), ZoneInfo(SHOP_ZONE))
    subject = ("Out and about", "Rain is no excuse", "New in the shop", "Pack for the weekend")[n % 4]
    return Message(_code("01M", n), _code("01C", n), f"{day} {title}", title, subject, "campaign", at)


def campaigns(world: World) -> list[Message]:
    """Every campaign that was sent until now, oldest first."""
    days = (world.today(SHOP_ZONE) - world.start).days
    found = [campaign_of(world.start + timedelta(days=n)) for n in range(days + 1)]
    return [message for message in found if message and message.sent_at and message.sent_at <= world.now]


@lru_cache(1)
def flow_messages() -> tuple[tuple[Message, int], ...]:
    """Every message of every flow, with how many go out on an average day."""
    return tuple(
        (Message(f"{flow}{n}", flow, name, title, title, "flow"), size)
        for flow, name, messages in FLOWS
        for n, (title, size) in enumerate(messages, 1)
    )


@lru_cache(1024)
def _life(world: World, sent: date) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """A campaign's counts by day since it was sent: 6 rows, columns as in `MessageDay`."""
    random = world.chance("campaign", sent)
    total = int(7_000 + (sent - world.start).days * 9 + random.integers(0, 600))
    bounced = int(random.binomial(total, 0.006))
    opened = int(random.binomial(total - bounced, 0.41))
    clicked = int(random.binomial(total - bounced, 0.021))
    table = np.zeros((6, 8), dtype=np.int64)
    table[0, 0], table[0, 1] = total, bounced
    for column, count in ((3, opened), (5, clicked), (6, int(random.binomial(opened, 0.0028)))):
        table[:, column] = random.multinomial(count, TRICKLE)
    table[:, 2] = (table[:, 3] * 1.4).astype(np.int64)
    table[:, 4] = (table[:, 5] * 1.3).astype(np.int64)
    table[0, 7] = random.binomial(opened, 0.0002)
    return table


def _flow_day(world: World, message: Message, size: int, day: date) -> list[int]:
    random = world.chance("flow", message.id, day)
    received = int(random.poisson(size * world.demand(day)))
    bounced = int(random.binomial(received, 0.004))
    opened = int(random.binomial(received - bounced, 0.52))
    clicked = int(random.binomial(opened, 0.13))
    return [received, bounced, int(opened * 1.3), opened, int(clicked * 1.2), clicked,
            int(random.binomial(opened, 0.004)), int(random.binomial(opened, 0.0002))]  # fmt: skip


@lru_cache(1024)
def final(world: World, day: date) -> tuple[MessageDay, ...]:
    """The whole day, message by message."""
    if day < world.start:
        return ()
    found = []
    for age in range(len(TRICKLE)):
        message = campaign_of(day - timedelta(days=age))
        if message and day - timedelta(days=age) >= world.start:
            counts = _life(world, day - timedelta(days=age))[age]
            found.append(MessageDay(message, *(int(n) for n in counts)))
    found += [MessageDay(m, *_flow_day(world, m, size, day)) for m, size in flow_messages()]
    return tuple(found)


def day(world: World, day: date) -> list[MessageDay]:
    """The day as it shows now: all of it once it is over, a growing part of it today."""
    hours = world.hours_since(day, SHOP_ZONE)
    if hours >= 24:
        return list(final(world, day))
    part = float(maturity.HOURS[max(hours, 0)] / maturity.HOURS[24])
    found = []
    for row in final(world, day):
        if row.message.sent_at and row.message.sent_at > world.now:
            continue
        counts = [row.opened, row.opened_unique, row.clicked, row.clicked_unique, row.unsubscribed, row.spam]
        all_out = row.message.kind == "campaign"
        sent = [n if all_out else int(n * part) for n in (row.received, row.bounced)]
        found.append(MessageDay(row.message, *sent, *(int(n * part) for n in counts)))
    return [row for row in found if row.received or row.opened or row.clicked]
