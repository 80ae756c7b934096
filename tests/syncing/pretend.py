"""A platform that a test scripts: what it reports by day, and what goes wrong when."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import sqlalchemy as sa

import connectors
from connectors._base import Account, Batch, Connector, Entity, Field, Order, SignIn, Stream
from store import connections, db, runs, sources
from store.models import daily_metrics
from store.runs import Run
from syncing import connecting, worker

TODAY = datetime.now(UTC).date()


@dataclass
class Script:
    """`spend` is by (campaign, day); `trouble` are errors, one for each of the next pulls (None: none)."""

    spend: dict[tuple[str, date], Decimal] = field(default_factory=dict)
    trouble: deque[Exception | None] = field(default_factory=deque)
    pulled: list[tuple[str, date, date]] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=lambda: [Account("1", "Shop", "EUR", "UTC")])
    entities: list[Entity] = field(default_factory=list)
    totals: dict[date, dict[str, Decimal]] = field(default_factory=dict)
    orders: list[Order] = field(default_factory=list)
    changed: list[Order] = field(default_factory=list)
    snapshot: list[dict] = field(default_factory=list)
    before_rows: Callable[[], None] = lambda: None


SCRIPT = Script()


class Pretend(Connector):
    """Reports what `SCRIPT` says."""

    slug, label, version, reads = "pretend", "Pretend", "1", "Reads nothing."
    sign_ins = (SignIn("token", "Token", "", (Field("access_token", "Token"),)),)
    streams = (
        Stream("campaign", "Campaigns", "campaign", max_days=10, history_days=400, lookback={"all": 3}),
        Stream("ad", "Ads", "ad", max_days=5, history_days=400, lookback={"all": 3}),
        Stream("extra", "Extra", "campaign", "device", max_days=5, optional=True),
    )

    def accounts(self) -> list[Account]:
        return SCRIPT.accounts

    def entities(self, account: Account) -> Iterator[Entity]:
        return iter(SCRIPT.entities)

    def pull(self, account: Account, stream: Stream, first: date, last: date) -> Iterator[Batch]:
        SCRIPT.pulled.append((stream.slug, first, last))
        if SCRIPT.trouble and (error := SCRIPT.trouble.popleft()):
            raise error
        rows = [
            {"day": day, "entity": f"{stream.level}-{name}", "campaign": name, "spend": spend, "clicks": 1}
            for (name, day), spend in sorted(SCRIPT.spend.items(), key=str)
            if first <= day <= last
        ]
        yield Batch(rows[: len(rows) // 2])
        SCRIPT.before_rows()
        yield Batch(rows[len(rows) // 2 :])

    def totals(self, account: Account, first: date, last: date) -> dict[date, dict]:
        return {day: row for day, row in SCRIPT.totals.items() if first <= day <= last}


class PretendShop(Pretend):
    """The same, with orders."""

    slug, headline = "pretend_shop", "orders"
    streams = (Stream("orders", "Orders", "account", kind="orders", max_days=30, history_days=400),)

    def pull(self, account: Account, stream: Stream, first: date, last: date) -> Iterator[Batch]:
        SCRIPT.pulled.append((stream.slug, first, last))
        yield Batch(orders=[order for order in SCRIPT.orders if first <= order.day <= last])

    def changes(self, account: Account, stream: Stream, since: datetime, until: datetime) -> Iterator[Batch]:
        yield Batch(orders=SCRIPT.changed)


class PretendPosts(Pretend):
    """The same, with posts of which only lifetime totals are told."""

    slug = "pretend_posts"
    streams = (Stream("post", "Posts", "post", kind="snapshots", lookback={"all": 0}),)

    def accounts(self) -> list[Account]:
        return [Account("1", "Shop", "", "UTC")]

    def pull(self, account: Account, stream: Stream, first: date, last: date) -> Iterator[Batch]:
        yield Batch([dict(row) for row in SCRIPT.snapshot])


def install(monkeypatch) -> Script:
    """Make the pretended platforms connectable, with an empty script."""
    global SCRIPT
    SCRIPT = Script()
    for kind in (Pretend, PretendShop, PretendPosts):
        monkeypatch.setitem(connectors.REGISTRY, kind.slug, f"unused:{kind.__name__}")
    known = connectors.find
    kinds = {kind.slug: kind for kind in (Pretend, PretendShop, PretendPosts)}
    monkeypatch.setattr(connectors, "find", lambda slug: kinds.get(slug) or known(slug))
    return SCRIPT


def connected(project_id: int, platform: str = "pretend", days: int = 20) -> int:
    """A source of the platform that is to read so many days, with no run waiting; its id."""
    with db.project(project_id) as connection:
        made = connections.create(
            connection, project_id, platform, platform, "token", {"access_token": "planted-token"}, None
        )
        login = connections.read(connection, project_id, made)
        account = connectors.connect(platform, {"access_token": "planted-token"}).accounts()[0]
        source_id = connecting.add_source(connection, project_id, login, account, None)
        sources.change(connection, project_id, source_id, read_from=TODAY - timedelta(days - 1))
        runs.cancel(connection, project_id, runs.active_sync(connection, project_id, source_id).id)
    return source_id


def sync(project_id: int, source_id: int, sidecar: str = "a", **params) -> Run:
    """Ask for a sync and do it."""
    with db.project(project_id) as connection:
        run_id, _ = runs.request_sync(connection, project_id, source_id, params, None)
    worker.work_once(sidecar, kind="sync")
    with db.project(project_id) as connection:
        return runs.read(connection, project_id, run_id)


def stored(project_id: int, source_id: int, grain: int = 200) -> dict[tuple[str, date], Decimal]:
    """Stored spend by campaign and day at a grain."""
    d = daily_metrics.c
    names = {}
    with db.project(project_id) as connection:
        query = sa.select(d.campaign_id, d.day, d.spend).where(d.source_id == source_id, d.grain == grain)
        for campaign, day, spend in connection.execute(query):
            names[campaign, day] = spend
    return names
