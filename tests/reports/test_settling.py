"""Which days are final: by the sources a figure comes from, how far they reach and how far back they restate."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from reports.coverage import Coverage
from reports.settling import settling, words

TODAY = date(2026, 11, 21)


def source(
    platform: str,
    reach: date | None,
    *,
    connected: bool = True,
    lookback: int | None = None,
    counts: bool = True,
):
    return Coverage(
        1, platform, platform, "Shop", "EUR", date(2026, 1, 1), reach, datetime(2026, 11, 21, tzinfo=UTC), counts,
        connected, lookback,
    )  # fmt: skip


def ago(n: int) -> date:
    return TODAY - timedelta(n)


def test_today_is_never_complete():
    assert settling([], (), ["spend"], TODAY).open_from == TODAY


def test_spend_settles_sooner_than_claimed_conversions():
    found = [source("google_ads", ago(1))]
    assert settling(found, (), ["spend"], TODAY).settles_from == ago(7)
    assert settling(found, (), ["cpa"], TODAY).settles_from == ago(30)
    assert settling(found, (), ["sessions"], TODAY).settles_from == TODAY


def test_a_source_has_its_own_lookback_and_files_have_none():
    assert settling([source("google_ads", ago(1), lookback=3)], (), ["spend"], TODAY).settles_from == ago(3)
    assert (
        settling([source("google_ads", ago(1), connected=False)], (), ["spend"], TODAY).settles_from == TODAY
    )


def test_days_after_the_source_that_reaches_least_far_are_open_and_it_is_named():
    found = [source("google_ads", ago(1)), source("meta_ads", ago(5))]
    settled = settling(found, (), ["spend"], TODAY)
    assert (settled.open_from, settled.late) == (ago(4), "Meta Ads · Shop")
    assert "Meta Ads · Shop reaches only to 16 Nov" in words({"open"}, settled)
    assert settling(found, ("google_ads",), ["spend"], TODAY).open_from == TODAY


@pytest.mark.parametrize(
    "other",
    [
        source("meta_ads", None),
        source("meta_ads", ago(40), connected=False),
        source("meta_ads", ago(5), counts=False),
    ],
)
def test_a_source_without_figures_or_that_ended_or_does_not_count_keeps_nobody_waiting(other):
    assert settling([source("google_ads", ago(1)), other], (), ["spend"], TODAY).open_from == TODAY


def test_a_connected_source_that_stands_still_keeps_waiting():
    assert settling([source("meta_ads", ago(40))], (), ["spend"], TODAY).open_from == ago(39)


def test_sales_wait_for_the_shop_even_where_channels_are_filtered():
    found = [source("google_ads", ago(1)), source("shopify", ago(3))]
    assert settling(found, ("google_ads",), ["mer"], TODAY).open_from == ago(2)
    assert settling(found, ("google_ads",), ["spend"], TODAY).open_from == TODAY


def test_a_span_has_the_state_of_its_last_day():
    settled = settling([source("google_ads", ago(1))], (), ["spend"], TODAY)
    assert settled.of([(ago(20), ago(14)), (ago(13), ago(7)), (ago(6), TODAY)]) == ("", "settling", "open")
    assert words({""}, settled) == ""
