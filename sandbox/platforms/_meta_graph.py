"""Meta's Graph API around the reports: tokens, errors, usage headers, fields and cursors.

Sources: facebook-business 26.0.3 (errors, session, cursors), developers.facebook.com on access tokens and rate
limiting.
"""

from __future__ import annotations

import base64
import hmac
import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from sandbox import chance, oauth
from sandbox.calls import Call, Handler, Refused, answer
from sandbox.platforms._base import Platform
from sandbox.tokens import Token

APP_ID = "415555010011"
APP_SECRET = "0f5a1d2b3c4e5f60718293a4b5c6d7e8"  # noqa: S105 invented, opens nothing
VERSIONS = ("v25.0", "v26.0")
SHORT, LONG = timedelta(hours=1, minutes=30), timedelta(days=60)


class GraphStand(Platform):
    """The parts of the Graph API that every edge shares."""

    slug = "meta_ads"

    def sign_in_routes(self) -> dict[tuple[str, str], Handler]:
        """The dialog, the token endpoint and what a token says about itself."""
        version = "/{version}"
        return {
            ("GET", version + "/dialog/oauth"): self._page,
            ("GET", version + "/oauth/access_token"): self._token,
            ("POST", version + "/oauth/access_token"): self._token,
            ("GET", "/oauth/access_token"): self._token,
            ("GET", version + "/debug_token"): self._debug,
            ("GET", "/debug_token"): self._debug,
            ("GET", version + "/me"): self._me,
            ("GET", version + "/me/permissions"): self._permissions,
        }

    def authorize_url(self) -> str:
        """Facebook's sign-in dialog."""
        return f"/v26.0/dialog/oauth?client_id={APP_ID}&scope=ads_read"

    def error(
        self, code: int, message: str, kind: str = "OAuthException", subcode: int | None = None, status: int = 400,
        headers: dict[str, str] | None = None, transient: bool = False,
    ) -> Response:  # fmt: skip
        """The Graph API's error body."""
        body: dict[str, Any] = {"message": message, "type": kind, "code": code}
        if subcode:
            body["error_subcode"] = subcode
        if transient:
            body["is_transient"] = True
        trace = f"A{chance.number(self.world.seed, message, self.world.now):016x}"
        return answer({"error": body | {"fbtrace_id": trace}}, status, headers)

    def rate_limited(self, headers: dict[str, str]) -> Response:
        """Too many calls for the ad account; the header says in how many minutes it goes on."""
        message = ("(#80000) There have been too many calls from this ad-account. Wait a bit and try again. For more "
                   "info, please refer to https://developers.facebook.com/docs/graph-api/overview/rate-limiting.")  # fmt: skip
        return self.error(80000, message, subcode=2446079, headers=self.usage(100, 1) | headers)

    def day_limit(self) -> Response:
        """The app's calls are used up; the header says for how long."""
        return self.error(4, "(#4) Application request limit reached", headers=self.usage(100, 480))

    def expired(self) -> Response:
        """A session that has ended."""
        return self._ended(463, "Session has expired")

    def too_much(self) -> Response:
        """A report that is too large to be made at once."""
        return self.error(
            1, "Please reduce the amount of data you're asking for, then retry your request", status=500
        )

    def not_found(self, call: Call) -> Response:
        """An unknown path is an unknown object."""
        return self.error(2500, "Unknown path components: " + call.path, status=400)

    def same_page(self, call: Call, body: Any) -> Any | None:
        """The cursor that the request came with, once more."""
        after = call.query.get("after")
        if not after or "paging" not in body:
            return None
        return body | {
            "paging": {"cursors": {"before": after, "after": after}, "next": self._next(call, after)}
        }

    def _ended(self, subcode: int, what: str) -> Response:
        now = self.world.now
        message = f"Error validating access token: {what} on {now:%A, %d-%b-%y} 00:00:00 PST."
        if subcode == 458:
            message = f"Error validating access token: The user has not authorized application {APP_ID}."
        return self.error(190, message, subcode=subcode, status=401 if subcode == 463 else 400)

    def usage(self, used: int = 3, minutes: int = 0) -> dict[str, str]:
        case = {"type": "ads_insights", "call_count": used, "total_cputime": used, "total_time": used,
                "estimated_time_to_regain_access": minutes, "ads_api_access_tier": "standard_access"}  # fmt: skip
        throttle = {
            "app_id_util_pct": used,
            "acc_id_util_pct": used,
            "ads_api_access_tier": "standard_access",
        }
        account = self.world.of(self.slug)[0].id
        return {
            "X-Business-Use-Case-Usage": json.dumps({account: [case]}),
            "X-FB-Ads-Insights-Throttle": json.dumps(throttle),
            "X-App-Usage": json.dumps({"call_count": used, "total_cputime": used, "total_time": used}),
            "facebook-api-version": VERSIONS[-1],
        }

    def given(self, call: Call) -> dict[str, str]:
        return call.query | call.form() if call.method == "POST" else call.query

    def check(self, call: Call) -> Token:
        """The valid token of a call of a living version, with the proof right if there is one."""
        if call.parts.get("version", VERSIONS[-1]) not in VERSIONS:
            text = f"(#2635) You are calling a deprecated version of the Ads API. Please update to the latest version: {VERSIONS[-1]}."
            raise Refused(self.error(2635, text))
        given = self.given(call)
        text = given.get("access_token") or call.bearer() or ""
        if not text:
            raise Refused(
                self.error(104, "An access token is required to request this resource.", status=401)
            )
        token = self.tokens.read(self.slug, text, "access", prefix="EAA")
        if token is None:
            raise Refused(
                self.error(190, "Invalid OAuth access token - Cannot parse access token", status=401)
            )
        if token.problem:
            raise Refused(self.expired() if token.problem == "expired" else self._ended(458, ""))
        proof = given.get("appsecret_proof")
        if proof and proof != hmac.new(APP_SECRET.encode(), text.encode(), "sha256").hexdigest():
            raise Refused(
                self.error(
                    100, "Invalid appsecret_proof provided in the API argument", "GraphMethodException"
                )
            )
        return token

    def _page(self, call: Call) -> Response:
        return oauth.page(self.tokens, self.slug, "Facebook", call, "client_id")

    def _token(self, call: Call) -> Response:
        given = self.given(call)
        if given.get("client_id") != APP_ID:
            return self.error(
                101, "Error validating application. Cannot get application info due to a system error."
            )
        if given.get("client_secret") != APP_SECRET:
            return self.error(1, "Error validating client secret.")
        if given.get("grant_type") == "fb_exchange_token":
            old = self.tokens.read(self.slug, given.get("fb_exchange_token"), "access", prefix="EAA")
            if old is None or old.problem:
                return self.expired()
            return self._granted(old.claims["scope"], LONG)
        code = oauth.exchange(self.tokens, self.slug, given)
        if code is None:
            text = (
                "This authorization code has been used."
                if given.get("code")
                else "Missing authorization code"
            )
            return self.error(100, text, subcode=36009)
        return self._granted(code.claims["scope"], SHORT)

    def _granted(self, scope: str, life: timedelta) -> Response:
        token = self.tokens.issue(self.slug, "access", life, prefix="EAA", scope=scope)
        return answer(
            {"access_token": token, "token_type": "bearer", "expires_in": int(life.total_seconds())}
        )

    def _debug(self, call: Call) -> Response:
        self.check(call)
        token = self.tokens.read(self.slug, call.query.get("input_token"), "access", prefix="EAA")
        if token is None:
            return answer({"data": {"is_valid": False, "error": {"code": 190, "message": "Invalid OAuth access token."},
                                    "scopes": []}})  # fmt: skip
        ends = token.claims["e"]
        return answer({"data": {
            "app_id": APP_ID, "type": "SYSTEM_USER" if token.claims["n"] == 0 else "USER", "application": "Soundings",
            "data_access_expires_at": 0 if token.claims["n"] == 0 else token.claims["i"] + 90 * 86_400,
            "expires_at": 0 if token.claims["n"] == 0 else ends, "is_valid": not token.problem,
            "scopes": token.claims["scope"].split(","), "user_id": "122100000000000001",
        }})  # fmt: skip

    def _me(self, call: Call) -> Response:
        self.check(call)
        return answer({"name": "Harbour & Pine reporting", "id": "122100000000000001"})

    def _permissions(self, call: Call) -> Response:
        scopes = self.check(call).claims["scope"].replace(" ", ",").split(",")
        return answer({"data": [{"permission": scope, "status": "granted"} for scope in scopes if scope]})

    def check_scope(self, token: Token) -> None:
        if not {"ads_read", "ads_management"} & set(token.claims["scope"].replace(" ", ",").split(",")):
            text = "(#200) Ad account owner has NOT grant ads_management or ads_read permission"
            raise Refused(self.error(200, text, status=403))

    def fields_of(self, call: Call, known: Any) -> list[str]:
        """The names of `fields`, sub-fields in braces left aside."""
        text, depth, names, word = self.given(call).get("fields", ""), 0, [], ""
        for letter in text + ",":
            depth += (letter == "{") - (letter == "}")
            if letter == "," and depth == 0:
                names.append(word.partition("{")[0].strip())
                word = ""
            else:
                word += letter
        names = [name for name in names if name]
        for name in names:
            if name not in known:
                raise Refused(self.error(100, f"(#100) Tried accessing nonexisting field ({name})"))
        return names

    def chosen(self, values: dict[str, Any], names: list[str]) -> dict[str, Any]:
        found = {name: values[name] for name in names if values.get(name) is not None}
        return found | {"id": values["id"]}

    def limit_of(self, call: Call) -> int:
        text = call.query.get("limit", "25")
        if not text.isdigit() or not int(text):
            raise Refused(self.error(100, "(#100) Param limit must be a positive integer"))
        if int(text) > 5_000:
            raise Refused(self.too_much())
        return int(text)

    def _next(self, call: Call, after: str) -> str:
        """The next page's full URL, which carries the token, as the real one does."""
        return f"{call.base}{call.path}?" + urlencode(call.query | {"after": after})

    def listed(self, call: Call, rows: list[dict[str, Any]]) -> Response:
        """One page of a list, by offset in the cursor."""
        start, limit = self.place_of(call)[1], self.limit_of(call)
        return self.paged(call, rows[start : start + limit], (0, start),
                           (0, start + limit) if start + limit < len(rows) else None)  # fmt: skip

    def paged(
        self, call: Call, rows: list[dict[str, Any]], here: tuple[int, int], after: tuple[int, int] | None
    ) -> Response:
        if not rows:
            return answer({"data": []}, headers=self.usage())
        paging: dict[str, Any] = {"cursors": {"before": cursor(here), "after": cursor(after or (-1, 0))}}
        if after:
            paging["next"] = self._next(call, paging["cursors"]["after"])
        return answer({"data": rows, "paging": paging}, headers=self.usage())

    def place_of(self, call: Call) -> tuple[int, int]:
        """Where a page begins: portion and row. A cursor that is none of ours is refused."""
        text = call.query.get("after")
        if not text:
            return 0, 0
        try:
            portion, row = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            return int(portion), int(row)
        except (ValueError, TypeError):
            raise Refused(self.error(100, "(#100) Invalid cursors values")) from None

    def json_of(self, given: dict[str, str], name: str, default: Any) -> Any:
        if name not in given:
            return default
        try:
            return json.loads(given[name])
        except json.JSONDecodeError:
            raise Refused(self.error(100, f"(#100) param {name} must be valid JSON")) from None

    def list_of(self, given: dict[str, str], name: str) -> list[str]:
        """A list that may come as JSON or with commas."""
        text = given.get(name, "")
        if text.startswith("["):
            return [str(value) for value in self.json_of(given, name, [])]
        return [part.strip() for part in text.split(",") if part.strip()]


def cursor(place: tuple[int, int]) -> str:
    """A portion and a row in it, as an opaque text."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")
