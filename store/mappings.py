"""Remembered column mappings: a file with the same header is understood the same way next time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from store.models import mappings


def find(connection: Connection, project_id: int, fingerprint: str) -> dict[str, Any] | None:
    """The answers that were saved for a file with this header."""
    query = sa.select(mappings.c.answers).where(
        mappings.c.project_id == project_id, mappings.c.fingerprint == fingerprint
    )
    return connection.scalar(query)


def save(
    connection: Connection,
    project_id: int,
    fingerprint: str,
    answers: Mapping[str, Any],
    person_id: int | None,
) -> None:
    """Remember the answers for files with this header; the newest replaces the one before."""
    values = {"answers": dict(answers), "saved_by": person_id, "saved_at": datetime.now(UTC)}
    row = insert(mappings).values(project_id=project_id, fingerprint=fingerprint, **values)
    connection.execute(row.on_conflict_do_update(index_elements=["project_id", "fingerprint"], set_=values))
