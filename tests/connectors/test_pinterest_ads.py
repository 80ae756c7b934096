"""Pinterest Ads: reports made and downloaded, tokens that rotate, and sums against the sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from connectors._base import Account, Credentials
from connectors.pinterest_ads import PinterestAds
from errors import (
    AccessMissing,
    DayLimitReached,
    NeedsReconnect,
    Refused,
    SoundingsError,
    UnexpectedAnswer,
    Unreachable,
)
from sandbox import serving, truth
from sandbox.world import World
from tests.connectors.answers import Asked, Played, play
from tests.connectors.sandboxed import NOW, reach, rows

SIGNED_IN = {"access_token": "pina_planted"}
ACCOUNT = Account("549", "Shop", "SEK", "UTC")
FIRST, LAST = date(2026, 11, 1), date(2026, 11, 3)
ROW: dict[str, Any] = {
    "CAMPAIGN_ID": "626", "AD_ID": "687", "DATE": "2026-11-01", "SPEND_IN_MICRO_DOLLAR": 12_345_678, "IMPRESSION_1": 900,
    "IMPRESSION_2": 50, "CLICKTHROUGH_1": 30, "OUTBOUND_CLICK_1": 12, "REPIN_1": 6, "ENGAGEMENT_1": 48,
    "TOTAL_IMPRESSION_USER": 700, "TOTAL_CHECKOUT": 2, "TOTAL_CHECKOUT_VALUE_IN_MICRO_DOLLAR": 99_500_000,
    "VIDEO_3SEC_VIEWS_1": 100,
}  # fmt: skip
LINK = "https://pinterest-reports.example/file?sig=planted"


class Reports:
    """Answers like Pinterest: creates, polls, and hands out files; `files` are the answers to downloads."""

    def __init__(self, *files: Any, states: tuple[str, ...] = ("IN_PROGRESS", "FINISHED")) -> None:
        self.files, self.states, self.left = list(files), states, list(states)

    def __call__(self, asked: Asked) -> Any:
        if asked.url == LINK:
            return self.files.pop(0)
        if asked.method == "POST":
            self.left = list(self.states)
            return {"report_status": "IN_PROGRESS", "token": "t1", "message": None}
        state = self.left.pop(0) if len(self.left) > 1 else self.left[0]
        return {"report_status": state, "url": LINK if state == "FINISHED" else None}


def _pull(played: Played, slug: str = "campaign") -> list[dict[str, Any]]:
    stream = played.connector.stream(slug)
    return [row for batch in played.connector.pull(ACCOUNT, stream, FIRST, LAST) for row in batch.rows]


def test_paid_columns_become_metrics_in_the_accounts_currency():
    (row,) = _pull(play(PinterestAds, SIGNED_IN, Reports({"626": [ROW]})))
    assert row == {
        "day": date(2026, 11, 1), "entity": "626", "spend": Decimal("12.345678"), "impressions": 900, "clicks": 30,
        "closeups": 30, "outbound_clicks": 12, "saves": 6, "engagements": 36, "conversions": 2,
        "conversion_value": Decimal("99.5"), "reach": 700, "video_views_3s": 100,
        "more": {"impression_2": 50, "engagement_1": 48},
    }  # fmt: skip


def test_zeros_are_left_out_by_pinterest_and_count_as_zero():
    (row,) = _pull(
        play(PinterestAds, SIGNED_IN, Reports({"626": [{"CAMPAIGN_ID": "626", "DATE": "2026-11-01"}]}))
    )
    assert (row["spend"], row["clicks"], row["conversions"]) == (0, 0, 0)
    assert "reach" not in row


def test_the_report_is_downloaded_at_once_and_without_the_token():
    played = play(PinterestAds, SIGNED_IN, Reports({"626": [ROW]}))
    assert len(_pull(played, "ad")) == 1
    made, *_, download = played.asked
    assert made.body["level"] == "PIN_PROMOTION"
    assert (made.body["click_window_days"], made.body["view_window_days"]) == (30, 1)
    assert download.headers == {}
    assert played.waits == [2.0]


def test_a_link_that_ran_out_gets_a_new_report():
    expired = 403, b"<Error><Message>Request has expired</Message></Error>"
    played = play(PinterestAds, SIGNED_IN, Reports(expired, {"626": [ROW]}))
    assert len(_pull(played)) == 1
    assert sum(asked.method == "POST" for asked in played.asked) == 2


@pytest.mark.parametrize("state", ["FAILED", "EXPIRED", "CANCELLED", "DOES_NOT_EXIST"])
def test_reports_that_never_come_are_given_up_after_some_tries(state: str):
    played = play(PinterestAds, SIGNED_IN, Reports(states=(state,)))
    with pytest.raises(Unreachable):
        _pull(played)
    assert sum(asked.method == "POST" for asked in played.asked) == 3


def test_an_empty_account_has_no_rows():
    assert _pull(play(PinterestAds, SIGNED_IN, Reports({}))) == []


def test_columns_that_pinterest_does_not_know_are_left_out():
    reports = Reports({"626": [ROW]})

    def reply(asked: Asked) -> Any:
        if asked.method == "POST" and "VIDEO_MRC_VIEWS_1" in asked.body["columns"]:
            return 400, {"code": 1, "message": "'VIDEO_MRC_VIEWS_1' is not one of the allowed columns"}
        return reports(asked)

    assert len(_pull(play(PinterestAds, SIGNED_IN, reply))) == 1


def test_a_breakdown_is_asked_for_campaign_by_campaign():
    def reply(asked: Asked) -> Any:
        if asked.url.endswith("/campaigns"):
            return {"items": [{"id": "626"}, {"id": "627"}], "bookmark": None}
        assert asked.params["campaign_ids"] == "626,627"
        return {"data": [{"targeting_type": "COUNTRY", "targeting_value": "SE", "metrics": ROW}]}

    (row,) = _pull(play(PinterestAds, SIGNED_IN, reply), "campaign_by_country")
    assert (row["entity"], row["segment"]) == ("626", "SE")


def test_lists_are_followed_by_their_bookmark():
    pages = iter([{"items": [], "bookmark": "b"}, {"items": [], "bookmark": None}] * 3)
    played = play(PinterestAds, SIGNED_IN, lambda asked: next(pages))
    assert list(played.connector.entities(ACCOUNT)) == []
    assert [asked.params.get("bookmark") for asked in played.asked[:2]] == [None, "b"]
    assert "ARCHIVED" in played.asked[0].params["entity_statuses"]


def test_the_same_bookmark_twice_is_an_error():
    with pytest.raises(UnexpectedAnswer, match="twice"):
        list(
            play(PinterestAds, SIGNED_IN, lambda asked: {"items": [], "bookmark": "b"}).connector.entities(
                ACCOUNT
            )
        )


@pytest.mark.parametrize(
    ("answer", "expected", "words"),
    [
        ((401, {"code": 2, "message": "Authentication failed."}), NeedsReconnect, "Reconnect"),
        ((401, {"code": 3, "message": "Your token lacks a scope"}), AccessMissing, "ads:read"),
        ((403, {"code": 29, "message": "Not permitted"}), AccessMissing, "Analyst"),
        ((400, {"code": 1, "message": "Invalid request: level"}), Refused, "level"),
        ((500, {"code": 0, "message": "oops"}), Unreachable, "500"),
        ((429, {"code": 8, "message": "Slow"}, {"X-RateLimit-Reset": "40000"}), DayLimitReached, "used up"),
    ],
)
def test_errors_are_told_apart(answer: Any, expected: type[SoundingsError], words: str):
    with pytest.raises(expected, match=words):
        _pull(play(PinterestAds, SIGNED_IN, lambda asked: answer))


def test_a_limit_waits_as_long_as_the_header_says():
    answers = [(429, {"code": 8, "message": "Slow"}, {"X-RateLimit-Reset": "7"})]
    reports = Reports({"626": [ROW]})
    played = play(PinterestAds, SIGNED_IN, lambda asked: answers.pop() if answers else reports(asked))
    assert len(_pull(played)) == 1
    assert 7 in played.waits


@pytest.mark.parametrize("change", [{"SPEND_IN_MICRO_DOLLAR": "much"}, {"DATE": 5}, {"IMPRESSION_1": [1]}])
def test_a_field_that_is_not_what_it_should_be_is_an_error(change: dict[str, Any]):
    with pytest.raises(UnexpectedAnswer, match="not what it documents"):
        _pull(play(PinterestAds, SIGNED_IN, Reports({"626": [ROW | change]})))


def test_a_missing_id_is_named():
    with pytest.raises(UnexpectedAnswer, match="CAMPAIGN_ID"):
        _pull(play(PinterestAds, SIGNED_IN, Reports({"626": [{"DATE": "2026-11-01"}]})))


def test_budgets_are_in_millionths():
    campaign = {
        "id": "1",
        "name": "A",
        "status": "ARCHIVED",
        "daily_spend_cap": 5_500_000,
        "lifetime_spend_cap": None,
    }
    group = {"id": "2", "name": None, "status": "ACTIVE", "campaign_id": "1", "budget_in_micro_currency": 7_000_000,
             "budget_type": "LIFETIME", "summary_status": "COMPLETED"}  # fmt: skip
    pages = iter([{"items": [campaign]}, {"items": [group]}, {"items": []}])
    first, second = play(PinterestAds, SIGNED_IN, lambda asked: next(pages)).connector.entities(ACCOUNT)
    assert (first.budget, first.budget_period, first.status) == (Decimal("5.5"), "day", "removed")
    assert (second.budget, second.budget_period, second.status) == (Decimal(7), "lifetime", "ended")
    assert (second.name, second.parent) == ("2", ("campaign", "1"))


def test_a_renewed_refresh_token_is_handed_over_to_be_kept():
    kept: list[dict[str, Any]] = []

    def keeper(renew: Any, stale: object) -> Credentials:
        kept.append(renew(held))
        return Credentials({**held, **kept[-1]})

    held = Credentials({"app_id": "15", "app_secret": "planted-secret", "refresh_token": "pinr.old"})
    fresh = {"access_token": "pina_new", "expires_in": 2_592_000, "refresh_token": "pinr.new",
             "refresh_token_expires_in": 5_184_000}  # fmt: skip
    played = play(PinterestAds, dict(held), lambda asked: fresh, keeper)
    assert played.connector.token() == "pina_new"
    assert kept[0]["refresh_token"] == "pinr.new"
    assert played.asked[0].body["continuous_refresh"] == "true"
    assert played.asked[0].parts["auth"] == ("15", "planted-secret")


@pytest.fixture(scope="module")
def server() -> Iterator[serving.Server]:
    with serving.local(World(now=lambda: NOW)) as running:
        yield running


@pytest.mark.parametrize(("slug", "level"), [("account", "account"), ("campaign", "campaign"), ("ad", "ad")])
def test_sums_equal_the_truth(server: serving.Server, slug: str, level: str):
    connector = reach(server, PinterestAds)
    (account,) = connector.accounts()
    first, last = date(2026, 10, 25), date(2026, 11, 20)
    found = rows(connector, account, slug, first, last)
    true = truth.daily(server.world, "pinterest_ads", account.key, level, first, last)
    assert len(found) == len(true)
    names = {"impressions": "impressions", "spend": "spend", "conversions": "conversions", "saves": "saves",
             "conversion_value": "conversion_value", "outbound_clicks": "clicks", "clicks": "pin_clicks"}  # fmt: skip
    for name, true_name in names.items():
        assert sum(row[name] for row in found) == sum(row[true_name] for row in true)


def test_faults_of_the_demo_are_survived(server: serving.Server):
    connector = reach(server, PinterestAds)
    (account,) = connector.accounts()
    before = rows(connector, account, "campaign", FIRST, LAST)
    for kind in ("rate_limited", "server_error", "truncated_json", "expired", "reset"):
        server.faults.add(kind, "pinterest_ads", count=1)
        assert rows(connector, account, "campaign", FIRST, LAST) == before
