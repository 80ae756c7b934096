"""Stages and their arithmetic: every rate is Σ ÷ Σ, and only counts that add up can make a stage."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import breakdowns, funnel, metrics
from analytics.funnel import DEFAULT, MAPPED, Stage

counted = st.one_of(st.none(), st.integers(0, 10**9).map(Decimal))
rows = st.lists(
    st.tuples(st.sampled_from(sorted(funnel.KINDS)), st.dictionaries(st.sampled_from(funnel.COUNTABLE), counted)),
    max_size=8,
)  # fmt: skip


def channel(kind: str, **totals: int | None):
    return funnel.counts(DEFAULT, kind, totals)


@given(rows, st.one_of(st.none(), st.integers(0, 10**6).map(Decimal)))
def test_every_rate_is_the_sum_over_the_sum_at_every_grouping(given_rows, spend):
    parts = [funnel.counts(DEFAULT, kind, totals) for kind, totals in given_rows]
    whole = funnel.added(parts)
    for size in (1, 2, 3):
        halves = [funnel.added(parts[n : n + size]) for n in range(0, len(parts), size)]
        assert funnel.added(halves) == whole
    steps = funnel.steps(whole, spend)
    for before, step in zip((None, *steps), steps, strict=False):
        assert step.count == whole[step.stage]
        if before is None or step.count is None or not before.count:
            assert step.rate is None
            assert step.drop is None
        else:
            assert step.rate == step.count / before.count
            assert step.drop == 1 - step.rate
        if before is not None and before.count is not None and step.count is not None:
            assert step.lost == before.count - step.count
        known = spend is not None and step.count
        assert step.cost == (spend / step.count if known else None)


def test_a_kind_counts_what_its_stages_name():
    assert channel("paid", impressions=1000, clicks=40, add_to_carts=5, leads=2, conversions=3) == {
        Stage.AWARENESS: 1000, Stage.INTEREST: 40, Stage.CONSIDERATION: 7, Stage.PURCHASE: 3, Stage.REPEAT: None,
    }  # fmt: skip
    assert channel("email", delivered=500, unique_opens=200, unique_clicks=20)[Stage.CONSIDERATION] == 20
    assert channel("web", sessions=90, engaged_sessions=60)[Stage.INTEREST] == 60
    assert channel("social", views=70, engagements=6, shop_clicks=2)[Stage.AWARENESS] == 70


def test_what_nobody_measures_is_unknown_and_what_did_not_happen_is_nothing():
    found = channel("paid", impressions=1000, clicks=None, leads=0)
    steps = {step.stage: step for step in funnel.steps(found, Decimal(10))}
    assert steps[Stage.INTEREST].count is None
    assert steps[Stage.CONSIDERATION].count == 0
    assert steps[Stage.CONSIDERATION].rate is None
    assert steps[Stage.CONSIDERATION].of_first == 0
    assert steps[Stage.CONSIDERATION].cost is None


def test_a_later_stage_that_counts_more_is_found_across_a_gap():
    found = funnel.steps(channel("paid", impressions=10, clicks=4, conversions=6), None)
    assert [(a.stage, b.stage) for a, b in funnel.exceeding(found)] == [(Stage.INTEREST, Stage.PURCHASE)]
    step = next(step for step in found if step.stage is Stage.PURCHASE)
    assert step.rate is None  # the stage right before it is not measured


def with_stage(kind: str, stage: Stage, *slugs: object) -> dict:
    content = funnel.as_content(DEFAULT)
    content[kind][stage] = list(slugs)
    return content


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "not a list"),
        ([], "not a list"),
        ({}, "missing"),
        (with_stage("paid", Stage.INTEREST, "ctr"), "CTR is a ratio"),
        (with_stage("paid", Stage.INTEREST, "reach"), "counts people"),
        (with_stage("paid", Stage.INTEREST, "spend"), "amount of money"),
        (with_stage("paid", Stage.INTEREST, "orders"), "no count of a platform"),
        (with_stage("paid", Stage.INTEREST, "fame"), "no known figure"),
        (with_stage("paid", Stage.INTEREST, 7), "not a list of figures"),
        (with_stage("paid", Stage.INTEREST, "impressions"), "stands twice"),
        (with_stage("paid", Stage.INTEREST, "clicks", "clicks"), "stands twice"),
        ({**funnel.as_content(DEFAULT), "fax": {}}, "no kind of channel"),
        ({**funnel.as_content(DEFAULT), "paid": {"fame": ["clicks"]}}, "no stage"),
        ({**funnel.as_content(DEFAULT), "paid": {}}, "needs at least one figure"),
    ],
)
def test_stages_that_cannot_be_are_refused_in_words(content, words):
    assert words in " ".join(funnel.problems(content))


def test_the_default_is_accepted_and_read_back():
    content = funnel.as_content(DEFAULT)
    assert funnel.problems(content) == []
    assert funnel.read(content) == DEFAULT


@pytest.mark.parametrize("content", [None, 7, [], "x", {"paid": 3}, {"paid": {"interest": 4}}])
def test_stored_stages_of_any_shape_are_read(content):
    assert funnel.read(content) == DEFAULT


def test_a_stored_figure_that_is_no_longer_known_is_left_out():
    found = funnel.read(with_stage("paid", Stage.INTEREST, "clicks", "gone", "ctr", 3, "clicks"))
    assert found["paid"][Stage.INTEREST] == ("clicks",)
    assert found["email"] == DEFAULT["email"]


def test_only_counts_that_add_up_are_offered():
    for slug in funnel.COUNTABLE:
        found = metrics.metric(slug)
        assert not found.is_ratio
        assert found.unit in {"count", "number"}
    assert {"impressions", "conversions", "leads"} <= set(funnel.COUNTABLE)
    assert not {"reach", "users", "spend", "ctr", "orders", "position_weighted"} & set(funnel.COUNTABLE)
    assert set(funnel.measures(DEFAULT, funnel.KINDS)) <= set(funnel.COUNTABLE)
    assert all(set(of) == set(MAPPED) for of in DEFAULT.values())


@pytest.mark.parametrize(
    ("text", "code"),
    [("Germany", "DE"), ("de", "DE"), (" United  States ", "US"), ("Türkiye", "TR"), ("(not set)", ""), ("Atlantis", "Atlantis")],
)  # fmt: skip
def test_countries_are_the_same_by_name_and_by_code(text, code):
    assert breakdowns.country(text) == code


@pytest.mark.parametrize(
    ("text", "kind"),
    [("mobile_app", "mobile"), ("WEB_DESKTOP", "desktop"), ("IPAD", "tablet"), ("smart tv", "tv"), ("unknown", ""),
     ("ANDROID_TABLET", "tablet"), ("IPHONE", "mobile"), ("watch", "watch")],
)  # fmt: skip
def test_devices_are_the_same_by_any_name(text, kind):
    assert breakdowns.device(text) == kind


def test_breakdowns_are_said_in_words():
    assert breakdowns.label("country", "DE") == "Germany"
    assert breakdowns.label("device", "tv") == "TV"
    assert breakdowns.label("device", "mobile") == "Mobile"
    assert breakdowns.label("country", "") == "Unknown"
