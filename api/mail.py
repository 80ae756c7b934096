"""Mail by SMTP, where it is configured."""

from __future__ import annotations

import logging
import smtplib
import ssl
import threading
from email.message import EmailMessage

import settings

_log = logging.getLogger("soundings.mail")
_TIMEOUT = 20  # seconds


def is_set_up() -> bool:
    """True if mails can be sent."""
    here = settings.current()
    return bool(here.smtp_host and here.smtp_from)


def _message(to: str, subject: str, text: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = settings.current().smtp_from, to, subject
    message.set_content(text)
    return message


def _deliver(message: EmailMessage) -> None:
    here = settings.current()
    assert here.smtp_host
    try:
        with smtplib.SMTP(here.smtp_host, here.smtp_port, timeout=_TIMEOUT) as server:
            if here.smtp_tls:
                server.starttls(context=ssl.create_default_context())
            if here.smtp_user:
                server.login(here.smtp_user, here.smtp_password or "")
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        _log.error("a mail could not be sent through %s: %s", here.smtp_host, type(error).__name__)


def send(to: str, subject: str, text: str) -> threading.Thread:
    """Send in the background: the page answers at once, for known and unknown addresses alike."""
    thread = threading.Thread(target=_deliver, args=(_message(to, subject, text),), daemon=True)
    thread.start()
    return thread


def send_reset(to: str, link: str) -> threading.Thread:
    """Mail a reset link."""
    text = (
        f"Somebody asked to reset your Soundings passphrase. Open this within an hour:\n\n{link}\n\n"
        "If it was not you, do nothing: your passphrase stays as it is.\n"
    )
    return send(to, "Reset your Soundings passphrase", text)


def send_invitation(to: str, project: str, inviter: str, link: str) -> threading.Thread:
    """Mail an invitation to a project."""
    text = (
        f"{inviter} invites you to “{project}” in Soundings. Open this within 7 days:\n\n{link}\n\n"
        "The link works once.\n"
    )
    return send(to, f"Invitation to {' '.join(project.split())} in Soundings", text)
