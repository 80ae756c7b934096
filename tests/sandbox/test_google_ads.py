"""Google Ads' stand-in against the fact sheet: sign-in, managers, GAQL, pages, errors."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from sandbox import truth
from sandbox.credentials import ways
from tests.sandbox.conftest import Sandbox

DE, US, MANAGER = "4155550101", "4155550102", "4155550100"
FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)
DAYS = f"segments.date BETWEEN '{FIRST}' AND '{LAST}'"


class Client:
    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        given = ways("google_ads")[0]
        form = {name: given[name] for name in ("client_id", "client_secret", "refresh_token")}
        self.form = form | {"grant_type": "refresh_token"}
        self.renew()

    def renew(self) -> None:
        self.token = self.sandbox.ask("google_ads", "POST", "/token", data=self.form).json()["access_token"]

    def ask(
        self, query: str, customer: str = DE, method: str = "search", login: str = MANAGER, **body: Any
    ) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"} | ({"login-customer-id": login} if login else {})
        path = f"/v26/customers/{customer}/googleAds:{method}"
        return self.sandbox.ask("google_ads", "POST", path, json={"query": query, **body}, headers=headers)

    def error(self, *given: Any, **more: Any) -> tuple[int, dict[str, str]]:
        answer = self.ask(*given, **more)
        body = answer.json()
        body = body[0] if isinstance(body, list) else body
        return answer.status_code, body["error"]["details"][0]["errors"][0]["errorCode"]


@pytest.fixture
def google(sandbox: Sandbox) -> Client:
    return Client(sandbox)


@pytest.mark.parametrize(("resource", "level"), [("customer", "account"), ("campaign", "campaign"), ("ad_group", "group"),
                                                 ("asset_group", "asset_group"), ("ad_group_ad", "ad")])  # fmt: skip
def test_sums_equal_the_truth(google: Client, resource: str, level: str):
    query = f"SELECT segments.date, metrics.clicks, metrics.cost_micros, metrics.conversions, metrics.conversions_value FROM {resource} WHERE {DAYS}"
    rows = google.ask(query).json()["results"]
    true = truth.total(google.sandbox.world, "google_ads", DE, FIRST, LAST, level)
    assert sum(int(row["metrics"].get("clicks", 0)) for row in rows) == true["clicks"]
    assert sum(Decimal(row["metrics"].get("costMicros", 0)) for row in rows) / 1_000_000 == true["spend"]
    assert sum(Decimal(str(row["metrics"].get("conversions", 0))) for row in rows) == true["conversions"]
    assert (
        sum(Decimal(str(row["metrics"].get("conversionsValue", 0))) for row in rows)
        == true["conversion_value"]
    )


def test_stream_and_pages_say_the_same(google: Client):
    query = f"SELECT segments.date, ad_group_ad.ad.id, metrics.impressions FROM ad_group_ad WHERE {DAYS}"
    streamed = [row for part in google.ask(query, method="searchStream").json() for row in part["results"]]
    assert streamed == google.ask(query).json()["results"]


def test_pages_are_cut_at_ten_thousand_rows(google: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sandbox.platforms.google_ads.PAGE", 7)
    query = f"SELECT segments.date, campaign.id, metrics.impressions FROM campaign WHERE {DAYS}"
    rows: list[Any] = []
    token, pages = None, 0
    while pages < 100:
        body = google.ask(query, **({"pageToken": token} if token else {})).json()
        rows += body.get("results", [])
        pages, token = pages + 1, body.get("nextPageToken")
        if not token:
            break
    monkeypatch.undo()
    assert rows == google.ask(query).json()["results"]
    assert pages == len(rows) // 7 + 1


def test_only_selected_fields_come_back_and_zeros_are_left_out(google: Client):
    query = f"SELECT segments.date, campaign.id, metrics.clicks, metrics.conversions FROM campaign WHERE {DAYS} LIMIT 1"
    (row,) = google.ask(query).json()["results"]
    assert set(row) == {"campaign", "metrics", "segments"}
    assert set(row["campaign"]) == {"resourceName", "id"}
    assert isinstance(row["campaign"]["id"], str)
    assert isinstance(row["metrics"]["clicks"], str)
    assert isinstance(row["metrics"]["conversions"], float)


@pytest.mark.parametrize(("segment", "values"), [("device", {"MOBILE", "DESKTOP", "TABLET"}),
                                               ("ad_network_type", {"SEARCH", "SEARCH_PARTNERS", "CONTENT"})])  # fmt: skip
def test_parts_add_up(google: Client, segment: str, values: set[str]):
    query = f"SELECT segments.date, segments.{segment}, metrics.clicks, metrics.cost_micros FROM campaign WHERE {DAYS}"
    rows = google.ask(query).json()["results"]
    true = truth.total(google.sandbox.world, "google_ads", DE, FIRST, LAST, "campaign")
    assert {row["segments"]["device" if segment == "device" else "adNetworkType"] for row in rows} == values
    assert sum(int(row["metrics"].get("clicks", 0)) for row in rows) == true["clicks"]
    assert sum(int(row["metrics"].get("costMicros", 0)) for row in rows) == true["spend"] * 1_000_000


def test_conversion_actions_split_all_conversions(google: Client):
    names = [
        row["conversionAction"]["name"]
        for row in google.ask(
            "SELECT conversion_action.id, conversion_action.name FROM conversion_action"
        ).json()["results"]
    ]
    assert names == ["Purchase", "Add to cart"]
    query = f"SELECT segments.date, segments.conversion_action_name, metrics.conversions, metrics.all_conversions FROM campaign WHERE {DAYS}"
    rows = google.ask(query).json()["results"]
    true = truth.total(google.sandbox.world, "google_ads", DE, FIRST, LAST, "campaign")
    assert (
        sum(Decimal(str(row["metrics"].get("allConversions", 0))) for row in rows) == true["all_conversions"]
    )
    counted = {row["segments"]["conversionActionName"] for row in rows if "conversions" in row["metrics"]}
    assert counted == {"Purchase"}


def test_weeks_are_summed(google: Client):
    rows = google.ask(f"SELECT segments.week, metrics.clicks FROM customer WHERE {DAYS}").json()["results"]
    assert [row["segments"]["week"] for row in rows] == [
        "2026-09-28",
        "2026-10-05",
        "2026-10-12",
        "2026-10-19",
        "2026-10-26",
    ]
    true = truth.total(google.sandbox.world, "google_ads", DE, FIRST, LAST)
    assert sum(int(row["metrics"]["clicks"]) for row in rows) == true["clicks"]


def test_without_a_date_segment_days_are_summed(google: Client):
    true = truth.total(google.sandbox.world, "google_ads", DE, FIRST, LAST)
    (row,) = google.ask(f"SELECT customer.id, metrics.clicks FROM customer WHERE {DAYS}").json()["results"]
    assert int(row["metrics"]["clicks"]) == true["clicks"]


def test_entities_are_listed_whole_with_their_state_and_budget(google: Client):
    query = "SELECT campaign.id, campaign.name, campaign.status, campaign_budget.amount_micros FROM campaign ORDER BY campaign.name"
    found = {row["campaign"]["name"]: row for row in google.ask(query).json()["results"]}
    assert found["DE | Search | Non-brand"]["campaignBudget"]["amountMicros"] == "210000000"
    assert found["DE | Search | Black Friday 2025"]["campaign"]["status"] == "PAUSED"
    assert "DE | Search | Black Friday 2027" not in found
    query = "SELECT campaign.name FROM campaign WHERE campaign.status = 'ENABLED' AND campaign.name LIKE '%Search | Brand'"
    assert len(google.ask(query).json()["results"]) == 1


def test_manager_lists_its_clients_and_refuses_metrics(google: Client):
    answer = google.sandbox.ask(
        "google_ads",
        "GET",
        "/v26/customers:listAccessibleCustomers",
        headers={"Authorization": f"Bearer {google.token}"},
    )
    assert answer.json() == {"resourceNames": [f"customers/{MANAGER}", f"customers/{DE}"]}
    query = "SELECT customer_client.id, customer_client.currency_code, customer_client.time_zone FROM customer_client WHERE customer_client.manager = FALSE"
    clients = [row["customerClient"] for row in google.ask(query, MANAGER).json()["results"]]
    assert [(c["id"], c["currencyCode"]) for c in clients] == [(DE, "EUR"), (US, "USD")]
    query = f"SELECT metrics.clicks FROM customer WHERE {DAYS}"
    assert google.error(query, MANAGER) == (400, {"queryError": "REQUESTED_METRICS_FOR_MANAGER"})


def test_a_client_account_needs_the_manager_in_the_header(google: Client):
    query = "SELECT customer.id FROM customer"
    assert google.error(query, US, login="") == (403, {"authorizationError": "USER_PERMISSION_DENIED"})
    assert google.ask(query, US).status_code == 200
    assert google.ask(query, DE, login="").status_code == 200


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("SELECT campaign.foo FROM campaign", "UNRECOGNIZED_FIELD"),
        ("SELECT metrics.video_views FROM campaign", "UNRECOGNIZED_FIELD"),
        ("SELECT campaign.id FROM campaigns", "BAD_RESOURCE_TYPE_IN_FROM_CLAUSE"),
        ("SELECT campaign.id", "EXPECTED_FROM"),
        ("campaign.id FROM campaign", "EXPECTED_SELECT"),
        ("SELECT ad_group.id FROM campaign", "PROHIBITED_RESOURCE_TYPE_IN_SELECT_CLAUSE"),
        ("SELECT segments.date, metrics.clicks FROM campaign", "EXPECTED_FILTERS_ON_DATE_RANGE"),
        ("SELECT campaign.id FROM campaign ORDER BY campaign.name", "EXPECTED_REFERENCED_FIELD_IN_SELECT_CLAUSE"),
        ("SELECT campaign.id FROM campaign LIMIT 0", "LIMIT_VALUE_TOO_LOW"),
        ("SELECT campaign.id FROM campaign WHERE campaign.id", "UNEXPECTED_END_OF_QUERY"),
        (f"SELECT segments.conversion_action_name, metrics.clicks FROM campaign WHERE {DAYS}",
         "PROHIBITED_SEGMENT_WITH_METRIC_IN_SELECT_OR_WHERE_CLAUSE"),
    ],
)  # fmt: skip
def test_a_wrong_query_is_refused_by_name(google: Client, query: str, code: str):
    assert google.error(query) == (400, {"queryError": code})
    assert google.error(query, method="searchStream") == (400, {"queryError": code})


def test_page_size_and_old_versions_are_refused(google: Client):
    assert google.error("SELECT campaign.id FROM campaign", pageSize=5) == (
        400,
        {"requestError": "PAGE_SIZE_NOT_SUPPORTED"},
    )
    old = google.sandbox.ask(
        "google_ads", "POST", f"/v22/customers/{DE}/googleAds:search", json={"query": ""}
    )
    assert old.json()["error"]["details"][0]["errors"][0]["errorCode"] == {
        "requestError": "UNSUPPORTED_VERSION"
    }


def test_an_access_token_ends_after_an_hour_and_a_revoked_one_can_not_be_renewed(google: Client):
    query = "SELECT customer.id FROM customer"
    google.sandbox.clock.now += timedelta(minutes=61)
    ended = google.ask(query)
    assert (ended.status_code, ended.json()["error"]["status"]) == (401, "UNAUTHENTICATED")
    google.renew()
    assert google.ask(query).status_code == 200
    google.sandbox.faults.add("revoked", "google_ads")
    assert google.ask(query).status_code == 401
    refused = google.sandbox.ask("google_ads", "POST", "/token", data=google.form)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    google.sandbox.faults.reconnect("google_ads")
    assert google.ask(query).status_code == 200


def test_rate_limits_say_how_long_to_wait(google: Client):
    google.sandbox.faults.add("rate_limited", "google_ads", retry_after=3)
    answer = google.ask("SELECT customer.id FROM customer")
    details = answer.json()["error"]["details"][0]["errors"][0]["details"]["quotaErrorDetails"]
    assert (answer.status_code, answer.headers["retry-after"], details["rateScope"]) == (429, "3", "ACCOUNT")


def test_a_renamed_campaign_has_its_new_name_on_old_days(google: Client):
    query = "SELECT segments.date, campaign.name, metrics.clicks FROM campaign WHERE segments.date = '2026-10-05' AND campaign.id = 20410000002"
    (row,) = google.ask(query).json()["results"]
    assert row["campaign"]["name"] == "DE | Search | Non-brand"
