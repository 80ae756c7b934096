"""One channel from campaign down to the finest rows that its files or its API had."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from reports import daily
from reports.overview import Totals
from reports.view import View
from store import grains
from store.history import as_of
from store.models import MEASURES, campaign_daily, daily_metrics, entities, sources

MOST_ROWS = 5_000
"""Rows of one table; the page says when there are more."""
TOP_LEVELS = ("campaign", "email")


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
    s = sources.c
    mine = connection.scalars(sa.select(s.id).where(s.project_id == project_id, s.channel.in_(channels)))
    return sorted(
        {grain for found in grains_by_source(connection, project_id, mine).values() for grain in found}
    )


def grains_by_source(connection: Connection, project_id: int, ids: Iterable[int]) -> dict[int, list[int]]:
    """Grain codes that each of these sources has rows of, from the highest down."""
    found: dict[int, list[int]] = {}
    for source_id, grain in connection.execute(_GRAINS, {"project_id": project_id, "ids": list(ids)}):
        found.setdefault(source_id, []).append(grain)
    return found


_GRAINS = sa.text("""
WITH RECURSIVE found AS (
    SELECT s.id AS source_id, (SELECT min(d.grain) FROM daily_metrics d
                               WHERE d.project_id = :project_id AND d.source_id = s.id) AS grain
    FROM sources s WHERE s.project_id = :project_id AND s.id = ANY (:ids)
    UNION ALL
    SELECT found.source_id, (SELECT min(d.grain) FROM daily_metrics d WHERE d.project_id = :project_id
                             AND d.source_id = found.source_id AND d.grain > found.grain)
    FROM found WHERE found.grain IS NOT NULL
)
SELECT source_id, grain FROM found WHERE grain IS NOT NULL ORDER BY source_id, grain""")
"""One index probe a grain and source, however many rows there are."""
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


def parent_of(table: sa.FromClause) -> sa.ScalarSelect[Any]:
    """The entity above a row's own."""
    child = entities.alias("child")
    same = (
        child.c.project_id == table.c.project_id,
        child.c.source_id == table.c.source_id,
        child.c.id == table.c.entity_id,
    )
    return sa.select(child.c.parent_id).where(*same).correlate(table).scalar_subquery()


def _sums(
    connection: Connection,
    project_id: int,
    view: View,
    table: sa.FromClause,
    entity: Any,
    segment: Any,
    *where: sa.ColumnElement[bool],
) -> sa.Select[Any]:
    """Totals by source, entity and segment of a table's rows in the view, largest spend first."""
    periods = daily.prepare(connection, project_id, view)
    factors = daily.conversion(connection, project_id, view)
    chosen = (
        sa.select(
            table.c.source_id,
            entity.label("entity_id"),
            segment.label("segment"),
            table.c.campaign_id,
            *daily.converted(table, daily.factor_of(view, table, factors), MEASURES),
        )
        .select_from(table.outerjoin(factors, daily.rate_of(factors, table)))
        .where(
            table.c.project_id == project_id,
            table.c.source_id.in_(_sources(project_id, view)),
            daily.counted(table, view, view.start, view.end, periods=periods),
            *where,
        )
    )
    if view.campaigns:
        keys = sa.tuple_(table.c.source_id, table.c.campaign_id)
        chosen = chosen.where(keys.in_(_named(project_id, view.campaigns)))
    rows = chosen.subquery("chosen")
    return (
        sa.select(
            rows.c.source_id, rows.c.entity_id, rows.c.segment, sa.func.min(rows.c.campaign_id).label("campaign_id"),
            *daily.summed(rows, MEASURES),
        )
        .group_by(rows.c.source_id, rows.c.entity_id, rows.c.segment)
        .order_by(sa.text("spend DESC NULLS LAST, impressions DESC NULLS LAST"), rows.c.entity_id)
        .limit(MOST_ROWS)
    )  # fmt: skip


def _sources(project_id: int, view: View) -> sa.Select[Any]:
    return sa.select(sources.c.id).where(
        sources.c.project_id == project_id, sources.c.channel.in_(view.channels)
    )


def _named(project_id: int, names: tuple[str, ...]) -> sa.Select[Any]:
    return sa.select(entities.c.source_id, entities.c.id).where(
        entities.c.project_id == project_id, entities.c.level.in_(TOP_LEVELS), entities.c.name.in_(names)
    )


def _described(project_id: int, sums: sa.CTE) -> sa.Select[Any]:
    """The sums with the names of what they belong to."""
    own, above, top = entities.alias("own"), entities.alias("above"), entities.alias("top")

    def to(alias: Any, key: Any) -> Any:
        return sa.and_(
            alias.c.project_id == project_id, alias.c.source_id == sums.c.source_id, alias.c.id == key
        )

    joined = (
        sums.join(sources, sa.and_(sources.c.project_id == project_id, sources.c.id == sums.c.source_id))
        .outerjoin(own, to(own, sums.c.entity_id))
        .outerjoin(above, to(above, own.c.parent_id))
        .outerjoin(top, to(top, sums.c.campaign_id))
    )
    names = (
        sums.c.entity_id,
        sa.func.coalesce(own.c.name, "").label("name"),
        sa.func.coalesce(top.c.name, "").label("campaign"),
        sa.func.coalesce(above.c.name, "").label("parent"),
        sums.c.segment,
        sa.func.coalesce(own.c.status, "").label("status"),
        sources.c.name.label("account"),
    )
    order = sa.text("spend DESC NULLS LAST, impressions DESC NULLS LAST, name")
    return sa.select(*names, *(sums.c[name] for name in MEASURES)).select_from(joined).order_by(order)


def details(connection: Connection, project_id: int, view: View, grain: int | None) -> list[Detail]:
    """Rows of one grain of the view's channels (None: campaigns, from their roll-up), largest spend first.

    Ad groups are added up from ads where a file has ads only.
    """
    if grain is None:
        table = as_of(campaign_daily, view.as_of)
        sums = _sums(connection, project_id, view, table, table.c.campaign_id, sa.literal(""))
    else:
        table = as_of(daily_metrics, view.as_of)
        ads = _ads(connection, project_id, view.channels) if grain == AD_GROUP else None
        entity = parent_of(table) if ads else table.c.entity_id
        sums = _sums(
            connection, project_id, view, table, entity, table.c.segment, table.c.grain == (ads or grain)
        )
    found = []
    for row in connection.execute(_described(project_id, sums.cte("sums"))):
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
            entities.c.level.in_(TOP_LEVELS),
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
