"""What a GAQL query selects: fields of the v26 resources, rows by day, zeros left out as REST does.

int64 are JSON texts, enums names, doubles numbers. A day without impressions has no row once a date is
selected; resources without a metric or segment are listed whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from sandbox import delivery
from sandbox.accounts import AdAccount
from sandbox.platforms._gaql import Query
from sandbox.platforms._google_entities import ACTIONS, camel, nested
from sandbox.platforms._google_fields import LEVEL, NO_FIGURES
from sandbox.world import World

_SPLITS = {
    "device": (("MOBILE", 0.61), ("DESKTOP", 0.33), ("TABLET", 0.06)),
    "ad_network_type": (("SEARCH", 0.82), ("SEARCH_PARTNERS", 0.11), ("CONTENT", 0.07)),
}
_SUMS: dict[str, str] = {
    "impressions": "impressions",
    "clicks": "clicks",
    "interactions": "clicks",
    "view_through_conversions": "view_through_conversions",
}
_CENTS = {"conversions": "conversions", "conversions_value": "value", "all_conversions": "all_conversions_hundredths",
          "all_conversions_value": "all_value_cents"}  # fmt: skip


@dataclass
class Report:
    """The rows of one query over one account, day by day."""

    world: World
    account: AdAccount
    query: Query
    entity: Callable[[str, int], dict[str, Any]]

    def __post_init__(self) -> None:
        self.names: dict[str, list[str]] = {}
        for field in self.query.select:
            resource, _, name = field.partition(".")
            self.names.setdefault(resource, []).append(name)
        self._entities: dict[int, tuple[dict[str, Any], bool]] = {}
        self.level = LEVEL[self.query.resource]

    def days(self) -> list[date]:
        """The days that the filter leaves, oldest first."""
        first, last = self.world.start, self.world.today(self.account.timezone)
        wanted = [condition for condition in self.query.where if condition.field == "segments.date"]
        count = (last - first).days + 1
        days = (first + timedelta(days=n) for n in range(count))
        return [day for day in days if all(condition.holds(day.isoformat()) for condition in wanted)]

    def pages(self, start: int = 0) -> Iterator[list[dict[str, Any]]]:
        """Rows in portions from the given one on, one for each day; all at once where the query has no date or
        wants an order."""
        if "metrics" not in self.names and not any(f.startswith("segments.") for f in self.query.select):
            yield self._ordered(list(self._listing()))
        elif "segments.date" in self.query.select and not self._wants_order():
            for day in self.days()[start:]:
                yield self._day(day)
        elif "segments.date" in self.query.select:
            yield self._ordered([row for day in self.days() for row in self._day(day)])
        else:
            yield self._ordered(
                [
                    row
                    for days in self._spans()
                    for row in self._rows(self._summed(days), days[0] if days else None)
                ]
            )

    def _spans(self) -> list[list[date]]:
        """The days that one row sums: by week, month … if that is selected, else all."""
        found: dict[str, list[date]] = {}
        for day in self.days():
            found.setdefault(str(self._segments(day)), []).append(day)
        return list(found.values())

    def _wants_order(self) -> bool:
        return bool(self.query.order) and self.query.order != (("segments.date", False),)

    def _ordered(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        for name, down in reversed(self.query.order):
            rows.sort(key=lambda row: _sort_key(row, name), reverse=down)
        return rows

    def _fitting(self, place: int) -> tuple[dict[str, Any], bool]:
        """The static part of a row, and whether its entity meets the conditions. Made once."""
        found = self._entities.get(place)
        if found is None:
            values = self.entity(self.query.resource, place)
            fits = all(
                condition.holds(
                    values[condition.field.partition(".")[0]].get(condition.field.partition(".")[2])
                )
                for condition in self.query.where
                if not condition.field.startswith(("segments.", "metrics."))
            )
            part = {
                camel(resource): nested(values[resource], names)
                for resource, names in self.names.items()
                if resource not in {"segments", "metrics"}
            }
            part.setdefault(
                camel(self.query.resource), {"resourceName": values[self.query.resource]["resource_name"]}
            )
            found = self._entities[place] = (part, fits and self._belongs(place))
        return found

    def _belongs(self, place: int) -> bool:
        """Asset groups are no ad groups."""
        if self.level != "group":
            return True
        pmax = self.account.campaigns[self.account.groups[place].campaign].kind == "pmax"
        return pmax == (self.query.resource == "asset_group")

    def _listing(self) -> Iterator[dict[str, Any]]:
        today = self.world.today(self.account.timezone)
        sizes = {"account": 1, "campaign": len(self.account.campaigns), "group": len(self.account.groups),
                 "ad": len(self.account.ads)}  # fmt: skip
        for place in range(sizes[self.level]):
            if self._created(place) <= today:
                part, fits = self._fitting(place)
                if fits:
                    yield dict(part)

    def _created(self, place: int) -> date:
        account = self.account
        if self.level == "account":
            return self.world.start
        if self.level == "ad":
            place = account.ads[place].group
        if self.level in {"ad", "group"}:
            place = account.groups[place].campaign
        return account.campaigns[place].created

    def _summed(self, days: list[date]) -> delivery.Rolled:
        total: dict[int, dict[str, int]] = {}
        for day in days:
            rolled = delivery.rolled(self.world, self.account, self.level, day)
            for n, place in enumerate(rolled.places.tolist()):
                into = total.setdefault(place, {})
                for name, values in rolled.figures.items():
                    into[name] = into.get(name, 0) + int(values[n])
        places = sorted(total)
        names = next(iter(total.values()), {})
        return delivery.Rolled(
            np.array(places, dtype=np.int64),
            {name: np.array([total[place][name] for place in places], dtype=np.int64) for name in names},
        )

    def _day(self, day: date) -> list[dict[str, Any]]:
        rolled = delivery.rolled(self.world, self.account, self.level, day)
        return self._rows(rolled, day) if len(rolled.places) else []

    def _rows(self, rolled: delivery.Rolled, day: date | None) -> list[dict[str, Any]]:
        segments = self.names.get("segments", [])
        parts: list[tuple[delivery.Figures, dict[str, str]]] = [(rolled.figures, {})]
        if any(name.startswith("conversion_action") for name in segments):
            parts = _by_action(rolled.figures, self.account.id, segments)
        for name in _SPLITS:
            if name in segments:
                parts = [(f, about | own) for figures, about in parts for f, own in _split(figures, name)]
        places = rolled.places.tolist()
        return [row for figures, about in parts for row in self._part(places, figures, day, about)]

    def _part(
        self, places: list[int], figures: delivery.Figures, day: date | None, segments: dict[str, str]
    ) -> list[dict[str, Any]]:
        wanted = [c for c in self.query.where if c.field.startswith("metrics.")]
        names = [*self.names.get("metrics", []), *(c.field[8:] for c in wanted)]
        shown = {camel(name) for name in self.names.get("metrics", [])}
        columns = [_column(figures, name, len(places)) for name in names]
        labels = [camel(name) for name in names]
        segments = segments | self._segments(day)
        found = []
        for place, *values in zip(places, *columns, strict=True):
            part, fits = self._fitting(place)
            if not fits:
                continue
            metrics = {n: v for n, v in zip(labels, values, strict=True) if v not in ("0", 0.0)}
            if wanted:
                numbers = {n: float(v) for n, v in metrics.items()}
                if not all(c.holds(numbers.get(camel(c.field[8:]), 0)) for c in wanted):
                    continue
                metrics = {n: v for n, v in metrics.items() if n in shown}
            if segments and shown and not metrics:
                continue
            row = dict(part)
            if shown:
                row["metrics"] = metrics
            if segments:
                row["segments"] = segments
            found.append(row)
        return found

    def _segments(self, day: date | None) -> dict[str, Any]:
        """The segments of time that were selected."""
        if day is None:
            return {}
        quarter = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
        known: dict[str, Any] = {
            "date": str(day), "week": str(day - timedelta(days=day.weekday())), "month": str(day.replace(day=1)),
            "quarter": str(quarter), "year": day.year, "day_of_week": f"{day:%A}".upper(),
        }  # fmt: skip
        return {camel(name): known[name] for name in self.names.get("segments", []) if name in known}


def _split(figures: delivery.Figures, name: str) -> list[tuple[delivery.Figures, dict[str, str]]]:
    """The figures in parts that add up to the whole; the first takes what rounding leaves."""
    (first, _), *others = _SPLITS[name]
    found, left = [], dict(figures)
    for value, part in others:
        share = {key: (values * part).astype(np.int64) for key, values in figures.items()}
        left = {key: values - share[key] for key, values in left.items()}
        found.append((share, {camel(name): value}))
    return [(left, {camel(name): first}), *found]


def _by_action(
    figures: delivery.Figures, account_id: str, segments: list[str]
) -> list[tuple[delivery.Figures, dict[str, str]]]:
    """The conversions of the primary action, and those of the other, which only `all_conversions` counts."""
    nothing = np.zeros_like(figures["conversions"])
    whole, value = figures["all_conversions_hundredths"], figures["all_value_cents"]
    shares = (
        (figures["conversions"], figures["value"], figures["conversions"], figures["value"]),
        (nothing, nothing, whole - figures["conversions"], value - figures["value"]),
    )
    names = ("conversions", "value", "all_conversions_hundredths", "all_value_cents")
    found = []
    for action, share in zip(ACTIONS, shares, strict=True):
        known = {"conversion_action": f"customers/{account_id}/conversionActions/{action['id']}",
                 "conversion_action_name": str(action["name"]), "conversion_action_category": str(action["category"])}  # fmt: skip
        about = {camel(name): text for name, text in known.items() if name in segments}
        found.append((figures | dict(zip(names, share, strict=True)), about))
    return found


def _sort_key(row: dict[str, Any], field: str) -> Any:
    value: Any = row
    for name in field.split("."):
        value = value.get(camel(name)) if isinstance(value, dict) else None
    if field.startswith("metrics.") or field.endswith(".id"):
        return float(value or 0)
    return str(value or "")


def _column(figures: delivery.Figures, name: str, size: int) -> list[Any]:
    """One metric of all rows, as JSON has it."""
    if name in _SUMS:
        return list(map(str, figures[_SUMS[name]].tolist()))
    if name == "cost_micros":
        return list(map(str, (figures["spend"] * 10_000).tolist()))
    if name in _CENTS:
        return [value / 100 for value in figures[_CENTS[name]].tolist()]
    if name in NO_FIGURES:
        return ["0"] * size
    top, bottom, factor = {
        "ctr": ("clicks", "impressions", 1),
        "average_cpc": ("spend", "clicks", 10_000),
        "average_cpm": ("spend", "impressions", 10_000_000),
        "average_cost": ("spend", "clicks", 10_000),
        "cost_per_conversion": ("spend", "conversions", 1_000_000),
        "value_per_conversion": ("value", "conversions", 1),
        "interaction_rate": ("clicks", "impressions", 1),
    }[name]
    return [
        t * factor / b if b else 0.0
        for t, b in zip(figures[top].tolist(), figures[bottom].tolist(), strict=True)
    ]
