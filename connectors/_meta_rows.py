"""Rows of Meta's insights as rows of ours: which action counts as what, and which fields are asked for.

Action types and fields after facebook-business 26.0.3 (AdsInsights, AdsActionStats). Whatever overlaps
(purchases in an app, on the site, anywhere) has an order of preference; the first kind that a row has is taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter
from typing import Any

import msgspec

from connectors._base import Row
from connectors._typed import finite
from connectors._values import amount, count
from errors import UnexpectedAnswer

KEYS = {"account": "", "campaign": "campaign_id", "ad_group": "adset_id", "ad": "ad_id"}
"""Field of a level's own id."""
_SHAPES = 2_000
_KINDS = {
    "conversions": ("omni_purchase", "purchase", "offsite_conversion.fb_pixel_purchase"),
    "add_to_carts": ("omni_add_to_cart", "add_to_cart", "offsite_conversion.fb_pixel_add_to_cart"),
    "checkouts_started": (
        "omni_initiated_checkout", "initiate_checkout", "offsite_conversion.fb_pixel_initiate_checkout",
    ),
    "product_views": ("omni_view_content", "view_content", "offsite_conversion.fb_pixel_view_content"),
    "leads": ("lead", "offsite_conversion.fb_pixel_lead"),
    "video_views_3s": ("video_view",),
}  # fmt: skip
"""Action types that stand for one thing, the widest first."""
_ENGAGEMENTS = {
    "post_reaction": "likes",
    "comment": "comments",
    "post": "shares",
    "onsite_conversion.post_save": "saves",
}
_KEPT = (
    "landing_page_view", "link_click", "post_engagement", "page_engagement", "complete_registration",
    "omni_complete_registration", "onsite_conversion.messaging_conversation_started_7d",
    "offsite_conversion.fb_pixel_custom", "mobile_app_install", "omni_app_install",
)  # fmt: skip
_MORE_NAMES = (
    "video_play", "video_thruplay_watched", "video_p25_watched", "video_p50_watched", "video_p75_watched",
    "video_30_sec_watched",
)  # fmt: skip
_MORE_LISTS = tuple(f"{name}_actions" for name in _MORE_NAMES)
_more_lists = attrgetter(*_MORE_LISTS)
_NOTHING = Decimal(0)
FIELDS = (
    "spend", "impressions", "clicks", "inline_link_clicks", "reach", "outbound_clicks",
    "video_p100_watched_actions", *_MORE_LISTS, "actions", "action_values",
)  # fmt: skip
"""What is asked for, besides ids."""


class Action(msgspec.Struct, gc=False):
    """One of Meta's AdsActionStats, without the attribution windows that are not asked for."""

    action_type: str
    value: int | Decimal


class Counted(msgspec.Struct, gc=False):
    """An entry of a list that counts one kind of action only."""

    value: int


Actions = tuple[Action, ...] | None
Counts = tuple[Counted, ...] | None


class Insight(msgspec.Struct, gc=False):
    """A row of insights. Which ids and splits it has depends on the question."""

    date_start: date
    spend: Decimal
    impressions: int
    clicks: int
    campaign_id: str = ""
    adset_id: str = ""
    ad_id: str = ""
    country: str = ""
    age: str = ""
    gender: str = ""
    publisher_platform: str = ""
    platform_position: str = ""
    device_platform: str = ""
    inline_link_clicks: int | None = None
    reach: int | None = None
    outbound_clicks: Counts = None
    video_p100_watched_actions: Counts = None
    video_play_actions: Counts = None
    video_thruplay_watched_actions: Counts = None
    video_p25_watched_actions: Counts = None
    video_p50_watched_actions: Counts = None
    video_p75_watched_actions: Counts = None
    video_30_sec_watched_actions: Counts = None
    actions: Actions = None
    action_values: Actions = None


class Cursors(msgspec.Struct):
    """Where a page begins and ends; only its end matters."""

    after: str = ""


class Paging(msgspec.Struct):
    """`next` is the next page's address with the token in it: a sign that there is one, never followed."""

    cursors: Cursors | None = None
    next: str = ""


class Page(msgspec.Struct):
    """What every list of Meta's has around it."""

    paging: Paging | None = None

    @property
    def after(self) -> str:
        """The cursor to ask for the next page with; empty on the last."""
        if not self.paging or not self.paging.next:
            return ""
        return (self.paging.cursors and self.paging.cursors.after) or _missing("paging.cursors.after")


class Listing(Page, kw_only=True):
    """A page of accounts, campaigns …"""

    data: list[dict[str, Any]]


class Report(Page, kw_only=True):
    """A page of insights."""

    data: list[Insight]


def rows(found: list[Insight], level: str, splits: tuple[str, ...]) -> list[Row]:
    """Rows of ours. Raises UnexpectedAnswer naming a field that is missing."""
    key, made = KEYS[level], []
    below = level in {"ad_group", "ad"}
    for one in found:
        spend = finite(one.spend, "spend")
        row: Row = {
            "day": one.date_start,
            "spend": spend,
            "impressions": one.impressions,
            "clicks": one.clicks,
        }
        if key:
            row["entity"] = getattr(one, key) or _missing(key)
        if below:
            row["campaign"] = one.campaign_id or _missing("campaign_id")
        if splits:
            row["segment"] = " | ".join(getattr(one, name) or _missing(name) for name in splits)
        if one.inline_link_clicks is not None:
            row["link_clicks"] = one.inline_link_clicks
        if one.reach is not None:
            row["reach"] = one.reach
        _take_actions(one, row)
        made.append(row)
    return made


def _take_actions(one: Insight, row: Row) -> None:
    if one.outbound_clicks:
        row["outbound_clicks"] = _summed(one.outbound_clicks)
    if one.video_p100_watched_actions:
        row["video_completions"] = _summed(one.video_p100_watched_actions)
    more: dict[str, Any] = {}
    if one.video_play_actions:
        for name, entries in zip(_MORE_NAMES, _more_lists(one), strict=True):
            if entries:
                more[name] = entries[0].value if len(entries) == 1 else _summed(entries)
    row["conversions"], row["conversion_value"] = 0, _NOTHING
    if one.actions:
        purchase = _take_list(one.actions, row, more)
        if purchase and one.action_values:
            row["conversion_value"] = _value(one.action_values, purchase)
    if more:
        row["more"] = more


@dataclass(frozen=True)
class _Places:
    """Where in a list of actions the figures stand that are taken; which kind the purchases are."""

    metrics: tuple[tuple[str, int], ...]
    engagements: tuple[int, ...]
    more: tuple[tuple[str, int], ...]
    purchase: str


@lru_cache(_SHAPES)
def _places(kinds: tuple[str, ...]) -> _Places:
    """The same for all lists that hold these kinds in this order, and most rows of an account are alike."""
    found = {kind: place for place, kind in enumerate(kinds)}
    first = {name: next((kind for kind in wanted if kind in found), "") for name, wanted in _KINDS.items()}
    metrics = {name: found[kind] for name, kind in first.items() if kind}
    engagements = {name: found[kind] for kind, name in _ENGAGEMENTS.items() if kind in found}
    more = {kind: found[kind] for kind in _KEPT if kind in found}
    return _Places(
        tuple((metrics | engagements).items()), tuple(engagements.values()), tuple(more.items()), first["conversions"]
    )  # fmt: skip


def _take_list(entries: tuple[Action, ...], row: Row, more: dict[str, Any]) -> str:
    """Purchases, reactions and the rest; none listed means none happened. The kind of purchase, if any."""
    places = _places(tuple([entry.action_type for entry in entries]))
    figures: list[Any] = [entry.value for entry in entries]
    if Decimal in map(type, figures):
        figures = _odd_figures(entries, places)
    for name, place in places.metrics:
        row[name] = figures[place]
    for name, place in places.more:
        more[name] = figures[place]
    if places.engagements:
        row["engagements"] = sum(figures[place] or 0 for place in places.engagements)
    return places.purchase


def _odd_figures(entries: tuple[Action, ...], places: _Places) -> list[Any]:
    """A purchase may be shared among ads, everything else that is taken is a whole number."""
    figures: list[Any] = [None] * len(entries)
    for name, place in (*places.metrics, *places.more):
        read = amount if name == "conversions" else count
        figures[place] = read(entries[place].value, entries[place].action_type)
    return figures


def _value(entries: tuple[Action, ...], kind: str) -> Decimal:
    for entry in entries:
        if entry.action_type == kind:
            return finite(Decimal(entry.value), "action_values")
    return _NOTHING


def _summed(entries: tuple[Counted, ...]) -> int:
    """Lists such as outbound_clicks hold one entry; several only where action breakdowns are asked for."""
    return entries[0].value if len(entries) == 1 else sum(entry.value for entry in entries)


def _missing(field: str) -> str:
    raise UnexpectedAnswer(
        f"Meta's report lacks the field {field}. Nothing of it was stored; it is tried again later."
    )
