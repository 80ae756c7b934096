"""One running app and one browser for each module of browser tests."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.driving import Page, Server, chromium, server


@pytest.fixture(scope="session", autouse=True)
def _browser_is_there() -> None:
    if shutil.which("chromium") and shutil.which("chromedriver"):
        return
    if os.environ.get("SOUNDINGS_BROWSER") == "required" or os.environ.get("CI"):
        pytest.fail("Chromium and its driver are missing: apt-get install chromium chromium-driver")
    pytest.skip("no Chromium here: apt-get install chromium chromium-driver")


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    """An empty data folder; not below pytest's own, which is closed to the user whom the database runs as."""
    with tempfile.TemporaryDirectory(prefix="soundings-tests-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def running(data: Path) -> Iterator[Server]:
    """The app on an empty data folder."""
    with server(data) as started:
        yield started


@pytest.fixture(scope="module")
def page(running: Server) -> Iterator[Page]:
    """A browser that nobody is signed in with yet."""
    browser = chromium()
    yield Page(browser)
    browser.quit()
