"""Compares what is stored with the platform's own totals of the account, and names the cause of a difference."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from connectors._base import Row
from store import reconciliations
from store.db import Connection
from store.reconciliations import Reconciliation

_ROUNDING = {"spend": Decimal("0.01"), "conversion_value": Decimal("0.01"), "conversions": Decimal("0.01")}


def compare(
    connection: Connection,
    project_id: int,
    source_id: int,
    totals: Mapping[date, Row],
    lookback: int,
    today: date,
    run_id: int,
    *,
    by_campaign: bool,
) -> int:
    """Record the platform's totals beside the stored ones; how many differ without an explanation.

    `by_campaign`: the stored figures are those of the campaigns, for sources that have some.
    """
    if not totals:
        return 0
    metrics = sorted({name for row in totals.values() for name in row if _is_metric(row, name)})
    stored = reconciliations.stored_totals(
        connection, project_id, source_id, min(totals), max(totals), metrics, by_campaign=by_campaign
    )
    found = [
        Reconciliation(day, name, Decimal(row[name]), stored.get(day, {}).get(name),
                       cause(name, Decimal(row[name]), stored.get(day, {}).get(name), day, lookback, today))
        for day, row in totals.items() for name in metrics if _is_metric(row, name)
    ]  # fmt: skip
    reconciliations.record(connection, project_id, source_id, found, run_id, datetime.now(UTC))
    return sum(one.cause == "unexplained" for one in found)


def _is_metric(row: Row, name: str) -> bool:
    return name not in {"day", "entity", "campaign", "segment", "more"} and row[name] is not None


def cause(
    metric: str, platform: Decimal, stored: Decimal | None, day: date, lookback: int, today: date
) -> str:
    """Why the two are as they are.

    equal; rounding (a cent or less); still_changing (the day is within the window in which the platform
    restates, so the two were read at different moments); below_account (we hold less: the platform counts
    something that it does not report by campaign); unexplained.
    """
    difference = (stored or Decimal(0)) - platform
    if difference == 0:
        return "equal"
    if abs(difference) <= _ROUNDING.get(metric, Decimal(0)):
        return "rounding"
    if day >= today - timedelta(1) or (
        day >= today - timedelta(lookback) and abs(difference) * 50 <= platform
    ):
        return "still_changing"
    if difference < 0 and abs(difference) * 5 <= platform:
        return "below_account"
    return "unexplained"
