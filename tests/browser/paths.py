"""Stretches of the way that several tests and the tour go: first start, first project, demo."""

from __future__ import annotations

from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from tests.browser.driving import PATIENCE, Page, Server

PASSPHRASE = "four walnuts under the pier"
ADMIN = "ann@example.com"
VIEWER, VIEWER_PASSPHRASE = "vera@example.com", "seven gulls above the harbour"


def become_admin(page: Page, running: Server) -> Page:
    """Follow the link of the first start and create the administrator."""
    link = running.wait_for(r"Create the first administrator: (\S+)")
    page.open(link).see("Welcome")
    page.fill("Your name", "Ann Admin").fill("E-mail address", ADMIN)
    page.fill("Passphrase", PASSPHRASE).fill("Passphrase again", PASSPHRASE)
    return page.press("Create administrator").see("Your first project")


def make_project(page: Page, name: str = "Field & Fjord") -> Page:
    """Create the first project."""
    return page.fill("Name", name).press("Create project").see("Nothing here yet")


def sign_in(page: Page, running: Server, email: str = ADMIN, passphrase: str = PASSPHRASE) -> Page:
    """Sign in by the form."""
    page.open(running.address).see("Sign in")
    page.fill("E-mail address", email).fill("Passphrase", passphrase)
    return page.press("Sign in")


def start_demo(page: Page) -> Page:
    """Make the demo project and wait until the first figures of its accounts are read."""
    page.press("Look around with demo data").see("Demo project: invented data.")
    WebDriverWait(page.browser, PATIENCE, 1).until(
        lambda _: "Advertising channels" in page.open(page.browser.current_url).text
    )
    return page


def become_viewer(page: Page, link: str) -> Page:
    """Follow an invitation as somebody new."""
    page.open(link).see("You are invited")
    page.fill("Your name", "Vera Viewer").fill("E-mail address", VIEWER)
    page.fill("Passphrase", VIEWER_PASSPHRASE).fill("Passphrase again", VIEWER_PASSPHRASE)
    return page.press("Create account and join").see("You are viewer here")


def invite(page: Page, role: str) -> str:
    """Make an invitation on the members page; its link."""
    page.choose("Role", role).press("Make invitation link").see("Send this link")
    return page.browser.find_element(By.CSS_SELECTOR, "[data-testid=stCode] code").text.strip()
