"""What the store held at an earlier time: each replaced or removed row leaves its former version behind.

A version stands from the time it was written (`since`; `extracted_at` of a fact) until another took its
place. Loads and roll-ups keep versions in the transaction that replaces them, so a report over `as_of`
reads what it would have read then. Names, status and settings are today's. docs/trust.md.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection, Table

from store.models import (
    breakdown_daily,
    campaign_daily,
    daily_metrics,
    former_breakdown_daily,
    former_campaign_daily,
    former_daily_metrics,
    former_sales_daily,
    former_shop_daily,
    former_source_daily,
    sales_daily,
    shop_daily,
    source_daily,
)

FORMER: dict[Table, Table] = {
    daily_metrics: former_daily_metrics,
    source_daily: former_source_daily,
    campaign_daily: former_campaign_daily,
    shop_daily: former_shop_daily,
    sales_daily: former_sales_daily,
    breakdown_daily: former_breakdown_daily,
}
"""A table and its former versions."""


def as_of(table: Table, at: datetime | None) -> sa.FromClause:
    """The table as it stood at a time; the table itself without one."""
    if at is None:
        return table
    versions = FORMER[table]
    columns = [c.name for c in table.columns]
    since = "extracted_at" if table is daily_metrics else "since"
    standing = sa.select(*(table.c[name] for name in columns)).where(table.c[since] <= at)
    gone = sa.select(*(versions.c[name] for name in columns)).where(
        versions.c[since] <= at, versions.c.until > at
    )
    return sa.union_all(standing, gone).subquery(f"{table.name}_then")


def keeping(table: str, alias: str, columns: str, gone: str, since: str = "since") -> str:
    """SQL: keep versions of a table before they go. `gone` are the rows: FROM … WHERE … of a SELECT.

    What was written by the same load, or after `:at`, never stood by itself and is not kept.
    """
    given = ", ".join(f"{alias}.{name.strip()}" for name in columns.split(","))
    return (
        f"INSERT INTO former_{table} ({columns}, until) SELECT {given}, CAST(:at AS timestamptz) {gone}"
        f" AND {alias}.{since} < :at"
    )


def prune(connection: Connection, before: datetime) -> int:
    """Drop versions of the project in force that ended before then; how many."""
    return sum(
        connection.execute(sa.delete(versions).where(versions.c.until < before)).rowcount
        for versions in FORMER.values()
    )


def reaches_back_to(connection: Connection, project_id: int) -> datetime | None:
    """The earliest end of a version that is kept: before it, nothing that was replaced is known any more."""
    found = [
        connection.scalar(sa.select(sa.func.min(versions.c.until)).where(versions.c.project_id == project_id))
        for versions in FORMER.values()
    ]
    return min((at for at in found if at is not None), default=None)
