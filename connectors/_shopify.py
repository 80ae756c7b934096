"""Shopify's orders: what is asked for, and how an answer becomes an Order.

Fields of the Admin GraphQL schema 2026-10. Bulk queries repeat the fields with `edges`, which they need.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from zoneinfo import ZoneInfo

from connectors._base import Line, Order, Refund, Visit
from connectors._http import Answer
from connectors._redaction import clean
from connectors._shapes import currency, expecting
from connectors._values import amount, count, inside, listed, moment, text
from errors import (
    AccessMissing,
    RateLimited,
    Refused,
    SoundingsError,
    TooMuchData,
    UnexpectedAnswer,
    Unreachable,
)

SAFE = "What is stored stays as it is."
SCOPES_NEEDED = ("read_orders", "read_all_orders", "read_customers")
_MONEY = "{ shopMoney { amount currencyCode } }"
_VISIT = "{ occurredAt landingPage referrerUrl source utmParameters { source medium campaign content term } }"
_ORDER = f"""
id name createdAt cancelledAt test displayFinancialStatus
totalPriceSet {_MONEY} totalDiscountsSet {_MONEY} totalShippingPriceSet {_MONEY} totalTaxSet {_MONEY}
totalRefundedSet {_MONEY}
refunds(first: 20) {{ id processedAt totalRefundedSet {_MONEY} }}
customer {{ id }} shippingAddress {{ countryCodeV2 }}
customerJourneySummary {{ ready customerOrderIndex firstVisit {_VISIT} lastVisit {_VISIT} }}
"""
_LINE = f"id name sku quantity originalUnitPriceSet {_MONEY} originalTotalSet {_MONEY} discountedTotalSet {_MONEY}"
_PAGE = "pageInfo { hasNextPage endCursor }"

SHOP = "query { shop { name myshopifyDomain currencyCode ianaTimezone } }"
SCOPES = "query { currentAppInstallation { accessScopes { handle } } }"
ORDERS = f"""
query($first: Int!, $after: String, $query: String, $sort: OrderSortKeys) {{
  orders(first: $first, after: $after, query: $query, sortKey: $sort) {{
    {_PAGE}
    nodes {{ {_ORDER} lineItems(first: 10) {{ {_PAGE} nodes {{ {_LINE} }} }} }}
  }}
}}"""
COUNT = "query($query: String) { ordersCount(query: $query, limit: null) { count } }"
LINES = f"""
query($id: ID!, $after: String) {{
  order(id: $id) {{ lineItems(first: 100, after: $after) {{ {_PAGE} nodes {{ {_LINE} }} }} }}
}}"""
RUN_BULK = """
mutation($query: String!) {
  bulkOperationRunQuery(query: $query, groupObjects: true) {
    bulkOperation { id status }
    userErrors { field message code }
  }
}"""
BULK = "query($id: ID!) { bulkOperation(id: $id) { id status errorCode objectCount url } }"


def bulk_of(query: str) -> str:
    """The query of a bulk operation over these orders."""
    return (
        f'{{ orders(query: "{query}") {{ edges {{ node {{ {_ORDER} '
        f"lineItems {{ edges {{ node {{ {_LINE} }} }} }} }} }} }} }}"
    )


def order_of(found: Any, zone: ZoneInfo) -> Order:
    """An answer's order; days in the shop's zone. Raises UnexpectedAnswer."""
    with expecting("An order of Shopify"):
        return _order(found, zone)


def _order(found: Mapping[str, Any], zone: ZoneInfo) -> Order:
    placed = moment(inside(found, "createdAt"), "createdAt")
    total, discounts = _required(found, "totalPriceSet"), _money(found, "totalDiscountsSet") or Decimal(0)
    status = _said(found, "displayFinancialStatus").lower()
    journey = found.get("customerJourneySummary") or {}
    visits = _visits(journey)
    came = next((visit for visit in visits if visit.which == "last"), None)
    return Order(
        key=_number(inside(found, "id")),
        name=text(inside(found, "name"), "name"),
        placed_at=placed,
        day=placed.astimezone(zone).date(),
        currency=currency(inside(found, "totalPriceSet", "shopMoney", "currencyCode"), "currencyCode"),
        gross=total + discounts,
        discounts=discounts,
        refunds=_refunds(found, total, status, placed, zone),
        shipping=_money(found, "totalShippingPriceSet"),
        taxes=_money(found, "totalTaxSet"),
        customer=_number(found["customer"]["id"]) if found.get("customer") else "",
        customer_type=_customer_type(journey.get("customerOrderIndex")),
        status=status,
        country=_said(found.get("shippingAddress") or {}, "countryCodeV2"),
        channel=came.source if came else "",
        medium=came.medium if came else "",
        campaign=came.campaign if came else "",
        lines=tuple(_line(each) for each in listed(found, "lineItems", "nodes")),
        visits=visits,
    )


def _refunds(
    found: Mapping[str, Any], total: Decimal, status: str, placed: datetime, zone: ZoneInfo
) -> tuple[Refund, ...]:
    """Refunds by day. Together they are what the order says was refunded; a voided one is refunded in full."""
    made = []
    for each in listed(found, "refunds"):
        at = moment(inside(each, "processedAt"), "refunds.processedAt")
        money = _required(each, "totalRefundedSet")
        if money:
            made.append(Refund(_number(inside(each, "id")), at.astimezone(zone).date(), money))
    whole = total if status == "voided" else _required(found, "totalRefundedSet")
    rest = whole - sum((refund.amount for refund in made), Decimal(0))
    if rest:
        ended = found.get("cancelledAt")
        last = (moment(ended, "cancelledAt") if ended else placed).astimezone(zone).date()
        made.append(Refund("rest", max([last, *(refund.day for refund in made)]), rest))
    return tuple(made)


def _line(found: Mapping[str, Any]) -> Line:
    """A line as it was sold; its share of discounts on the whole order is not in it."""
    whole, paid = _money(found, "originalTotalSet"), _money(found, "discountedTotalSet")
    return Line(
        text(inside(found, "name"), "lineItems.name"),
        _said(found, "sku"),
        amount(found.get("quantity"), "lineItems.quantity"),
        _money(found, "originalUnitPriceSet"),
        None if whole is None or paid is None else whole - paid,
    )


def _visits(journey: Mapping[str, Any]) -> tuple[Visit, ...]:
    """First and last visit; none while Shopify is still working the journey out."""
    if not journey.get("ready"):
        return ()
    named: tuple[tuple[Literal["first", "last"], Any], ...] = (
        ("first", journey.get("firstVisit")), ("last", journey.get("lastVisit")),
    )  # fmt: skip
    return tuple(_visit(which, found) for which, found in named if found)


def _visit(which: Literal["first", "last"], found: Mapping[str, Any]) -> Visit:
    tags = found.get("utmParameters") or {}
    return Visit(
        which,
        moment(at, "occurredAt") if (at := inside(found, "occurredAt")) else None,
        source=_said(tags, "source") or _said(found, "source"),
        medium=_said(tags, "medium"),
        campaign=_said(tags, "campaign"),
        content=_said(tags, "content"),
        term=_said(tags, "term"),
        landing_page=_said(found, "landingPage"),
        referrer=_said(found, "referrerUrl"),
    )


def _customer_type(index: Any) -> Literal["", "new", "returning"]:
    number = count(index, "customerOrderIndex") or 0
    if number < 1:
        return ""
    return "new" if number == 1 else "returning"


def _said(found: Mapping[str, Any], field: str) -> str:
    """A text that may be absent."""
    held = found.get(field)
    return "" if held is None else text(held, field)


def is_test(found: Any) -> bool:
    """Whether the order was placed to try the shop out. Raises UnexpectedAnswer."""
    held = inside(found, "test")
    if isinstance(held, bool):
        return held
    raise UnexpectedAnswer("The field test of an order is not true or false. Nothing of it was stored.")


def _money(found: Mapping[str, Any], field: str) -> Decimal | None:
    held = found.get(field)
    return None if held is None else amount(inside(held, "shopMoney", "amount"), f"{field}.amount")


def _required(found: Mapping[str, Any], field: str) -> Decimal:
    money = amount(inside(found, field, "shopMoney", "amount"), f"{field}.amount")
    if money is None:
        raise ValueError(field)
    return money


def _number(key: Any) -> str:
    """gid://shopify/Order/1 → 1, the number that exports show too."""
    return text(key, "id").rpartition("/")[2]


def graphql_error(answer: Answer) -> SoundingsError | None:
    """What the errors of an answer mean; None without any."""
    body = answer.parsed()
    errors = body.get("errors") if isinstance(body, dict) else None
    if not errors:
        return None
    first = errors[0] if isinstance(errors, list) and isinstance(errors[0], dict) else {"message": errors}
    code = (first.get("extensions") or {}).get("code")
    said = clean(str(first.get("message")))[:300]
    if code == "THROTTLED":
        return RateLimited(
            "Shopify asked us to slow down. Nothing to do: it goes on by itself.", _pause(body)
        )
    if code == "MAX_COST_EXCEEDED":
        return TooMuchData("Shopify wants a smaller question: it costs too many points at once.")
    if code == "ACCESS_DENIED":
        return AccessMissing(
            f"Shopify does not allow this app to read that: {said} Give the app the scopes {', '.join(SCOPES_NEEDED)} "
            "(and access to protected customer data), then install it again."
        )
    if code in ("INTERNAL_SERVER_ERROR", "TIMEOUT"):
        return Unreachable(f"Shopify has a problem of its own ({code}). {SAFE}")
    return Refused(f"Shopify refused the question: {said.rstrip('. ')}. {SAFE}")


def _pause(body: Mapping[str, Any]) -> int:
    """Seconds until the bucket holds what the question costs."""
    try:
        cost = body["extensions"]["cost"]
        bucket = cost["throttleStatus"]
        missing = cost["requestedQueryCost"] - bucket["currentlyAvailable"]
        return max(1, int(missing / bucket["restoreRate"]) + 1)
    except (KeyError, TypeError, ArithmeticError):
        return 2


def bulk_error(found: Mapping[str, Any]) -> SoundingsError:
    """Why a bulk operation ended without a file."""
    code = found.get("errorCode")
    if code == "ACCESS_DENIED":
        return AccessMissing(
            f"Shopify does not allow this app to read orders. Give it {', '.join(SCOPES_NEEDED)}. {SAFE}"
        )
    if code == "TIMEOUT":
        return TooMuchData("Shopify took too long over the file of orders and wants a smaller question.")
    return Unreachable(
        f"Shopify could not finish the file of orders ({found.get('status')} {code or ''}). {SAFE}", 300
    )


def line_of(line: bytes) -> dict[str, Any]:
    """One line of a bulk operation's file. Raises Unreachable for half a line."""
    try:
        found = Answer(200, {}, line).json()
    except ValueError as error:
        raise Unreachable(f"Shopify's file of orders broke off. {SAFE}") from error
    if not isinstance(found, dict):
        raise UnexpectedAnswer(f"Shopify's file of orders holds something that is no order. {SAFE}")
    return found
