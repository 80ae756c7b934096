"""What people keep of their dashboards: saved views, notes on days, and targets."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Identity,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import CHAR, JSONB

from store.models._base import Time, metadata, of_project, to_project

views = Table(
    "views",
    metadata,
    of_project(),
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("owner_id", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("page", Text, nullable=False, comment="address of the page, such as overview"),
    Column("params", JSONB, nullable=False, comment="the link's parameters: name to list of texts"),
    Column("shared", Boolean, nullable=False, comment="false: only its owner sees it"),
    Column("pinned", Integer, comment="place on the overview; null: not there"),
    Column("created_at", Time, nullable=False),
    Column("updated_at", Time, nullable=False),
    Column("removed_at", Time, comment="null: there"),
    to_project(),
    Index(
        "uq_views_name",
        "project_id",
        "owner_id",
        text("lower(name)"),
        unique=True,
        postgresql_where=text("removed_at IS NULL"),
    ),
    comment="Links to dashboards with a name",
)

notes = Table(
    "annotations",
    metadata,
    of_project(),
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("day", Date, nullable=False),
    Column("until", Date, nullable=False, comment="the last day; that of a single day is the day itself"),
    Column("text", Text, nullable=False),
    Column("channel", Text, nullable=False, comment="empty: about all channels"),
    Column("person_id", BigInteger, nullable=False),
    Column("at", Time, nullable=False, comment="when it was last written"),
    Column("removed_at", Time, comment="null: there"),
    to_project(),
    CheckConstraint("until >= day", name="in_order"),
    Index(None, "project_id", "day"),
    comment="What happened on a day: sales, outages, changes of tracking",
)

targets = Table(
    "targets",
    metadata,
    of_project(),
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("name", Text, nullable=False),
    Column("metric", Text, nullable=False, comment="slug of analytics/metrics.py"),
    Column("channel", Text, nullable=False, comment="empty: all channels"),
    Column("first", Date, nullable=False),
    Column("last", Date, nullable=False),
    Column("value", Numeric, nullable=False, comment="of a percentage as a part: 0.025 for 2.5 %"),
    Column("currency", CHAR(3), nullable=False, comment="of money; else empty"),
    Column("person_id", BigInteger, nullable=False),
    Column("at", Time, nullable=False, comment="when it was last written"),
    Column("removed_at", Time, comment="null: there"),
    to_project(),
    CheckConstraint("last >= first", name="in_order"),
    CheckConstraint("value > 0", name="positive"),
    comment="What a metric shall reach in a period",
)
