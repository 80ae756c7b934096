"""Pinterest's analytics columns: which are asked for, and rows of theirs as rows of ours.

Column names after pinterest/api-description v5.23.0 (ReportingColumnAsync). `_1` is what was paid for, `_2` what
people's saves brought on top; spend pays for the first, so impressions, clicks and the rest are `_1`. JSON leaves
zeros out: what is missing is 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import Any

import msgspec

from connectors._base import Row
from connectors._typed import decoder
from errors import UnexpectedAnswer

KEYS = {"account": "", "campaign": "CAMPAIGN_ID", "ad_group": "AD_GROUP_ID", "ad": "AD_ID"}
"""Column of a level's own id."""
_MILLION = Decimal(1_000_000)


class Figures(msgspec.Struct, gc=False, rename="upper"):
    """A row: the columns in lower case. Money is in millionths of the account's currency."""

    date: date
    campaign_id: str | int = ""
    ad_group_id: str | int = ""
    ad_id: str | int = ""
    spend_in_micro_dollar: int = 0
    impression_1: int = 0
    impression_2: int | None = None
    clickthrough_1: int = 0
    outbound_click_1: int = 0
    repin_1: int = 0
    engagement_1: int | None = None
    total_impression_user: int | None = None
    total_checkout: Decimal = Decimal(0)
    total_checkout_value_in_micro_dollar: int = 0
    total_add_to_cart: int | None = None
    total_lead: int | None = None
    total_page_visit: int | None = None
    total_signup: int | None = None
    video_3sec_views_1: int | None = None
    video_mrc_views_1: int | None = None
    video_p100_complete_1: int | None = None
    video_15sec_unique_views_1: int | None = None


class Targeted(msgspec.Struct, gc=False):
    """A row of a breakdown."""

    targeting_value: str
    metrics: Figures


class Breakdown(msgspec.Struct):
    """The answer of targeting_analytics."""

    data: list[Targeted]


REPORT, BREAKDOWN = decoder(dict[str, list[Figures]]), decoder(Breakdown)
_IDS = {"DATE", "CAMPAIGN_ID", "AD_GROUP_ID", "AD_ID"}
COLUMNS = [field for field in Figures.__struct_encode_fields__ if field not in _IDS]
_PLAIN = {
    "reach": "total_impression_user",
    "add_to_carts": "total_add_to_cart",
    "leads": "total_lead",
    "video_views_2s": "video_mrc_views_1",
    "video_views_3s": "video_3sec_views_1",
    "video_completions": "video_p100_complete_1",
}
_plain = attrgetter(*_PLAIN.values())
_MORE = ("impression_2", "engagement_1", "total_page_visit", "total_signup", "video_15sec_unique_views_1")


_CORE = {
    "SPEND_IN_MICRO_DOLLAR", "IMPRESSION_1", "CLICKTHROUGH_1", "OUTBOUND_CLICK_1", "REPIN_1", "TOTAL_CHECKOUT",
    "TOTAL_CHECKOUT_VALUE_IN_MICRO_DOLLAR",
}  # fmt: skip
OPTIONAL = tuple(name for name in COLUMNS if name not in _CORE)
"""Columns that a report can do without."""


def columns(level: str, optional: tuple[str, ...]) -> list[str]:
    """What is asked for at a level: its own id, the campaign's, and figures."""
    ids = [] if level == "account" else dict.fromkeys((KEYS[level], "CAMPAIGN_ID"))
    return [*ids, *sorted(_CORE), *optional]


def rows(found: Iterable[tuple[str, Figures]], level: str) -> Iterator[Row]:
    """Rows of ours for (segment, figures). Raises UnexpectedAnswer naming an id that is missing."""
    key = KEYS[level].lower()
    below = level in {"ad_group", "ad"}
    for segment, one in found:
        row: Row = {
            "day": one.date,
            "spend": one.spend_in_micro_dollar / _MILLION,
            "impressions": one.impression_1,
            "clicks": one.clickthrough_1,
            "closeups": one.clickthrough_1,
            "outbound_clicks": one.outbound_click_1,
            "saves": one.repin_1,
            "engagements": one.repin_1 + one.clickthrough_1,
            "conversions": one.total_checkout,
            "conversion_value": one.total_checkout_value_in_micro_dollar / _MILLION,
        }
        if key:
            row["entity"] = str(getattr(one, key) or _missing(key.upper()))
        if below:
            row["campaign"] = str(one.campaign_id or _missing("CAMPAIGN_ID"))
        if segment:
            row["segment"] = segment
        for name, value in zip(_PLAIN, _plain(one), strict=True):
            if value:
                row[name] = value
        more: dict[str, Any] = {name: value for name in _MORE if (value := getattr(one, name))}
        if more:
            row["more"] = more
        yield row


def _missing(field: str) -> str:
    raise UnexpectedAnswer(
        f"Pinterest's report lacks the field {field}. Nothing of it was stored; it is tried again later."
    )
