"""A free question as its link has it, and its answer as a table: for the page, the overview and mails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import polars as pl

from analytics import metrics
from analytics.formulas import FormulaError, parse
from reports import exports, formats, plots, questions
from reports.explore import Answer, Line
from reports.questions import BY, ENTITIES, FORMULA, MOST_METRICS, SPLITS, TIMES, Question
from reports.view import View
from store.projects import Project

SLUGS = sorted(
    (slug for slug in metrics.REGISTRY if slug != "position_weighted"),
    key=lambda slug: metrics.metric(slug).label.casefold(),
)
TOPS = {0: "All", 5: "Top 5", 10: "Top 10", 20: "Top 20", 50: "Top 50"}


def label(slug: str) -> str:
    """A metric's name."""
    return metrics.metric(slug).label


def slug_of(text: str) -> str | None:
    """The metric of a name."""
    return next((slug for slug in SLUGS if label(slug) == text), None)


def wrong(formula: str) -> str:
    """Why a formula cannot be read; empty where it can."""
    try:
        parse(formula.strip())
    except FormulaError as error:
        return str(error)
    return ""


def from_link(params: Mapping[str, Sequence[str]], project: Project) -> tuple[Question, str]:
    """The question and kind of chart of a saved link. Raises BadInput where it asks nothing that is there."""
    first = {name: values[0] for name, values in params.items() if values}
    slugs = [slug for slug in map(slug_of, params.get("metrics", ["Spend"])) if slug]
    formula = first.get("formula", "").strip()
    question = Question(
        tuple(slugs[:MOST_METRICS]),
        _key(BY, first.get("by"), "day"),
        _key(SPLITS, first.get("split"), ""),
        slug_of(first.get("sort", "")) or "",
        first.get("smallest") == "true",
        int(_key({str(n): label for n, label in TOPS.items()}, first.get("top"), "0")),
        project.week_start,
        "" if wrong(formula or "0") else formula,
    )
    return question, _key(plots.CHARTS, first.get("chart"), "line")


def _key(options: Mapping[str, str], label: str | None, otherwise: str) -> str:
    return next((key for key, text in options.items() if text == label), otherwise)


def caption(found: Answer) -> str:
    """How to read the total."""
    parts = ["Total: sums, and ratios of the sums."]
    if found.question.by in (*ENTITIES, "country", "device"):
        parts = ["Total: of what is listed here. Some delivery is reported for whole accounts only."]
    if found.apart:
        names = ", ".join(label(slug) for slug in found.apart)
        parts.append(
            f"{names}: the total is that of the overview (advertising, or the tool that counts it); lines of other kinds "
            "of channel stand beside it. Filter channels to add up others."
        )
    if found.whole_shop:
        parts.append(
            "Sales are those of the whole shop: filters for channels and campaigns do not narrow them."
        )
    if not found.lines:
        return ""
    return " ".join(parts)


def names(found: Answer) -> dict[str, list[str]]:
    """The text columns; the first line is the total."""
    question = found.question
    columns = {BY[question.by]: ["Total", *(plots.said(question, line) for line in found.lines)]}
    if question.splits:
        parts = [questions.split_label(question, line.split) for line in found.lines]
        columns[SPLITS[question.splits]] = ["", *parts]
    if question.by in ENTITIES:
        columns["Account"] = ["", *(line.account for line in found.lines)]
    return columns


def frame(found: Answer, view: View) -> pl.DataFrame:
    """The table as it is downloaded: days as days, numbers unrounded but for the sixth decimal."""
    question = found.question
    columns: dict[str, Any] = dict(names(found))
    if question.by in TIMES:
        columns = {
            "From": [view.start, *(line.first for line in found.lines)],
            "To": [view.end, *(line.last for line in found.lines)],
            **columns,
        }
    for slug in question.columns:
        unit = questions.unit(question, slug, view.currency)
        name = questions.label(question, slug) + (f" ({unit})" if len(unit) == 3 else "")
        columns[name] = exports.numbers([found.total[slug], *(line.values[slug] for line in found.lines)])
    return pl.DataFrame(columns)


def value_said(slug: str, value: Decimal | None, view: View) -> str:
    """A value in its unit."""
    if slug == FORMULA:
        return formats.number(value, 2)
    return formats.metric(metrics.metric(slug), value, view.currency)


def is_empty(found: Answer) -> bool:
    """Whether nothing has a value."""
    return all(value is None for line in (*found.lines, _total(found)) for value in line.values.values())


def _total(found: Answer) -> Line:
    return Line("", "Total", found.total)
