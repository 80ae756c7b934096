"""Progress of runs while they work; the page follows by itself when one ends, or has written its first rows."""

from __future__ import annotations

import streamlit as st

from store.access import Person
from store.projects import Project
from store.runs import Run
from ui import actions, messages, states

_NAMES = {
    "import": "Importing",
    "undo": "Taking back an import",
    "demo": "Building the demo project",
    "sync": "Reading an account",
}


@st.fragment(run_every=1.0)
def _watch(person: Person, project: Project, known: list[tuple[int, bool]]) -> None:
    running = actions.unfinished(person, project.id, _NAMES)
    if _marks(running) != known:
        messages.follow()
    for run in running:
        st.markdown(f"**{_NAMES[run.kind]}**")
        states.progress(run)


def runs(person: Person, project: Project) -> bool:
    """Show what is being written in this project; True if anything is."""
    running = actions.unfinished(person, project.id, _NAMES)
    if running:
        _watch(person, project, _marks(running))
    return bool(running)


def or_begin(person: Person, project: Project) -> None:
    """For a page without figures: what is being written, else how to begin."""
    if not runs(person, project):
        states.nothing_yet(person, project.id)


def _marks(running: list[Run]) -> list[tuple[int, bool]]:
    """What the page follows: a run that began or ended, and the first rows that one wrote."""
    return [(run.id, bool(run.rows_written)) for run in running]
