"""A person's first day: first start, administrator, project, three exports, numbers as in the files, undo, empty again."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from sandbox import exports
from sandbox.business import Business
from tests.browser import paths
from tests.browser.driving import Page, Server

BUSINESS = Business(date(2026, 3, 31), days=14)
FILES = {
    "Ad group report.csv": exports.google_ads,
    "meta.csv": exports.meta_ads,
    "orders_export.csv": exports.shopify,
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("exports")
    for name, write in FILES.items():
        (folder / name).write_bytes(write(BUSINESS))
    return [folder / name for name in FILES]


def test_the_first_start_makes_one_administrator_and_a_project(page: Page, running: Server):
    link = running.wait_for(r"Create the first administrator: (\S+)")
    paths.become_admin(page, running)
    paths.make_project(page)
    page.open(link).see("already used")
    assert "Create administrator" not in page.text


def test_three_exports_are_understood_and_imported(page: Page, running: Server, files: list[Path]):
    page.open(f"{running.address}/upload").see("Upload files")
    page.upload(*files)
    for name in FILES:
        page.see(name)
    page.see("Google Ads: ad group", "Meta Ads: ad", "Shopify: orders", "Import 84 rows", "Import 70 rows")
    page.press("Import all 3 files").see_not("Import this table", "You can close this page")


def test_the_overview_shows_the_totals_of_the_files(page: Page, running: Server):
    page.open(f"{running.address}/?currency=EUR&period=All+data").see("Advertising channels")
    google = BUSINESS.ads("google_ads")
    both = [*google, *BUSINESS.ads("meta_ads")]
    assert page.tile("Impressions") == f"{sum(row.impressions for row in both):,}"
    assert page.tile("Orders") == f"{int(BUSINESS.order_counts().sum()):,}"
    page.open(f"{running.address}/channel?channel=Google+Ads&period=All+data").see("Spend (EUR) by day")
    cents = sum(row.spend_cents for row in google)
    assert page.tile("Spend") == f"€{round(cents / 100):,}"
    assert page.tile("Clicks") == f"{sum(row.clicks for row in google):,}"


def test_a_table_downloads_and_reads_back(page: Page, running: Server, tmp_path: Path):
    page.open(f"{running.address}/?currency=EUR&period=All+data").see("Advertising channels")
    text = page.download("CSV", tmp_path).read_text("utf-8-sig")
    assert text.splitlines()[0].startswith("Channel,Spend (EUR),Impressions,Clicks,CTR")
    assert [line.partition(",")[0] for line in text.splitlines()[1:]] == ["Meta Ads", "Google Ads", "Total"]
    book = pl.read_excel(page.download("XLSX", tmp_path), sheet_id=0, engine="calamine")
    about = dict(book["About"].rows())
    assert about["Period"] == "2026-03-18 to 2026-03-31"
    assert book["Advertising channels"].height == 3


def test_a_view_is_a_link(page: Page, running: Server):
    page.open(f"{running.address}/channel?channel=Meta+Ads&period=All+data&compare=Nothing&currency=USD")
    page.see("18–31 Mar 2026", "amounts in USD")
    assert "compared with" not in page.text


def test_undo_takes_everything_back(page: Page, running: Server):
    page.open(f"{running.address}/imports").see("orders_export.csv")
    for left in reversed(range(len(FILES))):
        page.open(f"{running.address}/imports").see("orders_export.csv")
        page.press("Undo").see("Take this import back?")
        page.press("Take it back")
        page.see_times("(taken back)", len(FILES) - left)
    page.see_not("undo\nUndo")
    page.open(running.address).see("Nothing here yet")


def test_a_file_that_cannot_be_read_says_why(page: Page, running: Server, tmp_path: Path):
    lying = tmp_path / "report.xlsx"
    lying.write_bytes(b"PK\x03\x04 this is no workbook")
    page.open(f"{running.address}/upload").see("Upload files")
    page.upload(lying).see("Nothing was written.")
    page.press("Discard").see_not("report.xlsx")
