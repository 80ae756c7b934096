"""The platforms whose files are recognised: one declaration each, in a dict that can be read."""

from __future__ import annotations

from spreadsheets.platforms import (
    amazon_ads,
    ga4,
    google_ads,
    hubspot,
    klaviyo,
    linkedin_ads,
    mailchimp,
    mailerlite,
    meta_ads,
    microsoft_ads,
    mistakes,
    pinterest_ads,
    search_console,
    shopify,
    spotify_ads,
    stripe,
    tiktok_ads,
    unified,
    woocommerce,
    x_ads,
)
from spreadsheets.platforms._declaration import Platform

PLATFORMS: dict[str, Platform] = {
    "google_ads": google_ads.PLATFORM,
    "meta_ads": meta_ads.PLATFORM,
    "tiktok_ads": tiktok_ads.PLATFORM,
    "pinterest_ads": pinterest_ads.PLATFORM,
    "linkedin_ads": linkedin_ads.PLATFORM,
    "microsoft_ads": microsoft_ads.PLATFORM,
    "x_ads": x_ads.PLATFORM,
    "amazon_ads": amazon_ads.PLATFORM,
    "spotify_ads": spotify_ads.PLATFORM,
    "ga4": ga4.PLATFORM,
    "search_console": search_console.PLATFORM,
    "search_console_filters": search_console.FILTERS,
    "shopify": shopify.ORDERS,
    "shopify_analytics": shopify.ANALYTICS,
    "woocommerce": woocommerce.PLATFORM,
    "klaviyo": klaviyo.PLATFORM,
    "mailchimp": mailchimp.PLATFORM,
    "mailerlite": mailerlite.PLATFORM,
    "hubspot": hubspot.PLATFORM,
    "stripe": stripe.PLATFORM,
    "unified": unified.PLATFORM,
    **{f"mistake_{platform.report}": platform for platform in mistakes.PLATFORMS},
}

LABELS = {platform.slug: platform.label for platform in PLATFORMS.values() if platform.slug} | {
    "custom": "Mapped file"
}
