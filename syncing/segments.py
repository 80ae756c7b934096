"""A row's segment as it is stored: `device=mobile`, `age=25-34|gender=female`, as imports write it too.

Connectors yield the bare values of a breakdown, several with " | " between them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from connectors._base import Row

_SEVERAL = {
    "age_gender": ("age", "gender"),
    "source_medium_campaign": ("source_medium", "campaign"),
}
"""Breakdowns of more than one dimension."""


@lru_cache(4096)
def stored(breakdown: str, values: str) -> str:
    """The segment of a breakdown's values. Signs that divide segments are replaced in the values."""
    names = _SEVERAL.get(breakdown, (breakdown,))
    pieces = values.split(" | ", len(names) - 1) if len(names) > 1 else [values]
    pieces += [""] * (len(names) - len(pieces))
    return "|".join(
        f"{name}={piece.replace('|', '/').replace('=', '/').strip()}"
        for name, piece in zip(names, pieces, strict=True)
    )


def named(rows: Iterable[Row], breakdown: str) -> Iterator[Row]:
    """The rows of a breakdown, with segments as they are stored."""
    for row in rows:
        row["segment"] = stored(breakdown, row.get("segment") or "(none)")
        yield row
