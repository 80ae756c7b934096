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


# platforms
class RateLimited(TryLater):
    """The platform asked to slow down. `seconds` until it answers again, where it said so."""


class DayLimitReached(TryLater):
    """The platform answers no more today; the run is parked for `seconds` and goes on by itself."""


class Unreachable(TryLater):
    """The platform could not be reached or answered with an error of its own, several times in a row."""


class NeedsReconnect(SoundingsError):
    """The sign-in at the platform ended or was withdrawn: somebody has to connect again."""


class AccessMissing(SoundingsError):
    """Signed in, but without the right to what was asked: somebody has to grant it at the platform."""


class TooMuchData(SoundingsError):
    """The platform wants a smaller question: fewer days, fewer rows. Ask again for less."""


class UnexpectedAnswer(SoundingsError):
    """The platform's answer is not what its documentation says; nothing of it was stored."""


class Refused(SoundingsError):
    """The platform refused the question as wrong; asking again would not help."""


class Stopped(SoundingsError):
    """The process was told to end, or the person cancelled; what is committed stays."""


class GivesWay(Stopped):
    """A long run lets others have their turn first and goes on after them."""
