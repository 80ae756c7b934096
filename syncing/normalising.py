"""From a reader's frame to what the loader takes: entities with their parents, ids, and one frame a source.

The reader speaks in names ("campaign", "ad_group"); the store in entities. Where a file has no ids and
the source already knows exactly one campaign of that name, the rows join that one, so that an export
with ids and one without do not become two campaigns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import polars as pl

from store import entities, grains
from store.load import Entity

_ITEM_LEVELS = frozenset(grains.LEVELS) - {"account", "campaign", "email", "ad_group", "ad"}
_DIMENSIONS = (
    "campaign_id",
    "campaign",
    "ad_group_id",
    "ad_group",
    "ad_id",
    "ad",
    "item",
    "status",
    "budget",
)
_ACCOUNT = ("channel", "account_id", "account", "currency")


class Account(NamedTuple):
    """The account that rows belong to, as far as the file says. `channel` is set for offline media."""

    channel: str
    key: str
    name: str
    currency: str


class _Chain(NamedTuple):
    entity_id: int
    campaign_id: int | None


def by_account(
    frame: pl.DataFrame, name: Callable[[Mapping[str, str]], Account]
) -> Iterator[tuple[Account, pl.DataFrame]]:
    """Split a frame by account and currency. `name` makes an Account of a row's channel, account_id, account, currency."""
    keys = [c for c in _ACCOUNT if c in frame.columns]
    if not keys:
        yield name({}), frame
        return
    parts = frame.with_columns(pl.col(keys).cast(pl.Utf8).fill_null("")).partition_by(
        keys, as_dict=True, maintain_order=True
    )
    merged: dict[Account, list[pl.DataFrame]] = {}
    for values, part in parts.items():
        account = name(dict(zip(keys, (str(v) for v in values), strict=True)))
        merged.setdefault(account, []).append(part)
    for account, found in merged.items():
        yield account, pl.concat(found)


def with_entities(
    frame: pl.DataFrame, level: str, known_campaigns: Mapping[str, str]
) -> tuple[pl.DataFrame, list[Entity]]:
    """Add `entity_id` and `campaign_id` in place of names, and keep `row`; also the entities to register.

    `known_campaigns` maps the names that one campaign of the source has alone to that campaign's key.
    """
    if "more" in frame.columns:
        frame = frame.with_columns(pl.when(pl.col("more") != "").then(pl.col("more")).alias("more"))
    present = [c for c in _DIMENSIONS if c in frame.columns]
    found: dict[tuple[str, str], Entity] = {}
    if not present:
        account = Entity("account", "", "", None)
        return _constant(frame, account.id, None), [account]
    combos = frame.select(present).unique(maintain_order=True)
    chains = [
        _chain({k: "" if v is None else str(v) for k, v in row.items()}, level, known_campaigns, found)
        for row in combos.iter_rows(named=True)
    ]
    ids = combos.with_columns(
        pl.Series("entity_id", [c.entity_id for c in chains], dtype=pl.Int64),
        pl.Series("campaign_entity", [c.campaign_id for c in chains], dtype=pl.Int64),
    )
    joined = frame.join(ids, on=present, how="left", nulls_equal=True, maintain_order="left")
    return joined.drop(*_DIMENSIONS, *_ACCOUNT, strict=False).rename(
        {"campaign_entity": "campaign_id"}
    ), list(found.values())


def _constant(frame: pl.DataFrame, entity_id: int, campaign_id: int | None) -> pl.DataFrame:
    return frame.drop(*_ACCOUNT, strict=False).with_columns(
        pl.lit(entity_id, dtype=pl.Int64).alias("entity_id"),
        pl.lit(campaign_id, dtype=pl.Int64).alias("campaign_id"),
    )


def _chain(
    row: Mapping[str, str], level: str, known: Mapping[str, str], found: dict[tuple[str, str], Entity]
) -> _Chain:
    """Register the entities of one combination of names, from the campaign down to `level`."""

    def add(at: str, key: str, name: str, parent: int | None) -> int:
        own = at == level
        entity = Entity(
            at,
            key,
            name,
            parent,
            row.get("status", "") if own else "",
            (row.get("budget") or None) if own else None,
        )
        return found.setdefault((at, key), entity).id

    if level == "account":
        return _Chain(add("account", "", "", None), None)
    campaign = row.get("campaign", "")
    top = "email" if level == "email" else "campaign"
    key = (
        row.get("campaign_id")
        or known.get(campaign, campaign)
        or (row.get("item", "") if top == "email" else "")
    )
    campaign_id = add(top, key, campaign or row.get("item", "") or key, None) if key or level == top else None
    parent, path = campaign_id, [key] if key else []
    for at in ("ad_group", "ad"):
        name = row.get(at, "")
        given = row.get(f"{at}_id", "")
        if name or given or level == at:
            own = given or entities.path(*path, name)
            parent = add(at, own, name or given, parent)
            path.append(given or name)
    if level in _ITEM_LEVELS:
        item = row.get("item", "")
        parent = add(level, entities.path(*path, item), item, parent)
    return _Chain(parent if parent is not None else add("account", "", "", None), campaign_id)
