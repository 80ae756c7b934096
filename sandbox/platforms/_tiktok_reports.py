"""TikTok's integrated report: dimensions and metrics, every value a text, in one page of at most 1,000 rows.

BASIC and AUDIENCE reports of auction campaigns. Deleted campaigns, ad groups and ads have rows only with the filter STATUS_ALL.
`complete_payment` are the web purchases; `total_complete_payment_rate` is their total value, whatever it is
called; ratios are percentages with two decimals.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sandbox import delivery
from sandbox.accounts import AdAccount, Campaign
from sandbox.world import World

LEVELS = {
    "AUCTION_ADVERTISER": ("account", "advertiser_id"),
    "AUCTION_CAMPAIGN": ("campaign", "campaign_id"),
    "AUCTION_ADGROUP": ("group", "adgroup_id"),
    "AUCTION_AD": ("ad", "ad_id"),
}
_COUNTS = {
    "impressions": "impressions", "clicks": "clicks", "reach": "reach", "video_play_actions": "video_plays",
    "video_watched_2s": "video_2s", "video_watched_6s": "video_6s", "video_views_p25": "video_p25",
    "video_views_p50": "video_p50", "video_views_p75": "video_p75", "video_views_p100": "video_p100",
    "likes": "likes", "comments": "comments", "shares": "shares", "follows": "follows",
    "profile_visits": "profile_visits", "registration": "registrations",
}  # fmt: skip
_HUNDREDTHS = ("conversion", "real_time_conversion", "result", "complete_payment")
_MONEY = {"spend": "spend", "cash_spend": "spend", "total_complete_payment_rate": "value"}
_RATES: dict[str, tuple[str, str, float]] = {
    "ctr": ("clicks", "impressions", 100), "cpc": ("spend", "clicks", 0.01), "cpm": ("spend", "impressions", 10),
    "frequency": ("impressions", "reach", 1), "cost_per_1000_reached": ("spend", "reach", 10),
    "cost_per_conversion": ("spend", "conversions", 1), "cost_per_result": ("spend", "conversions", 1),
    "conversion_rate": ("conversions", "clicks", 1), "value_per_complete_payment": ("value", "conversions", 1),
    "complete_payment_roas": ("value", "spend", 1),
}  # fmt: skip
_NOTHING = ("voucher_spend", "purchase", "total_purchase_value", "onsite_shopping", "total_onsite_shopping_value",
            "app_install", "sales_lead", "vta_conversion", "cta_conversion", "vta_purchase", "cta_purchase",
            "total_pageview")  # fmt: skip
_AVERAGES = {"average_video_play": "4.21", "average_video_play_per_user": "5.02"}
ATTRIBUTES = (
    "campaign_name",
    "campaign_id",
    "adgroup_name",
    "adgroup_id",
    "ad_name",
    "currency",
    "objective_type",
)
METRICS = {*_COUNTS, *_HUNDREDTHS, *_MONEY, *_RATES, *_NOTHING, *_AVERAGES, *ATTRIBUTES}
OBJECTIVES = {"sales": "PRODUCT_SALES", "traffic": "TRAFFIC", "awareness": "REACH"}


AUDIENCE: dict[str, tuple[tuple[str, float], ...]] = {
    "country_code": (("GB", 0.95), ("IE", 0.05)),
    "age": (
        ("AGE_18_24", 0.41),
        ("AGE_25_34", 0.33),
        ("AGE_35_44", 0.16),
        ("AGE_45_54", 0.07),
        ("AGE_55_100", 0.03),
    ),
    "gender": (("FEMALE", 0.56), ("MALE", 0.42), ("NONE", 0.02)),
    "platform": (("IPHONE", 0.52), ("ANDROID", 0.47), ("IPAD", 0.01)),
}
"""Dimensions of AUDIENCE reports, and about how their values share the whole."""


@dataclass(frozen=True)
class Wanted:
    """What a report was asked for; `days` have one row each if `daily`; `audience` are its own dimensions."""

    level: str
    id_name: str
    metrics: list[str]
    days: list[date]
    daily: bool
    deleted: bool
    ids: frozenset[str] | None
    audience: tuple[str, ...] = ()


def rows(world: World, account: AdAccount, wanted: Wanted) -> Iterator[dict[str, Any]]:
    """The rows, oldest day first."""
    if wanted.daily:
        for day in wanted.days:
            figures = _listed(delivery.rolled(world, account, wanted.level, day))
            yield from _rows(world, account, wanted, figures, f"{day} 00:00:00")
        return
    total: dict[int, dict[str, int]] = {}
    for day in wanted.days:
        for place, values in _listed(delivery.rolled(world, account, wanted.level, day)):
            into = total.setdefault(place, dict.fromkeys(values, 0))
            for name, value in values.items():
                into[name] += value
    yield from _rows(world, account, wanted, sorted(total.items()), None)


def _listed(rolled: delivery.Rolled) -> list[tuple[int, dict[str, int]]]:
    names = list(rolled.figures)
    columns = (values.tolist() for values in rolled.figures.values())
    return [(place, dict(zip(names, values, strict=True)))
            for place, *values in zip(rolled.places.tolist(), *columns, strict=True)]  # fmt: skip


def _rows(
    world: World,
    account: AdAccount,
    wanted: Wanted,
    figures: list[tuple[int, dict[str, int]]],
    stamp: str | None,
) -> Iterator[dict[str, Any]]:
    today = world.today(account.timezone)
    for place, values in figures:
        attributes, campaign = about(account, wanted.level, place, today)
        gone = campaign is not None and campaign.state(today) == "removed"
        key = attributes.get(wanted.id_name, account.id)
        if (gone and not wanted.deleted) or (wanted.ids is not None and key not in wanted.ids):
            continue
        dimensions = {wanted.id_name: key} | ({"stat_time_day": stamp} if stamp else {})
        for own, part in _parts(values, wanted.audience):
            if part["impressions"]:
                metrics = {name: str(_value(name, part, attributes)) for name in wanted.metrics}
                yield {"dimensions": dimensions | own, "metrics": metrics}


def _parts(values: dict[str, int], audience: tuple[str, ...]) -> list[tuple[dict[str, str], dict[str, int]]]:
    """The figures by the audience's values: parts that add up to the whole."""
    found: list[tuple[dict[str, str], dict[str, int]]] = [({}, values)]
    for name in audience:
        (first, _), *others = AUDIENCE[name]
        split = []
        for about, whole in found:
            left = dict(whole)
            for value, share in others:
                part = {key: _share(key, count, share) for key, count in whole.items()}
                left = {key: count - part[key] for key, count in left.items()}
                split.append((about | {name: value}, part))
            split.append((about | {name: first}, left))
        found = split
    return found


def _share(name: str, count: int, share: float) -> int:
    """A part of a count; of conversions whole ones."""
    step = 100 if name == "conversions" else 1
    return int(count // step * share) * step


def about(account: AdAccount, level: str, place: int, today: date) -> tuple[dict[str, str], Campaign | None]:
    """Ids and names of an entity and those above it, and its campaign."""
    found = {"currency": account.currency, "advertiser_id": account.id}
    if level == "account":
        return found, None
    ad = account.ads[place] if level == "ad" else None
    group = account.groups[ad.group if ad else place] if level != "campaign" else None
    campaign = account.campaigns[group.campaign if group else place]
    found |= {"campaign_id": campaign.id, "campaign_name": campaign.name(today)}
    found["objective_type"] = OBJECTIVES.get(campaign.kind, "TRAFFIC")
    if group:
        found |= {"adgroup_id": group.id, "adgroup_name": group.name}
    if ad:
        found |= {"ad_id": ad.id, "ad_name": ad.name}
    return found, campaign


def _value(name: str, values: dict[str, int], attributes: dict[str, str]) -> object:
    if name in ATTRIBUTES:
        return attributes.get(name, "-")
    if name in _COUNTS:
        return values[_COUNTS[name]]
    if name in _HUNDREDTHS:
        return values["conversions"] // 100
    if name in _MONEY:
        cents = values[_MONEY[name]]
        return f"{cents // 100}.{cents % 100:02d}"
    if name in _RATES:
        top, bottom, factor = _RATES[name]
        return f"{values[top] * factor / values[bottom]:.2f}" if values[bottom] else "0.00"
    return _AVERAGES.get(name, "0")
