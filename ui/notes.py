"""Notes on days: read beside charts by everybody, written in a dialog by editors."""

from __future__ import annotations

from datetime import date
from functools import partial

import streamlit as st

from analytics import channels
from errors import BadInput
from reports import annotated
from reports.pictures import Mark
from reports.view import View
from store import annotations as notes
from store.access import Action, Person, may
from store.annotations import Annotation, Content
from store.projects import Project
from ui import data, formats, messages
from ui.sign_in import literal


def bar(person: Person, project: Project, view: View) -> tuple[Mark, ...]:
    """A button that opens the notes of a view's days; the marks for its charts."""
    found = notes.between(person, project.id, view.start, view.end, view.channels)
    can_edit = may(person, project.id, Action.EDIT_ANALYSIS)
    if found or can_edit:
        with st.container(horizontal=True, horizontal_alignment="right"):
            label = f"Notes ({len(found)})" if found else "Notes"
            if st.button(
                label, icon=":material/edit_note:", type="tertiary", key="notes",
                help="What happened on these days: sales, outages, changes of tracking. Charts show it.",
            ):  # fmt: skip
                st.session_state.pop("note-edited", None)  # left behind by a dialog that was closed
                _dialog(person, project, view, can_edit)
    return annotated.marks(found, view)


def marks(person: Person, project: Project, view: View) -> tuple[Mark, ...]:
    """The marks alone, for a chart outside of its page."""
    found = notes.between(person, project.id, view.start, view.end, view.channels)
    return annotated.marks(found, view)


@st.dialog("Notes", width="medium")
def _dialog(person: Person, project: Project, view: View, can_edit: bool) -> None:
    found = notes.between(person, project.id, view.start, view.end, view.channels)
    if not found:
        st.caption(f"No notes on {formats.days(view.start, view.end)} yet.")
    for one in found:
        _row(person, project, one, can_edit)
    if not can_edit:
        return
    editing = next((one for one in found if one.id == st.session_state.get("note-edited")), None)
    _form(person, project, view, editing)
    gone = notes.removed(person, project.id)
    if gone:
        with st.expander(f"Removed in the last 30 days ({len(gone)})"):
            for one in gone:
                with st.container(horizontal=True, vertical_alignment="center"):
                    st.markdown(
                        f"{formats.days(one.content.day, one.content.until)}: {literal(one.content.text)}"
                    )
                    if st.button(
                        "Bring back", key=f"note-back-{one.id}", on_click=messages.attempt,
                        args=(notes.restore, person, project.id, one.id), kwargs={"done": "The note is back."},
                    ):  # fmt: skip
                        st.rerun()


def _row(person: Person, project: Project, one: Annotation, can_edit: bool) -> None:
    by = f" · {literal(one.by)}" if one.by else ""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"**{formats.days(one.content.day, one.content.until)}** {literal(annotated.said(one.content))}{by}",
            width="stretch",
        )
        if not can_edit:
            return
        st.button(
            "Edit", key=f"note-edit-{one.id}", type="tertiary", icon=":material/edit:", on_click=_edit, args=(one,)
        )  # fmt: skip
        undo = partial(notes.restore, person, project.id, one.id)
        if st.button(
            "Remove", key=f"note-remove-{one.id}", type="tertiary", icon=":material/delete:", on_click=messages.attempt,
            args=(notes.remove, person, project.id, one.id), kwargs={"done": "The note is removed.", "undo": undo},
        ):  # fmt: skip
            st.rerun()


def _edit(one: Annotation) -> None:
    st.session_state["note-edited"] = one.id


def _form(person: Person, project: Project, view: View, editing: Annotation | None) -> None:
    """Write a note, or an old one anew."""
    old = editing.content if editing else None
    known = sorted({c.channel for c in data.coverage(person, project)}, key=channels.label)
    options = ["", *known, *([old.channel] if old and old.channel not in ["", *known] else [])]
    form = _form_of(editing)
    with st.form(form, border=True):
        st.markdown("**Edit the note**" if editing else "**New note**")
        st.text_input(
            "What happened", old.text if old else "", max_chars=notes.LONGEST_TEXT, key=f"{form}-text",
            placeholder="Summer sale begins",
        )  # fmt: skip
        st.date_input(
            "Day, or first and last day", (old.day, old.until) if old else (view.end, view.end), key=f"{form}-days",
            format="YYYY-MM-DD",
        )  # fmt: skip
        st.selectbox(
            "Channel", options, index=options.index(old.channel) if old else 0, key=f"{form}-channel",
            format_func=lambda slug: channels.label(slug) if slug else "All channels",
        )  # fmt: skip
        if st.form_submit_button(
            "Save note", type="primary", on_click=_submit, args=(person, project.id, editing)
        ):
            st.rerun()


def _form_of(editing: Annotation | None) -> str:
    return f"note-{editing.id}" if editing else "note-new"


def _submit(person: Person, project_id: int, editing: Annotation | None) -> None:
    given, form = st.session_state, _form_of(editing)
    days = given.get(f"{form}-days")
    picked = days if isinstance(days, tuple) else (days,) if isinstance(days, date) else ()
    text, channel = str(given.get(f"{form}-text") or ""), str(given.get(f"{form}-channel") or "")
    messages.attempt(
        _save, person, project_id, editing, picked, text, channel,
        done="The note is saved.", undo=_undo(person, project_id, editing),
    )  # fmt: skip
    given.pop("note-edited", None)


def _save(
    person: Person,
    project_id: int,
    editing: Annotation | None,
    days: tuple[date, ...],
    text: str,
    channel: str,
) -> None:
    if not days:
        raise BadInput("A note needs a day. It was not saved.")
    content = Content(days[0], days[-1], text, channel)
    if editing is None:
        notes.add(person, project_id, content)
    else:
        notes.change(person, project_id, editing.id, content)


def _undo(person: Person, project_id: int, editing: Annotation | None) -> messages.Undo | None:
    """What takes an edit back. A new note can be removed where it stands."""
    return partial(notes.change, person, project_id, editing.id, editing.content) if editing else None
