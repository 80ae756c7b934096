"""Shopify: the orders export (one row per line item) and the analytics exports.

Order-level cells stand on an order's first row only; the following rows repeat its name. `Total` is
before refunds. Notes and note attributes hold personal data outside of the customer columns.
"""

from __future__ import annotations

import re

from spreadsheets.drafts import Draft
from spreadsheets.platforms._declaration import Platform


def _refine(draft: Draft) -> None:
    """Abandoned checkouts come with the columns of orders; only their file's name tells them apart."""
    if re.search(r"abandon|checkouts?[_ -]export", draft.raw.name, re.IGNORECASE):
        draft.refuse("These are abandoned checkouts: nobody paid them. Export Orders instead.")


ORDERS = Platform(
    slug="shopify",
    label="Shopify",
    kind="orders",
    report="orders",
    words={
        "en": {
            "order_name": "Name",
            "order_key": "Id",
            "email": "Email",
            "order_status": "Financial Status",
            "paid_at": "Paid at",
            "placed_at": "Created at",
            "cancelled_at": "Cancelled at",
            "currency": "Currency",
            "subtotal": "Subtotal",
            "shipping": "Shipping",
            "taxes": "Taxes",
            "order_total": "Total",
            "discounts": "Discount Amount",
            "refunds": "Refunded Amount",
            "country": "Shipping Country | Billing Country",
            "line_title": "Lineitem name",
            "line_quantity": "Lineitem quantity",
            "line_price": "Lineitem price",
            "line_sku": "Lineitem sku",
            "line_discount": "Lineitem discount",
            "source": "Source",
            "fulfilment": "Fulfillment Status",
            "tags": "Tags",
            "discount_code": "Discount Code",
            "payment_method": "Payment Method",
        },
    },
    marks=(
        "Financial Status | Fulfillment Status | Lineitem name | Lineitem quantity | "
        "Lineitem price | Refunded Amount | "
        "Created at | Accepts Marketing | Note Attributes | Lineitem sku"
    ),
    names=r"orders_export",
    refine=_refine,
    personal=(
        r"^(email|phone|notes?|note attributes|employee|tags|device id|receipt number)$|^(billing|shipping) "
        r"(?!country|province|method)|payment (id|reference)"
    ),
    drop={},
)

ANALYTICS = Platform(
    slug="shopify",
    label="Shopify",
    report="analytics",
    words={
        "en": {
            "day": "Day | Date",
            "week": "Week",
            "month": "Month",
            "hour": "Hour of day",
            "product": "Product title | Product",
            "sku": "Product variant SKU | Variant SKU",
            "variant": "Product variant title",
            "vendor": "Product vendor",
            "channel": "Sales channel",
            "country": "Billing country | Shipping country | Session country",
            "source": "Referrer source | Order referrer source",
            "utm_campaign": "UTM campaign name",
            "landing_page": "Landing page path | Landing page URL",
            "device": "Session device type",
            "currency": "Currency",
            "orders": "Orders | Total orders",
            "net_items_sold": "Net items sold | Net quantity | Quantity ordered | Units sold",
            "revenue_gross": "Gross sales",
            "discounts": "Discounts",
            "refunds": "Returns | Sales reversals",
            "revenue_net": "Net sales",
            "shipping": "Shipping charges | Shipping",
            "taxes": "Taxes",
            "total_sales": "Total sales",
            "users": "Online store visitors | Visitors",
            "sessions": "Sessions | Online store sessions",
            "add_to_carts": "Sessions with cart additions",
            "checkouts_started": "Sessions that reached checkout",
            "sessions_completed": "Sessions that completed checkout | Sessions converted",
            "customers": "Customers | New customers | Returning customers",
            "rate": (
                "Checkout conversion rate | Average order value | Conversion rate | Online store conversion rate | Bounce rate | "
                "Added to cart rate"
            ),
        },
    },
    marks=(
        "Net items sold | Gross sales | Net sales | Total sales | Returns | Product variant SKU | "
        "Product title | "
        "Online store visitors | Sessions with cart additions | Sessions that completed checkout | "
        "Sessions that reached checkout | Sales channel | "
        "Order referrer source | Referrer source"
    ),
    patterns=((r"\(previous|\(comparison|previous period|previous year", "rate"),),
)
