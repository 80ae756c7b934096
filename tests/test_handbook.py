"""The handbook's pictures: one a dashboard, each shown, none heavy (python -m tests.tour --docs makes them again)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.tour import DASHBOARDS

DOCS = Path(__file__).parent.parent / "docs"
SHOWN = {
    (page.parent / link).resolve(): alt
    for page in DOCS.glob("*.md")
    for alt, link in re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", page.read_text())
}


@pytest.mark.parametrize("name", [name or "overview" for name in DASHBOARDS])
def test_every_dashboard_has_a_picture_with_words(name):
    picture = DOCS / "pictures" / f"{name}.png"
    assert SHOWN.get(picture.resolve())
    assert picture.stat().st_size <= 150_000


def test_every_picture_is_there_and_shown():
    assert {file.resolve() for file in (DOCS / "pictures").iterdir()} == set(SHOWN)
