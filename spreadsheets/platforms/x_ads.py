"""X Ads. No real export was available: header names follow the Ads Manager's labels and the API's fields."""

from __future__ import annotations

from spreadsheets.platforms._declaration import Platform

WORDS = {
    "en": {
        "day": "Time period | Date | Day",
        "starts": "Time period start | Start time",
        "ends": "Time period end | End time",
        "account": "Account name | Funding source name",
        "account_id": "Account ID",
        "campaign": "Campaign name | Campaign",
        "campaign_id": "Campaign ID",
        "ad_group": "Ad group name | Ad group",
        "ad_group_id": "Ad group ID",
        "ad": "Ad name | Post text | Tweet text",
        "ad_id": "Ad ID | Post ID | Tweet ID",
        "status": "Campaign status | Status | Ad group status",
        "objective": "Campaign objective | Objective",
        "currency": "Currency",
        "spend": "Spend",
        "spend_micro": "billed_charge_local_micro",
        "impressions": "Impressions",
        "results": "Results",
        "results_type": "Results type | Result type",
        "clicks": "Clicks",
        "link_clicks": "Link clicks",
        "engagements": "Engagements | Post engagements | Tweet engagements",
        "likes": "Likes",
        "shares": "Reposts | Retweets",
        "comments": "Replies",
        "follows": "Follows",
        "video_plays": "Video views | Media views",
        "video_views_3s": "3s/100% video views",
        "video_completions": "Video completions | Video views 100%",
        "conversions": "Site visits - purchases | Purchases | Purchases (all) | Conversions",
        "conversion_value": "Purchases - sale amount | Total sale amount | Sale amount, purchases",
        "budget": "Campaign daily budget | Daily budget",
        "cpa": "Cost per result | CPR",
        "cpc": "CPC | Cost per click | CPLC | Cost per link click",
        "cpm": "CPM",
        "rate": "Result rate | Engagement rate | Click rate | CTR",
    },
}

PLATFORM = Platform(
    slug="x_ads",
    label="X Ads",
    words=WORDS,
    marks=(
        "Time period | Time period start | Funding source name | Post engagements | "
        "Tweet engagements | Reposts | Retweets | "
        "billed_charge_local_micro | 3s/100% video views | Tweet ID | Tweet text | Results type | "
        "Cost per link click"
    ),
    names=r"twitter|^x[_ -]ads",
    fallbacks={"clicks": ("link_clicks",)},
)
