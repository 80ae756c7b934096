"""Our own template: one table for every channel that has no export, and the offline grid.

`spreadsheets.template` writes it. Any base metric may be added by its label or slug.
"""

from __future__ import annotations

from spreadsheets.meanings import METRICS
from spreadsheets.platforms._declaration import Platform

HEADERS = {
    "day": "Date",
    "channel": "Channel",
    "account": "Account",
    "campaign": "Campaign",
    "ad_group": "Ad group",
    "ad": "Ad",
    "currency": "Currency",
    "spend": "Spend",
    "impressions": "Impressions",
    "clicks": "Clicks",
    "conversions": "Conversions",
    "conversion_value": "Conversion value",
}


def _words() -> dict[str, str]:
    words = {slug: f"{slug} | {slug.replace('_', ' ')}" for slug in METRICS}
    for meaning, header in HEADERS.items():
        words[meaning] = f"{header} | {words[meaning]}" if meaning in words else header
    return words | {"ends": "End date | Date to", "status": "Status"}


PLATFORM = Platform(
    slug="unified",
    label="Soundings template",
    words={"en": _words()},
    marks="Channel",
    whole_file=False,
)
