"""Google Analytics 4: Data API v1beta (runReport, batchRunReports, metadata) and Admin API v1beta (properties).

Sources: discovery documents `analyticsdata.v1beta` (revision 20261006) and `analyticsadmin.v1beta` (20261102).
One property over the shop's website. All values are text; no data means no `rows` at all; at most 9 dimensions,
10 metrics, 4 date ranges and 250,000 rows; quotas are told only where asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from starlette.responses import Response

from sandbox import keys
from sandbox.calls import Call, Handler, Refused, answer
from sandbox.platforms import _ga4_reports as reports
from sandbox.platforms._ga4_reports import DIMENSIONS, METRICS, Sums
from sandbox.platforms._google import CLIENT_ID, CLIENT_SECRET, GoogleStand
from sandbox.world import SHOP_ZONE

ACCOUNT, PROPERTY = "415555", "415555010"
MOST_ROWS, DEFAULT_ROWS = 250_000, 10_000
_SCHEMA = (
    "For a list of valid dimensions and metrics, see "
    "https://developers.google.com/analytics/devguides/reporting/data/v1/api-schema"
)
_QUOTAS = {
    "tokensPerDay": 200_000, "tokensPerHour": 40_000, "concurrentRequests": 10, "serverErrorsPerProjectPerHour": 10,
    "potentiallyThresholdedRequestsPerHour": 120, "tokensPerProjectPerHour": 14_000,
}  # fmt: skip


Line = tuple[tuple[str, ...], list[str]]
"""A row: its dimensions' and its metrics' values."""


class Stand(GoogleStand):
    """The stand-in of Google Analytics 4."""

    slug = "ga4"
    label = "Google Analytics"
    scope = "https://www.googleapis.com/auth/analytics.readonly"

    def routes(self) -> dict[tuple[str, str], Handler]:
        """Sign-in, the account tree and reports."""
        one = "/v1beta/properties/{property}"
        return {
            **self.sign_in_routes(),
            ("GET", "/v1beta/accountSummaries"): self._summaries,
            ("GET", one): self._property,
            ("GET", one + "/metadata"): self._metadata,
            ("GET", one + "/keyEvents"): self._key_events,
            ("POST", one + ":runReport"): self._report,
            ("POST", one + ":batchRunReports"): self._batch,
        }

    def credentials(self) -> list[dict[str, Any]]:
        """A service account's key file; the team's own OAuth app with a refresh token."""
        return [
            {"service_account": keys.service_account(self.world.seed)},
            {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "refresh_token": self.refresh_token()},
        ]

    def rate_limited(self, headers: dict[str, str]) -> Response:
        """The hour's tokens are used up."""
        found = self.error(429, "RESOURCE_EXHAUSTED", "Exhausted property tokens per hour. These quota tokens will "
                           "return in under an hour. To increase potential quota, use Google Analytics 360.")  # fmt: skip
        found.headers.update(headers)
        return found

    def day_limit(self) -> Response:
        """The day's tokens are used up."""
        return self.error(429, "RESOURCE_EXHAUSTED", "Exhausted property tokens per day. These quota tokens will return "
                          "in under 24 hours. To increase potential quota, use Google Analytics 360.")  # fmt: skip

    def not_found(self, call: Call) -> Response:
        """A path that is none."""
        return self.error(404, "NOT_FOUND", "Method not found.")

    def same_page(self, call: Call, body: Any) -> Any | None:
        """Reports are paged by offset; only the list of accounts has tokens."""
        mark = call.query.get("pageToken")
        return body | {"nextPageToken": mark} if mark and isinstance(body, dict) else None

    def empty(self, call: Call, body: Any) -> Any | None:
        """A report without rows."""
        if not call.path.endswith(":runReport") or not isinstance(body, dict):
            return None
        return {name: value for name, value in body.items() if name not in {"rows", "rowCount"}}

    # --- the account tree ------------------------------------------------------------------------

    def _summaries(self, call: Call) -> Response:
        self.check(call)
        size = call.query.get("pageSize", "50")
        if not size.isdigit() or int(size) > 200:
            raise self._wrong("Page size must be between 1 and 200.")
        found = {"property": f"properties/{PROPERTY}", "displayName": "Harbour & Pine shop",
                 "propertyType": "PROPERTY_TYPE_ORDINARY", "parent": f"accounts/{ACCOUNT}", "canEdit": False}  # fmt: skip
        return answer({"accountSummaries": [
            {"name": f"accountSummaries/{ACCOUNT}", "account": f"accounts/{ACCOUNT}", "displayName": "Harbour & Pine",
             "propertySummaries": [found]},
        ]})  # fmt: skip

    def _own(self, call: Call) -> None:
        self.check(call)
        if call.parts["property"] != PROPERTY:
            raise Refused(self.error(
                403, "PERMISSION_DENIED", "User does not have sufficient permissions for this property. To learn more "
                "about Property ID, see https://developers.google.com/analytics/devguides/reporting/data/v1/property-id.",
            ))  # fmt: skip

    def _property(self, call: Call) -> Response:
        self._own(call)
        return answer({
            "name": f"properties/{PROPERTY}", "parent": f"accounts/{ACCOUNT}", "displayName": "Harbour & Pine shop",
            "propertyType": "PROPERTY_TYPE_ORDINARY", "timeZone": SHOP_ZONE, "currencyCode": "EUR",
            "serviceLevel": "GOOGLE_ANALYTICS_STANDARD", "industryCategory": "SHOPPING",
            "createTime": f"{self.world.start}T08:00:00.000Z", "updateTime": f"{self.world.start}T08:00:00.000Z",
            "account": f"accounts/{ACCOUNT}",
        })  # fmt: skip

    def _key_events(self, call: Call) -> Response:
        self._own(call)
        return answer({"keyEvents": [
            {"name": f"properties/{PROPERTY}/keyEvents/1", "eventName": "purchase", "countingMethod": "ONCE_PER_EVENT",
             "deletable": False, "custom": False},
        ]})  # fmt: skip

    def _metadata(self, call: Call) -> Response:
        self._own(call)
        return answer({
            "name": f"properties/{PROPERTY}/metadata",
            "dimensions": [{"apiName": name, "uiName": name} for name in DIMENSIONS],
            "metrics": [{"apiName": name, "uiName": name, "type": kind} for name, kind in METRICS.items()],
        })  # fmt: skip

    # --- reports ---------------------------------------------------------------------------------

    def _wrong(self, message: str) -> Refused:
        return Refused(self.error(400, "INVALID_ARGUMENT", message))

    def _report(self, call: Call) -> Response:
        self._own(call)
        return answer(self._made(call.json()))

    def _batch(self, call: Call) -> Response:
        self._own(call)
        asked = (call.json() or {}).get("requests")
        if not isinstance(asked, list) or not 1 <= len(asked) <= 5:
            raise self._wrong("A batch must have between 1 and 5 requests.")
        return answer(
            {"reports": [self._made(each) for each in asked], "kind": "analyticsData#batchRunReports"}
        )

    def _made(self, asked: Any) -> dict[str, Any]:
        if not isinstance(asked, dict):
            raise self._wrong("Invalid JSON payload received.")
        dimensions = self._names(asked, "dimensions", 9, DIMENSIONS)
        metrics = self._names(asked, "metrics", 10, METRICS)
        if not metrics and not dimensions:
            raise self._wrong("A report needs at least one dimension or metric.")
        ranges = asked.get("dateRanges")
        if not isinstance(ranges, list) or not 1 <= len(ranges) <= 4:
            raise self._wrong("Requests must have between 1 and 4 dateRanges.")
        found: dict[tuple[str, ...], Sums] = {}
        for n, each in enumerate(ranges):
            label = (each.get("name") or f"date_range_{n}",) if len(ranges) > 1 else ()
            self._gather(found, asked, self._days(each), dimensions, label)
        if len(ranges) > 1:
            dimensions = [*dimensions, "dateRange"]
        return self._written(asked, dimensions, metrics, found)

    def _names(self, asked: dict[str, Any], part: str, most: int, known: dict[str, Any]) -> list[str]:
        names = [each.get("name", "") for each in asked.get(part) or []]
        if len(names) > most:
            raise self._wrong(f"Requests are limited to {most} {part} within a nested request.")
        for name in names:
            if name not in known:
                raise self._wrong(f"Field {name} is not a valid {part.removesuffix('s')}. {_SCHEMA}")
        return names

    def _days(self, asked: dict[str, Any]) -> list[date]:
        first, last = (self._day(asked.get(name)) for name in ("startDate", "endDate"))
        if first > last:
            raise self._wrong("The start date must not be after the end date.")
        begin, end = max(first, self.world.start), min(last, self.world.today(SHOP_ZONE))
        return [begin + timedelta(days=n) for n in range((end - begin).days + 1)]

    def _day(self, text: Any) -> date:
        today = self.world.today(SHOP_ZONE)
        back = re.fullmatch(r"(\d+)daysAgo", str(text))
        if text in {"today", "yesterday"} or back:
            return today - timedelta(days=int(back[1]) if back else int(text == "yesterday"))
        try:
            return date.fromisoformat(str(text))
        except ValueError:
            raise self._wrong(
                f"Invalid date: {text}. Dates must be YYYY-MM-DD, NdaysAgo, yesterday or today."
            ) from None

    def _gather(
        self, found: dict[tuple[str, ...], Sums], asked: dict[str, Any], days: list[date], dimensions: list[str],
        label: tuple[str, ...],
    ) -> None:  # fmt: skip
        readers = [DIMENSIONS[name] for name in dimensions]
        wanted = asked.get("dimensionFilter")
        try:
            for event in reports.events(self.world, days, dimensions):
                if reports.fits(event, wanted):
                    key = (*(read(event) for read in readers), *label)
                    found.setdefault(key, Sums()).add(event)
        except (KeyError, TypeError, AttributeError):
            raise self._wrong(f"The dimensionFilter is not valid. {_SCHEMA}") from None

    def _written(
        self,
        asked: dict[str, Any],
        dimensions: list[str],
        metrics: list[str],
        found: dict[tuple[str, ...], Sums],
    ) -> dict[str, Any]:
        limit, offset = self._number(asked, "limit", DEFAULT_ROWS), self._number(asked, "offset", 0)
        rows = [(key, [sums.shown(name) for name in metrics]) for key, sums in found.items()]
        rows = self._sorted(rows, asked.get("orderBys") or [], dimensions, metrics)
        body: dict[str, Any] = {
            "dimensionHeaders": [{"name": name} for name in dimensions],
            "metricHeaders": [{"name": name, "type": METRICS[name]} for name in metrics],
            "metadata": {"currencyCode": "EUR", "timeZone": SHOP_ZONE},
            "kind": "analyticsData#runReport",
        }
        if rows:
            body["rows"] = [
                {"dimensionValues": [{"value": value} for value in key],
                 "metricValues": [{"value": value} for value in values]}
                for key, values in rows[offset : offset + min(limit, MOST_ROWS)]
            ]  # fmt: skip
            body["rowCount"] = len(rows)
        if asked.get("returnPropertyQuota"):
            body["propertyQuota"] = {
                name: {"consumed": 0 if "Errors" in name else 4, "remaining": most - 4}
                for name, most in _QUOTAS.items()
            }
        return body

    def _number(self, asked: dict[str, Any], name: str, default: int) -> int:
        text = str(asked.get(name, default))
        if not text.isdigit():
            raise self._wrong(f"Invalid value at '{name}' (TYPE_INT64), {asked.get(name)!r}")
        return int(text)

    def _sorted(
        self, rows: list[Line], orders: list[Any], dimensions: list[str], metrics: list[str]
    ) -> list[Line]:
        rows.sort(key=lambda row: row[0])
        if not orders and metrics:
            rows.sort(key=lambda row: -float(row[1][0]))
        for order in reversed(orders):
            by = order.get("metric") or order.get("dimension") or {}
            name = by.get("metricName") or by.get("dimensionName")
            if name not in metrics and name not in dimensions:
                raise self._wrong(f"Field {name} in orderBys is not in the request.")
            rows.sort(key=_by(name, dimensions, metrics), reverse=bool(order.get("desc")))
        return rows


def _by(name: str, dimensions: list[str], metrics: list[str]) -> Callable[[Line], Any]:
    if name in metrics:
        place = metrics.index(name)
        return lambda row: float(row[1][place])
    place = dimensions.index(name)
    return lambda row: row[0][place]
