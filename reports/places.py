"""Places in the drill from platform to ad, and the way down to each.

A place is a text that fits into a link: nothing for all platforms, a channel, or a source and an entity of
it ('12/-8443').
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from analytics import channels
from errors import NotFound
from reports import campaign_rows
from reports.campaign_rows import Key
from reports.view import View
from store.models import entities

LEVELS = ("campaign", "ad_group", "ad")
_KEY = re.compile(r"(\d{1,9})/(-?\d{1,19})", re.ASCII)


@dataclass(frozen=True)
class Place:
    """A step of the way down: a platform, campaign, ad group or ad."""

    key: str
    name: str
    level: str
    channel: str
    of: Key | None = None


def trail(connection: Connection, project_id: int, place: str) -> list[Place]:
    """The way from the platform down to a place; empty for all platforms. NotFound for what is not there."""
    if not place:
        return []
    given = _KEY.fullmatch(place)
    known = campaign_rows.accounts(connection, project_id, _any_view())
    if given is None:
        if place not in {account.channel for account in known.values()}:
            raise NotFound("That link names a platform that this project has no advertising figures of.")
        return [Place(place, channels.label(place), "platform", place)]
    source, found = int(given[1]), list[Place]()
    entity: int | None = int(given[2])
    while entity is not None and source in known and len(found) < len(LEVELS):
        row = _entity(connection, project_id, source, entity)
        if row is None:
            break
        channel = known[source].channel
        found.insert(0, Place(f"{source}/{entity}", row.name, row.level, channel, (source, entity)))
        entity = row.parent_id
    if not found or found[0].level != "campaign":
        raise NotFound("That link names a campaign, ad group or ad that is not in this project (any more).")
    return [Place(found[0].channel, channels.label(found[0].channel), "platform", found[0].channel), *found]


def _any_view() -> View:
    return View(date(2000, 1, 1), date(2000, 1, 1), "EUR")


def _entity(connection: Connection, project_id: int, source: int, entity: int) -> Any:
    if abs(entity) >= 2**63:
        return None
    e = entities.c
    query = sa.select(e.name, e.level, e.parent_id).where(
        e.project_id == project_id, e.source_id == source, e.id == entity, e.level.in_(LEVELS)
    )
    return connection.execute(query).one_or_none()
