"""Sessions of the shop's website as web analytics counts them, by source, device and country.

Sessions follow from the day's sources; purchases are the shop's own orders, as far as analytics saw them.
The cells are complete (no thresholds); users are counted in each cell, so they don't add up to people.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

import numpy as np

from sandbox import orders, traffic
from sandbox.traffic import COUNTRIES, DEVICE_PARTS, DEVICES, Source
from sandbox.world import SHOP_ZONE, World

COUNTRY_NAMES = {"DE": "Germany", "US": "United States", "GB": "United Kingdom", "SE": "Sweden"}
LANDING = ("/", "/collections/jackets", "/products/pine-stove", "/products/harbour-lantern")


@dataclass(frozen=True, slots=True)
class Cell:
    """Sessions of one day that share source, device, country (ISO code) and the user's first source.
    Revenue and refunds in cents; `transactions` are order names with their cents."""

    source: Source
    first: Source
    device: str
    country: str
    landing: str
    sessions: int
    engaged: int
    users: int
    new_users: int
    page_views: int
    events: int
    add_to_carts: int
    checkouts: int
    purchases: int
    revenue: int
    transactions: tuple[tuple[str, int], ...]


@lru_cache(400)
def final(world: World, day: date) -> tuple[Cell, ...]:
    """The whole day, cell by cell."""
    random = world.chance("sessions", day)
    sources = traffic.day(world, day)
    bought = _bought(world, day)
    organic = next((source for source in sources if source.channel == "Organic Search"), None)
    found = []
    for n, source in enumerate(sources):
        parts = np.outer(DEVICE_PARTS, source.countries).ravel()
        counts = random.multinomial(source.visits, parts / parts.sum())
        again = random.binomial(counts, 0.22)
        for k, (device, country) in enumerate((d, c) for d in DEVICES for c in COUNTRIES):
            done = bought.get((n, device, country), ())
            split = ((source, int(counts[k] - again[k]), done), (organic or source, int(again[k]), ()))
            for first, sessions, transactions in split:
                if sessions or transactions:
                    found.append(_cell(random, source, first, device, country, sessions, transactions))
    return tuple(found)


def _bought(world: World, day: date) -> dict[tuple[int, str, str], tuple[tuple[str, int], ...]]:
    """Transactions that analytics saw, by place of the source, device and country."""
    found: dict[tuple[int, str, str], tuple[tuple[str, int], ...]] = {}
    plan = orders.sketch(world, day)
    for n, order in enumerate(orders.final(world, day)):
        if order.measured and not order.test:
            key = (int(plan.source[n]), order.device, order.country)
            found[key] = (*found.get(key, ()), (f"#{order.number}", order.total))
    return found


def _cell(
    random: np.random.Generator,
    source: Source,
    first: Source,
    device: str,
    country: str,
    sessions: int,
    transactions: tuple[tuple[str, int], ...],
) -> Cell:
    count = max(sessions, len(transactions))
    engaged = max(int(random.binomial(count, 0.58)), len(transactions))
    carts = max(int(random.binomial(count, 0.07)), len(transactions))
    new = int(random.binomial(count, 0.66)) if first is source else 0
    return Cell(
        source, first, device, country, LANDING[int(random.integers(0, len(LANDING)))], count, engaged,
        max(int(count * 0.94), 1), new, count + int(random.poisson(engaged * 2.6)), count * 4 + engaged * 5, carts,
        max(carts // 2, len(transactions)), len(transactions), sum(cents for _, cents in transactions), transactions,
    )  # fmt: skip


def day(world: World, day: date, zone: str = SHOP_ZONE) -> list[Cell]:
    """The day as it shows now: it fills over 48 hours, purchases over 72. Cells without sessions are left out."""
    if day < world.start or world.hours_since(day, zone) <= 0:
        return []
    part, claimed = world.part("ga4", "delivery", day, zone), world.part("ga4", "conversions", day, zone)
    if part >= 1 and claimed >= 1:
        return list(final(world, day))
    return [cell for cell in (_partial(cell, part, claimed) for cell in final(world, day)) if cell.sessions]


def _partial(cell: Cell, part: float, claimed: float) -> Cell:
    known = cell.transactions[: round(len(cell.transactions) * claimed)]
    return replace(
        cell,
        sessions=max(int(cell.sessions * part), len(known)),
        engaged=int(cell.engaged * part),
        users=int(cell.users * part),
        new_users=int(cell.new_users * part),
        page_views=int(cell.page_views * part),
        events=int(cell.events * part),
        add_to_carts=int(cell.add_to_carts * part),
        checkouts=int(cell.checkouts * part),
        purchases=len(known),
        revenue=sum(cents for _, cents in known),
        transactions=known,
    )
