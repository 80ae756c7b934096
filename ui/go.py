"""Send the browser to another site in the same tab: Streamlit's own links open a new one."""

from __future__ import annotations

import streamlit as st

# More than one line, or Streamlit takes it for a file name.
_SCRIPT = """
export default function (component) {
  const { data } = component
  if (data && /^https?:/.test(data.url)) window.location.assign(data.url)
}
"""
_leave = st.components.v2.component("soundings_go", js=_SCRIPT)


def to(url: str, name: str) -> None:
    """Leave for `url`, called `name`; a link stands there for a browser that does not go by itself."""
    _leave(key="go", data={"url": url})
    st.link_button(f"Continue at {name}", url, type="primary", icon=":material/open_in_new:")
    st.caption("You come back here when you are done there.")
