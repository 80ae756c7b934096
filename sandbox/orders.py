"""The shop's orders: who bought what, after which visits, what was refunded later.

Money is in cents of the shop's currency (EUR). An order knows its whole future; `seen` cuts off what has not
happened yet at the world's time. Times are UTC; a day is one of the shop's zone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from sandbox import maturity, traffic
from sandbox.traffic import COUNTRIES, DEVICE_PARTS, DEVICES, Source
from sandbox.world import SHOP_ZONE, World

PRODUCTS = (
    ("Fjord rain jacket", "FJ-100", 12_900, "Jackets"),
    ("Pine stove", "PS-200", 6_450, "Cooking"),
    ("Harbour lantern", "HL-300", 3_900, "Light"),
    ("Dry bag 20 l", "DB-400", 2_490, "Bags"),
    ("Wool beanie", "WB-500", 1_990, "Clothing"),
)
CURRENCIES = {"DE": "EUR", "US": "USD", "GB": "GBP", "SE": "SEK"}
LOCALES = {"DE": "de", "US": "en-US", "GB": "en-GB", "SE": "sv"}
FIRST_NUMBER = 1_000
_PER_DAY = 10_000
"""Room for one day's orders, so that a number never depends on other days."""


@dataclass(frozen=True)
class Line:
    """One line: `total` is after its part of the discount."""

    id: int
    title: str
    sku: str
    kind: str
    product: int
    quantity: int
    original: int
    total: int


@dataclass(frozen=True)
class Refund:
    """Money given back at one time, for these lines (line id, quantity, cents)."""

    id: int
    at: datetime
    cents: int
    lines: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True)
class Visit:
    """One visit of the journey that led to an order."""

    id: int
    at: datetime
    source: Source
    content: str | None


@dataclass(frozen=True)
class Order:
    """One order. `first` and `last` are None where no visit is known (consent refused). `measured`: web
    analytics saw the purchase. Taxes are included in the total."""

    id: int
    number: int
    created_at: datetime
    customer: int
    index: int
    country: str
    device: str
    lines: tuple[Line, ...]
    discount: int
    code: str | None
    shipping: int
    tax: int
    total: int
    test: bool
    first: Visit | None
    last: Visit | None
    visits: int
    measured: bool
    ready_at: datetime
    fulfilled_at: datetime | None
    cancelled_at: datetime | None
    refunds: tuple[Refund, ...]

    @property
    def updated_at(self) -> datetime:
        """When it last changed."""
        events = [self.created_at, self.fulfilled_at, self.cancelled_at, *(r.at for r in self.refunds)]
        return max(event for event in events if event)

    @property
    def refunded(self) -> int:
        """Cents given back until now."""
        return sum(refund.cents for refund in self.refunds)


@dataclass(frozen=True)
class Sketch:
    """A day's orders before their details: cheap, for all days. Minutes ascend."""

    sources: tuple[Source, ...]
    source: NDArray[np.int64]
    minute: NDArray[np.int64]
    customer: NDArray[np.int64]
    new: NDArray[np.bool_]


@lru_cache(4096)
def sketch(world: World, day: date) -> Sketch:
    """How many orders the day has, from which sources, at which minute, of which customers."""
    random = world.chance("orders", day)
    sources = traffic.day(world, day)
    counts = random.poisson(np.array([source.orders for source in sources]) if sources else np.zeros(0))
    size = int(counts.sum())
    source = random.permutation(np.repeat(np.arange(len(sources)), counts))
    clock = np.interp(random.random(size), maturity.HOURS / maturity.HOURS[24], np.arange(25) * 60)
    new = random.random(size) < 0.64
    first = (day - world.start).days * _PER_DAY
    customer = first + np.arange(size, dtype=np.int64)
    for n in np.flatnonzero(~new):
        customer[n] = _earlier(world, random, day)
    return Sketch(sources, source, np.sort(clock.astype(np.int64)), customer, new)


def _earlier(world: World, random: np.random.Generator, day: date) -> int:
    """A customer of an earlier day; one of before the world began has a negative number."""
    back = day - timedelta(days=1 + int(random.exponential(75)))
    draw = int(random.integers(0, 1 << 30))
    if back < world.start:
        return -1 - draw % 4_000
    earlier = sketch(world, back)
    fresh = np.flatnonzero(earlier.new)
    return int(earlier.customer[fresh[draw % len(fresh)]]) if len(fresh) else -1 - draw % 4_000


@lru_cache(256)
def final(world: World, day: date) -> tuple[Order, ...]:
    """The day's orders with all that will happen to them."""
    plan = sketch(world, day)
    random = world.chance("baskets", day)
    began, ended = (
        datetime.combine(at, time(), ZoneInfo(SHOP_ZONE)).astimezone(UTC) for at in (day, day + timedelta(1))
    )
    minute = (ended - began) / 1_440  # a day on which clocks are changed has 23 or 25 hours
    return tuple(
        _order(world, random, day, n, plan, began + minute * int(plan.minute[n]))
        for n in range(len(plan.minute))
    )


def _order(
    world: World, random: np.random.Generator, day: date, n: int, plan: Sketch, minute: datetime
) -> Order:
    number = FIRST_NUMBER + (day - world.start).days * _PER_DAY + n
    source = plan.sources[plan.source[n]]
    at = minute.replace(second=0, microsecond=0) + timedelta(seconds=int(random.integers(0, 60)))
    code = "TRAIL10" if random.random() < 0.18 else None
    lines, discount = _lines(random, number, code is not None)
    goods = sum(line.total for line in lines)
    shipping = 0 if goods > 6_000 else 490
    total = goods + shipping
    first, last, visits = _journey(world, random, day, at, source, number)
    cancelled = at + timedelta(hours=2) if random.random() < 0.012 else None
    return Order(
        id=5_000_000_000_000 + number,
        number=number,
        created_at=at,
        customer=int(plan.customer[n]),
        index=_index(world, day, int(plan.customer[n]), n, bool(plan.new[n])),
        country=COUNTRIES[int(random.choice(4, p=source.countries))],
        device=DEVICES[int(random.choice(3, p=DEVICE_PARTS))],
        lines=lines,
        discount=discount,
        code=code,
        shipping=shipping,
        tax=round(total * 19 / 119),
        total=total,
        test=bool(random.random() < 0.001),
        first=first,
        last=last,
        visits=visits,
        measured=bool(random.random() < 0.92),
        ready_at=at + timedelta(hours=int(random.integers(1, 18))),
        fulfilled_at=None if cancelled else at + timedelta(hours=int(random.integers(20, 50))),
        cancelled_at=cancelled,
        refunds=_refunds(random, number, lines, total, at, cancelled),
    )


def _lines(random: np.random.Generator, number: int, reduced: bool) -> tuple[tuple[Line, ...], int]:
    count = 1 + int(random.random() > 0.62) + int(random.random() > 0.9)
    found, discount = [], 0
    for k in range(count):
        place = int(random.integers(0, len(PRODUCTS)))
        title, sku, price, kind = PRODUCTS[place]
        quantity = 1 + int(random.random() < 0.14)
        original = price * quantity
        off = original // 10 if reduced else 0
        discount += off
        found.append(Line(number * 10 + k, title, sku, kind, place + 1, quantity, original, original - off))
    return tuple(found), discount


def _refunds(
    random: np.random.Generator,
    number: int,
    lines: tuple[Line, ...],
    total: int,
    at: datetime,
    cancelled: datetime | None,
) -> tuple[Refund, ...]:
    whole = tuple((line.id, line.quantity, line.total) for line in lines)
    if cancelled:
        return (Refund(number * 10, cancelled, total, whole),)
    if random.random() >= 0.06:
        return ()
    when = at + timedelta(days=int(random.integers(3, 31)), minutes=int(random.integers(0, 600)))
    if random.random() < 0.55:
        return (Refund(number * 10, when, sum(part[2] for part in whole), whole),)
    line = lines[0]
    cents = line.total // line.quantity
    return (Refund(number * 10, when, cents, ((line.id, 1, cents),)),)


def _journey(
    world: World, random: np.random.Generator, day: date, at: datetime, source: Source, number: int
) -> tuple[Visit | None, Visit | None, int]:
    """First visit, last visit and how many there were; nothing for those who refused."""
    if random.random() < 0.07:
        return None, None, 0
    last = Visit(
        number * 2 + 1, at - timedelta(minutes=int(random.integers(2, 40))), source, _content(random, source)
    )
    back = int(random.exponential(5))
    if random.random() < 0.45 or back == 0 or day - timedelta(days=back) < world.start:
        return replace(last, id=number * 2), last, 1
    earlier = traffic.day(world, day - timedelta(days=back))
    weights = np.array([origin.visits for origin in earlier], dtype=float)
    origin = earlier[int(random.choice(len(earlier), p=weights / weights.sum()))]
    first = Visit(number * 2, at - timedelta(days=back, minutes=90), origin, _content(random, origin))
    return first, last, 2 + int(random.integers(0, 3))


def _content(random: np.random.Generator, source: Source) -> str | None:
    return source.contents[int(random.integers(0, len(source.contents)))] if source.contents else None


@lru_cache(4)
def _history(world: World, year: int) -> dict[int, list[int]]:
    """Numbers of each customer's orders in the days before that year and in it, ascending."""
    found: dict[int, list[int]] = {}
    day = world.start
    while day.year <= year:
        plan = sketch(world, day)
        first = FIRST_NUMBER + (day - world.start).days * _PER_DAY
        for n, customer in enumerate(plan.customer.tolist()):
            found.setdefault(customer, []).append(first + n)
        day += timedelta(days=1)
    return found


def _index(world: World, day: date, customer: int, n: int, new: bool) -> int:
    """The how-many-th order of its customer this is, from 1."""
    if new:
        return 1
    number = FIRST_NUMBER + (day - world.start).days * _PER_DAY + n
    return _history(world, day.year)[customer].index(number) + 1


def count(world: World, customer: int) -> int:
    """How many orders the customer has placed until now."""
    today = world.today(SHOP_ZONE)
    cut = FIRST_NUMBER + ((today - world.start).days + 1) * _PER_DAY
    return sum(1 for number in _history(world, today.year).get(customer, ()) if number < cut)


def seen(world: World, created_from: date, created_to: date) -> list[Order]:
    """The orders created on these days (both included), as they are now, oldest first."""
    found = []
    day = max(created_from, world.start)
    while day <= min(created_to, world.today(SHOP_ZONE)):
        found += [as_of(order, world.now) for order in final(world, day) if order.created_at <= world.now]
        day += timedelta(days=1)
    return found


def as_of(order: Order, now: datetime) -> Order:
    """The order without what happens to it after `now`."""
    if order.refunds or order.cancelled_at or (order.fulfilled_at and order.fulfilled_at > now):
        return replace(
            order,
            refunds=tuple(refund for refund in order.refunds if refund.at <= now),
            cancelled_at=order.cancelled_at if order.cancelled_at and order.cancelled_at <= now else None,
            fulfilled_at=order.fulfilled_at if order.fulfilled_at and order.fulfilled_at <= now else None,
        )
    return order
