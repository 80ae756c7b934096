"""Google Analytics 4: Data API v1beta for figures, Admin API v1beta for properties.

Names checked against the discovery documents `analyticsdata.v1beta` (revision 20261006) and
`analyticsadmin.v1beta` (revision 20261102) of google-api-python-client 2.202.0.

- Grain: day by property, and by channel group, source and medium, campaign, device, country, first source,
  event, landing page. Days and money are the property's. People are not additive: the row without breakdown
  is asked for on its own, and sessions by a breakdown only nearly add up to it (GA4 estimates them).
- Figures settle within 48 hours, key events and attribution over some weeks. Today is partial.
- At most 9 dimensions and 10 metrics a report, 250,000 rows a page. Standard properties have 200,000 tokens
  a day and 40,000 an hour; a report costs about ten. Ten server errors an hour lock a property.
- Sampling, thresholds and the "(other)" row are said in the answer's metadata: kept with the rows. Metrics
  that the sign-in's role may not see read 0 there: they count as not measured.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from connectors import _google
from connectors._base import Account, Batch, Entity, Field, Limit, Row, Stream, follow
from connectors._google import SAFE, GoogleConnector
from connectors._http import Answer
from connectors._shapes import currency, expecting
from connectors._values import amount, count, inside, listed, text
from connectors._values import day as day_of
from errors import AccessMissing, DayLimitReached, RateLimited, SoundingsError, UnexpectedAnswer

_DATA = "https://analyticsdata.googleapis.com"
_ADMIN = "https://analyticsadmin.googleapis.com"
_PAGE = 25_000
_PURCHASES = "ecommerce purchases; value is purchase revenue"
_ATTRIBUTION = "GA4, last non-direct click of the session"
_FIRST = "GA4, source that first brought the user"
_COUNTS = {
    "sessions": "sessions", "engagedSessions": "engaged_sessions", "totalUsers": "users",
    "newUsers": "new_users", "screenPageViews": "pageviews", "eventCount": "event_count",
}  # fmt: skip
_AMOUNTS = {
    "keyEvents": "key_events",
    "purchaseRevenue": "conversion_value",
    "ecommercePurchases": "conversions",
}
_MORE = {"totalRevenue": "total_revenue"}
_NAMES = _COUNTS | _AMOUNTS | _MORE
_ALL = tuple(_NAMES)
_DEVICES = {"smart tv": "tv"}
_PROPERTY = Field(
    "property_id", "Property ID",
    "Only this property: the number under Admin → Property details. Empty: all that the sign-in sees.",
    secret=False, required=False,
)  # fmt: skip


@dataclass(frozen=True)
class _Report:
    """Dimensions and metrics of a stream. `entity`: the first dimension names what the row is about."""

    dimensions: tuple[str, ...] = ()
    metrics: tuple[str, ...] = _ALL
    entity: bool = False


_SESSION = ("sessionSource", "sessionMedium")
_REPORTS = {
    "account": _Report(),
    "channel_group": _Report(("sessionDefaultChannelGroup",)),
    "source_medium": _Report(_SESSION),
    "source_medium_campaign": _Report((*_SESSION, "sessionCampaignName")),
    "device": _Report(("deviceCategory",)),
    "country": _Report(("country",)),
    "first_user_source_medium": _Report(
        ("firstUserSource", "firstUserMedium"),
        ("totalUsers", "newUsers", "keyEvents", "ecommercePurchases", "purchaseRevenue", "totalRevenue"),
    ),
    "event": _Report(("eventName",), ("eventCount", "keyEvents", "totalUsers"), entity=True),
    "landing_page": _Report(
        ("landingPagePlusQueryString",),
        ("sessions", "engagedSessions", "totalUsers", "keyEvents", "ecommercePurchases", "purchaseRevenue"),
        entity=True,
    ),
}


def _stream(
    slug: str, label: str, breakdown: str = "", level: str = "account", optional: bool = True
) -> Stream:
    return Stream(
        slug, label, level, breakdown, max_days=31, history_days=1095,
        lookback={"sessions": 3, "conversions": 28},
        attribution=_FIRST if slug.startswith("first_user") else _ATTRIBUTION,
        definition=_PURCHASES, optional=optional,
    )  # fmt: skip


class Ga4(GoogleConnector):
    """Google Analytics 4 for one sign-in."""

    slug = "ga4"
    label = "Google Analytics 4"
    version = "v1beta"
    headline = "sessions"
    reads = (
        "Daily sums of sessions, users, page views, events and revenue, split by source, device, country and "
        "page. No single visitor is read, and the permission is read-only."
    )
    oauth = _google.oauth("https://www.googleapis.com/auth/analytics.readonly")
    sign_ins = (
        _google.by_key(
            "Best for a server: create a service account, switch on the Analytics Data and Admin APIs in its "
            "project, and add its e-mail address as a Viewer under Admin → Property access management.",
            _PROPERTY,
        ),
        _google.by_consent(_PROPERTY),
        _google.by_token(_PROPERTY),
    )
    streams = (
        _stream("account", "The whole property by day", optional=False),
        _stream("channel_group", "By channel group", "channel_group", optional=False),
        _stream("source_medium", "By source and medium", "source_medium", optional=False),
        _stream(
            "source_medium_campaign",
            "By source, medium and campaign",
            "source_medium_campaign",
            optional=False,
        ),
        _stream("device", "By device", "device", optional=False),
        _stream("country", "By country", "country", optional=False),
        _stream(
            "first_user_source_medium",
            "By first source of the user",
            "first_user_source_medium",
            optional=False,
        ),
        _stream("event", "Events by name", level="event"),
        _stream("landing_page", "Landing pages", level="page"),
    )
    limits = (Limit(10, 1.0),)

    def accounts(self) -> list[Account]:
        """Properties, with currency and time zone."""
        if only := str(self.credentials.get("property_id") or "").rpartition("/")[2].strip():
            return [self._property(only, f"Property {only}")]
        found = []
        for page in follow(self._summaries, self.label):
            for summary in page:
                for each in summary.get("propertySummaries", []):
                    key = text(inside(each, "property"), "property").rpartition("/")[2]
                    found.append(self._property(key, str(each.get("displayName") or key)))
        return found

    def _summaries(self, token: Any) -> tuple[list[Any], Any]:
        params = {"pageSize": 200, **({"pageToken": token} if token else {})}
        answer = self.http.get(f"{_ADMIN}/{self.api_version}/accountSummaries", params)
        return (listed(answer, "accountSummaries") if "accountSummaries" in answer else []), answer.get(
            "nextPageToken"
        )

    def _property(self, key: str, name: str) -> Account:
        """Facts of a property; the Data API knows two of them where the Admin API is not switched on."""
        try:
            found = self.http.get(f"{_ADMIN}/{self.api_version}/properties/{key}")
        except AccessMissing:
            today = datetime.now(UTC).date()
            found = inside(self._report(key, _Report((), ("sessions",)), today, today, 0), "metadata")
        return Account(
            key,
            str(found.get("displayName") or name),
            currency(inside(found, "currencyCode"), "currencyCode"),
            text(inside(found, "timeZone"), "timeZone"),
        )

    def pull(self, account: Account, stream: Stream, first: date, last: date) -> Iterator[Batch]:
        """See Connector. A value of several dimensions is joined: google / cpc | brand."""
        report = _REPORTS[stream.slug]
        for answer in self._answers(account.key, report, first, last):
            rows = rows_of(answer, report)
            named = {row["entity"] for row in rows} if report.entity else set()
            yield Batch(rows, [Entity(stream.level, name, name) for name in sorted(named)])

    def totals(self, account: Account, first: date, last: date) -> dict[date, Row]:
        """Sessions, page views, key events, purchases and revenue of the whole property."""
        metrics = ("sessions", "screenPageViews", "keyEvents", "ecommercePurchases", "purchaseRevenue")
        report = _Report((), metrics)
        answers = self._answers(account.key, report, first, last)
        rows = (row for answer in answers for row in rows_of(answer, report))
        return {
            row["day"]: {name: value for name, value in row.items() if name not in ("day", "more")}
            for row in rows
        }

    def _answers(self, key: str, report: _Report, first: date, last: date) -> Iterator[Any]:
        def fetch(offset: int) -> tuple[Any, int]:
            answer = self._report(key, report, first, last, offset)
            got, total = len(answer.get("rows", [])), count(answer.get("rowCount", 0), "rowCount") or 0
            if not got and offset < total:
                raise UnexpectedAnswer(f"Google Analytics gave an empty page before the last one. {SAFE}")
            return answer, offset + got if offset + got < total else 0

        return follow(fetch, self.label, 0)

    def _report(self, key: str, report: _Report, first: date, last: date, offset: int) -> Any:
        names = ("date", *report.dimensions)
        answer = self.http.post(
            f"{_DATA}/{self.api_version}/properties/{key}:runReport",
            {
                "dateRanges": [{"startDate": str(first), "endDate": str(last)}],
                "dimensions": [{"name": name} for name in names],
                "metrics": [{"name": name} for name in report.metrics],
                "orderBys": [{"dimension": {"dimensionName": name}} for name in names],
                "limit": str(_PAGE),
                "offset": str(offset),
            },
        )
        inside(answer, "metadata")
        return answer

    def judge(self, answer: Answer) -> SoundingsError | None:
        """Google's status; used-up tokens by the name of the quota in its message."""
        if answer.status != 429:
            return super().judge(answer)
        said = str(_google.error_of(answer).get("message", "")).lower()
        now = datetime.now(UTC)
        if "per day" in said or "daily" in said:
            return DayLimitReached(
                "Google Analytics answers no more questions about this property today. Nothing to do: it goes on "
                f"by itself after midnight in California. {SAFE}",
                _google.midnight_pacific(now),
            )
        seconds = None if answer.retry_after is None else int(answer.retry_after + 1)
        if seconds is None and "hour" in said:
            seconds = 3600 - now.minute * 60 - now.second + 5
        return RateLimited(
            "Google Analytics asked us to slow down. Nothing to do: it goes on by itself.", seconds
        )


# --- reading rows --------------------------------------------------------------------------------


def rows_of(answer: Any, report: _Report) -> list[Row]:
    """The rows of one page. UnexpectedAnswer where headers are not those that were asked for."""
    page = listed(answer, "rows") if "rows" in answer else []
    if not page:
        return []
    _check(answer, "dimensionHeaders", ("date", *report.dimensions))
    _check(answer, "metricHeaders", report.metrics)
    with expecting("A report of Google Analytics"):
        metadata = answer["metadata"]
        flags, hidden = _flags(metadata), _restricted(metadata)
        columns = [(n, _NAMES[field], field) for n, field in enumerate(report.metrics) if field not in hidden]
        days: dict[str, date] = {}
        return [_row(row, report, columns, flags, days) for row in page]


def _row(
    row: Any,
    report: _Report,
    columns: list[tuple[int, str, str]],
    flags: dict[str, Any],
    days: dict[str, date],
) -> Row:
    labels = [text(each.get("value", ""), "dimensionValues.value") for each in row["dimensionValues"]]
    values = row["metricValues"]
    written = labels[0]
    day = days.get(written) or days.setdefault(written, day_of(written, "date"))
    found: Row = {"day": day}
    more = dict(flags)
    if report.entity:
        found["entity"] = labels[1] or "(empty)"
    elif report.dimensions:
        found["segment"] = _segment(report.dimensions, labels[1:])
    for n, name, field in columns:
        value = values[n]["value"]
        if field in _COUNTS:
            found[name] = int(value) if type(value) is str and value.isdigit() else count(value, field)
        elif field in _AMOUNTS:
            found[name] = amount(value, field)
        else:
            more[name] = str(amount(value, field))
    if more:
        found["more"] = more
    return found


def _check(answer: Any, field: str, wanted: tuple[str, ...]) -> None:
    given = tuple(str(each.get("name")) for each in listed(answer, field))
    if given != wanted:
        missing = next((name for name in wanted if name not in given), field)
        raise UnexpectedAnswer(f"The answer lacks the field {missing}. Nothing of it was stored.")


def _segment(dimensions: tuple[str, ...], labels: list[str]) -> str:
    """google / cpc | brand: source and medium as GA4 writes them, more dimensions after a bar."""
    clean = [label.replace("|", "/").replace("=", "/") for label in labels]
    if dimensions[0].endswith("Source"):
        clean[:2] = [" / ".join(clean[:2])]
    if dimensions == ("deviceCategory",):
        clean = [_DEVICES.get(clean[0].lower(), clean[0].lower())]
    return " | ".join(clean)


def _flags(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """What lessens the figures' quality, where something does."""
    flags: dict[str, Any] = {}
    for sample in metadata.get("samplingMetadatas") or []:
        read, space = (amount(sample.get(name), name) for name in ("samplesReadCount", "samplingSpaceSize"))
        if read is not None and space:
            flags["sampled_share"] = str(round(read / space, 4))
    if metadata.get("subjectToThresholding"):
        flags["subject_to_thresholding"] = 1
    if metadata.get("dataLossFromOtherRow"):
        flags["data_loss_from_other_row"] = 1
    return flags


def _restricted(metadata: Mapping[str, Any]) -> set[str]:
    """Metrics that the sign-in's role may not see."""
    held = metadata.get("schemaRestrictionResponse") or {}
    return {str(each.get("metricName")) for each in held.get("activeMetricRestrictions") or []}
