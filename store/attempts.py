"""Failed sign-ins, counted in the database so that every process sees them: per account and per address.

An attempt is written down as failed before the passphrase is checked and struck out when it was right;
a hundred attempts at once therefore cannot all slip through. Unknown names are counted like known ones.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

import settings
from errors import TryLater
from store import db
from store.models import attempts

ACCOUNT_LIMIT = 5
ADDRESS_LIMIT = 20
_ACCOUNT_WINDOW = timedelta(days=1)
_ADDRESS_WINDOW = timedelta(minutes=15)
_PAUSES = (60, 120, 240, 480, 900)  # seconds after the 5th, 6th … failure in a row
_KEPT = timedelta(days=2)


def account_key(email: str) -> bytes:
    """What an account is counted under: a hash of the typed e-mail, the same for unknown names."""
    return hashlib.sha256(email.strip().lower().encode()).digest()


def client_address(peer: str | None, forwarded_for: str | None) -> str:
    """The client's address: the peer, or what the configured number of trusted proxies wrote about it.

    Each proxy appends the address that it saw, so the n-th from the right is the first one that a client
    cannot invent.
    """
    proxies = settings.current().trusted_proxies
    hops = [hop.strip() for hop in (forwarded_for or "").split(",") if hop.strip()]
    if proxies and len(hops) >= proxies:
        return hops[-proxies][:64]
    return peer or "local"


def _pause(failures: int, limit: int) -> timedelta:
    step = min(failures - limit, len(_PAUSES) - 1)
    return timedelta(seconds=_PAUSES[step])


def _wait(connection: Connection, column: sa.Column[Any], key: object, limit: int, window: timedelta) -> int:
    """Seconds to wait before the next attempt; 0 if it may be made now."""
    now = datetime.now(UTC)
    failures, last = connection.execute(
        sa.select(sa.func.count(), sa.func.max(attempts.c.at)).where(
            column == key, attempts.c.at > now - window
        )
    ).one()
    if failures < limit:
        return 0
    left = last + _pause(failures, limit) - now
    return max(0, int(left.total_seconds()) + 1) if left > timedelta(0) else 0


def _lock(connection: Connection, kind: int, key: bytes) -> None:
    number = int.from_bytes(key[:4], "big", signed=True)
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(kind, number)))


def begin(email: str, address: str) -> int:
    """Count an attempt as failed for now and return its id. Raises TryLater when there were too many."""
    account = account_key(email)
    with db.instance() as connection:
        _lock(connection, 0x50D2, account)
        _lock(connection, 0x50D3, hashlib.sha256(address.encode()).digest())
        wait = max(
            _wait(connection, attempts.c.account_hash, account, ACCOUNT_LIMIT, _ACCOUNT_WINDOW),
            _wait(connection, attempts.c.address, address, ADDRESS_LIMIT, _ADDRESS_WINDOW),
        )
        if wait:
            minutes = -(-wait // 60)
            plural = "minute" if minutes == 1 else "minutes"
            raise TryLater(f"Too many failed attempts. Try again in {minutes} {plural}.", wait)
        now = datetime.now(UTC)
        connection.execute(sa.delete(attempts).where(attempts.c.at < now - _KEPT))
        insert = sa.insert(attempts).values(account_hash=account, address=address, at=now)
        return int(connection.execute(insert.returning(attempts.c.id)).scalar_one())


def strike_out(connection: Connection, attempt: int) -> None:
    """The attempt was right: it does not count as failed."""
    connection.execute(sa.delete(attempts).where(attempts.c.id == attempt))


def forgive(connection: Connection, email: str) -> None:
    """Forget an account's failures: it was signed in to in full, or its passphrase was reset."""
    connection.execute(sa.delete(attempts).where(attempts.c.account_hash == account_key(email)))
