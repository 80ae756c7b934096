"""Aliases of tags: one value that stands for another, and which pairs of names look as if they belonged together.

Names are compared by letters and digits alone; how alike two are is the share of the three-letter pieces that
they have in common (Dice's coefficient), of the names as they stand and of their words in alphabetical order.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from analytics.rules import WrongRule

FIELDS = ("source", "medium", "campaign")
ALIKE = 0.6
"""From this score on two names are offered as one."""
_WORDS = re.compile(r"[^\W_]+")
MOST, LONGEST = 2000, 500


@dataclass(frozen=True)
class Alias:
    """`raw` in traffic is `canonical`."""

    field: str
    raw: str
    canonical: str


@dataclass(frozen=True)
class Pair:
    """A tag and the campaign that it may mean; score 0 to 1."""

    raw: str
    canonical: str
    score: float


def plain(name: str) -> str:
    """Letters and digits alone: 'Spring Sale – DE' and 'spring_sale-de' are one tag."""
    return "".join(sign for sign in name.casefold() if sign.isalnum())


def likeness(one: str, other: str) -> float:
    """0 to 1; 1 for names that differ in nothing but signs, letter case or the order of their words."""
    (first, first_sorted), (second, second_sorted) = _pieces(one), _pieces(other)
    return max(_dice(first, second), _dice(first_sorted, second_sorted))


@lru_cache(maxsize=20_000)
def _pieces(name: str) -> tuple[frozenset[str], frozenset[str]]:
    in_order = "".join(sorted(_WORDS.findall(name.casefold())))
    return _trigrams(plain(name)), _trigrams(in_order)


def _trigrams(text: str) -> frozenset[str]:
    framed = f"^{text}$"
    return frozenset(framed[k : k + 3] for k in range(len(framed) - 2))


def _dice(one: frozenset[str], other: frozenset[str]) -> float:
    whole = len(one) + len(other)
    return 2 * len(one & other) / whole if whole else 0.0


def suggest(tags: Sequence[str], campaigns: Sequence[str]) -> list[Pair]:
    """The best pairs, each tag and each campaign once, the likeliest first; equal scores in the order given."""
    named = [(name, plain(name)) for name in dict.fromkeys(campaigns) if plain(name)]
    found = []
    for tag in dict.fromkeys(tags):
        mine = plain(tag)
        found += [
            Pair(tag, name, score)
            for name, theirs in named
            if mine and _close(mine, theirs) and (score := round(likeness(tag, name), 3)) >= ALIKE
        ]
    found.sort(key=lambda pair: -pair.score)
    kept: list[Pair] = []
    used: set[tuple[str, str]] = set()
    for pair in found:
        if not used & (ends := {("tag", pair.raw), ("campaign", pair.canonical)}):
            used |= ends
            kept.append(pair)
    return kept


def _close(one: str, other: str) -> bool:
    """Whether the lengths alone allow the score: most pairs are told apart by this."""
    short, long = sorted((len(one), len(other)))
    return 2 * short >= ALIKE * (short + long)


# --- keeping them ----------------------------------------------------------------------------------


def applied(aliases: Iterable[Alias]) -> Mapping[tuple[str, str], str]:
    """What each value of a field stands for, by field and plain lower-case value. Applied once, never in chains."""
    return {(alias.field, alias.raw.strip().lower()): alias.canonical for alias in aliases}


def check(aliases: Iterable[Alias]) -> tuple[Alias, ...]:
    """The same, tidied. WrongRule for a value that stands for two, for itself, or for one that is an alias."""
    found: dict[tuple[str, str], Alias] = {}
    for alias in aliases:
        made = Alias(alias.field, alias.raw.strip(), alias.canonical.strip())
        if made.field not in FIELDS:
            raise WrongRule(f"“{made.field}” has no aliases; source, medium and campaign have.")
        if not made.raw or not made.canonical or max(len(made.raw), len(made.canonical)) > LONGEST:
            raise WrongRule(f"An alias needs two values of 1 to {LONGEST} characters.")
        key = (made.field, made.raw.lower())
        if made.raw.lower() == made.canonical.lower():
            raise WrongRule(f"“{made.raw}” cannot stand for itself.")
        if key in found and found[key].canonical != made.canonical:
            raise WrongRule(
                f"“{made.raw}” would stand for “{found[key].canonical}” and for “{made.canonical}”."
            )
        found[key] = made
    if len(found) > MOST:
        raise WrongRule(f"More than {MOST:,} aliases are too many.")
    if chained := next((a for a in found.values() if (a.field, a.canonical.lower()) in found), None):
        raise WrongRule(
            f"“{chained.raw}” would stand for “{chained.canonical}”, which is an alias itself. Point both to the same value."
        )
    return tuple(found.values())


def as_content(aliases: Iterable[Alias]) -> list[dict[str, str]]:
    """What is kept of them."""
    return [{"field": a.field, "raw": a.raw, "canonical": a.canonical} for a in aliases]


def from_content(content: Any) -> tuple[Alias, ...]:
    """What was kept. WrongRule for anything else."""
    try:
        return check(Alias(str(a["field"]), str(a["raw"]), str(a["canonical"])) for a in content)
    except (KeyError, TypeError, AttributeError) as error:
        raise WrongRule("The stored aliases cannot be read.") from error
