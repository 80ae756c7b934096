"""Mail by SMTP, where it is configured: texts, and letters with pictures in them and files attached."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

import settings
from errors import AccessMissing, Refused, SoundingsError, UnexpectedAnswer, Unreachable

_TIMEOUT = 20  # seconds
_XLSX = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")
NOT_SET_UP = (
    "This server cannot send mail yet. Whoever runs it sets SMTP_HOST and SMTP_FROM, and SMTP_USER and SMTP_PASSWORD "
    "where the mail server asks for them."
)


@dataclass(frozen=True)
class Letter:
    """A mail. `pictures` are PNGs that the HTML shows as `cid:` and their name; `files` are workbooks by name."""

    to: tuple[str, ...]
    subject: str
    text: str
    html: str = ""
    pictures: dict[str, bytes] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)


def is_set_up() -> bool:
    """True if mails can be sent."""
    here = settings.current()
    return bool(here.smtp_host and here.smtp_from)


def compose(letter: Letter) -> EmailMessage:
    """The mail as it goes out. Line breaks in what becomes a header are made spaces, so nobody adds headers."""
    sender = settings.current().smtp_from or ""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = ", ".join(_line(one) for one in letter.to)
    message["Subject"] = _line(letter.subject)
    message["Date"] = formatdate(usegmt=True)
    domain = re.sub(r"[^A-Za-z0-9.-]", "", sender.rpartition("@")[2]) or "soundings"
    message["Message-ID"] = make_msgid(domain=domain)
    message.set_content(letter.text)
    if letter.html:
        message.add_alternative(letter.html, subtype="html")
        _, html = message.iter_parts()
        assert isinstance(html, EmailMessage)
        for name, content in letter.pictures.items():
            html.add_related(
                content, "image", "png", cid=f"<{name}>", filename=f"{name}.png", disposition="inline"
            )
    for name, content in letter.files.items():
        message.add_attachment(content, maintype=_XLSX[0], subtype=_XLSX[1], filename=_line(name))
    return message


def _line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def send(letter: Letter) -> list[str]:
    """Send a mail, once; the addresses that the server refused while it took it for others.

    Raises AccessMissing (not set up, or the sign-in is refused), TryLater, Refused (by all, or for its content), or
    UnexpectedAnswer where the line broke off so late that it may have arrived.
    """
    here = settings.current()
    if not here.smtp_host or not here.smtp_from:
        raise AccessMissing(f"{NOT_SET_UP} Nothing was sent.")
    message = compose(letter)
    try:
        server = smtplib.SMTP(here.smtp_host, here.smtp_port, timeout=_TIMEOUT)
    except (OSError, smtplib.SMTPException) as error:
        raise _later(here.smtp_host) from error
    with _Closing(server):
        _sign_in(server)
        return _sent(server, message, letter.to)


class _Closing:
    """Says goodbye, without minding a server that is gone already: what it took, it took."""

    def __init__(self, server: smtplib.SMTP) -> None:
        self._server = server

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        try:
            self._server.quit()
        except (OSError, smtplib.SMTPException):
            self._server.close()


def _later(host: str) -> Unreachable:
    return Unreachable(f"The mail server {host} could not be reached. Nothing was sent.")


def _sign_in(server: smtplib.SMTP) -> None:
    here = settings.current()
    try:
        if here.smtp_tls:
            server.starttls(context=ssl.create_default_context())
        if here.smtp_user:
            server.login(here.smtp_user, here.smtp_password or "")
    except smtplib.SMTPAuthenticationError as error:
        raise AccessMissing(
            "The mail server refuses the sign-in. Whoever runs this server checks SMTP_USER and SMTP_PASSWORD. "
            "Nothing was sent."
        ) from error
    except smtplib.SMTPNotSupportedError as error:
        raise AccessMissing(
            "The mail server does not offer what SMTP_TLS or SMTP_USER ask for. Whoever runs this server checks them. "
            "Nothing was sent."
        ) from error
    except (OSError, smtplib.SMTPException) as error:
        raise _later(here.smtp_host or "") from error


def _sent(server: smtplib.SMTP, message: EmailMessage, to: Sequence[str]) -> list[str]:
    try:
        return list(server.send_message(message, to_addrs=list(to)))
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        raise _refused("none of the addresses", min(codes, default=500)) from error
    except smtplib.SMTPSenderRefused as error:
        raise _refused("the sender (SMTP_FROM)", error.smtp_code) from error
    except smtplib.SMTPDataError as error:
        raise _refused("the mail itself", error.smtp_code, accepts="did not accept") from error
    except (OSError, smtplib.SMTPException) as error:
        raise UnexpectedAnswer(
            "The line to the mail server broke off while the mail was sent. It may have arrived; it was not sent again."
        ) from error


def _refused(what: str, code: int, accepts: str = "accepts") -> SoundingsError:
    text = f"The mail server {accepts} {what} (status {code}). Nothing was sent."
    if code < 500:
        return Unreachable(text)
    return Refused(f"{text} Check the addresses, or ask whoever runs the mail server.")
