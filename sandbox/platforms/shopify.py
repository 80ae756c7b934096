"""Shopify Admin GraphQL 2026-10: OAuth, client credentials, orders in pages and in bulk, the cost bucket.

Sources: the published Admin schema 2026-10, shopify.dev on rate limits, bulk operations, client credentials and
expiring tokens. The shop is on the Plus plan (20,000 points, 1,000 a second); throttling is HTTP 200. The bucket
fills by real time, also where the world's clock stands still.
"""

from __future__ import annotations

import hmac
import time
from datetime import timedelta
from typing import Any

from graphql import DocumentNode, GraphQLError, execute_sync, get_operation_ast, parse, validate
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from sandbox import oauth
from sandbox.calls import Call, Handler, Refused, answer
from sandbox.platforms._base import Platform
from sandbox.platforms._shopify_bulk import Bulk
from sandbox.platforms._shopify_root import SHOP, Root
from sandbox.platforms._shopify_schema import MOST, SCHEMA, cost
from sandbox.tokens import Token

CLIENT_ID = "c0ffee0d1e2f30415263748596a7b8c9"
CLIENT_SECRET = "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"  # noqa: S105 invented, opens nothing
SCOPES = "read_all_orders,read_customers,read_orders,read_products"
VERSIONS = ("2025-10", "2026-01", "2026-04", "2026-07", "2026-10")
FULL, RATE = 20_000.0, 1_000.0
DAY, HOUR, REFRESH = timedelta(seconds=86_399), timedelta(hours=1), timedelta(days=90)


class Bucket:
    """The leaky bucket of points of one app on one shop."""

    def __init__(self) -> None:
        self.left = FULL
        self._at = time.monotonic()

    def fill(self) -> float:
        """The points that are there now."""
        now = time.monotonic()
        self.left = min(FULL, self.left + (now - self._at) * RATE)
        self._at = now
        return self.left


class Stand(Platform):
    """The stand-in of Shopify."""

    slug = "shopify"

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.bucket = Bucket()
        self.bulk = Bulk(self.world, self.tokens, self.slug)

    def routes(self) -> dict[tuple[str, str], Handler]:
        """Sign-in, GraphQL, and where results of bulk operations are downloaded."""
        return {
            ("GET", "/admin/oauth/authorize"): self._page,
            ("POST", "/admin/oauth/access_token"): self._token,
            ("POST", "/admin/api/{version}/graphql.json"): self._graphql,
            ("GET", "/bulk-files/{token}"): self._download,
        }

    def credentials(self) -> list[dict[str, Any]]:
        """An app of the Dev Dashboard, or the older token that never ends."""
        shop = f"{SHOP}.myshopify.com"
        token = self.tokens.fixed(self.slug, "access", prefix="shpat_", scope=SCOPES)
        return [
            {"shop": shop, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET},
            {"shop": shop, "access_token": token},
        ]

    def authorize_url(self) -> str:
        """The shop's page for installing the app."""
        return f"/admin/oauth/authorize?client_id={CLIENT_ID}&scope=read_orders"

    def not_found(self, call: Call) -> Response:
        """An unknown path."""
        return answer({"errors": "Not Found"}, 404)

    def rate_limited(self, headers: dict[str, str]) -> Response:
        """THROTTLED inside HTTP 200; with a Retry-After it is the edge's 429 instead."""
        if headers:
            return answer({"errors": "Exceeded the rate limit. Please slow down."}, 429, headers)
        return self._throttled(500, 0.0)

    def day_limit(self) -> Response:
        """Shopify has no limit by day: the bucket is what it has."""
        return self._throttled(500, 0.0)

    def expired(self) -> Response:
        """A token that the shop does not take."""
        return answer(
            {"errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"}, 401
        )

    def inner_error(self) -> Response:
        """An error of Shopify's own, inside HTTP 200."""
        error = {
            "message": "Internal error. Looks like something went wrong on our end.",
            "extensions": {"code": "INTERNAL_SERVER_ERROR"},
        }
        return answer({"errors": [error]})

    def too_much(self) -> Response:
        """A query that costs more than one query may."""
        return self._costly(MOST * 2)

    def same_page(self, call: Call, body: Any) -> Any | None:
        """The cursor that the request came with, and the promise of more."""
        given = (call.json() or {}).get("variables") or {}
        after = next((given[name] for name in ("after", "cursor", "endCursor") if given.get(name)), None)
        found = (body.get("data") or {}).get("orders")
        if after is None or not isinstance(found, dict) or "pageInfo" not in found:
            return None
        again = found | {"pageInfo": found["pageInfo"] | {"hasNextPage": True, "endCursor": after}}
        return body | {"data": body["data"] | {"orders": again}}

    def empty(self, call: Call, body: Any) -> Any | None:
        """A shop without orders."""
        if "ordersCount" in (body.get("data") or {}):
            counted = body["data"]["ordersCount"] | {"count": 0}
            return body | {"data": body["data"] | {"ordersCount": counted}}
        return self.incomplete(call, body)

    def incomplete(self, call: Call, body: Any) -> Any | None:
        """A list without its orders; the count stays what it is."""
        found = (body.get("data") or {}).get("orders")
        if not isinstance(found, dict):
            return None
        none: dict[str, Any] = {name: [] for name in ("edges", "nodes") if name in found}
        info = {"pageInfo": dict.fromkeys(found.get("pageInfo", {}), None) | {"hasNextPage": False}}
        return body | {"data": body["data"] | {"orders": found | none | info}}

    def _page(self, call: Call) -> Response:
        return oauth.page(self.tokens, self.slug, "Shopify", call, "client_id", sign=self._signed)

    def _signed(self, query: dict[str, str]) -> dict[str, str]:
        """The redirect's query with its shop, time and hmac."""
        query = query | {"shop": f"{SHOP}.myshopify.com", "timestamp": str(int(self.world.now.timestamp()))}
        text = "&".join(f"{name}={query[name]}" for name in sorted(query))
        return query | {"hmac": hmac.new(CLIENT_SECRET.encode(), text.encode(), "sha256").hexdigest()}

    def _token(self, call: Call) -> Response:
        given = call.form()
        if given.get("client_id") != CLIENT_ID or given.get("client_secret") != CLIENT_SECRET:
            text = "The client credentials are not valid for this application."
            return answer({"error": "application_cannot_be_found" if given.get("client_id") != CLIENT_ID else "invalid_client",
                           "error_description": text}, 400)  # fmt: skip
        grant = given.get("grant_type", "authorization_code")
        if grant == "client_credentials":
            return self._granted(SCOPES, DAY)
        if grant == "refresh_token":
            text = given.get("refresh_token", "")
            token = self.tokens.read(self.slug, text, "refresh", prefix="shprt_")
            if token is None or token.problem:
                return answer(
                    {"error": "invalid_grant", "error_description": "The refresh token is invalid."}, 400
                )
            self.tokens.use_up(text)
            return self._granted(token.claims["scope"], HOUR, refreshed=True)
        code = oauth.exchange(self.tokens, self.slug, given)
        if code is None:
            text = "The authorization code was not found or was already used"
            return answer({"error": "invalid_request", "error_description": text}, 400)
        expiring = given.get("expiring") in {"1", "true", "True"}
        return self._granted(
            code.claims["scope"] or "read_orders", HOUR if expiring else None, refreshed=expiring
        )

    def _granted(self, scope: str, life: timedelta | None, refreshed: bool = False) -> Response:
        lives = {"life": life} if life else {}
        body: dict[str, Any] = {"scope": scope}
        body["access_token"] = self.tokens.issue(self.slug, "access", prefix="shpat_", scope=scope, **lives)
        if life:
            body["expires_in"] = int(life.total_seconds())
        if refreshed:
            body["refresh_token"] = self.tokens.issue(
                self.slug, "refresh", REFRESH, prefix="shprt_", scope=scope
            )
            body["refresh_token_expires_in"] = int(REFRESH.total_seconds())
        return answer(body)

    def _graphql(self, call: Call) -> Response:
        version = call.parts["version"]
        if version not in VERSIONS:
            if not version[:4].isdigit() or version > VERSIONS[-1]:
                return self.not_found(call)
            version = VERSIONS[0]
        token = self.tokens.read(
            self.slug, call.headers.get("x-shopify-access-token"), "access", prefix="shpat_"
        )
        if token is None or token.problem:
            return self.expired()
        try:
            found = self._run(call, token)
        except Refused as refused:
            found = refused.response
        found.headers["X-Shopify-API-Version"] = version
        return found

    def _run(self, call: Call, token: Token) -> Response:
        body = call.json()
        if not isinstance(body, dict) or not isinstance(body.get("query"), str):
            return answer({"errors": {"query": "Required parameter missing or invalid"}}, 400)
        variables = body.get("variables") or {}
        document = self._parsed(body["query"])
        operation = get_operation_ast(document, body.get("operationName"))
        if operation is None:
            return answer({"errors": [{"message": "No operation named by operationName"}]})
        wanted = cost(document, operation, variables)
        if wanted > MOST:
            return self._costly(wanted)
        if self.bucket.fill() < wanted:
            return self._throttled(wanted, self.bucket.left)
        root = Root(self.world, self.bulk, token.claims["scope"], call.base)
        done = execute_sync(
            SCHEMA, document, root, variable_values=variables, operation_name=body.get("operationName")
        )
        actual = min(wanted, root.cost + 1)
        self.bucket.left -= actual
        found: dict[str, Any] = {"data": done.data}
        if done.errors:
            found["errors"] = [dict(error.formatted) for error in done.errors]
        return answer(found | {"extensions": {"cost": self._status(wanted, actual)}})

    def _parsed(self, text: str) -> DocumentNode:
        try:
            document = parse(text)
        except GraphQLError as error:
            raise Refused(answer({"errors": [dict(error.formatted)]})) from error
        errors = validate(SCHEMA, document)
        if errors:
            raise Refused(answer({"errors": [dict(error.formatted) for error in errors]}))
        return document

    def _status(self, wanted: int, actual: int | None) -> dict[str, Any]:
        status = {"maximumAvailable": FULL, "currentlyAvailable": int(self.bucket.left), "restoreRate": RATE}
        return {"requestedQueryCost": wanted, "actualQueryCost": actual, "throttleStatus": status}

    def _throttled(self, wanted: int, left: float) -> Response:
        status = {"maximumAvailable": FULL, "currentlyAvailable": int(left), "restoreRate": RATE}
        spent = {"requestedQueryCost": wanted, "actualQueryCost": None, "throttleStatus": status}
        error = {
            "message": "Throttled",
            "extensions": {"code": "THROTTLED", "documentation": "https://shopify.dev/api/usage/rate-limits"},
        }
        return answer({"errors": [error], "extensions": {"cost": spent}})

    def _costly(self, wanted: int) -> Response:
        text = f"Query cost is {wanted}, which exceeds the single query max cost limit ({MOST})."
        error = {"message": text, "extensions": {"code": "MAX_COST_EXCEEDED", "cost": wanted, "maxCost": MOST,
                                                 "documentation": "https://shopify.dev/api/usage/rate-limits"}}  # fmt: skip
        return answer({"errors": [error]})

    def _download(self, call: Call) -> Response:
        token = self.tokens.read(self.slug, call.parts["token"], "bulk")
        lines = self.bulk.lines(token.claims["number"]) if token and token.problem != "expired" else None
        if lines is None:
            return PlainTextResponse("<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", 403)
        kind = "application/jsonl"
        return (
            Response(b"".join(lines), media_type=kind)
            if call.whole
            else StreamingResponse(lines, media_type=kind)
        )
