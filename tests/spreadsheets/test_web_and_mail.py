"""Web analytics, search and e-mail exports; every number here is invented."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from decimal import Decimal

import pytest

GA4_HEAD = (
    "# ----------------------------------------\n# Traffic acquisition\n# Account: Acme\n# Property: acme.example\n"
    "# ----------------------------------------\n#  \n# All Users\n"
)


def test_ga4_report(read_one):
    text = GA4_HEAD + (
        "# Start date: 20260224\n# End date: 20260323\n\nSession primary channel group (Default channel group),Sessions,Engaged sessions,"
        "Engagement rate,Active users,Event count,Key events,Total revenue\nDirect,100,36,0.36,80,500,3,120.5\n(other),50,10,0.2,40,200,0,0\n"
    )
    table = read_one("data-export.csv", text)
    assert (table.platform, table.grain, table.breakdown, table.account) == (
        "ga4",
        "account",
        "channel_group",
        "acme.example",
    )
    assert (table.date_from, table.date_to, table.daily) == (date(2026, 2, 24), date(2026, 3, 23), False)
    assert table.totals == {
        "sessions": 150, "engaged_sessions": 46, "event_count": 700, "conversion_value": Decimal("120.5"), "key_events": 3,
    }  # fmt: skip
    assert table.frame["users"].to_list() == [80, 40]
    assert [question.kind for question in table.questions] == ["currency"]


def test_ga4_snapshot_holds_tables_with_their_own_periods(read):
    text = GA4_HEAD.replace("\n", "\r\n") + (
        "# Start date: 20260101\r\n# End date: 20260103\r\nNth day,New users\r\n0000,5\r\n0001,6\r\n0002,7\r\n\r\n"
        "# Start date: 20260101\r\n# End date: 20260103\r\nNth day,Sessions\r\n0000,1\r\n0002,2\r\n\r\n"
        "# What pages?\r\n# Start date: 20260201\r\n# End date: 20260203\r\nPage title and screen class,Views\r\nHome,15\r\n\r\n"
        "# How well do you retain your users?\r\n# Start date: 20260101\r\n# End date: 20260114\r\nDate,Week 0,Week 1\r\nJan 1 - Jan 7,10,2\r\n\r\n"
        "#  \r\n# Start date: 20260101\r\n# End date: 20260103\r\nItem name,Items purchased\r\n"
    )
    days, sessions, pages, cohorts, empty = read("data-export.csv", text)
    assert days.frame["day"].to_list() == [date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 3)]
    assert days.totals == {"new_users": 18, "sessions": 3}  # the second card is about the same rows
    assert days.frame["sessions"].to_list() == [1, None, 2]
    assert sessions.kind == "not_data"
    assert cohorts.kind == "not_data"
    assert (pages.grain, pages.date_from, pages.totals) == ("page", date(2026, 2, 1), {"pageviews": 15})
    assert (empty.kind, empty.rows) == ("metrics", 0)


def test_ga4_exploration_starts_with_its_grand_total(read_one):
    text = (
        "# ----------------------------------------\n# acme.example - GA4\n# Funnel-Free form 1\n# 20230515-20230521\n# ----------------------------------------\n\n"
        "Event name,Country,Event count,Total users\n,,300,20,Grand total\npage_view,Germany,200,15\nclick,France,100,8\n"
    )
    table = read_one("x.csv", text)
    assert (table.rows, table.totals["event_count"], table.footer["event_count"]) == (2, 300, 300)
    assert (table.date_from, table.date_to) == (date(2023, 5, 15), date(2023, 5, 21))


def test_ga4_daily_dates_without_preamble(read_one):
    table = read_one(
        "x.csv", "Date,Sessions,Engaged sessions,Engagement rate\n20260101,10,5,0.5\n20260102,20,8,0.4\n"
    )
    assert (table.platform, table.daily, table.totals["sessions"]) == ("ga4", True, 30)


def zipped(files: dict[str, str]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return target.getvalue()


GSC = {
    "en": ("Top queries", "Date", "Clicks,Impressions,CTR,Position", "33.33%", "4.2"),
    "fr": ("Requêtes les plus fréquentes", "Date", "Clics,Impressions,CTR,Position", "33.33%", "4.2"),
    "de": ("Häufigste Suchanfragen", "Datum", "Klicks,Impressionen,Klickrate,Position", '"33,3 %"', '"4,2"'),
    "es": ("Consultas principales", "Fecha", "Clics,Impresiones,CTR,Posición", "33.33%", "4.2"),
    "it": ("Query principali", "Data", "Clic,Impressioni,CTR,Posizione", "33.33%", "4.2"),
    "nl": ("Populairste zoekopdrachten", "Datum", "Klikken,Vertoningen,CTR,Positie", "33.33%", "4.2"),
    "pl": ("Najpopularniejsze zapytania", "Data", "Kliknięcia,Wyświetlenia,CTR,Pozycja", "33.33%", "4.2"),
    "tr": ("En popüler sorgular", "Tarih", "Tıklama,Görüntüleme,CTR,Ortalama konum", "33.33%", "4.2"),
    "cs": ("Nejčastější dotazy", "Datum", "Kliknutí,Zobrazení,CTR,Průměrná pozice", "33.33%", "4.2"),
    "sv": (
        "Vanligaste sökfrågorna",
        "Datum",
        "Klick,Visningar,Klickfrekvens,Genomsnittlig position",
        "33.33%",
        "4.2",
    ),
    "ja": ("上位のクエリ", "日付", "クリック数,表示回数,CTR,掲載順位", "33.33%", "4.2"),
    "ko": ("인기 검색어", "날짜", "클릭수,노출수,클릭률,평균 게재순위", "33.33%", "4.2"),
    "zh": ("热门查询", "日期", "点击次数,展示次数,点击率,平均排名", "33.33%", "4.2"),
    "ru": ("Поисковый запрос", "Дата", "Клики,Показы,CTR,Позиция", "33.33%", "4.2"),
}


@pytest.mark.parametrize("language", GSC)
def test_search_console_zip(read, language):
    query, day, metrics, rate, position = GSC[language]
    data = zipped(
        {
            "Queries.csv": f"{query},{metrics}\nred shoes,1,3,{rate},{position}",
            "Chart.csv": f"{day},{metrics}\n2026-01-01,1,4,25%,{position}\n2026-01-02,0,6,0%,{position}",
            "Filters.csv": "Filter,Value\nSearch type,Web\nDate,Last 3 months",
        }
    )
    queries, chart, filters = read("https___www.acme.example-Performance-on-Search-2026-01-05.zip", data)
    assert (queries.platform, queries.grain, chart.grain, filters.kind) == (
        "search_console",
        "query",
        "account",
        "not_data",
    )
    assert queries.totals == {"clicks": 1, "impressions": 3, "position_weighted": Decimal("12.6")}
    assert (chart.daily, chart.totals["impressions"]) == (True, 10)
    assert (queries.date_from, queries.date_to, queries.daily) == (date(2026, 1, 1), date(2026, 1, 2), False)
    assert queries.frame["days"].to_list() == [2]


def test_search_console_alone_asks_for_the_period(read_one):
    table = read_one(
        "Pages.csv", "Top pages,Clicks,Impressions,CTR,Position\nhttps://acme.example/,1,2,50%,3\n"
    )
    assert (table.report, table.account) == ("pages", "acme.example")
    assert [question.kind for question in table.questions] == ["period"]


def test_search_console_indexing_zip_is_a_mistake(read):
    data = zipped(
        {"Critical issues.csv": "Reason,Source,Validation,Pages\nNot found (404),Website,Not Started,12\n"}
    )
    (table,) = read("acme.example-Coverage-2026.zip", data)
    assert table.kind == "not_data"
    assert "indexing" in table.note


def test_klaviyo_pattern_columns_and_variants(read_one):
    text = (
        "Campaign Name,Tags,Subject,List,Send Time,Send Weekday,Total Recipients,Unique Subscription Started,Subscription Started Rate,Subscription Started Value,"
        "Unique Opens,Open Rate,Total Opens,Unique Clicks,Click Rate,Total Clicks,Unsubscribes,Spam Complaints,Successful Deliveries,Bounces,Campaign ID,Campaign Channel,Winning Variant?,Variant Name\n"
        'Spring,,Hi,All,2026-03-01 09:00:00,Sunday,"1,000",5,0.5%,"$1,250.50",400,40%,600,50,5%,70,3,1,990,10,01ABC,email,,\n'
        "Spring,,Hi,All,2026-03-01 09:00:00,Sunday,500,2,0.5%,$250.50,200,40%,300,25,5%,35,1,0,495,5,01ABC,email,Yes,A\n"
        "Test,,Yo,All,2026-03-02 09:00:00,Monday,10,0,0%,$0.00,4,40%,6,1,5%,1,0,0,10,0,02ABC,email,No,B\n"
    )
    table = read_one("klaviyo.csv", text)
    assert (table.platform, table.grain, table.report, table.rows) == ("klaviyo", "email", "campaigns", 2)
    assert table.totals["sent"] == 1010
    assert table.totals["conversions"] == 5
    assert table.totals["conversion_value"] == Decimal("1250.5")
    assert table.frame["item"].to_list() == ["Spring", "Test | B"]
    assert table.date_from == date(2026, 3, 1)
    assert [question.kind for question in table.questions] == ["currency", "account"]


def test_mailchimp_campaigns(read_one):
    text = (
        'Title,Subject,List,"Send Date","Send Weekday","Total Recipients","Successful Deliveries","Soft Bounces","Hard Bounces","Total Bounces","Unique Opens","Open Rate","Total Opens","Unique Clicks","Total Clicks",Unsubscribes,"Abuse Complaints","Unique Id","Total Orders","Total Gross Sales","Total Revenue","Bounce Rate","Visits"\n'
        'News | Combo 1,Hi,All,"Jun 09, 2018 09:30 pm",Saturday,"1,000",990,6,4,10,200,27.78%,300,40,50,2,1,abc1,3,90.00,95.50,n/a,n/a\n'
    )
    table = read_one("campaigns.csv", text)
    assert (table.platform, table.grain, table.date_from) == ("mailchimp", "email", date(2018, 6, 9))
    assert table.totals["bounces"] == 10
    assert table.totals["spam_complaints"] == 1
    assert table.totals["conversion_value"] == Decimal("95.5")


def test_mailchimp_single_report(read_one):
    text = (
        '"Email Campaign Report"\n"Title:","April news"\n"Subject Line:","Hi"\n"Delivery Date/Time:","Mon, Apr 26, 2021 12:25"\n\n"Overall Stats"\n'
        '"Total Recipients:","1,751"\n"Successful Deliveries:","1,742"\n"Bounces:","9 (0.5%)"\n"Recipients Who Opened:","141 (8.1%)"\n"Total Opens:","203"\n'
        '"Last Open Date:","4/30/21 6:04"\n"Recipients Who Clicked:","12 (0.7%)"\n"Total Clicks:","15"\n"Total Unsubs:","2"\n"Total Sales:","CA$10.00"\n\n"Clicks by URL"\n"URL","Total Clicks"\n"https://acme.example","15"\n'
    )
    table = read_one("report.csv", text)
    assert (table.platform, table.currency, table.date_from, table.rows) == (
        "mailchimp",
        "CAD",
        date(2021, 4, 26),
        1,
    )
    assert table.totals["sent"] == 1751
    assert table.totals["bounces"] == 9
    assert table.totals["unique_opens"] == 141


def test_mailerlite_report(read_one):
    text = (
        '"Campaign report"\n"Subject:","Autumn"\n"Sent","2021-09-28 13:00:00"\n\n"Campaign results"\n"Total emails sent:","4069"\n"Opened:","1085 (26.66%)"\n'
        '"Clicked:","60 (1.47%)"\n"Unsubscribed:","4 (0.1%)"\n"Spam complaints:","0 (0%)"\n"Hard bounced:","2 (0.05%)"\n"Soft bounced:","3 (0.07%)"\n'
    )
    table = read_one("ml.csv", text)
    assert (table.platform, table.grain, table.date_from) == ("mailerlite", "email", date(2021, 9, 28))
    assert table.totals["unique_opens"] == 1085
    assert table.totals["bounces"] == 5
