"""Mailchimp: the list of all campaigns, and the report of a single one (key and value lines).

`Bounce Rate` in the list is the website's, not the e-mail's. Cells of a campaign without the
analytics link are `n/a`. Test combinations appear as `Title | Combo 1`.
"""

from __future__ import annotations

import re

from spreadsheets.drafts import Draft
from spreadsheets.platforms._declaration import Platform
from spreadsheets.sheets import Sheet
from spreadsheets.tables import RawTable, keyed_table

_KEYS = {
    "title": "Title",
    "subject line": "Subject",
    "delivery date/time": "Send Date",
    "total recipients": "Total Recipients",
    "successful deliveries": "Successful Deliveries",
    "bounces": "Total Bounces",
    "recipients who opened": "Unique Opens",
    "total opens": "Total Opens",
    "recipients who clicked": "Unique Clicks",
    "total clicks": "Total Clicks",
    "total unsubs": "Unsubscribes",
    "total unsubscribes": "Unsubscribes",
    "total abuse complaints": "Abuse Complaints",
    "total orders": "Total Orders",
    "orders": "Total Orders",
    "total sales": "Total Revenue",
    "total revenue": "Total Revenue",
}


def _unlay(sheet: Sheet) -> list[RawTable] | None:
    """A single campaign's report becomes a table of one row."""
    head = sheet.head(3)
    first = next((row[0].strip() for row in head if any(row)), "")
    if not re.match(r"^(email )?campaign report$", first, re.IGNORECASE):
        return None
    keys = {row[0].strip().rstrip(":").casefold() for row in sheet.head(40) if row[0]}
    if "overall stats" not in keys and not any(re.match(r"combination \d+ stats", key) for key in keys):
        return None
    return keyed_table(
        sheet, _KEYS, blocks=r"^combination (\d+) stats$", title="Title", stop=r"^clicks by url"
    )


def _refine(draft: Draft) -> None:
    draft.mail()


PLATFORM = Platform(
    slug="mailchimp",
    label="Mailchimp",
    report="campaigns",
    words={
        "en": {
            "email": "Title | Campaign Name",
            "item_id": "Unique Id | Campaign Id",
            "day": "Send Date",
            "subject": "Subject",
            "list": "List | Audience",
            "weekday_text": "Send Weekday",
            "folder": "Folder Id",
            "sent": "Total Recipients",
            "delivered": "Successful Deliveries",
            "soft_bounces": "Soft Bounces",
            "hard_bounces": "Hard Bounces",
            "bounces": "Total Bounces",
            "forwards": "Times Forwarded",
            "forwarded_opens": "Forwarded Opens",
            "unique_opens": "Unique Opens",
            "opens": "Total Opens",
            "unique_clicks": "Unique Clicks",
            "email_clicks": "Total Clicks",
            "unsubscribes": "Unsubscribes",
            "spam_complaints": "Abuse Complaints",
            "facebook_likes": "Times Liked on Facebook",
            "conversions": "Total Orders",
            "gross_sales": "Total Gross Sales",
            "conversion_value": "Total Revenue",
            "site_visits": "Visits",
            "new_visits": "New Visits",
            "transactions": "Transactions",
            "goal_revenue": "Revenue Created",
            "campaign_cost": "Campaign Cost",
            "currency": "Currency",
            "rate": (
                "Open Rate | Click Rate | Bounce Rate | Analytics ROI | Pages/Visit | Time on Site | "
                "Goal Conversion Rate | "
                "Per Visit Goal Value | Ecommerce Conversion Rate | Per Visit Value | Average Value"
            ),
        },
    },
    marks=(
        "Soft Bounces | Hard Bounces | Abuse Complaints | Times Forwarded | Forwarded Opens | "
        "Times Liked on Facebook | "
        "Total Gross Sales | Analytics ROI | Send Date | Total Bounces | Folder Id"
    ),
    fallbacks={"conversion_value": ("gross_sales",)},
    unlay=_unlay,
    refine=_refine,
)
