"""Small uploads made up by tests, and the short way to import them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from store import db, uploads
from store.models import (
    batches,
    breakdown_daily,
    campaign_daily,
    daily_metrics,
    entities,
    order_lines,
    orders,
    shop_daily,
    source_daily,
)
from syncing import imports, layers

Row = tuple[date, str, str, int]
"""Day, campaign, spend, clicks."""

_BOOKKEEPING = {"since", "run_id", "extracted_at", "terms_id"}


def meta_file(rows: Iterable[Row], currency: str = "EUR") -> bytes:
    """A Meta Ads export by campaign and day."""
    head = f'Day,"Campaign name","Amount spent ({currency})","Clicks (all)",Impressions,"Reporting starts","Reporting ends"'
    body = [
        f"{day},{campaign},{spend},{clicks},{clicks * 50},{day},{day}"
        for day, campaign, spend, clicks in rows
    ]
    return ("\ufeff" + "\n".join([head, *body]) + "\n").encode()


def silent(_stage: str, _done: int, _total: int | None) -> None:
    """Takes progress and says nothing."""


def receive(project_id: int, content: bytes, name: str = "meta.csv") -> int:
    """Store an upload."""
    with db.project(project_id) as connection:
        return uploads.receive(connection, project_id, name, uploads.chunks_of(content), None, 10**9)


def bring_in(
    project_id: int, content: bytes, name: str = "meta.csv", tables: Sequence[int] = (0,), **answers: Any
) -> list[int]:
    """Upload and import; the ids of the batches."""
    upload_id = receive(project_id, content, name)
    given = {"account": "Shop", **answers}
    with db.project(project_id) as connection:
        return imports.import_upload(connection, project_id, upload_id, given, tables, None, silent)


def take_back(project_id: int, batch_id: int) -> None:
    """Undo a batch."""
    with db.project(project_id) as connection:
        layers.undo(connection, project_id, batch_id, None, silent)


def stored(project_id: int) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that figures come from, without ids of runs and times of writing."""
    found = {}
    with db.project(project_id) as connection:
        tables = (
            daily_metrics,
            source_daily,
            campaign_daily,
            breakdown_daily,
            orders,
            order_lines,
            shop_daily,
        )
        for table in tables:
            columns = [c for c in table.columns if c.name not in _BOOKKEEPING and c.name != "project_id"]
            rows = connection.execute(sa.select(*columns).order_by(*table.primary_key.columns))
            found[table.name] = [tuple(str(v) if isinstance(v, dict) else v for v in row) for row in rows]
    return found


def result_of(project_id: int, batch_id: int) -> dict[str, int]:
    """What an import changed."""
    with db.project(project_id) as connection:
        return connection.scalar(sa.select(batches.c.result).where(batches.c.id == batch_id)) or {}


def names_of_campaigns(project_id: int) -> list[str]:
    """Names of all campaigns."""
    with db.project(project_id) as connection:
        query = sa.select(entities.c.name).where(entities.c.level == "campaign").order_by(entities.c.name)
        return list(connection.scalars(query))
