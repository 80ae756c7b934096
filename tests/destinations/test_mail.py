"""Mail over a real line to a server on this machine."""

from __future__ import annotations

import pytest

import settings
from destinations import mail
from destinations.mail import Letter
from errors import AccessMissing, Refused, UnexpectedAnswer, Unreachable
from tests.destinations.loopback import mailbox

LETTER = Letter(
    ("ann@example.com", "bob@example.com"),
    "Weekly",
    "plain",
    "<p>rich</p>",
    {"chart-1": b"\x89PNG"},
    {"a.xlsx": b"PK"},
)


def use(monkeypatch, port=1, **more):
    env = {
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(port),
        "SMTP_FROM": "s@example.com",
        "SMTP_TLS": "off",
        **more,
    }
    here = settings.read(env)
    monkeypatch.setattr(settings, "current", lambda: here)


@pytest.fixture
def box(monkeypatch):
    with mailbox() as found:
        use(monkeypatch, found.port)
        yield found


def test_a_letter_arrives_with_text_html_picture_and_file(box):
    assert mail.send(LETTER) == []
    [(to, message)] = box.mails
    assert to == ["ann@example.com", "bob@example.com"]
    kinds = [part.get_content_type() for part in message.walk() if not part.is_multipart()]
    assert kinds == [
        "text/plain",
        "text/html",
        "image/png",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ]
    assert message["Message-ID"].endswith("@example.com>")


def test_nobody_adds_headers_by_a_name(box):
    mail.send(Letter(("ann@example.com",), "Shop\r\nBcc: all@example.com\n\nbody", "text"))
    [(to, message)] = box.mails
    assert to == ["ann@example.com"]
    assert message["Bcc"] is None
    assert message["Subject"] == "Shop Bcc: all@example.com body"


def test_addresses_that_are_refused_are_named_and_the_others_get_it(box):
    box.refused["bob@example.com"] = "550 who?"
    assert mail.send(LETTER) == ["bob@example.com"]
    assert len(box.mails) == 1


@pytest.mark.parametrize(("answer", "error"), [("550 who?", Refused), ("450 later", Unreachable)])
def test_refused_by_all_is_final_or_passes(box, answer, error):
    box.refused = dict.fromkeys(LETTER.to, answer)
    with pytest.raises(error):
        mail.send(LETTER)


@pytest.mark.parametrize(
    ("answer", "error"), [("554 spam", Refused), ("451 busy", Unreachable), ("", UnexpectedAnswer)]
)
def test_what_the_server_says_after_the_mail_decides(box, answer, error):
    box.data_answer = answer
    with pytest.raises(error) as raised:
        mail.send(LETTER)
    assert ("may have arrived" in str(raised.value)) is (answer == "")


def test_a_server_that_is_away_is_tried_again_later(monkeypatch):
    use(monkeypatch, 1)
    with pytest.raises(Unreachable):
        mail.send(LETTER)


def test_a_server_without_what_is_asked_for_is_told_to_whoever_runs_it(box, monkeypatch):
    use(monkeypatch, box.port, SMTP_TLS="on")
    with pytest.raises(AccessMissing, match="SMTP_TLS"):
        mail.send(LETTER)


def test_without_settings_it_says_which_are_missing(monkeypatch):
    here = settings.read({})
    monkeypatch.setattr(settings, "current", lambda: here)
    with pytest.raises(AccessMissing, match="SMTP_HOST"):
        mail.send(LETTER)
