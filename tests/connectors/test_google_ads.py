"""Google Ads: what it is asked, how its pages become rows, and what its errors mean."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from connectors import _google
from connectors._base import Account
from connectors._google_ads import CLAIMS, Report, page_of, rows_of
from connectors.google_ads import GoogleAds
from errors import (
    AccessMissing,
    DayLimitReached,
    NeedsReconnect,
    RateLimited,
    Refused,
    TooMuchData,
    UnexpectedAnswer,
    Unreachable,
)
from sandbox import serving, truth
from tests.connectors.answers import Asked, play
from tests.connectors.sandboxed import allow, reach, rows, world

SIGNED_IN = {
    "client_id": "c",
    "client_secret": "secret-one",
    "refresh_token": "1//refresh",
    "access_token": "ya29.a",
}
ACCOUNT = Account("111", "Shop", "EUR", "Europe/Berlin", extra={"login_customer_id": "900"})
DAY = date(2026, 11, 2)


def _row(day: str = "2026-11-02", key: str = "9", **metrics: object) -> dict:
    return {"campaign": {"resourceName": f"customers/111/campaigns/{key}", "id": key}, "metrics": metrics,
            "segments": {"date": day}}  # fmt: skip


def _connector(*pages: object):
    left = list(pages)
    return play(GoogleAds, SIGNED_IN, lambda asked: left.pop(0))


def _failing(status: int, family: str, value: str, **more: object):
    error = {"errorCode": {family: value}, "message": "It failed.", **more}
    body = {
        "error": {
            "code": status,
            "status": "X",
            "message": "m",
            "details": [{"@type": "x", "errors": [error]}],
        }
    }
    return play(GoogleAds, SIGNED_IN, lambda asked: (status, body))


def _pull(played, slug: str = "campaign") -> list[dict]:
    stream = played.connector.stream(slug)
    return [row for batch in played.connector.pull(ACCOUNT, stream, DAY, DAY) for row in batch.rows]


def test_pages_are_read_to_the_end_and_money_is_exact():
    played = _connector(
        {"results": [_row(impressions="1000", clicks="12", costMicros="3450001", conversions=1.5,
                          conversionsValue=99.9, allConversions=2, videoTrueviewViews="7")], "nextPageToken": "two"},
        {"results": [_row(key="10", impressions="5")]},
    )  # fmt: skip
    first, second = _pull(played)
    assert first == {
        "day": DAY, "entity": "9", "impressions": 1000, "clicks": 12, "spend": Decimal("3.450001"),
        "conversions": Decimal("1.5"), "conversion_value": Decimal("99.9"), "all_conversions": Decimal(2), "views": 7,
    }  # fmt: skip
    assert second["entity"] == "10"
    assert second["spend"] == 0
    assert second["clicks"] == 0
    assert "views" not in second
    assert [one.body.get("pageToken") for one in played.asked] == [None, "two"]


def test_a_question_names_account_days_and_manager_and_no_page_size():
    played = _connector({})
    assert _pull(played, "ad") == []
    asked = played.asked[0]
    assert asked.url == "https://googleads.googleapis.com/v26/customers/111/googleAds:search"
    assert asked.parts["headers"] == {"login-customer-id": "900"}
    assert asked.headers == {"Authorization": "Bearer ya29.a"}
    query = asked.body["query"]
    assert query.startswith("SELECT segments.date, ad_group_ad.ad.id, campaign.id, metrics.impressions")
    assert query.endswith("FROM ad_group_ad WHERE segments.date BETWEEN '2026-11-02' AND '2026-11-02'")
    assert set(asked.body) == {"query"}


def test_rows_below_a_campaign_name_it():
    row = {**_row(clicks="3"), "adGroupAd": {"ad": {"id": "77"}}}
    assert {"entity": "77", "campaign": "9"}.items() <= _pull(_connector({"results": [row]}), "ad")[0].items()


def test_devices_bear_the_words_of_uploads_and_networks_small_letters():
    row = _row(clicks="3")
    row["segments"]["device"] = "CONNECTED_TV"
    assert _pull(_connector({"results": [row]}), "campaign_device")[0]["segment"] == "tv"
    row["segments"]["adNetworkType"] = "SEARCH_PARTNERS"
    assert _pull(_connector({"results": [row]}), "campaign_network")[0]["segment"] == "search_partners"


def test_conversion_actions_of_one_name_are_told_apart_by_their_id():
    names = {"results": [{"conversionAction": {"id": n, "name": name}} for n, name in
                         (("1", "Purchase"), ("2", "Lead"), ("3", "Lead"))]}  # fmt: skip
    rows = [{**_row(conversions=1), "segments": {"date": "2026-11-02", "conversionAction":
             f"customers/111/conversionActions/{n}"}} for n in (1, 3)]  # fmt: skip
    found = _pull(_connector(names, {"results": rows}), "campaign_conversion_action")
    assert [row["segment"] for row in found] == ["Purchase", "Lead (3)"]
    assert "spend" not in found[0]


def test_the_same_page_again_ends_the_pull():
    page = {"results": [_row(clicks="1")], "nextPageToken": "again"}
    with pytest.raises(UnexpectedAnswer, match="same page twice"):
        _pull(_connector(page, page, page))


@pytest.mark.parametrize(
    ("row", "named"),
    [
        ({**_row(clicks="1"), "segments": {}}, "date"),
        ({**_row(clicks="1"), "campaign": {}}, "id"),
        (_row(clicks={"a": 1}), "clicks"),
        (_row(costMicros=["1"]), "costMicros"),
        (_row(conversions="many"), "conversions"),
        (_row(day="yesterday", clicks="1"), "date"),
        (["no object"], "object"),
    ],
)
def test_an_odd_field_is_named_and_nothing_is_made_of_it(row, named):
    with pytest.raises(UnexpectedAnswer, match=named):
        _pull(_connector({"results": [row] if isinstance(row, dict) else row}))


def test_a_field_that_google_left_out_altogether_is_not_a_row_of_zeros():
    mask = "segments.date,campaign.id,metrics.impressions"
    with pytest.raises(UnexpectedAnswer, match=r"metrics\.clicks"):
        _pull(_connector({"results": [_row(impressions="4")], "fieldMask": mask}))


def test_many_clicks_without_any_cost_are_a_field_that_is_gone():
    clicked = [_row(key=str(n), clicks="3", impressions="50") for n in range(20)]
    with pytest.raises(UnexpectedAnswer, match="costMicros"):
        _pull(_connector({"results": clicked}))
    assert len(_pull(_connector({"results": clicked[:3]}))) == 3


def test_accounts_are_those_below_managers_and_direct_access_comes_first():
    def reply(asked: Asked):
        if asked.url.endswith("listAccessibleCustomers"):
            return {"resourceNames": ["customers/900", "customers/111", "customers/333"]}
        if "/333/" in asked.url:
            error = {"errorCode": {"authorizationError": "CUSTOMER_NOT_ENABLED"}, "message": "Not enabled."}
            return 403, {"error": {"code": 403, "details": [{"errors": [error]}]}}
        own = _client("111", "Shop")
        return {"results": [own] if "/111/" in asked.url else [_client("900", "Top", manager=True), own,
                                                               _client("222", "US", status="CANCELED")]}  # fmt: skip

    found = {account.key: account for account in play(GoogleAds, SIGNED_IN, reply).connector.accounts()}
    assert list(found) == ["111", "222", "333"]
    assert found["111"] == Account("111", "Shop", "EUR", "Europe/Berlin")
    assert found["222"].extra == {"login_customer_id": "900"}
    assert "canceled" in found["222"].note
    assert "CUSTOMER_NOT_ENABLED" in found["333"].note


def test_a_named_manager_is_asked_and_a_named_account_chosen():
    credentials = {**SIGNED_IN, "login_customer_id": "900-000-0000", "customer_id": "222"}
    page = {"results": [_client("111", "Shop"), _client("222", "US")]}
    played = play(GoogleAds, credentials, lambda asked: page)
    assert [account.key for account in played.connector.accounts()] == ["222"]
    assert "/customers/9000000000/" in played.asked[0].url


def test_an_account_in_no_currency_is_refused():
    page = {"results": [_client("111", "Shop", currencyCode="euros")]}
    with pytest.raises(UnexpectedAnswer, match="currencyCode"):
        play(GoogleAds, {**SIGNED_IN, "customer_id": "111"}, lambda asked: page).connector.accounts()


def _client(key: str, name: str, **more: object) -> dict:
    held = {"id": key, "descriptiveName": name, "currencyCode": "EUR", "timeZone": "Europe/Berlin", **more}
    return {"customerClient": held}


def test_entities_come_with_state_budget_and_what_is_above_them():
    def reply(asked: Asked):
        query = asked.body["query"]
        if query.endswith("FROM campaign"):
            return {"results": [
                {"campaign": {"id": "1", "name": "Brand", "status": "ENABLED", "endDateTime": "2037-12-30 23:59:59"},
                 "campaignBudget": {"amountMicros": "5000000"}},
                {"campaign": {"id": "2", "name": "Sale", "status": "PAUSED", "endDateTime": "2025-01-01 23:59:59"},
                 "campaignBudget": {"totalAmountMicros": "900000000"}},
                {"campaign": {"id": "3", "name": "Old", "status": "REMOVED"}},
            ]}  # fmt: skip
        if query.endswith("FROM ad_group"):
            return {
                "results": [
                    {"adGroup": {"id": "4", "name": "Tents", "status": "ENABLED"}, "campaign": {"id": "1"}}
                ]
            }
        if query.endswith("FROM asset_group"):
            return {}
        return {"results": [{"adGroupAd": {"ad": {"id": "5", "type": "RESPONSIVE_SEARCH_AD"}, "status": "ENABLED"},
                             "adGroup": {"id": "4"}}]}  # fmt: skip

    found = list(play(GoogleAds, SIGNED_IN, reply).connector.entities(ACCOUNT))
    assert [(e.level, e.name, e.status, e.budget, e.budget_period, e.parent) for e in found] == [
        ("campaign", "Brand", "active", Decimal(5), "day", None),
        ("campaign", "Sale", "ended", Decimal(900), "lifetime", None),
        ("campaign", "Old", "removed", None, "", None),
        ("ad_group", "Tents", "active", None, "", ("campaign", "1")),
        ("ad", "Responsive search ad 5", "active", None, "", ("ad_group", "4")),
    ]


def test_totals_come_from_the_customer_alone():
    row = {"segments": {"date": "2026-11-02"}, "metrics": {"impressions": "10", "costMicros": "1000000"}}
    played = _connector({"results": [row]})
    assert played.connector.totals(ACCOUNT, DAY, DAY) == {
        DAY: {"impressions": 10, "clicks": 0, "spend": 1, "conversions": 0, "conversion_value": 0}
    }
    assert " FROM customer WHERE " in played.asked[0].body["query"]


@pytest.mark.parametrize(
    ("status", "family", "value", "error"),
    [
        (401, "authenticationError", "OAUTH_TOKEN_REVOKED", NeedsReconnect),
        (403, "authorizationError", "USER_PERMISSION_DENIED", AccessMissing),
        (400, "queryError", "BAD_FIELD_NAME", Refused),
        (400, "requestError", "UNSUPPORTED_VERSION", Refused),
        (400, "databaseError", "REQUEST_TOO_LARGE", TooMuchData),
        (500, "internalError", "TRANSIENT_ERROR", Unreachable),
        (403, "quotaError", "ACCESS_PROHIBITED", AccessMissing),
    ],
)
def test_error_codes_say_who_must_act(status, family, value, error):
    played = _failing(status, family, value)
    played.connector.renew = played.connector.http.renew = lambda: False
    with pytest.raises(error):
        _pull(played)


def _quota(delay: str) -> dict:
    return {
        "details": {
            "quotaErrorDetails": {"rateScope": "DEVELOPER", "rateName": "Operations", "retryDelay": delay}
        }
    }


def test_a_short_limit_waits_as_long_as_google_says():
    played = _failing(429, "quotaError", "RESOURCE_TEMPORARILY_EXHAUSTED", **_quota("30s"))
    with pytest.raises(RateLimited):
        _pull(played)
    assert set(played.waits) == {31}


def test_the_limit_of_a_day_parks():
    with pytest.raises(DayLimitReached) as parked:
        _pull(_failing(429, "quotaError", "RESOURCE_EXHAUSTED", **_quota("28800s")))
    assert parked.value.seconds == 28801


def test_an_api_that_is_not_switched_on_says_where_to_switch_it_on():
    body = {"error": {"code": 403, "message": "x", "details": [{"reason": "SERVICE_DISABLED"}]}}
    with pytest.raises(AccessMissing, match="not switched on"):
        _pull(play(GoogleAds, SIGNED_IN, lambda asked: (403, body)))


def test_a_stale_token_is_renewed_inside_the_pull():
    def reply(asked: Asked):
        if asked.url.endswith("/token"):
            assert asked.body["grant_type"] == "refresh_token"
            return {"access_token": "ya29.fresh", "expires_in": 3599}
        if asked.headers["Authorization"] == "Bearer ya29.fresh":
            return {"results": [_row(clicks="2")]}
        return 401, {"error": {"code": 401, "status": "UNAUTHENTICATED", "message": "no"}}

    assert _pull(play(GoogleAds, SIGNED_IN, reply))[0]["clicks"] == 2


def test_an_ended_refresh_token_asks_to_reconnect_and_names_testing_mode():
    refused = (400, {"error": "invalid_grant", "error_description": "Token has been expired or revoked."})
    played = play(GoogleAds, {**SIGNED_IN, "access_token": ""}, lambda asked: refused)
    with pytest.raises(NeedsReconnect, match="Testing"):
        played.connector.token()


@pytest.fixture(scope="module")
def key_file() -> dict:
    key = generate_private_key(65537, 2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    made = {
        "type": "service_account",
        "client_email": "robot@p.iam.example",
        "private_key": pem,
        "private_key_id": "k1",
    }
    return {"key": key, "file": made}


@pytest.mark.parametrize("shape", ["text", "object", "whole file"])
def test_a_service_account_signs_for_itself(key_file, shape):
    made = key_file["file"]
    held = {
        "text": {"service_account": json.dumps(made)},
        "object": {"service_account": made},
        "whole file": made,
    }
    played = play(
        GoogleAds, dict(held[shape]), lambda asked: {"access_token": "ya29.key", "expires_in": 3599}
    )
    assert played.connector.token() == "ya29.key"
    form = played.asked[0].body
    assert played.asked[0].url == "https://oauth2.googleapis.com/token"
    assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    head, claims, signature = form["assertion"].split(".")
    key_file["key"].public_key().verify(_bytes(signature), f"{head}.{claims}".encode(), PKCS1v15(), SHA256())
    said = json.loads(_bytes(claims))
    assert said["scope"] == "https://www.googleapis.com/auth/adwords"
    assert said["exp"] - said["iat"] == 3600
    assert json.loads(_bytes(head)) == {"alg": "RS256", "typ": "JWT", "kid": "k1"}


def _bytes(text: str) -> bytes:
    from base64 import urlsafe_b64decode

    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@pytest.mark.parametrize("key", ["{", "{}", '{"client_email": "a@b", "private_key": "no key"}'])
def test_a_broken_key_file_says_how_to_get_a_good_one(key):
    played = play(GoogleAds, {"service_account": key}, lambda asked: {})
    with pytest.raises(NeedsReconnect, match="Service accounts"):
        played.connector.token()


def test_the_sign_in_page_is_asked_for_a_refresh_token():
    address = GoogleAds.oauth.address({"client_id": "c"}, "https://here/back", "state1", "verifier")
    query = parse_qs(urlsplit(address).query)
    assert query["access_type"] == ["offline"]
    assert query["prompt"] == ["consent"]
    assert query["code_challenge_method"] == ["S256"]


@given(st.integers(0, 10**15), st.integers(0, 10**15))
def test_micros_become_money_without_a_rounding(cost, clicks):
    body = json.dumps({"results": [_row(costMicros=str(cost), clicks=str(clicks))]}).encode()
    (row,) = rows_of(page_of(body), Report("campaign", "campaign.id"), {})
    assert row["spend"] * 1_000_000 == cost
    assert row["clicks"] == clicks


def test_reports_by_action_ask_for_claims_only():
    assert "metrics.clicks" not in Report("campaign", "campaign.id", "conversion_action", CLAIMS).fields


def test_googles_daily_reset_is_midnight_in_california():
    from datetime import UTC, datetime

    assert _google.midnight_pacific(datetime(2026, 11, 20, 7, 0, tzinfo=UTC)) == 3600 + 60


# --- against the stand-in ------------------------------------------------------------------------

FIRST, LAST = date(2026, 11, 10), date(2026, 11, 20)


@pytest.fixture(scope="module")
def server():
    with serving.local(world()) as running:
        yield running


@pytest.fixture
def live(server):
    yield reach(server, GoogleAds)
    server.faults.clear()


def _sums(found: list[dict], *names: str) -> list[object]:
    return [sum(row[name] for row in found) for name in names]


SUMMED = ("impressions", "clicks", "spend", "conversions", "conversion_value")


@pytest.mark.parametrize(
    ("slug", "level"),
    [("campaign", "campaign"), ("ad_group", "group"), ("ad", "ad"), ("asset_group", "asset_group")],
)
def test_what_is_pulled_is_what_happened(server, live, slug, level):
    account = live.accounts()[0]
    found = rows(live, account, slug, FIRST, LAST)
    true = truth.daily(server.world, "google_ads", account.key, level, FIRST, LAST)
    assert _sums(found, *SUMMED) == _sums(true, *SUMMED)
    assert {(row["day"], row["entity"]) for row in found} == {(row["date"], row["entity_id"]) for row in true}


@pytest.mark.parametrize(
    ("slug", "segments", "names"),
    [
        ("campaign_device", {"mobile", "desktop", "tablet"}, SUMMED),
        ("campaign_network", {"search", "search_partners", "content"}, SUMMED),
        ("campaign_conversion_action", {"Purchase", "Add to cart"}, SUMMED[3:]),
    ],
)
def test_splits_add_up_to_their_campaigns(live, slug, segments, names):
    account = live.accounts()[0]
    split = rows(live, account, slug, FIRST, LAST)
    assert {row["segment"] for row in split} == segments
    assert _sums(split, *names) == _sums(rows(live, account, "campaign", FIRST, LAST), *names)


def test_whatever_delivered_has_a_name(live):
    account = live.accounts()[0]
    named = {(entity.level, entity.key): entity for entity in live.entities(account)}
    for slug, level in (
        ("campaign", "campaign"),
        ("ad_group", "ad_group"),
        ("ad", "ad"),
        ("asset_group", "asset"),
    ):
        for row in rows(live, account, slug, FIRST, LAST):
            assert named[level, row["entity"]].status != "removed"
    assert named["campaign", "20410000001"].budget == 60


def test_the_customers_totals_are_what_its_campaigns_add_up_to(live):
    account = live.accounts()[0]
    totals = list(live.totals(account, FIRST, LAST).values())
    assert _sums(totals, *SUMMED) == _sums(rows(live, account, "campaign", FIRST, LAST), *SUMMED)


def test_an_account_behind_a_manager_is_read_through_it(server, live):
    found = {account.currency: account for account in reach(server, GoogleAds, way=1).accounts()}
    assert found["EUR"].extra == {}
    assert found["USD"].extra == {"login_customer_id": "4155550100"}
    assert rows(live, found["USD"], "campaign", FIRST, LAST)


@pytest.mark.parametrize(
    "fault", [{"kind": "rate_limited"}, {"kind": "server_error", "status": 503}, {"kind": "server_error", "html": True},
              {"kind": "reset"}, {"kind": "truncated_json"}, {"kind": "truncated_gzip"}, {"kind": "html"},
              {"kind": "expired"}]
)  # fmt: skip
def test_a_passing_fault_changes_nothing(server, live, fault):
    account = live.accounts()[0]
    right = rows(live, account, "campaign", LAST, LAST)
    server.faults.add(platform="google_ads", path="googleAds:search", **fault)
    assert rows(live, account, "campaign", LAST, LAST) == right
    assert server.faults.active() == []


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"kind": "day_limit"}, DayLimitReached),
        ({"kind": "revoked"}, NeedsReconnect),
        ({"kind": "field_type", "name": "clicks"}, UnexpectedAnswer),
        ({"kind": "missing_field", "name": "date"}, UnexpectedAnswer),
    ],
)
def test_a_lasting_fault_is_named(server, live, fault, error):
    account = live.accounts()[0]
    server.faults.add(platform="google_ads", **fault)
    with pytest.raises(error):
        rows(live, account, "campaign", LAST, LAST)


def test_a_person_who_allows_it_is_signed_in(server):
    connector = reach(server, GoogleAds, access_token="", refresh_token="")
    back = allow(connector)
    assert back["state"] == "state-1"
    found = connector.exchange(back["code"], "https://here.example/back", "v" * 43)
    assert found["refresh_token"].startswith("1//")
    assert reach(server, GoogleAds, **found).accounts()
