"""The frame that every page runs in: sign-in gate, links, project picker, navigation, errors in plain words.

It is the entry script, and `pages/` does not lie beside it: Streamlit then cannot run a page without it,
so without the gate.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import Page

from errors import NotAllowed, NotFound
from store import projects
from store.access import LEAST_ROLE, Action, Person, Role, enter, enter_instance
from store.projects import Project
from ui import demo, messages, project_form, session, sign_in


@dataclass(frozen=True)
class Entry:
    """A page in the navigation. `needs` is what a person must be allowed to do to open it."""

    group: str
    file: str
    title: str
    icon: str
    needs: Action | None = Action.VIEW
    help: str = ""

    @property
    def of_project(self) -> bool:
        return self.needs in LEAST_ROLE


ENTRIES = (
    Entry("Dashboards", "overview", "Overview", "monitoring", help="All channels side by side."),
    Entry(
        "Dashboards",
        "channels",
        "Channels",
        "hub",
        help="Advertising, social, e-mail, web and sales, each in its own terms.",
    ),
    Entry("Dashboards", "channel", "Channel", "campaign", help="One channel down to the ad."),
    Entry(
        "Dashboards",
        "campaigns",
        "Campaigns",
        "account_tree",
        help="From platform down to the ad, with budgets.",
    ),
    Entry(
        "Dashboards",
        "compare",
        "Compare",
        "compare_arrows",
        help="Periods, channels or campaigns side by side.",
    ),
    Entry("Dashboards", "funnel", "Funnel", "filter_alt", help="From first contact to the repeat order."),
    Entry("Dashboards", "roi", "ROI", "savings", help="What advertising brings, and what is left of it."),
    Entry(
        "Dashboards", "explain", "Explain a number", "troubleshoot", help="Formula, rows and what moved it."
    ),
    Entry(
        "Dashboards",
        "health",
        "Data health",
        "monitor_heart",
        help="How fresh, how right, and what changed since.",
    ),
    Entry("Dashboards", "explore", "Explore", "query_stats", help="Any metric by anything, in any chart."),
    Entry("Dashboards", "targets", "Targets", "flag", help="What is planned, and how it goes."),
    Entry("Dashboards", "views", "Saved views", "bookmarks", help="Views that you or others have named."),
    Entry("Dashboards", "reports", "Reports", "send", help="Views that are mailed or posted by themselves."),
    Entry("Naming", "grouping", "Channel rules", "rule", help="What counts as which channel."),
    Entry("Naming", "naming", "Naming", "label", help="How campaigns are named, and which break it."),
    Entry("Naming", "utm", "Link builder", "add_link", help="Tagged links that every tool reads alike."),
    Entry(
        "Naming", "tagging", "Tag audit", "compare", help="Spend without visits, visits without a campaign."
    ),
    Entry("Data", "connections", "Connections", "cable", help="Accounts that are read by themselves."),
    Entry("Data", "syncs", "Syncs", "sync", help="What is being read, what was, and when next."),
    Entry("Data", "upload", "Upload", "upload_file", Action.IMPORT, "Import exported spreadsheets."),
    Entry("Data", "imports", "Imports", "history", help="What was imported when, and undo."),
    Entry("Data", "offline", "Offline spend", "newspaper", Action.IMPORT, "Print, radio and events by hand."),
    Entry("Data", "rates", "Exchange rates", "currency_exchange", help="ECB reference rates and your own."),
    Entry("Project", "members", "Members", "group", help="Who is in this project, and invitations."),
    Entry("Project", "project", "Settings", "settings", help="Name, currency, time zone, refunds."),
    Entry("Project", "audit", "Audit log", "fact_check", Action.READ_AUDIT, "Who did what when."),
    Entry("You", "account", "Account", "person", None, "Name, passphrase, second factor, sign-ins."),
    Entry("You", "people", "People", "manage_accounts", Action.MANAGE_PEOPLE, "Everybody on this instance."),
)
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
    with enter(who, project.id, entry.needs):
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
            _run(who)
    except Exception as error:
        messages.show_failure(error)


main()
