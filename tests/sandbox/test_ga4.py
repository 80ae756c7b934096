"""Google Analytics 4: sums of reports against the truth, what adds up and what doesn't, and Google's refusals."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from sandbox import truth
from sandbox.credentials import ways
from sandbox.platforms.ga4 import PROPERTY
from tests.sandbox.conftest import Sandbox

FIRST, LAST = date(2026, 11, 10), date(2026, 11, 20)
RANGE = [{"startDate": "2026-11-10", "endDate": "2026-11-20"}]


class Client:
    """Asks as a signed-in user."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        form = {**ways("ga4")[1], "grant_type": "refresh_token"}
        self.token = sandbox.ask("ga4", "POST", "/token", data=form).json()["access_token"]

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"}
        return self.sandbox.ask(
            "ga4", method, path, headers=headers, **({"json": body} if body is not None else {})
        )

    def report(self, dimensions: str, metrics: str, **more: Any) -> Any:
        body = {
            "dimensions": [{"name": name} for name in dimensions.split()],
            "metrics": [{"name": name} for name in metrics.split()],
            "dateRanges": RANGE,
        } | more
        return self.ask("POST", f"/v1beta/properties/{PROPERTY}:runReport", body)


@pytest.fixture
def ga4(sandbox: Sandbox) -> Client:
    return Client(sandbox)


def _sums(answer: Any) -> list[Decimal]:
    rows = [[Decimal(cell["value"]) for cell in row["metricValues"]] for row in answer.json()["rows"]]
    return [sum(column, Decimal(0)) for column in zip(*rows, strict=True)]


@pytest.mark.parametrize(
    "dimensions",
    ["date", "date sessionSource sessionMedium", "deviceCategory country", "landingPagePlusQueryString",
     "date firstUserSource firstUserMedium", "sessionDefaultChannelGroup"],
)  # fmt: skip
def test_sums_equal_the_truth_however_they_are_split(ga4: Client, dimensions: str):
    true = truth.sessions(ga4.sandbox.world, FIRST, LAST)
    found = _sums(ga4.report(dimensions, "sessions screenPageViews ecommercePurchases purchaseRevenue"))
    names = ("sessions", "page_views", "purchases", "revenue")
    assert found == [sum(row[name] for row in true) for name in names]


def test_users_of_parts_are_more_than_users_of_the_whole(ga4: Client):
    (whole,), (parts,) = (
        _sums(ga4.report("", "totalUsers")),
        _sums(ga4.report("sessionSource country", "totalUsers")),
    )
    assert whole < parts


def test_events_by_name_add_up_to_all_events_and_only_purchases_are_key(ga4: Client):
    everything = _sums(ga4.report("", "eventCount keyEvents"))
    assert _sums(ga4.report("eventName", "eventCount keyEvents")) == everything
    rows = ga4.report("eventName", "keyEvents").json()["rows"]
    assert {r["dimensionValues"][0]["value"] for r in rows if r["metricValues"][0]["value"] != "0"} == {
        "purchase"
    }


def test_pages_by_offset_are_the_whole(ga4: Client):
    whole = ga4.report("date sessionSource", "sessions").json()
    rows: list[Any] = []
    while len(rows) < whole["rowCount"]:
        rows += ga4.report("date sessionSource", "sessions", limit="30", offset=str(len(rows))).json()["rows"]
    assert rows == whole["rows"]


def test_days_without_data_have_no_rows_at_all(ga4: Client):
    body = ga4.report(
        "date", "sessions", dateRanges=[{"startDate": "2020-01-01", "endDate": "2020-01-31"}]
    ).json()
    assert "rows" not in body
    assert "rowCount" not in body
    assert body["metadata"]["currencyCode"] == "EUR"


def test_a_filter_keeps_what_it_names(ga4: Client):
    only = {"filter": {"fieldName": "country", "stringFilter": {"value": "Germany"}}}
    rows = ga4.report("country", "sessions", dimensionFilter=only).json()["rows"]
    assert [row["dimensionValues"][0]["value"] for row in rows] == ["Germany"]


def test_quotas_are_told_only_when_asked_for(ga4: Client):
    assert "propertyQuota" not in ga4.report("date", "sessions").json()
    assert "tokensPerDay" in ga4.report("date", "sessions", returnPropertyQuota=True).json()["propertyQuota"]


@pytest.mark.parametrize(
    ("dimensions", "metrics", "more", "words"),
    [
        ("date colour", "sessions", {}, "Field colour is not a valid dimension"),
        ("date", "mood", {}, "Field mood is not a valid metric"),
        ("date", "sessions", {"dateRanges": []}, "dateRanges"),
        ("date", "sessions", {"dateRanges": [{"startDate": "soon", "endDate": "today"}]}, "Invalid date"),
        (" ".join(["date"] * 10), "sessions", {}, "limited to 9 dimensions"),
        ("date", "sessions", {"limit": "many"}, "limit"),
    ],
)
def test_a_wrong_question_is_refused_by_name(
    ga4: Client, dimensions: str, metrics: str, more: dict[str, Any], words: str
):
    answer = ga4.report(dimensions, metrics, **more)
    assert answer.status_code == 400
    assert answer.json()["error"]["status"] == "INVALID_ARGUMENT"
    assert words in answer.json()["error"]["message"]


def test_another_property_and_a_missing_token_are_refused(ga4: Client):
    other = ga4.ask("POST", "/v1beta/properties/1:runReport", {"dateRanges": RANGE})
    assert (other.status_code, other.json()["error"]["status"]) == (403, "PERMISSION_DENIED")
    ga4.token = "ya29.made-up"
    assert ga4.report("date", "sessions").json()["error"]["status"] == "UNAUTHENTICATED"


def test_a_token_ends_after_an_hour(ga4: Client):
    ga4.sandbox.clock.now += timedelta(hours=1, seconds=5)
    assert ga4.report("date", "sessions").status_code == 401


def test_the_property_says_its_zone_and_currency(ga4: Client):
    (summary,) = ga4.ask("GET", "/v1beta/accountSummaries?pageSize=200").json()["accountSummaries"]
    name = summary["propertySummaries"][0]["property"]
    found = ga4.ask("GET", f"/v1beta/{name}").json()
    assert (found["timeZone"], found["currencyCode"]) == ("Europe/Berlin", "EUR")


def test_past_days_stay_and_yesterday_still_grows(ga4: Client):
    def sessions(day: str) -> Decimal:
        return _sums(ga4.report("date", "sessions", dateRanges=[{"startDate": day, "endDate": day}]))[0]

    old, new = sessions("2026-10-01"), sessions("2026-11-19")
    ga4.sandbox.clock.now += timedelta(minutes=59)
    ga4.sandbox.clock.now += timedelta(days=2)
    ga4.token = Client(ga4.sandbox).token
    assert sessions("2026-10-01") == old
    assert sessions("2026-11-19") > new


def test_used_up_quotas_answer_as_google_does(ga4: Client):
    ga4.sandbox.faults.add("rate_limited", "ga4", ":runReport")
    answer = ga4.report("date", "sessions")
    assert (answer.status_code, answer.json()["error"]["status"]) == (429, "RESOURCE_EXHAUSTED")
    assert "per hour" in answer.json()["error"]["message"]
