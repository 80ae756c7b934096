"""Every error that Soundings raises on purpose, grouped by what the caller should do.

A message is written for the person who reads it: what happened, who must act, what is still
safe. It never holds a secret, a cell of personal data or a stack trace.
"""

from __future__ import annotations


class SoundingsError(Exception):
    """Root of all errors raised on purpose. `str(error)` may be shown to a person as it is."""


class SettingsError(SoundingsError):
    """A setting is missing or wrong; the process must not start. Names the variable and what is allowed."""


class BadInput(SoundingsError):
    """What the person typed, sent or uploaded cannot be used as it is; nothing was written."""


class NotFound(SoundingsError):
    """The thing does not exist, or not in this project (the two are not told apart on purpose)."""


class NotAllowed(SoundingsError):
    """The person's role does not permit this action in this project. Says who can give the right."""


class SignInNeeded(SoundingsError):
    """There is no valid session: the person has to sign in (again)."""


class TryLater(SoundingsError):
    """Nothing is wrong with the request; it can be repeated later. `seconds` says when, if known."""

    def __init__(self, message: str, seconds: int | None = None) -> None:
        super().__init__(message)
        self.seconds = seconds


class StoreUnavailable(TryLater):
    """The database cannot be reached or its schema is not ready."""


class NoSpace(SoundingsError):
    """A disk is full. Somebody who runs the server must free space; nothing was half-written."""


class KeyMismatch(SoundingsError):
    """A stored secret cannot be decrypted with the keys that this server has."""


# spreadsheets
class UnreadableFile(BadInput):
    """A file cannot be read at all: empty, damaged, protected, dangerous or not a table. One line, plain words."""
