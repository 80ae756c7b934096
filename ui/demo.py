"""The door to the demo: a project of its own with invented data, removed with one click."""

from __future__ import annotations

import streamlit as st

from store.access import Action, Person, may
from syncing import demo
from ui import messages, session


def _start(person: Person) -> None:
    made = messages.attempt(demo.create, person)
    if made is not None:
        session.choose(made)


def offer(person: Person) -> None:
    """A button that makes the demo project and goes there; nothing for people who may not create projects."""
    if may(person, None, Action.CREATE_PROJECT):
        st.button(
            "Look around with demo data",
            icon=":material/explore:",
            on_click=_start,
            args=(person,),
            key="demo",
        )
