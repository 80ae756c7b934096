"""One channel from campaign down to the finest rows that its files or its API had."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from reports import daily
from reports.overview import Totals
from reports.view import View
from store import grains
from store.models import MEASURES, campaign_daily, daily_metrics, entities, sources

MOST_ROWS = 5_000
"""Rows of one table; the page says when there are more."""


@dataclass(frozen=True)
class Detail:
    """One campaign, ad group, ad, keyword … with its totals in the view's currency."""

    entity_id: int
    name: str
    campaign: str
    parent: str
    segment: str
    status: str
    account: str
    totals: Totals


def grains_of(connection: Connection, project_id: int, channels: tuple[str, ...]) -> list[int]:
    """Grain codes that the channels have rows of, from the highest down."""
    query = (
        sa.select(daily_metrics.c.grain)
        .join(
            sources,
            sa.and_(
                sources.c.project_id == daily_metrics.c.project_id, sources.c.id == daily_metrics.c.source_id
            ),
        )
        .where(daily_metrics.c.project_id == project_id, sources.c.channel.in_(channels))
        .distinct()
        .order_by(daily_metrics.c.grain)
    )
    return list(connection.scalars(query))


AD_GROUP = grains.code("ad_group")


def _ads(connection: Connection, project_id: int, channels: tuple[str, ...]) -> int | None:
    """The grain of ads to make ad groups from, where there are ads and no ad group rows."""
    found = grains_of(connection, project_id, channels)
    ads = [grain for grain in found if grain // 100 == grains.LEVELS["ad"]]
    return ads[0] if ads and AD_GROUP not in found else None


def levels_of(connection: Connection, project_id: int, channel: str) -> list[int]:
    """Grains of a channel that can be shown: those there are, and ad groups added up from ads."""
    found = grains_of(connection, project_id, (channel,))
    return sorted({*found, AD_GROUP}) if _ads(connection, project_id, (channel,)) else found


def _totals(table: sa.FromClause, factors: sa.CTE) -> list[sa.Label[Any]]:
    return [
        sa.func.sum(daily.converted(table, factors, n)).label(n)
        for n in MEASURES
        if n not in {"reach", "users"}
    ] + [sa.case((sa.func.count() == 1, sa.func.max(table.c[n]))).label(n) for n in ("reach", "users")]


def _joined(table: sa.FromClause, entity: sa.ColumnElement[int]) -> tuple[Any, Any, Any, Any]:
    own, above, top = entities.alias("own"), entities.alias("above"), entities.alias("top")

    def to(alias: Any, key: Any) -> Any:
        return sa.and_(
            alias.c.project_id == table.c.project_id,
            alias.c.source_id == table.c.source_id,
            alias.c.id == key,
        )

    joined = (
        table.join(
            sources, sa.and_(sources.c.project_id == table.c.project_id, sources.c.id == table.c.source_id)
        )
        .outerjoin(own, to(own, entity))
        .outerjoin(above, to(above, own.c.parent_id))
        .outerjoin(top, to(top, table.c.campaign_id))
    )
    return joined, own, above, top


def _parent_of(table: sa.FromClause) -> sa.ScalarSelect[Any]:
    child = entities.alias("child")
    same = (
        child.c.project_id == table.c.project_id,
        child.c.source_id == table.c.source_id,
        child.c.id == table.c.entity_id,
    )
    return sa.select(child.c.parent_id).where(*same).correlate(table).scalar_subquery()


def _query(project_id: int, view: View, table: sa.FromClause, entity: Any, segment: Any) -> sa.Select[Any]:
    """Names and totals by entity and segment of a table's rows in the view."""
    joined, own, above, top = _joined(table, entity)
    names = [
        entity.label("entity_id"),
        sa.func.coalesce(own.c.name, "").label("name"),
        sa.func.coalesce(top.c.name, "").label("campaign"),
        sa.func.coalesce(above.c.name, "").label("parent"),
        segment.label("segment"),
        sa.func.coalesce(own.c.status, "").label("status"),
        sources.c.name.label("account"),
    ]
    factors = daily.conversion(project_id, view)
    query = (
        sa.select(*names, *_totals(table, factors))
        .select_from(joined.outerjoin(factors, daily.rate_of(factors, table)))
        .where(
            table.c.project_id == project_id,
            sources.c.channel.in_(view.channels),
            daily.within(table, view.start, view.end),
            daily.not_twice(table, view.start, view.end),
        )
        .group_by(*[sa.text(str(n + 1)) for n in range(len(names))])
        .order_by(sa.text("spend DESC NULLS LAST, impressions DESC NULLS LAST, name"))
        .limit(MOST_ROWS)
    )
    return query.where(top.c.name.in_(view.campaigns)) if view.campaigns else query


def details(connection: Connection, project_id: int, view: View, grain: int | None) -> list[Detail]:
    """Rows of one grain of the view's channels (None: campaigns, from their roll-up), largest spend first.

    Ad groups are added up from ads where a file has ads only.
    """
    if grain is None:
        query = _query(project_id, view, campaign_daily, campaign_daily.c.campaign_id, sa.literal(""))
    else:
        ads = _ads(connection, project_id, view.channels) if grain == AD_GROUP else None
        entity = _parent_of(daily_metrics) if ads else daily_metrics.c.entity_id
        query = _query(project_id, view, daily_metrics, entity, daily_metrics.c.segment)
        query = query.where(daily_metrics.c.grain == (ads or grain))
    found = []
    for row in connection.execute(query):
        values = dict(row._mapping)
        labels = {name: values.pop(name) for name in Detail.__dataclass_fields__ if name != "totals"}
        found.append(Detail(**labels, totals=values))
    return found


def campaigns_of(connection: Connection, project_id: int, channels: tuple[str, ...] = ()) -> list[str]:
    """Names of campaigns and e-mails that have figures, for the campaign filter."""
    query = (
        sa.select(entities.c.name)
        .join(
            sources,
            sa.and_(sources.c.project_id == entities.c.project_id, sources.c.id == entities.c.source_id),
        )
        .where(
            entities.c.project_id == project_id,
            entities.c.level.in_(["campaign", "email"]),
            entities.c.name != "",
        )
        .distinct()
        .order_by(entities.c.name)
        .limit(MOST_ROWS)
    )
    if channels:
        query = query.where(sources.c.channel.in_(channels))
    return list(connection.scalars(query))


def grain_label(grain: int) -> str:
    """'Ad groups', 'Campaigns by device' …"""
    name = grains.label(grain).replace("_", " ")
    level, _, breakdown = name.partition(" by ")
    plural = {"query": "queries"}.get(level, f"{level}s")
    return (plural + (f" by {breakdown}" if breakdown else "")).capitalize()


def total(rows: list[Detail]) -> Totals:
    """Σ of the rows; distinct counts only where there is one row."""
    found: Totals = {}
    for name in MEASURES:
        values = [row.totals[name] for row in rows if row.totals.get(name) is not None]
        if name in {"reach", "users"}:
            found[name] = values[0] if len(values) == 1 and len(rows) == 1 else None
        else:
            found[name] = sum((Decimal(v) for v in values if v is not None), Decimal(0)) if values else None
    return found
