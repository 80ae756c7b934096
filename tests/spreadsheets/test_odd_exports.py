"""Shapes of exports that are rarer: comparisons, pivot reports, cut-off files, other languages, lookalikes. Invented."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from decimal import Decimal

import pytest

from spreadsheets.__main__ import primary
from spreadsheets.dates import is_weekday, read_day
from spreadsheets.platforms import PLATFORMS


def _zip(entries):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, text in entries.items():
            archive.writestr(name, text)
    return data.getvalue()


@pytest.mark.parametrize(
    ("text", "first", "days"),
    [
        ("4th quarter 2025", date(2025, 10, 1), 92),
        ("Q1 2026", date(2026, 1, 1), 90),
        ("2026-Q2", date(2026, 4, 1), 91),
        ("1º trimestre de 2026", date(2026, 1, 1), 90),
        ("3. Quartal 2025", date(2025, 7, 1), 92),
    ],
)
def test_quarters_are_read_as_their_days(text, first, days):
    span = read_day(text)
    assert (span.first, span.days) == (first, days)


def test_names_of_weekdays_are_no_dates():
    assert all(is_weekday(text) for text in ("Domingo", "Segunda-feira", "Monday", "Di.", "jeudi"))
    assert not is_weekday("March")


# --- Search Console


def test_search_console_comparison_reads_the_newer_period(read_one):
    table = read_one(
        "Queries.csv",
        "Top queries,3/1/26 - 3/31/26 Clicks,2/1/26 - 2/28/26 Clicks,3/1/26 - 3/31/26 Impressions,2/1/26 - 2/28/26 Impressions,"
        "3/1/26 - 3/31/26 CTR,2/1/26 - 2/28/26 CTR,3/1/26 - 3/31/26 Position,2/1/26 - 2/28/26 Position\n"
        "acme,33,3,45,6,73.33%,50%,2,1\nacme shop,3,0,10,2,30%,0%,8,13\n",
    )
    assert (table.platform, table.report, table.grain) == ("search_console", "queries", "query")
    assert (table.date_from, table.date_to) == (date(2026, 3, 1), date(2026, 3, 31))
    assert table.totals == {"clicks": 36, "impressions": 55, "position_weighted": 170}
    assert any("compares two periods" in note for note in table.notes)


def test_search_console_without_a_chart_takes_the_period_of_its_filters(read):
    tables = read(
        "acme.example-Performance-on-Search-2026-04-01.zip",
        _zip(
            {
                "Queries.csv": "Top queries,Clicks,Impressions,CTR,Position\nacme,1,2,50%,3\nshop,1,2,50%,3\n",
                "Search appearance.csv": "Search Appearance,Clicks,Impressions,CTR,Position\n",
                "Filters.csv": 'Filter,Value\nSearch type,Web\nDate,"Mar 1, 2026-Mar 31, 2026"\n',
            }
        ),
    )
    table = primary(tables)
    assert (table.report, table.date_from, table.date_to) == ("queries", date(2026, 3, 1), date(2026, 3, 31))
    assert not any(question.kind == "period" for question in table.questions)


def test_search_console_hours_are_a_breakdown_of_their_day(read_one):
    table = read_one(
        "Chart.csv",
        "Time (UTC+01:00),Clicks,Impressions,CTR,Position\n2026-07-10T23:00:00,3,162,1.85%,12.2\n2026-07-11T00:00:00,1,10,10%,9\n",
    )
    assert (table.grain, table.breakdown, table.daily) == ("account", "hour", True)
    assert table.frame["day"].to_list() == [date(2026, 7, 10), date(2026, 7, 11)]
    assert table.frame["segment"].to_list() == ["hour=23", "hour=0"]


@pytest.mark.parametrize(
    ("header", "cell", "grain"),
    [
        ("Topsøgninger", "acme", "query"),
        ("Toppsider", "https://acme.example/a", "page"),
        ("Dings", "Mobile", "account"),
    ],
)
def test_search_console_names_the_first_column_by_its_cells(read_one, header, cell, grain):
    table = read_one("X.csv", f"{header},Clicks,Impressions,CTR,Position\n{cell},1,4,25%,2\n")
    assert (table.platform, table.grain) == ("search_console", grain)


@pytest.mark.parametrize(
    "text",
    [
        "Meest uitgevoerde zoekopdrachten,Aantal klikken,Vertoningen,CTR,Positie\nacme,22,54,40.74%,1\n",
        "排名靠前的查询,点击次数,展示,点击率,排名\nacme,22,54,40.74%,1\n",
        "熱門查詢,點擊,曝光,點閱率,排名\nacme,22,54,40.74%,1\n",
        "Kueri teratas,Klik,Tayangan,RKT,Posisi\nacme,22,54,40.74%,1\n",
        "Найпопулярніші запити,Кліки,Покази,CTR,Позиція\nacme,22,54,40.74%,1\n",
    ],
)
def test_search_console_in_more_languages(read_one, text):
    table = read_one("q.csv", text)
    assert (table.platform, table.grain) == ("search_console", "query")
    assert table.totals == {"clicks": 22, "impressions": 54, "position_weighted": 54}


# --- Google


def test_google_card_by_weekday_and_hour_has_no_dates_in_its_rows(read_one):
    table = read_one(
        "Dia_e_hora(Dia_Hora_2026.05.05-2026.05.24).csv",
        "Dia,Hora de início,Impressões\nDomingo,00,5\nSegunda-feira,01,7\n",
    )
    assert (table.breakdown, table.problem_count, table.totals) == ("weekday_hour", 0, {"impressions": 12})
    assert (table.date_from, table.date_to) == (date(2026, 5, 5), date(2026, 5, 24))


def test_google_time_series_by_quarter(read_one):
    table = read_one(
        "Time_series(2025.07.01-2025.12.31).csv",
        "Quarter,Clicks,Cost\n3rd quarter 2025,5,$1.50\n4th quarter 2025,6,$2.50\n",
    )
    assert (table.rows, table.totals) == (2, {"clicks": 11, "spend": 4})
    assert table.frame["days"].to_list() == [92, 92]


def test_google_card_without_numbers_is_nothing_to_import(read_one):
    table = read_one(
        "Pontuação_de_otimização(2026.05.05-2026.05.24).csv",
        'Pontuação de otimização,Nome da campanha\n"50,3%",Marca\n',
    )
    assert (table.platform, table.kind) == ("google_ads", "not_data")


@pytest.mark.parametrize(
    ("header", "grain"),
    [
        ("Pesquisar palavra-chave", "keyword"),
        ("Palavra-chave da rede de pesquisa", "keyword"),
        ("Palavra", "search_term"),
    ],
)
def test_google_keywords_under_their_other_names(read_one, header, grain):
    table = read_one("x.csv", f'{header},Custo,Cliques,Impressões,Conversões\nlojas,"R$ 10,95",3,5,"0,50"\n')
    assert (table.platform, table.grain, table.currency) == ("google_ads", grain, "BRL")
    assert table.totals["spend"] == Decimal("10.95")


# --- Meta


def test_meta_report_without_delivery_is_empty_and_has_no_problems(read_one):
    table = read_one(
        "m.csv",
        '"Reporting starts","Reporting ends","Campaign name",Results,"Result indicator",Reach,"Amount spent (USD)"\n"No data available."\n',
    )
    assert (table.platform, table.rows, table.problem_count, table.currency) == ("meta_ads", 0, 0, "USD")


def test_meta_pivot_report_leaves_out_the_rows_that_add_up_others(read_one):
    table = read_one(
        "m.csv",
        '"Campaign name",Day,"Amount spent (USD)",Impressions\nAll,All,300.5,3000\nA,All,200.5,2000\n'
        "A,2026-01-01,100.25,1000\nA,2026-01-02,100.25,1000\nB,All,100,1000\nB,2026-01-01,100,1000\n",
    )
    assert (table.rows, table.problem_count, table.daily) == (3, 0, True)
    assert table.totals == {"impressions": 3000, "spend": Decimal("300.5")}
    assert table.footer == {"impressions": 3000, "spend": Decimal("300.5")}


def test_meta_columns_added_by_hand_do_not_replace_the_period(read_one):
    table = read_one(
        "m.csv",
        '"Début des rapports","Fin des rapports","Nom de la campagne",Impressions,"CPC (tous) (USD)",mois,annee\n'
        "2026-01-01,2026-03-31,A,10,0.5,Novembre,2024\n2026-01-01,2026-03-31,B,20,0.5,,2024\n",
    )
    assert (table.rows, table.problem_count, table.currency) == (2, 0, "USD")
    assert (table.date_from, table.date_to) == (date(2026, 1, 1), date(2026, 3, 31))


def test_meta_month_column_may_hold_a_range(read_one):
    table = read_one(
        "m.csv",
        'Month,"Campaign name","Amount spent (EUR)",Impressions,"Link clicks"\n2026-01-01 - 2026-01-31,A,1,2,3\n2026-02-01 - 2026-02-28,A,1,2,3\n',
    )
    assert table.frame["days"].to_list() == [31, 28]


@pytest.mark.parametrize(
    "language", ["zh", "tw", "ko", "tr", "pl", "id", "vi", "th", "ru", "uk", "sv", "da", "nb", "cs"]
)
def test_meta_in_more_languages(read_one, language):
    words = PLATFORMS["meta_ads"].words[language]
    order = (
        "campaign",
        "ad_group",
        "ad",
        "impressions",
        "reach",
        "link_clicks",
        "spend",
        "conversions",
        "starts",
        "ends",
    )
    header = [words[name].split(" | ")[0] for name in order]
    header[order.index("spend")] += " (EUR)"
    table = read_one("x.csv", ",".join(header) + "\nC,G,A,100,80,7,1.25,2,2026-01-01,2026-01-31\n")
    assert (table.platform, table.grain, table.currency, table.daily) == ("meta_ads", "ad", "EUR", False)
    assert table.totals == {
        "impressions": 100, "clicks": 7, "link_clicks": 7, "spend": Decimal("1.25"), "conversions": 2,
    }  # fmt: skip


# --- Others


def test_ga4_file_whose_top_was_cut_off(read):
    tables = read(
        "data-export.csv",
        "Nth day,Average engagement time\n0000,1.5\n\n# Start date: 20260301\n# End date: 20260302\nNth day,New users\n0000,2\n0001,3\n",
    )
    table = primary(tables)
    assert (table.platform, table.totals, table.date_from) == ("ga4", {"new_users": 5}, date(2026, 3, 1))
    assert sum(table.problem_count for table in tables) == 0


def test_linkedin_start_and_end_on_one_line_settle_the_order_of_dates(read_one):
    table = read_one(
        "x.csv",
        "Campaign Performance Report (in UTC)\nReport Start: 09/01/2026, Report End: 09/02/2026\n\n"
        'Start Date (in UTC),Account Name,Campaign Name,Total Spent,Impressions,Clicks,Currency\n09/01/2026,Acme,A,"1,234.50",100,2,USD\n'
        '09/02/2026,Acme,A,100.00,20,4,USD\nTotal,,,"1,334.50",120,6,USD\n',
    )
    assert table.questions == []
    assert (table.date_from, table.date_to) == (date(2026, 9, 1), date(2026, 9, 2))
    assert table.totals == table.footer == {"impressions": 120, "clicks": 6, "spend": Decimal("1334.5")}


@pytest.mark.parametrize(
    ("name", "text", "report"),
    [
        ("Campaign report (1).csv", "Row Type,Action,Campaign status,Campaign,Currency code,Budget,Budget type\nCampaign,Edit,Enabled,A,EUR,5,Daily\n", "bulk_sheet"),
        ("unified_customers.csv", "id,Email,Name,Created (UTC),Card Brand,Status,Currency,Total Spend,Payment Count\ncus_1,a@example.com,A,2026-01-01 00:00,,,,10,1\n", "customers"),
        ("customers_export.csv", "First Name,Email,Accepts Email Marketing,Total Spent,Total Orders\nA,a@example.com,yes,5,1\n", "customers"),
        ("products_export.csv", "Handle,Title,Body (HTML),Vendor\na,A,b,c\n", "products"),
        ("Gráfico.csv", "Fecha,Sin indexar,Indexadas,Impresiones\n2026-01-01,1,2,3\n", "indexing"),
        ("Metadata.csv", "Property,Value\nSitemap,All known pages\n", "indexing"),
        ("leads.csv", "id,created_time,ad_id,form_id,is_organic,email\n1,2026-01-01,2,3,false,a@example.com\n", "lead_form"),
        ("b.csv", "Relatório de atividade de faturamento\n1 de maio de 2026 - 3 de maio de 2026\nData,Tipo,Descrição,Interações,Custos,Créditos,Saldo atual\n2026-05-01,x,y,1,2,3,4\n", "billing"),
    ],
)  # fmt: skip
def test_files_that_are_no_performance_reports_are_named(read_one, name, text, report):
    table = read_one(name, text)
    assert (table.kind, table.report) == ("not_data", report)
    assert "a@example.com" not in str(table.as_dict())


def test_abandoned_checkouts_are_not_orders(read_one):
    table = read_one(
        "checkouts_export_1.csv",
        "Name,Email,Financial Status,Currency,Total,Created at,Lineitem quantity,Lineitem name\n#1,a@example.com,,EUR,5.00,2026-01-01 10:00:00 +0100,1,Cup\n",
    )
    assert (table.platform, table.kind) == ("shopify", "not_data")


@pytest.mark.parametrize(
    "header",
    [
        "Report Month,Channel,Data Type,Date,Title,Impressions,Views,Clicks,Link,Attendees,Chat Count,Interactions,Notes",
        "Date,Keyword,Group (A/B),Traffic Source,Clicks,Impressions,Conversions,Conversion Rate (%),CPA (£),Revenue (£)",
        "#,Keyword,Page Title,URL Slug,Target Keyword,Word Count,Priority",
        "week,channel,campaign,categoria,cost,impressions,clicks,revenue,cpc,cpm,ctr,roas",
        "date,campaign_name,campaign_type,spend,impressions,clicks,ctr,cpc,conversions,conv_value,roas",
    ],
)
def test_tables_that_somebody_made_up_stay_unknown(read_one, header):
    cells = ",".join("2026-01-01" if name.lower() in ("date", "week") else "1" for name in header.split(","))
    table = read_one("my numbers.csv", f"{header}\n{cells}\n")
    assert (table.platform, table.kind) == (None, "unknown")


def test_rows_without_any_name_are_rows_when_all_are_like_that(read_one):
    table = read_one(
        "x.csv",
        '"Campaign name",Impressions,"Amount spent (EUR)","Link clicks","Reporting starts","Reporting ends"\n'
        ",1,1.50,1,2026-01-01,2026-01-31\n,2,2.50,1,2026-02-01,2026-02-28\n",
    )
    assert (table.rows, table.totals["spend"]) == (2, 4)


def test_a_series_of_days_speaks_for_a_file_with_several_tables(read):
    tables = read(
        "Overview_cards_csv(2026-02-11_10_00_00).zip",
        _zip(
            {
                "Campaigns(2026.02.05-2026.02.06).csv": "Campaign Name,Cost,Clicks,CTR\nA,$1.00,2,3%\nB,$2.00,2,3%\n",
                "Time_series(2026.02.05-2026.02.06).csv": 'Date,Clicks,Cost\n"Thu, 5 Feb 2026",2,$1.50\n"Fri, 6 Feb 2026",2,$1.50\n',
            }
        ),
    )
    assert (primary(tables).report, primary(tables).daily) == ("time_series", True)


def test_cells_far_to_the_right_are_found_in_any_spelling_of_xml():
    from errors import UnreadableFile
    from spreadsheets.safety import _Claims

    for cell in (b'<c r="AAAA1"/>', b"<c r = 'ABC1'/>", b'<c r  =\n"ABC1"/>'):
        with pytest.raises(UnreadableFile):
            _Claims().see_sheet(b"<row><c r='A1'/>" + cell if b"'" in cell else cell)


def test_payments_without_country_and_source_count_wherever_they_stand(read_one):
    row = "{key},2026-01-0{day} 10:00,10.00,0.00,usd,true,{status},{country},\n"
    rows = [
        row.format(key="py_1", day=1, status="Paid", country=""),
        row.format(key="py_2", day=2, status="Paid", country="DE"),
        row.format(key="py_3", day=3, status="Pending", country="DE"),
        row.format(key="py_4", day=4, status="Paid", country=""),
    ]
    header = "id,Created date (UTC),Amount,Amount Refunded,Currency,Captured,Status,Card Issue Country,UTM Source\n"
    table = read_one("unified_payments.csv", header + "".join(rows))
    assert (table.rows, table.totals["revenue_net"], table.currency) == (3, 30, "USD")
    assert any("status pending" in note for note in table.notes)


def test_an_empty_landing_page_is_a_value_and_no_total(read_one):
    table = read_one(
        "data-export.csv",
        "# Start date: 20260301\n# End date: 20260331\nLanding page,Sessions,New users\n,50,5\n/a,3,2\n,7,1\n",
    )
    assert (table.rows, table.totals) == (3, {"sessions": 60, "new_users": 8})
    assert table.footer == {}


def test_total_label_may_stand_under_any_column(read_one):
    table = read_one(
        "Search keyword report.csv",
        "Search keyword report\nJanuary 1, 2026 - January 2, 2026\nKeyword status,Keyword,Match type,Campaign,Ad group,Impr.,Clicks,Currency code,Cost\n"
        "Enabled,lamps,Phrase match,A,G,10,2,EUR,1.50\nEnabled,light,Phrase match,A,G,20,3,EUR,2.50\n"
        ",,Total: Search keywords,,,30,5,EUR,4.00\n,,Total: Smart,,,9,9,EUR,9.00\n",
    )
    assert (table.rows, table.totals["spend"], table.footer["spend"]) == (2, 4, 4)
