"""Google Ads API v26 over REST: OAuth, accessible customers, GAQL by `search` and `searchStream`.

Sources: the v26 protos (metrics, segments, campaign, customer, errors), developers.google.com on paging,
query structure and errors. One manager is above two accounts; the sign-in reaches the manager and the first
account directly, so the second account needs `login-customer-id`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import Any

from starlette.responses import Response

from sandbox import catalogue, chance
from sandbox.accounts import AdAccount
from sandbox.calls import Call, Handler, Refused, answer
from sandbox.platforms import _gaql, _google_entities, _google_fields
from sandbox.platforms._gaql import Query, QueryError
from sandbox.platforms._google import CLIENT_ID, CLIENT_SECRET, GoogleStand
from sandbox.platforms._google_reports import Report

VERSIONS = ("v23", "v24", "v25", "v26")
PAGE = 10_000
_FAILURE = "type.googleapis.com/google.ads.googleads.{}.errors.GoogleAdsFailure"


class Stand(GoogleStand):
    """The stand-in of Google Ads."""

    slug = "google_ads"
    label = "Google Ads"
    scope = "https://www.googleapis.com/auth/adwords"

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._reports: dict[tuple[str, str, date], Report] = {}

    def routes(self) -> dict[tuple[str, str], Handler]:
        """Sign-in, accounts and reports of every living version."""
        found = self.sign_in_routes()
        found["GET", "/{version}/customers:listAccessibleCustomers"] = self._accessible
        found["POST", "/{version}/customers/{customer}/googleAds:search"] = self._search
        found["POST", "/{version}/customers/{customer}/googleAds:searchStream"] = self._stream
        return found

    def credentials(self) -> list[dict[str, Any]]:
        """Through the manager, or with direct access to the first account only."""
        common = {
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "refresh_token": self.refresh_token(),
        }
        return [common | {"login_customer_id": catalogue.MANAGER}, common]

    def failure(
        self, code: int, status: str, group: str, name: str, message: str, extra: dict[str, Any] | None = None
    ) -> Response:
        """An error with the details that the API's own errors carry."""
        error = {"errorCode": {group: name}, "message": message} | (extra or {})
        request = f"{chance.number(self.world.seed, self.world.now, message):020d}"[:22]
        details = [{"@type": _FAILURE.format(VERSIONS[-1]), "errors": [error], "requestId": request}]
        texts = {"INVALID_ARGUMENT": "Request contains an invalid argument.",
                 "PERMISSION_DENIED": "The caller does not have permission",
                 "RESOURCE_EXHAUSTED": "Resource has been exhausted (e.g. check quota)."}  # fmt: skip
        found = self.error(code, status, texts.get(status, message), details)
        found.headers["request-id"] = request
        return found

    def rate_limited(self, headers: dict[str, str]) -> Response:
        """Too many requests for the account for now."""
        scope = {"rateScope": "ACCOUNT", "rateName": "Requests per minute", "retryDelay": "2s"}
        found = self.failure(429, "RESOURCE_EXHAUSTED", "quotaError", "RESOURCE_TEMPORARILY_EXHAUSTED",
                             "Too many requests. Retry in 2 seconds.", {"details": {"quotaErrorDetails": scope}})  # fmt: skip
        found.headers.update(headers)
        return found

    def day_limit(self) -> Response:
        """The project's operations of the day are used up."""
        scope = {
            "rateScope": "DEVELOPER",
            "rateName": "Number of operations for basic access",
            "retryDelay": "28800s",
        }
        return self.failure(429, "RESOURCE_EXHAUSTED", "quotaError", "RESOURCE_EXHAUSTED",
                            "Too many requests. Retry in 28800 seconds.", {"details": {"quotaErrorDetails": scope}})  # fmt: skip

    def same_page(self, call: Call, body: Any) -> Any | None:
        """The token that the request came with, once more."""
        token = (call.json() or {}).get("pageToken")
        return body | {"nextPageToken": token} if token and isinstance(body, dict) else None

    def empty(self, call: Call, body: Any) -> Any | None:
        """Reports without results; the account itself is still there."""
        if "metrics" not in str((call.json() or {}).get("query")):
            return None
        return [] if isinstance(body, list) else {"fieldMask": body.get("fieldMask", "")}

    def _version(self, call: Call) -> None:
        version = call.parts["version"]
        if version not in VERSIONS:
            raise Refused(
                self.failure(400, "INVALID_ARGUMENT", "requestError", "UNSUPPORTED_VERSION",
                             f"Version {version} is deprecated. Requests to this version will be blocked.")
            )  # fmt: skip

    def _accessible(self, call: Call) -> Response:
        self._version(call)
        self.check(call)
        ids = (catalogue.MANAGER, self.world.of(self.slug)[0].id)
        return answer({"resourceNames": [f"customers/{customer}" for customer in ids]})

    def _customer(self, call: Call) -> tuple[AdAccount | None, str]:
        """The account of the path (None for the manager), if the sign-in may read it."""
        self._version(call)
        self.check(call)
        wanted, login = call.parts["customer"], call.headers.get("login-customer-id", "")
        if not wanted.isdigit() or (login and not login.isdigit()):
            raise Refused(self.failure(400, "INVALID_ARGUMENT", "requestError", "INVALID_CUSTOMER_ID",
                                       f"Invalid customer ID '{wanted}'."))  # fmt: skip
        account = self.world.account(self.slug, wanted)
        direct = {catalogue.MANAGER, self.world.of(self.slug)[0].id}
        through = login == catalogue.MANAGER and (account is not None or wanted == catalogue.MANAGER)
        if not (through or (wanted in direct and login in {"", wanted})):
            raise Refused(
                self.failure(403, "PERMISSION_DENIED", "authorizationError", "USER_PERMISSION_DENIED",
                             "User doesn't have permission to access customer. Note: If you're accessing a client customer, "
                             "the manager's customer id must be set in the 'login-customer-id' header.")
            )  # fmt: skip
        return account, wanted

    def _query(self, call: Call, account: AdAccount | None) -> Query:
        body = call.json()
        if not isinstance(body, dict) or not isinstance(body.get("query"), str):
            raise Refused(self.error(400, "INVALID_ARGUMENT", "Request contains an invalid argument."))
        if "pageSize" in body:
            raise Refused(
                self.failure(400, "INVALID_ARGUMENT", "requestError", "PAGE_SIZE_NOT_SUPPORTED",
                             "Setting the page size is not supported. Search Responses will have fixed page size of '10000' rows.")
            )  # fmt: skip
        zone = account.timezone if account else _google_entities.MANAGER["zone"]
        try:
            query = _gaql.parse(body["query"], self.world.today(zone))
            _google_fields.check(query, account)
        except QueryError as error:
            raise Refused(self._refuse(error)) from error
        return query

    def _refuse(self, error: QueryError) -> Response:
        return self.failure(400, "INVALID_ARGUMENT", "queryError", error.code, str(error))

    def _pages(
        self, account: AdAccount | None, customer: str, query: Query, start: int = 0
    ) -> Iterator[list[dict[str, Any]]]:
        """The rows in portions, from the given one on."""
        if query.resource == "customer_client" or account is None:
            return iter([_google_entities.listed(self.world, account, customer, query)][start:])
        if query.resource == "conversion_action":
            return iter([_google_entities.actions(self.world, account, query)][start:])
        return self._report(account, query).pages(start)

    def _report(self, account: AdAccount, query: Query) -> Report:
        """The report of a query; pages of the same query share one for as long as the day lasts."""
        key = (account.id, repr(query), self.world.today(account.timezone))
        if key not in self._reports:
            if len(self._reports) >= 8:
                self._reports.clear()
            self._reports[key] = Report(
                self.world, account, query, partial(_google_entities.entity, self.world, account)
            )
        return self._reports[key]

    def _search(self, call: Call) -> Response:
        account, customer = self._customer(call)
        query = self._query(call, account)
        token = call.json().get("pageToken")
        start = self._start(token)
        body: dict[str, Any] = {"fieldMask": _mask(query)}
        try:
            rows, place = self._collect(account, customer, query, start)
        except QueryError as error:
            return self._refuse(error)
        if rows:
            body["results"] = rows
        if place:
            body["nextPageToken"] = base64.urlsafe_b64encode(json.dumps(place).encode()).decode()
        return answer(body | {"queryResourceConsumption": str(len(rows) // 10 + 12)})

    def _start(self, token: Any) -> tuple[int, int, int]:
        if not token:
            return 0, 0, 0
        try:
            portion, offset, done = json.loads(base64.urlsafe_b64decode(str(token)))
            return int(portion), int(offset), int(done)
        except (ValueError, TypeError):
            raise Refused(
                self.failure(
                    400, "INVALID_ARGUMENT", "requestError", "INVALID_PAGE_TOKEN", "Page token is invalid."
                )
            ) from None

    def _collect(
        self, account: AdAccount | None, customer: str, query: Query, start: tuple[int, int, int]
    ) -> tuple[list[Any], list[int] | None]:
        """One page, and where the next one begins: portion, row in it, rows so far."""
        first, offset, done = start
        left = min(PAGE, (query.limit or 10**12) - done)
        rows: list[Any] = []
        for n, portion in enumerate(self._pages(account, customer, query, first), first):
            begin = offset if n == first else 0
            taken = portion[begin : begin + left - len(rows)]
            rows += taken
            if len(rows) == left:
                more = query.limit is None or done + len(rows) < query.limit
                return rows, [n, begin + len(taken), done + len(rows)] if more else None
        return rows, None

    def _stream(self, call: Call) -> Response:
        try:
            account, customer = self._customer(call)
            query = self._query(call, account)
            chunks, left = [], query.limit or 10**12
            for portion in self._pages(account, customer, query):
                for k in range(0, min(len(portion), left), PAGE):
                    rows = portion[k : min(k + PAGE, left)]
                    chunks.append({"results": rows, "fieldMask": _mask(query), "requestId": "sandbox"})
                left -= len(portion)
                if left <= 0:
                    break
        except QueryError as error:
            return _wrapped(self._refuse(error))
        except Refused as refused:
            return _wrapped(refused.response)
        return answer(chunks)


def _mask(query: Query) -> str:
    parts = (field.split(".") for field in query.select)
    return ",".join(".".join(_google_entities.camel(part) for part in names) for names in parts)


def _wrapped(response: Response) -> Response:
    """An error of `searchStream` comes inside an array."""
    found = answer([json.loads(bytes(response.body))], response.status_code)
    for name, value in response.headers.items():
        if name in {"retry-after", "request-id"}:
            found.headers[name] = value
    return found
