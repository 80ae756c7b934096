"""Bulk operations: a query over all orders that runs on Shopify's side and ends in a file of JSON lines.

Each look at an operation brings it on: created, running, completed. Children of an order are lines of their
own with `__parentId`, as without `groupObjects`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import orjson
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_operation_ast,
    parse,
    validate,
)

from sandbox import orders
from sandbox.platforms._shopify_orders import stamp, tree, understand
from sandbox.platforms._shopify_schema import SCHEMA
from sandbox.tokens import Tokens
from sandbox.world import World

AT_ONCE = 5
"""Bulk operations that may run at the same time."""
CONNECTIONS = {"lineItems", "refundLineItems", "moments"}


class Bulk:
    """The bulk operations of one app on the shop."""

    def __init__(self, world: World, tokens: Tokens, slug: str) -> None:
        self.world, self.tokens, self.slug = world, tokens, slug
        self._bulk: dict[str, dict[str, Any]] = {}

    def start(self, text: str, base: str, oldest: date | None) -> dict[str, Any]:
        """Start a bulk operation over `orders`; the payload of the mutation."""
        try:
            document = parse(text)
            errors = validate(SCHEMA, document)
        except GraphQLError as error:
            errors = [error]
        if errors:
            return {
                "bulkOperation": None,
                "userErrors": [{"field": ["query"], "message": str(errors[0].message), "code": "INVALID"}],
            }
        operation = get_operation_ast(document, None)
        root = _first_field(operation) if operation else None
        if root is None or root.name.value != "orders":
            return {"bulkOperation": None, "userErrors": [{"field": ["query"], "message": "Bulk queries must contain at least one connection.",
                                                           "code": "INVALID"}]}  # fmt: skip
        if sum(1 for one in self._bulk.values() if one["polls"] < 2) >= AT_ONCE:
            return {"bulkOperation": None, "userErrors": [{"field": None, "message": f"You can run at most {AT_ONCE} bulk operations at a time.",
                                                           "code": "LIMIT_REACHED"}]}  # fmt: skip
        number = f"gid://shopify/BulkOperation/{4_000_000_000_000 + len(self._bulk)}"
        self._bulk[number] = {"document": document, "root": root, "text": text, "at": self.world.now, "polls": 0, "base": base,
                              "oldest": oldest}  # fmt: skip
        return {"bulkOperation": self.look(number, count=False), "userErrors": []}

    def look(self, number: str, count: bool = True) -> dict[str, Any] | None:
        """A bulk operation as it stands; each look brings it on: created, running, completed."""
        one = self._bulk.get(number)
        if one is None:
            return None
        one["polls"] += count
        if "canceled" in one:
            status = "CANCELED"
        else:
            status = ("CREATED", "RUNNING", "COMPLETED")[min(one["polls"], 2)]
        size, link = 0, None
        if status == "COMPLETED":
            if "size" not in one:
                one["size"] = sum(1 for _ in self._found(one))
            size = one["size"]
            token = self.tokens.issue(self.slug, "bulk", timedelta(days=7), number=number)
            link = f"{one['base']}/bulk-files/{token}" if size else None
        return {
            "id": number, "status": status, "errorCode": None, "createdAt": stamp(one["at"]), "query": one["text"], "type": "QUERY",
            "completedAt": stamp(self.world.now) if status == "COMPLETED" else None, "objectCount": str(size),
            "rootObjectCount": str(size), "fileSize": "0" if not link else None, "url": link, "partialDataUrl": None,
        }  # fmt: skip

    def cancel(self, number: str) -> dict[str, Any]:
        """Cancel a bulk operation; the payload of the mutation."""
        if number in self._bulk:
            self._bulk[number]["canceled"] = True
        return {"bulkOperation": self.look(number, count=False), "userErrors": []}

    def current(self) -> dict[str, Any] | None:
        """The newest bulk operation."""
        return self.look(list(self._bulk)[-1]) if self._bulk else None

    def _found(self, one: dict[str, Any]) -> Iterator[orders.Order]:
        query = ""
        for argument in one["root"].arguments:
            if argument.name.value == "query":
                query = argument.value.value
        search = understand(query, self.world)
        day = max(search.first, one["oldest"] or search.first)
        while day <= search.last:
            yield from (
                order
                for order in orders.seen(self.world, day, day)
                if search.fits(order) and order.created_at <= one["at"]
            )
            day += timedelta(days=1)

    def lines(self, number: str) -> Iterator[bytes] | None:
        """The file's lines, order by order; None if there is no such operation."""
        one = self._bulk.get(number)
        return None if one is None else self._lines(one)

    def _lines(self, one: dict[str, Any]) -> Iterator[bytes]:
        pieces = {
            d.name.value: d for d in one["document"].definitions if isinstance(d, FragmentDefinitionNode)
        }
        inner = _inner(one["root"].selection_set, pieces)
        for order in self._found(one):
            rows = bulk_rows(tree(self.world, order), inner, pieces)
            yield b"".join(orjson.dumps(row) + b"\n" for row in rows)


def _first_field(operation: OperationDefinitionNode) -> FieldNode | None:
    first = operation.selection_set.selections[0]
    return first if isinstance(first, FieldNode) else None


def bulk_rows(
    node: dict[str, Any], selected: SelectionSetNode, pieces: dict[str, FragmentDefinitionNode]
) -> Iterator[dict[str, Any]]:
    """The lines of one object: itself, then the nodes of its connections with `__parentId`."""
    row: dict[str, Any] = {}
    children: list[dict[str, Any]] = []
    _select(node, selected, pieces, row, children, node["id"])
    yield row
    yield from children


def _select(
    node: dict[str, Any], selected: SelectionSetNode, pieces: dict[str, FragmentDefinitionNode],
    row: dict[str, Any], children: list[dict[str, Any]], parent: str,
) -> None:  # fmt: skip
    for field in _fields(selected, pieces):
        name, label = field.name.value, field.alias.value if field.alias else field.name.value
        value = node.get(name)
        value = value() if callable(value) else value
        if field.selection_set is None:
            row[label] = value
        elif name in CONNECTIONS:
            inner = _inner(field.selection_set, pieces)
            for child in value or []:
                for line in bulk_rows(child, inner, pieces):
                    children.append({"__parentId": parent} | line)
        elif isinstance(value, list):
            row[label] = [_dive(item, field.selection_set, pieces, children, parent) for item in value]
        else:
            row[label] = (
                None if value is None else _dive(value, field.selection_set, pieces, children, parent)
            )


def _dive(
    value: dict[str, Any], selected: SelectionSetNode, pieces: dict[str, FragmentDefinitionNode],
    children: list[dict[str, Any]], parent: str,
) -> dict[str, Any]:  # fmt: skip
    row: dict[str, Any] = {}
    _select(value, selected, pieces, row, children, value.get("id", parent))
    return row


def _fields(selected: SelectionSetNode, pieces: dict[str, FragmentDefinitionNode]) -> Iterator[FieldNode]:
    for one in selected.selections:
        if isinstance(one, FieldNode):
            yield one
        elif isinstance(one, FragmentSpreadNode):
            yield from _fields(pieces[one.name.value].selection_set, pieces)
        elif isinstance(one, InlineFragmentNode):
            yield from _fields(one.selection_set, pieces)


def _inner(selected: SelectionSetNode, pieces: dict[str, FragmentDefinitionNode]) -> SelectionSetNode:
    """What a connection selects of its nodes, through `edges { node }` or `nodes`."""
    for field in _fields(selected, pieces):
        if field.selection_set and field.name.value in {"nodes", "node"}:
            return field.selection_set
        if field.selection_set and field.name.value == "edges":
            return _inner(field.selection_set, pieces)
    return selected
