"""Google Ads' customers, campaigns, ad groups, asset groups and ads: all their fields, as they are today."""

from __future__ import annotations

from typing import Any

from sandbox import catalogue
from sandbox.accounts import AdAccount
from sandbox.platforms._gaql import Query
from sandbox.world import World

MANAGER = {
    "id": catalogue.MANAGER,
    "name": "Harbour & Pine (manager)",
    "currency": "EUR",
    "zone": "Europe/Berlin",
}
KINDS = {"search": "SEARCH", "shopping": "SHOPPING", "pmax": "PERFORMANCE_MAX"}
STATES = {"active": "ENABLED", "paused": "PAUSED", "removed": "REMOVED"}


_COMMON = {"status": "ENABLED", "type": "WEBPAGE", "counting_type": "MANY_PER_CLICK",
           "click_through_lookback_window_days": "30", "view_through_lookback_window_days": "1"}  # fmt: skip
ACTIONS: tuple[dict[str, Any], ...] = (
    _COMMON | {"id": "7701", "name": "Purchase", "category": "PURCHASE", "primary_for_goal": True,
               "include_in_conversions_metric": True},
    _COMMON | {"id": "7702", "name": "Add to cart", "category": "ADD_TO_CART", "primary_for_goal": False,
               "include_in_conversions_metric": False},
)  # fmt: skip
"""The accounts' conversion actions: only the primary one counts in `conversions`."""


def camel(name: str) -> str:
    """A field's name in JSON."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def nested(values: dict[str, Any], names: list[str]) -> dict[str, Any]:
    """The chosen fields of one resource; the resource name always comes along; unset and zero are left out."""
    found: dict[str, Any] = {"resourceName": values["resource_name"]}
    for name in names:
        value = values.get(name)
        if value in (None, "", False, "0"):
            continue
        head, _, tail = name.partition(".")
        if tail:
            found.setdefault(camel(head), {"resourceName": values["ad.resource_name"]})[camel(tail)] = value
        else:
            found[camel(head)] = value
    return found


def listed(world: World, account: AdAccount | None, customer: str, query: Query) -> list[dict[str, Any]]:
    """Rows of `customer_client` (the manager and those below it) or of the manager itself."""
    below = [_client(world, other, 1) for other in world.of("google_ads")]
    if account is not None:
        below = [_client(world, account, 0)]
    else:
        below.insert(0, _client(world, None, 0))
    rows = []
    for client in below:
        values = {
            "customer_client": client
            | {"resource_name": f"customers/{customer}/customerClients/{client['id']}"}
        }
        values["customer"] = _own(world, customer if query.resource == "customer_client" else client["id"])
        if query.resource == "customer" and client["id"] != customer:
            continue
        conditions = ((c, *c.field.partition(".")[::2]) for c in query.where)
        if not all(c.holds(values.get(resource, {}).get(name)) for c, resource, name in conditions):
            continue
        row: dict[str, Any] = {}
        for field in query.select:
            resource, _, name = field.partition(".")
            row.setdefault(resource, []).append(name)
        rows.append({camel(r): nested(values[r], n) for r, n in row.items()})
    return rows if query.resource in {"customer", "customer_client"} else []


def actions(world: World, account: AdAccount, query: Query) -> list[dict[str, Any]]:
    """Rows of `conversion_action`."""
    found = []
    for action in ACTIONS:
        values = {"customer": _own(world, account.id), "conversion_action": action | {
            "resource_name": f"customers/{account.id}/conversionActions/{action['id']}"}}  # fmt: skip
        if all(
            c.holds(values[c.field.partition(".")[0]].get(c.field.partition(".")[2])) for c in query.where
        ):
            chosen: dict[str, list[str]] = {}
            for field in query.select:
                chosen.setdefault(field.partition(".")[0], []).append(field.partition(".")[2])
            found.append(
                {camel(resource): nested(values[resource], names) for resource, names in chosen.items()}
            )
    return found


def _client(world: World, account: AdAccount | None, level: int) -> dict[str, Any]:
    own = _own(world, account.id if account else catalogue.MANAGER)
    extra = {"client_customer": f"customers/{own['id']}", "level": str(level), "hidden": False}
    return own | extra


def _own(world: World, customer: str) -> dict[str, Any]:
    account = world.account("google_ads", customer)
    return {
        "resource_name": f"customers/{customer}",
        "id": customer,
        "descriptive_name": account.name if account else MANAGER["name"],
        "currency_code": account.currency if account else MANAGER["currency"],
        "time_zone": account.timezone if account else MANAGER["zone"],
        "manager": account is None,
        "test_account": False,
        "status": "ENABLED",
        "auto_tagging_enabled": account is not None,
    }


def entity(world: World, account: AdAccount, resource: str, place: int) -> dict[str, Any]:
    """All fields of one entity and of those above it, as they are today."""
    today, root = world.today(account.timezone), f"customers/{account.id}"
    found: dict[str, Any] = {"customer": _own(world, account.id)}
    if resource == "customer":
        return found
    ad = account.ads[place] if resource == "ad_group_ad" else None
    group = account.groups[ad.group if ad else place] if resource != "campaign" else None
    campaign = account.campaigns[group.campaign if group else place]
    removed = campaign.state(today) == "removed"
    end = campaign.windows[-1][1]
    found["campaign"] = {
        "resource_name": f"{root}/campaigns/{campaign.id}", "id": campaign.id, "name": campaign.name(today),
        "status": STATES[campaign.state(today)], "serving_status": "SERVING" if not removed else "ENDED",
        "advertising_channel_type": KINDS.get(campaign.kind, "SEARCH"),
        "start_date_time": f"{campaign.created} 00:00:00", "end_date_time": f"{end} 23:59:59" if end else None,
        "campaign_budget": f"{root}/campaignBudgets/9{campaign.id}",
    }  # fmt: skip
    found["campaign_budget"] = {
        "resource_name": f"{root}/campaignBudgets/9{campaign.id}", "id": f"9{campaign.id}",
        "name": f"Budget {campaign.first_name}", "amount_micros": str(campaign.budget_cents * 10_000),
        "period": "DAILY", "delivery_method": "STANDARD", "status": "REMOVED" if removed else "ENABLED",
    }  # fmt: skip
    if group:
        kind, path = ("asset_group", "assetGroups") if resource == "asset_group" else ("ad_group", "adGroups")
        found[kind] = {
            "resource_name": f"{root}/{path}/{group.id}", "id": group.id, "name": group.name,
            "status": "REMOVED" if removed else "ENABLED", "type": "SEARCH_STANDARD",
            "campaign": f"{root}/campaigns/{campaign.id}",
        }  # fmt: skip
    if ad and group:
        found["ad_group_ad"] = {
            "resource_name": f"{root}/adGroupAds/{group.id}~{ad.id}", "status": "ENABLED",
            "ad_group": f"{root}/adGroups/{group.id}", "ad.id": ad.id, "ad.name": ad.name,
            "ad.type": "RESPONSIVE_SEARCH_AD", "ad.resource_name": f"{root}/ads/{ad.id}",
        }  # fmt: skip
    return found
