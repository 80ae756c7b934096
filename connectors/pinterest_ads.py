"""Pinterest Ads: API v5, reports made by Pinterest and downloaded.

Names were checked against pinterest/api-description v5.23.0 (openapi.json) and its changelog to 5.28.0. Grain:
account, campaign, ad group, ad, one row a day, days in UTC. A report reaches 914 days back and spans 186 days;
breakdowns (asked for directly) reach 90 days back. Windows are pinned to 30 days after a click or an
engagement, 1 after a view, booked on the day of the ad; conversions change for 30 days.

Quirks: columns that say dollar hold the account's own currency; a report's link lives five minutes and is
opened without the token; closeups have become pin clicks, which is what clicks are here; the refresh token is
replaced at every use (60 days each, without end), so the new one must be kept at once. Limits: 300 report calls
a minute, 1,000 a day with trial access; X-RateLimit-Reset says how many seconds to wait.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

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
    Status,
    Stream,
    follow,
    in_lots,
)
from connectors._http import Answer
from connectors._optional import Optional
from connectors._pinterest_rows import BREAKDOWN, OPTIONAL, REPORT, Breakdown, Figures, columns, rows
from connectors._redaction import clean
from connectors._shapes import currency
from connectors._typed import ask_typed
from connectors._values import inside, listed, micros, text
from errors import (
    AccessMissing,
    DayLimitReached,
    NeedsReconnect,
    RateLimited,
    Refused,
    SoundingsError,
    Unreachable,
)

if TYPE_CHECKING:
    from connectors._http import Http

_API = "https://api.pinterest.com"
_PAGE = 250
_ROWS_A_BATCH = 5_000
_REPORT_SECONDS = 1800.0
_LONG_WAIT = 900
_SAFE = "What is stored stays as it is."
_LEVELS = {"account": "ADVERTISER", "campaign": "CAMPAIGN", "ad_group": "AD_GROUP", "ad": "PIN_PROMOTION"}
_SPLITS = {
    "country": "COUNTRY",
    "age_gender": "AGE_BUCKET_AND_GENDER",
    "placement": "PLACEMENT",
    "device": "APPTYPE",
}
_WINDOWS = {
    "click_window_days": 30,
    "engagement_window_days": 30,
    "view_window_days": 1,
    "conversion_report_time": "TIME_OF_AD_ACTION",
}
_STATUS: dict[str, Status] = {
    "ACTIVE": "active",
    "PAUSED": "paused",
    "ARCHIVED": "removed",
    "DRAFT": "draft",
    "DELETED_DRAFT": "removed",
}


@dataclass(frozen=True)
class _PinterestOAuth(OAuth):
    """Asks for refresh tokens that go on for ever; older apps have to say so."""

    def exchange(
        self, http: Http, label: str, app: Mapping[str, Any], code: str, redirect_uri: str, verifier: str
    ) -> dict[str, Any]:
        """Tokens for the code that came back."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        return self._asked(http, label, app, {**form, **self.refresh_extra})


def _stream(level: str, label: str, days: int, breakdown: str = "") -> Stream:
    return Stream(
        slug=f"{level}_by_{breakdown}" if breakdown else level,
        label=label,
        level=level,
        breakdown=breakdown,
        max_days=days,
        history_days=89 if breakdown else 913,
        lookback={"spend": 7, "conversions": 30},
        attribution="30-day click, 30-day engagement, 1-day view",
        definition="checkouts",
        optional=bool(breakdown),
    )


class PinterestAds(Connector):
    """Reads the ad accounts of a Pinterest business account, shared ones too."""

    slug = "pinterest_ads"
    label = "Pinterest Ads"
    version = "v5"
    reads = (
        "Names, budgets and daily figures of your ad accounts. It can only read: nothing is changed or spent."
    )
    oauth = _PinterestOAuth(
        authorize="https://www.pinterest.com/oauth/",
        token=f"{_API}/v5/oauth/token",
        scopes=("ads:read", "user_accounts:read"),
        separator=",",
        basic=True,
        refresh_extra={"continuous_refresh": "true"},
        id_field="app_id",
        secret_field="app_secret",  # noqa: S106
    )
    _app = (
        Field("app_id", "App ID", "At developers.pinterest.com under My apps.", secret=False),
        Field("app_secret", "App secret key", "On the same page; press Show."),
    )
    sign_ins = (
        SignIn(
            "oauth",
            "Sign in with Pinterest",
            "With your team's own app from developers.pinterest.com › My apps (trial access is enough for one "
            "account of moderate size). Enter this server's callback address there as a redirect link.",
            _app,
            oauth=True,
        ),
        SignIn(
            "refresh_token",
            "Paste a refresh token",
            "One that your app got with the permission ads:read. It is replaced whenever it is used, so use it "
            "nowhere else.",
            (*_app, Field("refresh_token", "Refresh token", "Starts with pinr.")),
        ),
        SignIn(
            "access_token",
            "Paste an access token",
            "For trying it out: it ends after 30 days at the latest and cannot renew itself.",
            (Field("access_token", "Access token", "Starts with pina_."),),
        ),
    )
    streams = (
        _stream("account", "Account", 90),
        _stream("campaign", "Campaigns", 90),
        _stream("ad_group", "Ad groups", 30),
        _stream("ad", "Ads", 30),
        _stream("campaign", "Campaigns by country", 30, "country"),
        _stream("campaign", "Campaigns by age and gender", 30, "age_gender"),
        _stream("campaign", "Campaigns by placement", 30, "placement"),
        _stream("campaign", "Campaigns by device", 30, "device"),
    )
    limits = (Limit(10, 1.0), Limit(300, 60.0))

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._columns = Optional(OPTIONAL)

    def steps(self) -> tuple[tuple[str, Any], ...]:
        """Is there a token, does it see accounts, may it read their figures?"""
        return (*super().steps(), ("Read yesterday's figures", self._yesterday))

    def _yesterday(self) -> None:
        on = (datetime.now(UTC).date() - timedelta(1)).isoformat()
        query = {"start_date": on, "end_date": on, "granularity": "DAY", "columns": "SPEND_IN_MICRO_DOLLAR"}
        self.http.get(self._url(self.accounts()[0], "analytics"), query)

    # --- what there is ---------------------------------------------------------------------------

    def accounts(self) -> list[Account]:
        """Ad accounts, shared ones too. Their days are UTC days, whatever zone the account is set to."""
        query = {"include_shared_accounts": "true"}
        return [
            Account(
                key=text(inside(one, "id"), "id"),
                name=text(one.get("name") or one["id"], "name"),
                currency=currency(inside(one, "currency"), "currency"),
                time_zone="UTC",
            )
            for page in self._pages(f"{_API}/{self.api_version}/ad_accounts", query)
            for one in page
        ]

    def entities(self, account: Account) -> Iterator[Entity]:
        """Campaigns, ad groups and ads, archived ones too."""
        for level, edge, parent in (
            ("campaign", "campaigns", ""),
            ("ad_group", "ad_groups", "campaign"),
            ("ad", "ads", "ad_group"),
        ):
            for page in self._listed(account, edge):
                for one in page:
                    yield _entity(one, level, parent)

    def _listed(self, account: Account, edge: str) -> Iterator[list[Any]]:
        return self._pages(self._url(account, edge), {"entity_statuses": "ACTIVE,PAUSED,ARCHIVED,DRAFT"})

    def _pages(self, url: str, query: Mapping[str, Any]) -> Iterator[list[Any]]:
        def fetch(bookmark: str | None) -> tuple[list[Any], str | None]:
            place = {"bookmark": bookmark} if bookmark else {}
            found = self.http.get(url, {**query, "page_size": _PAGE, **place})
            return listed(found, "items"), found.get("bookmark")

        return follow(fetch, "Pinterest's list")

    # --- figures ---------------------------------------------------------------------------------

    def pull(self, account: Account, stream: Stream, first: date, last: date) -> Iterator[Batch]:
        """Daily rows out of a report that Pinterest makes, or of direct questions for breakdowns."""
        if stream.breakdown:
            yield from self._split(account, stream, first, last)
            return
        found = self._report(account, stream, first, last)
        figures = (("", one) for many in found.values() for one in many)
        for lot in in_lots(rows(figures, stream.level), _ROWS_A_BATCH):
            yield Batch(rows=lot)

    def totals(self, account: Account, first: date, last: date) -> dict[date, Row]:
        """The account's own figures by day."""
        names = ("impressions", "clicks", "spend", "conversions", "conversion_value")
        return {
            row["day"]: {name: row[name] for name in names}
            for batch in self.pull(account, self.stream("account"), first, last)
            for row in batch.rows
        }

    def _split(self, account: Account, stream: Stream, first: date, last: date) -> Iterator[Batch]:
        query = {
            "start_date": first.isoformat(),
            "end_date": last.isoformat(),
            "granularity": "DAY",
            "targeting_types": _SPLITS[stream.breakdown],
            **_WINDOWS,
        }
        url = self._url(account, "campaigns/targeting_analytics")
        campaigns = (
            text(inside(one, "id"), "id") for page in self._listed(account, "campaigns") for one in page
        )
        for lot in in_lots(campaigns, _PAGE):
            query["campaign_ids"] = ",".join(lot)

            def ask(optional: tuple[str, ...]) -> Breakdown:
                asked = {**query, "columns": ",".join(columns(stream.level, optional))}
                return ask_typed(self.http, BREAKDOWN, url, asked)

            found = self._columns.ask(ask)
            figures = ((one.targeting_value, one.metrics) for one in found.data)
            yield Batch(rows=list(rows(figures, stream.level)))

    def _report(self, account: Account, stream: Stream, first: date, last: date) -> dict[str, list[Figures]]:
        """Has a report made and downloads it; a new one where a link or report has run out meanwhile."""
        query = {
            "start_date": first.isoformat(),
            "end_date": last.isoformat(),
            "granularity": "DAY",
            "level": _LEVELS[stream.level],
            "report_format": "JSON",
            **_WINDOWS,
        }
        url = self._url(account, "reports")
        for _ in range(3):
            made = self._columns.ask(
                lambda optional: self.http.post(
                    url, json={**query, "columns": columns(stream.level, optional)}
                )
            )
            link = self._link(account, text(inside(made, "token"), "token"))
            if link:
                try:
                    return ask_typed(self.http, REPORT, link, signed=False)
                except (AccessMissing, Refused):
                    continue  # the link ran out before it was opened
        raise Unreachable(f"Pinterest did not hand over the report that it was asked for. {_SAFE}")

    def _link(self, account: Account, token: str) -> str:
        """Where the report is, once it is ready; empty where Pinterest gave it up."""
        pause, waited = 2.0, 0.0
        while waited < _REPORT_SECONDS:
            state = self.http.get(self._url(account, "reports"), {"token": token})
            status = text(inside(state, "report_status"), "report_status")
            if status == "FINISHED":
                return text(inside(state, "url"), "url")
            if status != "IN_PROGRESS":
                return ""
            self.http.wait(pause, "Pinterest is preparing the report")
            waited, pause = waited + pause, min(30.0, pause * 1.5)
        raise Unreachable(f"Pinterest has not finished a report in half an hour. {_SAFE}")

    def _url(self, account: Account, path: str) -> str:
        return f"{_API}/{self.api_version}/ad_accounts/{account.key}/{path}"

    # --- what an answer means --------------------------------------------------------------------

    def judge(self, answer: Answer) -> SoundingsError | None:
        """What Pinterest's error body and rate headers say; the rest is left to the status."""
        if answer.status < 400 or answer.status >= 500:
            return None
        body = answer.parsed()
        body = body if isinstance(body, dict) else {}
        said = clean(str(body.get("message") or ""))[:200].rstrip(". ")
        if answer.status == 429:
            return _slower(answer)
        if answer.status == 401 and body.get("code") != 3:
            return NeedsReconnect(
                f"Pinterest no longer accepts this sign-in ({said}). Press Reconnect. What is stored is safe."
            )
        if body and answer.status in {401, 403}:
            return AccessMissing(
                f"Pinterest does not let this sign-in read that ({said}). Ask the ad account's owner for the role "
                "Analyst, and allow the app ads:read. What is stored is safe."
            )
        return Refused(f"Pinterest refused the question: {said}. {_SAFE}") if said else None


def _slower(answer: Answer) -> SoundingsError:
    reset = str(answer.headers.get("X-RateLimit-Reset") or "")
    seconds = int(reset) if reset.isdecimal() else None
    if answer.retry_after is not None:
        seconds = max(seconds or 0, int(answer.retry_after + 0.999))
    if seconds is not None and seconds > _LONG_WAIT:
        return DayLimitReached(
            f"Pinterest answers no more for now: the app's calls are used up. It goes on by itself. {_SAFE}",
            seconds,
        )
    return RateLimited("Pinterest asked us to slow down. Nothing to do: it goes on by itself.", seconds)


def _entity(one: dict[str, Any], level: str, parent: str) -> Entity:
    key = text(inside(one, "id"), "id")
    status = _STATUS.get(text(inside(one, "status"), "status"), "")
    if status == "active" and one.get("summary_status") == "COMPLETED":
        status = "ended"
    daily, lifetime = _budgets(one)
    return Entity(
        level=level,
        key=key,
        name=text(one.get("name") or key, "name"),
        parent=(parent, text(inside(one, f"{parent}_id"), f"{parent}_id")) if parent else None,
        status=status,
        budget=daily or lifetime,
        budget_period="day" if daily else "lifetime" if lifetime else "",
    )


def _budgets(one: dict[str, Any]) -> tuple[Decimal | None, Decimal | None]:
    """Daily and lifetime budget: a campaign's spend caps, or an ad group's budget by its type."""
    daily = micros(one.get("daily_spend_cap"), "daily_spend_cap")
    lifetime = micros(one.get("lifetime_spend_cap"), "lifetime_spend_cap")
    own = micros(one.get("budget_in_micro_currency"), "budget_in_micro_currency")
    kind = one.get("budget_type")
    return daily or (own if kind == "DAILY" else None), lifetime or (own if kind == "LIFETIME" else None)
