"""TikTok Ads: API for Business (Marketing API) v1.3, synchronous reports.

Names were checked against tiktok-business-api-sdk-official 1.1.3 (paths, parameters, filters); metric names,
which the SDK does not list, against singer-io/tap-tiktok-ads and Airbyte's source-tiktok-marketing. Grain:
account, campaign, ad group, ad, one row a day in the account's time zone, at most 30 days a question. Spend
settles within a day, conversions change for up to 30. Figures are text in account currency, "-" where TikTok
has none. GMV Max campaigns are not in these reports.

Quirks: deleted objects are left out unless their status is asked for; `conversion` is each ad group's own
optimisation event and not comparable, so purchases are website payments; the token does not end and cannot be
renewed; listing the accounts needs the app's id and secret, reading them does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from connectors._base import (
    Account,
    Batch,
    Entity,
    Field,
    OAuth,
    Row,
    SignIn,
    Status,
    Stream,
    follow,
    in_lots,
)
from connectors._optional import Optional
from connectors._shapes import currency
from connectors._tiktok import HOST, SAFE, VERSION, TikTok, as_query, sign
from connectors._tiktok_rows import KEYS, OPTIONAL, PAGE, REPORT, SPLITS, Data, Line, question, rows
from connectors._typed import ask_typed
from connectors._values import amount, count, inside, listed, text
from errors import AccessMissing, UnexpectedAnswer

if TYPE_CHECKING:
    from connectors._http import Http

_PERIODS = {
    "BUDGET_MODE_DAY": "day",
    "BUDGET_MODE_DYNAMIC_DAILY_BUDGET": "day",
    "BUDGET_MODE_TOTAL": "lifetime",
}
_LOOKBACK = {"spend": 3, "conversions": 30}
_WINDOW = "each ad group's own window"


@dataclass(frozen=True)
class _Portal(OAuth):
    """TikTok's portal hands out an `auth_code` and takes JSON; its token does not end."""

    def address(self, app: Mapping[str, Any], redirect_uri: str, state: str, verifier: str) -> str:
        """Where the advertiser allows the app to read."""
        query = {"app_id": app["app_id"], "state": state, "redirect_uri": redirect_uri}
        return f"{self.authorize}?{urlencode(query)}"

    def exchange(
        self, http: Http, label: str, app: Mapping[str, Any], code: str, redirect_uri: str, verifier: str
    ) -> dict[str, Any]:
        """A token for the code that came back."""
        form = {"app_id": app["app_id"], "secret": app["secret"], "auth_code": code}
        return sign(http, label, self.token, form)


def _stream(level: str, label: str, breakdown: str = "") -> Stream:
    return Stream(
        slug=f"{level}_by_{breakdown}" if breakdown else level,
        label=label,
        level=level,
        breakdown=breakdown,
        max_days=30,
        lookback=_LOOKBACK,
        attribution=_WINDOW,
        definition="" if breakdown else "website payments (complete_payment) and their value",
        optional=bool(breakdown),
    )


class TikTokAds(TikTok):
    """Reads advertiser accounts."""

    slug = "tiktok_ads"
    label = "TikTok Ads"
    reads = "Names, budgets and daily figures of your ad accounts. Only reading calls are made: nothing is changed or spent."
    oauth = _Portal(
        authorize=f"{HOST}/portal/auth",
        token=f"{HOST}/open_api/{VERSION}/oauth2/access_token/",
        scopes=(),
        id_field="app_id",
        secret_field="secret",  # noqa: S106
        id_parameter="app_id",
        code_parameter="auth_code",
    )
    sign_ins = (
        SignIn(
            "oauth",
            "Sign in with TikTok",
            "With your team's own app from TikTok API for Business (business-api.tiktok.com › My Apps). Allow it "
            "reporting and reading of ad accounts, campaigns and ads.",
            (
                Field("app_id", "App ID", "Under My Apps › your app › Basic information.", secret=False),
                Field("secret", "Secret", "On the same page."),
            ),
            oauth=True,
        ),
        SignIn(
            "token",
            "Paste an access token",
            "The token that your app got when an advertiser allowed it. Give the app's id and secret too, so that "
            "accounts can be listed, or else the ids of the accounts.",
            (
                Field("access_token", "Access token"),
                Field("app_id", "App ID", secret=False, required=False),
                Field("secret", "Secret", required=False),
                Field(
                    "advertiser_id",
                    "Advertiser IDs",
                    "Separated by commas; the long number in TikTok Ads Manager's address.",
                    secret=False,
                    required=False,
                ),
            ),
        ),
    )
    streams = (
        _stream("account", "Account"),
        _stream("campaign", "Campaigns"),
        _stream("ad_group", "Ad groups"),
        _stream("ad", "Ads"),
        _stream("campaign", "Campaigns by country", "country"),
        _stream("campaign", "Campaigns by age and gender", "age_gender"),
        _stream("campaign", "Campaigns by operating system", "os"),
    )

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._metrics = Optional(OPTIONAL)

    def steps(self) -> tuple[tuple[str, Any], ...]:
        """Is there a token, does it see accounts, may it read their figures?"""
        return (*super().steps(), ("Read yesterday's figures", self._yesterday))

    def _yesterday(self) -> None:
        on = datetime.now(UTC).date() - timedelta(1)
        self.totals(self.accounts()[0], on, on)

    # --- what there is ---------------------------------------------------------------------------

    def accounts(self) -> list[Account]:
        """The advertisers that allowed the app, or those whose ids were given."""
        fields = ["advertiser_id", "name", "currency", "display_timezone", "timezone", "status"]
        found = []
        for lot in in_lots(self._advertisers(), 100):
            for one in listed(self.data("advertiser/info", advertiser_ids=lot, fields=fields), "list"):
                key = text(inside(one, "advertiser_id"), "advertiser_id")
                zone = text(one.get("display_timezone") or "", "display_timezone")
                name = text(one.get("name") or key, "name")
                found.append(
                    Account(key, name, currency=currency(inside(one, "currency"), "currency"), time_zone=zone)
                )
        return found

    def _advertisers(self) -> list[str]:
        held = self.credentials
        given = re.findall(r"\d+", str(held.get("advertiser_id") or held.get("advertiser_ids") or ""))
        if given:
            return given
        if not held.get("app_id") or not held.get("secret"):
            raise AccessMissing(
                "TikTok lists ad accounts only for an app: add its App ID and Secret to this sign-in, or the "
                "Advertiser IDs that it should read."
            )
        found = self.data("oauth2/advertiser/get", app_id=held["app_id"], secret=held["secret"])
        return [text(inside(one, "advertiser_id"), "advertiser_id") for one in listed(found, "list")]

    def entities(self, account: Account) -> Iterator[Entity]:
        """Campaigns, ad groups and ads, deleted ones too."""
        for level, path, name, parent in (
            ("campaign", "campaign/get", "campaign_name", None),
            ("ad_group", "adgroup/get", "adgroup_name", "campaign"),
            ("ad", "ad/get", "ad_name", "ad_group"),
        ):
            above = KEYS[parent] if parent else ""
            fields = [KEYS[level], name, "operation_status", "secondary_status", above]
            if level != "ad":
                fields += ["budget", "budget_mode"]
            query = {"advertiser_id": account.key, "fields": [field for field in fields if field]}
            for one in self._listed(path, query):
                key = text(inside(one, KEYS[level]), KEYS[level])
                budget = amount(one.get("budget"), "budget") or None
                period = _PERIODS.get(str(one.get("budget_mode"))) if budget else None
                yield Entity(
                    level=level,
                    key=key,
                    name=text(one.get(name) or key, name),
                    parent=(parent, text(inside(one, above), above)) if parent else None,
                    status=_status(one),
                    budget=budget if period else None,
                    budget_period=period or "",  # type: ignore[arg-type]
                )

    def _listed(self, path: str, query: dict[str, Any]) -> Iterator[dict[str, Any]]:
        everything = {"primary_status": "STATUS_ALL"}

        def fetch(page: int) -> tuple[list[Any], int | None]:
            found = self.data(path, **query, filtering=everything, page=page, page_size=PAGE)
            info = inside(found, "page_info")
            return listed(found, "list"), _next(page, inside(info, "page"), inside(info, "total_page"))

        for page in follow(fetch, "TikTok's list", 1):
            yield from page

    # --- figures ---------------------------------------------------------------------------------

    def pull(self, account: Account, stream: Stream, first: date, last: date) -> Iterator[Batch]:
        """Daily rows, a page of up to 1,000 at a time."""
        splits = SPLITS.get(stream.breakdown, ())

        def fetch(page: int) -> tuple[list[Line], int | None]:
            def ask(optional: tuple[str, ...]) -> Data:
                query = as_query(question(account, stream, first, last, optional))
                url = self.url("report/integrated/get")
                return ask_typed(self.http, REPORT, url, {**query, "page": page}, absent=b'"-"').data

            found = self._metrics.ask(ask)
            return found.lines, _next(page, found.page_info.page, found.page_info.total_page)

        for lines in follow(fetch, "TikTok's report", 1):
            yield Batch(rows=rows(lines, stream.level, splits))

    def totals(self, account: Account, first: date, last: date) -> dict[date, Row]:
        """The account's own figures by day."""
        names = ("impressions", "clicks", "spend", "conversions", "conversion_value")
        return {
            row["day"]: {name: row[name] for name in names if name in row}
            for batch in self.pull(account, self.stream("account"), first, last)
            for row in batch.rows
        }


def _next(asked: int, page: Any, pages: Any) -> int | None:
    if page != asked:
        raise UnexpectedAnswer(f"TikTok answered with page {str(page)[:10]} instead of page {asked}. {SAFE}")
    return asked + 1 if asked < (count(pages, "total_page") or 0) else None


def _status(one: dict[str, Any]) -> Status:
    switch, detail = str(one.get("operation_status") or ""), str(one.get("secondary_status") or "")
    if "DELETE" in switch or detail.endswith("_DELETE"):
        return "removed"
    if detail.endswith("_DONE"):
        return "ended"
    if switch == "ENABLE" and not detail.endswith("_DISABLE"):
        return "active"
    return "paused" if switch or detail else ""
