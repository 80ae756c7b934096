"""Numbers as people read them: unit and currency always visible, “–” where there is no value."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.numbers import format_currency, format_decimal, get_currency_precision

from analytics.metrics import Metric

NONE = "–"
LOCALE = "en"
Number = Decimal | float


def money(value: Number | None, currency: str, *, exact: bool = False) -> str:
    """€1,234.50; whole units from 1,000 up unless `exact`."""
    if value is None:
        return NONE
    if not currency:
        return number(value, 2)
    digits = get_currency_precision(currency)
    if not exact and abs(Decimal(value)) >= 1000:
        digits = 0
    pattern = "¤#,##0" + ("." + "0" * digits if digits else "")
    return format_currency(value, currency, pattern, locale=LOCALE, currency_digits=False)


def percent(value: Number | None, digits: int = 2) -> str:
    """0.0123 → 1.23%."""
    return NONE if value is None else f"{Decimal(value) * 100:,.{digits}f}%"


def number(value: Number | None, digits: int = 0) -> str:
    """1234.5 → 1,235 (or with decimals)."""
    return NONE if value is None else format_decimal(round(Decimal(value), digits), locale=LOCALE)


def metric(found: Metric, value: Number | None, currency: str) -> str:
    """A value in its metric's unit."""
    if value is None:
        return NONE
    if found.unit == "money":
        return money(value, currency)
    if found.unit == "percent":
        return percent(value)
    if found.unit == "multiple":
        return f"{value:,.2f}×"
    if found.unit == "seconds":
        return f"{value:,.1f} s"
    if found.unit == "position":
        return f"{value:,.1f}"
    whole = Decimal(value) == Decimal(value).to_integral_value()
    return number(value, 0 if whole or abs(Decimal(value)) >= 1000 else 2)


def signed(found: Metric, value: Number, currency: str) -> str:
    """+€12.50, −3: a part of a change, with its sign."""
    return ("+" if value > 0 else "−" if value < 0 else "") + metric(found, abs(Decimal(value)), currency)


def signed_alike(found: Metric, values: Sequence[Number], currency: str) -> list[str]:
    """+€1,994.30, −€661.50: the parts of a change, all with the same decimals."""
    if found.unit == "money":
        texts = [money(abs(Decimal(value)), currency, exact=True) for value in values]
    elif found.unit in {"count", "number"} and any(Decimal(value) % 1 for value in values):
        texts = [f"{abs(Decimal(value)):,.2f}" for value in values]
    else:
        return [signed(found, value, currency) for value in values]
    signs = ("+" if value > 0 else "−" if value < 0 else "" for value in values)
    return [sign + text for sign, text in zip(signs, texts, strict=True)]


def rate(value: Decimal | None) -> str:
    """0.9174 for an exchange rate, six significant digits."""
    return NONE if value is None else f"{value:.6g}"


def change(value: Decimal | None) -> str | None:
    """+12.3% for a relative change, 0.0% for one that rounds to nothing; None where there is nothing to compare with."""
    if value is None:
        return None
    return f"{value * 100:+,.1f}%" if round(value * 100, 1) else "0.0%"


def day(value: date | None) -> str:
    """18 Nov 2026."""
    return "unknown" if value is None else f"{value.day} {value:%b %Y}"


def days(first: date, last: date) -> str:
    """1–30 Sep 2026, as short as it can be said."""
    if first == last:
        return day(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{day(last)}"
    if first.year == last.year:
        return f"{first.day} {first:%b} – {day(last)}"
    return f"{day(first)} – {day(last)}"


def moment(value: datetime | None, zone: str) -> str:
    """20 Nov 2026, 14:05 in the project's time zone."""
    if value is None:
        return "never"
    local = value.astimezone(ZoneInfo(zone) if zone else UTC)
    return f"{day(local.date())}, {local:%H:%M}"


def size(count: int) -> str:
    """1.2 MB."""
    return f"{count / 1_000_000:,.1f} MB" if count >= 100_000 else f"{count / 1000:,.1f} kB"
