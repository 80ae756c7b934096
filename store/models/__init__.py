"""The tables. `project_id` leads every primary key and foreign key of a data table, so that the schema
shards by project and row-level security can back every query filter.

Control tables (people, sessions, schedules, runs) describe the instance; data tables hold what a
project owns and are listed in `DATA_TABLES`, on which the migrations put row-level security.
"""

from __future__ import annotations

from store.models._base import metadata
from store.models.facts import (
    AMOUNTS,
    COUNTS,
    DISTINCT,
    MEASURES,
    STAGED,
    campaign_daily,
    daily_metrics,
    entities,
    project_rates,
    restatements,
    source_daily,
    sources,
    staged_metrics,
    terms,
)
from store.models.files import batch_rows, batch_slices, batches, mappings, upload_chunks, uploads
from store.models.people import (
    attempts,
    audit,
    connections,
    links,
    members,
    projects,
    recovery_codes,
    secrets,
    sessions,
    users,
)
from store.models.sales import order_lines, orders, shop_daily, staged_order_lines, staged_orders
from store.models.work import rates, runs, sidecars

__all__ = [
    "AMOUNTS",
    "COUNTS",
    "DATA_TABLES",
    "DISTINCT",
    "MEASURES",
    "STAGED",
    "attempts",
    "audit",
    "batch_rows",
    "batch_slices",
    "batches",
    "campaign_daily",
    "connections",
    "daily_metrics",
    "entities",
    "links",
    "mappings",
    "members",
    "metadata",
    "order_lines",
    "orders",
    "project_rates",
    "projects",
    "rates",
    "recovery_codes",
    "restatements",
    "runs",
    "secrets",
    "sessions",
    "shop_daily",
    "sidecars",
    "source_daily",
    "sources",
    "staged_metrics",
    "staged_order_lines",
    "staged_orders",
    "terms",
    "upload_chunks",
    "uploads",
    "users",
]

DATA_TABLES = (
    project_rates,
    sources,
    entities,
    terms,
    daily_metrics,
    source_daily,
    campaign_daily,
    restatements,
    orders,
    order_lines,
    shop_daily,
    uploads,
    upload_chunks,
    batches,
    batch_slices,
    batch_rows,
    mappings,
)
"""Tables under row-level security: their rows are visible only while `app.project_id` names their project."""
