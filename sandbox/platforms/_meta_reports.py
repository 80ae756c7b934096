"""Meta's insights: one row for an entity and period, every number a text, conversions in lists of actions.

Money is in the account's currency with two decimals. `value` in an action is the default window (7-day click
and 1-day view); other windows come only when asked for. Archived entities have rows only if the filter names
their status; the account's own rows always count them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np
import orjson

from sandbox import delivery
from sandbox.accounts import AdAccount
from sandbox.world import World

LEVELS = {"account": "account", "campaign": "campaign", "adset": "group", "ad": "ad"}
STATES = {"active": "ACTIVE", "paused": "PAUSED", "removed": "ARCHIVED"}
OBJECTIVES = {"sales": "OUTCOME_SALES", "traffic": "OUTCOME_TRAFFIC", "awareness": "OUTCOME_AWARENESS"}
WINDOWS = (
    "1d_click",
    "7d_click",
    "28d_click",
    "1d_view",
    "1d_ev",
    "skan_click",
    "skan_view",
    "dda",
    "incrementality",
)
GONE = ("7d_view", "28d_view")
"""Windows that are accepted and no longer answered since 12 January 2026."""
_PURCHASES = ("purchase", "omni_purchase", "offsite_conversion.fb_pixel_purchase")
_ACTIONS = (
    ("link_click", "link_clicks"),
    ("landing_page_view", "landing_page_views"),
    ("post_reaction", "post_reactions"),
    ("comment", "comments"),
    ("post", "shares"),
    ("onsite_conversion.post_save", "saves"),
    ("video_view", "video_3s"),
    ("add_to_cart", "add_to_cart"),
    ("omni_add_to_cart", "add_to_cart"),
    ("offsite_conversion.fb_pixel_add_to_cart", "add_to_cart"),
    ("initiate_checkout", "initiate_checkout"),
)
_VIDEO = {
    "video_play_actions": "video_plays", "video_p25_watched_actions": "video_p25",
    "video_p50_watched_actions": "video_p50", "video_p75_watched_actions": "video_p75",
    "video_p95_watched_actions": "video_p100", "video_p100_watched_actions": "video_p100",
    "video_thruplay_watched_actions": "thruplays", "video_30_sec_watched_actions": "video_30s",
}  # fmt: skip
_COUNTS = {
    "impressions": "impressions",
    "reach": "reach",
    "clicks": "clicks",
    "inline_link_clicks": "link_clicks",
}
_RATES = {"cpc": ("spend", "clicks", 1), "cpm": ("spend", "impressions", 1000), "cpp": ("spend", "reach", 1000),
          "ctr": ("clicks", "impressions", 10_000), "frequency": ("impressions", "reach", 100)}  # fmt: skip
ATTRIBUTES = (
    "account_id", "account_name", "account_currency", "campaign_id", "campaign_name", "adset_id", "adset_name",
    "ad_id", "ad_name", "objective", "optimization_goal", "attribution_setting", "date_start", "date_stop",
)  # fmt: skip
FIELDS = {
    *ATTRIBUTES, *_COUNTS, *_RATES, *_VIDEO, "spend", "outbound_clicks", "actions", "action_values", "purchase_roas",
    "website_purchase_roas", "cost_per_action_type", "conversions", "conversion_values", "video_avg_time_watched_actions",
    "results", "quality_ranking",
}  # fmt: skip


BREAKDOWNS: dict[str, tuple[tuple[str, float], ...]] = {
    "country": (("US", 0.93), ("CA", 0.05), ("MX", 0.02)),
    "age": (
        ("25-34", 0.34),
        ("35-44", 0.27),
        ("18-24", 0.16),
        ("45-54", 0.13),
        ("55-64", 0.07),
        ("65+", 0.03),
    ),
    "gender": (("female", 0.52), ("male", 0.46), ("unknown", 0.02)),
    "publisher_platform": (("facebook", 0.55), ("instagram", 0.41), ("audience_network", 0.04)),
    "platform_position": (("feed", 0.7), ("instagram_stories", 0.3)),
    "impression_device": (("iphone", 0.48), ("android_smartphone", 0.36), ("desktop", 0.16)),
    "device_platform": (("mobile_app", 0.81), ("desktop", 0.19)),
}
"""Breakdowns and about how their values share the whole."""


@dataclass
class Job:
    """What a report was asked for."""

    account: AdAccount
    level: str
    fields: list[str]
    days: list[date]
    step: int
    windows: list[str]
    statuses: set[str] | None = None
    ids: dict[str, set[str]] = field(default_factory=dict)
    breakdowns: list[str] = field(default_factory=list)
    polls: int = 0
    report: Report | None = None

    def periods(self) -> list[list[date]]:
        """The days in portions of `step`; all in one if it is 0."""
        size = self.step or max(len(self.days), 1)
        return [self.days[n : n + size] for n in range(0, len(self.days), size)]


def money(cents: int) -> str:
    """Cents as a decimal text."""
    return f"{cents // 100}.{cents % 100:02d}"


class Report:
    """The rows of a job, period by period."""

    def __init__(self, world: World, job: Job) -> None:
        self.world = world
        self.job = job
        self._static: dict[int, dict[str, Any] | None] = {}

    def period(self, days: list[date], begin: int, count: int) -> list[dict[str, Any]]:
        """At most `count` rows of one period from `begin` on. Entities without delivery have none."""
        places, figures, parts = self._broken_down(*self._figures(days))
        known = self._static
        for place in places:
            if place not in known:
                known[place] = self._make(place)
        shown = figures["impressions"].tolist() if figures else []
        fitting = [n for n, place in enumerate(places) if shown[n] and known[place] is not None][
            begin : begin + count
        ]
        names = [name for name in self.job.fields if name not in ATTRIBUTES]
        listed = {name: values[fitting].tolist() for name, values in figures.items()}
        columns = [self._column(name, listed) for name in names]
        stamp = {"date_start": days[0].isoformat(), "date_stop": days[-1].isoformat()}
        found = []
        for n, *values in zip(fitting, *columns, strict=True):
            row = dict(known[places[n]] or {})
            row.update(zip(names, values, strict=True))
            if None in values:
                row = {name: value for name, value in row.items() if value is not None}
            row.update(stamp)
            row.update(parts[n % len(parts)])
            found.append(row)
        return found

    def _broken_down(
        self, places: list[int], figures: delivery.Figures
    ) -> tuple[list[int], delivery.Figures, list[dict[str, str]]]:
        """Every entity once for each combination of the breakdowns' values; the parts add up to the whole."""
        combinations: list[tuple[dict[str, str], float]] = [({}, 1.0)]
        for name in self.job.breakdowns:
            combinations = [
                (about | {name: value}, part * share)
                for about, part in combinations
                for value, share in BREAKDOWNS[name]
            ]
        parts = [about for about, _ in combinations]
        if len(parts) == 1:
            return places, figures, parts
        shares = np.array([share for _, share in combinations])
        found = {}
        for name, values in figures.items():
            step = 100 if name == "conversions" else 1
            table = np.floor(values[:, None] // step * shares).astype(np.int64)
            table[:, 0] += values // step - table.sum(axis=1)
            found[name] = table.ravel() * step
        for view, whole in (
            ("purchases_1d_view", found["conversions"] // 100),
            ("value_1d_view", found["value"]),
        ):
            found[view] = np.minimum(found[view], whole)
        return [place for place in places for _ in parts], found, parts

    def _figures(self, days: list[date]) -> tuple[list[int], delivery.Figures]:
        level = LEVELS[self.job.level]
        rolled = [delivery.rolled(self.world, self.job.account, level, day) for day in days]
        if len(rolled) == 1:
            return rolled[0].places.tolist(), rolled[0].figures
        places = sorted({place for one in rolled for place in one.places.tolist()})
        row = {place: n for n, place in enumerate(places)}
        sums = {name: [0] * len(places) for name in (rolled[0].figures if rolled else ())}
        for one in rolled:
            rows = [row[place] for place in one.places.tolist()]
            for name, values in one.figures.items():
                for n, value in zip(rows, values.tolist(), strict=True):
                    sums[name][n] += value
        if "reach" in sums:
            sums["reach"] = [value * 6 // 10 for value in sums["reach"]]
        return places, {name: np.array(values, dtype=np.int64) for name, values in sums.items()}

    def _make(self, place: int) -> dict[str, Any] | None:
        """The attributes of one entity; None if the filter leaves it out."""
        account, level = self.job.account, self.job.level
        today = self.world.today(account.timezone)
        values: dict[str, Any] = {
            "account_id": account.id, "account_name": account.name, "account_currency": account.currency,
            "attribution_setting": "7d_click_1d_view",
        }  # fmt: skip
        if level != "account":
            ad = account.ads[place] if level == "ad" else None
            group = account.groups[ad.group if ad else place] if level != "campaign" else None
            campaign = account.campaigns[group.campaign if group else place]
            state = STATES[campaign.state(today)]
            if state not in (self.job.statuses or {"ACTIVE", "PAUSED"}):
                return None
            values |= {"campaign_id": campaign.id, "campaign_name": campaign.name(today),
                       "objective": OBJECTIVES.get(campaign.kind, "OUTCOME_SALES")}  # fmt: skip
            if group:
                values |= {
                    "adset_id": group.id,
                    "adset_name": group.name,
                    "optimization_goal": "OFFSITE_CONVERSIONS",
                }
            if ad:
                values |= {"ad_id": ad.id, "ad_name": ad.name}
        for name, ids in self.job.ids.items():
            if values.get(name) not in ids:
                return None
        return {name: values[name] for name in self.job.fields if name in values}

    def _column(self, name: str, figures: dict[str, list[int]]) -> list[Any]:
        if name in _COUNTS:
            return list(map(str, figures[_COUNTS[name]]))
        if name == "spend":
            return list(map(money, figures["spend"]))
        if name in _RATES:
            top, bottom, factor = _RATES[name]
            pairs = zip(figures[top], figures[bottom], strict=True)
            return [f"{t * factor / b / 100:.6f}" if b else None for t, b in pairs]
        if name in _VIDEO or name == "outbound_clicks":
            kind = "outbound_click" if name == "outbound_clicks" else "video_view"
            return _joined([_entries(kind, figures[_VIDEO.get(name, "outbound_clicks")])])
        if name == "video_avg_time_watched_actions":
            return _joined([_entries("video_view", [6] * len(figures["spend"]))])
        makers = {"actions": self._actions, "action_values": self._values, "purchase_roas": self._roas,
                  "website_purchase_roas": self._roas, "cost_per_action_type": self._costs}  # fmt: skip
        return makers[name](figures) if name in makers else [None] * len(figures["spend"])

    def _purchases(self, totals: list[int], views: list[int], show: Callable[[int], str]) -> list[list[str]]:
        """The overlapping purchase actions of all rows, with the windows that were asked for."""
        windows = self.job.windows
        tails = []
        for total, view in zip(totals, views, strict=True):
            text = f'"value":"{show(total)}"' if total else ""
            if total and windows:
                click = total - view
                known = {"1d_click": click * 7 // 10, "7d_click": click, "28d_click": click, "1d_view": view}
                text += "".join(f',"{name}":"{show(known[name])}"' for name in windows if known.get(name))
            tails.append(text)
        return [
            [f'{{"action_type":"{kind}",{text}}}' if text else "" for text in tails] for kind in _PURCHASES
        ]

    def _actions(self, figures: dict[str, list[int]]) -> list[Any]:
        columns = [_entries(kind, figures[name]) for kind, name in _ACTIONS]
        counts = [value // 100 for value in figures["conversions"]]
        return _joined(columns + self._purchases(counts, figures["purchases_1d_view"], str))

    def _values(self, figures: dict[str, list[int]]) -> list[Any]:
        return _joined(self._purchases(figures["value"], figures["value_1d_view"], money))

    def _roas(self, figures: dict[str, list[int]]) -> list[Any]:
        pairs = zip(figures["value"], figures["spend"], strict=True)
        return _joined([_entries("omni_purchase", [f"{v / s:.6f}" if v and s else "" for v, s in pairs])])

    def _costs(self, figures: dict[str, list[int]]) -> list[Any]:
        kinds = [(kind, figures[name]) for kind, name in _ACTIONS]
        kinds.append(("purchase", [value // 100 for value in figures["conversions"]]))
        spend = figures["spend"]
        texts = [
            (kind, [f"{s / n / 100:.6f}" if n else "" for s, n in zip(spend, counts, strict=True)])
            for kind, counts in kinds
        ]
        return _joined([_entries(kind, values) for kind, values in texts])


def _entries(kind: str, values: list[Any]) -> list[str]:
    """One kind of action for all rows, as JSON; "" where there is none."""
    head = f'{{"action_type":"{kind}","value":"'
    return [f'{head}{value}"}}' if value else "" for value in values]


def _joined(columns: list[list[str]]) -> list[Any]:
    """Each row's list of actions as ready JSON; None for an empty one."""
    texts = (",".join(filter(None, row)) for row in zip(*columns, strict=True))
    return [orjson.Fragment(f"[{text}]") if text else None for text in texts]


def span(since: str, until: str) -> list[date]:
    """The days from `since` to `until`, both included."""
    first, last = date.fromisoformat(since), date.fromisoformat(until)
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
