"""Meta Ads (Facebook, Instagram): Marketing API v26.0, daily insights.

Names were checked against facebook-business 26.0.3 (AdsInsights, AdReportRun, AdAccount). Grain: account,
campaign, ad set, ad, one row a day, in the account's time zone; rows without delivery are not returned.
Figures of fresh days move for hours, conversions for 28 days (booked on the day of the impression); 37 months
are kept. Every figure is a JSON string in account currency; budgets are in its smallest unit.

Quirks: archived objects are left out below account level unless their status is asked for by name, deleted
ones may be missing all the same, so totals come from the account. Purchase types overlap: one is taken, never
the sum. `paging.next` holds the token, so pages are followed by their cursor. Errors come as HTTP 400 with a
code of their own; usage headers warn before a limit. There is no refresh token: a long-lived token (60 days)
can be exchanged for a fresh one while it lives, a system user's does not end.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from connectors import _oauth
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
)
from connectors._http import Answer
from connectors._meta_errors import meaning, usage
from connectors._meta_rows import FIELDS, KEYS, Listing, Report, rows
from connectors._redaction import hide
from connectors._shapes import currency
from connectors._typed import ask_typed, decoder
from connectors._values import amount, count, inside, text
from errors import (
    NeedsReconnect,
    Refused,
    SoundingsError,
    TooMuchData,
    Unreachable,
)

if TYPE_CHECKING:
    from connectors._http import Http

_GRAPH = "https://graph.facebook.com"
_VERSION = "v26.0"
_SYNC_DAYS = 7
_PAGE = 500
_REPORT_PAGE = 1_000
_SAFE = "What is stored stays as it is."

_LISTING, _REPORT = decoder(Listing), decoder(Report)
_META_LEVEL = {"account": "account", "campaign": "campaign", "ad_group": "adset", "ad": "ad"}
_SPLITS = {
    "country": ("country",),
    "age_gender": ("age", "gender"),
    "placement": ("publisher_platform", "platform_position"),
    "device": ("device_platform",),
}
_EVERY_STATUS = {
    "campaign": ("ACTIVE", "ARCHIVED", "DELETED", "IN_PROCESS", "PAUSED", "WITH_ISSUES"),
    "ad_group": ("ACTIVE", "ARCHIVED", "CAMPAIGN_PAUSED", "DELETED", "IN_PROCESS", "PAUSED", "WITH_ISSUES"),
    "ad": (
        "ACTIVE", "ADSET_PAUSED", "ARCHIVED", "CAMPAIGN_PAUSED", "DELETED", "DISAPPROVED", "IN_PROCESS",
        "PAUSED", "PENDING_BILLING_INFO", "PENDING_REVIEW", "PREAPPROVED", "WITH_ISSUES",
    ),
}  # fmt: skip
_STATUS: dict[str, Status] = {
    "ACTIVE": "active", "IN_PROCESS": "active", "WITH_ISSUES": "active", "PAUSED": "paused",
    "CAMPAIGN_PAUSED": "paused", "ADSET_PAUSED": "paused", "DISAPPROVED": "paused", "ARCHIVED": "removed",
    "DELETED": "removed", "PENDING_REVIEW": "draft", "PREAPPROVED": "draft", "PENDING_BILLING_INFO": "draft",
}  # fmt: skip
_NO_CENTS = {"CLP", "COP", "CRC", "HUF", "IDR", "ISK", "JPY", "KRW", "PYG", "TWD", "VND"}
"""Currencies whose smallest unit is 1: developers.facebook.com/docs/marketing-api/currencies."""


@dataclass(frozen=True)
class _MetaOAuth(OAuth):
    """Tokens by GET; the short one that a code gives is exchanged for one of about 60 days at once."""

    def exchange(
        self, http: Http, label: str, app: Mapping[str, Any], code: str, redirect_uri: str, verifier: str
    ) -> dict[str, Any]:
        """A long-lived token for the code that came back."""
        short = self._token(http, label, app, {"redirect_uri": redirect_uri, "code": code})
        return self.refresh(http, label, {**app, **short})

    def refresh(self, http: Http, label: str, credentials: Mapping[str, Any]) -> dict[str, Any]:
        """A token of a full life for one that still lives."""
        form = {"grant_type": "fb_exchange_token", "fb_exchange_token": credentials["access_token"]}
        return self._token(http, label, credentials, form)

    def _token(self, http: Http, label: str, app: Mapping[str, Any], form: dict[str, Any]) -> dict[str, Any]:
        query = {"client_id": app.get("app_id"), "client_secret": app.get("app_secret"), **form}
        hide(form.get("code"), app.get("app_secret"))
        renewing, http.renew = http.renew, lambda: False
        try:
            found = http.get(self.token, query, signed=False)
        finally:
            http.renew = renewing
        fields = _oauth.fields(found, label)
        if fields["expires_at"]:
            fields["sign_in_ends_at"] = fields["expires_at"]
        return fields


_CLAIMS = {
    "lookback": {"spend": 7, "conversions": 28},
    "history_days": 1120,
    "attribution": "each ad set's own setting (unless changed 7-day click, 1-day view)",
    "definition": "purchases: omni_purchase, else purchase, else pixel purchases",
}


def _stream(level: str, label: str, days: int, breakdown: str = "") -> Stream:
    slug = f"{level}_by_{breakdown}" if breakdown else level
    return Stream(slug, label, level, breakdown, max_days=days, optional=bool(breakdown), **_CLAIMS)  # type: ignore[arg-type]


class MetaAds(Connector):
    """Reads ad accounts that a person or a system user may see."""

    slug = "meta_ads"
    label = "Meta Ads"
    version = _VERSION
    reads = (
        "Names, budgets and daily figures of your ad accounts. It can only read: nothing is changed or spent."
    )
    oauth = _MetaOAuth(
        authorize=f"https://www.facebook.com/{_VERSION}/dialog/oauth",
        token=f"{_GRAPH}/{_VERSION}/oauth/access_token",
        scopes=("ads_read", "business_management"),
        separator=",",
        id_field="app_id",
        secret_field="app_secret",  # noqa: S106
    )
    sign_ins = (
        SignIn(
            "token",
            "Paste an access token",
            "A system user's token does not end: in Meta Business settings, under Users › System users, add one, "
            "give it your ad account with “View performance”, press Generate token and tick ads_read.",
            (
                Field("access_token", "Access token", "Starts with EAA."),
                Field("app_secret", "App secret", "Only if your Meta app demands it.", required=False),
                Field("app_id", "App ID", "Only together with the secret.", secret=False, required=False),
            ),
        ),
        SignIn(
            "oauth",
            "Sign in with Facebook",
            "With your team's own Meta app (developers.facebook.com › My apps › Settings › Basic). The sign-in "
            "lasts about 60 days and renews itself while it is used.",
            (
                Field("app_id", "App ID", "On the app's Basic settings page.", secret=False),
                Field("app_secret", "App secret", "Beside the App ID; press Show."),
            ),
            oauth=True,
        ),
    )
    streams = (
        _stream("account", "Account", 90),
        _stream("campaign", "Campaigns", 30),
        _stream("ad_group", "Ad sets", 30),
        _stream("ad", "Ads", 30),
        _stream("campaign", "Campaigns by country", 30, "country"),
        _stream("campaign", "Campaigns by age and gender", 30, "age_gender"),
        _stream("campaign", "Campaigns by placement", 30, "placement"),
        _stream("campaign", "Campaigns by device", 30, "device"),
    )
    limits = (Limit(10, 1.0),)

    # --- signing in ------------------------------------------------------------------------------

    def headers(self) -> Mapping[str, str]:
        """The token in a header, never in a URL; the proof that we know the app's secret goes with `_with_proof`."""
        return {"Authorization": f"Bearer {self.token()}"}

    def can_renew(self) -> bool:
        """True for a token with an end, while it lives, with the app's id and secret at hand."""
        held = self.credentials
        alive = float(held.get("expires_at") or 0) > datetime.now(UTC).timestamp()
        return alive and all(held.get(name) for name in ("access_token", "app_id", "app_secret"))

    def renew(self) -> bool:
        """Exchange the token; False where that is not possible, then its own error stands."""
        try:
            return super().renew()
        except NeedsReconnect:
            return False

    def steps(self) -> tuple[tuple[str, Any], ...]:
        """Is the token alive, does it see accounts, may it read their figures?"""
        return (
            ("Sign in to Meta", lambda: self._get("me", {"fields": "id"})),
            ("List the ad accounts", self._some_account),
            ("Read yesterday's figures", self._first_figures),
        )

    def _first_figures(self) -> None:
        on = datetime.now(UTC).date() - timedelta(1)
        self.totals(self.accounts()[0], on, on)

    # --- what there is ---------------------------------------------------------------------------

    def accounts(self) -> list[Account]:
        """Ad accounts of the person or system user; those that are switched off still have their history."""
        wanted = "account_id,name,currency,timezone_name,account_status"
        return [
            Account(
                key=text(inside(one, "account_id"), "account_id"),
                name=text(one.get("name") or one["account_id"], "name"),
                currency=currency(inside(one, "currency"), "currency"),
                time_zone=text(inside(one, "timezone_name"), "timezone_name"),
            )
            for page in self._pages("me/adaccounts", {"fields": wanted}, size=100)
            for one in page.data
        ]

    def account(self, key: str) -> Account:
        """The account of an id, with or without Meta's `act_` before it."""
        return super().account(key.removeprefix("act_"))

    def entities(self, account: Account) -> Iterator[Entity]:
        """Campaigns, ad sets and ads, archived and deleted ones as far as Meta still lists them."""
        for level, edge, parent in (
            ("campaign", "campaigns", None),
            ("ad_group", "adsets", "campaign"),
            ("ad", "ads", "ad_group"),
        ):
            above = {"ad_group": ("campaign_id",), "ad": ("adset_id",)}.get(level, ())
            budgets = () if level == "ad" else ("daily_budget", "lifetime_budget")
            query = {
                "fields": ",".join(("id", "name", "effective_status", *budgets, *above)),
                "effective_status": json.dumps(_EVERY_STATUS[level]),
            }
            for page in self._pages(f"act_{account.key}/{edge}", query):
                for one in page.data:
                    yield _entity(one, level, parent, above, account.currency)

    # --- figures ---------------------------------------------------------------------------------

    def pull(self, account: Account, stream: Stream, first: date, last: date) -> Iterator[Batch]:
        """Daily rows, a page at a time. Ad sets, ads, breakdowns and long ranges are prepared by Meta first."""
        query = self._question(stream, first, last)
        path = f"act_{account.key}/insights"
        short = (last - first).days < _SYNC_DAYS and stream.level == "campaign" and not stream.breakdown
        if not (short or stream.level == "account"):
            path, query = f"{self._prepared(path, query)}/insights", {}
        splits = _SPLITS.get(stream.breakdown, ())
        for page in self._pages(path, query, _REPORT, _REPORT_PAGE):
            yield Batch(rows=rows(page.data, stream.level, splits))

    def totals(self, account: Account, first: date, last: date) -> dict[date, Row]:
        """The account's own figures by day."""
        names = ("impressions", "clicks", "spend", "conversions", "conversion_value")
        return {
            row["day"]: {name: row[name] for name in names if name in row}
            for batch in self.pull(account, self.stream("account"), first, last)
            for row in batch.rows
        }

    def _question(self, stream: Stream, first: date, last: date) -> dict[str, Any]:
        splits = _SPLITS.get(stream.breakdown, ())
        ids = dict.fromkeys(("campaign_id", KEYS[stream.level])) if stream.level != "account" else ()
        query: dict[str, Any] = {
            "level": _META_LEVEL[stream.level],
            "time_increment": 1,
            "time_range": json.dumps({"since": first.isoformat(), "until": last.isoformat()}),
            "fields": ",".join((*ids, *FIELDS)),
            "use_unified_attribution_setting": "true",
        }
        if splits:
            query["breakdowns"] = ",".join(splits)
        if stream.level != "account":
            status = {
                "field": f"{_META_LEVEL[stream.level]}.effective_status",
                "operator": "IN",
                "value": _EVERY_STATUS[stream.level],
            }
            query["filtering"] = json.dumps([status])
        return query

    def _prepared(self, path: str, query: dict[str, Any]) -> str:
        """Has a report made; its id once it is complete. Raises TooMuchData where Meta could not make it."""
        made = self.http.ask("POST", self._url(path), data=self._with_proof(query))
        run = text(inside(made, "report_run_id"), "report_run_id")
        pause, waited = 2.0, 0.0
        while waited < 1800:
            state = self._get(run, {"fields": "async_status,async_percent_completion"})
            status = text(inside(state, "async_status"), "async_status")
            if status in {"Job Failed", "Job Skipped"}:
                raise TooMuchData("Meta could not prepare this report. It is asked for in smaller parts.")
            if status == "Job Completed" and count(state.get("async_percent_completion"), "percent") == 100:
                return run
            self.http.wait(
                pause, f"Meta is preparing the report ({state.get('async_percent_completion', 0)} %)"
            )
            waited, pause = waited + pause, min(30.0, pause * 1.5)
        raise Unreachable(f"Meta has not finished a report in half an hour. {_SAFE}")

    # --- asking ----------------------------------------------------------------------------------

    def _url(self, path: str) -> str:
        return f"{_GRAPH}/{self.api_version}/{path}"

    def _with_proof(self, query: Mapping[str, Any]) -> dict[str, Any]:
        token, secret = self.token(), self.credentials.get("app_secret")
        if not secret:
            return dict(query)
        proof = hmac.new(str(secret).encode(), token.encode(), "sha256").hexdigest()
        hide(proof)
        return {**query, "appsecret_proof": proof}

    def _get(self, path: str, query: Mapping[str, Any], decode: Any = None) -> Any:
        def ask() -> Any:
            params = self._with_proof(query)
            if decode is None:
                return self.http.get(self._url(path), params)
            return ask_typed(self.http, decode, self._url(path), params)

        token = self.token()
        try:
            return ask()
        except Refused:
            if self.token() == token:
                raise
            return ask()  # the token was renewed meanwhile, and the proof was the old one's

    def _pages(
        self, path: str, query: Mapping[str, Any], decode: Any = _LISTING, size: int = _PAGE
    ) -> Iterator[Any]:
        """Pages by their cursor. A page that is too much is asked for again at half its size."""

        def fetch(after: str | None) -> tuple[Any, str]:
            limit = size
            while True:
                try:
                    place = {"after": after} if after else {}
                    page = self._get(path, {**query, "limit": limit, **place}, decode)
                    return page, page.after
                except TooMuchData:
                    if limit <= size // 8:
                        raise
                    limit //= 2

        return follow(fetch, "Meta's list")

    # --- what an answer means --------------------------------------------------------------------

    def judge(self, answer: Answer) -> SoundingsError | None:
        """Usage headers slow us down in time; an error body is told by its code, not by the status."""
        self._mind_usage(answer.headers)
        if answer.status == 200:
            return None
        body = answer.parsed()
        error = body.get("error") if isinstance(body, dict) else None
        return meaning(error, answer.headers) if isinstance(error, dict) else None

    def _mind_usage(self, headers: Mapping[str, str]) -> None:
        used, minutes = usage(headers)
        if used >= 100:
            self.http.limiter.pause(60.0 * (minutes or 5))
        elif used > 75:
            self.http.limiter.pause(float(used - 75))


def _entity(
    one: dict[str, Any], level: str, parent: str | None, above: tuple[str, ...], money: str
) -> Entity:
    budget = amount(one.get("daily_budget"), "daily_budget")
    lifetime = amount(one.get("lifetime_budget"), "lifetime_budget")
    cents = budget or lifetime
    key = text(inside(one, "id"), "id")
    return Entity(
        level=level,
        key=key,
        name=text(one.get("name") or key, "name"),
        parent=(parent, text(inside(one, above[0]), above[0])) if parent else None,
        status=_STATUS.get(text(inside(one, "effective_status"), "effective_status"), ""),
        budget=cents / (1 if money in _NO_CENTS else 100) if cents else None,
        budget_period="day" if budget else "lifetime" if lifetime else "",
    )
