"""Grains: how fine a row is. Each is fetched and stored on its own; totals come from the highest one.

The code in `daily_metrics.grain` is level × 100 + breakdown, so that the lowest code of a source and
day is the one to take totals from: an account row before campaign rows, and the plain rows of a level
before the same level split by device. Levels from keyword down are partial: platforms leave rows out of
them (low volume, anonymised queries), so they make totals only where nothing above them exists.
"""

from __future__ import annotations

import zlib

LEVELS = {
    "account": 1,
    "campaign": 2,
    "email": 2,
    "ad_group": 3,
    "ad": 4,
    "post": 4,
    "keyword": 5,
    "product": 6,
    "placement": 7,
    "page": 8,
    "search_term": 9,
    "query": 9,
    "event": 10,
    "asset": 11,
    "location": 12,
    "item": 13,
}
"""Level by name. Names that share a number belong to different kinds of platform and never meet in one source."""

BREAKDOWNS = {
    "": 0,
    "channel_group": 1,
    "source_medium": 2,
    "device": 3,
    "country": 4,
    "region": 5,
    "age": 6,
    "gender": 7,
    "age_gender": 8,
    "placement": 9,
    "network": 10,
    "hour": 11,
    "weekday_hour": 12,
    "weekday": 13,
    "city": 14,
    "source": 15,
    "medium": 16,
    "publisher": 17,
    "platform": 18,
    "browser": 19,
    "os": 20,
    "language": 21,
    "user_type": 22,
    "audience": 23,
    "interest": 24,
    "conversion_action": 25,
    "search_appearance": 26,
    "network_partner": 27,
    "source_medium_campaign": 28,
    "first_user_source_medium": 29,
}
COMBINED_FROM = 40
"""Numbers of combinations of breakdowns; see `code`."""

ORDER_SLICE = 0
"""Stands where a grain code would for orders, which are no grain of daily_metrics."""

CAMPAIGN_OR_BELOW = (200, 9999)
PARTIAL_FROM = 500


def code(level: str, breakdown: str = "") -> int:
    """The code of a level and breakdown. KeyError on an unknown level.

    A combination without a number of its own (device and country, say) gets one from 40 to 99 that
    depends on its name alone, so that two combinations do not replace each other's rows.
    """
    number = BREAKDOWNS.get(breakdown)
    if number is None:
        number = COMBINED_FROM + zlib.crc32(breakdown.encode()) % (100 - COMBINED_FROM)
    return LEVELS[level] * 100 + number


def label(grain: int) -> str:
    """'campaign' or 'campaign by device' for a code; orders for 0."""
    if grain == ORDER_SLICE:
        return "orders"
    level = next(name for name, number in LEVELS.items() if number == grain // 100)
    breakdown = next(
        (name for name, number in BREAKDOWNS.items() if number == grain % 100), "several breakdowns"
    )
    return f"{level} by {breakdown}" if breakdown else level
