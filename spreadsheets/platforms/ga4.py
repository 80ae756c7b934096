"""Google Analytics 4: reports, snapshots with many tables, explorations with a grand-total row.

Lines that start with `#` name account, property and period; a snapshot holds a table per card, each
with its own period. `Nth day` counts from the period's first day. Ratios are fractions.
"""

from __future__ import annotations

import re

from spreadsheets.drafts import Draft
from spreadsheets.platforms._declaration import Platform
from spreadsheets.sheets import Sheet
from spreadsheets.tables import RawTable, commented_tables

WORDS = {
    "en": {
        "day": "Date",
        "nth_day": "Nth day",
        "nth_week": "Nth week",
        "nth_month": "Nth month",
        "month": "Year month | Month of year",
        "hour": "Hour",
        "campaign": "Session campaign | First user campaign | Campaign | Session manual campaign name",
        "campaign_id": "Session campaign ID",
        "channel_group": (
            "Session primary channel group (Default channel group) | Session default channel group | "
            "Session default channel grouping | First user primary channel group (Default channel group) | "
            "First user default channel group | First user default channel grouping | "
            "Default channel group | "
            "Primary channel group (Default channel group) | Session primary channel group | "
            "First user primary channel group"
        ),
        "source_medium": (
            "Session source / medium | First user source / medium | Source / medium | Session source/medium"
        ),
        "source": "Session source | First user source | Source | Session source platform",
        "medium": "Session medium | First user medium | Medium",
        "page": (
            "Page path and screen class | Page title and screen class | Page title and screen name | "
            "Page path | "
            "Page title | Page path + query string | Page path + query string and screen class | "
            "Full page URL | Page location"
        ),
        "landing_page": "Landing page | Landing page + query string",
        "event": "Event name",
        "product": "Item name | Item ID",
        "country": "Country | Country ID",
        "region": "Region",
        "city": "City",
        "device": "Device category | Device",
        "browser": "Browser",
        "os": "Operating system | OS with version",
        "app_platform": "Platform | Platform / device category",
        "language": "Language",
        "age": "Age",
        "gender": "Gender",
        "interest": "Interests",
        "audience": "Audience name",
        "user_type": "New / established | New / returning",
        "users": "Users | Total users",
        "active_users": "Active users",
        "new_users": "New users",
        "returning_users": "Returning users",
        "active_users_30d": "30 days | 30-day active users",
        "active_users_7d": "7 days | 7-day active users",
        "active_users_1d": "1 day | 1-day active users",
        "sessions": "Sessions",
        "engaged_sessions": "Engaged sessions",
        "pageviews": "Views | Screen views | Screen page views | Pageviews",
        "event_count": "Event count",
        "key_events": "Key events | Conversions",
        "conversions": "Ecommerce purchases | Transactions | Purchases",
        "conversion_value": (
            "Total revenue | Purchase revenue | Event revenue | Item revenue | Gross item revenue"
        ),
        "add_to_carts": "Add to carts | Items added to cart",
        "checkouts_started": "Checkouts | Items checked out",
        "product_views": "Items viewed | Item views",
        "items_purchased": "Items purchased",
        "purchasers": "Total purchasers | First time purchasers",
        "watch_time_s": "User engagement",
        "impressions": "Google Ads impressions | Organic Google Search impressions",
        "clicks": "Google Ads clicks | Organic Google Search clicks",
        "spend": "Google Ads cost | Ads cost",
        "currency": "Currency",
        "rate": (
            "Engagement rate | Bounce rate | Average engagement time | Average engagement time per session | "
            "Average engagement time per active user | Average engagement time per user | "
            "Session key event rate | "
            "User key event rate | Session conversion rate | User conversion rate | "
            "Events per session | Views per session | "
            "Event count per user | Event count per active user | Views per user | "
            "Views per active user | Sessions per user | "
            "Engaged sessions per user | Engaged sessions per active user | Average purchase revenue | "
            "Average session duration | ARPU | Average revenue per user | Key event rate"
        ),
    },
    "de": {
        "day": "Datum",
        "channel_group": (
            "Sitzung - Standard-Channelgruppe | "
            "Sitzung - primäre Channelgruppe (Standard-Channelgruppe) | "
            "Sitzung – Standard-Channelgruppierung"
        ),
        "source_medium": "Sitzung - Quelle/Medium | Sitzung – Quelle / Medium",
        "page": (
            "Seitenpfad und Bildschirmklasse | Seitentitel und Bildschirmklasse | "
            "Seitentitel und Bildschirmname"
        ),
        "landing_page": "Landingpage | Zielseite",
        "event": "Ereignisname",
        "country": "Land",
        "device": "Gerätekategorie",
        "users": "Nutzer | Nutzer insgesamt | Gesamtzahl der Nutzer",
        "active_users": "Aktive Nutzer",
        "new_users": "Neue Nutzer",
        "sessions": "Sitzungen",
        "engaged_sessions": "Sitzungen mit Interaktionen",
        "pageviews": "Aufrufe",
        "event_count": "Ereignisanzahl",
        "key_events": "Schlüsselereignisse | Conversions",
        "conversion_value": "Gesamtumsatz",
        "rate": "Engagement-Rate | Absprungrate | Durchschnittliche Interaktionsdauer",
    },
    "fr": {
        "day": "Date",
        "channel_group": (
            "Groupe de canaux par défaut de la session | "
            "Groupe de canaux principal de la session (Groupe de canaux par défaut)"
        ),
        "source_medium": "Source/Support de la session | Session – Source/Support",
        "page": "Chemin de la page et classe de l'écran | Titre de la page et classe de l'écran",
        "landing_page": "Page de destination",
        "event": "Nom de l'événement",
        "country": "Pays",
        "device": "Catégorie d'appareil",
        "users": "Utilisateurs | Nombre total d'utilisateurs",
        "active_users": "Utilisateurs actifs",
        "new_users": "Nouveaux utilisateurs",
        "sessions": "Sessions",
        "engaged_sessions": "Sessions avec engagement",
        "pageviews": "Vues",
        "event_count": "Nombre d'événements",
        "key_events": "Événements clés | Conversions",
        "conversion_value": "Revenu total",
    },
    "es": {
        "day": "Fecha",
        "channel_group": (
            "Grupo de canales predeterminado de la sesión | "
            "Grupo de canales principal de la sesión (Grupo de canales predeterminado)"
        ),
        "source_medium": "Fuente/medio de la sesión",
        "page": "Ruta de página y clase de pantalla | Título de página y clase de pantalla",
        "landing_page": "Página de destino",
        "event": "Nombre del evento",
        "country": "País",
        "device": "Categoría de dispositivo",
        "users": "Usuarios | Usuarios totales | Total de usuarios",
        "active_users": "Usuarios activos",
        "new_users": "Usuarios nuevos | Nuevos usuarios",
        "sessions": "Sesiones",
        "engaged_sessions": "Sesiones con interacción",
        "pageviews": "Vistas | Visualizaciones",
        "event_count": "Número de eventos",
        "key_events": "Eventos clave | Conversiones",
        "conversion_value": "Ingresos totales",
    },
    "pt": {
        "day": "Data",
        "channel_group": (
            "Grupo de canais padrão da sessão | Grupo principal de canais da sessão (Grupo de canais padrão)"
        ),
        "source_medium": "Origem/mídia da sessão | Sessão – Origem / mídia",
        "page": "Caminho da página e classe da tela | Título da página e classe da tela",
        "landing_page": "Página de destino",
        "event": "Nome do evento",
        "country": "País",
        "device": "Categoria do dispositivo",
        "users": "Usuários | Total de usuários",
        "active_users": "Usuários ativos",
        "new_users": "Novos usuários",
        "sessions": "Sessões",
        "engaged_sessions": "Sessões engajadas",
        "pageviews": "Visualizações",
        "event_count": "Contagem de eventos",
        "key_events": "Eventos principais | Conversões",
        "conversion_value": "Receita total",
    },
}

_STARTS = "start date|startdatum|date de début|fecha de inicio|data de início|data di inizio|開始日|开始日期"
_LABELS = {
    "account": r"^(?:account|konto|compte|cuenta|conta):\s*(.+)",
    "property": r"^(?:property|property name|propriété|propiedad|propriedade|property-name):\s*(.+)",
    "start": rf"^(?:{_STARTS}):\s*(\d{{8}})",
    "end": r"^(?:end date|enddatum|date de fin|fecha de finalización|data de término|data di fine|終了日|结束日期):\s*(\d{8})",
}


def _unlay(sheet: Sheet) -> list[RawTable] | None:
    """The tables of a file with `#` comments: on top, or before a later table when the first was cut off."""
    head = [[cell.strip() for cell in row if cell.strip()] for row in sheet.head()]
    first = next((row for row in head if row), [""])
    on_top = len(first) == 1 and re.match(r"^#(\s|$)", first[0])
    dated = any(row and re.match(rf"^# ?(?:{_STARTS}):? ?\d{{8}}", row[0], re.IGNORECASE) for row in head)
    return commented_tables(sheet) if on_top or dated else None


def _refine(draft: Draft) -> None:
    """Account and period from the comments; a retention table is nothing to import."""
    if sum(bool(re.fullmatch(r"(?:week|day|month) \d+", header)) for header in draft.headers) > 1:
        draft.refuse(
            "A retention table: each cell is a share of a cohort, which is not a daily number. Nothing to import."
        )
        return
    draft.table.account = (
        draft.preamble_value(_LABELS["property"]) or draft.preamble_value(_LABELS["account"]) or None
    )
    start, end = draft.preamble_value(_LABELS["start"]), draft.preamble_value(_LABELS["end"])
    if start and end:
        draft.state_period(f"{start}-{end}")


PLATFORM = Platform(
    slug="ga4",
    label="Google Analytics 4",
    words=WORDS,
    marks=(
        "Session primary channel group (Default channel group) | Session default channel group | "
        "Session source / medium | "
        "First user default channel group | Event count | Engaged sessions | Engagement rate | "
        "Key events | Nth day | Nth week | "
        "Page path and screen class | Page title and screen class | First user source / medium | "
        "Session key event rate | "
        "Average engagement time per session | Event count per user | "
        "Session default channel grouping | Active users | "
        "Average engagement time per active user | Sitzungen mit Interaktionen | Ereignisanzahl | "
        "Sessions avec engagement"
    ),
    titles=r"^# ?-{5,}|^# report csv export|^# (account|property|start date|end date|dashboard report)\b",
    unlay=_unlay,
    refine=_refine,
    fallbacks={"users": ("active_users",)},
)
