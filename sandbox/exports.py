"""The business's exports: the files that a marketer would download from each tool, as bytes.

Written after what the tools really write (see docs/spreadsheets.md): preambles, totals rows, quoted
thousands, UTF-16, brackets, one order over several lines. All names and addresses are invented.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np

from sandbox.business import ACCOUNTS, AdRow, Business

Cells = Iterable[Sequence[object]]


def _csv(rows: Cells, delimiter: str = ",") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _money(cents: int) -> str:
    return f"{cents / 100:.2f}"


def _sum(rows: Sequence[AdRow], name: str) -> int:
    return sum(getattr(row, name) for row in rows)


def google_ads(business: Business) -> bytes:
    """A campaign report by day: UTF-16 with tabs, two preamble lines, totals at the end."""
    rows = business.ads("google_ads")
    first, last = business.days[0], business.days[-1]
    head = [
        "Day",
        "Campaign status",
        "Campaign",
        "Ad group",
        "Currency code",
        "Impr.",
        "Clicks",
        "Cost",
        "Conversions",
        "Conv. value",
    ]
    body = [
        [
            row.day.isoformat(),
            "Enabled",
            row.group.campaign,
            row.group.name,
            "EUR",
            f"{row.impressions:,}",
            f"{row.clicks:,}",
            _money(row.spend_cents),
            f"{row.conversions:.2f}",
            f"{row.value_cents / 100:,.2f}",
        ]
        for row in _by_group(rows)
    ]
    total = [
        "Total: Account", "", "", "", "EUR", f"{_sum(rows, 'impressions'):,}", f"{_sum(rows, 'clicks'):,}",
        _money(_sum(rows, "spend_cents")), f"{_sum(rows, 'conversions'):,.2f}", f"{_sum(rows, 'value_cents') / 100:,.2f}",
    ]  # fmt: skip
    period = f"{first:%B} {first.day}, {first.year} - {last:%B} {last.day}, {last.year}"
    return _csv([["Ad group report"], [period], head, *body, total], "\t").encode("utf-16")


def _by_group(rows: Sequence[AdRow]) -> list[AdRow]:
    """Ads of one group and day as one row, the way an ad group report has them."""
    found: dict[tuple[object, str, str], AdRow] = {}
    for row in rows:
        key = (row.day, row.group.campaign, row.group.name)
        old = found.get(key)
        if old is None:
            found[key] = row
            continue
        found[key] = AdRow(
            row.day,
            row.group,
            "",
            old.impressions + row.impressions,
            old.clicks + row.clicks,
            old.spend_cents + row.spend_cents,
            old.conversions + row.conversions,
            old.value_cents + row.value_cents,
            old.reach + row.reach,
        )
    return list(found.values())


def meta_ads(business: Business) -> bytes:
    """An ads report by day: UTF-8 with BOM, currency only in the header."""
    return _meta(business.ads("meta_ads"), 1.0)


def meta_ads_restated(business: Business) -> bytes:
    """The last seven days again, downloaded later: Meta has attributed more purchases to them since."""
    return _meta([row for row in business.ads("meta_ads") if row.day > business.days[-8]], 1.12)


def _meta(rows: Sequence[AdRow], restated: float) -> bytes:
    head = [
        "Day", "Campaign name", "Ad set name", "Ad name", "Reach", "Impressions", "Amount spent (USD)", "Clicks (all)",
        "Link clicks", "Purchases", "Purchases conversion value", "Reporting starts", "Reporting ends",
    ]  # fmt: skip
    body = [
        [
            row.day, row.group.campaign, row.group.name, row.ad, row.reach, row.impressions, _money(row.spend_cents),
            row.clicks + row.clicks // 3, row.clicks, round(row.conversions * restated),
            _money(round(row.value_cents * restated)), row.day, row.day,
        ]
        for row in reversed(rows)
    ]  # fmt: skip
    return _csv([head, *body]).encode("utf-8-sig")


def tiktok_ads(business: Business) -> bytes:
    """An ad report by day with a totals row."""
    rows = business.ads("tiktok_ads")
    head = [
        "Campaign name", "Ad group name", "Ad name", "By Day", "Cost", "Impressions", "Clicks (destination)",
        "Conversions", "Currency", "Reach", "2-second video views", "6-second video views",
    ]  # fmt: skip
    body = [
        [
            row.group.campaign, row.group.name, row.ad, row.day, _money(row.spend_cents), row.impressions, row.clicks,
            row.conversions, "GBP", row.reach, int(row.impressions * 0.42), int(row.impressions * 0.19),
        ]
        for row in rows
    ]  # fmt: skip
    total = [f"Total of {len(rows)} results", "-", "-", "-", _money(_sum(rows, "spend_cents")), _sum(rows, "impressions"),
             _sum(rows, "clicks"), _sum(rows, "conversions"), "GBP", "-", "-", "-"]  # fmt: skip
    return _csv([head, *body, total]).encode()


def pinterest_ads(business: Business) -> bytes:
    """An ad report by day; its last three weeks were never downloaded: a stale source."""
    rows = [row for row in business.ads("pinterest_ads") if row.day <= business.days[-22]]
    head = [
        "Date", "Campaign name", "Ad group name", "Ad name", "Ad entity status", "Spend in account currency", "Impressions",
        "Reach", "Result", "Pin clicks", "Outbound clicks", "Saves", "Engagements", "Total conversions (Checkout)",
        "Total order value (Checkout)",
    ]  # fmt: skip
    body = [
        [
            row.day, row.group.campaign, row.group.name, row.ad, "ACTIVE", _money(row.spend_cents), row.impressions,
            row.reach, f"[{row.clicks}]", row.clicks * 2, row.clicks, row.clicks // 2, row.clicks * 2 + row.clicks // 2,
            row.conversions, _money(row.value_cents),
        ]
        for row in rows
    ]  # fmt: skip
    return _csv([head, *body]).encode()


def ga4(business: Business) -> bytes:
    """A traffic acquisition report by day and channel group."""
    first, last = business.days[0], business.days[-1]
    lines = [
        "# ----------------------------------------",
        "# Traffic acquisition: Session primary channel group (Default channel group)",
        "# Account: Harbour & Pine",
        "# Property: harbourandpine.example",
        "# ----------------------------------------",
        "# ",
        f"# Start date: {first:%Y%m%d}",
        f"# End date: {last:%Y%m%d}",
    ]
    head = [
        "Date", "Session primary channel group (Default channel group)", "Sessions", "Engaged sessions", "Event count",
        "Key events", "Total revenue",
    ]  # fmt: skip
    body = []
    for group, counts in business.sessions().items():
        random = business.random(f"ga4{group}")
        engaged = random.binomial(counts, 0.58)
        keyed = random.binomial(counts, 0.021)
        for day, sessions, active, events in zip(business.days, counts, engaged, keyed, strict=True):
            body.append(
                [f"{day:%Y%m%d}", group, sessions, active, sessions * 9, events, f"{events * 74.5:.2f}"]
            )
    return ("\n".join(lines) + "\n" + _csv([head, *body])).encode()


def search_console(business: Business) -> bytes:
    """The zip "Performance on Search": Search Console keeps sixteen months."""
    days = business.days[-486:]
    random = business.random("search")
    impressions = random.poisson(5200 * business.demand[-486:])
    clicks = random.binomial(impressions, 0.031)
    position = random.normal(14.2, 0.6, len(days))
    chart = [
        [day, c, i, f"{c / i:.2%}", f"{p:.1f}"]
        for day, c, i, p in zip(days, clicks, impressions, position, strict=True)
    ]
    queries = [
        ["harbour and pine", 900, 2100, "42.86%", "1.2"],
        ["rain jacket sale", 310, 14200, "2.18%", "9.4"],
    ]
    columns = ["Clicks", "Impressions", "CTR", "Position"]
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        files: tuple[tuple[str, list[list[object]]], ...] = (
            ("Chart.csv", [["Date", *columns], *chart]),
            ("Queries.csv", [["Top queries", *columns], *queries]),
            ("Filters.csv", [["Filter", "Value"], ["Search type", "Web"], ["Date", "Last 16 months"]]),
        )
        for name, rows in files:
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), _csv(rows), zipfile.ZIP_DEFLATED)
    return file.getvalue()


def klaviyo(business: Business) -> bytes:
    """Campaign performance: two e-mails a week."""
    random = business.random("klaviyo")
    head = [
        "Campaign Name", "Subject", "List", "Send Time", "Send Weekday", "Total Recipients", "Unique Placed Order",
        "Placed Order Rate", "Revenue", "Unique Opens", "Open Rate", "Total Opens", "Unique Clicks", "Click Rate",
        "Total Clicks", "Unsubscribes", "Spam Complaints", "Successful Deliveries", "Bounces", "Campaign ID", "Campaign Channel",
    ]  # fmt: skip
    body = []
    sent = [day for day in business.days if day.weekday() in {1, 4}]
    for n, day in enumerate(sent):
        total = 9_000 + n * 60
        bounces = int(random.binomial(total, 0.006))
        delivered = total - bounces
        opens, clicks = int(random.binomial(delivered, 0.41)), int(random.binomial(delivered, 0.019))
        orders = int(random.binomial(clicks, 0.06))
        body.append(
            [
                f"{day:%Y-%m-%d} {'Tuesday tips' if day.weekday() == 1 else 'Weekend offer'}", "Out and about", "Newsletter",
                f"{day} 08:00:00", f"{day:%A}", total, orders, f"{orders / delivered:.4%}", f"{orders * 81.3:.2f}", opens,
                f"{opens / delivered:.2%}", int(opens * 1.4), clicks, f"{clicks / delivered:.2%}", int(clicks * 1.3),
                int(random.binomial(delivered, 0.0011)), int(random.binomial(delivered, 0.00008)), delivered, bounces,
                f"01HP{n:06d}", "email",
            ]
        )  # fmt: skip
    return _csv([head, *body]).encode()


PRODUCTS = (
    ("Fjord rain jacket", "FJ-100", 129.0),
    ("Pine stove", "PS-200", 64.5),
    ("Harbour lantern", "HL-300", 39.0),
    ("Dry bag 20 l", "DB-400", 24.9),
    ("Wool beanie", "WB-500", 19.9),
)
_ORDER_HEAD = [
    "Name",
    "Email",
    "Financial Status",
    "Paid at",
    "Currency",
    "Subtotal",
    "Shipping",
    "Taxes",
    "Total",
    "Discount Code",
    "Discount Amount",
    "Created at",
    "Lineitem quantity",
    "Lineitem name",
    "Lineitem price",
    "Lineitem sku",
    "Billing Country",
    "Refunded Amount",
    "Id",
    "Source",
]


def shopify(business: Business) -> bytes:
    """The orders export: one row a line item, order cells only on the first row of an order."""
    random = business.random("shopify")
    rows: list[Sequence[object]] = [_ORDER_HEAD]
    number, people = 1000, 0
    for day, count in zip(business.days, business.order_counts(), strict=True):
        for _ in range(int(count)):
            number += 1
            if people and random.random() < 0.34:
                customer = int(random.random() * people)
            else:
                customer, people = people, people + 1
            rows += _order(random, day, number, customer)
    return _csv(rows).encode()


def _pick(random: np.random.Generator, options: Sequence[Any], parts: Sequence[float]) -> Any:
    """One of the options by its part of the whole; numpy's own choice takes ten times as long for one draw."""
    drawn = random.random()
    for option, part in zip(options, parts, strict=True):
        drawn -= part
        if drawn < 0:
            return option
    return options[-1]


def _order(random: np.random.Generator, day: date, number: int, customer: int) -> list[list[object]]:
    count = _pick(random, (1, 2, 3), (0.62, 0.28, 0.10))
    lines = [
        (PRODUCTS[int(random.random() * len(PRODUCTS))], _pick(random, (1, 2), (0.86, 0.14)))
        for _ in range(count)
    ]
    gross = sum(product[2] * quantity for product, quantity in lines)
    discount = round(gross * 0.1, 2) if random.random() < 0.18 else 0.0
    shipping = 0.0 if gross > 60 else 4.9
    total = round(gross - discount + shipping, 2)
    refunded = total if random.random() < 0.035 else 0.0
    at = datetime.combine(day, time(7)) + timedelta(minutes=int(random.random() * 16 * 60))
    stamp = f"{at:%Y-%m-%d %H:%M:%S} +0100"
    country = _pick(random, ("DE", "US", "GB", "SE"), (0.46, 0.29, 0.16, 0.09))
    head = [
        f"#{number}", f"customer{customer}@example.com", "refunded" if refunded else "paid", stamp, "EUR",
        f"{gross - discount:.2f}", f"{shipping:.2f}", f"{total * 0.16:.2f}", f"{total:.2f}", "TRAIL10" if discount else "",
        f"{discount:.2f}", stamp,
    ]  # fmt: skip
    tail = [country, f"{refunded:.2f}", 5_000_000_000_000 + number, "web"]
    found: list[list[object]] = []
    for n, (product, quantity) in enumerate(lines):
        item = [quantity, product[0], f"{product[2]:.2f}", product[1]]
        found.append(
            [*head, *item, *tail] if n == 0 else [head[0], head[1], *[""] * 10, *item, "", "", "", ""]
        )
    return found


FILES: dict[str, Callable[[Business], bytes]] = {
    "Ad group report.csv": google_ads,
    "Harbour-Pine-US-Ads.csv": meta_ads,
    "Harbour-Pine-US-Ads (1).csv": meta_ads_restated,
    "TikTok ad report.csv": tiktok_ads,
    "pinterest-ads-report.csv": pinterest_ads,
    "traffic-acquisition.csv": ga4,
    "harbourandpine.example-Performance-on-Search.zip": search_console,
    "klaviyo-campaigns.csv": klaviyo,
    "orders_export.csv": shopify,
}
"""File names and what writes them, in the order in which they are imported."""

ANSWERS: dict[str, dict[str, str]] = {
    "Ad group report.csv": {"account": ACCOUNTS["google_ads"].name},
    "Harbour-Pine-US-Ads.csv": {"account": ACCOUNTS["meta_ads"].name},
    "Harbour-Pine-US-Ads (1).csv": {"account": ACCOUNTS["meta_ads"].name},
    "TikTok ad report.csv": {"account": ACCOUNTS["tiktok_ads"].name},
    "pinterest-ads-report.csv": {"account": ACCOUNTS["pinterest_ads"].name, "currency": "SEK"},
    "traffic-acquisition.csv": {"account": "harbourandpine.example", "currency": "EUR"},
    "harbourandpine.example-Performance-on-Search.zip": {"account": "harbourandpine.example"},
    "klaviyo-campaigns.csv": {"account": "Harbour & Pine", "currency": "USD"},
    "orders_export.csv": {"account": "harbour-and-pine"},
}
"""What the person who uploads them would answer."""
