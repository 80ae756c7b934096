"""Files that are uploaded by mistake: recognised, so that the person is told instead of guessed at."""

from __future__ import annotations

from spreadsheets.platforms._declaration import Platform


def _mistake(
    report: str,
    label: str,
    headers: str,
    note: str,
    names: str = "",
    titles: str = "",
    certain: tuple[str, ...] = (),
) -> Platform:
    words = {f"column_{number}": header for number, header in enumerate(headers.split(" | "))}
    return Platform(
        slug="", label=label, kind="not_data", report=report, words={"en": words}, marks=headers, note=note, names=names,
        titles=titles, certain=certain,
    )  # fmt: skip


PLATFORMS = (
    _mistake(
        "indexing", "Search Console indexing report", "Reason | Validation | Affected pages | Not indexed | Indexed | Validación | Páginas afectadas | Sin indexar | Indexadas | Raison | Pages concernées | Motivo | Grund | Betroffene Seiten | Quelle | Überprüfung",
        "This is Search Console's indexing report, which has no clicks. Export Performance › Search results instead.",
        names=r"coverage-|page-indexing|critical issues|problemas (no )?críticos|problèmes (non )?critiques|metadata\.csv|metadatos|métadonnées",
        certain=(
            "Date | Not indexed | Indexed", "Fecha | Sin indexar | Indexadas", "Date | Non indexées | Dans l'index",
            "Datum | Nicht indexiert | Indexiert", "Data | Não indexadas | Indexadas", "Data | Non indicizzate | Indicizzate",
            "Reason | Source | Validation | Pages", "Motivo | Fuente | Validación | Páginas", "Raison | Source | Validation | Pages",
            "Grund | Quelle | Überprüfung | Seiten", "Motivo | Origem | Validação | Páginas", "= URL | Last crawled",
            "= Property | Value", "= Propiedad | Valor", "= Propriété | Valeur", "= URL | Último rastreo", "= URL | Dernière exploration", "= Date | Affected pages",
        ),
    ),
    _mistake(
        "billing", "Google Ads billing activity", "Invoice number | Payment method | Billing setup | Document number | Transaction type | Charges | Payments | Running balance | Account budget",
        "This is a billing document, not a performance report. Export Campaigns › Download instead.",
        titles=(
            r"^(billing|transactions?|payment) (activity|history|report)|^relatório de atividade de faturamento|^informe de actividad de facturación|"
            r"^rapport (sur l')?d?'?activité de facturation|^bericht zu abrechnungsaktivitäten|^abrechnungsaktivität"
        ),
        certain=("Data | Tipo | Descrição | Saldo atual", "Date | Type | Description | Running balance", "Fecha | Tipo | Descripción | Saldo actual"),
    ),
    _mistake(
        "bulk_sheet", "Google Ads bulk sheet", "Row Type | Action | Criterion Type | Bid Strategy Type | Final URL suffix | Tracking template | Customer ID | Ad Group Desktop Bid Modifier | Networks | Campaign Daily Budget | EU political ads",
        "This is a Google Ads Editor or bulk upload sheet: settings, not results. Download a report instead.",
        certain=("Row Type | Action", "Campaign | Campaign Daily Budget | Networks", "Campaign | Ad Group | Criterion Type", "Campaign | Labels | Campaign Type | Networks"),
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
        "customers", "List of customers", "Delinquent | Total Spend | Payment Count | Accepts Email Marketing | Accepts SMS Marketing | Total Spent | Total Orders | MEMBER_RATING | OPTIN_TIME | LEID | EUID",
        "This is a list of people, not of orders. Export the payments, orders or campaigns instead.",
        certain=("Total Spend | Payment Count", "Email | Total Spent | Total Orders", "MEMBER_RATING | OPTIN_TIME", "Email Address | Accepts Email Marketing"),
    ),
    _mistake(
        "lead_form", "Lead form download", "form_id | form_name | is_organic | lead_status | adset_id | created_time",
        "This is a download of lead forms: people's answers. Leads are counted from the campaign reports.",
        certain=("form_id | is_organic", "form_id | form_name"),
    ),
    _mistake(
        "products", "Shop products or stock", "Handle | Title | Body (HTML) | Variant SKU | Option1 Name | On hand (current)",
        "This is a shop's list of products or its stock: it holds no sales. Export orders instead.",
        certain=("Handle | Title | Body (HTML)", "Handle | Title | Option1 Name | Location"),
    ),
    _mistake(
        "paypal", "PayPal activity", "Time zone | TimeZone | Gross | Net | Balance | Balance Impact | Transaction ID | From Email Address",
        "This is a PayPal activity file, which isn't supported yet. Map its columns in the template instead.",
        certain=("Date | Time | TimeZone | Gross | Fee | Net", "Date | Time | Time zone | Gross | Fee | Net"),
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
