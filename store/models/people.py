"""People and what they may do: accounts, sessions, links, projects, members, the audit log, secrets."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import CHAR, JSONB

from store.models._base import Time, metadata, of_project, own_id, to_project

users = Table(
    "users",
    metadata,
    own_id(),
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
    own_id(),
    Column(
        "token_hash", LargeBinary, nullable=False, unique=True, comment="sha256 of the cookie's random id"
    ),
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
    own_id(),
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
    own_id(),
    Column(
        "account_hash", LargeBinary, nullable=False, comment="sha256 of the typed e-mail: unknown names too"
    ),
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
    Column(
        "week_start", SmallInteger, nullable=False, server_default=text("1"), comment="1 Monday … 7 Sunday"
    ),
    Column(
        "refund_policy",
        Text,
        nullable=False,
        server_default=text("'order_day'"),
        comment="order_day or refund_day",
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
    own_id(),
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

looks = Table(
    "looks",
    metadata,
    of_project(),
    Column("person_id", BigInteger, primary_key=True),
    Column("since", Time, comment="end of the visit before this one; null: the first"),
    Column("at", Time, nullable=False, comment="when they last looked"),
    to_project(),
    comment="When a person last looked at Data health: what was restated later is news to them",
)

secrets = Table(
    "secrets",
    metadata,
    own_id(),
    Column(
        "owner", Text, nullable=False, comment="identity of the record it belongs to: the associated data"
    ),
    Column("project_id", Integer, ForeignKey("projects.id", ondelete="CASCADE")),
    Column("key_fingerprint", Text, nullable=False, comment="of the key in the ring that wraps the data key"),
    Column("wrapped_key", LargeBinary, nullable=False),
    Column("ciphertext", LargeBinary, nullable=False),
    Column("created_at", Time, nullable=False),
    Column("broken_at", Time, comment="set by the start-up check when no key of the ring opens it"),
    Index(None, "owner"),
)
