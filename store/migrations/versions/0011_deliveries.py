"""Reports that are sent by themselves"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def _time(name: str, *, nullable: bool = False, comment: str | None = None) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable, comment=comment)


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("view_id", sa.BigInteger(), nullable=False, comment="the saved view, which may be gone"),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("recipients", JSONB(), nullable=False, comment="e-mail addresses; empty for a webhook"),
        sa.Column("secret_id", sa.BigInteger(), comment="the webhook's address in the vault"),
        sa.Column("webhook", sa.Text(), nullable=False, comment="what may be shown of the address"),
        sa.Column("every", sa.Text(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False, comment="in the project's time zone"),
        sa.Column("weekday", sa.Integer(), nullable=False, comment="1 for Monday … 7 for Sunday"),
        sa.Column("month_day", sa.Integer(), nullable=False),
        sa.Column(
            "metric",
            sa.Text(),
            nullable=False,
            comment="key of the figure that has a line; empty: always sent",
        ),
        sa.Column("test", sa.Text(), nullable=False, comment="above, below or changed; empty: always sent"),
        sa.Column("limit", sa.Numeric(), comment="of a change as a part: 0.2 for 20 %"),
        sa.Column(
            "holds", sa.Boolean(), comment="whether the figure was beyond its line; null: not looked at yet"
        ),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False, comment="whose rights count"),
        _time("next_at"),
        _time("last_at", nullable=True),
        sa.Column(
            "last_state", sa.Text(), nullable=False, comment="state of the last run that ended; empty: none"
        ),
        sa.Column("last_result", sa.Text(), nullable=False),
        _time("created_at"),
        _time("updated_at"),
        _time("removed_at", nullable=True, comment="null: there"),
        sa.CheckConstraint("kind IN ('mail', 'slack')", name=op.f("ck_deliveries_kind")),
        sa.CheckConstraint("every IN ('daily', 'weekly', 'monthly')", name=op.f("ck_deliveries_every")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name="fk_deliveries_project_id_projects", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", "id", name="pk_deliveries"),
        comment="Saved views that are mailed or posted by themselves",
    )
    op.create_index(
        "ix_deliveries_project_id_next_at",
        "deliveries",
        ["project_id", "next_at"],
        postgresql_where=sa.text("removed_at IS NULL AND NOT paused"),
    )


def _runs() -> None:
    op.create_table(
        "delivery_runs",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("delivery_id", sa.BigInteger(), nullable=False),
        _time("planned_at"),
        sa.Column("to_address", sa.Text(), nullable=False, comment="of a test: where to; empty: to all"),
        sa.Column("is_test", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        _time("not_before"),
        _time("started_at", nullable=True),
        _time("finished_at", nullable=True),
        sa.Column("sent_to", sa.Integer(), nullable=False, comment="how many recipients took it"),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'preparing', 'sending', 'sent', 'quiet', 'failed', 'unknown', 'dropped')",
            name=op.f("ck_delivery_runs_state"),
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name="fk_delivery_runs_project_id_projects", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["project_id", "delivery_id"],
            ["deliveries.project_id", "deliveries.id"],
            name="fk_delivery_runs_project_id_delivery_id_deliveries",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("project_id", "id", name="pk_delivery_runs"),
        comment="What was sent when and to how many, or why not",
    )
    op.create_index(
        "ix_delivery_runs_project_id_delivery_id_id", "delivery_runs", ["project_id", "delivery_id", "id"]
    )
    op.create_index(
        "ix_delivery_runs_open",
        "delivery_runs",
        ["project_id", "not_before"],
        postgresql_where=sa.text("state IN ('waiting', 'preparing', 'sending')"),
    )


def upgrade() -> None:
    _deliveries()
    _runs()
    for table in ("deliveries", "delivery_runs"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY one_project ON {table} "
            "USING (project_id = NULLIF(current_setting('app.project_id', true), '')::int)"
        )
