"""Orders as Shopify's GraphQL shows them: trees of dictionaries by field name; money as decimal texts.

Also Shopify's search syntax for orders.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sandbox import orders
from sandbox.orders import Order, Visit
from sandbox.world import EURO, SHOP_ZONE, World

CHANGES_WITHIN = timedelta(days=35)
"""How long after its creation an order may still change."""
_TERM = re.compile(r"(-?)(\w+):\s*(>=|<=|>|<)?\s*('[^']*'|\"[^\"]*\"|[^\s()]+)")
_SOURCES = {"google": "Google", "facebook": "Facebook", "bing": "Bing", "tiktok": "TikTok", "pinterest": "Pinterest",
            "klaviyo": "Email", "(direct)": "direct"}  # fmt: skip


@dataclass(frozen=True)
class Search:
    """A search that was understood: days to look at, and the test for each order."""

    first: date
    last: date
    fits: Callable[[Order], bool]


def understand(text: str, world: World) -> Search:
    """Shopify's search syntax with AND between terms; terms about other fields are left aside, as Shopify does."""
    tests: list[Callable[[Order], bool]] = []
    first, last = world.start, world.today(SHOP_ZONE)
    for sign_off, name, sign, value in _TERM.findall(text or ""):
        value = value.strip("'\"")
        if name in {"created_at", "processed_at", "updated_at"}:
            at = _time(value)
            tests.append(partial(_meets, "updated_at" if name == "updated_at" else "created_at", sign, at))
            day = at.astimezone(ZoneInfo(SHOP_ZONE)).date()
            if sign in {">", ">=", ""}:
                first = max(first, day - (CHANGES_WITHIN if name == "updated_at" else timedelta()))
            if sign in {"<", "<=", ""}:
                last = min(last, day)
        elif name == "id":
            tests.append(partial(_meets, "id", sign, int(value.rpartition("/")[2])))
        elif name == "test":
            tests.append(partial(_meets, "test", "", value == "true"))
        elif name == "financial_status":
            tests.append(partial(_has_status, value.upper(), bool(sign_off)))
    return Search(first, last, lambda order: all(test(order) for test in tests))


def _meets(field: str, sign: str, bound: Any, order: Order) -> bool:
    value = getattr(order, field)
    found = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le, "": operator.eq}
    return bool(found[sign](value, bound))


def _has_status(status: str, flip: bool, order: Order) -> bool:
    return (_status(order) == status) is not flip


def _time(text: str) -> datetime:
    if "T" not in text:
        return datetime.combine(date.fromisoformat(text), time(), ZoneInfo(SHOP_ZONE)).astimezone(UTC)
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(SHOP_ZONE)).astimezone(UTC)


def find(world: World, search: Search, oldest: date | None, back: bool = False) -> Iterator[Order]:
    """The orders that fit, by the day of their creation (the newest first if `back`); `oldest` is the first day
    that the token may read."""
    first = max(search.first, oldest or search.first)
    count = max((search.last - first).days + 1, 0)
    days = (first + timedelta(days=n) for n in (range(count - 1, -1, -1) if back else range(count)))
    for day in days:
        yield from (order for order in orders.seen(world, day, day) if search.fits(order))


def stamp(at: datetime | None) -> str | None:
    """A time as Shopify writes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


def _status(order: Order) -> str:
    if order.cancelled_at and not order.refunds:
        return "VOIDED"
    if order.refunded >= order.total:
        return "REFUNDED"
    return "PARTIALLY_REFUNDED" if order.refunds else "PAID"


def money(cents: int, country: str) -> dict[str, Any]:
    """A MoneyBag: the shop's money, and the buyer's at a fixed rate."""
    currency = orders.CURRENCIES[country]
    other = (Decimal(cents) / 100 * Decimal(str(EURO[currency]))).quantize(Decimal("0.01"))
    shop = {"amount": f"{Decimal(cents) / 100:.2f}", "currencyCode": "EUR"}
    return {"shopMoney": shop, "presentmentMoney": {"amount": str(other), "currencyCode": currency}}


def tree(world: World, order: Order) -> dict[str, Any]:
    """The whole order by field name. Connections are lists here; `page` cuts them."""
    gone = {line: quantity for refund in order.refunds for line, quantity, _ in refund.lines}

    def bag(cents: int) -> dict[str, Any]:
        return money(cents, order.country)

    goods = sum(line.total for line in order.lines)
    left = order.total - order.refunded
    return {
        "id": f"gid://shopify/Order/{order.id}", "legacyResourceId": str(order.id), "name": f"#{order.number}", "number": order.number,
        "createdAt": stamp(order.created_at), "processedAt": stamp(order.created_at), "updatedAt": stamp(order.updated_at),
        "cancelledAt": stamp(order.cancelled_at), "cancelReason": "CUSTOMER" if order.cancelled_at else None, "closedAt": None,
        "test": order.test, "confirmed": True, "edited": False, "sourceName": "web", "sourceIdentifier": None, "registeredSourceUrl": None,
        "cartToken": None, "checkoutToken": f"chk{order.id}", "displayFinancialStatus": _status(order),
        "displayFulfillmentStatus": "FULFILLED" if order.fulfilled_at else "UNFULFILLED",
        "totalPriceSet": bag(order.total), "currentTotalPriceSet": bag(left), "subtotalPriceSet": bag(goods),
        "currentSubtotalPriceSet": bag(max(goods - order.refunded, 0)), "totalDiscountsSet": bag(order.discount),
        "currentTotalDiscountsSet": bag(order.discount), "totalShippingPriceSet": bag(order.shipping), "totalTaxSet": bag(order.tax),
        "currentTotalTaxSet": bag(round(left * 19 / 119)), "taxesIncluded": True, "totalRefundedSet": bag(order.refunded),
        "netPaymentSet": bag(left), "totalReceivedSet": bag(order.total), "totalTipReceivedSet": bag(0), "currencyCode": "EUR",
        "presentmentCurrencyCode": orders.CURRENCIES[order.country],
        "refunds": [_refund(order, refund) for refund in order.refunds],
        "lineItems": [_line(order, line, gone.get(line.id, 0)) for line in order.lines],
        "customer": _customer(world, order), "customerLocale": orders.LOCALES[order.country],
        "shippingAddress": {"countryCodeV2": order.country, "provinceCode": None}, "billingAddress": {"countryCodeV2": order.country},
        "discountCode": order.code, "discountCodes": [order.code] if order.code else [], "customAttributes": [], "tags": [], "note": None,
        "attribution": {"handle": "web", "displayName": "Online Store"}, "app": {"id": "gid://shopify/App/580111", "name": "Online Store", "handle": "online_store"},
        "customerJourneySummary": _journey(world, order),
    }  # fmt: skip


def _customer(world: World, order: Order) -> dict[str, Any]:
    number = 7_000_000_000_000 + order.customer
    return {"id": f"gid://shopify/Customer/{number}", "legacyResourceId": str(number), "createdAt": stamp(order.created_at),
            "numberOfOrders": lambda *_: str(orders.count(world, order.customer))}  # fmt: skip


def _line(order: Order, line: orders.Line, gone: int) -> dict[str, Any]:
    product = {
        "id": f"gid://shopify/Product/{line.product}",
        "title": line.title,
        "productType": line.kind,
        "vendor": "Harbour & Pine",
    }
    return {
        "id": f"gid://shopify/LineItem/{line.id}", "name": line.title, "title": line.title, "sku": line.sku, "quantity": line.quantity,
        "currentQuantity": line.quantity - gone, "originalTotalSet": money(line.original, order.country),
        "discountedTotalSet": money(line.total, order.country), "originalUnitPriceSet": money(line.original // line.quantity, order.country),
        "vendor": "Harbour & Pine", "product": product, "variant": {"id": f"gid://shopify/ProductVariant/{line.product}1", "sku": line.sku, "title": "Default"},
        "isGiftCard": False, "customAttributes": [],
    }  # fmt: skip


def _refund(order: Order, refund: orders.Refund) -> dict[str, Any]:
    lines = {line.id: line for line in order.lines}
    items = [
        {"id": f"gid://shopify/RefundLineItem/{number}", "quantity": quantity, "subtotalSet": money(cents, order.country),
         "totalTaxSet": money(round(cents * 19 / 119), order.country), "restockType": "RETURN",
         "lineItem": _line(order, lines[number], quantity)}
        for number, quantity, cents in refund.lines
    ]  # fmt: skip
    return {
        "id": f"gid://shopify/Refund/{refund.id}", "legacyResourceId": str(refund.id), "createdAt": stamp(refund.at),
        "processedAt": stamp(refund.at), "updatedAt": stamp(refund.at), "note": None,
        "totalRefundedSet": money(refund.cents, order.country), "refundLineItems": items,
    }  # fmt: skip


def _journey(world: World, order: Order) -> dict[str, Any]:
    if order.ready_at > world.now:
        return {"ready": False, "customerOrderIndex": None, "daysToConversion": None, "momentsCount": None,
                "firstVisit": None, "lastVisit": None, "moments": None}  # fmt: skip
    first, last = _visit(order.first), _visit(order.last)
    days = (order.created_at - order.first.at).days if order.first else None
    seen = [visit for visit in (first, last) if visit][: order.visits]
    return {"ready": True, "customerOrderIndex": order.index, "daysToConversion": days,
            "momentsCount": {"count": order.visits}, "firstVisit": first, "lastVisit": last, "moments": seen}  # fmt: skip


def _visit(visit: Visit | None) -> dict[str, Any] | None:
    if visit is None:
        return None
    source = visit.source
    utm = None
    if source.tagged:
        utm = {
            "source": source.source,
            "medium": source.medium,
            "campaign": source.campaign,
            "content": visit.content,
            "term": None,
        }
    name = _SOURCES.get(source.source, source.source)
    return {
        "id": f"gid://shopify/CustomerVisit/{visit.id}", "occurredAt": stamp(visit.at),
        "landingPage": "https://harbourandpine.example/", "referrerUrl": None if source.source == "(direct)" else f"https://{source.source}.example/",
        "referralCode": None, "source": name, "sourceType": "SEO" if source.medium == "organic" else None,
        "sourceDescription": None, "marketingEvent": None, "utmParameters": utm,
    }  # fmt: skip


def page(items: list[Any], first: int | None, after: str | None) -> dict[str, Any]:
    """A connection over a short list; cursors are places."""
    begin = int(after) + 1 if after and after.isdigit() else 0
    taken = items[begin : begin + first] if first is not None else items[begin:]
    edges = [{"cursor": str(begin + n), "node": item} for n, item in enumerate(taken)]
    info = {
        "hasNextPage": begin + len(taken) < len(items), "hasPreviousPage": begin > 0,
        "startCursor": edges[0]["cursor"] if edges else None, "endCursor": edges[-1]["cursor"] if edges else None,
    }  # fmt: skip
    return {"edges": edges, "nodes": taken, "pageInfo": info}
