"""The vault: secrets at rest, AES-256-GCM with a data key each, the data keys wrapped by a ring of keys.

The owner's identity is the associated data of both layers, so a ciphertext copied to another record does
not open. The ring comes from SOUNDINGS_KEYS or from the file `keys` in the data folder; its first key
wraps what is new, the others still open what is old. Beside each secret stands the fingerprint of its key.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import os
import secrets as random
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection

import settings
from errors import KeyMismatch, NotFound, SettingsError
from store.models import connections, secrets

_NONCE = 12  # bytes, as NIST SP 800-38D asks for with random nonces
_DIAGNOSIS = "This server's key differs from the one that locked this sign-in"


@dataclass(frozen=True)
class Key:
    """A key of the ring."""

    fingerprint: str
    cipher: AESGCM


@dataclass(frozen=True)
class Rotation:
    """What a rotation did: secrets wrapped anew, and ids of those that no key of the ring opens."""

    rewrapped: int
    failed: list[int]


@dataclass(frozen=True)
class Broken:
    """A secret that does not open, and the names of the connections that need it."""

    id: int
    owner: str
    key_fingerprint: str
    connections: list[str]


def _parse(text: str, origin: str) -> list[Key]:
    ring = []
    for number, part in enumerate(text.replace("\n", ",").split(","), 1):
        if not part.strip():
            continue
        try:
            raw = base64.b64decode(part.strip(), validate=True)
        except (binascii.Error, ValueError):
            raw = b""
        if len(raw) != 32:
            raise SettingsError(
                f"{origin}: key {number} is not 32 bytes in base64. Restore the ring from your backup; for a "
                "first start make a key with: openssl rand -base64 32"
            )
        fingerprint = hashlib.sha256(b"soundings-key" + raw).hexdigest()[:12]
        ring.append(Key(fingerprint, AESGCM(raw)))
    if not ring:
        raise SettingsError(f"{origin} holds no key. Restore it from your backup.")
    return ring


def key_file() -> Path:
    """Where the generated ring lives when SOUNDINGS_KEYS is not set."""
    return settings.current().data / "keys"


def _new_key() -> str:
    return base64.b64encode(random.token_bytes(32)).decode()


def _write(path: Path, text: str, *, replace: bool) -> None:
    """Write a key file whole or not at all, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".keys.{random.token_hex(6)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            draft.replace(path)
        else:
            with contextlib.suppress(FileExistsError):  # another process was first: its key counts
                os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _read_file() -> str:
    path = key_file()
    if not path.exists():
        _write(path, _new_key() + "\n", replace=False)
    mode = stat.S_IMODE(path.stat().st_mode)
    if os.name == "posix" and mode & 0o077:
        raise SettingsError(f"{path} can be read by others (mode {mode:04o}). Run: chmod 600 {path}")
    try:
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}.") from error


def ring() -> list[Key]:
    """The keys, newest first; generated on the first start. Read anew each time, so that a rotation by
    another process is seen. Raises SettingsError that names what to do."""
    given = settings.current().keys
    if given:
        return _parse(given, "SOUNDINGS_KEYS")
    return _parse(_read_file(), str(key_file()))


def add_key() -> str:
    """Put a new key first in the key file and return its fingerprint; `rotate` then moves the secrets to it.

    Raises SettingsError when the ring comes from SOUNDINGS_KEYS, which only a person can change.
    """
    if settings.current().keys:
        raise SettingsError("The key ring comes from SOUNDINGS_KEYS: put a new key first there and restart.")
    text = _read_file()
    _write(key_file(), f"{_new_key()}\n{text}", replace=True)
    return ring()[0].fingerprint


def _bound(owner: str, project_id: int | None, layer: str) -> bytes:
    return f"{layer}|{project_id or ''}|{owner}".encode()


def _seal(cipher: AESGCM, plain: bytes, bound: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + cipher.encrypt(nonce, plain, bound)


def _open(cipher: AESGCM, sealed: bytes, bound: bytes) -> bytes:
    return cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], bound)


def _sealed(owner: str, project_id: int | None, plain: bytes) -> dict[str, Any]:
    key = ring()[0]
    data_key = AESGCM.generate_key(256)
    return {
        "key_fingerprint": key.fingerprint,
        "wrapped_key": _seal(key.cipher, data_key, _bound(owner, project_id, "key")),
        "ciphertext": _seal(AESGCM(data_key), plain, _bound(owner, project_id, "data")),
    }


def put(connection: Connection, owner: str, project_id: int | None, plain: bytes) -> int:
    """Store a secret for an owner, such as "connection:12"; its id."""
    insert = sa.insert(secrets).values(
        owner=owner, project_id=project_id, created_at=datetime.now(UTC), **_sealed(owner, project_id, plain)
    )
    return int(connection.execute(insert.returning(secrets.c.id)).scalar_one())


def replace(connection: Connection, secret_id: int, owner: str, plain: bytes) -> None:
    """Store another secret in the same record, under a new data key. Raises NotFound."""
    query = sa.select(secrets.c.project_id).where(secrets.c.id == secret_id, secrets.c.owner == owner)
    row = connection.execute(query.with_for_update()).one_or_none()
    if row is None:
        raise NotFound("There is no such secret.")
    values = _sealed(owner, row.project_id, plain) | {"broken_at": None}
    connection.execute(sa.update(secrets).where(secrets.c.id == secret_id).values(values))


def remove(connection: Connection, secret_id: int) -> None:
    """Forget a secret."""
    connection.execute(sa.delete(secrets).where(secrets.c.id == secret_id))


def _data_key(row: Any, owner: str, keys: dict[str, Key]) -> bytes:
    key = keys.get(row.key_fingerprint)
    if key is None:
        raise KeyMismatch(
            f"{_DIAGNOSIS} (fingerprint {row.key_fingerprint}). Restore that key, or sign in again. "
            "Numbers that were loaded are safe."
        )
    try:
        return _open(key.cipher, row.wrapped_key, _bound(owner, row.project_id, "key"))
    except (InvalidTag, ValueError) as error:
        raise KeyMismatch(
            f"The saved sign-in was changed in the database (fingerprint {row.key_fingerprint}) and was not "
            "used. Restore a backup, or sign in again. Numbers that were loaded are safe."
        ) from error


def _reveal(row: Any, owner: str, keys: dict[str, Key]) -> bytes:
    data_key = _data_key(row, owner, keys)
    try:
        return _open(AESGCM(data_key), row.ciphertext, _bound(owner, row.project_id, "data"))
    except (InvalidTag, ValueError) as error:
        raise KeyMismatch(
            "The saved sign-in was changed in the database and was not used. Restore a backup, or sign "
            "in again. Numbers that were loaded are safe."
        ) from error


def _by_fingerprint() -> dict[str, Key]:
    return {key.fingerprint: key for key in ring()}


def get(connection: Connection, secret_id: int, owner: str) -> bytes:
    """The secret of an owner. Raises NotFound, or KeyMismatch when the key is missing, the record was
    tampered with, or it belongs to another owner."""
    row = connection.execute(sa.select(secrets).where(secrets.c.id == secret_id)).one_or_none()
    if row is None:
        raise NotFound("There is no such secret.")
    return _reveal(row, owner, _by_fingerprint())


def rotate(connection: Connection) -> Rotation:
    """Wrap every data key with the newest key; the secrets themselves stay as they are.

    A key file gets a new key first; a ring from SOUNDINGS_KEYS is taken as it is.
    """
    if not settings.current().keys:
        add_key()
    newest, keys = ring()[0], _by_fingerprint()
    rewrapped, failed = 0, []
    query = sa.select(secrets).where(secrets.c.key_fingerprint != newest.fingerprint)
    for row in connection.execute(query.order_by(secrets.c.id).with_for_update()).all():
        try:
            data_key = _data_key(row, row.owner, keys)
        except KeyMismatch:
            failed.append(row.id)
            continue
        wrapped = _seal(newest.cipher, data_key, _bound(row.owner, row.project_id, "key"))
        connection.execute(
            sa.update(secrets)
            .where(secrets.c.id == row.id)
            .values(wrapped_key=wrapped, key_fingerprint=newest.fingerprint)
        )
        rewrapped += 1
    return Rotation(rewrapped, failed)


def check(connection: Connection) -> list[Broken]:
    """Try every secret. Those that do not open are marked and their connections set to needs_reconnecting;
    marks of those that open again are lifted."""
    keys, broken = _by_fingerprint(), []
    for row in connection.execute(sa.select(secrets).order_by(secrets.c.id)).all():
        try:
            _reveal(row, row.owner, keys)
        except KeyMismatch:
            broken.append(_mark(connection, row))
        else:
            if row.broken_at is not None:
                _heal(connection, row.id)
    return broken


def _mark(connection: Connection, row: Any) -> Broken:
    now = datetime.now(UTC)
    connection.execute(
        sa.update(secrets)
        .where(secrets.c.id == row.id)
        .values(broken_at=sa.func.coalesce(secrets.c.broken_at, now))
    )
    diagnosis = f"{_DIAGNOSIS} (fingerprint {row.key_fingerprint}). Restore the key, or reconnect."
    names = connection.scalars(
        sa.update(connections)
        .where(connections.c.secret_id == row.id)
        .values(state="needs_reconnecting", diagnosis=diagnosis)
        .returning(connections.c.name)
    )
    return Broken(row.id, row.owner, row.key_fingerprint, sorted(names))


def _heal(connection: Connection, secret_id: int) -> None:
    connection.execute(sa.update(secrets).where(secrets.c.id == secret_id).values(broken_at=None))
    connection.execute(
        sa.update(connections)
        .where(connections.c.secret_id == secret_id, connections.c.diagnosis.startswith(_DIAGNOSIS))
        .values(state="healthy", diagnosis="")
    )
