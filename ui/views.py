"""Saved views: the control that keeps a dashboard's link, and the list that opens, shares, pins and removes them."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import streamlit as st

from reports import rendering
from store import views
from store.access import Action, Person, may
from store.projects import Project
from store.views import SavedView
from ui import formats, messages, session
from ui.navigation import title
from ui.sign_in import literal

_PAGES = Path(__file__).parent.parent / "pages"


def is_there(page: str) -> bool:
    """Whether this version has the page."""
    return (_PAGES / f"{page}.py").is_file()


def link(project: Project, one: SavedView, label: str | None = None) -> None:
    """Open a view; where its page is gone, say so."""
    if not is_there(one.page):
        st.markdown(f"{literal(one.name)} · the page {title(one.page)} is not in this version")
        return
    st.page_link(
        f"../pages/{one.page}.py", label=label or literal(one.name), icon=":material/bookmark:",
        query_params={**one.params, "project": [str(project.id)]},
    )  # fmt: skip


def save_button(person: Person, project: Project) -> None:
    """Keep the page as it is now under a name."""
    if st.button(
        "Save view", icon=":material/bookmark_add:", type="tertiary", key="save-view",
        help="Keep this page with its filters under a name.",
    ):  # fmt: skip
        _dialog(person, project)


@st.dialog("Save this view")
def _dialog(person: Person, project: Project) -> None:
    page = session.opened()
    st.caption(
        f"{title(page)} with the filters as they are now. A period such as “Last 30 days” moves on with the calendar."
    )
    with st.form("view-form", border=False):
        st.text_input("Name", max_chars=views.LONGEST_NAME, key="view-name", placeholder="Weekly paid review")
        if may(person, project.id, Action.EDIT_ANALYSIS):
            st.checkbox("Share with everybody in the project", key="view-shared")
        if page == "explore":
            st.checkbox("Draw it on the overview", key="view-pinned")
        if st.form_submit_button("Save", type="primary", on_click=_submit, args=(person, project.id, page)):
            st.rerun()


def _submit(person: Person, project_id: int, page: str) -> None:
    given = st.session_state
    name = str(given.get("view-name") or "")
    params = {one: st.query_params.get_all(one) for one in st.query_params}
    messages.attempt(
        _save, person, project_id, name, page, params, bool(given.get("view-shared")), bool(given.get("view-pinned")),
        done=f"“{literal(' '.join(name.split()))}” is saved. You find it under Saved views.",
    )  # fmt: skip


def _save(
    person: Person,
    project_id: int,
    name: str,
    page: str,
    params: dict[str, list[str]],
    shared: bool,
    pinned: bool,
) -> None:
    found = views.save(person, project_id, name, page, params, shared=shared)
    if pinned:
        views.pin(person, project_id, found, True)


def listing(person: Person, project: Project) -> None:
    """One's own views and the shared ones; each opens, and can be changed by whoever may."""
    found = views.listed(person, project.id)
    can_edit = may(person, project.id, Action.EDIT_ANALYSIS)
    if not found:
        with st.container(border=True):
            st.subheader("No saved views yet")
            st.write(
                "Open a dashboard, set its filters and press “Save view”: it keeps the page with its filters under a name."
            )
    for heading, mine in (("Yours", True), ("Shared by others", False)):
        part = [one for one in found if (one.owner_id == person.id) is mine]
        if part:
            st.subheader(heading, anchor=False)
            for one in part:
                _row(person, project, one, may_change=can_edit or not one.shared, can_edit=can_edit)
    _removed(person, project)


def _row(person: Person, project: Project, one: SavedView, *, may_change: bool, can_edit: bool) -> None:
    with st.container(border=True, key=f"view-{one.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            with st.container(width="stretch"):
                link(project, one)
            if may_change:
                _menu(person, project, one, can_edit)
        facts = [title(one.page), "shared with the project" if one.shared else "only you see it"]
        if one.shared and one.owner_id != person.id:
            facts[1] = f"shared by {literal(one.owner or 'somebody who is gone')}"
        if one.pinned is not None:
            facts.append("drawn on the overview")
        told = filters_said(one)
        st.caption(" · ".join([*facts, *([told] if told else [])]))


def filters_said(one: SavedView) -> str:
    """The filters of a view as its link names them."""
    return " · ".join(
        f"{name.replace('-', ' ')}: {literal(', '.join(values)[:80])}"
        for name, values in one.params.items()
        if values
    )


def _menu(person: Person, project: Project, one: SavedView, can_edit: bool) -> None:
    with st.popover("Change", icon=":material/more_horiz:", type="tertiary", key=f"view-menu-{one.id}"):
        with st.form(f"view-rename-{one.id}", border=False):
            name = st.text_input("Name", one.name, max_chars=views.LONGEST_NAME, key=f"view-name-{one.id}")
            if st.form_submit_button("Rename"):
                messages.attempt(
                    views.rename, person, project.id, one.id, name, done="The view has its new name.",
                    undo=partial(views.rename, person, project.id, one.id, one.name),
                )  # fmt: skip
                st.rerun()
        if can_edit:
            messages.button(
                "Show it to you alone" if one.shared else "Share with the project", f"view-share-{one.id}", "group",
                partial(views.share, person, project.id, one.id, not one.shared),
                "Only its owner sees it now." if one.shared else "Everybody in the project sees it now.",
            )  # fmt: skip
        if one.page == "explore":
            messages.button(
                "Draw it on the overview" if one.pinned is None else "Take it off the overview", f"view-pin-{one.id}",
                "keep" if one.pinned is None else "keep_off",
                partial(views.pin, person, project.id, one.id, one.pinned is None),
                "It is drawn on the overview." if one.pinned is None else "It is off the overview.",
            )  # fmt: skip
        if can_edit and one.page in rendering.PAGES:
            st.page_link(
                "../pages/reports.py", label="Send as report", icon=":material/send:",
                query_params={"project": [str(project.id)], "view": [str(one.id)]},
            )  # fmt: skip
        if one.pinned is not None:
            messages.button("Earlier on the overview", f"view-forward-{one.id}", "arrow_upward",
                   partial(views.forward, person, project.id, one.id), "It is drawn earlier.")  # fmt: skip
        messages.button("Remove", f"view-remove-{one.id}", "delete", partial(views.remove, person, project.id, one.id),
               "The view is removed.", partial(views.restore, person, project.id, one.id))  # fmt: skip


def _removed(person: Person, project: Project) -> None:
    gone = [
        (
            f"{literal(one.name)} · {title(one.page)} · {formats.moment(one.updated_at, project.time_zone)}",
            f"view-back-{one.id}",
            partial(views.restore, person, project.id, one.id),
        )
        for one in views.removed(person, project.id)
    ]
    messages.removed(gone, "The view is back.")
