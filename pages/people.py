"""People: everybody with an account on this instance, for its administrators."""

from __future__ import annotations

import streamlit as st

from store import people, second_factor
from store.people import Account
from ui import formats, messages, session

person = session.person()
zone = st.context.timezone or "UTC"
st.title("People")


def table(accounts: list[Account]) -> None:
    st.dataframe(
        {
            "Name": [a.name for a in accounts],
            "E-mail": [a.email for a in accounts],
            "Instance": ["administrator" if a.is_admin else "" for a in accounts],
            "Second factor": ["on" if a.has_second_factor else "off" for a in accounts],
            "State": ["disabled" if a.disabled_at else "active" for a in accounts],
            "Last seen": [formats.moment(a.seen_at, zone) if a.seen_at else formats.NONE for a in accounts],
        },
        hide_index=True,
    )
    st.caption(
        "Invite somebody from a project's Members page. An administrator counts as owner of every project."
    )


def make_link(account: Account) -> None:
    st.session_state["reset_link"] = messages.attempt(people.issue_reset, person, account.id)


@st.dialog("Reset link")
def reset(account: Account) -> None:
    st.text(f"{account.name} · {account.email}")
    st.write(
        "The link sets a new passphrase, works once and for an hour, and signs the person out everywhere."
    )
    if st.button("Make link", type="primary", on_click=make_link, args=(account,)):
        st.rerun()


@st.dialog("Are you sure?")
def confirm(account: Account, text: str, button: str, do: object, *args: object) -> None:
    st.text(f"{account.name} · {account.email}")
    st.write(text)
    deed = {
        "on_click": messages.attempt,
        "args": (do, person, account.id, *args),
        "kwargs": {"done": "Done."},
    }
    if st.button(button, type="primary", **deed):
        st.rerun()


def change(account: Account) -> None:
    with st.container(horizontal=True):
        if st.button("Reset link", icon=":material/key:"):
            reset(account)
        if account.has_second_factor and st.button("Reset second factor", icon=":material/phonelink_erase:"):
            text = "The second factor is turned off; the passphrase alone will sign this person in."
            confirm(account, text, "Turn it off", second_factor.reset)
        if account.is_admin and st.button("Withdraw administrator", icon=":material/remove_moderator:"):
            text = "The person keeps only the roles that they have as a member of projects."
            confirm(account, text, "Withdraw", people.set_admin, False)
        if not account.is_admin and st.button("Make administrator", icon=":material/add_moderator:"):
            text = "The person will be able to do everything in every project, and to manage people."
            confirm(account, text, "Make administrator now", people.set_admin, True)
        if account.disabled_at and st.button("Enable", icon=":material/person_check:"):
            confirm(
                account,
                "The person can sign in again, with the roles that they had.",
                "Enable now",
                people.enable,
            )
        if not account.disabled_at and st.button("Disable", icon=":material/person_off:"):
            text = "The person is signed out everywhere at once and cannot sign in. Their work stays."
            confirm(account, text, "Disable now", people.disable)


accounts = people.list_all(person)
table(accounts)
st.subheader("Change an account", anchor=False)
names = {a.id: f"{a.name} · {a.email}" for a in accounts}
by_id = {a.id: a for a in accounts}
chosen = st.selectbox("Person", list(names), format_func=names.__getitem__, key="account")
if chosen is not None:
    change(by_id[chosen])
if link := st.session_state.pop("reset_link", None):
    st.write("Hand this over on a channel that you trust; it is not shown again.")
    st.code(link, language=None)
