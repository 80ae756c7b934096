"""Stripe payments: "Unified payments" and the older charges export.

Amounts are in major units of the charge's currency; converted amount, fee and taxes are in the
settlement currency. Test-mode and failed charges are no orders. People choose the columns.
"""

from __future__ import annotations

from spreadsheets.platforms._declaration import Platform

PLATFORM = Platform(
    slug="stripe",
    label="Stripe",
    kind="orders",
    report="payments",
    words={
        "en": {
            "order_key": "id",
            "payment_intent": "PaymentIntent ID",
            "invoice": "Invoice Number",
            "placed_at": "Created date (UTC) | Created (UTC)",
            "order_total": "Amount",
            "refunds": "Amount Refunded",
            "refunded_at": "Refunded date (UTC)",
            "currency": "Currency",
            "captured": "Captured",
            "amount_converted": "Converted Amount",
            "refunds_converted": "Converted Amount Refunded",
            "currency_converted": "Converted Currency",
            "fees": "Fee",
            "fee_taxes": "Taxes On Fee | Tax",
            "mode": "Mode",
            "order_status": "Status",
            "country": "Card Address Country | Card Issue Country",
            "email": "Customer Email",
            "customer_id": "Customer ID",
            "utm_campaign": "UTM Campaign | utm_campaign (metadata)",
            "medium": "UTM Medium | utm_medium (metadata)",
            "source": "UTM Source | utm_source (metadata)",
            "invoice_id": "Invoice ID",
            "description": "Description",
        },
    },
    marks=(
        "Created date (UTC) | Created (UTC) | Converted Amount | Converted Currency | "
        "PaymentIntent ID | Statement Descriptor | "
        "Seller Message | Taxes On Fee | Payment Source Type | Card Funding | Card Brand | "
        "Amount Refunded | Card Issue Country"
    ),
    names=r"unified_payments|stripe",
    personal=(
        r"customer (email|phone|description)|card (name|address (?!country)|last4|fingerprint|id|exp)|shipping|description|"
        r"receipt|client reference"
    ),
)
