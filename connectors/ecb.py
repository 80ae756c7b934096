"""The European Central Bank's euro foreign exchange reference rates, last 90 days.

A public XML file, updated around 16:00 CET on working days:
https://www.ecb.europa.eu/stats/policy_and_exchange_rates/euro_reference_exchange_rates/html/index.en.html
No sign-in, no stated limit; it is fetched at most a few times a day.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import NamedTuple
from xml.etree.ElementTree import Element, ParseError

import requests
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from errors import TryLater

ADDRESS = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist-90d.xml"
_MOST_BYTES = 2_000_000  # the file is about 100 kB
_CUBE = "{http://www.ecb.int/vocabulary/2002-08-01/eurofxref}Cube"
_SAFE = "Amounts are shown at the last rates that are known."


class Rate(NamedTuple):
    """Units of a currency for one euro, published on a day."""

    currency: str
    day: date
    per_euro: Decimal


def latest(address: str = ADDRESS, seconds: float = 10.0) -> list[Rate]:
    """The published rates. Raises TryLater when they cannot be had or make no sense."""
    try:
        with requests.get(address, timeout=seconds, stream=True) as answer:
            answer.raise_for_status()
            content = answer.raw.read(_MOST_BYTES + 1, decode_content=True)
    except (requests.RequestException, OSError) as error:
        raise TryLater(
            f"The ECB's rates could not be fetched ({type(error).__name__}). {_SAFE}", 3600
        ) from error
    if len(content) > _MOST_BYTES:
        raise TryLater(f"The ECB's answer is far larger than its file of rates. {_SAFE}", 86400)
    return parse(content)


def parse(content: bytes) -> list[Rate]:
    """Rates in the ECB's XML. Raises TryLater for anything else."""
    try:
        found = [
            rate for day in fromstring(content).iter(_CUBE) if "time" in day.attrib for rate in _rates(day)
        ]
    except (ParseError, DefusedXmlException, KeyError, ValueError, InvalidOperation) as error:
        raise TryLater(
            f"The ECB's answer is not the file of rates that it should be. {_SAFE}", 86400
        ) from error
    if not found:
        raise TryLater(f"The ECB's file holds no rates. {_SAFE}", 86400)
    return found


def _rates(day: Element) -> list[Rate]:
    published = date.fromisoformat(day.attrib["time"])
    found = [Rate(cube.attrib["currency"], published, Decimal(cube.attrib["rate"])) for cube in day]
    for rate in found:
        if len(rate.currency) != 3 or not rate.per_euro.is_finite() or rate.per_euro <= 0:
            raise ValueError(f"{rate.currency} {rate.per_euro}")
    return found
