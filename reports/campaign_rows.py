"""Where the figures of a place in the drill come from: campaigns from their roll-up, what is below from the
facts of the children alone, found by their primary key rather than by reading all ads of the account.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import ARRAY

from reports import daily
from reports.view import View
from store import grains
from store.history import FORMER, as_of
from store.models import campaign_daily, daily_metrics, entities, source_daily, sources

MEASURED = ("spend", "impressions", "clicks", "conversions", "conversion_value")
"""Base measures of a list; every column comes from these."""
Key = tuple[int, int]
"""A source and an entity of it."""


@dataclass(frozen=True)
class Account:
    """A source that campaigns are in. `newest` is the last single day that it has figures of."""

    source_id: int
    channel: str
    name: str
    currency: str
    time_zone: str
    covers_from: date | None
    written_at: datetime | None
    newest: date | None


@dataclass(frozen=True)
class Facts:
    """Rows of one grain: those of `ids`, each counted for the entity at the same place of `shown`."""

    grain: int
    ids: tuple[int, ...]
    shown: tuple[int, ...]

    def of(self, entities: Collection[int]) -> Facts:
        """Only what is shown as one of these."""
        kept = [(one, shown) for one, shown in zip(self.ids, self.shown, strict=True) if shown in entities]
        return replace(self, ids=tuple(i for i, _ in kept), shown=tuple(s for _, s in kept))


@dataclass(frozen=True)
class Scope:
    """What a list is made of: campaigns of some sources (`facts` is None), or some facts of one source.

    `only` narrows campaigns; None: all of them. `periods`: see `daily.prepare`.
    """

    project_id: int
    view: View
    sources: tuple[int, ...]
    periods: bool
    facts: tuple[Facts, ...] | None = None
    only: tuple[Key, ...] | None = None

    def narrowed(self, keys: Collection[Key]) -> Scope:
        """The same for these entities alone."""
        if self.facts is None:
            return replace(self, only=tuple(keys))
        wanted = {entity for _, entity in keys}
        return replace(self, facts=tuple(one.of(wanted) for one in self.facts))

    def rows(self, first: date, last: date) -> sa.Subquery:
        """source_id, entity_id, day, days, currency and measures of the rows that make totals of these days."""
        if self.facts is None:
            return self._campaigns(first, last).subquery()
        reading = self._ranged if self.periods else self._probed
        parts = [reading(one, first, last) for one in self.facts]
        return sa.union_all(*parts).subquery()

    def _campaigns(self, first: date, last: date) -> sa.Select[Any]:
        t = as_of(campaign_daily, self.view.as_of)
        query = sa.select(*_columns(t, t.c.campaign_id)).where(
            t.c.project_id == self.project_id,
            t.c.source_id.in_(self.sources),
            daily.counted(t, self.view, first, last, periods=self.periods),
        )
        key = sa.tuple_(t.c.source_id, t.c.campaign_id)
        if self.only is not None:
            query = query.where(key.in_(self.only))
        if self.view.campaigns:
            query = query.where(key.in_(_named(self.project_id, self.view.campaigns)))
        return query

    def _of_facts(self, f: Any, facts: Facts) -> list[sa.ColumnElement[bool]]:
        return [
            f.c.project_id == self.project_id,
            f.c.source_id == self.sources[0],
            f.c.grain == facts.grain,
        ]

    def _ranged(self, facts: Facts, first: date, last: date) -> sa.Select[Any]:
        """By reading the days: for figures of several days, and for figures as they stood."""
        f, wanted = as_of(daily_metrics, self.view.as_of), _wanted(facts)
        counted = daily.counted(f, self.view, first, last, periods=True)
        query = sa.select(*_columns(f, wanted.c.shown)).select_from(
            f.join(wanted, f.c.entity_id == wanted.c.id)
        )
        return query.where(*self._of_facts(f, facts), counted)

    def _probed(self, facts: Facts, first: date, last: date) -> sa.Select[Any]:
        """By one index probe a day and entity. OFFSET 0 keeps the planner from reading the whole range instead."""
        f, wanted = daily_metrics, _wanted(facts)
        days = (
            sa.func.generate_series(0, (last - first).days).table_valued("n").render_derived("counted_days")
        )
        of_day = sa.cast(first, sa.Date) + sa.cast(days.c.n, sa.Integer)
        key = (*self._of_facts(f, facts), f.c.day == of_day, f.c.days == 1, f.c.entity_id == wanted.c.id)
        columns = _columns(f, f.c.entity_id)
        found = sa.select(*columns).where(*key).offset(0).correlate(wanted, days).lateral("found")
        source = wanted.join(days, sa.true()).join(found, sa.true())
        return sa.select(*_columns(found, wanted.c.shown)).select_from(source)


def _columns(table: Any, entity: Any) -> list[sa.ColumnElement[Any]]:
    named = (table.c.source_id, entity.label("entity_id"), table.c.day, table.c.days, table.c.currency)
    return [*named, *(table.c[name] for name in MEASURED)]


def _wanted(facts: Facts) -> sa.TableValuedAlias:
    arrays = [sa.cast(list(ids), ARRAY(sa.BigInteger)) for ids in (facts.ids, facts.shown)]
    columns = (sa.column("id", sa.BigInteger), sa.column("shown", sa.BigInteger))
    return sa.func.unnest(*arrays).table_valued(*columns).render_derived(f"wanted_{facts.grain}")


def _named(project_id: int, names: tuple[str, ...]) -> sa.Select[Any]:
    return sa.select(entities.c.source_id, entities.c.id).where(
        entities.c.project_id == project_id, entities.c.level == "campaign", entities.c.name.in_(names)
    )


def accounts(connection: Connection, project_id: int, view: View) -> dict[int, Account]:
    """The sources of the view's advertising channels that count in totals, by id."""
    d = as_of(source_daily, view.as_of)
    newest = sa.select(sa.func.max(d.c.day)).where(
        d.c.project_id == project_id, d.c.source_id == sources.c.id, d.c.days == 1
    )
    s = sources.c
    query = sa.select(
        s.id,
        s.channel,
        s.name,
        s.currency,
        s.time_zone,
        s.covers_from,
        s.written_at,
        newest.scalar_subquery(),
    ).where(
        sources.c.project_id == project_id, sources.c.in_totals, daily.kind_of(sources.c.channel) == "paid"
    )
    if view.channels:
        query = query.where(sources.c.channel.in_(view.channels))
    return {row.id: Account(*row) for row in connection.execute(query)}


def below(
    connection: Connection, project_id: int, view: View, source_id: int, parent: int
) -> tuple[Facts, ...]:
    """The facts of an entity's ad groups and ads. Ad groups are added up from ads where they have no figures."""
    children = _children(connection, project_id, source_id, [parent])
    groups = [child for child, (level, _) in children.items() if level == "ad_group"]
    ads = {child: child for child, (level, _) in children.items() if level == "ad"}
    found = []
    if groups:
        own = _grain(connection, project_id, view, source_id, "ad_group")
        if own is not None:
            found.append(Facts(own, tuple(groups), tuple(groups)))
        else:
            theirs = _children(connection, project_id, source_id, groups)
            ads |= {child: above for child, (level, above) in theirs.items() if level == "ad"}
    grain = _grain(connection, project_id, view, source_id, "ad") if ads else None
    if grain is not None:
        found.append(Facts(grain, tuple(ads), tuple(ads.values())))
    return tuple(found)


def itself(
    connection: Connection, project_id: int, view: View, key: Key, level: str
) -> tuple[Facts, ...] | None:
    """The facts of an ad group or ad itself; None for a campaign, which has a roll-up."""
    if level == "campaign":
        return None
    grain = _grain(connection, project_id, view, key[0], level)
    return () if grain is None else (Facts(grain, (key[1],), (key[1],)),)


def _children(
    connection: Connection, project_id: int, source_id: int, parents: Collection[int]
) -> Mapping[int, tuple[str, int]]:
    """Level and parent of the ad groups and ads below some entities."""
    query = sa.select(entities.c.id, entities.c.level, entities.c.parent_id).where(
        entities.c.project_id == project_id,
        entities.c.source_id == source_id,
        entities.c.parent_id.in_(parents),
        entities.c.level.in_(("ad_group", "ad")),
    )
    return {row.id: (row.level, row.parent_id) for row in connection.execute(query)}


def _grain(connection: Connection, project_id: int, view: View, source_id: int, level: str) -> int | None:
    """The grain to take a level from: its plain rows, or else its lowest breakdown. One index probe."""
    lowest = grains.code(level)
    tables = (daily_metrics, FORMER[daily_metrics]) if view.as_of else (daily_metrics,)
    probes = [
        sa.select(sa.func.min(t.c.grain))
        .where(
            t.c.project_id == project_id,
            t.c.source_id == source_id,
            t.c.grain.between(lowest, lowest + 99),
        )
        .scalar_subquery()
        for t in tables
    ]
    return connection.scalar(sa.select(sa.func.least(*probes)))
