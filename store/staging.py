"""`staged_metrics`: where the blocks of a load lie until they are compared with what is stored.

While Postgres takes in one block, the next is being made in this thread, so both processors work.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import polars as pl
import sqlalchemy as sa
from sqlalchemy import Connection

from errors import BadInput
from store import copying
from store.blocks import KEY
from store.models import MEASURES
from store.windows import Slice, Window


@dataclass
class Staged:
    """What lies in `staged_metrics` for one load."""

    rows: int = 0
    slices: set[Slice] = field(default_factory=set)
    measures: tuple[str, ...] = ()
    has_more: bool = False
    _hashes: list[pl.Series] = field(default_factory=list)

    def note(self, frame: pl.DataFrame) -> None:
        """Remember what a block holds. Keys are remembered as 8 bytes each, to find doubles."""
        self.rows += len(frame)
        self.slices.update(frame.select("day", "days").unique().iter_rows())
        present = {*self.measures, *frame.columns}
        self.measures = tuple(name for name in MEASURES if name in present)
        self.has_more = self.has_more or "more" in frame.columns
        self._hashes.append(frame.select(KEY).hash_rows())

    @property
    def may_have_doubles(self) -> bool:
        """True if two keys share a hash: nearly always because they are the same key."""
        return self.rows > 0 and pl.concat(self._hashes).n_unique() < self.rows


def stage(connection: Connection, window: Window, run_id: int, made: Iterator[pl.DataFrame]) -> Staged:
    """Copy blocks into `staged_metrics`, one being sent while the next is made. Raises BadInput."""
    staged = Staged()
    pending: Future[None] | None = None
    with ThreadPoolExecutor(1, thread_name_prefix="copy") as sender:
        try:
            for frame in made:
                staged.note(frame)
                text = copying.as_csv(frame.with_columns(project_id=window.project_id, run_id=run_id))
                columns = (*frame.columns, "project_id", "run_id")
                if pending:
                    pending.result()
                pending = sender.submit(copying.send, connection, "staged_metrics", columns, text)
        finally:
            if pending:
                pending.result()
    if staged.may_have_doubles:
        _refuse_doubles(connection, window, run_id)
    return staged


def _refuse_doubles(connection: Connection, window: Window, run_id: int) -> None:
    query = sa.text(
        "SELECT s.day, s.days, s.entity_id, s.segment, e.name FROM ("
        " SELECT project_id, day, days, entity_id, segment FROM staged_metrics"
        " WHERE project_id = :project_id AND run_id = :run_id"
        " GROUP BY 1, 2, 3, 4, 5 HAVING count(*) > 1 ORDER BY 2, 3, 4, 5 LIMIT 1) s"
        " LEFT JOIN entities e ON e.project_id = s.project_id AND e.source_id = :source_id AND e.id = s.entity_id"
    )
    values = {"project_id": window.project_id, "source_id": window.source_id, "run_id": run_id}
    if found := connection.execute(query, values).first():
        segment = f", {found.segment}" if found.segment else ""
        who = found.name or f"entity {found.entity_id}"
        raise BadInput(f"Two rows for {who} on {found.day}{segment}: there may be one. Nothing was written.")


def clear(connection: Connection, window: Window, run_id: int) -> None:
    """Take the load's rows out of `staged_metrics`."""
    connection.execute(
        sa.text("DELETE FROM staged_metrics WHERE project_id = :project_id AND run_id = :run_id"),
        {"project_id": window.project_id, "run_id": run_id},
    )
