"""Tables that nobody knows: their columns with a sample and a suggested meaning, ready for mapping."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from functools import cache

import polars as pl

from spreadsheets.dates import NoDay, read_day
from spreadsheets.headers import normalise
from spreadsheets.meanings import ENTITY_COLUMNS, ITEMS, METRICS, SEGMENTS
from spreadsheets.platforms import PLATFORMS
from spreadsheets.platforms._declaration import Platform

CUSTOM = Platform(slug="custom", label="Mapped file", words={"en": {}})
# What a person may map a column to.
MAPPABLE = (
    "day", "week", "month", "starts", "ends", "channel", *ENTITY_COLUMNS, "currency", *ITEMS, "status",
    *METRICS, *(name for name in SEGMENTS if name != "channel"),
)  # fmt: skip
_GUESSES = {
    "campaign_name": "campaign", "adset_name": "ad_group", "ad_set_name": "ad_group", "ad_name": "ad",
    "date_start": "starts", "date_stop": "ends", "amount": "spend", "spend": "spend", "cost": "spend",
    "costs": "spend", "ad spend": "spend", "revenue": "conversion_value", "sales": "conversion_value",
    "month": "day", "date": "day", "period": "day", "source": "channel", "platform": "channel",
    "medium": "channel", "network": "channel", "purchase": "conversions", "purchases": "conversions",
    "orders": "conversions", "impressions": "impressions", "budget": "spend", "media cost": "spend",
    "add_to_cart": "add_to_carts", "initiate_checkout": "checkouts_started",
    "view_content": "product_views", "views": "views", "kosten": "spend", "ausgaben": "spend",
    "datum": "day", "kanal": "channel", "account_id": "account_id", "campaign_id": "campaign_id",
}  # fmt: skip


@cache
def _votes() -> dict[str, str]:
    """Header → the meaning that most platforms give it."""
    counted: dict[str, Counter[str]] = {}
    for platform in PLATFORMS.values():
        for header, (meaning, _) in platform.index.items():
            if platform.slug and meaning in MAPPABLE:
                counted.setdefault(header, Counter())[meaning] += 1
    return {header: votes.most_common(1)[0][0] for header, votes in counted.items()}


def suggest(headers: list[str], frame: pl.DataFrame) -> dict[str, str]:
    """Column of the frame → suggested meaning; each meaning once."""
    taken: set[str] = set()
    found: dict[str, str] = {}
    for number, header in enumerate(headers):
        name = normalise(header)
        column = f"c{number}"
        guess = (
            _GUESSES.get(name)
            or _votes().get(name)
            or _GUESSES.get(name.replace("_", " "))
            or _votes().get(name.replace("_", " "))
        )
        if guess is None and "day" not in taken and _holds_days(frame[column]):
            guess = "day"
        if guess in METRICS and not frame[column].str.contains(r"\d").any() and frame.height:
            guess = None
        if guess and guess not in taken:
            found[column] = guess
            taken.add(guess)
    return found


def _holds_days(cells: pl.Series) -> bool:
    sample = [str(cell) for cell in cells.head(20).to_list() if cell.strip()]
    if (
        not sample
        or not all(re.search(r"\d", cell) for cell in sample)
        or all(cell.isdigit() for cell in sample)
    ):
        return False
    try:
        return all(read_day(cell, "dmy" if "." in cell else "mdy") for cell in sample[:5])
    except NoDay:
        return False


def mapped_columns(headers: list[str], mapping: Mapping[str, str]) -> dict[str, str]:
    """Meaning → column of the frame, from a person's header → meaning."""
    wanted = {normalise(header): meaning for header, meaning in mapping.items() if meaning}
    found: dict[str, str] = {}
    for number, header in enumerate(headers):
        meaning = wanted.get(normalise(header))
        if meaning:
            found.setdefault(meaning, f"c{number}")
    return found
