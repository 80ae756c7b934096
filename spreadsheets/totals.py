"""Tells a table's own total rows, footers and blank rows from its data.

Totals stand first (Meta, GA4 explorations), last (Google Ads, TikTok), or both. They are never data:
they are kept as a check. The label sits in whichever text column comes first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import polars as pl

from spreadsheets.drafts import Draft
from spreadsheets.meanings import ITEMS, SEGMENTS
from spreadsheets.numbers import EMPTY

_WORDS = (
    r"total|totals|totales|totais|totale|totaal|totaux|totalt|grand total|overall total|total general|"
    r"total geral|total général|gesamt|gesamtsumme|summe|insgesamt|suma|razem|łącznie|celkem|toplam|"
    r"итого|всего|合計|总计|합계|somme|yhteensä"
)
_LABEL = re.compile(
    rf"^(?:{_WORDS})$|^(?:{_WORDS})\s*[:：].*$|^(?:{_WORDS}|account total)\s*[-–]\s.*$"
    r"|^total (?:of|de|von|van|account|campaigns?)\b.*$|^account total$"
    r"|^(?:results from|resultados de|ergebnisse (?:von|aus)|résultats (?:de|pour)|risultati di|"
    r"resultaten van) [\d.,]+ .*$",
    re.IGNORECASE,
)
_UNNAMED = "Total"  # how a total row without a label is called
_LABEL_COLUMNS = 12
_EDGE = 400  # rows looked at from each end
_NAMES = ("campaign", "ad_group", "ad", "campaign_id", "ad_group_id", "ad_id", *ITEMS)
_DAYS = ("day", "week", "month", "nth_day", "hourly", "time_period")


@dataclass
class Parted:
    """The data rows; the total rows with their labels, in the file's order."""

    data: pl.DataFrame
    totals: list[tuple[str, dict[str, str]]] = field(default_factory=list)


def part(draft: Draft) -> Parted:
    """Splits the draft's frame. Rows keep their numbers."""
    cells = [name for name in draft.frame.columns if name.startswith("c")]
    frame = draft.frame.filter(pl.any_horizontal(pl.col(cells).str.strip_chars() != ""))
    rules = _Rules(draft, cells)
    totals: list[tuple[str, dict[str, str]]] = []
    last = frame.height
    for row in reversed(list(frame.tail(_EDGE).iter_rows(named=True))):
        label = rules.total(row)
        if label is None and not rules.footer(row):
            break
        last -= 1
        if label is not None:
            totals.insert(0, (label, row))
    frame = frame.head(last)
    first = 0
    for row in frame.head(_EDGE).iter_rows(named=True):
        label = rules.total(row)
        if label is None or frame.height == 1:
            break
        totals.insert(first, (label, row))
        first += 1
    data = frame.slice(first)
    if not data.height and len(totals) > 1 and all(label == _UNNAMED for label, _ in totals):
        # Names are missing everywhere: these are rows, not totals of rows.
        numbers = [row["row"] for _, row in totals]
        data, totals = draft.frame.filter(pl.col("row").is_in(numbers)), []
    return _without_subtotals(draft, rules, Parted(data, totals))


def _without_subtotals(draft: Draft, rules: _Rules, parted: Parted) -> Parted:
    """Leaves out rows of pivot reports that add up others: "All" in a breakdown that others split."""
    words = draft.platform.subtotals.split(" | ") if draft.platform.subtotals else []
    lower = [*rules.segments, *rules.days, *(name for name in rules.names if name != rules.top)]
    adds_up = pl.Series([False], dtype=pl.Boolean).new_from_index(0, parted.data.height)
    for column in lower:
        summed = parted.data[column].str.strip_chars().str.to_lowercase().is_in(words)
        if summed.any() and not summed.all():
            adds_up = adds_up | summed
    count = int(adds_up.sum())
    if count:
        draft.table.notes.append(f"{count:,} rows add up others (All) and were left out.")
        whole = parted.data.filter(adds_up)
        if rules.top:
            named = whole[rules.top].str.strip_chars().str.to_lowercase()
            whole = whole.filter(named.is_in([*words, ""]))
            parted.totals += [("All", row) for row in whole.head(1).iter_rows(named=True)]
    return Parted(parted.data.filter(~adds_up), parted.totals)


class _Rules:
    def __init__(self, draft: Draft, cells: list[str]) -> None:
        self.cells = cells
        self.draft = draft
        held = draft.columns
        self.names = [held[name] for name in _NAMES if name in held]
        self.top = self.names[0] if self.names else None
        self.segments = [held[name] for name in SEGMENTS if name in held]
        self.days = [held[name] for name in _DAYS if name in held]
        texts = {
            *self.names,
            *self.segments,
            *(held[name] for name in ("status", "account", "day", "week", "month") if name in held),
        }
        texts |= {
            column
            for meaning, column in held.items()
            if meaning in ("status_text", "campaign_group", "portfolio")
        }
        self.texts = [cell for cell in cells if cell in texts]
        self.status = held.get("status")

    def total(self, row: dict[str, str]) -> str | None:
        """The label of a total row, None for any other row."""
        filled = [row[cell].strip() for cell in self.cells if row[cell].strip()]
        if filled and filled[-1].lower() == "grand total" and len(filled) > 1:
            return "Grand total"
        labels = [cell for cell in self.texts if _LABEL.match(row[cell].strip())]
        if not labels and all(_empty(row[cell]) for cell in self.names):
            # Keyword reports wear the label under "Match type": any column may.
            labels = [cell for cell in self.cells[:_LABEL_COLUMNS] if _LABEL.match(row[cell].strip())]
        if labels and self._unnamed(row, labels[0]):
            return row[labels[0]].strip()
        if not self.draft.platform.unnamed_totals:
            return None
        keys = [*self.names, *self.segments, *self.days]
        if keys and len(filled) > 1 and all(_empty(row[cell]) for cell in keys):
            return _UNNAMED
        return None

    def _unnamed(self, row: dict[str, str], label: str) -> bool:
        others = [cell for cell in self.names if cell != label]
        if label in self.names and self.status and not _empty(row[self.status]):
            return False
        return all(_empty(row[cell]) or _LABEL.match(row[cell].strip()) for cell in others)

    def footer(self, row: dict[str, str]) -> bool:
        """A line such as a copyright notice: one cell of text in a table of several columns."""
        filled = [row[cell].strip() for cell in self.cells if row[cell].strip()]
        if not filled:
            return True
        wide = len(self.draft.headers) >= 3 or (len(self.draft.headers) == 2 and filled[0][:1] in "@©")
        return (
            len(filled) == 1
            and wide
            and row[self.cells[0]].strip() == filled[0]
            and (
                filled[0][:1] in "@©"
                or bool(re.search(r"\bcorporation\b|all rights reserved", filled[0], re.IGNORECASE))
            )
        )


def _empty(cell: str) -> bool:
    return cell.strip().lower() in EMPTY
