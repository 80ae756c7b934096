"""Microsoft Advertising: up to nine quoted preamble lines, API column names, a copyright footer.

`TimePeriod` is a day, or `2023-11-11|01` / `3/15/2020 12:00:00 AM|7` in hourly reports. `Rows: n` is
a checksum. Every part of preamble and footer can be switched off.
"""

from __future__ import annotations

from spreadsheets.drafts import Draft
from spreadsheets.platforms._declaration import Platform

WORDS = {
    "en": {
        "time_period": "TimePeriod | GregorianDate | Gregorian date | Time period",
        "day": "Day | Date",
        "week": "Week",
        "month": "Month",
        "hour": "HourOfDay | Hour of day",
        "weekday": "DayOfWeek | Day of week",
        "account": "AccountName | Account name | Account",
        "account_id": "AccountId | Account ID | AccountNumber | Account number",
        "campaign": "CampaignName | Campaign name | Campaign",
        "campaign_id": "CampaignId | Campaign ID",
        "status": "CampaignStatus | Campaign status",
        "ad_group": "AdGroupName | Ad group name | Ad group",
        "ad_group_id": "AdGroupId | Ad group ID",
        "ad_group_status": "AdGroupStatus | Ad group status",
        "ad": "AdTitle | Ad title | Ad",
        "ad_id": "AdId | Ad ID",
        "keyword": "Keyword",
        "keyword_id": "KeywordId | Keyword ID",
        "search_term": "SearchQuery | Search term | Search query",
        "landing_page": "DestinationUrl | Destination URL | FinalUrl",
        "product": "ProductTitle | Title | MerchantProductId",
        "device": "DeviceType | Device type | Device",
        "os": "DeviceOS | Device OS",
        "network": "Network | AdDistribution | Ad distribution",
        "match_type": "BidMatchType | DeliveredMatchType | Bid match type | Delivered match type",
        "age": "AgeGroup | Age group",
        "gender": "Gender",
        "country": "Country | CountryOrRegion | Country/region",
        "region": "State | StateOrProvince",
        "city": "City",
        "currency": "CurrencyCode | Currency code | Currency",
        "time_zone": "TimeZone",
        "impressions": "Impressions | Impr.",
        "clicks": "Clicks",
        "spend": "Spend",
        "conversions": "Conversions | Conv. | ConversionsQualified",
        "all_conversions": "AllConversions | AllConversionsQualified | All conv.",
        "conversion_value": "Revenue",
        "all_revenue": "AllRevenue | All revenue",
        "assists": "Assists",
        "budget": "Budget | DailyBudget | Budget amount",
        "campaign_type": "CampaignType | Campaign type",
        "language": "Language",
        "ctr": "Ctr | CTR | CTR (%)",
        "cpc": "AverageCpc | Avg. CPC | CurrentMaxCpc | Current maximum CPC",
        "cpm": "AverageCpm | Avg. CPM",
        "cpa": "CostPerConversion | CPA | CostPerAssist | Cost per conversion",
        "conversion_rate": "ConversionRate | Conv. rate | Conversion rate | AllConversionRate",
        "roas_reported": "ReturnOnAdSpend | Return on ad spend | ROAS",
        "rate": "AveragePosition | Avg. position | QualityScore | QualityImpact | RevenuePerConversion",
        "share": (
            "Top impression rate | Absolute top impression rate | ImpressionSharePercent | Impression share | ImpressionLostToBudgetPercent | "
            "ImpressionLostToRankAggPercent"
        ),
    },
}


def _refine(draft: Draft) -> None:
    """The aggregation in the preamble says what a TimePeriod is."""
    aggregation = draft.preamble_value(r"report aggregation:\s*(\w+)").lower()
    zone = draft.preamble_value(r"time zone:\s*(.+)")
    draft.table.time_zone = draft.table.time_zone or zone or None
    if draft.has("time_period"):
        known = {
            "weekly": "week",
            "monthly": "month",
            "yearly": "year",
            "hourly": "hourly",
            "hourofday": "hourly",
        }
        cells = draft.distinct("time_period", 3)
        hourly = bool(cells) and all("|" in cell for cell in cells)
        draft.rename("time_period", "hourly" if hourly else known.get(aggregation, "day"))
    if stated := draft.preamble_value(r"^rows:\s*([\d,]+)"):
        draft.expected_rows = int(stated.replace(",", ""))


PLATFORM = Platform(
    slug="microsoft_ads",
    label="Microsoft Advertising",
    words=WORDS,
    marks=(
        "TimePeriod | GregorianDate | AccountName | CampaignName | CampaignId | AdGroupName | "
        "DeviceType | CurrencyCode | "
        "AverageCpc | KeywordId | AccountId | AdGroupId | BidMatchType | DeliveredMatchType | "
        "SearchQuery | "
        "CostPerConversion | ReturnOnAdSpend | AdDistribution | Conv. | AccountNumber | CampaignStatus | "
        "Impr. | Avg. CPC | Conv. rate"
    ),
    titles=(
        r"^report (name|time|aggregation|filter):|^last completed available (day|hour):|^potential incomplete data:|"
        r"^rows: \d|microsoft corporation"
    ),
    names=r"bing|microsoft",
    refine=_refine,
)
