"""Figures: sources, entities, daily metrics with their staging and roll-ups, and what was restated."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Identity,
    Index,
    Integer,
    Numeric,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import CHAR, JSONB
from sqlalchemy.schema import SchemaItem

from store.models._base import Time, metadata, of_project, to_project, to_source

project_rates = Table(
    "project_rates",
    metadata,
    of_project(),
    Column("currency", CHAR(3), primary_key=True),
    Column("day", Date, primary_key=True, comment="first day of validity; holds until the next row"),
    Column("per_euro", Numeric, nullable=False),
    to_project(),
    CheckConstraint("per_euro > 0", name="positive"),
)

sources = Table(
    "sources",
    metadata,
    of_project(),
    Column("id", Integer, Identity(), primary_key=True),
    Column("platform", Text, nullable=False, comment="name of the platform's fact sheet, or offline"),
    Column("channel", Text, nullable=False, comment="what reports group by; the platform unless offline"),
    Column(
        "account_key", Text, nullable=False, comment="the platform's account id, else its lower-case name"
    ),
    Column("name", Text, nullable=False),
    Column("currency", CHAR(3), nullable=False, server_default=text("''"), comment="empty: carries no money"),
    Column("time_zone", Text, nullable=False, server_default=text("''"), comment="empty: unknown"),
    Column("connection_id", BigInteger, comment="null: uploaded"),
    Column("covers_from", Date),
    Column("covers_through", Date, comment="last complete day"),
    Column("written_at", Time),
    Column("created_at", Time, nullable=False),
    Column(
        "in_totals",
        Boolean,
        nullable=False,
        server_default=text("true"),
        comment="false: the same orders come twice",
    ),
    Column("read_from", Date, comment="how far back a sync reads; null: uploaded"),
    Column("lookback", Integer, comment="days read again on each run; null: the platform's default"),
    Column("streams", JSONB, comment="streams that are read; null: the platform's default"),
    Column("extra", JSONB, comment="what the connector needs to know of the account besides its id"),
    to_project(),
    UniqueConstraint("project_id", "platform", "channel", "account_key", "currency"),
)


entities = Table(
    "entities",
    metadata,
    of_project(),
    Column("source_id", Integer, primary_key=True),
    Column(
        "id",
        BigInteger,
        primary_key=True,
        comment="first 8 bytes of blake2b over level and key: see entities.py",
    ),
    Column(
        "level", Text, nullable=False, comment="campaign, ad_group, ad, keyword, search_term, page, email …"
    ),
    Column("key", Text, nullable=False, comment="the platform's id, else the path of names"),
    Column("parent_id", BigInteger),
    Column("name", Text, nullable=False),
    Column("status", Text, nullable=False, server_default=text("''")),
    Column("budget", Numeric),
    Column("budget_period", Text, nullable=False, server_default=text("''"), comment="day or lifetime"),
    to_source(),
    Index(None, "project_id", "level", "name"),
    Index(None, "project_id", "source_id", "parent_id"),
)

COUNTS = [
    "impressions",
    "clicks",
    "link_clicks",
    "outbound_clicks",
    "reach",
    "users",
    "new_users",
    "sessions",
    "engaged_sessions",
    "pageviews",
    "views",
    "video_views_2s",
    "video_views_3s",
    "video_views_6s",
    "video_views_15s",
    "video_completions",
    "engagements",
    "likes",
    "comments",
    "shares",
    "saves",
    "closeups",
    "shop_clicks",
    "product_views",
    "add_to_carts",
    "checkouts_started",
    "leads",
    "event_count",
    "sent",
    "delivered",
    "bounces",
    "opens",
    "unique_opens",
    "email_clicks",
    "unique_clicks",
    "unsubscribes",
    "spam_complaints",
]
AMOUNTS = [
    "spend",
    "conversions",
    "conversion_value",
    "key_events",
    "all_conversions",
    "watch_time_s",
    "position_weighted",
]
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
    of_project(),
    Column("id", Integer, Identity(), primary_key=True),
    Column(
        "time_zone", Text, nullable=False, comment="of the account: the zone that `day` is in; empty: unknown"
    ),
    Column(
        "attribution",
        Text,
        nullable=False,
        comment="window of the platform's claims, such as 7d_click_1d_view",
    ),
    Column("definition", Text, nullable=False, comment="what the platform counted as a conversion"),
    to_project(),
    UniqueConstraint("project_id", "time_zone", "attribution", "definition"),
    comment="Under which terms numbers were reported; shared by many rows of daily_metrics",
)


def former(table: Table) -> Table:
    """The table of a table's former versions: the same columns, and until when a version stood."""
    return Table(
        f"former_{table.name}",
        metadata,
        *(Column(c.name, c.type, primary_key=c.primary_key, nullable=c.nullable) for c in table.columns),
        Column("until", Time, primary_key=True, comment="when another version took its place, or none"),
        comment=f"Replaced and removed rows of {table.name}, kept for SOUNDINGS_HISTORY_DAYS",
    )


daily_metrics = Table(
    "daily_metrics",
    metadata,
    of_project(),
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


def _roll_up(name: str, *keys: SchemaItem, comment: str) -> Table:
    return Table(
        name,
        metadata,
        of_project(),
        Column("source_id", Integer, primary_key=True),
        Column("day", Date, primary_key=True),
        Column("days", SmallInteger, primary_key=True),
        *keys,
        Column("currency", CHAR(3), primary_key=True),
        Column(
            "grain",
            SmallInteger,
            nullable=False,
            comment="the highest grain that the source has for this day",
        ),
        *_measures(),
        Column("since", Time, nullable=False, comment="when this version was written"),
        Index(None, "project_id", "source_id", postgresql_where=text("days > 1")),
        comment=comment,
    )


source_daily = _roll_up(
    "source_daily",
    comment="Totals by source and day from the highest grain; distinct counts only where one row stands for all",
)
campaign_daily = _roll_up(
    "campaign_daily",
    Column("campaign_id", BigInteger, primary_key=True),
    Index(None, "project_id", "source_id", "campaign_id", "day"),
    comment="Totals by campaign and day from the highest grain at or below campaign",
)
breakdown_daily = Table(
    "breakdown_daily",
    metadata,
    of_project(),
    Column("source_id", Integer, primary_key=True),
    Column("breakdown", Text, primary_key=True, comment="country or device: see store/breakdowns.py"),
    Column("day", Date, primary_key=True),
    Column("days", SmallInteger, primary_key=True),
    Column("value", Text, primary_key=True, comment="as the platform writes it; empty: not told"),
    Column("currency", CHAR(3), primary_key=True),
    Column(
        "grain", SmallInteger, nullable=False, comment="the highest grain that has the breakdown for this day"
    ),
    *_measures(),
    Column("since", Time, nullable=False, comment="when this version was written"),
    comment="Totals by source and day along one breakdown at a time, from the highest grain that has it",
)
former_daily_metrics, former_source_daily, former_campaign_daily, former_breakdown_daily = map(
    former, (daily_metrics, source_daily, campaign_daily, breakdown_daily)
)

restatements = Table(
    "restatements",
    metadata,
    of_project(),
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
    Index(None, "project_id", "at"),
    comment="A day's total that a later load changed: spend, conversions, conversion_value, impressions, clicks",
)
