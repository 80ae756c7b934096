"""Each data-quality monitor, seen firing and seen silent, and saying so when it could not look."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import monitors, tagging
from reports.figures import Campaign, Compared, Figures, Tagged, Zone
from reports.health import SourceHealth
from reports.monitors import Finding
from store.sources import Source

LAST = date(2026, 11, 15)
FIRST = LAST - timedelta(62)
DAYS = [FIRST + timedelta(n) for n in range(63)]
AT = datetime(2026, 11, 16, 6, tzinfo=UTC)


def source(number: int = 1, channel: str = "meta_ads", **parts) -> SourceHealth:
    """A connected, healthy source that reaches to the last day."""
    state = parts.pop("state", "healthy")
    expected = parts.pop("expected", None if state == "uploaded" else LAST)
    values = {
        "id": number, "platform": channel, "channel": channel, "account_key": str(number), "name": f"Shop {number}",
        "currency": "EUR", "time_zone": "Europe/Berlin", "connection_id": None if state == "uploaded" else 1,
        "covers_from": FIRST, "covers_through": LAST, "written_at": AT, "in_totals": True, **parts,
    }  # fmt: skip
    return SourceHealth(Source(**values), state, "As it is.", "Nothing to do.", AT, expected)


def wave(day: date, size: int) -> int:
    """A figure that differs from day to day, by weekday and a little besides."""
    return size + size // 10 * day.weekday() + day.day % 7


def paid(factor: int = 1) -> dict[date, dict]:
    return {
        day: {"impressions": wave(day, 5000) * factor, "clicks": wave(day, 90), "spend": Decimal(wave(day, 100)),
              "conversions": Decimal(3), "conversion_value": Decimal(wave(day, 70))}
        for day in DAYS
    }  # fmt: skip


def web() -> dict[date, dict]:
    return {day: {"sessions": wave(day, 700), "engaged_sessions": wave(day, 400)} for day in DAYS}


TRAFFIC = (Tagged("google / organic", "(not set)", 900), Tagged("meta / paid_social", "spring-sale", 400))


def sound(**parts) -> Figures:
    """A project in which every monitor can look and none finds anything."""
    values = {
        "health": (source(1), source(2, "ga4", name="Site")),
        "days": {1: paid(), 2: web()},
        "campaigns": (Campaign(1, "238", "Spring Sale", Decimal(500), 90),),
        "traffic": TRAFFIC,
        "zones": (Zone(1, "Europe/Berlin", FIRST, LAST),),
        "compared": (Compared(1, "spend"),
                     Compared(2, "sessions")),
        **parts,
    }  # fmt: skip
    return Figures(FIRST, LAST, "EUR", **values)


def said(found: Figures, slug: str) -> Finding:
    return next(one for one in monitors.judge(found) if one.monitor.slug == slug)


def changed(number: int, day: date, **values) -> dict[int, dict[date, dict]]:
    """The sound project's days with some figures of one day replaced."""
    days = {1: paid(), 2: web()}
    days[number][day] = {**days[number][day], **values}
    return days


YESTERDAY = LAST - timedelta(1)
FLAT = {
    **paid(),
    **{day: {**totals, "spend": Decimal(50)} for day, totals in list(paid().items())[-6:]},
}
WRONG: dict[str, tuple[dict, str, str]] = {
    "timeliness": (
        {"health": (source(covers_through=LAST - timedelta(3)), source(2, "ga4"))},
        "warning", "should have brought 15 Nov 2026",
    ),
    "duplicates": (
        {"health": (source(), source(3, name="Copy", state="uploaded")), "days": {1: paid(), 3: paid()}},
        "error", "Meta Ads · Copy (uploaded) give the same figures on 35 days",
    ),
    "spend_without_sessions": (
        {"days": changed(2, YESTERDAY, sessions=0)}, "error", "14 Nov 2026: spend on Meta Ads, and no session",
    ),
    "volume": ({"days": changed(1, YESTERDAY, impressions=900)}, "warning", "900 impressions on 14 Nov 2026"),
    "differences": (
        {"compared": (Compared(1, "spend", (LAST,)),)},
        "warning", "spend differs from the platform's own on 15 Nov 2026",
    ),
    "negative": ({"negative": {1: {YESTERDAY: "spend, clicks"}}}, "error", "spend below zero on 14 Nov 2026"),
    "nulls": ({"days": changed(1, YESTERDAY, impressions=None, clicks=None)}, "warning", "spend without impressions"),
    "clicks_without_impressions": (
        {"days": changed(1, YESTERDAY, impressions=0, clicks=40)}, "warning", "40 clicks and no impression",
    ),
    "constant": ({"days": {1: FLAT, 2: web()}}, "warning", "50.00 EUR on each of the 6 days to 15 Nov 2026"),
    "terms": (
        {"zones": (Zone(1, "UTC", FIRST, YESTERDAY), Zone(1, "Europe/Berlin", LAST, LAST))},
        "warning", "days to 14 Nov 2026 are in UTC, later ones in Europe/Berlin",
    ),
    "unmatched_campaigns": (
        {"campaigns": (Campaign(1, "9", "Autumn", Decimal(700), 50),)}, "warning", "“Autumn” cost 700.00 EUR for 50 clicks",
    ),
    "untagged_traffic": (
        {"traffic": (*TRAFFIC, Tagged("google / cpc", "(not set)", 80))}, "warning", "google / cpc: 80 sessions without",
    ),
}  # fmt: skip


def test_every_monitor_is_seen_here():
    assert set(WRONG) == {monitor.slug for monitor in monitors.MONITORS}


@pytest.mark.parametrize("slug", WRONG)
def test_a_monitor_is_silent_where_nothing_is_wrong(slug):
    found = said(sound(), slug)
    assert (found.state, found.severity, found.count, found.examples) == ("quiet", None, 0, ())


@pytest.mark.parametrize("slug", WRONG)
def test_a_monitor_fires_with_severity_example_and_cure(slug):
    parts, severity, example = WRONG[slug]
    found = said(sound(**parts), slug)
    assert (found.state, found.severity) == ("found", severity)
    assert example in found.examples[0]
    assert found.count >= 1
    assert found.monitor.cure


@pytest.mark.parametrize("slug", WRONG)
def test_a_monitor_without_anything_to_look_at_says_so(slug):
    found = said(Figures(FIRST, LAST, "EUR"), slug)
    assert found.state == "not_run"
    assert found.unchecked


def test_the_worst_stands_first_and_what_could_not_run_before_what_is_quiet():
    found = monitors.judge(sound(traffic=None, **WRONG["negative"][0]))
    states = [(one.severity, one.state) for one in found]
    assert states[0] == ("error", "found")
    assert states[1:3] == [(None, "not_run")] * 2
    assert monitors.urgent(found) == found[:1]


def test_three_examples_at_most_and_all_are_counted():
    days = {1: paid(), 2: web()}
    for n in range(5):
        days[2][LAST - timedelta(n)] = {"sessions": 0}
    found = said(sound(days=days), "spend_without_sessions")
    assert (found.count, len(found.examples)) == (5, 3)


def test_a_day_that_web_analytics_does_not_cover_is_no_broken_tag():
    ends = source(2, "ga4", covers_through=LAST - timedelta(10))
    assert said(sound(health=(source(), ends)), "spend_without_sessions").state == "quiet"
    later = {1: paid(), 2: {day: totals for day, totals in web().items() if day != YESTERDAY}}
    assert said(sound(days=later), "spend_without_sessions").count == 1


def test_equal_figures_outside_the_totals_are_no_duplicates():
    copy = source(3, in_totals=False)
    assert said(sound(health=(source(), copy), days={1: paid(), 3: paid()}), "duplicates").state == "quiet"


def test_two_sources_of_one_name_are_suspected_though_their_figures_differ_by_now():
    copy = source(3, name="shop 1", state="uploaded")
    found = said(sound(health=(source(), copy), days={1: paid(), 3: paid(factor=2)}), "duplicates")
    assert (found.severity, "same name" in found.examples[0]) == ("warning", True)


def test_a_quiet_weekday_is_usual_and_a_silent_one_is_an_error():
    quiet = {day: {"sessions": 30 if day.weekday() == 6 else 900} for day in DAYS}
    assert said(sound(days={1: paid(), 2: quiet}), "volume").state == "quiet"
    found = said(sound(days={1: paid(), 2: {**quiet, YESTERDAY: {"sessions": 0}}}), "volume")
    assert (found.severity, found.count) == ("error", 1)


def test_volume_needs_four_weeks_to_know_what_is_usual():
    young = source(covers_from=LAST - timedelta(20))
    days = {1: {day: totals for day, totals in paid().items() if day > LAST - timedelta(21)}}
    found = said(sound(health=(young,), days=days), "volume")
    assert found.state == "not_run"
    assert "fewer than 4 weeks" in found.unchecked[0]


def test_offline_spend_may_be_the_same_every_day():
    radio = source(channel="Radio", platform="offline")
    flat = {day: {"spend": Decimal(50)} for day in DAYS}
    assert said(sound(health=(radio,), days={1: flat}), "constant").state == "not_run"


def test_an_upload_is_old_only_after_weeks_and_never_late():
    fresh = said(sound(health=(source(state="uploaded", covers_through=LAST - timedelta(20)),)), "timeliness")
    assert (fresh.state, "no schedule says" in fresh.unchecked[0]) == ("not_run", True)
    old = said(sound(health=(source(state="uploaded", covers_through=LAST - timedelta(40)),)), "timeliness")
    assert (old.state, old.severity) == ("found", "info")


def test_an_account_in_two_currencies_is_told():
    first = source(1, account_key="a", covers_through=LAST - timedelta(9))
    found = said(sound(health=(first, source(3, account_key="a", currency="USD"))), "terms")
    assert "EUR to 6 Nov 2026, USD to 15 Nov 2026" in found.examples[0]


@pytest.mark.parametrize("tag", ["Spring Sale", "spring_sale", "SPRING-SALE", "238", "x_1234567_y"])
def test_a_campaign_is_known_by_its_name_or_id_however_it_is_written(tag):
    campaigns = (
        Campaign(1, "238", "Spring Sale", Decimal(9), 9),
        Campaign(1, "1234567", "Spring Sale", None, 0),
    )
    found = sound(campaigns=campaigns, traffic=(Tagged("meta / cpc", tag, 50),))
    assert not tagging.traffic_without_campaign(found).hits
    assert len(tagging.spend_without_traffic(found).hits) == (tag == "x_1234567_y")


@given(st.lists(st.sampled_from([0, 5, 1000, 5000, 9000]), min_size=63, max_size=63))
def test_volume_is_judged_for_seven_days_only_and_never_where_all_weeks_are_alike(values):
    days = {1: {day: {"impressions": value} for day, value in zip(DAYS, values, strict=True)}}
    assert said(sound(health=(source(),), days=days), "volume").count <= 7
    alike = {1: {day: {"impressions": values[n % 7]} for n, day in enumerate(DAYS)}}
    assert said(sound(health=(source(),), days=alike), "volume").state == "quiet"


@given(st.permutations([source(n, name=f"Shop {n}") for n in (1, 2, 3)]))
def test_findings_do_not_depend_on_the_order_of_sources(order):
    days = {1: paid(), 2: paid(), 3: paid(factor=3)}
    found = said(replace(sound(days=days), health=tuple(order)), "duplicates")
    assert (found.count, found.severity) == (35, "error")
