"""Campaigns: platform → campaign → ad group → ad, each list with its totals, budgets and the period before.

Sums only are read; every ratio is that of the sums.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from analytics import channels, metrics
from reports import campaign_rows, daily, pacing
from reports.campaign_rows import MEASURED, Account, Key, Scope
from reports.daily import BEFORE, NOW, Cut
from reports.overview import Totals
from reports.pacing import Budget, Pace
from reports.places import Place
from reports.view import View
from store.models import entities

TABLE = (
    "spend", "impressions", "clicks", "ctr", "cpc", "conversions", "cpa", "conversion_value", "roas_reported",
)  # fmt: skip
"""The columns of every list."""
CHANGES = ("spend", "conversions", "cpa", "roas_reported")
"""Columns whose change against the compared period is shown."""


@dataclass(frozen=True)
class Row:
    """One line of a list, with the measures of the period and of the compared one in the view's currency."""

    key: str
    name: str
    level: str
    channel: str
    account: str = ""
    status: str = ""
    pace: Pace = Pace()
    now: Totals = field(default_factory=dict)
    before: Totals = field(default_factory=dict)

    def change(self, slug: str) -> Decimal | None:
        """Relative change of a metric."""
        return metrics.change(metrics.evaluate(slug, self.now), metrics.evaluate(slug, self.before))


@dataclass(frozen=True)
class Listing:
    """What a place is made of, largest spend first. `whole` is the place's own total, where it is an entity."""

    rows: list[Row]
    whole: Totals | None = None


Day = tuple[date, Totals]


@dataclass(frozen=True)
class Course:
    """Measures by day of the period and, moved onto the same days, of the compared one."""

    now: list[Day]
    before: list[Day]


def platforms(connection: Connection, project_id: int, view: View) -> Listing:
    """Advertising platforms, from the highest grain that each has."""
    base = daily.rows(connection, project_id, view, MEASURED)
    (found,), _ = daily.cuts(connection, base, Cut(("phase", "channel"), MEASURED, (base.c.kind == "paid",)))
    sums: dict[str, dict[str, Totals]] = defaultdict(dict)
    for one in found:
        sums[one.pop("channel")][one.pop("phase")] = one
    rows = [
        Row(
            channel,
            channels.label(channel),
            "platform",
            channel,
            now=t.get(NOW, {}),
            before=t.get(BEFORE, {}),
        )
        for channel, t in sums.items()
    ]
    return Listing(in_order(rows, "spend"))


def listing(connection: Connection, project_id: int, view: View, at: Place | None) -> Listing:
    """The campaigns of a platform (None: of all that the view names), or what is below a campaign or ad group."""
    accounts, scope = _scope(connection, project_id, view, at)
    found = _read(connection, scope, accounts)
    if at is None or at.of is None:
        return Listing(in_order(found, "spend"))
    own = campaign_rows.itself(connection, project_id, view, at.of, at.level)
    above = Scope(project_id, view, scope.sources, scope.periods, own, (at.of,))
    totals = _totals(connection, above)
    return Listing(in_order(found, "spend"), totals.get((at.of, NOW), {}))


def _scope(
    connection: Connection, project_id: int, view: View, at: Place | None
) -> tuple[dict[int, Account], Scope]:
    accounts = campaign_rows.accounts(connection, project_id, view)
    periods = daily.prepare(connection, project_id, view)
    if at is None or at.of is None:
        kept = {n: a for n, a in accounts.items() if at is None or a.channel == at.channel}
        return kept, Scope(project_id, view, tuple(kept), periods)
    source, entity = at.of
    facts = campaign_rows.below(connection, project_id, view, source, entity)
    kept = {source: accounts[source]} if source in accounts else {}
    return kept, Scope(project_id, view, (source,), periods, facts if kept else ())


def _phases(connection: Connection, scope: Scope) -> dict[str, sa.Subquery]:
    """By phase: source_id, entity_id, day, days and measures, money in the view's currency; empty without any rows."""
    if not scope.sources or scope.facts == ():
        return {}
    view, factors = scope.view, daily.conversion(connection, scope.project_id, scope.view)
    found = {}
    for phase, (first, last) in daily.periods_of(view).items():
        rows = scope.rows(first, last)
        money = daily.converted(rows, daily.factor_of(view, rows, factors), MEASURED)
        keys = (rows.c.source_id, rows.c.entity_id, rows.c.day, rows.c.days)
        joined = rows.outerjoin(factors, daily.rate_of(factors, rows))
        found[phase] = sa.select(*keys, *money).select_from(joined).subquery(phase)
    return found


def _added(connection: Connection, scope: Scope, *keys: str, singly: bool = False) -> dict[Any, Totals]:
    """Sums by phase and some columns. Each phase is added up by itself: twice as fast as both in one go."""
    parts = []
    for phase, rows in _phases(connection, scope).items():
        by = [rows.c[key] for key in keys]
        query = sa.select(sa.literal(phase), *by, *daily.summed(rows, MEASURED)).group_by(*by)
        parts.append(query.where(rows.c.days == 1) if singly else query)
    found = connection.execute(sa.union_all(*parts)).all() if parts else []
    width = 1 + len(keys)
    return {tuple(row[:width]): dict(zip(MEASURED, row[width:], strict=True)) for row in found}


def _totals(connection: Connection, scope: Scope) -> dict[tuple[Key, str], Totals]:
    """Sums by entity and phase."""
    found = _added(connection, scope, "source_id", "entity_id")
    return {((source, entity), phase): totals for (phase, source, entity), totals in found.items()}


def _read(connection: Connection, scope: Scope, accounts: dict[int, Account]) -> list[Row]:
    totals = _totals(connection, scope)
    keys = {key for key, _ in totals}
    about = _about(connection, scope.project_id, keys)
    budgets = {
        key: Budget(one.status, one.budget, one.budget_period, one.below) for key, one in about.items()
    }
    paces = pacing.paces(connection, scope, accounts, budgets)
    rows = []
    for key in keys & about.keys():
        one, account = about[key], accounts[key[0]]
        rows.append(
            Row(
                f"{key[0]}/{key[1]}", one.name, one.level, account.channel, account.name, one.status, paces[key],
                totals.get((key, NOW), {}), totals.get((key, BEFORE), {}),
            )
        )  # fmt: skip
    return rows


def _about(connection: Connection, project_id: int, keys: Collection[Key]) -> dict[Key, Any]:
    """Name, level, status and budget of entities as they are now, and whether a child of one has a budget."""
    by_source: dict[int, list[int]] = defaultdict(list)
    for source, entity in keys:
        by_source[source].append(entity)
    e, child = entities.c, entities.alias("child").c
    below = sa.exists().where(
        child.project_id == project_id, child.source_id == e.source_id, child.parent_id == e.id,
        child.budget.is_not(None),
    )  # fmt: skip
    columns = (e.source_id, e.id, e.name, e.level, e.status, e.budget, e.budget_period)
    parts = [
        sa.select(*columns, sa.and_(e.budget.is_(None), below).label("below")).where(
            e.project_id == project_id, e.source_id == source, e.id == sa.any_(sa.literal(ids, _IDS))
        )
        for source, ids in by_source.items()
    ]
    found = connection.execute(sa.union_all(*parts)).all() if parts else []
    return {(row.source_id, row.id): row for row in found}


_IDS = sa.ARRAY(sa.BigInteger)


def course(
    connection: Connection, project_id: int, view: View, at: Place | None, keys: Sequence[str] | None
) -> Course:
    """The sum by day over rows of a list, by their keys (None: all of them). `at` None: campaigns of all platforms."""
    _, scope = _scope(connection, project_id, view, at)
    if keys is not None:
        source_keys = [tuple(map(int, key.split("/"))) for key in keys]
        scope = scope.narrowed([(source, entity) for source, entity in source_keys])
    if keys is not None and not keys:
        return Course([], [])
    return _course(view, _added(connection, scope, "day", singly=True))


def platform_course(connection: Connection, project_id: int, view: View, keys: Collection[str]) -> Course:
    """The sum by day over some platforms."""
    base = daily.rows(connection, project_id, view, MEASURED)
    chosen = (base.c.days == 1, base.c.channel.in_(keys))
    (rows,), _ = daily.cuts(connection, base, Cut(("phase", "day"), MEASURED, chosen))
    return _course(view, {(one.pop("phase"), one.pop("day")): one for one in rows})


def _course(view: View, found: dict[tuple[str, date], Totals]) -> Course:
    days = view.days
    back = view.shift
    before = [(day, found.get((BEFORE, day - back), {})) for day in days] if back else []
    return Course([(day, found.get((NOW, day), {})) for day in days], before)


def matching(
    rows: Iterable[Row],
    search: str = "",
    statuses: Collection[str] = (),
    also: Callable[[Row], str] | None = None,
) -> list[Row]:
    """Rows whose name (or what is said of them `also`) contains every word of the search, in any case, and whose
    status is one of these."""
    words = search.casefold().split()

    def said(row: Row) -> str:
        return f"{row.name} {also(row) if also else ''}".casefold()

    return [
        row
        for row in rows
        if (not statuses or row.status in statuses)
        and (not words or all(word in said(row) for word in words))
    ]


def in_order(rows: Iterable[Row], by: str, *, smallest: bool = False) -> list[Row]:
    """Rows by a metric, by 'pace', or by 'name'; those without a value last, equal ones by name."""
    named = sorted(rows, key=lambda row: (row.name.casefold(), row.key))
    if by == "name":
        return named[::-1] if smallest else named
    worth = {row.key: row.pace.pace if by == "pace" else metrics.evaluate(by, row.now) for row in named}
    known = [row for row in named if worth[row.key] is not None]
    known.sort(key=lambda row: worth[row.key] or Decimal(0), reverse=not smallest)
    return known + [row for row in named if worth[row.key] is None]


def total(totals: Iterable[Totals]) -> Totals:
    """Σ of base measures; None where no row has one."""
    found: Totals = {}
    rows = list(totals)
    for name in MEASURED:
        values = [value for row in rows if (value := row.get(name)) is not None]
        found[name] = sum(values, Decimal(0)) if values else None
    return found


def by_piece(
    rows: Iterable[Row], separator: str, position: int, *, by: str = "spend", smallest: bool = False
) -> list[tuple[Row, int]]:
    """Campaigns put together by the n-th piece (from 1) of their names, and how many there are of each.

    A name in which the separator does not occur, or whose piece is missing or empty, goes into a group of its
    own without a name, which stands last.
    """

    def piece(row: Row) -> tuple[str]:
        pieces = [piece.strip() for piece in row.name.split(separator)]
        return (pieces[position - 1] if 1 < len(pieces) >= position else "",)

    return together(rows, piece, by=by, smallest=smallest)


def together(
    rows: Iterable[Row], names: Callable[[Row], Collection[str]], *, by: str = "spend", smallest: bool = False
) -> list[tuple[Row, int]]:
    """Campaigns put together by what they are called (each counts in all of its groups), and how many there are
    of each. Those without a name are a group of their own, which stands last."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        for name in names(row) or ("",):
            groups[name].append(row)
    found = {
        name: Row(name, name, "group", "", now=total(r.now for r in of), before=total(r.before for r in of))
        for name, of in groups.items()
    }
    order = in_order([row for name, row in found.items() if name], by, smallest=smallest)
    return [(row, len(groups[row.key])) for row in (*order, *(found[n] for n in found if not n))]
