"""Earlier versions of what a team agreed on, each with a way back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from store import definitions
from store.access import Person
from store.projects import Project
from ui import data, formats, messages
from ui.sign_in import literal

_MOST = 10


def show(
    person: Person, project: Project, kind: str, say: Callable[[Any], str], *, may_edit: bool, key: str
) -> None:
    """The newest versions: who saved what when, in words; editors can bring an earlier one back."""
    found = data.versions(person, project, kind)
    if not found:
        return
    st.markdown("**Versions**")
    for one in found[:_MOST]:
        by = literal(one.by) if one.by else "somebody who is gone"
        note = f" · {literal(one.note)}" if one.note else ""
        newest = " · in force" if one is found[0] else ""
        with st.container(horizontal=True, vertical_alignment="center", key=f"{key}-version-{one.version}"):
            st.caption(
                f"**{one.version}** · {formats.moment(one.at, project.time_zone)} · {by}{note}{newest}  \n"
                f"{literal(say(one.content))}",
                width="stretch",
            )
            if may_edit and one is not found[0]:
                st.button(
                    "Bring back",
                    icon=":material/undo:",
                    key=f"{key}-back-{one.version}",
                    help=f"Puts version {one.version} in force again, as the newest.",
                    on_click=_bring_back,
                    args=(person, project, kind, one.version, found[0].version),
                )


def _bring_back(person: Person, project: Project, kind: str, version: int, seen: int) -> None:
    messages.attempt(
        definitions.restore, person, project.id, kind, version, seen=seen,
        done=f"Version {version} is in force again.",
    )  # fmt: skip
