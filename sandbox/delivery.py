"""What the ads delivered: final figures by unit and day, what shows of them now, and sums by level.

Figures are whole numbers: counts, cents of the account's currency, hundredths of a conversion. Sums over
units are exact at every level, except for reach, which counts people and is therefore no sum.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sandbox import chance, maturity
from sandbox.accounts import AdAccount
from sandbox.world import World

Ints = NDArray[np.int64]
Figures = dict[str, Ints]
LEVELS = ("account", "campaign", "group", "ad")

DERIVED: dict[str, dict[str, tuple[str, float]]] = {
    "google_ads": {
        "view_through_conversions": ("impressions", 0.0004),
        "all_conversions_hundredths": ("conversions", 1.22),
        "all_value_cents": ("value", 1.09),
    },
    "meta_ads": {
        "link_clicks": ("clicks", 0.78),
        "outbound_clicks": ("clicks", 0.69),
        "landing_page_views": ("clicks", 0.61),
        "add_to_cart": ("clicks", 0.07),
        "initiate_checkout": ("clicks", 0.035),
        "post_reactions": ("impressions", 0.0021),
        "comments": ("impressions", 0.0002),
        "shares": ("impressions", 0.0003),
        "saves": ("impressions", 0.0004),
        "video_plays": ("impressions", 0.55),
        "video_3s": ("impressions", 0.24),
        "video_30s": ("impressions", 0.04),
        "thruplays": ("impressions", 0.07),
        "video_p25": ("impressions", 0.17),
        "video_p50": ("impressions", 0.11),
        "video_p75": ("impressions", 0.07),
        "video_p100": ("impressions", 0.04),
        "purchases_1d_view": ("conversions", 0.2),
        "value_1d_view": ("value", 0.2),
    },
    "tiktok_ads": {
        "video_plays": ("impressions", 0.95),
        "video_2s": ("impressions", 0.42),
        "video_6s": ("impressions", 0.19),
        "video_p25": ("impressions", 0.3),
        "video_p50": ("impressions", 0.16),
        "video_p75": ("impressions", 0.1),
        "video_p100": ("impressions", 0.06),
        "likes": ("impressions", 0.012),
        "comments": ("impressions", 0.0006),
        "shares": ("impressions", 0.0005),
        "follows": ("impressions", 0.0004),
        "profile_visits": ("impressions", 0.001),
        "registrations": ("clicks", 0.02),
    },
    "pinterest_ads": {
        "earned_impressions": ("impressions", 0.06),
        "saves": ("impressions", 0.006),
        "pin_clicks": ("impressions", 0.019),
        "add_to_cart": ("clicks", 0.08),
        "video_3s": ("impressions", 0.16),
        "video_mrc": ("impressions", 0.21),
        "video_p100": ("impressions", 0.03),
        "view_conversions": ("conversions", 0.3),
    },
}
"""Metrics that follow from another one, as (metric, about how much of it); each unit has its own part."""

OVERLAP = {"ad": 1.0, "group": 0.93, "campaign": 0.88, "account": 0.71}
"""People that are reached by several ads: reach of a level as part of its units' sum."""


@dataclass(frozen=True)
class Rolled:
    """One day of an account at one level: places of the entities that delivered, and their figures."""

    places: Ints
    figures: Figures


@lru_cache(256)
def _parts(seed: int, account: AdAccount) -> dict[str, NDArray[np.float64]]:
    """Each unit's own part for every derived metric, and how often it shows to one person."""
    random = chance.source(seed, "parts", account.platform, account.id)
    size = len(account.units)
    found = {
        name: ratio * random.uniform(0.85, 1.15, size)
        for name, (_, ratio) in DERIVED[account.platform].items()
    }
    found["frequency"] = random.uniform(1.15, 1.9, size)
    return found


@lru_cache(160)
def final(world: World, account: AdAccount, day: date) -> Figures:
    """The day's final figures by unit: impressions, clicks, spend and value in cents, conversions in
    hundredths. They depend on the seed and the day only."""
    random = world.chance("ads", account.platform, account.id, day)
    rates, size = account.rates, len(account.units)
    noise = random.normal(1, 0.08, (4, size)).clip(0.5, 1.6)
    wanted = account.daily_spend * rates["part"] * world.demand(day) * account.running(day) * noise[0]
    impressions = (wanted / rates["cpm"] * 1000 * noise[1]).astype(np.int64)
    clicks = random.binomial(impressions, rates["ctr"])
    spend = np.where(impressions > 0, np.rint(wanted * 100), 0).astype(np.int64)
    conversions = random.binomial(clicks, np.minimum(rates["cvr"] * account.claim, 1)) * 100
    if account.platform == "google_ads":
        conversions = np.maximum(conversions - 25 * random.integers(0, 4, size), 0)
    value = np.rint(conversions * account.order_value * noise[2].clip(0.7, 1.3)).astype(np.int64)
    return {
        "impressions": impressions,
        "clicks": clicks,
        "spend": spend,
        "conversions": conversions,
        "value": value,
    }


def credited(world: World, account: AdAccount, day: date) -> bool:
    """Whether invalid clicks of that day are credited some days later."""
    return chance.number(world.seed, "credit", account.id, day) % 1000 < maturity.CREDIT_CHANCE * 1000


@lru_cache(16)
def _seen(world: World, account: AdAccount, day: date, hours: int) -> Figures:
    whole = final(world, account, day)
    delivery = maturity.part(account.platform, "delivery", hours)
    claimed = maturity.part(account.platform, "conversions", hours)
    if hours < maturity.CREDIT_FROM and credited(world, account, day):
        delivery *= 1 + maturity.CREDIT_SIZE
    found = {name: (whole[name] * delivery).astype(np.int64) for name in ("impressions", "clicks", "spend")}
    step = 1 if account.platform == "google_ads" else 100
    found["conversions"] = (whole["conversions"] * claimed / step).astype(np.int64) * step
    value = whole["value"] * found["conversions"] // np.maximum(whole["conversions"], 1)
    found["value"] = np.where(found["conversions"] == whole["conversions"], whole["value"], value)
    parts = _parts(world.seed, account)
    for name, (base, _) in DERIVED[account.platform].items():
        unit = 100 if base == "conversions" and name != "all_conversions_hundredths" else 1
        found[name] = (found[base] * parts[name] / unit).astype(np.int64)
    found["reach"] = np.ceil(found["impressions"] / parts["frequency"]).astype(np.int64)
    return found


def seen(world: World, account: AdAccount, day: date) -> Figures:
    """The day's figures by unit as the platform shows them now: the five of `final`, those of `DERIVED`,
    and reach. Nothing before the world began or in the future."""
    hours = world.hours_since(day, account.timezone)
    if day < world.start or hours <= 0:
        hours = 0
    return _seen(world, account, day, min(hours, maturity.final_after(account.platform)))


@lru_cache(96)
def _rolled(world: World, account: AdAccount, level: str, day: date, hours: int) -> Rolled:
    figures = _seen(world, account, day, hours)
    if level == "ad":
        keep = np.flatnonzero((account.ad_of >= 0) & (figures["impressions"] > 0))
        return Rolled(account.ad_of[keep], {name: values[keep] for name, values in figures.items()})
    if level == "account":
        places = np.zeros(len(account.units), dtype=np.int64)
    else:
        places = account.campaign_of if level == "campaign" else account.group_of
    starts = np.flatnonzero(np.r_[True, places[1:] != places[:-1]])
    sums = {name: np.add.reduceat(values, starts) for name, values in figures.items()}
    sums["reach"] = np.ceil(sums["reach"] * OVERLAP[level]).astype(np.int64)
    keep = np.flatnonzero(sums["impressions"] > 0)
    return Rolled(places[starts][keep], {name: values[keep] for name, values in sums.items()})


def rolled(world: World, account: AdAccount, level: str, day: date) -> Rolled:
    """The day at a level (account, campaign, group, ad) as it shows now, without entities that did not
    deliver. What serves above ad level is missing at ad level: campaigns are more than the sum of ads."""
    hours = world.hours_since(day, account.timezone)
    if day < world.start or hours <= 0:
        hours = 0
    return _rolled(world, account, level, day, min(hours, maturity.final_after(account.platform)))
