"""What every platform of the registry makes of faults: a typed error, or a retry that succeeds; never wrong figures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import connectors
from errors import DayLimitReached, NeedsReconnect, RateLimited, UnexpectedAnswer, Unreachable
from tests.connectors.contract import Live, attempt, check_error, every_platform, figures, is_lesser, pull

PASSING: list[dict[str, Any]] = [
    {"kind": "rate_limited"},
    {"kind": "rate_limited", "retry_after": 7},
    {"kind": "rate_limited", "retry_after": "date"},
    {"kind": "server_error"},
    {"kind": "server_error", "status": 502, "html": True},
    {"kind": "server_error", "status": 200},
    {"kind": "reset"},
    {"kind": "truncated_json"},
    {"kind": "truncated_gzip"},
    {"kind": "html"},
]
LASTING: dict[str, tuple[type[Exception], ...]] = {
    "rate_limited": (RateLimited,),
    "day_limit": (DayLimitReached, RateLimited),
    "server_error": (Unreachable,),
    "reset": (Unreachable,),
    "truncated_json": (UnexpectedAnswer, Unreachable),
    "truncated_gzip": (UnexpectedAnswer, Unreachable),
    "html": (UnexpectedAnswer, Unreachable),
    "expired": (NeedsReconnect,),
    "too_much": (),
}


@pytest.mark.parametrize("fault", PASSING, ids=lambda fault: "-".join(map(str, fault.values())))
@every_platform
def test_a_passing_fault_changes_nothing(live: Live, slug: str, fault: dict[str, Any]):
    connector, main = live.connect(slug), connectors.find(slug).streams[0]
    connector.accounts()
    for skip in (0, 1):
        true, longest = live.true(slug, main.slug, 1), fault.get("retry_after", 0)
        struck = live.server.faults.add(platform=slug, skip=skip, **fault)
        found = attempt(
            connector, lambda: figures(pull(connector, live.account(slug), main, *live.days(slug, 1)))
        )
        if found is None:  # Google Analytics asks to wait up to an hour: the run is parked meanwhile
            assert (slug, fault) == ("ga4", {"kind": "rate_limited"})
        else:
            assert found == true
            assert not struck.hits or longest != 7 or max(connector.waits) >= 7
        live.server.faults.clear()


@pytest.mark.parametrize("fault", LASTING)
@every_platform
def test_a_lasting_fault_is_named_and_nothing_is_made_of_it(live: Live, slug: str, fault: str):
    connector, account = live.connect(slug), live.account(slug)
    connector.accounts()
    struck = live.server.faults.add(fault, slug, count=None)
    if fault == "too_much":
        found = attempt(
            connector, lambda: pull(connector, account, connector.streams[0], *live.days(slug, 1))
        )
        assert found is None or struck.hits == 0, "the fault was passed over in silence"
        return
    with pytest.raises(LASTING[fault]) as raised:
        pull(connector, account, connector.streams[0], *live.days(slug, 1))
    check_error(raised.value, connector)


@every_platform
def test_a_page_that_comes_again_and_again_ends(live: Live, slug: str):
    connector, account = live.connect(slug), live.account(slug)
    true = {stream.slug: live.true(slug, stream.slug, 2) for stream in connector.streams}
    struck = live.server.faults.add("same_page", slug, count=None)
    for name, rows in true.items():
        hits = struck.hits
        found = attempt(connector, lambda n=name: figures(pull(connector, account, n, *live.days(slug, 2))))
        assert found == (rows if struck.hits == hits else None)


@every_platform
def test_an_unknown_currency_is_named(live: Live, slug: str):
    connector = live.connect(slug)
    struck = live.server.faults.add("unknown_currency", slug, count=None)
    found = attempt(connector, lambda: connector.accounts())
    assert not struck.hits or found is None or {account.currency for account in found} == {"ZZZ"}


ABSENT = {
    "google_ads": {"results", "manager"},  # what is empty or false is left out of protobuf's JSON
    "shopify": {"utmParameters"},  # without tags Shopify's own name of the source counts
}
"""Fields whose absence is an answer of its own."""


@pytest.mark.parametrize("kind", ["missing_field", "field_type"])
@every_platform
def test_no_damaged_field_makes_wrong_figures(live: Live, slug: str, kind: str):
    """Every field of every answer is taken away, or given another shape, once."""
    account, days = live.account(slug), live.days(slug, 1)

    def entities(connector: Any) -> Any:
        return {f"{one.level} {one.key}": one.parent for one in connector.entities(account)}

    kind_of = connectors.find(slug)
    deeds: list[Callable[[Any], Any]] = [lambda c: {one.key: one.time_zone for one in c.accounts()}, entities]
    for stream in {kind_of.streams[0].slug, kind_of.streams[-1].slug}:
        deeds.append(lambda c, s=stream: figures(pull(c, account, s, *days)))
    wrong, done = [], set()
    for deed in deeds[2:] + deeds[:2]:
        connector = live.connect(slug)
        connector.heard.notes_fields = True
        true = deed(connector)
        for name in [name for name in connector.heard.fields if name not in done | ABSENT.get(slug, set())]:
            done.add(name)
            live.server.faults.add(kind, slug, name=name)
            again = live.connect(slug)
            try:
                found = attempt(again, lambda d=deed, c=again: d(c))
                if found is not None and not is_lesser(found, true):
                    wrong.append(f"{name}: something else was made of it")
            except AssertionError as error:
                wrong.append(f"{name}: {error}")
            live.server.faults.clear()
    assert len(done) > 5
    assert not wrong, "\n".join(wrong)
