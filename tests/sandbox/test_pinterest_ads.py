"""Pinterest's stand-in against the fact sheet: rotating refresh tokens, bookmarks, reports whose link ends."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from sandbox import truth
from sandbox.credentials import credentials
from tests.sandbox.conftest import Sandbox

ACCOUNT = "549766220011"
FIRST, LAST = date(2026, 9, 1), date(2026, 9, 30)
COLUMNS = [
    "SPEND_IN_MICRO_DOLLAR",
    "PAID_IMPRESSION",
    "OUTBOUND_CLICK_1",
    "TOTAL_CHECKOUT",
    "TOTAL_CHECKOUT_VALUE_IN_MICRO_DOLLAR",
]
GIVEN = credentials("pinterest_ads")


class Client:
    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.refresh = GIVEN["refresh_token"]
        self.renew()

    def renew(self) -> Any:
        answer = self.sandbox.ask(
            "pinterest_ads", "POST", "/v5/oauth/token", auth=(GIVEN["app_id"], GIVEN["app_secret"]),
            data={"grant_type": "refresh_token", "refresh_token": self.refresh},
        )  # fmt: skip
        if answer.status_code == 200:
            self.token, self.refresh = answer.json()["access_token"], answer.json()["refresh_token"]
        return answer

    def ask(self, path: str, method: str = "GET", **more: Any) -> Any:
        return self.sandbox.ask(
            "pinterest_ads", method, "/v5/" + path, headers={"Authorization": f"Bearer {self.token}"}, **more
        )

    def report(self, **change: Any) -> Any:
        body = {"start_date": str(FIRST), "end_date": str(LAST), "granularity": "DAY", "level": "CAMPAIGN", "columns": COLUMNS,
                "report_format": "JSON"} | change  # fmt: skip
        return self.ask(f"ad_accounts/{ACCOUNT}/reports", "POST", json=body)

    def finished(self, **change: Any) -> str:
        token = self.report(**change).json()["token"]
        states = [
            self.ask(f"ad_accounts/{ACCOUNT}/reports", params={"token": token}).json() for _ in range(2)
        ]
        assert [state["report_status"] for state in states] == ["IN_PROGRESS", "FINISHED"]
        return states[1]["url"]


@pytest.fixture
def pinterest(sandbox: Sandbox) -> Client:
    return Client(sandbox)


@pytest.mark.parametrize(
    ("level", "true_level"),
    [("ADVERTISER", "account"), ("CAMPAIGN", "campaign"), ("AD_GROUP", "group"), ("PIN_PROMOTION", "ad")],
)
def test_a_report_sums_to_the_truth(pinterest: Client, level: str, true_level: str):
    file = pinterest.sandbox.ask("pinterest_ads", "GET", pinterest.finished(level=level)).json()
    rows = [row for many in file.values() for row in many]
    true = truth.total(pinterest.sandbox.world, "pinterest_ads", ACCOUNT, FIRST, LAST, true_level)
    assert sum(row.get("PAID_IMPRESSION", 0) for row in rows) == true["impressions"]
    assert sum(Decimal(row.get("SPEND_IN_MICRO_DOLLAR", 0)) for row in rows) / 1_000_000 == true["spend"]
    assert sum(row.get("TOTAL_CHECKOUT", 0) for row in rows) == true["conversions"]
    assert any("TOTAL_CHECKOUT" not in row for row in rows), "zeros are left out"
    assert {row["DATE"] for row in rows} == {str(FIRST + timedelta(days=n)) for n in range(30)}


def test_the_link_ends_after_five_minutes_and_the_report_after_an_hour(pinterest: Client):
    link = pinterest.finished()
    token = pinterest.report().json()["token"]
    pinterest.sandbox.clock.now += timedelta(minutes=6)
    assert pinterest.sandbox.ask("pinterest_ads", "GET", link).status_code == 403
    pinterest.sandbox.clock.now += timedelta(hours=1)
    state = pinterest.ask(f"ad_accounts/{ACCOUNT}/reports", params={"token": token}).json()
    assert state["report_status"] == "EXPIRED"


def test_analytics_at_once_need_ids_and_ninety_days(pinterest: Client):
    query = {
        "start_date": "2026-11-01",
        "end_date": "2026-11-10",
        "granularity": "DAY",
        "columns": ",".join(COLUMNS),
    }
    path = f"ad_accounts/{ACCOUNT}/campaigns/analytics"
    assert pinterest.ask(path, params=query).json()["code"] == 1
    rows = pinterest.ask(path, params=query | {"campaign_ids": "626735140001"}).json()
    assert {row["CAMPAIGN_ID"] for row in rows} == {"626735140001"}
    old = query | {"start_date": "2026-05-01", "campaign_ids": "626735140001"}
    assert "90 days back" in pinterest.ask(path, params=old).json()["message"]


def test_targeting_adds_up_for_each_type(pinterest: Client):
    first, last = date(2026, 11, 1), date(2026, 11, 10)
    query = {"start_date": str(first), "end_date": str(last), "granularity": "DAY", "columns": ",".join(COLUMNS),
             "campaign_ids": "626735140001,626735140002", "targeting_types": "COUNTRY,GENDER"}  # fmt: skip
    path = f"ad_accounts/{ACCOUNT}/campaigns/targeting_analytics"
    rows = pinterest.ask(path, params=query).json()["data"]
    true = truth.total(pinterest.sandbox.world, "pinterest_ads", ACCOUNT, first, last, "campaign")
    for kind in ("COUNTRY", "GENDER"):
        part = [row["metrics"] for row in rows if row["targeting_type"] == kind]
        assert sum(Decimal(row.get("SPEND_IN_MICRO_DOLLAR", 0)) for row in part) / 1_000_000 == true["spend"]
        assert sum(row.get("TOTAL_CHECKOUT", 0) for row in part) == true["conversions"]
    assert pinterest.ask(path, params=query | {"targeting_types": "X"}).status_code == 400


@pytest.mark.parametrize(
    "change",
    [
        {"level": "X"},
        {"columns": []},
        {"columns": ["X"]},
        {"start_date": "2026-01-01"},
        {"start_date": "2020-01-01"},
    ],
)
def test_wrong_reports_are_refused(pinterest: Client, change: dict[str, Any]):
    answer = pinterest.report(**change)
    assert (answer.status_code, answer.json()["code"]) == (400, 1)


def test_lists_have_bookmarks_and_leave_archived_ones_out(pinterest: Client):
    path = f"ad_accounts/{ACCOUNT}/campaigns"
    first = pinterest.ask(path, params={"page_size": 2}).json()
    second = pinterest.ask(path, params={"page_size": 2, "bookmark": first["bookmark"]}).json()
    assert len(first["items"]) == 2
    assert {item["id"] for item in first["items"]}.isdisjoint(item["id"] for item in second["items"])
    assert second["bookmark"] is None
    assert pinterest.ask(path, params={"page_size": 251}).status_code == 400


def test_every_refresh_brings_a_new_refresh_token_and_ends_the_old(pinterest: Client):
    old = pinterest.refresh
    assert pinterest.renew().json()["refresh_token"] != old
    pinterest.refresh = old
    assert pinterest.renew().status_code == 401


def test_access_ends_after_thirty_days(pinterest: Client):
    pinterest.sandbox.clock.now += timedelta(days=31)
    answer = pinterest.ask("ad_accounts")
    assert (answer.status_code, answer.json()) == (
        401,
        {"code": 2, "message": "Authentication failed.", "status": "failure"},
    )
    assert pinterest.renew().status_code == 200
    assert pinterest.ask("ad_accounts").json()["items"][0]["currency"] == "SEK"


def test_rate_limits_and_other_accounts(pinterest: Client):
    assert pinterest.ask("ad_accounts/1/campaigns").json()["code"] == 29
    pinterest.sandbox.faults.add("rate_limited", "pinterest_ads", retry_after=4)
    answer = pinterest.ask("ad_accounts")
    assert (answer.status_code, answer.json()["code"], answer.headers["x-ratelimit-reset"]) == (429, 8, "4")
