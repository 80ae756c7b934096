"""What people agree on for a project, and what follows from it."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from store.models._base import Time, metadata, of_project, to_project, to_source

definitions = Table(
    "definitions",
    metadata,
    of_project(),
    Column("kind", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False, comment="the highest is in force"),
    Column("content", JSONB, nullable=False),
    Column("note", Text, nullable=False),
    Column("person_id", BigInteger, nullable=False),
    Column("at", Time, nullable=False),
    to_project(),
    comment="Channel rules, naming, funnel stages, costs …: what a team agrees on, version by version",
)

labels = Table(
    "labels",
    metadata,
    of_project(),
    Column("source_id", Integer, primary_key=True),
    Column("entity_id", BigInteger, primary_key=True),
    Column("dimension", Text, primary_key=True, comment="tag: put there by hand"),
    Column("value", Text, primary_key=True),
    to_source(),
    comment="What people call campaigns besides their names",
)
