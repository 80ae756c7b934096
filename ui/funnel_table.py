"""The funnel as a table: stages line by line, or groups side by side; and as a sheet to download."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from analytics import metrics
from analytics.funnel import Stage, Stages, Step
from reports.funnel import Asked, Funnel, Group
from reports.funnel_table import NAMES, name, sheet
from store.access import Person
from store.projects import Project
from ui import downloads, formats, tables
from ui.stages import LABELS, figures


def show(person: Person, project: Project, found: Funnel, asked: Asked, stages: Stages) -> None:
    """The same as numbers, with downloads."""
    groups = found.groups if asked.by else [found.whole]
    if asked.by:
        _wide(groups, asked)
    else:
        _long(found, asked, stages)
    if found.more:
        st.caption(f"{found.more:,} smaller ones are not listed.")
    title = "funnel" + (f"-by-{asked.by}" if asked.by else "")
    stem = f"{title}-{asked.view.start}-{asked.view.end}-{asked.view.currency}".lower()
    downloads.offer(person, project, stem, lambda: sheet(groups, asked), "funnel")


def _long(found: Funnel, asked: Asked, stages: Stages) -> None:
    view, rows = asked.view, []
    for step in found.whole.steps:
        before = found.whole.step_before(step.stage)
        rows.append(
            {
                "Stage": LABELS[step.stage],
                "Counts": _counted(step, found, stages),
                "count": _plain(step.count, 0),
                "before": _plain(before.count if before else None, 0),
                "change": formats.change(metrics.change(step.count, before.count if before else None)),
                "rate": _plain(step.rate, 4),
                "rate before": _plain(before.rate if before else None, 4),
                "first": _plain(step.of_first, 4),
                "drop": _plain(step.drop, 4),
                "lost": _plain(step.lost, 0),
                "cost": _plain(step.cost, 4),
            }
        )
    shown = pd.DataFrame(rows)
    if not view.compared:
        shown = shown.drop(columns=["before", "change", "rate before"])
    versus = formats.days(*view.compared) if view.compared else ""
    number, percent = _columns()
    config = {
        "count": number("Count"),
        "before": number(versus),
        "change": st.column_config.TextColumn("Change", alignment="right"),
        "rate": percent("Step rate", "This count ÷ that of the step before."),
        "rate before": percent(f"Step rate, {versus}"),
        "first": percent("Of first", "This count ÷ that of the first step."),
        "drop": percent("Drop-off", "Part of the step before that did not come this far."),
        "lost": number("Lost", "The step before − this step."),
        "cost": st.column_config.NumberColumn(
            f"Cost per step ({view.currency})", format="localized", help="Spend ÷ count."
        ),
    }
    st.dataframe(
        shown, hide_index=True, column_config=config, placeholder=formats.NONE, key="funnel-table",
        alt="The stages with counts, rates and costs",
    )  # fmt: skip


def _counted(step: Step, found: Funnel, stages: Stages) -> str:
    if step.stage is Stage.REPEAT:
        return "Repeat orders"
    if step.stage is Stage.PURCHASE and found.from_shop:
        return "Orders of the shop"
    used = dict.fromkeys(slug for kind in found.channels for slug in stages[kind].get(step.stage, ()))
    return figures(list(used))


def _plain(value: Any, digits: int) -> float | None:
    return None if value is None else float(round(value, digits))


def _columns() -> Any:
    def number(label: str, help: str | None = None) -> Any:
        return st.column_config.NumberColumn(label, format="localized", help=help)

    return number, tables.percent_column


def _wide(groups: Sequence[Group], asked: Asked) -> None:
    """One line a group: spend, and of each stage the count, the step rate and the cost."""
    columns: dict[str, list[Any]] = {NAMES[asked.by]: [name(asked, group) for group in groups]}
    number, percent = _columns()
    config: dict[str, Any] = {
        NAMES[asked.by]: st.column_config.TextColumn(pinned=True, width="medium"),
        "spend": st.column_config.NumberColumn(f"Spend ({asked.view.currency})", format="accounting"),
    }
    columns["spend"] = [_plain(group.spend, 2) for group in groups]
    for stage in Stage:
        steps, label = [group.step(stage) for group in groups], LABELS[stage]
        columns[stage] = [_plain(step.count, 0) for step in steps]
        columns[f"{stage} rate"] = [_plain(step.rate, 4) for step in steps]
        columns[f"{stage} cost"] = [_plain(step.cost, 4) for step in steps]
        config[stage] = number(label)
        config[f"{stage} rate"] = percent(f"→ {label} %", "Step rate: this count ÷ that of the step before.")
        config[f"{stage} cost"] = st.column_config.NumberColumn(
            f"Cost per {label.lower()} ({asked.view.currency})", format="localized", help="Spend ÷ count."
        )
    shown = {key: values for key, values in columns.items() if any(value is not None for value in values)}
    st.dataframe(
        pd.DataFrame(shown), hide_index=True, column_config=config, placeholder=formats.NONE,
        key="funnel-table", alt="Funnels side by side: counts, step rates and costs",
    )  # fmt: skip
