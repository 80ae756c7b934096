"""Former versions of figures, and the indexes that dashboards read by"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ROLL_UPS = ("source_daily", "campaign_daily", "shop_daily")
KEYS = {
    "daily_metrics": "project_id, source_id, grain, day, days, entity_id, segment",
    "source_daily": "project_id, source_id, day, days, currency",
    "campaign_daily": "project_id, source_id, day, days, campaign_id, currency",
    "shop_daily": "project_id, source_id, day, currency",
}


def upgrade() -> None:
    for table in ROLL_UPS:
        # What stood before versions were kept counts as having always stood.
        op.add_column(
            table,
            sa.Column(
                "since",
                sa.DateTime(timezone=True),
                nullable=False,
                server_default=sa.text("'1970-01-01T00:00Z'"),
                comment="when this version was written",
            ),
        )
        op.alter_column(table, "since", server_default=None)
    for table, keys in KEYS.items():
        former = f"former_{table}"
        op.execute(f"CREATE TABLE {former} (LIKE {table})")
        op.execute(f"ALTER TABLE {former} ADD COLUMN until timestamptz NOT NULL")
        op.execute(f"ALTER TABLE {former} ADD CONSTRAINT pk_{former} PRIMARY KEY ({keys}, until)")
        op.execute(f"COMMENT ON COLUMN {former}.until IS 'when another version took its place, or none'")
        op.execute(
            f"COMMENT ON TABLE {former} IS 'Replaced and removed rows of {table}, kept for SOUNDINGS_HISTORY_DAYS'"
        )
        op.execute(f"ALTER TABLE {former} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {former} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY one_project ON {former} "
            "USING (project_id = NULLIF(current_setting('app.project_id', true), '')::int)"
        )
    for table in ("source_daily", "campaign_daily"):
        op.create_index(
            f"ix_{table}_project_id_source_id",
            table,
            ["project_id", "source_id"],
            postgresql_where=sa.text("days > 1"),
        )
    op.create_index(
        "ix_campaign_daily_project_id_source_id_campaign_id_day",
        "campaign_daily",
        ["project_id", "source_id", "campaign_id", "day"],
    )
    op.create_index("ix_entities_project_id_level_name", "entities", ["project_id", "level", "name"])
    op.create_index(
        "ix_entities_project_id_source_id_parent_id", "entities", ["project_id", "source_id", "parent_id"]
    )
