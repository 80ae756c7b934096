"""What made a figure change: the parts of the change that each channel, account or campaign brought.

For a sum the part of i is what i gained. For a ratio R = N ÷ D it is

    (n₁ᵢ − R₀·d₁ᵢ) ÷ D₁ − (n₀ᵢ − R₀·d₀ᵢ) ÷ D₀

The first terms add up to R₁ − R₀ because Σn₁ = R₁·D₁, the second ones to 0 because Σn₀ = R₀·D₀; so the
parts add up to the change exactly, and one whose figures stayed the same in an otherwise unchanged whole
brings nothing. Computed in fractions, so that nothing is rounded away.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from analytics.metrics import Metric

Totals = Mapping[str, Decimal | int | None]


@dataclass(frozen=True)
class Contribution:
    """What `key` brought to a change, in the metric's unit."""

    key: str
    amount: Decimal


def contributions(
    metric: Metric, now: Mapping[str, Totals], before: Mapping[str, Totals]
) -> list[Contribution] | None:
    """The parts of a change by key, the largest first; they add up to it. None where there is no change to explain.

    `now` and `before` hold the base measures of each key. Counts of people cannot be taken apart.
    """
    if metric.kind.value == "distinct" and metric.slug in {"reach", "users"}:
        return None
    keys = sorted({*now, *before})
    if metric.is_ratio:
        parts = _of_ratio(metric, keys, now, before)
    else:
        parts = {key: _value(now, key, metric.slug) - _value(before, key, metric.slug) for key in keys}
    if parts is None:
        return None
    found = [Contribution(key, _decimal(part)) for key, part in parts.items() if part]
    return sorted(found, key=lambda one: (-abs(one.amount), one.key))


def top(found: list[Contribution], change: Decimal, count: int = 3) -> list[Contribution]:
    """The largest contributors, and all others as one (key ""), which makes the sum the change to the last digit."""
    shown = found[:count]
    rest = change - sum((one.amount for one in shown), Decimal(0))
    return [*shown, Contribution("", rest)] if len(found) > count else shown


def _of_ratio(
    metric: Metric, keys: list[str], now: Mapping[str, Totals], before: Mapping[str, Totals]
) -> dict[str, Fraction] | None:
    n1, d1 = (
        {key: _value(now, key, name) for key in keys} for name in (metric.numerator, metric.denominator)
    )
    n0, d0 = (
        {key: _value(before, key, name) for key in keys} for name in (metric.numerator, metric.denominator)
    )
    whole1, whole0 = sum(d1.values(), Fraction(0)), sum(d0.values(), Fraction(0))
    if not whole1 or not whole0:
        return None
    ratio0 = sum(n0.values(), Fraction(0)) / whole0
    return {
        key: metric.scale * ((n1[key] - ratio0 * d1[key]) / whole1 - (n0[key] - ratio0 * d0[key]) / whole0)
        for key in keys
    }


def _value(totals: Mapping[str, Totals], key: str, name: str) -> Fraction:
    return Fraction(totals.get(key, {}).get(name) or 0)


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)
