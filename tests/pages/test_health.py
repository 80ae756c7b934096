"""Data health as people with each role see it, and the strip on every dashboard that leads there."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from store import db, looks, rates, reconciliations
from store.models import looks as table
from store.models import restatements
from store.reconciliations import Reconciliation
from tests.opening import buttons, text
from tests.syncing import pretend
from tests.syncing.files import bring_in, meta_file

MONDAY = date(2026, 3, 2)
NOW = datetime.now(UTC)


@pytest.fixture
def filled(house):
    """A month of an uploaded account; its last day was restated."""
    with db.instance() as connection:
        rates.ensure(connection)
    rows = [(MONDAY + timedelta(days=n), "Spring", f"{10 + n}.50", 4 + n) for n in range(35)]
    bring_in(house.project_id, meta_file(rows))
    bring_in(house.project_id, meta_file([*rows[:-1], (rows[-1][0], "Spring", "55.00", 38)]))
    return house


@pytest.fixture
def connected(house, monkeypatch) -> int:
    """A connected account that was read once, with the platform's own totals."""
    script = pretend.install(monkeypatch)
    for n in range(4):
        script.spend[("A", pretend.TODAY - timedelta(n))] = Decimal(5 + n)
    found = pretend.connected(house.project_id, days=5)
    pretend.sync(house.project_id, found, mode="first")
    return found


def restate(house, at: datetime, source_id: int, old: str, new: str, day: date = MONDAY) -> None:
    values = {
        "project_id": house.project_id, "source_id": source_id, "grain": 200, "day": day, "days": 1, "run_id": 1,
        "at": at, "metric": "spend", "old_total": Decimal(old), "new_total": Decimal(new),
    }  # fmt: skip
    with db.project(house.project_id) as connection:
        connection.execute(sa.insert(restatements).values(values))


@pytest.mark.parametrize("role", ["viewer", "editor"])
def test_an_empty_project_says_what_to_do_next(house, role):
    found = house.open(role, "health")
    assert "Nothing here yet" in text(found)
    assert ("Upload a file" in buttons(found)) == (role != "viewer")


@pytest.mark.parametrize("role", ["viewer", "editor", "owner", "admin"])
def test_everybody_sees_sources_checks_totals_and_changes(filled, role):
    found = filled.open(role, "health")
    said = text(found).replace("\\", "")
    assert [m.value for m in found.metric] == ["–", "5 Apr 2026", "0", "5 of 12"]
    sources = found.dataframe[0].value
    assert list(sources["State"]) == ["Uploaded"]
    assert "Brought in by hand" in sources["What is the matter"][0]
    assert "This project has no web analytics." in said
    assert "Meta Ads · Shop: spend of 5 Apr 2026 rose by 24 %, from 44.50 EUR to 55.00 EUR." in said
    assert "From a file: the platform was not asked." in set(found.dataframe[1].value["Why"])


def test_a_finding_shows_its_severity_examples_and_what_to_do(house):
    rows = [(MONDAY + timedelta(days=n), "Spring", "10.50", 4) for n in range(9)]
    bring_in(house.project_id, meta_file(rows))
    said = text(house.open("viewer", "health")).replace("\\", "")
    assert "Warning] **Spend that does not move** · 9 days" in said
    assert "Meta Ads · Shop: 10.50 EUR on each of the 9 days to 10 Mar 2026." in said
    assert "*What to do:*" in said
    assert "1 thing needs attention" in text(house.open("viewer", "overview", period="All data"))


@pytest.mark.parametrize("role", ["viewer", "editor"])
def test_a_source_in_trouble_says_what_is_the_matter_and_leads_there_who_may_act(house, connected, role):
    from store.models import runs

    with db.instance() as connection:
        connection.execute(sa.update(runs).values(state="failed", error="The platform said no."))
    found = house.open(role, "health")
    assert "The platform said no" in text(found).replace("\\", "")
    assert "✕ Error" in text(found)
    assert ("Go to Syncs" in buttons(found)) == (role != "viewer")


def test_a_difference_from_the_platform_is_shown_with_its_cause(house, connected):
    day = pretend.TODAY - timedelta(1)
    one = Reconciliation(day, "spend", Decimal(8), Decimal(6), "unexplained")
    with db.project(house.project_id) as connection:
        reconciliations.record(connection, house.project_id, connected, [one], 1, NOW)
    found = house.open("viewer", "health", differing="true")
    rows = found.dataframe[1].value
    assert list(rows["Difference"]) == [-2]
    assert list(rows["Difference %"]) == [-25]
    assert rows["Why"][0].startswith("No reason that we know")
    assert "differs from the platform's own" in text(found).replace("\\", "")


def test_the_news_is_what_changed_since_the_visit_before(house, connected):
    viewer = house.people["viewer"]
    with db.project(house.project_id) as connection:
        looks.note(connection, house.project_id, viewer.id, NOW - timedelta(days=2))
    restate(house, NOW - timedelta(days=3), connected, "10", "20", MONDAY)
    restate(house, NOW - timedelta(days=1), connected, "100", "104", MONDAY + timedelta(1))
    for _ in range(2):  # opening it again at once is the same visit
        said = text(house.open("viewer", "health")).replace("\\", "")
        assert "since you last looked" in said
        assert "spend of 3 Mar 2026 rose by 4 %, from 100.00 EUR to 104.00 EUR" in said
        assert "2 Mar 2026" not in said
    other = text(house.open("editor", "health")).replace("\\", "")
    assert "since you last looked" not in other
    assert "2 days, 2 Mar 2026 to 3 Mar 2026, rose by 13 % in all" in other
    with db.project(house.project_id) as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(table)) == 2


def test_a_link_with_nonsense_still_opens(filled):
    nonsense = {"against": "the moon", "days": "-3", "source": "nobody", "drawn": "x", "changes": "ever"}
    found = filled.open("viewer", "health", **nonsense)
    assert "Changed afterwards" in text(found)
    assert len(found.dataframe) >= 2


def test_claims_stand_beside_the_shop(filled):
    from sandbox import exports
    from sandbox.business import Business

    bring_in(filled.project_id, exports.shopify(Business(MONDAY + timedelta(days=34), days=7)), "orders.csv")
    found = filled.open("viewer", "health", against="The shop")
    assert "No source claims conversions" in text(found)


@pytest.mark.parametrize("page", ["overview", "channel"])
def test_the_strip_says_how_fresh_it_is_and_leads_to_data_health(filled, page):
    found = filled.open("viewer", page, period="All data")
    assert "1 uploaded · all data through 5 Apr 2026" in text(found)
    assert "nothing found, but 5 checks could not run" in text(found)


def test_the_strip_counts_fresh_sources(house, connected):
    assert "1 of 1 connected source fresh" in text(house.open("viewer", "overview", period="All data"))


def test_the_tables_download(filled):
    """The functions behind the buttons, since a test app does not press them."""
    from reports import monitors, restatement
    from spreadsheets import writing
    from ui import health

    with db.project(filled.project_id) as connection:
        findings = monitors.run(connection, filled.project_id, "EUR")
        changes = restatement.restated(connection, filled.project_id, NOW - timedelta(days=1))
    lines = writing.write_csv(health.findings_table(findings)).decode("utf-8-sig").splitlines()
    assert lines[0].startswith("Check,Result,Count")
    assert len(lines) == 13
    content = writing.write_csv(health.restated_table(changes, "Europe/Berlin")).decode("utf-8-sig")
    assert "Meta Ads · Shop,Spend,2026-04-05,44.5,55" in content
