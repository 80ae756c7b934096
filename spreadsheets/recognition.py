"""Which platform wrote a table, and which of its rows is the header.

Every candidate row is compared with every platform's words. A header that only one platform writes
counts more than a common one; lines above the table and the file's name count too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from spreadsheets.headers import normalise
from spreadsheets.meanings import METRICS, RATIOS
from spreadsheets.platforms import PLATFORMS
from spreadsheets.platforms._declaration import Platform
from spreadsheets.sheets import Sheet
from spreadsheets.tables import RawTable, blank_rows, lines_above, table_at

_CERTAIN = 1_000  # points that nothing else outweighs


@dataclass(frozen=True)
class Match:
    """A platform that knows a header, and how well."""

    platform: Platform
    points: float


def known_names(cells: Sequence[str]) -> int:
    """How many cells of a row are header names of the platform that knows most of them."""
    names = [normalise(cell) for cell in cells if cell.strip()]
    return max((sum(name in platform.index for name in names) for platform in PLATFORMS.values()), default=0)


def match(header: Sequence[str], above: Sequence[str] = (), name: str = "") -> Match | None:
    """The platform that fits a header row best, or None when none fits well enough."""
    names = tuple(normalise(cell) for cell in header if cell.strip())
    if not names:
        return None
    best: Match | None = None
    for platform in PLATFORMS.values():
        points = _points(platform, names, tuple(above), name)
        if points and (best is None or points > best.points):
            best = Match(platform, points)
    return best


@lru_cache(maxsize=4_096)
def _title_fits(platform: str, above: tuple[str, ...]) -> bool:
    titles = PLATFORMS[platform].titles
    return bool(titles) and any(re.search(titles, line.strip(), re.IGNORECASE) for line in above)


def _points(platform: Platform, names: tuple[str, ...], above: tuple[str, ...], file_name: str) -> float:
    if any(
        wanted <= set(names) and not (alone and len(names) > len(wanted))
        for wanted, alone in platform.certain_sets
    ):
        return _CERTAIN + len(names)
    meanings = [platform.meaning_of(name) for name in names]
    known = sum(meaning is not None for meaning in meanings)
    if not known:
        return 0
    marks = len(platform.mark_set.intersection(names))
    titled = _title_fits(_key(platform), above)
    named = bool(platform.names) and bool(re.search(platform.names, file_name, re.IGNORECASE))
    if platform.slug == "":
        return known * 2 + 8 * titled + 4 * named if known >= 3 or titled or (named and known) else 0
    unknown = len(names) - known
    if not _enough(platform, meanings, known, unknown, marks, titled, named):
        return 0
    return max(known + 3 * min(marks, 4) + 8 * titled + 4 * named - unknown, 0.1)


def _enough(
    platform: Platform,
    meanings: Sequence[str | None],
    known: int,
    unknown: int,
    marks: int,
    titled: bool,
    named: bool,
) -> bool:
    if platform.slug == "unified":
        return (
            "channel" in meanings
            and unknown <= 1
            and bool(set(meanings) & set(METRICS))
            and "day" in meanings
        )
    if titled:
        return known >= 1
    if platform.kind == "not_data":
        return known >= 1 and (named or (unknown == 0 and known == 2))
    if platform.kind == "metrics" and not (named or platform.report or _holds_metric(platform, meanings)):
        return False
    if marks or named:
        share = 1 if marks >= 4 else 3 if marks >= 2 or named else 2
        return known >= 2 and (marks >= 4 or known * share >= known + unknown)
    return platform.whole_file and unknown == 0 and known >= 3 and "spend" in meanings


def _holds_metric(platform: Platform, meanings: Sequence[str | None]) -> bool:
    """Whether at least one column holds numbers: a list of settings is nobody's report."""
    stand_ins = {name for sources in platform.fallbacks.values() for name in sources}
    wanted = {*METRICS, *RATIOS, *stand_ins, "results", "position", "spend_micro"}
    return any(meaning in wanted for meaning in meanings)


def _key(platform: Platform) -> str:
    return next(key for key, found in PLATFORMS.items() if found is platform)


def titled_platform(lines: Sequence[str]) -> Platform | None:
    """The platform whose preamble the lines are, for files without a header."""
    return next((platform for key, platform in PLATFORMS.items() if _title_fits(key, tuple(lines))), None)


def find_tables(sheet: Sheet, file_name: str) -> list[tuple[RawTable, Match | None]]:
    """Every table of a sheet with the platform that wrote it; an unknown table comes with None."""
    for platform in PLATFORMS.values():
        if platform.unlay and (raws := platform.unlay(sheet)) is not None:
            return [
                (raw, match(raw.header, raw.comments, file_name) or Match(platform, 1))
                for raw in raws
                if raw.header
            ]
    head = sheet.head()
    best = _best_row(head, file_name)
    if best is None:
        index = _plain_header(head)
        return [] if index is None else [(table_at(sheet, head, index), None)]
    index, found = best
    return _with_followers(sheet, head, index, found, file_name)


def _best_row(head: list[list[str]], file_name: str) -> tuple[int, Match] | None:
    best: tuple[int, Match] | None = None
    for index, cells in enumerate(head):
        found = match(cells, lines_above(head[:index]), file_name)
        if found and (best is None or found.points > best[1].points + 1):
            best = index, found
    return best


def _with_followers(
    sheet: Sheet, head: list[list[str]], index: int, found: Match, file_name: str
) -> list[tuple[RawTable, Match | None]]:
    """The table, and further ones that start with a header after a blank row."""
    starts: list[tuple[int, Match | None]] = [(index, found)]
    for blank in blank_rows(sheet):
        if blank <= index or blank + 1 >= sheet.frame.height:
            continue
        cells = list(sheet.frame.row(blank + 1)[:-1])
        later = match(cells, (), file_name)
        if later and known_names(cells) * 2 > sum(bool(cell.strip()) for cell in cells):
            starts.append((blank + 1, later))
    tables: list[tuple[RawTable, Match | None]] = []
    ends = [start for start, _ in starts[1:]] + [sheet.frame.height]
    for (start, later), end in zip(starts, ends, strict=True):
        rows = head[: start + 1] if start < len(head) else [list(sheet.frame.row(start)[:-1])]
        offset = 0 if start < len(head) else start
        tables.append((table_at(sheet, rows, start, end, offset), later))
    return tables


def _plain_header(head: list[list[str]]) -> int | None:
    """The header of a table that no platform knows: the first wide row of texts."""
    widths = [sum(bool(cell.strip()) for cell in cells) for cells in head]
    widest = max(widths, default=0)
    if widest < 2:
        return None
    for index, cells in enumerate(head):
        filled = [cell.strip() for cell in cells if cell.strip()]
        if len(filled) >= max(2, widest * 0.6) and not any(
            re.fullmatch(r"[\d.,%\s€$£-]+", cell) for cell in filled
        ):
            return index
    return None
