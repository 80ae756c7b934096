"""Which ad accounts "Harbour & Pine" has, and what ran in them since October 2024.

The small scale is a business that one reads at a glance, with everything in its history that makes sums go
wrong: a rename, a removed campaign, a second one of the same name, seasons, pauses, Performance Max. The
large scale swaps the campaigns of two accounts for 200 with 2,000 ads, to measure speed.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import lru_cache

from sandbox.accounts import Ad, AdAccount, Campaign, Group, Unit, Window

START = date(2024, 10, 1)
Plan = list[tuple[Campaign, list[tuple[str, list[str], float, float, float, float]]]]
"""Campaigns with their groups: name, ads, part of the money, cpm, ctr, cvr."""
ALWAYS: tuple[Window, ...] = ((START, None),)
IDS = {
    "google_ads": (20_410_000_001, 158_300_000_001, 689_200_000_001),
    "meta_ads": (120_210_000_000_100_001, 120_210_000_000_200_001, 120_210_000_000_300_001),
    "tiktok_ads": (1_801_230_000_000_100_001, 1_801_230_000_000_200_001, 1_801_230_000_000_300_001),
    "pinterest_ads": (626_735_100_001, 2_680_060_100_001, 687_195_100_001),
}
"""Where the ids of campaigns, groups and ads begin; TikTok's exceed 2^53, as they do."""


def _season(name: str, kind: str, budget: int, months: tuple[int, int, int, int], year: int) -> Campaign:
    first, last = date(year, months[0], months[1]), date(year, months[2], months[3])
    return Campaign("", f"{name} {year}", kind, first, ((first, last),), budget)


def _google(years: range) -> Plan:
    plan: Plan = [
        (
            Campaign("", "DE | Search | Brand", "search", START, ALWAYS, 6_000),
            [("Brand exact", ["Brand headline A"], 0.12, 26.0, 0.11, 0.072)],
        ),
        (
            Campaign("", "DE | Search | Generic", "search", START, ALWAYS, 21_000,
                     ((date(2026, 10, 12), "DE | Search | Non-brand"),)),
            [
                ("Rain jackets", ["Rain jacket A", "Rain jacket B"], 0.26, 31.0, 0.045, 0.021),
                ("Camping stoves", ["Stove A"], 0.18, 28.0, 0.05, 0.024),
            ],
        ),
        (
            Campaign("", "DE | Shopping | All products", "shopping", START,
                     ((START, date(2026, 3, 1)), (date(2026, 3, 20), None)), 14_000),
            [("All products", ["Shopping"], 0.30, 12.0, 0.014, 0.018)],
        ),
        (
            Campaign("", "DE | Performance Max", "pmax", date(2025, 2, 3), ((date(2025, 2, 3), None),), 9_000),
            [("Asset group 1", [], 0.09, 9.0, 0.012, 0.016), ("Asset group 2", [], 0.05, 8.0, 0.011, 0.014)],
        ),
    ]  # fmt: skip
    for year in years:
        season = _season("DE | Search | Black Friday", "search", 15_000, (11, 15, 11, 30), year)
        plan.append((season, [("Deals", ["Deal A", "Deal B"], 0.2, 34.0, 0.06, 0.03)]))
    return plan


def _google_us(years: range) -> Plan:
    return [
        (
            Campaign(
                "", "US | Search | Outlet", "search", date(2025, 5, 5), ((date(2025, 5, 5), None),), 5_000
            ),
            [("Outlet", ["Outlet A", "Outlet B"], 1.0, 29.0, 0.05, 0.02)],
        )
    ]


def _meta(years: range) -> Plan:
    gone, back = date(2026, 9, 15), date(2026, 9, 18)
    groups = [
        ("Visitors 30 days", ["Dynamic products"], 0.20, 16.0, 0.018, 0.029),
        ("Cart abandoners", ["Reminder 10%"], 0.12, 19.0, 0.022, 0.043),
    ]
    plan: Plan = [
        (
            Campaign("", "US_Prospecting_Lookalike", "sales", START, ALWAYS, 20_000),
            [("LAL 1% purchasers", ["Video tent 15s", "Carousel autumn"], 0.38, 11.5, 0.013, 0.010)],
        ),
        (
            Campaign("", "US_Prospecting_Broad", "sales", START, ALWAYS, 15_000,
                     ((date(2026, 6, 8), "US_Prospecting_Advantage"),)),
            [("Broad 25-54", ["UGC hike", "Static offer"], 0.30, 8.5, 0.010, 0.008)],
        ),
        (
            Campaign("", "US_Retargeting", "sales", START, ((START, date(2026, 9, 14)),), 16_000, (), gone),
            list(groups),
        ),
        (
            Campaign("", "US_Retargeting", "sales", back, ((back, None),), 16_000),
            list(groups),
        ),
    ]  # fmt: skip
    for year in years:
        season = _season("US_Labor_Day", "sales", 12_000, (8, 25, 9, 8), year)
        plan.append((season, [("Sale", ["Sale static", "Sale video"], 0.25, 13.0, 0.015, 0.016)]))
    return plan


def _tiktok(years: range) -> Plan:
    pause: tuple[Window, ...] = ((date(2025, 1, 13), date(2026, 8, 2)), (date(2026, 8, 24), None))
    return [
        (
            Campaign("", "UK Spark Ads", "traffic", date(2025, 1, 13), pause, 9_000),
            [("Outdoor interest", ["Spark waterfall", "Spark campfire"], 0.6, 4.2, 0.009, 0.006)],
        ),
        (
            Campaign("", "UK Video Shopping", "sales", START, ALWAYS, 7_000),
            [("Catalogue", ["Shop video 1"], 0.4, 5.1, 0.011, 0.008)],
        ),
        (
            Campaign("", "UK Reach test", "awareness", date(2026, 4, 1),
                     ((date(2026, 4, 1), date(2026, 5, 31)),), 4_000, (), date(2026, 7, 1)),
            [("Reach", ["Reach video"], 0.3, 2.4, 0.004, 0.001)],
        ),
    ]  # fmt: skip


def _pinterest(years: range) -> Plan:
    plan: Plan = [
        (
            Campaign("", "SE Consideration", "traffic", START, ALWAYS, 60_000),
            [("Cabin life", ["Pin cabin 1", "Pin cabin 2"], 0.55, 38.0, 0.008, 0.007)],
        ),
        (
            Campaign("", "SE Catalogue", "catalogue", START, ALWAYS, 45_000),
            [("Best sellers", ["Pin catalogue"], 0.45, 46.0, 0.010, 0.012)],
        ),
    ]
    for year in years:
        season = _season("SE Advent", "traffic", 30_000, (11, 28, 12, 24), year)
        plan.append((season, [("Gifts", ["Pin gifts"], 0.3, 44.0, 0.009, 0.012)]))
    return plan


def _large(platform: str) -> Plan:
    """200 campaigns of two groups of five ads, all running, all alike in size."""
    return [
        (
            Campaign("", f"{platform} campaign {n:03d}", "sales", START, ALWAYS, 100_000),
            [
                (
                    f"Group {n:03d}-{g}",
                    [f"Ad {n:03d}-{g}-{a}" for a in range(5)],
                    0.0025,
                    9.0 + n % 7,
                    0.012,
                    0.011,
                )
                for g in range(2)
            ],
        )
        for n in range(200)
    ]


def _fill(account: AdAccount, plan: Plan, offset: int = 0) -> AdAccount:
    """The account with the plan's campaigns, groups and ads, numbered in the platform's way."""
    base = [first + offset for first in IDS[account.platform]]
    campaigns: list[Campaign] = []
    groups: list[Group] = []
    ads: list[Ad] = []
    units: list[Unit] = []
    for campaign, contents in plan:
        for name, titles, part, cpm, ctr, cvr in contents:
            for title in titles or [""]:
                ad = len(ads) if title else -1
                if title:
                    ads.append(Ad(str(base[2] + len(ads)), title, len(groups)))
                share = part / max(len(titles), 1)
                units.append(Unit(len(campaigns), len(groups), ad, share, cpm, ctr, cvr))
            groups.append(Group(str(base[1] + len(groups)), name, len(campaigns)))
        campaigns.append(replace(campaign, id=str(base[0] + len(campaigns))))
    return replace(
        account, campaigns=tuple(campaigns), groups=tuple(groups), ads=tuple(ads), units=tuple(units)
    )


MANAGER = "4155550100"
"""The Google Ads manager account above both accounts."""
_BARE = (
    AdAccount("google_ads", "4155550101", "Harbour & Pine DE", "EUR", "Europe/Berlin", "DE", 420.0, 78.0, 1.15,
              ("google", "cpc"), MANAGER),
    AdAccount("google_ads", "4155550102", "Harbour & Pine Outlet US", "USD", "America/New_York", "US", 60.0, 70.0,
              1.1, ("google", "cpc"), MANAGER),
    AdAccount("meta_ads", "903100220011", "Harbour & Pine US", "USD", "America/New_York", "US", 510.0, 85.0, 1.6,
              ("facebook", "paid_social")),
    AdAccount("tiktok_ads", "7302220011223344550", "Harbour & Pine UK", "GBP", "Europe/London", "GB", 160.0, 62.0,
              1.35, ("tiktok", "paid_social")),
    AdAccount("pinterest_ads", "549766220011", "Harbour & Pine SE", "SEK", "UTC", "SE", 950.0, 790.0, 1.25,
              ("pinterest", "paid_social")),
)  # fmt: skip
_PLANS = {
    "4155550101": _google,
    "4155550102": _google_us,
    "903100220011": _meta,
    "7302220011223344550": _tiktok,
    "549766220011": _pinterest,
}


@lru_cache(2)
def build(scale: str) -> tuple[AdAccount, ...]:
    """Every ad account at that scale ("small" or "large")."""
    years = range(START.year, START.year + 15)
    found = []
    for n, bare in enumerate(_BARE):
        if scale == "large" and bare.id in {"4155550101", "903100220011"}:
            found.append(_fill(replace(bare, daily_spend=24_000.0), _large(bare.platform)))
        else:
            found.append(_fill(bare, _PLANS[bare.id](years), 10_000 * n))
    return tuple(found)
