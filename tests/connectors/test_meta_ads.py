"""Meta Ads: actions as metrics, cursors, reports that are prepared, errors by code, and sums against the sandbox."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from connectors._base import Account
from connectors.meta_ads import MetaAds
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

SIGNED_IN = {"access_token": "EAA-planted-token"}
ACCOUNT = Account("123", "Shop", "EUR", "Europe/Berlin")
FIRST, LAST = date(2026, 11, 1), date(2026, 11, 3)


def _actions(**values: str) -> list[dict[str, str]]:
    return [{"action_type": kind.replace("__", "."), "value": value} for kind, value in values.items()]


INSIGHT: dict[str, Any] = {
    "campaign_id": "12021", "adset_id": "12022", "ad_id": "12023", "date_start": "2026-11-01", "date_stop": "2026-11-01",
    "spend": "12.34", "impressions": "1000", "clicks": "40", "inline_link_clicks": "30", "reach": "900",
    "outbound_clicks": _actions(outbound_click="25"),
    "video_play_actions": _actions(video_view="500"), "video_p100_watched_actions": _actions(video_view="20"),
    "actions": _actions(
        offsite_conversion__fb_pixel_purchase="2", purchase="2", omni_purchase="3", post_reaction="7", comment="1",
        post="2", onsite_conversion__post_save="4", video_view="240", landing_page_view="22", something_new="9",
    ),
    "action_values": _actions(purchase="80.00", omni_purchase="120.50"),
}  # fmt: skip


def _page(*found: dict[str, Any], after: str = "") -> dict[str, Any]:
    paging = {"cursors": {"before": "x", "after": after or "last"}}
    if after:
        paging["next"] = f"https://graph.facebook.com/v26.0/x?access_token=EAA-planted-token&after={after}"
    return {"data": list(found), "paging": paging}


def _pull(played: Played, slug: str = "campaign", last: date = LAST) -> list[dict[str, Any]]:
    stream = played.connector.stream(slug)
    return [row for batch in played.connector.pull(ACCOUNT, stream, FIRST, last) for row in batch.rows]


def _reply(*pages: Any) -> Any:
    left = list(pages)
    return lambda asked: left.pop(0) if len(left) > 1 else left[0]


def _error(code: int, message: str = "It failed", **more: Any) -> tuple[int, dict[str, Any]]:
    return 400, {"error": {"message": message, "type": "OAuthException", "code": code, **more}}


def test_actions_become_metrics_and_purchases_are_taken_once():
    (row,) = _pull(play(MetaAds, SIGNED_IN, _reply(_page(INSIGHT))))
    assert row == {
        "day": date(2026, 11, 1), "entity": "12021", "spend": Decimal("12.34"), "impressions": 1000, "clicks": 40,
        "link_clicks": 30, "reach": 900, "outbound_clicks": 25, "video_completions": 20, "video_views_3s": 240,
        "conversions": 3, "conversion_value": Decimal("120.50"), "likes": 7, "comments": 1, "shares": 2, "saves": 4,
        "engagements": 14, "more": {"video_play": 500, "landing_page_view": 22},
    }  # fmt: skip


def test_without_the_widest_purchase_type_the_next_one_counts_with_its_own_value():
    one = INSIGHT | {"actions": _actions(offsite_conversion__fb_pixel_purchase="2", purchase="5")}
    (row,) = _pull(play(MetaAds, SIGNED_IN, _reply(_page(one))))
    assert (row["conversions"], row["conversion_value"]) == (5, Decimal("80.00"))


def test_a_row_without_purchases_has_none_and_not_an_unknown_number():
    one = {name: INSIGHT[name] for name in ("campaign_id", "date_start", "spend", "impressions", "clicks")}
    (row,) = _pull(play(MetaAds, SIGNED_IN, _reply(_page(one))))
    assert (row["conversions"], row["conversion_value"]) == (0, 0)
    assert "likes" not in row


def test_pages_are_followed_by_their_cursor_and_never_by_the_link_with_the_token():
    played = play(MetaAds, SIGNED_IN, _reply(_page(INSIGHT, after="MjQ"), _page(INSIGHT)))
    assert len(_pull(played)) == 2
    assert [asked.params.get("after") for asked in played.asked] == [None, "MjQ"]
    assert all("access_token" not in str(asked.params) for asked in played.asked)
    assert played.asked[0].headers["Authorization"] == "Bearer EAA-planted-token"


def test_the_same_cursor_twice_is_an_error():
    with pytest.raises(UnexpectedAnswer, match="same page twice"):
        _pull(play(MetaAds, SIGNED_IN, _reply(_page(INSIGHT, after="MjQ"))))


def test_archived_and_deleted_campaigns_are_asked_for_by_name():
    played = play(MetaAds, SIGNED_IN, _reply(_page()))
    _pull(played)
    (status,) = json.loads(played.asked[0].params["filtering"])
    assert status["field"] == "campaign.effective_status"
    assert {"ARCHIVED", "DELETED"} <= set(status["value"])


def test_the_proof_of_the_apps_secret_goes_along_when_there_is_one():
    played = play(MetaAds, SIGNED_IN | {"app_secret": "app-secret"}, _reply(_page()))
    _pull(played)
    proof = hmac.new(b"app-secret", b"EAA-planted-token", hashlib.sha256).hexdigest()
    assert played.asked[0].params["appsecret_proof"] == proof


def _prepared(states: list[tuple[str, int]]) -> Any:
    left = list(states)

    def reply(asked: Asked) -> Any:
        if asked.method == "POST":
            return {"report_run_id": "6023"}
        if asked.url.endswith("/insights"):
            return _page(INSIGHT)
        status, percent = left.pop(0)
        return {"id": "6023", "async_status": status, "async_percent_completion": percent}

    return reply


@pytest.mark.parametrize(
    ("slug", "last"), [("ad", LAST), ("campaign", date(2026, 11, 20)), ("ad_group", FIRST)]
)
def test_ads_and_long_ranges_are_prepared_by_meta_first(slug: str, last: date):
    states = [("Job Not Started", 0), ("Job Running", 40), ("Job Completed", 100)]
    played = play(MetaAds, SIGNED_IN, _prepared(states))
    assert len(_pull(played, slug, last)) == 1
    assert played.asked[0].method == "POST"
    assert played.asked[0].body["level"] in {"ad", "adset", "campaign"}
    assert played.waits == [2.0, 3.0]


def test_a_report_that_meta_cannot_prepare_is_asked_for_in_smaller_parts():
    with pytest.raises(TooMuchData):
        _pull(play(MetaAds, SIGNED_IN, _prepared([("Job Failed", 12)])), "ad")


def test_a_report_that_never_ends_is_given_up():
    with pytest.raises(Unreachable, match="half an hour"):
        _pull(play(MetaAds, SIGNED_IN, _prepared([("Job Running", 99)] * 200)), "ad")


def test_a_page_that_is_too_much_is_asked_for_at_half_its_size():
    much = 500, {"error": {"message": "Please reduce the amount of data you're asking for", "code": 1}}
    played = play(MetaAds, SIGNED_IN, _reply(much, _page(INSIGHT)))
    assert len(_pull(played)) == 1
    assert [asked.params["limit"] for asked in played.asked] == [1000, 500]


@pytest.mark.parametrize(
    ("answer", "expected", "words"),
    [
        (_error(190, error_subcode=463), NeedsReconnect, "expired"),
        (_error(190, error_subcode=460), NeedsReconnect, "password"),
        (_error(102), NeedsReconnect, "Reconnect"),
        (_error(200, "No permission"), AccessMissing, "ads_read"),
        (_error(10), AccessMissing, "owner"),
        (_error(100, "Unknown field", error_subcode=1487534), TooMuchData, "smaller"),
        (_error(100, "Invalid parameter"), Refused, "Invalid parameter"),
        (_error(2635), Refused, "version"),
        (_error(2), Unreachable, "problem of its own"),
        (_error(1, is_transient=True), Unreachable, "problem"),
        ((502, b"<html>Bad gateway</html>"), Unreachable, "502"),
    ],
)
def test_errors_are_told_by_their_code(answer: Any, expected: type[SoundingsError], words: str):
    with pytest.raises(expected, match=words) as caught:
        _pull(play(MetaAds, SIGNED_IN, _reply(answer)))
    assert "planted" not in str(caught.value)


def test_a_rate_limit_waits_as_long_as_meta_says():
    usage = {"123": [{"type": "ads_insights", "call_count": 100, "estimated_time_to_regain_access": 3}]}
    limited = (*_error(17, error_subcode=2446079), {"X-Business-Use-Case-Usage": json.dumps(usage)})
    played = play(MetaAds, SIGNED_IN, _reply(limited, _page(INSIGHT)))
    assert len(_pull(played)) == 1
    assert played.waits == [180]


def test_a_limit_of_hours_parks_the_run():
    usage = {"123": [{"type": "ads_insights", "call_count": 100, "estimated_time_to_regain_access": 240}]}
    limited = (*_error(80000), {"X-Business-Use-Case-Usage": json.dumps(usage)})
    with pytest.raises(DayLimitReached, match="4 hours") as caught:
        _pull(play(MetaAds, SIGNED_IN, _reply(limited)))
    assert caught.value.seconds == 240 * 60


def test_a_limit_that_does_not_end_is_passed_on():
    with pytest.raises(RateLimited):
        _pull(play(MetaAds, SIGNED_IN, _reply(_error(4))))


def test_usage_above_three_quarters_slows_down():
    played = play(MetaAds, SIGNED_IN, _reply((200, _page(), {"X-App-Usage": '{"call_count": 90}'})))
    _pull(played)
    assert 10 < played.connector.http.limiter.delay() <= 15


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"spend": "n/a"}, "spend"),
        ({"spend": {"unexpected": []}}, "spend"),
        ({"impressions": "12.5"}, "impressions"),
        ({"actions": {"unexpected": []}}, "actions"),
        ({"date_start": "yesterday"}, "date_start"),
        ({"spend": "NaN"}, "spend"),
    ],
)
def test_a_field_that_is_not_what_it_should_be_is_named(change: dict[str, Any], field: str):
    with pytest.raises(UnexpectedAnswer, match=field):
        _pull(play(MetaAds, SIGNED_IN, _reply(_page(INSIGHT | change))))


@pytest.mark.parametrize("field", ["spend", "impressions", "clicks", "date_start", "campaign_id"])
def test_a_missing_field_is_named(field: str):
    one = {name: value for name, value in INSIGHT.items() if name != field}
    with pytest.raises(UnexpectedAnswer, match=field):
        _pull(play(MetaAds, SIGNED_IN, _reply(_page(one))))


def test_an_answer_that_breaks_off_is_asked_for_again():
    whole = json.dumps(_page(INSIGHT)).encode()
    played = play(MetaAds, SIGNED_IN, _reply(whole[:100], whole[:100], whole))
    assert len(_pull(played)) == 1


def test_a_strange_currency_is_an_error():
    account = {"id": "act_1", "account_id": "1", "name": "x", "currency": "Euro", "timezone_name": "UTC"}
    with pytest.raises(UnexpectedAnswer, match="currency"):
        play(MetaAds, SIGNED_IN, _reply(_page(account))).connector.accounts()


@pytest.mark.parametrize(("money", "budget"), [("EUR", Decimal("50")), ("JPY", Decimal("5000"))])
def test_budgets_are_in_the_smallest_unit_of_the_currency(money: str, budget: Decimal):
    campaign = {"id": "1", "name": "A", "effective_status": "PAUSED", "daily_budget": "5000"}
    played = play(MetaAds, SIGNED_IN, _reply(_page(campaign), _page(), _page()))
    (found,) = played.connector.entities(Account("1", "x", money, "UTC"))
    assert (found.budget, found.budget_period, found.status) == (budget, "day", "paused")


def test_a_long_lived_token_is_exchanged_while_it_lives_and_not_after():
    held = SIGNED_IN | {"app_id": "1", "app_secret": "app-secret"}
    fresh = {"access_token": "EAA-fresh", "expires_in": 5_184_000}
    played = play(MetaAds, held | {"expires_at": time.time() + 1000}, _reply(fresh))
    assert played.connector.renew()
    assert played.connector.token() == "EAA-fresh"
    assert played.asked[0].params["grant_type"] == "fb_exchange_token"
    assert played.connector.sign_in_ends() is not None
    assert not play(MetaAds, held | {"expires_at": time.time() - 1}, _reply(fresh)).connector.renew()
    assert not play(MetaAds, SIGNED_IN, _reply(fresh)).connector.renew()


def test_a_code_becomes_a_long_lived_token():
    played = play(
        MetaAds, {}, _reply({"access_token": "EAA-short", "expires_in": 3600}, {"access_token": "EAA-long"})
    )
    app = {"app_id": "1", "app_secret": "app-secret"}
    found = MetaAds.oauth.exchange(played.connector.http, "Meta Ads", app, "code", "https://here/cb", "")
    assert found["access_token"] == "EAA-long"
    assert [asked.params.get("fb_exchange_token") for asked in played.asked] == [None, "EAA-short"]


@pytest.fixture(scope="module")
def server() -> Iterator[serving.Server]:
    with serving.local(World(now=lambda: NOW)) as running:
        yield running


@pytest.mark.parametrize(("slug", "level"), [("account", "account"), ("campaign", "campaign"), ("ad", "ad")])
def test_sums_equal_the_truth(server: serving.Server, slug: str, level: str):
    connector = reach(server, MetaAds)
    (account,) = connector.accounts()
    first, last = date(2026, 9, 5), date(2026, 9, 30)
    found = rows(connector, account, slug, first, last)
    true = truth.daily(server.world, "meta_ads", account.key, level, first, last)
    assert len(found) == len(true)
    for name in ("impressions", "clicks", "spend", "conversions", "conversion_value"):
        assert sum(row[name] for row in found) == sum(row[name] for row in true)


def test_totals_equal_the_sums_of_campaigns(server: serving.Server):
    connector = reach(server, MetaAds)
    (account,) = connector.accounts()
    totals = connector.totals(account, FIRST, LAST)
    for day in totals:
        found = [row for row in rows(connector, account, "campaign", FIRST, LAST) if row["day"] == day]
        assert totals[day]["spend"] == sum(row["spend"] for row in found)


def test_the_demo_has_removed_campaigns_and_two_of_one_name(server: serving.Server):
    connector = reach(server, MetaAds)
    (account,) = connector.accounts()
    found = [entity for entity in connector.entities(account) if entity.level == "campaign"]
    assert {entity.status for entity in found} >= {"active", "removed"}
    assert len({entity.name for entity in found}) < len({entity.key for entity in found})


def test_a_withdrawn_token_asks_to_reconnect(server: serving.Server):
    server.faults.add("revoked", "meta_ads")
    try:
        with pytest.raises(NeedsReconnect):
            reach(server, MetaAds).accounts()
    finally:
        server.faults.reconnect("meta_ads")


def test_another_version_is_asked_for_everywhere_also_at_the_door(monkeypatch):
    monkeypatch.setattr(MetaAds, "api_version", "v99.0")
    played = play(MetaAds, {"app_id": "1", "app_secret": "two"}, lambda asked: {"access_token": "EAA-fresh"})
    assert "/v99.0/dialog/oauth" in played.connector.allow_address("https://here.example/back", "state", "")
    played.connector.exchange("code", "https://here.example/back", "")
    assert all("/v99.0/" in asked.url for asked in played.asked)
