"""Google Analytics 4: reports as rows, quality flags, quotas, and properties to pick from."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import ga4
from connectors._base import Account
from connectors.ga4 import Ga4
from errors import AccessMissing, DayLimitReached, NeedsReconnect, RateLimited, Refused, UnexpectedAnswer
from sandbox import serving, truth
from tests.connectors.answers import Asked, play
from tests.connectors.sandboxed import reach, rows, world

SIGNED_IN = {
    "client_id": "c",
    "client_secret": "secret-one",
    "refresh_token": "1//refresh",
    "access_token": "ya29.a",
}
ACCOUNT = Account("123", "Shop", "EUR", "Europe/Berlin")
FIRST, LAST = date(2026, 11, 1), date(2026, 11, 2)


def _answered(asked: Asked, rows: list[list[str]], total: int | None = None, **metadata: object) -> dict:
    names = [each["name"] for each in asked.body["dimensions"]]
    metrics = [each["name"] for each in asked.body["metrics"]]
    body = {
        "dimensionHeaders": [{"name": name} for name in names],
        "metricHeaders": [{"name": name, "type": "TYPE_FLOAT"} for name in metrics],
        "metadata": {"currencyCode": "EUR", "timeZone": "Europe/Berlin", **metadata},
        "rowCount": len(rows) if total is None else total,
        "kind": "analyticsData#runReport",
    }
    if rows:
        body["rows"] = [{"dimensionValues": [{"value": cell} for cell in row[: len(names)]],
                         "metricValues": [{"value": cell} for cell in row[len(names) :]]} for row in rows]  # fmt: skip
    return body


HEADLINE = ["20261101", "41", "30", "38", "20", "120", "300", "3.5", "310.55", "3", "320.10"]


def _pull(played, slug: str = "account") -> list[dict]:
    stream = played.connector.stream(slug)
    return [row for batch in played.connector.pull(ACCOUNT, stream, FIRST, LAST) for row in batch.rows]


def _rows(*rows: list[str], **metadata: object):
    return play(Ga4, SIGNED_IN, lambda asked: _answered(asked, list(rows), **metadata))


def test_the_headline_row_carries_users_sessions_and_revenue():
    played = _rows(HEADLINE)
    assert _pull(played) == [{
        "day": FIRST, "sessions": 41, "engaged_sessions": 30, "users": 38, "new_users": 20, "pageviews": 120,
        "event_count": 300, "key_events": Decimal("3.5"), "conversion_value": Decimal("310.55"),
        "conversions": Decimal(3), "more": {"total_revenue": "320.10"},
    }]  # fmt: skip
    asked = played.asked[0]
    assert asked.url == "https://analyticsdata.googleapis.com/v1beta/properties/123:runReport"
    assert asked.body["dateRanges"] == [{"startDate": "2026-11-01", "endDate": "2026-11-02"}]


def test_a_report_keeps_to_nine_dimensions_and_ten_metrics():
    for report in ga4._REPORTS.values():
        assert len(report.dimensions) < 9
        assert len(report.metrics) <= 10


def test_every_stream_has_its_report():
    assert {stream.slug for stream in Ga4.streams} == set(ga4._REPORTS)


@pytest.mark.parametrize(
    ("slug", "labels", "segment"),
    [
        ("source_medium", ["google", "cpc"], "google / cpc"),
        ("source_medium_campaign", ["google", "cpc", "a|b=c"], "google / cpc | a/b/c"),
        ("device", ["Mobile"], "mobile"),
        ("device", ["smart tv"], "tv"),
        ("country", ["Germany"], "Germany"),
        ("channel_group", ["Paid Search"], "Paid Search"),
    ],
)
def test_a_breakdown_is_written_as_ga4_shows_it(slug, labels, segment):
    assert _pull(_rows(["20261101", *labels, *HEADLINE[1:]]), slug)[0]["segment"] == segment


def test_events_and_pages_are_entities_of_their_own():
    played = _rows(["20261101", "purchase", "5", "5", "4"], ["20261102", "purchase", "1", "1", "1"])
    stream = played.connector.stream("event")
    (batch,) = played.connector.pull(ACCOUNT, stream, FIRST, LAST)
    assert [(row["entity"], row["event_count"]) for row in batch.rows] == [("purchase", 5), ("purchase", 1)]
    assert [(entity.level, entity.key) for entity in batch.entities] == [("event", "purchase")]


def test_pages_go_on_until_the_row_count():
    def reply(asked: Asked):
        offset = int(asked.body["offset"])
        return _answered(asked, [HEADLINE] if offset < 2 else [], 2)

    played = play(Ga4, SIGNED_IN, reply)
    assert len(_pull(played)) == 2
    assert [one.body["offset"] for one in played.asked] == ["0", "1"]


def test_a_page_that_is_missing_is_noticed():
    with pytest.raises(UnexpectedAnswer, match="empty page"):
        _pull(play(Ga4, SIGNED_IN, lambda asked: _answered(asked, [], 7)))


def test_no_rows_at_all_are_no_error():
    assert _pull(_rows(emptyReason="NO_DATA")) == []


def test_quality_flags_stand_with_the_rows_only_where_they_are_set():
    sample = [{"samplesReadCount": "900000", "samplingSpaceSize": "1000000"}]
    row = _pull(
        _rows(HEADLINE, samplingMetadatas=sample, subjectToThresholding=True, dataLossFromOtherRow=True)
    )[0]
    assert row["more"] == {
        "sampled_share": "0.9000", "subject_to_thresholding": 1, "data_loss_from_other_row": 1, "total_revenue": "320.10"
    }  # fmt: skip


def test_revenue_that_the_role_may_not_see_is_not_measured():
    hidden = {
        "activeMetricRestrictions": [
            {"metricName": "purchaseRevenue", "restrictedMetricTypes": ["REVENUE_DATA"]}
        ]
    }
    assert "conversion_value" not in _pull(_rows(HEADLINE, schemaRestrictionResponse=hidden))[0]


def test_totals_are_asked_for_without_a_breakdown():
    played = _rows(["20261101", "41", "120", "3.5", "3", "310.55"])
    found = played.connector.totals(ACCOUNT, FIRST, LAST)
    assert found == {FIRST: {"sessions": 41, "pageviews": 120, "key_events": Decimal("3.5"), "conversions": 3,
                             "conversion_value": Decimal("310.55")}}  # fmt: skip
    assert played.asked[0].body["dimensions"] == [{"name": "date"}]


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (lambda body: body["metricHeaders"].pop(), "totalRevenue"),
        (lambda body: body["rows"][0]["metricValues"][0].update(value={"a": 1}), "sessions"),
        (lambda body: body["rows"][0]["metricValues"][0].update(value="many"), "sessions"),
        (lambda body: body["rows"][0]["dimensionValues"][0].update(value="yesterday"), "date"),
        (lambda body: body["rows"][0].pop("metricValues"), "shape"),
        (lambda body: body.pop("metadata"), "metadata"),
    ],
)
def test_an_odd_answer_is_named_and_nothing_is_made_of_it(spoil, named):
    def reply(asked: Asked):
        body = _answered(asked, [HEADLINE])
        spoil(body)
        return body

    with pytest.raises(UnexpectedAnswer, match=named):
        _pull(play(Ga4, SIGNED_IN, reply))


def test_properties_come_with_currency_and_time_zone():
    def reply(asked: Asked):
        if asked.url.endswith("accountSummaries"):
            page = {"propertySummaries": [{"property": "properties/123", "displayName": "Shop"}]}
            if asked.params.get("pageToken"):
                return {"accountSummaries": [{"displayName": "empty"}]}
            return {"accountSummaries": [page], "nextPageToken": "two"}
        return {"displayName": "Shop", "currencyCode": "EUR", "timeZone": "Europe/Berlin"}

    assert play(Ga4, SIGNED_IN, reply).connector.accounts() == [ACCOUNT]


def test_a_named_property_needs_no_admin_api():
    def reply(asked: Asked):
        if "analyticsadmin" in asked.url:
            return 403, {"error": {"code": 403, "message": "x", "details": [{"reason": "SERVICE_DISABLED"}]}}
        return _answered(asked, [])

    played = play(Ga4, {**SIGNED_IN, "property_id": "properties/123"}, reply)
    assert played.connector.accounts() == [Account("123", "Property 123", "EUR", "Europe/Berlin")]


def _refused(code: int, status: str, message: str):
    played = play(
        Ga4, SIGNED_IN, lambda asked: (code, {"error": {"code": code, "message": message, "status": status}})
    )
    played.connector.renew = played.connector.http.renew = lambda: False
    return played


@pytest.mark.parametrize(
    ("code", "status", "message", "error"),
    [
        (401, "UNAUTHENTICATED", "no", NeedsReconnect),
        (403, "PERMISSION_DENIED", "User does not have sufficient permissions.", AccessMissing),
        (400, "INVALID_ARGUMENT", "Field nope is not a valid dimension.", Refused),
        (429, "RESOURCE_EXHAUSTED", "Exhausted property tokens per day.", DayLimitReached),
        (429, "RESOURCE_EXHAUSTED", "Exhausted concurrent requests quota.", RateLimited),
    ],
)
def test_errors_say_who_must_act(code, status, message, error):
    with pytest.raises(error):
        _pull(_refused(code, status, message))


def test_an_hourly_quota_waits_for_the_next_hour():
    refused = _refused(429, "RESOURCE_EXHAUSTED", "Exhausted property tokens for a project per hour.")
    found = refused.connector.judge(refused.connector.http._sent("GET", "x"))
    assert isinstance(found, RateLimited)
    assert 0 < found.seconds <= 3605


@given(st.decimals(0, 10**9, places=4), st.integers(0, 10**12))
def test_figures_come_through_unchanged(revenue, sessions):
    report = ga4._Report((), ("sessions", "purchaseRevenue"))
    asked = Asked("POST", "", {"json": {"dimensions": [{"name": "date"}],
                                        "metrics": [{"name": name} for name in report.metrics]}}, {})  # fmt: skip
    (row,) = ga4.rows_of(_answered(asked, [["20261101", str(sessions), str(revenue)]]), report)
    assert (row["sessions"], row["conversion_value"]) == (sessions, revenue)


# --- against the stand-in ------------------------------------------------------------------------

SINCE, UNTIL = date(2026, 11, 10), date(2026, 11, 12)


@pytest.fixture(scope="module")
def server():
    with serving.local(world()) as running:
        yield running


@pytest.fixture(scope="module")
def live(server):
    return reach(server, Ga4)


@pytest.fixture(scope="module")
def account(live):
    return live.accounts()[0]


@pytest.fixture(autouse=True)
def _mended(request):
    yield
    if "server" in request.fixturenames:
        request.getfixturevalue("server").faults.clear()


def _sum(found: list[dict], name: str) -> object:
    return sum(row[name] for row in found)


@pytest.mark.parametrize(
    "slug",
    [
        "account",
        "channel_group",
        "source_medium",
        "source_medium_campaign",
        "device",
        "country",
        "landing_page",
    ],
)
def test_what_is_pulled_is_what_happened(server, live, account, slug):
    found = rows(live, account, slug, SINCE, UNTIL)
    true = truth.sessions(server.world, SINCE, UNTIL)
    assert _sum(found, "sessions") == _sum(true, "sessions")
    assert _sum(found, "conversions") == _sum(true, "purchases")
    assert _sum(found, "conversion_value") == _sum(true, "revenue")
    keys = [(row["day"], row.get("entity"), row.get("segment")) for row in found]
    assert len(keys) == len(set(keys))


def test_a_persons_sign_in_sees_the_same_as_a_service_account(server, account):
    assert reach(server, Ga4, way=1).accounts() == [account]


def test_small_pages_say_the_same_as_one(live, account, monkeypatch):
    whole = rows(live, account, "source_medium", SINCE, UNTIL)
    monkeypatch.setattr(ga4, "_PAGE", 7)
    assert rows(live, account, "source_medium", SINCE, UNTIL) == whole


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "rate_limited", "retry_after": 3},
        {"kind": "server_error", "status": 503},
        {"kind": "reset"},
        {"kind": "truncated_json"},
        {"kind": "html"},
        {"kind": "expired"},
    ],
)
def test_a_passing_fault_changes_nothing(server, live, account, fault):
    right = rows(live, account, "account", SINCE, UNTIL)
    server.faults.add(platform="ga4", path="runReport", **fault)
    assert rows(live, account, "account", SINCE, UNTIL) == right
    assert server.faults.active() == []


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"kind": "day_limit"}, DayLimitReached),
        ({"kind": "rate_limited"}, RateLimited),
        ({"kind": "missing_field", "name": "metricHeaders"}, UnexpectedAnswer),
        ({"kind": "field_type", "name": "dimensionValues"}, UnexpectedAnswer),
    ],
)
def test_a_lasting_fault_is_named(server, live, account, fault, error, monkeypatch):
    server.faults.add(platform="ga4", path="runReport", count=None, **fault)
    monkeypatch.setattr(live.http, "retries", 0)
    with pytest.raises(error):
        rows(live, account, "channel_group", SINCE, UNTIL)
