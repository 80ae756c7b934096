"""Shopify: GraphQL Admin API 2026-10, orders with refunds, lines and the customer's journey.

Names checked against the Admin GraphQL schema 2026-10 shipped in @shopify/dev-mcp 1.16.0.

- An order is placed at `createdAt`, which never changes; refunds, edits and cancellations move `updatedAt`,
  months later too, so changes are read by it. Days are the shop's, instants UTC.
- Money is the shop's currency (`shopMoney`). Total includes taxes and shipping: net = total − refunded and
  gross = total + discounts, as in the orders export. A voided order was never paid: refunded in full.
- Without the scope `read_all_orders` Shopify shows 60 days of orders and says nothing about the rest.
- Costs: a bucket per app and shop, 100 points a second on the standard plan; "THROTTLED" comes with HTTP 200.
  Long ranges go through a bulk operation (JSON lines, grouped: lines follow their order).
- A version lives a year; a dead one is answered by the oldest living one.
- There is no cheap total of money that is independent of the orders themselves (ShopifyQL needs protected
  data), so `totals` offers none; but each list of orders must be as long as `ordersCount` says.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from connectors import _shopify
from connectors._base import (
    Account,
    Batch,
    Connector,
    Credentials,
    Field,
    Limit,
    OAuth,
    Row,
    SignIn,
    Stream,
    follow,
    in_lots,
)
from connectors._http import Answer, Http
from connectors._redaction import clean
from connectors._shapes import currency
from connectors._shopify import SAFE, SCOPES_NEEDED
from connectors._values import count, inside, listed, text
from errors import (
    AccessMissing,
    RateLimited,
    Refused,
    SoundingsError,
    TooMuchData,
    UnexpectedAnswer,
    Unreachable,
)  # fmt: skip

_ADDRESS = re.compile(r"^[a-z0-9][a-z0-9-]*\.myshopify\.com$")
_BULK_DAYS = 90
_HIDDEN_AFTER_DAYS = 59
_BULK_MINUTES = 30
_LOT = 250
_SHOP = Field(
    "shop", "Shop address", "As in your-shop.myshopify.com: Shopify admin → Settings → Domains.", secret=False
)
_APP = (
    Field("client_id", "Client ID", "Dev Dashboard → your app → Settings.", secret=False),
    Field("client_secret", "Client secret", "Beside the client ID."),
)


@dataclass(frozen=True)
class ShopOAuth(OAuth):
    """OAuth whose addresses are the shop's own: `{shop}` in them stands for it."""

    def address(self, app: Mapping[str, Any], redirect_uri: str, state: str, verifier: str) -> str:
        """See OAuth."""
        shop = shop_of(app)
        there = OAuth(self.authorize.format(shop=shop), "", self.scopes, self.separator)
        return there.address(app, redirect_uri, state, verifier)

    def _asked(self, http: Http, label: str, app: Mapping[str, Any], form: dict[str, Any]) -> dict[str, Any]:
        there = OAuth(self.authorize, self.token.format(shop=shop_of(app)), self.scopes, self.separator)
        return there._asked(http, label, app, form)


def shop_of(credentials: Mapping[str, Any]) -> str:
    """The shop's address among the credentials. Raises Refused for what is none of Shopify's."""
    given = re.sub(r"^https?://", "", str(credentials.get("shop") or "").strip().lower()).split("/")[0]
    shop = given if "." in given else f"{given}.myshopify.com"
    if not _ADDRESS.match(shop):
        raise Refused(
            "The shop address is not one of Shopify's own: it looks like your-shop.myshopify.com. Find it in the "
            "Shopify admin under Settings → Domains."
        )
    return shop


class Shopify(Connector):
    """One shop."""

    slug = "shopify"
    label = "Shopify"
    version = "2026-10"
    version_ends = date(2027, 10, 1)
    headline = "revenue_net"
    reads = (
        "Orders with their lines, discounts, refunds and the visits that led to them. Of a customer only the "
        "number is read, to tell new ones from returning ones, and it is stored as a hash. Nothing is changed."
    )
    oauth = ShopOAuth(
        "https://{shop}/admin/oauth/authorize",
        "https://{shop}/admin/oauth/access_token",
        SCOPES_NEEDED,
        separator=",",
    )
    sign_ins = (
        SignIn(
            "app", "App of your own",
            "In Shopify's Dev Dashboard create an app with the scopes read_orders, read_all_orders and "
            "read_customers, install it on the shop (of the same organisation), and paste its ID and secret.",
            (_SHOP, *_APP),
        ),
        SignIn(
            "token", "Access token",
            "For an app that was made in the Shopify admin before 2026: its token starts with shpat_.",
            (_SHOP, Field("access_token", "Admin API access token", "Shown once, when the app was installed.")),
        ),
        SignIn(
            "oauth", "Sign in with Shopify",
            "You allow it on the shop's own page. Also for a shop outside of the app's organisation.",
            (_SHOP, *_APP), oauth=True,
        ),
    )  # fmt: skip
    streams = (
        Stream(
            "orders", "Orders", "account", kind="orders", max_days=366, history_days=3650,
            lookback={"all": 3}, attribution="last visit that Shopify saw",
            definition="orders by the day they were placed, without test orders",
        ),
    )  # fmt: skip
    limits = (Limit(10, 1.0),)
    _size = 50
    _scopes: frozenset[str] | None = None

    # --- signing in ------------------------------------------------------------------------------

    def headers(self) -> Mapping[str, str]:
        """Shopify's own header."""
        return {"X-Shopify-Access-Token": self.token()}

    def can_renew(self) -> bool:
        """True with the app's secret: it asks for a token of its own, or renews one."""
        return bool(self.credentials.get("client_id") and self.credentials.get("client_secret"))

    def _renewed(self, credentials: Credentials) -> Mapping[str, Any]:
        if credentials.get("refresh_token"):
            return self.oauth.refresh(self.http, self.label, credentials)
        try:
            form = {"grant_type": "client_credentials"}
            return self.oauth._asked(self.http, self.label, credentials, form)
        except Refused as error:
            if "shop_not_permitted" not in str(error):
                raise
            raise AccessMissing(
                "Shopify gives this app no access: the shop belongs to another organisation than the app, or the "
                f"app is not installed there. Install it, or use Sign in with Shopify. {SAFE}"
            ) from error

    def check_return(self, answer: Mapping[str, str]) -> None:
        """Shopify signs the way back with the app's secret and names the shop. Raises Refused."""
        parts = (f"{name}={value}" for name, value in answer.items() if name != "hmac")
        signed = "&".join(sorted(part.replace("%", "%25").replace("&", "%26") for part in parts))
        secret = str(self.credentials.get("client_secret") or "")
        right = hmac.new(secret.encode(), signed.encode(), "sha256").hexdigest()
        if not secret or not hmac.compare_digest(right.encode(), str(answer.get("hmac")).encode()):
            raise Refused(
                "What came back is not signed by Shopify for this app. Nothing was connected; try again."
            )
        if shop_of(answer) != shop_of(self.credentials):
            raise Refused("Another shop than the one named allowed it. Nothing was connected; start again.")

    def steps(self) -> tuple[tuple[str, Callable[[], object]], ...]:
        """Sign in, read the shop, read an order: the last fails where a scope is missing."""
        return (
            ("Sign in to Shopify", self.token),
            ("Read the shop", self._some_account),
            ("Read an order", lambda: self._orders("id:>0", "CREATED_AT", None, 1)),
        )

    # --- reading ---------------------------------------------------------------------------------

    def accounts(self) -> list[Account]:
        """The shop."""
        shop = inside(self._ask(_shopify.SHOP), "shop")
        return [
            Account(
                text(inside(shop, "myshopifyDomain"), "shop.myshopifyDomain"),
                text(inside(shop, "name"), "shop.name"),
                currency(inside(shop, "currencyCode"), "shop.currencyCode"),
                text(inside(shop, "ianaTimezone"), "shop.ianaTimezone"),
            )
        ]

    def pull(self, account: Account, stream: Stream, first: date, last: date) -> Iterator[Batch]:
        """Orders placed on these days of the shop; more than 90 of them by a bulk operation."""
        zone = ZoneInfo(account.time_zone)
        self._see(first, zone)
        start, end = (datetime.combine(day, time(), zone) for day in (first, last + timedelta(1)))
        return self._between("created_at", "CREATED_AT", start, end, zone)

    def changes(self, account: Account, stream: Stream, since: datetime, until: datetime) -> Iterator[Batch]:
        """Orders that were changed in [since, until)."""
        return self._between("updated_at", "UPDATED_AT", since, until, ZoneInfo(account.time_zone))

    def totals(self, account: Account, first: date, last: date) -> dict[date, Row]:
        """None: Shopify has no total that does not come from the same orders."""
        return {}

    def _between(
        self, field: str, sort: str, start: datetime, end: datetime, zone: ZoneInfo
    ) -> Iterator[Batch]:
        query = f"{field}:>='{_instant(start)}' AND {field}:<'{_instant(end)}'"
        before = self._counted(query) if end > datetime.now(UTC) - timedelta(hours=1) else None
        seen = 0
        if end - start > timedelta(_BULK_DAYS):
            found = in_lots(self._bulk(query), _LOT)
        else:
            found = follow(lambda after: self._orders(query, sort, after, self._size), self.label)
        for orders in found:
            seen += len(orders)
            yield Batch(
                orders=[_shopify.order_of(each, zone) for each in orders if not _shopify.is_test(each)]
            )
        after = self._counted(query)
        if not min(after, after if before is None else before) <= seen <= max(after, before or 0):
            raise Unreachable(
                f"Shopify says that there are {after:,} orders but listed {seen:,}. None of them was stored, so that "
                "no day is half there; it is tried again."
            )

    def _counted(self, query: str) -> int:
        answer = self._ask(_shopify.COUNT, {"query": query})
        return int(count(inside(answer, "ordersCount", "count"), "ordersCount.count") or 0)

    def _orders(self, query: str, sort: str, after: Any, size: int) -> tuple[list[Any], Any]:
        """A page of orders with all their lines; a smaller page where Shopify finds it too costly."""
        while True:
            variables = {"first": size, "after": after, "query": query, "sort": sort}
            try:
                answer = self._ask(_shopify.ORDERS, variables)
                break
            except TooMuchData:
                if size <= 5:
                    raise
                self._size = size = size // 2
        page = inside(answer, "orders", "pageInfo")
        nodes = listed(answer, "orders", "nodes")
        for node in nodes:
            self._complete(node)
        return nodes, inside(page, "endCursor") if inside(page, "hasNextPage") else None

    def _complete(self, order: Any) -> None:
        """Adds the lines of an order that has more than come with it."""
        lines = inside(order, "lineItems")
        while inside(lines, "pageInfo", "hasNextPage"):
            variables = {"id": inside(order, "id"), "after": inside(lines, "pageInfo", "endCursor")}
            more = inside(self._ask(_shopify.LINES, variables), "order", "lineItems")
            if inside(more, "pageInfo") == lines["pageInfo"]:
                raise UnexpectedAnswer(f"Shopify gave the same page twice and would never end. {SAFE}")
            lines["nodes"] = [*listed(lines, "nodes"), *listed(more, "nodes")]
            lines["pageInfo"] = inside(more, "pageInfo")

    def _see(self, first: date, zone: ZoneInfo) -> None:
        """Old orders must not be missing in silence. Raises AccessMissing where Shopify hides them."""
        if first >= datetime.now(zone).date() - timedelta(_HIDDEN_AFTER_DAYS):
            return
        if self._scopes is None:
            scopes = listed(self._ask(_shopify.SCOPES), "currentAppInstallation", "accessScopes")
            self._scopes = frozenset(text(inside(each, "handle"), "accessScopes.handle") for each in scopes)
        if "read_all_orders" not in self._scopes:
            raise AccessMissing(
                "Shopify shows this app only the orders of the last 60 days. Give the app the scope "
                f"read_all_orders and install it again to read older ones. {SAFE}"
            )

    # --- bulk ------------------------------------------------------------------------------------

    def _bulk(self, query: str) -> Iterator[Any]:
        """Orders of a bulk operation, each with its lines, one at a time."""
        found = self._finished(self._started(query))
        url, expected = found.get("url"), int(found.get("objectCount") or 0)
        if not url:
            return
        order, seen = None, 0
        for line in self.http.lines(text(url, "bulkOperation.url")):
            if not line.strip():
                continue
            seen += 1
            each = _shopify.line_of(line)
            if "__parentId" not in each:
                if order is not None:
                    yield order
                order = {**each, "lineItems": {"nodes": []}}
            elif order is None or each["__parentId"] != order.get("id"):
                raise UnexpectedAnswer(f"Shopify's file of orders has a line without its order. {SAFE}")
            else:
                order["lineItems"]["nodes"].append(each)
        if seen < expected:
            raise Unreachable(f"Shopify's file of orders broke off. {SAFE}")
        if order is not None:
            yield order

    def _started(self, query: str) -> str:
        answer = self._ask(_shopify.RUN_BULK, {"query": _shopify.bulk_of(query)})
        for each in listed(answer, "bulkOperationRunQuery", "userErrors"):
            if each.get("code") in ("OPERATION_IN_PROGRESS", "LIMIT_REACHED"):
                raise RateLimited("Shopify is still busy with an earlier file of orders. Nothing to do.", 300)
            raise Refused(
                f"Shopify refused to prepare the file of orders: {clean(str(each.get('message')))[:200]}"
            )
        return text(inside(answer, "bulkOperationRunQuery", "bulkOperation", "id"), "bulkOperation.id")

    def _finished(self, key: str) -> Mapping[str, Any]:
        waited, pause = 0.0, 2.0
        while waited < _BULK_MINUTES * 60:
            found: Mapping[str, Any] = inside(self._ask(_shopify.BULK, {"id": key}), "bulkOperation")
            state = found.get("status")
            if state == "COMPLETED":
                return found
            if state not in ("CREATED", "RUNNING"):
                raise _shopify.bulk_error(found)
            self.http.wait(pause, "Shopify is preparing the file of orders")
            waited, pause = waited + pause, min(30.0, pause * 1.5)
        raise Unreachable(
            f"Shopify did not finish the file of orders in {_BULK_MINUTES} minutes. {SAFE}", 600
        )

    # --- asking ----------------------------------------------------------------------------------

    def _ask(self, query: str, variables: Mapping[str, Any] | None = None) -> Any:
        url = f"https://{shop_of(self.credentials)}/admin/api/{self.api_version}/graphql.json"
        return inside(self.http.post(url, {"query": query, "variables": dict(variables or {})}), "data")

    def judge(self, answer: Answer) -> SoundingsError | None:
        """GraphQL errors, which come with HTTP 200, and the statuses that are Shopify's own."""
        if answer.status == 200:
            return _shopify.graphql_error(answer) if b'"errors"' in answer.body else None
        shop = str(self.credentials.get("shop") or "the shop")
        if answer.status == 402:
            return AccessMissing(f"{shop} is frozen: its owner has to settle Shopify's bill. {SAFE}")
        if answer.status == 423:
            return AccessMissing(f"{shop} is locked. Its owner has to write to Shopify's support. {SAFE}")
        if answer.status == 404:
            return Refused(f"Shopify has no shop at the address {shop}. Check it. {SAFE}")
        return None


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
