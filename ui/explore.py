"""Explore's parts: the question as the link has it, the charts, and the table under its total."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from analytics import channels, metrics
from errors import SoundingsError
from reports import explore_table, exports, links, plots, questions
from reports.coverage import Coverage
from reports.explore import Answer
from reports.explore_table import SLUGS, TOPS, caption, frame, from_link, value_said
from reports.explore_table import is_empty as is_empty
from reports.exports import Sheet
from reports.questions import BY, FORMULA, MOST_METRICS, SPLITS, TIMES, Question
from reports.view import View
from spreadsheets import writing
from store import views as saved
from store.access import Person
from store.projects import Project
from store.views import SavedView
from ui import charts, data, filters, formats, notes, tables, views
from ui.sign_in import literal


def ask(project: Project) -> tuple[Question | None, str]:
    """Show the choices; the question and the kind of chart. None, with the reason shown, where nothing is asked."""
    filters.tell_missing("metrics", "metrics", map(explore_table.label, SLUGS))
    filters.tell_unknown(
        by=BY.values(), split=SPLITS.values(), chart=plots.CHARTS.values(), top=TOPS.values()
    )
    with st.container(horizontal=True, vertical_alignment="bottom", key="question"):
        slugs = st.multiselect(
            "Metrics", SLUGS, default=["spend"], format_func=explore_table.label, key="metrics", bind="query-params",
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
    if formula and (wrong := explore_table.wrong(formula)):
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
        "Sort by", list(slugs), format_func=explore_table.label, key="sort", bind="query-params", width=200,
        placeholder="First column",
    )  # fmt: skip
    smallest = st.toggle("Smallest first", key="smallest", bind="query-params")
    top = st.selectbox(
        "Show", list(TOPS), format_func=TOPS.__getitem__, key="top", bind="query-params", width=110
    )
    return sort or "", bool(smallest), top or 0


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


def table(person: Person, project: Project, found: Answer, view: View) -> None:
    """All lines under their total, with downloads."""
    question = found.question
    names = explore_table.names(found)
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


def _file(project: Project, found: Answer, view: View, kind: str) -> bytes:
    made = frame(found, view)
    if kind == "csv":
        return writing.write_csv(made)
    sheet = Sheet("Explore", {}, [], found.question.slugs, view.currency)
    about = exports.about(sheet, view, project.name, project.time_zone)
    return writing.write_xlsx({"Explore": made, "About": about})


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
    view = links.view(links.read(one.params, project, coverage, compare=False), project, coverage)
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
