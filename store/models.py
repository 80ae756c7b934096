"""The tables. `project_id` leads every primary key and foreign key of a data table, so that the schema
shards by project and row-level security can back every query filter.

Control tables (people, sessions, schedules, runs) describe the instance; data tables hold what a
project owns and are listed in `DATA_TABLES`, on which the migrations put row-level security.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import CHAR, JSONB

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Time = DateTime(timezone=True)
ROLES = ("viewer", "editor", "owner")


def _id() -> Column[int]:
    return Column("id", BigInteger, Identity(), primary_key=True)


def _project() -> Column[int]:
    return Column("project_id", Integer, primary_key=True)


def _to_project() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["project_id"], ["projects.id"], ondelete="CASCADE")


# --- people and the instance ---------------------------------------------------------------------

users = Table(
    "users",
    metadata,
    _id(),
    Column("email", Text, nullable=False, comment="lower case; the name to sign in with"),
    Column("name", Text, nullable=False),
    Column("password_hash", Text, nullable=False, comment="bcrypt, by streamlit-authenticator's hasher"),
    Column("is_admin", Boolean, nullable=False, server_default=text("false")),
    Column("totp_secret_id", BigInteger, comment="vault record; null until the second factor is confirmed"),
    Column("totp_last_step", BigInteger, comment="last accepted time step: a code works once"),
    Column("last_project_id", Integer, comment="the project looked at last; may be gone"),
    Column("disabled_at", Time),
    Column("created_at", Time, nullable=False),
    UniqueConstraint("email"),
    CheckConstraint("email = lower(email)", name="email_lower"),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("user_id", BigInteger, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("code_hash", LargeBinary, primary_key=True),
    Column("used_at", Time),
)

sessions = Table(
    "sessions",
    metadata,
    _id(),
    Column("token_hash", LargeBinary, nullable=False, unique=True, comment="sha256 of the cookie's random id"),
    Column("user_id", BigInteger, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("created_at", Time, nullable=False),
    Column("seen_at", Time, nullable=False),
    Column("expires_at", Time, nullable=False),
    Column("address", Text),
    Column("browser", Text),
    Index(None, "user_id"),
)

links = Table(
    "links",
    metadata,
    _id(),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    Column("purpose", Text, nullable=False, comment="first_admin, invite, reset, sign_in (a ticket)"),
    Column("user_id", BigInteger, ForeignKey("users.id", ondelete="CASCADE")),
    Column("project_id", Integer, ForeignKey("projects.id", ondelete="CASCADE")),
    Column("role", Text),
    Column("email", Text),
    Column("created_by", BigInteger, ForeignKey("users.id", ondelete="SET NULL")),
    Column("created_at", Time, nullable=False),
    Column("expires_at", Time, nullable=False),
    Column("used_at", Time),
    Column("revoked_at", Time),
)

attempts = Table(
    "attempts",
    metadata,
    _id(),
    Column("account_hash", LargeBinary, nullable=False, comment="sha256 of the typed e-mail: unknown names too"),
    Column("address", Text, nullable=False),
    Column("at", Time, nullable=False),
    Index(None, "account_hash", "at"),
    Index(None, "address", "at"),
)

projects = Table(
    "projects",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    Column("name", Text, nullable=False),
    Column("currency", CHAR(3), nullable=False, comment="ISO 4217 code that reports are shown in"),
    Column("time_zone", Text, nullable=False),
    Column("week_start", SmallInteger, nullable=False, server_default=text("1"), comment="1 Monday … 7 Sunday"),
    Column(
        "refund_policy", Text, nullable=False, server_default=text("'order_day'"), comment="order_day or refund_day"
    ),
    Column("is_demo", Boolean, nullable=False, server_default=text("false")),
    Column("customer_salt", Text, nullable=False, comment="mixed into hashed customer keys"),
    Column("created_at", Time, nullable=False),
    Column("created_by", BigInteger, ForeignKey("users.id", ondelete="SET NULL")),
    CheckConstraint("week_start BETWEEN 1 AND 7", name="week_start"),
    CheckConstraint("refund_policy IN ('order_day', 'refund_day')", name="refund_policy"),
)

members = Table(
    "members",
    metadata,
    Column("project_id", Integer, ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", BigInteger, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("role", Text, nullable=False),
    Column("created_at", Time, nullable=False),
    CheckConstraint("role IN ('viewer', 'editor', 'owner')", name="role"),
    Index(None, "user_id"),
)

audit = Table(
    "audit",
    metadata,
    _id(),
    Column("at", Time, nullable=False),
    Column("user_id", BigInteger, comment="kept after the person is gone; the name stands beside it"),
    Column("who", Text, nullable=False),
    Column("project_id", Integer, comment="null: the instance"),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False, server_default=text("''")),
    Column("details", JSONB, nullable=False, server_default=text("'{}'")),
    Column("address", Text),
    Index(None, "project_id", "at"),
    Index(None, "at"),
)

secrets = Table(
    "secrets",
    metadata,
    _id(),
    Column("owner", Text, nullable=False, comment="identity of the record it belongs to: the associated data"),
    Column("project_id", Integer, ForeignKey("projects.id", ondelete="CASCADE")),
    Column("key_fingerprint", Text, nullable=False, comment="of the key in the ring that wraps the data key"),
    Column("wrapped_key", LargeBinary, nullable=False),
    Column("ciphertext", LargeBinary, nullable=False),
    Column("created_at", Time, nullable=False),
    Column("broken_at", Time, comment="set by the start-up check when no key of the ring opens it"),
    Index(None, "owner"),
)

connections = Table(
    "connections",
    metadata,
    _id(),
    Column("project_id", Integer, ForeignKey("projects.id", ondelete="CASCADE"), nullable=False),
    Column("platform", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("secret_id", BigInteger, ForeignKey("secrets.id", ondelete="SET NULL")),
    Column("state", Text, nullable=False, server_default=text("'healthy'"), comment="healthy, needs_reconnecting"),
    Column("diagnosis", Text, nullable=False, server_default=text("''")),
    Column("created_at", Time, nullable=False),
    Index(None, "project_id"),
)

runs = Table(
    "runs",
    metadata,
    _id(),
    Column("project_id", Integer, ForeignKey("projects.id", ondelete="CASCADE"), nullable=False),
    Column("kind", Text, nullable=False, comment="inspect, import, undo, demo"),
    Column("state", Text, nullable=False, comment="queued, running, done, failed, cancelled"),
    Column("params", JSONB, nullable=False),
    Column("requested_by", BigInteger, ForeignKey("users.id", ondelete="SET NULL")),
    Column("requested_at", Time, nullable=False),
    Column("started_at", Time),
    Column("finished_at", Time),
    Column("heartbeat_at", Time, comment="a running run whose heartbeat is old is taken over"),
    Column("sidecar", Text),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("units_done", BigInteger, nullable=False, server_default=text("0")),
    Column("units_total", BigInteger),
    Column("stage", Text, nullable=False, server_default=text("''"), comment="what it is doing, in plain words"),
    Column("error", Text),
    Column("result", JSONB),
    Index("ix_runs_waiting", "id", postgresql_where=text("state IN ('queued', 'running')")),
    Index(None, "project_id", "id"),
)

sidecars = Table(
    "sidecars",
    metadata,
    Column("name", Text, primary_key=True, comment="host and process id"),
    Column("started_at", Time, nullable=False),
    Column("heartbeat_at", Time, nullable=False),
)

rates = Table(
    "rates",
    metadata,
    Column("currency", CHAR(3), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("per_euro", Numeric, nullable=False, comment="units of the currency for one euro, ECB reference rate"),
    Column("rate_day", Date, nullable=False, comment="day of publication; earlier than `day` when carried over"),
    CheckConstraint("per_euro > 0", name="positive"),
)

# --- what a project owns -------------------------------------------------------------------------

project_rates = Table(
    "project_rates",
    metadata,
    _project(),
    Column("currency", CHAR(3), primary_key=True),
    Column("day", Date, primary_key=True, comment="first day of validity; holds until the next row"),
    Column("per_euro", Numeric, nullable=False),
    _to_project(),
    CheckConstraint("per_euro > 0", name="positive"),
)

sources = Table(
    "sources",
    metadata,
    _project(),
    Column("id", Integer, Identity(), primary_key=True),
    Column("platform", Text, nullable=False, comment="name of the platform's fact sheet, or offline"),
    Column("channel", Text, nullable=False, comment="what reports group by; the platform unless offline"),
    Column("account_key", Text, nullable=False, comment="the platform's account id, else its lower-case name"),
    Column("name", Text, nullable=False),
    Column("currency", CHAR(3), nullable=False, server_default=text("''"), comment="empty: carries no money"),
    Column("time_zone", Text, nullable=False, server_default=text("''"), comment="empty: unknown"),
    Column("connection_id", BigInteger, comment="null: uploaded"),
    Column("covers_from", Date),
    Column("covers_through", Date, comment="last complete day"),
    Column("written_at", Time),
    Column("created_at", Time, nullable=False),
    Column(
        "in_totals", Boolean, nullable=False, server_default=text("true"), comment="false: the same orders come twice"
    ),
    _to_project(),
    UniqueConstraint("project_id", "platform", "channel", "account_key", "currency"),
)


def _to_source() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["project_id", "source_id"], ["sources.project_id", "sources.id"], ondelete="CASCADE")


entities = Table(
    "entities",
    metadata,
    _project(),
    Column("source_id", Integer, primary_key=True),
    Column("id", BigInteger, primary_key=True, comment="first 8 bytes of blake2b over level and key: see entities.py"),
    Column("level", Text, nullable=False, comment="campaign, ad_group, ad, keyword, search_term, page, email …"),
    Column("key", Text, nullable=False, comment="the platform's id, else the path of names"),
    Column("parent_id", BigInteger),
    Column("name", Text, nullable=False),
    Column("status", Text, nullable=False, server_default=text("''")),
    Column("budget", Numeric),
    _to_source(),
)

COUNTS = ["impressions", "clicks", "link_clicks", "outbound_clicks", "reach", "users", "new_users", "sessions", "engaged_sessions", "pageviews", "views", "video_views_2s", "video_views_3s", "video_views_6s", "video_views_15s", "video_completions", "engagements", "likes", "comments", "shares", "saves", "closeups", "shop_clicks", "product_views", "add_to_carts", "checkouts_started", "leads", "event_count", "sent", "delivered", "bounces", "opens", "unique_opens", "email_clicks", "unique_clicks", "unsubscribes", "spam_complaints"]
AMOUNTS = ["spend", "conversions", "conversion_value", "key_events", "all_conversions", "watch_time_s", "position_weighted"]
MEASURES = (*COUNTS, *AMOUNTS)
DISTINCT = ("reach", "users")
"""Counts of people: kept per row as reported; a roll-up of several rows leaves them null, never a sum."""


def _measures() -> list[Column[object]]:
    columns: list[Column[object]] = [Column(name, BigInteger) for name in COUNTS]
    columns += [Column(name, Numeric) for name in AMOUNTS]
    return columns


terms = Table(
    "terms",
    metadata,
    _project(),
    Column("id", Integer, Identity(), primary_key=True),
    Column("time_zone", Text, nullable=False, comment="of the account: the zone that `day` is in; empty: unknown"),
    Column("attribution", Text, nullable=False, comment="window of the platform's claims, such as 7d_click_1d_view"),
    Column("definition", Text, nullable=False, comment="what the platform counted as a conversion"),
    _to_project(),
    UniqueConstraint("project_id", "time_zone", "attribution", "definition"),
    comment="Under which terms numbers were reported; shared by many rows of daily_metrics",
)

daily_metrics = Table(
    "daily_metrics",
    metadata,
    _project(),
    Column("source_id", Integer, primary_key=True),
    Column("grain", SmallInteger, primary_key=True, comment="code of store/grains.py; lower is higher up"),
    Column("day", Date, primary_key=True, comment="in the account's time zone; first day of a period"),
    Column("days", SmallInteger, primary_key=True, comment="1: a single day; n: one figure for n days"),
    Column("entity_id", BigInteger, primary_key=True),
    Column("segment", Text, primary_key=True, comment="empty, or the breakdown's value: device=mobile"),
    Column("campaign_id", BigInteger, comment="entity of the campaign above it, where there is one"),
    Column("currency", CHAR(3), nullable=False, comment="of the money columns; empty: no money"),
    Column("terms_id", Integer, nullable=False),
    Column("run_id", BigInteger, nullable=False, comment="run or batch that wrote this version of the row"),
    Column("extracted_at", Time, nullable=False),
    *_measures(),
    Column("more", JSONB, comment="the platform's own extra numbers"),
)

STAGED = [c.name for c in daily_metrics.columns]

staged_metrics = Table(
    "staged_metrics",
    metadata,
    *(Column(c.name, c.type) for c in daily_metrics.columns),
    prefixes=["UNLOGGED"],
    comment="Rows on their way into daily_metrics; emptied by the same transaction that loads them",
)


def _roll_up(name: str, *keys: Column[object], comment: str) -> Table:
    return Table(
        name,
        metadata,
        _project(),
        Column("source_id", Integer, primary_key=True),
        Column("day", Date, primary_key=True),
        Column("days", SmallInteger, primary_key=True),
        *keys,
        Column("currency", CHAR(3), primary_key=True),
        Column("grain", SmallInteger, nullable=False, comment="the highest grain that the source has for this day"),
        *_measures(),
        comment=comment,
    )


source_daily = _roll_up(
    "source_daily",
    comment="Totals by source and day from the highest grain; distinct counts only where one row stands for all",
)
campaign_daily = _roll_up(
    "campaign_daily",
    Column("campaign_id", BigInteger, primary_key=True),
    comment="Totals by campaign and day from the highest grain at or below campaign",
)

restatements = Table(
    "restatements",
    metadata,
    _project(),
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("source_id", Integer, nullable=False),
    Column("grain", SmallInteger, nullable=False),
    Column("day", Date, nullable=False),
    Column("days", SmallInteger, nullable=False),
    Column("run_id", BigInteger, nullable=False),
    Column("at", Time, nullable=False),
    Column("metric", Text, nullable=False),
    Column("old_total", Numeric),
    Column("new_total", Numeric),
    Index(None, "project_id", "source_id", "day"),
    comment="A day's total that a later load changed: spend, conversions, conversion_value, impressions, clicks",
)

orders = Table(
    "orders",
    metadata,
    _project(),
    Column("source_id", Integer, primary_key=True),
    Column("day", Date, primary_key=True, comment="order day in the shop's time zone; a load replaces whole days"),
    Column("order_key", Text, primary_key=True),
    Column("name", Text, nullable=False, server_default=text("''")),
    Column("placed_at", Time),
    Column("currency", CHAR(3), nullable=False),
    Column("gross", Numeric, nullable=False, comment="before discounts and refunds"),
    Column("discounts", Numeric, nullable=False),
    Column("refunds", Numeric, nullable=False),
    Column("refunded_day", Date, comment="null: unknown, then the order day counts"),
    Column("shipping", Numeric),
    Column("taxes", Numeric),
    Column("fees", Numeric),
    Column("net", Numeric, nullable=False, comment="gross − discounts − refunds"),
    Column("customer_key", Text, comment="salted hash; the address itself is never stored"),
    Column("customer_type", Text, nullable=False, server_default=text("''"), comment="new, returning or unknown"),
    Column("status", Text, nullable=False, server_default=text("''")),
    Column("country", Text, nullable=False, server_default=text("''")),
    Column("channel", Text, nullable=False, server_default=text("''"), comment="sales channel or source as given"),
    Column("medium", Text, nullable=False, server_default=text("''")),
    Column("campaign", Text, nullable=False, server_default=text("''")),
    Column("items", Integer),
    Column("run_id", BigInteger, nullable=False),
    Column("extracted_at", Time, nullable=False),
    _to_source(),
    Index(None, "project_id", "customer_key", postgresql_where=text("customer_key IS NOT NULL")),
    Index(None, "project_id", "source_id", "refunded_day", postgresql_where=text("refunded_day IS NOT NULL")),
)

staged_orders = Table(
    "staged_orders",
    metadata,
    *(Column(c.name, c.type) for c in orders.columns),
    Column("lines_differ", Boolean, nullable=False, server_default=text("false")),
    prefixes=["UNLOGGED"],
    comment="Orders on their way in; emptied by the same transaction that loads them",
)

order_lines = Table(
    "order_lines",
    metadata,
    _project(),
    Column("source_id", Integer, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("order_key", Text, primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("sku", Text, nullable=False, server_default=text("''")),
    Column("title", Text, nullable=False),
    Column("quantity", Numeric),
    Column("price", Numeric),
    Column("discount", Numeric),
    ForeignKeyConstraint(
        ["project_id", "source_id", "day", "order_key"],
        ["orders.project_id", "orders.source_id", "orders.day", "orders.order_key"],
        ondelete="CASCADE",
    ),
)

staged_order_lines = Table(
    "staged_order_lines",
    metadata,
    *(Column(c.name, c.type) for c in order_lines.columns),
    Column("run_id", BigInteger),
    prefixes=["UNLOGGED"],
    comment="Order lines on their way in; emptied by the same transaction that loads them",
)

shop_daily = Table(
    "shop_daily",
    metadata,
    _project(),
    Column("source_id", Integer, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("currency", CHAR(3), primary_key=True),
    Column("orders", BigInteger, nullable=False),
    Column("revenue_gross", Numeric, nullable=False),
    Column("discounts", Numeric, nullable=False),
    Column("refunds_order_day", Numeric, nullable=False, comment="refunds booked on the day of the order"),
    Column("refunds_refund_day", Numeric, nullable=False, comment="refunds booked on the day they were paid out"),
    Column("shipping", Numeric, nullable=False),
    Column("taxes", Numeric, nullable=False),
    Column("new_customers", BigInteger, nullable=False, comment="first orders in this project, by customer key"),
    Column("new_customer_revenue", Numeric, nullable=False, comment="gross − discounts of first orders"),
    Column("customers_known", BigInteger, nullable=False, comment="orders that carry a customer key"),
    comment="Totals of orders by source and day",
)

# --- uploads and batches -------------------------------------------------------------------------

uploads = Table(
    "uploads",
    metadata,
    _project(),
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("name", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("state", Text, nullable=False, comment="reading, understood, unreadable, importing, imported, dropped"),
    Column("reason", Text, nullable=False, server_default=text("''"), comment="why it is unreadable"),
    Column("tables", JSONB, nullable=False, server_default=text("'[]'"), comment="what the reader understood"),
    Column("answers", JSONB, nullable=False, server_default=text("'{}'"), comment="what the person told us"),
    Column("run_id", BigInteger),
    Column("uploaded_by", BigInteger),
    Column("uploaded_at", Time, nullable=False),
    _to_project(),
)

upload_chunks = Table(
    "upload_chunks",
    metadata,
    _project(),
    Column("upload_id", BigInteger, primary_key=True),
    Column("no", Integer, primary_key=True),
    Column("content", LargeBinary, nullable=False),
    ForeignKeyConstraint(["project_id", "upload_id"], ["uploads.project_id", "uploads.id"], ondelete="CASCADE"),
)

batches = Table(
    "batches",
    metadata,
    _project(),
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("upload_id", BigInteger),
    Column("title", Text, nullable=False, comment="file and table as the person saw it"),
    Column("platform", Text, nullable=False),
    Column("report", Text, nullable=False),
    Column("kind", Text, nullable=False, comment="metrics or orders"),
    Column("rows", BigInteger, nullable=False),
    Column("totals", JSONB, nullable=False),
    Column("terms", JSONB, nullable=False, comment="time zone, attribution and definition that the file states"),
    Column("problems", JSONB, nullable=False, server_default=text("'[]'"), comment="rows that were left out"),
    Column("date_from", Date),
    Column("date_to", Date),
    Column("result", JSONB, nullable=False, server_default=text("'{}'"), comment="new, changed, unchanged, removed"),
    Column("imported_by", BigInteger),
    Column("imported_at", Time, nullable=False),
    Column("undone_by", BigInteger),
    Column("undone_at", Time),
    _to_project(),
)

batch_slices = Table(
    "batch_slices",
    metadata,
    _project(),
    Column("source_id", Integer, primary_key=True),
    Column("grain", SmallInteger, primary_key=True, comment="0 for orders"),
    Column("day", Date, primary_key=True),
    Column("days", SmallInteger, primary_key=True),
    Column("batch_id", BigInteger, primary_key=True),
    ForeignKeyConstraint(["project_id", "batch_id"], ["batches.project_id", "batches.id"], ondelete="CASCADE"),
    _to_source(),
    Index(None, "project_id", "batch_id"),
    comment="Which days of a source a batch speaks for; the latest batch that is not undone wins",
)

batch_rows = Table(
    "batch_rows",
    metadata,
    _project(),
    Column("batch_id", BigInteger, primary_key=True),
    Column("source_id", Integer, primary_key=True),
    Column("part", Text, primary_key=True, comment="rows or lines"),
    Column("no", Integer, primary_key=True),
    Column("content", LargeBinary, nullable=False, comment="normalised rows as Parquet, with their row in the file"),
    ForeignKeyConstraint(["project_id", "batch_id"], ["batches.project_id", "batches.id"], ondelete="CASCADE"),
)

mappings = Table(
    "mappings",
    metadata,
    _project(),
    Column("fingerprint", Text, primary_key=True, comment="of the file's header"),
    Column("answers", JSONB, nullable=False),
    Column("saved_by", BigInteger),
    Column("saved_at", Time, nullable=False),
    _to_project(),
)

DATA_TABLES = (
    project_rates,
    sources,
    entities,
    terms,
    daily_metrics,
    source_daily,
    campaign_daily,
    restatements,
    orders,
    order_lines,
    shop_daily,
    uploads,
    upload_chunks,
    batches,
    batch_slices,
    batch_rows,
    mappings,
)
"""Tables under row-level security: their rows are visible only while `app.project_id` names their project."""
