"""Pinterest API v5: OAuth, ad accounts, campaigns, ad groups, ads, analytics at once and as reports.

Sources: pinterest/api-description v5 (5.23.0), developers.pinterest.com on access tiers. Reports are made
asynchronously; their link opens without a token, for five minutes.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from starlette.responses import Response

from sandbox import oauth
from sandbox.accounts import AdAccount
from sandbox.calls import Call, Handler, Refused, answer
from sandbox.platforms import _pinterest_reports
from sandbox.platforms._base import Platform
from sandbox.platforms._pinterest_reports import COLUMNS, ID_COLUMN, LEVELS, OBJECTIVES, STATES, Wanted
from sandbox.tokens import Token

APP_ID = "1501555"
APP_SECRET = "5f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c"  # noqa: S105 invented, opens nothing
ACCESS, REFRESH = timedelta(days=30), timedelta(days=60)
LINK, REPORT = timedelta(minutes=5), timedelta(hours=1)
_EDGES = {"campaigns": "campaign", "ad_groups": "group", "ads": "ad"}


class Stand(Platform):
    """The stand-in of Pinterest Ads."""

    slug = "pinterest_ads"

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._polls: dict[str, int] = {}

    def routes(self) -> dict[tuple[str, str], Handler]:
        """Sign-in, the v5 endpoints, and where reports are downloaded."""
        one = "/v5/ad_accounts/{account}"
        found: dict[tuple[str, str], Handler] = {
            ("GET", "/oauth/"): self._page,
            ("POST", "/v5/oauth/token"): self._token,
            ("POST", "/v5/oauth/token/revoke"): self._revoke,
            ("GET", "/v5/user_account"): self._user,
            ("GET", "/v5/ad_accounts"): self._accounts,
            ("GET", one): lambda call: answer(self._describe(self._own(call)), headers=self._limits()),
            ("GET", one + "/analytics"): lambda call: self._analytics(call, "account"),
            ("POST", one + "/reports"): self._start,
            ("GET", one + "/reports"): self._poll,
            ("GET", "/report-files/{token}"): self._download,
        }
        found["GET", one + "/targeting_analytics"] = lambda call: self._analytics(
            call, "account", targeted=True
        )
        for edge, level in _EDGES.items():
            path = f"{one}/{edge}/targeting_analytics"
            found["GET", path] = lambda call, level=level: self._analytics(call, level, targeted=True)  # type: ignore[misc]
            found["GET", f"{one}/{edge}"] = lambda call, level=level: self._entities(call, level)  # type: ignore[misc]
            found["GET", f"{one}/{edge}/analytics"] = lambda call, level=level: self._analytics(call, level)  # type: ignore[misc]
        return found

    def credentials(self) -> list[dict[str, Any]]:
        """The app and a refresh token. This pasted one stays good after its use, so that two connections can
        start from it; those that the endpoint returns are replaced by their use."""
        token = self.tokens.fixed(self.slug, "refresh", prefix="pinr.", scope="ads:read,user_accounts:read")
        return [{"app_id": APP_ID, "app_secret": APP_SECRET, "refresh_token": token}]

    def authorize_url(self) -> str:
        """Pinterest's sign-in page."""
        return f"/oauth/?client_id={APP_ID}&response_type=code&scope=ads:read,user_accounts:read"

    def refusal(
        self, status: int, code: int, message: str, headers: dict[str, str] | None = None
    ) -> Response:
        """Pinterest's error body."""
        return answer({"code": code, "message": message, "status": "failure"}, status, headers)

    def rate_limited(self, headers: dict[str, str]) -> Response:
        """Too many requests; the seconds to wait are in X-RateLimit-Reset."""
        reset = {
            "X-RateLimit-Limit": "300",
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Reset": headers.get("Retry-After", "1"),
        }
        return self.refusal(429, 8, "You have exceeded your rate limit. Try again later.", reset | headers)

    def day_limit(self) -> Response:
        """The day's requests of an app with trial access."""
        now = self.world.now
        left = 86_400 - (now.hour * 3600 + now.minute * 60 + now.second)
        headers = {"X-RateLimit-Limit": "1000", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(left)}
        return self.refusal(429, 8, "You have exceeded your rate limit. Try again later.", headers)

    def expired(self) -> Response:
        """A token that Pinterest does not take."""
        return self.refusal(401, 2, "Authentication failed.")

    def not_found(self, call: Call) -> Response:
        """An unknown path."""
        return self.refusal(404, 2, "API method not found.")

    def same_page(self, call: Call, body: Any) -> Any | None:
        """The bookmark that the request came with."""
        mark = call.query.get("bookmark")
        return body | {"bookmark": mark} if mark and isinstance(body, dict) and "items" in body else None

    def empty(self, call: Call, body: Any) -> Any | None:
        """Analytics without rows, at once or in a report's file."""
        if "/report-files/" in call.path:
            return {}
        if call.path.endswith("/targeting_analytics"):
            return {"data": []}
        return [] if call.path.endswith("/analytics") and isinstance(body, list) else None

    def _limits(self) -> dict[str, str]:
        return {"X-RateLimit-Limit": "300", "X-RateLimit-Remaining": "299", "X-RateLimit-Reset": "60",
                "x-ratelimit-category": "ads_analytics"}  # fmt: skip

    def _page(self, call: Call) -> Response:
        return oauth.page(self.tokens, self.slug, "Pinterest", call, "client_id")

    def _token(self, call: Call) -> Response:
        if oauth.basic(call) != (APP_ID, APP_SECRET):
            return self.refusal(401, 2, "Authentication failed.")
        given = call.form()
        grant = given.get("grant_type")
        if grant == "authorization_code":
            code = oauth.exchange(self.tokens, self.slug, given)
            if code is None:
                return self.refusal(400, 283, "Invalid authorization code.")
            return self._granted(code.claims["scope"], "authorization_code")
        if grant == "refresh_token":
            text = given.get("refresh_token", "")
            token = self.tokens.read(self.slug, text, "refresh", prefix="pinr.")
            if token is None or token.problem:
                return self.refusal(401, 2, "Authentication failed.")
            if token.claims["n"]:
                self.tokens.use_up(text)
            return self._granted(token.claims["scope"], "refresh_token")
        if grant == "client_credentials":
            return self._granted(given.get("scope", "ads:read"), "client_credentials")
        return self.refusal(
            400, 1, f"Invalid request: grant_type {grant!r} is not one of the allowed values."
        )

    def _granted(self, scope: str, kind: str) -> Response:
        body = {
            "response_type": kind, "token_type": "bearer", "scope": scope, "expires_in": int(ACCESS.total_seconds()),
            "access_token": self.tokens.issue(self.slug, "access", ACCESS, prefix="pina_", scope=scope),
        }  # fmt: skip
        if kind != "client_credentials":
            ends = self.world.now + REFRESH
            body |= {
                "refresh_token": self.tokens.issue(self.slug, "refresh", REFRESH, prefix="pinr.", scope=scope),
                "refresh_token_expires_in": int(REFRESH.total_seconds()), "refresh_token_expires_at": int(ends.timestamp()),
            }  # fmt: skip
        return answer(body)

    def _revoke(self, call: Call) -> Response:
        if oauth.basic(call) != (APP_ID, APP_SECRET):
            return self.refusal(401, 2, "Authentication failed.")
        self.tokens.use_up(call.form().get("token", ""))
        return answer({})

    def _check(self, call: Call, scope: str = "ads:read") -> Token:
        token = self.tokens.read(self.slug, call.bearer(), "access", prefix="pina_")
        if token is None or token.problem:
            raise Refused(self.expired())
        if scope not in token.claims["scope"].replace(" ", ",").split(","):
            raise Refused(
                self.refusal(401, 3, "Your token does not have sufficient permissions to perform this operation. "
                             "Please ensure your token is authorized with the correct set of scopes.")
            )  # fmt: skip
        return token

    def _user(self, call: Call) -> Response:
        self._check(call, "user_accounts:read")
        return answer(
            {"username": "harbourandpine", "account_type": "BUSINESS", "business_name": "Harbour & Pine"}
        )

    def _describe(self, account: AdAccount) -> dict[str, Any]:
        return {
            "id": account.id, "name": account.name, "owner": {"username": "harbourandpine", "id": "383791336903426391"},
            "country": account.country, "currency": account.currency, "permissions": ["OWNER"], "time_zone": account.timezone,
            "created_time": 1_727_740_800, "updated_time": 1_727_740_800,
        }  # fmt: skip

    def _accounts(self, call: Call) -> Response:
        self._check(call)
        return self._paged(call, [self._describe(account) for account in self.world.of(self.slug)])

    def _own(self, call: Call) -> AdAccount:
        self._check(call)
        account = self.world.account(self.slug, call.parts["account"])
        if account is None:
            raise Refused(self.refusal(403, 29, "You are not permitted to access that resource."))
        return account

    def _wrong(self, message: str) -> Refused:
        return Refused(self.refusal(400, 1, "Invalid request: " + message))

    def _paged(self, call: Call, items: list[dict[str, Any]]) -> Response:
        size, mark = call.query.get("page_size", "25"), call.query.get("bookmark", "")
        if not size.isdigit() or not 1 <= int(size) <= 250:
            raise self._wrong(f"'{size}' is not between 1 and 250: page_size")
        begin = 0
        if mark:
            token = self.tokens.read(self.slug, mark, "bookmark")
            if token is None:
                raise self._wrong("the bookmark is not valid")
            begin = int(token.claims["at"])
        after = begin + int(size)
        bookmark = self.tokens.fixed(self.slug, "bookmark", at=after) if after < len(items) else None
        return answer({"items": items[begin:after], "bookmark": bookmark}, headers=self._limits())

    def _entities(self, call: Call, level: str) -> Response:
        account, today = self._own(call), self.world.today("UTC")
        wanted = call.query.get("entity_statuses", "ACTIVE,PAUSED").split(",")
        many = {"campaign": account.campaigns, "group": account.groups, "ad": account.ads}[level]
        found = []
        for place in range(len(many)):
            about = _pinterest_reports.describe(account, level, place, today)
            campaign = next(c for c in account.campaigns if c.id == about["CAMPAIGN_ID"])
            if campaign.created > today or about["CAMPAIGN_ENTITY_STATUS"] not in wanted:
                continue
            stamp = int((campaign.created - date(1970, 1, 1)).total_seconds())
            item: dict[str, Any] = {
                "id": about[ID_COLUMN[level]], "ad_account_id": account.id, "status": STATES[campaign.state(today)],
                "name": about[{"campaign": "CAMPAIGN_NAME", "group": "AD_GROUP_NAME", "ad": "AD_NAME"}[level]],
                "created_time": stamp, "updated_time": stamp, "type": {"campaign": "campaign", "group": "adgroup", "ad": "pinpromotion"}[level],
            }  # fmt: skip
            if level == "campaign":
                item |= {"objective_type": OBJECTIVES.get(campaign.kind, "CONSIDERATION"),
                         "daily_spend_cap": campaign.budget_cents * 10_000, "lifetime_spend_cap": None}  # fmt: skip
            else:
                item["campaign_id"] = campaign.id
            if level == "ad":
                item |= {"ad_group_id": about["AD_GROUP_ID"], "creative_type": "REGULAR"}
            found.append(item)
        return self._paged(call, found)

    def _days(self, start: Any, end: Any, back: int, most: int) -> tuple[date, ...]:
        """The days of a report that the world has, after the limits are checked."""
        try:
            first, last = date.fromisoformat(str(start)), date.fromisoformat(str(end))
        except ValueError:
            raise self._wrong("start_date and end_date must be dates in the form YYYY-MM-DD") from None
        today = self.world.today("UTC")
        if first > last:
            raise self._wrong("start_date must not be after end_date")
        if first < today - timedelta(days=back):
            raise self._wrong(f"start_date cannot be more than {back} days back from today")
        if (last - first).days > most:
            raise self._wrong(f"the range between start_date and end_date must not exceed {most} days")
        days = (first + timedelta(days=n) for n in range((last - first).days + 1))
        return tuple(day for day in days if self.world.start <= day <= today)

    def _columns(self, names: list[Any]) -> tuple[str, ...]:
        if not names:
            raise self._wrong("columns is required")
        wrong = [name for name in names if name not in COLUMNS]
        if wrong:
            raise self._wrong(f"{wrong[0]!r} is not one of the allowed columns")
        return tuple(names)

    def _analytics(self, call: Call, level: str, targeted: bool = False) -> Response:
        account, query = self._own(call), call.query
        if query.get("granularity") not in {"TOTAL", "DAY", "HOUR", "WEEK", "MONTH"}:
            raise self._wrong("granularity is required: TOTAL, DAY, HOUR, WEEK or MONTH")
        ids = None
        if level != "account":
            name = {"campaign": "campaign_ids", "group": "ad_group_ids", "ad": "ad_ids"}[level]
            ids = frozenset(part for part in query.get(name, "").split(",") if part)
            if not 1 <= len(ids) <= 250:
                raise self._wrong(f"{name} must have between 1 and 250 items")
        columns = self._columns([part for part in query.get("columns", "").split(",") if part])
        days = self._days(query.get("start_date"), query.get("end_date"), 90, 90)
        wanted = Wanted(level, columns, days, query["granularity"] == "DAY", ids)
        if targeted:
            kinds = [part for part in query.get("targeting_types", "").split(",") if part]
            if not kinds or set(kinds) - set(_pinterest_reports.TARGETING):
                raise self._wrong("targeting_types is required, and must be types that Pinterest reports")
            found = _pinterest_reports.targeted(self.world, account, wanted, kinds)
            return answer({"data": found}, headers=self._limits())
        rows = _pinterest_reports.rows(self.world, account, wanted)
        return answer([row for many in rows.values() for row in many], headers=self._limits())

    def _start(self, call: Call) -> Response:
        self._own(call)
        body = call.json()
        if not isinstance(body, dict):
            raise self._wrong("the body must be an object")
        if body.get("level") not in LEVELS:
            raise self._wrong(f"level must be one of {', '.join(LEVELS)}")
        if body.get("granularity") not in {"TOTAL", "DAY"}:
            raise self._wrong("granularity must be TOTAL or DAY")
        columns = self._columns(list(body.get("columns") or []))
        self._days(body.get("start_date"), body.get("end_date"), 914, 186)
        if body.get("report_format", "JSON") != "JSON":
            raise self._wrong("report_format must be JSON")
        token = self.tokens.issue(
            self.slug, "report", REPORT, account=call.parts["account"], columns=columns, level=body["level"],
            start=body["start_date"], end=body["end_date"], daily=body["granularity"] == "DAY", ids=body.get("campaign_ids"),
        )  # fmt: skip
        return answer(
            {"report_status": "IN_PROGRESS", "token": token, "message": None}, headers=self._limits()
        )

    def _poll(self, call: Call) -> Response:
        account = self._own(call)
        text = call.query.get("token", "")
        token = self.tokens.read(self.slug, text, "report")
        if token is None or token.claims["account"] != account.id:
            return answer({"report_status": "DOES_NOT_EXIST", "url": None, "size": None})
        if token.problem:
            return answer({"report_status": "EXPIRED", "url": None, "size": None})
        polls = self._polls[text] = self._polls.get(text, 0) + 1
        if polls == 1:
            return answer({"report_status": "IN_PROGRESS", "url": None, "size": None}, headers=self._limits())
        names = ("account", "columns", "level", "start", "end", "daily", "ids")
        link = self.tokens.issue(self.slug, "file", LINK, **{name: token.claims[name] for name in names})
        body = {"report_status": "FINISHED", "url": f"{call.base}/report-files/{link}", "size": 4096}
        return answer(body, headers=self._limits())

    def _download(self, call: Call) -> Response:
        token = self.tokens.read(self.slug, call.parts["token"], "file")
        if token is None or token.problem == "expired":
            return Response("<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>", 403,
                            media_type="application/xml")  # fmt: skip
        asked = token.claims
        account = self.world.account(self.slug, asked["account"])
        assert account is not None
        days = self._days(asked["start"], asked["end"], 915, 186)
        ids = frozenset(map(str, asked["ids"])) if asked["ids"] and asked["level"] == "CAMPAIGN" else None
        wanted = Wanted(LEVELS[asked["level"]], tuple(asked["columns"]), days, asked["daily"], ids)
        return answer(_pinterest_reports.rows(self.world, account, wanted))
