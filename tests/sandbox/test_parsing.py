"""Whatever is asked, a stand-in refuses in the platform's words and never breaks."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox import maturity
from sandbox.platforms import _gaql
from sandbox.platforms._gaql import Condition, QueryError
from sandbox.platforms._shopify_orders import understand
from sandbox.world import World
from tests.sandbox.conftest import Clock

TODAY = date(2026, 11, 20)
PIECES = ["SELECT", "FROM", "WHERE", "AND", "campaign.id", "segments.date", "campaign", "=", "!=", "IN", "NOT", "LIKE", "BETWEEN",
          "DURING", "YESTERDAY", "'x'", "'2026-11-01'", "7", "(", ")", ",", "ORDER", "BY", "DESC", "LIMIT", "IS", "NULL", "PARAMETERS"]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=14).map(" ".join) | st.text(max_size=40))
def test_any_text_is_a_query_or_refused(text: str):
    try:
        query = _gaql.parse(text, TODAY)
    except QueryError:
        return
    assert query.select
    assert query.resource


@given(st.integers(-5, 5), st.integers(-5, 5), st.sampled_from(["=", "!=", ">", ">=", "<", "<="]))
def test_conditions_compare_numbers(found: int, value: int, operator: str):
    python = {"=": "=="}.get(operator, operator)
    assert Condition("metrics.clicks", operator, value).holds(found) == eval(f"{found} {python} {value}")


@pytest.mark.parametrize("limit", ["'x'", "campaign", "1.5", ")"])
def test_a_limit_is_a_whole_number(limit: str):
    with pytest.raises(QueryError, match="unexpected input"):
        _gaql.parse(f"SELECT campaign.id FROM campaign LIMIT {limit}", TODAY)


def test_during_is_counted_from_today():
    query = _gaql.parse("SELECT campaign.id FROM campaign WHERE segments.date DURING LAST_7_DAYS", TODAY)
    assert query.where == (Condition("segments.date", "BETWEEN", ("2026-11-13", "2026-11-19")),)
    with pytest.raises(QueryError, match="NEXT_WEEK"):
        _gaql.parse("SELECT campaign.id FROM campaign WHERE segments.date DURING NEXT_WEEK", TODAY)


@given(st.text(alphabet="abcd_t:<>='0123456789-TZ ", max_size=30))
def test_any_text_is_a_search_for_orders_or_a_value_error(text: str):
    try:
        search = understand(text, World(now=Clock()))
    except ValueError:
        return
    assert search.first >= World().start


@given(st.sampled_from(sorted(maturity.TAILS)), st.integers(-10, 400), st.integers(0, 48))
def test_more_time_never_shows_less(family: tuple[str, str], hours: int, more: int):
    assert 0 <= maturity.part(*family, hours) <= maturity.part(*family, hours + more) <= 1
    assert maturity.part(*family, maturity.final_after(family[0])) == 1
