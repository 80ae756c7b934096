"""Explore's parts: the question as the link has it, the charts, and the table under its total."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

import pandas as pd
import polars as pl
import streamlit as st

from analytics import channels, metrics
from analytics.formulas import FormulaError, parse
from errors import SoundingsError
from reports import exports, plots, questions
from reports.coverage import Coverage
from reports.explore import Answer, Line
from reports.exports import Sheet
from reports.questions import BY, ENTITIES, FORMULA, MOST_METRICS, SPLITS, TIMES, Question
from reports.view import View
from spreadsheets import writing
from store import views as saved
from store.access import Person
from store.projects import Project
from store.views import SavedView
from ui import charts, data, downloads, filters, formats, notes, tables, views
from ui.sign_in import literal

SLUGS = sorted(
    (slug for slug in metrics.REGISTRY if slug != "position_weighted"),
    key=lambda slug: metrics.metric(slug).label.casefold(),
)
TOPS = {0: "All", 5: "Top 5", 10: "Top 10", 20: "Top 20", 50: "Top 50"}


def _label(slug: str) -> str:
    return metrics.metric(slug).label


def _slug(label: str) -> str | None:
    return next((slug for slug in SLUGS if _label(slug) == label), None)


def ask(project: Project) -> tuple[Question | None, str]:
    """Show the choices; the question and the kind of chart. None, with the reason shown, where nothing is asked."""
    filters.tell_missing("metrics", "metrics", map(_label, SLUGS))
    with st.container(horizontal=True, vertical_alignment="bottom", key="question"):
        slugs = st.multiselect(
            "Metrics", SLUGS, default=["spend"], format_func=_label, key="metrics", bind="query-params",
            max_selections=MOST_METRICS, width=380,
        )  # fmt: skip
        by = st.selectbox(
            "By", list(BY), format_func=BY.__getitem__, key="by", bind="query-params", width=170
        )
        split = st.selectbox(
            "Split by",
            list(SPLITS),
            format_func=SPLITS.__getitem__,
            key="split",
            bind="query-params",
            width=170,
        )
        chart = st.selectbox(
            "Chart", list(plots.CHARTS), format_func=plots.CHARTS.__getitem__, key="chart", bind="query-params",
            width=170,
        )  # fmt: skip
        formula = st.text_input(
            "Own formula", key="formula", bind="query-params", max_chars=200, width=240,
            placeholder="(revenue_net - spend) / orders",
            help="A metric of your own from numbers, + − × ÷, brackets and metrics by the names on the page Metrics of the "
            "documentation (spend, clicks, orders, revenue_net …). It is worked out after everything is added up.",
        )  # fmt: skip
        sort, smallest, top = _order(by, slugs) if by not in (*TIMES, "weekday") else ("", False, 0)
    if formula and (wrong := _wrong(formula)):
        st.warning(
            f"The formula cannot be read. {literal(wrong)} It is left out.", icon=":material/function:"
        )
        formula = ""
    if not slugs and not formula:
        st.info("Choose at least one metric.")
        return None, chart
    if len(slugs) + bool(formula) > MOST_METRICS:
        st.info(f"At most {MOST_METRICS} columns: the formula is left out.")
        formula = ""
    question = Question(tuple(slugs), by, split, sort, smallest, top, project.week_start, formula.strip())
    if split and not question.splits:
        st.caption(f"{BY[by]}: each belongs to one channel already, so it is not split.")
    return question, chart


def _order(by: str, slugs: Sequence[str]) -> tuple[str, bool, int]:
    sort = st.selectbox(
        "Sort by", list(slugs), format_func=_label, key="sort", bind="query-params", width=200,
        placeholder="First column",
    )  # fmt: skip
    smallest = st.toggle("Smallest first", key="smallest", bind="query-params")
    top = st.selectbox(
        "Show", list(TOPS), format_func=TOPS.__getitem__, key="top", bind="query-params", width=110
    )
    return sort or "", bool(smallest), top or 0


def _wrong(formula: str) -> str:
    try:
        parse(formula.strip())
    except FormulaError as error:
        return str(error)
    return ""


def draw(
    person: Person, project: Project, found: Answer, chart: str, view: View, coverage: list[Coverage]
) -> None:
    """The charts, and the reason where they are others than was asked for."""
    marks = notes.bar(person, project, view) if found.question.by in TIMES else ()
    settled = partial(_settled, project, coverage, view)
    drawn = plots.draw(found, chart, view.currency, settled, marks)
    if drawn.why:
        st.caption(f":material/info: {drawn.why}")
    for n, picture in enumerate(drawn.pictures):
        st.subheader(literal(picture.title), anchor=False)
        charts.show(person, project, picture, f"explored-{n}")


def _settled(project: Project, coverage: list[Coverage], view: View, slug: str) -> Any:
    return filters.settling(project, coverage, view, [slug])


def caption(found: Answer) -> str:
    """How to read the total."""
    parts = ["Total: sums, and ratios of the sums."]
    if found.question.by in (*ENTITIES, "country", "device"):
        parts = ["Total: of what is listed here. Some delivery is reported for whole accounts only."]
    if found.apart:
        names = ", ".join(_label(slug) for slug in found.apart)
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


def table(person: Person, project: Project, found: Answer, view: View) -> None:
    """All lines under their total, with downloads."""
    question = found.question
    names = _names(found)
    columns: dict[str, list[Any]] = dict(names)
    config: dict[str, Any] = {}
    for slug in question.columns:
        values = [line.values[slug] for line in found.lines]
        columns[slug] = [_rounded(slug, value) for value in (found.total[slug], *values)]
        config[slug] = _column(question, slug, view.currency)
    first = next(iter(names))
    config[first] = st.column_config.TextColumn(
        first, pinned=True, width=150 if question.by in TIMES else None
    )
    st.dataframe(
        pd.DataFrame(columns), hide_index=True, column_config=config, placeholder=formats.NONE, key="explored-table",
        alt=f"{plots.title(question, question.columns)}, with the total in the first line",
    )  # fmt: skip
    st.caption(caption(found))
    tables.offer(person, project, view, "explore", partial(_file, project, found, view), "explored-table")


def _column(question: Question, slug: str, currency: str) -> Any:
    if slug != FORMULA:
        return tables.column(slug, currency)
    return st.column_config.NumberColumn(
        question.formula,
        help="Your own formula, worked out after everything is added up.",
        format="localized",
    )


def _rounded(slug: str, value: Decimal | None) -> float | None:
    if value is None:
        return None
    unit = "number" if slug == FORMULA else metrics.metric(slug).unit
    digits = {"count": 0, "percent": 4, "multiple": 2, "position": 1}.get(unit, 2)
    return float(round(value, digits))


def _names(found: Answer) -> dict[str, list[str]]:
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
    columns: dict[str, Any] = dict(_names(found))
    if question.by in TIMES:
        columns = {
            "From": [view.start, *(line.first for line in found.lines)],
            "To": [view.end, *(line.last for line in found.lines)],
            **columns,
        }
    for slug in question.columns:
        unit = questions.unit(question, slug, view.currency)
        name = questions.label(question, slug) + (f" ({unit})" if len(unit) == 3 else "")
        columns[name] = downloads.numbers([found.total[slug], *(line.values[slug] for line in found.lines)])
    return pl.DataFrame(columns)


def _file(project: Project, found: Answer, view: View, kind: str) -> bytes:
    made = frame(found, view)
    if kind == "csv":
        return writing.write_csv(made)
    sheet = Sheet("Explore", {}, [], found.question.slugs, view.currency)
    about = exports.about(sheet, view, project.name, project.time_zone)
    return writing.write_xlsx({"Explore": made, "About": about})


def from_link(params: Mapping[str, Sequence[str]], project: Project) -> tuple[Question, str]:
    """The question and kind of chart of a saved link. Raises BadInput where it asks nothing that is there."""
    first = {name: values[0] for name, values in params.items() if values}
    slugs = [slug for slug in map(_slug, params.get("metrics", ["Spend"])) if slug]
    formula = first.get("formula", "").strip()
    question = Question(
        tuple(slugs[:MOST_METRICS]),
        _key(BY, first.get("by"), "day"),
        _key(SPLITS, first.get("split"), ""),
        _slug(first.get("sort", "")) or "",
        first.get("smallest") == "true",
        int(_key({str(n): label for n, label in TOPS.items()}, first.get("top"), "0")),
        project.week_start,
        "" if _wrong(formula or "0") else formula,
    )
    return question, _key(plots.CHARTS, first.get("chart"), "line")


def _key(options: Mapping[str, str], label: str | None, otherwise: str) -> str:
    return next((key for key, text in options.items() if text == label), otherwise)


def pinned(person: Person, project: Project, coverage: list[Coverage]) -> None:
    """The views that are pinned to the overview, each as its charts with a link; one that cannot be drawn says why."""
    found = saved.pinned(person, project.id)
    if not found:
        return
    st.subheader("Pinned", anchor=False)
    for one in found:
        with st.container(border=True, key=f"pinned-{one.id}"):
            views.link(project, one)
            try:
                _drawn(person, project, one, coverage)
            except SoundingsError as error:
                st.info(f"This view cannot be drawn. {error}", icon=":material/search_off:")


def _drawn(person: Person, project: Project, one: SavedView, coverage: list[Coverage]) -> None:
    question, chart = from_link(one.params, project)
    view = filters.from_link(one.params, project, coverage)
    asked = set(one.params.get("channels", []))
    gone = asked - {channels.label(c.channel) for c in coverage}
    if gone:
        st.caption(
            f":material/search_off: {literal(', '.join(sorted(gone)))}: no figures in this project (any more). Shown without."
        )
    answer = data.explore(person, project, view, question)
    marks = notes.marks(person, project, view) if question.by in TIMES else ()
    drawn = plots.draw(answer, chart, view.currency, partial(_settled, project, coverage, view), marks)
    st.caption(filters.said(view))
    for n, picture in enumerate(drawn.pictures[:2]):
        st.markdown(f"**{literal(picture.title)}**")
        charts.show(person, project, picture, f"pinned-{one.id}-{n}")
    if not drawn.pictures:
        st.markdown(total_said(answer, view))


def total_said(found: Answer, view: View) -> str:
    """The totals in words, where there is no chart."""
    told = [
        f"{questions.label(found.question, slug)} **{value_said(slug, found.total[slug], view)}**"
        for slug in found.question.columns
    ]
    return " · ".join(told).replace("$", "\\$")


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
