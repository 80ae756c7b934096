"""Which campaigns, ad groups and ads a free question shows, chosen by the database: an account may have thousands.

Only where a line's rank is a sum or a ratio of sums. The lines shown keep their keys; the others are added up by the
signs of their measures, so that "all others" and the metrics that stand apart come out as from the lines themselves:
among sums of one sign nothing cancels out, and what is not measured stays apart from what is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from analytics import metrics
from analytics.metrics import Kind
from reports.questions import ENTITIES, FORMULA, MOST_LINES, Question

LINES = "lines"
"""The column that counts lines."""
_BEYOND, _EMPTY = "beyond:", "empty:"
_DIGITS: sa.ColumnElement[Any] = sa.literal_column("1." + "0" * 40)
"""Makes a quotient exact to forty digits, more than decides between two lines."""


def ranks(question: Question) -> bool:
    """Whether the database can choose the lines: counts of people and formulas need each line by itself."""
    parts = (part for slug in question.slugs for part in metrics.parts(slug))
    people = any(metrics.metric(part).kind is Kind.DISTINCT for part in parts)
    return question.by in ENTITIES and not question.formula and not people


def most(question: Question) -> int:
    """How many lines are shown beside "all others"."""
    return min(question.top or MOST_LINES, MOST_LINES)


def sorted_by(question: Question) -> str:
    """The column that lines are sorted by."""
    return question.sort if question.sort in question.columns else question.columns[0]


def is_line(key: str) -> bool:
    """Whether a key is that of a line, not of what is added up."""
    return not key.startswith((_BEYOND, _EMPTY))


def is_beyond(key: str) -> bool:
    """Whether a key is that of lines beyond those shown."""
    return key.startswith(_BEYOND)


def chosen(rows: sa.CTE, question: Question, measures: Sequence[str]) -> sa.CTE:
    """Rows by key with the key only of lines that are shown, and a count of lines; lines without any value are none."""
    top = _ranked(rows, question, measures)
    beyond = sa.literal(_BEYOND) + top.c.signs
    key = sa.case(
        (top.c.place <= most(question), rows.c.phase), (top.c.place.is_not(None), beyond), else_=_EMPTY
    )
    once = sa.cast(sa.case((rows.c.currency == top.c.currency, 1), else_=0), sa.Numeric)
    kept = [column for column in rows.c if column.name != "phase"]
    query = sa.select(key.label("phase"), once.label(LINES), *kept)
    return query.select_from(rows.outerjoin(top, top.c.phase == rows.c.phase)).cte("chosen_lines")


def _ranked(rows: sa.CTE, question: Question, measures: Sequence[str]) -> sa.Subquery:
    """phase, one of its currencies, its place among the lines that have a value, and the signs of its measures."""
    totals = [sa.func.sum(rows.c[name]).label(name) for name in measures]
    sums = (
        sa.select(rows.c.phase, sa.func.min(rows.c.currency).label("currency"), *totals)
        .group_by(rows.c.phase)
        .subquery("sums_of_lines")
    )
    value = _value(sums, sorted_by(question), measures)
    order = (value if question.smallest else value.desc()).nulls_last()
    place = sa.func.row_number().over(order_by=(order, sa.collate(sums.c.phase, "C")))
    signs = sa.func.concat_ws(
        ",", *(sa.func.coalesce(sa.cast(sa.func.sign(sums.c[name]), sa.Text), "") for name in measures)
    )
    there = [_value(sums, slug, measures).is_not(None) for slug in question.columns if slug != FORMULA]
    query = sa.select(sums.c.phase, sums.c.currency, place.label("place"), signs.label("signs"))
    return query.where(sa.or_(*there)).subquery("places")


def _value(sums: sa.Subquery, slug: str, measures: Sequence[str]) -> sa.ColumnElement[Any]:
    """`metrics.evaluate` over a line's sums, in SQL."""
    parts = [
        sa.cast(sums.c[part] if part in measures else sa.null(), sa.Numeric) for part in metrics.parts(slug)
    ]
    if len(parts) == 1:
        return parts[0]
    return parts[0] * metrics.metric(slug).scale * _DIGITS / sa.func.nullif(parts[1], 0)
