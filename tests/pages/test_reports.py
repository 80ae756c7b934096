"""Reports: made, previewed, tried, paused and removed by editors, seen by all."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

import settings
from analytics.crossing import Line
from analytics.timetable import Timetable
from errors import BadInput
from reports import links
from store import db, deliveries, rates, views
from store.deliveries import Content
from tests.opening import buttons, press, text
from tests.pages.links import follow
from tests.syncing.files import bring_in, meta_file
from ui import report_form

MONDAY = date(2026, 3, 2)
DAILY = Timetable("daily", 8)


@pytest.fixture
def filled(house):
    with db.instance() as connection:
        rates.ensure(connection)
    bring_in(house.project_id, meta_file([(MONDAY + timedelta(days=n), "Spring", "20", 4) for n in range(7)]))
    return house


@pytest.fixture
def mailing(monkeypatch):
    monkeypatch.setenv("SMTP_HOST", "mail.example.com")
    monkeypatch.setenv("SMTP_FROM", "s@example.com")
    settings.current.cache_clear()
    yield
    monkeypatch.undo()
    settings.current.cache_clear()


def saved(house, page="overview", name="All of it", **params) -> int:
    return views.save(
        house.people["editor"], house.project_id, name, page, {"period": ["All data"], **params}, shared=True
    )


def made(house, view_id, **more) -> int:
    content = Content(**{"name": "Weekly", "view_id": view_id, "kind": "mail", "timetable": DAILY,
                         "recipients": ("ann@example.com",), **more})  # fmt: skip
    return deliveries.save(house.people["editor"], house.project_id, content)


def listed(house):
    return deliveries.listed(house.people["editor"], house.project_id)


@pytest.mark.parametrize("role", ["viewer", "editor", "owner", "admin"])
def test_without_reports_it_says_how_to_make_one_to_those_who_may(house, role):
    found = house.open(role, "reports")
    assert "No reports yet" in text(found)
    assert "SMTP_HOST" in text(found)
    assert ("press “Save view” first" in text(found)) is (role != "viewer")


def test_an_editor_makes_a_report_of_a_view(filled, mailing):
    saved(filled)
    found = press(filled.open("editor", "reports"), "New report")
    found.text_area(key="report-to").set_value("ann@example.com, bob@example.com")
    found.selectbox(key="report-every").set_value("monthly")
    found.selectbox(key="report-test").set_value("above")
    for key, value in {
        "month-day": 31,
        "metric": "spend",
        "limit": "1,000",
    }.items():  # what the dialog then asks for
        found.session_state[f"report-{key}"] = value
    found = press(found, "Save")
    assert "The report is saved" in text(found)
    [one] = listed(filled)
    assert one.content.recipients == ("ann@example.com", "bob@example.com")
    assert one.content.timetable == Timetable("monthly", 8, 1, 31)
    assert one.content.line == Line("above", Decimal(1000))
    assert "Every month on day 31" in text(found)


@pytest.mark.parametrize("wrong", ["", "ann", "ann@example.com\nBcc"])
def test_a_wrong_address_is_told_and_nothing_is_saved(filled, mailing, wrong):
    saved(filled)
    found = press(filled.open("editor", "reports"), "New report")
    found.text_area(key="report-to").set_value(wrong)
    assert "not saved" in text(press(found, "Save"))
    assert listed(filled) == []


def test_a_webhook_without_https_is_told_and_nothing_is_saved(filled):
    saved(filled)
    found = press(filled.open("editor", "reports"), "New report")
    found.segmented_control(key="report-kind").set_value("slack")
    found.session_state["report-webhook"] = "http://127.0.0.1/x"
    assert "begins with https" in text(press(found, "Save"))
    assert listed(filled) == []


def test_a_viewer_sees_reports_and_cannot_change_them(filled):
    made(filled, saved(filled))
    found = filled.open("viewer", "reports")
    assert "**Weekly**" in text(found)
    assert not {"Edit", "Pause", "Remove", "New report", "Send a test now", "Preview"} & set(buttons(found))


def test_the_preview_has_what_would_be_sent(filled):
    made(filled, saved(filled), metric="spend", line=Line("above", Decimal(1)))
    found = press(filled.open("editor", "reports"), "Preview")
    assert "Spend" in [one.label for one in found.metric]
    assert "Advertising channels" in text(found)
    assert "Spend is €140.00 (line: is above 1)" in text(found).replace("\\", "")


def test_pause_remove_and_their_undo(filled):
    made(filled, saved(filled))
    found = press(filled.open("editor", "reports"), "Pause")
    assert listed(filled)[0].paused
    found = press(found, "Undo")
    assert not listed(filled)[0].paused
    found = press(filled.open("editor", "reports"), "Remove")
    assert listed(filled) == []
    press(found, "Undo")
    assert len(listed(filled)) == 1
    found = press(filled.open("editor", "reports"), "Remove").run()
    press(found, "Bring back")
    assert len(listed(filled)) == 1


def test_a_test_is_queued_and_stands_in_the_log(filled, mailing):
    report = made(filled, saved(filled))
    found = press(filled.open("editor", "reports"), "Send a test now")
    assert "within half a minute" in text(found)
    [run] = deliveries.log(filled.people["editor"], filled.project_id, report)
    assert (run.is_test, run.to_address) == (True, "editor@example.com")


def test_without_mail_a_test_mail_cannot_be_asked_for(filled):
    made(filled, saved(filled))
    assert "Send a test now" not in buttons(filled.open("editor", "reports"))


def test_a_removed_view_is_told(filled):
    view_id = saved(filled)
    made(filled, view_id)
    views.remove(filled.people["editor"], filled.project_id, view_id)
    assert "Its saved view was removed" in text(filled.open("editor", "reports"))


def test_a_link_opens_the_form_for_its_view_and_nonsense_is_told(filled, mailing):
    saved(filled)
    second = saved(filled, "roi", "Return")
    found = follow(filled, "editor", "reports", view=str(second))
    assert found.selectbox(key="report-view").value.id == second
    for wrong in ("999", "x", "-1"):
        assert "was removed, cannot be sent" in text(follow(filled, "editor", "reports", view=wrong))
        follow(filled, "viewer", "reports", view=wrong)


def test_what_cannot_be_sent_is_not_offered(filled):
    saved(filled, "health", "Health")
    found = filled.open("editor", "reports")
    assert "no saved view that can be sent" in text(found)
    assert "New report" not in buttons(found)


@pytest.mark.parametrize("typed", ["", "x", "1e", "--2"])
def test_a_line_needs_a_number(typed):
    with pytest.raises(BadInput, match="not a number"):
        report_form.limit(typed, percent=False)
    assert report_form.limit("2.5%", percent=True) == Decimal("0.025")


@pytest.mark.parametrize(
    "params",
    [
        {"period": "All data"}, {"period": "Last 7 days", "compare": "Year before"}, {"currency": "USD", "as-of": "2026-03-05"},
        {"period": "Custom dates", "dates": ["2026-03-03", "2026-03-05"], "channels": ["Meta Ads"]},
        {"campaigns": ["Spring", "Gone"], "compare": "Nothing"}, {"period": "Soon", "currency": "XYZ", "channels": ["Fax"]},
    ],
)  # fmt: skip
def test_a_mail_reads_a_link_as_the_page_does(filled, monkeypatch, params):
    from reports import coverage, detail
    from store import projects
    from ui import data

    seen = []
    real = data.read_overview
    monkeypatch.setattr(
        data, "read_overview", lambda who, project, view: seen.append(view) or real(who, project, view)
    )
    follow(filled, "viewer", "overview", **params)
    given = {name: value if isinstance(value, list) else [value] for name, value in params.items()}
    project = projects.get(filled.people["viewer"], filled.project_id)
    with db.project(filled.project_id) as connection:
        known = coverage.coverage(connection, filled.project_id)
        named = detail.campaigns_of(connection, filled.project_id, ())
    assert seen[-1] == links.view(links.read(given, project, known, named), project, known)


def test_before_there_is_a_view_one_text_says_what_to_do_first(filled):
    found = filled.open("editor", "reports")
    assert text(found).count("Save view") == 1
    assert "New report" not in buttons(found)
    saved(filled, "overview", "Weekly")
    found = filled.open("editor", "reports")
    assert "Save view" not in text(found)
    assert "New report" in buttons(found)
