"""What every platform of the registry must satisfy, run against the sandbox: docs/adding-a-platform.md."""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest

import connectors
import settings
from connectors._base import Account, Batch, Status
from errors import (
    AccessMissing,
    NeedsReconnect,
    Refused,
)
from sandbox.credentials import ways
from store import grains
from tests.connectors.contract import (
    NOW,
    PLATFORMS,
    START,
    Live,
    attempt,
    check_error,
    check_order,
    check_row,
    check_stream,
    clock_changes,
    every_platform,
    every_stream,
    figures,
    pull,
    secrets,
    summed,
)
from tests.connectors.truths import TRUTH

# --- what it declares ----------------------------------------------------------------------------


@every_platform
def test_it_declares_itself(slug: str):
    kind = connectors.find(slug)
    assert kind.slug == slug
    assert kind.label
    assert kind.reads.endswith(".")
    assert kind.version in (sys.modules[kind.__module__].__doc__ or ""), "say the version in the docstring"
    assert len({stream.slug for stream in kind.streams}) == len(kind.streams)
    for stream in kind.streams:
        check_stream(stream)
    assert not kind.streams[0].optional


@every_platform
def test_every_way_to_sign_in_says_what_it_needs(slug: str):
    kind = connectors.find(slug)
    assert len({way.slug for way in kind.sign_ins}) == len(kind.sign_ins)
    for way in kind.sign_ins:
        assert way.label
        assert way.help.endswith(".")
        assert len({field.name for field in way.fields}) == len(way.fields)
        assert not way.oauth or kind.oauth is not None
        for field in way.fields:
            named = re.search(r"secret|token|api_key|service_account|password", field.name) is not None
            assert field.secret == named, f"{field.name}: is it a secret?"


@every_platform
def test_what_is_pasted_fits_a_way_to_sign_in_and_is_never_shown(live: Live, slug: str):
    kind = connectors.find(slug)
    for held in ways(slug):
        fits = [
            way for way in kind.sign_ins
            if {f.name for f in way.fields if f.required} <= set(held)
            and set(held) <= {f.name for f in way.fields} | ({"refresh_token"} if way.oauth else set())
        ]  # fmt: skip
        assert fits, sorted(held)
        connector = live.connect(slug, held)
        assert connector.accounts()
        for secret in secrets(connector):
            assert secret not in f"{connector.credentials!r} {connector.credentials} {connector!r}"


@every_platform
def test_the_version_is_pinned_and_can_be_overridden(live: Live, slug: str, monkeypatch):
    said = json.dumps({slug: "v0.7.0"})
    connector = live.connect(slug)
    connector.accounts()
    assert any(connector.version in asked for asked in connector.heard.asked)
    overridden = settings.read({"PLATFORM_VERSIONS": said})
    monkeypatch.setattr(settings, "current", lambda: overridden)
    connector.heard.asked.clear()
    attempt(connector, connector.accounts)
    assert any("v0.7.0" in asked for asked in connector.heard.asked)


# --- signing in ----------------------------------------------------------------------------------


def _failing_step(connector: Any) -> tuple[str, Exception]:
    for name, step in connector.steps():
        try:
            step()
        except Exception as error:
            check_error(error, connector)
            return name, error
    raise AssertionError("the test found nothing wrong")


@every_platform
def test_a_good_sign_in_passes_every_step(live: Live, slug: str):
    for name, step in live.connect(slug, ways(slug)[0]).steps():
        assert name
        step()


@every_platform
def test_a_missing_credential_fails_at_a_named_step(live: Live, slug: str):
    name, error = _failing_step(live.connect(slug, {}))
    assert name
    assert isinstance(error, (NeedsReconnect, AccessMissing, Refused))


@every_platform
def test_wrong_credentials_ask_to_reconnect(live: Live, slug: str):
    for way in ways(slug):
        held = {name: _wrong(value) if name in _secret(slug) else value for name, value in way.items()}
        name, error = _failing_step(live.connect(slug, held))
        assert name
        assert isinstance(error, NeedsReconnect), error


def _secret(slug: str) -> set[str]:
    return {f.name for way in connectors.find(slug).sign_ins for f in way.fields if f.secret}


def _wrong(value: Any) -> Any:
    return {**value, "private_key_id": "wrong", "client_email": "wrong@x.example"} if isinstance(value, dict) else f"wrong-{value}"  # fmt: skip


@every_platform
def test_a_withdrawn_sign_in_asks_to_reconnect(live: Live, slug: str):
    account, days = live.account(slug), live.days(slug, 1)
    held = [live.connect(slug, way=n) for n in range(len(ways(slug)))]
    for connector in held:
        assert connector.token()
    live.server.faults.add("revoked", slug)
    ended = 0
    for connector in held:
        try:
            pull(connector, account, connector.streams[0], *days)
        except NeedsReconnect as error:
            check_error(error, connector)
            ended += 1
        else:
            assert connector.can_renew(), "a key that is still good may buy a new token"
    assert ended


# --- what there is -------------------------------------------------------------------------------


@every_platform
def test_accounts_have_what_a_person_picks_by(live: Live, slug: str):
    connector, found = live.connect(slug), live.accounts(slug)
    assert found
    assert len({account.key for account in found}) == len(found)
    for account in found:
        assert account.key
        assert account.name
        assert re.fullmatch("([A-Z]{3})?", account.currency)
        assert ZoneInfo(account.time_zone)
        assert connector.account(account.key) == account
    with pytest.raises(AccessMissing) as raised:
        connector.account("000")
    check_error(raised.value, connector)


@every_platform
def test_entities_hang_together(live: Live, slug: str):
    for account in live.accounts(slug):
        found = live.entities(slug, account)
        assert list(live.connect(slug).entities(account)) == found
        keys = {(one.level, one.key) for one in found}
        assert len(keys) == len(found)
        for one in found:
            assert one.level in grains.LEVELS
            assert one.key
            assert one.name
            assert one.parent is None or one.parent in keys, one
            assert one.status in get_args(Status)
            assert one.budget is None or (isinstance(one.budget, Decimal) and one.budget_period)


# --- figures -------------------------------------------------------------------------------------


@every_stream
def test_figures_are_exact_whole_and_the_same_again(live: Live, slug: str, name: str):
    connector, (first, last) = live.connect(slug), live.days(slug, 8)
    stream = connector.stream(name)
    some = False
    for account in live.accounts(slug):
        batches = pull(connector, account, stream, first, last)
        for batch in batches:
            for row in batch.rows:
                check_row(row, stream, first, last)
            for order in batch.orders:
                check_order(order, first, last)
        found = figures(batches)
        some = some or bool(found)
        if account == live.account(slug):
            assert live.true(slug, name, 8) == found
        if stream.kind != "snapshots":
            middle = first + timedelta(3)
            halves = pull(connector, account, stream, first, middle)
            halves += pull(connector, account, stream, middle + timedelta(1), last)
            assert figures(halves) == found
        _check_known(live, slug, account, stream.level, batches)
    assert some, "the sandbox has figures for every stream"


def _check_known(live: Live, slug: str, account: Account, level: str, batches: list[Batch]) -> None:
    """What rows are about is among the entities."""
    known = {(one.level, one.key) for one in live.entities(slug, account)}
    known |= {(one.level, one.key) for batch in batches for one in batch.entities}
    for batch in batches:
        for row in batch.rows:
            assert level == "account" or (level, row["entity"]) in known, row
            assert not row.get("campaign") or ("campaign", row["campaign"]) in known, row


@every_platform
def test_streams_add_up_to_the_platforms_own_totals(live: Live, slug: str):
    connector, account, (first, last) = live.connect(slug), live.account(slug), live.days(slug, 8)
    totals = connector.totals(account, first, last)
    for stream in connector.streams:
        whole = not stream.breakdown and not stream.optional and grains.LEVELS[stream.level] <= 2
        if not totals or stream.kind != "metrics" or not whole:
            continue
        sums: dict[tuple[date, str], Decimal] = defaultdict(Decimal)
        for row in figures(pull(connector, account, stream, first, last)).values():
            for metric in totals[row["day"]]:
                sums[row["day"], metric] += row.get(metric) or 0
        wanted = {(day, metric): value for day, row in totals.items() for metric, value in row.items()}
        assert {key: value for key, value in sums.items() if value} == {k: v for k, v in wanted.items() if v}


@every_platform
def test_figures_are_what_happened_also_where_clocks_are_changed(live: Live, slug: str):
    connector = live.connect(slug)
    main = connector.streams[0]
    for account in live.accounts(slug):
        spans = [live.days(slug, 5)]
        spans += [(day - timedelta(1), day + timedelta(1)) for day in clock_changes(account.time_zone)]
        for first, last in spans:
            if (NOW.date() - first).days >= main.history_days:
                continue
            batches = pull(connector, account, main, first, last)
            true = TRUTH[slug](live.server.world, account, slug, first, last)
            assert {name: summed(batches, name) for name in true} == true
            days = [first + timedelta(n) for n in range((last - first).days + 1)]
            alone = [batch for day in days for batch in pull(connector, account, main, day, day)]
            assert figures(alone) == figures(batches)


@every_platform
def test_the_preview_shows_the_headline_of_every_day(live: Live, slug: str):
    connector, (first, last) = live.connect(slug), live.days(slug, 10)
    found = connector.headline_by_day(live.account(slug), first, last)
    assert found
    assert list(found) == sorted(found)
    assert first <= min(found) <= max(found) <= last
    assert all(type(value) is Decimal for value in found.values())
    assert sum(found.values()) > 0


@every_stream
def test_an_empty_account_has_no_rows_and_no_error(live: Live, slug: str, name: str):
    connector, account = live.connect(slug), live.account(slug)
    before = START - timedelta(20)
    if connector.stream(name).history_days > 500:
        assert figures(pull(connector, account, name, before, before + timedelta(4))) == {}
    live.server.faults.add("empty", slug, count=None)
    assert figures(pull(connector, account, name, *live.days(slug, 4))) == {}


def test_the_sandbox_stands_for_every_platform(live: Live):
    assert set(live.server.base_urls) == set(PLATFORMS) == set(TRUTH)
    assert isinstance(NOW, datetime)
