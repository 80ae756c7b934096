"""Connections: a card for each platform, how it is and what to do, and the way to connect an account."""

from __future__ import annotations

import streamlit as st

import connectors
from store.access import Action, may
from store.connections import Login
from syncing import connecting, refreshing
from syncing.status import Freshness
from ui import connect, formats, messages, session
from ui.sign_in import literal

STATES = {
    "healthy": ("Healthy", "check_circle", "green"),
    "syncing": ("Reading", "sync", "blue"),
    "queued": ("In line", "schedule", "blue"),
    "waiting": ("Waiting", "schedule", "blue"),
    "paused": ("Paused", "pause_circle", "gray"),
    "never_synced": ("Never synced", "hourglass_empty", "gray"),
    "stale": ("Stale", "history", "orange"),
    "error": ("Error", "error", "red"),
    "needs_reconnecting": ("Needs reconnecting", "link_off", "red"),
    "signing_in": ("Not finished", "pending", "orange"),
}
person, project = session.person(), session.project()
may_manage = may(person, project.id, Action.MANAGE_CONNECTIONS)
may_refresh = may(person, project.id, Action.REFRESH)
st.title("Connections")


@st.dialog("Disconnect?")
def confirm(login: Login, count: int) -> None:
    st.write(f"**{literal(login.name)}** is no longer read, and its sign-in is deleted here for good.")
    keep = st.radio(
        "What was read from it",
        ["stays: dashboards show it, it is not refreshed", "is deleted as well"],
        disabled=not count,
    )
    with_data = keep.startswith("is deleted")
    if st.button(
        "Disconnect and delete its data" if with_data else "Disconnect",
        type="primary",
        on_click=messages.attempt,
        args=(connecting.remove, person, project.id, login.id),
        kwargs={"with_data": with_data, "done": f"{literal(login.name)} is disconnected."},
    ):
        st.rerun()


def badge(state: str) -> None:
    text, icon, color = STATES[state]
    st.badge(text, icon=f":material/{icon}:", color=color)


def account(one: Freshness) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{literal(one.source.name)}**", width="stretch")
        badge(one.state)
    through = f"through {formats.day(one.source.covers_through)} · " if one.source.covers_through else ""
    st.caption(f"{through}{literal(one.diagnosis)}")
    if one.cure != "Nothing to do.":
        st.caption(f":material/arrow_forward: {literal(one.cure)}")
    if may_refresh and one.state in {"error", "stale", "never_synced"}:
        st.button(
            "Refresh now",
            key=f"refresh-{one.source.id}",
            icon=":material/sync:",
            on_click=messages.attempt,
            args=(refreshing.refresh, person, project.id, [one.source.id]),
            kwargs={"done": f"{literal(one.source.name)} is being refreshed. Watch it under Syncs."},
        )


def buttons(login: Login, count: int) -> None:
    again = {"connect": login.platform, "replaces": str(login.id)}
    begun = {"connection": str(login.id)}
    with st.container(horizontal=True):
        if login.state == "signing_in":
            st.button("Go on", type="primary", key=f"on-{login.id}", on_click=connect.begin, kwargs=begun)
        if login.state == "healthy" and not count:
            st.button(
                "Pick accounts", type="primary", key=f"add-{login.id}", on_click=connect.begin, kwargs=begun
            )
        if login.state == "needs_reconnecting":
            st.button(
                "Reconnect", type="primary", key=f"again-{login.id}", on_click=connect.begin, kwargs=again
            )
        with st.popover("Manage", icon=":material/tune:"):
            if login.state == "healthy" and count:
                st.button("Pick more accounts", key=f"add-{login.id}", on_click=connect.begin, kwargs=begun)
            if login.state == "healthy":
                st.button("Replace the sign-in", key=f"key-{login.id}", on_click=connect.begin, kwargs=again)
            if st.button("Disconnect", key=f"off-{login.id}"):
                confirm(login, count)


def no_accounts(login: Login) -> str:
    if login.state == "healthy":
        return "Signed in; no account is picked yet."
    return "The sign-in was begun and not finished. Nothing is read."


def card(platform: str, logins: list[Login], found: list[Freshness]) -> None:
    kind = connectors.find(platform)
    more = {"connect": platform}
    with st.container(border=True, key=f"card-{platform}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"#### {kind.label}", width="stretch")
            if may_manage and logins:
                st.button(
                    "Connect another", key=f"connect-{platform}", icon=":material/add:", type="tertiary",
                    on_click=connect.begin, kwargs=more,
                )  # fmt: skip
        if not logins:
            st.caption(kind.reads)
        for login in logins:
            mine = [one for one in found if one.login.id == login.id]
            for one in mine:
                account(one)
            if not mine:
                badge(login.state)
                st.caption(literal(login.diagnosis) or no_accounts(login))
            if may_manage:
                buttons(login, len(mine))
        if may_manage and not logins:
            st.button("Connect", key=f"connect-{platform}", on_click=connect.begin, kwargs=more)


if may_manage and (chosen := st.query_params.get("connect")) in connectors.REGISTRY:
    connect.sign_in(person, project, chosen, connect.number("replaces"))
    st.stop()
if may_manage and (begun := connect.number("connection")) is not None:
    connect.go_on(person, project, begun)
    st.stop()
connect.problem()
if not may_manage:
    st.caption("An owner of the project connects accounts; you see how they are.")
logins, found = connecting.logins_of(person, project.id), refreshing.freshness(person, project.id)
order = sorted(connectors.REGISTRY, key=lambda slug: not any(one.platform == slug for one in logins))
with st.grid(2, min_column_width=330):
    for platform in order:
        card(platform, [one for one in logins if one.platform == platform], found)
