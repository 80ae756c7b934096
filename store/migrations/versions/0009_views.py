"""Saved views, notes on days, and targets"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import CHAR, JSONB

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "views",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False, comment="address of the page, such as overview"),
        sa.Column("params", JSONB(), nullable=False, comment="the link's parameters: name to list of texts"),
        sa.Column("shared", sa.Boolean(), nullable=False, comment="false: only its owner sees it"),
        sa.Column("pinned", sa.Integer(), comment="place on the overview; null: not there"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), comment="null: there"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name="fk_views_project_id_projects", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", "id", name="pk_views"),
        comment="Links to dashboards with a name",
    )
    op.create_index(
        "uq_views_name",
        "views",
        ["project_id", "owner_id", sa.text("lower(name)")],
        unique=True,
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.create_table(
        "annotations",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "until", sa.Date(), nullable=False, comment="the last day; that of a single day is the day itself"
        ),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False, comment="empty: about all channels"),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="when it was last written"),
        sa.Column("removed_at", sa.DateTime(timezone=True), comment="null: there"),
        sa.CheckConstraint("until >= day", name=op.f("ck_annotations_in_order")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name="fk_annotations_project_id_projects", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", "id", name="pk_annotations"),
        comment="What happened on a day: sales, outages, changes of tracking",
    )
    op.create_index("ix_annotations_project_id_day", "annotations", ["project_id", "day"])
    op.create_table(
        "targets",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("metric", sa.Text(), nullable=False, comment="slug of analytics/metrics.py"),
        sa.Column("channel", sa.Text(), nullable=False, comment="empty: all channels"),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column(
            "value", sa.Numeric(), nullable=False, comment="of a percentage as a part: 0.025 for 2.5 %"
        ),
        sa.Column("currency", CHAR(3), nullable=False, comment="of money; else empty"),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="when it was last written"),
        sa.Column("removed_at", sa.DateTime(timezone=True), comment="null: there"),
        sa.CheckConstraint("last >= first", name=op.f("ck_targets_in_order")),
        sa.CheckConstraint("value > 0", name=op.f("ck_targets_positive")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name="fk_targets_project_id_projects", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", "id", name="pk_targets"),
        comment="What a metric shall reach in a period",
    )
    for table in ("views", "annotations", "targets"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY one_project ON {table} "
            "USING (project_id = NULLIF(current_setting('app.project_id', true), '')::int)"
        )
