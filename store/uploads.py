"""Uploaded files on their way in: the bytes in chunks, what the reader understood, what the person answered.

Files live in the database, not on a disk, so that the page and the sidecar may run on different machines.
Their bytes are dropped once imported or discarded; the normalised rows stay with the batch.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from errors import BadInput, NotFound
from store.models import upload_chunks, uploads

CHUNK = 4 * 1024 * 1024


@dataclass(frozen=True)
class Upload:
    """One uploaded file. `tables` is what the reader understood, as `Table.as_dict` gives it."""

    id: int
    name: str
    size: int
    sha256: str
    state: str
    reason: str
    tables: list[dict[str, Any]]
    answers: dict[str, Any]
    run_id: int | None
    uploaded_by: int | None
    uploaded_at: datetime


_COLUMNS = [uploads.c[name] for name in Upload.__dataclass_fields__]


def chunks_of(content: memoryview | bytes) -> Iterator[bytes]:
    """Cut bytes into chunks of the size that is stored."""
    view = memoryview(content)
    for start in range(0, len(view), CHUNK):
        yield bytes(view[start : start + CHUNK])


def receive(
    connection: Connection,
    project_id: int,
    name: str,
    chunks: Iterable[bytes],
    person_id: int | None,
    most: int,
) -> int:
    """Store a file's bytes; the upload's id. Raises BadInput over `most` bytes; then nothing is kept."""
    upload_id = connection.scalar(
        sa.insert(uploads)
        .values(
            project_id=project_id,
            name=name[:300],
            size=0,
            sha256="",
            state="reading",
            uploaded_by=person_id,
            uploaded_at=datetime.now(UTC),
        )
        .returning(uploads.c.id)
    )
    digest, size = hashlib.sha256(), 0
    for no, chunk in enumerate(chunks):
        size += len(chunk)
        if size > most:
            raise BadInput(
                f"{name} is larger than {most // 1_000_000} MB. Split it, or ask an admin for a higher limit."
            )
        digest.update(chunk)
        connection.execute(
            sa.insert(upload_chunks).values(project_id=project_id, upload_id=upload_id, no=no, content=chunk)
        )
    change(connection, project_id, int(upload_id or 0), size=size, sha256=digest.hexdigest())
    return int(upload_id or 0)


def read(connection: Connection, project_id: int, upload_id: int) -> Upload:
    """One upload. Raises NotFound."""
    row = connection.execute(_mine(project_id).where(uploads.c.id == upload_id)).one_or_none()
    if row is None:
        raise NotFound("This upload does not exist in this project, or was discarded.")
    return Upload(**row._mapping)


def _mine(project_id: int) -> sa.Select[Any]:
    return sa.select(*_COLUMNS).where(uploads.c.project_id == project_id)


def waiting(connection: Connection, project_id: int) -> list[Upload]:
    """Files that are not imported or discarded yet, newest first."""
    open_states = ("reading", "understood", "unreadable", "importing")
    query = _mine(project_id).where(uploads.c.state.in_(open_states)).order_by(uploads.c.id.desc())
    return [Upload(**row._mapping) for row in connection.execute(query)]


def content(connection: Connection, project_id: int, upload_id: int) -> Iterator[bytes]:
    """The file's bytes, chunk by chunk."""
    mine = (upload_chunks.c.project_id == project_id, upload_chunks.c.upload_id == upload_id)
    count = connection.scalar(sa.select(sa.func.count()).where(*mine)) or 0
    for no in range(count):
        yield (
            connection.scalar(sa.select(upload_chunks.c.content).where(*mine, upload_chunks.c.no == no))
            or b""
        )


def change(connection: Connection, project_id: int, upload_id: int, **values: Any) -> None:
    """Change columns of an upload."""
    connection.execute(
        sa.update(uploads).where(uploads.c.project_id == project_id, uploads.c.id == upload_id).values(values)
    )


def understood(
    connection: Connection,
    project_id: int,
    upload_id: int,
    tables: list[dict[str, Any]],
    answers: Mapping[str, Any],
) -> None:
    """Keep what the reader made of the file."""
    change(
        connection, project_id, upload_id, state="understood", reason="", tables=tables, answers=dict(answers)
    )


def drop(connection: Connection, project_id: int, upload_id: int, state: str = "dropped") -> None:
    """Forget the file's bytes; the row stays as a record with its final state."""
    connection.execute(
        sa.delete(upload_chunks).where(
            upload_chunks.c.project_id == project_id, upload_chunks.c.upload_id == upload_id
        )
    )
    change(connection, project_id, upload_id, state=state)
