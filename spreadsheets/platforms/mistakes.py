"""Files that are uploaded by mistake: recognised, so that the person is told instead of guessed at."""

# ruff: noqa: E501  (word lists read better whole)

from __future__ import annotations

from spreadsheets.platforms._declaration import Platform


def _mistake(report: str, label: str, headers: str, note: str, names: str = "", titles: str = "") -> Platform:
    words = {f"column_{number}": header for number, header in enumerate(headers.split(" | "))}
    return Platform(
        slug="", label=label, kind="not_data", report=report, words={"en": words}, marks=headers, note=note, names=names,
        titles=titles,
    )  # fmt: skip


PLATFORMS = (
    _mistake(
        "indexing", "Search Console indexing report", "Reason | Validation | Affected pages | Not indexed | Indexed | Validación | Páginas afectadas | Sin indexar | Indexadas | Raison | Pages concernées | Motivo | Grund | Betroffene Seiten | Quelle | Überprüfung",
        "This is Search Console's indexing report, which has no clicks. Export Performance › Search results instead.",
        names=r"coverage-|page-indexing|critical issues|problemas críticos|metadata\.csv|metadatos",
    ),
    _mistake(
        "billing", "Google Ads billing activity", "Invoice number | Payment method | Billing setup | Document number | Transaction type | Charges | Payments | Running balance | Account budget",
        "This is a billing document, not a performance report. Export Campaigns › Download instead.",
        titles=r"^(billing|transactions?|payment) (activity|history|report)",
    ),
    _mistake(
        "bulk_sheet", "Google Ads bulk sheet", "Row Type | Action | Criterion Type | Bid Strategy Type | Final URL suffix | Tracking template | Customer ID | Ad Group Desktop Bid Modifier | Networks | Campaign Daily Budget | EU political ads",
        "This is a Google Ads Editor or bulk upload sheet: settings, not results. Download a report instead.",
    ),
    _mistake(
        "keyword_plan", "Keyword planner list", "Avg. monthly searches | Competition (indexed value) | Top of page bid (low range) | Top of page bid (high range) | Three month change | YoY change | Ad impression share | Competition",
        "This is a Keyword Planner list: search volumes of the market, not your results.",
        titles=r"^keyword stats \d{4}|^keyword (ideas|plan)",
    ),
    _mistake(
        "ad_library", "Meta Ad Library", "ad_archive_id | ad_creation_time | ad_creative_bodies | ad_delivery_start_time | page_name | publisher_platforms | Library ID | estimated_audience_size | ad_snapshot_url | bylines",
        "This is a Meta Ad Library download: other advertisers' ads without exact numbers.",
    ),
    _mistake(
        "positions", "Position tracking", "Search Volume | Keyword Difficulty | Previous position | Traffic (%) | Traffic Cost | SERP Features by Keyword | Keyword Intents | Position Type | Current position | Current URL | KD | SERP features",
        "This is a rank tracker's list of positions: estimates of another tool, not your results.",
    ),
    _mistake(
        "etsy", "Etsy sold items", "Sale Date | Item Name | Buyer | Coupon Code | Discount Amount | Order Shipping | Order Sales Tax | Item Total | Listing ID | Transaction ID | Order Total | Date Shipped | Ship Name | SKU | VAT Paid by Buyer",
        "This is an Etsy sales file, which isn't supported yet. Map its columns in the template instead.",
    ),
    _mistake(
        "amazon_seller", "Amazon seller orders", "order-id | order-item-id | purchase-date | payments-date | buyer-email | buyer-name | sku | product-name | quantity-purchased | item-price | amazon-order-id | merchant-order-id | ship-service-level | order-status | sales-channel",
        "This is an Amazon seller's order report, which isn't supported yet. Use the template instead.",
    ),
    _mistake(
        "bigcommerce", "BigCommerce orders", "Order ID | Customer ID | Customer Name | Customer Email | Order Status | Order Date | Subtotal (inc tax) | Subtotal (ex tax) | Shipping Cost (inc tax) | Order Total (inc tax) | Order Total (ex tax) | Email Address | Store Credit Redeemed",
        "This is a BigCommerce orders file, which isn't supported yet. Use the template instead.",
    ),
)  # fmt: skip
