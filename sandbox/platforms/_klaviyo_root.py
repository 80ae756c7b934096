"""Klaviyo's sign-in, error bodies and pages: what its stand-in's endpoints share.

JSON:API bodies; a key or token, and the header `revision`, with every call. OAuth is PKCE with a refresh token
that stays the same.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from starlette.responses import Response

from sandbox import chance, oauth
from sandbox.calls import Call, Refused, answer
from sandbox.platforms._base import Platform

ACCOUNT = "HaPi24"
CLIENT_ID, CLIENT_SECRET = "4f3a2b1c-sandbox-harbour-and-pine", "k1v0_sandbox_secret_of_nobody"
SCOPES = (
    "accounts:read campaigns:read events:read flows:read lists:read metrics:read profiles:read segments:read"
)
KIND = "application/vnd.api+json"
REVISIONS = ("2024-10-15", "2026-07-15")
"""Oldest and newest revision that is answered; the next one changes campaigns."""


class KlaviyoStand(Platform):
    """The shared part of the stand-in of Klaviyo."""

    slug = "klaviyo"

    def credentials(self) -> list[dict[str, Any]]:
        """A private key; the team's own OAuth app with a refresh token."""
        key = self.tokens.fixed(self.slug, "key", prefix="pk_")
        refresh = self.tokens.fixed(self.slug, "refresh", scope=SCOPES)
        app = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        return [{"api_key": key}, app | {"refresh_token": refresh}]

    def authorize_url(self) -> str:
        """Klaviyo's sign-in page; it wants a PKCE challenge."""
        return f"/oauth/authorize?{urlencode({'client_id': CLIENT_ID, 'response_type': 'code', 'scope': SCOPES})}"

    # --- refusals --------------------------------------------------------------------------------

    def refusal(
        self, status: int, code: str, title: str, detail: str, headers: dict[str, str] | None = None, **source: str
    ) -> Response:  # fmt: skip
        """Klaviyo's error body."""
        number = chance.number(self.world.seed, "error", status, code, detail)
        error = {"id": str(UUID(int=number % 2**128)), "status": status, "code": code, "title": title, "detail": detail,
                 "source": {"pointer": "/data", **source}, "links": {}, "meta": {}}  # fmt: skip
        return answer({"errors": [error]}, status, headers, KIND)

    def rate_limited(self, headers: dict[str, str]) -> Response:
        """Too many requests: throttled."""
        return self.refusal(429, "throttled", "Request was throttled.",
                            f"Request was throttled. Expected available in {headers.get('Retry-After', '1')} second.",
                            headers)  # fmt: skip

    def day_limit(self) -> Response:
        """The reports of a day are used up: Klaviyo says how many seconds are left."""
        now = self.world.now
        left = 86_400 - (now.hour * 3600 + now.minute * 60 + now.second)
        return self.rate_limited({"Retry-After": str(left)})

    def expired(self) -> Response:
        """A key or token that Klaviyo does not take."""
        return self.refusal(401, "not_authenticated", "Authentication credentials were not provided.",
                            "Missing or invalid private key.")  # fmt: skip

    def not_found(self, call: Call) -> Response:
        """A path that is none."""
        return self.refusal(404, "not_found", "Not found.", f"No resource at {call.path}.")

    def same_page(self, call: Call, body: Any) -> Any | None:
        """The cursor that the request had, as the next one."""
        mark = call.query.get("page[cursor]") or call.query.get("page_cursor")
        if not mark or not isinstance(body, dict) or "links" not in body:
            return None
        return body | {"links": body["links"] | {"next": f"{call.base}{call.path}?{urlencode(call.query)}"}}

    def empty(self, call: Call, body: Any) -> Any | None:
        """Aggregates and reports without groups."""
        held = body.get("data") if isinstance(body, dict) else None
        if not isinstance(held, dict):
            return None
        attributes = held.get("attributes") or {}
        for name in ("data", "results"):
            if name in attributes:
                return body | {"data": held | {"attributes": attributes | {name: []}}}
        return None

    def wrong(self, detail: str, pointer: str = "/data/attributes") -> Refused:
        """A value that is not valid."""
        return Refused(self.refusal(400, "invalid", "Invalid input.", detail, pointer=pointer))

    # --- signing in ------------------------------------------------------------------------------

    def sign_in_page(self, call: Call) -> Response:
        """Where a person allows the app; PKCE is demanded."""
        if call.query.get("code_challenge_method") != "S256" or not call.query.get("code_challenge"):
            return self.refusal(400, "invalid", "Invalid input.", "code_challenge with S256 is required.")
        return oauth.page(self.tokens, self.slug, "Klaviyo", call, "client_id")

    def token(self, call: Call) -> Response:
        """Tokens for a code or a refresh token, which does not change."""
        form = call.form()
        given = oauth.basic(call)
        if given == ("", ""):
            given = form.get("client_id", ""), form.get("client_secret", "")
        if given != (CLIENT_ID, CLIENT_SECRET):
            return answer({"error": "invalid_client", "error_description": "Unknown client."}, 401)
        if form.get("grant_type") == "authorization_code":
            token = oauth.exchange(self.tokens, self.slug, form)
        elif form.get("grant_type") == "refresh_token":
            token = self.tokens.read(self.slug, form.get("refresh_token"), "refresh")
        else:
            return answer({"error": "unsupported_grant_type"}, 400)
        if token is None or token.problem:
            return answer(
                {"error": "invalid_grant", "error_description": "The grant is invalid or expired."}, 400
            )
        scope = token.claims["scope"]
        refresh = form.get("refresh_token") or self.tokens.issue(self.slug, "refresh", scope=scope)
        access = self.tokens.issue(self.slug, "access", timedelta(hours=1), scope=scope)
        return answer({"access_token": access, "refresh_token": refresh, "expires_in": 3600, "token_type": "bearer",
                       "scope": scope})  # fmt: skip

    def revoke(self, call: Call) -> Response:
        """End a token."""
        self.tokens.use_up(call.form().get("token", ""))
        return answer({})

    def check(self, call: Call, scope: str) -> None:
        """Refuses a call without a valid key or token, the scope or the revision."""
        given = call.headers.get("authorization", "")
        if given.startswith("Klaviyo-API-Key "):
            token = self.tokens.read(self.slug, given.partition(" ")[2].strip(), "key", prefix="pk_")
        else:
            token = self.tokens.read(self.slug, call.bearer(), "access")
        if token is None or token.problem:
            raise Refused(self.expired())
        if token.kind == "access" and scope not in token.claims["scope"].split():
            raise Refused(self.refusal(403, "permission_denied", "You do not have permission to perform this action.",
                                       f"The scope {scope} is missing."))  # fmt: skip
        revision = call.headers.get("revision", "")
        if (
            not re.fullmatch(r"\d{4}-\d\d-\d\d(\.pre)?", revision)
            or not REVISIONS[0] <= revision[:10] <= REVISIONS[1]
        ):
            raise Refused(
                self.refusal(400, "invalid", "Invalid input.", f"Missing or invalid revision: {revision!r}.")
            )

    def shown(self, body: dict[str, Any]) -> Response:
        """An answer with the rate headers that come with each."""
        limits = {"RateLimit-Limit": "3, 3;w=1, 60;w=60", "RateLimit-Remaining": "59", "RateLimit-Reset": "1"}
        return answer(body, 200, limits, KIND)

    def paged(
        self, call: Call, items: list[dict[str, Any]], most: int, default: int | None = None
    ) -> Response:
        """One page of a list, by `page[size]` and `page[cursor]`."""
        size = call.query.get("page[size]", str(default or most))
        if not size.isdigit() or not 1 <= int(size) <= most:
            raise Refused(self.refusal(400, "invalid", "Invalid input.", f"Page size must be between 1 and {most}.",
                                       parameter="page[size]"))  # fmt: skip
        mark = call.query.get("page[cursor]")
        token = self.tokens.read(self.slug, mark, "cursor") if mark else None
        if mark and token is None:
            raise Refused(
                self.refusal(400, "invalid", "Invalid input.", "Invalid cursor.", parameter="page[cursor]")
            )
        begin = int(token.claims["at"]) if token else 0
        end = begin + int(size)
        here = f"{call.base}{call.path}"
        following = None
        if end < len(items):
            query = call.query | {"page[cursor]": self.tokens.fixed(self.slug, "cursor", at=end)}
            following = f"{here}?{urlencode(query)}"
        return self.shown(
            {"data": items[begin:end], "links": {"self": here, "next": following, "prev": None}}
        )

    def begin(self, mark: Any) -> int:
        """Where the page of a cursor in the body begins."""
        if not mark:
            return 0
        token = self.tokens.read(self.slug, str(mark), "cursor")
        if token is None:
            raise self.wrong("Invalid page_cursor.")
        return int(token.claims["at"])

    def attributes(self, call: Call, kind: str) -> dict[str, Any]:
        """The attributes of a posted question of that type."""
        body = call.json()
        data = body.get("data") if isinstance(body, dict) else None
        if (
            not isinstance(data, dict)
            or data.get("type") != kind
            or not isinstance(data.get("attributes"), dict)
        ):
            raise self.wrong(f"The request must have data of type {kind} with attributes.", "/data/type")
        found: dict[str, Any] = data["attributes"]
        return found
