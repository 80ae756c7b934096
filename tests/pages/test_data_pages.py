"""Upload, imports, offline spend and rates for each role."""

from __future__ import annotations

import contextlib
from datetime import date, timedelta

import pytest

from errors import NotAllowed, NotFound
from store import audit, db, rates
from syncing import worker
from tests import accounts
from tests.opening import buttons, press, text
from tests.syncing.files import bring_in, meta_file, stored
from ui import actions

MONDAY = date(2026, 3, 2)
FILE = meta_file([(MONDAY + timedelta(days=n), "Spring", "10.50", 4) for n in range(7)])


def labels(found) -> str:
    return " ".join(buttons(found))


def test_a_viewer_may_not_upload_and_is_told_whom_to_ask(house):
    found = house.open("viewer", "upload")
    assert "you are a viewer" in text(found)
    assert not found.get("file_uploader")


@pytest.mark.parametrize("role", ["editor", "owner", "admin"])
def test_a_file_is_understood_then_imported(house, role):
    actions.upload(house.people[role], house.project_id, "meta.csv", FILE)
    while worker.work_once():
        pass
    found = house.open(role, "upload")
    shown = text(found).replace("\\", "")
    assert "Meta Ads: campaign" in shown
    assert "2–8 Mar 2026" in shown
    assert not any(stored(house.project_id).values())
    press(found, "Import 7 rows")
    while worker.work_once():
        pass
    assert len(stored(house.project_id)["daily_metrics"]) == 7
    entries = audit.read(house.people["owner"], house.project_id, audit.Filter())
    assert "import" in [entry.action for entry in entries]


def test_a_file_that_cannot_be_read_shows_the_reason(house):
    actions.upload(house.people["editor"], house.project_id, "empty.csv", b"")
    while worker.work_once():
        pass
    found = house.open("editor", "upload")
    assert "Nothing was written" in text(found)
    found = press(found, "Discard")
    assert "empty.csv" not in text(found)


def test_bad_cells_are_listed_with_row_and_reason(house):
    content = (
        FILE
        + b"2026-03-09,Spring,12,5O,200,2026-03-09,2026-03-09\n"
        + b"2026-02-31,Spring,12.50,5,200,2026-02-31,2026-02-31\n"
    )
    actions.upload(house.people["editor"], house.project_id, "meta.csv", content)
    while worker.work_once():
        pass
    found = house.open("editor", "upload")
    assert found.warning[0].value.startswith("Row 9") or found.warning[0].value.startswith("Row 10")
    assert "Import" in labels(found)


def test_an_unknown_table_asks_what_its_columns_mean(house):
    actions.upload(house.people["editor"], house.project_id, "own.csv", b"Kolonne,Belop\nA,5\nB,6\n")
    while worker.work_once():
        pass
    found = house.open("editor", "upload")
    assert "does not know" in text(found)
    assert "Use this mapping" in labels(found)


@pytest.mark.parametrize("role", ["viewer", "editor"])
def test_imports_are_seen_by_all_and_undone_by_editors(house, role):
    bring_in(house.project_id, FILE)
    found = house.open(role, "imports")
    assert "meta.csv" in text(found)
    assert ("Undo" in buttons(found)) == (role == "editor")


def test_an_import_is_taken_back_after_asking(house):
    bring_in(house.project_id, FILE)
    found = press(house.open("editor", "imports"), "Undo")
    found = press(found, "Take it back")
    while worker.work_once():
        pass
    assert not any(stored(house.project_id).values())
    assert "(taken back)" in text(house.open("editor", "imports"))


@pytest.mark.parametrize("page", ["imports", "offline", "rates", "upload"])
def test_an_empty_project_has_no_error_on_any_page(house, page):
    house.open("owner", page)


def test_a_viewer_may_not_enter_offline_spend(house):
    assert "you are a viewer" in text(house.open("viewer", "offline"))


def test_rates_in_use_show_the_day_of_publication(house):
    with db.instance() as connection:
        rates.ensure(connection)
    bring_in(house.project_id, meta_file([(MONDAY, "Spring", "1", 1)], currency="USD"))
    bring_in(house.project_id, meta_file([(MONDAY, "Spring", "1", 1)], currency="AED"), account="Dubai")
    found = house.open("viewer", "rates")
    assert list(found.dataframe[0].value["Currency"]) == ["AED", "USD"]
    assert "No rate is known for AED" in text(found)
    assert "Only an owner" in text(found)


ROW = {
    "day": MONDAY,
    "last_day": None,
    "channel": "Radio",
    "campaign": "",
    "currency": "EUR",
    "spend": "5",
    "impressions": None,
}
DEEDS = {
    "upload": lambda p, project: actions.upload(p, project, "meta.csv", FILE),
    "answer": lambda p, project: actions.answer(p, project, 1, {"account": "A"}),
    "import": lambda p, project: actions.import_tables(p, project, 1, [0]),
    "discard": lambda p, project: actions.discard(p, project, 1),
    "undo": lambda p, project: actions.undo(p, project, 1),
    "waiting": lambda p, project: actions.waiting_uploads(p, project),
    "manual rows": lambda p, project: actions.manual_rows(p, project),
    "manual": lambda p, project: actions.save_manual(p, project, [], [ROW]),
    "totals": lambda p, project: actions.count_in_totals(p, project, 1, False),
    "rates": lambda p, project: actions.save_own_rates(p, project, []),
    "history": lambda p, project: actions.history(p, project),
    "runs": lambda p, project: actions.unfinished(p, project, ["import"]),
    "rates in use": lambda p, project: actions.rates_in_use(p, project, "EUR"),
}
REFUSED = {
    "viewer": {
        "upload",
        "answer",
        "import",
        "discard",
        "undo",
        "waiting",
        "manual rows",
        "manual",
        "totals",
        "rates",
    },
    "editor": {"totals", "rates"},
}


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("role", ["viewer", "editor"])
def test_every_deed_is_refused_on_the_server_to_too_low_a_role(house, role, deed):
    if deed in REFUSED[role]:
        with pytest.raises(NotAllowed, match="Ask an owner"):
            DEEDS[deed](house.people[role], house.project_id)
    else:
        with contextlib.suppress(NotFound):  # permitted, and there is no such upload or import
            DEEDS[deed](house.people[role], house.project_id)


@pytest.mark.parametrize("deed", DEEDS)
def test_a_stranger_does_nothing_in_any_project(house, deed):
    stranger = accounts.add("stranger@example.com")
    with pytest.raises(NotFound):
        DEEDS[deed](stranger, house.project_id)


def _enter(found, channel="Radio", spend="100.00", days=(MONDAY, MONDAY + timedelta(days=2))):
    found.date_input[0].set_value(days)
    next(s for s in found.selectbox if s.label == "Channel").set_value(channel)
    next(t for t in found.text_input if t.label == "Spend").set_value(spend)
    return press(found, "Add")


def test_offline_spend_is_entered_and_spread_over_its_days(house):
    _enter(house.open("editor", "offline"))
    rows = stored(house.project_id)["source_daily"]
    assert len(rows) == 3
    found = house.open("viewer", "overview", period="All data")
    assert {m.label: m.value for m in found.metric}["Spend"] == "€100.00"
    assert "Radio" in list(found.dataframe[-1].value["Channel"])


@pytest.mark.parametrize(("spend", "channel"), [("12,5O", "Radio"), ("", "Radio"), ("5", None)])
def test_a_wrong_entry_is_named_and_not_saved(house, spend, channel):
    found = _enter(house.open("editor", "offline"), channel=channel, spend=spend)
    assert "Nothing was saved" in found.error[0].value
    assert not any(stored(house.project_id).values())
