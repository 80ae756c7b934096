"""Meta Marketing API v26.0: OAuth, ad accounts, campaigns, ad sets, ads, insights at once and as report runs.

Sources: facebook-business 26.0.3 (fields, edges, errors), developers.facebook.com on insights and rate
limits. Errors are told apart by `code` and `error_subcode`; nearly all have HTTP 400.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from starlette.responses import Response

from sandbox import chance
from sandbox.accounts import AdAccount
from sandbox.calls import Call, Handler, Refused, answer
from sandbox.platforms import _meta_reports
from sandbox.platforms._meta_graph import APP_SECRET, GraphStand
from sandbox.platforms._meta_reports import FIELDS, LEVELS, OBJECTIVES, STATES, Job, Report

TOO_MANY = 25_000
"""Rows (entities × periods) above which a report at once is refused."""
MONTHS_KEPT = 37
_ACCOUNT_FIELDS = [
    "account_id",
    "id",
    "name",
    "currency",
    "timezone_name",
    "timezone_offset_hours_utc",
    "account_status",
    "disable_reason",
    "business",
    "amount_spent",
]
_ENTITY_FIELDS = [
    "id",
    "name",
    "status",
    "effective_status",
    "configured_status",
    "account_id",
    "campaign_id",
    "adset_id",
    "objective",
    "daily_budget",
    "lifetime_budget",
    "created_time",
    "updated_time",
    "start_time",
    "stop_time",
    "buying_type",
    "optimization_goal",
]


class Stand(GraphStand):
    """The stand-in of Meta Ads."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._runs: dict[str, Job] = {}

    def routes(self) -> dict[tuple[str, str], Handler]:
        """Sign-in and the Graph API. Where GET is written, the real one reads the same from POST forms."""
        version = "/{version}"
        found = self.sign_in_routes() | {
            ("GET", version + "/me/adaccounts"): self._accounts,
            ("GET", version + "/me/assigned_ad_accounts"): self._accounts,
            ("GET", version + "/act_{account}/insights"): self._insights,
            ("POST", version + "/act_{account}/insights"): self._start,
            ("GET", version + "/act_{account}"): self._account,
            ("GET", version + "/{run}/insights"): self._result,
            ("GET", version + "/{run}"): self._run,
        }
        for edge, level in (("campaigns", "campaign"), ("adsets", "group"), ("ads", "ad")):
            found["GET", version + "/act_{account}/" + edge] = lambda call, level=level: self._entities(
                call, level
            )  # type: ignore[misc]
        return found

    def credentials(self) -> list[dict[str, Any]]:
        """A system user's token, with and without the app's secret."""
        token = self.tokens.fixed(self.slug, "access", prefix="EAA", scope="ads_read,business_management")
        return [{"access_token": token, "app_secret": APP_SECRET}, {"access_token": token}]

    def empty(self, call: Call, body: Any) -> Any | None:
        """Insights without rows."""
        return {"data": []} if "insights" in call.path and isinstance(body.get("data"), list) else None

    def _describe(self, account: AdAccount) -> dict[str, Any]:
        return {
            "id": f"act_{account.id}", "account_id": account.id, "name": account.name, "currency": account.currency,
            "timezone_name": account.timezone, "timezone_offset_hours_utc": -5, "account_status": 1,
            "disable_reason": 0, "business": {"id": "88100000000001", "name": "Harbour & Pine"}, "amount_spent": "0",
        }  # fmt: skip

    def _accounts(self, call: Call) -> Response:
        self.check_scope(self.check(call))
        names = self.fields_of(call, _ACCOUNT_FIELDS) or ["account_id", "id"]
        rows = [self.chosen(self._describe(account), names) for account in self.world.of(self.slug)]
        return self.listed(call, rows)

    def _account(self, call: Call) -> Response:
        account = self._own(call)
        names = self.fields_of(call, _ACCOUNT_FIELDS) or ["account_id", "id"]
        return answer(self.chosen(self._describe(account), names), headers=self.usage())

    def _own(self, call: Call) -> AdAccount:
        self.check_scope(self.check(call))
        account = self.world.account(self.slug, call.parts["account"])
        if account is None:
            text = (f"Unsupported {call.method.lower()} request. Object with ID 'act_{call.parts['account']}' does not exist, "
                    "cannot be loaded due to missing permissions, or does not support this operation.")  # fmt: skip
            raise Refused(self.error(100, text, "GraphMethodException", 33))
        return account

    def _entities(self, call: Call, level: str) -> Response:
        account = self._own(call)
        names = self.fields_of(call, _ENTITY_FIELDS) or ["id"]
        wanted = set(
            self.json_of(call.query, "effective_status", None)
            or self._statuses(call.query)
            or ["ACTIVE", "PAUSED"]
        )
        today = self.world.today(account.timezone)
        found = []
        many = {"campaign": account.campaigns, "group": account.groups, "ad": account.ads}[level]
        for place in range(len(many)):
            values, created = self._entity(account, level, place, today)
            if created <= today and values["effective_status"] in wanted:
                found.append(self.chosen(values, names))
        return self.listed(call, found)

    def _entity(self, account: AdAccount, level: str, place: int, today: date) -> tuple[dict[str, Any], date]:
        ad = account.ads[place] if level == "ad" else None
        group = account.groups[ad.group if ad else place] if level != "campaign" else None
        campaign = account.campaigns[group.campaign if group else place]
        state = STATES[campaign.state(today)]
        entity = ad or group or campaign
        values: dict[str, Any] = {
            "id": entity.id, "name": campaign.name(today) if entity is campaign else getattr(entity, "name", ""),
            "effective_status": state, "account_id": account.id,
            "status": state if entity is campaign or state == "ARCHIVED" else "ACTIVE",
            "created_time": f"{campaign.created}T09:00:00-0500", "updated_time": f"{campaign.created}T09:00:00-0500",
            "start_time": f"{campaign.windows[0][0]}T00:00:00-0500",
        }  # fmt: skip
        values["configured_status"] = values["status"]
        if entity is campaign:
            values |= {"objective": OBJECTIVES.get(campaign.kind, "OUTCOME_SALES"), "buying_type": "AUCTION",
                       "daily_budget": str(campaign.budget_cents)}  # fmt: skip
        else:
            values["campaign_id"] = campaign.id
        if ad and group:
            values["adset_id"] = group.id
        elif group:
            values["optimization_goal"] = "OFFSITE_CONVERSIONS"
        return values, campaign.created

    def _statuses(self, given: dict[str, str]) -> list[str]:
        found = [
            f
            for f in self.json_of(given, "filtering", [])
            if str(f.get("field", "")).endswith("effective_status")
        ]
        return [str(value) for one in found for value in one.get("value", [])]

    def _job(self, call: Call, account: AdAccount) -> Job:
        given = self.given(call)
        level = given.get("level", "account")
        if level not in LEVELS:
            raise Refused(
                self.error(
                    100, "(#100) level must be one of the following values: ad, adset, campaign, account"
                )
            )
        fields = self.list_of(given, "fields") or ["account_id", "impressions", "spend"]
        for name in fields:
            if name not in FIELDS:
                text = (f"(#100) {name} is not valid for fields param. please check "
                        "https://developers.facebook.com/docs/marketing-api/reference/ads-insights/ for all valid values")  # fmt: skip
                raise Refused(self.error(100, text))
        windows = self.list_of(given, "action_attribution_windows")
        for name in windows:
            if name not in (*_meta_reports.WINDOWS, *_meta_reports.GONE, "default"):
                raise Refused(
                    self.error(
                        100,
                        f"(#100) action_attribution_windows[0] must be one of: {', '.join(_meta_reports.WINDOWS)}",
                    )
                )
        breakdowns = self.list_of(given, "breakdowns")
        for name in breakdowns:
            if name not in _meta_reports.BREAKDOWNS:
                text = f"(#100) breakdowns[0] must be one of the following values: {', '.join(_meta_reports.BREAKDOWNS)}"
                raise Refused(self.error(100, text))
        return Job(
            account, level, fields, self._days(given, account), self._step(given),
            [name for name in windows if name in _meta_reports.WINDOWS], set(self._statuses(given)) or None, self._ids(given), breakdowns,
        )  # fmt: skip

    def _ids(self, given: dict[str, str]) -> dict[str, set[str]]:
        found = {}
        for one in self.json_of(given, "filtering", []):
            if str(one.get("field")) in {"campaign.id", "adset.id", "ad.id"}:
                value = one.get("value")
                found[one["field"].replace(".", "_")] = set(
                    map(str, value if isinstance(value, list) else [value])
                )
        return found

    def _step(self, given: dict[str, str]) -> int:
        text = given.get("time_increment", "all_days")
        if text == "all_days":
            return 0
        if not text.isdigit() or not 1 <= int(text) <= 90:
            raise Refused(
                self.error(100, "(#100) time_increment must be between 1 and 90, or monthly, or all_days")
            )
        return int(text)

    def _days(self, given: dict[str, str], account: AdAccount) -> list[date]:
        today = self.world.today(account.timezone)
        span = self.json_of(given, "time_range", None)
        presets = {"today": (0, 0), "yesterday": (1, 1), "last_7d": (7, 1), "last_14d": (14, 1), "last_28d": (28, 1),
                   "last_30d": (30, 1), "last_90d": (90, 1)}  # fmt: skip
        if span is None:
            preset = given.get("date_preset", "last_30d")
            if preset not in presets:
                raise Refused(
                    self.error(
                        100, f"(#100) date_preset must be one of the following values: {', '.join(presets)}"
                    )
                )
            back, until = presets[preset]
            span = {"since": str(today - timedelta(days=back)), "until": str(today - timedelta(days=until))}
        try:
            days = _meta_reports.span(span["since"], span["until"])
        except (KeyError, TypeError, ValueError):
            raise Refused(
                self.error(100, "(#100) param time_range must have since and until as YYYY-MM-DD")
            ) from None
        if not days:
            raise Refused(self.error(100, "(#100) since must be before until in time_range"))
        if days[0] < today - timedelta(days=MONTHS_KEPT * 30 + 17):
            text = f"(#3018) The start date of the time range cannot be beyond {MONTHS_KEPT} months from the current date"
            raise Refused(self.error(3018, text))
        return [day for day in days if self.world.start <= day <= today]

    def _insights(self, call: Call) -> Response:
        job = self._job(call, self._own(call))
        sizes = {"account": 1, "campaign": len(job.account.campaigns), "adset": len(job.account.groups),
                 "ad": len(job.account.ads)}  # fmt: skip
        if sizes[job.level] * len(job.periods()) > TOO_MANY:
            return self.too_much()
        return self._rows(call, job)

    def _rows(self, call: Call, job: Job) -> Response:
        """One page of a report: from the cursor on, over as many periods as it takes."""
        first, offset = here = self.place_of(call)
        limit, periods = self.limit_of(call), job.periods()
        report = job.report = job.report or Report(self.world, job)
        if first < 0:
            return self.paged(call, [], here, None)
        rows: list[dict[str, Any]] = []
        for n in range(first, len(periods)):
            begin = offset if n == first else 0
            taken = report.period(periods[n], begin, limit - len(rows))
            rows += taken
            if len(rows) == limit:
                return self.paged(call, rows, here, (n, begin + len(taken)))
        return self.paged(call, rows, here, None)

    def _start(self, call: Call) -> Response:
        job = self._job(call, self._own(call))
        number = chance.number(self.world.seed, "run", len(self._runs), self.world.now) % 10**12
        run = str(6_023_000_000_000_000 + number)
        self._runs[run] = job
        return answer({"report_run_id": run}, headers=self.usage())

    def _known(self, call: Call) -> Job:
        self.check_scope(self.check(call))
        job = self._runs.get(call.parts["run"])
        if job is None:
            text = (f"Unsupported get request. Object with ID '{call.parts['run']}' does not exist, cannot be loaded due to "
                    "missing permissions, or does not support this operation.")  # fmt: skip
            raise Refused(self.error(100, text, "GraphMethodException", 33))
        return job

    def _run(self, call: Call) -> Response:
        job = self._known(call)
        job.polls += 1
        status, percent = ("Job Running", 60) if job.polls == 1 else ("Job Completed", 100)
        days = job.days or [self.world.today(job.account.timezone)]
        return answer({
            "id": call.parts["run"], "account_id": job.account.id, "time_ref": int(self.world.now.timestamp()),
            "async_status": status, "async_percent_completion": percent, "is_running": percent < 100,
            "date_start": str(days[0]), "date_stop": str(days[-1]),
        }, headers=self.usage())  # fmt: skip

    def _result(self, call: Call) -> Response:
        job = self._known(call)
        if job.polls < 2:
            return self.error(2601, "(#2601) Loading Async Ads Report from unfinished job is not supported")
        return self._rows(call, job)
