"""What is said after a deed: once, but not gone before it was read because the page ran again by itself."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from tests.opening import press


def _page() -> None:
    import streamlit as st

    from ui import messages

    messages.show()
    st.button("Do", on_click=messages.tell, args=("It is done.",))
    st.button("Look elsewhere")
    if st.session_state.pop("something_began", False):
        messages.follow()


def _said(found: AppTest) -> list[str]:
    return [one.value for one in found.success]


def test_a_message_is_shown_once():
    found = press(AppTest.from_function(_page).run(), "Do")
    assert _said(found) == ["It is done."]
    assert _said(press(found, "Look elsewhere")) == []


def test_a_message_outlives_a_page_that_runs_again_by_itself():
    found = press(AppTest.from_function(_page).run(), "Do")
    found.session_state["something_began"] = True
    assert _said(found.run()) == ["It is done."]
    assert _said(press(found, "Look elsewhere")) == []


def test_a_message_read_long_ago_does_not_come_back(monkeypatch):
    found = press(AppTest.from_function(_page).run(), "Do")
    monkeypatch.setattr("ui.messages._READ_AFTER", 0.0)
    found.session_state["something_began"] = True
    assert _said(found.run()) == []
