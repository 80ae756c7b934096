"""Passphrases: what is accepted, and how they are kept.

bcrypt looks at 72 bytes at most (and bcrypt 5 refuses more), so a passphrase is hashed by SHA-256 and
written in base64 before streamlit-authenticator's hasher sees it. Its form strips spaces at the ends;
so does everything here.
"""

from __future__ import annotations

import base64
import hashlib
import unicodedata
from functools import cache
from typing import Any

from errors import BadInput

SHORTEST, LONGEST = 12, 128

# The commonest of 12 characters or more in published lists of leaked passwords, and our own name.
_COMMON = frozenset(
    line.strip()
    for line in """
        123456789012, 1234567890123, 12345678901234, 123456789012345, 1234567890123456, 012345678901
        123123123123, 123456123456, 112233445566, 123456789abc, 123456789qwe, 1q2w3e4r5t6y, 1qaz2wsx3edc
        1qaz2wsx3edc4rfv, q1w2e3r4t5y6, qwertyuiop12, qwertyuiop123, qwertyuiop[], qwerty123456, qwertyqwerty
        qwertyuiopasdf, asdfghjkl123, zxcvbnm12345, abcdefghijkl, abcdefgh1234, abc123abc123, password1234
        password12345, password123456, passwordpassword, passw0rd1234, p@ssw0rd1234, adminadminadmin
        administrator, administrator1, changemechangeme, letmeinletmein, letmein12345, iloveyou1234
        iloveyouforever, welcome12345, welcomewelcome, correcthorsebatterystaple
        correct horse battery staple, trustno1trustno1, soundingssoundings, soundings1234, marketing1234
        unbelievable, christopher1, manchesterunited, liverpoolfc1, basketball12
    """.replace("\n", ",").split(",")
    if line.strip()
)


@cache
def _hasher() -> Any:
    """Imported late: the package brings Streamlit along, which the sidecar does without."""
    from streamlit_authenticator.utilities.hasher import Hasher

    return Hasher


def _plain(passphrase: str) -> str:
    return unicodedata.normalize("NFKC", passphrase).strip()


def _digest(passphrase: str) -> str:
    return base64.b64encode(hashlib.sha256(_plain(passphrase).encode()).digest()).decode()


def check(passphrase: str, repeated: str, *, email: str, name: str) -> None:
    """Raise BadInput that says why a new passphrase is not accepted."""
    plain = _plain(passphrase)
    lower = plain.casefold()
    if not SHORTEST <= len(plain) <= LONGEST:
        raise BadInput(f"A passphrase has {SHORTEST} to {LONGEST} characters; several words do well.")
    if plain != _plain(repeated):
        raise BadInput("The two passphrases differ. Type the same one twice.")
    if lower in {email.casefold(), name.casefold(), email.casefold().partition("@")[0]}:
        raise BadInput("The passphrase must not be your name or e-mail address.")
    if lower in _COMMON or len(set(lower)) < 4:
        raise BadInput("That passphrase is among the first that an attacker tries. Choose another.")


def keep(passphrase: str) -> str:
    """The hash to store."""
    return str(_hasher().hash(_digest(passphrase)))


@cache
def _nobody() -> str:
    return keep("the passphrase of nobody")


def matches(passphrase: str, kept: str | None) -> bool:
    """True if the passphrase is the one that was kept. None (no such account) costs the same time."""
    right = bool(_hasher().check_pw(_digest(passphrase[:1024]), kept or _nobody()))
    return right and kept is not None
