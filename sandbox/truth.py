"""What is true in the world now, without a platform in between: for tests to compare with what was stored.

Money is Decimal in the account's currency, counts are int, Google's conversions Decimal. Days are those of the
account's zone. Only rows with delivery: no entity stands here with zeros on a day.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sandbox import delivery, emails, orders, posts, visits
from sandbox.accounts import AdAccount
from sandbox.world import World

LEVELS = {"account", "campaign", "group", "asset_group", "ad"}
_HUNDREDTH = Decimal("0.01")


def _days(date_from: date, date_to: date) -> Iterator[date]:
    for n in range((date_to - date_from).days + 1):
        yield date_from + timedelta(days=n)


def daily(
    world: World, platform: str, account_id: str, level: str, date_from: date, date_to: date
) -> list[dict[str, Any]]:
    """Every entity's figures by day as they show now: entity_id, name, date, currency, impressions, clicks, spend,
    conversions, conversion_value, reach and the platform's own metrics (see `sandbox.delivery.DERIVED`). Google's
    asset groups are the level `asset_group`. ValueError for an unknown account or level."""
    account = world.account(platform, account_id)
    if account is None or level not in LEVELS:
        raise ValueError(f"There is no account {account_id} of {platform}, or no level {level}.")
    found = []
    for day in _days(date_from, date_to):
        rolled = delivery.rolled(world, account, "group" if level == "asset_group" else level, day)
        columns = {name: values.tolist() for name, values in rolled.figures.items()}
        for n, place in enumerate(rolled.places.tolist()):
            if _counts(account, level, place):
                figures = {name: values[n] for name, values in columns.items()}
                found.append(_row(world, account, level, place, day, figures))
    return found


def _counts(account: AdAccount, level: str, place: int) -> bool:
    """Asset groups stand apart from ad groups."""
    if level not in {"group", "asset_group"}:
        return True
    return (account.campaigns[account.groups[place].campaign].kind == "pmax") == (level == "asset_group")


def _row(
    world: World, account: AdAccount, level: str, place: int, day: date, figures: dict[str, int]
) -> dict[str, Any]:
    entity, name = account.id, account.name
    if level == "campaign":
        campaign = account.campaigns[place]
        entity, name = campaign.id, campaign.name(world.today(account.timezone))
    elif level != "account":
        found = account.ads[place] if level == "ad" else account.groups[place]
        entity, name = found.id, found.name
    conversions = figures.pop("conversions")
    exact = account.platform == "google_ads"
    money = {"spend": figures.pop("spend"), "conversion_value": figures.pop("value")}
    for own in ("all_conversions_hundredths", "all_value_cents", "value_1d_view"):
        if own in figures:
            money[own.removesuffix("_hundredths").removesuffix("_cents")] = figures.pop(own)
    return (
        {"entity_id": entity, "name": name, "date": day, "currency": account.currency}
        | figures
        | {"conversions": Decimal(conversions) / 100 if exact else conversions // 100}
        | {key: (Decimal(cents) / 100).quantize(_HUNDREDTH) for key, cents in money.items()}
    )


def total(
    world: World, platform: str, account_id: str, date_from: date, date_to: date, level: str = "account"
) -> dict[str, Any]:
    """The sums of `daily` over all days (reach left out): what an account-level total should be."""
    found: dict[str, Any] = {}
    for row in daily(world, platform, account_id, level, date_from, date_to):
        for name, value in row.items():
            if isinstance(value, int | Decimal) and name != "reach":
                found[name] = found.get(name, 0) + value
    return found


def shop_orders(world: World, date_from: date, date_to: date) -> list[dict[str, Any]]:
    """The shop's orders created on these days, test orders too: id, name, created_at, updated_at, day (shop's
    zone), total, refunded, discount, shipping, tax in EUR, quantity, customer, index, country, test, last visit's
    source, medium, campaign (None where unknown), cancelled."""
    found = []
    for day in _days(date_from, date_to):
        for order in orders.seen(world, day, day):
            source = order.last.source if order.last else None
            found.append({
                "id": order.id, "name": f"#{order.number}", "created_at": order.created_at, "updated_at": order.updated_at,
                "day": day, "total": Decimal(order.total) / 100, "refunded": Decimal(order.refunded) / 100,
                "discount": Decimal(order.discount) / 100, "shipping": Decimal(order.shipping) / 100,
                "tax": Decimal(order.tax) / 100, "quantity": sum(line.quantity for line in order.lines),
                "customer": order.customer, "index": order.index, "country": order.country, "test": order.test,
                "cancelled": order.cancelled_at is not None, "source": source.source if source else None,
                "medium": source.medium if source else None, "campaign": source.campaign if source else None,
            })  # fmt: skip
    return found


def sessions(world: World, date_from: date, date_to: date) -> list[dict[str, Any]]:
    """Web analytics' cells by day: date, source, medium, campaign, channel, device, country (ISO code), sessions,
    engaged, users, new_users, page_views, add_to_carts, checkouts, purchases, revenue (EUR)."""
    return [
        {
            "date": day, "source": cell.source.source, "medium": cell.source.medium, "campaign": cell.source.campaign,
            "channel": cell.source.channel, "device": cell.device, "country": cell.country, "sessions": cell.sessions,
            "engaged": cell.engaged, "users": cell.users, "new_users": cell.new_users, "page_views": cell.page_views,
            "add_to_carts": cell.add_to_carts, "checkouts": cell.checkouts, "purchases": cell.purchases,
            "revenue": Decimal(cell.revenue) / 100,
        }
        for day in _days(date_from, date_to)
        for cell in visits.day(world, day)
    ]  # fmt: skip


def messages(world: World, date_from: date, date_to: date) -> list[dict[str, Any]]:
    """E-mails by message and day: date, message_id, parent_id, kind, received, bounced, opened, opened_unique, clicked,
    clicked_unique, unsubscribed, spam."""
    names = (
        "received",
        "bounced",
        "opened",
        "opened_unique",
        "clicked",
        "clicked_unique",
        "unsubscribed",
        "spam",
    )
    return [
        {
            "date": day,
            "message_id": row.message.id,
            "parent_id": row.message.parent_id,
            "kind": row.message.kind,
        }
        | {name: getattr(row, name) for name in names}
        for day in _days(date_from, date_to)
        for row in emails.day(world, day)
    ]


def videos(world: World) -> list[dict[str, Any]]:
    """Every video with its lifetime totals as they stand now: id, created_at, and the fields of `posts.Totals`."""
    found = []
    for post in posts.posts(world):
        totals = posts.totals(post, world.now)
        found.append(
            {"id": post.id, "created_at": post.created_at}
            | {name: getattr(totals, name) for name in totals.__dataclass_fields__}
        )
    return found


def profile(world: World, date_from: date, date_to: date) -> list[dict[str, Any]]:
    """The TikTok account by day (UTC), only days whose figures are out: date and the names of `posts.day`."""
    rows = ((day, posts.day(world, day)) for day in _days(date_from, date_to))
    return [{"date": day} | row for day, row in rows if row]
