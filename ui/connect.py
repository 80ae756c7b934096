"""The way to a connected account: what is read, sign in, test, pick accounts."""

from __future__ import annotations

import streamlit as st

import connectors
from analytics import metrics
from api.oauth import redirect_uri
from connectors._base import Connector, Field, SignIn
from errors import SoundingsError
from store.access import Person
from store.connections import Login
from store.projects import Project
from syncing import connecting
from syncing.connecting import Choice, Preview
from ui import formats, go, messages
from ui.sign_in import literal

_STEPS = ("Sign in", "Test", "Pick accounts")
_PROBLEMS = {
    "expired": "That way back was used already, or took longer than half an hour. Nothing was changed: press Go on "
    "at the sign-in that is not finished.",
    "signed_out": "You were signed out of Soundings meanwhile, so nothing was changed. Sign in at the platform again.",
    "left": "You came back before the sign-in at the platform was finished. Nothing was changed.",
}
_ACCOUNTS = "accounts_offered"  # session state: connection → its accounts, asked for once in this tab


def _head(kind: type[Connector], step: int) -> None:
    st.subheader(f"Connect {kind.label}", anchor=False)
    marks = [f"**{name}**" if n == step else name for n, name in enumerate(_STEPS)]
    st.caption(f"Step {step + 1} of {len(_STEPS)}: {' › '.join(marks)}")


def _leave() -> None:
    """Back to the cards."""
    for name in ("connect", "connection", "replaces", "problem"):
        st.query_params.pop(name, None)
    st.session_state.pop(_ACCOUNTS, None)


def begin(**where: str) -> None:
    """From the cards into the steps: `connect` a platform (`replaces` a connection), or go on with a `connection`."""
    _leave()
    st.query_params.update(where)


def number(name: str) -> int | None:
    """A connection's number in the address, None for what is none."""
    text = st.query_params.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def problem() -> None:
    """Say what went wrong on the way back from a platform, if anything did."""
    if found := _PROBLEMS.get(st.query_params.get("problem", "")):
        st.error(found, icon=":material/error:")


def close_button(label: str = "Back to all connections") -> None:
    """A way out of the steps at any time; nothing that was typed is kept."""
    st.button(label, icon=":material/arrow_back:", type="tertiary", on_click=_leave)


# --- sign in -------------------------------------------------------------------------------------


def sign_in(person: Person, project: Project, platform: str, replaces: int | None) -> None:
    """What will be read and why, and the fields of one way to sign in."""
    kind = connectors.find(platform)
    _head(kind, 0)
    st.write(kind.reads)
    names = {way.slug: way.label for way in kind.sign_ins}
    slug = next(iter(names))
    if len(names) > 1:
        slug = st.segmented_control(
            "How to sign in", list(names), format_func=names.__getitem__, default=slug, required=True
        )
    way = next(way for way in kind.sign_ins if way.slug == slug)
    st.caption(way.help)
    if way.oauth:
        st.write("In your app at the platform, allow this address to come back to:")
        st.code(redirect_uri(), language=None)
    given = _form(kind, way)
    close_button()
    if given is None:
        return
    made = messages.attempt(
        connecting.begin, person, project.id, platform, way.slug, given, replaces=replaces
    )
    if made is not None:
        _leave()
        st.query_params["connection"] = str(made)
    st.rerun()


def _form(kind: type[Connector], way: SignIn) -> dict[str, str] | None:
    with st.form(f"sign-in-{way.slug}"):
        given = {field.name: _input(field) for field in way.fields}
        label = f"Continue at {kind.label}" if way.oauth else "Save and test"
        st.caption(
            "Stored encrypted, used only to read, never shown again. You can replace or remove it at any time."
        )
        sent = st.form_submit_button(label, type="primary", icon=":material/lock:")
    return given if sent else None


def _input(field: Field) -> str:
    label = field.label if field.required else f"{field.label} (optional)"
    if field.long:
        return st.text_area(label, help=field.help or None, height=140)
    if field.secret:
        return st.text_input(label, help=field.help or None, type="password", autocomplete="off")
    return st.text_input(label, help=field.help or None, autocomplete="off")


# --- test ----------------------------------------------------------------------------------------


def go_on(person: Person, project: Project, connection_id: int) -> None:
    """The next step of a connection that was begun."""
    login = connecting.login(person, project.id, connection_id)
    kind = connectors.find(login.platform)
    problem()
    if login.state == "signing_in" and login.diagnosis:
        st.error(literal(login.diagnosis), icon=":material/error:")
    way = next((way for way in kind.sign_ins if way.slug == login.sign_in), None)
    if (
        login.state == "signing_in"
        and way is not None
        and way.oauth
        and not connecting.has_tokens(person, project.id, login.id)
    ):
        _send_away(person, project, login, kind)
    elif login.state == "healthy" or _test(person, project, login, kind):
        _pick(person, project, login, kind)
    close_button()


def _send_away(person: Person, project: Project, login: Login, kind: type[Connector]) -> None:
    _head(kind, 0)
    # Once only by itself: the browser's Back button must not send people away again.
    again = bool(login.diagnosis or st.query_params.get("problem"))
    if again and not st.button(f"Sign in at {kind.label} again", type="primary"):
        return
    address = messages.attempt(connecting.address_to_allow, person, project.id, login.id, redirect_uri())
    if address is None:
        messages.show()
        return
    st.query_params["problem"] = "left"
    go.to(address, kind.label)


def _test(person: Person, project: Project, login: Login, kind: type[Connector]) -> bool:
    """Run the test before the person's eyes; True if everything works, and the next step's head may follow."""
    with (head := st.empty()).container():
        _head(kind, 1)
    failed = ""
    with st.status(f"Testing the sign-in to {kind.label} …", expanded=True) as box:
        for step in connecting.test(person, project.id, login.id):
            st.write(f":material/{'error' if step.error else 'check_circle'}: {step.label}")
            failed = step.error
        box.update(
            label=f"The step “{step.label}” failed" if failed else f"{kind.label} lets us in",
            state="error" if failed else "complete",
            expanded=bool(failed),
        )
    if not failed:
        head.empty()
        return True
    st.error(literal(failed), icon=":material/error:")
    with st.container(horizontal=True):
        st.button("Test again", icon=":material/refresh:", type="primary")
        _enter_again(person, project, login)
    return False


def _enter_again(person: Person, project: Project, login: Login) -> None:
    st.button(
        "Enter the sign-in again",
        icon=":material/edit:",
        on_click=_start_over,
        args=(person, project, login),
    )


def _start_over(person: Person, project: Project, login: Login) -> None:
    replaces = connecting.renews(person, project.id, login.id)
    if messages.attempt(connecting.discard, person, project.id, login.id) is None:
        return
    _leave()
    st.query_params["connect"] = login.platform
    if replaces is not None:
        st.query_params["replaces"] = str(replaces)


# --- accounts ------------------------------------------------------------------------------------


def _pick(person: Person, project: Project, login: Login, kind: type[Connector]) -> None:
    connection_id = login.id
    try:
        kept = connecting.finish_reconnecting(person, project.id, connection_id)
        if kept != connection_id:
            _leave()
            messages.tell(f"{kind.label} is connected again, and its accounts are being read.")
            st.rerun()
        offered = _offered(person, project, connection_id)
    except SoundingsError as error:
        st.error(literal(str(error)), icon=":material/error:")
        if connecting.renews(person, project.id, connection_id) is not None:
            _enter_again(person, project, login)
        return
    _head(kind, 2)
    free = [one for one in offered if not one.why_not]
    if len(offered) > 8:
        wanted = st.text_input("Search accounts", key="account_search", type="default").casefold()
        offered = [one for one in offered if _is_shown(one, wanted)]
    picked = [
        one.account.key
        for one in offered
        if _account(person, project, connection_id, kind, one, len(free) == 1)
    ]
    st.button(
        f"Start reading {len(picked)} account{'s' if len(picked) != 1 else ''}",
        type="primary",
        icon=":material/play_arrow:",
        disabled=not picked,
        on_click=_start,
        args=(person, project, connection_id, picked),
    )
    st.caption("The newest 30 days come first, then up to two years back. You can close this page meanwhile.")


def _is_shown(one: Choice, wanted: str) -> bool:
    """What is picked stays in sight, so that a search for the next account does not drop it."""
    named = wanted in f"{one.account.name} {one.account.key}".casefold()
    return named or bool(st.session_state.get(f"account-{one.account.key}"))


def _offered(person: Person, project: Project, connection_id: int) -> list[Choice]:
    """Listing accounts may take many calls, so it is not done anew at every click."""
    known: dict[int, list[Choice]] = st.session_state.setdefault(_ACCOUNTS, {})
    if connection_id not in known:
        with st.spinner("Listing the accounts …"):
            known[connection_id] = connecting.choices(person, project.id, connection_id)
    return known[connection_id]


def _account(
    person: Person, project: Project, connection_id: int, kind: type[Connector], one: Choice, is_only: bool
) -> bool:
    account = one.account
    with st.container(border=True):
        facts = " · ".join(part for part in (account.key, account.currency, account.time_zone) if part)
        wanted = st.checkbox(
            literal(account.name),
            value=is_only and not one.why_not,
            key=f"account-{account.key}",
            disabled=bool(one.why_not),
        )
        st.caption(literal(facts))
        if one.why_not:
            st.caption(f":material/block: {literal(one.why_not)}")
        if one.twin:
            st.info(
                f"You uploaded exports of “{literal(one.twin)}” before. They would count twice, so the uploaded source is left "
                "out of the totals once this account is connected; switch it on again under Imports.",
                icon=":material/content_copy:",
            )
        if wanted and not one.why_not:
            _preview(person, project, connection_id, kind, account.key)
    return wanted and not one.why_not


def _preview(
    person: Person, project: Project, connection_id: int, kind: type[Connector], account_key: str
) -> None:
    """The last 30 days, asked for once in this tab."""
    key = f"preview-{connection_id}-{account_key}"
    if key not in st.session_state:
        with st.spinner("Asking for the last 30 days …"):
            try:
                st.session_state[key] = connecting.preview(person, project.id, connection_id, account_key)
            except SoundingsError as error:
                st.session_state[key] = str(error)
    found: Preview | str = st.session_state[key]
    if isinstance(found, str):
        st.warning(f"A preview could not be had: {literal(found)}", icon=":material/visibility_off:")
        return
    metric = metrics.metric(found.metric)
    st.metric(
        f"{metric.label}, last 30 days",
        formats.metric(metric, found.total, found.currency),
        chart_data=[float(value) for value in found.by_day.values()] or None,
        chart_type="bar",
        width="content",
    )


def _start(person: Person, project: Project, connection_id: int, picked: list[str]) -> None:
    done = "It is being read: the newest 30 days first. Watch it under Syncs, or close the page."
    if messages.attempt(connecting.pick, person, project.id, connection_id, picked, done=done):
        _leave()
