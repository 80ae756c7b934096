"""What a team agrees on for its project, version by version"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "definitions",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, comment="the highest is in force"),
        sa.Column("content", JSONB(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name="fk_definitions_project_id_projects", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", "kind", "version", name="pk_definitions"),
        comment="Channel rules, naming, funnel stages, costs …: what a team agrees on, version by version",
    )
    op.execute("ALTER TABLE definitions ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE definitions FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY one_project ON definitions "
        "USING (project_id = NULLIF(current_setting('app.project_id', true), '')::int)"
    )
