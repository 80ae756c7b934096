"""The roots of Shopify's queries and mutations: the shop, orders in pages, bulk operations."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from graphql import GraphQLError

from sandbox import orders
from sandbox.platforms._shopify_bulk import Bulk
from sandbox.platforms._shopify_orders import Search, find, page, tree, understand
from sandbox.world import SHOP_ZONE, World

SHOP = "harbour-and-pine"
WITHOUT_ALL = timedelta(days=60)
_SORT = {
    "CREATED_AT": "created_at",
    "PROCESSED_AT": "created_at",
    "UPDATED_AT": "updated_at",
    "ID": "id",
    "ORDER_NUMBER": "number",
}


class Root:
    """What a query starts from; counts what it really costs."""

    def __init__(self, world: World, bulk: Bulk, scope: str, base: str) -> None:
        self._world, self._bulk, self._base = world, bulk, base
        self._scopes = scope.replace(" ", ",").split(",")
        self.cost = 0

    def shop(self, info: Any) -> dict[str, Any]:
        """The shop."""
        offset = self._world.now.astimezone(ZoneInfo(SHOP_ZONE)).strftime("%z")
        domain = f"{SHOP}.myshopify.com"
        return {
            "id": "gid://shopify/Shop/61555010000", "name": "Harbour & Pine", "email": "shop@harbourandpine.example",
            "myshopifyDomain": domain, "currencyCode": "EUR", "ianaTimezone": SHOP_ZONE, "timezoneOffset": offset, "timezoneAbbreviation": "CET",
            "plan": {"publicDisplayName": "Plus", "partnerDevelopment": False, "shopifyPlus": True}, "createdAt": "2024-09-01T08:00:00Z",
            "primaryDomain": {"url": "https://harbourandpine.example", "host": "harbourandpine.example"},
        }  # fmt: skip

    def currentAppInstallation(self, info: Any) -> dict[str, Any]:
        """The scopes that were granted."""
        return {
            "id": "gid://shopify/AppInstallation/55501",
            "accessScopes": [{"handle": s, "description": s} for s in self._scopes],
        }

    def _allowed(self) -> None:
        if not {"read_orders", "read_all_orders"} & set(self._scopes):
            text = "Access denied for orders field. Required access: `read_orders` access scope."
            raise GraphQLError(
                text,
                extensions={
                    "code": "ACCESS_DENIED",
                    "documentation": "https://shopify.dev/api/usage/access-scopes",
                },
            )

    def _oldest(self) -> date | None:
        """The first day whose orders the token may read."""
        if "read_all_orders" in self._scopes:
            return None
        return self._world.today(SHOP_ZONE) - WITHOUT_ALL

    def orders(self, info: Any, query: str | None = None, first: int | None = None, last: int | None = None,
               after: str | None = None, before: str | None = None, sortKey: str = "PROCESSED_AT", reverse: bool = False) -> dict[str, Any]:  # fmt: skip
        """One page of orders."""
        self._allowed()
        if first is None and last is None:
            raise GraphQLError("you must provide one of first or last", extensions={"code": "BAD_REQUEST"})
        size = first or last or 0
        if not 1 <= size <= 250:
            raise GraphQLError("first must be between 1 and 250", extensions={"code": "BAD_REQUEST"})
        world, field = self._world, _SORT[sortKey]
        try:
            search = understand(query or "", world)
        except ValueError:
            raise GraphQLError("Invalid search value in query", extensions={"code": "BAD_REQUEST"}) from None

        def key(order: orders.Order) -> tuple[Any, int]:
            return _text(getattr(order, field)), order.id

        at = _opened(after) if after else None
        if at and field == "created_at":
            search = _from(search, at[0], reverse)
        found = []
        for _, day in groupby(
            find(world, search, self._oldest(), reverse), lambda order: order.number // 10_000
        ):
            portion = [
                order for order in day if at is None or (key(order) < at if reverse else key(order) > at)
            ]
            found += portion
            if field != "updated_at" and first and len(found) > size:
                break
        found.sort(key=key, reverse=reverse)
        taken = found[:size] if first else found[-size:]
        self.cost += 2 + len(taken) * 3
        nodes = [_paged(tree(world, order)) for order in taken]
        edges = [
            {"cursor": _cursor(key(order)), "node": node} for order, node in zip(taken, nodes, strict=True)
        ]
        ends = {"startCursor": edges[0]["cursor"], "endCursor": edges[-1]["cursor"]} if edges else {}
        return {
            "nodes": nodes,
            "edges": edges,
            "pageInfo": {"hasNextPage": len(found) > len(taken), "hasPreviousPage": bool(after)} | ends,
        }

    def order(self, info: Any, id: str) -> dict[str, Any] | None:
        """One order by its id."""
        self._allowed()
        number = int(id.rpartition("/")[2]) - 5_000_000_000_000 - orders.FIRST_NUMBER
        world = self._world
        day = world.start + timedelta(days=number // 10_000)
        return next(
            (_paged(tree(world, o)) for o in orders.seen(world, day, day) if id.endswith(f"/{o.id}")), None
        )

    def ordersCount(
        self,
        info: Any,
        limit: int | None = 10_000,
        query: str | None = None,
        savedSearchId: str | None = None,
    ) -> dict[str, Any]:
        """How many orders fit, up to the limit."""
        self._allowed()
        world = self._world
        fitting = sum(1 for _ in find(world, understand(query or "", world), self._oldest()))
        if limit is not None and fitting > limit:
            return {"count": limit, "precision": "AT_LEAST"}
        return {"count": fitting, "precision": "EXACT"}

    def bulkOperation(self, info: Any, id: str) -> dict[str, Any] | None:
        """A bulk operation."""
        return self._bulk.look(id)

    def currentBulkOperation(self, info: Any, type: str = "QUERY") -> dict[str, Any] | None:
        """The newest bulk operation."""
        return self._bulk.current()

    def bulkOperationRunQuery(self, info: Any, query: str, groupObjects: bool = False) -> dict[str, Any]:
        """Start a bulk operation."""
        self._allowed()
        return self._bulk.start(query, self._base, self._oldest())

    def bulkOperationCancel(self, info: Any, id: str) -> dict[str, Any]:
        """Cancel a bulk operation."""
        return self._bulk.cancel(id)


def _paged(node: dict[str, Any]) -> dict[str, Any]:
    """The tree with its lists as connections."""

    def connection(items: list[Any]) -> Any:
        return lambda info, first=None, after=None: page(items, first, after)

    for refund in node["refunds"]:
        refund["refundLineItems"] = connection(refund["refundLineItems"])
    refunds = node["refunds"]
    node["refunds"] = lambda info, first=None: refunds[:first] if first else refunds
    node["lineItems"] = connection(node["lineItems"])
    journey = node["customerJourneySummary"]
    if journey["moments"] is not None:
        journey["moments"] = connection(journey["moments"])
    return node


def _from(search: Search, created_at: str, back: bool) -> Search:
    """The search without the days before a cursor."""
    day = datetime.fromisoformat(created_at).astimezone(ZoneInfo(SHOP_ZONE)).date()
    return (
        replace(search, last=min(search.last, day)) if back else replace(search, first=max(search.first, day))
    )


def _text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _cursor(key: tuple[Any, int]) -> str:
    return base64.b64encode(json.dumps({"last_value": key[0], "last_id": key[1]}).encode()).decode()


def _opened(cursor: str) -> tuple[Any, int]:
    try:
        found = json.loads(base64.b64decode(cursor))
        return found["last_value"], found["last_id"]
    except (ValueError, KeyError):
        raise GraphQLError(
            "Invalid cursor for current pagination sort.", extensions={"code": "BAD_REQUEST"}
        ) from None
