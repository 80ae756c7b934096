"""The funnel page's parts: what is asked, the stages as tiles, the funnels, and what to know of them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import plotly.graph_objects as go
import streamlit as st

from analytics import channels, funnel, metrics
from analytics.funnel import KINDS, Stage, Stages, Step
from reports import funnel_table
from reports.coverage import Coverage
from reports.funnel import MOST_PERIODS, Asked, Funnel, Group
from reports.funnel_table import ALL, BYS, LABELS, NAMES, color, name, told
from reports.pictures import Picture, Series
from store.access import Person
from store.projects import Project
from ui import charts, filters, formats, tables
from ui.sign_in import literal
from ui.stages import figures

_CHARTS = 6


def ask(person: Person, project: Project, coverage: list[Coverage]) -> Asked:
    """Show the filters and choices; the funnel that they describe. Raises BadInput for an impossible period."""
    view = filters.bar(person, project, coverage)
    kinds = funnel_table.kinds(coverage)
    earlier, year = 1, False
    filters.tell_unknown(of=kinds, by=BYS)
    kind = st.selectbox("Of", list(kinds), key="of", bind="query-params", width=200)
    by = st.segmented_control(
        "Side by side", list(BYS), default="Nothing", key="by", bind="query-params", required=True
    )
    if by == "Periods":
        with st.container(horizontal=True, vertical_alignment="bottom", key="funnel-choices"):
            earlier = st.number_input(
                "Earlier periods", 1, MOST_PERIODS, 1, key="earlier", bind="query-params", width=130,
                help="Each as long as this one, whole weeks before it, so that weekdays line up.",
            )  # fmt: skip
            year = bool(st.toggle("And the year before", key="year", bind="query-params"))
    return Asked(view, kinds[kind or ALL], BYS[str(by)], int(earlier or 1), year)


def tiles(found: Funnel, asked: Asked, stages: Stages) -> None:
    """One tile a stage: its count, its change, and a link to what stands behind each of its figures."""
    versus = filters.VERSUS[asked.view.compare]
    with st.grid(3, min_column_width=150):
        for step in found.whole.steps:
            before = found.whole.step_before(step.stage)
            moved = metrics.change(step.count, before.count if before else None)
            with st.container(gap=None, height="stretch"):
                st.metric(
                    LABELS[step.stage], formats.number(step.count), help=_help(step, found, stages), border=True,
                    height="stretch", **tables.delta(moved, "up", versus),
                )  # fmt: skip
                _explained(step, found, stages)


def _help(step: Step, found: Funnel, stages: Stages) -> str:
    lines = [f"{KINDS[kind]}: {figures(stages[kind].get(step.stage, ()))}" for kind in found.channels]
    if step.stage is Stage.REPEAT:
        lines = ["Orders of customers who had ordered before, where the shop knows its customers."]
    elif step.stage is Stage.PURCHASE and found.from_shop:
        lines = ["Orders of the shop."]
    return "\n\n".join([*lines, f"Part of the first stage: {formats.percent(step.of_first)}"])


def _explained(step: Step, found: Funnel, stages: Stages) -> None:
    """Links for figures whose sum on the explaining page is what is counted here."""
    if step.count is None:
        return
    if step.stage is Stage.REPEAT or (step.stage is Stage.PURCHASE and found.from_shop):
        tables.explain_link("repeat_orders" if step.stage is Stage.REPEAT else "orders")
        return
    for kind, there in found.channels.items():
        for slug in stages[kind].get(step.stage, ()):
            text = metrics.metric(slug).label
            if len(there) == 1:
                tables.explain_link(slug, f"{text}, {channels.label(there[0])}", only=there[0])
            elif kind == metrics.origin(slug):
                tables.explain_link(slug, text)


def _figure(steps: Sequence[Step], tint: str, *, small: bool) -> go.Figure:
    labels = [
        f"<b>{LABELS[step.stage]}</b>" + ("<br>not measured" if step.count is None else "") for step in steps
    ]
    drawn = go.Figure(
        go.Funnel(
            y=labels,
            x=[None if step.count is None else float(step.count) for step in steps],
            text=[_label(step) for step in steps],
            textinfo="text",
            textposition="auto",
            cliponaxis=False,
            marker={"color": tint},
            connector={"line": {"width": 0}, "fillcolor": "rgba(128,128,128,0.18)"},
            hovertemplate="%{y}: %{x:,.0f}<extra></extra>",
        )
    )
    drawn.update_layout(
        margin={"l": 8, "r": 8, "t": 36, "b": 8}, height=28 + (52 if small else 72) * len(steps) + 20, showlegend=False
    )  # fmt: skip
    most = max((float(step.count) for step in steps if step.count is not None), default=1.0) or 1.0
    drawn.update_xaxes(visible=False, range=[-most / 2, most / 2 + most * (0.6 if small else 0.3)])
    drawn.update_yaxes(automargin=True)
    return drawn


def _label(step: Step) -> str:
    if step.count is None:
        return ""
    text = f"<b>{formats.number(step.count)}</b>"
    if step.stage is Stage.AWARENESS:
        return text
    if step.of_first is not None:
        text += f"<br>{_part(step.of_first)} of first"
    if step.rate is not None and step.stage is not Stage.INTEREST:  # there the first is the step before
        text += f" · {_part(step.rate)} of step"
    return text


def _part(value: Decimal) -> str:
    return formats.percent(value, 1 if value >= Decimal("0.01") else 3)


def _said(title: str, group: Group) -> str:
    """The funnel in words, for people who do not see it."""
    parts = [
        f"{LABELS[step.stage]} {formats.number(step.count)}"
        + (f" ({formats.percent(step.rate, 1)} of the step before)" if step.rate is not None else "")
        for step in group.steps
    ]
    return f"{title}: {', '.join(parts)}"


def chart(person: Person, project: Project, found: Funnel, asked: Asked) -> None:
    """One funnel of the whole, or a small one for each of the largest groups."""
    if not asked.by:
        title = f"From first contact to the order, {formats.days(asked.view.start, asked.view.end)}"
        st.subheader(title, anchor=False)
        _draw(person, project, title, found.whole, charts.SPEND, "funnel")
        return
    st.subheader(f"Funnels by {NAMES[asked.by].lower()}", anchor=False)
    with st.grid(3, min_column_width=320):
        most = len(found.groups) if asked.by == "period" else _CHARTS
        for n, group in enumerate(found.groups[:most]):
            with st.container(border=True):
                title = name(asked, group)
                st.markdown(f"**{literal(title)}**")
                if group.is_empty:
                    st.caption("No figures in this period.")
                    continue
                _draw(person, project, title, group, color(asked, group), f"funnel-{n}", small=True)
    if len(found.groups) > most:
        st.caption(f"The {_CHARTS} largest of {len(found.groups) + found.more:,}; the table has the others.")


def _draw(
    person: Person, project: Project, title: str, group: Group, tint: str, key: str, *, small: bool = False
) -> None:
    steps = told(group.steps)
    counts = Series("", tint, tuple(step.count for step in steps))
    picture = Picture("horizontal", title, "", tuple(LABELS[step.stage] for step in steps), (counts,))
    drawn = _figure(steps, tint, small=small)
    charts.show(person, project, picture, key, small=small, alt=_said(title, group), drawn=drawn)


def no_split(asked: Asked, coverage: list[Coverage]) -> None:
    """Why there is nothing side by side, and what to do."""
    text = f"No account of this view brings figures by {asked.by} for these days."
    if asked.by in {"country", "device"}:
        text += f" Advertising accounts bring them once their figures by {asked.by} are switched on under Connections."
        if asked.kind != "web" and any(channels.kind(one.channel) == "web" for one in coverage):
            text += " Web analytics may have them: pick it under “Of”."
    st.info(text, icon=":material/call_split:")


def notes(found: Funnel, asked: Asked) -> None:
    """What a reader has to know: who counts purchases, what is not measured, what cannot be a funnel."""
    lines = [_purchases(found)]
    for stage, missing in found.unmeasured.items():
        if stage is Stage.PURCHASE and found.from_shop:
            continue
        named = ", ".join(literal(channels.label(one)) for one in missing)
        lines.append(
            f"**{LABELS[stage]}** is not measured by {named}: earlier steps count what came through there, this one does not."
        )
    for earlier, later in funnel.exceeding(found.whole.steps):
        lines.append(
            f"**{LABELS[later.stage]}** counts more than {LABELS[earlier.stage]} ({formats.number(later.count)} against "
            f"{formats.number(earlier.count)}): they are counted by different tools, or not every earlier step is measured."
        )
    if not asked.kind and "web" not in found.channels:
        lines.append("Web analytics counts the same visits again, so it is not added in: pick it under “Of”.")
    if found.without and found.groups:
        named = ", ".join(literal(channels.label(one)) for one in found.without)
        lines.append(f"Not in this split: {named} (no figures by {asked.by} in this period).")
    if found.share is not None and found.groups:
        lines.append(
            f"Split by {asked.by}: {formats.percent(found.share, 1)} of all {LABELS[Stage.AWARENESS]}."
        )
    if found.groups and asked.by == "country" and found.from_shop:
        lines.append("Purchases by country are the shop's orders sent there.")
    elif found.groups and asked.by in {"channel", "campaign", "device"} and found.from_shop:
        lines.append(
            "Purchases of each part are what the platforms claim; together they may exceed the shop's orders."
        )
    st.caption("\n".join(f"- {line}" for line in lines))


def _purchases(found: Funnel) -> str:
    if not found.from_shop:
        return (
            "**Purchases** are the platforms' own claims, not the shop's orders: two platforms may claim the same order. "
            "Repeat orders are known for the whole shop only."
        )
    known = found.whole.step(Stage.REPEAT).count is not None
    text = "**Purchases** are the shop's orders, whichever way they came"
    return text + (
        "." if known else ". The shop does not know its customers, so repeat orders are not known."
    )
