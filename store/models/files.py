"""Uploaded files, and the batches that came of them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from store.models._base import Time, metadata, of_project, to_project, to_source

uploads = Table(
    "uploads",
    metadata,
    of_project(),
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("name", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
    Column(
        "state", Text, nullable=False, comment="reading, understood, unreadable, importing, imported, dropped"
    ),
    Column("reason", Text, nullable=False, server_default=text("''"), comment="why it is unreadable"),
    Column(
        "tables", JSONB, nullable=False, server_default=text("'[]'"), comment="what the reader understood"
    ),
    Column("answers", JSONB, nullable=False, server_default=text("'{}'"), comment="what the person told us"),
    Column("run_id", BigInteger),
    Column("uploaded_by", BigInteger),
    Column("uploaded_at", Time, nullable=False),
    to_project(),
)

upload_chunks = Table(
    "upload_chunks",
    metadata,
    of_project(),
    Column("upload_id", BigInteger, primary_key=True),
    Column("no", Integer, primary_key=True),
    Column("content", LargeBinary, nullable=False),
    ForeignKeyConstraint(
        ["project_id", "upload_id"], ["uploads.project_id", "uploads.id"], ondelete="CASCADE"
    ),
)

batches = Table(
    "batches",
    metadata,
    of_project(),
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("upload_id", BigInteger),
    Column("title", Text, nullable=False, comment="file and table as the person saw it"),
    Column("platform", Text, nullable=False),
    Column("report", Text, nullable=False),
    Column("kind", Text, nullable=False, comment="metrics or orders"),
    Column("rows", BigInteger, nullable=False),
    Column("totals", JSONB, nullable=False),
    Column(
        "terms", JSONB, nullable=False, comment="time zone, attribution and definition that the file states"
    ),
    Column("problems", JSONB, nullable=False, server_default=text("'[]'"), comment="rows that were left out"),
    Column("date_from", Date),
    Column("date_to", Date),
    Column(
        "result",
        JSONB,
        nullable=False,
        server_default=text("'{}'"),
        comment="new, changed, unchanged, removed",
    ),
    Column("imported_by", BigInteger),
    Column("imported_at", Time, nullable=False),
    Column("undone_by", BigInteger),
    Column("undone_at", Time),
    to_project(),
)

batch_slices = Table(
    "batch_slices",
    metadata,
    of_project(),
    Column("source_id", Integer, primary_key=True),
    Column("grain", SmallInteger, primary_key=True, comment="0 for orders"),
    Column("day", Date, primary_key=True),
    Column("days", SmallInteger, primary_key=True),
    Column("batch_id", BigInteger, primary_key=True),
    ForeignKeyConstraint(
        ["project_id", "batch_id"], ["batches.project_id", "batches.id"], ondelete="CASCADE"
    ),
    to_source(),
    Index(None, "project_id", "batch_id"),
    comment="Which days of a source a batch speaks for; the latest batch that is not undone wins",
)

batch_rows = Table(
    "batch_rows",
    metadata,
    of_project(),
    Column("batch_id", BigInteger, primary_key=True),
    Column("source_id", Integer, primary_key=True),
    Column("part", Text, primary_key=True, comment="rows or lines"),
    Column("no", Integer, primary_key=True),
    Column(
        "content",
        LargeBinary,
        nullable=False,
        comment="normalised rows as Parquet, with their row in the file",
    ),
    ForeignKeyConstraint(
        ["project_id", "batch_id"], ["batches.project_id", "batches.id"], ondelete="CASCADE"
    ),
)

mappings = Table(
    "mappings",
    metadata,
    of_project(),
    Column("fingerprint", Text, primary_key=True, comment="of the file's header"),
    Column("answers", JSONB, nullable=False),
    Column("saved_by", BigInteger),
    Column("saved_at", Time, nullable=False),
    to_project(),
)
