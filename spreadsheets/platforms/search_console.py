"""Google Search Console "Performance on Search": a ZIP of small CSVs, one per dimension.

Only Chart.csv (Dates.csv until 2025) has days; the other files are sums of the whole period, capped
at 1,000 rows and without anonymised queries, so they are never added to it. Headers are localised,
numbers often are not. Position is kept as position × impressions, which can be added up.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from spreadsheets.dates import read_period
from spreadsheets.drafts import Draft
from spreadsheets.headers import normalise
from spreadsheets.platforms._declaration import Platform
from spreadsheets.segments import is_device


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
    "nl": _language("Populairste zoekopdrachten | Meest uitgevoerde zoekopdrachten", "Populairste pagina's | Meest bezochte pagina's", "Land", "Apparaat", "Zoekopmaak | Uiterlijk in zoekresultaten", "Datum", "Klikken | Aantal klikken ; Vertoningen | Aantal vertoningen ; CTR ; Positie | Gemiddelde positie"),
    "pl": _language("Najpopularniejsze zapytania", "Najpopularniejsze strony", "Kraj", "Urządzenie", "Wygląd w wyszukiwarce", "Data", "Kliknięcia ; Wyświetlenia ; CTR ; Pozycja | Średnia pozycja"),
    "tr": _language("En popüler sorgular", "En popüler sayfalar | En çok tıklanan sayfalar", "Ülke", "Cihaz", "Arama Görünümü", "Tarih", "Tıklama | Tıklamalar ; Görüntüleme | Gösterimler ; TO | TO (CTR) ; Ortalama konum | Konum | Pozisyon"),
    "cs": _language("Nejčastější dotazy", "Nejnavštěvovanější stránky | Nejčastější stránky", "Země", "Zařízení", "Vzhled ve vyhledávání", "Datum", "Kliknutí ; Zobrazení ; CTR ; Průměrná pozice | Pozice"),
    "sv": _language("Vanligaste sökfrågorna", "Populäraste sidorna | Vanligaste sidorna", "Land", "Enhet", "Sökresultatets utseende", "Datum", "Klick ; Visningar ; Klickfrekvens ; Genomsnittlig position | Position"),
    "ja": _language("上位のクエリ", "上位のページ", "国", "デバイス", "検索での見え方", "日付", "クリック数 ; 表示回数 ; CTR ; 掲載順位"),
    "ko": _language("인기 검색어", "인기 페이지 | 상위 페이지", "국가", "기기", "검색 노출", "날짜", "클릭수 ; 노출수 ; 클릭률 | CTR ; 평균 게재순위 | 게재순위"),
    "zh": _language("热门查询 | 排名靠前的查询", "热门网页 | 排名靠前的网页", "国家/地区 | 国家", "设备", "搜索结果呈现 | 搜索结果外观", "日期", "点击次数 ; 展示次数 | 展示 ; 点击率 ; 平均排名 | 排名"),
    "tw": _language("熱門查詢 | 熱門查詢項目 | 排名靠前的查詢項目", "熱門網頁 | 排名靠前的網頁", "國家/地區 | 國家", "裝置", "搜尋外觀", "日期", "點擊 | 點擊次數 ; 曝光 | 曝光次數 ; 點閱率 ; 排名 | 平均排名"),
    "id": _language("Kueri teratas", "Halaman teratas", "Negara", "Perangkat", "Tampilan di penelusuran | Tampilan Penelusuran", "Tanggal", "Klik ; Tayangan ; RKT ; Posisi | Posisi rata-rata"),
    "vi": _language("Cụm từ tìm kiếm hàng đầu | Truy vấn hàng đầu", "Trang hàng đầu", "Quốc gia", "Thiết bị", "Giao diện tìm kiếm", "Ngày", "Lượt nhấp | Số lượt nhấp ; Lượt hiển thị | Số lượt hiển thị ; CTR ; Vị trí | Vị trí trung bình"),
    "uk": _language("Найпопулярніші запити", "Найпопулярніші сторінки", "Країна", "Пристрій", "Вигляд у пошуку", "Дата", "Кліки ; Покази ; CTR ; Позиція | Середня позиція"),
    "da": _language("Mest populære forespørgsler | Populære forespørgsler", "Mest populære sider | Populære sider", "Land", "Enhed", "Visning i søgeresultater", "Dato", "Klik ; Eksponeringer ; CTR ; Placering | Gennemsnitlig placering"),
    "nb": _language("Vanligste søk | Populære søk", "Populære sider | Vanligste sider", "Land", "Enhet", "Utseende i søk", "Dato", "Klikk ; Visninger ; CTR | Klikkfrekvens ; Posisjon | Gjennomsnittlig posisjon"),
    "fi": _language("Suosituimmat kyselyt", "Suosituimmat sivut", "Maa", "Laite", "Ulkoasu haussa", "Päivämäärä", "Klikkaukset ; Näyttökerrat ; Klikkausprosentti | CTR ; Sijainti | Keskimääräinen sijainti"),
    "hu": _language("Leggyakoribb lekérdezések | Legnépszerűbb lekérdezések", "Legnépszerűbb oldalak", "Ország", "Eszköz", "Megjelenés a keresésben", "Dátum", "Kattintások ; Megjelenések | Megjelenítések ; CTR | Átkattintási arány ; Pozíció | Átlagos pozíció"),
    "ro": _language("Cele mai frecvente interogări | Interogări principale", "Cele mai frecventate pagini | Pagini principale", "Țară", "Dispozitiv", "Aspectul în căutare", "Dată | Data", "Clicuri ; Afișări ; CTR ; Poziție | Poziția medie"),
    "el": _language("Κορυφαία ερωτήματα | Δημοφιλέστερα ερωτήματα", "Κορυφαίες σελίδες", "Χώρα", "Συσκευή", "Εμφάνιση στην αναζήτηση", "Ημερομηνία", "Κλικ ; Εμφανίσεις ; CTR ; Θέση | Μέση θέση"),
    "th": _language("คำค้นหายอดนิยม", "หน้ายอดนิยม", "ประเทศ", "อุปกรณ์", "ลักษณะที่ปรากฏในการค้นหา", "วันที่", "การคลิก | จำนวนคลิก ; การแสดงผล | จำนวนการแสดงผล ; CTR ; อันดับ | ตำแหน่ง"),
    "he": _language("שאילתות מובילות", "דפים מובילים", "ארץ | מדינה", "מכשיר", "הופעה בחיפוש", "תאריך", "קליקים | קליקים ; חשיפות | הופעות ; שיעור קליקים | CTR ; מיקום | מיקום ממוצע"),
    "ar": _language("أهم طلبات البحث | طلبات البحث الأكثر رواجًا", "أهم الصفحات | الصفحات الأكثر رواجًا", "البلد", "الجهاز", "الظهور في البحث", "التاريخ", "النقرات | نقرات ; مرات الظهور ; نسبة النقر إلى الظهور ; الموضع | متوسط الموضع"),
    "ru": _language("Поисковый запрос | Популярные запросы", "Популярные страницы", "Страна", "Устройство", "Вид в поиске", "Дата", "Клики ; Показы ; CTR ; Позиция"),
}  # fmt: skip


_PLAIN = ("Query", "Queries", "Page", "Requête", "Suchanfrage", "Seite", "Consulta", "Página", "Position")
_MARKS = " | ".join(
    text
    for words in WORDS.values()
    for meaning in ("query", "page", "position")
    for text in words[meaning].split(" | ")
    if text not in _PLAIN
)
_METRICS = ("clicks", "impressions", "ctr", "position")
_DIMENSIONS = ("query", "page", "country", "device", "search_appearance", "day", "hourly")


def _compared(metric: str) -> tuple[str, str]:
    """Comparisons write the period into the header: `8/1/25 - 8/30/25 Clicks`. The newer one stands first."""
    names = {normalise(name) for words in WORDS.values() for name in words[metric].split(" | ")}
    words = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    return rf"^(?=.*\d)(?:.+ (?:{words})|(?:{words}) .+)$", metric


def _refine(draft: Draft) -> None:
    """The site is the account: its name stands in the ZIP's name, else in the pages' addresses."""
    if not any(draft.has(name) for name in _DIMENSIONS) and draft.headers and draft.frame.height:
        draft.columns[_kind_of([text.lower() for text in _firsts(draft)])] = "c0"
    _keep_newer(draft)
    draft.table.account = draft.site_from_name(
        r"(?:^|[/\\])(?:https?_+)?([\w.-]+?\.[a-z]{2,})_?-performance-on-", "page"
    )


def _kind_of(texts: Sequence[str]) -> str:
    """What the first column names, in a language that isn't known: addresses, devices, countries, days or searches."""
    if all(text.startswith(("http://", "https://", "sc-domain:")) for text in texts):
        return "page"
    if all(re.match(r"\d{4}-\d\d-\d\d", text) for text in texts):
        return "day"
    return "device" if len(texts) <= 3 and any(is_device(text) for text in texts) else "query"


def _firsts(draft: Draft) -> list[str]:
    cells = draft.frame["c0"].str.strip_chars()
    return [str(text) for text in cells.filter(cells != "").unique(maintain_order=True).head(50).to_list()]


def _keep_newer(draft: Draft) -> None:
    header = draft.raw.header[int(draft.columns["clicks"][1:])] if draft.has("clicks") else ""
    if not re.search(r"\d", header):
        return
    period = next((found for cut in (1, 2, 3) for found in _periods(header, cut)), None)
    draft.stated = period or draft.stated
    draft.table.notes.append(
        "The file compares two periods: the first one is read, the earlier one is left out."
    )


def _periods(header: str, cut: int) -> list[tuple[date, date]]:
    """The period in a header without its first or last words."""
    words = header.split()
    found = (read_period(" ".join(part)) for part in (words[:-cut], words[cut:]))
    return [period for period in found if period]


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
        "Aspecto en la búsqueda | " + _MARKS
    ),
    patterns=(
        (r"^time \(utc|^hora \(utc|^heure \(utc|^uhrzeit \(utc|\(utc[+-]\d", "hourly"),
        *map(_compared, _METRICS),
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
        "es": {"filter": "Filtro | Filtrar", "value": "Valor"},
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
        "tw": {"filter": "篩選器 | 篩選條件", "value": "值"},
        "id": {"filter": "Filter", "value": "Nilai"},
        "vi": {"filter": "Bộ lọc", "value": "Giá trị"},
        "uk": {"filter": "Фільтр", "value": "Значення"},
        "da": {"filter": "Filter", "value": "Værdi"},
        "nb": {"filter": "Filter", "value": "Verdi"},
        "fi": {"filter": "Suodatin", "value": "Arvo"},
        "hu": {"filter": "Szűrő", "value": "Érték"},
    },
    kind="not_data",
    report="filters",
    names=r"^(filters?|filtres?|filtros?|filtri|filtry|filtr|suodattimet|filtreler|フィルタ|过滤器|필터)\.csv$",
    whole_file=True,
    note="The filters of the Search Console export: they describe the other files and hold no numbers.",
)
