"""Currency codes and the signs that files write instead of them.

Codes come from Unicode's CLDR (Babel). A sign that several currencies share is ambiguous: the
person is asked, with the likeliest first.
"""

from __future__ import annotations

import re
from functools import cache

from babel.numbers import list_currencies

SIGNS: dict[str, tuple[str, ...]] = {
    "US$": ("USD",), "USD$": ("USD",), "$US": ("USD",),
    "$": ("USD", "CAD", "AUD", "MXN", "NZD", "SGD", "HKD"), "€": ("EUR",), "£": ("GBP",), "R$": ("BRL",),
    "₹": ("INR",), "Rs.": ("INR",), "Rs": ("INR",), "CA$": ("CAD",), "C$": ("CAD",), "$CA": ("CAD",),
    "A$": ("AUD",), "AU$": ("AUD",), "NZ$": ("NZD",), "HK$": ("HKD",), "S$": ("SGD",), "SG$": ("SGD",),
    "NT$": ("TWD",), "MX$": ("MXN",), "CN¥": ("CNY",), "JP¥": ("JPY",), "¥": ("JPY", "CNY"),
    "￥": ("JPY", "CNY"), "円": ("JPY",), "元": ("CNY",), "₩": ("KRW",), "원": ("KRW",), "₽": ("RUB",),
    "₺": ("TRY",), "TL": ("TRY",), "zł": ("PLN",), "Kč": ("CZK",), "Ft": ("HUF",), "lei": ("RON",),
    "kr": ("SEK", "NOK", "DKK"), "kr.": ("DKK", "NOK", "SEK"), "Kr": ("SEK", "NOK", "DKK"),
    "Fr.": ("CHF",), "SFr.": ("CHF",), "Rp": ("IDR",), "RM": ("MYR",), "฿": ("THB",), "₫": ("VND",),
    "đ": ("VND",), "₱": ("PHP",), "₪": ("ILS",), "₴": ("UAH",), "৳": ("BDT",), "₦": ("NGN",),
    "₸": ("KZT",), "R": ("ZAR",), "S/": ("PEN",), "﷼": ("SAR", "QAR", "OMR", "IRR"), "E£": ("EGP",),
    "AED": ("AED",), "Dhs": ("AED",),
}  # fmt: skip


@cache
def _codes() -> frozenset[str]:
    return frozenset(list_currencies())


def is_code(text: str) -> bool:
    """Whether the text is an ISO 4217 code in capitals."""
    return len(text) == 3 and text.isascii() and text.isupper() and text in _codes()


def candidates(token: str) -> tuple[str, ...]:
    """All codes that the token can mean, the likeliest first."""
    token = token.strip()
    if token in SIGNS:
        return SIGNS[token]
    return (token.upper(),) if is_code(token.upper()) else ()


@cache
def sign_pattern() -> str:
    """A regular expression (Rust and Python dialect) for one code or sign."""
    signs = sorted((sign for sign in SIGNS if sign != "R"), key=len, reverse=True)
    return (
        "(?:" + "|".join([*(re.escape(sign).replace(r"\ ", " ") for sign in signs), "[A-Z]{3}", r"R\b"]) + ")"
    )
