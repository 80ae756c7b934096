"""What breakdowns call the same thing: countries by name or code, kinds of device by many names."""

from __future__ import annotations

from functools import lru_cache

from babel import Locale

UNKNOWN = ""
_NOT_KNOWN = {"", "(none)", "(not set)", "unknown", "none", "zz", "xx", "--", "other", "(other)"}
_DEVICE_WORDS = (
    ("tablet", ("tablet", "ipad")),
    ("tv", ("tv", "television", "streaming")),
    ("mobile", ("mobile", "phone", "android", "ios", "ipod")),
    ("desktop", ("desktop", "computer", "web", "windows", "mac", "pc")),
)
_ALIASES = {
    "usa": "US", "united states of america": "US", "uk": "GB", "great britain": "GB", "south korea": "KR",
    "russia": "RU", "turkey": "TR", "türkiye": "TR", "czech republic": "CZ", "hong kong": "HK", "macau": "MO",
    "the netherlands": "NL", "ivory coast": "CI", "bosnia and herzegovina": "BA", "trinidad and tobago": "TT",
    "myanmar": "MM", "north macedonia": "MK", "palestine": "PS", "vietnam": "VN", "taiwan": "TW",
}  # fmt: skip


@lru_cache(1)
def _territories() -> dict[str, str]:
    """Two-letter codes and English names of countries."""
    names = Locale("en").territories
    return {code: name for code, name in names.items() if len(code) == 2 and code.isalpha()}


@lru_cache(1)
def _codes() -> dict[str, str]:
    plain = {name.casefold().replace("&", "and"): code for code, name in _territories().items()}
    return {**plain, **_ALIASES}


@lru_cache(4096)
def country(text: str) -> str:
    """The two-letter code of a country given by code or English name; the text itself where it is neither, and
    empty where the platform does not know."""
    name = " ".join(text.split())
    if name.casefold() in _NOT_KNOWN:
        return UNKNOWN
    if name.upper() in _territories():
        return name.upper()
    return _codes().get(name.casefold().replace("&", "and"), name)


@lru_cache(4096)
def device(text: str) -> str:
    """mobile, desktop, tablet or tv; the text itself where it is none of them, empty where unknown."""
    name = " ".join(text.replace("_", " ").split()).casefold()
    if name in _NOT_KNOWN:
        return UNKNOWN
    return next((kind for kind, words in _DEVICE_WORDS if any(word in name for word in words)), name)


def label(breakdown: str, value: str) -> str:
    """'Germany' for DE, 'Mobile', or 'Unknown'."""
    if value == UNKNOWN:
        return "Unknown"
    if breakdown == "country":
        return _territories().get(value, value)
    return "TV" if value == "tv" else value[:1].upper() + value[1:]
