"""Who is looking, at which project: read from the cookie and the database in every run, cached for nobody."""

from __future__ import annotations

import streamlit as st

from api.session import cookie_name
from errors import NotFound
from store import attempts, audit, projects, sessions
from store.access import Person
from store.projects import Project

_PROJECT = "project_id"  # session state: the project of this tab
_REMEMBERED = "project_remembered"  # the one that the database knows as the last used
_PARAMETER = "project"  # in the address
_HERE = "here"  # session state: the person and the project of this run
_PAGE = "page_opened"  # session state: the address of the page that runs

# More than one line, or Streamlit takes it for a file name. A run may repeat: each order is sent once.
_SCRIPT = """
const sent = new Set()

export default function (component) {
  const { data, setTriggerValue } = component
  if (!data || sent.has(data.order)) return
  sent.add(data.order)
  fetch("/api/v1/session", {
    method: data.method,
    credentials: "same-origin",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ ticket: data.ticket }),
  }).then((answer) => {
    if (!answer.ok) throw new Error(answer.status)
    const url = new URL(window.location.href)
    if (data.drop) url.searchParams.delete(data.drop)
    if (data.home) { url.pathname = "/"; url.search = "" }
    if (url.href === window.location.href) window.location.reload()
    else window.location.replace(url.href)
  }).catch(() => setTriggerValue("failed", true))
}
"""
_order = st.components.v2.component("soundings_session", js=_SCRIPT)


def _cookie() -> str | None:
    return st.context.cookies.get(cookie_name())


def address() -> str:
    """The client's address, through trusted proxies."""
    return attempts.client_address(st.context.ip_address, st.context.headers.get("X-Forwarded-For"))


def find() -> Person | None:
    """The person of this run, None when signed out."""
    audit.acting_from(address())
    return sessions.find(_cookie())


def arrive(who: Person, project: Project | None = None) -> None:
    """Keep who runs the page, and in which project: the frame asks the database once a run."""
    st.session_state[_HERE] = (who, project)


def person() -> Person:
    """The person of this run; the frame lets no page run without one."""
    who: Person = st.session_state[_HERE][0]
    return who


def _failed() -> None:
    st.session_state["session_failed"] = True


def begin(ticket: str, *, keep_link: bool = False) -> None:
    """Have the browser trade a ticket for its cookie and load the page anew, where it was."""
    data = {"order": ticket, "method": "POST", "ticket": ticket, "drop": "" if keep_link else "link"}
    _order(key="session", data=data, on_failed_change=_failed)
    st.caption("Signing in …")


def leave(who: Person) -> None:
    """End the session on the server at once, then have the browser forget its cookie."""
    audit.acting_from(address())
    sessions.end_this(who)
    st.session_state["leaving"] = True


def leave_everywhere(who: Person) -> None:
    """End all sessions of the person, this one too."""
    audit.acting_from(address())
    sessions.revoke_all(who)
    st.session_state["leaving"] = True


def finish_leaving() -> bool:
    """Send the browser away if it was just signed out; True if so."""
    if not st.session_state.get("leaving"):
        return False
    order = f"leave-{id(st.session_state)}"
    _order(key="session", data={"order": order, "method": "DELETE", "ticket": "", "home": True})
    st.caption("Signing out …")
    return True


def _asked_for() -> int | None:
    """The project in the address. Raises NotFound for what is no project's number."""
    text = st.query_params.get(_PARAMETER)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise NotFound("There is no such project, or you are not a member of it.")
    return int(text)


def choose(project_id: int) -> None:
    """Make a project the one of this tab and of its address."""
    st.session_state[_PROJECT] = project_id
    st.query_params[_PARAMETER] = str(project_id)


def forget() -> None:
    """Let this tab choose its project anew: the one it had is gone."""
    st.session_state.pop(_PROJECT, None)
    st.query_params.pop(_PARAMETER, None)


def current(who: Person, mine: list[Project]) -> Project | None:
    """The project of the address, else of this tab, else the one used last, else the first; None if there
    are none. Raises NotFound when the address names a project that the person is not in."""
    by_id = {p.id: p for p in mine}
    asked = _asked_for()
    if asked is not None and asked not in by_id:
        raise NotFound("There is no such project, or you are not a member of it.")
    if not mine:
        return None
    wanted = (asked, st.session_state.get(_PROJECT))
    chosen = next((by_id[i] for i in wanted if i in by_id), None)
    if chosen is None:
        chosen = by_id.get(projects.last_used(who) or 0, mine[0])
    if st.session_state.get(_REMEMBERED) != chosen.id:
        projects.remember(who, chosen.id)
        st.session_state[_REMEMBERED] = chosen.id
    choose(chosen.id)
    return chosen


def project() -> Project:
    """The project of this run. Raises NotFound when the person is in none."""
    found: Project | None = st.session_state[_HERE][1]
    if found is None:
        raise NotFound("You are in no project yet. Ask an owner for an invitation.")
    return found


def opened(page: str | None = None) -> str:
    """The address of the page that runs, such as overview; the frame tells it."""
    if page is not None:
        st.session_state[_PAGE] = page
    return str(st.session_state.get(_PAGE, ""))
