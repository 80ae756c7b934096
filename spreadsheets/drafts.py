"""A table in the making: which column means what, before anything is converted.

A platform's `refine` works on a draft: it reads the preamble, renames meanings, or refuses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import polars as pl

from spreadsheets.dates import read_period
from spreadsheets.understanding import Answers, Table

if TYPE_CHECKING:
    from spreadsheets.platforms._declaration import Platform
    from spreadsheets.tables import RawTable


@dataclass
class Draft:
    """`columns` is meaning → column of the frame; `signs` the currency that stands in a meaning's header."""

    raw: RawTable
    platform: Platform
    table: Table
    language: str
    answers: Answers
    headers: list[str]
    columns: dict[str, str]
    signs: dict[str, str] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)
    frame: pl.DataFrame = field(default_factory=pl.DataFrame)
    stated: tuple[date, date] | None = None
    expected_rows: int | None = None
    refused: bool = False
    sums: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def has(self, meaning: str) -> bool:
        return meaning in self.columns

    def cells(self, meaning: str) -> pl.Series:
        """The raw cells of a meaning's column."""
        return self.frame[self.columns[meaning]]

    def distinct(self, meaning: str, limit: int = 20) -> list[str]:
        """The first different non-empty cells of a meaning's column."""
        cells = self.cells(meaning).str.strip_chars()
        kept = cells.filter(~cells.is_in(["", "--", "-"])).unique(maintain_order=True)
        return [str(cell) for cell in kept.head(limit).to_list()]

    def rename(self, old: str, new: str) -> None:
        """Gives a column another meaning, if it is there."""
        if old in self.columns:
            self.columns[new] = self.columns.pop(old)
            if old in self.signs:
                self.signs[new] = self.signs.pop(old)

    def forget(self, meaning: str) -> None:
        """Leaves a column unused."""
        self.columns.pop(meaning, None)

    def refuse(self, note: str) -> None:
        """The table is recognised, and there is nothing in it to import."""
        self.refused = True
        self.table.kind = "not_data"
        self.table.notes.insert(0, note)

    def preamble_value(self, pattern: str) -> str:
        """The first group of a regular expression in the lines above the table, or ""."""
        for line in reversed(self.raw.preamble):
            if found := re.search(pattern, line.strip(), re.IGNORECASE):
                return found[1].strip()
        return ""

    def state_period(self, text: str) -> None:
        """Takes over a period that the file states."""
        self.stated = read_period(text) or self.stated

    def mail(self) -> None:
        """E-mail reports: a mail is its own campaign, variants are told apart, bounces come in two kinds."""
        if not self.has("email"):
            return
        self.columns.setdefault("campaign", self.columns["email"])
        if self.has("item_id"):
            self.columns.setdefault("campaign_id", self.columns["item_id"])
        self.sums["bounces"] = ("hard_bounces", "soft_bounces")
        variant = next((name for name in ("variant",) if self.has(name)), None)
        if variant:
            self._split_variants(variant)

    def _split_variants(self, variant: str) -> None:
        name, part = self.columns["email"], self.columns[variant]
        is_part = pl.col(part).str.strip_chars() != ""
        whole = self.frame.filter(~is_part)[name].unique().to_list()
        counted_twice = is_part & pl.col(name).is_in(whole)
        doubled = self.frame.filter(counted_twice).height
        if doubled:
            self.table.notes.append(
                f"{doubled} rows of test variants were left out: their campaigns have rows of their own."
            )
            self.frame = self.frame.filter(~counted_twice)
        joined = pl.concat_str([pl.col(name), pl.lit(" | "), pl.col(part)])
        self.frame = self.frame.with_columns(
            pl.when(is_part).then(joined).otherwise(pl.col(name)).alias("variant_name")
        )
        self.columns["email"] = "variant_name"
        self.columns["variant"] = part

    def site_from_name(self, pattern: str, pages: str) -> str | None:
        """A site's name from the file's name, else from the addresses in a column."""
        if found := re.search(pattern, self.raw.name, re.IGNORECASE):
            return found[1].lower()
        if self.has(pages):
            hosts = {urlsplit(cell).hostname for cell in self.distinct(pages, 50)} - {None}
            return hosts.pop() if len(hosts) == 1 else None
        return None
