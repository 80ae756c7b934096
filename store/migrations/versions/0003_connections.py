"""Connections with their schedules, how far each sync is, refunds and visits of orders, reconciliation"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

DATA_TABLES = [
    "synced_days",
    "sync_cursors",
    "snapshots",
    "reconciliations",
    "order_refunds",
    "order_visits",
]


def upgrade() -> None:
    op.create_table('reconciliations',
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('source_id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('metric', sa.Text(), nullable=False),
    sa.Column('platform_total', sa.Numeric(), nullable=False),
    sa.Column('stored_total', sa.Numeric(), nullable=True),
    sa.Column('cause', sa.Text(), nullable=False, comment='equal, still_changing, rounding, below_account, unexplained'),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('run_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['project_id', 'source_id'], ['sources.project_id', 'sources.id'], name='fk_reconciliations_project_id_source_id_sources', ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('project_id', 'source_id', 'day', 'metric', name='pk_reconciliations'),
    comment="The platform's own total of an account and day beside what is stored"
    )
    op.create_table('snapshots',
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('source_id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('entity_id', sa.BigInteger(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('totals', postgresql.JSONB(), nullable=False, comment='lifetime totals at that time, by metric'),
    sa.ForeignKeyConstraint(['project_id', 'source_id'], ['sources.project_id', 'sources.id'], name='fk_snapshots_project_id_source_id_sources', ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('project_id', 'source_id', 'day', 'entity_id', name='pk_snapshots'),
    comment='Lifetime totals of posts, kept once a day, where the platform gives no daily figures'
    )
    op.create_table('sync_cursors',
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('source_id', sa.Integer(), nullable=False),
    sa.Column('stream', sa.Text(), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=False, comment='changes were read up to here'),
    sa.ForeignKeyConstraint(['project_id', 'source_id'], ['sources.project_id', 'sources.id'], name='fk_sync_cursors_project_id_source_id_sources', ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('project_id', 'source_id', 'stream', name='pk_sync_cursors'),
    comment='How far changes of a stream were read, where the platform offers them by time of change'
    )
    op.create_table('synced_days',
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('source_id', sa.Integer(), nullable=False),
    sa.Column('stream', sa.Text(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False, comment='when the reading began: the day is as the platform had it then'),
    sa.Column('run_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['project_id', 'source_id'], ['sources.project_id', 'sources.id'], name='fk_synced_days_project_id_source_id_sources', ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('project_id', 'source_id', 'stream', 'day', name='pk_synced_days'),
    comment='Which days of a stream were read, and when last: the cursor of a sync'
    )
    op.create_table('order_refunds',
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('source_id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('order_key', sa.Text(), nullable=False),
    sa.Column('refund_key', sa.Text(), nullable=False),
    sa.Column('refunded_day', sa.Date(), nullable=False, comment="in the shop's time zone"),
    sa.Column('amount', sa.Numeric(), nullable=False),
    sa.ForeignKeyConstraint(['project_id', 'source_id', 'day', 'order_key'], ['orders.project_id', 'orders.source_id', 'orders.day', 'orders.order_key'], name='fk_order_refunds_project_id_source_id_day_order_key_orders', ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('project_id', 'source_id', 'day', 'order_key', 'refund_key', name='pk_order_refunds'),
    comment='Each refund of an order, where the source tells them apart; orders.refunds is their sum'
    )
    op.create_index('ix_order_refunds_project_id_source_id_refunded_day', 'order_refunds', ['project_id', 'source_id', 'refunded_day'], unique=False)
    op.create_table('order_visits',
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('source_id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('order_key', sa.Text(), nullable=False),
    sa.Column('which', sa.Text(), nullable=False, comment='first or last'),
    sa.Column('at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('source', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('medium', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('campaign', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('content', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('term', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('landing_page', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('referrer', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.ForeignKeyConstraint(['project_id', 'source_id', 'day', 'order_key'], ['orders.project_id', 'orders.source_id', 'orders.day', 'orders.order_key'], name='fk_order_visits_project_id_source_id_day_order_key_orders', ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('project_id', 'source_id', 'day', 'order_key', 'which', name='pk_order_visits'),
    comment='First and last visit that the shop ties to an order'
    )
    op.create_table('schedules',
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('source_id', sa.Integer(), nullable=False),
    sa.Column('connection_id', sa.BigInteger(), nullable=False),
    sa.Column('platform', sa.Text(), nullable=False),
    sa.Column('cron', sa.Text(), server_default=sa.text("''"), nullable=False, comment='empty: the default times, UTC'),
    sa.Column('time_zone', sa.Text(), server_default=sa.text("'UTC'"), nullable=False, comment='of `cron`'),
    sa.Column('paused', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('next_at', sa.DateTime(timezone=True), nullable=True, comment='when the next run is asked for; null: not planned yet'),
    sa.ForeignKeyConstraint(['connection_id'], ['connections.id'], name='fk_schedules_connection_id_connections', ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['project_id', 'source_id'], ['sources.project_id', 'sources.id'], name='fk_schedules_project_id_source_id_sources', ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('project_id', 'source_id', name='pk_schedules'),
    comment='When the accounts pulled through a connection are refreshed; sidecars share this table'
    )
    op.create_index('ix_schedules_next_at', 'schedules', ['next_at'], unique=False, postgresql_where=sa.text('NOT paused'))
    op.add_column('connections', sa.Column('created_by', sa.BigInteger(), nullable=True))
    op.add_column('connections', sa.Column('sign_in', sa.Text(), server_default=sa.text("''"), nullable=False, comment='the way: oauth, token …'))
    op.add_column('connections', sa.Column('sign_in_ends_at', sa.DateTime(timezone=True), nullable=True, comment='when somebody has to sign in again, where the platform says'))
    op.add_column('connections', sa.Column('used_at', sa.DateTime(timezone=True), nullable=True, comment='when the credential last let us in'))
    op.add_column('connections', sa.Column('oauth_state', sa.LargeBinary(), nullable=True, comment="sha256 of the state that the platform's page brings back"))
    op.add_column('connections', sa.Column('oauth_expires_at', sa.DateTime(timezone=True), nullable=True))
    op.alter_column('connections', 'state',
               existing_type=sa.TEXT(),
               comment='signing_in, healthy, needs_reconnecting',
               existing_comment='healthy, needs_reconnecting',
               existing_nullable=False,
               existing_server_default=sa.text("'healthy'::text"))
    op.create_foreign_key('fk_connections_created_by_users', 'connections', 'users', ['created_by'], ['id'], ondelete='SET NULL')
    op.add_column('entities', sa.Column('budget_period', sa.Text(), server_default=sa.text("''"), nullable=False, comment='day or lifetime'))
    op.add_column('runs', sa.Column('source_id', sa.Integer(), nullable=True, comment='of a sync'))
    op.add_column('runs', sa.Column('not_before', sa.DateTime(timezone=True), nullable=True, comment='a queued run that waits for a limit or a retry'))
    op.add_column('runs', sa.Column('parked', sa.Integer(), server_default=sa.text('0'), nullable=False, comment='how often it had to wait'))
    op.add_column('runs', sa.Column('rows_written', sa.BigInteger(), server_default=sa.text('0'), nullable=False))
    op.alter_column('runs', 'kind',
               existing_type=sa.TEXT(),
               comment='inspect, import, undo, demo, sync',
               existing_comment='inspect, import, undo, demo',
               existing_nullable=False)
    op.create_index('ux_runs_one_sync', 'runs', ['project_id', 'source_id'], unique=True, postgresql_where=sa.text("kind = 'sync' AND state IN ('queued', 'running')"))
    op.add_column('sources', sa.Column('read_from', sa.Date(), nullable=True, comment='how far back a sync reads; null: uploaded'))
    op.add_column('sources', sa.Column('lookback', sa.Integer(), nullable=True, comment="days read again on each run; null: the platform's default"))
    op.add_column('sources', sa.Column('streams', postgresql.JSONB(), nullable=True, comment="streams that are read; null: the platform's default"))
    op.add_column('sources', sa.Column('extra', postgresql.JSONB(), nullable=True, comment='what the connector needs to know of the account besides its id'))
    for table in DATA_TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY one_project ON {table} "
            "USING (project_id = NULLIF(current_setting('app.project_id', true), '')::int)"
        )
