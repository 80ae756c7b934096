"""The platform's own totals beside the stored ones, by account, day and metric, with the cause of a difference."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql

from store.models import MEASURES, campaign_daily, reconciliations, source_daily


@dataclass(frozen=True)
class Reconciliation:
    """One metric of one day. `stored_total` is None where nothing is stored."""

    day: date
    metric: str
    platform_total: Decimal
    stored_total: Decimal | None
    cause: str

    @property
    def difference(self) -> Decimal:
        """Stored minus platform."""
        return (self.stored_total or Decimal(0)) - self.platform_total


def stored_totals(
    connection: Connection,
    project_id: int,
    source_id: int,
    first: date,
    last: date,
    metrics: Collection[str],
    *,
    by_campaign: bool,
) -> dict[date, dict[str, Decimal]]:
    """What is stored of a source by day, of these metrics; absent where nothing is stored.

    With `by_campaign` it is the sum of the campaigns, which says more beside an account's total than the
    account's own row, read from the same place.
    """
    s = (campaign_daily if by_campaign else source_daily).c
    names = [name for name in metrics if name in MEASURES]
    query = sa.select(s.day, *(s[name] for name in names)).where(
        s.project_id == project_id, s.source_id == source_id, s.days == 1, s.day.between(first, last)
    )
    found: dict[date, dict[str, Decimal]] = {}
    for day, *values in connection.execute(query):
        totals = found.setdefault(day, {})
        for name, value in zip(names, values, strict=True):
            if value is not None:
                totals[name] = totals.get(name, Decimal(0)) + value
    return found


def record(
    connection: Connection,
    project_id: int,
    source_id: int,
    found: Iterable[Reconciliation],
    run_id: int,
    at: datetime,
) -> None:
    """Keep a comparison in place of the day's earlier one."""
    rows = [
        {"project_id": project_id, "source_id": source_id, "run_id": run_id, "at": at, **asdict(one)}
        for one in found
    ]
    if not rows:
        return
    query = postgresql.insert(reconciliations)
    keys = ("project_id", "source_id", "day", "metric")
    values = {c.name: query.excluded[c.name] for c in reconciliations.columns if c.name not in keys}
    connection.execute(query.on_conflict_do_update(index_elements=list(keys), set_=values), rows)


def listed(
    connection: Connection, project_id: int, source_id: int, first: date, last: date
) -> list[Reconciliation]:
    """Comparisons of a source in a range, newest day first."""
    r = reconciliations.c
    query = sa.select(r.day, r.metric, r.platform_total, r.stored_total, r.cause).where(
        r.project_id == project_id, r.source_id == source_id, r.day.between(first, last)
    )
    return [
        Reconciliation(**row._mapping) for row in connection.execute(query.order_by(r.day.desc(), r.metric))
    ]
