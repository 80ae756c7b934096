"""Klaviyo: revision 2026-07-15 (campaigns have their channel and status there; 2026-10-15 moved them).

Names checked against `openapi/stable.json` of klaviyo/openapi (revision 2026-07-15).

- Grain: day by message. A campaign is one message; a flow has several, and they stand under their flow.
  Figures come from `metric-aggregates`: the day on which an e-mail was received, opened, clicked. Klaviyo's own
  campaign report counts by the day of sending instead, which is why its totals are no check of these.
- Orders are those that Klaviyo attributes to a message, e-mail or text, within the account's windows; they and
  opens keep arriving for weeks. Apple's privacy protection opens mails by itself.
- "Received Email" is what was delivered; sent = delivered + bounced. Unique counts are people per message and
  day. An e-mail metric that the account does not have has never happened: 0. Without the conversion metric
  ("Placed Order", or the one that the credentials name) conversions are not measured.
- Limits per account: metric-aggregates and flows 3 a second and 60 a minute, accounts 1 and 15, reports 2 a
  minute and 225 a day (one is used, for the names of flow messages). Days are the account's own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from connectors._base import (
    Account,
    Batch,
    Connector,
    Entity,
    Field,
    Limit,
    OAuth,
    Row,
    SignIn,
    Stream,
    follow,
)  # fmt: skip
from connectors._http import Answer
from connectors._klaviyo import (
    CHECKED,
    EVENTS,
    LOOSE,
    Events,
    Figures,
    add,
    campaign_of,
    complete,
    days_of,
    entity_of,
    instant,
    next_cursor,
    rank_of,
    row_of,
)
from connectors._redaction import clean
from connectors._shapes import currency, expecting
from connectors._values import amount, count, inside, listed, moment, text
from errors import (
    AccessMissing,
    DayLimitReached,
    NeedsReconnect,
    RateLimited,
    Refused,
    SoundingsError,
)  # fmt: skip

_HOST = "https://a.klaviyo.com"
_SAFE = "What is stored stays as it is."
_SCOPES = ("accounts:read", "campaigns:read", "events:read", "flows:read", "metrics:read")
_PLACED = "Placed Order"
_PARKED_SECONDS = 900
_PAGE = 500
_KEY_HELP = (
    "Klaviyo → Settings → API keys → Create private API key, with read access to accounts, campaigns, events, "
    "flows and metrics."
)
_CONVERSION = Field(
    "conversion_metric", "Conversion metric", "Name of the Klaviyo metric that counts as an order. Empty: Placed Order.",
    secret=False, required=False,
)  # fmt: skip


class Klaviyo(Connector):
    """One Klaviyo account."""

    slug = "klaviyo"
    label = "Klaviyo"
    version = "2026-07-15"
    version_ends = date(2028, 7, 15)
    headline = "delivered"
    reads = (
        "Names of campaigns and flows, and daily counts of their e-mails, opens, clicks and orders. No profile "
        "and no address is read, and nothing is sent or changed."
    )
    oauth = OAuth(
        f"{_HOST.replace('//a.', '//www.')}/oauth/authorize",
        f"{_HOST}/oauth/token",
        _SCOPES,
        pkce=True,
        basic=True,
    )
    sign_ins = (
        SignIn(
            "key", "Private key", "One key, made in Klaviyo by an owner or admin.",
            (Field("api_key", "Private API key", _KEY_HELP), _CONVERSION),
        ),
        SignIn(
            "oauth", "Sign in with Klaviyo", "Needs an OAuth app of your team: Klaviyo → Integrations → Manage apps.",
            (
                Field("client_id", "Client ID", "Shown in the app's settings.", secret=False),
                Field("client_secret", "Client secret", "Shown once, when the app was made."),
                _CONVERSION,
            ),
            oauth=True,
        ),
    )  # fmt: skip
    streams = (
        Stream(
            "message", "Messages by day", "email", max_days=31, history_days=1095, lookback={"all": 30},
            attribution="Klaviyo, the account's own windows", definition="orders attributed to a message",
        ),
    )  # fmt: skip
    limits = (Limit(3, 1.0), Limit(60, 60.0))
    _known: dict[str, str] | None = None

    # --- signing in ------------------------------------------------------------------------------

    def token(self) -> str:
        """The private key, else an access token."""
        return str(self.credentials.get("api_key") or super().token())

    def headers(self) -> Mapping[str, str]:
        """Key or token, and the revision that every call must name."""
        kind = "Klaviyo-API-Key" if self.credentials.get("api_key") else "Bearer"
        return {
            "Authorization": f"{kind} {self.token()}",
            "revision": self.api_version,
            "Accept": "application/vnd.api+json",
        }

    # --- accounts and entities -------------------------------------------------------------------

    def accounts(self) -> list[Account]:
        """The account of the key."""
        return [
            Account(
                text(inside(each, "id"), "id"),
                str((inside(each, "attributes").get("contact_information") or {}).get("organization_name") or "Klaviyo"),
                currency(inside(each, "attributes", "preferred_currency"), "preferred_currency"),
                text(inside(each, "attributes", "timezone"), "timezone"),
            )
            for each in listed(self.http.get(f"{_HOST}/api/accounts"), "data")
        ]  # fmt: skip

    def entities(self, account: Account) -> Iterator[Entity]:
        """Campaigns of every channel, flows and their messages, archived ones too."""
        for channel in ("email", "sms", "mobile_push"):
            wanted = {"filter": f"equals(messages.channel,'{channel}')", "include": "campaign-messages"}
            for each in self._list("campaigns", {**wanted, "page[size]": 100}):
                yield from campaign_of(each)
        flows = [entity_of("campaign", each) for each in self._list("flows", {"page[size]": 50})]
        yield from flows
        if flows:
            yield from self._flow_messages({flow.key: flow for flow in flows})
        yield Entity("email", LOOSE, "Not tied to a message")

    def _flow_messages(self, flows: Mapping[str, Entity]) -> Iterator[Entity]:
        """Messages that went out within a year, named by the one report that names them all at once."""
        known = self._metrics()
        metric = self._conversion() or next(iter(known.values()), None)
        if metric is None:
            return
        asked = {
            "statistics": ["recipients"],
            "timeframe": {"key": "last_12_months"},
            "conversion_metric_id": metric,
            "group_by": ["flow_id", "flow_message_id", "flow_message_name"],
        }
        found: dict[str, Entity] = {}
        for answer in self._post("flow-values-report", "flow-values-reports", asked):
            for each in listed(answer, "data", "attributes", "results"):
                group = inside(each, "groupings")
                key, flow = (
                    text(inside(group, "flow_message_id"), "flow_message_id"),
                    text(group.get("flow_id") or "", "flow_id"),
                )
                above = flows.get(flow)
                name = text(group.get("flow_message_name") or key, "flow_message_name")
                shown = f"{above.name}: {name}" if above else name
                found[key] = Entity("email", key, shown, ("campaign", flow), above.status if above else "")
        yield from found.values()

    def _list(self, what: str, params: Mapping[str, Any]) -> Iterator[Any]:
        def fetch(cursor: Any) -> tuple[list[Any], Any]:
            more = {"page[cursor]": cursor} if cursor else {}
            answer = self.http.get(f"{_HOST}/api/{what}", {**params, **more})
            return listed(answer, "data"), next_cursor(answer)

        for page in follow(fetch, self.label):
            yield from page

    # --- figures ---------------------------------------------------------------------------------

    def pull(self, account: Account, stream: Stream, first: date, last: date) -> Iterator[Batch]:
        """See Connector. Klaviyo fills days without events with zeros; such rows are left out."""
        rows: Figures = {}
        for kind in EVENTS:
            self._count(rows, kind, account, first, last)
        conversion = self._conversion()
        if conversion:
            self._convert(rows, conversion, account, first, last)
        complete(rows, conversion is not None)
        yield Batch([rows[key] for key in sorted(rows)])

    def totals(self, account: Account, first: date, last: date) -> dict[date, Row]:
        """Delivered mails, opens and clicks of the whole account, asked for without a message."""
        found: dict[date, Row] = defaultdict(dict)
        for kind in EVENTS:
            metric = self._metric(kind) if kind.counted in CHECKED else None
            if metric:
                for day, _, _, counted in self._aggregate(metric, [], ["count"], account, first, last):
                    found[day][kind.counted] = count(counted["count"], "count")
        return dict(found)

    def _count(self, rows: Figures, kind: Events, account: Account, first: date, last: date) -> None:
        metric = self._metric(kind)
        if metric is None:
            return
        measured = ["count", "unique"] if kind.people else ["count"]
        for day, message, flow, found in self._aggregate(
            metric, ["$message", "$flow"], measured, account, first, last
        ):
            if happened := count(found["count"], "count"):
                row = row_of(rows, day, message, flow)
                add(row, kind.counted, happened)
                if kind.people:
                    add(row, kind.people, count(found["unique"], "unique") or 0)

    def _convert(self, rows: Figures, metric: str, account: Account, first: date, last: date) -> None:
        by = ["$attributed_message", "$attributed_flow"]
        for day, message, flow, found in self._aggregate(
            metric, by, ["count", "sum_value"], account, first, last
        ):
            if not message:
                continue
            happened, value = count(found["count"], "count"), amount(found["sum_value"], "sum_value")
            if happened or value:
                row = row_of(rows, day, message, flow)
                add(row, "conversions", happened or 0)
                add(row, "conversion_value", round(value or Decimal(0), 4))

    def _aggregate(
        self, metric: str, by: list[str], measured: list[str], account: Account, first: date, last: date
    ) -> Iterator[tuple[date, str, str, dict[str, Any]]]:
        """Day, message, flow and measurements, of all pages."""
        zone = ZoneInfo(account.time_zone)
        start, end = (datetime.combine(at, time(), zone) for at in (first, last + timedelta(1)))
        asked = {
            "metric_id": metric,
            "measurements": measured,
            "interval": "day",
            "page_size": _PAGE,
            "timezone": account.time_zone,
            "filter": [
                f"greater-or-equal(datetime,{instant(start)})",
                f"less-than(datetime,{instant(end)})",
            ],
            **({"by": by} if by else {}),
        }
        for answer in self._post("metric-aggregate", "metric-aggregates", asked):
            found = inside(answer, "data", "attributes")
            with expecting("Klaviyo's counts by day"):
                days = [moment(at, "dates").astimezone(zone).date() for at in listed(found, "dates")]
                for group in listed(found, "data"):
                    yield from days_of(group, days, measured)

    def _post(self, kind: str, path: str, attributes: Mapping[str, Any]) -> Iterator[Any]:
        """All pages of a question that is posted; reports take the cursor in the address, aggregates in the body."""
        in_body = kind == "metric-aggregate"

        def fetch(cursor: Any) -> tuple[Any, Any]:
            asked = {**attributes, **({"page_cursor": cursor} if cursor and in_body else {})}
            params = {"page_cursor": cursor} if cursor and not in_body else None
            body = {"data": {"type": kind, "attributes": asked}}
            headers = {"Content-Type": "application/vnd.api+json"}
            answer = self.http.post(f"{_HOST}/api/{path}", body, params=params, headers=headers)
            return answer, next_cursor(answer)

        return follow(fetch, self.label)

    # --- metrics ---------------------------------------------------------------------------------

    def _metrics(self) -> dict[str, str]:
        """Id by name. Where several bear a name, that of Klaviyo itself or of a shop goes before the API's."""
        if self._known is None:
            found = [
                (
                    text(inside(each, "attributes", "name"), "name"),
                    rank_of(each),
                    text(inside(each, "id"), "id"),
                )
                for each in self._list("metrics", {})
            ]
            self._known = {name: key for name, _, key in sorted(found, reverse=True)}
        return self._known

    def _metric(self, kind: Events) -> str | None:
        known = self._metrics()
        return next((known[name] for name in kind.names if name in known), None)

    def _conversion(self) -> str | None:
        """The metric that counts orders. A name that was typed in must exist."""
        named = str(self.credentials.get("conversion_metric") or "").strip()
        found = self._metrics().get(named or _PLACED)
        if named and found is None:
            raise Refused(
                f"Klaviyo has no metric called {named[:80]!r}. Name one from Klaviyo → Analytics → Metrics in the "
                "connection, or leave the field empty."
            )
        return found

    def judge(self, answer: Answer) -> SoundingsError | None:
        """JSON:API errors. A refused key comes as 400, 401 or 403."""
        if answer.status < 400:
            return None
        body = answer.parsed()
        errors = body.get("errors") if isinstance(body, dict) else None
        first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
        code, said = str(first.get("code")), clean(str(first.get("detail") or first.get("title") or ""))[:300]
        if answer.status == 401 or code in ("not_authenticated", "authentication_failed"):
            return NeedsReconnect(f"Klaviyo no longer accepts this sign-in. Paste a new private key. {_SAFE}")
        if answer.status == 403:
            return AccessMissing(
                f"Klaviyo does not allow this key to read that: {said} Make a key with read access to accounts, "
                "campaigns, events, flows and metrics."
            )
        if answer.status == 429:
            seconds = None if answer.retry_after is None else int(answer.retry_after + 1)
            if (seconds or 0) > _PARKED_SECONDS:
                return DayLimitReached(
                    f"Klaviyo answers no more of this today. Nothing to do. {_SAFE}", seconds
                )
            return RateLimited("Klaviyo asked us to slow down. Nothing to do: it goes on by itself.", seconds)
        return (
            Refused(f"Klaviyo refused the question: {said}") if 400 <= answer.status < 500 and said else None
        )
