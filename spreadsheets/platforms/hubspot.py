"""HubSpot deals: headers are property labels or internal names; only won deals count as orders.

Owners and contacts are persons. Dates have no zone (portal time).
"""

from __future__ import annotations

from spreadsheets.platforms._declaration import Platform

PLATFORM = Platform(
    slug="hubspot",
    label="HubSpot",
    kind="orders",
    report="deals",
    words={
        "en": {
            "order_key": "Record ID | hs_object_id | Deal ID | Record ID - Deal",
            "order_name": "Deal Name | dealname",
            "deal_stage": "Deal Stage | dealstage",
            "placed_at": "Close Date | closedate",
            "created_at": "Create Date | createdate",
            "net": "Amount | amount",
            "currency": "Currency | deal_currency_code",
            "pipeline": "Pipeline | pipeline",
            "won": "Is Closed Won | Is closed won | hs_is_closed_won",
            "lost": "Is closed lost | hs_is_closed_lost",
            "source": "Original Source Type | Original Traffic Source | hs_analytics_source",
            "customer_id": "Associated Company IDs | Associated Contact IDs | Associated Contact ID",
            "deal_type": "Deal Type | dealtype",
        },
        "de": {
            "order_key": "Datensatz-ID",
            "order_name": "Dealname | Deal-Name",
            "deal_stage": "Deal-Phase | Dealphase",
            "placed_at": "Abschlussdatum",
            "created_at": "Erstellungsdatum",
            "net": "Betrag",
            "currency": "Währung",
        },
        "fr": {
            "order_key": "ID de fiche d'information",
            "order_name": "Nom de la transaction",
            "deal_stage": "Phase de la transaction",
            "placed_at": "Date de fermeture",
            "created_at": "Date de création",
            "net": "Montant",
        },
        "es": {
            "order_key": "ID de registro | ID de registro.",
            "order_name": "Nombre del negocio",
            "deal_stage": "Etapa del negocio",
            "placed_at": "Fecha de cierre",
            "created_at": "Fecha de creación",
            "net": "Valor | Importe",
        },
    },
    marks=(
        "Deal Name | Deal Stage | Deal owner | dealname | dealstage | Close Date | closedate | "
        "Is closed lost | Deal-Phase | Phase de la transaction | Etapa del negocio"
    ),
    names=r"hubspot",
    personal=r"owner|^associated (contact|company|note)$|contact|propietario|propriétaire|zuständig",
)
