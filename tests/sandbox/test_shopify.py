"""Shopify's stand-in against the fact sheet: tokens, orders in pages and in bulk, cost, throttling in HTTP 200."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from sandbox import truth
from sandbox.credentials import ways
from tests.sandbox.conftest import NOW, Sandbox

APP, OLD = ways("shopify")
ORDERS = """query Orders($after: String, $query: String) { orders(first: 40, after: $after, query: $query, sortKey: UPDATED_AT) {
  pageInfo { hasNextPage endCursor }
  nodes { id name test createdAt updatedAt cancelledAt displayFinancialStatus totalPriceSet { shopMoney { amount currencyCode } }
    totalRefundedSet { shopMoney { amount } } refunds(first: 5) { id createdAt totalRefundedSet { shopMoney { amount } } }
    lineItems(first: 5) { nodes { id sku quantity currentQuantity discountedTotalSet { shopMoney { amount } } } }
    customer { id numberOfOrders } shippingAddress { countryCodeV2 }
    customerJourneySummary { ready customerOrderIndex lastVisit { source utmParameters { source medium campaign } } } } } }"""


class Client:
    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.token = OLD["access_token"]

    def ask(self, text: str, version: str = "2026-10", **variables: Any) -> Any:
        return self.sandbox.ask(
            "shopify", "POST", f"/admin/api/{version}/graphql.json", json={"query": text, "variables": variables},
            headers={"X-Shopify-Access-Token": self.token},
        )  # fmt: skip

    def data(self, text: str, **variables: Any) -> Any:
        body = self.ask(text, **variables).json()
        assert "errors" not in body, body
        return body["data"]

    def all(self, search: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        after = None
        for _ in range(60):
            page = self.data(ORDERS, after=after, query=search)["orders"]
            found += page["nodes"]
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                return found
        raise AssertionError("the pages do not end")


@pytest.fixture
def shop(sandbox: Sandbox) -> Client:
    return Client(sandbox)


def test_pages_sum_to_the_truth(shop: Client):
    first, last = date(2026, 11, 14), date(2026, 11, 16)
    rows = shop.all("created_at:>='2026-11-14' AND created_at:<'2026-11-17'")
    true = truth.shop_orders(shop.sandbox.world, first, last)
    assert {row["name"] for row in rows} == {order["name"] for order in true}
    assert sum(Decimal(row["totalPriceSet"]["shopMoney"]["amount"]) for row in rows) == sum(
        order["total"] for order in true
    )
    assert sum(Decimal(row["totalRefundedSet"]["shopMoney"]["amount"]) for row in rows) == sum(
        order["refunded"] for order in true
    )


def test_following_updated_at_finds_late_refunds(shop: Client):
    since = NOW - timedelta(days=1)
    rows = shop.all(f"updated_at:>='{since:%Y-%m-%dT%H:%M:%SZ}'")
    assert rows == sorted(rows, key=lambda row: (row["updatedAt"], row["id"]))
    assert all(row["updatedAt"] >= f"{since:%Y-%m-%dT%H:%M:%SZ}" for row in rows)
    assert any(row["refunds"] and row["createdAt"] < "2026-11-17" for row in rows)


def test_lines_and_discounts_make_the_total(shop: Client):
    query = "{ orders(first: 50) { nodes { totalPriceSet { shopMoney { amount } } totalShippingPriceSet { shopMoney { amount } } lineItems(first: 9) { nodes { discountedTotalSet { shopMoney { amount } } } } } } }"
    for node in shop.data(query)["orders"]["nodes"]:
        lines = sum(
            Decimal(line["discountedTotalSet"]["shopMoney"]["amount"]) for line in node["lineItems"]["nodes"]
        )
        shipping = Decimal(node["totalShippingPriceSet"]["shopMoney"]["amount"])
        assert lines + shipping == Decimal(node["totalPriceSet"]["shopMoney"]["amount"])


def test_the_journey_is_not_ready_right_after_the_order(shop: Client):
    fresh = shop.all("created_at:>='2026-11-20'")
    old = shop.all("created_at:>='2026-11-17' AND created_at:<'2026-11-18'")
    assert not all(row["customerJourneySummary"]["ready"] for row in fresh)
    assert all(row["customerJourneySummary"]["ready"] for row in old)
    visits = [row["customerJourneySummary"]["lastVisit"] for row in old]
    assert None in visits
    assert any(visit and (visit["utmParameters"] or {}).get("source") == "google" for visit in visits)


def test_a_bulk_operation_ends_in_json_lines(shop: Client):
    query = '{ orders(query: "created_at:>=2026-11-10 AND created_at:<2026-11-12") { edges { node { id name refunds { id } lineItems { edges { node { id quantity } } } } } } }'
    start = "mutation($q: String!) { bulkOperationRunQuery(query: $q, groupObjects: false) { bulkOperation { id status } userErrors { field message } } }"
    begun = shop.data(start, q=query)["bulkOperationRunQuery"]
    assert (begun["bulkOperation"]["status"], begun["userErrors"]) == ("CREATED", [])
    number = begun["bulkOperation"]["id"]

    def look() -> dict[str, Any]:
        query = "query($id: ID!) { bulkOperation(id: $id) { status url objectCount } }"
        return shop.data(query, id=number)["bulkOperation"]

    assert look()["status"] == "RUNNING"
    done = look()
    assert done["status"] == "COMPLETED"
    lines = [json.loads(line) for line in shop.sandbox.ask("shopify", "GET", done["url"]).text.splitlines()]
    true = truth.shop_orders(shop.sandbox.world, date(2026, 11, 10), date(2026, 11, 11))
    parents = {line["id"] for line in lines if "__parentId" not in line}
    children = [line for line in lines if "__parentId" in line]
    assert len(parents) == len(true) == int(done["objectCount"])
    assert {child["__parentId"] for child in children} == parents
    assert sum(child["quantity"] for child in children) == sum(order["quantity"] for order in true)


def test_every_answer_says_what_it_cost_and_an_empty_bucket_throttles(shop: Client):
    cost = shop.ask("{ shop { name currencyCode ianaTimezone } }").json()["extensions"]["cost"]
    assert cost["requestedQueryCost"] >= cost["actualQueryCost"] > 0
    assert cost["throttleStatus"]["restoreRate"] == 1000
    stand = shop.sandbox.app.state.platforms["shopify"]
    stand.bucket.fill()
    stand.bucket.left = -5_000
    answer = shop.ask(ORDERS)
    assert answer.status_code == 200
    assert answer.json()["errors"][0]["extensions"]["code"] == "THROTTLED"
    assert "data" not in answer.json()


def test_too_costly_and_wrong_queries(shop: Client):
    big = "{ orders(first: 250) { nodes { id lineItems(first: 100) { nodes { id } } } } }"
    assert shop.ask(big).json()["errors"][0]["extensions"]["code"] == "MAX_COST_EXCEEDED"
    assert (
        "nonsense" in shop.ask("{ orders(first: 5) { nodes { nonsense } } }").json()["errors"][0]["message"]
    )
    assert "Syntax" in shop.ask("{ orders(").json()["errors"][0]["message"]
    assert (
        shop.ask("{ orders { nodes { id } } }").json()["errors"][0]["message"]
        == "you must provide one of first or last"
    )


def test_client_credentials_live_for_a_day(shop: Client):
    body = {
        "client_id": APP["client_id"],
        "client_secret": APP["client_secret"],
        "grant_type": "client_credentials",
    }
    granted = shop.sandbox.ask("shopify", "POST", "/admin/oauth/access_token", json=body).json()
    assert granted["expires_in"] == 86_399
    shop.token = granted["access_token"]
    assert (
        shop.data("{ shop { myshopifyDomain } }")["shop"]["myshopifyDomain"]
        == "harbour-and-pine.myshopify.com"
    )
    shop.sandbox.clock.now += timedelta(days=1)
    assert shop.ask("{ shop { name } }").status_code == 401
    wrong = shop.sandbox.ask(
        "shopify", "POST", "/admin/oauth/access_token", json=body | {"client_secret": "x"}
    )
    assert (wrong.status_code, wrong.json()["error"]) == (400, "invalid_client")


def test_an_installed_app_reads_sixty_days_and_its_refresh_token_rotates(shop: Client):
    query = {
        "client_id": APP["client_id"],
        "scope": "read_orders",
        "redirect_uri": "https://app.example/back",
        "state": "s",
    }
    page = shop.sandbox.ask("shopify", "GET", "/admin/oauth/authorize", params=query).text
    link = page.split('id="allow" href="')[1].split('"')[0].replace("&amp;", "&")
    given = {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}
    text = "&".join(f"{name}={given[name]}" for name in sorted(given) if name != "hmac")
    assert given["hmac"] == hmac.new(APP["client_secret"].encode(), text.encode(), hashlib.sha256).hexdigest()
    known = {"client_id": APP["client_id"], "client_secret": APP["client_secret"]}

    def token(**more: str) -> Any:
        return shop.sandbox.ask("shopify", "POST", "/admin/oauth/access_token", json=known | more)

    granted = token(code=given["code"], expiring="1").json()
    shop.token = granted["access_token"]
    assert (
        shop.data("{ orders(first: 1, query: \"created_at:<'2026-09-01'\") { nodes { id } } }")["orders"][
            "nodes"
        ]
        == []
    )
    renewed = token(grant_type="refresh_token", refresh_token=granted["refresh_token"])
    assert renewed.json()["refresh_token"] != granted["refresh_token"]
    assert token(grant_type="refresh_token", refresh_token=granted["refresh_token"]).status_code == 400


def test_versions_fall_forward_to_the_oldest_living_one(shop: Client):
    assert shop.ask("{ shop { name } }", version="2024-01").headers["x-shopify-api-version"] == "2025-10"
    assert shop.ask("{ shop { name } }").headers["x-shopify-api-version"] == "2026-10"
    assert shop.ask("{ shop { name } }", version="2029-01").status_code == 404


def test_customers_come_back(shop: Client):
    rows = shop.all("created_at:>='2026-11-10' AND created_at:<'2026-11-11'")
    index = {row["customerJourneySummary"]["customerOrderIndex"] for row in rows}
    assert 1 in index
    assert max(index) > 1
    assert all(
        int(row["customer"]["numberOfOrders"]) >= row["customerJourneySummary"]["customerOrderIndex"]
        for row in rows
    )
    assert datetime.fromisoformat(rows[0]["createdAt"]).tzinfo == UTC
