"""Shopify: orders whose money adds up, pages, the bulk file, and GraphQL errors inside HTTP 200."""

from __future__ import annotations

import hmac
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import _shopify
from connectors._base import Account, Refund
from connectors.shopify import Shopify, shop_of
from errors import (
    AccessMissing,
    NeedsReconnect,
    RateLimited,
    Refused,
    TooMuchData,
    UnexpectedAnswer,
    Unreachable,
)
from sandbox import serving, truth
from tests.connectors import answers
from tests.connectors.answers import Asked, Played, Reply
from tests.connectors.sandboxed import NOW, allow, reach, world

TOKEN = {"shop": "harbour.myshopify.com", "access_token": "shpat_secret"}
APP = {"shop": "harbour", "client_id": "app", "client_secret": "app-secret"}
ACCOUNT = Account("harbour.myshopify.com", "Harbour", "EUR", "Europe/Berlin")
ZONE = ZoneInfo("Europe/Berlin")
TODAY = datetime.now(ZONE).date()


def play(kind: type, credentials: dict, reply: Reply, counted: int | None = None, **more: Any) -> Played:
    """A shop that counts the orders that it listed (or says `counted`); that question is not noted."""
    listed = [0]

    def counting(asked: Asked):
        query = str((asked.body or {}).get("query", "")) if isinstance(asked.body, dict) else ""
        if "ordersCount" in query:
            played.asked.remove(asked)
            return {"data": {"ordersCount": {"count": listed[0] if counted is None else counted}}}
        found = reply(asked)
        if isinstance(found, dict):
            listed[0] += len(((found.get("data") or {}).get("orders") or {}).get("nodes", ()))
        elif isinstance(found, bytes) and asked.method == "GET":
            listed[0] += sum(
                "__parentId" not in json.loads(line) for line in found.splitlines() if line.strip()
            )
        return found

    played = answers.play(kind, credentials, counting, **more)
    return played


def _money(amount: object) -> dict:
    return {"shopMoney": {"amount": str(amount), "currencyCode": "EUR"}}


def _order(n: int = 1, **more: Any) -> dict:
    made = {
        "id": f"gid://shopify/Order/{n}", "name": f"#{1000 + n}", "createdAt": "2026-11-01T23:30:00Z",
        "cancelledAt": None, "test": False, "displayFinancialStatus": "PAID", "totalPriceSet": _money("59.90"),
        "totalDiscountsSet": _money("10.00"), "totalShippingPriceSet": _money("4.90"), "totalTaxSet": _money("9.56"),
        "totalRefundedSet": _money("0.0"), "refunds": [], "customer": {"id": "gid://shopify/Customer/7"},
        "shippingAddress": {"countryCodeV2": "DE"}, "customerJourneySummary": None,
        "lineItems": {"pageInfo": {"hasNextPage": False, "endCursor": None}, "nodes": [_line()]},
    }  # fmt: skip
    return made | more


def _line(n: int = 1) -> dict:
    return {"id": f"gid://shopify/LineItem/{n}", "name": "Tent", "sku": "T-1", "quantity": 2,
            "originalUnitPriceSet": _money("30.00"), "originalTotalSet": _money("60.00"),
            "discountedTotalSet": _money("55.00")}  # fmt: skip


def _page(*orders: dict, after: str | None = None) -> dict:
    info = {"hasNextPage": after is not None, "endCursor": after}
    return {"data": {"orders": {"pageInfo": info, "nodes": list(orders)}}}


def _read(**more: Any):
    return _shopify.order_of(_order(**more), ZONE)


def _pull(played, first: date, last: date) -> list:
    stream = played.connector.stream("orders")
    return [order for batch in played.connector.pull(ACCOUNT, stream, first, last) for order in batch.orders]


def test_an_order_is_read_as_its_export_shows_it():
    order = _read()
    assert (order.key, order.name, order.currency, order.status) == ("1", "#1001", "EUR", "paid")
    assert (order.gross, order.discounts, order.refunds) == (Decimal("69.90"), Decimal("10.00"), ())
    assert (order.shipping, order.taxes) == (Decimal("4.90"), Decimal("9.56"))
    assert (order.customer, order.country) == ("7", "DE")
    assert order.lines[0].title == "Tent"
    assert (order.lines[0].quantity, order.lines[0].price, order.lines[0].discount) == (2, 30, 5)


def test_the_day_is_the_shops_not_utcs():
    assert _read().day == date(2026, 11, 2)
    assert _read().placed_at == datetime(2026, 11, 1, 23, 30, tzinfo=UTC)


def test_refunds_stand_on_their_own_days():
    refunds = [
        {
            "id": "gid://shopify/Refund/5",
            "processedAt": "2026-11-09T23:30:00Z",
            "totalRefundedSet": _money("20"),
        },
        {
            "id": "gid://shopify/Refund/6",
            "processedAt": "2026-11-11T08:00:00Z",
            "totalRefundedSet": _money("0"),
        },
    ]
    order = _read(refunds=refunds, totalRefundedSet=_money("20"), displayFinancialStatus="PARTIALLY_REFUNDED")
    assert order.refunds == (Refund("5", date(2026, 11, 10), Decimal(20)),)
    assert order.status == "partially_refunded"


def test_a_voided_order_counts_as_refunded_in_full():
    order = _read(displayFinancialStatus="VOIDED", cancelledAt="2026-11-05T10:00:00Z")
    assert order.refunds == (Refund("rest", date(2026, 11, 5), Decimal("59.90")),)


@given(
    st.decimals(0, 10**6, places=2),
    st.decimals(0, 10**5, places=2),
    st.lists(st.decimals("0.01", 10**4, places=2)),
)
def test_gross_less_discounts_and_refunds_is_total_less_refunded(total, discounts, refunded):
    refunds = [{"id": f"gid://shopify/Refund/{n}", "processedAt": "2026-11-09T12:00:00Z", "totalRefundedSet": _money(r)}
               for n, r in enumerate(refunded)]  # fmt: skip
    whole = sum(refunded, Decimal(0))
    order = _read(totalPriceSet=_money(total), totalDiscountsSet=_money(discounts), refunds=refunds,
                  totalRefundedSet=_money(whole))  # fmt: skip
    net = order.gross - order.discounts - sum((refund.amount for refund in order.refunds), Decimal(0))
    assert net == total - whole


def _visit(**more: Any) -> dict:
    found = {"occurredAt": "2026-10-30T10:00:00Z", "landingPage": "https://h.example/?utm_source=x", "referrerUrl": None,
             "source": "Google", "utmParameters": None}  # fmt: skip
    return found | more


def test_the_last_visit_names_the_channel_by_its_tags():
    tags = {"source": "newsletter", "medium": "email", "campaign": "autumn", "content": None, "term": None}
    journey = {
        "ready": True,
        "customerOrderIndex": 3,
        "firstVisit": _visit(),
        "lastVisit": _visit(utmParameters=tags),
    }
    order = _read(customerJourneySummary=journey)
    assert (order.channel, order.medium, order.campaign) == ("newsletter", "email", "autumn")
    assert [(visit.which, visit.source) for visit in order.visits] == [
        ("first", "Google"),
        ("last", "newsletter"),
    ]
    assert order.customer_type == "returning"


@pytest.mark.parametrize(
    "journey",
    [
        None,
        {"ready": False, "customerOrderIndex": None},
        {"ready": True, "firstVisit": None, "lastVisit": None},
    ],
)
def test_an_order_without_a_known_journey_is_still_an_order(journey):
    order = _read(customerJourneySummary=journey, customer=None, shippingAddress=None)
    assert (order.visits, order.channel, order.customer_type, order.customer) == ((), "", "", "")


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"totalPriceSet": {"shopMoney": {"amount": "a lot", "currencyCode": "EUR"}}}, "totalPriceSet"),
        (
            {"totalPriceSet": _money("1") | {"shopMoney": {"amount": "1", "currencyCode": "euro"}}},
            "currencyCode",
        ),
        ({"createdAt": "yesterday"}, "createdAt"),
        ({"lineItems": None}, "lineItems"),
        ({"refunds": {"nodes": []}}, "refunds"),
        ({"customer": "7"}, "shape"),
    ],
)
def test_an_odd_field_is_named(more, named):
    with pytest.raises(UnexpectedAnswer, match=named):
        _read(**more)


def test_pages_follow_the_cursor_and_test_orders_stay_out():
    pages = [_page(_order(1), _order(2, test=True), after="c1"), _page(_order(3))]
    played = play(Shopify, TOKEN, lambda asked: pages.pop(0))
    assert [order.key for order in _pull(played, TODAY, TODAY)] == ["1", "3"]
    assert [one.body["variables"]["after"] for one in played.asked] == [None, "c1"]
    assert played.asked[0].url == "https://harbour.myshopify.com/admin/api/2026-10/graphql.json"
    assert played.asked[0].headers == {"X-Shopify-Access-Token": "shpat_secret"}


def test_days_begin_and_end_with_the_shops_clock_when_it_is_changed():
    asked: list[Asked] = []

    def reply(one: Asked):
        asked.append(one)
        scopes = [{"handle": "read_all_orders"}]
        return (
            _page()
            if "orders(" in one.body["query"]
            else {"data": {"currentAppInstallation": {"accessScopes": scopes}}}
        )

    _pull(play(Shopify, TOKEN, reply), date(2026, 3, 28), date(2026, 3, 29))
    wanted = "created_at:>='2026-03-27T23:00:00Z' AND created_at:<'2026-03-29T22:00:00Z'"
    assert asked[-1].body["variables"]["query"] == wanted


def test_changes_are_read_by_the_time_of_the_change():
    played = play(Shopify, TOKEN, lambda asked: _page(_order(1)))
    since, until = datetime(2026, 11, 1, 5, tzinfo=UTC), datetime(2026, 11, 2, 5, tzinfo=UTC)
    (batch,) = played.connector.changes(ACCOUNT, played.connector.stream("orders"), since, until)
    assert [order.key for order in batch.orders] == ["1"]
    assert played.asked[0].body["variables"]["sort"] == "UPDATED_AT"
    assert "updated_at:>='2026-11-01T05:00:00Z'" in played.asked[0].body["variables"]["query"]


def test_an_order_with_many_lines_is_completed():
    long = _order(1, lineItems={"pageInfo": {"hasNextPage": True, "endCursor": "l1"}, "nodes": [_line(1)]})
    rest = {
        "data": {
            "order": {
                "lineItems": {"pageInfo": {"hasNextPage": False, "endCursor": "l2"}, "nodes": [_line(2)]}
            }
        }
    }
    answers = [_page(long), rest]
    (order,) = _pull(play(Shopify, TOKEN, lambda asked: answers.pop(0)), TODAY, TODAY)
    assert len(order.lines) == 2


def test_a_question_that_costs_too_much_is_asked_for_smaller_pages():
    def reply(asked: Asked):
        if asked.body["variables"]["first"] > 20:
            return {"errors": [{"message": "too costly", "extensions": {"code": "MAX_COST_EXCEEDED"}}]}
        return _page(_order(1))

    played = play(Shopify, TOKEN, reply)
    assert len(_pull(played, TODAY, TODAY)) == 1
    assert [one.body["variables"]["first"] for one in played.asked] == [50, 25, 12]


def test_throttling_inside_an_ok_answer_waits_for_the_bucket():
    cost = {"requestedQueryCost": 500, "throttleStatus": {"currentlyAvailable": 100, "restoreRate": 100.0}}
    throttled = {
        "errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}],
        "extensions": {"cost": cost},
    }
    answers = [throttled, _page(_order(1))]
    played = play(Shopify, TOKEN, lambda asked: answers.pop(0))
    assert len(_pull(played, TODAY, TODAY)) == 1
    assert played.waits == [5]


def _scopes(*handles: str) -> dict:
    return {"data": {"currentAppInstallation": {"accessScopes": [{"handle": handle} for handle in handles]}}}


def test_orders_that_shopify_hides_are_missed_out_loud():
    played = play(Shopify, TOKEN, lambda asked: _scopes("read_orders"))
    with pytest.raises(AccessMissing, match="read_all_orders"):
        _pull(played, date(2026, 1, 1), date(2026, 1, 31))


@pytest.mark.parametrize("counted", [0, 1, 3, 900])
def test_a_list_that_is_shorter_or_longer_than_the_shops_count_is_not_believed(counted):
    played = play(Shopify, TOKEN, lambda asked: _page(_order(1), _order(2)), counted=counted)
    yesterday = TODAY - timedelta(days=2)
    with pytest.raises(Unreachable, match=r"says that there are .* but listed 2"):
        _pull(played, yesterday, yesterday)


LONG_AGO = (date(2025, 1, 1), date(2025, 12, 31))


def _bulk(file: list[dict], *states: dict, refusal: dict | None = None):
    left = list(states) or [
        {"status": "COMPLETED", "objectCount": str(len(file)), "url": "https://files.example/f"}
    ]

    def reply(asked: Asked):
        if asked.method == "GET":
            return "\n".join(json.dumps(line) for line in file).encode() + b"\n"
        query = asked.body["query"]
        if "accessScopes" in query:
            return _scopes("read_orders", "read_all_orders")
        if "bulkOperationRunQuery" in query:
            started = {
                "bulkOperation": {"id": "gid://shopify/BulkOperation/1", "status": "CREATED"},
                "userErrors": [],
            }
            return {
                "data": {"bulkOperationRunQuery": started | ({"userErrors": [refusal]} if refusal else {})}
            }
        return {"data": {"bulkOperation": {"errorCode": None, "url": None} | left.pop(0)}}

    return play(Shopify, TOKEN, reply)


def _file() -> list[dict]:
    orders = [_order(n) for n in (1, 2)]
    for order in orders:
        del order["lineItems"]
    return [
        orders[0],
        _line(1) | {"__parentId": orders[0]["id"]},
        _line(2) | {"__parentId": orders[0]["id"]},
        orders[1],
    ]


def test_a_long_range_comes_as_a_file_of_orders_with_their_lines():
    done = {"status": "COMPLETED", "objectCount": "4", "url": "https://files.example/f"}
    played = _bulk(_file(), {"status": "CREATED"}, {"status": "RUNNING"}, done)
    orders = _pull(played, *LONG_AGO)
    assert [(order.key, len(order.lines)) for order in orders] == [("1", 2), ("2", 0)]
    assert played.waits == [2.0, 3.0]
    asked = next(one.body for one in played.asked if "bulkOperationRunQuery" in str(one.body))
    assert "groupObjects: true" in asked["query"]
    assert (
        "created_at:>='2024-12-31T23:00:00Z' AND created_at:<'2025-12-31T23:00:00Z'"
        in asked["variables"]["query"]
    )


def test_a_long_range_without_orders_has_no_file():
    assert _pull(_bulk([], {"status": "COMPLETED", "objectCount": "0", "url": None}), *LONG_AGO) == []


@pytest.mark.parametrize(
    ("state", "error"),
    [
        ({"status": "FAILED", "errorCode": "ACCESS_DENIED"}, AccessMissing),
        ({"status": "FAILED", "errorCode": "TIMEOUT"}, TooMuchData),
        ({"status": "FAILED", "errorCode": "INTERNAL_SERVER_ERROR"}, Unreachable),
        ({"status": "CANCELED"}, Unreachable),
    ],
)
def test_a_file_that_never_came_says_why(state, error):
    with pytest.raises(error):
        _pull(_bulk([], state), *LONG_AGO)


def test_a_file_that_broke_off_is_not_taken_for_whole():
    whole = {"status": "COMPLETED", "objectCount": "4", "url": "https://files.example/f"}
    with pytest.raises(Unreachable, match="broke off"):
        _pull(_bulk(_file()[:3], whole), *LONG_AGO)


def test_a_busy_shop_is_asked_again_later():
    with pytest.raises(RateLimited):
        _pull(_bulk([], refusal={"code": "OPERATION_IN_PROGRESS", "message": "busy"}), *LONG_AGO)


def test_the_apps_own_token_is_fetched_with_its_secret():
    def reply(asked: Asked):
        if asked.url.endswith("/admin/oauth/access_token"):
            assert asked.body == {
                "grant_type": "client_credentials",
                "client_id": "app",
                "client_secret": "app-secret",
            }
            return {"access_token": "shpat_fresh", "scope": "read_orders", "expires_in": 86399}
        assert asked.headers["X-Shopify-Access-Token"] == "shpat_fresh"
        shop = {"name": "Harbour", "myshopifyDomain": "harbour.myshopify.com", "currencyCode": "EUR",
                "ianaTimezone": "Europe/Berlin"}  # fmt: skip
        return {"data": {"shop": shop}}

    assert play(Shopify, APP, reply).connector.accounts() == [ACCOUNT]


def test_a_shop_of_another_organisation_is_explained():
    played = play(Shopify, APP, lambda asked: (400, {"error": "shop_not_permitted"}))
    with pytest.raises(AccessMissing, match="another organisation"):
        played.connector.token()


def test_signing_in_goes_to_the_shops_own_page_and_back():
    address = Shopify.oauth.address(APP, "https://here/back", "state1", "")
    parts = urlsplit(address)
    assert (parts.netloc, parts.path) == ("harbour.myshopify.com", "/admin/oauth/authorize")
    assert parse_qs(parts.query)["scope"] == ["read_orders,read_all_orders,read_customers"]
    played = play(Shopify, APP, lambda asked: {"access_token": "shpat_code", "scope": "read_orders"})
    found = Shopify.oauth.exchange(played.connector.http, "Shopify", APP, "code1", "https://here/back", "")
    assert found["access_token"] == "shpat_code"
    assert played.asked[0].url == "https://harbour.myshopify.com/admin/oauth/access_token"


def _signed(secret: str = "app-secret", **more: str) -> dict[str, str]:
    told = {
        "code": "code1",
        "shop": "harbour.myshopify.com",
        "state": "s%1",
        "timestamp": "1763600000",
    } | more
    text = "&".join(f"{name}={told[name]}" for name in sorted(told)).replace("%", "%25")
    return told | {"hmac": hmac.new(secret.encode(), text.encode(), "sha256").hexdigest()}


def test_only_what_shopify_signed_comes_back():
    connector = play(Shopify, APP, lambda asked: {}).connector
    connector.check_return(_signed())
    for forged in (
        _signed(secret="other"),
        _signed() | {"code": "code2"},
        {"code": "code1", "shop": "harbour"},
    ):
        with pytest.raises(Refused, match="not signed"):
            connector.check_return(forged)
    with pytest.raises(Refused, match="Another shop"):
        connector.check_return(_signed(shop="other.myshopify.com"))


@pytest.mark.parametrize("given", ["harbour", "HARBOUR.myshopify.com", "https://harbour.myshopify.com/admin"])
def test_a_shop_is_known_however_its_address_is_written(given):
    assert shop_of({"shop": given}) == "harbour.myshopify.com"


@pytest.mark.parametrize(
    "given", ["", "harbour.example", "evil.example/.myshopify.com", "a@b.myshopify.com", "10.0.0.1"]
)
def test_another_address_is_never_asked(given):
    with pytest.raises(Refused, match="myshopify"):
        shop_of({"shop": given})


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((401, {"errors": "[API] Invalid API key or access token"}), NeedsReconnect),
        ((402, {"errors": "Unavailable Shop"}), AccessMissing),
        ((423, {"errors": "Locked"}), AccessMissing),
        ((404, {"errors": "Not Found"}), Refused),
        ({"errors": [{"message": "Access denied", "extensions": {"code": "ACCESS_DENIED"}}]}, AccessMissing),
        ({"errors": [{"message": "Oops", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}]}, Unreachable),
        ({"errors": [{"message": "Field 'x' doesn't exist"}]}, Refused),
        ({"data": None}, UnexpectedAnswer),
    ],
)
def test_errors_say_who_must_act(answer, error):
    with pytest.raises(error):
        _pull(play(Shopify, TOKEN, lambda asked: answer), TODAY, TODAY)


# --- against the stand-in ------------------------------------------------------------------------

FIRST, LAST = date(2026, 11, 18), date(2026, 11, 18)


@pytest.fixture(scope="module")
def server():
    with serving.local(world()) as running:
        yield running


@pytest.fixture
def live(server):
    yield reach(server, Shopify)
    server.faults.clear()


def _net(order: Any) -> Decimal:
    return order.gross - order.discounts - sum((refund.amount for refund in order.refunds), Decimal(0))


def _true(server, first: date, last: date) -> dict[str, Decimal]:
    found = truth.shop_orders(server.world, first, last)
    return {str(each["id"]): each["total"] - each["refunded"] for each in found if not each["test"]}


def _orders(connector, first: date, last: date) -> list:
    account = connector.accounts()[0]
    batches = connector.pull(account, connector.stream("orders"), first, last)
    return [order for batch in batches for order in batch.orders]


def test_orders_are_those_that_were_placed_and_worth_what_they_were(server, live):
    assert {order.key: _net(order) for order in _orders(live, FIRST, LAST)} == _true(server, FIRST, LAST)


def test_the_file_of_a_long_range_says_the_same_as_its_pages(server, live, monkeypatch):
    paged = {order.key: order for order in _orders(live, FIRST, LAST)}
    monkeypatch.setattr("connectors.shopify._BULK_DAYS", 0)
    assert {order.key: order for order in _orders(reach(server, Shopify, way=1), FIRST, LAST)} == paged


def test_changes_bring_old_orders_again(server, live):
    account, stream = live.accounts()[0], live.stream("orders")
    since = NOW - timedelta(days=2)
    changed = [order for batch in live.changes(account, stream, since, NOW) for order in batch.orders]
    assert any(order.day < since.date() for order in changed)
    assert any(order.refunds for order in changed)


@pytest.mark.parametrize("kind", ["rate_limited", "reset", "truncated_json", "html", "expired"])
def test_a_passing_fault_changes_nothing(server, live, kind):
    right = live.accounts()
    server.faults.add(kind, "shopify", "graphql")
    assert live.accounts() == right
    assert server.faults.active() == []


def test_a_page_that_is_too_costly_is_asked_for_in_smaller_ones(server, live):
    server.faults.add("too_much", "shopify", "graphql", skip=1)
    assert {order.key for order in _orders(live, LAST, LAST)} == set(_true(server, LAST, LAST))
    assert server.faults.active() == []


def test_a_shop_that_took_the_app_away_asks_to_reconnect(server):
    connector = reach(server, Shopify, way=1)
    server.faults.add("revoked", "shopify")
    with pytest.raises(NeedsReconnect):
        connector.accounts()
    server.faults.clear()


def test_the_same_page_again_ends_the_pull(server, live):
    live._size = 5
    server.faults.add("same_page", "shopify")
    with pytest.raises(UnexpectedAnswer, match="same page twice"):
        _orders(live, FIRST, LAST)
    server.faults.clear()


def test_a_person_who_allows_it_on_the_shops_page_is_signed_in(server):
    connector = reach(server, Shopify)
    back = allow(connector)
    connector.check_return(back)
    found = connector.exchange(back["code"], "https://here.example/back", "")
    assert reach(server, Shopify, **found).accounts()
