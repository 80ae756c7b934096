"""TikTok Ads: errors inside HTTP 200, numbered pages, exact values, and sums against the sandbox."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors._base import Account
from connectors._tiktok_rows import REPORT
from connectors._tiktok_rows import rows as read_rows
from connectors.tiktok_ads import TikTokAds
from errors import (
    AccessMissing,
    DayLimitReached,
    NeedsReconnect,
    RateLimited,
    Refused,
    SoundingsError,
    TooMuchData,
    UnexpectedAnswer,
    Unreachable,
)
from sandbox import serving, truth
from sandbox.world import World
from tests.connectors.answers import Asked, Played, play
from tests.connectors.sandboxed import NOW, reach, rows

SIGNED_IN = {"access_token": "planted-token", "app_id": "74", "secret": "planted-secret"}
ACCOUNT = Account("7302", "Shop", "GBP", "Europe/London")
FIRST, LAST = date(2026, 11, 1), date(2026, 11, 3)
METRICS: dict[str, Any] = {
    "spend": "12.30", "impressions": "900", "clicks": "14", "reach": "800", "complete_payment": "3",
    "value_per_complete_payment": "33.33", "total_complete_payment_rate": "100.00", "conversion": "2.00",
    "video_play_actions": "700", "average_video_play": "3.21", "video_watched_2s": "300", "video_watched_6s": "120",
    "video_views_p100": "40", "likes": "9", "comments": "1", "shares": "2", "follows": "5", "profile_visits": "-",
    "campaign_id": "1801230000000100001",
}  # fmt: skip


def _line(metrics: dict[str, Any] | None = None, **dimensions: str) -> dict[str, Any]:
    place = {"campaign_id": "1801230000000100001", "stat_time_day": "2026-11-01 00:00:00"} | dimensions
    return {"dimensions": place, "metrics": METRICS if metrics is None else metrics}


def _page(*lines: dict[str, Any], page: int = 1, pages: int = 1) -> dict[str, Any]:
    info = {"page": page, "page_size": 1000, "total_number": len(lines), "total_page": pages}
    return {"code": 0, "message": "OK", "request_id": "1", "data": {"list": list(lines), "page_info": info}}


def _error(code: int, message: str = "It failed.") -> dict[str, Any]:
    return {"code": code, "message": message, "request_id": "1", "data": {}}


def _reply(*pages: Any) -> Any:
    left = list(pages)
    return lambda asked: left.pop(0) if len(left) > 1 else left[0]


def _pull(played: Played, slug: str = "campaign") -> list[dict[str, Any]]:
    stream = played.connector.stream(slug)
    return [row for batch in played.connector.pull(ACCOUNT, stream, FIRST, LAST) for row in batch.rows]


def test_figures_come_as_text_and_a_dash_is_not_measured():
    (row,) = _pull(play(TikTokAds, SIGNED_IN, _reply(_page(_line()))))
    assert row == {
        "day": date(2026, 11, 1), "entity": "1801230000000100001", "spend": Decimal("12.30"), "impressions": 900,
        "clicks": 14, "reach": 800, "views": 700, "video_views_2s": 300, "video_views_6s": 120, "video_completions": 40,
        "likes": 9, "comments": 1, "shares": 2, "engagements": 12, "conversions": 3, "conversion_value": Decimal("100.00"),
        "watch_time_s": Decimal("2247.00"), "more": {"follows": 5, "conversion": "2.00"},
    }  # fmt: skip


def test_a_total_that_is_no_value_is_not_taken_for_one():
    odd = METRICS | {"total_complete_payment_rate": "0.21"}
    (row,) = _pull(play(TikTokAds, SIGNED_IN, _reply(_page(_line(odd)))))
    assert row["conversion_value"] == Decimal("99.99")


@given(st.integers(1, 5_000), st.integers(1, 100_000_000))
def test_the_value_is_exact_wherever_tiktok_gives_the_total(payments: int, cents: int):
    total = Decimal(cents) / 100
    metrics = METRICS | {
        "complete_payment": str(payments),
        "value_per_complete_payment": str(round(total / payments, 2)),
        "total_complete_payment_rate": str(total),
    }
    (row,) = read_rows(
        REPORT.decode(json.dumps(_page(_line(metrics | {"profile_visits": None})))).data.lines, "campaign", ()
    )
    assert row["conversion_value"] == total


def test_lower_levels_name_the_campaign_above():
    (row,) = _pull(play(TikTokAds, SIGNED_IN, _reply(_page(_line(ad_id="99")))), "ad")
    assert (row["entity"], row["campaign"]) == ("99", "1801230000000100001")


def test_every_page_is_read_with_the_header_that_tiktok_wants():
    played = play(TikTokAds, SIGNED_IN, _reply(_page(_line(), pages=2), _page(_line(), page=2, pages=2)))
    assert len(_pull(played)) == 2
    assert [asked.params["page"] for asked in played.asked] == [1, 2]
    assert played.asked[0].headers == {"Access-Token": "planted-token"}
    assert played.asked[0].url.endswith("/open_api/v1.3/report/integrated/get/")


def test_deleted_objects_are_asked_for():
    played = play(TikTokAds, SIGNED_IN, _reply(_page()))
    _pull(played)
    assert json.loads(played.asked[0].params["filtering"]) == [
        {"field_name": "campaign_status", "filter_type": "IN", "filter_value": '["STATUS_ALL"]'}
    ]


def test_a_page_that_comes_again_is_an_error():
    with pytest.raises(UnexpectedAnswer, match="page 1 instead of page 2"):
        _pull(play(TikTokAds, SIGNED_IN, _reply(_page(_line(), pages=3))))


def test_metrics_that_tiktok_does_not_know_are_left_out():
    unknown = _error(40002, "Invalid metric fields: ['follows', 'video_watched_6s']")
    played = play(TikTokAds, SIGNED_IN, _reply(unknown, _page(_line())))
    assert len(_pull(played)) == 1
    assert "follows" in played.asked[0].params["metrics"]
    assert not {"follows", "video_watched_6s"} & set(json.loads(played.asked[1].params["metrics"]))


@pytest.mark.parametrize(
    ("answer", "expected", "words"),
    [
        (_error(40105, "Access token is incorrect or has been revoked."), NeedsReconnect, "Reconnect"),
        (_error(40102), NeedsReconnect, "safe"),
        (_error(40001, "No permission"), AccessMissing, "owner"),
        (_error(40002, "advertiser_id: Missing"), Refused, "40002"),
        (_error(40067, "Too large"), TooMuchData, "smaller"),
        (_error(50000), Unreachable, "problem of its own"),
        (_error(51305), Unreachable, "problem"),
        (_error(40100, "Requests per day exceeded"), DayLimitReached, "midnight UTC"),
        ((504, b"upstream request timeout"), Unreachable, "504"),
        ((200, b"<html>maintenance</html>"), UnexpectedAnswer, "not JSON"),
    ],
)
def test_errors_inside_http_200_are_told_by_their_code(
    answer: Any, expected: type[SoundingsError], words: str
):
    with pytest.raises(expected, match=words) as caught:
        _pull(play(TikTokAds, SIGNED_IN, _reply(answer)))
    assert "planted" not in str(caught.value)


@pytest.mark.parametrize(("said", "seconds"), [("Too many requests per second", 1), ("QPM limit", 300)])
def test_a_limit_waits_by_its_kind(said: str, seconds: int):
    played = play(TikTokAds, SIGNED_IN, _reply(_error(40100, said), _page(_line())))
    assert len(_pull(played)) == 1
    assert played.waits == [seconds]


def test_a_limit_without_a_kind_backs_off_and_gives_up():
    with pytest.raises(RateLimited):
        _pull(play(TikTokAds, SIGNED_IN, _reply(_error(40100, "Too many requests."))))


@pytest.mark.parametrize(
    ("change", "field"),
    [({"spend": "many"}, "spend"), ({"clicks": {"x": []}}, "clicks"), ({"likes": "1.5"}, "likes")],
)
def test_a_field_that_is_not_what_it_should_be_is_named(change: dict[str, Any], field: str):
    with pytest.raises(UnexpectedAnswer, match=field):
        _pull(play(TikTokAds, SIGNED_IN, _reply(_page(_line(METRICS | change)))))


@pytest.mark.parametrize("field", ["spend", "stat_time_day", "campaign_id", "complete_payment"])
def test_a_missing_field_is_named(field: str):
    line = _line()
    line = {part: {name: v for name, v in held.items() if name != field} for part, held in line.items()}
    with pytest.raises(UnexpectedAnswer, match=field):
        _pull(play(TikTokAds, SIGNED_IN, _reply(_page(line))))


def test_accounts_need_the_app_or_their_ids():
    with pytest.raises(AccessMissing, match="Advertiser IDs"):
        play(TikTokAds, {"access_token": "planted-token"}, _reply(_page())).connector.accounts()


def test_given_ids_are_read_without_the_app():
    one = {"advertiser_id": "7", "name": "Shop", "currency": "GBP", "display_timezone": "Europe/London"}
    held = {"access_token": "planted-token", "advertiser_id": "7, 8"}
    played = play(TikTokAds, held, _reply({"code": 0, "message": "OK", "data": {"list": [one]}}))
    (account,) = played.connector.accounts()
    assert (account.key, account.currency, account.time_zone) == ("7", "GBP", "Europe/London")
    assert json.loads(played.asked[0].params["advertiser_ids"]) == ["7", "8"]


@pytest.mark.parametrize(
    ("switch", "detail", "status"),
    [
        ("ENABLE", "CAMPAIGN_STATUS_ENABLE", "active"),
        ("DISABLE", "CAMPAIGN_STATUS_DISABLE", "paused"),
        ("DISABLE", "CAMPAIGN_STATUS_DELETE", "removed"),
        ("ENABLE", "ADGROUP_STATUS_TIME_DONE", "ended"),
    ],
)
def test_states_and_budgets_of_campaigns(switch: str, detail: str, status: str):
    one = {"campaign_id": "1", "campaign_name": "A", "operation_status": switch, "secondary_status": detail,
           "budget": 50.5, "budget_mode": "BUDGET_MODE_DAY"}  # fmt: skip
    played = play(TikTokAds, SIGNED_IN, _reply(_page(one), _page(), _page()))
    (found,) = played.connector.entities(ACCOUNT)
    assert (found.status, found.budget, found.budget_period) == (status, Decimal("50.5"), "day")


def test_an_auth_code_becomes_a_token_without_an_end():
    def reply(asked: Asked) -> Any:
        return {"code": 0, "message": "OK", "data": {"access_token": "new-token", "advertiser_ids": ["7"]}}

    played = play(TikTokAds, {}, reply)
    app = {"app_id": "74", "secret": "planted-secret"}
    assert "planted" not in TikTokAds.oauth.address(app, "https://here/cb", "state", "")
    found = TikTokAds.oauth.exchange(played.connector.http, "TikTok Ads", app, "code", "https://here/cb", "")
    assert (found["access_token"], found["expires_at"]) == ("new-token", None)
    assert played.asked[0].body == {**app, "auth_code": "code"}


@pytest.fixture(scope="module")
def server() -> Iterator[serving.Server]:
    with serving.local(World(now=lambda: NOW)) as running:
        yield running


@pytest.mark.parametrize(("slug", "level"), [("account", "account"), ("campaign", "campaign"), ("ad", "ad")])
def test_sums_equal_the_truth(server: serving.Server, slug: str, level: str):
    connector = reach(server, TikTokAds)
    (account,) = connector.accounts()
    first, last = date(2026, 10, 22), date(2026, 11, 20)
    found = rows(connector, account, slug, first, last)
    true = truth.daily(server.world, "tiktok_ads", account.key, level, first, last)
    assert len(found) == len(true)
    for name in ("impressions", "clicks", "spend", "conversions", "conversion_value"):
        assert sum(row[name] for row in found) == sum(row[name] for row in true)


def test_a_removed_campaign_keeps_its_figures(server: serving.Server):
    connector = reach(server, TikTokAds)
    (account,) = connector.accounts()
    removed = {e.key for e in connector.entities(account) if e.level == "campaign" and e.status == "removed"}
    found = rows(connector, account, "campaign", date(2026, 5, 1), date(2026, 5, 30))
    assert removed & {row["entity"] for row in found}


def test_the_demos_faults_are_survived(server: serving.Server):
    connector = reach(server, TikTokAds)
    (account,) = connector.accounts()
    before = rows(connector, account, "campaign", FIRST, LAST)
    for kind in ("rate_limited", "server_error", "truncated_json", "html", "reset"):
        server.faults.add(kind, "tiktok_ads", count=2)
        assert rows(connector, account, "campaign", FIRST, LAST) == before
