"""What really happened in the sandbox, by platform: sums that a connector's main stream must come to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from connectors._base import Account
from sandbox import truth
from sandbox.world import World


def _ads(world: World, account: Account, platform: str, first: date, last: date) -> dict[str, Any]:
    found = truth.total(world, platform, account.key, first, last)
    return {name: found[name] for name in ("impressions", "spend", "conversions", "conversion_value")}


def _web(world: World, account: Account, platform: str, first: date, last: date) -> dict[str, Any]:
    pairs = {"sessions": "sessions", "pageviews": "page_views", "conversion_value": "revenue"}
    found = truth.sessions(world, first, last)
    return {name: sum(row[true] for row in found) for name, true in pairs.items()}


def _mail(world: World, account: Account, platform: str, first: date, last: date) -> dict[str, Any]:
    pairs = {"sent": "received", "bounces": "bounced", "opens": "opened", "spam_complaints": "spam"}
    found = truth.messages(world, first, last)
    return {name: sum(row[true] for row in found) for name, true in pairs.items()}


def _shop(world: World, account: Account, platform: str, first: date, last: date) -> dict[str, Any]:
    found = [order for order in truth.shop_orders(world, first, last) if not order["test"]]
    return {"orders": len(found), "revenue_net": sum(order["total"] - order["refunded"] for order in found)}


def _profile(world: World, account: Account, platform: str, first: date, last: date) -> dict[str, Any]:
    found = truth.profile(world, first, last)
    return {name: sum(row[name] for row in found) for name in ("views", "likes", "comments", "shares")}


TRUTH: dict[str, Callable[..., dict[str, Any]]] = {
    "google_ads": _ads, "meta_ads": _ads, "tiktok_ads": _ads, "pinterest_ads": _ads,
    "ga4": _web, "klaviyo": _mail, "shopify": _shop, "tiktok_organic": _profile,
}  # fmt: skip
"""Platform → what happened on these days in an account of it; a new platform adds its line."""
