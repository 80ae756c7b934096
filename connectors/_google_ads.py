"""Google Ads' answers: rows of reports as figures, entities, and what its error codes mean.

Types of google-ads 34.0.0 (v26): 64-bit integers are JSON texts, doubles numbers, enums names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import Any

import msgspec

from connectors import _google
from connectors._base import Account, Entity, Row, Status
from connectors._google import SAFE
from connectors._shapes import currency
from connectors._values import day as day_of
from connectors._values import inside, micros, text
from errors import (
    AccessMissing,
    DayLimitReached,
    NeedsReconnect,
    RateLimited,
    Refused,
    SoundingsError,
    TooMuchData,
    UnexpectedAnswer,
    Unreachable,
)

_MILLIONTH = Decimal("0.000001")
_ZERO = Decimal(0)
METRICS = (
    "impressions", "clicks", "cost_micros", "conversions", "conversions_value", "all_conversions",
    "all_conversions_value", "view_through_conversions", "video_trueview_views",
)  # fmt: skip
CLAIMS = ("conversions", "conversions_value", "all_conversions", "all_conversions_value")
_DAY_LIMIT_SECONDS = 900
_TELLING = 20
_STATES: Mapping[str, Status] = {"ENABLED": "active", "PAUSED": "paused", "REMOVED": "removed"}
_DEVICES = {
    "MOBILE": "mobile",
    "DESKTOP": "desktop",
    "TABLET": "tablet",
    "CONNECTED_TV": "tv",
    "OTHER": "other",
}


@dataclass(frozen=True)
class Report:
    """What a stream asks: the resource, the field of its row's id, and the segment that splits it."""

    resource: str
    key: str = ""
    segment: str = ""
    metrics: tuple[str, ...] = METRICS

    @property
    def fields(self) -> list[str]:
        """What stands after SELECT."""
        ids = [self.key, "campaign.id"] if self.key not in ("", "campaign.id") else [self.key]
        split = [f"segments.{self.segment}"] if self.segment else []
        return ["segments.date", *filter(None, ids), *split, *(f"metrics.{name}" for name in self.metrics)]


class _Id(msgspec.Struct, gc=False):
    id: str


class _Ad(msgspec.Struct, gc=False):
    ad: _Id


class _Segments(msgspec.Struct, gc=False, rename="camel"):
    date: date
    device: str = ""
    ad_network_type: str = ""
    conversion_action: str = ""


class _Metrics(msgspec.Struct, gc=False, rename="camel"):
    """Metrics of a row: what Google leaves out is 0, except where None tells that it was not sent."""

    impressions: int = 0
    clicks: int = 0
    cost_micros: int = 0
    conversions: Decimal = _ZERO
    conversions_value: Decimal = _ZERO
    all_conversions: Decimal = _ZERO
    all_conversions_value: Decimal | None = None
    view_through_conversions: int | None = None
    video_trueview_views: int | None = None


class _Found(msgspec.Struct, gc=False, rename="camel"):
    segments: _Segments
    metrics: _Metrics = msgspec.field(default_factory=_Metrics)
    campaign: _Id | None = None
    ad_group: _Id | None = None
    asset_group: _Id | None = None
    ad_group_ad: _Ad | None = None


class Page(msgspec.Struct, rename="camel"):
    """A page of a report."""

    results: list[_Found] = []
    next_page_token: str = ""
    field_mask: str = ""


_decode = msgspec.json.Decoder(Page, strict=False).decode


def page_of(body: bytes) -> Page:
    """A page as records. Raises UnexpectedAnswer naming the field that does not fit, ValueError for no JSON."""
    try:
        return _decode(body)
    except msgspec.ValidationError as error:
        raise UnexpectedAnswer(
            f"Google Ads' answer is not what it documents: {error}. Nothing of it was stored; it is tried again later."
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValueError(str(error)) from error


def rows_of(page: Page, report: Report, names: Mapping[str, str]) -> list[Row]:
    """A page as rows of figures. Raises UnexpectedAnswer."""
    read = _delivered if report.metrics is METRICS else _claimed
    key_of = attrgetter(report.key) if report.key else None
    above = report.key not in ("", "campaign.id")
    made: list[Row] = []
    for found in page.results:
        row: Row = {"day": found.segments.date}
        try:
            if key_of:
                row["entity"] = key_of(found)
            if above:
                row["campaign"] = found.campaign.id  # type: ignore[union-attr]
        except AttributeError:
            raise UnexpectedAnswer(f"A row lacks the field {report.key}. Nothing of it was stored.") from None
        if report.segment:
            row["segment"] = _segment(found.segments, report.segment, names)
        read(row, found.metrics)
        made.append(row)
    if read is _delivered:
        _check_sense(made)
    return made


def _delivered(row: Row, metrics: _Metrics) -> None:
    row["impressions"] = metrics.impressions
    row["clicks"] = metrics.clicks
    row["spend"] = metrics.cost_micros * _MILLIONTH
    _claimed(row, metrics)
    if metrics.video_trueview_views is not None:
        row["views"] = metrics.video_trueview_views
    if metrics.view_through_conversions is not None:
        row.setdefault("more", {})["view_through_conversions"] = metrics.view_through_conversions


def _claimed(row: Row, metrics: _Metrics) -> None:
    claims, value, every = metrics.conversions, metrics.conversions_value, metrics.all_conversions
    if not (claims + value + every).is_finite():
        raise UnexpectedAnswer("A row's conversions are no number. Nothing of this answer was stored.")
    row["conversions"] = claims
    row["conversion_value"] = value
    row["all_conversions"] = every
    if metrics.all_conversions_value is not None:
        row["more"] = {"all_conversions_value": str(metrics.all_conversions_value)}


def _check_sense(made: list[Row]) -> None:
    """Left out means 0, but not in every row: clicks without any cost or impression are a field that is gone."""
    clicked = [row for row in made if row["clicks"]]
    for name, field in (("spend", "costMicros"), ("impressions", "impressions")):
        if len(clicked) >= _TELLING and not any(row[name] for row in clicked):
            raise UnexpectedAnswer(f"The answer lacks the field metrics.{field}. Nothing of it was stored.")


def _segment(segments: _Segments, name: str, names: Mapping[str, str]) -> str:
    value: str = getattr(segments, name)
    if not value:
        raise UnexpectedAnswer(f"A row lacks the field segments.{camel(name)}. Nothing of it was stored.")
    if name == "device":
        return _DEVICES.get(value, value.lower())
    if name == "ad_network_type":
        return value.lower()
    return names.get(value, value.rpartition("/")[2]).replace("|", "/").replace("=", "/")


def id_of(row: Any, *path: str) -> str:
    """An id below a row, as text. Raises UnexpectedAnswer."""
    return text(inside(row, *path), ".".join(path))


def account_of(row: Mapping[str, Any], root: str) -> Account:
    """A `customer_client` below the account that was asked, which its questions go through."""
    key, state = id_of(row, "id"), str(row.get("status") or "ENABLED")
    gone = state in ("CANCELED", "CLOSED")
    return Account(
        key,
        str(row.get("descriptiveName") or f"Account {key}"),
        currency(inside(row, "currencyCode"), "customerClient.currencyCode"),
        text(inside(row, "timeZone"), "customerClient.timeZone"),
        f"It is {state.lower()}: Google answers no more questions about it." if gone else "",
        {"login_customer_id": root} if root != key else {},
    )


def campaign_of(row: Any, today: date) -> Entity:
    """A campaign with its budget; over when its last day is before `today`."""
    campaign, budget = inside(row, "campaign"), row.get("campaignBudget") or {}
    entity = named("campaign", campaign, None)
    ends = campaign.get("endDateTime")
    over = (
        entity.status in ("active", "paused") and bool(ends) and day_of(ends, "campaign.endDateTime") < today
    )
    lifetime = budget.get("totalAmountMicros")
    money = micros(lifetime or budget.get("amountMicros"), "campaignBudget.amountMicros")
    return Entity(
        "campaign", entity.key, entity.name, None, "ended" if over else entity.status, money,
        "" if money is None else "lifetime" if lifetime else "day",
    )  # fmt: skip


def named(level: str, found: Mapping[str, Any], parent: tuple[str, str] | None) -> Entity:
    """An entity that has id, name and status."""
    key = id_of(found, "id")
    return Entity(
        level, key, str(found.get("name") or key), parent, _STATES.get(str(found.get("status")), "")
    )


def ad_of(row: Any) -> Entity:
    """Most ads have no name: then their kind and id."""
    ad = inside(row, "adGroupAd", "ad")
    key = id_of(ad, "id")
    kind = str(ad.get("type") or "AD").replace("_", " ").capitalize()
    state = _STATES.get(str(row["adGroupAd"].get("status")), "")
    return Entity(
        "ad", key, str(ad.get("name") or f"{kind} {key}"), ("ad_group", id_of(row, "adGroup", "id")), state
    )


def failure_of(one: Mapping[str, Any]) -> SoundingsError | None:
    """What one error of a GoogleAdsFailure means; None leaves it to the status."""
    code = one.get("errorCode")
    family, value = next(iter(code.items()), ("", "")) if isinstance(code, dict) else ("", "")
    said = _google.words(one)
    if family == "quotaError":
        return _quota(one, str(value))
    if family == "authenticationError" and value != "CUSTOMER_NOT_FOUND":
        return NeedsReconnect(f"Google Ads no longer accepts this sign-in ({value}). Reconnect it. {SAFE}")
    if family in ("authorizationError", "authenticationError"):
        return AccessMissing(
            f"Google Ads does not allow this sign-in to read the account ({value}): {said} Give it read access "
            "in Google Ads under Admin → Access and security, or name the manager account that it goes through."
        )
    if family == "internalError":
        return Unreachable(f"Google Ads has a problem of its own ({value}). {SAFE}")
    if value in ("REQUEST_TOO_LARGE", "DATE_RANGE_TOO_WIDE"):
        return TooMuchData(f"Google Ads wants a smaller question ({value}).")
    if value == "UNSUPPORTED_VERSION":
        return Refused(
            f"Google Ads has switched this API version off. Update Soundings, or set PLATFORM_VERSIONS. {SAFE}"
        )
    if family == "requestError" and value == "EXPIRED_PAGE_TOKEN":
        return Unreachable(f"Google Ads forgot the page that we were on; it is asked again. {SAFE}")
    return Refused(f"Google Ads refused the question ({family} {value}): {said}") if family else None


def _quota(one: Mapping[str, Any], value: str) -> SoundingsError:
    """Short limits wait, the limit of a day parks: told apart by how long Google asks to wait."""
    if value == "ACCESS_PROHIBITED":
        return AccessMissing(f"Google Ads does not let this Google Cloud project in: {_google.words(one)}")
    held = one.get("details")
    limit = held.get("quotaErrorDetails") if isinstance(held, dict) else None
    limit = limit if isinstance(limit, dict) else {}
    seconds = _seconds(limit.get("retryDelay"))
    daily = "day" in f"{limit.get('rateName', '')} {one.get('message', '')}".lower()
    if daily or (seconds or 0) > _DAY_LIMIT_SECONDS:
        return DayLimitReached(
            "Google Ads answers no more questions of this Google Cloud project today. Nothing to do: it goes on "
            f"by itself. A higher access level of the project lifts the limit. {SAFE}",
            seconds or 3600,
        )
    return RateLimited("Google Ads asked us to slow down. Nothing to do: it goes on by itself.", seconds)


def _seconds(delay: Any) -> int | None:
    """Whole seconds of a protobuf duration such as 30s or 1.5s."""
    try:
        return int(Decimal(str(delay).removesuffix("s"))) + 1
    except ArithmeticError:
        return None


def check_mask(mask: str, asked: list[str]) -> None:
    """Google repeats what it answers: a field that it left out altogether is not a row of zeros."""
    given = {camel(name) for name in mask.split(",")}
    for name in asked:
        if camel(name) not in given:
            raise UnexpectedAnswer(f"The answer lacks the field {camel(name)}. Nothing of it was stored.")


def camel(name: str) -> str:
    """A field's name as JSON has it."""
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)
