"""The mails that pages send at once: resets and invitations."""

from __future__ import annotations

import logging
import threading

import settings
from destinations import mail
from destinations.mail import Letter
from destinations.mail import is_set_up as is_set_up
from errors import SoundingsError

_log = logging.getLogger("soundings.mail")


def _deliver(letter: Letter) -> None:
    try:
        mail.send(letter)
    except SoundingsError as error:
        host = settings.current().smtp_host
        _log.error("a mail could not be sent through %s: %s", host, type(error.__cause__ or error).__name__)


def send(to: str, subject: str, text: str) -> threading.Thread:
    """Send in the background: the page answers at once, for known and unknown addresses alike."""
    thread = threading.Thread(target=_deliver, args=(Letter((to,), subject, text),), daemon=True)
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
