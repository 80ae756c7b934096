"""Pages for tests, run through the frame as a browser runs them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

# Each AppTest looks through everything that is installed for components, half a second long; once is enough.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)

MAIN = Path(__file__).parent.parent / "ui" / "main.py"


def page(
    monkeypatch: pytest.MonkeyPatch, cookie: str | None, name: str | None = None, **params: str
) -> AppTest:
    """The page of this name (None: the one that opens first) as somebody with this cookie sees it."""
    from ui import session

    monkeypatch.setattr(session, "_cookie", lambda: cookie)
    monkeypatch.setattr(session, "address", lambda: "192.0.2.7")
    found = AppTest.from_file(str(MAIN), default_timeout=20)
    for key, value in params.items():
        found.query_params[key] = value
    if name is None:
        return found.run()
    return found.switch_page(f"../pages/{name}.py").run()


def text(found: AppTest) -> str:
    """All words on the page, messages and headings first."""
    kinds = (found.error, found.warning, found.info, found.success, found.title, found.subheader)
    parts = [e.value for kind in kinds for e in kind]
    parts += [e.value for kind in (found.markdown, found.caption, found.text, found.code) for e in kind]
    return "\n".join(str(p) for p in parts)


def press(found: AppTest, label: str) -> AppTest:
    """Press the button with this label."""
    button = next(b for b in found.button if b.label == label)
    return button.click().run()


def buttons(found: AppTest) -> list[str]:
    """Labels of the buttons that can be pressed."""
    return [b.label for b in found.button if not b.disabled]
