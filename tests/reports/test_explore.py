"""Free questions: every number is that of the rows behind it, at every dimension, and totals are ratios of sums."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics import metrics
from errors import BadInput
from reports import explore, explore_top, overview, plots
from reports.explore import Answer
from reports.pictures import Mark
from reports.questions import BY, ENTITIES, FORMULA, Question
from reports.settling import Settling
from reports.view import Compare, View
from sandbox import exports
from sandbox.business import Business
from store import db, rates
from tests.syncing.files import bring_in, meta_file

MONDAY = date(2026, 3, 2)
DAYS = 20


@pytest.fixture(autouse=True)
def _rates(database):
    with db.instance() as connection:
        rates.ensure(connection)


@pytest.fixture
def filled(make_project) -> int:
    """Meta in euros, TikTok with ads, Google, a shop, web analytics, e-mail and organic search."""
    project = make_project()
    business = Business(MONDAY + timedelta(DAYS - 1), days=DAYS)
    rows = [
        (MONDAY + timedelta(n), name, f"{n + 1}.50", 3 + n)
        for n in range(DAYS)
        for name in ("Spring", "Brand")
    ]
    bring_in(project, meta_file(rows))
    for name in ("tiktok_ads", "google_ads", "ga4", "search_console", "shopify"):
        bring_in(project, getattr(exports, name)(business), f"{name}.csv", currency="EUR")
    bring_in(project, exports.klaviyo(business), "klaviyo.csv", currency="USD")
    return project


def view(first: int = 0, days: int = DAYS, currency: str = "EUR", **more) -> View:
    start = MONDAY + timedelta(first)
    return View(start, start + timedelta(days - 1), currency, Compare.NONE, **more)


def ask(project: int, *slugs: str, on: View | None = None, **more) -> Answer:
    with db.project(project) as connection:
        return explore.explore(connection, project, on or view(), Question(slugs, **more), "order_day")


def values(found: Answer, slug: str) -> dict[str, Decimal | None]:
    return {line.name: line.values[slug] for line in found.lines}


SLUGS = ("spend", "clicks", "ctr", "mer", "sessions", "open_rate")


DIMENSIONS = ("day", "week", "month", "weekday", "channel", "kind", "account")


def test_the_total_is_the_overview_s_and_lines_add_up_to_it_whatever_the_dimension(filled):
    with db.project(filled) as connection:
        known = overview.overview(connection, filled, view(), "order_day")
    tiles = {tile.slug: tile.value for group in known.groups.values() for tile in group}
    for by in DIMENSIONS:
        found = ask(filled, *SLUGS, by=by)
        for slug in ("spend", "clicks", "ctr", "mer", "sessions"):
            assert found.total[slug] == tiles[slug], by
        assert found.total["open_rate"] is not None
        for currency in ("EUR", "USD"):
            found = ask(filled, "spend", "revenue_net", by=by, on=view(currency=currency))
            for slug in ("spend", "revenue_net"):
                parts = [line.values[slug] for line in found.lines if line.values[slug] is not None]
                assert abs(sum(parts) - found.total[slug]) < Decimal("1e-12"), by


def test_every_dimension_answers_with_every_metric(filled):
    slugs = [slug for slug in metrics.REGISTRY if slug != "position_weighted"]
    for n, by in enumerate(BY):
        for start in range(n % 3 * 6, len(slugs), 18):
            ask(filled, *slugs[start : start + 6], by=by, split="channel", top=3)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 40)), min_size=21, max_size=21),
    st.integers(1, 7),
    st.sampled_from(["week", "month", "weekday", "campaign"]),
)
def test_ratios_of_lines_are_ratios_of_their_sums(make_project, figures, week_start, by):
    project = make_project()
    dated = [
        (MONDAY + timedelta(n), "Spring" if n % 3 else "Brand", Decimal(c) / 100, k)
        for n, (c, k) in enumerate(figures)
    ]
    bring_in(project, meta_file([(d, n, str(s), k) for d, n, s, k in dated]))
    found = ask(project, "cpc", "spend", by=by, week_start=week_start, on=view(days=21))

    def key(day: date, name: str) -> str:
        if by == "campaign":
            return name
        if by == "weekday":
            return f"{day:%A}"
        first = day.replace(day=1) if by == "month" else day - timedelta((day.isoweekday() - week_start) % 7)
        return first.isoformat()

    sums: dict[str, list[Decimal]] = {}
    for d, n, s, k in dated:
        here = sums.setdefault(key(d, n), [Decimal(0), Decimal(0)])
        here[0] += s
        here[1] += k
    told = {line.key if by in {"week", "month"} else line.name: line.values for line in found.lines}
    assert set(told) == set(sums)
    for name, (spend, clicks) in sums.items():
        assert told[name]["spend"] == spend
        assert told[name]["cpc"] == (spend / clicks if clicks else None)


def test_days_without_figures_stay_as_gaps(make_project):
    project = make_project()
    bring_in(project, meta_file([(MONDAY, "Spring", "5", 1), (MONDAY + timedelta(3), "Spring", "7", 1)]))
    found = ask(project, "spend", on=view(days=4))
    assert [line.values["spend"] for line in found.lines] == [5, None, None, 7]


def test_a_week_begins_on_the_project_s_first_day_and_is_cut_by_the_period(filled):
    found = ask(filled, "spend", by="week", week_start=7, on=view(1, 9))
    assert [(line.first, line.last) for line in found.lines] == [
        (MONDAY + timedelta(1), MONDAY + timedelta(5)),
        (MONDAY + timedelta(6), MONDAY + timedelta(9)),
    ]


def test_top_lines_stand_beside_all_others_which_add_up(filled):
    whole = ask(filled, "spend", "cpc", by="campaign")
    found = ask(filled, "spend", "cpc", by="campaign", top=2)
    assert [line.name for line in found.lines] == [
        *(line.name for line in whole.lines[:2]), f"All others ({len(whole.lines) - 2})",
    ]  # fmt: skip
    assert found.rest == len(whole.lines) - 2
    rest = [line.values["spend"] for line in whole.lines[2:] if line.values["spend"] is not None]
    assert found.lines[-1].values["spend"] == sum(rest)
    assert found.total == whole.total
    assert found.lines[-1].values["cpc"] != sum(line.values["cpc"] or 0 for line in whole.lines[2:])


_RANKED = (
    "spend",
    "clicks",
    "ctr",
    "cpc",
    "cpa",
    "roas_reported",
    "sessions",
    "open_rate",
    "engaged_sessions",
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(ENTITIES),
    st.lists(st.sampled_from(_RANKED), min_size=1, max_size=4, unique=True),
    st.data(),
    st.integers(0, 6),
    st.booleans(),
    st.sampled_from([(), ("meta_ads",), ("meta_ads", "klaviyo")]),
    st.sampled_from(["EUR", "GBP"]),
)
def test_lines_chosen_by_the_database_are_those_chosen_one_by_one(
    filled, by, slugs, data, top, smallest, channels, currency
):
    more = {"by": by, "top": top, "smallest": smallest, "sort": data.draw(st.sampled_from(slugs))}
    on = view(channels=channels, currency=currency)
    assert explore_top.ranks(Question(tuple(slugs), **more))
    found = ask(filled, *slugs, on=on, **more)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(explore_top, "ranks", lambda question: False)
        known = ask(filled, *slugs, on=on, **more)
    assert (found.rest, found.apart, found.total) == (known.rest, known.apart, known.total)
    assert found.lines[: top or None] == known.lines[: top or None]
    for one, other in zip(found.lines, known.lines, strict=True):
        assert (one.key, one.name) == (other.key, other.name)
        for slug in slugs:
            a, b = one.values[slug], other.values[slug]
            assert (a is None) == (b is None)
            assert a is None or abs(a - b) < Decimal("1e-12")


def test_lines_are_sorted_by_any_column_with_what_has_no_value_last(filled):
    found = ask(filled, "spend", "cpc", by="channel", sort="cpc", smallest=True)
    known = [line.values["cpc"] for line in found.lines]
    there = [value for value in known if value is not None]
    assert there == sorted(there)
    assert known == [*there, *[None] * (len(known) - len(there))]


def test_a_split_adds_up_to_the_whole(filled):
    whole, split = ask(filled, "spend", by="week"), ask(filled, "spend", by="week", split="channel")
    for line in whole.lines:
        parts = [one.values["spend"] for one in split.lines if one.key == line.key]
        assert abs(sum(p for p in parts if p is not None) - line.values["spend"]) < Decimal("1e-12")
    assert split.total == whole.total


def test_what_belongs_to_one_channel_is_not_split(filled):
    for by in ("channel", "account", "campaign"):
        assert ask(filled, "spend", by=by, split="channel").lines == ask(filled, "spend", by=by).lines


def test_a_line_of_another_kind_of_channel_stands_apart_from_the_total(filled):
    found = ask(filled, "clicks", by="channel")
    assert found.apart == ("clicks",)
    shown = values(found, "clicks")
    assert shown["Search Console"] > 0
    assert found.total["clicks"] == sum(
        v for n, v in shown.items() if v is not None and n != "Search Console"
    )
    one = ask(filled, "clicks", by="channel", on=view(channels=("search_console",)))
    assert (one.apart, one.total["clicks"]) == ((), shown["Search Console"])


def test_counts_of_people_are_never_summed(make_project):
    project = make_project()
    head = "Day,Campaign name,Amount spent (EUR),Impressions,Reach,Reporting starts,Reporting ends\n"
    body = "".join(f"{MONDAY + timedelta(n)},Spring,5,100,{60 + n},{MONDAY},{MONDAY}\n" for n in range(3))
    bring_in(project, ("\ufeff" + head + body).encode())
    found = ask(project, "reach", "frequency", on=view(days=3))
    assert [line.values["reach"] for line in found.lines] == [60, 61, 62]
    assert found.total["reach"] is None
    assert found.total["frequency"] is None
    assert ask(project, "reach", by="month", on=view(days=3)).lines[0].values["reach"] is None


def test_sales_are_the_whole_shop_s_and_said_to_be(filled):
    found = ask(filled, "revenue_net", by="week", on=view(channels=("meta_ads",)))
    assert found.whole_shop
    assert found.total == ask(filled, "revenue_net", by="week").total
    assert (
        ask(filled, "revenue_net", "spend", by="channel", on=view(channels=("meta_ads",))).lines[0].name
        == "Meta Ads"
    )
    assert ask(filled, "revenue_net", by="campaign").lines == []


def test_a_filter_for_campaigns_narrows_every_dimension(filled):
    only = view(campaigns=("Spring",))
    for by in ("day", "channel", "account", "campaign", "kind"):
        assert ask(filled, "spend", by=by, on=only).total["spend"] == sum(
            Decimal(n + 1) + Decimal("0.5") for n in range(DAYS)
        )


def test_ad_groups_come_from_ads_where_there_is_nothing_else(filled):
    on = view(channels=("tiktok_ads",), currency="GBP")
    groups, ads = ask(filled, "spend", by="ad_group", on=on), ask(filled, "spend", by="ad", on=on)
    assert {line.name for line in groups.lines} == {"Catalogue", "Outdoor interest"}
    assert abs(groups.total["spend"] - ads.total["spend"]) < Decimal("1e-12")
    assert all(line.account for line in ads.lines)


def test_a_formula_is_worked_out_after_adding_up(filled):
    found = ask(filled, "spend", by="week", formula="(revenue_net - spend) / orders")
    whole = ask(filled, "spend", "revenue_net", "orders", by="week")
    t = whole.total
    assert found.total[FORMULA] == (t["revenue_net"] - t["spend"]) / t["orders"]
    assert found.question.columns == ("spend", FORMULA)


def test_a_formula_that_divides_by_zero_has_no_value(filled):
    found = ask(filled, formula="spend / (clicks - clicks)", by="channel")
    assert found.lines == []
    assert found.total == {FORMULA: None}


@pytest.mark.parametrize(
    "wrong",
    [
        {"slugs": ()}, {"slugs": ("nobody",)}, {"slugs": tuple(metrics.REGISTRY)[:7]}, {"slugs": ("spend",), "by": "moon"},
        {"slugs": ("spend",), "split": "day"}, {"slugs": ("spend",), "formula": "spend +"},
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused(wrong):
    with pytest.raises(BadInput):
        Question(**wrong)


def test_figures_stand_as_they_stood(filled):
    import sqlalchemy as sa

    with db.project(filled) as connection:
        now = connection.scalar(sa.text("SELECT min(since) FROM source_daily"))
    before = view(as_of=now - timedelta(days=1))
    for by in ("day", "channel", "campaign", "ad"):
        assert all(v is None for v in ask(filled, "spend", by=by, on=before).total.values())
    assert (
        ask(filled, "spend", by="ad", on=view(as_of=now + timedelta(days=1))).lines
        == ask(filled, "spend", by="ad").lines
    )


def test_every_chart_of_every_dimension_draws_or_says_why_not(filled):
    settled = Settling(MONDAY + timedelta(10), MONDAY + timedelta(15))
    marks = [Mark(1, MONDAY, MONDAY, "Sale")]
    for by in BY:
        for split in ("", "kind"):
            found = ask(filled, "spend", "ctr", by=by, split=split, top=5)
            for chart in plots.CHARTS:
                drawn = plots.draw(found, chart, "EUR", lambda _: settled, marks)
                assert chart == "table" or drawn.pictures or drawn.why or not found.lines
                for picture in drawn.pictures:
                    assert not picture.is_empty
                    days = by in {"day", "week", "month"} and picture.kind in {"line", "bar", "stacked"}
                    assert picture.is_dated == days or picture.kind == "heat"
                    assert bool(picture.marks) == days


def test_channels_have_their_own_colours(filled):
    from reports import palette

    drawn = plots.draw(ask(filled, "spend", by="channel"), "bar", "EUR", lambda _: Settling(MONDAY, MONDAY))
    assert {s.name: s.color for s in drawn.pictures[0].series}["Meta Ads"] == palette.color("meta_ads")
