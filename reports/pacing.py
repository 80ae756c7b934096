"""Pace of a budget: what was spent of the current budget period's budget, against the part of it that is over.

The current period of a day budget is the newest day that the account has figures of. A lifetime budget's
end is not read from the platforms, so its use is told and its pace is not. Amounts stay in the account's
currency, in which the budget is set.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import Connection

from reports.campaign_rows import Account, Key, Scope


class Untold(StrEnum):
    """Why there is no pace."""

    NONE = ""
    NO_BUDGET = "no budget known"
    BELOW = "budgets on its ad groups"
    RESTING = "not running"
    NO_END = "end date not known"
    NO_DAYS = "no figures by day"
    NO_ZONE = "account's time zone not known"
    OTHER_CURRENCY = "spend in another currency"


@dataclass(frozen=True)
class Budget:
    """What a platform says now of an entity's budget."""

    status: str
    amount: Decimal | None
    period: str
    below: bool
    """The entity has none, but something below it has."""


@dataclass(frozen=True)
class Pace:
    """`spent` of `budget` (account's currency) in the period of `day`, of which `over` (0 to 1) has passed."""

    budget: Decimal | None = None
    currency: str = ""
    period: str = ""
    day: date | None = None
    spent: Decimal | None = None
    over: Decimal | None = None
    untold: Untold = Untold.NONE

    @property
    def used(self) -> Decimal | None:
        """Spent part of the budget."""
        return self.spent / self.budget if self.spent is not None and self.budget else None

    @property
    def pace(self) -> Decimal | None:
        """1: on plan; 1.2: a fifth ahead of it."""
        return self.used / self.over if self.used is not None and self.over else None


def part_over(day: date, zone: str, seen: datetime | None) -> Decimal | None:
    """Part of a day that was over at a moment, on the clocks of a time zone; None where that is not known."""
    if seen is None:
        return None
    if not zone:  # over everywhere on earth a day and a half later
        return Decimal(1) if seen.date() > day + timedelta(days=1) else None
    place = ZoneInfo(zone)
    starts, ends = (datetime.combine(d, time.min, place) for d in (day, day + timedelta(days=1)))
    whole = Decimal(int(ends.timestamp() - starts.timestamp()))
    passed = Decimal(int(seen.timestamp() - starts.timestamp()))
    return min(passed / whole, Decimal(1)) if passed > 0 else None


def paces(
    connection: Connection, scope: Scope, accounts: Mapping[int, Account], budgets: Mapping[Key, Budget]
) -> dict[Key, Pace]:
    """The pace of each entity, or the reason why there is none."""
    open_: dict[str, list[Key]] = {"day": [], "lifetime": []}
    found: dict[Key, Pace] = {}
    for key, budget in budgets.items():
        account = accounts[key[0]]
        why = _untold(budget, account)
        found[key] = Pace(budget.amount, account.currency, budget.period, account.newest, untold=why)
        if why in {Untold.NONE, Untold.NO_END}:
            open_[budget.period].append(key)
    spent = _spent(connection, scope, accounts, open_["day"], open_["lifetime"])
    seen = scope.view.as_of
    for key in (*open_["day"], *open_["lifetime"]):
        found[key] = _told(found[key], accounts[key[0]], spent.get(key, {}), seen)
    return found


def _untold(budget: Budget, account: Account) -> Untold:
    if budget.amount is None or budget.period not in {"day", "lifetime"}:
        return Untold.BELOW if budget.below else Untold.NO_BUDGET
    if budget.status not in {"active", ""}:
        return Untold.RESTING
    if account.newest is None:
        return Untold.NO_DAYS
    return Untold.NO_END if budget.period == "lifetime" else Untold.NONE


def _told(pace: Pace, account: Account, spent: Mapping[str, Decimal], as_of: datetime | None) -> Pace:
    if spent and account.currency not in spent:
        return Pace(pace.budget, pace.currency, pace.period, pace.day, untold=Untold.OTHER_CURRENCY)
    over, why = None, pace.untold
    if pace.period == "day" and pace.day is not None:
        moments = [at for at in (account.written_at, as_of) if at is not None]
        over = part_over(pace.day, account.time_zone, min(moments, default=None))
        why = Untold.NONE if over is not None else Untold.NO_ZONE
    amount = spent.get(account.currency, Decimal(0))
    return Pace(pace.budget, pace.currency, pace.period, pace.day, amount, over, why)


def _spent(
    connection: Connection, scope: Scope, accounts: Mapping[int, Account], day: list[Key], lifetime: list[Key]
) -> dict[Key, dict[str, Decimal]]:
    """Spend by key and currency: on the account's newest day, or on all days that there are."""
    queries = []
    if day:
        newest = {source: accounts[source].newest for source, _ in day}
        known = [one for one in newest.values() if one is not None]
        rows = scope.rows(min(known), max(known))
        wanted = sa.tuple_(rows.c.source_id, rows.c.day).in_(list(newest.items()))
        queries.append(_sums(rows).where(rows.c.days == 1, wanted))
    if lifetime:
        of = [accounts[source] for source, _ in lifetime]
        firsts = [a.covers_from or a.newest for a in of]
        lasts = [a.newest for a in of]
        first, last = min(d for d in firsts if d is not None), max(d for d in lasts if d is not None)
        queries.append(_sums(scope.narrowed(lifetime).rows(first, last)))
    found: dict[Key, dict[str, Decimal]] = {}
    kinds = [set(keys) for keys in (day, lifetime) if keys]
    for keys, query in zip(kinds, queries, strict=True):
        for row in connection.execute(query):
            if (row[0], row[1]) in keys:
                found.setdefault((row[0], row[1]), {})[row[2]] = row[3]
    return found


def _sums(rows: sa.Subquery) -> sa.Select[Any]:
    keys = (rows.c.source_id, rows.c.entity_id, rows.c.currency)
    return sa.select(*keys, sa.func.sum(rows.c.spend)).where(rows.c.spend.is_not(None)).group_by(*keys)
