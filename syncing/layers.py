"""A batch's rows, kept and applied: what makes an import traceable to the row and undoable exactly.

A batch speaks for slices of a source at one grain (a layer). Applying a layer makes the store say what
the batch says for those slices; undoing a batch applies whatever lies under it, or nothing.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import polars as pl

from store import batches, grains, load, orders, sources
from store.batches import Batch, Layer, Slice
from store.db import Connection

Progress = Callable[[str, int, int | None], None]
_PART_ROWS = 250_000


def keep(
    connection: Connection,
    project_id: int,
    batch: Batch,
    layer: Layer,
    frame: pl.DataFrame,
    lines: pl.DataFrame | None,
) -> None:
    """Keep what a batch says of a source: its slices, its rows and, for orders, their line items."""
    batches.keep_layer(connection, project_id, batch.id, layer)
    batches.keep_rows(connection, project_id, batch.id, layer.source_id, "rows", _parquet(frame))
    if lines is not None:
        batches.keep_rows(connection, project_id, batch.id, layer.source_id, "lines", _parquet(lines))


def _parquet(frame: pl.DataFrame) -> Iterator[bytes]:
    for part in frame.iter_slices(_PART_ROWS) if frame.height else iter([frame]):
        file = io.BytesIO()
        part.write_parquet(file, compression="zstd")
        yield file.getvalue()


def apply(
    connection: Connection,
    project_id: int,
    batch: Batch,
    layer: Layer,
    frame: pl.DataFrame,
    lines: pl.DataFrame | None,
    at: datetime,
) -> load.Loaded:
    """Make the store say what this batch says for these slices."""
    if layer.grain == grains.ORDER_SLICE:
        days = {day for day, _ in layer.slices}
        return orders.load_orders(connection, project_id, layer.source_id, days, frame, lines, batch.id, at)
    source = sources.read(connection, project_id, layer.source_id)
    window = load.Window(
        project_id, layer.source_id, layer.grain, layer.slices, source.currency, load.Terms(**batch.terms)
    )
    rows = frame.drop("row") if "row" in frame.columns else frame
    return load.load_frame(connection, window, rows, run_id=batch.id, at=at)


def undo(
    connection: Connection, project_id: int, batch_id: int, person_id: int | None, say: Progress
) -> None:
    """Take a batch back: each of its days shows what the next batch under it says, or nothing."""
    at = datetime.now(UTC)
    layers = batches.layers(connection, project_id, batch_id)
    shown = [(layer, batches.owners(connection, project_id, layer)) for layer in layers]
    if not batches.mark_undone(connection, project_id, batch_id, person_id, at):
        return
    for n, (layer, before) in enumerate(shown):
        say("Taking back", n, len(shown))
        mine = frozenset(s for s in layer.slices if before.get(s) == batch_id)
        _show_what_lies_under(connection, project_id, batch_id, Layer(layer.source_id, layer.grain, mine), at)
    for source_id in {layer.source_id for layer in layers}:
        sources.drop_if_empty(connection, project_id, source_id)


def _show_what_lies_under(
    connection: Connection, project_id: int, batch_id: int, bare: Layer, at: datetime
) -> None:
    under: dict[int, set[Slice]] = {}
    left = set(bare.slices)
    for where, owner in batches.owners(connection, project_id, bare).items():
        under.setdefault(owner, set()).add(where)
        left.discard(where)
    for owner, slices in under.items():
        _replay(connection, project_id, owner, Layer(bare.source_id, bare.grain, frozenset(slices)), at)
    if left:
        batch = batches.read(connection, project_id, batch_id)
        empty = _kept(connection, project_id, batch_id, bare.source_id, "rows").clear()
        apply(
            connection, project_id, batch, Layer(bare.source_id, bare.grain, frozenset(left)), empty, None, at
        )


def _kept(connection: Connection, project_id: int, batch_id: int, source_id: int, part: str) -> pl.DataFrame:
    found = batches.kept_rows(connection, project_id, batch_id, source_id, part)
    return pl.concat([pl.read_parquet(io.BytesIO(content)) for content in found]) if found else pl.DataFrame()


def _replay(connection: Connection, project_id: int, batch_id: int, layer: Layer, at: datetime) -> None:
    """Load again what a batch says for some of its slices."""
    batch = batches.read(connection, project_id, batch_id)
    rows = _kept(connection, project_id, batch_id, layer.source_id, "rows")
    keys = pl.DataFrame(
        {"day": [day for day, _ in layer.slices], "days": [days for _, days in layer.slices]},
        schema={"day": pl.Date, "days": pl.Int16},
    )
    on = ["day", "days"] if "days" in rows.columns else ["day"]
    rows = rows.join(keys.select(on).unique(), on=on, how="semi", maintain_order="left")
    lines = None
    if layer.grain == grains.ORDER_SLICE:
        kept = _kept(connection, project_id, batch_id, layer.source_id, "lines")
        if kept.width:
            lines = kept.join(rows.select("order_key").unique(), on="order_key", how="semi")
    apply(connection, project_id, batch, layer, rows, lines, at)
