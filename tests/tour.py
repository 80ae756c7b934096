"""Pictures of the pages with the demo project, for people to look at.

python -m tests.tour [FOLDER]      every page wide and narrow, light and dark; into ./tour unless told otherwise
python -m tests.tour --docs        the pictures of the handbook, docs/pictures
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from PIL import Image
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from tests.browser import paths
from tests.browser.driving import DIALOG, Page, Server, chromium, server

DASHBOARDS = {
    "": "?period=Last+90+days",
    "channels": "?kind=Advertising",
    "channel": "?channel=Meta+Ads",
    "campaigns": "?list=Campaigns&period=Last+90+days",
    "funnel": "?by=Channels&period=Last+90+days",
    "roi": "?period=Last+90+days",
    "compare": "?what=Two+channels&first-channels=Google+Ads&second-channels=Meta+Ads",
    "explore": "?metrics=Spend&metrics=Clicks&by=Week&split=Channel&chart=Stacked+bars&period=Last+90+days",
    "targets": "",
    "views": "",
    "reports": "",
    "explain": "?metric=ROAS+(platform)&by=Campaigns",
    "health": "?against=The+shop",
    "grouping": "?period=Last+90+days",
    "naming": "?period=Last+90+days",
    "utm": "",
    "tagging": "",
}
PAGES = DASHBOARDS | {
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
}
WIDTHS = {"wide": 1440, "narrow": 380}
_HEIGHT = 900
_PICTURE = (1280, 900)
_DOCS = Path(__file__).parent.parent / "docs" / "pictures"


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
            demo = _start_demo(page)
            for name, query in PAGES.items():
                _all_looks(page, _address(running, demo, name, query), folder, name or "overview")
        finally:
            page.browser.quit()


def handbook(folder: Path) -> None:
    """One picture a dashboard: wide, light, the top of the page, with the demo read to its beginning."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, server(Path(data)) as running:
        page = Page(chromium())
        try:
            paths.become_admin(page, running)
            paths.make_project(page)
            demo = _start_demo(page)
            _wait_for_history(page, _address(running, demo, "syncs", ""))
            _furnish(page, running, demo)
            _color(page, "light")
            _resize(page, *_PICTURE)
            for name, query in DASHBOARDS.items():
                page.open(_address(running, demo, name, query))
                _save(page, folder / f"{name or 'overview'}.png")
        finally:
            page.browser.quit()


def _start_demo(page: Page) -> str:
    paths.start_demo(page)
    return page.browser.current_url.partition("project=")[2].partition("&")[0]


def _address(running: Server, demo: str, name: str, query: str) -> str:
    return f"{running.address}/{name}?project={demo}&{query.removeprefix('?')}".rstrip("&")


def _wait_for_history(page: Page, syncs: str) -> None:
    """Until nothing is being read or waits to be."""
    working = ("You can close this page", "Waiting for the sidecar")
    WebDriverWait(page.browser, 1200, 5).until(
        lambda _: not any(words in page.open(syncs).text for words in working)
    )


def _furnish(page: Page, running: Server, demo: str) -> None:
    """What a team would have agreed on by then: costs, a target, a saved view."""
    page.open(_address(running, demo, "roi", DASHBOARDS["roi"]))
    page.fill("Cost of goods (% of net sales)", "38").fill("Shipping per order (EUR)", "4.5").press(
        "Save costs"
    )
    page.open(_address(running, demo, "targets", "")).press("New target")
    page.fill("Target", "50000").press("Save target", DIALOG)
    page.open(_address(running, demo, "", "period=Last+7+days")).press("Save view")
    page.fill("Name", "Monday figures").press("Save", DIALOG)


def _save(page: Page, file: Path) -> None:
    """Few colours are enough for a page, and keep the file small."""
    page.browser.save_screenshot(str(file))
    Image.open(file).convert("RGB").quantize(128).save(file, optimize=True)


def _all_looks(page: Page, address: str, folder: Path, name: str) -> None:
    for width_name, width in WIDTHS.items():
        for scheme in ("light", "dark"):
            _color(page, scheme)
            _resize(page, width, _HEIGHT)
            page.open(address)
            _shoot(page, folder / f"{name}-{width_name}-{scheme}.png", width)
    print(f"{name}: {len(WIDTHS) * 2} pictures", flush=True)


if __name__ == "__main__":
    if sys.argv[1:] == ["--docs"]:
        handbook(_DOCS)
    else:
        tour(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("tour"))
