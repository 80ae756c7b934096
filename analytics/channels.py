"""Platforms and what kind of channel each is, in the words and colours that every page uses.

A channel is what reports put side by side: one per platform, and one per offline medium.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from analytics import metrics

ChannelKind = Literal["paid", "web", "search", "email", "social", "shop", "crm"]


@dataclass(frozen=True)
class Platform:
    """A platform that numbers come from. `slug` is the name of its fact sheet."""

    slug: str
    label: str
    kind: ChannelKind


PLATFORMS: dict[str, Platform] = {
    p.slug: p
    for p in (
        Platform("google_ads", "Google Ads", "paid"),
        Platform("meta_ads", "Meta Ads", "paid"),
        Platform("tiktok_ads", "TikTok Ads", "paid"),
        Platform("pinterest_ads", "Pinterest Ads", "paid"),
        Platform("linkedin_ads", "LinkedIn Ads", "paid"),
        Platform("microsoft_ads", "Microsoft Ads", "paid"),
        Platform("x_ads", "X Ads", "paid"),
        Platform("amazon_ads", "Amazon Ads", "paid"),
        Platform("spotify_ads", "Spotify Ads", "paid"),
        Platform("offline", "Offline", "paid"),
        Platform("unified", "Template upload", "paid"),
        Platform("custom", "Mapped upload", "paid"),
        Platform("ga4", "Google Analytics 4", "web"),
        Platform("search_console", "Search Console", "search"),
        Platform("shopify", "Shopify", "shop"),
        Platform("woocommerce", "WooCommerce", "shop"),
        Platform("stripe", "Stripe", "shop"),
        Platform("hubspot", "HubSpot", "crm"),
        Platform("klaviyo", "Klaviyo", "email"),
        Platform("mailchimp", "Mailchimp", "email"),
        Platform("tiktok_organic", "TikTok", "social"),
        Platform("mailerlite", "MailerLite", "email"),
    )
}

NOT_PAID = tuple(p.slug for p in PLATFORMS.values() if p.kind != "paid")

METRICS: dict[ChannelKind, tuple[str, ...]] = {
    "paid": (
        "spend",
        "impressions",
        "clicks",
        "ctr",
        "cpc",
        "cpm",
        "conversions",
        "cpa",
        "conversion_value",
        "roas_reported",
        "reach",
        "video_views_2s",
        "video_views_3s",
        "video_views_6s",
        "video_completions",
        "engagements",
        "engagement_rate",
        "likes",
        "comments",
        "shares",
        "saves",
        "closeups",
        "outbound_clicks",
        "add_to_carts",
        "leads",
    ),
    "social": (
        "views",
        "likes",
        "comments",
        "shares",
        "saves",
        "engagements",
        "reach",
        "watch_time_s",
        "watch_time_avg_s",
        "completion_rate",
        "shop_clicks",
        "product_views",
    ),
    "search": ("clicks", "impressions", "ctr", "position"),
    "email": (
        "sent",
        "delivered",
        "unique_opens",
        "open_rate",
        "unique_clicks",
        "click_rate",
        "ctor",
        "unsubscribes",
        "unsubscribe_rate",
        "bounces",
        "spam_complaints",
        "conversions",
        "conversion_value",
    ),
    "web": (
        "sessions",
        "engaged_sessions",
        "engagement_rate_web",
        "users",
        "new_users",
        "pageviews",
        "event_count",
        "key_events",
        "conversion_value",
    ),
    "shop": (
        "revenue_net",
        "orders",
        "aov",
        "new_customers",
        "revenue_gross",
        "discounts",
        "refunds",
        "new_customer_revenue",
    ),
}
"""What each kind of channel is read by, the most important first."""

KINDS: dict[ChannelKind, str] = {
    "paid": "Advertising",
    "social": "Organic social",
    "email": "E-mail",
    "web": "Web",
    "search": "Search",
    "shop": "Sales",
}
"""The kinds of channel that have a page of their own, in the words of its readers."""

OWN_METRICS: dict[str, tuple[str, ...]] = {"pinterest_ads": ("pinterest_engagement_rate",)}
"""Metrics that make sense for one platform only."""

LEADING: dict[ChannelKind, str] = {
    "paid": "spend",
    "search": "clicks",
    "email": "delivered",
    "web": "sessions",
    "social": "views",
    "shop": "revenue_net",
}
"""The metric whose course a channel's page draws."""


def measured(channel: str, totals: Iterable[Mapping[str, object]]) -> list[str]:
    """The metrics of a channel's kind of which any of these totals has the parts; the leading ones always."""
    wanted = METRICS[kind(channel)]
    there = {name for row in totals for name, value in row.items() if value is not None}
    found = [slug for n, slug in enumerate(wanted) if n < 8 or set(metrics.parts(slug)) <= there]
    return [*found, *(slug for slug in OWN_METRICS.get(channel, ()) if set(metrics.parts(slug)) <= there)]


def label(channel: str) -> str:
    """'Meta Ads' for a platform's slug; an offline channel is its own name."""
    known = PLATFORMS.get(channel)
    return known.label if known else channel


def account_label(channel: str, account: str) -> str:
    """'Meta Ads · Brand DE'; the channel alone where the account has no name of its own."""
    return label(channel) if account in {"", label(channel), channel} else f"{label(channel)} · {account}"


def slug(medium: str) -> str:
    """The channel that a name typed by a person stands for: a platform's slug, else the name itself, trimmed.

    'Meta Ads', 'meta ads' and 'meta_ads' are one channel; 'Radio' stays 'Radio'.
    """
    name = " ".join(medium.split())
    plain = name.casefold().replace(" ", "_").replace("-", "_")
    for platform in PLATFORMS.values():
        if plain in {platform.slug, platform.label.casefold().replace(" ", "_")}:
            return platform.slug
    return name


def kind(channel: str) -> ChannelKind:
    """Kind of a channel; an offline medium, or any other name that is no platform, counts as paid."""
    known = PLATFORMS.get(channel)
    return known.kind if known else "paid"
