from __future__ import annotations

import smtplib

import pyotp
import pytest
import sqlalchemy as sa

from api import mail
from errors import StoreUnavailable
from store import db, members, people, projects, second_factor, sessions
from store.access import Role
from store.models import links
from tests import accounts, opening
from tests.accounts import OTHER, PASSPHRASE, token_of
from ui import main as frame
from ui import session

PAGES = [entry.file for entry in frame.ENTRIES]


@pytest.fixture
def begun(monkeypatch):
    """Tickets that the page handed to the browser."""
    tickets = []
    monkeypatch.setattr(session, "begin", lambda ticket, **_: tickets.append(ticket))
    return tickets


def fill(found, **fields):
    for label, value in fields.items():
        wanted = label.replace("_", " ").replace("e mail", "e-mail").replace("E mail", "E-mail")
        next(f for f in found.text_input if f.label == wanted).set_value(value)
    return found


def sign_in(found, email="ann@example.com", passphrase=PASSPHRASE):
    fill(found, E_mail_address=email, Passphrase=passphrase)
    return opening.press(found, "Sign in")


@pytest.mark.parametrize(
    ("name", "cookie"), [*((p, None) for p in PAGES), ("members", "forged"), ("audit", "")]
)
def test_signed_out_person_sees_only_the_form(make_project, monkeypatch, name, cookie):
    make_project("Secret shop")
    found = opening.page(monkeypatch, cookie, name, project="1")
    assert opening.buttons(found) == ["Sign in"]
    assert "Secret shop" not in opening.text(found)
    assert not found.sidebar.selectbox


def test_right_passphrase_hands_over_a_ticket(database, monkeypatch, begun):
    accounts.add()
    sign_in(opening.page(monkeypatch, None))
    assert sessions.find(sessions.start(begun[0], None, None)).email == "ann@example.com"


@pytest.mark.parametrize(
    ("email", "passphrase"), [("ann@example.com", "wrong"), ("nobody@example.com", PASSPHRASE)]
)
def test_wrong_and_unknown_read_the_same(database, monkeypatch, begun, email, passphrase):
    accounts.add()
    found = sign_in(opening.page(monkeypatch, None), email, passphrase)
    assert [e.value for e in found.error] == ["The e-mail address or the passphrase is wrong."]
    assert begun == []


def test_page_says_when_to_try_again(database, monkeypatch, begun):
    accounts.add()
    found = opening.page(monkeypatch, None)
    for _ in range(6):
        found = sign_in(found, passphrase="wrong")
    assert "Try again in 1 minute" in found.error[0].value


def test_second_step_stands_between_passphrase_and_ticket(database, monkeypatch, begun):
    ann, _ = accounts.sign_in(accounts.add())
    secret = second_factor.new_secret()
    codes = second_factor.turn_on(ann, secret, pyotp.TOTP(secret).now())
    found = sign_in(opening.page(monkeypatch, None))
    assert begun == []
    fill(found, Code="000000")
    found = opening.press(found, "Continue")
    assert "wrong" in found.error[0].value
    fill(found, Code=codes[3])
    opening.press(found, "Continue")
    assert len(begun) == 1


def test_first_administrator_comes_in_by_the_link(database, monkeypatch, begun):
    token = token_of(people.first_admin_link())
    found = opening.page(monkeypatch, None, link=token)
    fill(
        found,
        Your_name="Ann",
        E_mail_address="ann@example.com",
        Passphrase=PASSPHRASE,
        Passphrase_again=OTHER,
    )
    found = opening.press(found, "Create administrator")
    assert "differ" in found.error[0].value
    fill(found, Passphrase_again=PASSPHRASE)
    opening.press(found, "Create administrator")
    cookie = sessions.start(begun[0], None, None)
    assert "Your first project" in opening.text(opening.page(monkeypatch, cookie))


def test_first_project_is_created_and_opened(database, monkeypatch):
    admin, cookie = accounts.sign_in(accounts.add(is_admin=True))
    found = opening.page(monkeypatch, cookie)
    fill(found, Name="Sea shop")
    found = opening.press(found, "Create project")
    (made,) = projects.list_for(admin)
    assert made.name == "Sea shop"
    assert found.query_params["project"] == str(made.id)


def test_person_without_a_project_reads_whom_to_ask(database, monkeypatch):
    _, cookie = accounts.sign_in(accounts.add())
    assert "Ask an owner" in opening.text(opening.page(monkeypatch, cookie))


@pytest.mark.parametrize("state", ["expired", "used", "withdrawn", "not valid"])
def test_bad_link_says_what_is_wrong(database, monkeypatch, state):
    admin = accounts.add("root@example.com", is_admin=True)
    ann = accounts.add()
    token = token_of(people.issue_reset(admin, ann.id))
    if state == "expired":
        accounts.age(token, seconds=1)
    elif state == "used":
        people.reset(token, OTHER, OTHER)
    elif state == "withdrawn":
        people.issue_reset(admin, ann.id)
    else:
        token = "forged"
    found = opening.page(monkeypatch, None, link=token)
    assert state in found.error[0].value
    found = opening.press(found, "Go to sign-in")
    assert "link" not in found.query_params


def test_reset_link_sets_the_passphrase(database, monkeypatch):
    admin = accounts.add("root@example.com", is_admin=True)
    token = token_of(people.issue_reset(admin, accounts.add().id))
    found = opening.page(monkeypatch, None, link=token)
    fill(found, Passphrase="short", Passphrase_again="short")
    found = opening.press(found, "Set passphrase")
    assert "12 to 128" in found.error[0].value
    fill(found, Passphrase=OTHER, Passphrase_again=OTHER)
    found = opening.press(found, "Set passphrase")
    assert "Sign in with it" in found.success[0].value
    assert people.sign_in("ann@example.com", OTHER, "local").ticket


@pytest.fixture
def invitation(make_project):
    project_id = make_project()
    owner = accounts.join(accounts.add("olga@example.com"), project_id, Role.OWNER)
    return token_of(members.invite(owner, project_id, Role.EDITOR))


def test_invited_newcomer_makes_an_account(invitation, monkeypatch, begun):
    found = opening.page(monkeypatch, None, link=invitation)
    assert "**Shop** as editor" in opening.text(found)
    fill(
        found,
        Your_name="Bob",
        E_mail_address="bob@example.com",
        Passphrase=PASSPHRASE,
        Passphrase_again=PASSPHRASE,
    )
    opening.press(found, "Create account and join")
    bob = sessions.find(sessions.start(begun[0], None, None))
    assert [p.role for p in projects.list_for(bob)] == [Role.EDITOR]


def test_invited_colleague_signs_in_and_joins(invitation, monkeypatch, begun):
    ann = accounts.add()
    found = opening.page(monkeypatch, None, link=invitation)
    found.segmented_control[0].set_value("I have an account").run()
    sign_in(found)
    cookie = sessions.start(begun[0], None, None)
    found = opening.page(monkeypatch, cookie, link=invitation)
    assert projects.list_for(ann) == []
    found = opening.press(found, "Join")
    assert [p.name for p in projects.list_for(ann)] == ["Shop"]
    assert "link" not in found.query_params


def test_forgotten_passphrase_reads_the_same_for_everybody(database, monkeypatch):
    accounts.add()
    sent = []
    monkeypatch.setattr(mail, "is_set_up", lambda: True)
    monkeypatch.setattr(mail, "send_reset", lambda to, link: sent.append((to, link)))
    answers = set()
    for email in ("ann@example.com", "nobody@example.com"):
        found = fill(opening.page(monkeypatch, None), Your_e_mail_address=email)
        answers.add(opening.press(found, "Mail me a link").info[0].value)
    assert len(answers) == 1
    assert [to for to, _ in sent] == ["ann@example.com"]


def test_mail_asked_for_again_and_again_is_not_sent_again_and_again(database):
    accounts.add()
    links_made = [people.request_reset("ann@example.com") for _ in range(5)]
    assert links_made[0]
    assert links_made[-1] is None


def test_revoked_session_meets_the_form_at_the_next_click(make_project, monkeypatch):
    project_id = make_project()
    ann, cookie = accounts.sign_in(accounts.join(accounts.add(), project_id, Role.VIEWER))
    found = opening.page(monkeypatch, cookie, "members")
    assert found.title[0].value == "Members"
    sessions.revoke_all(ann)
    found.run()
    assert opening.buttons(found) == ["Sign in"]


def test_sign_out_button_ends_the_session(make_project, monkeypatch):
    _, cookie = accounts.sign_in(accounts.join(accounts.add(), make_project(), Role.VIEWER))
    found = opening.page(monkeypatch, cookie, "members")
    found = opening.press(found, "Sign out")
    assert sessions.find(cookie) is None
    assert "Members" not in opening.text(found)


@pytest.mark.parametrize("asked", ["2", "999", "abc", "-1", "1;drop", "99999999999999999999"])
def test_project_of_others_in_the_address_is_not_shown(make_project, monkeypatch, asked):
    mine = make_project("Mine")
    make_project("Theirs")
    _, cookie = accounts.sign_in(accounts.join(accounts.add(), mine, Role.OWNER))
    found = opening.page(monkeypatch, cookie, "members", project=asked)
    assert "There is no such project" in found.warning[0].value
    assert "Theirs" not in opening.text(found)
    assert found.sidebar.selectbox[0].options == ["Mine"]


def test_picker_changes_the_address_and_is_remembered(make_project, monkeypatch):
    one, two = make_project("One"), make_project("Two")
    ann, cookie = accounts.sign_in(accounts.join(accounts.join(accounts.add(), one, "viewer"), two, "owner"))
    found = opening.page(monkeypatch, cookie, "members")
    assert found.query_params["project"] == str(one)
    found.sidebar.selectbox[0].set_value(two).run()
    assert found.query_params["project"] == str(two)
    assert projects.last_used(ann) == two
    assert opening.page(monkeypatch, cookie, "members").query_params["project"] == str(two)


def test_unknown_failure_shows_a_reference_and_no_stack_trace(make_project, monkeypatch, caplog):
    _, cookie = accounts.sign_in(accounts.join(accounts.add(), make_project(), Role.OWNER))
    monkeypatch.setattr(members, "list_all", lambda *_: 1 / 0)
    found = opening.page(monkeypatch, cookie, "members")
    assert not found.exception
    reference = found.error[0].value.rpartition("reference ")[2].rstrip(".")
    assert reference in caplog.text
    assert "ZeroDivisionError" not in opening.text(found)


def test_lost_database_is_told_in_words(make_project, monkeypatch):
    _, cookie = accounts.sign_in(accounts.join(accounts.add(), make_project(), Role.OWNER))

    def lost(*_):
        raise StoreUnavailable("The database does not answer. Nothing was written.")

    monkeypatch.setattr(members, "list_all", lost)
    found = opening.page(monkeypatch, cookie, "members")
    assert "does not answer" in found.info[0].value


def test_demo_is_marked_and_removed_by_one_button_and_a_confirmation(make_project, monkeypatch):
    keep, demo = make_project("Shop"), make_project("Demo", is_demo=True)
    ann, cookie = accounts.sign_in(accounts.join(accounts.join(accounts.add(), keep, "owner"), demo, "owner"))
    found = opening.page(monkeypatch, cookie, "members", project=str(demo))
    assert found.info[0].value == "Demo project: invented data."
    found = opening.press(found, "Remove demo")
    found.button[-1].click().run()
    assert [p.name for p in projects.list_for(ann)] == ["Shop"]


def test_pages_beyond_a_role_are_not_offered(make_project, monkeypatch):
    def offered(role):
        who = accounts.add(f"{role}@example.com")
        project_id = make_project(str(role))
        accounts.join(who, project_id, role)
        return {e.file for e in frame.ENTRIES if frame._offered(e, who, projects.get(who, project_id))}

    every = {entry.file for entry in frame.ENTRIES}
    assert offered("viewer") == every - {"upload", "offline", "audit", "people"}
    assert offered("editor") == every - {"audit", "people"}
    assert offered("owner") == every - {"people"}


def test_mail_goes_out_and_a_dead_server_disturbs_nobody(monkeypatch):
    class Server:
        def __init__(self, host, port, timeout):
            if host == "dead":
                raise smtplib.SMTPConnectError(421, "no")

        def send_message(self, message, to_addrs):
            out.append(message)
            return {}

        def quit(self):
            return None

    out = []
    monkeypatch.setattr(smtplib, "SMTP", Server)
    for host in ("mail.example.com", "dead"):
        here = mail.settings.read({"SMTP_HOST": host, "SMTP_FROM": "s@example.com", "SMTP_TLS": "off"})
        monkeypatch.setattr(mail.settings, "current", lambda here=here: here)
        mail.send_invitation("bob@example.com", "Shop\nBcc: all", "Olga", "http://link").join()
    (message,) = out
    assert message["To"] == "bob@example.com"
    assert "http://link" in message.get_content()
    assert "\n" not in message["Subject"]


def test_no_ticket_is_kept_as_it_is(database):
    ticket = accounts.ticket(accounts.add())
    with db.instance() as connection:
        assert ticket not in repr(connection.execute(sa.select(links)).all())
