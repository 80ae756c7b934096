"""Progress of runs while they work; the page follows by itself when one ends."""

from __future__ import annotations

import streamlit as st

from store.access import Person
from store.projects import Project
from ui import actions, states

_NAMES = {"import": "Importing", "undo": "Taking back an import", "demo": "Building the demo project"}


@st.fragment(run_every=1.0)
def _watch(person: Person, project: Project, known: list[int]) -> None:
    running = actions.unfinished(person, project.id, _NAMES)
    if [run.id for run in running] != known:
        st.rerun()
    for run in running:
        st.markdown(f"**{_NAMES[run.kind]}**")
        states.progress(run)


def runs(person: Person, project: Project) -> bool:
    """Show what is being written in this project; True if anything is."""
    running = actions.unfinished(person, project.id, _NAMES)
    if running:
        _watch(person, project, [run.id for run in running])
    return bool(running)
