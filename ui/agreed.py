"""What a team agrees on, on its pages: reading it, its history with a way back, and what could not be read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import streamlit as st

from store import definitions
from store.access import Action, Person, may, reading
from store.agreements import Agreed
from store.definitions import Definition
from store.projects import Project
from ui import formats, messages

T = TypeVar("T")


def read(person: Person, project: Project, how: Callable[[Any, int], Agreed[T]]) -> Agreed[T]:
    """One of the project's agreements: `how` is a reader of store/agreements.py."""
    with reading(person, project.id) as connection:
        return how(connection, project.id)


def may_edit(person: Person, project: Project) -> bool:
    """Whether the person may change agreements; says who may, if not."""
    if may(person, project.id, Action.EDIT_ANALYSIS):
        return True
    st.caption(":material/lock: Editors and owners of this project may change this; you see how it is.")
    return False


def problem(found: Agreed[Any]) -> None:
    """Says so where what is stored is not in force."""
    if found.problem:
        st.warning(found.problem, icon=":material/history_toggle_off:")


def history(
    person: Person, project: Project, kind: str, seen: int, said: Callable[[Any], str], *, editable: bool
) -> None:
    """All versions, newest first, each in a few words, with a way to bring one back."""
    with reading(person, project.id) as connection:
        found = definitions.versions(connection, project.id, kind)
    if not found:
        return
    with st.expander(
        f"History: {len(found)} {'version' if len(found) == 1 else 'versions'}", icon=":material/history:"
    ):
        st.dataframe(
            {
                "Version": [one.version for one in found],
                "Saved": [formats.moment(one.at, project.time_zone) for one in found],
                "By": [one.by or "somebody who is gone" for one in found],
                "Content": [_said(said, one) for one in found],
                "Note": [one.note for one in found],
            },
            hide_index=True,
            key=f"{kind}-history",
        )
        earlier = [one.version for one in found[1:]]
        if not editable or not earlier:
            return
        with st.container(horizontal=True, vertical_alignment="bottom"):
            version = st.selectbox("Version", earlier, key=f"{kind}-version", width=120)
            st.button(
                "Bring back", icon=":material/undo:", key=f"{kind}-restore", on_click=messages.attempt,
                args=(definitions.restore, person, project.id, kind, version),
                kwargs={"seen": seen, "done": f"Version {version} is in force again."},
            )  # fmt: skip


def _said(said: Callable[[Any], str], one: Definition) -> str:
    try:
        return said(one.content)
    except (KeyError, TypeError, AttributeError, ValueError):
        return "cannot be read any more"


def undo(person: Person, project: Project, kind: str, seen: int, label: str) -> None:
    """A button that brings the version before the one in force back, or what held before the first."""
    with reading(person, project.id) as connection:
        found = definitions.versions(connection, project.id, kind, 2)
    if len(found) > 1:
        st.button(
            label, icon=":material/undo:", key=f"{kind}-undo", on_click=messages.attempt,
            args=(definitions.restore, person, project.id, kind, found[1].version),
            kwargs={"seen": seen, "done": "Taken back."},
        )  # fmt: skip
