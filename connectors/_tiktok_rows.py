"""TikTok's reports: what is asked for, and rows of theirs as rows of ours.

Metric names after singer-io/tap-tiktok-ads and Airbyte's source-tiktok-marketing (the official SDK lists none);
one wrong name makes TikTok refuse the whole question with code 40002.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import Any

import msgspec

from connectors._base import Account, Row, Stream
from connectors._typed import decoder, finite
from connectors._values import day
from errors import UnexpectedAnswer

PAGE = 1000
_PLAIN = {
    "impressions": "impressions",
    "clicks": "clicks",
    "reach": "reach",
    "views": "video_play_actions",
    "video_views_2s": "video_watched_2s",
    "video_views_6s": "video_watched_6s",
    "video_completions": "video_views_p100",
    "likes": "likes",
    "comments": "comments",
    "shares": "shares",
    "add_to_carts": "web_event_add_to_cart",
    "checkouts_started": "initiate_checkout",
    "product_views": "product_details_page_browse",
}
"""Our counts by TikTok's names."""
_MORE = ("follows", "profile_visits", "video_views_p25", "video_views_p50", "video_views_p75")
_CORE = ("spend", "impressions", "clicks", "reach", "complete_payment", "value_per_complete_payment")
OPTIONAL = (
    *(name for name in _PLAIN.values() if name not in _CORE), *_MORE, "conversion", "average_video_play",
    "total_complete_payment_rate",
)  # fmt: skip
"""Metrics that a report can do without."""
_SPLIT_METRICS = ["spend", "impressions", "clicks", "conversion"]
KEYS = {"account": "advertiser_id", "campaign": "campaign_id", "ad_group": "adgroup_id", "ad": "ad_id"}
_DATA_LEVELS = {
    "account": "AUCTION_ADVERTISER",
    "campaign": "AUCTION_CAMPAIGN",
    "ad_group": "AUCTION_ADGROUP",
    "ad": "AUCTION_AD",
}
SPLITS = {"country": ("country_code",), "age_gender": ("age", "gender"), "os": ("platform",)}

Count = int | None
Amount = Decimal | None


class _Dimensions(msgspec.Struct, gc=False):
    stat_time_day: str
    advertiser_id: str | int = ""
    campaign_id: str | int = ""
    adgroup_id: str | int = ""
    ad_id: str | int = ""
    country_code: str = ""
    age: str = ""
    gender: str = ""
    platform: str = ""


class _Metrics(msgspec.Struct, gc=False):
    spend: Decimal
    impressions: Count = None
    clicks: Count = None
    reach: Count = None
    video_play_actions: Count = None
    video_watched_2s: Count = None
    video_watched_6s: Count = None
    video_views_p100: Count = None
    likes: Count = None
    comments: Count = None
    shares: Count = None
    web_event_add_to_cart: Count = None
    initiate_checkout: Count = None
    product_details_page_browse: Count = None
    conversion: Amount = None
    follows: Count = None
    profile_visits: Count = None
    video_views_p25: Count = None
    video_views_p50: Count = None
    video_views_p75: Count = None
    campaign_id: str | int = ""
    complete_payment: Decimal | msgspec.UnsetType | None = msgspec.UNSET
    value_per_complete_payment: Amount = None
    average_video_play: Amount = None
    total_complete_payment_rate: Amount = None


class Line(msgspec.Struct, gc=False):
    """A row of a report."""

    dimensions: _Dimensions
    metrics: _Metrics


class _PageInfo(msgspec.Struct):
    page: int
    total_page: int


class Data(msgspec.Struct):
    """A page of a report."""

    lines: list[Line] = msgspec.field(name="list")
    page_info: _PageInfo


class _Report(msgspec.Struct):
    data: Data


REPORT = decoder(_Report)
_plain, _more = attrgetter(*_PLAIN.values()), attrgetter(*_MORE)
_NOTHING, _ROUNDING = Decimal(0), Decimal("0.01")


def question(
    account: Account, stream: Stream, first: date, last: date, optional: tuple[str, ...]
) -> dict[str, Any]:
    """The query of a report, without its page; `optional` are the metrics besides the indispensable ones."""
    key, splits = KEYS[stream.level], SPLITS.get(stream.breakdown, ())
    above = ["campaign_id"] if stream.level in {"ad_group", "ad"} else []
    query: dict[str, Any] = {
        "advertiser_id": account.key,
        "service_type": "AUCTION",
        "report_type": "AUDIENCE" if splits else "BASIC",
        "data_level": _DATA_LEVELS[stream.level],
        "dimensions": [key, "stat_time_day", *splits],
        "metrics": _SPLIT_METRICS if splits else [*_CORE, *optional, *above],
        "start_date": first.isoformat(),
        "end_date": last.isoformat(),
        "page_size": PAGE,
    }
    if stream.level != "account":
        status = f"{key.removesuffix('_id')}_status"
        query["filtering"] = [{"field_name": status, "filter_type": "IN", "filter_value": '["STATUS_ALL"]'}]
    return query


def rows(lines: list[Line], level: str, splits: tuple[str, ...]) -> list[Row]:
    """Rows of ours. Raises UnexpectedAnswer naming the field that is missing or wrong."""
    days: dict[str, date] = {}
    key, made = KEYS[level], []
    below = level in {"ad_group", "ad"}
    for line in lines:
        place, figures = line.dimensions, line.metrics
        when = days.get(place.stat_time_day)
        if when is None:
            when = days[place.stat_time_day] = day(place.stat_time_day, "stat_time_day")
        row: Row = {"day": when, "spend": finite(figures.spend, "spend")}
        if level != "account":
            row["entity"] = str(getattr(place, key) or _missing(key))
        if below:
            row["campaign"] = str(figures.campaign_id or _missing("campaign_id"))
        if splits:
            row["segment"] = " | ".join(getattr(place, name) or _missing(name) for name in splits)
        elif figures.complete_payment is msgspec.UNSET:
            _missing("complete_payment")
        _take_figures(figures, row)
        made.append(row)
    return made


def _take_figures(figures: _Metrics, row: Row) -> None:
    for name, value in zip(_PLAIN, _plain(figures), strict=True):
        if value is not None:
            row[name] = value
    if figures.likes is not None:
        row["engagements"] = figures.likes + (figures.comments or 0) + (figures.shares or 0)
    paid = figures.complete_payment
    if isinstance(paid, Decimal):
        row["conversions"] = finite(paid, "complete_payment")
        row["conversion_value"] = _value(paid, figures)
    seconds = figures.average_video_play
    if seconds is not None and figures.video_play_actions is not None:
        row["watch_time_s"] = finite(seconds, "average_video_play") * figures.video_play_actions
    more: dict[str, Any] = {
        name: value for name, value in zip(_MORE, _more(figures), strict=True) if value is not None
    }
    if figures.conversion is not None:
        more["conversion"] = str(figures.conversion)
    if more:
        row["more"] = more


def _value(paid: Decimal, figures: _Metrics) -> Decimal:
    """What the payments are worth: their number times the average, which TikTok rounds.

    `total_complete_payment_rate` is the unrounded total despite its name, says who uses it, but no official
    text does: it is taken where it agrees with the documented product.
    """
    each = figures.value_per_complete_payment or _NOTHING
    product = paid * finite(each, "value_per_complete_payment")
    total = figures.total_complete_payment_rate
    if total is not None and total.is_finite() and abs(total - product) <= paid * _ROUNDING:
        return total
    return product


def _missing(field: str) -> str:
    raise UnexpectedAnswer(
        f"TikTok's report lacks the field {field}. Nothing of it was stored; it is tried again later."
    )
