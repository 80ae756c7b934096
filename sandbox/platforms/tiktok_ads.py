"""TikTok API for Business v1.3 (Marketing API): accounts, campaigns, ad groups, ads, integrated reports.

Sources: the official SDK 1.1.3 and its OpenAPI files, business-api.tiktok.com as transcribed in
api-evangelist/tiktok-ads. Every error but a wrong path is HTTP 200 with a `code`; the slash at the end of a
path is needed; tokens don't end and travel in `Access-Token`.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

from starlette.responses import Response

from sandbox import oauth
from sandbox.accounts import AdAccount
from sandbox.calls import Call, Handler, Refused
from sandbox.platforms import _tiktok_reports
from sandbox.platforms._tiktok import Enveloped
from sandbox.platforms._tiktok_reports import LEVELS, METRICS, Wanted
from sandbox.tokens import Token

APP_ID = "7415555010022334455"
SECRET = "b1c2d3e4f5061728394a5b6c7d8e9f0011223344"  # noqa: S105 invented, opens nothing
V = "/open_api/v1.3"
_STATES = {"active": "ENABLE", "paused": "DISABLE", "removed": "DELETE"}


class Stand(Enveloped):
    """The stand-in of TikTok Ads."""

    slug = "tiktok_ads"

    def routes(self) -> dict[tuple[str, str], Handler]:
        """The portal's sign-in page and the endpoints of v1.3."""
        found: dict[tuple[str, str], Handler] = {
            ("GET", "/portal/auth"): self._page,
            ("POST", V + "/oauth2/access_token/"): self._token,
            ("POST", V + "/oauth2/revoke_token/"): self._revoke,
            ("GET", V + "/oauth2/advertiser/get/"): self._advertisers,
            ("GET", V + "/advertiser/info/"): self._info,
            ("GET", V + "/report/integrated/get/"): self._report,
        }
        for edge, level in (("campaign", "campaign"), ("adgroup", "group"), ("ad", "ad")):
            found["GET", f"{V}/{edge}/get/"] = lambda call, level=level: self._entities(call, level)  # type: ignore[misc]
        return found

    def credentials(self) -> list[dict[str, Any]]:
        """A token of the portal, with the app that it belongs to."""
        token = self.tokens.fixed(self.slug, "access", scope="reporting")
        return [{"access_token": token, "app_id": APP_ID, "secret": SECRET}]

    def authorize_url(self) -> str:
        """The portal's page."""
        return f"/portal/auth?app_id={APP_ID}"

    def expired(self) -> Response:
        """A token that TikTok no longer takes."""
        return self.say(40102, "Access token is expired.")

    def same_page(self, call: Call, body: Any) -> Any | None:
        """The same page number as on the page before."""
        page = int(call.query.get("page", "1"))
        info = body.get("data", {}).get("page_info")
        if page < 2 or not info:
            return None
        return body | {"data": body["data"] | {"page_info": info | {"page": page - 1}}}

    def empty(self, call: Call, body: Any) -> Any | None:
        """A report without rows."""
        if "/report/" not in call.path or "list" not in body.get("data", {}):
            return None
        info = body["data"]["page_info"] | {"total_number": 0, "total_page": 0}
        return body | {"data": {"list": [], "page_info": info}}

    def _page(self, call: Call) -> Response:
        return oauth.page(self.tokens, self.slug, "TikTok for Business", call, "app_id", code="auth_code")

    def _refuse(self, code: int, message: str) -> Refused:
        return Refused(self.say(code, message))

    def _token(self, call: Call) -> Response:
        given = call.form()
        if given.get("app_id") != APP_ID or given.get("secret") != SECRET:
            return self.say(40002, "App id or secret is incorrect.")
        if oauth.exchange(self.tokens, self.slug, given, "auth_code") is None:
            return self.say(40110, "Auth_code is invalid: it has been used or is expired.")
        token = self.tokens.issue(self.slug, "access", scope="reporting")
        ids = [account.id for account in self.world.of(self.slug)]
        return self.say(0, "OK", {"access_token": token, "advertiser_ids": ids, "scope": [4, 20]})

    def _revoke(self, call: Call) -> Response:
        token = call.form().get("access_token", "")
        if self.tokens.read(self.slug, token, "access") is None:
            return self.say(40105, "Access token is incorrect or has been revoked.")
        self.tokens.use_up(token)
        return self.say(0, "OK")

    def _check(self, call: Call) -> Token:
        text = call.headers.get("access-token", "")
        if not text:
            raise self._refuse(40104, "Access token is empty. Please put it in the Access-Token header.")
        token = self.tokens.read(self.slug, text, "access")
        if token is None or token.problem == "revoked":
            raise self._refuse(40105, "Access token is incorrect or has been revoked.")
        if token.problem:
            raise Refused(self.expired())
        return token

    def _advertisers(self, call: Call) -> Response:
        self._check(call)
        if call.query.get("app_id") != APP_ID or call.query.get("secret") != SECRET:
            return self.say(40002, "App id or secret is incorrect.")
        accounts = self.world.of(self.slug)
        return self.say(
            0, "OK", {"list": [{"advertiser_id": a.id, "advertiser_name": a.name} for a in accounts]}
        )

    def _array(self, call: Call, name: str, needed: bool = False) -> list[Any]:
        """A JSON array of the query."""
        if name not in call.query:
            if needed:
                raise self._refuse(40002, f"{name}: Missing data for required field.")
            return []
        found = call.array(name)
        if found is None:
            raise self._refuse(40002, f"{name}: Not a valid list.")
        return found

    def _info(self, call: Call) -> Response:
        self._check(call)
        ids = [str(one) for one in self._array(call, "advertiser_ids", needed=True)]
        if not 1 <= len(ids) <= 100:
            return self.say(40002, "advertiser_ids: Length must be between 1 and 100.")
        fields = self._array(call, "fields")
        found = []
        for one in ids:
            account = self._of(one)
            values = {
                "advertiser_id": account.id, "name": account.name, "currency": account.currency, "timezone": "Etc/GMT",
                "display_timezone": account.timezone, "country": account.country, "company": "Harbour & Pine Ltd",
                "status": "STATUS_ENABLE", "role": "ROLE_ADVERTISER", "balance": 0, "create_time": 1_727_740_800,
            }  # fmt: skip
            found.append({name: value for name, value in values.items() if not fields or name in fields})
        return self.say(0, "OK", {"list": found})

    def _of(self, account_id: str) -> AdAccount:
        account = self.world.account(self.slug, account_id)
        if account is None:
            raise self._refuse(40001, f"No permission to operate advertiser {account_id}.")
        return account

    def _own(self, call: Call) -> AdAccount:
        self._check(call)
        if "advertiser_id" not in call.query:
            raise self._refuse(40002, "advertiser_id: Missing data for required field.")
        return self._of(call.query["advertiser_id"])

    def _paged(self, call: Call, rows: list[dict[str, Any]]) -> Response:
        page, size = call.query.get("page", "1"), call.query.get("page_size", "10")
        if not page.isdigit() or int(page) < 1:
            raise self._refuse(40002, "page: Must be greater than or equal to 1.")
        if not size.isdigit() or not 1 <= int(size) <= 1000:
            raise self._refuse(
                40002, "page_size: Must be greater than or equal to 1 and less than or equal to 1000."
            )
        n, step = int(page), int(size)
        info = {"page": n, "page_size": step, "total_number": len(rows), "total_page": -(-len(rows) // step)}
        return self.say(0, "OK", {"list": rows[(n - 1) * step : n * step], "page_info": info})

    def _entities(self, call: Call, level: str) -> Response:
        account = self._own(call)
        today = self.world.today(account.timezone)
        filtering = self._object(call, "filtering")
        every = filtering.get("primary_status") in {"STATUS_ALL", "STATUS_DELETE"}
        fields = self._array(call, "fields")
        kind = {"campaign": "CAMPAIGN", "group": "ADGROUP", "ad": "AD"}[level]
        many = {"campaign": account.campaigns, "group": account.groups, "ad": account.ads}[level]
        rows = []
        for place in range(len(many)):
            values, campaign = _tiktok_reports.about(account, level, place, today)
            if campaign is None or campaign.created > today:
                continue
            state = _STATES[campaign.state(today)]
            if state == "DELETE" and not every:
                continue
            row: dict[str, Any] = values | {
                "operation_status": "ENABLE" if state == "ENABLE" else "DISABLE",
                "secondary_status": f"{kind}_STATUS_{state}" if level == "campaign" or state == "DELETE" else f"{kind}_STATUS_DELIVERY_OK",
                "create_time": f"{campaign.created} 09:00:00", "modify_time": f"{campaign.created} 09:00:00",
            }  # fmt: skip
            row.pop("currency")
            if level == "campaign":
                row |= {"budget": campaign.budget_cents / 100, "budget_mode": "BUDGET_MODE_DAY"}
            rows.append({name: value for name, value in row.items() if not fields or name in fields})
        return self._paged(call, rows)

    def _object(self, call: Call, name: str) -> dict[str, Any]:
        try:
            found = json.loads(call.query.get(name, "{}"))
        except json.JSONDecodeError:
            found = None
        if not isinstance(found, dict):
            raise self._refuse(40002, f"{name}: Not a valid object.")
        return found

    def _report(self, call: Call) -> Response:
        account = self._own(call)
        kind = call.query.get("report_type")
        if kind not in {"BASIC", "AUDIENCE"}:
            return self.say(
                40002,
                "report_type: Must be one of: BASIC, AUDIENCE, PLAYABLE_MATERIAL, CATALOG, BC, TT_SHOP.",
            )
        level = call.query.get("data_level", "")
        if level not in LEVELS:
            return self.say(40002, f"data_level: Must be one of: {', '.join(LEVELS)}.")
        dimensions = self._array(call, "dimensions", needed=True)
        audience = tuple(
            name for name in dimensions if kind == "AUDIENCE" and name in _tiktok_reports.AUDIENCE
        )
        rest = [name for name in dimensions if name not in {*audience, "stat_time_day"}]
        if rest != [LEVELS[level][1]] or (kind == "AUDIENCE" and not audience):
            return self.say(40002, f"dimensions: {dimensions} do not match data_level {level}.")
        metrics = self._array(call, "metrics") or ["spend", "impressions"]
        wrong = [name for name in metrics if name not in METRICS]
        if wrong:
            return self.say(40002, f"Invalid metric fields: {wrong}")
        daily = "stat_time_day" in dimensions
        wanted = Wanted(
            *LEVELS[level], metrics, self._days(call, account, daily), daily, *self._filtered(call), audience
        )
        return self._paged(call, list(_tiktok_reports.rows(self.world, account, wanted)))

    def _days(self, call: Call, account: AdAccount, daily: bool) -> list[date]:
        try:
            first, last = (date.fromisoformat(call.query[name]) for name in ("start_date", "end_date"))
        except (KeyError, ValueError):
            raise self._refuse(40002, "start_date and end_date: YYYY-MM-DD is needed.") from None
        if first > last:
            raise self._refuse(40002, "start_date must be earlier than or equal to end_date.")
        most = 30 if daily else 365
        if (last - first).days >= most:
            raise self._refuse(
                40002, f"The max time span is {most} days{' when use stat_time_day' if daily else ''}."
            )
        today = self.world.today(account.timezone)
        days = (first + timedelta(days=n) for n in range((last - first).days + 1))
        return [day for day in days if self.world.start <= day <= today]

    def _filtered(self, call: Call) -> tuple[bool, frozenset[str] | None]:
        """Whether deleted ones count, and the ids that were asked for."""
        deleted, ids = False, None
        for one in self._array(call, "filtering"):
            value = one.get("filter_value", "")
            values = json.loads(value) if isinstance(value, str) and value.startswith("[") else [value]
            if str(one.get("field_name")).endswith("_status"):
                deleted = "STATUS_ALL" in values
            elif str(one.get("field_name")).endswith("_ids"):
                ids = frozenset(map(str, values))
        return deleted, ids
