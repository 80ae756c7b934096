"""Header cells as people and programs spell them, brought to one spelling for comparison.

Seen in real files: trailing spaces, line breaks, full-width brackets, a currency in brackets at the
end or in the middle (`Amount spent (IDR)`, `14 Day Total Sales (₹)`), typographic quotes and dashes.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from spreadsheets.currencies import candidates, is_code

_BRACKETED = re.compile(r"\s*[(\[]\s*([^()\[\]\s]{1,4})\s*[)\]]")
# Currency codes that are also ordinary words of headers: "Clicks (ALL)", "Impr. (TOP) %".
_WORDS = {"ALL", "TOP", "CUP"}
_SAME = str.maketrans(
    {"’": "'", "‘": "'", "`": "'", "–": "-", "—": "-", "\ufeff": None, "\u200b": None, "\u200e": None}
)


@lru_cache(maxsize=20_000)
def normalise(header: str) -> str:
    """The header in lower case, without accents and currency, one space between words."""
    text = unicodedata.normalize("NFKC", header).translate(_SAME)
    for found in _BRACKETED.finditer(text):
        if _currency(found.group(1)):
            text = text.replace(found.group(0), "", 1)
    text = re.sub(r"\s+", " ", _without_accents(text.casefold())).strip(' "\t')
    return re.sub(r"\(\s+", "(", re.sub(r"\s+\)", ")", text))


def _without_accents(text: str) -> str:
    """Latin letters without their marks: re-saving often loses them. Other scripts stay as they are."""
    letters = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", re.sub("[\u0300-\u036f]", "", letters))


def currency_in(header: str) -> str | None:
    """The currency code or ambiguous symbol that stands in brackets in the header, if there is one."""
    for found in _BRACKETED.finditer(unicodedata.normalize("NFKC", header)):
        if _currency(found.group(1)):
            return found.group(1)
    return None


def _currency(text: str) -> bool:
    if text in _WORDS:
        return False
    return is_code(text) or ((not text.isascii() or "$" in text) and bool(candidates(text)))
