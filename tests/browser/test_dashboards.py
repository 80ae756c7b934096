"""The dashboards as people use them: filters in links, the way down, rows behind a figure, files, views, agreements."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import polars as pl
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from tests.browser import paths
from tests.browser.driving import DIALOG, PATIENCE, POPOVER, Page, Server, chromium, keyed
from tests.tour import DASHBOARDS

ALL = ("Google Ads", "Meta Ads", "Pinterest Ads", "TikTok Ads", "Shopify", "Klaviyo", "Google Analytics 4")
WEEK = "period=Last+7+days"
EDITING = (
    "Save rules",
    "Add a rule",
    "Save stages",
    "Save costs",
    "Bring back",
    "New target",
    "Save convention",
    "Share with",
)


class Demo:
    """The demo project in one person's browser."""

    def __init__(self, page: Page, address: str, number: str) -> None:
        self.page, self.address, self.number = page, address, number

    def open(self, page: str, query: str = "") -> Page:
        """One of its pages with a query."""
        return self.page.open(f"{self.address}/{page}?project={self.number}&{query}".rstrip("&"))


@pytest.fixture(scope="module")
def demo(page: Page, running: Server) -> Demo:
    """The owner's, once the newest week of every account is read."""
    paths.become_admin(page, running)
    paths.make_project(page)
    paths.start_demo(page)
    number = page.browser.current_url.partition("project=")[2].partition("&")[0]
    found = Demo(page, running.address, number)
    WebDriverWait(page.browser, 2 * PATIENCE, 1).until(lambda _: _has_all(found))
    return found


def _has_all(demo: Demo) -> bool:
    page = demo.open("health", WEEK)
    return all(name in words(page) for name in ALL)


def words(page: Page) -> str:
    """What the tables of a page say."""
    tables = page.browser.find_elements(By.CSS_SELECTOR, "[data-testid=stDataFrame]")
    return " ".join(str(table.get_property("textContent")) for table in tables)


@pytest.fixture(scope="module")
def viewer(demo: Demo) -> Iterator[Demo]:
    """A viewer of the demo, in a browser of their own."""
    demo.open("members").see("Members")
    link = paths.invite(demo.page, "viewer")
    browser = chromium()
    found = paths.become_viewer(Page(browser), link)
    yield Demo(found, demo.address, demo.number)
    browser.quit()


def amount(text: str) -> int:
    """'€1,234' as a number."""
    return int(re.sub(r"[^\d-]", "", text))


def lines(file: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(file.read_text("utf-8-sig").splitlines()))


def whole(text: str) -> int:
    """An amount of a file as tiles round it."""
    return round(Decimal(text))


def test_a_changed_filter_is_in_the_link_and_another_tab_shows_the_same(demo: Demo):
    page = demo.open("")
    page.choose("Period", "Last 7 days").choose("Currency", "USD").choose("Channels", "Google Ads")
    line, spend, link = page.see("(7 days)").text, page.tile("Spend"), page.browser.current_url
    page.browser.switch_to.new_window("tab")
    try:
        page.open(link).see("amounts in USD", "Google Ads")
        assert page.tile("Spend") == spend
        said = re.search(r".*\(7 days\).*", line)
        assert said
        assert said[0] in page.text
    finally:
        page.browser.close()
        page.browser.switch_to.window(page.browser.window_handles[0])


def test_the_way_down_from_platform_to_ad_group(demo: Demo):
    page = demo.open("campaigns", f"{WEEK}&list=Platforms").see("Pick a row")
    platform = page.cells(keyed("list-Platforms"))[1][0]
    page.pick_row(keyed("list-Platforms"), 1).press(f"Open {platform}").see("All platforms")
    table = keyed(f"list-Campaigns-of-{platform.replace(' ', '-')}")
    campaign = page.cells(table)[1][0]
    page.pick_row(table, 1).press(f"Open {campaign}").see(f"by day: Ad groups of {campaign}")
    assert "at=" in page.browser.current_url
    page.press("All platforms").see("Platforms")
    assert "at=" not in page.browser.current_url


def test_a_tile_is_explained_down_to_its_rows(demo: Demo, tmp_path: Path):
    page = demo.open("channel", WEEK)
    assert "channel=Google+Ads" in page.browser.current_url  # what a page opens with stands in its link
    spend = page.tile("Spend")
    link = page.browser.find_element(By.XPATH, "//a[contains(@href, 'metric=Spend')]")
    page.open(str(link.get_property("href"))).see("How it is computed", "Where it comes from", "Rows")
    assert page.tile("Spend") == spend
    rows = lines(page.download("CSV", tmp_path, keyed("rows-csv")))
    assert {row["Day"][:2] for row in rows} == {"20"}
    accounts = lines(page.download("CSV", tmp_path, keyed("accounts-csv")))
    assert round(sum(Decimal(account["Spend (EUR)"]) for account in accounts)) == amount(spend)
    first = Decimal(accounts[0]["Spend (EUR)"])  # the rows are those of the first account, which is in EUR
    assert sum(Decimal(row["Spend (EUR)"]) for row in rows) == pytest.approx(first, abs=Decimal("0.01"))


def test_tables_and_charts_download_with_the_figures_of_the_page(demo: Demo, tmp_path: Path):
    page = demo.open("", WEEK).see("Advertising channels")
    spend, clicks = amount(page.tile("Spend")), amount(page.tile("Clicks"))
    *_, total = lines(page.download("CSV", tmp_path, keyed("channels-csv")))
    assert (total["Channel"], whole(total["Spend (EUR)"]), int(total["Clicks"])) == ("Total", spend, clicks)
    book = pl.read_excel(
        page.download("XLSX", tmp_path, keyed("channels-xlsx")), sheet_id=0, engine="calamine"
    )
    last = book["Advertising channels"].row(-1, named=True)
    assert (round(last["Spend (EUR)"]), last["Clicks"]) == (spend, clicks)
    assert page.download("PNG", tmp_path, keyed("trend-png")).read_bytes().startswith(b"\x89PNG")
    drawn = ElementTree.fromstring(page.download("SVG", tmp_path, keyed("trend-svg")).read_bytes())
    assert drawn.tag.endswith("svg")


def test_a_view_is_saved_opened_shared_removed_and_taken_back(demo: Demo):
    page = demo.open("roi", f"{WEEK}&currency=USD")
    page.press("Save view").see("Save this view").fill("Name", "Monday figures")
    page.press("Save", DIALOG).see("“Monday figures” is saved.")
    page.press("Saved views").see("Yours", "only you see it", "ROI · ")
    page.press("Monday figures").see("amounts in USD", "(7 days)")
    assert page.browser.find_element(By.TAG_NAME, "h1").text == "ROI"
    page.press("Saved views").press("Change").press("Share with the project", POPOVER).see(
        "shared with the project"
    )
    demo.open("views").press("Change").press("Remove", POPOVER).see("The view is removed.")
    page.press("Undo").see("Taken back.", "Monday figures")


def test_a_channel_rule_changes_with_a_preview_and_comes_back(demo: Demo):
    page = demo.open("grouping", WEEK).see("Rules")
    page.press("Add “AI Assistants”").see("Preview").press("Save rules").see("Saved. Reports group by")
    page.choose("Change a rule", "AI Assistants").see("a visit goes to this channel")
    page.press("Move up").see("Preview").press("Save rules").see("History: 2 versions")
    page.press("Back to GA4's default")
    demo.open("grouping", WEEK).browser.find_element(By.XPATH, "//summary[contains(., 'History: 2')]").click()
    page.settle().press("Bring back").see("Version 1 is in force again.", "History: 3 versions")


def test_the_funnels_stages_change_and_come_back(demo: Demo):
    page = demo.open("funnel", WEEK).see("Which figures make the stages")
    interest = page.tile("Interest")
    unfold(page, "Which figures make the stages")
    page.choose("Interest", "Likes").press("Save stages").see("The stages are saved.")
    unfold(page, "Which figures make the stages")
    page.press("Back to the default").see("The stages are saved.")
    assert page.tile("Interest") == interest
    page.see("Versions").press("Bring back").see("Version 1 is in force again.")


def unfold(page: Page, label: str) -> None:
    """Open an expander that is closed."""
    summary = page.browser.find_element(By.XPATH, f"//details[not(@open)]/summary[contains(., '{label}')]")
    page.browser.execute_script("arguments[0].click()", summary)
    page.settle()


def test_costs_bring_the_contribution_margin(demo: Demo):
    page = demo.open("roi", WEEK).see("Cost settings")
    page.fill("Cost of goods (% of net sales)", "40").fill("Shipping per order (EUR)", "4.5")
    page.press("Save costs").see("The costs are saved.")
    sales, spend = amount(page.tile("Net sales")), amount(page.tile("Spend"))
    margin = amount(page.tile("Contribution margin"))
    assert 0 < margin < sales * 6 // 10 - spend


def test_a_viewer_sees_the_same_and_changes_nothing(demo: Demo, viewer: Demo):
    query = f"{WEEK}&compare=Nothing"
    shown = [one.open("", query).tile("Spend") for one in (demo, viewer)]
    assert shown[0] == shown[1]
    for name in ("grouping", "naming", "funnel", "roi", "targets", "views"):
        page = viewer.open(name, WEEK)
        buttons = {b.text.strip() for b in page.browser.find_elements(By.TAG_NAME, "button")}
        assert not [b for b in buttons if any(word in b for word in EDITING)], name


def test_the_keyboard_reaches_and_changes_a_filter(demo: Demo):
    page = demo.open("")
    page.browser.find_element(By.TAG_NAME, "h1").click()
    for _ in range(60):
        page.browser.switch_to.active_element.send_keys(Keys.TAB)
        if "Period" in (page.browser.switch_to.active_element.get_attribute("aria-label") or ""):
            break
    field = page.browser.switch_to.active_element
    field.send_keys("Last 7")
    field.send_keys(Keys.ENTER)
    page.settle().see("(7 days)")
    assert "period=Last+7+days" in page.browser.current_url


def test_no_dashboard_is_wider_than_a_phone(demo: Demo):
    wide = {}
    with demo.page.on_a_phone():
        for name, query in DASHBOARDS.items():
            demo.open(name, query.removeprefix("?"))
            wide[name or "overview"] = demo.page.overflow()
    assert not {name: pixels for name, pixels in wide.items() if pixels > 0}
