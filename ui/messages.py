"""What a person reads after a deed and after a failure: plain words, never a stack trace."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Sequence
from typing import NoReturn, TypeVar

import streamlit as st

from errors import (
    KeyMismatch,
    NotAllowed,
    NotFound,
    SignInNeeded,
    SoundingsError,
    StoreUnavailable,
    TryLater,
)
from store import audit
from ui import session

_log = logging.getLogger("soundings.pages")
_KEY = "message"  # session state: (is it good news, the text, what takes it back), shown by the next run
_SHOWN = "message_shown"  # session state: what was shown last, and when
_READ_AFTER = 8.0  # seconds
Undo = Callable[[], object]
T = TypeVar("T")


def attempt(
    do: Callable[..., T],
    *args: object,
    done: str | None = None,
    undo: Undo | None = None,
    **options: object,
) -> T | None:
    """Do something for the person and tell how it went on the next run: `done`, or the error's own words.

    With `undo`, a button beside the message takes the deed back.
    Returns what `do` returned, None after an error. Other exceptions pass. Fit for a button's `on_click`,
    which runs before the frame: so it also notes from where the person acts.
    """
    audit.acting_from(session.address())
    try:
        result = do(*args, **options)
    except SignInNeeded:
        raise
    except SoundingsError as error:
        st.session_state[_KEY] = (False, str(error), None)
        return None
    if done:
        st.session_state[_KEY] = (True, done, undo)
    return result


def button(label: str, key: str, icon: str, do: Undo, done: str, undo: Undo | None = None) -> None:
    """A button that does something by `attempt`."""
    st.button(
        label, key=key, icon=f":material/{icon}:", type="tertiary", on_click=attempt, args=(do,),
        kwargs={"done": done, "undo": undo},
    )  # fmt: skip


def removed(gone: Sequence[tuple[str, str, Undo]], back: str) -> None:
    """What was removed lately, each as (its words, the button's key, what brings it back); `back` is said then."""
    if not gone:
        return
    with st.expander(f"Removed in the last 30 days ({len(gone)})", icon=":material/delete:"):
        for text, key, restore in gone:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(text)
                button("Bring back", key, "undo", restore, back)


def tell(good_news: str) -> None:
    """Say it on the next run."""
    st.session_state[_KEY] = (True, good_news, None)


def follow() -> NoReturn:
    """Run the page again without the person having asked; what they may not have read yet stays."""
    found, since = st.session_state.get(_SHOWN, (None, 0.0))
    if found and time.monotonic() - since < _READ_AFTER and _KEY not in st.session_state:
        st.session_state[_KEY] = found
    st.rerun()


def show() -> None:
    """Show what `attempt` or `tell` left, once."""
    found = st.session_state.pop(_KEY, None)
    if found is None:
        return
    last, _ = st.session_state.get(_SHOWN, (None, 0.0))
    if found is not last:
        st.session_state[_SHOWN] = (found, time.monotonic())
    good, text, undo = found
    if good and undo:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.success(text, icon=":material/check_circle:")
            st.button(
                "Undo", icon=":material/undo:", key="undo", on_click=attempt, args=(undo,),
                kwargs={"done": "Taken back."},
            )  # fmt: skip
    elif good:
        st.success(text, icon=":material/check_circle:")
    else:
        st.error(text, icon=":material/error:")


def show_failure(error: Exception) -> bool:
    """Show an error that a page did not expect; True tells Streamlit that it was shown."""
    if isinstance(error, NotAllowed):
        st.warning(str(error), icon=":material/lock:")
    elif isinstance(error, NotFound):
        st.warning(str(error), icon=":material/search_off:")
    elif isinstance(error, SignInNeeded):
        st.warning(f"{error} Reload this page to sign in.", icon=":material/login:")
    elif isinstance(error, StoreUnavailable | TryLater):
        st.info(str(error), icon=":material/schedule:")
    elif isinstance(error, KeyMismatch):
        st.error(str(error), icon=":material/key_off:")
    elif isinstance(error, SoundingsError):
        st.error(str(error), icon=":material/error:")
    else:
        reference = secrets.token_hex(4)
        _log.error("reference %s", reference, exc_info=error)
        st.error(
            f"Something broke on our side, and nothing that was saved before is lost. Reload the page; if it "
            f"stays so, tell your administrator the reference {reference}.",
            icon=":material/error:",
        )
    return True
