"""Amazon Ads (Sponsored Products and its siblings): one sheet, header in row 1, no totals.

The attribution window (7 or 14 days) stands in the headers and becomes metadata; only one window is
stored. Money keeps its currency in the number format and usually in a column. The campaign
manager's CSV writes `Rs.201.68` and `Feb 1, 2020`, and its `Start Date` is the campaign's start.
"""

from __future__ import annotations

import re

from spreadsheets.drafts import Draft
from spreadsheets.platforms._declaration import Platform

WORDS = {
    "en": {
        "day": "Date",
        "starts": "Start Date",
        "ends": "End Date",
        "account": "Account name | Advertiser name",
        "account_id": "Advertiser ID",
        "portfolio": "Portfolio name | Portfolio Name",
        "campaign": "Campaign Name | Campaign | Campaigns",
        "campaign_id": "Campaign ID",
        "status": "Status | State | Campaign Status",
        "ad_group": "Ad Group Name | Ad group",
        "ad_group_id": "Ad Group ID",
        "ad_id": "Ad ID",
        "campaign_type": "Campaign Type | Type",
        "targeting_type": "Targeting Type",
        "bidding_strategy": "Bidding strategy | Campaign bidding strategy",
        "keyword": "Targeting | Keyword",
        "search_term": "Customer Search Term | Search Term",
        "match_type": "Match Type",
        "product": "Advertised ASIN",
        "sku": "Advertised SKU",
        "placement": "Placement | Placement Classification",
        "country": "Country",
        "retailer": "Retailer",
        "currency": "Currency | Budget Currency",
        "budget": "Budget | Daily Budget",
        "impressions": "Impressions",
        "clicks": "Clicks",
        "spend": "Spend | Cost | Total Spend",
        "ctr": "Click-Thru Rate (CTR) | CTR | Clickthrough Rate (CTR)",
        "cpc": "Cost Per Click (CPC) | CPC",
        "cpm": "Cost per 1,000 viewable impressions (VCPM)",
        "acos": "Total Advertising Cost of Sales (ACOS) | ACOS",
        "roas_reported": "Total Return on Advertising Spend (ROAS) | ROAS",
        "new_to_brand_orders": "14 Day New-to-brand Orders (#)",
        "new_to_brand_sales": "14 Day New-to-brand Sales",
    },
    "it": {
        "day": "Data",
        "starts": "Data di inizio",
        "ends": "Data di fine",
        "portfolio": "Nome portfolio | Nome portafoglio",
        "campaign": "Nome campagna | Nome della campagna",
        "ad_group": "Nome gruppo di annunci | Nome del gruppo di annunci",
        "keyword": "Targeting",
        "search_term": "Termine ricerca cliente | Termine di ricerca cliente",
        "match_type": "Tipo di corrispondenza",
        "currency": "Valuta",
        "impressions": "Impressioni",
        "clicks": "Clic",
        "spend": "Spesa",
        "ctr": "Percentuale di clic (CTR)",
        "cpc": "Costo per clic (CPC)",
    },
    "de": {
        "day": "Datum",
        "starts": "Startdatum",
        "ends": "Enddatum",
        "portfolio": "Portfolioname",
        "campaign": "Kampagnenname",
        "ad_group": "Anzeigengruppenname",
        "keyword": "Targeting",
        "search_term": "Suchbegriff eines Kunden | Kundensuchbegriff",
        "match_type": "Übereinstimmungstyp",
        "currency": "Währung",
        "impressions": "Impressionen",
        "clicks": "Klicks",
        "spend": "Ausgaben",
        "ctr": "Klickrate (CTR)",
        "cpc": "Kosten pro Klick (CPC)",
    },
    "zh": {
        "day": "日期",
        "starts": "开始日期",
        "ends": "结束日期",
        "campaign": "广告活动名称",
        "ad_group": "广告组名称",
        "search_term": "客户搜索词",
        "keyword": "投放",
        "currency": "货币",
        "impressions": "展示量",
        "clicks": "点击量",
        "spend": "花费",
    },
}

_WINDOW = re.compile(r"(\d+)\s?(?:day|giorni|tage|tag|天)")


def _refine(draft: Draft) -> None:
    """One window only, named; a campaign's own start date is not the row's."""
    if draft.has("day"):
        draft.forget("starts")
        draft.forget("ends")
    windows = {found[1] for header in draft.headers if (found := _WINDOW.search(header))}
    if windows:
        kept = min(windows, key=int)
        draft.table.attribution = f"{kept}d"
        for meaning in ("conversions", "conversion_value"):
            draft.rename(f"{meaning}:{kept}", meaning)


PLATFORM = Platform(
    slug="amazon_ads",
    label="Amazon Ads",
    words=WORDS,
    marks=(
        "Portfolio name | Customer Search Term | Total Advertising Cost of Sales (ACOS) | "
        "Click-Thru Rate (CTR) | "
        "Total Return on Advertising Spend (ROAS) | 7 Day Total Sales | 7 Day Total Orders (#) | "
        "14 Day Total Sales | "
        "14 Day Total Orders (#) | Cost Per Click (CPC) | Advertised ASIN | Advertised SKU | "
        "Bidding strategy | ACOS | "
        "Termine ricerca cliente | 广告活动名称 | 客户搜索词"
    ),
    titles=r"sponsored (product|brand|display)",
    names=r"sponsored[ _](product|brand|display)|amazon.ads",
    patterns=(
        (r"^last year ", "rate"),
        (
            r"^(\d+) day total sales$|^vendite totali (\d+) giorni$|^(\d+)天总销售额$|^(\d+) tage, umsatz gesamt$",
            r"conversion_value:\1\2\3\4",
        ),
        (
            r"^(\d+) day total orders|^totale ordini \(#\) (\d+) giorni$|^(\d+)天总订单数",
            r"conversions:\1\2\3",
        ),
        (r"^(\d+) day total units", r"units \1 days"),
        (r"^(\d+) day (advertised|other|brand halo) (sku|asin) (units|sales)", r"\2 \3 \4 \1 days"),
        (r"^(\d+) day conversion rate|acos|roas", "rate"),
    ),
    refine=_refine,
)
