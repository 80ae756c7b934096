"""The app's role, row-level security on every data table, and the views for analysts"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

DATA_TABLES = [
    "project_rates",
    "sources",
    "entities",
    "terms",
    "daily_metrics",
    "source_daily",
    "campaign_daily",
    "restatements",
    "orders",
    "order_lines",
    "shop_daily",
    "uploads",
    "upload_chunks",
    "batches",
    "batch_slices",
    "batch_rows",
    "mappings",
]

# A managed server may not let us create roles; FORCE below then binds the connecting owner itself.
ROLE = """
DO $$
BEGIN
    BEGIN
        IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'soundings_app') THEN
            CREATE ROLE soundings_app NOLOGIN NOSUPERUSER NOBYPASSRLS;
        END IF;
    EXCEPTION WHEN duplicate_object OR unique_violation OR insufficient_privilege THEN NULL;
    END;
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'soundings_app') THEN
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO soundings_app', current_schema());
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO soundings_app;
        GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO soundings_app;
        ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO soundings_app;
        ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO soundings_app;
        IF NOT pg_has_role(current_user, 'soundings_app', 'MEMBER') THEN
            EXECUTE format('GRANT soundings_app TO %I', current_user);
        END IF;
    END IF;
END $$
"""

VIEWS = {
    "v_sources": """
        SELECT project_id, id AS source_id, platform, channel, name AS account, account_key, currency, time_zone,
               covers_from, covers_through, written_at
        FROM sources""",
    "v_channel_daily": """
        SELECT s.platform, s.channel, s.name AS account, d.*
        FROM source_daily d JOIN sources s ON s.project_id = d.project_id AND s.id = d.source_id""",
    "v_campaign_daily": """
        SELECT s.platform, s.channel, s.name AS account, e.name AS campaign, e.status AS campaign_status, d.*
        FROM campaign_daily d
        JOIN sources s ON s.project_id = d.project_id AND s.id = d.source_id
        LEFT JOIN entities e ON e.project_id = d.project_id AND e.source_id = d.source_id AND e.id = d.campaign_id""",
    "v_daily": """
        SELECT s.platform, s.channel, s.name AS account, e.level, e.name AS entity, e.key AS entity_key,
               c.name AS campaign, t.time_zone AS account_time_zone, t.attribution, t.definition, m.*
        FROM daily_metrics m
        JOIN sources s ON s.project_id = m.project_id AND s.id = m.source_id
        JOIN terms t ON t.project_id = m.project_id AND t.id = m.terms_id
        LEFT JOIN entities e ON e.project_id = m.project_id AND e.source_id = m.source_id AND e.id = m.entity_id
        LEFT JOIN entities c ON c.project_id = m.project_id AND c.source_id = m.source_id AND c.id = m.campaign_id""",
    "v_orders": """
        SELECT s.platform, s.name AS shop, o.*
        FROM orders o JOIN sources s ON s.project_id = o.project_id AND s.id = o.source_id""",
    "v_shop_daily": """
        SELECT s.platform, s.name AS shop, d.*, d.revenue_gross - d.discounts - d.refunds_order_day AS net_by_order_day,
               d.revenue_gross - d.discounts - d.refunds_refund_day AS net_by_refund_day
        FROM shop_daily d JOIN sources s ON s.project_id = d.project_id AND s.id = d.source_id""",
}


def upgrade() -> None:
    for table in DATA_TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY one_project ON {table} "
            "USING (project_id = NULLIF(current_setting('app.project_id', true), '')::int)"
        )
    for name, query in VIEWS.items():
        op.execute(f"CREATE VIEW {name} WITH (security_invoker = true) AS {query}")
    op.execute(ROLE)
