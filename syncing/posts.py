"""Posts whose platform only tells lifetime totals: a snapshot a day, and the differences as daily figures.

A day's figure is what a post gained between the last look on that day and the last look before. After days
without a look, the gain is one figure for all of them. The first look at an account is only a beginning: how
much of a total fell on which day before it is not known, so nothing is made up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from connectors._base import Batch, Row, Stream
from store import grains, synced
from store import load as loading
from store.db import Connection
from store.entities import identity
from store.models import AMOUNTS, COUNTS, DISTINCT
from store.windows import Loaded, Terms, Window

_ADDED = [name for name in (*COUNTS, *AMOUNTS) if name not in DISTINCT]


def load(
    connection: Connection,
    project_id: int,
    source_id: int,
    stream: Stream,
    time_zone: str,
    pulled: Iterator[Batch],
    today: date,
    run_id: int,
    at: datetime,
) -> Loaded:
    """Keep the totals as they stand, and load what they gained since the look before."""
    rows, entities = _all(pulled, stream)
    before = synced.snapshot_before(connection, project_id, source_id, today)
    totals = {key: _totals(row) for key, row in rows.items()}
    ids = {key: identity(stream.level, key) for key in rows}
    synced.keep_snapshot(
        connection, project_id, source_id, today, at, ((ids[key], each) for key, each in totals.items())
    )
    synced.thin_snapshots(connection, project_id, source_id, today)
    loading.register_entities(connection, project_id, source_id, entities)
    if before is None:
        return Loaded(0, 0, 0, 0)
    since, known = before
    slice_ = (since + timedelta(1), (today - since).days)
    window = Window(
        project_id, source_id, grains.code(stream.level, stream.breakdown), frozenset({slice_}), "",
        Terms(time_zone, stream.attribution, stream.definition),
    )  # fmt: skip
    gained = [
        {"day": slice_[0], "days": slice_[1], "entity": key, **gain, "more": rows[key].get("more")}
        for key, each in totals.items()
        if (gain := gains(each, known.get(ids[key]), _created(rows[key]), since))
    ]
    return loading.load_rows(connection, window, gained, run_id=run_id, at=at)


def _all(pulled: Iterator[Batch], stream: Stream) -> tuple[dict[str, Row], list[loading.Entity]]:
    rows: dict[str, Row] = {}
    entities = []
    for batch in pulled:
        rows |= {row["entity"]: row for row in batch.rows}
        entities += [loading.Entity(e.level, e.key, e.name, status=e.status) for e in batch.entities]
    return rows, entities


def _totals(row: Mapping[str, Any]) -> dict[str, int | str]:
    """The lifetime totals of a row, as they are kept: whole numbers, and amounts as exact text."""
    found = {name: row[name] for name in _ADDED if row.get(name) is not None}
    return {name: value if isinstance(value, int) else str(value) for name, value in found.items()}


def _created(row: Mapping[str, Any]) -> date | None:
    created = (row.get("more") or {}).get("created")
    return date.fromisoformat(str(created)[:10]) if created else None


def gains(
    now: Mapping[str, int | str], before: Mapping[str, int | str] | None, created: date | None, since: date
) -> dict[str, int | Decimal]:
    """What each total gained since the look on day `since`; empty where that is not known.

    A post that is new since then started from nothing. A total that fell (the platform took views back) is a
    negative gain, so that the gains always add up to the total.
    """
    if before is None:
        if created is None or created <= since:
            return {}
        before = {}
    found: dict[str, int | Decimal] = {}
    for name, value in now.items():
        earlier = before.get(name, 0)
        if isinstance(value, int) and isinstance(earlier, int):
            found[name] = value - earlier
        else:
            found[name] = Decimal(value) - Decimal(earlier)
    return found if any(found.values()) else {}
