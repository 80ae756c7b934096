"""What a platform module declares. To add a platform, copy a module and change the words.

`words` is language → meaning → header texts, alternatives separated by " | ". Case, odd spaces,
line breaks and a currency in brackets do not matter. Code is only needed for odd layouts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from spreadsheets.headers import normalise

if TYPE_CHECKING:
    from spreadsheets.drafts import Draft
    from spreadsheets.sheets import Sheet
    from spreadsheets.tables import RawTable

Words = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Platform:
    """One source of files.

    `marks`: headers that only this platform writes; `titles`: regular expression for lines above the
    table; `names`: the same for file names; `patterns`: regular expression on the normalised header →
    meaning; `fallbacks`: metric → other meanings to take it from, the best first; `unlay`: brings an
    odd layout into plain tables (None: not mine); `refine`: last changes before conversion;
    `whole_file`: every header known to the platform is enough, without a mark; `certain`: sets of
    headers that settle the matter when all of one set are there ("= " in front: and no others); `subtotals`: what breakdown cells of
    rows say that add up other rows; `unnamed_totals`: a first or last row without any name is the total
    (elsewhere an empty name is a value, such as a session without a landing page).
    """

    slug: str
    label: str
    words: Words
    marks: str = ""
    titles: str = ""
    names: str = ""
    patterns: tuple[tuple[str, str], ...] = ()
    kind: Literal["metrics", "orders", "not_data"] = "metrics"
    report: str = ""
    reports: Mapping[str, str] = field(default_factory=dict)
    fallbacks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    drop: Mapping[str, str] = field(default_factory=dict)
    attribution: str = ""
    keeps_unknown: bool = False
    whole_file: bool = False
    certain: tuple[str, ...] = ()
    subtotals: str = ""
    unnamed_totals: bool = False
    no_money: bool = False
    personal: str = ""
    note: str = ""
    unlay: Callable[[Sheet], list[RawTable] | None] | None = None
    refine: Callable[[Draft], None] | None = None

    @cached_property
    def index(self) -> dict[str, tuple[str, str]]:
        """Normalised header → (meaning, language); the first language listed wins."""
        found: dict[str, tuple[str, str]] = {}
        for language, meanings in self.words.items():
            for meaning, headers in meanings.items():
                for header in headers.split(" | "):
                    found.setdefault(normalise(header), (meaning, language))
        return found

    @cached_property
    def languages(self) -> dict[str, set[str]]:
        """Language → its normalised headers."""
        return {
            language: {normalise(header) for headers in meanings.values() for header in headers.split(" | ")}
            for language, meanings in self.words.items()
        }

    @cached_property
    def mark_set(self) -> frozenset[str]:
        return frozenset(normalise(header) for header in self.marks.split(" | ") if header)

    @cached_property
    def certain_sets(self) -> tuple[tuple[frozenset[str], bool], ...]:
        """Sets of normalised headers, and whether no others may stand beside them."""
        return tuple(
            (frozenset(normalise(name) for name in names.removeprefix("= ").split(" | ")), names[:2] == "= ")
            for names in self.certain
        )

    @cached_property
    def compiled(self) -> tuple[tuple[re.Pattern[str], str], ...]:
        return tuple((re.compile(pattern), meaning) for pattern, meaning in self.patterns)

    def meaning_of(self, header: str) -> str | None:
        """The meaning of a normalised header."""
        if header in self.index:
            return self.index[header][0]
        for pattern, meaning in self.compiled:
            if found := pattern.search(header):
                return found.expand(meaning) if "\\" in meaning else meaning
        return None
