"""Collects the rows that cannot be used, with the reason for each, in the file's own words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import polars as pl

from spreadsheets.headers import normalise
from spreadsheets.platforms._declaration import Platform
from spreadsheets.understanding import PROBLEM_LIMIT, Problem, Table

_MAIL = re.compile(r"[^\s@<>\"',;]+@[^\s@<>\"',;]+\.\w+")
_VALUE_LENGTH = 120
_PRIVATE = re.compile(
    r"\be-?mail\b(?! (?:campaign|opens|clicks))|phone|telefon|first[ _]name|last[ _]name|\bnotes?\b|"
    r"(?:customer|billing|shipping|buyer|card|ship|contact|recipient)"
    r"[ _-](?:name|email|mail|address|street|zip|postcode|company|phone|city)|"
    r"address ?(?:line|1|2)|\bcard (?:last4|fingerprint|exp)"
)


def mask(text: str) -> str:
    """The text without mail addresses."""
    return _MAIL.sub("…@…", text) if "@" in text else text


def private_headers(headers: Sequence[str], platform: Platform | None) -> set[str]:
    """The headers of columns with personal data: the platform's own, and what sounds like it anywhere."""
    own = re.compile(platform.personal, re.IGNORECASE) if platform and platform.personal else None
    names = {header: normalise(header) for header in headers}
    return {
        header
        for header, name in names.items()
        if _PRIVATE.search(name) or (own is not None and own.search(name))
    }


class Problems:
    """Bad cells of one table. `bad` says which rows (by position) are not imported."""

    def __init__(self, table: Table, rows: pl.Series) -> None:
        self.table = table
        self.rows = rows
        self.bad = pl.Series([False], dtype=pl.Boolean).new_from_index(0, len(rows))

    def add(
        self,
        bad: pl.Series,
        column: str,
        cells: pl.Series,
        reasons: Mapping[str, str],
        usual: str,
        *,
        drop: bool = True,
    ) -> None:
        """Notes every bad cell of a column; `drop` leaves its row out."""
        bad = bad.fill_null(False)
        count = int(bad.sum())
        if not count:
            return
        if drop:
            self.bad = self.bad | bad
        self.table.problem_count += count
        room = PROBLEM_LIMIT - len(self.table.problems)
        rows = self.rows.filter(bad).head(room).to_list()
        for row, cell in zip(rows, cells.filter(bad).head(room).to_list(), strict=True):
            text = str(cell or "").strip()
            self.table.problems.append(
                Problem(row, column, mask(text)[:_VALUE_LENGTH], reasons.get(text, usual))
            )

    def close(self) -> None:
        """Puts the problems into the file's order."""
        self.table.problems.sort(key=lambda problem: problem.row)
