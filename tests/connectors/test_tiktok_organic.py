"""TikTok organic: the account by day, videos as they stand, and tokens of a day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from connectors._base import Account
from connectors.tiktok_organic import TikTokOrganic
from errors import AccessMissing, NeedsReconnect, UnexpectedAnswer
from sandbox import serving, truth
from sandbox.world import World
from tests.connectors.answers import Asked, Played, play
from tests.connectors.sandboxed import reach, rows

SIGNED_IN = {"access_token": "planted-token", "open_id": "open-1"}
ACCOUNT = Account("open-1", "Shop", time_zone="UTC")
TODAY = datetime.now(UTC).date()
VIDEO: dict[str, Any] = {
    "item_id": "7300000000000000001", "caption": "Rain  is no\nexcuse", "create_time": "1762000000", "video_views": 603,
    "reach": 410, "likes": 24, "comments": 2, "shares": 3, "favorites": 5, "total_time_watched": 587.024,
    "average_time_watched": 3.862, "full_video_watched_rate": 0.0395, "new_followers": 1, "website_clicks": 4,
}  # fmt: skip


def _answer(data: dict[str, Any]) -> dict[str, Any]:
    return {"code": 0, "message": "OK", "request_id": "1", "data": data}


def _pull(
    played: Played, slug: str, first: date = TODAY - timedelta(9), last: date = TODAY
) -> list[dict[str, Any]]:
    stream = played.connector.stream(slug)
    return [row for batch in played.connector.pull(ACCOUNT, stream, first, last) for row in batch.rows]


def test_a_day_of_the_account_has_its_views_and_followers():
    day = TODAY - timedelta(3)
    metrics = [{"date": day.isoformat(), "video_views": 100, "unique_video_views": 80, "likes": 5, "comments": 1,
                "shares": 0, "followers_count": 900, "bio_link_clicks": 2, "profile_views": None}]  # fmt: skip
    played = play(TikTokOrganic, SIGNED_IN, lambda asked: _answer({"metrics": metrics}))
    (row,) = _pull(played, "account")
    assert row == {
        "day": day, "views": 100, "reach": 80, "likes": 5, "comments": 1, "shares": 0, "engagements": 6, "shop_clicks": 2,
        "more": {"followers_count": 900, "bio_link_clicks": 2},
    }  # fmt: skip
    assert played.asked[0].headers == {"Access-Token": "planted-token"}
    assert played.asked[0].params["end_date"] == (TODAY - timedelta(1)).isoformat()


def test_days_that_tiktok_no_longer_has_are_not_asked_for():
    played = play(TikTokOrganic, SIGNED_IN, lambda asked: _answer({"metrics": []}))
    assert _pull(played, "account", TODAY - timedelta(100), TODAY - timedelta(80)) == []
    assert played.asked == []


def test_a_video_is_a_snapshot_of_today():
    pages = iter(
        [{"videos": [VIDEO], "cursor": 1761900000000, "has_more": True}, {"videos": [], "has_more": False}]
    )
    played = play(TikTokOrganic, SIGNED_IN, lambda asked: _answer(next(pages)))
    (row,) = _pull(played, "post")
    assert row == {
        "day": TODAY, "entity": "7300000000000000001", "views": 603, "reach": 410, "likes": 24, "comments": 2,
        "shares": 3, "saves": 5, "engagements": 34, "shop_clicks": 4, "watch_time_s": Decimal("587.024"),
        "video_completions": 24,
        "more": {"new_followers": 1, "website_clicks": 4, "full_video_watched_rate": "0.0395",
                 "average_time_watched": "3.862", "created": "2025-11-01T12:26:40+00:00"},
    }  # fmt: skip
    assert [asked.params.get("cursor") for asked in played.asked] == [None, 1761900000000]


def test_a_video_is_named_by_its_caption_or_its_id():
    videos = [VIDEO, VIDEO | {"caption": "", "item_id": "9"}, VIDEO | {"caption": "long " * 50}]
    played = play(TikTokOrganic, SIGNED_IN, lambda asked: _answer({"videos": videos, "has_more": False}))
    names = [entity.name for entity in played.connector.entities(ACCOUNT)]
    assert names[:2] == ["Rain is no excuse", "Video 9"]
    assert len(names[2]) <= 80


def test_the_same_page_of_videos_twice_is_an_error():
    page = {"videos": [VIDEO], "cursor": 1, "has_more": True}
    with pytest.raises(UnexpectedAnswer, match="twice"):
        _pull(play(TikTokOrganic, SIGNED_IN, lambda asked: _answer(page)), "post")


@pytest.mark.parametrize(
    "change", [{"video_views": "many"}, {"likes": {"x": 1}}, {"total_time_watched": [1]}]
)
def test_a_field_that_is_not_what_it_should_be_is_named(change: dict[str, Any]):
    played = play(
        TikTokOrganic, SIGNED_IN, lambda asked: _answer({"videos": [VIDEO | change], "has_more": False})
    )
    with pytest.raises(UnexpectedAnswer, match=next(iter(change))):
        _pull(played, "post")


def test_a_token_of_yesterday_is_renewed_and_the_new_refresh_token_kept():
    def reply(asked: Asked) -> Any:
        if asked.url.endswith("/refresh_token/"):
            assert asked.body["refresh_token"] == "old-refresh"
            return _answer({"access_token": "new-token", "refresh_token": "new-refresh", "expires_in": 86400,
                            "refresh_token_expires_in": 31536000, "open_id": "open-1"})  # fmt: skip
        if asked.headers["Access-Token"] == "planted-token":
            return {"code": 40105, "message": "Access token is incorrect or has been revoked.", "data": {}}
        return _answer({"username": "shop", "display_name": "Shop"})

    held = SIGNED_IN | {"refresh_token": "old-refresh", "client_id": "1", "client_secret": "planted-secret"}
    played = play(TikTokOrganic, held, reply)
    assert played.connector.accounts() == [ACCOUNT]
    assert played.connector.credentials["refresh_token"] == "new-refresh"
    assert played.connector.sign_in_ends() is not None


def test_a_dead_refresh_token_asks_to_reconnect():
    held = SIGNED_IN | {"refresh_token": "old-refresh", "client_id": "1", "client_secret": "planted-secret"}
    dead = {"code": 40105, "message": "Invalid token", "data": {}}
    with pytest.raises(NeedsReconnect, match="Reconnect"):
        play(TikTokOrganic, held, lambda asked: dead).connector.accounts()


def test_a_missing_permission_says_who_must_act():
    with pytest.raises(AccessMissing, match="owner"):
        play(
            TikTokOrganic, SIGNED_IN, lambda asked: {"code": 40001, "message": "No scope"}
        ).connector.accounts()


def test_a_sign_in_without_an_account_says_so():
    with pytest.raises(NeedsReconnect, match="open_id"):
        play(TikTokOrganic, {"access_token": "planted-token"}, lambda asked: _answer({})).connector.accounts()


@pytest.fixture(scope="module")
def server() -> Iterator[serving.Server]:
    with serving.local(World()) as running:
        yield running


def test_sums_of_days_equal_the_truth(server: serving.Server):
    connector = reach(server, TikTokOrganic)
    (account,) = connector.accounts()
    first, last = TODAY - timedelta(29), TODAY
    found = rows(connector, account, "account", first, last)
    true = truth.profile(server.world, first, last)
    assert len(found) == len(true) > 20
    for name in ("views", "likes", "comments", "shares", "reach"):
        assert sum(row[name] for row in found) == sum(row[name] for row in true)


def test_every_video_is_read_page_by_page(server: serving.Server):
    connector = reach(server, TikTokOrganic)
    (account,) = connector.accounts()
    found = rows(connector, account, "post", TODAY, TODAY)
    assert len({row["entity"] for row in found}) == len(found) == len(truth.videos(server.world))
