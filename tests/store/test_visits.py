"""A visit: its reads share one transaction and one moment, and never outlast what they may see."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from errors import NotFound, SignInNeeded, StoreUnavailable
from store import access, annotations, db, people
from store.access import Action, Role
from store.annotations import Content
from tests import accounts

DAY = date(2026, 5, 4)
NOTE = Content(day=DAY, until=DAY, text="Sale", channel="")


@pytest.fixture
def project_id(make_project):
    return make_project()


@pytest.fixture
def person(project_id):
    return accounts.join(accounts.add(), project_id, Role.EDITOR)


def notes(person, project_id) -> list[str]:
    return [one.content.text for one in annotations.between(person, project_id, DAY, DAY, ())]


def begun() -> list[str]:
    found: list[str] = []
    event.listen(db.engine(), "begin", lambda connection: found.append("begin"))
    return found


def test_all_reads_of_a_visit_are_one_transaction_that_asks_once_who_it_is(person, project_id):
    began = begun()
    asked: list[str] = []
    event.listen(db.engine(), "before_cursor_execute", lambda c, cursor, said, *_: asked.append(said))
    with access.visit():
        for _ in range(3):
            assert notes(person, project_id) == []
    assert len(began) == 1
    assert sum("users.is_admin" in said for said in asked) == 1


def test_what_others_change_meanwhile_is_seen_by_the_next_visit(person, project_id):
    other = accounts.join(accounts.add("eve@example.com"), project_id, Role.EDITOR)
    with access.visit():
        assert notes(person, project_id) == []
        _elsewhere(annotations.add, other, project_id, NOTE)
        assert notes(person, project_id) == []
    with access.visit():
        assert notes(person, project_id) == ["Sale"]


def test_what_one_changes_oneself_is_seen_at_once(person, project_id):
    with access.visit():
        assert notes(person, project_id) == []
        annotations.add(person, project_id, NOTE)
        assert notes(person, project_id) == ["Sale"]


def test_a_visit_holds_one_connection_at_most(person, project_id):
    with access.visit():
        notes(person, project_id)
        with access.enter(person, project_id, Action.EDIT_ANALYSIS):
            assert db.engine().pool.checkedout() == 1
        notes(person, project_id)
        assert db.engine().pool.checkedout() == 1
    assert db.engine().pool.checkedout() == 0


def test_a_stranger_reads_nothing_and_holds_nothing(make_project, person):
    theirs = make_project("Theirs")
    with access.visit(), pytest.raises(NotFound):
        notes(person, theirs)
    assert db.engine().pool.checkedout() == 0


def test_a_visit_of_one_project_reads_nothing_of_another(make_project, person, project_id):
    other = make_project("Other")
    accounts.join(person, other, Role.EDITOR)
    annotations.add(person, project_id, NOTE)
    with access.visit():
        assert notes(person, project_id) == ["Sale"]
        assert notes(person, other) == []
        assert notes(person, project_id) == ["Sale"]
        with access.reading(person, project_id), access.reading(person, other) as inner:
            assert inner.scalar(sa.text("SELECT current_setting('app.project_id')")) == str(other)


def test_somebody_who_was_disabled_is_sent_away_by_the_next_visit(person, project_id):
    admin = accounts.add("root@example.com", is_admin=True)
    with access.visit():
        notes(person, project_id)
    people.disable(admin, person.id)
    with access.visit(), pytest.raises(SignInNeeded):
        notes(person, project_id)


def test_two_people_in_one_visit_are_two_people(person, project_id):
    stranger = accounts.add("eve@example.com")
    with access.visit():
        notes(person, project_id)
        with pytest.raises(NotFound):
            notes(stranger, project_id)


def test_a_failed_query_spoils_no_later_read(person, project_id):
    with access.visit():
        with pytest.raises(sa.exc.DBAPIError), access.reading(person, project_id) as connection:
            connection.execute(sa.text("SELECT 1/0"))
        assert notes(person, project_id) == []


def test_a_database_that_goes_away_is_told_in_plain_words(person, project_id):
    with access.visit():
        with pytest.raises(StoreUnavailable):
            _read_from_a_server_that_ends(person, project_id)
        assert notes(person, project_id) == []


def test_an_error_of_the_page_leaves_no_connection_behind(person, project_id):
    def page() -> None:
        with access.visit():
            notes(person, project_id)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        page()
    assert db.engine().pool.checkedout() == 0


def _read_from_a_server_that_ends(person, project_id):
    owner = db.connect_as_owner()
    with access.reading(person, project_id) as connection:
        process = connection.scalar(sa.text("SELECT pg_backend_pid()"))
        with owner.begin() as other:
            other.execute(sa.text("SELECT pg_terminate_backend(:process, 5000)"), {"process": process})
        owner.dispose()
        connection.execute(sa.text("SELECT 1"))


def _elsewhere(do, *given):
    """As another request does it: in a thread of its own, outside the visit."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(do, *given).result()
