"""The registry: every metric once, ratios as ratios of sums, and documentation that follows it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import metrics
from analytics.metrics import REGISTRY, Kind

amounts = st.decimals(0, 10**9, places=2)


@pytest.mark.parametrize("slug", REGISTRY)
def test_every_metric_says_what_it_is(slug: str):
    found = REGISTRY[slug]
    assert found.label
    assert found.formula
    assert found.is_ratio == bool(found.numerator and found.denominator)
    for part in metrics.parts(slug):
        assert part in REGISTRY
        assert not REGISTRY[part].is_ratio


@pytest.mark.parametrize("slug", [s for s, m in REGISTRY.items() if m.is_ratio])
def test_a_ratio_over_nothing_is_unknown_not_zero(slug: str):
    found = REGISTRY[slug]
    assert metrics.evaluate(slug, {found.numerator: Decimal(5), found.denominator: Decimal(0)}) is None
    assert metrics.evaluate(slug, {found.numerator: Decimal(5)}) is None
    assert metrics.evaluate(slug, {found.denominator: Decimal(5)}) is None


@given(st.lists(st.tuples(amounts, amounts), min_size=1, max_size=20))
def test_the_ratio_of_a_total_is_the_ratio_of_the_sums(rows: list[tuple[Decimal, Decimal]]):
    spend, impressions = (sum(column, Decimal(0)) for column in zip(*rows, strict=True))
    cpm = metrics.evaluate("cpm", {"spend": spend, "impressions": impressions})
    assert cpm == (None if impressions == 0 else spend * 1000 / impressions)


def test_frequency_divides_impressions_by_reach():
    assert metrics.evaluate("frequency", {"impressions": 300, "reach": 100}) == 3


def test_people_are_declared_distinct():
    assert REGISTRY["reach"].kind is Kind.DISTINCT
    assert REGISTRY["users"].kind is Kind.DISTINCT


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        (110, 100, "0.1"),
        (50, 100, "-0.5"),
        (5, 0, None),
        (None, 3, None),
        (3, None, None),
        (-50, -100, "0.5"),
    ],
)
def test_change_is_relative_to_the_size_of_before(now, before, expected):
    values = [None if v is None else Decimal(v) for v in (now, before)]
    assert metrics.change(*values) == (None if expected is None else Decimal(expected))


def test_the_overview_has_sixteen_figures_in_four_groups():
    assert [len(slugs) for slugs in metrics.OVERVIEW.values()] == [4, 4, 4, 4]
    assert all(slug in REGISTRY for group in metrics.OVERVIEW.values() for slugs in group for slug in slugs)


def test_the_documentation_is_written_from_the_registry():
    assert Path("docs/metrics.md").read_text() == metrics.as_markdown()
