"""Google Search Console "Performance on Search": a ZIP of small CSVs, one per dimension.

Only Chart.csv (Dates.csv until 2025) has days; the other files are sums of the whole period, capped
at 1,000 rows and without anonymised queries, so they are never added to it. Headers are localised,
numbers often are not. Position is kept as position × impressions, which can be added up.
"""

# ruff: noqa: E501  (word lists read better whole)

from __future__ import annotations

from spreadsheets.drafts import Draft
from spreadsheets.platforms._declaration import Platform


def _language(
    query: str, page: str, country: str, device: str, look: str, day: str, metrics: str
) -> dict[str, str]:
    clicks, impressions, ctr, position = metrics.split(" ; ")
    return {
        "query": query, "page": page, "country": country, "device": device, "search_appearance": look, "day": day,
        "clicks": clicks, "impressions": impressions, "ctr": ctr, "position": position,
    }  # fmt: skip


WORDS = {
    "en": _language("Top queries | Query | Queries", "Top pages | Page", "Country", "Device", "Search Appearance", "Date", "Clicks ; Impressions ; CTR ; Position | Average position"),
    "fr": _language("Requêtes les plus fréquentes | Requête", "Pages les plus populaires | Page", "Pays", "Appareil", "Apparence dans les résultats de recherche", "Date", "Clics ; Impressions ; CTR ; Position | Position moyenne"),
    "de": _language("Häufigste Suchanfragen | Suchanfrage", "Häufigste Seiten | Seite", "Land", "Gerät", "Darstellung in der Suche | Darstellung in Suchergebnissen", "Datum", "Klicks ; Impressionen ; CTR | Klickrate ; Position | Durchschnittliche Position"),
    "es": _language("Consultas principales | Consulta", "Páginas principales | Página", "País", "Dispositivo", "Aspecto en la búsqueda | Aspecto en las búsquedas", "Fecha", "Clics ; Impresiones ; CTR ; Posición | Posición media"),
    "it": _language("Query principali | Query più frequenti", "Pagine principali", "Paese", "Dispositivo", "Aspetto nella ricerca", "Data", "Clic ; Impressioni ; CTR ; Posizione | Posizione media"),
    "pt": _language("Principais consultas | Consultas principais", "Principais páginas | Páginas principais", "País", "Dispositivo", "Aparência na pesquisa | Aspeto da pesquisa", "Data", "Cliques ; Impressões ; CTR ; Posição | Posição média"),
    "nl": _language("Populairste zoekopdrachten", "Populairste pagina's", "Land", "Apparaat", "Zoekopmaak", "Datum", "Klikken ; Vertoningen ; CTR ; Positie | Gemiddelde positie"),
    "pl": _language("Najpopularniejsze zapytania", "Najpopularniejsze strony", "Kraj", "Urządzenie", "Wygląd w wyszukiwarce", "Data", "Kliknięcia ; Wyświetlenia ; CTR ; Pozycja | Średnia pozycja"),
    "tr": _language("En popüler sorgular", "En popüler sayfalar | En çok tıklanan sayfalar", "Ülke", "Cihaz", "Arama Görünümü", "Tarih", "Tıklama | Tıklamalar ; Görüntüleme | Gösterimler ; TO | TO (CTR) ; Ortalama konum | Konum | Pozisyon"),
    "cs": _language("Nejčastější dotazy", "Nejnavštěvovanější stránky | Nejčastější stránky", "Země", "Zařízení", "Vzhled ve vyhledávání", "Datum", "Kliknutí ; Zobrazení ; CTR ; Průměrná pozice | Pozice"),
    "sv": _language("Vanligaste sökfrågorna", "Populäraste sidorna | Vanligaste sidorna", "Land", "Enhet", "Sökresultatets utseende", "Datum", "Klick ; Visningar ; Klickfrekvens ; Genomsnittlig position | Position"),
    "ja": _language("上位のクエリ", "上位のページ", "国", "デバイス", "検索での見え方", "日付", "クリック数 ; 表示回数 ; CTR ; 掲載順位"),
    "ko": _language("인기 검색어", "인기 페이지 | 상위 페이지", "국가", "기기", "검색 노출", "날짜", "클릭수 ; 노출수 ; 클릭률 | CTR ; 평균 게재순위 | 게재순위"),
    "zh": _language("热门查询", "热门网页", "国家/地区 | 国家", "设备", "搜索结果呈现", "日期", "点击次数 ; 展示次数 | 展示 ; 点击率 ; 平均排名 | 排名"),
    "ru": _language("Поисковый запрос | Популярные запросы", "Популярные страницы", "Страна", "Устройство", "Вид в поиске", "Дата", "Клики ; Показы ; CTR ; Позиция"),
}  # fmt: skip


def _refine(draft: Draft) -> None:
    """The site is the account: its name stands in the ZIP's name, else in the pages' addresses."""
    draft.table.account = draft.site_from_name(
        r"(?:^|[/\\])(?:https?_+)?([\w.-]+?\.[a-z]{2,})_?-performance-on-", "page"
    )


PLATFORM = Platform(
    slug="search_console",
    label="Google Search Console",
    words=WORDS,
    marks=(
        "Top queries | Top pages | Search Appearance | Position | Requêtes les plus fréquentes | "
        "Pages les plus populaires | "
        "Häufigste Suchanfragen | Häufigste Seiten | Consultas principales | Páginas principales | "
        "Posición | Query principali | "
        "Pagine principali | Posizione | Principais consultas | Principais páginas | Posição | "
        "Populairste zoekopdrachten | "
        "Populairste pagina's | Positie | Najpopularniejsze zapytania | Najpopularniejsze strony | "
        "Pozycja | En popüler sorgular | "
        "Ortalama konum | Nejčastější dotazy | Průměrná pozice | Vanligaste sökfrågorna | "
        "Genomsnittlig position | 上位のクエリ | "
        "上位のページ | 掲載順位 | 인기 검색어 | 인기 페이지 | 평균 게재순위 | 热门查询 | 热门网页 | 平均排名 | 排名 | "
        "Поисковый запрос | Популярные страницы | Позиция | "
        "Apparence dans les résultats de recherche | Durchschnittliche Position | "
        "Aspecto en la búsqueda"
    ),
    names=r"performance-on-(search|discover|news)",
    refine=_refine,
    no_money=True,
)

FILTERS = Platform(
    slug="search_console",
    label="Google Search Console",
    words={
        "en": {"filter": "Filter", "value": "Value"},
        "fr": {"filter": "Filtre", "value": "Valeur"},
        "de": {"filter": "Filter", "value": "Wert"},
        "es": {"filter": "Filtro", "value": "Valor"},
        "it": {"filter": "Filtro", "value": "Valore"},
        "pt": {"filter": "Filtro", "value": "Valor"},
        "nl": {"filter": "Filter", "value": "Waarde"},
        "pl": {"filter": "Filtr", "value": "Wartość"},
        "tr": {"filter": "Filtre", "value": "Değer"},
        "cs": {"filter": "Filtr", "value": "Hodnota"},
        "sv": {"filter": "Filter", "value": "Värde"},
        "ja": {"filter": "フィルタ", "value": "値"},
        "ko": {"filter": "필터", "value": "값"},
        "zh": {"filter": "过滤器 | 过滤条件", "value": "值"},
        "ru": {"filter": "Фильтр", "value": "Значение"},
    },
    kind="not_data",
    report="filters",
    whole_file=True,
    note="The filters of the Search Console export: they describe the other files and hold no numbers.",
)
