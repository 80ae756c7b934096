"""The way in: sign-in in one or two steps, the first administrator, invitations and resets.

Form and hashing come from streamlit-authenticator; credentials, throttling and sessions are ours. Its
cookie is replaced by none: it would be readable by scripts.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import streamlit as st
from streamlit_authenticator import Authenticate
from streamlit_authenticator.controllers import AuthenticationController

from api import mail
from errors import BadInput, SoundingsError
from store import db, links, members, people, second_factor
from store.access import Person
from store.links import Link, Purpose
from ui import messages, session

_SECOND_STEP = "second_step"  # session state: (user id, until when), after a right passphrase
_PATIENCE = 300  # seconds to enter a code
_SENT = (
    "If there is an account with this address, a mail with a link is on its way. The link holds for an hour."
)


class _NoCookie:
    """In place of the library's cookie controller, which sets one that scripts can read."""

    def get_cookie(self) -> None:
        return None

    def set_cookie(self) -> None:
        return None


class _Form(Authenticate):  # type: ignore[misc]
    """The library's sign-in form over our own check of e-mail and passphrase."""

    def __init__(self, check: Callable[[str, str], bool]) -> None:
        self.path = None
        self.attrs = {"login_sleep_time": 0}
        self.cookie_controller = _NoCookie()
        self._usernames: dict[str, dict[str, Any]] = {}
        controller = AuthenticationController({"usernames": {}}, auto_hash=False)
        model = controller.authentication_model
        model.credentials = {"usernames": self._usernames}
        model.check_credentials = self._checked(check)
        self.authentication_controller = controller

    def _checked(self, check: Callable[[str, str], bool]) -> Callable[[str, str], bool]:
        def checked(email: str, passphrase: str) -> bool:
            if not check(email, passphrase):
                return False
            self._usernames[email] = {"email": email, "name": email}
            return True

        return checked

    def show(self) -> None:
        """Render the form and check what was submitted."""
        st.session_state["authentication_status"] = None  # the cookie says who is signed in, not this
        fields = {
            "Form name": "Sign in",
            "Username": "E-mail address",
            "Password": "Passphrase",
            "Login": "Sign in",
        }
        self.login(fields=fields, key="sign_in")
        st.session_state["authentication_status"] = None


def show() -> None:
    """Everything that somebody who is not signed in can see."""
    if session.finish_leaving():
        return
    with st.container(horizontal_alignment="center"), st.container(width=440):
        st.title("Soundings")
        st.caption("Every marketing channel side by side, in one currency.")
        if st.session_state.pop("session_failed", False):
            st.error("The sign-in could not be completed. Try again.")
        messages.show()
        token = st.query_params.get("link")
        if token:
            _follow(token)
        elif st.session_state.get(_SECOND_STEP):
            _second_step()
        else:
            _first_step()


def _first_step(*, keep_link: bool = False) -> None:
    found: list[people.SignIn] = []
    refused: list[str] = []

    def check(email: str, passphrase: str) -> bool:
        try:
            found.append(people.sign_in(email, passphrase, session.address()))
        except SoundingsError as error:
            refused.append(str(error))
        return bool(found)

    _Form(check).show()
    if refused:
        st.error(refused[0], icon=":material/error:")
    if found and found[0].ticket:
        session.begin(found[0].ticket, keep_link=keep_link)
    elif found:
        st.session_state[_SECOND_STEP] = (found[0].user_id, time.monotonic() + _PATIENCE)
        st.rerun()
    _forgotten()


def _forgotten() -> None:
    if not mail.is_set_up():
        st.caption(
            "Forgot your passphrase? An administrator of this instance can give you a link to set a new one."
        )
        return
    with st.expander("Forgot your passphrase?"), st.form("forgotten_form", border=False):
        email = st.text_input("Your e-mail address", type="email", autocomplete="email")
        if st.form_submit_button("Mail me a link"):
            link = people.request_reset(email)
            if link:
                mail.send_reset(email.strip(), link)
            st.info(_SENT)


def _second_step(*, keep_link: bool = False) -> None:
    user_id, until = st.session_state[_SECOND_STEP]
    if time.monotonic() > until:
        del st.session_state[_SECOND_STEP]
        st.rerun()
    with st.form("code_form"):
        st.subheader("Second step")
        code = st.text_input("Code", autocomplete="one-time-code", help="From your app, or a recovery code.")
        sent = st.form_submit_button("Continue", type="primary")
    if st.button("Start again", type="tertiary"):
        del st.session_state[_SECOND_STEP]
        st.rerun()
    if not sent:
        return
    try:
        ticket = second_factor.sign_in(user_id, code, session.address())
    except SoundingsError as error:
        st.error(str(error), icon=":material/error:")
        return
    del st.session_state[_SECOND_STEP]
    session.begin(ticket, keep_link=keep_link)


def _looked_up(token: str) -> tuple[Link, members.Offer | None]:
    with db.instance() as connection:
        link = links.look_up(connection, token)
        return link, members.offer(connection, link) if link.purpose is Purpose.INVITE else None


def _follow(token: str) -> None:
    """The form that a link opens for somebody who is not signed in."""
    try:
        link, offer = _looked_up(token)
    except BadInput as error:
        st.error(str(error), icon=":material/link_off:")
        if st.button("Go to sign-in"):
            del st.query_params["link"]
            st.rerun()
        return
    if link.purpose is Purpose.FIRST_ADMIN:
        st.write("Welcome. You are the first: create the account that administers this instance.")
        _new_account("Create administrator", None, lambda *typed: people.create_first_admin(token, *typed))
    elif link.purpose is Purpose.RESET:
        _reset(token)
    elif offer is not None:
        _invited(token, offer)


def _invited(token: str, offer: members.Offer) -> None:
    st.write(f"You are invited to the project **{literal(offer.project)}** as {offer.role}.")
    if st.session_state.get(_SECOND_STEP):
        _second_step(keep_link=True)
        return
    ways = ["I am new here", "I have an account"]
    if (
        st.segmented_control("Account", ways, default=ways[0], required=True, label_visibility="collapsed")
        == ways[1]
    ):
        _first_step(keep_link=True)
    else:
        _new_account("Create account and join", offer.email, lambda *typed: people.register(token, *typed))


def literal(text: str) -> str:
    """A name that people typed, without the meaning that its signs would have in Markdown."""
    return "".join(f"\\{c}" if c in r"\`*_{}[]()#+-.!|<>~$:" else c for c in text)


def _new_account(button: str, email: str | None, create: Callable[[str, str, str, str], str]) -> None:
    with st.form("new_account_form"):
        name = st.text_input("Your name", max_chars=100, autocomplete="name")
        typed = st.text_input(
            "E-mail address",
            value=email or "",
            type="email",
            disabled=email is not None,
            autocomplete="username",
        )
        first, second = _new_passphrase()
        sent = st.form_submit_button(button, type="primary")
    if not sent:
        return
    try:
        ticket = create(email or typed or "", name or "", first, second)
    except SoundingsError as error:
        st.error(str(error), icon=":material/error:")
    else:
        session.begin(ticket)


def _new_passphrase() -> tuple[str, str]:
    first = st.text_input(
        "Passphrase",
        type="password",
        help="12 to 128 characters; several words do well.",
        autocomplete="new-password",
    )
    second = st.text_input("Passphrase again", type="password", autocomplete="new-password")
    return first or "", second or ""


def _reset(token: str) -> None:
    with st.form("reset_form"):
        st.subheader("Set a new passphrase")
        first, second = _new_passphrase()
        sent = st.form_submit_button("Set passphrase", type="primary")
    if sent:
        messages.attempt(
            people.reset, token, first, second, done="Your new passphrase is set. Sign in with it."
        )
        with db.instance() as connection:
            try:
                links.look_up(connection, token)
            except BadInput:
                del st.query_params["link"]
        st.rerun()


def follow_signed_in(who: Person, token: str) -> None:
    """What a link does for somebody who is signed in: an invitation is offered, any other is named."""
    link, offer = None, None
    try:
        link, offer = _looked_up(token)
    except BadInput as error:
        st.error(str(error), icon=":material/link_off:")
    if offer is not None:
        st.write(f"You are invited to the project **{literal(offer.project)}** as {offer.role}.")
        if st.button("Join", type="primary"):
            _join(who, token, offer.project)
    elif link is not None:
        what = "sets a passphrase" if link.purpose is Purpose.RESET else "creates an administrator"
        st.warning(f"This link {what}. Sign out first, then open it again.", icon=":material/link_off:")
    if st.button("Continue without it"):
        del st.query_params["link"]
        st.rerun()


def _join(who: Person, token: str, name: str) -> None:
    joined = messages.attempt(members.join, who, token, done=f"You joined {literal(name)}.")
    del st.query_params["link"]
    if joined is not None:
        session.choose(joined)
    st.rerun()
