"""TikTok's stand-in against the fact sheet: errors inside HTTP 200, JSON arrays in the query, pages, 30 days."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from sandbox import truth
from sandbox.credentials import credentials
from tests.sandbox.conftest import Sandbox

ACCOUNT = "7302220011223344550"
FIRST, LAST = date(2026, 10, 1), date(2026, 10, 30)
METRICS = [
    "spend",
    "impressions",
    "clicks",
    "complete_payment",
    "total_complete_payment_rate",
    "video_watched_2s",
    "campaign_name",
]
GIVEN = credentials("tiktok_ads")


def _ask(
    sandbox: Sandbox, path: str, method: str = "GET", token: str = GIVEN["access_token"], **query: Any
) -> dict[str, Any]:
    texts = {k: v if isinstance(v, str) else json.dumps(v) for k, v in query.items()}
    headers = {"Access-Token": token} if token else {}
    answer = sandbox.ask("tiktok_ads", method, "/open_api/v1.3/" + path, params=texts, headers=headers)
    assert answer.status_code == 200
    return answer.json()


def _report(level: str, name: str, **more: Any) -> dict[str, Any]:
    return {
        "advertiser_id": ACCOUNT, "report_type": "BASIC", "data_level": level, "dimensions": [name, "stat_time_day"],
        "metrics": METRICS, "start_date": str(FIRST), "end_date": str(LAST), "page_size": 1000,
    } | more  # fmt: skip


@pytest.mark.parametrize(
    ("level", "name", "true_level"),
    [("AUCTION_ADVERTISER", "advertiser_id", "account"), ("AUCTION_CAMPAIGN", "campaign_id", "campaign"),
     ("AUCTION_ADGROUP", "adgroup_id", "group"), ("AUCTION_AD", "ad_id", "ad")],
)  # fmt: skip
def test_rows_sum_to_the_truth(sandbox: Sandbox, level: str, name: str, true_level: str):
    rows = _ask(sandbox, "report/integrated/get/", **_report(level, name))["data"]["list"]
    true = truth.total(sandbox.world, "tiktok_ads", ACCOUNT, FIRST, LAST, true_level)
    assert sum(Decimal(row["metrics"]["spend"]) for row in rows) == true["spend"]
    assert sum(int(row["metrics"]["complete_payment"]) for row in rows) == true["conversions"]
    assert (
        sum(Decimal(row["metrics"]["total_complete_payment_rate"]) for row in rows)
        == true["conversion_value"]
    )
    assert rows[0]["dimensions"]["stat_time_day"] == "2026-10-01 00:00:00"


@pytest.mark.parametrize("audience", [["country_code"], ["age", "gender"]])
def test_audience_rows_add_up(sandbox: Sandbox, audience: list[str]):
    change = {"report_type": "AUDIENCE", "dimensions": ["campaign_id", "stat_time_day", *audience]}
    body = _ask(
        sandbox,
        "report/integrated/get/",
        **(_report("AUCTION_CAMPAIGN", "campaign_id") | change | {"start_date": "2026-10-20"}),
    )
    rows = body["data"]["list"]
    true = truth.total(sandbox.world, "tiktok_ads", ACCOUNT, date(2026, 10, 20), LAST, "campaign")
    assert body["data"]["page_info"]["total_page"] == 1
    assert sum(Decimal(row["metrics"]["spend"]) for row in rows) == true["spend"]
    assert sum(int(row["metrics"]["complete_payment"]) for row in rows) == true["conversions"]
    assert set(rows[0]["dimensions"]) == {"campaign_id", "stat_time_day", *audience}


def test_pages_are_numbered_and_complete(sandbox: Sandbox):
    wanted = _report("AUCTION_AD", "ad_id", page_size=20)
    pages = [_ask(sandbox, "report/integrated/get/", **wanted, page=n)["data"] for n in (1, 2, 3, 4, 5)]
    info = pages[0]["page_info"]
    rows = [row for page in pages for row in page["list"]]
    assert len(rows) == info["total_number"]
    assert info["total_page"] == -(-info["total_number"] // 20)
    assert len({json.dumps(row["dimensions"]) for row in rows}) == len(rows)


def test_deleted_campaigns_vanish_without_the_status_filter(sandbox: Sandbox):
    spring = {"start_date": "2026-05-01", "end_date": "2026-05-30"}
    wanted = _report("AUCTION_AD", "ad_id") | spring
    every = wanted | {
        "filtering": [{"field_name": "ad_status", "filter_type": "IN", "filter_value": '["STATUS_ALL"]'}]
    }

    def spend(query: dict[str, Any]) -> Decimal:
        rows = _ask(sandbox, "report/integrated/get/", **query)["data"]["list"]
        return sum((Decimal(row["metrics"]["spend"]) for row in rows), Decimal())

    true = truth.total(sandbox.world, "tiktok_ads", ACCOUNT, date(2026, 5, 1), date(2026, 5, 30), "ad")
    assert spend(wanted) < spend(every) == true["spend"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"page_size": 1001}, 40002),
        ({"end_date": "2026-10-31"}, 40002),
        ({"metrics": ["nonsense"]}, 40002),
        ({"metrics": "spend"}, 40002),
        ({"dimensions": ["ad_id", "stat_time_day"]}, 40002),
        ({"report_type": "NONE"}, 40002),
        ({"advertiser_id": "1"}, 40001),
    ],
)
def test_wrong_parameters_have_a_code_inside_http_200(sandbox: Sandbox, change: dict[str, Any], code: int):
    body = _ask(sandbox, "report/integrated/get/", **(_report("AUCTION_CAMPAIGN", "campaign_id") | change))
    assert body["code"] == code


def test_the_token_belongs_into_its_own_header(sandbox: Sandbox):
    query = {"app_id": GIVEN["app_id"], "secret": GIVEN["secret"]}
    assert _ask(sandbox, "oauth2/advertiser/get/", **query)["data"]["list"][0]["advertiser_id"] == ACCOUNT
    assert _ask(sandbox, "oauth2/advertiser/get/", token="", **query)["code"] == 40104
    assert _ask(sandbox, "oauth2/advertiser/get/", token="no", **query)["code"] == 40105
    sandbox.faults.add("revoked", "tiktok_ads")
    assert _ask(sandbox, "oauth2/advertiser/get/", **query)["code"] == 40105


def test_a_path_needs_its_last_slash(sandbox: Sandbox):
    answer = sandbox.ask("tiktok_ads", "GET", "/open_api/v1.3/advertiser/info")
    assert (answer.status_code, answer.text) == (404, "404 page not found")


def test_accounts_and_entities(sandbox: Sandbox):
    info = _ask(sandbox, "advertiser/info/", advertiser_ids=[ACCOUNT])["data"]["list"][0]
    assert (info["currency"], info["display_timezone"]) == ("GBP", "Europe/London")
    ads = _ask(sandbox, "ad/get/", advertiser_id=ACCOUNT)["data"]
    every = _ask(sandbox, "ad/get/", advertiser_id=ACCOUNT, filtering={"primary_status": "STATUS_ALL"})[
        "data"
    ]
    assert ads["page_info"]["total_number"] + 1 == every["page_info"]["total_number"]
    assert int(ads["list"][0]["ad_id"]) > 2**53


def test_faults_come_inside_http_200(sandbox: Sandbox):
    for kind, more, code in (
        ("rate_limited", {}, 40100),
        ("server_error", {"status": 200}, 50000),
        ("expired", {}, 40102),
    ):
        sandbox.faults.add(kind, "tiktok_ads", **more)
        assert _ask(sandbox, "advertiser/info/", advertiser_ids=[ACCOUNT])["code"] == code
