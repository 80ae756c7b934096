"""MailerLite classic: the report of a single campaign, as key and value lines."""

from __future__ import annotations

import re

from spreadsheets.drafts import Draft
from spreadsheets.platforms._declaration import Platform
from spreadsheets.sheets import Sheet
from spreadsheets.tables import RawTable, keyed_table

_KEYS = {
    "subject": "Subject",
    "name": "Campaign name",
    "campaign name": "Campaign name",
    "sent": "Sent",
    "total emails sent": "Emails sent",
    "emails sent": "Emails sent",
    "recipients": "Emails sent",
    "opened": "Opened",
    "unique opens": "Opened",
    "clicked": "Clicked",
    "unique clicks": "Clicked",
    "unsubscribed": "Unsubscribed",
    "spam complaints": "Spam complaints",
    "hard bounced": "Hard bounced",
    "soft bounced": "Soft bounced",
    "bounced": "Bounced",
}


def _unlay(sheet: Sheet) -> list[RawTable] | None:
    rows = [row[0].strip().rstrip(":").casefold() for row in sheet.head(12) if any(row)]
    if not rows or rows[0] != "campaign report" or ("campaign results" not in rows and "sent" not in rows):
        return None
    return keyed_table(
        sheet, _KEYS, blocks="", title="Subject", stop=r"^(links?|clicked links|url|reading environment)\b"
    )


def _refine(draft: Draft) -> None:
    if not draft.has("email"):
        draft.rename("subject", "email")
    draft.mail()


def _ours(sheet: Sheet) -> list[RawTable] | None:
    found = _unlay(sheet)
    return (
        found if found and any(re.search("opened|sent", header, re.I) for header in found[0].header) else None
    )


PLATFORM = Platform(
    slug="mailerlite",
    label="MailerLite",
    report="campaigns",
    words={
        "en": {
            "email": "Campaign name",
            "subject": "Subject",
            "day": "Sent",
            "sent": "Emails sent",
            "unique_opens": "Opened",
            "unique_clicks": "Clicked",
            "unsubscribes": "Unsubscribed",
            "spam_complaints": "Spam complaints",
            "hard_bounces": "Hard bounced",
            "soft_bounces": "Soft bounced",
            "bounces": "Bounced",
        },
    },
    marks="Emails sent | Hard bounced | Soft bounced",
    unlay=_ours,
    refine=_refine,
)
