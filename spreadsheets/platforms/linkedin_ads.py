"""LinkedIn Campaign Manager: UTF-16LE with tabs, a preamble of four lines and an empty one.

Rows carry the start date only, so an undivided export of several days looks like one day: the
report's stated period decides. A report without delivery ends after the preamble. In 2026
"Campaign Group › Campaign" became "Campaign › Ad Set"; both generations map to campaign › ad group.
"""

from __future__ import annotations

from spreadsheets.drafts import Draft
from spreadsheets.platforms._declaration import Platform

WORDS = {
    "en": {
        "starts_only": "Start Date (in UTC) | Start Date | Start Date (in account time zone) | Date",
        "ends": "End Date (in UTC) | End Date",
        "account": "Account Name",
        "account_id": "Account ID",
        "currency": "Currency",
        "campaign_group": "Campaign Group Name",
        "campaign_group_id": "Campaign Group ID",
        "campaign_group_status": "Campaign Group Status",
        "campaign": "Campaign Name",
        "campaign_id": "Campaign ID",
        "status": "Campaign Status",
        "ad_group": "Ad Set Name",
        "ad_group_id": "Ad Set ID",
        "ad_set_status": "Ad Set Status",
        "objective": "Ad Set Objective | Campaign Objective | Campaign Type | Ad Set Type",
        "ad": "Ad Name | Creative Name",
        "ad_id": "Ad ID | Creative ID",
        "ad_status": "Ad Status | Creative Status",
        "intro_text": "Ad Introduction Text",
        "headline": "Ad Headline",
        "landing_url": "Click URL",
        "spend": "Total Spent",
        "impressions": "Impressions",
        "clicks": "Clicks",
        "link_clicks": "Clicks to Landing Page",
        "engagements": "Total Engagements",
        "likes": "Reactions",
        "comments": "Comments",
        "shares": "Shares",
        "follows": "Follows",
        "conversions": "Conversions",
        "conversion_value": "Total Conversion Value",
        "leads": "Leads",
        "reach": "Reach",
        "views": "Video Views | Views",
        "video_completions": "Video Completions | Completions",
        "video_plays_25": "Views @ 25%",
        "video_plays_50": "Views @ 50%",
        "video_plays_75": "Views @ 75%",
        "average_dwell_time": "Average Dwell Time | Average Dwell Time (in Seconds)",
        "budget": "Daily Budget",
        "total_budget": "Total Budget",
        "ctr": "Click Through Rate | Click Through Rate (CTR)",
        "rate": "Engagement Rate | Conversion Rate | Completion Rate | View Rate",
        "cpm": "Average CPM",
        "cpc": "Average CPC | Average CPE",
        "cpa": "Cost per Conversion | Cost per Lead",
        "frequency": "Average Frequency | Frequency",
    },
    "nl": {
        "starts_only": "Begindatum (in UTC) | Begindatum",
        "account": "Accountnaam",
        "currency": "Valuta",
        "campaign_group": "Naam campagnegroep",
        "campaign": "Campagnenaam",
        "campaign_id": "Campagne-ID",
        "status": "Status campagne",
        "ad_group": "Naam van advertentieset",
        "ad_group_id": "Advertentieset-ID",
        "objective": "Doelstelling van advertentieset",
        "ad": "Advertentienaam",
        "ad_id": "Advertentie-ID",
        "ad_status": "Advertentiestatus",
        "intro_text": "Inleidende advertentietekst",
        "headline": "Kop van advertentie",
        "landing_url": "URL",
        "spend": "Totaal besteed",
        "impressions": "Weergaven",
        "clicks": "Klikken",
        "link_clicks": "Klikken naar bestemmingspagina",
        "engagements": "Aantal interacties",
        "conversions": "Conversies",
        "conversion_value": "Totale conversiewaarde",
        "leads": "Leads",
        "reach": "Bereik",
        "average_dwell_time": "Gemiddelde kijktijd (in seconden) | Gemiddelde kijktijd",
        "budget": "Dagbudget",
        "total_budget": "Totaal budget",
        "ctr": "Doorklikfrequentie (CTR)",
        "cpm": "Gemiddelde CPM",
        "cpc": "Gemiddelde CPC",
    },
    "de": {
        "starts_only": "Startdatum (in UTC) | Startdatum",
        "account": "Kontoname",
        "currency": "Währung",
        "campaign_group": "Name der Kampagnengruppe | Kampagnengruppenname",
        "campaign": "Kampagnenname",
        "campaign_id": "Kampagnen-ID",
        "status": "Kampagnenstatus",
        "ad_group": "Name der Anzeigengruppe",
        "ad": "Anzeigenname | Name der Anzeige",
        "ad_id": "Anzeigen-ID",
        "spend": "Gesamtausgaben | Ausgaben gesamt",
        "impressions": "Impressions | Impressionen",
        "clicks": "Klicks",
        "link_clicks": "Klicks auf die Zielseite | Klicks auf Zielseite",
        "engagements": "Interaktionen gesamt",
        "conversions": "Conversions",
        "leads": "Leads",
        "ctr": "Klickrate (CTR) | Klickrate",
        "cpm": "Durchschnittlicher CPM",
        "cpc": "Durchschnittlicher CPC",
    },
    "fr": {
        "starts_only": "Date de début (en UTC) | Date de début",
        "account": "Nom du compte",
        "currency": "Devise",
        "campaign_group": "Nom du groupe de campagnes",
        "campaign": "Nom de la campagne",
        "campaign_id": "ID de la campagne",
        "ad": "Nom de la publicité",
        "spend": "Total dépensé",
        "impressions": "Impressions",
        "clicks": "Clics",
        "link_clicks": "Clics vers la page de destination",
        "conversions": "Conversions",
        "leads": "Leads",
        "ctr": "Taux de clics",
        "cpm": "CPM moyen",
        "cpc": "CPC moyen",
    },
    "es": {
        "starts_only": "Fecha de inicio (en UTC) | Fecha de inicio",
        "account": "Nombre de la cuenta",
        "currency": "Divisa | Moneda",
        "campaign_group": "Nombre del grupo de campañas",
        "campaign": "Nombre de la campaña",
        "campaign_id": "ID de la campaña",
        "ad": "Nombre del anuncio",
        "spend": "Total gastado | Inversión total",
        "impressions": "Impresiones",
        "clicks": "Clics",
        "conversions": "Conversiones",
        "cpm": "CPM medio",
        "cpc": "CPC medio",
    },
}


def _refine(draft: Draft) -> None:
    """Both generations of names; some exports carry the end date as well."""
    if draft.has("ends"):
        draft.rename("starts_only", "starts")
    if draft.has("campaign_group") and not draft.has("ad_group"):
        draft.rename("campaign", "ad_group")
        draft.rename("campaign_id", "ad_group_id")
        draft.rename("campaign_group", "campaign")
        draft.rename("campaign_group_id", "campaign_id")


PLATFORM = Platform(
    slug="linkedin_ads",
    label="LinkedIn Ads",
    words=WORDS,
    marks=(
        "Start Date (in UTC) | Total Spent | Campaign Group Name | Clicks to Landing Page | "
        "Total Engagements | "
        "Ad Introduction Text | Average Dwell Time | Ad Set Objective | Begindatum (in UTC) | "
        "Totaal besteed | "
        "Klikken naar bestemmingspagina | Aantal interacties | Inleidende advertentietekst | "
        "Startdatum (in UTC) | "
        "Gesamtausgaben | Total dépensé | Date de début (en UTC) | Total gastado | "
        "Fecha de inicio (en UTC) | Click Through Rate"
    ),
    titles=(
        r"performance report \(in |^rapport met \S*prestaties|leistungsbericht \(in |^report start:|^begindatum van rapport|"
        r"^date generated:|^datum aangemaakt|^berichtsbeginn:|rapport de performance|informe de rendimiento .*\(en utc\)"
    ),
    refine=_refine,
)
