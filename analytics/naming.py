"""Campaign names by agreement: parts in a fixed order, read into dimensions, with the reason where one breaks it.

A convention is a separator and parts from left to right; `DE_search_brand` is market, kind and topic at `_`.
Optional parts stand at the end, so that a shorter name can be read in one way only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import polars as pl

from analytics.rules import WrongRule, compile_pattern

SEPARATORS = ("_", "|", "-", "/", ".", ":", " ")
MOST_PARTS, MOST_VALUES, LONGEST = 12, 500, 100


@dataclass(frozen=True)
class Part:
    """A part of the name. With `allowed` one of these values (in any letter case), else whatever `pattern`
    matches as a whole; with neither any text."""

    name: str
    allowed: tuple[str, ...] = ()
    pattern: str = ""
    optional: bool = False


@dataclass(frozen=True)
class Convention:
    """How campaigns are named."""

    separator: str
    parts: tuple[Part, ...]

    @property
    def fewest(self) -> int:
        """Parts that every name has."""
        return sum(not part.optional for part in self.parts)

    @property
    def names(self) -> tuple[str, ...]:
        """The dimensions, from left to right."""
        return tuple(part.name for part in self.parts)


@dataclass(frozen=True)
class Parsed:
    """A name read: its dimensions as far as they follow the convention, and what does not."""

    values: tuple[tuple[str, str], ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def follows(self) -> bool:
        """Whether the name keeps to the convention."""
        return not self.problems

    def value(self, dimension: str) -> str:
        """The value of a dimension; empty where the name has none that is allowed."""
        return dict(self.values).get(dimension, "")


def parse(convention: Convention, names: Iterable[str]) -> dict[str, Parsed]:
    """Every name read. A part that is allowed keeps its value even where others are wrong; with too few or too many
    parts, which of them is wrong cannot be told."""
    split = {name: pieces(name, convention.separator) for name in names}
    fits = [_fitting(part, k, split.values()) for k, part in enumerate(convention.parts)]
    return {name: _read(convention, found, fits) for name, found in split.items()}


def pieces(name: str, separator: str) -> list[str]:
    """A name's parts without the spaces around them."""
    return [piece.strip() for piece in name.strip().split(separator)]


def _fitting(part: Part, place: int, split: Iterable[list[str]]) -> dict[str, str]:
    """The texts at a place that the part takes, and how each is written in the agreement."""
    texts = sorted({found[place] for found in split if len(found) > place and found[place]})
    if part.allowed:
        known = {value.casefold(): value for value in part.allowed}
        return {text: known[text.casefold()] for text in texts if text.casefold() in known}
    if not part.pattern or not texts:
        return dict(zip(texts, texts, strict=True))
    good = pl.Series(texts).str.contains(f"^(?i:{part.pattern})$")
    return {text: text for text, fine in zip(texts, good, strict=True) if fine}


def _read(convention: Convention, found: Sequence[str], fits: Sequence[Mapping[str, str]]) -> Parsed:
    values, problems = [], []
    complete = convention.fewest <= len(found) <= len(convention.parts)
    if not complete:
        problems.append(_count(convention, len(found)))
    for n, (part, text) in enumerate(zip(convention.parts, found, strict=False)):
        if text in fits[n]:
            values.append((part.name, fits[n][text]))
        elif complete and (text or not part.optional):
            problems.append(_wrong(part, n + 1, text))
    return Parsed(tuple(values), tuple(problems))


def _count(convention: Convention, count: int) -> str:
    most, fewest = len(convention.parts), convention.fewest
    agreed = f"{most}" if most == fewest else f"{fewest} to {most}"
    few = "too few" if count < fewest else "too many"
    return f"{few} parts at “{convention.separator}”: {count} instead of {agreed}"


_SHOWN = 8


def _wrong(part: Part, n: int, text: str) -> str:
    if not text:
        return f"part {n} *{part.name}* is empty"
    if not part.allowed:
        return f"part {n} *{part.name}* is '{text}', which does not match {part.pattern}"
    more = f" and {len(part.allowed) - _SHOWN} more" if len(part.allowed) > _SHOWN else ""
    return f"part {n} *{part.name}* is '{text}'; allowed: {', '.join(part.allowed[:_SHOWN])}{more}"


def compose(convention: Convention, values: Mapping[str, str]) -> str:
    """A name from its dimensions. WrongRule where it could not be read back to the same."""
    given = [values.get(part.name, "").strip() for part in convention.parts]
    while given and not given[-1] and convention.parts[len(given) - 1].optional:
        given.pop()
    name = convention.separator.join(given)
    if given and pieces(name, convention.separator) != given:
        raise WrongRule(
            f"A value holds the separator “{convention.separator}”: “{name}” could not be read back."
        )
    read = parse(convention, [name])[name]
    if not read.follows:
        raise WrongRule(f"{read.problems[0].replace('*', '')}.")
    return name


def example(convention: Convention) -> str:
    """How a name looks: the first allowed value of each part, or what the part is called."""
    return convention.separator.join(
        part.allowed[0] if part.allowed else f"<{part.name}>" for part in convention.parts
    )


# --- suggesting ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Suggestion:
    """A convention that many of the names follow already: how many of how many."""

    convention: Convention
    following: int
    names: int


def suggest(names: Sequence[str]) -> Suggestion | None:
    """The separator that most names have, with the number of parts that is most frequent; values that recur in
    a part are allowed there. None where hardly any name is made of parts."""
    distinct = sorted({name.strip() for name in names if name.strip()})
    best: tuple[int, str, int] | None = None
    for separator in SEPARATORS:
        counts = Counter(n for name in distinct if 2 <= (n := len(pieces(name, separator))) <= MOST_PARTS)
        if counts:
            width, many = max(counts.items(), key=lambda item: (item[1], item[0]))
            if best is None or many > best[0]:
                best = (many, separator, width)
    if best is None or best[0] < max(2, len(distinct) // 5):
        return None
    _, separator, width = best
    split = [found for name in distinct if len(found := pieces(name, separator)) == width]
    parts = tuple(_suggested(k, [found[k] for found in split]) for k in range(width))
    convention = Convention(separator, parts)
    return Suggestion(convention, sum(p.follows for p in parse(convention, distinct).values()), len(distinct))


def _suggested(place: int, texts: Sequence[str]) -> Part:
    counts = Counter(text for text in texts if text)
    recurring = sorted(counts, key=lambda text: (-counts[text], text))
    closed = len(texts) > 3 and len(counts) <= min(20, len(texts) // 2)
    return Part(f"part {place + 1}", tuple(recurring) if closed else ())


# --- checking and keeping --------------------------------------------------------------------------


def check(convention: Convention) -> Convention:
    """The same, tidied. WrongRule says what cannot be."""
    separator = convention.separator
    if not 1 <= len(separator) <= 3 or separator.strip().isalnum():
        raise WrongRule("The separator is one to three signs that are no letters or digits, such as _ or |.")
    if not 1 <= len(convention.parts) <= MOST_PARTS:
        raise WrongRule(f"A convention has 1 to {MOST_PARTS} parts.")
    parts = tuple(_checked(part, n, separator) for n, part in enumerate(convention.parts, 1))
    folded = [part.name.casefold() for part in parts]
    if twice := next((part.name for part in parts if folded.count(part.name.casefold()) > 1), None):
        raise WrongRule(f"Two parts are called “{twice}”.")
    for n, (part, after) in enumerate(pairwise(parts), 1):
        if part.optional and not after.optional:
            raise WrongRule(
                f"Part {n} “{part.name}” is optional and stands before one that is not: put optional parts last."
            )
    return Convention(separator, parts)


def _checked(part: Part, n: int, separator: str) -> Part:
    name = " ".join(part.name.split())
    if not 1 <= len(name) <= 40:
        raise WrongRule(f"Part {n} needs a name of 1 to 40 characters.")
    allowed = tuple(
        {value.strip().casefold(): value.strip() for value in part.allowed if value.strip()}.values()
    )
    if len(allowed) > MOST_VALUES or any(len(value) > LONGEST for value in allowed):
        raise WrongRule(f"Part {n} “{name}”: {MOST_VALUES} values of {LONGEST} characters are the most.")
    if holding := next((value for value in allowed if separator in value), None):
        raise WrongRule(f"Part {n} “{name}”: the value “{holding}” holds the separator “{separator}”.")
    pattern = part.pattern.strip()
    if allowed and pattern:
        raise WrongRule(f"Part {n} “{name}” has allowed values and a pattern. Keep one of them.")
    if pattern:
        _check_pattern(pattern, n, name)
    return Part(name, allowed, pattern, part.optional)


def _check_pattern(pattern: str, n: int, name: str) -> None:
    try:
        compile_pattern(pattern)
        compile_pattern(f"^(?i:{pattern})$")
    except WrongRule as error:
        raise WrongRule(f"Part {n} “{name}”: {error}") from error


def as_content(convention: Convention) -> dict[str, Any]:
    """What is kept of it."""
    parts = [
        {"name": p.name, "allowed": list(p.allowed), "pattern": p.pattern, "optional": p.optional}
        for p in convention.parts
    ]
    return {"separator": convention.separator, "parts": parts}


def from_content(content: Any) -> Convention:
    """What was kept. WrongRule for anything else."""
    try:
        parts = tuple(
            Part(str(p["name"]), tuple(map(str, p["allowed"])), str(p["pattern"]), bool(p["optional"]))
            for p in content["parts"]
        )
        return check(Convention(str(content["separator"]), parts))
    except (KeyError, TypeError, AttributeError) as error:
        raise WrongRule("The stored naming convention cannot be read.") from error
