"""The stand-in of a TikTok business account: tokens, days, videos and their pages."""

from __future__ import annotations

import json
from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from sandbox import posts
from sandbox.credentials import credentials
from sandbox.platforms.tiktok_organic import ACCOUNT_FIELDS, OPEN_ID, VIDEO_FIELDS
from tests.sandbox.conftest import NOW, Sandbox

API = "/open_api/v1.3"
PASTED = credentials("tiktok_organic")


def _get(sandbox: Sandbox, path: str, token: str | None = PASTED["access_token"], **query: object) -> dict:
    query = {"business_id": OPEN_ID} | query
    shown = {name: value if isinstance(value, str) else json.dumps(value) for name, value in query.items()}
    headers = {} if token is None else {"Access-Token": token}
    answer = sandbox.ask("tiktok_organic", "GET", API + path, params=shown, headers=headers)
    assert answer.status_code == 200
    found = answer.json()
    assert set(found) == {"code", "message", "request_id", "data"}
    return found


def _post(sandbox: Sandbox, path: str, **body: str) -> dict:
    return sandbox.ask("tiktok_organic", "POST", API + path, json=body).json()


def _videos(sandbox: Sandbox, size: int = 20, **query: object) -> tuple[list[dict], list[int]]:
    found, sizes, more = [], [], {}
    while True:
        data = _get(sandbox, "/business/video/list/", fields=["item_id", "create_time", "video_views"],
                    max_count=str(size), **more, **query)["data"]  # fmt: skip
        found += data["videos"]
        sizes.append(len(data["videos"]))
        if not data["has_more"]:
            return found, sizes
        more = {"cursor": str(data["cursor"])}


def test_every_video_comes_once_newest_first_over_pages_that_may_be_short(sandbox):
    found, sizes = _videos(sandbox)
    assert [video["item_id"] for video in found] == [post.id for post in posts.posts(sandbox.world)]
    assert max(sizes) == 20
    assert 19 in sizes[:-1]


def test_a_video_shows_its_lifetime_as_of_a_day_ago(sandbox):
    found, _ = _videos(sandbox)
    by_id = {video["item_id"]: video["video_views"] for video in found}
    for post in posts.posts(sandbox.world):
        assert by_id[post.id] == posts.totals(post, NOW - timedelta(hours=24)).views


def test_videos_may_be_asked_for_by_id(sandbox):
    wanted = [post.id for post in posts.posts(sandbox.world)][3:5]
    found, _ = _videos(sandbox, filters={"video_ids": wanted})
    assert [video["item_id"] for video in found] == wanted


def test_all_documented_fields_are_answered(sandbox):
    video = _get(sandbox, "/business/video/list/", fields=sorted(VIDEO_FIELDS))["data"]["videos"][0]
    assert set(video) == VIDEO_FIELDS
    data = _get(sandbox, "/business/get/", fields=sorted(ACCOUNT_FIELDS))["data"]
    assert set(data) | set(data["metrics"][0]) == ACCOUNT_FIELDS | {"metrics", "date"}


def test_days_are_those_of_the_world_and_the_newest_are_not_out_yet(sandbox):
    fields = ["video_views", "likes", "daily_new_followers"]
    rows = _get(sandbox, "/business/get/", fields=fields, start_date="2026-11-01", end_date="2026-11-20")[
        "data"
    ]["metrics"]
    assert rows[0]["date"] == "2026-11-01"
    assert rows[-1]["date"] == "2026-11-18"
    for row in rows:
        truth = posts.day(sandbox.world, date.fromisoformat(row["date"]))
        assert (row["video_views"], row["likes"]) == (truth["views"], truth["likes"])


def test_without_dates_it_is_the_week_that_ended_yesterday(sandbox):
    rows = _get(sandbox, "/business/get/", fields=["video_views"])["data"]["metrics"]
    assert rows[0]["date"] == "2026-11-13"


@pytest.mark.parametrize(
    ("path", "query", "code"),
    [
        ("/business/get/", {"fields": ["nope"]}, 40002),
        ("/business/get/", {"fields": "username"}, 40002),
        (
            "/business/get/",
            {"fields": ["likes"], "start_date": "2026-08-01", "end_date": "2026-08-30"},
            40002,
        ),
        ("/business/get/", {"fields": ["likes"], "start_date": "soon", "end_date": "2026-11-02"}, 40002),
        ("/business/get/", {"business_id": "other"}, 40001),
        ("/business/get/", {"business_id": ""}, 40002),
        ("/business/video/list/", {"fields": ["caption"]}, 40002),
        ("/business/video/list/", {"fields": ["item_id"], "max_count": "21"}, 40002),
        ("/business/video/list/", {"fields": ["item_id"], "filters": "["}, 40002),
    ],
)
def test_a_wrong_question_is_refused_inside_http_200(sandbox, path, query, code):
    assert _get(sandbox, path, **query)["code"] == code


@pytest.mark.parametrize(("token", "code"), [(None, 40104), ("act.wrong", 40105)])
def test_a_missing_or_wrong_token_is_refused(sandbox, token, code):
    assert _get(sandbox, "/business/get/", token)["code"] == code


def test_a_token_ends_after_a_day_and_is_renewed_with_a_new_refresh_token(sandbox):
    app = {name: PASTED[name] for name in ("client_id", "client_secret")}
    ask = {**app, "grant_type": "refresh_token", "refresh_token": PASTED["refresh_token"]}
    fresh = _post(sandbox, "/tt_user/oauth2/refresh_token/", **ask)["data"]
    assert (fresh["expires_in"], fresh["refresh_token_expires_in"], fresh["open_id"]) == (
        86400,
        31536000,
        OPEN_ID,
    )
    assert fresh["refresh_token"] != PASTED["refresh_token"]
    assert _get(sandbox, "/business/get/", fresh["access_token"])["code"] == 0
    sandbox.clock.now = NOW + timedelta(hours=25)
    assert _get(sandbox, "/business/get/", fresh["access_token"])["code"] == 40105
    again = _post(
        sandbox, "/tt_user/oauth2/refresh_token/", **ask | {"refresh_token": fresh["refresh_token"]}
    )
    assert again["code"] == 0


def test_a_code_from_the_sign_in_page_buys_tokens_once(sandbox):
    query = {"client_key": PASTED["client_id"], "response_type": "code", "scope": "user.info.basic,video.list",
             "redirect_uri": "https://here.example/back", "state": "s1"}  # fmt: skip
    page = sandbox.ask("tiktok_organic", "GET", "/v2/auth/authorize", params=query).text
    link = page.split('id="allow" href="')[1].split('"')[0].replace("&amp;", "&")
    back = parse_qs(urlsplit(link).query)
    assert back["state"] == ["s1"]
    ask = {"client_id": PASTED["client_id"], "client_secret": PASTED["client_secret"], "auth_code": back["code"][0],
           "grant_type": "authorization_code", "redirect_uri": "https://here.example/back"}  # fmt: skip
    data = _post(sandbox, "/tt_user/oauth2/token/", **ask)["data"]
    assert data["scope"] == "user.info.basic,video.list"
    assert _post(sandbox, "/tt_user/oauth2/token/", **ask)["code"] == 40110
    told = _post(
        sandbox, "/tt_user/token_info/get/", app_id=PASTED["client_id"], access_token=data["access_token"]
    )
    assert told["data"]["creator_id"] == OPEN_ID


def test_a_revoked_token_is_refused(sandbox):
    app = {name: PASTED[name] for name in ("client_id", "client_secret")}
    ask = {**app, "grant_type": "refresh_token", "refresh_token": PASTED["refresh_token"]}
    token = _post(sandbox, "/tt_user/oauth2/refresh_token/", **ask)["data"]["access_token"]
    assert _post(sandbox, "/tt_user/oauth2/revoke/", **app, access_token=token)["code"] == 0
    assert _get(sandbox, "/business/get/", token)["code"] == 40105


def test_its_faults_are_tiktoks_own(sandbox):
    sandbox.faults.add("rate_limited", "tiktok_organic")
    assert _get(sandbox, "/business/get/")["code"] == 40100
    sandbox.faults.add("empty", "tiktok_organic")
    assert _get(sandbox, "/business/get/", fields=["likes"])["data"]["metrics"] == []
    sandbox.faults.add("same_page", "tiktok_organic")
    data = _get(sandbox, "/business/video/list/", fields=["item_id"], cursor="1760000000000")["data"]
    assert (data["cursor"], data["has_more"]) == (1760000000000, True)


def test_a_path_without_its_last_slash_is_not_there(sandbox):
    assert sandbox.ask("tiktok_organic", "GET", API + "/business/get").status_code == 404
