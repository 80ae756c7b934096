"""Own formulas: what they may say, what they are worth, and that nothing else gets through."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import formulas
from analytics.formulas import FormulaError, parse

VALUES = {"spend": Decimal(10), "orders": Decimal(4), "clicks": Decimal(0), "reach": None}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("spend / orders", "2.5"),
        ("2 + 3 × 4", "14"),
        ("(2 + 3) * 4", "20"),
        ("10 - 3 - 2", "5"),
        ("100 ÷ 10 ÷ 2", "5"),
        ("-spend + 1.5", "-8.5"),
        ("SPEND − orders", "6"),
        ("2 * -3", "-6"),
    ],
)
def test_signs_bind_as_in_school(text, value):
    assert parse(text).value(VALUES) == Decimal(value)


@pytest.mark.parametrize(
    "text", ["spend / clicks", "1 / 0", "spend / (orders - 4)", "reach + 1", "1 / (clicks * 0)"]
)
def test_what_is_divided_by_zero_or_not_measured_has_no_value(text):
    assert parse(text).value(VALUES) is None


@pytest.mark.parametrize(
    "text",
    [
        "", "  ", "spend +", "* spend", "(spend", "spend)", "spend orders", "2 2", "spend ** 2", "nobody / 2",
        "__import__('os')", "spend.real", "lambda: 1", "spend; 1", "1e9", "'a'", "(" * 50 + "1" + ")" * 50, "-" * 99 + "1",
        "1" * 201, "9" * 13, "spend // orders", "=1+1", "\x00",
    ],
)  # fmt: skip
def test_what_is_no_formula_is_refused_with_a_reason(text):
    with pytest.raises(FormulaError) as caught:
        parse(text)
    assert str(caught.value).endswith(".")


@given(st.text(alphabet="spend orders0123456789.+-*/()×÷−_;'\"", max_size=60))
def test_any_text_is_a_formula_or_refused(text):
    try:
        found = parse(text)
    except FormulaError:
        return
    assert found.value(VALUES) is None or isinstance(found.value(VALUES), Decimal)


def test_a_huge_result_has_no_value_rather_than_an_error():
    most = " * ".join(["999999999999"] * 13)
    assert parse(most).value({}) is not None
    big = {"spend": Decimal("1e999990")}
    assert parse("spend * spend").value(big) is None


def test_a_formula_names_its_metrics():
    assert formulas.parse("(revenue_net - spend) / orders - spend").slugs == (
        "revenue_net",
        "spend",
        "orders",
    )
