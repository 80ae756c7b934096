"""Klaviyo campaign export. The conversion metric is chosen at export time, so its columns change name.

`Unique <Metric>`, `<Metric> Rate` and `<Metric> Value` are matched by pattern. Variants of a test are
extra rows with the same campaign: they are left out where the campaign has a row of its own.
"""

from __future__ import annotations

from spreadsheets.drafts import Draft
from spreadsheets.platforms._declaration import Platform


def _refine(draft: Draft) -> None:
    draft.mail()


PLATFORM = Platform(
    slug="klaviyo",
    label="Klaviyo",
    report="campaigns",
    words={
        "en": {
            "email": "Campaign Name | Message Name",
            "item_id": "Campaign ID | Message ID",
            "day": "Send Time | Send Date | Sent At",
            "subject": "Subject",
            "list": "List | Lists",
            "tags": "Tags",
            "weekday_text": "Send Weekday",
            "channel_text": "Campaign Channel | Message Channel",
            "sent": "Total Recipients | Recipients",
            "delivered": "Successful Deliveries | Delivered",
            "bounces": "Bounces | Bounced",
            "opens": "Total Opens",
            "unique_opens": "Unique Opens",
            "email_clicks": "Total Clicks",
            "unique_clicks": "Unique Clicks",
            "unsubscribes": "Unsubscribes",
            "spam_complaints": "Spam Complaints",
            "conversions": "Unique Placed Order",
            "total_placed_orders": "Placed Order | Total Placed Order",
            "conversion_value": "Revenue | Placed Order Value",
            "currency": "Currency",
            "winning_variant": "Winning Variant?",
            "variant": "Variant | Variant Name",
            "rate": (
                "Open Rate | Click Rate | Bounce Rate | Spam Complaints Rate | Placed Order Rate | "
                "Unsubscribe Rate | Revenue per Recipient"
            ),
        },
    },
    marks=(
        "Unique Placed Order | Placed Order Rate | Placed Order Value | Winning Variant? | "
        "Campaign Channel | Send Time | Spam Complaints"
    ),
    names=r"klaviyo|campaign[_ ]export|email_campaigns",
    patterns=(
        (r"^unique (?!opens|clicks).+", "conversions"),
        (r" rate$", "rate"),
        (r" value$", "conversion_value"),
    ),
    refine=_refine,
)
