"""The gate: every page cold and signed out shows the form only; a viewer may look and not touch; sign-in lasts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import paths
from tests.browser.driving import Page, Server, chromium, server

ROOT = Path(__file__).parent.parent.parent
PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))


@pytest.fixture(scope="module")
def owner(page: Page, running: Server) -> Page:
    paths.become_admin(page, running)
    return paths.make_project(page)


@pytest.fixture(scope="module")
def stranger() -> Iterator[Page]:
    browser = chromium()
    yield Page(browser)
    browser.quit()


@pytest.mark.parametrize("name", ["", *PAGES])
def test_a_cold_address_shows_only_the_sign_in_form(owner: Page, stranger: Page, running: Server, name: str):
    stranger.open(f"{running.address}/{name}?project=1").see("E-mail address", "Passphrase")
    for private in ("Field & Fjord", "Ann Admin", "Upload files", "Overview", "Sign out"):
        assert private not in stranger.text


def test_a_forged_cookie_is_no_sign_in(owner: Page, stranger: Page, running: Server):
    name = next(c["name"] for c in owner.browser.get_cookies() if c.get("httpOnly"))
    stranger.browser.add_cookie({"name": name, "value": "A" * 43})
    stranger.open(running.address).see("Passphrase")
    assert "Sign out" not in stranger.text
    stranger.browser.delete_all_cookies()


def test_the_cookie_is_out_of_reach_for_scripts(owner: Page):
    kept = [c for c in owner.browser.get_cookies() if c.get("httpOnly")]
    assert len(kept) == 1
    assert kept[0]["sameSite"] == "Lax"
    assert kept[0]["name"] not in owner.browser.execute_script("return document.cookie")


def test_a_wrong_passphrase_and_an_unknown_name_get_the_same_answer(stranger: Page, running: Server):
    answers = []
    for email in (paths.ADMIN, "nobody@example.com"):
        paths.sign_in(stranger, running, email, "not the passphrase at all")
        answers.append(stranger.text.splitlines()[-3:])
    assert answers[0] == answers[1]


def test_a_viewer_looks_and_may_not_upload(owner: Page, stranger: Page, running: Server):
    owner.open(f"{running.address}/members?project=1").see("Members")
    link = paths.invite(owner, "viewer")
    paths.become_viewer(stranger, link)
    assert "Upload a file" not in stranger.text
    stranger.open(f"{running.address}/upload?project=1").see("you are a viewer", "Ann Admin")
    stranger.open(f"{running.address}/audit?project=1").see("you are a viewer")


def test_another_projects_number_shows_nothing(stranger: Page, running: Server):
    stranger.open(f"{running.address}/?project=999").see("no such project")


def test_sign_in_survives_reload_new_tab_and_a_deep_link(owner: Page, running: Server):
    owner.browser.refresh()
    owner.settle().see("Sign out")
    owner.browser.switch_to.new_window("tab")
    owner.open(f"{running.address}/imports?project=1").see("Imports", "Sign out")


def test_signing_out_closes_every_tab(owner: Page, running: Server):
    owner.press("Sign out").see("Passphrase")
    owner.browser.close()
    owner.browser.switch_to.window(owner.browser.window_handles[0])
    owner.open(running.address).see("Passphrase")
    assert "Sign out" not in owner.text


def test_sign_in_survives_a_restart_of_the_server(owner: Page, running: Server, data: Path):
    paths.sign_in(owner, running).see("Sign out")
    running.stop()
    with server(data, PORT=str(running.port)):
        owner.open(running.address).see("Sign out", "Nothing here yet")
