"""The frame that every page runs in: sign-in gate, links, project picker, navigation, errors in plain words.

It is the entry script, and `pages/` does not lie beside it: Streamlit then cannot run a page without it,
so without the gate.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.navigation.page import Page

from errors import NotAllowed, NotFound
from store import projects
from store.access import LEAST_ROLE, Action, Person, Role, enter, enter_instance, reading, visit
from store.projects import Project
from ui import demo, messages, project_form, session, sign_in
from ui.navigation import ENTRIES, Entry

_HERE = Path(__file__).parent
_RANK = {role: rank for rank, role in enumerate(Role)}


def _offered(entry: Entry, who: Person | None, project: Project | None) -> bool:
    """True if the navigation shows the page. Convenience only: what may be done is checked on the server."""
    if who is None or entry.needs is None:
        return who is not None
    if not entry.of_project:
        return who.is_admin
    return project is not None and _RANK[project.role] >= _RANK[LEAST_ROLE[entry.needs]]


def _navigate(who: Person | None, project: Project | None) -> tuple[Page, Entry]:
    """Register all pages, so that each address is known, and show those that are of use."""
    groups: dict[str, list[Page]] = {}
    by_path = {}
    for number, entry in enumerate(ENTRIES):
        page = st.Page(
            f"../pages/{entry.file}.py",
            title=entry.title,
            icon=f":material/{entry.icon}:",
            default=number == 0,
            visibility="visible" if _offered(entry, who, project) else "hidden",
            help=entry.help or None,
        )
        groups.setdefault(entry.group, []).append(page)
        by_path[page.url_path] = entry
    chosen = st.navigation(groups, position="sidebar" if who else "hidden", expanded=True)
    return chosen, by_path[chosen.url_path]


def _pick(mine: list[Project], project: Project | None) -> None:
    """The project picker. The address changes with it, so that a view is a link."""

    def picked() -> None:
        session.choose(st.session_state["project_picker"])

    if project is not None:
        st.session_state["project_picker"] = project.id
    names = {p.id: p.name for p in mine}
    st.selectbox(
        "Project",
        list(names),
        index=None if project is None else 0,  # the session state above decides
        format_func=names.__getitem__,
        key="project_picker",
        on_change=picked,
        placeholder="Choose a project",
    )
    if project is not None:
        st.caption(f"You are {project.role} here · amounts in {project.currency}")


@st.dialog("New project")
def _new_project(who: Person) -> None:
    project_form.new(who)


@st.dialog("Remove the demo?")
def _remove_demo(who: Person, project: Project) -> None:
    st.write(f"“{sign_in.literal(project.name)}” and its invented data go. Your other projects stay.")
    if st.button("Remove demo", type="primary", on_click=_end_demo, args=(who, project)):
        st.rerun()


def _end_demo(who: Person, project: Project) -> None:
    messages.attempt(projects.delete, who, project.id, project.name, done="The demo project is gone.")
    session.forget()


def _sidebar(who: Person, mine: list[Project], project: Project | None) -> None:
    with st.sidebar:
        if mine:
            _pick(mine, project)
        may_create = bool(mine) and (who.is_admin or any(p.role is Role.OWNER for p in mine))
        if may_create and st.button("New project", icon=":material/add:", type="tertiary"):
            _new_project(who)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"Signed in as {sign_in.literal(who.name)}")
            st.button(
                "Sign out", icon=":material/logout:", type="tertiary", on_click=session.leave, args=(who,)
            )


def _first_project(who: Person) -> None:
    st.title("Your first project")
    if who.is_admin:
        st.write("A project holds the channels of one shop or brand, in one reporting currency.")
        project_form.new(who)
        st.write("Or see every page alive first, with an invented shop:")
        demo.offer(who)
    else:
        st.write("You are in no project yet. Ask an owner of a project for an invitation link.")


def _gate(entry: Entry, who: Person, project: Project | None) -> bool:
    """True if the page may run. Raises NotAllowed or NotFound, which say whom to ask."""
    if entry.needs is None:
        return True
    if not entry.of_project:
        with enter_instance(who, entry.needs):
            return True
    if project is None:
        _first_project(who)
        return False
    with reading(who, project.id) if entry.needs is Action.VIEW else enter(who, project.id, entry.needs):
        return True


def _run(who: Person) -> None:
    mine = projects.list_for(who)
    try:
        project = session.current(who, mine)
    except NotFound:
        page, entry = _navigate(who, None)
        _sidebar(who, mine, None)
        if entry.of_project:
            raise
        project = None
    else:
        page, entry = _navigate(who, project)
        _sidebar(who, mine, project)
    session.arrive(who, project)
    messages.show()
    if token := st.query_params.get("link"):
        sign_in.follow_signed_in(who, token)
        return
    if project is not None and project.is_demo and entry.of_project:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.info("Demo project: invented data.", icon=":material/science:")
            if project.role is Role.OWNER and st.button("Remove demo"):
                _remove_demo(who, project)
    try:
        may_run = _gate(entry, who, project)
    except NotAllowed:
        st.title(entry.title)
        raise
    if may_run:
        session.opened(entry.file)
        page.run()


def main() -> None:
    """One run of the app."""
    st.set_page_config(page_title="Soundings", page_icon=str(_HERE / "icon.svg"), layout="wide")
    try:
        who = session.find()
        if who is None:
            _navigate(None, None)
            sign_in.show()
        else:
            st.logo(str(_HERE / "logo.svg"), size="large")
            with visit():
                _run(who)
    except Exception as error:
        messages.show_failure(error)


main()
