"""The drill from platform to ad: sums at every level, ratios of sums, pace of budgets, groups by name."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics import metrics
from errors import NotFound
from reports import campaigns, pacing, places
from reports.campaigns import Row
from reports.pacing import Untold
from reports.view import Compare, View
from store import db, grains, load, rates, sources
from store.load import Entity, Window
from tests.syncing.files import bring_in, meta_file

MONDAY = date(2026, 3, 2)
WEEK = [MONDAY + timedelta(n) for n in range(7)]
VIEW = View(WEEK[0], WEEK[6], "EUR")
NOON = datetime(2026, 3, 8, 11, tzinfo=UTC)
"""Noon of the week's last day in Berlin."""


@pytest.fixture(autouse=True)
def _rates(database):
    with db.instance() as connection:
        rates.ensure(connection)


def account(
    connection, project: int, currency: str = "EUR", platform: str = "meta_ads", zone: str = "Europe/Berlin"
):
    return sources.get_or_create(connection, project, platform, platform, "1", "Brand DE", currency, zone)


def put(connection, project, source, level, rows, entities=(), at=NOON) -> None:
    """Load rows of (day, entity, campaign, spend, clicks) at a level."""
    days = frozenset((day, 1) for day, *_ in rows)
    window = Window(project, source, grains.code(level), days, currency="EUR")
    made = [
        {"day": day, "entity": name, "campaign": campaign, "spend": Decimal(spend), "clicks": clicks}
        for day, name, campaign, spend, clicks in rows
    ]
    load.load_rows(connection, window, made, run_id=1, at=at, entities=entities)


def tree(groups: dict[str, str], ads: dict[str, str], **campaign: object) -> list[Entity]:
    """Entities: ad groups by campaign, ads by ad group, all campaigns alike."""
    tops = [Entity("campaign", name, name, status="active", **campaign) for name in set(groups.values())]
    middle = [Entity("ad_group", name, name, Entity("campaign", top, "").id) for name, top in groups.items()]
    low = [Entity("ad", name, name, Entity("ad_group", group, "").id) for name, group in ads.items()]
    return [*tops, *middle, *low]


GROUPS = {"g1": "Spring", "g2": "Spring", "g3": "Summer"}
ADS = {"a1": "g1", "a2": "g1", "a3": "g2", "a4": "g3"}


def spend_of(rows: list[Row]) -> dict[str, Decimal | None]:
    return {row.name: row.now.get("spend") for row in rows}


def show(connection, project, view=VIEW, at="") -> campaigns.Listing:
    trail = places.trail(connection, project, at)
    return campaigns.listing(connection, project, view, trail[-1] if trail else None)


cents = st.integers(0, 50_000).map(lambda n: Decimal(n) / 100)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.sampled_from(WEEK), st.sampled_from(sorted(ADS)), cents, st.integers(0, 9)),
             min_size=1, max_size=20, unique_by=lambda row: row[:2]),
    st.booleans(), st.booleans(),
)  # fmt: skip
def test_every_level_adds_up_to_the_one_above_it(make_project, rows, with_groups, as_it_stood):
    project = make_project()
    view = replace(VIEW, as_of=NOON + timedelta(hours=1)) if as_it_stood else VIEW
    with db.project(project) as connection:
        source = account(connection, project)
        put(
            connection,
            project,
            source,
            "ad",
            [(d, ad, GROUPS[ADS[ad]], s, c) for d, ad, s, c in rows],
            tree(GROUPS, ADS),
        )
        if with_groups:
            sums: dict[tuple, list] = defaultdict(lambda: [Decimal(0), 0])
            for day, ad, spend, clicks in rows:
                sums[day, ADS[ad]][0] += spend
                sums[day, ADS[ad]][1] += clicks
            made = [(day, group, GROUPS[group], s, c) for (day, group), (s, c) in sums.items()]
            put(connection, project, source, "ad_group", made)
        tops = show(connection, project, view)
        assert campaigns.total(r.now for r in tops.rows)["spend"] == sum(s for _, _, s, _ in rows)
        for top in tops.rows:
            groups = show(connection, project, view, top.key)
            assert {row.level for row in groups.rows} == {"ad_group"}
            assert campaigns.total(r.now for r in groups.rows) == top.now == groups.whole
            for group in groups.rows:
                ads = show(connection, project, view, group.key)
                assert {row.level for row in ads.rows} == {"ad"}
                assert campaigns.total(r.now for r in ads.rows) == group.now
                at = places.trail(connection, project, group.key)[-1]
                by_day = campaigns.course(connection, project, view, at, None).now
                assert campaigns.total(t for _, t in by_day) == group.now
        connection.rollback()


def test_platforms_and_their_course_compare_with_the_period_before(make_project):
    project = make_project()
    weeks = [(MONDAY - timedelta(7) + timedelta(n), "Spring", "1" if n < 7 else "3", 2) for n in range(14)]
    bring_in(project, meta_file(weeks))
    with db.project(project) as connection:
        (row,) = campaigns.platforms(connection, project, VIEW).rows
        assert (row.name, row.now["spend"], row.before["spend"], row.change("spend")) == (
            "Meta Ads",
            21,
            7,
            2,
        )
        course = campaigns.platform_course(connection, project, VIEW, ["meta_ads"])
        assert [t["spend"] for _, t in course.now] == [3] * 7
        assert [(day, t["spend"]) for day, t in course.before] == [(day, 1) for day in WEEK]
        alone = replace(VIEW, compare=Compare.NONE)
        assert campaigns.course(connection, project, alone, None, None).before == []


def test_a_course_is_that_of_the_rows_asked_for(make_project):
    project = make_project()
    bring_in(project, meta_file([(MONDAY, "Spring", "5", 1), (MONDAY, "Summer", "8", 1)]))
    with db.project(project) as connection:
        rows = show(connection, project).rows
        summer = next(row.key for row in rows if row.name == "Summer")
        one = campaigns.course(connection, project, VIEW, None, [summer])
        assert one.now[0][1]["spend"] == 8
        assert campaigns.course(connection, project, VIEW, None, None).now[0][1]["spend"] == 13
        assert campaigns.course(connection, project, VIEW, None, []).now == []


def test_amounts_are_in_the_currency_of_the_view(make_project):
    project = make_project()
    bring_in(project, meta_file([(MONDAY, "Spring", "109", 1)], currency="USD"))
    with db.project(project) as connection:
        (platform,) = campaigns.platforms(connection, project, VIEW).rows
        (campaign,) = show(connection, project).rows
        assert campaign.now["spend"] == platform.now["spend"] < 109


def test_a_figure_for_several_days_counts_once_and_only_whole(make_project):
    project = make_project()
    head = '"Campaign name","Amount spent (EUR)",Impressions,"Reporting starts","Reporting ends"\n'
    bring_in(project, (head + "Spring,90.00,1000,2026-03-02,2026-03-08\n").encode())
    with db.project(project) as connection:
        assert spend_of(show(connection, project).rows) == {"Spring": 90}
        assert show(connection, project, replace(VIEW, start=WEEK[1])).rows == []


def test_channels_and_campaigns_filter(make_project):
    project = make_project()
    bring_in(project, meta_file([(MONDAY, "Spring", "5", 1), (MONDAY, "Summer", "8", 1)]))
    with db.project(project) as connection:
        assert spend_of(show(connection, project, replace(VIEW, campaigns=("Summer",))).rows) == {"Summer": 8}
        assert show(connection, project, replace(VIEW, channels=("tiktok_ads",))).rows == []


@pytest.mark.parametrize(
    "place", ["nobody", "1/2", "999999999/1", "1/-99999999999999999999", "1/9999999999999999999", "x/y"]
)
def test_a_place_that_is_not_there_is_said(make_project, place):
    project = make_project()
    bring_in(project, meta_file([(MONDAY, "Spring", "5", 1)]))
    with db.project(project) as connection, pytest.raises(NotFound):
        places.trail(connection, project, place)


def test_a_place_of_another_project_is_not_there(make_project):
    project, other = make_project(), make_project("Other")
    bring_in(project, meta_file([(MONDAY, "Spring", "5", 1)]))
    with db.project(project) as connection:
        key = show(connection, project).rows[0].key
    with db.project(other) as connection, pytest.raises(NotFound):
        places.trail(connection, other, key)


def paced(
    project: int, spends: list[str], view=VIEW, at=NOON, zone: str = "Europe/Berlin", **campaign
) -> pacing.Pace:
    with db.project(project) as connection:
        source = account(connection, project, zone=zone)
        rows = [(day, "Spring", "Spring", s, 1) for day, s in zip(WEEK, spends, strict=False)]
        entity = Entity("campaign", "Spring", "Spring", **{"status": "active", **campaign})
        put(connection, project, source, "campaign", rows, [entity], at)
        return show(connection, project, view).rows[0].pace


def test_a_day_budget_is_paced_on_the_newest_day(make_project):
    pace = paced(make_project(), ["9"] * 6 + ["6"], budget=Decimal(20), budget_period="day")
    assert (pace.day, pace.spent, pace.over) == (WEEK[6], 6, Decimal("0.5"))
    assert (pace.used, pace.pace) == (Decimal("0.3"), Decimal("0.6"))


def test_a_day_that_is_over_is_paced_as_a_whole_one_whatever_period_is_shown(make_project):
    later = NOON + timedelta(days=1)
    view = View(WEEK[0], WEEK[1], "USD")
    pace = paced(make_project(), ["9"] * 6 + ["6"], view, later, budget=Decimal(20), budget_period="day")
    assert (pace.currency, pace.spent, pace.pace) == ("EUR", 6, Decimal("0.3"))


def test_a_lifetime_budget_tells_its_use_and_no_pace(make_project):
    view = View(WEEK[5], WEEK[6], "EUR")
    pace = paced(make_project(), ["10"] * 7, view, budget=Decimal(140), budget_period="lifetime")
    assert (pace.used, pace.pace, pace.untold) == (Decimal("0.5"), None, Untold.NO_END)


@pytest.mark.parametrize(
    ("campaign", "zone", "why"),
    [
        ({}, "Europe/Berlin", Untold.NO_BUDGET),
        ({"budget": Decimal(5), "budget_period": "day", "status": "paused"}, "Europe/Berlin", Untold.RESTING),
        ({"budget": Decimal(5), "budget_period": "day"}, "", Untold.NO_ZONE),
    ],
)
def test_a_pace_that_cannot_be_told_says_why(make_project, campaign, zone, why):
    pace = paced(make_project(), ["1"] * 7, zone=zone, **campaign)
    assert (pace.pace, pace.untold) == (None, why)


def test_budgets_of_ad_groups_are_paced_there(make_project):
    project = make_project()
    budget = Entity("ad_group", "g1", "g1", Entity("campaign", "Spring", "").id, "active", Decimal(10), "day")
    with db.project(project) as connection:
        source = account(connection, project)
        put(
            connection,
            project,
            source,
            "campaign",
            [(WEEK[6], "Spring", "Spring", "4", 1)],
            tree(GROUPS, ADS),
        )
        put(connection, project, source, "ad_group", [(WEEK[6], "g1", "Spring", "4", 1)], [budget])
        (top,) = show(connection, project).rows
        assert top.pace.untold is Untold.BELOW
        (group,) = show(connection, project, VIEW, top.key).rows
        assert (group.pace.used, group.pace.pace) == (Decimal("0.4"), Decimal("0.8"))


@pytest.mark.parametrize(
    ("day", "seen", "part"),
    [
        (date(2026, 3, 29), datetime(2026, 3, 29, 10, tzinfo=UTC), Decimal(11) / 23),  # clocks go forward
        (date(2026, 10, 25), datetime(2026, 10, 25, 11, tzinfo=UTC), Decimal(13) / 25),  # and back
        (date(2026, 3, 2), datetime(2026, 3, 5, tzinfo=UTC), Decimal(1)),
        (date(2026, 3, 2), datetime(2026, 3, 1, tzinfo=UTC), None),
        (date(2026, 3, 2), None, None),
    ],
)
def test_the_part_of_a_day_that_is_over_follows_the_clocks(day, seen, part):
    assert pacing.part_over(day, "Europe/Berlin", seen) == part


def row(name: str, spend: Decimal | None, clicks: int = 0, status: str = "active") -> Row:
    return Row(
        name, name, "campaign", "meta_ads", status=status, now={"spend": spend, "clicks": Decimal(clicks)}
    )


names = st.lists(st.text("ab_ ", max_size=6), max_size=12, unique=True)


@given(names, st.sampled_from("_|-"), st.integers(1, 4), st.data())
def test_groups_by_name_hold_all_spend_and_ratios_of_sums(found, separator, position, data):
    rows = [row(name, data.draw(cents), data.draw(st.integers(0, 9))) for name in found]
    groups = campaigns.by_piece(rows, separator, position)
    assert sum(count for _, count in groups) == len(rows)
    assert campaigns.total(g.now for g, _ in groups) == campaigns.total(r.now for r in rows)
    for group, _ in groups:
        pieces = {r.name: [p.strip() for p in r.name.split(separator)] for r in rows}
        of = [
            r
            for r in rows
            if (pieces[r.name][position - 1] if 1 < len(pieces[r.name]) >= position else "") == group.name
        ]
        clicks, spend = sum(r.now["clicks"] for r in of), sum(r.now["spend"] for r in of)
        assert metrics.evaluate("cpc", group.now) == (spend / clicks if clicks else None)


def test_names_without_the_piece_stand_apart_and_last():
    rows = [
        row("SALE_DE", Decimal(1)),
        row("SALE_FR", Decimal(2)),
        row("Brand", Decimal(9)),
        row("X_", Decimal(4)),
    ]
    assert [(g.name, n, g.now["spend"]) for g, n in campaigns.by_piece(rows, "_", 2)] == [
        ("FR", 1, 2), ("DE", 1, 1), ("", 2, 13),
    ]  # fmt: skip


def test_rows_are_found_by_every_word_and_status_and_put_in_order():
    rows = [row("Spring DE", Decimal(1), 5), row("spring FR", None), row("Brand DE", Decimal(9), 1, "paused")]
    assert [r.name for r in campaigns.matching(rows, "SPRING de")] == ["Spring DE"]
    assert [r.name for r in campaigns.matching(rows, "", ["paused"])] == ["Brand DE"]
    assert [r.name for r in campaigns.in_order(rows, "spend")] == ["Brand DE", "Spring DE", "spring FR"]
    assert [r.name for r in campaigns.in_order(rows, "spend", smallest=True)] == [
        "Spring DE",
        "Brand DE",
        "spring FR",
    ]
    assert [r.name for r in campaigns.in_order(rows, "name")] == ["Brand DE", "Spring DE", "spring FR"]
