"""Meta Ads Manager and Ads Reporting.

CSV is UTF-8 with BOM; no preamble. The currency stands in the headers only. Every row carries
`Reporting starts/ends`; a daily breakdown adds `Day`. With the summary row on, the first data row is
a total with an empty name. `Results` means a different thing per `Result type`. Users add columns of
their own, which are kept unmapped.
"""

from __future__ import annotations

import polars as pl

from spreadsheets.drafts import Draft
from spreadsheets.platforms import _meta_words, _meta_words_more, _meta_words_world
from spreadsheets.platforms._declaration import Platform

WORDS = {**_meta_words.WORDS, **_meta_words_more.WORDS, **_meta_words_world.WORDS}

# The one cell of a report in which nothing was delivered.
_NOTHING = [
    "no data available.", "no data available", "no hay datos disponibles.", "no hay datos disponibles",
    "keine daten verfügbar.", "keine daten verfügbar", "aucune donnée disponible.", "aucune donnée disponible",
    "nenhum dado disponível.", "nenhum dado disponível", "não há dados disponíveis.", "nessun dato disponibile.",
    "nessun dato disponibile", "geen gegevens beschikbaar.", "geen gegevens beschikbaar", "利用できるデータがありません。",
]  # fmt: skip


def _refine(draft: Draft) -> None:
    """`Results` count as conversions only where purchases are absent and all rows mean the same thing."""
    cells = pl.concat_str(pl.col(name) for name in draft.frame.columns if name.startswith("c"))
    draft.frame = draft.frame.filter(~cells.str.strip_chars().str.to_lowercase().is_in(_NOTHING))
    _take_attribution(draft)
    if draft.has("conversions") or not draft.has("results"):
        return
    types = draft.distinct("result_type") if draft.has("result_type") else []
    if len(types) == 1:
        draft.rename("results", "conversions")
        draft.table.notes.append(f"Conversions are this file's results: {types[0]}.")
        draft.table.attribution = ", ".join(filter(None, (draft.table.attribution, types[0])))
        return
    why = f"are of {len(types)} types and are never added up" if types else "don't say what they count"
    draft.table.notes.append(f"The results in this file {why}; they are kept, not counted as conversions.")


def _take_attribution(draft: Draft) -> None:
    settings = draft.distinct("attribution_setting") if draft.has("attribution_setting") else []
    if len(settings) == 1:
        draft.table.attribution = settings[0]
    elif settings:
        draft.table.notes.append(
            "The rows have different attribution settings: " + "; ".join(settings[:4]) + "."
        )


PLATFORM = Platform(
    slug="meta_ads",
    label="Meta Ads",
    words=WORDS,
    marks=(
        "Reporting starts | Reporting ends | Amount spent | Link clicks | Clicks (all) | Results | "
        "Result type | "
        "Result indicator | Ad set name | Delivery status | Campaign delivery | "
        "Attribution setting | Purchases conversion value | "
        "CTR (all) | CPC (all) | CPC (cost per link click) | CPM (cost per 1,000 impressions) | "
        "CTR (link click-through rate) | "
        "Berichtsstart | Berichtsende | Ausgegebener Betrag | Link-Klicks | Klicks (alle) | "
        "Ergebnisse | Name der Anzeigengruppe | "
        "Inicio del informe | Fin del informe | Importe gastado | Clics (todos) | Clics en el enlace | "
        "Début des rapports | Fin des rapports | Montant dépensé | Clics sur un lien | "
        "Clics (tous) | Nom de l'ensemble de publicités | "
        "Início dos relatórios | Encerramento dos relatórios | Término dos relatórios | "
        "Valor usado | Cliques no link | "
        "Cliques (todos) | Veiculação da campanha | Importo speso | Clic sul link | Clic (tutti) | "
        "Nome del gruppo di inserzioni | "
        "Besteed bedrag | レポート開始日 | レポート終了日 | 消化金額 | フリークエンシー | 結果インジケーター | "
        + _meta_words_world.MARKS
    ),
    fallbacks={
        "clicks": ("link_clicks",),
        "conversions": ("website_purchases",),
        "conversion_value": ("website_conversion_value",),
        "add_to_carts": ("website_add_to_carts",),
        "checkouts_started": ("website_checkouts_started",),
    },
    patterns=((r"^cost per |^kosten pro |^coût par |^costo por |^custo por |^costo per ", "cpa"),),
    keeps_unknown=True,
    unnamed_totals=True,
    subtotals=(
        "all | all (default) | すべて | 全件 | 総計 | 全部 | 所有 | 전체 | 모두 | todos | todas | tous | toutes | tout | alle | "
        "tutti | tutte | wszystkie | wszystko | tümü | все | semua | tất cả | ทั้งหมด"
    ),
    refine=_refine,
)
