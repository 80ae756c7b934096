"""Meta's stand-in against the fact sheet: accounts, insights in pages and runs, actions, errors by code."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from sandbox import truth
from sandbox.credentials import credentials
from tests.sandbox.conftest import Sandbox

ACCOUNT = "903100220011"
FIRST, LAST = date(2026, 9, 1), date(2026, 9, 30)
STATUSES = ["ACTIVE", "PAUSED", "ARCHIVED", "DELETED"]


class Client:
    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.token = credentials("meta_ads")["access_token"]

    def ask(self, path: str, method: str = "GET", **query: Any) -> Any:
        texts = {k: v if isinstance(v, str) else json.dumps(v) for k, v in query.items()}
        return self.sandbox.ask(
            "meta_ads", method, "/v26.0/" + path, params={"access_token": self.token} | texts
        )

    def all(self, path: str, **query: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        body = self.ask(path, **query).json()
        for _ in range(200):
            found += body["data"]
            link = body.get("paging", {}).get("next")
            if not link:
                return found
            assert link.startswith("http://sandbox/meta_ads/v26.0/")
            body = self.sandbox.ask("meta_ads", "GET", link).json()
        raise AssertionError("the pages do not end")

    def insights(self, level: str = "campaign", **more: Any) -> dict[str, Any]:
        known = {
            "level": level, "time_increment": 1, "time_range": {"since": str(FIRST), "until": str(LAST)},
            "fields": "campaign_id,impressions,clicks,spend,reach,actions,action_values",
            "filtering": [{"field": f"{level}.effective_status", "operator": "IN", "value": STATUSES}],
        }  # fmt: skip
        if level == "account":
            known.pop("filtering")
        return known | more

    def code(self, path: str, **query: Any) -> tuple[int, int | None]:
        error = self.ask(path, **query).json()["error"]
        return error["code"], error.get("error_subcode")


@pytest.fixture
def meta(sandbox: Sandbox) -> Client:
    return Client(sandbox)


def _purchases(rows: list[dict[str, Any]], field: str, kind: str = "omni_purchase") -> Decimal:
    actions = (action for row in rows for action in row.get(field, ()) if action["action_type"] == kind)
    return sum((Decimal(action["value"]) for action in actions), Decimal())


@pytest.mark.parametrize(
    ("level", "true_level"),
    [("account", "account"), ("campaign", "campaign"), ("adset", "group"), ("ad", "ad")],
)
def test_pages_sum_to_the_truth(meta: Client, level: str, true_level: str):
    rows = meta.all(f"act_{ACCOUNT}/insights", **meta.insights(level, limit=17))
    true = truth.total(meta.sandbox.world, "meta_ads", ACCOUNT, FIRST, LAST, true_level)
    assert sum(int(row["impressions"]) for row in rows) == true["impressions"]
    assert sum(Decimal(row["spend"]) for row in rows) == true["spend"]
    assert _purchases(rows, "actions") == true["conversions"]
    assert _purchases(rows, "action_values") == true["conversion_value"]
    assert all(isinstance(row["reach"], str) for row in rows)


@pytest.mark.parametrize("breakdowns", [["country"], ["age", "gender"]])
def test_breakdowns_add_up(meta: Client, breakdowns: list[str]):
    rows = meta.all(f"act_{ACCOUNT}/insights", **meta.insights(limit=90, breakdowns=breakdowns))
    true = truth.total(meta.sandbox.world, "meta_ads", ACCOUNT, FIRST, LAST, "campaign")
    assert sum(Decimal(row["spend"]) for row in rows) == true["spend"]
    assert _purchases(rows, "actions") == true["conversions"]
    assert all(row[name] for row in rows for name in breakdowns)
    assert meta.code(f"act_{ACCOUNT}/insights", breakdowns=["nonsense"])[0] == 100


def test_archived_campaigns_have_rows_only_when_they_are_asked_for(meta: Client):
    path = f"act_{ACCOUNT}/insights"
    every = meta.all(path, **meta.insights(limit=500))
    living = meta.all(path, **(meta.insights(limit=500) | {"filtering": []}))
    assert sum(Decimal(r["spend"]) for r in living) < sum(Decimal(r["spend"]) for r in every)
    names = meta.all(f"act_{ACCOUNT}/campaigns", fields="id,name,effective_status", effective_status=STATUSES)
    same = [row for row in names if row["name"] == "US_Retargeting"]
    assert {row["effective_status"] for row in same} == {"ACTIVE", "ARCHIVED"}


def test_a_report_run_goes_on_by_percent_and_says_the_same(meta: Client):
    wanted = meta.insights("ad")
    run = meta.ask(f"act_{ACCOUNT}/insights", "POST", **wanted).json()["report_run_id"]
    assert meta.code(f"{run}/insights")[0] == 2601
    first, second = meta.ask(run).json(), meta.ask(run).json()
    assert (first["async_status"], first["async_percent_completion"]) == ("Job Running", 60)
    assert (second["async_status"], second["async_percent_completion"]) == ("Job Completed", 100)
    at_once = meta.all(f"act_{ACCOUNT}/insights", **wanted, limit=100)
    assert meta.all(f"{run}/insights", limit="40") == at_once


def test_windows_come_only_when_asked_and_dead_ones_never(meta: Client):
    plain = meta.all(f"act_{ACCOUNT}/insights", **meta.insights(limit=500))
    windows = ["1d_click", "7d_click", "1d_view", "7d_view"]
    split = meta.all(
        f"act_{ACCOUNT}/insights", **meta.insights(limit=500, action_attribution_windows=windows)
    )

    def purchases(rows: list[dict[str, Any]]) -> list[dict[str, str]]:
        return [a for row in rows for a in row.get("actions", ()) if a["action_type"] == "purchase"]

    assert all(set(a) == {"action_type", "value"} for a in purchases(plain))
    assert not any("7d_view" in a for a in purchases(split))
    for one in purchases(split):
        assert int(one["value"]) == int(one.get("7d_click", 0)) + int(one.get("1d_view", 0))


def test_purchase_types_overlap(meta: Client):
    rows = meta.all(f"act_{ACCOUNT}/insights", **meta.insights(limit=500))
    assert _purchases(rows, "actions", "purchase") == _purchases(rows, "actions") > 0


def test_a_page_has_twenty_five_rows_and_usage_headers(meta: Client):
    answer = meta.ask(f"act_{ACCOUNT}/insights", **meta.insights())
    assert len(answer.json()["data"]) == 25
    assert "ads_insights" in answer.headers["x-business-use-case-usage"]


def test_errors_are_told_apart_by_code(meta: Client):
    path = f"act_{ACCOUNT}/insights"
    assert meta.code("act_1/insights") == (100, 33)
    assert meta.code(path, fields="nonsense")[0] == 100
    assert meta.code(path, level="adgroup")[0] == 100
    assert meta.code(path, time_range={"since": "2022-01-01", "until": "2022-01-02"})[0] == 3018
    assert meta.code(path, limit="9999")[0] == 1
    assert meta.sandbox.ask("meta_ads", "GET", "/v26.0/me/adaccounts").json()["error"]["code"] == 104
    assert (
        meta.sandbox.ask(
            "meta_ads", "GET", "/v19.0/me/adaccounts", params={"access_token": meta.token}
        ).json()["error"]["code"]
        == 2635
    )
    meta.token = "EAAnonsense"
    assert meta.code("me/adaccounts") == (190, None)


def test_the_proof_of_the_apps_secret_is_checked(meta: Client):
    secret = credentials("meta_ads")["app_secret"]
    good = hmac.new(secret.encode(), meta.token.encode(), hashlib.sha256).hexdigest()
    assert meta.ask("me/adaccounts", appsecret_proof=good).status_code == 200
    assert meta.code("me/adaccounts", appsecret_proof="0" * 64)[0] == 100


def test_signing_in_gives_a_short_token_that_is_exchanged_for_sixty_days(meta: Client):
    app = {"client_id": "415555010011", "redirect_uri": "https://app.example/back"}
    page = meta.sandbox.ask(
        "meta_ads", "GET", "/v26.0/dialog/oauth", params=app | {"state": "s1", "scope": "ads_read"}
    ).text
    link = page.split('id="allow" href="')[1].split('"')[0].replace("&amp;", "&")
    given = {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}
    assert given["state"] == "s1"
    known = app | {"client_secret": credentials("meta_ads")["app_secret"]}

    def token(**more: str) -> dict[str, Any]:
        return meta.sandbox.ask("meta_ads", "GET", "/v26.0/oauth/access_token", params=known | more).json()

    short = token(code=given["code"])
    assert short["expires_in"] < 7_300
    assert token(code=given["code"])["error"]["code"] == 100
    long = token(grant_type="fb_exchange_token", fb_exchange_token=short["access_token"])
    assert long["expires_in"] == 60 * 86_400
    meta.token = long["access_token"]
    assert meta.ask("me/adaccounts").status_code == 200
    meta.sandbox.clock.now += timedelta(days=61)
    assert meta.code("me/adaccounts") == (190, 463)


def test_a_token_without_ads_read_is_refused(meta: Client):
    meta.token = meta.sandbox.app.state.platforms["meta_ads"].tokens.fixed(
        "meta_ads", "access", prefix="EAA", scope="public_profile"
    )
    assert meta.code("me/adaccounts")[0] == 200


def test_faults_answer_as_meta_does(meta: Client):
    meta.sandbox.faults.add("rate_limited", "meta_ads")
    limited = meta.ask("me/adaccounts")
    assert (limited.status_code, limited.json()["error"]["code"]) == (400, 80000)
    usage = json.loads(limited.headers["x-business-use-case-usage"])[ACCOUNT][0]
    assert usage["estimated_time_to_regain_access"] == 1
    meta.sandbox.faults.add("too_much", "meta_ads")
    assert "reduce the amount of data" in meta.ask(f"act_{ACCOUNT}/insights").json()["error"]["message"]
    meta.sandbox.faults.add("revoked", "meta_ads")
    assert meta.code("me/adaccounts") == (190, 458)
