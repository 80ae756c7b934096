"""What selling costs besides advertising, and what is left: gross profit, contribution margin, break-even.

Costs are agreed on with the day from which they hold, so that what is past stays right. Shares are parts of 1,
amounts are in one currency. Cost of goods follows net sales; payment fees follow what customers paid (gross sales −
discounts), since they are not given back with a refund.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

SHARES = {
    "goods": "Cost of goods (% of net sales)",
    "shipping_share": "Shipping (% of what customers pay for it)",
    "fee_share": "Payment fees (% of what customers pay)",
}
"""Settings in percent, by name."""
AMOUNTS = {
    "shipping_each": "Shipping per order",
    "fee_each": "Payment fee per order",
    "other_each": "Other costs per order",
}
"""Settings in money, by name."""
FIELDS = {**SHARES, **AMOUNTS}
PARTS = ("goods_cost", "shipping_cost", "payment_fees", "other_costs")
"""Slugs of the costs, in the order in which they are taken off."""
_MOST = Decimal(1_000_000)
_HUNDRED = Decimal(100)
_LONGEST = 200


@dataclass(frozen=True)
class Costs:
    """What holds from a day on: shares from 0 to 1, amounts for each order."""

    since: date
    goods: Decimal = Decimal(0)
    shipping_share: Decimal = Decimal(0)
    fee_share: Decimal = Decimal(0)
    shipping_each: Decimal = Decimal(0)
    fee_each: Decimal = Decimal(0)
    other_each: Decimal = Decimal(0)


@dataclass(frozen=True)
class Agreed:
    """All that was agreed on, the earliest first, with the currency of its amounts; `periods` empty: nothing yet."""

    currency: str
    periods: tuple[Costs, ...] = ()

    @property
    def since(self) -> date | None:
        """The first day whose costs are known."""
        return self.periods[0].since if self.periods else None


@dataclass(frozen=True)
class Sold:
    """Sales of days with the same costs, in one currency. `order_unit` is Σ orders × what one unit of the costs'
    currency was on their days: what a cost of 1 for each order adds up to."""

    net: Decimal = Decimal(0)
    paid: Decimal = Decimal(0)
    shipping: Decimal = Decimal(0)
    order_unit: Decimal = Decimal(0)


def problems(content: Any) -> list[str]:
    """What is wrong with costs that somebody wants to agree on, in words; empty where nothing is."""
    if not isinstance(content, Mapping) or not isinstance(content.get("periods"), list | tuple):
        return ["The costs are not a list of periods."]
    found = []
    if not re.fullmatch("[A-Z]{3}", str(content.get("currency", ""))):
        found.append("The currency of the costs is missing.")
    periods = content["periods"]
    if len(periods) > _LONGEST:
        found.append(f"More than {_LONGEST} periods of costs are too many.")
    for period in periods[:_LONGEST]:
        found += _problems_of(period)
    days = [str(p.get("since")) for p in periods if isinstance(p, Mapping)]
    found += [
        f"Two lines of costs hold from {day}." for day in sorted({d for d in days if days.count(d) > 1})
    ]
    return found


def _problems_of(period: Any) -> list[str]:
    if not isinstance(period, Mapping):
        return ["A period of costs cannot be read."]
    since = _day(period.get("since"))
    if since is None:
        return [f"“{period.get('since')}” is no day. Write it as 2026-01-31."]
    found = [f"“{name}” is no known cost." for name in period if name != "since" and name not in FIELDS]
    for name, label in FIELDS.items():
        value = _number(period.get(name, 0))
        if value is None:
            found.append(f"{label} from {since}: “{period.get(name)}” is no number.")
        elif value < 0:
            found.append(f"{label} from {since} is below zero.")
        elif name in SHARES and value > _HUNDRED:
            found.append(f"{label} from {since} is above 100 %.")
        elif value > _MOST:
            found.append(f"{label} from {since} is above {_MOST:,}.")
    return found


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None


def _number(value: Any) -> Decimal | None:
    try:
        found = Decimal(str(value)) if not isinstance(value, bool) else None
    except InvalidOperation:
        return None
    return found if found is not None and found.is_finite() else None


def read(content: Any, currency: str) -> Agreed:
    """Costs as they were stored, perhaps by an earlier version; lines that cannot be used are left out. `currency`:
    the project's, where none is stored."""
    if not isinstance(content, Mapping):
        return Agreed(currency)
    stored = content.get("periods")
    usable = [p for p in stored if not _problems_of(p)] if isinstance(stored, list | tuple) else []
    found = {one.since: one for one in map(_costs, usable)}
    kept = str(content.get("currency", ""))
    in_order = tuple(found[day] for day in sorted(found))
    return Agreed(kept if re.fullmatch("[A-Z]{3}", kept) else currency, in_order)


def _costs(period: Mapping[str, Any]) -> Costs:
    numbers = {name: Decimal(str(period.get(name, 0))) for name in FIELDS}
    shares = {name: numbers[name] / _HUNDRED for name in SHARES}
    return Costs(date.fromisoformat(str(period["since"])), **{**numbers, **shares})


def as_content(agreed: Agreed) -> dict[str, Any]:
    """Costs as JSON can hold them: days and numbers as text, shares in percent."""
    return {"currency": agreed.currency, "periods": [_as_line(one) for one in agreed.periods]}


def _as_line(one: Costs) -> dict[str, str]:
    shares = {name: f"{(getattr(one, name) * _HUNDRED).normalize():f}" for name in SHARES}
    amounts = {name: f"{getattr(one, name):f}" for name in AMOUNTS}
    return {"since": one.since.isoformat(), **shares, **amounts}


def with_period(agreed: Agreed, one: Costs) -> Agreed:
    """The same with costs from a day on, in place of those of that day."""
    others = [period for period in agreed.periods if period.since != one.since]
    return Agreed(agreed.currency, tuple(sorted([*others, one], key=lambda period: period.since)))


def has_amounts(one: Costs) -> bool:
    """Whether any of the costs is an amount for each order."""
    return any(getattr(one, name) for name in AMOUNTS)


def applied(costs: Costs, sold: Sold) -> dict[str, Decimal]:
    """The costs of some sales by slug."""
    return {
        "goods_cost": sold.net * costs.goods,
        "shipping_cost": sold.order_unit * costs.shipping_each + sold.shipping * costs.shipping_share,
        "payment_fees": sold.paid * costs.fee_share + sold.order_unit * costs.fee_each,
        "other_costs": sold.order_unit * costs.other_each,
    }


def added(given: Iterable[Mapping[str, Decimal]]) -> dict[str, Decimal]:
    """Σ of costs."""
    rows = list(given)
    return {slug: sum((row[slug] for row in rows), Decimal(0)) for slug in PARTS}


def results(net: Decimal, parts: Mapping[str, Decimal], spend: Decimal) -> dict[str, Decimal]:
    """The costs with what they leave: gross profit before advertising, contribution margin after it."""
    profit = net - sum((parts[slug] for slug in PARTS), Decimal(0))
    return {**parts, "gross_profit": profit, "contribution_margin": profit - spend}


def waterfall(net: Decimal, found: Mapping[str, Decimal], spend: Decimal) -> list[tuple[str, Decimal]]:
    """From net sales to the contribution margin: signed steps by slug, which add up to the margin exactly."""
    return [("revenue_net", net), *((slug, -found[slug]) for slug in PARTS), ("spend", -spend)]


def breaks_even(totals: Mapping[str, Any]) -> Decimal | None:
    """The ROAS at which nothing is left and nothing is lost; None without a gross profit, when no ROAS is enough."""
    net, profit = totals.get("revenue_net"), totals.get("gross_profit")
    if net is None or profit is None or net <= 0 or profit <= 0:
        return None
    return Decimal(net) / Decimal(profit)


def in_force(periods: Sequence[Costs], day: date) -> Costs | None:
    """The costs that hold on a day."""
    return next((one for one in reversed(periods) if one.since <= day), None)
