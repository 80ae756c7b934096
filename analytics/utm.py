"""Tagged links: an address with utm parameters that read the same in every tool.

Values are refused rather than repaired where repair would guess: upper case splits one campaign into two rows
of a report, a space turns into `+` or `%20`, and a placeholder that no platform filled in names nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, unquote_plus, urlsplit, urlunsplit

from analytics.rules import WrongRule

PARAMETERS = ("source", "medium", "campaign", "content", "term")
NEEDED = ("source", "medium", "campaign")
LONGEST, LONGEST_ADDRESS, MOST_VALUES = 200, 2000, 500
_MACRO = re.compile(r"\{\{[^}]*\}\}|\{[^}]*\}|__[A-Z0-9_]+__|%%[^%]*%%|\$\{")
_HOST = re.compile(
    r"(?=.{1,253}$)([^\s./:@\\]{1,63}\.)+[^\s./:@\\\d][^\s./:@\\]{0,62}|localhost|\d{1,3}(\.\d{1,3}){3}"
)
_ENCODED = re.compile(r"%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True)
class Vocabulary:
    """The values that a team agreed on; empty: any. Campaigns follow the naming convention if `by_convention`."""

    sources: tuple[str, ...] = ()
    mediums: tuple[str, ...] = ()
    by_convention: bool = False

    def of(self, parameter: str) -> tuple[str, ...]:
        """Allowed values of a parameter."""
        return {"source": self.sources, "medium": self.mediums}.get(parameter, ())


OPEN = Vocabulary()


def check_value(parameter: str, value: str, vocabulary: Vocabulary = OPEN) -> str:
    """The value as it goes into the link. WrongRule says what is wrong with it, and what would do."""
    said = f"utm_{parameter} “{value[:60]}”"
    if _MACRO.search(value):
        raise WrongRule(f"{said} holds a placeholder that nothing fills in here. Write what it stands for.")
    if any(sign.isspace() or not sign.isprintable() for sign in value):
        raise WrongRule(f"{said} holds a space. Write “{_tidy(value)}”.")
    if value != value.lower():
        raise WrongRule(
            f"{said} has upper case, which reports count as another value. Write “{value.lower()}”."
        )
    if len(value) > LONGEST:
        raise WrongRule(f"utm_{parameter} is longer than {LONGEST} characters.")
    allowed = vocabulary.of(parameter)
    if value and allowed and value not in allowed:
        raise WrongRule(f"{said} is not in the vocabulary: {', '.join(allowed[:12])}.")
    return value


def _tidy(value: str) -> str:
    return "-".join(value.lower().split())


def check_address(address: str) -> str:
    """A page's address, fit to be tagged. WrongRule for what no browser would open."""
    given = address.strip()
    if not given:
        raise WrongRule("Enter the address of the page that the link leads to.")
    if len(given) > LONGEST_ADDRESS:
        raise WrongRule(f"The address is longer than {LONGEST_ADDRESS:,} characters; some tools cut it off.")
    if any(sign.isspace() for sign in given):
        raise WrongRule(f"The address “{given[:80]}” holds a space. Write %20 for it, or remove it.")
    try:
        parts = urlsplit(given)
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        raise WrongRule(f"“{given[:80]}” is not an address: look at its brackets and port.") from error
    if parts.scheme not in {"http", "https"}:
        raise WrongRule(f"“{given[:80]}” has to begin with https:// (or http://).")
    if not _HOST.fullmatch(host):
        raise WrongRule(f"“{given[:80]}” names no site, such as shop.example.com.")
    if parts.username is not None:
        raise WrongRule("The address holds a user name, which does not belong into a link.")
    if _MACRO.search(unquote(given)):
        raise WrongRule(f"“{given[:80]}” holds a placeholder that nothing fills in here.")
    return given


def build(address: str, values: Mapping[str, str], vocabulary: Vocabulary = OPEN) -> str:
    """The tagged link. utm parameters that the address carries are replaced, others stay as they are, and so does
    the fragment, behind them. WrongRule names what is missing or wrong."""
    parts = urlsplit(check_address(address))
    checked = {name: check_value(name, values.get(name, "").strip(), vocabulary) for name in PARAMETERS}
    if missing := [name for name in NEEDED if not checked[name]]:
        raise WrongRule(f"{' and '.join(f'utm_{name}' for name in missing)} still has no value.")
    kept = [piece for piece in parts.query.split("&") if piece and not _is_utm(piece)]
    tags = [f"utm_{name}={quote(value, safe='~-._')}" for name, value in checked.items() if value]
    path = quote(_ENCODED.sub("%25", parts.path or "/"), safe="/%:@!$&'()*+,;=~-._")
    query = quote(_ENCODED.sub("%25", "&".join(kept)), safe="/%:@!$&'()*+,;=?~-._[]")
    link = urlunsplit(
        (parts.scheme, parts.netloc, path, "&".join(filter(None, (query, *tags))), parts.fragment)
    )
    if len(link) > LONGEST_ADDRESS:
        raise WrongRule(f"The link is longer than {LONGEST_ADDRESS:,} characters; some tools cut it off.")
    return link


def _is_utm(piece: str) -> bool:
    return unquote_plus(piece.partition("=")[0]).lower().startswith("utm_")


def tags(address: str) -> dict[str, str]:
    """The utm values that an address carries, by parameter; of several the last, as web analytics reads them."""
    found = {}
    for piece in urlsplit(address.strip()).query.split("&"):
        name, _, value = piece.partition("=")
        parameter = unquote_plus(name).lower().removeprefix("utm_")
        if _is_utm(piece) and parameter in PARAMETERS:
            found[parameter] = unquote_plus(value)
    return found


# --- the vocabulary --------------------------------------------------------------------------------


def check(vocabulary: Vocabulary) -> Vocabulary:
    """The same, tidied. WrongRule names the value that could not stand in a link."""
    found = {}
    for parameter in ("source", "medium"):
        values = tuple(dict.fromkeys(value.strip() for value in vocabulary.of(parameter) if value.strip()))
        if len(values) > MOST_VALUES:
            raise WrongRule(f"More than {MOST_VALUES} values of utm_{parameter} are too many.")
        found[parameter] = tuple(check_value(parameter, value) for value in values)
    return Vocabulary(found["source"], found["medium"], vocabulary.by_convention)


def as_content(vocabulary: Vocabulary) -> dict[str, Any]:
    """What is kept of it."""
    return {
        "source": list(vocabulary.sources),
        "medium": list(vocabulary.mediums),
        "by_convention": vocabulary.by_convention,
    }


def from_content(content: Any) -> Vocabulary:
    """What was kept. WrongRule for anything else."""
    try:
        named: list[Iterable[object]] = [content["source"], content["medium"]]
        sources, mediums = (tuple(map(str, values)) for values in named)
        return check(Vocabulary(sources, mediums, bool(content.get("by_convention"))))
    except (KeyError, TypeError, AttributeError) as error:
        raise WrongRule("The stored vocabulary cannot be read.") from error
