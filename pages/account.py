"""Account: one's own name, passphrase, second factor, and the browsers that are signed in."""

from __future__ import annotations

import streamlit as st

from store import people, second_factor, sessions
from ui import formats, messages, session

person = session.person()
zone = st.context.timezone or "UTC"
st.title("Account")


def browser_name(agent: str | None) -> str:
    """“Firefox on Linux” out of a user agent."""
    text = agent or ""
    makers = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "Chrom": "Chrome", "Safari": "Safari"}
    systems = {
        "Android": "Android",
        "iPhone": "iPhone",
        "iPad": "iPad",
        "Windows": "Windows",
        "Mac": "macOS",
        "Linux": "Linux",
    }
    maker = next((name for sign, name in makers.items() if sign in text), "A browser")
    system = next((name for sign, name in systems.items() if sign in text), "an unknown system")
    return f"{maker} on {system}"


def name_form() -> None:
    with st.form("name_form"):
        st.subheader("You", anchor=False)
        name = st.text_input("Your name", person.name, max_chars=100, autocomplete="name")
        st.text_input("E-mail address", person.email, disabled=True)
        if st.form_submit_button("Save name"):
            messages.attempt(people.change_name, person, name, done="Your name is saved.")
            st.rerun()


def passphrase_form() -> None:
    with st.form("passphrase_form", clear_on_submit=True):
        st.subheader("Passphrase", anchor=False)
        old = st.text_input("Passphrase now", type="password", autocomplete="current-password")
        new = st.text_input(
            "New passphrase", type="password", autocomplete="new-password", help="12 to 128 characters."
        )
        again = st.text_input("New passphrase again", type="password", autocomplete="new-password")
        if st.form_submit_button("Change passphrase"):
            done = "Your passphrase is changed; other browsers were signed out."
            messages.attempt(people.change_passphrase, person, old, new, again, session.address(), done=done)
            st.rerun()


def recovery_codes(codes: list[str]) -> None:
    with st.container(border=True):
        st.subheader("Recovery codes", anchor=False)
        st.write(
            "Each signs you in once when your phone is away. They are shown only now: print or store them."
        )
        st.code("\n".join(codes), language=None)
        if st.button("I have kept them", type="primary"):
            del st.session_state["recovery_codes"]
            st.rerun()


def turn_on() -> None:
    st.write("A code from an app on your phone, asked for after the passphrase, keeps out whoever learns it.")
    if "new_secret" not in st.session_state:
        if st.button("Set up second factor"):
            st.session_state["new_secret"] = second_factor.new_secret()
            st.rerun()
        return
    secret = st.session_state["new_secret"]
    st.write(
        "Scan this with an authenticator app, or type the key into it. Then enter the code that it shows."
    )
    st.image(second_factor.picture(person, secret), width=220)
    st.code(secret, language=None)
    with st.form("second_factor_form"):
        code = st.text_input("Code", autocomplete="one-time-code")
        if st.form_submit_button("Turn on", type="primary"):
            codes = messages.attempt(
                second_factor.turn_on, person, secret, code, done="The second factor is on."
            )
            if codes:
                del st.session_state["new_secret"]
                st.session_state["recovery_codes"] = codes
            st.rerun()


def is_on() -> None:
    st.write(f"On. {second_factor.codes_left(person)} recovery codes are left.")
    with st.form("second_factor_change_form", clear_on_submit=True):
        passphrase = st.text_input("Your passphrase", type="password", autocomplete="current-password")
        with st.container(horizontal=True):
            renew = st.form_submit_button("New recovery codes")
            off = st.form_submit_button("Turn off second factor")
    if renew:
        codes = messages.attempt(second_factor.renew_codes, person, passphrase, session.address())
        if codes:
            st.session_state["recovery_codes"] = codes
    if off:
        done = "The second factor is off."
        messages.attempt(second_factor.turn_off, person, passphrase, session.address(), done=done)
    if renew or off:
        st.rerun()


def browsers() -> None:
    st.subheader("Signed-in browsers", anchor=False)
    for found in sessions.list_own(person):
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.text(f"{browser_name(found.browser)} · {found.address or 'unknown address'}", width="stretch")
            st.caption(
                "this browser" if found.is_this else f"last used {formats.moment(found.seen_at, zone)}"
            )
            if not found.is_this and st.button("End", key=f"end-{found.id}"):
                messages.attempt(sessions.revoke, person, found.id, done="That browser is signed out.")
                st.rerun()
    leave = {"on_click": session.leave_everywhere, "args": (person,)}
    st.button("Sign out everywhere", icon=":material/logout:", **leave)


if codes := st.session_state.get("recovery_codes"):
    recovery_codes(codes)
name_form()
passphrase_form()
st.subheader("Second factor", anchor=False)
if second_factor.is_on(person):
    is_on()
else:
    turn_on()
browsers()
