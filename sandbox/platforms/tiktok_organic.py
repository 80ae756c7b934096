"""TikTok Accounts API (TikTok API for Business v1.3): one business account, its days and its videos.

Sources: the captured index of the official reference (August 2026), bububa/tiktok-business 1.5.7, whose comments
repeat that reference, and python-tiktok 0.1.12. No official specification covers these endpoints.

- Every answer is HTTP 200 with `code`, `message`, `request_id`, `data`; the token travels in `Access-Token`.
- `fields` and `filters` are JSON in the query. Days are UTC, at most 60 back; a video has lifetime totals only.
- A page of videos may hold fewer than `max_count` although there are more: every fifth one here does.
- Access tokens live 24 hours, refresh tokens 365 days. A refresh brings a new refresh token; the reference does
  not say that the old one ends, so here it stays good.
"""

from __future__ import annotations

import json
from datetime import UTC, date, timedelta
from typing import Any

from starlette.responses import Response

from sandbox import chance, oauth, posts
from sandbox.calls import Call, Handler, Refused
from sandbox.platforms._tiktok import Enveloped
from sandbox.posts import Post

CLIENT_ID = "awharbourandpine01"
CLIENT_SECRET = "c9d8e7f6a5b4c3d2e1f0998877665544"  # noqa: S105 invented, opens nothing
OPEN_ID = "_000HarbourPineSandbox4155550199"
SCOPES = "user.info.basic,user.info.username,user.info.stats,user.info.profile,user.account.type,user.insights,video.list,video.insights"
V = "/open_api/v1.3"
DAY, YEAR = timedelta(days=1), timedelta(days=365)
REACHES_BACK = 60
LAG = timedelta(hours=24)
"""How old a video's figures are."""
_PROFILE = {
    "username": "harbourandpine", "display_name": "Harbour & Pine", "is_verified": False, "is_business_account": True,
    "bio_description": "Outdoor goods from the coast", "following_count": 61,
    "profile_image": "https://p16.example/harbour.jpeg", "profile_deep_link": "https://vm.tiktok.com/harbour/",
}  # fmt: skip
_COUNTED = ("followers_count", "total_likes", "videos_count")
_DAILY = {
    "video_views": "views", "unique_video_views": "reach", "profile_views": "profile_views", "likes": "likes",
    "comments": "comments", "shares": "shares", "bio_link_clicks": "website_clicks", "followers_count": "followers",
    "daily_new_followers": "new_followers", "daily_lost_followers": "lost_followers",
}  # fmt: skip
_NEVER = ("phone_number_clicks", "lead_submissions", "app_download_clicks", "email_clicks", "address_clicks")
_DERIVED = ("daily_total_followers", "engaged_audience", "audience_activity")
_AUDIENCE: dict[str, list[dict[str, Any]]] = {
    "audience_countries": [{"country": "GB", "percentage": 0.58}, {"country": "DE", "percentage": 0.3}],
    "audience_genders": [{"gender": "Female", "percentage": 0.55}, {"gender": "Male", "percentage": 0.45}],
    "audience_ages": [{"age": "18-24", "percentage": 0.4}, {"age": "25-34", "percentage": 0.6}],
    "audience_cities": [{"city_name": "London", "percentage": 0.21}],
}
ACCOUNT_FIELDS = {*_PROFILE, *_COUNTED, *_DAILY, *_NEVER, *_DERIVED, *_AUDIENCE}
_OF_VIDEO = """
item_id media_type is_ad thumbnail_url share_url embed_url caption create_time video_duration likes comments shares
favorites reach video_views total_time_watched average_time_watched full_video_watched_rate new_followers profile_views
website_clicks phone_number_clicks lead_submissions app_download_clicks email_clicks address_clicks video_view_retention
impression_sources audience_genders audience_countries audience_cities audience_types engagement_likes
"""
VIDEO_FIELDS = set(_OF_VIDEO.split())


class Stand(Enveloped):
    """The stand-in of a TikTok business account."""

    slug = "tiktok_organic"

    def routes(self) -> dict[tuple[str, str], Handler]:
        """The sign-in page, tokens, the account and its videos."""
        return {
            ("GET", "/v2/auth/authorize"): self._page,
            ("GET", "/v2/auth/authorize/"): self._page,
            ("POST", V + "/tt_user/oauth2/token/"): self._token,
            ("POST", V + "/tt_user/oauth2/refresh_token/"): self._refresh,
            ("POST", V + "/tt_user/oauth2/revoke/"): self._revoke,
            ("POST", V + "/tt_user/token_info/get/"): self._token_info,
            ("GET", V + "/business/get/"): self._account,
            ("GET", V + "/business/video/list/"): self._videos,
        }

    def credentials(self) -> list[dict[str, Any]]:
        """A sign-in that was made elsewhere, with its app."""
        return [
            {
                "access_token": self.tokens.fixed(self.slug, "access", prefix="act.", scope=SCOPES),
                "refresh_token": self.tokens.fixed(self.slug, "refresh", prefix="rft.", scope=SCOPES),
                "open_id": OPEN_ID,
                "client_id": CLIENT_ID,
                "client_secret": CLIENT_SECRET,
            }
        ]

    def authorize_url(self) -> str:
        """TikTok's page for account holders."""
        return f"/v2/auth/authorize?client_key={CLIENT_ID}&response_type=code&scope={SCOPES}"

    # --- ways of refusing ------------------------------------------------------------------------

    def expired(self) -> Response:
        """A token that TikTok no longer takes."""
        return self.say(40105, "Access token is incorrect or has been revoked.")

    def same_page(self, call: Call, body: Any) -> Any | None:
        """The cursor that the request came with, and the promise of more."""
        cursor = call.query.get("cursor")
        if not cursor or "videos" not in body.get("data", {}):
            return None
        return body | {"data": body["data"] | {"cursor": int(cursor), "has_more": True}}

    def empty(self, call: Call, body: Any) -> Any | None:
        """No videos, or no days."""
        data = body.get("data", {})
        if "videos" in data:
            return body | {"data": {"videos": [], "cursor": 0, "has_more": False}}
        return body | {"data": data | {"metrics": []}} if "metrics" in data else None

    def _refuse(self, code: int, message: str) -> Refused:
        return Refused(self.say(code, message))

    # --- signing in ------------------------------------------------------------------------------

    def _page(self, call: Call) -> Response:
        return oauth.page(self.tokens, self.slug, "TikTok", call, "client_key")

    def _app(self, call: Call, grant: str) -> dict[str, str]:
        given = call.form()
        if given.get("client_id") != CLIENT_ID or given.get("client_secret") != CLIENT_SECRET:
            raise self._refuse(40002, "client_id or client_secret is incorrect.")
        if given.get("grant_type") != grant:
            raise self._refuse(40002, f"grant_type: only {grant} is allowed.")
        return given

    def _token(self, call: Call) -> Response:
        given = self._app(call, "authorization_code")
        if "redirect_uri" not in given:
            return self.say(40002, "redirect_uri: Missing data for required field.")
        code = oauth.exchange(self.tokens, self.slug, given, "auth_code")
        if code is None:
            return self.say(40110, "Auth_code is invalid: it has been used or is expired.")
        return self._granted(code.claims["scope"] or SCOPES)

    def _refresh(self, call: Call) -> Response:
        given = self._app(call, "refresh_token")
        token = self.tokens.read(self.slug, given.get("refresh_token"), "refresh", prefix="rft.")
        if token is None or token.problem:
            return self.say(40110, "Refresh token is invalid or expired.")
        return self._granted(token.claims["scope"])

    def _granted(self, scope: str) -> Response:
        data = {
            "access_token": self.tokens.issue(self.slug, "access", DAY, prefix="act.", scope=scope),
            "token_type": "Bearer",
            "scope": scope,
            "expires_in": int(DAY.total_seconds()),
            "refresh_token": self.tokens.issue(self.slug, "refresh", YEAR, prefix="rft.", scope=scope),
            "refresh_token_expires_in": int(YEAR.total_seconds()),
            "open_id": OPEN_ID,
        }
        return self.say(0, "OK", data)

    def _revoke(self, call: Call) -> Response:
        given = call.form()
        if given.get("client_id") != CLIENT_ID or given.get("client_secret") != CLIENT_SECRET:
            return self.say(40002, "client_id or client_secret is incorrect.")
        text = given.get("access_token", "")
        if self.tokens.read(self.slug, text, "access", prefix="act.") is None:
            return self.expired()
        self.tokens.use_up(text)
        return self.say(0, "OK")

    def _token_info(self, call: Call) -> Response:
        given = call.form()
        if given.get("app_id") != CLIENT_ID:
            return self.say(40002, "app_id is incorrect.")
        token = self.tokens.read(self.slug, given.get("access_token"), "access", prefix="act.")
        if token is None or token.problem:
            return self.expired()
        return self.say(0, "OK", {"app_id": CLIENT_ID, "creator_id": OPEN_ID, "scope": token.claims["scope"]})

    def _check(self, call: Call, scope: str) -> None:
        """The token's, the scope's and the account's right to be asked."""
        text = call.headers.get("access-token", "")
        if not text:
            raise self._refuse(40104, "Access token is empty. Please put it in the Access-Token header.")
        token = self.tokens.read(self.slug, text, "access", prefix="act.")
        if token is None or token.problem:
            raise Refused(self.expired())
        if not call.query.get("business_id"):
            raise self._refuse(40002, "business_id: Missing data for required field.")
        if call.query["business_id"] != OPEN_ID:
            raise self._refuse(40001, "No permission to operate this TikTok account.")
        if scope not in token.claims["scope"].split(","):
            raise self._refuse(40001, f"Permission {scope} is required.")

    # --- the account by day ----------------------------------------------------------------------

    def _fields(self, call: Call, known: set[str]) -> list[str] | None:
        if "fields" not in call.query:
            return None
        found = call.array("fields")
        if found is None:
            raise self._refuse(40002, "fields: Not a valid JSON array.")
        unknown = [str(name) for name in found if name not in known]
        if unknown:
            raise self._refuse(40002, f"fields: Invalid value(s): {', '.join(unknown)}.")
        return [str(name) for name in found]

    def _account(self, call: Call) -> Response:
        self._check(call, "user.info.basic")
        wanted = self._fields(call, ACCOUNT_FIELDS) or ["username", "display_name", "profile_image"]
        data: dict[str, Any] = {name: value for name, value in self._profile().items() if name in wanted}
        data |= {name: value for name, value in _AUDIENCE.items() if name in wanted}
        daily = [name for name in wanted if name in _DAILY or name in _NEVER or name in _DERIVED]
        if daily:
            first, last = self._range(call)
            data["metrics"] = [row for row in (self._day(at, daily) for at in _days(first, last)) if row]
        return self.say(0, "OK", data)

    def _profile(self) -> dict[str, Any]:
        """The account as it stands, in real time."""
        now = self.world.now
        latest = next(
            (found for n in range(1, 4) if (found := posts.day(self.world, now.date() - timedelta(days=n)))),
            {},
        )
        videos = posts.posts(self.world)
        likes = sum(posts.totals(post, now).likes for post in videos)
        counted = {
            "followers_count": latest.get("followers", 0),
            "total_likes": likes,
            "videos_count": len(videos),
        }
        return _PROFILE | counted

    def _range(self, call: Call) -> tuple[date, date]:
        yesterday = self.world.now.date() - timedelta(days=1)
        last = self._date(call, "end_date") or yesterday
        first = self._date(call, "start_date") or last - timedelta(days=6)
        if first > last:
            raise self._refuse(40002, "start_date must not be later than end_date.")
        if first < self.world.now.date() - timedelta(days=REACHES_BACK):
            raise self._refuse(
                40002, f"start_date: only data of the last {REACHES_BACK} days can be queried."
            )
        return first, last

    def _date(self, call: Call, name: str) -> date | None:
        if name not in call.query:
            return None
        try:
            return date.fromisoformat(call.query[name])
        except ValueError:
            raise self._refuse(40002, f"{name}: Not a valid date, use YYYY-MM-DD.") from None

    def _day(self, day: date, wanted: list[str]) -> dict[str, Any] | None:
        """One day's figures; none until they are out."""
        found = posts.day(self.world, day)
        if not found:
            return None
        row: dict[str, Any] = {"date": day.isoformat()}
        row |= {name: found[_DAILY[name]] for name in wanted if name in _DAILY}
        row |= {name: 0 for name in wanted if name in _NEVER}
        engaged = found["likes"] + found["comments"] + found["shares"]
        hours = [
            {"hour": str(hour), "count": found["followers"] * (8 + hour % 12) // 40} for hour in range(24)
        ]
        derived = {
            "daily_total_followers": found["new_followers"] - found["lost_followers"],
            "engaged_audience": engaged * 9 // 10,
            "audience_activity": hours,
        }
        return row | {name: value for name, value in derived.items() if name in wanted}

    # --- videos ----------------------------------------------------------------------------------

    def _videos(self, call: Call) -> Response:
        self._check(call, "video.list")
        wanted = self._fields(call, VIDEO_FIELDS)
        if not wanted or "item_id" not in wanted:
            return self.say(40002, "fields: item_id is required.")
        size = self._number(call, "max_count", 10)
        if not 1 <= size <= 20:
            return self.say(40002, "max_count: Must be between 1 and 20.")
        before = self._number(call, "cursor", int(self.world.now.timestamp() * 1000) + 1)
        found = [post for post in self._filtered(call) if _millis(post) < before]
        if found and size > 1 and chance.number(self.world.seed, found[0].id) % 5 == 0:
            size -= 1
        page = found[:size]
        data = {
            "videos": [self._video(post, wanted) for post in page],
            "cursor": _millis(page[-1]) if page else before,
            "has_more": len(found) > size,
        }
        return self.say(0, "OK", data)

    def _number(self, call: Call, name: str, otherwise: int) -> int:
        text = call.query.get(name, str(otherwise))
        if not text.isdigit():
            raise self._refuse(40002, f"{name}: Not a valid integer.")
        return int(text)

    def _filtered(self, call: Call) -> list[Post]:
        try:
            filters = json.loads(call.query.get("filters") or "{}")
        except json.JSONDecodeError:
            filters = None
        if not isinstance(filters, dict):
            raise self._refuse(40002, "filters: Not a valid JSON object.")
        if filters.get("ad_post_only"):
            return []
        ids = filters.get("video_ids")
        return [post for post in posts.posts(self.world) if ids is None or post.id in ids]

    def _video(self, post: Post, wanted: list[str]) -> dict[str, Any]:
        """The video as it stood a day ago; what it is, in real time."""
        now = self.world.now.replace(minute=0, second=0, microsecond=0)
        totals = posts.totals(post, now - LAG)
        link = f"https://www.tiktok.com/@{_PROFILE['username']}/video/{post.id}"
        found: dict[str, Any] = {
            "item_id": post.id, "media_type": "VIDEO", "is_ad": False, "caption": post.caption, "share_url": link,
            "embed_url": f"https://www.tiktok.com/player/v1/{post.id}", "thumbnail_url": f"https://p16.example/{post.id}.jpeg",
            "create_time": str(int(post.created_at.timestamp())), "video_duration": post.duration, "likes": totals.likes,
            "comments": totals.comments, "shares": totals.shares, "favorites": totals.favorites, "reach": totals.reach,
            "video_views": totals.views, "total_time_watched": totals.seconds, "new_followers": totals.new_followers,
            "average_time_watched": round(totals.seconds / totals.views, 3) if totals.views else 0,
            "full_video_watched_rate": post.completion if totals.views else 0,
            "profile_views": totals.profile_views, "website_clicks": totals.website_clicks,
            "video_view_retention": [{"second": str(s), "percentage": round(1 / (1 + s / 3), 4)} for s in range(5)],
            "impression_sources": [{"impression_source": "For You", "percentage": 0.81},
                                   {"impression_source": "Follow", "percentage": 0.19}],
            "audience_types": [{"type": "NEW_VIEWERS", "percentage": 0.74}, {"type": "RETURNING_VIEWERS", "percentage": 0.26}],
            "engagement_likes": [{"second": "1", "percentage": 0.2}],
        }  # fmt: skip
        found |= dict.fromkeys(_NEVER, 0) | {
            name: _AUDIENCE[name] for name in _AUDIENCE if name != "audience_ages"
        }
        return {name: found[name] for name in wanted}


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _millis(post: Post) -> int:
    return int(post.created_at.astimezone(UTC).timestamp() * 1000)
