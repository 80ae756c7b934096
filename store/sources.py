"""Sources: the accounts whose numbers are loaded, pulled through a connection or uploaded as files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from errors import BadInput, NotFound
from store import history
from store.models import (
    batch_slices,
    batches,
    daily_metrics,
    orders,
    restatements,
    shop_daily,
    source_daily,
    sources,
)


@dataclass(frozen=True)
class Source:
    """An account. `currency` and `time_zone` are empty where there is none or it is unknown.

    `covers_from` and `covers_through` are the first and last day that a load spoke for; `written_at` is
    when a load last changed something.
    """

    id: int
    platform: str
    channel: str
    account_key: str
    name: str
    currency: str
    time_zone: str
    connection_id: int | None
    covers_from: date | None
    covers_through: date | None
    written_at: datetime | None
    in_totals: bool
    read_from: date | None = None
    lookback: int | None = None
    streams: list[str] | None = None
    extra: dict[str, Any] | None = None


_COLUMNS = [sources.c[name] for name in Source.__dataclass_fields__]
_MISSING = "There is no such source in this project."


def _source(row: sa.Row[tuple[object, ...]]) -> Source:
    values = dict(row._mapping)
    return Source(**{**values, "currency": str(values["currency"]).strip()})


def listed(connection: Connection, project_id: int) -> list[Source]:
    """All sources of a project, by channel and name."""
    query = sa.select(*_COLUMNS).where(sources.c.project_id == project_id)
    return [
        _source(row)
        for row in connection.execute(query.order_by(sources.c.channel, sources.c.name, sources.c.id))
    ]


def read(connection: Connection, project_id: int, source_id: int) -> Source:
    """One source. Raises NotFound."""
    query = sa.select(*_COLUMNS).where(sources.c.project_id == project_id, sources.c.id == source_id)
    row = connection.execute(query).first()
    if row is None:
        raise NotFound(_MISSING)
    return _source(row)


def find(
    connection: Connection, project_id: int, platform: str, channel: str, account_key: str, currency: str
) -> Source | None:
    """The source of an account and currency, if it is known."""
    query = sa.select(*_COLUMNS).where(
        sources.c.project_id == project_id,
        sources.c.platform == platform,
        sources.c.channel == channel,
        sources.c.account_key == account_key,
        sources.c.currency == currency,
    )
    row = connection.execute(query).first()
    return None if row is None else _source(row)


def get_or_create(
    connection: Connection,
    project_id: int,
    platform: str,
    channel: str,
    account_key: str,
    name: str,
    currency: str,
    time_zone: str,
) -> int:
    """Id of an account's source. A known one takes over the name, and the time zone where one is given."""
    if currency and not (len(currency) == 3 and currency.isascii() and currency.isupper()):
        raise BadInput(
            f"The currency {currency!r} is not a three-letter code such as EUR. Nothing was written."
        )
    known = find(connection, project_id, platform, channel, account_key, currency)
    if known is None:
        connection.execute(_INSERT, {
            "project_id": project_id, "platform": platform, "channel": channel, "account_key": account_key,
            "name": name, "currency": currency, "time_zone": time_zone, "created_at": datetime.now(UTC),
        })  # fmt: skip
        known = find(connection, project_id, platform, channel, account_key, currency)
        assert known is not None
    zone = time_zone or known.time_zone
    if (known.name, known.time_zone) != (name, zone):
        change(connection, project_id, known.id, name=name, time_zone=zone)
    return known.id


_INSERT = sa.text(
    "INSERT INTO sources (project_id, platform, channel, account_key, name, currency, time_zone, created_at)"
    " VALUES (:project_id, :platform, :channel, :account_key, :name, :currency, :time_zone, :created_at)"
    " ON CONFLICT (project_id, platform, channel, account_key, currency) DO NOTHING"
)


def change(connection: Connection, project_id: int, source_id: int, **values: object) -> None:
    """Set columns of a source. Raises NotFound."""
    mine = sa.and_(sources.c.project_id == project_id, sources.c.id == source_id)
    if connection.execute(sa.update(sources).where(mine).values(values)).rowcount == 0:
        raise NotFound(_MISSING)


def lock(connection: Connection, project_id: int, source_id: int) -> None:
    """Wait until no other transaction loads this source, and keep others waiting until the end of this one.

    A transaction that loads several sources takes them by ascending id, so that two of them do not wait
    for each other. Raises NotFound.
    """
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(project_id, source_id)))
    read(connection, project_id, source_id)


def lock_orders(connection: Connection, project_id: int) -> None:
    """The same for all orders of a project: who is a new customer depends on every shop in it."""
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(project_id, 0)))


def advance(
    connection: Connection,
    project_id: int,
    source_id: int,
    covers: tuple[date, date] | None,
    at: datetime,
    *,
    wrote: bool,
) -> None:
    """Widen what the source covers by the days of a load, and note the time if it wrote anything."""
    known = read(connection, project_id, source_id)
    first, last = known.covers_from, known.covers_through
    if covers:
        first, last = min(first or covers[0], covers[0]), max(last or covers[1], covers[1])
    values: dict[str, object] = {"covers_from": first, "covers_through": last}
    if wrote:
        values["written_at"] = at
    if any(getattr(known, name) != value for name, value in values.items()):
        change(connection, project_id, source_id, **values)


def drop_if_empty(connection: Connection, project_id: int, source_id: int) -> bool:
    """Remove an uploaded source that neither holds rows nor stands in a batch; True if it went.

    One that stays covers what it still holds and what its batches still speak for.
    """
    spans = [
        span
        for span in (_stored(connection, project_id, source_id), _spoken(connection, project_id, source_id))
        if span
    ]
    if spans:
        covers = {"covers_from": min(s[0] for s in spans), "covers_through": max(s[1] for s in spans)}
        change(connection, project_id, source_id, **covers)
        return False
    connection.execute(
        sa.delete(sources).where(
            sources.c.project_id == project_id, sources.c.id == source_id, sources.c.connection_id.is_(None)
        )
    )
    return True


def _stored(connection: Connection, project_id: int, source_id: int) -> tuple[date, date] | None:
    """First and last day that the source holds rows or orders of."""
    spans = []
    for table, length in (
        (source_daily, source_daily.c.days),
        (daily_metrics, daily_metrics.c.days),
        (shop_daily, 1),
        (orders, 1),
    ):
        mine = (table.c.project_id == project_id, table.c.source_id == source_id)
        first, last = connection.execute(
            sa.select(sa.func.min(table.c.day), sa.func.max(table.c.day + length - 1)).where(*mine)
        ).one()
        if first is not None:
            spans.append((first, last))
    return (min(s[0] for s in spans), max(s[1] for s in spans)) if spans else None


def _spoken(connection: Connection, project_id: int, source_id: int) -> tuple[date, date] | None:
    """First and last day that batches which are not undone speak for."""
    s = batch_slices.c
    query = (
        sa.select(sa.func.min(s.day), sa.func.max(s.day + s.days - 1))
        .join(batches, sa.and_(batches.c.project_id == s.project_id, batches.c.id == s.batch_id))
        .where(s.project_id == project_id, s.source_id == source_id, batches.c.undone_at.is_(None))
    )
    first, last = connection.execute(query).one()
    return None if first is None else (first, last)


def delete(connection: Connection, project_id: int, source_id: int) -> None:
    """Remove a source with everything that it holds, for good. Raises NotFound."""
    lock(connection, project_id, source_id)
    for table in (*history.FORMER, *history.FORMER.values(), restatements):
        connection.execute(
            sa.delete(table).where(table.c.project_id == project_id, table.c.source_id == source_id)
        )
    connection.execute(
        sa.delete(sources).where(sources.c.project_id == project_id, sources.c.id == source_id)
    )


_STAMP = sa.text("""
SELECT (SELECT count(*) || ':' || coalesce(max(written_at)::text, '') || ':' || count(*) FILTER (WHERE in_totals)
        || ':' || coalesce(sum(lookback), 0) FROM sources WHERE project_id = :project_id)
    || '|' || (SELECT coalesce(max(id), 0) || ':' || coalesce(max(undone_at)::text, '') FROM batches WHERE project_id = :project_id)
    || '|' || (SELECT count(*) || ':' || coalesce(sum(per_euro), 0) FROM project_rates WHERE project_id = :project_id)
    || '|' || (SELECT coalesce(sum(version), 0) FROM definitions WHERE project_id = :project_id)
    || '|' || (SELECT coalesce(max(rate_day)::text, '') FROM rates WHERE currency = 'USD')""")


def stamp(connection: Connection, project_id: int) -> str:
    """A text that changes whenever a report over the project could: part of the key of cached reports."""
    return str(connection.scalar(_STAMP, {"project_id": project_id}))
