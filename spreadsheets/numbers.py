"""Numbers as files write them, into exact decimals.

Which sign is the decimal one is decided once per file, from cells that can be read one way only and
then from the header's language: `1.234` and `1,234` alone say nothing. Whole columns are converted
at once; only cells that the quick way rejects are read one by one, each distinct text once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import polars as pl

from spreadsheets.currencies import sign_pattern

EXACT = pl.Decimal(38, 10)  # ten decimals: platforms write money with up to eight
EMPTY = (
    "", "-", "--", "---", "—", "–", "n/a", "na", "n.a.", "null", "none", "nan", "[]", "(not set)", "∞", "*",
    "not available", "nicht verfügbar", "#n/a", "#div/0!", "#value!", "-%", "--%", "n/d", "undefined",
)  # fmt: skip
COMMA_LANGUAGES = frozenset(
    [
        "de",
        "es",
        "fr",
        "pt",
        "it",
        "nl",
        "pl",
        "tr",
        "cs",
        "sv",
        "da",
        "no",
        "fi",
        "ru",
        "uk",
        "hu",
        "ro",
        "id",
    ]
)

_SAMPLE = 20_000  # cells of a column that vote on the decimal sign

_SPACES = "[\u00a0\u202f\u2007\u2009\u200e\u200f\ufeff]"
_DOT = r"^[+-]?(?:\d+|[1-9]\d{0,2}(?:[, ']\d{2,3})*[, ']\d{3})(?:\.\d*)?$|^[+-]?\.\d+$"
_COMMA = r"^[+-]?(?:\d+|[1-9]\d{0,2}(?:[. ']\d{3})+)(?:,\d*)?$|^[+-]?,\d+$"
_CENSORED = re.compile(r"^[<>≤≥]\s*[\d.,]+\s*%?$")


@dataclass(frozen=True)
class Numbers:
    """A converted column: exact values (null = not measured), which cells were bad, which censored."""

    values: pl.Series
    bad: pl.Series
    censored: pl.Series
    reasons: dict[str, str]


def tidy(cells: pl.Series) -> pl.Series:
    """Text without odd spaces; typographic minus and apostrophes made plain."""
    plain = cells.fill_null("")
    if plain.str.len_bytes().sum() != plain.str.len_chars().sum():
        plain = plain.str.replace_all(_SPACES, " ").str.replace_all("[’‘]", "'").str.replace_all("−", "-")
    return plain.str.strip_chars()


def blank(cells: pl.Series) -> pl.Series:
    """Which (tidied) cells say "not measured"."""
    return cells.str.to_lowercase().is_in(EMPTY)


def split_signs(cells: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Takes currency signs off (tidied) cells: the bare numbers, and the sign of each cell or ""."""
    sign = sign_pattern()
    if not cells.str.contains(r"[^\d.,' +-]").any():
        return cells, pl.Series([""], dtype=pl.String).new_from_index(0, len(cells))
    found = cells.str.extract(rf"^[+(-]?\s*({sign})\s*[+-]?[\d.,]", 1)
    behind = cells.str.extract(rf"\d[\d.,' ]*\s*({sign})\)?$", 1)
    signs = found.fill_null(behind).fill_null("")
    if not (signs != "").any():
        return cells, signs
    bare = cells.str.replace(rf"^([+(-]?)\s*{sign}\s*([+-]?[\d.,])", "${1}${2}")
    bare = bare.str.replace(rf"([\d.,])\s*{sign}(\)?)$", "${1}${2}")
    return bare.str.strip_chars(), signs


def decimal_sign(
    amounts: Iterable[pl.Series], counts: Iterable[pl.Series], language: str, fallback: str
) -> str | None:
    """ "." or "," for a file, from its (tidied, bare) cells; None when nothing in the file tells.

    `fallback` decides when there is nothing to decide (no cell with a dot or a comma).
    """
    votes = {".": 0, ",": 0}
    unclear = 0
    for cells, whole in [*((cells, False) for cells in amounts), *((cells, True) for cells in counts)]:
        cells = cells.gather_every(max(1, len(cells) // _SAMPLE))
        texts = (
            cells.filter(cells.str.contains(r"\d[.,]\d")).str.replace(r"\s*%$", "").str.replace(r"^[+-]", "")
        )
        for sign, other in ((".", ","), (",", ".")):
            dec, grp = re.escape(sign), re.escape(other)
            clear = (
                rf"{grp}\d+.*{dec}\d|^[^.,]*{grp}\d{{3}}(?:{grp}\d{{3}})+$|^[^.,]*{grp}\d{{2}}{grp}\d{{3}}$"
            )
            clear += rf"|^0*{dec}\d|^\d+{dec}(?:\d{{1,2}}|\d{{4,}})$|^\d{{4,}}{dec}\d+$"
            votes[sign] += int(texts.str.contains(clear).sum())
        open_cells = texts.str.contains(r"^[1-9]\d{0,2}[.,]\d{3}$")
        if whole:  # a count has no fraction, so the sign can only group
            votes["."] += int((open_cells & texts.str.contains(",", literal=True)).sum())
            votes[","] += int((open_cells & texts.str.contains(".", literal=True)).sum())
        else:
            unclear += int(open_cells.sum())
    return _elect(votes, unclear, language, fallback)


def _elect(votes: dict[str, int], unclear: int, language: str, fallback: str) -> str | None:
    usual = "," if language in COMMA_LANGUAGES else "."
    if votes[","] and votes["."]:
        # Unlocalised floats slip into localised files (LinkedIn), never the other way round.
        if usual == ",":
            return ","
        return "," if votes[","] > votes["."] else "."
    if votes[","] or votes["."]:
        return "," if votes[","] else "."
    if language != "en":
        return usual
    if unclear and fallback == ",":
        return None
    return fallback if not unclear else "."


def parse(cells: pl.Series, sign: str, *, whole: bool = False) -> Numbers:
    """Converts (tidied, bare) cells; `whole` demands numbers without a fraction."""
    if sign == "." and (quick_values := _plain(cells)) is not None:
        return _checked(Numbers(quick_values, _none(cells), _none(cells), {}), cells, whole)
    empty = blank(cells)
    grouped = r"[, ']" if sign == "." else r"[. ']"
    quick = cells.str.contains(_DOT if sign == "." else _COMMA) & ~empty
    plain = cells.str.replace_all(grouped, "")
    plain = plain if sign == "." else plain.str.replace(",", ".", literal=True)
    values = pl.select(pl.when(quick).then(plain)).to_series().cast(EXACT, strict=False)
    odd = ~quick & ~empty
    reasons: dict[str, str] = {}
    censored = _none(cells)
    if odd.any():
        values, censored, reasons = _careful(cells, odd, values, sign)
    return _checked(Numbers(values, values.is_null() & ~empty & ~censored, censored, reasons), cells, whole)


def _plain(cells: pl.Series) -> pl.Series | None:
    """The whole column at once, when it holds nothing but digits, one dot and empty cells."""
    values = cells.cast(EXACT, strict=False)
    if values.null_count() != int((cells == "").sum()) or cells.str.contains("[eE]").any():
        return None
    return values


def _none(cells: pl.Series) -> pl.Series:
    return pl.Series([False], dtype=pl.Boolean).new_from_index(0, len(cells))


def _checked(numbers: Numbers, cells: pl.Series, whole: bool) -> Numbers:
    """With fractions marked as bad, where a whole number is due."""
    if not whole:
        return numbers
    broken = (numbers.values != numbers.values.round(0)).fill_null(False)
    if not broken.any():
        return numbers
    reasons = dict.fromkeys(cells.filter(broken).unique().to_list(), "a whole number was expected")
    return Numbers(numbers.values, numbers.bad | broken, numbers.censored, numbers.reasons | reasons)


def _careful(
    cells: pl.Series, odd: pl.Series, values: pl.Series, sign: str
) -> tuple[pl.Series, pl.Series, dict[str, str]]:
    distinct = cells.filter(odd).unique().to_list()
    read: dict[str, str | None] = {}
    reasons: dict[str, str] = {}
    for text in distinct:
        try:
            read[text] = format(read_number(text, sign), "f")
        except ValueError as error:
            read[text] = None
            if not _CENSORED.match(text):
                reasons[text] = str(error)
    later = cells.replace_strict(read, default=None, return_dtype=pl.String).cast(EXACT, strict=False)
    hidden = [text for text in distinct if _CENSORED.match(text)]
    return pl.select(pl.when(odd).then(later).otherwise(values)).to_series(), cells.is_in(hidden), reasons


def read_number(text: str, sign: str) -> Decimal:
    """One odd cell. Raises ValueError with a plain reason when it is not a number."""
    bare = text.strip("[] ")
    if re.fullmatch(r"\(.*\)", bare):
        bare = "-" + bare[1:-1]
    bare = re.sub(rf"^([+-]?)\s*{sign_pattern()}\s*|\s*{sign_pattern()}$", r"\1", bare).strip()
    bare = bare.removesuffix("%").strip()
    if re.fullmatch(r"[+-]?\d+(?:[.,]\d+)?[eE][+-]?\d+", bare):
        return _scientific(bare.replace(",", "."))
    if re.search(r"\d", bare) and re.search(r"[^\W\d_]", bare):
        raise ValueError("letters in a number")
    if re.fullmatch(_DOT if sign == "." else _COMMA, bare):
        grouped = r"[, ']" if sign == "." else r"[. ']"
        return _decimal(re.sub(grouped, "", bare).replace(",", "."))
    if sign == "," and re.fullmatch(r"[+-]?\d*\.\d+", bare):
        return _decimal(bare)
    if sign == "." and re.fullmatch(r"[+-]?\d+,\d+", bare):
        raise ValueError("a decimal comma, but this file's decimal sign is the dot")
    raise ValueError("not a number" if re.search(r"\d", bare) else "text where a number was expected")


def _scientific(text: str) -> Decimal:
    mantissa, exponent = re.split("[eE]", text)
    digits = len(mantissa.split(".")[1]) if "." in mantissa else 0
    if int(exponent) > max(digits, 0):
        raise ValueError("shortened by a spreadsheet program (scientific notation), digits are lost")
    return _decimal(text)


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise ValueError("not a number") from error
