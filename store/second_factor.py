"""The second factor: time-based codes (RFC 6238, 30 s, one step of clock drift) and ten recovery codes.

The shared secret lies in the vault, recovery codes as SHA-256. A code works once: the last accepted time
step is kept, and a step that is not later is refused.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import secrets
import time
from datetime import UTC, datetime

import pyotp
import segno
import sqlalchemy as sa
from sqlalchemy import Connection

from errors import BadInput
from store import attempts, audit, db, people, sessions, vault
from store.access import Action, Person, enter_instance, enter_self
from store.models import recovery_codes, users

_STEP = 30
_CODES = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # without the look-alikes i, l, o, 0 and 1
_WRONG_CODE = "That code is wrong or was used already. Wait for the next one and try again."


def new_secret() -> str:
    """A shared secret to be confirmed with `turn_on`; nothing is stored yet."""
    return pyotp.random_base32()


def picture(person: Person, secret: str) -> str:
    """The QR code for an authenticator app, as SVG."""
    uri = pyotp.TOTP(secret).provisioning_uri(name=person.email, issuer_name="Soundings")
    out = io.BytesIO()
    segno.make(uri, error="m").save(out, kind="svg", scale=5, border=4, light="white", xmldecl=False)
    return out.getvalue().decode()


def _step_of(secret: str, code: str) -> int | None:
    """The time step that a code belongs to, one step early or late allowed."""
    digits = "".join(code.split())
    now = int(time.time()) // _STEP
    totp = pyotp.TOTP(secret)
    found = None
    for step in (now - 1, now, now + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), digits.encode()):
            found = step
    return found


def is_on(person: Person) -> bool:
    """True if signing in asks for a code."""
    with enter_self(person) as connection:
        query = sa.select(users.c.totp_secret_id).where(users.c.id == person.id)
        return connection.scalar(query) is not None


def codes_left(person: Person) -> int:
    """Recovery codes that were not used yet."""
    query = (
        sa.select(sa.func.count())
        .select_from(recovery_codes)
        .where(recovery_codes.c.user_id == person.id, recovery_codes.c.used_at.is_(None))
    )
    with enter_self(person) as connection:
        return connection.scalar(query) or 0


def _owner(user_id: int) -> str:
    return f"user:{user_id}:totp"


def _code_hash(code: str) -> bytes:
    plain = "".join(c for c in code.lower() if c.isalnum())
    return hashlib.sha256(plain.encode()).digest()


def _new_codes(connection: Connection, user_id: int) -> list[str]:
    made = [
        "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(3)) for _ in range(_CODES)
    ]
    connection.execute(sa.delete(recovery_codes).where(recovery_codes.c.user_id == user_id))
    connection.execute(
        sa.insert(recovery_codes), [{"user_id": user_id, "code_hash": _code_hash(code)} for code in made]
    )
    return made


def turn_on(person: Person, secret: str, code: str) -> list[str]:
    """Confirm the secret with a code and store it; ten recovery codes, shown once. Raises BadInput."""
    step = _step_of(secret, code)
    if step is None:
        raise BadInput(_WRONG_CODE)
    with enter_self(person) as connection:
        query = sa.select(users.c.totp_secret_id).where(users.c.id == person.id).with_for_update()
        if connection.scalar(query) is not None:
            raise BadInput("The second factor is on already.")
        secret_id = vault.put(connection, _owner(person.id), None, secret.encode())
        connection.execute(
            sa.update(users)
            .where(users.c.id == person.id)
            .values(totp_secret_id=secret_id, totp_last_step=step)
        )
        audit.record(connection, who=person, action="turn_on_second_factor")
        return _new_codes(connection, person.id)


def _remove(connection: Connection, user_id: int) -> None:
    secret_id = connection.scalar(sa.select(users.c.totp_secret_id).where(users.c.id == user_id))
    connection.execute(
        sa.update(users).where(users.c.id == user_id).values(totp_secret_id=None, totp_last_step=None)
    )
    connection.execute(sa.delete(recovery_codes).where(recovery_codes.c.user_id == user_id))
    if secret_id is not None:
        vault.remove(connection, secret_id)


def turn_off(person: Person, passphrase: str, address: str) -> None:
    """Turn one's own second factor off; asks for the passphrase. Raises BadInput or TryLater."""
    people.check_own_passphrase(person, passphrase, address)
    with enter_self(person) as connection:
        _remove(connection, person.id)
        audit.record(connection, who=person, action="turn_off_second_factor")


def renew_codes(person: Person, passphrase: str, address: str) -> list[str]:
    """Ten new recovery codes, the old ones void; asks for the passphrase. Raises BadInput or TryLater."""
    people.check_own_passphrase(person, passphrase, address)
    with enter_self(person) as connection:
        query = sa.select(users.c.totp_secret_id).where(users.c.id == person.id).with_for_update()
        if connection.scalar(query) is None:
            raise BadInput("The second factor is off.")
        audit.record(connection, who=person, action="renew_recovery_codes")
        return _new_codes(connection, person.id)


def reset(admin: Person, user_id: int) -> None:
    """Turn off somebody else's second factor, who lost it. Raises NotAllowed."""
    with enter_instance(admin, Action.MANAGE_PEOPLE) as connection:
        _remove(connection, user_id)
        email = connection.scalar(sa.select(users.c.email).where(users.c.id == user_id))
        audit.record(connection, who=admin, action="reset_second_factor", subject=str(email))


def _is_code(connection: Connection, row: sa.Row[tuple[object, ...]], code: str) -> bool:
    """Accept a time-based code and remember its step; of two who send the same code, one succeeds."""
    secret = vault.get(connection, row.totp_secret_id, _owner(row.id)).decode()
    step = _step_of(secret, code)
    if step is None:
        return False
    later = sa.or_(users.c.totp_last_step.is_(None), users.c.totp_last_step < step)
    taken = connection.execute(
        sa.update(users).where(users.c.id == row.id, later).values(totp_last_step=step)
    )
    return taken.rowcount == 1


def _is_recovery_code(connection: Connection, user_id: int, code: str) -> bool:
    taken = connection.execute(
        sa.update(recovery_codes)
        .where(
            recovery_codes.c.user_id == user_id,
            recovery_codes.c.code_hash == _code_hash(code),
            recovery_codes.c.used_at.is_(None),
        )
        .values(used_at=datetime.now(UTC))
    )
    return taken.rowcount == 1


def sign_in(user_id: int, code: str, address: str) -> str:
    """The second step after a right passphrase: a ticket for a right code or recovery code.

    Raises BadInput, TryLater after too many failures, or KeyMismatch when the vault cannot be opened (a
    recovery code still works then).
    """
    with db.instance() as connection:
        row = connection.execute(
            sa.select(users).where(users.c.id == user_id, users.c.disabled_at.is_(None))
        ).one_or_none()
    if row is None or row.totp_secret_id is None:
        raise BadInput("Sign in again from the start.")
    attempt = attempts.begin(row.email, address)
    person = Person(row.id, row.email, row.name, row.is_admin)
    with db.instance() as connection:
        recovery = _is_recovery_code(connection, user_id, code)
        if recovery or _is_code(connection, row, code):
            attempts.strike_out(connection, attempt)
            attempts.forgive(connection, row.email)
            if recovery:
                audit.record(connection, who=person, action="use_recovery_code", address=address)
            return sessions.issue_ticket(connection, user_id)
        audit.record(connection, who=None, action="fail_second_factor", subject=row.email, address=address)
    raise BadInput(_WRONG_CODE)
