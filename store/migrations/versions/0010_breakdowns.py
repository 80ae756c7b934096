"""Figures by country and device, added up by source and day"""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

KEYS = "project_id, source_id, breakdown, day, days, value, currency"


def upgrade() -> None:
    # The measures are those of the roll-up by source.
    op.execute("CREATE TABLE breakdown_daily (LIKE source_daily)")
    op.execute(
        "ALTER TABLE breakdown_daily ADD COLUMN breakdown text NOT NULL, ADD COLUMN value text NOT NULL"
    )
    op.execute(f"ALTER TABLE breakdown_daily ADD CONSTRAINT pk_breakdown_daily PRIMARY KEY ({KEYS})")
    op.execute("CREATE TABLE former_breakdown_daily (LIKE breakdown_daily)")
    op.execute("ALTER TABLE former_breakdown_daily ADD COLUMN until timestamptz NOT NULL")
    op.execute(
        f"ALTER TABLE former_breakdown_daily ADD CONSTRAINT pk_former_breakdown_daily PRIMARY KEY ({KEYS}, until)"
    )
    for what, text in COMMENTS.items():
        op.execute(f"COMMENT ON {what} IS '{text}'")
    for table in ("breakdown_daily", "former_breakdown_daily"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY one_project ON {table} "
            "USING (project_id = NULLIF(current_setting('app.project_id', true), '')::int)"
        )


COMMENTS = {
    "TABLE breakdown_daily": "Totals by source and day along one breakdown at a time, from the highest grain that has it",
    "TABLE former_breakdown_daily": "Replaced and removed rows of breakdown_daily, kept for SOUNDINGS_HISTORY_DAYS",
    "COLUMN breakdown_daily.breakdown": "country or device: see store/breakdowns.py",
    "COLUMN breakdown_daily.value": "as the platform writes it; empty: not told",
    "COLUMN breakdown_daily.grain": "the highest grain that has the breakdown for this day",
    "COLUMN breakdown_daily.since": "when this version was written",
    "COLUMN former_breakdown_daily.until": "when another version took its place, or none",
}
