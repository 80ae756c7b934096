"""Connections to platforms, and how far each account pulled through one is: schedules, days read, cursors."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from store.models._base import Time, metadata, of_project, own_id, to_source

connections = Table(
    "connections",
    metadata,
    own_id(),
    Column("project_id", Integer, ForeignKey("projects.id", ondelete="CASCADE"), nullable=False),
    Column("platform", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("secret_id", BigInteger, ForeignKey("secrets.id", ondelete="SET NULL")),
    Column(
        "state",
        Text,
        nullable=False,
        server_default=text("'healthy'"),
        comment="signing_in, healthy, needs_reconnecting",
    ),
    Column("diagnosis", Text, nullable=False, server_default=text("''")),
    Column("created_at", Time, nullable=False),
    Column("created_by", BigInteger, ForeignKey("users.id", ondelete="SET NULL")),
    Column("sign_in", Text, nullable=False, server_default=text("''"), comment="the way: oauth, token …"),
    Column("sign_in_ends_at", Time, comment="when somebody has to sign in again, where the platform says"),
    Column("used_at", Time, comment="when the credential last let us in"),
    Column("oauth_state", LargeBinary, comment="sha256 of the state that the platform's page brings back"),
    Column("oauth_expires_at", Time),
    Index(None, "project_id"),
)

schedules = Table(
    "schedules",
    metadata,
    of_project(),
    Column("source_id", Integer, primary_key=True),
    Column("connection_id", BigInteger, ForeignKey("connections.id", ondelete="CASCADE"), nullable=False),
    Column("platform", Text, nullable=False),
    Column("cron", Text, nullable=False, server_default=text("''"), comment="empty: the default times, UTC"),
    Column("time_zone", Text, nullable=False, server_default=text("'UTC'"), comment="of `cron`"),
    Column("paused", Boolean, nullable=False, server_default=text("false")),
    Column("next_at", Time, comment="when the next run is asked for; null: not planned yet"),
    to_source(),
    Index(None, "next_at", postgresql_where=text("NOT paused")),
    comment="When the accounts pulled through a connection are refreshed; sidecars share this table",
)

synced_days = Table(
    "synced_days",
    metadata,
    of_project(),
    Column("source_id", Integer, primary_key=True),
    Column("stream", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column(
        "at", Time, nullable=False, comment="when the reading began: the day is as the platform had it then"
    ),
    Column("run_id", BigInteger, nullable=False),
    to_source(),
    comment="Which days of a stream were read, and when last: the cursor of a sync",
)

sync_cursors = Table(
    "sync_cursors",
    metadata,
    of_project(),
    Column("source_id", Integer, primary_key=True),
    Column("stream", Text, primary_key=True),
    Column("until", Time, nullable=False, comment="changes were read up to here"),
    to_source(),
    comment="How far changes of a stream were read, where the platform offers them by time of change",
)

snapshots = Table(
    "snapshots",
    metadata,
    of_project(),
    Column("source_id", Integer, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("entity_id", BigInteger, primary_key=True),
    Column("at", Time, nullable=False),
    Column("totals", JSONB, nullable=False, comment="lifetime totals at that time, by metric"),
    to_source(),
    comment="Lifetime totals of posts, kept once a day, where the platform gives no daily figures",
)

reconciliations = Table(
    "reconciliations",
    metadata,
    of_project(),
    Column("source_id", Integer, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("metric", Text, primary_key=True),
    Column("platform_total", Numeric, nullable=False),
    Column("stored_total", Numeric),
    Column(
        "cause", Text, nullable=False, comment="equal, still_changing, rounding, below_account, unexplained"
    ),
    Column("at", Time, nullable=False),
    Column("run_id", BigInteger, nullable=False),
    to_source(),
    comment="The platform's own total of an account and day beside what is stored",
)
