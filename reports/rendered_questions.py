"""Compare, Funnel, ROI and Explore as the parts of a rendered view."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import partial

from analytics import channels, metrics
from errors import BadInput
from reports import (
    comparing,
    comparison,
    courses,
    detail,
    explore_table,
    formats,
    funnel_table,
    links,
    palette,
    plots,
    rendered,
)
from reports import explore as explorations
from reports import funnel as funnels
from reports import roi as returns
from reports.desk import MOST_ROWS, Desk, Parts, kept, said_gone
from reports.exports import Sheet
from reports.pictures import Picture, Series
from reports.questions import FORMULA, TIMES
from reports.rendered import Figure, Table
from reports.view import View

_CHARTS = 4


def compare(desk: Desk) -> Parts:
    """Both sides metric by metric, and the first of them by day."""
    named = detail.campaigns_of(desk.connection, desk.project.id, ())
    asking, gone = comparing.from_link(desk.params, desk.project, desk.coverage, named)
    if asking.a == asking.b:
        raise BadInput(
            "Both sides of this comparison are the same. Pick another for one of them, and save the view."
        )
    found = comparison.comparison(
        desk.connection, desk.project.id, asking.a, asking.b, desk.project.refund_policy
    )
    view = asking.a[1]
    figures = [
        rendered.figure(line.slug, line.a, line.b, view.currency)
        for line in found.lines
        if line.a is not None
    ]
    there = [
        one.slug
        for one in found.lines
        if comparing.has_course(found.a, one) or comparing.has_course(found.b, one)
    ]
    wanted = [slug for slug in there if metrics.metric(slug).label in desk.params.get("metrics", ())] or there
    charts = [
        comparing.overlaid(slug, found, asking, desk.project, desk.coverage) for slug in wanted[:_CHARTS]
    ]
    sides = [[("all days", found.a.totals)], [("all days", found.b.totals)]]
    sheet = comparing.sheet("Comparison", found, asking, sides)
    table = Table(
        "Comparison", ("Metric", *asking.names, "Difference", "Change"), _compared(found, view),
        rendered.of_sheet(sheet).frame,
    )  # fmt: skip
    return Parts(
        f"{asking.names[0]} against {asking.names[1]}", comparing.words(asking), view, figures, charts,
        [table] if found.lines else [], desk.coverage, said_gone(gone), found, not found.lines,
    )  # fmt: skip


def _compared(found: comparison.Comparison, view: View) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (
            metrics.metric(line.slug).label,
            formats.metric(metrics.metric(line.slug), line.a, view.currency),
            formats.metric(metrics.metric(line.slug), line.b, view.currency),
            comparing.difference(line, view.currency),
            formats.change(line.change) or formats.NONE,
        )
        for line in found.lines
    )


def funnel(desk: Desk) -> Parts:
    """The stages, or groups side by side."""
    view, notes = desk.choice(desk.coverage)
    asked = funnel_table.from_link(desk.params, view, desk.coverage)
    found = funnels.funnel_of(desk.connection, desk.project.id, asked, desk.project.refund_policy)
    whole, figures = found.whole, []
    for step in whole.steps:
        if step.count is not None:
            old = whole.step_before(step.stage)
            moved = metrics.change(step.count, old.count if old else None)
            text = formats.number(step.count)
            figures.append(
                Figure(f"stage.{step.stage}", funnel_table.LABELS[step.stage], text, step.count, moved)
            )
    groups = [one for one in found.groups if not one.is_empty] if asked.by else [whole]
    charts = [_funnel(asked, group) for group in groups[:_CHARTS] if not group.is_empty]
    title = "Funnel" + (f" by {funnel_table.NAMES[asked.by].lower()}" if asked.by else "")
    table = rendered.of_frame(title, funnel_table.sheet(groups[:MOST_ROWS], asked))
    return Parts(
        title, links.said(view), view, figures, charts, [table] if groups else [], desk.coverage, notes, found,
        whole.is_empty and all(group.is_empty for group in found.groups),
    )  # fmt: skip


def _funnel(asked: funnels.Asked, group: funnels.Group) -> Picture:
    steps = funnel_table.told(group.steps)
    counts = Series("", funnel_table.color(asked, group), tuple(step.count for step in steps))
    title = funnel_table.name(asked, group) if asked.by else "From first contact to the order"
    return Picture(
        "horizontal", title, "", tuple(funnel_table.LABELS[step.stage] for step in steps), (counts,)
    )


def roi(desk: Desk) -> Parts:
    """What advertising brings, and what is left."""
    view, notes = desk.choice(desk.coverage)
    project = desk.project
    found = returns.roi(
        desk.connection, project.id, view, project.refund_policy, project.currency, project.week_start
    )
    before = found.before if view.compared else {}
    values = [(slug, returns.value(slug, found.now)) for slug in (*returns.TILES, *returns.PROFIT)]
    figures = [
        rendered.figure(slug, value, returns.value(slug, before), view.currency)
        for slug, value in values if value is not None
    ]  # fmt: skip
    names = {"Channel": [*(channels.label(row.channel) for row in found.channels), "Total"]}
    totals = [*(row.now for row in found.channels), returns.total(found.channels)]
    tables = (
        [Sheet("ROI by channel", names, totals, returns.CHANNEL, view.currency)] if found.channels else []
    )
    if found.waterfall:
        tables.append(
            Sheet(
                "Contribution margin", {"Period": ["This period"]}, [found.now], returns.STEPS, view.currency
            )
        )
    return Parts(
        "ROI", links.said(view), view, figures, _roi_charts(desk, found, view),
        [rendered.of_sheet(sheet) for sheet in tables], desk.coverage, notes, found, found.is_empty,
    )  # fmt: skip


def _roi_charts(desk: Desk, found: returns.Roi, view: View) -> list[Picture]:
    charts = []
    if found.waterfall:
        steps = returns.signed(found)
        places_ = tuple(metrics.metric(slug).label for slug, _ in steps)
        values: tuple[Decimal | None, ...] = tuple(amount for _, amount in steps)
        charts.append(
            Picture(
                "horizontal",
                "Contribution margin",
                view.currency,
                places_,
                (Series("", palette.SPEND, values),),
            )
        )
    slugs = {"MER": "mer", "ROAS (platform)": "roas_reported"}
    series = kept(
        {name: [(day, metrics.evaluate(slug, t)) for day, t in found.course] for name, slug in slugs.items()}
    )
    if series:
        colors = {"MER": palette.SALES, "ROAS (platform)": palette.SPEND}
        final = desk.settled(view, "conversion_value")
        title = f"MER and ROAS by {'week' if found.weekly else 'day'}"
        charts.append(courses.course(title, series, colors, "×", final, desk.marks(view), sums=False))
    return charts


def explore(desk: Desk) -> Parts:
    """The answer to a free question."""
    question, chart = explore_table.from_link(desk.params, desk.project)
    view, notes = desk.choice(desk.coverage, compare=False)
    found = explorations.explore(desk.connection, desk.project.id, view, question, desk.project.refund_policy)
    marks = desk.marks(view) if question.by in TIMES else ()
    drawn = plots.draw(found, chart, view.currency, partial(desk.settled, view), marks)
    figures = [
        Figure(
            slug, question.formula if slug == FORMULA else metrics.metric(slug).label,
            explore_table.value_said(slug, value, view), value,
        )
        for slug in question.columns if (value := found.total[slug]) is not None
    ]  # fmt: skip
    table = rendered.of_frame("Explore", explore_table.frame(found, view))
    return Parts(
        plots.title(question, question.columns), links.said(view), view, figures, drawn.pictures,
        [_read(table, found, view)], desk.coverage, [*notes, *([drawn.why] if drawn.why else [])], found,
        explore_table.is_empty(found),
    )  # fmt: skip


def _read(table: Table, found: explorations.Answer, view: View) -> Table:
    """With the values in their units; dates of weeks and months stay in the workbook."""
    names = explore_table.names(found)
    lines = [found.total, *(line.values for line in found.lines)]
    columns = found.question.columns
    rows = [
        (*text, *(explore_table.value_said(slug, values[slug], view) for slug in columns))
        for text, values in zip(zip(*names.values(), strict=True), lines, strict=True)
    ]
    header = (*names, *table.header[-len(columns) :])
    return replace(table, header=header, rows=tuple(rows))
