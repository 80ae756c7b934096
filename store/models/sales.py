"""Orders with their lines, their staging, and the totals of shops by day."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import CHAR

from store.models._base import Time, metadata, of_project, to_source
from store.models.facts import former


def _to_order() -> ForeignKeyConstraint:
    """What belongs to an order goes with it."""
    return ForeignKeyConstraint(
        ["project_id", "source_id", "day", "order_key"],
        ["orders.project_id", "orders.source_id", "orders.day", "orders.order_key"],
        ondelete="CASCADE",
    )


orders = Table(
    "orders",
    metadata,
    of_project(),
    Column("source_id", Integer, primary_key=True),
    Column(
        "day", Date, primary_key=True, comment="order day in the shop's time zone; a load replaces whole days"
    ),
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
    Column(
        "customer_type", Text, nullable=False, server_default=text("''"), comment="new, returning or unknown"
    ),
    Column("status", Text, nullable=False, server_default=text("''")),
    Column("country", Text, nullable=False, server_default=text("''")),
    Column(
        "channel", Text, nullable=False, server_default=text("''"), comment="sales channel or source as given"
    ),
    Column("medium", Text, nullable=False, server_default=text("''")),
    Column("campaign", Text, nullable=False, server_default=text("''")),
    Column("items", Integer),
    Column("run_id", BigInteger, nullable=False),
    Column("extracted_at", Time, nullable=False),
    to_source(),
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
    of_project(),
    Column("source_id", Integer, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("order_key", Text, primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("sku", Text, nullable=False, server_default=text("''")),
    Column("title", Text, nullable=False),
    Column("quantity", Numeric),
    Column("price", Numeric),
    Column("discount", Numeric),
    _to_order(),
)

staged_order_lines = Table(
    "staged_order_lines",
    metadata,
    *(Column(c.name, c.type) for c in order_lines.columns),
    Column("run_id", BigInteger),
    prefixes=["UNLOGGED"],
    comment="Order lines on their way in; emptied by the same transaction that loads them",
)

order_refunds = Table(
    "order_refunds",
    metadata,
    of_project(),
    Column("source_id", Integer, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("order_key", Text, primary_key=True),
    Column("refund_key", Text, primary_key=True),
    Column("refunded_day", Date, nullable=False, comment="in the shop's time zone"),
    Column("amount", Numeric, nullable=False),
    _to_order(),
    Index(None, "project_id", "source_id", "refunded_day"),
    comment="Each refund of an order, where the source tells them apart; orders.refunds is their sum",
)

order_visits = Table(
    "order_visits",
    metadata,
    of_project(),
    Column("source_id", Integer, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("order_key", Text, primary_key=True),
    Column("which", Text, primary_key=True, comment="first or last"),
    Column("at", Time),
    *(
        Column(name, Text, nullable=False, server_default=text("''"))
        for name in ("source", "medium", "campaign", "content", "term", "landing_page", "referrer")
    ),
    _to_order(),
    comment="First and last visit that the shop ties to an order",
)

shop_daily = Table(
    "shop_daily",
    metadata,
    of_project(),
    Column("source_id", Integer, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("currency", CHAR(3), primary_key=True),
    Column("orders", BigInteger, nullable=False),
    Column("revenue_gross", Numeric, nullable=False),
    Column("discounts", Numeric, nullable=False),
    Column("refunds_order_day", Numeric, nullable=False, comment="refunds booked on the day of the order"),
    Column(
        "refunds_refund_day", Numeric, nullable=False, comment="refunds booked on the day they were paid out"
    ),
    Column("shipping", Numeric, nullable=False),
    Column("taxes", Numeric, nullable=False),
    Column(
        "new_customers", BigInteger, nullable=False, comment="first orders in this project, by customer key"
    ),
    Column("new_customer_revenue", Numeric, nullable=False, comment="gross − discounts of first orders"),
    Column("customers_known", BigInteger, nullable=False, comment="orders that carry a customer key"),
    Column("since", Time, nullable=False, comment="when this version was written"),
    comment="Totals of orders by source and day",
)

former_shop_daily = former(shop_daily)

sales_daily = Table(
    "sales_daily",
    metadata,
    of_project(),
    Column("source_id", Integer, primary_key=True),
    Column("dimension", Text, primary_key=True, comment="channel, country, customer, tag or product"),
    Column("day", Date, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("currency", CHAR(3), primary_key=True),
    Column("orders", BigInteger, nullable=False),
    Column("items", Numeric, nullable=False),
    Column("revenue_gross", Numeric, nullable=False),
    Column("discounts", Numeric, nullable=False),
    Column("refunds_order_day", Numeric, comment="null: not known by product"),
    Column("refunds_refund_day", Numeric, comment="null: not known by product"),
    Column("new_customers", BigInteger, nullable=False),
    Column("new_customer_revenue", Numeric, nullable=False),
    Column("customers_known", BigInteger, nullable=False),
    Column("since", Time, nullable=False, comment="when this version was written"),
    comment="Totals of orders by source and day along one dimension at a time",
)

former_sales_daily = former(sales_daily)
