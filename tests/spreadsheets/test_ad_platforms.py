"""Exports of the ad platforms, as their formats are documented; every number here is invented."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from spreadsheets.understanding import Answers


def money(text: str) -> Decimal:
    return Decimal(text)


META = {
    "en": "Campaign name,Day,Reach,Impressions,Amount spent (EUR),Clicks (all),Link clicks,Purchases,Purchases conversion value,Reporting starts,Reporting ends",
    "de": "Kampagnenname,Tag,Reichweite,Impressionen,Ausgegebener Betrag (EUR),Klicks (alle),Link-Klicks,Käufe,Conversion-Wert,Berichtsstart,Berichtsende",
    "es": "Nombre de la campaña,Día,Alcance,Impresiones,Importe gastado (EUR),Clics (todos),Clics en el enlace,Compras,Valor de conversión,Inicio del informe,Fin del informe",
    "fr": "Nom de la campagne,Jour,Couverture,Impressions,Montant dépensé (EUR),Clics (tous),Clics sur un lien,Achats,Valeur de conversion des achats,Début des rapports,Fin des rapports",
    "pt": "Nome da campanha,Dia,Alcance,Impressões,Valor usado (EUR),Cliques (todos),Cliques no link,Compras,Valor de conversão da compra,Início dos relatórios,Término dos relatórios",
    "it": "Nome della campagna,Giorno,Copertura,Impressioni,Importo speso (EUR),Clic (tutti),Clic sul link,Acquisti,Valore di conversione degli acquisti,Inizio dei report,Fine dei report",
    "ja": "キャンペーン名,日,リーチ,インプレッション,消化金額 (EUR),クリック(すべて),リンククリック(ユニーク),購入,購入コンバージョン値,レポート開始日,レポート終了日",
}


@pytest.mark.parametrize("language", META)
def test_meta_daily_file_in_seven_languages(read_one, language):
    rows = "Summer,2026-07-02,80,1000,10.12345678,30,20,2,99.5,2026-07-02,2026-07-02\nSummer,2026-07-01,70,500,5,12,9,,,2026-07-01,2026-07-01\n"
    table = read_one("Campaigns.csv", "\ufeff" + META[language] + "\n" + rows)
    assert (table.platform, table.report, table.grain, table.currency) == (
        "meta_ads",
        "campaign",
        "campaign",
        "EUR",
    )
    assert (table.date_from, table.date_to, table.daily) == (date(2026, 7, 1), date(2026, 7, 2), True)
    assert table.totals == {
        "impressions": 1500, "clicks": 42, "link_clicks": 29, "spend": money("15.12345678"), "conversions": 2,
        "conversion_value": money("99.5"),
    }  # fmt: skip
    assert table.frame["reach"].to_list() == [80, 70]
    assert table.frame["conversions"].to_list() == [Decimal(2), None]


def test_meta_resaved_in_german_has_semicolons_and_decimal_commas(read_one):
    text = "Tag;Kampagnenname;Ausgegebener Betrag (EUR);Impressionen\n01.07.2026;A;1.234,50;12.345\n02.07.2026;A;12,5;1.000\n"
    table = read_one("meta.csv", text)
    assert table.totals == {"impressions": 13345, "spend": money("1247")}
    assert table.date_to == date(2026, 7, 2)


def test_meta_summary_row_comes_first_and_is_not_data(read_one):
    text = (
        "Campaign name,Delivery status,Amount spent (USD),Impressions,Results,Result type,Reporting starts,Reporting ends\n"
        ",,30,300,5,,2026-07-01,2026-07-31\nA,active,10,100,2,Link clicks,2026-07-01,2026-07-31\n"
        "B,active,20,200,3,Purchases,2026-07-01,2026-07-31\n"
    )
    table = read_one("meta.csv", text)
    assert (table.rows, table.totals["spend"], table.footer["spend"]) == (2, 30, 30)
    assert not table.daily
    assert table.frame["days"].to_list() == [31, 31]
    assert "conversions" not in table.totals  # results of different types are never added up
    assert '"results": 2' in table.frame["more"][0]


def test_meta_results_of_one_type_count_as_conversions(read_one):
    text = (
        "Campaign name,Amount spent (USD),Results,Result type,Attribution setting,Reporting starts,Reporting ends\n"
        "A,10,2,Leads,7-day click,2026-07-01,2026-07-01\nB,20,3,Leads,7-day click,2026-07-01,2026-07-01\n"
    )
    table = read_one("meta.csv", text)
    assert table.totals["conversions"] == 5
    assert table.attribution == "7-day click, Leads"


def test_meta_breakdown_and_custom_metrics(read_one):
    text = "Gender,Age,Campaign name,Impressions,Amount spent (USD),* LC → CV,Reporting starts,Reporting ends\nfemale,18-24,A,5,1,0.25,2026-07-01,2026-07-01\n"
    table = read_one("meta.csv", text)
    assert table.breakdown == "age_gender"
    assert table.frame["segment"].to_list() == ["age=18-24|gender=female"]
    assert table.frame["more"].to_list() == ['{"* LC → CV": 0.25}']


def test_google_campaign_report_with_preamble_and_totals(read_one):
    text = (
        'Campaign report\n"July 8, 2025 - July 31, 2025"\nCampaign status,Campaign,Budget,Currency code,Impr.,Cost,Clicks,Conversions,Search impr. share\n'
        'Enabled,"Brand, DE",50.00,EUR,"25,881",1661.67,"1,200","31,573.00",< 10%\nPaused,Other,5.00,EUR,119,0.33,0, --, --\n'
        'Total: Campaigns, --, --,EUR,"26,000",1662.00,"1,200","31,573.00", --\nTotal: Account,,,EUR,"26,100",1670.00,"1,203","31,573.00",\n'
        "Total: Search,,,EUR,1,1,1,1,\n"
    )
    table = read_one("Campaign report.csv", text)
    assert (table.platform, table.report, table.currency, table.rows) == ("google_ads", "campaign", "EUR", 2)
    assert table.totals == table.footer == {
        "impressions": 26000, "clicks": 1200, "spend": 1662, "conversions": 31573,
    }  # fmt: skip
    assert (table.date_from, table.date_to, table.daily) == (date(2025, 7, 8), date(2025, 7, 31), False)
    assert table.frame["status"].to_list() == ["Enabled", "Paused"]


def test_google_utf16_without_a_mark_and_tabs(read_one):
    text = 'Ad group report\nAll time\nAd group\tCampaign\tCurrency code\tImpr.\tCurrency code\tCost\nG1\tC1\tUSD\t"1,000"\tUSD\t2.50\n'
    table = read_one("Ad group report.csv", text.encode("utf-16-le"))
    assert (table.report, table.currency, table.totals["impressions"]) == ("ad_group", "USD", 1000)
    assert [question.kind for question in table.questions] == ["period", "account"]


def test_google_total_label_in_the_second_column(read_one):
    text = (
        'Search keyword report\n"August 8, 2020 - August 14, 2020"\nDevice,Keyword status,Keyword,Campaign,Ad group,Currency code,Impr.,Cost\n'
        'Computers,Enabled,"""car breakdown""",C,G,USD,3,1.00\nMobile phones,Enabled,[tow],C,G,USD,4,2.00\n'
        "Computers,Total: Search,,,,USD,3,1.00\nMobile phones,Total: Search,,,,USD,4,2.00\n"
    )
    table = read_one("kw.csv", text)
    assert (table.rows, table.breakdown, table.grain) == (2, "device", "keyword")
    assert table.footer == {"impressions": 7, "spend": 3}
    assert table.frame["segment"].to_list() == ["device=desktop", "device=mobile"]
    assert table.frame["item"].to_list() == ['"car breakdown"', "[tow]"]


@pytest.mark.parametrize(
    ("header", "row", "spend"),
    [
        (
            "Status da campanha,Campanha,Código da moeda,Impr.,Custo,Conversões",
            'Ativada,A,BRL,519,"1.118,99","14,00"',
            "1118.99",
        ),
        (
            "Estado de la campaña,Campaña,Código de moneda,Impr.,Coste,Conversiones",
            'Habilitada,A,EUR,519,"118,99","14,00"',
            "118.99",
        ),
        (
            "Kampagnenstatus,Kampagne,Währungscode,Impr.,Kosten,Conversions",
            'Aktiviert,A,EUR,519,"118,99","14,00"',
            "118.99",
        ),
        (
            "État de la campagne,Campagne,Code de devise,Impr.,Coût,Conversions",
            'Activée,A,EUR,519,"118,99","14,00"',
            "118.99",
        ),
    ],
)
def test_google_in_other_languages(read_one, header, row, spend):
    table = read_one(
        "x.csv", f"Relatório de campanha\n5 de maio de 2026 - 15 de maio de 2026\n{header}\n{row}\n"
    )
    assert (table.platform, table.grain) == ("google_ads", "campaign")
    assert table.totals == {"impressions": 519, "spend": money(spend), "conversions": 14}
    assert table.date_to == date(2026, 5, 15)


def test_google_resaved_with_padded_preamble(read_one):
    text = "\ufeffTermos de pesquisa;;;;\r\n1 de maio de 2026 - 2 de maio de 2026;;;;\r\nTermo de pesquisa;Campanha;Código da moeda;Impr.;Custo\r\nsapato;A;BRL;10;2,87\r\nTotal: Termos de pesquisa;;BRL;10;2,87\r\n"
    table = read_one("x.csv", text)
    assert (table.report, table.totals["spend"], table.footer["spend"]) == (
        "search_terms",
        money("2.87"),
        money("2.87"),
    )


def test_google_card_takes_period_from_its_name_and_currency_from_cells(read_one):
    text = 'Campaign Name,Campaign Group Name,Campaign Status,Cost,Clicks\nA,,Enabled,"US$1,234.15",17\n'
    table = read_one("Campaigns(2026.02.05-2026.02.10).csv", text)
    assert (table.currency, table.totals["spend"]) == ("USD", money("1234.15"))
    assert (table.date_from, table.date_to) == (date(2026, 2, 5), date(2026, 2, 10))


def test_google_card_writes_days_out(read_one):
    text = 'Data,Cliques,Custo,Impressões\n"ter., 5 de mai. de 2026",1,"R$\u00a01.236,86",9\n"qua., 6 de mai. de 2026",2,"R$\u00a00,00",1\n'
    table = read_one("Série_temporal(2026.05.05-2026.05.06).csv", text)
    assert (table.report, table.currency, table.daily) == ("time_series", "BRL", True)
    assert table.totals["spend"] == money("1236.86")


def test_google_weeks_are_cut_by_the_stated_period(read_one):
    text = "Campaign report\n2026-07-03 - 2026-07-12\nWeek,Campaign,Currency code,Impr.,Cost\n2026-06-29,A,EUR,1,1\n2026-07-06,A,EUR,1,1\n"
    table = read_one("x.csv", text)
    assert list(zip(table.frame["day"], table.frame["days"], strict=True)) == [
        (date(2026, 7, 3), 3),
        (date(2026, 7, 6), 7),
    ]


def test_tiktok_total_row_masked_cells_and_repeated_days(read_one):
    text = (
        "Campaign name,Ad group name,Ad name,By Day,Cost,Impressions,Clicks (destination),Clicks (all),Currency,Reach,Age\n"
        "C,G,A,2026-01-01,5,<5,3,4,IDR,9,18-24\nC,G,A,2026-01-02,7,10,1,2,IDR,5,18-24\nC,G,A,2026-01-02,8,20,1,2,IDR,6,18-24\n"
        "Total of 3 results,-,-,-,20,30,5,8,-,-,-\n"
    )
    table = read_one("tt.csv", text)
    assert (table.platform, table.rows, table.frame.height, table.breakdown) == ("tiktok_ads", 3, 2, "age")
    assert table.totals["spend"] == table.footer["spend"] == 20
    assert table.totals["clicks"] == 5
    assert table.frame["impressions"].to_list() == [None, 30]
    assert '"impressions_censored": "<5"' in table.frame["more"][0]
    assert table.frame["reach"].to_list() == [9, 6]


def test_pinterest_checkout_is_the_conversion_and_other_events_stay_apart(read_one):
    text = (
        "Date,Campaign name,Ad group name,Ad name,Ad entity status,Ad ID,Spend in account currency,Impressions,Reach,Result,Cost per result,Pin clicks,Outbound clicks,Saves,"
        "Total conversions (Checkout),Total order value (Checkout),Total conversions (Page visit),Total order value (Page visit),Total CPA (Checkout)\n"
        "2026-03-01,C,G,A,ACTIVE,PP6871234567890123456,17.25,1000,900,[17],[0.7339217272727273],30,20,5,2,80.5,60,0,8.6\n"
    )
    table = read_one("pins.csv", text)
    assert (table.platform, table.grain, table.currency) == ("pinterest_ads", "ad", None)
    assert [question.kind for question in table.questions] == ["currency", "account"]
    assert table.totals["conversions"] == 2
    assert table.totals["conversion_value"] == money("80.5")
    assert table.totals["closeups"] == table.totals["clicks"] == 30
    assert '"conversions: page visit": 60' in table.frame["more"][0]
    assert '"results": 17' in table.frame["more"][0]
    assert table.frame["ad_id"].to_list() == ["PP6871234567890123456"]


def test_answered_currency_and_account_fill_what_the_file_leaves_out(read_one):
    text = "Date,Campaign name,Spend in account currency,Pin clicks\n2026-03-01,C,17.25,30\n"
    table = read_one("pins.csv", text, Answers(currency="chf", account="Shop"))
    assert (table.currency, table.account, table.questions) == ("CHF", "Shop", [])
    assert table.frame["currency"].to_list() == ["CHF"]
    assert table.frame["account"].to_list() == ["Shop"]


LINKEDIN_EN = (
    'Ad Performance Report (in UTC)\n"Report Start: September 21, 2026, 12:00 AM"\n"Report End: September 23, 2026, 11:59 PM"\n'
    '"Date Generated: September 24, 2026, 12:40 PM"\n\n'
)
LINKEDIN_NL = (
    'Rapport met advertentieprestaties (in UTC)\n"Begindatum van rapport: 21 september 2026 00:00"\n'
    '"Einddatum van rapport: 23 september 2026 23:59"\n"Datum aangemaakt: 24 september 2026 12:40"\n\n'
)


def test_linkedin_english_daily(read_one):
    header = "Start Date (in UTC)\tAccount Name\tCurrency\tCampaign Group Name\tCampaign ID\tCampaign Name\tTotal Spent\tImpressions\tClicks\tClick Through Rate"
    text = (
        LINKEDIN_EN
        + header
        + '\n9/21/2026\tAcme\tEUR\tGroup\t123456789\tCamp\t"1,234.50"\t10\t2\t0.321%\n9/22/2026\tAcme\tEUR\tGroup\t123456789\tCamp\t0.50\t20\t0\t0%\n'
    )
    table = read_one("li.csv", b"\xff\xfe" + text.encode("utf-16-le"))
    assert (table.platform, table.account, table.currency, table.daily) == (
        "linkedin_ads",
        "Acme",
        "EUR",
        True,
    )
    assert table.totals == {"impressions": 30, "clicks": 2, "spend": 1235}
    assert table.frame["campaign"].to_list() == ["Group", "Group"]
    assert table.frame["ad_group"].to_list() == ["Camp", "Camp"]
    assert table.questions == []


def test_linkedin_dutch_undivided_export_is_one_period(read_one):
    header = "Begindatum (in UTC)\tAccountnaam\tValuta\tCampagnenaam\tNaam van advertentieset\tTotaal besteed\tWeergaven\tKlikken\tGemiddelde kijktijd (in seconden)"
    text = (
        LINKEDIN_NL
        + header
        + '\n21-9-2026\tAcme\tEUR\tC\tS1\t"9,36"\t"1.200"\t3\t6.2527773973\n21-9-2026\tAcme\tEUR\tC\tS2\t"0,64"\t5\t0\t1.5\n'
    )
    table = read_one("li.csv", text.encode("utf-16-le"))
    assert (table.daily, table.frame["days"].to_list()) == (False, [3, 3])
    assert (table.date_from, table.date_to) == (date(2026, 9, 21), date(2026, 9, 23))
    assert table.totals == {"impressions": 1205, "clicks": 3, "spend": 10}


def test_linkedin_without_delivery_ends_after_the_preamble(read_one):
    table = read_one("li.csv", LINKEDIN_EN.encode("utf-16"))
    assert (table.platform, table.kind, table.rows) == ("linkedin_ads", "not_data", 0)
    assert "nothing was delivered" in table.note


MICROSOFT = (
    '"Report Name: Daily"\n"Report Time: 11/11/2023,11/12/2023"\n"Time Zone: (GMT+01:00) Paris"\n"Last Completed Available Day: 11/12/2023 10:15:00 PM (GMT)"\n'
    '"Report Aggregation: {aggregation}"\n"Report Filter: "\n"Potential Incomplete Data: true"\n"Rows: 2"\n\n'
)


@pytest.mark.parametrize(
    "cells", [("2023-11-11|00", "2023-11-11|13"), ("11/11/2023 12:00:00 AM|0", "11/11/2023 12:00:00 AM|13")]
)
def test_microsoft_hourly_in_both_versions(read_one, cells):
    text = (
        MICROSOFT.format(aggregation="Hourly")
        + '"TimePeriod","AccountName","CampaignName","CampaignId","Impressions","Clicks","Spend","Revenue","CurrencyCode"\n'
    )
    for cell in cells:
        text += f'"{cell}","Acme","C","1234567890123456","10","2","1.50","1,234.50","EUR"\n'
    text += '\n"©2024 Microsoft Corporation. All rights reserved. "\n'
    table = read_one("ms.csv", text)
    assert (table.platform, table.breakdown, table.account, table.rows) == (
        "microsoft_ads",
        "hour",
        "Acme",
        2,
    )
    assert table.frame["segment"].to_list() == ["hour=0", "hour=13"]
    assert table.totals["conversion_value"] == 2469
    assert table.date_from == table.date_to == date(2023, 11, 11)
    assert table.time_zone == "(GMT+01:00) Paris"


def test_microsoft_daily_dates_follow_the_stated_period(read_one):
    text = (
        MICROSOFT.format(aggregation="Daily")
        + '"TimePeriod","AccountName","CampaignName","Clicks","Spend","CurrencyCode"\n"11/11/2023","A","C","1","2","EUR"\n"11/12/2023","A","C","1","2","EUR"\n'
    )
    table = read_one("ms.csv", text)
    assert (table.date_from, table.date_to, table.questions) == (date(2023, 11, 11), date(2023, 11, 12), [])


def test_microsoft_screen_download_has_spaced_names(read_one):
    text = "Campaign,Impr.,Clicks,Avg. CPC,Spend,Conv.,CPA,Conv. rate\nA,10,2,0.5,1.00,1,1.00,50%\nOverall total - 1 campaigns,10,2,0.5,1.00,1,1.00,50%\n"
    table = read_one("Campaigns.csv", text)
    assert (table.platform, table.rows, table.footer["spend"]) == ("microsoft_ads", 1, 1)


def test_x_ads_guess(read_one):
    text = "Time period,Campaign name,Spend,Impressions,Results,Clicks\n2026-01-01,A,5.5,100,3,2\n"
    table = read_one("x.csv", text)
    assert (table.platform, table.totals["spend"], table.daily) == ("x_ads", money("5.5"), True)


def test_x_ads_api_fields_are_in_millionths(read_one):
    text = "date,campaign_id,billed_charge_local_micro,impressions,clicks,retweets\n2026-01-01,7,5500000,100,2,1\n"
    assert read_one("x_ads.csv", text).totals["spend"] == money("5.5")


def test_spotify(read_one):
    text = (
        "Report Name: Campaign Performance\nReport Granularity: Daily\nReport Primary Entity: Ad\nReport Date Range: 2026-05-27 - 2026-06-25 (UTC)\n"
        "Report Data as of: 2026-06-25 14:13:30 (UTC)\n\nCampaign id,Campaign name,Ad set id,Ad set name,Ad id,Ad name,Ad format,Date,Impressions,Reach,Clicks,Spend,Ad played to: 100%,Purchases\n"
        "6f9619ff-8b86-d011-b42d-00c04fc964ff, Spring,a,Set,b,Ad,AUDIO,2026/06/26,100,90,-,.22,50,-\n"
    )
    table = read_one("s.csv", text)
    assert (table.platform, table.frame["campaign"][0], table.date_to) == (
        "spotify_ads",
        "Spring",
        date(2026, 6, 26),
    )
    assert table.totals["spend"] == money("0.22")
    assert "clicks" not in table.totals


def test_amazon_campaign_csv_in_rupees(read_one):
    text = (
        "Date,Start Date,Portfolio name,Campaign Name,Currency,Budget,Impressions,Clicks,Last Year Clicks,Click-Thru Rate (CTR),Spend,14 Day Total Orders (#),14 Day Total Sales (₹)\n"
        '"Feb 1, 2020","Jan 18, 2020",No Portfolio,A,INR,Rs.1000.0,782,13,,1.66%,Rs.201.68,3,Rs.961.62\n'
    )
    table = read_one("sp.csv", text)
    assert (table.platform, table.attribution, table.currency, table.daily) == (
        "amazon_ads",
        "14d",
        "INR",
        True,
    )
    assert table.totals == {
        "impressions": 782,
        "clicks": 13,
        "spend": money("201.68"),
        "conversions": 3,
        "conversion_value": money("961.62"),
    }
    assert table.date_from == date(2020, 2, 1)


def test_amazon_keeps_one_window(read_one):
    text = "Start Date,End Date,Portfolio name,Campaign Name,Currency,Clicks,Spend,7 Day Total Sales ,7 Day Total Orders (#),14 Day Total Sales ,14 Day Total Orders (#)\n2026-01-01,2026-01-31,P,A,EUR,5,1,10,1,20,2\n"
    table = read_one("sp.csv", text)
    assert (table.attribution, table.totals["conversions"], table.totals["conversion_value"]) == ("7d", 1, 10)
    assert table.frame["days"].to_list() == [31]


@pytest.mark.parametrize(
    "header",
    [
        "Data,Nome campagna,Valuta,Termine ricerca cliente,Impressioni,Clic,Spesa,Vendite totali (€) 7 giorni,Totale ordini (#) 7 giorni",
        "日期,广告活动名称,货币,客户搜索词,展示量,点击量,花费,7天总销售额,7天总订单数(#)",
    ],
)
def test_amazon_in_other_languages(read_one, header):
    table = read_one("sp.csv", header + "\n2026-01-01,A,EUR,scarpe,10,2,1.50,9.90,1\n")
    assert (table.platform, table.report, table.attribution) == ("amazon_ads", "search_terms", "7d")
    assert table.totals["conversion_value"] == money("9.9")
    assert table.totals["conversions"] == 1


def test_linkedin_with_end_dates_and_dollar_signs(read_one):
    text = (
        "Ad Performance Report\nReport period: 9/1/2026 - 9/30/2026\nAccount: Acme (123456)\n\n"
        "Start Date (in UTC),End Date (in UTC),Campaign Group Name,Campaign Name,Creative Name,Total Spent,Impressions,Clicks\n"
        '9/1/2026,9/7/2026,G,C,Ad,"$1,500.00","20,000",100\n9/8/2026,9/14/2026,G,C,Ad,$0.50,10,1\n'
    )
    table = read_one("li.csv", text)
    assert (table.platform, table.frame["days"].to_list()) == ("linkedin_ads", [7, 7])
    question = next(question for question in table.questions if question.kind == "currency")
    assert (table.totals["spend"], question.suggestion) == (money("1500.5"), "USD")


def test_microsoft_keyword_download_with_bracketed_ids(read_one):
    text = (
        "Report Name: Keywords\nReport Time: 6/10/2026,6/16/2026\nTime Zone: (GMT+08:00) Beijing, Chongqing\n\n"
        "Account name\tCampaign name\tCampaign ID\tAd group\tKeyword\tBid match type\tImpressions\tClicks\tSpend\tConversions\tCPA\n"
        "Acme\tC\t[82945799304067]\tG\tshoes\tPhrase\t309\t91\t318.26\t20\t15.91\n"
    )
    table = read_one("ms.tsv", text)
    assert (table.platform, table.report, table.date_to) == ("microsoft_ads", "keywords", date(2026, 6, 16))
    assert table.frame["campaign_id"].to_list() == ["82945799304067"]


def test_headers_that_lost_their_accents_still_map(read_one):
    text = "Nome da campanha,Valor usado (BRL),Impressoes,Inicio dos relatorios,Termino dos relatorios\nA,1,2,06/01/2026,12/01/2026\n"
    table = read_one("m.csv", text)
    assert (table.platform, table.currency, table.date_from, table.date_to) == (
        "meta_ads",
        "BRL",
        date(2026, 1, 6),
        date(2026, 1, 12),
    )


def test_google_french_report_resaved_with_spaces_in_numbers(read_one):
    text = (
        "Rapport sur les campagnes\n1 septembre 2026 - 30 septembre 2026\nCampagne;Type de campagne;Coût;Conversions;Coût/conv.\n"
        "A;Search;1 234,56;40,5;30,48\nB;Search;600;12;50\nTotal : campagnes;--;1 834,56;52,5;34,94\n"
    )
    table = read_one("g.csv", text)
    assert (table.platform, table.rows, table.totals) == (
        "google_ads",
        2,
        {"spend": money("1834.56"), "conversions": money("52.5")},
    )
    assert table.footer == table.totals


def test_google_manager_account_with_converted_cost_only(read_one):
    text = "Account,Campaign,Impr.,Converted currency code,Cost (Converted currency)\nA,C,5,USD,1.5\n"
    table = read_one("g.csv", text)
    assert (table.currency, table.totals["spend"], table.account) == ("USD", money("1.5"), "A")
