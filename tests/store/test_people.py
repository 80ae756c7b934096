from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa

from errors import BadInput, NotFound, TryLater
from store import access, attempts, audit, db, members, passphrases, people, sessions
from store.access import Action, Role
from store.models import audit as audit_table
from store.models import users
from tests import accounts
from tests.accounts import OTHER, PASSPHRASE, token_of


def actions() -> list[str]:
    with db.instance() as connection:
        return list(connection.scalars(sa.select(audit_table.c.action).order_by(audit_table.c.id)))


def test_first_start_gives_a_link_until_there_is_an_administrator(database):
    first = people.first_admin_link()
    assert first.startswith("http")
    ticket = people.create_first_admin(
        token_of(first), "Ann@Example.com", " Ann  Lee ", PASSPHRASE, PASSPHRASE
    )
    person = sessions.find(sessions.start(ticket, None, None))
    assert (person.email, person.name, person.is_admin) == ("ann@example.com", "Ann Lee", True)
    assert people.first_admin_link() is None
    assert actions() == ["create_first_admin", "sign_in"]


def test_restart_withdraws_the_link_before(database):
    old, new = people.first_admin_link(), people.first_admin_link()
    with pytest.raises(BadInput, match="withdrawn"):
        people.create_first_admin(token_of(old), "a@example.com", "A", PASSPHRASE, PASSPHRASE)
    people.create_first_admin(token_of(new), "a@example.com", "A", PASSPHRASE, PASSPHRASE)


def test_two_first_administrators_at_once_become_one(database):
    token = token_of(people.first_admin_link())
    results = []

    def create(number):
        try:
            people.create_first_admin(token, f"p{number}@example.com", "P", PASSPHRASE, PASSPHRASE)
            results.append("made")
        except BadInput as error:
            results.append(str(error))

    threads = [threading.Thread(target=create, args=(n,)) for n in range(4)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert results.count("made") == 1
    with db.instance() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(users)) == 1


def test_mistake_in_the_form_leaves_the_link_good(database):
    token = token_of(people.first_admin_link())
    for email, name, first, second, word in [
        ("no address", "A", PASSPHRASE, PASSPHRASE, "e-mail"),
        ("a@example.com", " ", PASSPHRASE, PASSPHRASE, "name"),
        ("a@example.com", "A", "short", "short", "12 to 128"),
        ("a@example.com", "A", PASSPHRASE, OTHER, "differ"),
    ]:
        with pytest.raises(BadInput, match=word):
            people.create_first_admin(token, email, name, first, second)
    people.create_first_admin(token, "a@example.com", "A", PASSPHRASE, PASSPHRASE)


def test_right_passphrase_gives_a_ticket_for_one_session(database):
    accounts.add()
    ticket = people.sign_in(" ANN@example.com ", f" {PASSPHRASE} ", "local").ticket
    assert sessions.find(sessions.start(ticket, "local", None)).email == "ann@example.com"
    with pytest.raises(BadInput, match="used"):
        sessions.start(ticket, "local", None)


def test_unknown_wrong_and_disabled_get_the_same_answer_for_the_same_work(database, monkeypatch):
    accounts.add("ann@example.com")
    accounts.add("dis@example.com", disabled=True)
    checks = []
    real = passphrases.matches
    monkeypatch.setattr(passphrases, "matches", lambda *a: checks.append(a) or real(*a))
    answers = set()
    for email, passphrase in [
        ("ann@example.com", "wrong"),
        ("nobody@example.com", PASSPHRASE),
        ("dis@example.com", PASSPHRASE),
    ]:
        with pytest.raises(BadInput) as caught:
            people.sign_in(email, passphrase, "local")
        answers.add(str(caught.value))
    assert len(answers) == 1
    assert len(checks) == 3


def test_failed_sign_in_of_an_unknown_name_does_not_keep_what_was_typed(database):
    with pytest.raises(BadInput):
        people.sign_in("my secret passphrase", "x", "local")
    with db.instance() as connection:
        assert connection.scalar(sa.select(audit_table.c.subject)) == "unknown account"


def test_sixth_attempt_waits_even_with_the_right_passphrase(database):
    accounts.add()
    for _ in range(attempts.ACCOUNT_LIMIT):
        with pytest.raises(BadInput):
            people.sign_in("ann@example.com", "wrong", "local")
    with pytest.raises(TryLater, match="Too many failed attempts"):
        people.sign_in("ann@example.com", PASSPHRASE, "local")


def test_invited_person_registers_and_is_a_member(make_project):
    project_id = make_project()
    owner = accounts.join(accounts.add(), project_id, Role.OWNER)
    token = token_of(members.invite(owner, project_id, Role.EDITOR))
    ticket = people.register(token, "bob@example.com", "Bob", PASSPHRASE, PASSPHRASE)
    bob = sessions.find(sessions.start(ticket, None, None))
    assert access.may(bob, project_id, Action.IMPORT)
    assert not access.may(bob, project_id, Action.MANAGE_MEMBERS)
    with pytest.raises(BadInput, match="already used"):
        people.register(token, "eve@example.com", "Eve", PASSPHRASE, PASSPHRASE)


def test_invitation_for_an_address_is_for_that_address(make_project):
    project_id = make_project()
    owner = accounts.join(accounts.add(), project_id, Role.OWNER)
    token = token_of(members.invite(owner, project_id, Role.VIEWER, "Bob@example.com"))
    with pytest.raises(BadInput, match="another e-mail"):
        people.register(token, "eve@example.com", "Eve", PASSPHRASE, PASSPHRASE)
    people.register(token, "bob@example.com", "Bob", PASSPHRASE, PASSPHRASE)


def test_invitation_cannot_take_over_an_account(make_project):
    project_id = make_project()
    owner = accounts.join(accounts.add(), project_id, Role.OWNER)
    accounts.add("bob@example.com")
    token = token_of(members.invite(owner, project_id, Role.VIEWER))
    with pytest.raises(BadInput, match="already an account"):
        people.register(token, "bob@example.com", "Bob", OTHER, OTHER)
    assert people.sign_in("bob@example.com", PASSPHRASE, "local").ticket


def test_reset_sets_a_passphrase_once_and_ends_all_sessions(database):
    admin = accounts.add("root@example.com", is_admin=True)
    _, cookie = accounts.sign_in(accounts.add())
    ann = sessions.find(cookie)
    token = token_of(people.issue_reset(admin, ann.id))
    people.reset(token, OTHER, OTHER)
    assert sessions.find(cookie) is None
    assert people.sign_in("ann@example.com", OTHER, "local").ticket
    with pytest.raises(BadInput):
        people.sign_in("ann@example.com", PASSPHRASE, "local")
    with pytest.raises(BadInput, match="already used"):
        people.reset(token, PASSPHRASE, PASSPHRASE)


def test_newer_reset_link_withdraws_the_older(database):
    admin = accounts.add("root@example.com", is_admin=True)
    ann = accounts.add()
    old, new = (token_of(people.issue_reset(admin, ann.id)) for _ in range(2))
    with pytest.raises(BadInput, match="withdrawn"):
        people.reset(old, OTHER, OTHER)
    people.reset(new, OTHER, OTHER)


def test_reset_by_mail_is_for_known_addresses(database):
    accounts.add()
    accounts.add("dis@example.com", disabled=True)
    assert people.request_reset("Ann@example.com ")
    assert people.request_reset("nobody@example.com") is None
    assert people.request_reset("dis@example.com") is None


def test_changed_passphrase_signs_out_other_browsers(database):
    ann = accounts.add()
    here, cookie_here = accounts.sign_in(ann)
    _, cookie_there = accounts.sign_in(ann)
    with pytest.raises(BadInput, match="passphrase is wrong"):
        people.change_passphrase(here, "wrong", OTHER, OTHER, "local")
    people.change_passphrase(here, PASSPHRASE, OTHER, OTHER, "local")
    assert sessions.find(cookie_here) is not None
    assert sessions.find(cookie_there) is None


def test_disabled_account_is_out_at_once_and_enabled_again_is_back(database):
    admin = accounts.add("root@example.com", is_admin=True)
    ann, cookie = accounts.sign_in(accounts.add())
    people.disable(admin, ann.id)
    assert sessions.find(cookie) is None
    people.enable(admin, ann.id)
    assert people.sign_in("ann@example.com", PASSPHRASE, "local").ticket
    assert sessions.find(cookie) is None


def test_administrators_see_everybody(database):
    admin = accounts.add("root@example.com", is_admin=True)
    accounts.sign_in(accounts.add())
    found = {a.email: a for a in people.list_all(admin)}
    assert found["ann@example.com"].seen_at is not None
    assert found["root@example.com"].is_admin
    with pytest.raises(NotFound):
        people.issue_reset(admin, 999)


def test_own_name_is_changed_and_recorded(database):
    ann, cookie = accounts.sign_in(accounts.add())
    people.change_name(ann, "Ann Marie")
    assert sessions.find(cookie).name == "Ann Marie"
    admin = accounts.add("root@example.com", is_admin=True)
    last = audit.read(admin, None, audit.Filter(action="change_name"))[0]
    assert last.details == {"from": "Ann", "to": "Ann Marie"}
