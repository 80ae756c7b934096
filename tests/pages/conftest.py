from __future__ import annotations

from dataclasses import dataclass

import pytest
from streamlit.testing.v1 import AppTest

from store.access import Person
from tests import accounts, opening


@dataclass
class House:
    """A project “Shop”, somebody with each role in it, and an administrator; each signed in."""

    project_id: int
    people: dict[str, Person]
    cookies: dict[str, str]
    monkeypatch: pytest.MonkeyPatch

    def open(self, role: str, page: str, **params: str) -> AppTest:
        """A page as the person with this role sees it."""
        found = opening.page(
            self.monkeypatch, self.cookies[role], page, project=str(self.project_id), **params
        )
        assert not found.exception
        return found


@pytest.fixture
def house(make_project, monkeypatch) -> House:
    found = House(make_project(), {}, {}, monkeypatch)
    for role in ("viewer", "editor", "owner", "admin"):
        person = accounts.add(f"{role}@example.com", is_admin=role == "admin")
        if role != "admin":
            accounts.join(person, found.project_id, role)
        found.people[role], found.cookies[role] = accounts.sign_in(person)
    return found
