"""Tables of metrics: one column a metric, numbers right-aligned in their unit, with downloads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import pandas as pd
import streamlit as st

from analytics import channels, metrics
from reports import exports
from reports.overview import Points, Totals
from reports.view import View
from store import audit
from store.access import Action, Person, enter
from store.projects import Project
from ui import formats, sparklines

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def column(slug: str, currency: str) -> Any:
    """How a metric's column looks: its label with the unit, its formula and caveat as help."""
    found = metrics.metric(slug)
    label, help = column_title(slug, currency), explain(slug)
    if found.unit == "percent":
        return percent_column(label, help)
    text = {"money": "accounting", "multiple": "%.2f×", "position": "%.1f"}.get(found.unit, "localized")
    step = 0.01 if found.unit == "seconds" else None
    return st.column_config.NumberColumn(label, help=help, format=text, step=step)


def percent_column(label: str, help: str | None = None) -> Any:
    """A column of parts (0.125) as percent with two decimals in every line; what is finer than that is cut off."""
    return st.column_config.NumberColumn(label, help=help, format="percent", step=0.0001)


def column_title(slug: str, currency: str) -> str:
    """A metric's label with the unit of money."""
    found = metrics.metric(slug)
    return f"{found.label} ({currency})" if found.unit == "money" else found.label


def said(totals: Totals, slugs: Sequence[str], currency: str) -> str:
    """'Spend €1,234 · Clicks 56' for a line of totals."""
    parts = [
        f"{metrics.metric(slug).label} {formats.metric(metrics.metric(slug), metrics.evaluate(slug, totals), currency)}"
        for slug in slugs
        if metrics.evaluate(slug, totals) is not None
    ]
    return " · ".join(parts)


def explain(slug: str) -> str:
    """Formula, kind and caveat of a metric, from the registry."""
    found = metrics.metric(slug)
    lines = [f"**{found.label}** = {found.formula}", f"Kind: {found.kind}"]
    if found.caveat:
        lines.append(found.caveat)
    return "\n\n".join(lines)


def value(slug: str, totals: Totals) -> float | None:
    """A metric's value for showing: rounded to the unit's precision."""
    worth = metrics.evaluate(slug, totals)
    if worth is None:
        return None
    unit = metrics.metric(slug).unit
    digits = {"count": 0, "percent": 4, "multiple": 2, "position": 1}.get(unit, 2)
    return float(round(worth, digits))


def frame(names: dict[str, list[str]], totals: Sequence[Totals], slugs: Sequence[str]) -> pd.DataFrame:
    """Leading text columns, then one column a metric. Metrics that no row measures are left out."""
    columns: dict[str, list[Any]] = dict(names)
    for slug in slugs:
        values = [value(slug, row) for row in totals]
        if any(v is not None for v in values):
            columns[slug] = values
    return pd.DataFrame(columns)


def shares(amounts: Sequence[Decimal | None], whole: Decimal | None) -> list[float | None]:
    """Each one's share of a whole for a column of percent, as fine as that shows it."""
    return [None if one is None else round(one, 4) for one in (part(amount, whole) for amount in amounts)]


def part(amount: Decimal | None, whole: Decimal | None) -> float | None:
    """Share of a whole, 0 to 1."""
    return float(amount / whole) if amount is not None and whole else None


def downloads(
    person: Person, project: Project, view: View, name: str, sheet: Callable[[], exports.Sheet], key: str
) -> None:
    """Two buttons: CSV, and XLSX with definitions, filters, currency and as-of stamp on a second sheet."""

    def make(kind: str) -> bytes:
        if kind == "csv":
            return exports.as_csv(sheet())
        return exports.as_xlsx(sheet(), view, project.name, project.time_zone)

    offer(person, project, view, name, make, key)


def offer(
    person: Person, project: Project, view: View, name: str, make: Callable[[str], bytes], key: str
) -> None:
    """The two buttons for a table of a view that `make` writes as "csv" or "xlsx"."""

    def content(kind: str) -> bytes:
        with enter(person, project.id, Action.EXPORT) as connection:
            found = make(kind)
            details = {"from": str(view.start), "to": str(view.end), "currency": view.currency}
            audit.record(
                connection, who=person, action="export", subject=f"{name}.{kind}", project_id=project.id,
                details=details,
            )  # fmt: skip
        return found

    stem = f"{name} {view.start} {view.end} {view.currency}".replace(" ", "-").lower()
    with st.container(horizontal=True):
        for kind, mime in (("csv", "text/csv"), ("xlsx", XLSX)):
            st.download_button(
                kind.upper(), lambda kind=kind: content(kind), f"{stem}.{kind}", mime,  # type: ignore[misc]
                key=f"{key}-{kind}", icon=":material/download:", on_click="ignore",
            )  # fmt: skip


def delta(change: Decimal | None, direction: str, versus: str) -> dict[str, Any]:
    """How a tile shows a change: green for the better, red for the worse, neither for one that rounds to nothing."""
    said = formats.change(change)
    still = said == formats.change(Decimal(0))
    color = {"up": "normal", "down": "inverse"}.get(direction, "off")
    return {
        "delta": said,
        "delta_color": "off" if still else color,
        "delta_arrow": "off" if still else "auto",
        "delta_description": versus if said else None,
    }


def tile(
    slug: str,
    worth: Decimal | None,
    change: Decimal | None,
    course: Points,
    currency: str,
    versus: str,
    *,
    only: str = "",
) -> None:
    """One figure (of one channel `only`) with its change and its course over the days that have a figure."""
    found = metrics.metric(slug)
    with st.container(border=True, gap="xxsmall", height="stretch"):
        st.metric(
            found.label,
            formats.metric(found, worth, currency),
            **delta(change, found.direction, versus),
            help=explain(slug),
        )
        if line := sparklines.svg(course):
            st.image(line, width="stretch", alt=_course_in_words(slug, course, currency))
        if worth is not None:
            explain_link(slug, only=only)


def _course_in_words(slug: str, course: Points, currency: str) -> str:
    """'Spend by day, from €12 on 1 May to €15 on 30 May' for people who do not see the line."""
    found = metrics.metric(slug)
    known = [(day, value) for day, value in course if value is not None]
    ends = [
        f"{formats.metric(found, value, currency)} on {formats.day(day)}"
        for day, value in (known[0], known[-1])
    ]
    return f"{found.label} by day, from {ends[0]} to {ends[1]}"


def explain_link(slug: str, text: str = "Explain", *, only: str = "") -> None:
    """A link to what stands behind the figure of a metric (in one channel `only`), with the filters that are set."""
    kept = {
        name: st.query_params.get_all(name) for name in st.query_params if name not in {"channel", "metric"}
    }
    if only:
        kept["channels"] = [channels.label(only)]
    label = metrics.metric(slug).label
    st.page_link(
        "../pages/explain.py", label=text, icon=":material/troubleshoot:",
        help=f"How {label} is computed, what moved it, and the rows behind it",
        query_params={**kept, "metric": label},
    )  # fmt: skip


def compared_tile(
    slug: str, now: Totals, before: Totals, course: Points, currency: str, versus: str, *, only: str = ""
) -> None:
    """A tile of totals (of one channel `only`); nothing where they do not measure it."""
    worth = metrics.evaluate(slug, now)
    if worth is not None:
        moved = metrics.change(worth, metrics.evaluate(slug, before))
        tile(slug, worth, moved, course, currency, versus, only=only)
