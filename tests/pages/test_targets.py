"""Targets as people with each role see them: set, changed, removed and taken back; on the overview; by nonsense."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from store import db, rates, targets
from store.targets import Content
from tests.opening import buttons, press, text
from tests.pages.links import follow
from tests.syncing.files import bring_in, meta_file

TODAY = datetime.now(UTC).date()
FIRST = TODAY - timedelta(10)


@pytest.fixture
def filled(house):
    """Ten full days of €2 and 4 clicks a day, through yesterday."""
    with db.instance() as connection:
        rates.ensure(connection)
    bring_in(house.project_id, meta_file([(FIRST + timedelta(n), "Spring", "2", 4) for n in range(9)]))
    return house


def aim(
    house, slug="spend", value="40", first: date = FIRST, days: int = 18, channel="", currency="EUR", name=""
) -> int:
    content = Content(name, slug, channel, first, first + timedelta(days - 1), Decimal(value), currency)
    return targets.add(house.people["editor"], house.project_id, content)


def listed(house) -> list[Content]:
    return [one.content for one in targets.listed(house.people["viewer"], house.project_id)]


@pytest.mark.parametrize("role", ["viewer", "editor", "owner", "admin"])
def test_without_targets_it_says_what_they_are(house, role):
    found = house.open(role, "targets")
    assert "No targets yet" in text(found)
    assert ("New target" in buttons(found)) == (role != "viewer")


def test_a_sum_is_followed_with_what_was_expected_and_where_it_leads(filled):
    aim(filled, value="40")
    said = text(filled.open("viewer", "targets"))
    assert "9 of 18 days" in said
    assert "€20.00 expected by now" in said
    assert "pace 90%" in said
    assert "€36.00 at the end at this pace" in said
    assert "below plan" in said


@pytest.mark.parametrize(
    ("slug", "value", "currency", "words"),
    [
        ("clicks", "72", "", "on plan"), ("clicks", "60", "", "ahead of plan"), ("clicks", "200", "", "behind plan"),
        ("cpc", "0.6", "EUR", "better than planned"), ("cpc", "0.4", "EUR", "worse than planned"),
        ("orders", "10", "", "not measured"), ("mer", "3", "", "not measured"),
    ],
)  # fmt: skip
def test_how_it_goes_is_said_in_words_by_what_is_better(filled, slug, value, currency, words):
    aim(filled, slug, value, currency=currency)
    assert words in text(filled.open("viewer", "targets"))


def test_what_has_not_begun_or_is_over_says_so(filled):
    aim(filled, first=TODAY + timedelta(5), days=3, name="Later")
    aim(filled, "clicks", "20", first=FIRST, days=5, currency="", name="Done")
    aim(filled, "clicks", "21", first=FIRST, days=5, currency="", name="Short")
    said = text(filled.open("viewer", "targets"))
    assert "not started" in said
    assert ": reached" in said
    assert ": missed" in said


def test_sales_by_an_advertising_channel_are_not_measured(filled):
    aim(filled, "revenue_net", "100", channel="meta_ads")
    aim(filled, "spend", "36", channel="meta_ads")
    said = text(filled.open("viewer", "targets"))
    assert "not measured" in said
    assert "on plan" in said


def test_an_editor_sets_changes_and_removes_a_target_and_takes_each_back(filled):
    found = press(filled.open("editor", "targets"), "New target")
    found.number_input(key="target-value").set_value(1000.5)
    found = press(found, "Save target")
    assert "The target is saved" in text(found)
    (one,) = listed(filled)
    assert (one.metric, one.value, one.currency, one.name) == ("spend", Decimal("1000.5"), "EUR", "Spend")
    found = press(found, "Edit")
    target_id = targets.listed(filled.people["editor"], filled.project_id)[0].id
    found.number_input(key=f"target-value-{target_id}").set_value(2000.0)
    found = press(found, "Save target")
    assert listed(filled)[0].value == 2000
    found = press(found, "Undo")
    assert listed(filled)[0].value == Decimal("1000.5")
    found = press(found, "Remove")
    assert listed(filled) == []
    press(found, "Undo")
    assert len(listed(filled)) == 1


def test_a_target_of_zero_is_refused_in_words(filled):
    found = press(filled.open("editor", "targets"), "New target")
    found = press(found, "Save target")
    assert "above zero" in text(found)
    assert listed(filled) == []


def test_percentages_are_typed_as_people_say_them(filled):
    found = press(filled.open("editor", "targets"), "New target")
    found.selectbox(key="target-metric").set_value("ctr")
    found.number_input(key="target-value").set_value(2.5)
    press(found, "Save target")
    assert listed(filled)[0].value == Decimal("0.025")


def test_targets_of_the_period_stand_on_the_overview(filled):
    aim(filled)
    assert "Targets" in [s.value for s in filled.open("viewer", "overview", period="All data").subheader]
    early = follow(filled, "viewer", "overview", period="Custom dates", dates=["2026-03-01", "2026-03-02"])
    assert "Targets" not in [s.value for s in early.subheader]


def test_a_viewer_sees_no_control_and_a_link_with_nonsense_opens(filled):
    aim(filled)
    found = follow(filled, "viewer", "targets", metric="x", period="?", channels="Fax")
    assert not {"Edit", "Remove", "New target"} & set(buttons(found))
    assert "below plan" in text(found)
