"""A picture of every page, wide and narrow, light and dark, with the demo project: for people to look at.

python -m tests.tour [FOLDER]      writes into ./tour unless told otherwise
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from selenium.webdriver.common.by import By

from tests.browser import paths
from tests.browser.driving import Page, chromium, server

PAGES = {
    "": "?period=Last+90+days",
    "channel": "?channel=Meta+Ads",
    "campaigns": "?list=Campaigns&period=Last+90+days",
    "compare": "?what=Two+channels&first-channels=Google+Ads&second-channels=Meta+Ads",
    "funnel": "?by=Channels&period=Last+90+days",
    "roi": "?period=Last+90+days",
    "explain": "?metric=ROAS+(platform)&by=Campaigns",
    "health": "?against=The+shop",
    "explore": "?metrics=Spend&metrics=Clicks&by=Week&split=Channel&chart=Stacked+bars&period=Last+90+days",
    "targets": "",
    "views": "",
    "reports": "",
    "connections": "",
    "syncs": "",
    "upload": "",
    "imports": "",
    "offline": "",
    "rates": "",
    "members": "",
    "project": "",
    "audit": "",
    "account": "",
    "people": "",
    "grouping": "?period=Last+90+days",
    "naming": "?period=Last+90+days",
    "utm": "",
    "tagging": "",
}
WIDTHS = {"wide": 1440, "narrow": 380}
_HEIGHT = 900


def _shoot(page: Page, file: Path, width: int) -> None:
    """One picture of the whole length of the page."""
    browser = page.browser
    main = browser.find_element(By.CSS_SELECTOR, "[data-testid=stMain]")
    length = int(browser.execute_script("return arguments[0].scrollHeight", main))
    _resize(page, width, min(max(length, _HEIGHT), 6000))
    page.settle()
    browser.save_screenshot(str(file))
    _resize(page, width, _HEIGHT)


def _resize(page: Page, width: int, height: int) -> None:
    page.browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600},
    )


def _color(page: Page, scheme: str) -> None:
    page.browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    )


def tour(folder: Path) -> None:
    """Start an app of its own, fill the demo, and go round."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, server(Path(data)) as running:
        page = Page(chromium())
        try:
            page.open(running.address).see("Sign in")
            _all_looks(page, f"{running.address}/", folder, "sign-in")
            paths.become_admin(page, running)
            paths.make_project(page)
            _all_looks(page, f"{running.address}/", folder, "empty")
            paths.start_demo(page)
            demo = page.browser.current_url.partition("project=")[2].partition("&")[0]
            for name, query in PAGES.items():
                joined = f"{query}&project={demo}" if query else f"?project={demo}"
                _all_looks(page, f"{running.address}/{name}{joined}", folder, name or "overview")
        finally:
            page.browser.quit()


def _all_looks(page: Page, address: str, folder: Path, name: str) -> None:
    for width_name, width in WIDTHS.items():
        for scheme in ("light", "dark"):
            _color(page, scheme)
            _resize(page, width, _HEIGHT)
            page.open(address)
            _shoot(page, folder / f"{name}-{width_name}-{scheme}.png", width)
    print(f"{name}: {len(WIDTHS) * 2} pictures", flush=True)


if __name__ == "__main__":
    tour(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("tour"))
