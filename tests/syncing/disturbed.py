"""A connected account of the sandbox's business, its stand-in that misbehaves on demand, and the truth to compare with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

import settings as configuration
from connectors import _limits
from sandbox import credentials as invented
from sandbox import truth
from sandbox.serving import Server, local
from sandbox.world import World
from store import connections, db, runs, sources
from store.models import daily_metrics, entities, orders
from store.models import runs as table
from store.runs import Run
from syncing import connecting, logins, plan, worker
from syncing.working import Working

STARTED = datetime.now(UTC)
DAYS = 4
ADS = ("google_ads", "meta_ads", "tiktok_ads", "pinterest_ads")
FAULTS = (
    "rate_limited", "server_error", "reset", "truncated_json", "truncated_gzip", "html", "same_page", "incomplete",
    "missing_field", "field_type", "unknown_currency", "revoked", "expired", "day_limit", "too_much",
)  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with local(World(now=lambda: STARTED)) as made:
        yield made


@pytest.fixture
def sandbox(server: Server, database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """The stand-ins in place of the platforms; waiting takes no time."""
    monkeypatch.setenv("PLATFORM_BASE_URLS", json.dumps(server.base_urls))
    monkeypatch.setenv("ANALYTICS_MAX_RETRIES", "2")
    configuration.current.cache_clear()
    monkeypatch.setattr(Working, "wait", lambda self, _seconds, _why: self.check())
    monkeypatch.setattr(logins, "pause", lambda *_: None)
    _limits._limiters.clear()
    server.faults.clear()
    yield server
    server.faults.clear()
    monkeypatch.undo()
    configuration.current.cache_clear()


@dataclass
class Place:
    """A connected account of the sandbox's business."""

    project_id: int
    source_id: int
    platform: str
    key: str
    time_zone: str


def connect(project_id: int, platform: str) -> Place:
    """Connect the first account of a platform, to read the last days of it."""
    given_ = invented.credentials(platform)
    connector = logins.with_credentials(platform, given_)
    connector.http.wait = lambda *_: None
    account = next(one for one in connector.accounts() if not one.note)
    with db.project(project_id) as connection:
        made = connections.create(
            connection, project_id, platform, platform, "token", connector.credentials, None
        )
        login = connections.read(connection, project_id, made)
        source_id = connecting.add_source(connection, project_id, login, account, None)
        today = plan.today(STARTED, account.time_zone)
        sources.change(connection, project_id, source_id, read_from=today - timedelta(DAYS - 1))
        runs.cancel(connection, project_id, runs.active_sync(connection, project_id, source_id).id)
    return Place(project_id, source_id, platform, account.key, account.time_zone)


def sync(place: Place) -> Run:
    """Ask for a sync (or let the parked one go on) and do it, once."""
    with db.project(place.project_id) as connection:
        connection.execute(sa.update(table).values(not_before=None, heartbeat_at=STARTED - timedelta(days=1)))
        run_id, _ = runs.request_sync(connection, place.project_id, place.source_id, {}, None)
    worker.work_once("a", kind="sync")
    with db.project(place.project_id) as connection:
        return runs.read(connection, place.project_id, run_id)


def settle(place: Place) -> Run:
    """Sync until a run is over, as the clock would."""
    for _ in range(8):
        run = sync(place)
        if run.state == "done" and not run.result["problems"]:
            return run
    raise AssertionError(
        f"{place.platform} does not come to rest: {run.state} {run.stage} {run.error} {run.result}"
    )


def stored(place: Place) -> dict[tuple[str, date], tuple]:
    """Stored campaign figures (or orders) by platform id and day."""
    with db.project(place.project_id) as connection:
        if place.platform == "shopify":
            o = orders.c
            query = sa.select(o.name, o.day, o.net, o.refunds).where(o.source_id == place.source_id)
            return {(name, day): tuple(values) for name, day, *values in connection.execute(query)}
        m = daily_metrics.c
        query = (
            sa.select(
                entities.c.key, m.day, m.impressions, m.clicks, m.spend, m.conversions, m.conversion_value
            )
            .join(entities, sa.and_(entities.c.source_id == m.source_id, entities.c.id == m.entity_id))
            .where(m.source_id == place.source_id, m.grain == 200)
        )
        return {(key, day): tuple(v or 0 for v in values) for key, day, *values in connection.execute(query)}


def true(place: Place, world: World) -> dict[tuple[str, date], tuple]:
    """What the stand-in's world says."""
    last = plan.today(STARTED, place.time_zone)
    first = last - timedelta(DAYS - 1)
    if place.platform == "shopify":
        found = [order for order in truth.shop_orders(world, first, last) if not order["test"]]
        return {(o["name"], o["day"]): (o["total"] - o["refunded"], o["refunded"]) for o in found}
    rows = truth.daily(world, place.platform, place.key, "campaign", first, last)
    return {
        (row["entity_id"], row["date"]): (
            row["impressions"], row.get("pin_clicks", row["clicks"]), row["spend"], row["conversions"], row["conversion_value"],
        )
        for row in rows
    }  # fmt: skip


def check(place: Place, server: Server) -> None:
    """The store says what is true."""
    wanted = {key: values for key, values in true(place, server.world).items() if any(values)}
    assert wanted
    assert {key: values for key, values in stored(place).items() if any(values)} == wanted


def settings_of(kind: str, count: int, skip: int) -> dict[str, Any]:
    """How a fault is switched on that strikes so many answers after leaving some alone."""
    names = {"missing_field": "metrics", "field_type": "metrics"}
    if kind == "revoked":
        return {}
    return {"count": count, "skip": skip, **({"name": names[kind]} if kind in names else {})}
