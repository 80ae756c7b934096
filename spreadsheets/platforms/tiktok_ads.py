"""TikTok Ads Manager: no preamble, last row a total ("Total of 12 results"), currency in a column.

Breakdown exports mask low volumes as `<5`. The same ad and day can occur twice: rows are added up.
"""

from __future__ import annotations

from spreadsheets.platforms._declaration import Platform

WORDS = {
    "en": {
        "campaign": "Campaign name | Campaign",
        "campaign_id": "Campaign ID",
        "ad_group": "Ad group name | Ad group | Adgroup name",
        "ad_group_id": "Ad group ID | Adgroup ID",
        "ad": "Ad name",
        "ad_id": "Ad ID",
        "account": "Account name | Advertiser name",
        "account_id": "Account ID | Advertiser ID",
        "day": "Date | By Day | Day | Stat date",
        "week": "By Week",
        "month": "By Month",
        "hour": "By Hour | Hour",
        "currency": "Currency",
        "spend": "Cost | Total cost | Spend",
        "impressions": "Impressions | Impression",
        "clicks": "Clicks (destination) | Destination clicks | Clicks",
        "clicks_all": "Clicks (all)",
        "reach": "Reach",
        "frequency": "Frequency",
        "conversions": "Conversions | Conversion | Total conversions",
        "conversion_value": (
            "Total purchase value | Purchase value | Total complete payment value | "
            "Complete payment value | Conversion value"
        ),
        "purchases": "Total purchase | Purchases | Complete payment | Total complete payment",
        "results": "Results | Result",
        "video_views_2s": "2-second video views",
        "video_views_6s": "6-second video views | Focused views",
        "video_plays": "Video views | Video plays",
        "video_plays_25": "Video views at 25%",
        "video_plays_50": "Video views at 50%",
        "video_plays_75": "Video views at 75%",
        "video_completions": "Video views at 100%",
        "average_play_time_per_user": "Average play time per user | Average watch time per person",
        "average_play_time": "Average play time per video view",
        "interactive_addon_impressions": "Interactive add-on impressions",
        "likes": "Paid likes | Likes",
        "comments": "Paid comments | Comments",
        "shares": "Paid shares | Shares",
        "paid_follows": "Paid follows | Paid followers",
        "profile_visits": "Paid profile visits",
        "status": "Primary status | Status",
        "secondary_status": "Secondary status",
        "primary_source": "Primary source",
        "secondary_source": "Secondary source",
        "attribution_source": "Attribution source",
        "landing_url": "Website URL (Ad level)",
        "objective": "Objective | Advertising objective",
        "budget": "Budget | Campaign budget | Ad group budget",
        "age": "Age",
        "gender": "Gender",
        "country": "Country/Region | Country or region | Country",
        "region": "Province or state | Subregion",
        "placement": "Placement",
        "os": "Operating system | OS",
        "device": "Device",
        "language": "Language",
        "interest": "Interest category | Interest",
        "search_term": "Search term",
        "ctr": "CTR (destination) | CTR (all) | CTR",
        "cpc": "CPC (destination) | CPC (all) | CPC",
        "cpm": "CPM | Cost per 1,000 people reached",
        "cpa": "CPA | Cost per conversion | Cost per result",
        "conversion_rate": (
            "Conversion rate (CVR) | CVR | Conversion rate | CVR (clicks) | Conversion rate (CVR, clicks)"
        ),
        "rate": "Result rate | Real-time result rate",
        "roas_reported": "Complete payment ROAS | Purchase ROAS | Total complete payment ROAS | ROAS",
    },
    "de": {
        "campaign": "Kampagnenname",
        "ad_group": "Anzeigengruppenname",
        "ad": "Anzeigenname",
        "day": "Nach Tag",
        "currency": "Währung",
        "spend": "Kosten",
        "impressions": "Impressionen",
        "clicks": "Klicks (Ziel)",
        "clicks_all": "Klicks (alle)",
        "reach": "Reichweite",
        "conversions": "Conversions",
        "ctr": "CTR (Ziel)",
        "cpc": "CPC (Ziel)",
    },
    "es": {
        "campaign": "Nombre de la campaña",
        "ad_group": "Nombre del grupo de anuncios",
        "ad": "Nombre del anuncio",
        "day": "Por día",
        "currency": "Moneda | Divisa",
        "spend": "Coste | Costo | Gasto",
        "impressions": "Impresiones",
        "clicks": "Clics (destino)",
        "clicks_all": "Clics (todos)",
        "reach": "Alcance",
        "objective": "Objetivo publicitario",
        "video_plays": "Visualizaciones de vídeo | Visualizaciones del video",
        "paid_follows": "Seguidores de pago | Seguidores pagados",
        "profile_visits": "Visitas al perfil pagadas",
        "conversions": "Conversiones",
        "ctr": "CTR (destino)",
        "cpc": "CPC (destino)",
    },
    "fr": {
        "campaign": "Nom de la campagne",
        "ad_group": "Nom du groupe d'annonces | Nom du groupe de publicités",
        "ad": "Nom de la publicité | Nom de l'annonce",
        "day": "Par jour",
        "currency": "Devise",
        "spend": "Coût",
        "impressions": "Impressions",
        "clicks": "Clics (destination)",
        "clicks_all": "Clics (tous)",
        "reach": "Couverture",
        "conversions": "Conversions",
    },
}

PLATFORM = Platform(
    slug="tiktok_ads",
    label="TikTok Ads",
    words=WORDS,
    marks=(
        "Clicks (destination) | CPC (destination) | CTR (destination) | By Day | "
        "2-second video views | 6-second video views | "
        "Average play time per video view | Average play time per user | Primary status | "
        "Secondary status | Primary source | "
        "Interactive add-on impressions | Cost per 1,000 people reached | Conversion rate (CVR) | "
        "Complete payment ROAS | "
        "Paid likes | Adgroup name | Klicks (Ziel) | CPC (Ziel) | Clics (destino) | Impression | "
        "Total complete payment"
    ),
    names=r"tiktok",
    fallbacks={"clicks": ("clicks_all",), "conversions": ("purchases", "results")},
)
