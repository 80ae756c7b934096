"""The ad accounts of "Harbour & Pine" and what runs in them: campaigns, groups, ads, and how these change.

Everything is tied to absolute days: a campaign that was renamed on 12 October 2026 was renamed on that day
whenever one asks. Names and states are therefore functions of the day on which the platform is asked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Window = tuple[date, date | None]
"""First and last day of delivery; None: until further notice."""
FAR = date(2199, 12, 31).toordinal()


@dataclass(frozen=True)
class Campaign:
    """A campaign. `kind` is the family of its objective (search, shopping, pmax, sales, traffic, catalogue);
    a `pmax` campaign has groups of assets, but no ads."""

    id: str
    first_name: str
    kind: str
    created: date
    windows: tuple[Window, ...]
    budget_cents: int
    renamed: tuple[tuple[date, str], ...] = ()
    removed: date | None = None

    def name(self, day: date) -> str:
        """What it is called on that day."""
        found = self.first_name
        for since, name in self.renamed:
            if day >= since:
                found = name
        return found

    def state(self, day: date) -> str:
        """active, paused or removed on that day."""
        if self.removed and day >= self.removed:
            return "removed"
        runs = any(first <= day and (last is None or day <= last) for first, last in self.windows)
        return "active" if runs else "paused"


@dataclass(frozen=True)
class Group:
    """An ad group, ad set or asset group: its campaign's place in the account's list."""

    id: str
    name: str
    campaign: int


@dataclass(frozen=True)
class Ad:
    """An ad: its group's place in the account's list."""

    id: str
    name: str
    group: int


@dataclass(frozen=True)
class Unit:
    """The smallest thing that delivers: an ad, or a whole asset group. `part` of the account's money goes
    to it; `ad` is -1 where it serves above ad level."""

    campaign: int
    group: int
    ad: int
    part: float
    cpm: float
    ctr: float
    cvr: float


@dataclass(frozen=True, eq=False)
class AdAccount:
    """An advertising account. `daily_spend` and `order_value` are in its currency; `claim` is how many
    conversions the platform claims for each order that it really brought."""

    platform: str
    id: str
    name: str
    currency: str
    timezone: str
    country: str
    daily_spend: float
    order_value: float
    claim: float
    utm: tuple[str, str]
    manager: str | None = None
    campaigns: tuple[Campaign, ...] = ()
    groups: tuple[Group, ...] = ()
    ads: tuple[Ad, ...] = ()
    units: tuple[Unit, ...] = field(default=(), repr=False)

    @cached_property
    def campaign_of(self) -> NDArray[np.int64]:
        """Each unit's campaign, by place; ascending."""
        return np.array([unit.campaign for unit in self.units], dtype=np.int64)

    @cached_property
    def group_of(self) -> NDArray[np.int64]:
        """Each unit's group, by place; ascending."""
        return np.array([unit.group for unit in self.units], dtype=np.int64)

    @cached_property
    def ad_of(self) -> NDArray[np.int64]:
        """Each unit's ad, by place; -1 where it has none."""
        return np.array([unit.ad for unit in self.units], dtype=np.int64)

    @cached_property
    def _bounds(self) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        longest = max(len(campaign.windows) for campaign in self.campaigns)
        found = []
        for n in range(longest):
            first = [c.windows[n][0].toordinal() if n < len(c.windows) else FAR for c in self.campaigns]
            last = [
                (c.windows[n][1] or date.max).toordinal() if n < len(c.windows) else 0 for c in self.campaigns
            ]
            found.append((np.array(first)[self.campaign_of], np.array(last)[self.campaign_of]))
        return found

    def running(self, day: date) -> NDArray[np.bool_]:
        """Which units deliver on that day."""
        n = day.toordinal()
        found = np.zeros(len(self.units), dtype=bool)
        for first, last in self._bounds:
            found |= (first <= n) & (n <= last)
        return found

    @cached_property
    def rates(self) -> dict[str, NDArray[np.float64]]:
        """part, cpm, ctr and cvr of each unit."""
        return {
            name: np.array([getattr(unit, name) for unit in self.units])
            for name in ("part", "cpm", "ctr", "cvr")
        }
