"""When each person last looked at the state of a project's data, and restatements by time"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "looks",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "since", sa.DateTime(timezone=True), comment="end of the visit before this one; null: the first"
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="when they last looked"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name="fk_looks_project_id_projects", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", "person_id", name="pk_looks"),
        comment="When a person last looked at Data health: what was restated later is news to them",
    )
    op.execute("ALTER TABLE looks ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE looks FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY one_project ON looks "
        "USING (project_id = NULLIF(current_setting('app.project_id', true), '')::int)"
    )
    op.create_index("ix_restatements_project_id_at", "restatements", ["project_id", "at"])
