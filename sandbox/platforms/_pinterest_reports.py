"""Pinterest's analytics columns: rows by entity and day, zeros left out, days without any figure too.

Money columns say dollar and mean the account's currency. `_1` is paid, `_2` earned. Days are UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sandbox import delivery
from sandbox.accounts import AdAccount
from sandbox.world import World

LEVELS = {"ADVERTISER": "account", "CAMPAIGN": "campaign", "AD_GROUP": "group", "PIN_PROMOTION": "ad"}
ID_COLUMN = {"account": "AD_ACCOUNT_ID", "campaign": "CAMPAIGN_ID", "group": "AD_GROUP_ID", "ad": "AD_ID"}
STATES = {"active": "ACTIVE", "paused": "PAUSED", "removed": "ARCHIVED"}
_SUMS: dict[str, tuple[str, ...]] = {
    "IMPRESSION_1": ("impressions",), "PAID_IMPRESSION": ("impressions",), "IMPRESSION_2": ("earned_impressions",),
    "TOTAL_IMPRESSION": ("impressions", "earned_impressions"), "TOTAL_IMPRESSION_USER": ("reach",),
    "CLICKTHROUGH_1": ("pin_clicks",), "TOTAL_CLICKTHROUGH": ("pin_clicks",), "OUTBOUND_CLICK_1": ("clicks",),
    "REPIN_1": ("saves",), "ENGAGEMENT_1": ("saves", "pin_clicks"), "TOTAL_ENGAGEMENT": ("saves", "pin_clicks"),
    "TOTAL_ADD_TO_CART": ("add_to_cart",), "TOTAL_VIDEO_3SEC_VIEWS": ("video_3s",),
    "TOTAL_VIDEO_MRC_VIEWS": ("video_mrc",), "TOTAL_VIDEO_P100_COMPLETE": ("video_p100",),
    "TOTAL_VIEW_CHECKOUT": ("view_conversions",),
}  # fmt: skip
_ORDERS = ("TOTAL_CONVERSIONS", "TOTAL_CHECKOUT", "TOTAL_WEB_CHECKOUT")
_MICROS = {
    "SPEND_IN_MICRO_DOLLAR": "spend", "TOTAL_CONVERSIONS_VALUE_IN_MICRO_DOLLAR": "value",
    "TOTAL_CHECKOUT_VALUE_IN_MICRO_DOLLAR": "value", "TOTAL_WEB_CHECKOUT_VALUE_IN_MICRO_DOLLAR": "value",
}  # fmt: skip
_RATES = {
    "CTR": ("clicks", "impressions", 100), "CHECKOUT_ROAS": ("value", "spend", 1), "REPIN_RATE": ("saves", "impressions", 1),
    "TOTAL_IMPRESSION_FREQUENCY": ("impressions", "reach", 1),
}  # fmt: skip
_TEXTS = ("AD_ACCOUNT_ID", "ADVERTISER_ID", "CAMPAIGN_ID", "CAMPAIGN_NAME", "CAMPAIGN_ENTITY_STATUS",
          "CAMPAIGN_OBJECTIVE_TYPE", "AD_GROUP_ID", "AD_GROUP_NAME", "AD_ID", "AD_NAME")  # fmt: skip
_NOTHING = ("CLICKTHROUGH_2", "OUTBOUND_CLICK_2", "REPIN_2", "ENGAGEMENT_2", "TOTAL_SIGNUP", "TOTAL_LEAD",
            "TOTAL_PAGE_VISIT", "TOTAL_CUSTOM")  # fmt: skip
COLUMNS = {*_SUMS, *_ORDERS, *_MICROS, *_RATES, *_TEXTS, *_NOTHING, "SPEND_IN_DOLLAR"}
OBJECTIVES = {"traffic": "CONSIDERATION", "catalogue": "CATALOG_SALES"}


@dataclass(frozen=True)
class Wanted:
    """What a report was asked for; one row for all days together unless `daily`."""

    level: str
    columns: tuple[str, ...]
    days: tuple[date, ...]
    daily: bool
    ids: frozenset[str] | None


def rows(world: World, account: AdAccount, wanted: Wanted) -> dict[str, list[dict[str, Any]]]:
    """Rows by entity id, oldest day first."""
    today = world.today("UTC")
    found: dict[str, list[dict[str, Any]]] = {}
    for stamp, figures in _figures(world, account, wanted):
        for place, values in figures:
            about = describe(account, wanted.level, place, today)
            key = about[ID_COLUMN[wanted.level]]
            if wanted.ids is not None and key not in wanted.ids:
                continue
            shown = {name: _value(name, values, about) for name in wanted.columns}
            row = {name: value for name, value in shown.items() if value}
            if row:
                found.setdefault(key, []).append({ID_COLUMN[wanted.level]: key} | row | stamp)
    return found


TARGETING: dict[str, tuple[tuple[str, float], ...]] = {
    "COUNTRY": (("SE", 0.94), ("NO", 0.04), ("FI", 0.02)),
    "GENDER": (("female", 0.71), ("male", 0.22), ("unspecified", 0.07)),
    "AGE_BUCKET": (
        ("25-34", 0.36),
        ("35-44", 0.24),
        ("18-24", 0.19),
        ("45-49", 0.09),
        ("50-54", 0.07),
        ("55-64", 0.05),
    ),
    "AGE_BUCKET_AND_GENDER": (("25-34: female", 0.5), ("25-34: male", 0.14), ("35-44: female", 0.36)),
    "APPTYPE": (("iphone", 0.52), ("android_mobile", 0.33), ("web", 0.15)),
    "PLACEMENT": (("BROWSE", 0.7), ("SEARCH", 0.3)),
}
"""Types of targeting, and about how their values share the whole."""


def targeted(world: World, account: AdAccount, wanted: Wanted, kinds: list[str]) -> list[dict[str, Any]]:
    """Rows by value of each type of targeting: parts that add up to the whole."""
    today, column = world.today("UTC"), ID_COLUMN[wanted.level]
    found = []
    for stamp, figures in _figures(world, account, wanted):
        for place, values in figures:
            about = describe(account, wanted.level, place, today)
            if wanted.ids is not None and about[column] not in wanted.ids:
                continue
            for kind in kinds:
                for value, part in _split(values, TARGETING[kind]):
                    shown = {name: _value(name, part, about) for name in wanted.columns}
                    metrics = (
                        {column: int(about[column])} | {name: v for name, v in shown.items() if v} | stamp
                    )
                    if part["impressions"]:
                        found.append({"targeting_type": kind, "targeting_value": value, "metrics": metrics})
    return found


def _split(values: dict[str, int], shares: tuple[tuple[str, float], ...]) -> list[tuple[str, dict[str, int]]]:
    """The figures in parts; the first takes what rounding leaves. Conversions stay whole."""
    found, left = [], dict(values)
    for value, share in shares[1:]:
        part = {}
        for name, count in values.items():
            step = 100 if name == "conversions" else 1
            part[name] = int(count // step * share) * step
            left[name] -= part[name]
        found.append((value, part))
    return [(shares[0][0], left), *found]


def _figures(world: World, account: AdAccount, wanted: Wanted) -> list[tuple[dict[str, str], Any]]:
    """By period: its date, and each entity's figures."""
    found = []
    total: dict[int, dict[str, int]] = {}
    for day in wanted.days:
        rolled = delivery.rolled(world, account, wanted.level, day)
        names = list(rolled.figures)
        columns = zip(*(values.tolist() for values in rolled.figures.values()), strict=True)
        figures = [
            (p, dict(zip(names, values, strict=True)))
            for p, values in zip(rolled.places.tolist(), columns, strict=True)
        ]
        if wanted.daily:
            found.append(({"DATE": day.isoformat()}, figures))
            continue
        for place, values in figures:
            into = total.setdefault(place, dict.fromkeys(values, 0))
            for name, value in values.items():
                into[name] += value
    return found if wanted.daily else [({}, sorted(total.items()))]


def describe(account: AdAccount, level: str, place: int, today: date) -> dict[str, str]:
    """The text columns of an entity."""
    found = {"AD_ACCOUNT_ID": account.id, "ADVERTISER_ID": account.id}
    if level == "account":
        return found
    ad = account.ads[place] if level == "ad" else None
    group = account.groups[ad.group if ad else place] if level != "campaign" else None
    campaign = account.campaigns[group.campaign if group else place]
    found |= {
        "CAMPAIGN_ID": campaign.id, "CAMPAIGN_NAME": campaign.name(today),
        "CAMPAIGN_ENTITY_STATUS": STATES[campaign.state(today)],
        "CAMPAIGN_OBJECTIVE_TYPE": OBJECTIVES.get(campaign.kind, "CONSIDERATION"),
    }  # fmt: skip
    if group:
        found |= {"AD_GROUP_ID": group.id, "AD_GROUP_NAME": group.name}
    if ad:
        found |= {"AD_ID": ad.id, "AD_NAME": ad.name}
    return found


def _value(name: str, values: dict[str, int], about: dict[str, str]) -> Any:
    if name in _TEXTS:
        return about.get(name)
    if name in _SUMS:
        return sum(values[part] for part in _SUMS[name])
    if name in _ORDERS:
        return values["conversions"] // 100
    if name in _MICROS:
        return values[_MICROS[name]] * 10_000
    if name == "SPEND_IN_DOLLAR":
        return values["spend"] / 100
    if name in _RATES:
        top, bottom, factor = _RATES[name]
        return round(values[top] * factor / values[bottom], 6) if values[bottom] else None
    return None
