"""Tags that people give to campaigns"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "labels",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("entity_id", sa.BigInteger(), nullable=False),
        sa.Column("dimension", sa.Text(), nullable=False, comment="tag: put there by hand"),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id", "source_id"],
            ["sources.project_id", "sources.id"],
            name="fk_labels_project_id_source_id_sources",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "project_id", "source_id", "entity_id", "dimension", "value", name="pk_labels"
        ),
        comment="What people call campaigns besides their names",
    )
    op.execute("ALTER TABLE labels ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE labels FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY one_project ON labels "
        "USING (project_id = NULLIF(current_setting('app.project_id', true), '')::int)"
    )
