"""Contributions add up to the change, for sums and ratios, and blame nobody who did nothing."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import metrics
from analytics.contributions import contributions, top

amount = st.none() | st.integers(0, 10**9).map(lambda n: Decimal(n) / 100)
totals = st.dictionaries(
    st.sampled_from("abcdef"),
    st.fixed_dictionaries({"spend": amount, "clicks": amount, "impressions": amount}),
)
RATIOS = ["cpc", "ctr", "cpm"]


def whole(slug: str, by_key: dict) -> Decimal | None:
    sums = {
        name: sum((t[name] or Decimal(0) for t in by_key.values()), Decimal(0))
        for name in ("spend", "clicks", "impressions")
    }
    return metrics.evaluate(slug, sums)


@given(st.sampled_from([*RATIOS, "spend", "clicks"]), totals, totals)
def test_the_parts_add_up_to_the_change(slug, now, before):
    found = contributions(metrics.metric(slug), now, before)
    values = whole(slug, now), whole(slug, before)
    if None in values:
        assert found is None
        return
    change = values[0] - values[1]
    assert abs(sum((one.amount for one in found), Decimal(0)) - change) <= abs(change) * Decimal(
        "1e-20"
    ) + Decimal("1e-18")
    assert sum((one.amount for one in top(found, change)), Decimal(0)) == pytest.approx(change)
    if len(found) > 3:
        assert sum((one.amount for one in top(found, change)), Decimal(0)) == change


@given(st.sampled_from([*RATIOS, "spend"]), totals)
def test_where_nothing_changed_nobody_contributed(slug, same):
    assert not contributions(metrics.metric(slug), same, same)


def test_a_ratio_moves_by_its_mix_too():
    cheap, dear = {"spend": Decimal(10), "clicks": 100}, {"spend": Decimal(10), "clicks": 10}
    found = contributions(
        metrics.metric("cpc"),
        {"cheap": cheap, "dear": {"spend": Decimal(30), "clicks": 30}},
        {"cheap": cheap, "dear": dear},
    )
    assert [one.key for one in found] == ["dear", "cheap"]
    assert found[0].amount > found[1].amount > 0  # fewer of the cheap clicks pull the mean down less


def test_the_largest_come_first_and_the_others_as_one():
    now = {key: {"spend": Decimal(n)} for n, key in enumerate("abcdef")}
    found = contributions(metrics.metric("spend"), now, {})
    assert [(one.key, one.amount) for one in top(found, Decimal(15))] == [
        ("f", 5),
        ("e", 4),
        ("d", 3),
        ("", 3),
    ]


def test_people_are_not_taken_apart():
    assert contributions(metrics.metric("reach"), {"a": {"reach": 5}}, {"a": {"reach": 3}}) is None


def test_a_ratio_without_a_denominator_has_no_change():
    assert contributions(metrics.metric("cpc"), {"a": {"spend": Decimal(5)}}, {}) is None
