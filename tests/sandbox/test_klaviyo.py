"""Klaviyo: aggregates against the truth, reports, cursors, revisions and refusals."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from sandbox import truth
from sandbox.credentials import ways
from sandbox.platforms._klaviyo_figures import PLACED
from tests.sandbox.conftest import Sandbox

FIRST, LAST = date(2026, 10, 20), date(2026, 11, 10)
SPAN = ["greater-or-equal(datetime,2026-10-20T00:00:00)", "less-than(datetime,2026-11-11T00:00:00)"]
EVENTS = {
    "RhPbnc": "bounced",
    "RhPopn": "opened",
    "RhPclk": "clicked",
    "RhPuns": "unsubscribed",
    "RhPspm": "spam",
}


class Client:
    """Asks with the private key."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        key = ways("klaviyo")[0]["api_key"]
        self.headers = {"Authorization": f"Klaviyo-API-Key {key}", "revision": "2026-07-15"}

    def get(self, path: str, **params: str) -> Any:
        return self.sandbox.ask("klaviyo", "GET", path, headers=self.headers, params=params)

    def post(self, kind: str, attributes: dict[str, Any]) -> Any:
        body = {"data": {"type": kind, "attributes": attributes}}
        return self.sandbox.ask("klaviyo", "POST", f"/api/{kind}s", headers=self.headers, json=body)

    def aggregate(self, metric: str, **more: Any) -> Any:
        asked = {"metric_id": metric, "measurements": ["count"], "filter": SPAN, "timezone": "Europe/Berlin"}
        return self.post("metric-aggregate", asked | more)


@pytest.fixture
def klaviyo(sandbox: Sandbox) -> Client:
    return Client(sandbox)


def _total(answer: Any, measurement: str = "count") -> float:
    groups = answer.json()["data"]["attributes"]["data"]
    return round(sum(sum(group["measurements"][measurement]) for group in groups), 2)


@pytest.mark.parametrize("by", [[], ["$message"], ["$flow"], ["$message", "Subject"]])
def test_events_equal_the_truth_however_they_are_grouped(klaviyo: Client, by: list[str]):
    true = truth.messages(klaviyo.sandbox.world, FIRST, LAST)
    for metric, name in EVENTS.items():
        assert _total(klaviyo.aggregate(metric, by=by)) == sum(row[name] for row in true)
    delivered = sum(row["received"] - row["bounced"] for row in true)
    assert _total(klaviyo.aggregate("RhPrcv", by=by)) == delivered


def test_series_stand_beside_their_days_over_the_end_of_summer_time(klaviyo: Client):
    found = klaviyo.aggregate("RhPopn").json()["data"]["attributes"]
    assert len(found["dates"]) == 22
    assert {found["dates"][n][-6:] for n in (0, 21)} == {"+02:00", "+01:00"}
    true = truth.messages(klaviyo.sandbox.world, date(2026, 10, 25), date(2026, 10, 25))
    assert found["data"][0]["measurements"]["count"][5] == sum(row["opened"] for row in true)


def test_orders_belong_to_the_message_that_brought_them_or_to_none(klaviyo: Client):
    orders = [row for row in truth.shop_orders(klaviyo.sandbox.world, FIRST, LAST) if not row["test"]]
    answer = klaviyo.aggregate(PLACED, by=["$attributed_message"], measurements=["count", "sum_value"])
    assert _total(answer) == len(orders)
    assert _total(answer, "sum_value") == float(sum(row["total"] for row in orders))
    groups = {group["dimensions"][0] for group in answer.json()["data"]["attributes"]["data"]}
    assert "" in groups
    assert len(groups) > 1


def test_large_groupings_come_in_pages(klaviyo: Client):
    whole = klaviyo.aggregate("RhPopn", by=["$message"]).json()["data"]["attributes"]["data"]
    found, cursor = [], None
    while True:
        body = klaviyo.aggregate("RhPopn", by=["$message"], page_size=4, page_cursor=cursor).json()
        found += body["data"]["attributes"]["data"]
        if not body["links"]["next"]:
            break
        cursor = parse_qs(urlsplit(body["links"]["next"]).query)["page[cursor]"][0]
    assert found == whole


def test_campaigns_need_their_channel_and_come_in_pages(klaviyo: Client):
    assert klaviyo.get("/api/campaigns").status_code == 400
    wanted, found, params = "equals(messages.channel,'email')", [], {}
    while True:
        body = klaviyo.get("/api/campaigns", filter=wanted, **params).json()
        found += [each["id"] for each in body["data"]]
        if not body["links"]["next"]:
            break
        params = {"page[cursor]": parse_qs(urlsplit(body["links"]["next"]).query)["page[cursor]"][0]}
    assert len(found) == len(set(found)) > 200


def test_campaign_values_add_up_over_the_life_of_a_campaign(klaviyo: Client):
    asked = {
        "statistics": ["recipients", "opens_unique", "open_rate", "delivered", "conversion_value"],
        "timeframe": {"start": "2026-10-20T00:00:00", "end": "2026-10-20T23:59:59"},
        "conversion_metric_id": PLACED,
    }
    (found,) = klaviyo.post("campaign-values-report", asked).json()["data"]["attributes"]["results"]
    true = [row for row in truth.messages(klaviyo.sandbox.world, FIRST, LAST)
            if row["message_id"] == found["groupings"]["campaign_message_id"]]  # fmt: skip
    held = found["statistics"]
    assert held["recipients"] == sum(row["received"] for row in true)
    assert held["opens_unique"] == sum(row["opened_unique"] for row in true)
    assert held["open_rate"] == pytest.approx(held["opens_unique"] / held["delivered"])


def test_a_flow_series_has_a_value_for_every_day(klaviyo: Client):
    asked = {
        "statistics": ["opens"], "interval": "daily", "conversion_metric_id": PLACED,
        "timeframe": {"start": "2026-11-01", "end": "2026-11-05"}, "group_by": ["flow_id", "flow_message_id"],
    }  # fmt: skip
    found = klaviyo.post("flow-series-report", asked).json()["data"]["attributes"]
    true = [row for row in truth.messages(klaviyo.sandbox.world, date(2026, 11, 1), date(2026, 11, 5))
            if row["kind"] == "flow"]  # fmt: skip
    assert len(found["date_times"]) == 5
    assert sum(sum(each["statistics"]["opens"]) for each in found["results"]) == sum(
        row["opened"] for row in true
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"measurements": ["mood"]}, "measurements"),
        ({"filter": SPAN[:1]}, "filter"),
        ({"timezone": "Europe/Kyiv"}, "timezone"),
        ({"by": ["colour"]}, "by"),
    ],
)
def test_a_wrong_question_is_refused(klaviyo: Client, change: dict[str, Any], words: str):
    answer = klaviyo.aggregate("RhPopn", **change)
    assert answer.status_code == 400
    assert words in answer.json()["errors"][0]["detail"]


def test_reports_need_a_conversion_metric(klaviyo: Client):
    asked = {"statistics": ["opens"], "timeframe": {"key": "last_30_days"}}
    assert klaviyo.post("campaign-values-report", asked).status_code == 400


def test_a_missing_revision_or_key_is_refused(klaviyo: Client):
    klaviyo.headers["revision"] = ""
    assert klaviyo.get("/api/accounts").status_code == 400
    klaviyo.headers |= {"revision": "2026-07-15", "Authorization": "Klaviyo-API-Key pk_wrong"}
    assert klaviyo.get("/api/accounts").json()["errors"][0]["code"] == "not_authenticated"


def test_an_oauth_token_lasts_an_hour_and_its_refresh_token_stays(klaviyo: Client):
    form = {**ways("klaviyo")[1], "grant_type": "refresh_token"}
    granted = klaviyo.sandbox.ask("klaviyo", "POST", "/oauth/token", data=form).json()
    assert granted["refresh_token"] == form["refresh_token"]
    klaviyo.headers["Authorization"] = f"Bearer {granted['access_token']}"
    assert klaviyo.get("/api/accounts").status_code == 200
    klaviyo.sandbox.clock.now += timedelta(hours=1, seconds=5)
    assert klaviyo.get("/api/accounts").status_code == 401


def test_flow_messages_are_found_through_their_actions(klaviyo: Client):
    flows = [each["id"] for each in klaviyo.get("/api/flows").json()["data"]]
    names = []
    for flow in flows:
        for action in klaviyo.get(f"/api/flows/{flow}/flow-actions").json()["data"]:
            found = klaviyo.get(f"/api/flow-actions/{action['id']}/flow-messages").json()["data"]
            names += [each["attributes"]["name"] for each in found]
    assert len(names) == len(set(names)) == 5


def test_throttling_says_how_long(klaviyo: Client):
    klaviyo.sandbox.faults.add("rate_limited", "klaviyo", retry_after=9)
    answer = klaviyo.get("/api/accounts")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "9")
    assert answer.json()["errors"][0]["code"] == "throttled"
