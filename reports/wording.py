"""Days, amounts and accounts in the sentences that reports make."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from analytics import channels, metrics

MONEY = frozenset({"spend", "conversion_value", "revenue_gross", "revenue_net"})


def account(channel: str, name: str) -> str:
    """'Meta Ads · Brand DE'."""
    return channels.account_label(channel, name)


def day(value: date | None) -> str:
    """18 Nov 2026."""
    return "unknown" if value is None else f"{value.day} {value:%b %Y}"


def days(found: Sequence[date]) -> str:
    """'18 Nov 2026', or '3 days, last on 18 Nov 2026'."""
    return day(found[0]) if len(found) == 1 else f"{len(found)} days, last on {day(max(found))}"


def count(number: int, one: str, many: str = "") -> str:
    """'1 day', '1,200 days'."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def figure(metric: str, value: Decimal | int | None, currency: str) -> str:
    """A value of a base metric: money with its currency, anything else as a number."""
    if value is None:
        return "nothing"
    number = Decimal(value)
    if metric in MONEY:
        return f"{number:,.2f} {currency}".strip()
    return f"{number:,.0f}" if number == number.to_integral_value() else f"{number:,.2f}"


def label(metric: str) -> str:
    """'spend', 'platform conversions': a metric's label inside a sentence."""
    found = metrics.REGISTRY.get(metric)
    text = found.label if found else metric.replace("_", " ")
    return text if text[:2].isupper() else text[:1].lower() + text[1:]


def percent(part: Decimal) -> str:
    """0.0412 → '4.1 %', 0.4 → '40 %'; less than a tenth of a percent is said so."""
    size = abs(part) * 100
    if size and size < Decimal("0.1"):
        return "less than 0.1 %"
    return f"{size:,.1f} %" if size < 10 and size != size.to_integral_value() else f"{size:,.0f} %"
