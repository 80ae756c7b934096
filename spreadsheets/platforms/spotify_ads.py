"""Spotify Ads Manager: five preamble lines, a blank one, then the table. No currency anywhere.

Ids are UUIDs, names may start with a space, numbers may lack the zero before the dot (`.22`), and
rows can lie one day after the stated range.
"""

from __future__ import annotations

from spreadsheets.platforms._declaration import Platform

WORDS = {
    "en": {
        "day": "Date",
        "campaign": "Campaign name",
        "campaign_id": "Campaign id",
        "ad_group": "Ad set name",
        "ad_group_id": "Ad set id",
        "ad": "Ad name",
        "ad_id": "Ad id",
        "ad_format": "Ad format",
        "currency": "Currency",
        "impressions": "Impressions",
        "reach": "Reach",
        "frequency": "Frequency",
        "clicks": "Clicks",
        "spend": "Spend",
        "video_plays": "Starts",
        "video_plays_25": "Ad played to: 25%",
        "video_plays_50": "Ad played to: 50%",
        "video_plays_75": "Ad played to: 75%",
        "video_completions": "Ad played to: 100%",
        "pageviews_site": "page views",
        "add_to_carts": "Adds to cart",
        "conversions": "Purchases",
        "conversion_value": "Attributed revenue",
        "checkouts_started": "Start checkouts",
        "products": "Products",
        "leads": "Leads",
        "ctr": "CTR",
        "cpc": "CPC",
        "cpm": "CPM",
        "rate": "completion rate | Average order value (AOV)",
        "roas_reported": "Return on ad spend (ROAS)",
        "cpa": "Customer acquisition cost (CAC)",
    },
}

PLATFORM = Platform(
    slug="spotify_ads",
    label="Spotify Ads",
    words=WORDS,
    marks=(
        "Ad played to: 25% | Ad played to: 100% | completion rate | Attributed revenue | "
        "Customer acquisition cost (CAC)"
    ),
    titles=r"^report (granularity|primary entity|date range|data as of):",
    names=r"spotify",
)
