"""Which figures make the stages of the funnel: shown to everybody, changed by editors, and brought back."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from analytics import funnel, metrics
from analytics.funnel import KINDS, MAPPED, Stages
from reports import stages
from reports.funnel_table import LABELS as LABELS
from reports.stages import Agreed
from store.access import Action, Person, may
from store.projects import Project
from ui import data, formats, messages, versions


def figures(slugs: tuple[str, ...] | list[str]) -> str:
    """'Adds to cart + Leads'; a dash where there is none."""
    return " + ".join(metrics.metric(slug).label for slug in slugs) or formats.NONE


def show(person: Person, project: Project) -> None:
    """The stages by kind of channel, with what an editor needs to change them."""
    agreed = data.stages(person, project)
    with st.expander("Which figures make the stages", icon=":material/rule:"):
        st.write(
            "Each kind of channel has its own figures. Those of one stage are added up. Purchases of the whole business are "
            "the shop's orders and repeat orders are the shop's too, whatever stands here."
        )
        st.dataframe(
            pd.DataFrame(
                {"Kind of channel": list(KINDS.values())}
                | {LABELS[s]: [figures(agreed.stages[kind][s]) for kind in KINDS] for s in MAPPED}
            ),
            hide_index=True,
            alt="The figures of each stage by kind of channel",
        )
        may_edit = may(person, project.id, Action.EDIT_ANALYSIS)
        if may_edit:
            _form(person, project, agreed)
        else:
            st.caption("An editor or owner of the project can change them.")
        versions.show(person, project, stages.KIND, _said, may_edit=may_edit, key="stages")


def _said(content: Any) -> str:
    """A stored version in words: only what differs from the default."""
    found = funnel.read(content)
    differing = [
        f"{KINDS[kind]}: {LABELS[stage]} = {figures(found[kind][stage])}"
        for kind in KINDS
        for stage in MAPPED
        if found[kind][stage] != funnel.DEFAULT[kind][stage]
    ]
    return "; ".join(differing) or "as by default"


def _form(person: Person, project: Project, agreed: Agreed) -> None:
    kind = st.selectbox(
        "Change the stages of", list(KINDS), format_func=KINDS.__getitem__, key="stages-kind", width=240
    )
    turn = f"stages-{kind}-{agreed.version}"
    with st.form(f"form-{turn}"):
        with st.grid(2, min_column_width=240):
            for stage in MAPPED:
                st.multiselect(
                    LABELS[stage],
                    funnel.COUNTABLE,
                    [slug for slug in agreed.stages[kind][stage] if slug in funnel.COUNTABLE],
                    format_func=lambda slug: metrics.metric(slug).label,
                    key=f"{turn}-{stage}",
                    placeholder="Not measured",
                    help="Counts that may be added up. Ratios, people and money cannot make a stage.",
                )
        st.text_input("Note", key=f"{turn}-note", max_chars=200, placeholder="Why it changes (optional)")
        st.form_submit_button(
            "Save stages", type="primary", on_click=_save, args=(person, project, agreed, kind, turn)
        )
    if not agreed.is_default:
        st.button(
            "Back to the default",
            icon=":material/restart_alt:",
            key="stages-default",
            on_click=_put,
            args=(person, project, funnel.DEFAULT, agreed.version, "back to the default"),
        )


def _save(person: Person, project: Project, agreed: Agreed, kind: str, turn: str) -> None:
    chosen = {stage: tuple(st.session_state[f"{turn}-{stage}"]) for stage in MAPPED}
    note = str(st.session_state[f"{turn}-note"])
    _put(person, project, {**agreed.stages, kind: chosen}, agreed.version, note)


def _put(person: Person, project: Project, wanted: Stages, seen: int, note: str) -> None:
    messages.attempt(
        stages.save, person, project.id, funnel.as_content(wanted), seen=seen, note=note,
        done="The stages are saved. Every funnel of the project follows them.",
    )  # fmt: skip
