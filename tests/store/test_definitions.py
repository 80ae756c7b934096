from __future__ import annotations

import pytest

from errors import BadInput, NotAllowed, NotFound
from store import audit, db, definitions, sources
from store.access import Action, enter
from tests import accounts


@pytest.fixture
def project(make_project) -> int:
    return make_project()


def _in_force(project_id: int, kind: str = "stages"):
    with db.project(project_id) as connection:
        return definitions.current(connection, project_id, kind)


def test_the_newest_version_is_in_force_and_an_earlier_one_can_be_brought_back(project):
    editor = accounts.join(accounts.add("ed@example.com"), project, "editor")
    assert _in_force(project) is None
    definitions.save(editor, project, "stages", {"paid": ["clicks"]}, seen=0)
    definitions.save(editor, project, "stages", {"paid": ["impressions"]}, seen=1, note="wider")
    found = _in_force(project)
    assert (found.version, found.content, found.note, found.by) == (
        2,
        {"paid": ["impressions"]},
        "wider",
        editor.name,
    )
    definitions.restore(editor, project, "stages", 1, seen=2)
    assert (_in_force(project).version, _in_force(project).content) == (3, {"paid": ["clicks"]})
    with enter(editor, project, Action.VIEW) as connection:
        assert [one.version for one in definitions.versions(connection, project, "stages")] == [3, 2, 1]
    assert _in_force(project, "costs") is None


def test_what_is_in_force_already_is_not_written_again(project):
    editor = accounts.join(accounts.add("ed@example.com"), project, "editor")
    definitions.save(editor, project, "stages", [1], seen=0)
    assert definitions.save(editor, project, "stages", [1], seen=1).version == 1


def test_nobody_overwrites_what_they_have_not_seen(project):
    ann = accounts.join(accounts.add("ann@example.com"), project, "editor")
    bob = accounts.join(accounts.add("bob@example.com"), project, "editor")
    definitions.save(ann, project, "stages", [1], seen=0)
    with pytest.raises(BadInput, match="meanwhile"):
        definitions.save(bob, project, "stages", [2], seen=0)
    assert _in_force(project).content == [1]


def test_a_viewer_may_not_define_and_a_stranger_finds_nothing(project):
    viewer, stranger = accounts.join(accounts.add("vi@example.com"), project, "viewer"), accounts.add()
    for deed in (
        lambda who: definitions.save(who, project, "stages", [1], seen=0),
        lambda who: definitions.restore(who, project, "stages", 1, seen=0),
    ):
        with pytest.raises(NotAllowed):
            deed(viewer)
        with pytest.raises(NotFound):
            deed(stranger)
    assert _in_force(project) is None


def test_a_version_that_is_not_there_cannot_be_brought_back(project):
    editor = accounts.join(accounts.add("ed@example.com"), project, "editor")
    with pytest.raises(NotFound, match="version 7"):
        definitions.restore(editor, project, "stages", 7, seen=0)


def test_an_edit_stands_in_the_audit_log_and_makes_reports_anew(project):
    owner = accounts.join(accounts.add("o@example.com"), project, "owner")
    with db.project(project) as connection:
        before = sources.stamp(connection, project)
    definitions.save(owner, project, "stages", [1], seen=0)
    with db.project(project) as connection:
        assert sources.stamp(connection, project) != before
    assert [entry.subject for entry in audit.read(owner, project, audit.Filter(action="define"))] == [
        "stages"
    ]
