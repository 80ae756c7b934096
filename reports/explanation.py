"""One figure taken apart: its formula with the numbers in it, what moved it, and the rows and rates behind it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy import Connection

from analytics import channels, metrics
from analytics.contributions import Contribution, contributions, top
from reports import daily, detail, evidence
from reports.daily import BEFORE, NOW
from reports.evidence import Account, Behind
from reports.overview import Totals
from reports.view import View
from store.models import MEASURES, entities, sources

BY = {"channel": "Channels", "account": "Accounts", "campaign": "Campaigns"}
"""What a change can be taken apart by."""


@dataclass(frozen=True)
class Explanation:
    """A metric of a view. `parts` are its base measures; `movers` add up to `change` exactly."""

    slug: str
    value: Decimal | None
    before: Decimal | None
    parts: dict[str, Decimal | None]
    parts_before: dict[str, Decimal | None]
    movers: list[Contribution] | None
    behind: list[Behind]

    @property
    def change(self) -> Decimal | None:
        """Value minus the compared period's."""
        return None if self.value is None or self.before is None else self.value - self.before


def explain(
    connection: Connection, project_id: int, view: View, slug: str, refund_policy: str, by: str = "channel"
) -> Explanation:
    """The figure that the overview shows of a metric in this view, taken apart by channel, account or campaign."""
    parts = metrics.parts(slug)
    sums = _by_source(connection, project_id, view, parts, refund_policy)
    now, before = (_whole(slug, sums[phase].values()) for phase in (NOW, BEFORE))
    value = metrics.evaluate(slug, now)
    was = metrics.evaluate(slug, before) if view.compared else None
    movers = None
    if value is not None and was is not None:
        grouped = [_grouped(sums[phase], by) for phase in (NOW, BEFORE)]
        if by == "campaign":
            grouped = _with_campaigns(connection, project_id, view, parts, sums)
        found = contributions(metrics.metric(slug), *grouped)
        movers = None if found is None else top(found, value - was)
    return Explanation(
        slug, value, was, {name: now.get(name) for name in parts}, {name: before.get(name) for name in parts},
        movers, evidence.behind(connection, project_id, view, parts, sums[NOW]),
    )  # fmt: skip


_Phases = dict[str, dict[int, Account]]


def _by_source(
    connection: Connection, project_id: int, view: View, parts: Iterable[str], refund_policy: str
) -> _Phases:
    """Base measures by phase and source, each from the kind of source that its total comes from."""
    found: _Phases = {NOW: {}, BEFORE: {}}
    names = [name for name in parts if name in MEASURES]
    if names:
        base = daily.rows(connection, project_id, view, names)
        _add_accounts(connection, found, base, names, len(view.channels) == 1)
    sold = [name for name in parts if name in daily.SHOP]
    if sold:
        _add_accounts(connection, found, daily.shop(connection, project_id, view, refund_policy), sold, False)
    return found


def _add_accounts(
    connection: Connection, found: _Phases, base: sa.CTE, names: list[str], one_channel: bool
) -> None:
    """Of all channels, each gives what its kind is the origin of; a channel by itself everything it reports."""
    query = (
        sa.select(
            base.c.phase, base.c.source_id, base.c.channel, base.c.currency, sources.c.name, *daily.summed(base, names)
        )
        .join(sources, sources.c.id == base.c.source_id)
        .group_by(base.c.phase, base.c.source_id, base.c.channel, base.c.currency, sources.c.name)
    )  # fmt: skip
    for row in connection.execute(query):
        values = dict(row._mapping)
        kind = channels.kind(row.channel)
        mine = {name: values[name] for name in names if one_channel or _belongs(name, kind)}
        if any(value is not None for value in mine.values()):
            account = Account(row.source_id, row.channel, row.name, row.currency, mine)
            found[row.phase][row.source_id] = account


def _belongs(measure: str, kind: str) -> bool:
    origin = metrics.origin(measure)
    return kind == origin or (origin == "shop" and kind in {"shop", "crm"})


def _whole(slug: str, accounts: Iterable[Account]) -> Totals:
    """Σ over accounts; of a ratio that only some channels measure, those channels alone."""
    found = metrics.metric(slug)
    chosen = list(accounts)
    if found.shared_only:
        measuring = {one.channel for one in chosen if one.totals.get(found.numerator) is not None}
        chosen = [one for one in chosen if one.channel in measuring]
    totals: Totals = {}
    for name in metrics.parts(slug):
        values = [one.totals[name] for one in chosen if one.totals.get(name) is not None]
        if name in {"reach", "users"}:
            totals[name] = values[0] if len(values) == 1 else None
        else:
            totals[name] = (
                sum((value for value in values if value is not None), Decimal(0)) if values else None
            )
    return totals


def _grouped(accounts: dict[int, Account], by: str) -> dict[str, Totals]:
    found: dict[str, Totals] = defaultdict(dict)
    for one in accounts.values():
        key = (
            channels.label(one.channel)
            if by == "channel"
            else channels.account_label(one.channel, one.account)
        )
        _add(found[key], one.totals)
    return dict(found)


def _add(to: Totals, more: Totals) -> None:
    for name, value in more.items():
        if value is not None:
            to[name] = (to.get(name) or Decimal(0)) + value


def _names(connection: Connection, project_id: int) -> dict[tuple[int, int], str]:
    """Names of campaigns and e-mails by source and id."""
    e = entities.c
    query = sa.select(e.source_id, e.id, e.name).where(
        e.project_id == project_id, e.level.in_(detail.TOP_LEVELS)
    )
    return {(row.source_id, row.id): row.name for row in connection.execute(query)}


def _with_campaigns(
    connection: Connection, project_id: int, view: View, parts: Iterable[str], sums: _Phases
) -> list[dict[str, Totals]]:
    """Sums by campaign; what an account reports beyond its campaigns stands under the account."""
    names = [name for name in parts if name in MEASURES]
    left = {
        phase: {key: dict(one.totals) for key, one in accounts.items()} for phase, accounts in sums.items()
    }
    found: dict[str, dict[str, Totals]] = {NOW: defaultdict(dict), BEFORE: defaultdict(dict)}
    if names:
        base = daily.rows(connection, project_id, view, names, by_campaign=True)
        keys = (base.c.phase, base.c.source_id, base.c.campaign_id)
        query = sa.select(*keys, *daily.summed(base, names)).group_by(*keys)
        called = _names(connection, project_id)
        for row in connection.execute(query):
            account = sums[row.phase].get(row.source_id)
            if account is None:
                continue
            values = {name: row._mapping[name] for name in names if name in account.totals}
            key = f"{channels.label(account.channel)} · {called.get((row.source_id, row.campaign_id), '')}"
            _add(found[row.phase][key], values)
            _add(left[row.phase][row.source_id], {k: None if v is None else -v for k, v in values.items()})
    for phase, rests in left.items():
        for source_id, rest in rests.items():
            one = sums[phase][source_id]
            if any(rest.values()):
                _add(
                    found[phase][f"{channels.account_label(one.channel, one.account)} (not by campaign)"],
                    rest,
                )
    return [dict(found[NOW]), dict(found[BEFORE])]
