"""The words that a column can mean, and what is done with each kind.

A metric slug is stored; a ratio is recognised and never stored; a dimension names the row; anything
else that a platform declares is kept as an extra number or text in `more`.
"""

from __future__ import annotations

COUNTS = (
    "impressions", "clicks", "link_clicks", "outbound_clicks", "reach", "users", "new_users", "sessions",
    "engaged_sessions", "pageviews", "views", "video_views_2s", "video_views_3s", "video_views_6s",
    "video_views_15s", "video_completions", "engagements", "likes", "comments", "shares", "saves", "closeups",
    "shop_clicks", "product_views", "add_to_carts", "checkouts_started", "leads", "event_count", "sent",
    "delivered", "bounces", "opens", "unique_opens", "email_clicks", "unique_clicks", "unsubscribes",
    "spam_complaints",
)  # fmt: skip
MONEY = ("spend", "conversion_value")
FRACTIONS = ("conversions", "key_events", "all_conversions", "watch_time_s", "position_weighted")
AMOUNTS = ("spend", "conversions", "conversion_value", *FRACTIONS[1:])
METRICS = (*COUNTS, *AMOUNTS)
DISTINCT = frozenset({"reach", "users"})  # people: never added up
ADDITIVE = tuple(slug for slug in METRICS if slug not in DISTINCT)
MONEY_LIKE = frozenset({*MONEY, "budget", "cpc", "cpm", "cpa", "cpv", "spend_converted"})

RATIOS = frozenset(
    {
        "ctr",
        "cpc",
        "cpm",
        "cpa",
        "cpv",
        "roas_reported",
        "frequency",
        "conversion_rate",
        "rate",
        "share",
        "acos",
    }
)

ENTITIES = ("account", "campaign", "ad_group", "ad")
ENTITY_COLUMNS = (
    "account", "account_id", "campaign", "campaign_id", "ad_group", "ad_group_id", "ad", "ad_id",
)  # fmt: skip
IDS = ("account_id", "campaign_id", "ad_group_id", "ad_id", "item_id")
# Grains below the entities, the finest first: the first that a table has is its grain.
ITEMS = (
    "search_term",
    "keyword",
    "query",
    "landing_page",
    "page",
    "event",
    "product",
    "email",
    "post",
    "asset",
    "location",
)
# Dimensions that split a row of its grain; the value is how the breakdown is named.
SEGMENTS = {
    "age": "age", "gender": "gender", "device": "device", "country": "country", "region": "region",
    "city": "city", "placement": "placement", "publisher": "publisher", "network": "network",
    "hour": "hour", "weekday": "weekday", "channel_group": "channel_group",
    "source_medium": "source_medium", "source": "source", "medium": "medium",
    "search_appearance": "search_appearance", "app_platform": "platform", "browser": "browser",
    "language": "language", "user_type": "user_type", "interest": "interest", "os": "os",
    "network_partner": "network_partner", "conversion_action": "conversion_action",
    "audience": "audience", "channel": "channel",
}  # fmt: skip
TIMES = (
    "day",
    "week",
    "month",
    "quarter",
    "year",
    "starts",
    "ends",
    "nth_day",
    "nth_week",
    "nth_month",
    "hourly",
)
TEXTS = ("status", "currency", "time_zone")

ITEM_REPORTS = {
    "search_term": "search_terms", "keyword": "keywords", "query": "queries", "landing_page": "landing_pages",
    "page": "pages", "event": "events", "product": "products", "email": "campaigns", "post": "posts",
    "asset": "assets", "location": "locations",
}  # fmt: skip
DIMENSIONS = frozenset({*ENTITY_COLUMNS, *ITEMS, *SEGMENTS, *TIMES, *TEXTS, "item_id", "budget"})


def grain_of(meanings: set[str]) -> str:
    """The finest grain among the meanings of a table's columns."""
    for item in ITEMS:
        if item in meanings:
            return "page" if item == "landing_page" else item
    for entity in reversed(ENTITIES):
        if entity in meanings or f"{entity}_id" in meanings:
            return entity
    return "account"


def breakdown_of(meanings: set[str]) -> str:
    """How the rows are split beyond their grain: "" or one name (`age_gender`, `weekday_hour` …)."""
    return "_".join(name for slug, name in SEGMENTS.items() if slug in meanings).replace(
        "hour_weekday", "weekday_hour"
    )
