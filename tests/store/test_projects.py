from __future__ import annotations

import pytest
import sqlalchemy as sa

from errors import BadInput, NotFound
from store import audit, db, projects
from store.access import Role
from tests import accounts

GOOD = {"name": "Shop", "currency": "EUR", "time_zone": "Europe/Berlin"}


def test_creator_owns_the_project_and_finds_it_first(database):
    admin = accounts.add(is_admin=True)
    made = projects.create(admin, "  Sea   Shop ", "CHF", "Europe/Zurich", 7, "refund_day")
    assert (made.name, made.currency, made.week_start, made.role) == ("Sea Shop", "CHF", 7, Role.OWNER)
    assert projects.get(admin, made.id) == made
    assert projects.last_used(admin) == made.id
    assert projects.list_for(admin) == [made]


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"name": "  "}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"currency": "EURO"}, "currency"),
        ({"currency": "eur"}, "currency"),
        ({"time_zone": "Mars/Base"}, "time zone"),
        ({"week_start": 0}, "week"),
        ({"refund_policy": "never"}, "order_day"),
    ],
)
def test_wrong_values_are_refused_in_words(database, wrong, word):
    admin = accounts.add(is_admin=True)
    with pytest.raises(BadInput, match=word):
        projects.create(admin, **{**GOOD, **wrong})
    made = projects.create(admin, **GOOD)
    with pytest.raises(BadInput, match=word):
        projects.change(admin, made.id, **wrong)
    assert projects.get(admin, made.id) == made


def test_everybody_sees_their_projects_and_administrators_all(make_project):
    one, two = make_project("b"), make_project("A")
    ann = accounts.join(accounts.add(), one, Role.VIEWER)
    admin = accounts.add("root@example.com", is_admin=True)
    assert [(p.id, p.role) for p in projects.list_for(ann)] == [(one, Role.VIEWER)]
    assert [(p.id, p.role) for p in projects.list_for(admin)] == [(two, Role.OWNER), (one, Role.OWNER)]


def test_change_is_recorded_with_what_was_before(make_project):
    project_id = make_project()
    owner = accounts.join(accounts.add(), project_id, Role.OWNER)
    projects.change(owner, project_id, name="Shop", currency="USD")
    projects.change(owner, project_id, currency="USD")
    (line,) = audit.read(owner, project_id, audit.Filter())
    assert line.details == {"currency": {"from": "EUR", "to": "USD"}}


def test_deleting_needs_the_name_and_takes_everything_but_the_log(make_project):
    project_id, other = make_project(), make_project("Other")
    owner = accounts.join(accounts.add(), project_id, Role.OWNER)
    for p in (project_id, other):
        with db.project(p) as connection:
            connection.execute(
                sa.text("INSERT INTO project_rates VALUES (:p, 'AED', '2026-01-01', 4)"),
                {"p": p},
            )
    with pytest.raises(BadInput, match="Type the project's name"):
        projects.delete(owner, project_id, "shop")
    projects.delete(owner, project_id, " Shop ")
    with pytest.raises(NotFound):
        projects.get(owner, project_id)
    for p, left in ((project_id, 0), (other, 1)):
        with db.project(p) as connection:
            assert connection.scalar(sa.text("SELECT count(*) FROM project_rates")) == left
    admin = accounts.add("root@example.com", is_admin=True)
    (line,) = audit.read(admin, None, audit.Filter(action="delete_project"))
    assert (line.subject, line.project) == ("Shop", "")


def test_last_used_project_is_remembered_for_members_only(make_project):
    project_id, other = make_project(), make_project("Other")
    ann = accounts.join(accounts.add(), project_id, Role.VIEWER)
    projects.remember(ann, project_id)
    with pytest.raises(NotFound):
        projects.remember(ann, other)
    assert projects.last_used(ann) == project_id
