"""Google Ads: reports (two preamble lines, Total rows) and the Overview's card downloads.

CSV is UTF-8 with commas, "Excel .csv" UTF-16LE with tabs. The currency is a column in reports and a
sign in the cells of cards, whose period stands in the file name only. Total rows wear their label in
the first text column, which is not always column 1.
"""

from __future__ import annotations

from spreadsheets.drafts import Draft
from spreadsheets.meanings import METRICS
from spreadsheets.platforms import _google_words, _google_words_more
from spreadsheets.platforms._declaration import Platform

WORDS = {**_google_words.WORDS, **_google_words_more.WORDS}


def _refine(draft: Draft) -> None:
    """A card without numbers is nothing to import. Manager accounts may export the converted cost only; then that is the money of the file."""
    if not any(meaning in draft.columns for meaning in (*METRICS, "spend_converted", "interactions")):
        draft.table.report = "settings"
        draft.refuse("This table has no numbers to import: no impressions, clicks or costs.")
        return
    if not draft.has("spend"):
        draft.rename("spend_converted", "spend")
        if draft.has("currency_converted"):
            draft.forget("currency")
            draft.rename("currency_converted", "currency")


PLATFORM = Platform(
    slug="google_ads",
    label="Google Ads",
    words=WORDS,
    marks=(
        "Impr. | Avg. CPC | Interaction rate | Interactions | Currency code | Cost / conv. | "
        "Conv. rate | Conv. value | "
        "All conv. | Campaign Group Name | Criterion Status | Search Keyword | "
        "Percent of known total | Avg. cost | "
        "Optimization score | Added/Excluded | Search impr. share | Status reasons | "
        "Ad group status | Budget type | "
        "Código da moeda | Nome do grupo de campanhas | CPC méd. | Taxa de conv. | Custo / conv. | "
        "Motivos do status | "
        "Código de moneda | CPC medio | Coste/conv. | Costo/conv. | Nombre del grupo de campañas | "
        "Nivel de optimización | "
        "Währungscode | Durchschn. CPC | Kosten/Conv. | Conv.-Rate | Conv.-Wert | Kampagnenstatus | "
        "Optimierungsfaktor | "
        "Code de devise | CPC moy. | Coût/conv. | Taux de conv. | Codice valuta | Costo/conv. | "
        "Tasso di conv. | "
        "Valutacode | Gem. CPC | Kosten/conv. | Conv.waarde | Kod waluty | Śr. CPC | Valutakod | "
        "通貨コード | 平均クリック単価 | "
        "Cost (Converted currency) | Conv. (Platform Comparable)"
    ),
    titles=(
        r"^(campaign|ad group|ad|ads|search terms?|search keywords?|keyword|keywords?|device|devices|landing page|asset|"
        r"time|location|demographic|audience|placement|auction insights|account|video|product|shopping)s?( [\w&-]+){0,3} report$"
        r"|^relatório d[aeo]s? (campanha|grupo|palavra|anúncio|termo)|^termos de pesquisa$|^palavra-chave de pesquisa$|^públicos-alvo$|^informe de|^bericht „|"
        r"^kampagnenbericht|^rapport sur les|^campagnerapport|^report campagne|^rapporto (campagn|grupp)"
    ),
    names=(
        r"^(time_series|campaigns|search_keywords|devices|day_&_hour|demographics|searches|networks|biggest_changes|"
        r"optimization_score|campanhas|série_temporal|dispositivos|dia_e_hora|pesquisas|palavras-chave(?:_de_pesquisa)?|dados_demográficos|informações_demográficas|pontuação_de_otimização|gráfico_de_série_temporal|redes|"
        r"maiores_alterações|campañas|serie_temporal|dispositivos|series_temporales|kampagnen|zeitreihen|geräte|"
        r"campagnes|appareils|overview_cards)[_(\[].*\d{4}\.\d{2}\.\d{2}"
    ),
    whole_file=True,
    refine=_refine,
)
