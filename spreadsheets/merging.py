"""Rows with the same key (entity, days, segment) become one: TikTok and search terms repeat theirs."""

from __future__ import annotations

import polars as pl

from spreadsheets.extras import as_json
from spreadsheets.meanings import ADDITIVE, DISTINCT, ENTITY_COLUMNS
from spreadsheets.understanding import Table

KEY = ("day", "days", "currency", "channel", *ENTITY_COLUMNS, "item", "segment")


def merge_repeats(frame: pl.DataFrame, extras: list[str], texts: list[str], table: Table) -> pl.DataFrame:
    """Adds up repeated rows and packs the extras into `more`."""
    keys = [name for name in KEY if name in frame.columns]
    repeated = (
        frame.select(pl.struct(keys).is_duplicated()).to_series() if frame.height > 1 else pl.Series([False])
    )
    if repeated.any():
        before = frame.height
        frame = _merged(frame, keys, extras)
        table.notes.append(
            f"{before - frame.height:,} rows repeat another row's name, days and breakdown: added up."
        )
    more = as_json(frame, extras, texts).alias("more")
    return frame.drop([*extras, *texts]).with_columns(more)


def _merged(frame: pl.DataFrame, keys: list[str], extras: list[str]) -> pl.DataFrame:
    summed = [name for name in (*ADDITIVE, *extras) if name in frame.columns]
    others = [name for name in frame.columns if name not in keys and name not in summed]
    rules = [pl.when(pl.col(name).count() > 0).then(pl.col(name).sum()).alias(name) for name in summed]
    # People may be the same in both rows: the larger number is the least that is certain.
    rules += [pl.col(name).max() if name in DISTINCT else pl.col(name).first() for name in others]
    return frame.group_by(keys, maintain_order=True).agg(rules).select(frame.columns)
