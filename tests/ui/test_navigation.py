"""The sidebar: every page once, each with a name of its own, grouped."""

from __future__ import annotations

import re
from itertools import groupby
from pathlib import Path

import pytest

from ui.navigation import ENTRIES, title

PAGES = Path(__file__).parent.parent.parent / "pages"


def test_every_page_stands_in_the_sidebar_once():
    assert sorted(entry.file for entry in ENTRIES) == sorted(path.stem for path in PAGES.glob("*.py"))


def test_no_two_entries_share_a_name_or_a_group_s_name():
    names = [entry.title for entry in ENTRIES] + [name for name, _ in groupby(e.group for e in ENTRIES)]
    assert len(names) == len(set(names))


def test_the_overview_is_what_opens_first():
    assert (ENTRIES[0].group, ENTRIES[0].file) == ("Dashboards", "overview")


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.file)
def test_a_page_is_headed_by_the_name_that_led_there(entry):
    heading = re.search(r'st\.title\("([^"]+)"\)', (PAGES / f"{entry.file}.py").read_text())
    assert heading
    assert heading[1].casefold().find(entry.title.casefold()) >= 0


def test_saved_views_name_their_page_as_the_sidebar_does():
    assert (title("roi"), title("explain"), title("grouping")) == ("ROI", "Explain a number", "Channel rules")
    assert title("cohort_tables") == "Cohort tables"
