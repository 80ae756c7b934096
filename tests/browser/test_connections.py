"""The demo alive through its connectors; an account connected by the platform's own page; what a viewer may do."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from sandbox.platforms import pinterest_ads
from sandbox.serving import local
from tests.browser import paths
from tests.browser.driving import PATIENCE, Page, Server, chromium, server

DEMO = "Demo: Harbour & Pine"


@pytest.fixture(scope="module")
def running(data: Path) -> Iterator[Server]:
    """The app, with stand-ins in place of the platforms."""
    with local() as sandbox, server(data, PLATFORM_BASE_URLS=json.dumps(sandbox.base_urls)) as started:
        yield started


@pytest.fixture(scope="module")
def owner(page: Page, running: Server) -> Page:
    paths.become_admin(page, running)
    return paths.make_project(page)


@pytest.fixture(scope="module")
def viewer(owner: Page, running: Server) -> Iterator[Page]:
    owner.open(f"{running.address}/members?project=1").see("Members")
    link = paths.invite(owner, "viewer")
    browser = chromium()
    found = paths.become_viewer(Page(browser), link)
    yield found
    browser.quit()


def click_at(page: Page, what: str, path: str) -> None:
    """Click what stands there; once more where the page drew itself anew between finding and clicking."""
    for _ in range(5):
        with contextlib.suppress(StaleElementReferenceException):
            page._click(page._find(what, path))
            return


def click(page: Page, label: str) -> None:
    """Press what leads to another site, whose pages do not settle as ours do."""
    path = f"//*[self::button or self::a][contains(normalize-space(.), '{label}')]"
    click_at(page, f"button {label!r}", path)


def history(page: Page) -> str:
    """The table's words: it draws them, and keeps them for screen readers."""
    tables = page.browser.find_elements(By.CSS_SELECTOR, "[data-testid=stDataFrame]")
    return " ".join(str(table.get_property("textContent")) for table in tables)


def test_an_account_is_connected_by_the_platforms_own_page(owner: Page, running: Server):
    owner.open(f"{running.address}/connections?project=1&connect=pinterest_ads").see("Connect Pinterest Ads")
    owner.see(f"{running.address}/api/v1/oauth/callback")
    owner.fill("App ID", pinterest_ads.APP_ID).fill("App secret key", pinterest_ads.APP_SECRET)
    click(owner, "Continue at Pinterest Ads")
    owner.see("An app asks to read")
    owner.browser.back()
    owner.see(
        "You come back here when you are done there."
    )  # kept by the browser as it was: it goes nowhere by itself
    owner.browser.refresh()
    owner.settle().see("You came back before the sign-in at the platform was finished")
    click(owner, "Sign in at Pinterest Ads again")
    owner.see("An app asks to read")
    click(owner, "Deny")
    owner.see("Pinterest Ads was not connected: access_denied")
    click(owner, "Sign in at Pinterest Ads again")
    owner.see("An app asks to read")
    click(owner, "Allow")
    owner.see("Pick accounts", "Harbour & Pine SE", "Spend, last 30 days", "SEK")
    owner.settle()
    assert pinterest_ads.APP_SECRET not in owner.browser.page_source
    owner.press("Start reading 1 account").see("the newest 30 days first")
    owner.open(f"{running.address}/syncs?project=1").see("Pinterest Ads · Harbour & Pine SE")
    owner.open(f"{running.address}/connections?project=1").see("Harbour & Pine SE", "through ")


def test_its_figures_are_on_the_overview_while_history_is_still_being_read(owner: Page, running: Server):
    owner.open(f"{running.address}/?project=1&period=Last+30+days").see("Advertising channels")
    assert owner.tile("Spend").startswith("€")


def test_no_code_and_no_secret_is_in_the_servers_log(owner: Page, running: Server):
    assert pinterest_ads.APP_SECRET not in running.log
    assert "code=" not in running.log
    assert "state=" not in running.log


def test_a_viewer_sees_how_it_is_and_can_change_nothing(viewer: Page, running: Server):
    viewer.open(f"{running.address}/connections?project=1").see(
        "Harbour & Pine SE", "An owner of the project"
    )
    for forbidden in ("Manage", "Disconnect", "Pick more"):
        assert forbidden not in viewer.text
    assert not viewer.browser.find_elements(By.XPATH, "//button[normalize-space(.)='Connect']")
    viewer.open(f"{running.address}/connections?project=1&connect=pinterest_ads").see(
        "An owner of the project"
    )
    assert not viewer.browser.find_elements(By.CSS_SELECTOR, "[data-testid=stMain] input")
    viewer.open(f"{running.address}/syncs?project=1").see("Pinterest Ads · Harbour & Pine SE", "History")
    for forbidden in ("Refresh now", "Refresh all now", "Cancel", "Schedule"):
        assert forbidden not in viewer.text


@pytest.mark.parametrize(
    "address", ["connections?project=1", "connections?project=1&connect=google_ads", "syncs?project=1"]
)
def test_nothing_is_wider_than_a_phone(owner: Page, running: Server, address: str):
    with owner.on_a_phone():
        owner.open(f"{running.address}/{address}").settle()
        assert owner.overflow() <= 0


def test_disconnecting_with_the_data_leaves_nothing(owner: Page, running: Server):
    owner.open(f"{running.address}/connections?project=1").press("Manage")
    owner.press("Disconnect").see("its sign-in is deleted here for good")
    option = "//*[@data-testid='stRadio']//label[contains(normalize-space(.), 'is deleted as well')]"
    click_at(owner, "the choice", option)
    owner.settle().press("Disconnect and delete its data").see("is disconnected.")
    WebDriverWait(owner.browser, PATIENCE, 1).until(
        lambda _: "Nothing here yet" in owner.open(f"{running.address}/?project=1").text
    )


def test_the_demo_is_connected_and_read_like_anything_else(owner: Page, running: Server):
    owner.open(f"{running.address}/?project=1")
    paths.start_demo(owner)
    demo = owner.browser.current_url.partition("project=")[2].partition("&")[0]
    owner.open(f"{running.address}/connections?project={demo}").see("Harbour & Pine SE", "TikTok (organic)")
    WebDriverWait(owner.browser, PATIENCE, 1).until(
        lambda _: "Healthy" in owner.open(f"{running.address}/connections?project={demo}").text
    )
    owner.open(f"{running.address}/syncs?project={demo}").see("TikTok · Harbour & Pine", "History")
    assert "first reading" in history(owner)
    again = (
        "//*[contains(@class, 'st-key-source-')][contains(., 'TikTok · Harbour & Pine')]"
        "//button[contains(normalize-space(.), 'Refresh now')]"
    )
    owner.settle()
    click_at(owner, "Refresh now of TikTok", again)
    owner.settle().see("Harbour & Pine is being refreshed.")
    WebDriverWait(owner.browser, PATIENCE, 0.5).until(lambda _: "somebody asked" in history(owner))


def test_the_demo_goes_while_it_is_still_being_read(owner: Page, running: Server):
    demo = owner.browser.current_url.partition("project=")[2].partition("&")[0]
    owner.open(f"{running.address}/connections?project={demo}").press("Remove demo").see("Remove the demo?")
    click_at(owner, "Remove demo", "//*[@role='dialog']//button[contains(normalize-space(.), 'Remove demo')]")
    owner.settle().see_not(DEMO)
    owner.open(f"{running.address}/connections?project=1").see("Pinterest Ads")
