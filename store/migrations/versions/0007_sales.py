"""Orders by sales channel, country, kind of customer, tag and product"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import CHAR

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sales_daily",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column(
            "dimension", sa.Text(), nullable=False, comment="channel, country, customer, tag or product"
        ),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("currency", CHAR(3), nullable=False),
        sa.Column("orders", sa.BigInteger(), nullable=False),
        sa.Column("items", sa.Numeric(), nullable=False),
        sa.Column("revenue_gross", sa.Numeric(), nullable=False),
        sa.Column("discounts", sa.Numeric(), nullable=False),
        sa.Column("refunds_order_day", sa.Numeric(), comment="null: not known by product"),
        sa.Column("refunds_refund_day", sa.Numeric(), comment="null: not known by product"),
        sa.Column("new_customers", sa.BigInteger(), nullable=False),
        sa.Column("new_customer_revenue", sa.Numeric(), nullable=False),
        sa.Column("customers_known", sa.BigInteger(), nullable=False),
        sa.Column(
            "since", sa.DateTime(timezone=True), nullable=False, comment="when this version was written"
        ),
        sa.PrimaryKeyConstraint(
            "project_id", "source_id", "dimension", "day", "value", "currency", name="pk_sales_daily"
        ),
        comment="Totals of orders by source and day along one dimension at a time",
    )
    op.execute("CREATE TABLE former_sales_daily (LIKE sales_daily)")
    op.execute("ALTER TABLE former_sales_daily ADD COLUMN until timestamptz NOT NULL")
    op.execute(
        "ALTER TABLE former_sales_daily ADD CONSTRAINT pk_former_sales_daily "
        "PRIMARY KEY (project_id, source_id, dimension, day, value, currency, until)"
    )
    op.execute("COMMENT ON COLUMN former_sales_daily.until IS 'when another version took its place, or none'")
    op.execute(
        "COMMENT ON TABLE former_sales_daily IS "
        "'Replaced and removed rows of sales_daily, kept for SOUNDINGS_HISTORY_DAYS'"
    )
    for table in ("sales_daily", "former_sales_daily"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY one_project ON {table} "
            "USING (project_id = NULLIF(current_setting('app.project_id', true), '')::int)"
        )
