"""TikTok organic: a business account's own days and videos, Accounts API of TikTok API for Business v1.3.

The official SDK does not have these endpoints; names were checked against bububa/tiktok-business 1.5.7, whose
comments mirror the official reference. Grain: the account, one row a day in UTC, at most 60 days back, so what
is not fetched in time is lost; and every video's lifetime totals as they stand, without a daily split: take
them once a day. Figures appear 24 to 48 hours late. No money.

Quirks: all calls are GET with JSON in the query; pages of videos are walked by a time in milliseconds, 20 at
most, and may be shorter. Daily likes do not subtract unlikes (TikTok Studio does). Profile views and clicks
come only for registered business accounts. The access token lives 24 hours; renewing it may replace the
refresh token, which lives a year.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from connectors._base import Account, Batch, Credentials, Entity, Field, OAuth, Row, SignIn, Stream, follow
from connectors._shapes import expecting
from connectors._tiktok import HOST, VERSION, TikTok, sign
from connectors._values import amount, count, day, inside, listed, text
from errors import NeedsReconnect

if TYPE_CHECKING:
    from connectors._http import Http

_DAYS_BACK = 60
_VIDEOS_A_PAGE = 20
_NAME_LENGTH = 80
_API = f"{HOST}/open_api/{VERSION}"

_DAILY = {
    "views": "video_views",
    "reach": "unique_video_views",
    "likes": "likes",
    "comments": "comments",
    "shares": "shares",
    "leads": "lead_submissions",
    "shop_clicks": "bio_link_clicks",
}
_DAILY_MORE = (
    "followers_count", "daily_total_followers", "daily_new_followers", "daily_lost_followers", "profile_views",
    "engaged_audience", "bio_link_clicks", "phone_number_clicks", "app_download_clicks", "email_clicks",
    "address_clicks",
)  # fmt: skip
_LIFETIME = {
    "views": "video_views",
    "reach": "reach",
    "likes": "likes",
    "comments": "comments",
    "shares": "shares",
    "saves": "favorites",
    "leads": "lead_submissions",
    "shop_clicks": "website_clicks",
}
_LIFETIME_MORE = (
    "new_followers", "profile_views", "website_clicks", "phone_number_clicks", "app_download_clicks",
    "email_clicks", "address_clicks",
)  # fmt: skip
_LIFETIME_EXACT = ("full_video_watched_rate", "average_time_watched", "video_duration")
_ENGAGEMENTS = ("likes", "comments", "shares", "saves")
_CLICKS = "shop clicks: clicks on the website link in the profile"


@dataclass(frozen=True)
class _AccountOAuth(OAuth):
    """JSON instead of forms; the answer names the account (`open_id`)."""

    def exchange(
        self, http: Http, label: str, app: Mapping[str, Any], code: str, redirect_uri: str, verifier: str
    ) -> dict[str, Any]:
        """Tokens and account for the code that came back."""
        form = {"grant_type": "authorization_code", "auth_code": code, "redirect_uri": redirect_uri}
        return sign(http, label, self.token, {**_app(app), **form})

    def refresh(self, http: Http, label: str, credentials: Mapping[str, Any]) -> dict[str, Any]:
        """Fresh tokens; the refresh token that comes back takes the old one's place."""
        form = {"grant_type": "refresh_token", "refresh_token": credentials["refresh_token"]}
        return sign(http, label, f"{_API}/tt_user/oauth2/refresh_token/", {**_app(credentials), **form})


def _app(held: Mapping[str, Any]) -> dict[str, Any]:
    return {"client_id": held.get("client_id"), "client_secret": held.get("client_secret")}


class TikTokOrganic(TikTok):
    """Reads one TikTok account for each sign-in."""

    slug = "tiktok_organic"
    label = "TikTok (organic)"
    reads = "Your account's daily views and followers, and the figures of your videos. Nothing is posted or changed."
    headline = "views"
    oauth = _AccountOAuth(
        authorize="https://www.tiktok.com/v2/auth/authorize",
        token=f"{_API}/tt_user/oauth2/token/",
        scopes=(
            "user.info.basic", "user.info.username", "user.info.stats", "user.info.profile", "user.account.type",
            "user.insights", "video.list", "video.insights",
        ),
        separator=",",
        id_parameter="client_key",
    )  # fmt: skip
    sign_ins = (
        SignIn(
            "oauth",
            "Sign in with TikTok",
            "With your team's own app from TikTok API for Business (business-api.tiktok.com › My Apps) that has the "
            "permission “TikTok Accounts”. Enter this server's callback address there as its redirect URL for "
            "account holders.",
            (
                Field("client_id", "App ID", "Under My Apps › your app › Basic information.", secret=False),
                Field("client_secret", "Secret", "On the same page."),
            ),
            oauth=True,
        ),
        SignIn(
            "token",
            "Paste tokens",
            "What your app got when the account's owner allowed it. With the refresh token and the app's id and "
            "secret the sign-in renews itself for a year; with the access token alone it ends after a day.",
            (
                Field("open_id", "Account ID (open_id)", "Came along with the tokens.", secret=False),
                Field("access_token", "Access token", required=False),
                Field("refresh_token", "Refresh token", required=False),
                Field("client_id", "App ID", secret=False, required=False),
                Field("client_secret", "Secret", required=False),
            ),
        ),
    )
    streams = (
        Stream(
            "account", "Account", "account", max_days=30, history_days=_DAYS_BACK, lookback={"all": 4},
            definition=_CLICKS,
        ),
        Stream(
            "post", "Videos", "post", kind="snapshots", max_days=365, history_days=1, lookback={"all": 1},
            definition=f"lifetime totals; completions: share watched to the end × views; {_CLICKS}",
        ),
    )  # fmt: skip

    @property
    def _business_id(self) -> str:
        held: Credentials = self.credentials
        found = held.get("open_id") or held.get("business_id") or held.get("creator_id")
        if not found:
            raise NeedsReconnect("TikTok (organic): this sign-in names no account (open_id). Sign in again.")
        return str(found)

    def accounts(self) -> list[Account]:
        """The one account of the sign-in."""
        found = self.data("business/get", business_id=self._business_id, fields=["username", "display_name"])
        name = found.get("display_name") or found.get("username") or self._business_id
        return [Account(key=self._business_id, name=text(name, "display_name"), time_zone="UTC")]

    def entities(self, account: Account) -> Iterator[Entity]:
        """Videos and photo posts, named by their captions."""
        fields = ["item_id", "caption", "create_time"]
        for videos in self._videos(account, fields):
            yield from (_entity(one) for one in videos)

    def pull(self, account: Account, stream: Stream, first: date, last: date) -> Iterator[Batch]:
        """Days of the account, or all its videos as they stand today, whatever the days."""
        if stream.kind == "snapshots":
            yield from self._snapshots(account)
            return
        today = datetime.now(UTC).date()
        first, last = max(first, today - timedelta(_DAYS_BACK)), min(last, today - timedelta(1))
        if first > last:
            return
        fields = sorted({*_DAILY.values(), *_DAILY_MORE})
        found = self.data(
            "business/get", business_id=account.key, fields=fields, start_date=first.isoformat(),
            end_date=last.isoformat(),
        )  # fmt: skip
        with expecting("TikTok's answer"):
            rows = [_daily(one) for one in inside(found, "metrics") or ()]
        yield Batch(rows=[row for row in rows if len(row) > 1 and first <= row["day"] <= last])

    def totals(self, account: Account, first: date, last: date) -> dict[date, Row]:
        """The account's views and reactions by day."""
        names = ("views", "likes", "comments", "shares")
        return {
            row["day"]: {name: row[name] for name in names if name in row}
            for batch in self.pull(account, self.stream("account"), first, last)
            for row in batch.rows
        }

    def _snapshots(self, account: Account) -> Iterator[Batch]:
        exact = ("total_time_watched", *_LIFETIME_EXACT)
        plain = {*_LIFETIME.values(), *_LIFETIME_MORE}
        today = datetime.now(UTC).date()
        for videos in self._videos(account, ["item_id", "caption", "create_time", *exact, *sorted(plain)]):
            with expecting("TikTok's list of videos"):
                rows = [_lifetime(one, today) for one in videos]
            yield Batch(rows=rows, entities=[_entity(one) for one in videos])

    def _videos(self, account: Account, fields: list[str]) -> Iterator[list[dict[str, Any]]]:
        def fetch(cursor: int | None) -> tuple[list[dict[str, Any]], int | None]:
            place = {"cursor": cursor} if cursor else {}
            found = self.data(
                "business/video/list",
                business_id=account.key,
                fields=fields,
                max_count=_VIDEOS_A_PAGE,
                **place,
            )
            more = count(inside(found, "cursor"), "cursor") if inside(found, "has_more") else None
            return listed(found, "videos"), more

        return follow(fetch, "TikTok's list of videos")


def _counted(one: dict[str, Any], names: dict[str, str], more: tuple[str, ...], row: Row) -> Row:
    kept: dict[str, Any] = {}
    for place, pairs in ((row, names.items()), (kept, zip(more, more, strict=True))):
        for name, field in pairs:
            value = count(one.get(field), field)
            if value is not None:
                place[name] = value
    engaged = [row[name] for name in _ENGAGEMENTS if name in row]
    if engaged:
        row["engagements"] = sum(engaged)
    if kept:
        row["more"] = kept
    return row


def _daily(one: dict[str, Any]) -> Row:
    return _counted(one, _DAILY, _DAILY_MORE, {"day": day(inside(one, "date"), "date")})


def _lifetime(one: dict[str, Any], today: date) -> Row:
    row = _counted(one, _LIFETIME, _LIFETIME_MORE, {"day": today, "entity": _key(one)})
    seconds = amount(one.get("total_time_watched"), "total_time_watched")
    if seconds is not None:
        row["watch_time_s"] = seconds
    more = row.setdefault("more", {})
    exact = {field: amount(one.get(field), field) for field in _LIFETIME_EXACT}
    more |= {field: str(value) for field, value in exact.items() if value is not None}
    whole = exact["full_video_watched_rate"]
    if whole is not None and "views" in row:
        row["video_completions"] = round(
            whole * row["views"]
        )  # so that the rate of several is weighted by views
    created = count(one.get("create_time"), "create_time")
    if created:
        more["created"] = datetime.fromtimestamp(created, UTC).isoformat()
    return row


def _entity(one: dict[str, Any]) -> Entity:
    name = " ".join(text(one.get("caption") or "", "caption").split())
    if len(name) > _NAME_LENGTH:
        name = f"{name[: _NAME_LENGTH - 1].rstrip()}…"
    return Entity("post", _key(one), name or f"Video {_key(one)}", status="active")


def _key(one: dict[str, Any]) -> str:
    return text(inside(one, "item_id"), "item_id")
