"""Driving the app in headless Chromium by what a person sees: labels, buttons, texts.

Streamlit says on its root element whether a script runs; every step waits for that to end.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from selenium import webdriver
from selenium.common.exceptions import (
    ElementClickInterceptedException,
    ElementNotInteractableException,
    StaleElementReferenceException,
    TimeoutException,
)
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

ROOT = Path(__file__).parent.parent.parent
PATIENCE = 60
DIALOG = "//*[@role='dialog']"
POPOVER = "//*[@data-testid='stPopoverBody']"
_HEADER = _ROW = 35  # pixels of a table's lines
_FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--lang=en-US",
]


def free_port() -> int:
    """A port that nobody listens on now."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def chromium(width: int = 1280, height: int = 900) -> webdriver.Chrome:
    """A headless browser with a profile of its own; the caller quits it."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or "/usr/bin/chromium"
    for flag in (*_FLAGS, f"--window-size={width},{height}", f"--user-data-dir={tempfile.mkdtemp()}"):
        options.add_argument(flag)
    return webdriver.Chrome(
        options, webdriver.ChromeService(shutil.which("chromedriver") or "/usr/bin/chromedriver")
    )


class Server:
    """The whole app as a person starts it: web app and sidecar, with a data folder of its own."""

    def __init__(self, data: Path, **environment: str) -> None:
        self.port = int(environment.get("PORT") or free_port())
        self.address = f"http://localhost:{self.port}"
        self._lines: list[str] = []
        kept = {
            k: v for k, v in os.environ.items() if not k.startswith(("SOUNDINGS_", "DATABASE_URL", "PYTEST_"))
        }
        self.process = subprocess.Popen(
            [sys.executable, "app.py"],
            cwd=ROOT,
            env={
                **kept,
                "PORT": str(self.port),
                "SOUNDINGS_DATA": str(data),
                "SOUNDINGS_RATES_REFRESH": "off",
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self._lines.append(line)

    @property
    def log(self) -> str:
        """All that the processes wrote so far."""
        return "".join(self._lines)

    def wait_for(self, pattern: str, patience: float = PATIENCE) -> str:
        """The first group of a pattern in the log, once it is there."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            if found := re.search(pattern, self.log):
                return found[1]
            if self.process.poll() is not None:
                raise AssertionError(f"the server ended:\n{self.log}")
            time.sleep(0.1)
        raise AssertionError(f"{pattern} never came:\n{self.log}")

    def stop(self) -> None:
        """End it as an operator would."""
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(20)
            return
        self.process.kill()


@contextlib.contextmanager
def server(data: Path, **environment: str) -> Iterator[Server]:
    """A running server, stopped at the end."""
    running = Server(data, **environment)
    try:
        running.wait_for("(Soundings runs at)", 3 * PATIENCE)
        yield running
    finally:
        running.stop()


class Page:
    """What a person does and sees."""

    def __init__(self, browser: webdriver.Chrome) -> None:
        self.browser = browser

    def open(self, address: str) -> Page:
        """Go to an address and wait for the page."""
        self.browser.get(address)
        return self.settle()

    def settle(self) -> Page:
        """Wait until no script runs and nothing is about to be loaded."""

        def idle(browser: webdriver.Chrome) -> bool:
            return bool(
                browser.execute_script(
                    "const a = document.querySelector('[data-testid=stApp]');"
                    "return !!a && a.dataset.testScriptState === 'notRunning' && a.dataset.testConnectionState === 'CONNECTED'"
                    " && !document.querySelector('[data-testid=stSkeleton]')"
                )
            )

        end = time.monotonic() + PATIENCE
        calm = 0
        while time.monotonic() < end:
            calm = calm + 1 if idle(self.browser) else 0
            if calm >= 4:
                return self
            time.sleep(0.08)
        raise TimeoutException(f"the page did not settle: {self.text[:2000]}")

    @property
    def text(self) -> str:
        """All text that the page shows."""
        return str(self.browser.find_element(By.TAG_NAME, "body").text)

    def see(self, *texts: str) -> Page:
        """Wait until the page shows these texts."""
        for text in texts:
            try:
                WebDriverWait(self.browser, PATIENCE, 0.1, [StaleElementReferenceException]).until(
                    lambda _, t=text: t in self.text
                )
            except TimeoutException:
                raise AssertionError(f"{text!r} is not on the page:\n{self.text[:3000]}") from None
        return self

    def see_times(self, text: str, times: int) -> Page:
        """Wait until the page shows a text so many times, and nothing works any more."""
        WebDriverWait(self.browser, PATIENCE, 0.2, [StaleElementReferenceException]).until(
            lambda _: self.text.count(text) == times and "You can close this page" not in self.text
        )
        return self.settle()

    def see_not(self, *texts: str) -> Page:
        """Wait until the page no longer shows these texts."""
        for text in texts:
            try:
                WebDriverWait(self.browser, PATIENCE, 0.2, [StaleElementReferenceException]).until(
                    lambda _, t=text: t not in self.text
                )
            except TimeoutException:
                raise AssertionError(f"{text!r} is still on the page:\n{self.text[:3000]}") from None
        return self

    def _find(self, what: str, path: str, patience: float = PATIENCE) -> WebElement:
        def shown(_: object) -> WebElement | None:
            return next((e for e in self.browser.find_elements(By.XPATH, path) if e.is_displayed()), None)

        try:
            found = WebDriverWait(self.browser, patience, 0.1, [StaleElementReferenceException]).until(shown)
        except TimeoutException:
            raise AssertionError(f"no {what} on the page:\n{self.text[:3000]}") from None
        assert found
        return found

    def press(self, label: str, within: str = "") -> Page:
        """Press a button or follow a link by the text on it; the first there is in the part of the page `within`."""
        path = f"{within}//*[self::button or self::a][contains(normalize-space(.), {_quoted(label)})]"
        for _ in range(5):
            try:
                self._click(self._find(f"button {label!r}", path))
                break
            except StaleElementReferenceException:
                continue  # the page drew itself anew between finding and pressing
        return self.settle()

    def _click(self, element: WebElement) -> None:
        self.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        try:
            element.click()
        except (ElementNotInteractableException, ElementClickInterceptedException):
            self.browser.execute_script("arguments[0].click()", element)

    def fill(self, label: str, value: str) -> Page:
        """Type into the field with a label."""
        field = self._find(
            f"field {label!r}", f"//*[self::input or self::textarea][@aria-label={_quoted(label)}]"
        )
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys(Keys.DELETE)
        field.send_keys(value)
        field.send_keys(Keys.TAB)
        return self.settle()

    def choose(self, label: str, option: str) -> Page:
        """Pick an option of a select box."""
        where = f"//input[contains(@aria-label, {_quoted(label)})]"
        offered = f"//*[@role='option'][contains(normalize-space(.), {_quoted(option)})]"
        for patience in (5, 10, PATIENCE):  # a list that opens while the page still moves closes again
            field = self._find(f"choice {label!r}", where)
            self.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", field)
            field.click()
            field.send_keys(Keys.CONTROL, "a")
            field.send_keys(option)
            with contextlib.suppress(AssertionError, StaleElementReferenceException):
                self._find(f"option {option!r}", offered, patience).click()
                return self.settle()
        raise AssertionError(f"{label!r} offers no {option!r}:\n{self.text[:3000]}")

    def upload(self, *files: Path) -> Page:
        """Hand files to the page's file field."""
        field = WebDriverWait(self.browser, PATIENCE).until(
            lambda b: b.find_element(By.CSS_SELECTOR, "[data-testid=stFileUploader] input[type=file]")
        )
        field.send_keys("\n".join(str(file) for file in files))
        return self.settle()

    def download(self, label: str, folder: Path, within: str = "") -> Path:
        """Press a download button; the file once it is there."""
        self.browser.execute_cdp_cmd(
            "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(folder)}
        )
        before = set(folder.iterdir())
        self.press(label, within)

        def arrived(_: object) -> Path | None:
            new = [p for p in set(folder.iterdir()) - before if p.suffix not in {".crdownload", ".tmp"}]
            return next((p for p in new if p.stat().st_size and not p.name.startswith(".")), None)

        found = WebDriverWait(self.browser, PATIENCE, 0.2).until(arrived)
        assert found
        return found

    def pick_row(self, table: str, row: int) -> Page:
        """Mark a row (0 is the first) of the table in a part of the page, by the box at its left."""
        field = self._find("table", f"{table}//canvas[@data-testid='data-grid-canvas']")
        self.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", field)
        left, top = -field.size["width"] // 2 + 18, -field.size["height"] // 2
        down = _HEADER + _ROW * row + _ROW // 2
        ActionChains(self.browser).move_to_element_with_offset(field, left, top + down).click().perform()
        return self.settle()

    def cells(self, table: str) -> list[list[str]]:
        """The words of the table in a part of the page, which it keeps for screen readers: rows that are drawn."""
        self._find("table", f"{table}//canvas[@data-testid='data-grid-canvas']")
        rows = self.browser.find_elements(By.XPATH, f"{table}//canvas//tr[@role='row']")
        return [
            [
                str(cell.get_property("textContent"))
                for cell in row.find_elements(By.XPATH, "./*[@role='gridcell']")
            ]
            for row in rows[1:]
        ]

    @contextlib.contextmanager
    def on_a_phone(self) -> Iterator[Page]:
        """As a phone of 380 px shows it."""
        size = {"width": 380, "height": 800, "deviceScaleFactor": 1, "mobile": True}
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        try:
            yield self
        finally:
            self.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})

    def overflow(self) -> int:
        """Pixels that the page is wider than its window."""
        return int(
            self.browser.execute_script(
                "const m = document.querySelector('[data-testid=stMain]');"
                "return Math.max(m.scrollWidth - m.clientWidth, document.scrollingElement.scrollWidth - innerWidth)"
            )
        )

    def tile(self, label: str) -> str:
        """The value that a metric tile shows."""
        path = f"//*[@data-testid='stMetric'][.//*[@data-testid='stMetricLabel'][normalize-space(.)={_quoted(label)}]]"
        tile = self._find(f"tile {label!r}", path)
        return str(tile.find_element(By.CSS_SELECTOR, "[data-testid=stMetricValue]").text)


def keyed(key: str) -> str:
    """Where on the page what was made under a key stands."""
    return f"//*[contains(concat(' ', @class, ' '), ' st-key-{key} ')]"


def _quoted(text: str) -> str:
    if "'" not in text:
        return f"'{text}'"
    return "concat(" + ', "\'", '.join(f"'{part}'" for part in text.split("'")) + ")"
