"""The world: same figures whenever asked, recent days that grow and restate, one business behind all."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from sandbox import delivery, emails, maturity, orders, posts, traffic, truth, visits
from sandbox.world import World
from tests.sandbox.conftest import NOW, Clock

DAY = date(2026, 10, 3)


def _world(at: datetime = NOW, **settings) -> World:
    return World(now=Clock(at), **settings)


@pytest.fixture(scope="module")
def world() -> World:
    return _world()


def test_history_does_not_change_because_today_moved(world: World):
    later = _world(NOW + timedelta(days=40))
    for account in world.accounts:
        for level in ("account", "campaign", "group", "ad"):
            before = truth.daily(world, account.platform, account.id, level, DAY, DAY)
            after = truth.daily(later, account.platform, account.id, level, DAY, DAY)
            drop = {"name"}
            assert [{k: v for k, v in r.items() if k not in drop} for r in before] == [
                {k: v for k, v in r.items() if k not in drop} for r in after
            ]
    assert orders.final(world, DAY) == orders.final(later, DAY)
    assert visits.final(world, DAY) == visits.final(later, DAY)


def test_another_seed_is_another_business(world: World):
    other = _world(seed=8)
    assert truth.daily(world, "meta_ads", "903100220011", "ad", DAY, DAY) != truth.daily(
        other, "meta_ads", "903100220011", "ad", DAY, DAY
    )


@pytest.mark.parametrize("platform", ["google_ads", "meta_ads", "tiktok_ads", "pinterest_ads"])
def test_a_day_grows_until_it_is_final(platform: str):
    clock = Clock(datetime(2026, 10, 3, 4, tzinfo=UTC))
    world = World(now=clock)
    account = world.of(platform)[0]
    day = next(
        d for d in (DAY + timedelta(days=n) for n in range(30)) if not delivery.credited(world, account, d)
    )
    seen = []
    for hours in (6, 12, 20, 26, 50, 80, 130, 300, 900):
        clock.now = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hours)
        rows = truth.daily(world, platform, account.id, "account", day, day)
        seen.append(
            [rows[0][name] for name in ("impressions", "clicks", "spend", "conversions", "conversion_value")]
        )
    for earlier, later in pairwise(seen):
        assert all(a <= b for a, b in zip(earlier, later, strict=True))
    assert seen[-1] == seen[-2]
    assert seen[0][0] < seen[3][0] < seen[-1][0]


def test_invalid_clicks_are_credited_some_days_later():
    clock = Clock(NOW)
    world = World(now=clock)
    account = world.of("meta_ads")[0]
    day = next(
        d for d in (DAY + timedelta(days=n) for n in range(200)) if delivery.credited(world, account, d)
    )
    begin = datetime(day.year, day.month, day.day, 5, tzinfo=UTC)
    clock.now = begin + timedelta(hours=70)
    before = truth.total(world, "meta_ads", account.id, day, day)
    clock.now = begin + timedelta(hours=maturity.CREDIT_FROM + 2)
    after = truth.total(world, "meta_ads", account.id, day, day)
    assert after["spend"] < before["spend"]
    assert after["clicks"] <= before["clicks"]


def test_nothing_is_known_of_the_future(world: World):
    tomorrow = NOW.date() + timedelta(days=1)
    assert not truth.daily(world, "google_ads", "4155550101", "account", tomorrow, tomorrow)
    assert not truth.shop_orders(world, tomorrow, tomorrow)
    assert not truth.sessions(world, tomorrow, tomorrow)


@pytest.mark.parametrize("platform", ["google_ads", "meta_ads", "tiktok_ads", "pinterest_ads"])
def test_levels_add_up_to_the_account_except_for_what_has_no_ads(platform: str, world: World):
    account = world.of(platform)[0]
    sums = {
        level: truth.total(world, platform, account.id, DAY, DAY + timedelta(days=9), level)
        for level in ("account", "campaign", "ad")
    }
    assert sums["campaign"] == sums["account"]
    if platform == "google_ads":
        assert sums["ad"]["spend"] < sums["campaign"]["spend"]
    else:
        assert sums["ad"] == sums["campaign"]


def test_campaigns_are_renamed_removed_and_created_again(world: World):
    google = world.of("google_ads")[0].campaigns[1]
    assert google.name(date(2026, 10, 11)) == "DE | Search | Generic"
    assert google.name(date(2026, 10, 12)) == "DE | Search | Non-brand"
    old, new = (c for c in world.of("meta_ads")[0].campaigns if c.first_name == "US_Retargeting")
    assert old.id != new.id
    assert old.state(date(2026, 9, 20)) == "removed"
    assert new.state(date(2026, 9, 20)) == "active"


def test_platforms_claim_more_than_they_brought():
    world = _world(NOW + timedelta(days=30))
    first, last = date(2026, 10, 1), date(2026, 10, 31)
    claimed = truth.total(world, "meta_ads", "903100220011", first, last)["conversions"]
    brought = [o for o in truth.shop_orders(world, first, last) if o["source"] == "facebook"]
    assert claimed > len(brought) > 50


def test_sessions_follow_the_clicks_and_purchases_the_orders(world: World):
    clicks = delivery.final(world, world.of("tiktok_ads")[0], DAY)["clicks"].sum()
    sessions = sum(
        c.sessions
        for c in visits.final(world, DAY)
        if (c.source.source, c.source.medium) == ("tiktok", "paid_social")
    )
    assert 0.8 * clicks < sessions <= clicks + 5
    known = {f"#{o.number}": o.total for o in orders.final(world, DAY)}
    for cell in visits.final(world, DAY):
        assert all(known[name] == cents for name, cents in cell.transactions)


def test_returning_customers_bought_before(world: World):
    found = truth.shop_orders(world, DAY, DAY + timedelta(days=3))
    assert {order["index"] > 1 for order in found} == {True, False}
    for order in found:
        assert order["index"] <= orders.count(world, order["customer"])


def test_refunds_appear_when_they_happen():
    clock = Clock(datetime(2026, 10, 4, tzinfo=UTC))
    world = World(now=clock)
    early = sum(order["refunded"] for order in truth.shop_orders(world, DAY - timedelta(days=5), DAY))
    clock.now += timedelta(days=40)
    late = truth.shop_orders(world, DAY - timedelta(days=5), DAY)
    assert sum(order["refunded"] for order in late) > early
    assert all(order["refunded"] <= order["total"] for order in late)


def test_e_mails_open_over_days_and_bring_orders(world: World):
    campaign = next(m for m in emails.campaigns(world) if m.sent_at.date() == date(2026, 10, 2))
    days = [date(2026, 10, 2) + timedelta(days=n) for n in range(7)]
    opened = [sum(r.opened for r in emails.day(world, d) if r.message == campaign) for d in days]
    assert opened[0] > opened[1] > opened[4] > opened[6] == 0
    assert any(source.channel == "Email" and source.orders > 0 for source in traffic.day(world, days[0]))


def test_a_videos_totals_grow_and_the_accounts_days_are_their_growth():
    clock = Clock()
    world = World(now=clock)
    post = posts.posts(world)[0]
    before = posts.totals(post, clock.now)
    after = posts.totals(post, clock.now + timedelta(days=2))
    assert after.views > before.views
    month = [posts.final(world, DAY + timedelta(days=n))["views"] for n in range(5)]
    at = datetime(2026, 10, 8, tzinfo=UTC)
    begin = datetime(2026, 10, 3, tzinfo=UTC)
    grown = sum(posts.totals(p, at).views - posts.totals(p, begin).views for p in posts.posts(world))
    assert sum(month) == grown


def test_today_is_partial_and_yesterdays_video_figures_are_not_out_yet(world: World):
    today = truth.total(world, "tiktok_ads", "7302220011223344550", NOW.date(), NOW.date())
    yesterday = NOW.date() - timedelta(days=1)
    assert (
        0
        < today["impressions"]
        < truth.total(world, "tiktok_ads", "7302220011223344550", yesterday, yesterday)["impressions"]
    )
    assert posts.day(world, yesterday) == {}
    assert posts.day(world, yesterday - timedelta(days=1))


def test_the_large_scale_has_two_thousand_ads_in_two_accounts():
    world = _world(scale="large")
    for platform in ("google_ads", "meta_ads"):
        account = world.of(platform)[0]
        assert (len(account.campaigns), len(account.ads)) == (200, 2000)
        assert len(delivery.rolled(world, account, "ad", DAY).places) > 1_990
