"""Work and what it shares: runs, sidecars, and the exchange rates of everybody."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import CHAR, JSONB

from store.models._base import Time, metadata, own_id

runs = Table(
    "runs",
    metadata,
    own_id(),
    Column("project_id", Integer, ForeignKey("projects.id", ondelete="CASCADE"), nullable=False),
    Column("kind", Text, nullable=False, comment="inspect, import, undo, demo, sync"),
    Column("state", Text, nullable=False, comment="queued, running, done, failed, cancelled"),
    Column("params", JSONB, nullable=False),
    Column("source_id", Integer, comment="of a sync"),
    Column("requested_by", BigInteger, ForeignKey("users.id", ondelete="SET NULL")),
    Column("requested_at", Time, nullable=False),
    Column("started_at", Time),
    Column("finished_at", Time),
    Column("heartbeat_at", Time, comment="a running run whose heartbeat is old is taken over"),
    Column("sidecar", Text),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("units_done", BigInteger, nullable=False, server_default=text("0")),
    Column("units_total", BigInteger),
    Column(
        "stage", Text, nullable=False, server_default=text("''"), comment="what it is doing, in plain words"
    ),
    Column("error", Text),
    Column("not_before", Time, comment="a queued run that waits for a limit or a retry"),
    Column("parked", Integer, nullable=False, server_default=text("0"), comment="how often it had to wait"),
    Column("rows_written", BigInteger, nullable=False, server_default=text("0")),
    Column("result", JSONB),
    Index("ix_runs_waiting", "id", postgresql_where=text("state IN ('queued', 'running')")),
    Index(None, "project_id", "id"),
    Index(
        "ux_runs_one_sync",
        "project_id",
        "source_id",
        unique=True,
        postgresql_where=text("kind = 'sync' AND state IN ('queued', 'running')"),
    ),
)

sidecars = Table(
    "sidecars",
    metadata,
    Column("name", Text, primary_key=True, comment="host and process id"),
    Column("started_at", Time, nullable=False),
    Column("heartbeat_at", Time, nullable=False),
)

rates = Table(
    "rates",
    metadata,
    Column("currency", CHAR(3), primary_key=True),
    Column("day", Date, primary_key=True),
    Column(
        "per_euro", Numeric, nullable=False, comment="units of the currency for one euro, ECB reference rate"
    ),
    Column(
        "rate_day", Date, nullable=False, comment="day of publication; earlier than `day` when carried over"
    ),
    CheckConstraint("per_euro > 0", name="positive"),
)
