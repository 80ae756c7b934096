"""The invented business "Harbour & Pine": a shop for outdoor goods in several countries.

Everything follows from a seed and the day it ends, so two runs yield the same figures. Demand has a
growth, a week, a year and a Black Friday; advertising brings sessions, sessions bring orders, and the
platforms claim more orders than there were, as they do.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

DAYS = 548
"""Eighteen months."""
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class AdGroup:
    """One ad group of a campaign: its part of the campaign's money and how its people behave."""

    campaign: str
    name: str
    ads: tuple[str, ...]
    part: float
    cpm: float
    ctr: float
    cvr: float


@dataclass(frozen=True)
class AdAccount:
    """An advertising account. `daily_spend` is in `currency` at the end of the period; `claim` is how many
    conversions the platform claims for each one that it really brought."""

    platform: str
    name: str
    currency: str
    daily_spend: float
    order_value: float
    claim: float
    groups: tuple[AdGroup, ...]


ACCOUNTS: dict[str, AdAccount] = {
    account.platform: account
    for account in (
        AdAccount(
            "google_ads",
            "Harbour & Pine DE",
            "EUR",
            420.0,
            78.0,
            1.15,
            (
                AdGroup("DE | Search | Brand", "Brand exact", ("Brand headline A",), 0.12, 26.0, 0.11, 0.085),
                AdGroup(
                    "DE | Search | Generic",
                    "Rain jackets",
                    ("Rain jacket A", "Rain jacket B"),
                    0.26,
                    31.0,
                    0.045,
                    0.024,
                ),
                AdGroup("DE | Search | Generic", "Camping stoves", ("Stove A",), 0.18, 28.0, 0.05, 0.027),
                AdGroup(
                    "DE | Shopping | All products", "All products", ("Shopping",), 0.30, 12.0, 0.014, 0.021
                ),
                AdGroup("DE | Performance Max", "Asset group 1", ("Asset group 1",), 0.14, 9.0, 0.012, 0.018),
            ),
        ),
        AdAccount(
            "meta_ads",
            "Harbour & Pine US",
            "USD",
            510.0,
            85.0,
            1.6,
            (
                AdGroup(
                    "US_Prospecting_Lookalike",
                    "LAL 1% purchasers",
                    ("Video tent 15s", "Carousel autumn"),
                    0.38,
                    11.5,
                    0.013,
                    0.012,
                ),
                AdGroup(
                    "US_Prospecting_Broad",
                    "Broad 25-54",
                    ("UGC hike", "Static offer"),
                    0.30,
                    8.5,
                    0.010,
                    0.009,
                ),
                AdGroup(
                    "US_Retargeting", "Visitors 30 days", ("Dynamic products",), 0.20, 16.0, 0.018, 0.034
                ),
                AdGroup("US_Retargeting", "Cart abandoners", ("Reminder 10%",), 0.12, 19.0, 0.022, 0.051),
            ),
        ),
        AdAccount(
            "tiktok_ads",
            "Harbour & Pine UK",
            "GBP",
            160.0,
            62.0,
            1.35,
            (
                AdGroup(
                    "UK Spark Ads",
                    "Outdoor interest",
                    ("Spark waterfall", "Spark campfire"),
                    0.6,
                    4.2,
                    0.009,
                    0.007,
                ),
                AdGroup("UK Video Shopping", "Catalogue", ("Shop video 1",), 0.4, 5.1, 0.011, 0.010),
            ),
        ),
        AdAccount(
            "pinterest_ads",
            "Harbour & Pine SE",
            "SEK",
            950.0,
            790.0,
            1.25,
            (
                AdGroup(
                    "SE Consideration", "Cabin life", ("Pin cabin 1", "Pin cabin 2"), 0.55, 38.0, 0.008, 0.008
                ),
                AdGroup("SE Catalogue", "Best sellers", ("Pin catalogue",), 0.45, 46.0, 0.010, 0.014),
            ),
        ),
    )
}

EURO = {"EUR": 1.0, "USD": 1.09, "GBP": 0.855, "SEK": 11.3}
"""Rough rates, only to size the shop's orders; reports use the ECB's."""


@dataclass(frozen=True)
class AdRow:
    """One ad on one day, as the platform reports it; money in cents of the account's currency."""

    day: date
    group: AdGroup
    ad: str
    impressions: int
    clicks: int
    spend_cents: int
    conversions: int
    value_cents: int
    reach: int


class Business:
    """The business up to and including `last`. Same seed and day, same business."""

    def __init__(self, last: date, seed: int = 7, days: int = DAYS) -> None:
        self.days = [last - timedelta(days=days - 1 - n) for n in range(days)]
        self._seed = seed
        self.demand = self._demand()

    def _random(self, *what: str) -> np.random.Generator:
        words = [int.from_bytes(text.encode()[:8].ljust(8, b"."), "big") for text in what]
        return np.random.default_rng([self._seed, self.days[-1].toordinal(), *words])

    def _demand(self) -> Floats:
        n = np.arange(len(self.days))
        growth = 0.72 + 0.28 * n / len(n)
        week = np.array([[1.04, 1.0, 0.98, 0.97, 0.93, 0.98, 1.12][day.weekday()] for day in self.days])
        year = np.array(
            [1 + 0.22 * np.cos(2 * np.pi * (day.timetuple().tm_yday - 335) / 365) for day in self.days]
        )
        sale = np.array([1.7 if day.month == 11 and 22 <= day.day <= 30 else 1.0 for day in self.days])
        noise = self._random("demand").normal(1.0, 0.05, len(n))
        return np.asarray(growth * week * year * sale * noise, dtype=np.float64)

    def ads(self, platform: str) -> list[AdRow]:
        """All ads of a platform by day, oldest day first."""
        account = ACCOUNTS[platform]
        rows: list[AdRow] = []
        for group in account.groups:
            for k, ad in enumerate(group.ads):
                rows += self._ad(account, group, ad, [0.6, 0.4][k] if len(group.ads) == 2 else 1.0)
        return sorted(rows, key=lambda row: row.day)

    def _ad(self, account: AdAccount, group: AdGroup, ad: str, part: float) -> list[AdRow]:
        random = self._random(account.platform, group.name, ad)
        n = len(self.days)
        spend = (
            account.daily_spend * group.part * part * self.demand * random.normal(1, 0.08, n).clip(0.4, 1.8)
        )
        impressions = (spend / group.cpm * 1000 * random.normal(1, 0.06, n).clip(0.6, 1.4)).astype(int)
        clicks = random.binomial(impressions, group.ctr)
        conversions = random.binomial(clicks, min(group.cvr * account.claim, 1.0))
        values = conversions * account.order_value * random.normal(1, 0.07, n).clip(0.7, 1.3)
        reach = (impressions / random.uniform(1.15, 1.9, n)).astype(int)
        return [
            AdRow(
                day,
                group,
                ad,
                int(impressions[k]),
                int(clicks[k]),
                round(float(spend[k]) * 100),
                int(conversions[k]),
                round(float(values[k]) * 100),
                int(reach[k]),
            )
            for k, day in enumerate(self.days)
        ]

    def sessions(self) -> dict[str, NDArray[np.int64]]:
        """Web sessions by default channel group and day; for six days in the middle the tag is broken."""
        base = {
            "Organic Search": 610,
            "Direct": 380,
            "Paid Search": 520,
            "Paid Social": 690,
            "Email": 210,
            "Organic Social": 150,
            "Referral": 95,
            "Unassigned": 40,
        }
        broken = slice(len(self.days) - 80, len(self.days) - 74)
        found = {}
        for name, size in base.items():
            values = self._random("web", name).poisson(size * self.demand)
            values[broken] = values[broken] // 25
            found[name] = values
        return found

    def order_counts(self) -> NDArray[np.int64]:
        """Orders of the shop by day."""
        return self._random("orders").poisson(46 * self.demand)

    def random(self, name: str) -> np.random.Generator:
        """A source of chance for one export, the same on every run."""
        return self._random("export", name)
