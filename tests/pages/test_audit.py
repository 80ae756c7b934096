from __future__ import annotations

import csv
import io
import json

import pytest

from store import audit, db, people, projects
from tests import opening


@pytest.mark.parametrize("role", ["viewer", "editor"])
def test_log_is_for_owners(house, role):
    found = house.open(role, "audit")
    assert "needs an owner" in found.warning[0].value
    assert not found.dataframe


def test_owner_reads_the_project_only(house):
    projects.change(house.people["owner"], house.project_id, name="Sea shop")
    found = house.open("owner", "audit")
    table = found.dataframe[0].value
    assert list(table["Action"]) == ["change project"]
    assert json.loads(table["Details"].iloc[0]) == {"name": {"from": "Shop", "to": "Sea shop"}}
    assert not found.segmented_control


def test_administrator_reads_the_whole_instance_and_filters(house):
    found = house.open("admin", "audit")
    found.segmented_control[0].set_value("Whole instance").run()
    assert set(found.dataframe[0].value["Action"]) == {"sign in"}
    assert len(found.dataframe[0].value) == 4
    who = next(s for s in found.selectbox if s.label == "Person")
    found = who.set_value("Viewer <viewer@example.com>").run()
    assert len(found.dataframe[0].value) == 1


def test_nothing_recorded_says_so(house):
    assert "Nothing was recorded" in house.open("owner", "audit").info[0].value


def test_long_log_is_paged(house):
    with db.instance() as connection:
        for n in range(120):
            audit.record(
                connection,
                who=house.people["owner"],
                action="import",
                subject=str(n),
                project_id=house.project_id,
            )
    found = house.open("owner", "audit")
    assert list(found.dataframe[0].value["Subject"])[:2] == ["119", "118"]
    assert "120 lines" in opening.text(found)


def test_download_disarms_formulas(house, monkeypatch):
    people.change_name(house.people["owner"], '=HYPERLINK("http://evil")')
    import streamlit as st

    made = {}
    monkeypatch.setattr(st, "download_button", lambda label, data, **_: made.update({label: data()}))
    found = house.open("admin", "audit")
    found.segmented_control[0].set_value("Whole instance").run()
    rows = list(csv.reader(io.StringIO(made["Download CSV"].decode("utf-8-sig"))))
    assert len(rows) == 6
    cells = [cell for row in rows[1:] for cell in row]
    assert any("HYPERLINK" in cell for cell in cells)
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)
