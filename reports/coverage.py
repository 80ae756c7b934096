"""How far each source reaches and when it was last written: the strip on every dashboard."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from store.models import sources


@dataclass(frozen=True)
class Coverage:
    """One source. `covers_through` is the last complete day it has figures for; None: nothing yet. `lookback` is its
    own number of days that are read again; None: its platform's default."""

    source_id: int
    platform: str
    channel: str
    account: str
    currency: str
    covers_from: date | None
    covers_through: date | None
    written_at: datetime | None
    in_totals: bool
    connected: bool = False
    lookback: int | None = None


def coverage(connection: Connection, project_id: int) -> list[Coverage]:
    """All sources of a project by channel and account."""
    query = (
        sa.select(
            sources.c.id,
            sources.c.platform,
            sources.c.channel,
            sources.c.name,
            sources.c.currency,
            sources.c.covers_from,
            sources.c.covers_through,
            sources.c.written_at,
            sources.c.in_totals,
            sources.c.connection_id.is_not(None),
            sources.c.lookback,
        )
        .where(sources.c.project_id == project_id)
        .order_by(sources.c.channel, sources.c.name)
    )
    return [Coverage(*row) for row in connection.execute(query)]


def span(found: list[Coverage]) -> tuple[date, date] | None:
    """First and last day that any source covers; None while there is no data."""
    firsts = [c.covers_from for c in found if c.covers_from]
    lasts = [c.covers_through for c in found if c.covers_through]
    return (min(firsts), max(lasts)) if firsts and lasts else None
