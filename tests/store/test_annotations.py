"""Notes on days: editors write them, everybody reads them, and removing can be undone."""

from __future__ import annotations

from datetime import date

import pytest

from errors import BadInput, NotAllowed, NotFound
from store import annotations as notes
from store import audit
from store.annotations import Content
from tests import accounts

DAY = date(2026, 3, 2)


@pytest.fixture
def project(make_project) -> int:
    return make_project()


@pytest.fixture
def editor(project):
    return accounts.join(accounts.add("ed@example.com"), project, "editor")


def note(text: str = "Sale", first: int = 2, last: int | None = None, channel: str = "") -> Content:
    return Content(date(2026, 3, first), date(2026, 3, last or first), text, channel)


def texts(person, project, first=1, last=31, channels=()) -> list[str]:
    found = notes.between(person, project, date(2026, 3, first), date(2026, 3, last), channels)
    return [one.content.text for one in found]


def test_notes_of_a_period_are_those_that_touch_it(project, editor):
    for content in (note("late", 20), note("over", 5, 12), note("on", 10)):
        notes.add(editor, project, content)
    assert texts(editor, project) == ["over", "on", "late"]
    assert texts(editor, project, 11, 15) == ["over"]
    assert texts(editor, project, 13, 19) == []


def test_a_channel_shows_its_own_notes_and_those_about_all(project, editor):
    notes.add(editor, project, note("all", 2))
    notes.add(editor, project, note("meta", 3, channel="meta_ads"))
    assert texts(editor, project, channels=("meta_ads",)) == ["all", "meta"]
    assert texts(editor, project, channels=("google_ads",)) == ["all"]


def test_a_note_is_written_anew_removed_and_brought_back(project, editor):
    found = notes.add(editor, project, note("  Sale   begins "))
    assert texts(editor, project) == ["Sale begins"]
    notes.change(editor, project, found, note("Sale ends", 4))
    assert texts(editor, project) == ["Sale ends"]
    notes.remove(editor, project, found)
    assert texts(editor, project) == []
    assert [one.id for one in notes.removed(editor, project)] == [found]
    notes.restore(editor, project, found)
    (one,) = notes.between(editor, project, DAY, date(2026, 3, 9))
    assert (one.content, one.by) == (note("Sale ends", 4), "Ed")


@pytest.mark.parametrize(
    ("first", "last", "text"),
    [
        (DAY, DAY, ""), (DAY, DAY, "   "), (DAY, DAY, "x" * 201), (DAY, DAY, "a\0b"), (DAY, date(2026, 3, 1), "x"),
        (DAY, date(2027, 3, 4), "x"), (date.min, date.min, "x"), (date.max, date.max, "x"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_note_is_refused(first, last, text):
    with pytest.raises(BadInput):
        Content(first, last, text)


def test_a_viewer_reads_and_does_not_write_and_a_stranger_finds_nothing(project, editor, make_project):
    viewer, stranger = (
        accounts.join(accounts.add("vi@example.com"), project, "viewer"),
        accounts.add("st@example.com"),
    )
    found = notes.add(editor, project, note())
    assert texts(viewer, project) == ["Sale"]
    for deed in (
        lambda who: notes.add(who, project, note()),
        lambda who: notes.change(who, project, found, note("x")),
        lambda who: notes.remove(who, project, found),
        lambda who: notes.restore(who, project, found),
    ):
        with pytest.raises(NotAllowed):
            deed(viewer)
        with pytest.raises(NotFound):
            deed(stranger)
    other = make_project("Other")
    accounts.join(editor, other, "editor")
    with pytest.raises(NotFound):
        notes.remove(editor, other, found)
    assert texts(editor, project) == ["Sale"]


def test_notes_stand_in_the_audit_log(project, editor):
    owner = accounts.join(accounts.add("o@example.com"), project, "owner")
    notes.remove(editor, project, notes.add(editor, project, note()))
    assert [e.action for e in audit.read(owner, project, audit.Filter())] == ["remove_note", "add_note"]
