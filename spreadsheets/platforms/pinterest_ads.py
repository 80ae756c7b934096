"""Pinterest Ads: no preamble, no footer, no currency. `Result` stands in square brackets.

Every conversion event has ten columns of its own (`Total conversions (Checkout)` …). A checkout is
also a page visit, so events are never added up: Checkout counts as the conversion, the others stay
in `more`.
"""

from __future__ import annotations

from spreadsheets.platforms._declaration import Platform

WORDS = {
    "en": {
        "day": "Date",
        "starts": "Start date",
        "ends": "End date",
        "account": "Account name | Advertiser name",
        "account_id": "Account ID | Advertiser ID | Ad account ID",
        "campaign": "Campaign name",
        "campaign_id": "Campaign ID",
        "ad_group": "Ad group name",
        "ad_group_id": "Ad group ID",
        "ad": "Ad name | Pin promotion name | Promoted pin name",
        "ad_id": "Ad ID | Pin promotion ID",
        "status": (
            "Ad entity status | Campaign entity status | Ad group entity status | Campaign status | "
            "Ad group status"
        ),
        "objective": "Campaign objective | Objective",
        "currency": "Currency",
        "spend": "Spend in account currency | Spend",
        "impressions": "Impressions | Impression | Paid impressions",
        "reach": "Reach",
        "frequency": "Frequency",
        "results": "Result | Results",
        "clicks": "Pin clicks | Clicks",
        "outbound_clicks": "Outbound clicks",
        "saves": "Saves | Pin saves",
        "engagements": "Engagements | Engagement",
        "video_views_2s": "Video views | 2-second video views | MRC video views",
        "conversions_all_events": "Total conversions",
        "order_value_all_events": "Total conversion value | Total order value",
        "keyword": "Keyword | Targeting value",
        "age": "Age | Age bucket",
        "gender": "Gender",
        "country": "Country",
        "region": "Region | Metro",
        "device": "Device | App type",
        "placement": "Placement",
        "ctr": "CTR | eCTR | Outbound CTR | Pin click rate",
        "rate": "Engagement rate | Save rate",
        "cpc": "CPC | eCPC | Cost per outbound click",
        "cpm": "CPM | eCPM",
        "cpa": "Cost per result",
    },
}

PLATFORM = Platform(
    slug="pinterest_ads",
    label="Pinterest Ads",
    words=WORDS,
    marks=(
        "Spend in account currency | Pin clicks | Ad entity status | Pin saves | "
        "Total conversions (Checkout) | "
        "Total order value (Checkout) | Pin promotion name | Promoted pin name | eCTR | "
        "Campaign entity status | Pin promotion ID"
    ),
    names=r"pinterest",
    patterns=(
        (r"^total conversions \(checkout\)$", "conversions"),
        (r"^total order value \(checkout\)$", "conversion_value"),
        (r"^total conversions \(add to cart\)$", "add_to_carts"),
        (r"^total conversions \(initiate checkout\)$", "checkouts_started"),
        (r"^total conversions \(lead\)$", "leads"),
        (r"^total conversions \((.+)\)$", r"conversions: \1"),
        (r"^total order value \((.+)\)$", r"order value: \1"),
        (r"^total (click-through|engagement|view-through) (conversions|order value) \((.+)\)$", r"\1 \2: \3"),
        (r"^total cpa \(|^total roas \(", "rate"),
    ),
    fallbacks={
        "closeups": ("clicks",),
        "conversions": ("conversions_all_events",),
        "conversion_value": ("order_value_all_events",),
    },
)
