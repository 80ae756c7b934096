"""Klaviyo's API, revision 2026-07-15: accounts, metrics, campaigns, flows, metric aggregates and reports.

Sources: klaviyo/openapi `openapi/stable.json` (revision 2026-07-15), developers.klaviyo.com on rate limits, OAuth
and the attributes of metric aggregates. JSON:API bodies; every call needs the header `revision`. Rate headers come
with every answer; the limits themselves strike only as faults.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.responses import Response

from sandbox import emails
from sandbox.calls import Call, Handler, Refused
from sandbox.platforms import _klaviyo_figures as figures
from sandbox.platforms._klaviyo_figures import BY, METRICS, STATISTICS
from sandbox.platforms._klaviyo_root import ACCOUNT, KlaviyoStand
from sandbox.world import SHOP_ZONE

_REFUSED_ZONES = {"Europe/Kyiv"}
_KEYS = {"today": 0, "yesterday": 1, "last_7_days": 7, "last_30_days": 30, "last_90_days": 90, "last_3_months": 92,
         "last_12_months": 365, "last_365_days": 365}  # fmt: skip
_INTERVALS = {"hour", "day", "week", "month"}


class Stand(KlaviyoStand):
    """The stand-in of Klaviyo."""

    def routes(self) -> dict[tuple[str, str], Handler]:
        """Sign-in, resources and reports."""
        found: dict[tuple[str, str], Handler] = {
            ("GET", "/oauth/authorize"): self.sign_in_page,
            ("POST", "/oauth/token"): self.token,
            ("POST", "/oauth/revoke"): self.revoke,
            ("GET", "/api/accounts"): self._accounts,
            ("GET", "/api/metrics"): self._metrics,
            ("GET", "/api/campaigns"): self._campaigns,
            ("GET", "/api/flows"): self._flows,
            ("GET", "/api/flows/{flow}/flow-actions"): self._flow_actions,
            ("GET", "/api/flow-actions/{action}/flow-messages"): self._flow_messages,
            ("POST", "/api/metric-aggregates"): self._aggregates,
            ("POST", "/api/campaign-values-reports"): lambda call: self._report(call, "campaign", False),
            ("POST", "/api/flow-values-reports"): lambda call: self._report(call, "flow", False),
            ("POST", "/api/flow-series-reports"): lambda call: self._report(call, "flow", True),
        }
        return found | {(method, path + "/"): handler for (method, path), handler in found.items()}

    # --- resources -------------------------------------------------------------------------------

    def _accounts(self, call: Call) -> Response:
        self.check(call, "accounts:read")
        contact = {"default_sender_name": "Harbour & Pine", "default_sender_email": "hello@harbour-and-pine.example",
                   "website_url": "https://harbour-and-pine.example", "organization_name": "Harbour & Pine"}  # fmt: skip
        return self.paged(call, [{
            "type": "account", "id": ACCOUNT,
            "attributes": {"test_account": False, "contact_information": contact, "industry": "eCommerce, Outdoor",
                           "timezone": SHOP_ZONE, "preferred_currency": "EUR", "public_api_key": ACCOUNT,
                           "locale": "de-DE"},
        }], 100)  # fmt: skip

    def _metrics(self, call: Call) -> Response:
        self.check(call, "metrics:read")
        stamp = f"{self.world.start}T00:00:00+00:00"
        return self.paged(call, [{
            "type": "metric", "id": key,
            "attributes": {"name": name, "created": stamp, "updated": stamp, "integration": {
                "object": "integration", "id": f"int{key}", "name": integration, "category": category}},
        } for key, (name, integration, category) in METRICS.items()], 200)  # fmt: skip

    def _campaigns(self, call: Call) -> Response:
        self.check(call, "campaigns:read")
        wanted = re.search(r"equals\(messages\.channel,['\"](\w+)['\"]\)", call.query.get("filter", ""))
        if not wanted or wanted[1] not in {"email", "sms", "mobile_push"}:
            raise Refused(self.refusal(400, "invalid", "Invalid input.", "A channel filter is required to list campaigns. "
                                       "Please provide either: 'equals(messages.channel,'email')' or "
                                       "'equals(messages.channel,'sms')'", parameter="filter"))  # fmt: skip
        found = reversed(emails.campaigns(self.world)) if wanted[1] == "email" else ()
        return self.paged(call, [self._campaign(message) for message in found], 100)

    def _campaign(self, message: emails.Message) -> dict[str, Any]:
        assert message.sent_at is not None
        sent = message.sent_at.astimezone(UTC)
        drafted = (sent - timedelta(days=2)).isoformat()
        return {
            "type": "campaign", "id": message.parent_id,
            "attributes": {"name": message.parent_name, "status": "Sent", "archived": False,
                           "audiences": {"included": ["LsT001"], "excluded": []}, "send_strategy": {"method": "static"},
                           "created_at": drafted, "scheduled_at": drafted, "updated_at": sent.isoformat(),
                           "send_time": sent.isoformat()},
            "relationships": {"campaign-messages": {"data": [{"type": "campaign-message", "id": message.id}]}},
        }  # fmt: skip

    def _flows(self, call: Call) -> Response:
        self.check(call, "flows:read")
        stamp = f"{self.world.start}T00:00:00+00:00"
        return self.paged(call, [{
            "type": "flow", "id": key,
            "attributes": {"name": name, "status": "live", "archived": False, "created": stamp, "updated": stamp,
                           "trigger_type": "Metric"},
        } for key, name, _ in emails.FLOWS], 50)  # fmt: skip

    def _flow_actions(self, call: Call) -> Response:
        self.check(call, "flows:read")
        found = [message for message, _ in emails.flow_messages() if message.parent_id == call.parts["flow"]]
        if not found:
            raise Refused(self.not_found(call))
        held = {"action_type": "SEND_EMAIL", "status": "live"}
        return self.paged(
            call, [{"type": "flow-action", "id": f"{each.id}a", "attributes": held} for each in found], 50
        )

    def _flow_messages(self, call: Call) -> Response:
        self.check(call, "flows:read")
        wanted = call.parts["action"]
        found = [message for message, _ in emails.flow_messages() if f"{message.id}a" == wanted]
        if not found:
            raise Refused(self.not_found(call))
        return self.paged(call, [
            {"type": "flow-message", "id": message.id,
             "attributes": {"name": message.name, "channel": "email", "content": {"subject": message.subject}}}
            for message in found
        ], 50)  # fmt: skip

    # --- metric aggregates -----------------------------------------------------------------------

    def _aggregates(self, call: Call) -> Response:
        self.check(call, "metrics:read")
        asked = self.attributes(call, "metric-aggregate")
        metric, measured = asked.get("metric_id"), asked.get("measurements") or []
        if metric not in METRICS:
            raise Refused(self.refusal(404, "not_found", "Not found.", f"Metric {metric} does not exist."))
        if not measured or set(measured) - {"count", "sum_value", "unique"}:
            raise self.wrong("measurements must be one or more of count, sum_value, unique.")
        if set(asked.get("by") or []) - BY or asked.get("interval", "day") not in _INTERVALS:
            raise self.wrong("by or interval holds a value that is not supported.")
        zone, first, last = self._span(asked)
        buckets = _buckets(first, last, asked.get("interval", "day"))
        groups = self._grouped(metric, asked.get("by") or [], measured, buckets, last, zone)
        size, begin = int(asked.get("page_size") or 500), self.begin(asked.get("page_cursor"))
        following = None
        if begin + size < len(groups):
            mark = self.tokens.fixed(self.slug, "cursor", at=begin + size)
            following = f"{call.base}{call.path}?{urlencode({'page[cursor]': mark})}"
        attributes = {"dates": [at.isoformat() for at in buckets], "data": groups[begin : begin + size]}
        here = f"{call.base}{call.path}"
        return self.shown({"data": {"type": "metric-aggregate", "id": f"{metric}-{len(buckets)}", "attributes": attributes,
                                     "links": {"self": here}},
                            "links": {"self": here, "next": following, "prev": None}})  # fmt: skip

    def _span(self, asked: dict[str, Any]) -> tuple[ZoneInfo, datetime, datetime]:
        name, text = asked.get("timezone") or "UTC", ",".join(map(str, asked.get("filter") or []))
        try:
            if name in _REFUSED_ZONES:
                raise ValueError
            zone = ZoneInfo(name)
        except (ValueError, OSError):
            raise self.wrong(f"{name!r} is not a supported timezone.") from None
        ends = [re.search(rf"{word}\(datetime,([^)]+)\)", text) for word in ("greater-or-equal", "less-than")]
        if not all(ends):
            raise self.wrong("filter must hold greater-or-equal(datetime,…) and less-than(datetime,…).")
        try:
            first, last = (_moment(end[1], zone) for end in ends if end)
        except ValueError:
            raise self.wrong("The datetimes of the filter must be in ISO 8601.") from None
        if not timedelta(0) < last - first <= timedelta(days=367):
            raise self.wrong("The range of the filter must be positive and at most one year.")
        return zone, first, last

    def _grouped(
        self, metric: str, by: list[str], measured: list[str], buckets: list[datetime], last: datetime, zone: ZoneInfo
    ) -> list[dict[str, Any]]:  # fmt: skip
        found: dict[tuple[str, ...], dict[str, list[float]]] = {}
        edges = [*buckets[1:], last]
        shop = ZoneInfo(SHOP_ZONE)
        begin, end = (at.astimezone(shop).date() for at in (buckets[0], last))
        for event in figures.happened(self.world, metric, begin, end):
            place = next((n for n, edge in enumerate(edges) if event.at < edge), None)
            if event.at < buckets[0] or place is None:
                continue
            key = tuple(event.about.get(name, "") for name in by)
            series = found.setdefault(key, {name: [0.0] * len(buckets) for name in measured})
            for name in measured:
                series[name][place] += {
                    "count": event.count,
                    "unique": event.unique,
                    "sum_value": event.cents / 100,
                }[name]
        return [
            {"dimensions": list(key), "measurements": {n: [round(v, 2) for v in values] for n, values in series.items()}}
            for key, series in sorted(found.items())
        ]  # fmt: skip

    # --- reports ---------------------------------------------------------------------------------

    def _report(self, call: Call, kind: str, series: bool) -> Response:
        self.check(call, f"{kind}s:read")
        name = f"{kind}-{'series' if series else 'values'}-report"
        asked = self.attributes(call, name)
        wanted = asked.get("statistics") or []
        if not wanted or set(wanted) - STATISTICS:
            raise self.wrong(
                "statistics must be one or more of the supported statistics.", "/data/attributes/statistics"
            )
        if asked.get("conversion_metric_id") not in METRICS:
            raise self.wrong(
                "conversion_metric_id is required and must exist.", "/data/attributes/conversion_metric_id"
            )
        first, last = self._timeframe(asked.get("timeframe"))
        days = self._report_days(asked, first, last) if series else []
        results = self._results(kind, asked, wanted, first, last, days)
        attributes: dict[str, Any] = {"results": results}
        if series:
            attributes["date_times"] = [datetime.combine(day, time(), UTC).isoformat() for day in days]
        here = f"{call.base}{call.path}"
        return self.shown({"data": {"type": name, "id": ACCOUNT, "attributes": attributes, "links": {"self": here}},
                            "links": {"self": here, "next": None, "prev": None}})  # fmt: skip

    def _report_days(self, asked: dict[str, Any], first: date, last: date) -> list[date]:
        if asked.get("interval") != "daily" or (last - first).days >= 60:
            raise self.wrong("interval must be daily over at most 60 days.", "/data/attributes/interval")
        return [first + timedelta(days=n) for n in range((last - first).days + 1)]

    def _results(
        self, kind: str, asked: dict[str, Any], wanted: list[str], first: date, last: date, days: list[date]
    ) -> list[dict[str, Any]]:  # fmt: skip
        always = [f"{kind}_id", f"{kind}_message_id"]
        groups = asked.get("group_by") or [*always, "send_channel"]
        if set(always) - set(groups):
            raise self.wrong(f"group_by must contain {' and '.join(always)}.", "/data/attributes/group_by")
        whole = figures.statistics(self.world, kind, first, last)
        by_day = [figures.statistics(self.world, kind, day, day) for day in days]
        found = []
        for message, held in whole.items():
            about = {f"{kind}_id": message.parent_id, f"{kind}_message_id": message.id, "send_channel": "email",
                     f"{kind}_name": message.parent_name, f"{kind}_message_name": message.name}  # fmt: skip
            shown: dict[str, Any] = {name: figures.shown(held, name) for name in wanted}
            if days:
                shown = {
                    name: [figures.shown(each.get(message, {}), name) for each in by_day] for name in wanted
                }
            found.append({"groupings": {name: about.get(name) for name in groups}, "statistics": shown})
        return found

    def _timeframe(self, asked: Any) -> tuple[date, date]:
        today = self.world.today(SHOP_ZONE)
        if isinstance(asked, dict) and asked.get("key") in _KEYS:
            back = _KEYS[asked["key"]]
            return (today, today) if not back else (today - timedelta(days=back), today - timedelta(days=1))
        try:
            first, last = (date.fromisoformat(str(asked[name])[:10]) for name in ("start", "end"))
        except (KeyError, TypeError, ValueError):
            raise self.wrong(
                "timeframe needs a key, or start and end.", "/data/attributes/timeframe"
            ) from None
        if not timedelta(0) <= last - first <= timedelta(days=366):
            raise self.wrong("The timeframe must be at most one year.", "/data/attributes/timeframe")
        return first, last


def _moment(text: str, zone: ZoneInfo) -> datetime:
    found = datetime.fromisoformat(text.strip())
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(zone)


def _buckets(first: datetime, last: datetime, interval: str) -> list[datetime]:
    """Beginnings of the hours, days, weeks or months from `first` until before `last`, in the zone of `first`."""
    found = [first]
    while True:
        at = found[-1]
        if interval == "hour":
            following = (at.astimezone(UTC) + timedelta(hours=1)).astimezone(at.tzinfo)
        elif interval == "month":
            following = (at.replace(day=1) + timedelta(days=32)).replace(day=1)
        else:
            following = at + timedelta(days=7 if interval == "week" else 1)
        if following >= last:
            return found
        found.append(following)
