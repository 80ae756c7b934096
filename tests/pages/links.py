"""A link to a page, followed cold: the test app drops parameters that the page before it had bound."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from tests import opening


def follow(house, role: str, page: str, **params: str | list[str]) -> AppTest:
    """The page behind a link, as the person with this role sees it; a list is a parameter given several times."""
    found = opening.page(house.monkeypatch, house.cookies[role], "account", project=str(house.project_id))
    for name, value in params.items():
        found.query_params[name] = value
    found = found.switch_page(f"../pages/{page}.py").run()
    assert not found.exception
    return found
