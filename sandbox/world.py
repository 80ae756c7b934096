"""The world that all stand-ins answer from: one business, one clock, the same figures whenever asked.

A day's final figures depend on the seed and the day alone, so history never changes because today moved.
What a platform shows of a day depends on the clock too: see `sandbox.maturity`. The clock ticks in hours
for figures (pages of one report agree with each other) and to the second for tokens and orders.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

import numpy as np

from sandbox import catalogue, chance, maturity
from sandbox.accounts import AdAccount

SHOP_ZONE = "Europe/Berlin"
EURO = {"EUR": 1.0, "USD": 1.09, "GBP": 0.855, "SEK": 11.3}
"""Units of each currency for one euro: rough, and the same on all days."""


class World:
    """One simulated business. `now` is asked for the time at every question, so a test moves the clock by
    moving what it returns; `start` is the first day that has figures; `scale` is "small" or "large".

    Worlds of the same seed, start and scale are equal, whatever their clocks: they share their history, so what
    is cached by world must not depend on `now`."""

    def __init__(
        self,
        seed: int = 7,
        now: Callable[[], datetime] | None = None,
        start: date = catalogue.START,
        scale: str = "small",
    ) -> None:
        if scale not in {"small", "large"}:
            raise ValueError(f'The scale is "small" or "large", not {scale!r}.')
        self.seed = seed
        self.start = start
        self.scale = scale
        self._clock = now or (lambda: datetime.now(UTC))
        self.demand: Callable[[date], float] = lru_cache(4096)(self._demand)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, World) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    @cached_property
    def _key(self) -> tuple[int, date, str]:
        return self.seed, self.start, self.scale

    @property
    def now(self) -> datetime:
        """The time in this world, aware, UTC."""
        return self._clock().astimezone(UTC)

    def today(self, zone: str) -> date:
        """The day that it is in a time zone."""
        return self.now.astimezone(ZoneInfo(zone)).date()

    @cached_property
    def accounts(self) -> tuple[AdAccount, ...]:
        """Every ad account of every platform."""
        return catalogue.build(self.scale)

    def account(self, platform: str, account_id: str) -> AdAccount | None:
        """The ad account of that id, or None."""
        return next((a for a in self.accounts if a.platform == platform and a.id == account_id), None)

    def of(self, platform: str) -> tuple[AdAccount, ...]:
        """The ad accounts of one platform."""
        return tuple(account for account in self.accounts if account.platform == platform)

    def chance(self, *words: object) -> np.random.Generator:
        """A source of chance for one question of this world."""
        return chance.source(self.seed, *words)

    def _demand(self, day: date) -> float:
        """How much people want to buy on that day, about 1: growth, week, year, Black Friday, noise."""
        years = (day - catalogue.START).days / 365
        growth = 0.72 + 0.14 * min(years, 6)
        week = (1.04, 1.0, 0.98, 0.97, 0.93, 0.98, 1.12)[day.weekday()]
        year = 1 + 0.22 * float(np.cos(2 * np.pi * (day.timetuple().tm_yday - 335) / 365))
        sale = 1.7 if day.month == 11 and 22 <= day.day <= 30 else 1.0
        return growth * week * year * sale * float(self.chance("demand", day).normal(1.0, 0.05))

    def hours_since(self, day: date, zone: str) -> int:
        """Whole hours since that day began in that zone; 0 or less before it."""
        began = datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
        return int((self.now - began) // timedelta(hours=1))

    def part(self, platform: str, family: str, day: date, zone: str) -> float:
        """How much of the day's final figures that platform shows now: see `sandbox.maturity`."""
        if day < self.start:
            return 0.0
        return maturity.part(platform, family, self.hours_since(day, zone))
