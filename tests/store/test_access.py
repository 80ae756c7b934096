from __future__ import annotations

import pytest
import sqlalchemy as sa

from errors import BadInput, NotAllowed, NotFound, SignInNeeded
from store import access, audit, db, members, people, projects, second_factor, sessions
from store.access import INSTANCE_ACTIONS, LEAST_ROLE, Action, Person, Role
from store.models import users
from tests import accounts

V, E, O = Role.VIEWER, Role.EDITOR, Role.OWNER  # noqa: E741
MAY = {
    Action.VIEW: {V, E, O},
    Action.EXPORT: {V, E, O},
    Action.IMPORT: {E, O},
    Action.UNDO: {E, O},
    Action.MAP_COLUMNS: {E, O},
    Action.EDIT_ANALYSIS: {E, O},
    Action.EDIT_PROJECT: {O},
    Action.EDIT_RATES: {O},
    Action.MANAGE_MEMBERS: {O},
    Action.READ_AUDIT: {O},
    Action.REFRESH: {E, O},
    Action.MANAGE_CONNECTIONS: {O},
    Action.DELETE_PROJECT: {O},
}


def test_every_action_is_in_one_table():
    assert set(MAY) == set(LEAST_ROLE)
    assert set(Action) == set(LEAST_ROLE) | INSTANCE_ACTIONS


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("action", MAY)
def test_role_decides_on_the_server(make_project, role, action):
    project_id = make_project()
    accounts.join(accounts.add("olga@example.com"), project_id, O)
    person = accounts.join(accounts.add("ann@example.com"), project_id, role)
    allowed = role in MAY[action]
    assert access.may(person, project_id, action) is allowed
    if allowed:
        with access.enter(person, project_id, action) as connection:
            setting = sa.text("SELECT current_setting('app.project_id')")
            assert connection.scalar(setting) == str(project_id)
        return
    words = r"you are an? (viewer|editor). Ask an owner: Olga"
    with pytest.raises(NotAllowed, match=words), access.enter(person, project_id, action):
        pytest.fail("entered")


@pytest.mark.parametrize("action", MAY)
def test_project_of_others_does_not_exist_for_a_stranger(make_project, action):
    mine, other = make_project("Mine"), make_project("Theirs")
    person = accounts.join(accounts.add(), mine, O)
    messages = set()
    for project_id in (other, 999_999):
        assert not access.may(person, project_id, action)
        with pytest.raises(NotFound) as caught, access.enter(person, project_id, action):
            pytest.fail("entered")
        messages.add(str(caught.value))
    assert len(messages) == 1


@pytest.mark.parametrize("action", MAY)
def test_administrator_may_do_everything_in_every_project(make_project, action):
    assert access.may(accounts.add(is_admin=True), make_project(), action)


@pytest.mark.parametrize("action", MAY)
def test_disabled_person_may_do_nothing(make_project, action):
    project_id = make_project()
    person = accounts.join(accounts.add(disabled=True), project_id, O)
    assert not access.may(person, project_id, action)
    with pytest.raises(SignInNeeded), access.enter(person, project_id, action):
        pytest.fail("entered")


@pytest.mark.parametrize("action", sorted(INSTANCE_ACTIONS))
@pytest.mark.parametrize("role", [None, *Role, "admin"])
def test_instance_is_for_administrators(make_project, action, role):
    person = accounts.add(is_admin=role == "admin")
    if role in set(Role):
        accounts.join(person, make_project(), role)
    expected = role == "admin" or (action is Action.CREATE_PROJECT and role is O)
    assert access.may(person, None, action) is expected


def test_claimed_administrator_is_not_believed(make_project):
    person = accounts.add()
    forged = Person(person.id, person.email, person.name, is_admin=True)
    assert not access.may(forged, make_project(), Action.VIEW)
    assert not access.may(forged, None, Action.MANAGE_PEOPLE)


def test_role_is_read_anew_each_time(make_project):
    project_id = make_project()
    person = accounts.join(accounts.add(), project_id, O)
    admin = accounts.add("root@example.com", is_admin=True)
    accounts.join(accounts.add("bob@example.com"), project_id, O)
    assert access.may(person, project_id, Action.EDIT_PROJECT)
    members.change_role(admin, project_id, person.id, V)
    assert not access.may(person, project_id, Action.EDIT_PROJECT)


def test_ended_session_may_do_nothing_though_the_person_may(make_project):
    project_id = make_project()
    person, token = accounts.sign_in(accounts.join(accounts.add(), project_id, O))
    assert access.may(person, project_id, Action.VIEW)
    sessions.end(token)
    with pytest.raises(SignInNeeded), access.enter(person, project_id, Action.VIEW):
        pytest.fail("entered")


def test_deed_and_its_line_in_the_log_stand_or_fall_together(make_project):
    project_id = make_project()
    person = accounts.join(accounts.add(), project_id, O)
    admin = accounts.add("root@example.com", is_admin=True)

    def record_and_fail():
        with access.enter(person, project_id, Action.VIEW) as connection:
            audit.record(connection, who=person, action="export", project_id=project_id)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        record_and_fail()
    assert audit.read(admin, project_id, audit.Filter()) == []


# Everything that a person can ask of projects and members, with the least role that may.
PROJECT_DEEDS = {
    "get": (V, lambda p, i, o: projects.get(p, i)),
    "remember": (V, lambda p, i, o: projects.remember(p, i)),
    "change": (O, lambda p, i, o: projects.change(p, i, name="New")),
    "delete": (O, lambda p, i, o: projects.delete(p, i, "Shop")),
    "list members": (V, lambda p, i, o: members.list_all(p, i)),
    "change role": (O, lambda p, i, o: members.change_role(p, i, o, E)),
    "remove": (O, lambda p, i, o: members.remove(p, i, o)),
    "invite": (O, lambda p, i, o: members.invite(p, i, V)),
    "invitations": (O, lambda p, i, o: members.invitations(p, i)),
    "withdraw": (O, lambda p, i, o: members.withdraw_invitation(p, i, 1)),
    "read log": (O, lambda p, i, o: audit.read(p, i, audit.Filter())),
    "count log": (O, lambda p, i, o: audit.count(p, i, audit.Filter())),
    "choices of log": (O, lambda p, i, o: audit.choices(p, i)),
}


@pytest.mark.parametrize("role", [None, V, E])
@pytest.mark.parametrize("deed", PROJECT_DEEDS)
def test_too_low_a_role_is_refused_by_the_function_itself(make_project, deed, role):
    project_id = make_project()
    other = accounts.join(accounts.add("olga@example.com"), project_id, V)
    person = accounts.add()
    if role:
        accounts.join(person, project_id, role)
    least, do = PROJECT_DEEDS[deed]
    if role and list(Role).index(role) >= list(Role).index(least):
        do(person, project_id, other.id)
        return
    with pytest.raises(NotAllowed if role else NotFound):
        do(person, project_id, other.id)
    with db.instance() as connection:
        assert connection.scalar(sa.text("SELECT name FROM projects")) == "Shop"
        assert connection.scalar(sa.text("SELECT count(*) FROM audit")) == 0


INSTANCE_DEEDS = {
    "list": lambda p, o: people.list_all(p),
    "reset link": lambda p, o: people.issue_reset(p, o),
    "make admin": lambda p, o: people.set_admin(p, o, True),
    "disable": lambda p, o: people.disable(p, o),
    "enable": lambda p, o: people.enable(p, o),
    "reset second factor": lambda p, o: second_factor.reset(p, o),
    "read log": lambda p, o: audit.read(p, None, audit.Filter()),
}


@pytest.mark.parametrize("deed", INSTANCE_DEEDS)
def test_people_are_managed_by_administrators_only(make_project, deed):
    owner = accounts.join(accounts.add(), make_project(), O)
    other = accounts.add("olga@example.com")
    with pytest.raises(NotAllowed, match="administrator"):
        INSTANCE_DEEDS[deed](owner, other.id)
    with db.instance() as connection:
        row = connection.execute(sa.select(users).where(users.c.id == other.id)).one()
    assert not row.is_admin
    assert row.disabled_at is None


def test_last_administrator_stays(database):
    admin = accounts.add(is_admin=True)
    for deed in (lambda: people.set_admin(admin, admin.id, False), lambda: people.disable(admin, admin.id)):
        with pytest.raises(BadInput, match="last administrator"):
            deed()
