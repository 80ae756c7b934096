"""Klaviyo: counts by day and message, orders that it attributes, names, and its ways of refusing."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from decimal import Decimal

import pytest

from connectors._base import Account
from connectors.klaviyo import Klaviyo
from errors import AccessMissing, DayLimitReached, NeedsReconnect, Refused, UnexpectedAnswer
from sandbox import serving, truth
from sandbox.credentials import credentials
from tests.connectors.answers import Asked, play
from tests.connectors.sandboxed import allow, reach, rows, world

KEY = {"api_key": "pk_secret"}
ACCOUNT = Account("ACC", "Harbour", "EUR", "Europe/Berlin")
FIRST, LAST = date(2026, 10, 24), date(2026, 10, 26)
DATES = ["2026-10-23T22:00:00+00:00", "2026-10-24T22:00:00+00:00", "2026-10-25T23:00:00+00:00"]
"""Midnights in Berlin around the end of summer time."""
METRICS = {
    "Received Email": "M1", "Bounced Email": "M2", "Opened Email": "M3", "Clicked Email": "M4", "Placed Order": "M9",
}  # fmt: skip


class Account1:
    """A Klaviyo account: metrics, and groups of counts by metric id."""

    def __init__(self, metrics: dict[str, str], counts: dict[str, list[dict]]) -> None:
        self.metrics, self.counts = metrics, counts

    def __call__(self, asked: Asked):
        if asked.url.endswith("/api/metrics"):
            return {
                "data": [_metric(name, key) for name, key in self.metrics.items()],
                "links": {"next": None},
            }
        attributes = asked.body["data"]["attributes"]
        groups = [
            {"dimensions": group["dimensions"] if "by" in attributes else [],
             "measurements": {name: group[name] for name in attributes["measurements"]}}
            for group in self.counts.get(attributes["metric_id"], [])
        ]  # fmt: skip
        return {
            "data": {"type": "metric-aggregate", "attributes": {"dates": DATES, "data": groups}},
            "links": {},
        }


def _metric(name: str, key: str, integration: str = "Klaviyo") -> dict:
    return {"type": "metric", "id": key, "attributes": {"name": name, "integration": {"name": integration}}}


def _group(message: str, flow: str = "", count=(0, 0, 0), **more: object) -> dict:
    return {"dimensions": [message, flow], "count": list(count), "unique": list(count), **more}


COUNTS = {
    "M1": [_group("CAMP", count=[100.0, 0.0, 0.0]), _group("MSG", "FLOW", count=[0, 5, 0])],
    "M2": [_group("CAMP", count=[3, 0, 0])],
    "M3": [_group("CAMP", count=[50, 20, 0], unique=[40, 15, 0])],
    "M9": [_group("CAMP", count=[2, 0, 1], sum_value=[120.30000000000001, 0.0, 19.9]),
           _group("", count=[70, 70, 70], sum_value=[7000, 7000, 7000])],
}  # fmt: skip


def _pull(played) -> list[dict]:
    stream = played.connector.stream("message")
    return [row for batch in played.connector.pull(ACCOUNT, stream, FIRST, LAST) for row in batch.rows]


def _played(metrics=METRICS, counts=COUNTS, credentials=KEY):
    return play(Klaviyo, credentials, Account1(metrics, counts))


def test_counts_of_a_message_on_a_day_make_one_row():
    row = next(row for row in _pull(_played()) if row["entity"] == "CAMP" and row["day"] == FIRST)
    assert row == {
        "day": FIRST, "entity": "CAMP", "sent": 103, "delivered": 100, "bounces": 3, "opens": 50, "unique_opens": 40,
        "email_clicks": 0, "unique_clicks": 0, "unsubscribes": 0, "spam_complaints": 0, "conversions": 2,
        "conversion_value": Decimal("120.3"),
    }  # fmt: skip


def test_days_are_the_accounts_when_the_clock_changes_and_empty_ones_are_left_out():
    found = [(row["day"].day, row["entity"]) for row in _pull(_played())]
    assert found == [(24, "CAMP"), (25, "CAMP"), (25, "MSG"), (26, "CAMP")]


def test_a_flows_message_stands_under_its_flow():
    row = next(row for row in _pull(_played()) if row["entity"] == "MSG")
    assert row["campaign"] == "FLOW"
    assert row["delivered"] == 5


def test_orders_without_a_message_are_not_klaviyos():
    assert sum(row["conversions"] for row in _pull(_played())) == 3


def test_without_a_conversion_metric_mail_loads_and_orders_are_not_measured():
    metrics = {name: key for name, key in METRICS.items() if name != "Placed Order"}
    rows = _pull(_played(metrics))
    assert rows[0]["delivered"] == 100
    assert "conversions" not in rows[0]


def test_a_conversion_metric_that_does_not_exist_is_named():
    with pytest.raises(Refused, match="Bought Tent"):
        _pull(_played(credentials={**KEY, "conversion_metric": "Bought Tent"}))


def test_of_two_metrics_with_one_name_the_shops_is_taken():
    def reply(asked: Asked):
        return {
            "data": [_metric("Placed Order", "API1", "API"), _metric("Placed Order", "SHOP", "Shopify")],
            "links": {},
        }

    assert play(Klaviyo, KEY, reply).connector._conversion() == "SHOP"


def test_a_question_names_days_as_instants_and_the_accounts_zone():
    played = _played()
    _pull(played)
    asked = played.asked[1]
    assert asked.headers["Authorization"] == "Klaviyo-API-Key pk_secret"
    assert asked.headers["revision"] == "2026-07-15"
    found = asked.body["data"]["attributes"]
    assert found["timezone"] == "Europe/Berlin"
    assert found["filter"] == [
        "greater-or-equal(datetime,2026-10-23T22:00:00+00:00)", "less-than(datetime,2026-10-26T23:00:00+00:00)"
    ]  # fmt: skip


def test_pages_follow_the_cursor_in_the_body():
    account = Account1(METRICS, COUNTS)

    def reply(asked: Asked):
        answer = account(asked)
        if asked.url.endswith("metric-aggregates") and "page_cursor" not in asked.body["data"]["attributes"]:
            return answer | {
                "links": {"next": "https://a.klaviyo.com/api/metric-aggregates?page%5Bcursor%5D=abc"}
            }
        return (
            answer
            if asked.url.endswith("metrics")
            else {"data": {"attributes": {"dates": DATES, "data": []}}}
        )

    played = play(Klaviyo, KEY, reply)
    assert len(_pull(played)) == 4
    cursors = [one.body["data"]["attributes"].get("page_cursor") for one in played.asked[1:3]]
    assert cursors == [None, "abc"]


def test_totals_are_asked_for_without_messages():
    played = _played()
    totals = played.connector.totals(ACCOUNT, FIRST, LAST)
    assert totals[LAST] == {"delivered": 0, "opens": 0}
    assert all("by" not in one.body["data"]["attributes"] for one in played.asked[1:])


def test_the_account_comes_with_currency_and_time_zone():
    held = {
        "timezone": "Europe/Berlin",
        "preferred_currency": "EUR",
        "contact_information": {"organization_name": "Harbour"},
    }
    played = play(
        Klaviyo, KEY, lambda asked: {"data": [{"type": "account", "id": "ACC", "attributes": held}]}
    )
    assert played.connector.accounts() == [ACCOUNT]


def test_campaigns_flows_and_their_messages_have_names_and_states():
    def reply(asked: Asked):
        if asked.url.endswith("/campaigns"):
            if "'email'" not in asked.params["filter"]:
                return {"data": [], "links": {"next": None}}
            if asked.params.get("page[cursor]") == "two":
                return {"data": [_named("C2", "Draft one", "Draft")], "links": {"next": None}}
            return {
                "data": [_named("C1", "Autumn", "Sent") | {"relationships": MESSAGES}],
                "links": {"next": "https://other.example/?page%5Bcursor%5D=two"},
            }
        if asked.url.endswith("/flows"):
            return {
                "data": [_named("F1", "Welcome", "live"), _named("F2", "Old", "live", archived=True)],
                "links": {},
            }
        if asked.url.endswith("/metrics"):
            return {"data": [_metric("Placed Order", "M9")], "links": {}}
        group = {"flow_id": "F1", "flow_message_id": "W1", "flow_message_name": "Hello"}
        return {
            "data": {"attributes": {"results": [{"groupings": group, "statistics": {}}]}},
            "links": {"next": None},
        }

    played = play(Klaviyo, KEY, reply)
    found = [(e.level, e.key, e.name, e.status, e.parent) for e in played.connector.entities(ACCOUNT)]
    assert found == [
        ("email", "C1", "Autumn", "ended", None),
        ("email", "CM1", "Autumn", "ended", None),
        ("email", "C2", "Draft one", "draft", None),
        ("campaign", "F1", "Welcome", "active", None),
        ("campaign", "F2", "Old", "removed", None),
        ("email", "W1", "Welcome: Hello", "active", ("campaign", "F1")),
        ("email", "none", "Not tied to a message", "", None),
    ]
    assert all(one.url.startswith("https://a.klaviyo.com/") for one in played.asked)


MESSAGES = {"campaign-messages": {"data": [{"type": "campaign-message", "id": "CM1"}]}}


def _named(key: str, name: str, status: str, archived: bool = False) -> dict:
    return {"id": key, "attributes": {"name": name, "status": status, "archived": archived}}


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (lambda found: found.pop("dates"), "dates"),
        (lambda found: found["dates"].pop(), "do not fit"),
        (lambda found: found["data"][0].pop("dimensions"), "dimensions"),
        (lambda found: found["data"][0]["measurements"].update(count=["x", 1, 2]), "count"),
        (lambda found: found.update(data={"no": "list"}), "data"),
    ],
)
def test_an_odd_answer_is_named_and_nothing_is_made_of_it(spoil, named):
    account = Account1(METRICS, COUNTS)

    def reply(asked: Asked):
        answer = deepcopy(account(asked))
        if asked.url.endswith("metric-aggregates"):
            spoil(answer["data"]["attributes"])
        return answer

    with pytest.raises(UnexpectedAnswer, match=named):
        _pull(play(Klaviyo, KEY, reply))


def _refusing(status: int, code: str, headers: dict | None = None):
    body = {"errors": [{"id": "1", "code": code, "title": "t", "detail": "It failed.", "source": {}}]}
    return play(Klaviyo, KEY, lambda asked: (status, body, headers or {}))


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (401, "not_authenticated", NeedsReconnect),
        (400, "authentication_failed", NeedsReconnect),
        (403, "permission_denied", AccessMissing),
        (400, "invalid", Refused),
    ],
)
def test_errors_say_who_must_act(status, code, error):
    with pytest.raises(error):
        _pull(_refusing(status, code))


def test_the_days_reports_used_up_parks():
    with pytest.raises(DayLimitReached):
        _pull(_refusing(429, "throttled", {"Retry-After": "40000"}))


def test_a_short_limit_waits_as_long_as_klaviyo_says():
    account, refused = Account1(METRICS, COUNTS), [(429, {"errors": []}, {"Retry-After": "7"})]
    played = play(Klaviyo, KEY, lambda asked: refused.pop() if refused else account(asked))
    assert len(_pull(played)) == 4
    assert played.waits == [8]


def test_an_oauth_token_is_sent_as_a_bearer_and_renewed_with_the_apps_secret_beside_the_form():
    credentials = {"client_id": "app", "client_secret": "app-secret", "refresh_token": "r-token"}

    def reply(asked: Asked):
        if asked.url == "https://a.klaviyo.com/oauth/token":
            assert asked.parts["auth"] == ("app", "app-secret")
            return {"access_token": "fresh-token", "expires_in": 3600}
        assert asked.headers["Authorization"] == "Bearer fresh-token"
        return {"data": []}

    assert play(Klaviyo, credentials, reply).connector.accounts() == []


# --- against the stand-in ------------------------------------------------------------------------

SINCE, UNTIL = date(2026, 11, 6), date(2026, 11, 10)


@pytest.fixture(scope="module")
def server():
    with serving.local(world()) as running:
        yield running


@pytest.fixture
def live(server):
    yield reach(server, Klaviyo)
    server.faults.clear()


def _sum(found: list[dict], name: str) -> int:
    return sum(row[name] for row in found)


def test_what_is_pulled_is_what_happened(server, live):
    found = rows(live, live.accounts()[0], "message", SINCE, UNTIL)
    true = truth.messages(server.world, SINCE, UNTIL)
    ours = (
        "sent",
        "bounces",
        "opens",
        "unique_opens",
        "email_clicks",
        "unique_clicks",
        "unsubscribes",
        "spam_complaints",
    )
    theirs = (
        "received",
        "bounced",
        "opened",
        "opened_unique",
        "clicked",
        "clicked_unique",
        "unsubscribed",
        "spam",
    )
    assert [_sum(found, name) for name in ours] == [_sum(true, name) for name in theirs]
    assert _sum(found, "conversions") > 0


def test_totals_without_messages_are_what_the_messages_add_up_to(live):
    account = live.accounts()[0]
    totals = list(live.totals(account, SINCE, UNTIL).values())
    found = rows(live, account, "message", SINCE, UNTIL)
    for name in ("delivered", "opens", "email_clicks"):
        assert sum(day.get(name, 0) for day in totals) == _sum(found, name)


def test_every_message_and_flow_has_a_name(live):
    account = live.accounts()[0]
    named = {(entity.level, entity.key): entity.name for entity in live.entities(account)}
    for row in rows(live, account, "message", SINCE, UNTIL):
        assert named["email", row["entity"]] not in ("", row["entity"])
        assert "campaign" not in row or named["campaign", row["campaign"]]


def test_small_pages_say_the_same(live, monkeypatch):
    account = live.accounts()[0]
    whole = rows(live, account, "message", UNTIL, UNTIL)
    monkeypatch.setattr("connectors.klaviyo._PAGE", 2)
    assert rows(live, account, "message", UNTIL, UNTIL) == whole


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "rate_limited", "retry_after": 5},
        {"kind": "rate_limited", "retry_after": "date"},
        {"kind": "server_error", "status": 502},
        {"kind": "reset"},
        {"kind": "truncated_json"},
        {"kind": "html"},
    ],
)
def test_a_passing_fault_changes_nothing(server, live, fault):
    right = live.accounts()
    server.faults.add(platform="klaviyo", path="/api/", **fault)
    assert live.accounts() == right
    assert server.faults.active() == []


def test_a_revoked_key_asks_for_a_new_one(server, live):
    server.faults.add("revoked", "klaviyo")
    with pytest.raises(NeedsReconnect):
        live.accounts()


def test_a_person_who_allows_it_is_signed_in(server):
    app = credentials("klaviyo", way=1)
    connector = reach(server, Klaviyo, api_key="", **app | {"access_token": "", "refresh_token": ""})
    found = connector.exchange(allow(connector)["code"], "https://here.example/back", "v" * 43)
    assert reach(server, Klaviyo, api_key="", **app | found).accounts()
