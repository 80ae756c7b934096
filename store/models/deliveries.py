"""Reports that are sent by themselves, and what was sent when."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from store.models._base import Time, metadata, of_project, to_project

deliveries = Table(
    "deliveries",
    metadata,
    of_project(),
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("name", Text, nullable=False),
    Column("view_id", BigInteger, nullable=False, comment="the saved view, which may be gone"),
    Column("kind", Text, nullable=False),
    Column("recipients", JSONB, nullable=False, comment="e-mail addresses; empty for a webhook"),
    Column("secret_id", BigInteger, comment="the webhook's address in the vault"),
    Column("webhook", Text, nullable=False, comment="what may be shown of the address"),
    Column("every", Text, nullable=False),
    Column("hour", Integer, nullable=False, comment="in the project's time zone"),
    Column("weekday", Integer, nullable=False, comment="1 for Monday … 7 for Sunday"),
    Column("month_day", Integer, nullable=False),
    Column("metric", Text, nullable=False, comment="key of the figure that has a line; empty: always sent"),
    Column("test", Text, nullable=False, comment="above, below or changed; empty: always sent"),
    Column("limit", Numeric, comment="of a change as a part: 0.2 for 20 %"),
    Column("holds", Boolean, comment="whether the figure was beyond its line; null: not looked at yet"),
    Column("paused", Boolean, nullable=False),
    Column("owner_id", BigInteger, nullable=False, comment="whose rights count"),
    Column("next_at", Time, nullable=False),
    Column("last_at", Time),
    Column("last_state", Text, nullable=False, comment="state of the last run that ended; empty: none"),
    Column("last_result", Text, nullable=False),
    Column("created_at", Time, nullable=False),
    Column("updated_at", Time, nullable=False),
    Column("removed_at", Time, comment="null: there"),
    to_project(),
    CheckConstraint("kind IN ('mail', 'slack')", name="kind"),
    CheckConstraint("every IN ('daily', 'weekly', 'monthly')", name="every"),
    Index(None, "project_id", "next_at", postgresql_where=text("removed_at IS NULL AND NOT paused")),
    comment="Saved views that are mailed or posted by themselves",
)

delivery_runs = Table(
    "delivery_runs",
    metadata,
    of_project(),
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("delivery_id", BigInteger, nullable=False),
    Column("planned_at", Time, nullable=False),
    Column("to_address", Text, nullable=False, comment="of a test: where to; empty: to all"),
    Column("is_test", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("not_before", Time, nullable=False),
    Column("started_at", Time),
    Column("finished_at", Time),
    Column("sent_to", Integer, nullable=False, comment="how many recipients took it"),
    Column("detail", Text, nullable=False),
    to_project(),
    ForeignKeyConstraint(
        ["project_id", "delivery_id"], ["deliveries.project_id", "deliveries.id"], ondelete="CASCADE"
    ),
    CheckConstraint(
        "state IN ('waiting', 'preparing', 'sending', 'sent', 'quiet', 'failed', 'unknown', 'dropped')",
        name="state",
    ),
    Index(None, "project_id", "delivery_id", "id"),
    Index(
        "ix_delivery_runs_open",
        "project_id",
        "not_before",
        postgresql_where=text("state IN ('waiting', 'preparing', 'sending')"),
    ),
    comment="What was sent when and to how many, or why not",
)
