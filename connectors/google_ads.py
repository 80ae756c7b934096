"""Google Ads API v26 over REST.

Names checked against the official Python library google-ads 34.0.0 (protos of v26: metrics, segments,
campaign, campaign_budget, ad_group, ad_group_ad, asset_group, customer_client, errors).

- Grain: day by account, campaign, ad group, ad, asset group; campaigns by device, network and conversion
  action. Performance Max serves asset groups, not ads, so a campaign is not the sum of its ads.
- Conversions stand on the day of the click and keep arriving for as long as the longest window of the
  account's conversion actions: 30 days by default, up to 90. Cost is corrected for some days.
- `googleAds:search` answers 10,000 rows a page and refuses a pageSize. 64-bit integers come as text, money
  in micros; fields that are unset are left out, so a metric that is missing is 0.
- A question is one operation: 2,880 (Explorer) or 15,000 (Basic) a day and project. Developer tokens were
  switched off in September 2026: access belongs to the Google Cloud project of the sign-in.
- Minor versions cannot be asked for; a major lives about a year. The end of v26 is Google's projection.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec

from connectors import _google
from connectors._base import Account, Batch, Entity, Field, Limit, Row, Stream, follow
from connectors._google import SAFE, GoogleConnector
from connectors._google_ads import (
    CLAIMS,
    Page,
    Report,
    account_of,
    ad_of,
    campaign_of,
    check_mask,
    failure_of,
    id_of,
    named,
    page_of,
    rows_of,
)
from connectors._http import Answer
from connectors._values import inside, listed, text
from errors import (
    AccessMissing,
    SoundingsError,
    UnexpectedAnswer,
)

_HOST = "https://googleads.googleapis.com"
_LOOKBACK = {"spend": 7, "conversions": 30}
_ATTRIBUTION = "click date; window and model of each conversion action"
_DEFINITION = "conversion actions that are primary for their goal"
_CUSTOMER = Field(
    "customer_id", "Customer ID", "Only this account, as 123-456-7890. Empty: all that the sign-in sees.",
    secret=False, required=False,
)  # fmt: skip
_LOGIN = Field(
    "login_customer_id", "Manager account ID", "If you reach the account through a manager account: its ID.",
    secret=False, required=False,
)  # fmt: skip


_REPORTS = {
    "campaign": Report("campaign", "campaign.id"),
    "ad_group": Report("ad_group", "ad_group.id"),
    "ad": Report("ad_group_ad", "ad_group_ad.ad.id"),
    "asset_group": Report("asset_group", "asset_group.id"),
    "campaign_device": Report("campaign", "campaign.id", "device"),
    "campaign_network": Report("campaign", "campaign.id", "ad_network_type"),
    "campaign_conversion_action": Report("campaign", "campaign.id", "conversion_action", CLAIMS),
    "account": Report("customer"),
}


def _stream(slug: str, label: str, level: str, breakdown: str = "", optional: bool = True) -> Stream:
    return Stream(
        slug, label, level, breakdown, max_days=31, history_days=1095, lookback=_LOOKBACK,
        attribution=_ATTRIBUTION, definition=_DEFINITION, optional=optional,
    )  # fmt: skip


class GoogleAds(GoogleConnector):
    """Google Ads for one sign-in."""

    slug = "google_ads"
    label = "Google Ads"
    version = "v26"
    version_ends = date(2027, 11, 1)
    reads = (
        "Names, states and budgets of campaigns, ad groups and ads, and their daily figures. Soundings only "
        "asks for reports: it changes nothing in the account and spends nothing."
    )
    oauth = _google.oauth("https://www.googleapis.com/auth/adwords")
    sign_ins = (
        _google.by_consent(_LOGIN, _CUSTOMER),
        _google.by_token(_LOGIN, _CUSTOMER),
        _google.by_key(
            "For a robot account: add its e-mail address as a user with read access in Google Ads under "
            "Admin → Access and security.", _LOGIN, _CUSTOMER,
        ),
    )  # fmt: skip
    streams = (
        _stream("campaign", "Campaigns by day", "campaign", optional=False),
        _stream("ad_group", "Ad groups by day", "ad_group", optional=False),
        _stream("ad", "Ads by day", "ad", optional=False),
        _stream("asset_group", "Asset groups of Performance Max by day", "asset"),
        _stream("campaign_device", "Campaigns by device", "campaign", "device"),
        _stream("campaign_network", "Campaigns by network", "campaign", "network"),
        _stream("campaign_conversion_action", "Conversions by action", "campaign", "conversion_action"),
        _stream("account", "The whole account by day", "account"),
    )
    limits = (Limit(10, 1.0),)

    # --- accounts and entities -------------------------------------------------------------------

    def accounts(self) -> list[Account]:
        """Accounts that carry campaigns: those that the sign-in reaches directly, and those under its managers."""
        only, login = (_digits(self.credentials.get(name)) for name in ("customer_id", "login_customer_id"))
        roots = [login or only] if login or only else self._roots()
        found: dict[str, Account] = {}
        for root in roots:
            for account in self._below(root):
                known = found.get(account.key)
                if known is None or (known.extra and not account.extra):
                    found[account.key] = account
        return [account for account in found.values() if not only or account.key == only]

    def _roots(self) -> list[str]:
        answer = self.http.get(self._url("customers:listAccessibleCustomers"))
        names = answer.get("resourceNames", []) if isinstance(answer, dict) else []
        return [text(name, "resourceNames").partition("/")[2] for name in names]

    def _below(self, root: str) -> list[Account]:
        query = (
            "SELECT customer_client.id, customer_client.descriptive_name, customer_client.currency_code, "
            "customer_client.time_zone, customer_client.manager, customer_client.status FROM customer_client"
        )
        try:
            rows = [inside(row, "customerClient") for page in self._search(root, query, root) for row in page]
        except AccessMissing as error:
            return [Account(root, f"Account {root}", note=str(error))]
        return [account_of(row, root) for row in rows if not row.get("manager")]

    def entities(self, account: Account) -> Iterator[Entity]:
        """Campaigns with their budgets, ad groups, asset groups and ads, the removed ones too."""
        today = datetime.now(UTC).date() - timedelta(1)
        for row in self._all(
            account,
            "SELECT campaign.id, campaign.name, campaign.status, campaign.end_date_time, "
            "campaign_budget.amount_micros, campaign_budget.total_amount_micros FROM campaign",
        ):
            yield campaign_of(row, today)
        for resource, level, key in (
            ("ad_group", "ad_group", "adGroup"),
            ("asset_group", "asset", "assetGroup"),
        ):
            fields = ", ".join(f"{resource}.{name}" for name in ("id", "name", "status"))
            for row in self._all(account, f"SELECT {fields}, campaign.id FROM {resource}"):
                yield named(level, inside(row, key), ("campaign", id_of(row, "campaign", "id")))
        for row in self._all(
            account,
            "SELECT ad_group_ad.ad.id, ad_group_ad.ad.name, ad_group_ad.ad.type, ad_group_ad.status, "
            "ad_group.id FROM ad_group_ad",
        ):
            yield ad_of(row)

    # --- figures ---------------------------------------------------------------------------------

    def pull(self, account: Account, stream: Stream, first: date, last: date) -> Iterator[Batch]:
        """See Connector. Days without activity have no rows."""
        report = _REPORTS[stream.slug]
        names = self._actions(account) if report.segment == "conversion_action" else {}
        for page in self._pages(account, report, first, last):
            yield Batch(rows_of(page, report, names))

    def totals(self, account: Account, first: date, last: date) -> dict[date, Row]:
        """Spend, impressions, clicks and conversions of the customer, which its campaigns add up to."""
        report = _REPORTS["account"]
        wanted = ("impressions", "clicks", "spend", "conversions", "conversion_value")
        return {
            row["day"]: {name: row[name] for name in wanted}
            for page in self._pages(account, report, first, last)
            for row in rows_of(page, report, {})
        }

    def _pages(self, account: Account, report: Report, first: date, last: date) -> Iterator[Page]:
        days = f"segments.date BETWEEN '{first}' AND '{last}'"
        query = f"SELECT {', '.join(report.fields)} FROM {report.resource} WHERE {days}"
        login = account.extra.get("login_customer_id")

        def fetch(token: Any) -> tuple[Page, str]:
            asked = self._asked(account.key, query, login, token)
            try:
                page = page_of(self.http.answer("POST", **asked).body)
            except ValueError:  # broken off on the way: once more, with the patience of `ask`
                page = page_of(msgspec.json.encode(self.http.ask("POST", **asked)))
            if page.results and page.field_mask:
                check_mask(page.field_mask, report.fields)
            return page, page.next_page_token

        return follow(fetch, self.label)

    def _asked(self, customer: str, query: str, login: str | None, token: Any) -> dict[str, Any]:
        """The parts of a search request."""
        return {
            "url": self._url(f"customers/{customer}/googleAds:search"),
            "json": {"query": query, **({"pageToken": token} if token else {})},
            "headers": {"login-customer-id": login} if login else None,
        }

    def _actions(self, account: Account) -> dict[str, str]:
        """Resource name of each conversion action → its name, with the id where two bear the same."""
        rows = self._all(
            account, "SELECT conversion_action.id, conversion_action.name FROM conversion_action"
        )
        found = [inside(row, "conversionAction") for row in rows]
        names = [str(one.get("name", "")) for one in found]
        return {
            f"customers/{account.key}/conversionActions/{id_of(one, 'id')}":
                name if names.count(name) == 1 else f"{name} ({id_of(one, 'id')})"
            for one, name in zip(found, names, strict=True)
        }  # fmt: skip

    def _all(self, account: Account, query: str) -> Iterator[Any]:
        for page in self._search(account.key, query, account.extra.get("login_customer_id")):
            yield from page

    def _search(self, customer: str, query: str, login: str | None) -> Iterator[list[Any]]:
        def fetch(token: Any) -> tuple[list[Any], Any]:
            answer = self.http.ask("POST", **self._asked(customer, query, login, token))
            if not isinstance(answer, dict):
                raise UnexpectedAnswer(f"Google Ads answered with no object. {SAFE}")
            return listed(answer, "results") if "results" in answer else [], answer.get("nextPageToken")

        return follow(fetch, self.label)

    def _url(self, rest: str) -> str:
        return f"{_HOST}/{self.api_version}/{rest}"

    # --- errors ----------------------------------------------------------------------------------

    def judge(self, answer: Answer) -> SoundingsError | None:
        """The codes of GoogleAdsFailure, else Google's general ones."""
        if answer.status == 200:
            return None
        error = _google.error_of(answer)
        for failure in _google.details(error):
            for one in failure.get("errors") or []:
                if isinstance(one, dict) and (wrong := failure_of(one)):
                    return wrong
        return _google.plain(self.label, answer.status, error) if error else None


def _digits(value: Any) -> str:
    return "".join(letter for letter in str(value or "") if letter.isdigit())
