from __future__ import annotations

import threading

import pytest

from errors import BadInput, NotFound
from store import db, links, members, people
from store.access import Role
from tests import accounts
from tests.accounts import token_of


@pytest.fixture
def project_id(make_project):
    return make_project()


@pytest.fixture
def owner(project_id):
    return accounts.join(accounts.add("olga@example.com"), project_id, Role.OWNER)


def roles(owner, project_id):
    return {m.email: m.role for m in members.list_all(owner, project_id)}


def test_signed_in_person_joins_with_the_role_of_the_invitation(owner, project_id):
    ann = accounts.add()
    token = token_of(members.invite(owner, project_id, Role.EDITOR))
    with db.instance() as connection:
        offer = members.offer(connection, links.look_up(connection, token))
    assert (offer.project, offer.role) == ("Shop", Role.EDITOR)
    assert members.join(ann, token) == project_id
    assert roles(owner, project_id)["ann@example.com"] is Role.EDITOR
    with pytest.raises(BadInput, match="already used"):
        members.join(accounts.add("eve@example.com"), token)


def test_member_does_not_use_an_invitation_up(owner, project_id):
    token = token_of(members.invite(owner, project_id, Role.VIEWER))
    with pytest.raises(BadInput, match="already, as owner"):
        members.join(owner, token)
    members.join(accounts.add(), token)
    assert roles(owner, project_id)["olga@example.com"] is Role.OWNER


def test_invitation_of_another_address_is_not_for_me(owner, project_id):
    token = token_of(members.invite(owner, project_id, Role.OWNER, "bob@example.com"))
    with pytest.raises(BadInput, match="another e-mail"):
        members.join(accounts.add(), token)


def test_withdrawn_and_expired_invitations_admit_nobody(owner, project_id):
    withdrawn, expired = (token_of(members.invite(owner, project_id, Role.VIEWER)) for _ in range(2))
    _, oldest = members.invitations(owner, project_id)
    members.withdraw_invitation(owner, project_id, oldest.id)
    accounts.age(expired, seconds=1)
    for token, word in ((withdrawn, "withdrawn"), (expired, "expired")):
        with pytest.raises(BadInput, match=word):
            members.join(accounts.add(f"{word}@example.com"), token)
    assert members.invitations(owner, project_id) == []
    with pytest.raises(NotFound):
        members.withdraw_invitation(owner, project_id, oldest.id)


def test_invitation_of_another_project_cannot_be_withdrawn(owner, project_id, make_project):
    other = make_project("Other")
    admin = accounts.add("root@example.com", is_admin=True)
    members.invite(admin, other, Role.VIEWER)
    (invitation,) = members.invitations(admin, other)
    with pytest.raises(NotFound):
        members.withdraw_invitation(owner, project_id, invitation.id)


def test_last_owner_stays_owner(owner, project_id):
    accounts.join(accounts.add("dis@example.com", disabled=True), project_id, Role.OWNER)
    for deed in (
        lambda: members.change_role(owner, project_id, owner.id, Role.VIEWER),
        lambda: members.remove(owner, project_id, owner.id),
        lambda: members.leave(owner, project_id),
    ):
        with pytest.raises(BadInput, match="at least one owner"):
            deed()
    accounts.join(accounts.add(), project_id, Role.OWNER)
    members.leave(owner, project_id)


def test_two_owners_who_demote_each_other_leave_one(owner, project_id):
    ann = accounts.join(accounts.add(), project_id, Role.OWNER)
    admin = accounts.add("root@example.com", is_admin=True)
    outcomes = []

    def demote(user_id):
        try:
            members.change_role(admin, project_id, user_id, Role.VIEWER)
            outcomes.append("done")
        except BadInput:
            outcomes.append("refused")

    threads = [threading.Thread(target=demote, args=(p.id,)) for p in (owner, ann)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert sorted(outcomes) == ["done", "refused"]
    assert sorted(roles(admin, project_id).values()) == ["owner", "viewer"]


def test_removed_member_is_a_stranger(owner, project_id):
    ann = accounts.join(accounts.add(), project_id, Role.EDITOR)
    members.remove(owner, project_id, ann.id)
    with pytest.raises(NotFound):
        members.list_all(ann, project_id)
    with pytest.raises(NotFound):
        members.remove(owner, project_id, ann.id)


def test_disabled_member_is_shown_as_such(owner, project_id):
    ann = accounts.join(accounts.add(), project_id, Role.EDITOR)
    people.disable(accounts.add("root@example.com", is_admin=True), ann.id)
    assert {m.email: m.is_disabled for m in members.list_all(owner, project_id)} == {
        "ann@example.com": True,
        "olga@example.com": False,
    }


@pytest.mark.parametrize("email", ["nonsense", "a b@example.com", "x" * 300 + "@example.com"])
def test_invitation_wants_an_address_or_none(owner, project_id, email):
    with pytest.raises(BadInput, match="e-mail"):
        members.invite(owner, project_id, Role.VIEWER, email)
