"""What holds for every file: layouts, bad cells, questions, mapping, the template."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from errors import UnreadableFile
from spreadsheets import sheets
from spreadsheets.reading import fingerprint, understand_rows
from spreadsheets.template import template_bytes
from spreadsheets.understanding import Answers, Table
from spreadsheets.writing import write_xlsx

META = "Campaign name,Amount spent (EUR),Impressions,Clicks (all),Reporting starts,Reporting ends\n"


def test_bad_rows_are_listed_and_good_ones_go_on(read_one):
    text = META + (
        'A,10,100,1,2026-02-01,2026-02-01\nB,"12,5O",100,1,2026-02-01,2026-02-01\nC,5,12x,1,2026-02-01,2026-02-01\n'
        "D,5,100,1,31.02.2026,31.02.2026\nE,5,100,1.5,2026-02-01,2026-02-01\nF,2.5,50,1,2026-02-02,2026-02-02\n"
    )
    table = read_one("m.csv", text)
    assert (table.rows, table.totals["spend"]) == (2, Decimal("12.5"))
    found = [(problem.row, problem.column, problem.value, problem.reason) for problem in table.problems]
    assert found == [
        (3, "Amount spent (EUR)", "12,5O", "letters in a number"),
        (4, "Impressions", "12x", "letters in a number"),
        (5, "Reporting ends", "31.02.2026", "no such day in the calendar") if found[2][1] == "Reporting ends"
        else (5, "Reporting starts", "31.02.2026", "no such day in the calendar"),
        (6, "Clicks (all)", "1.5", "a whole number was expected"),
    ]  # fmt: skip


def test_rows_count_as_a_spreadsheet_shows_them(read_one):
    text = 'Ad group report\nAll time\nAd group,Campaign,Currency code,Impr.,Cost\n"two\nlines",C,EUR,1,1\n\nG,C,EUR,x,1\n'
    assert read_one("g.csv", text).problems[0].row == 6


def test_mixed_currencies_stay_on_their_rows(read_one):
    text = "Campaign name,Currency,Amount spent,Impressions,Reporting starts,Reporting ends\nA,EUR,10,1,2026-01-01,2026-01-01\nB,USD,20,1,2026-01-01,2026-01-01\n"
    table = read_one("m.csv", text)
    assert table.currency is None
    assert table.frame["currency"].to_list() == ["EUR", "USD"]
    assert "spend" not in table.totals
    assert table.totals_by_currency["USD"]["spend"] == 20
    assert any("2 currencies" in note for note in table.notes)


def test_header_without_rows_is_an_empty_report(read_one):
    table = read_one("m.csv", META)
    assert (table.platform, table.kind, table.rows) == ("meta_ads", "metrics", 0)
    assert "nothing was delivered" in table.note


def test_ids_shortened_by_a_spreadsheet_program_are_refused(read_one):
    text = "Campaign name,Campaign ID,Amount spent (EUR),Impressions,Reporting starts,Reporting ends\nA,1.20E+17,10,1,2026-01-01,2026-01-01\nB,120211234567890123,1,1,2026-01-01,2026-01-01\n"
    table = read_one("m.csv", text)
    assert table.frame["campaign_id"].to_list() == [None, "120211234567890123"]
    assert (table.rows, table.problem_count, table.problems[0].row) == (2, 1, 2)
    assert "rounded" in table.problems[0].reason


def test_headers_may_be_duplicated_empty_padded_or_broken(read_one):
    text = '"Campaign\nname ", ,AMOUNT SPENT (EUR) ,Impressions,Impressions,Reporting  starts,Reporting ends\nA,x,10,1,1,2026-01-01,2026-01-01\n'
    table = read_one("m.csv", text)
    assert table.totals == {"impressions": 1, "spend": 10}
    assert table.currency == "EUR"


def test_sep_line_and_windows_encoding(read_one):
    text = "sep=;\r\nKampagnenname;Ausgegebener Betrag (EUR);Impressionen;Tag\r\nFrühling;1.234,50;5;01.02.2026\r\n"
    table = read_one("m.csv", text.encode("cp1252"))
    assert table.frame["campaign"].to_list() == ["Frühling"]
    assert table.totals["spend"] == Decimal("1234.5")


def test_ambiguous_dates_are_asked_once_and_answered(read_one):
    text = (
        "Campaign name,Day,Amount spent (EUR),Link clicks\nA,2/3/2026,1,1\nA,3/3/2026,1,1\nA,4/3/2026,1,1\n"
    )
    table = read_one("m.csv", text)
    question = next(question for question in table.questions if question.kind == "date_order")
    assert (question.options, question.suggestion) == (("dmy", "mdy"), "dmy")
    assert table.date_to == date(2026, 3, 4)
    answered = read_one("m.csv", text, Answers(date_order="mdy"))
    assert answered.date_to == date(2026, 4, 3)
    assert not any(q.kind == "date_order" for q in answered.questions)


def test_period_answer_counts_for_all_rows(read_one):
    text = "Campaign,Currency code,Impr.,Cost\nA,EUR,5,1\n"
    table = read_one("g.csv", text, Answers(period=(date(2026, 1, 1), date(2026, 1, 31))))
    assert (table.date_to, table.frame["days"].to_list()) == (date(2026, 1, 31), [31])
    assert not any(question.kind == "period" for question in table.questions)


def test_dates_without_a_year_ask_for_it(read_one):
    text = "Date,Clicks,Impr.,Cost,Currency code\nFeb 5,1,2,3,EUR\n"
    table = read_one("g.csv", text)
    assert next(question.kind for question in table.questions) == "year"
    assert read_one("g.csv", text, Answers(year=2026)).date_from == date(2026, 2, 5)


def test_unknown_table_is_ready_for_mapping(read_one):
    table = read_one("spend.csv", "Month,Spend,Remark\n2025-01,1000,x\n2025-02,1150,y\n")
    assert (table.platform, table.report, table.kind, table.rows) == (None, "unknown", "unknown", 2)
    assert [(column.header, column.meaning, column.sample) for column in table.columns] == [
        ("Month", "day", "2025-01"), ("Spend", "spend", "1000"), ("Remark", None, "x"),
    ]  # fmt: skip


def test_mapped_table_becomes_custom(read_one):
    answers = Answers(mapping={"month": "day", "Spend": "spend", "Where": "channel"}, currency="EUR")
    table = read_one("spend.csv", "Month;Spend;Where\n2025-01;1.000,50;Radio\n2025-02;1.150;Radio\n", answers)
    assert (table.platform, table.kind, table.currency, table.daily) == ("custom", "metrics", "EUR", False)
    assert table.totals["spend"] == Decimal("2150.5")
    assert table.frame["days"].to_list() == [31, 28]
    assert table.frame["channel"].to_list() == ["Radio", "Radio"]


def test_fingerprint_ignores_spelling_and_depends_on_columns(read_one):
    first, same, other = (
        read_one("a.csv", head + "\n1,2\n") for head in ("Foo bar,Baz", "foo  BAR ,Baz", "Foo,Baz")
    )
    assert fingerprint(first) == fingerprint(same) != fingerprint(other)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_template_round_trips(read, kind):
    table = read(f"template.{kind}", template_bytes(kind))[0]
    assert (table.platform, table.currency, table.rows, table.problems) == ("unified", "EUR", 2, [])
    assert table.totals["spend"] == Decimal("1730.5")
    assert table.totals["conversion_value"] == 960
    assert table.frame["channel"].to_list() == ["Radio", "Print"]


def test_template_takes_further_metrics_by_label_or_slug(read_one):
    table = read_one(
        "t.csv", "Date,Channel,Spend,Currency,video_views_3s,Add to carts\n2026-01-01,Radio,5,EUR,7,2\n"
    )
    assert table.totals == {"spend": 5, "video_views_3s": 7, "add_to_carts": 2}


def test_offline_grid_reads_like_a_file():
    rows = [
        {
            "Date": date(2026, 1, 1),
            "Channel": "Radio",
            "Spend": Decimal("100.50"),
            "Currency": "EUR",
            "Account": "North",
        },
        {"Date": "2026-01-02", "Channel": "Radio", "Spend": "ten", "Currency": "EUR", "Account": "North"},
    ]
    table = understand_rows(rows, "grid")
    assert (table.platform, table.totals["spend"], table.problem_count) == ("unified", Decimal("100.5"), 1)
    assert table.problems[0].row == 3


def test_repeated_sheets_of_a_workbook_are_read_once(read):
    frame = pl.DataFrame(
        {
            "Campaign name": ["A"],
            "Amount spent (EUR)": [1.5],
            "Impressions": [3],
            "Reporting starts": [date(2026, 1, 1)],
            "Reporting ends": [date(2026, 1, 1)],
        }
    )
    first, second = read("m.xlsx", write_xlsx({"Formatted Report": frame, "Raw Data Report": frame}))
    assert (first.kind, second.kind) == ("metrics", "not_data")
    assert first.totals["spend"] == Decimal("1.5")
    assert first.date_from == date(2026, 1, 1)


def test_fast_and_exact_readers_agree(read_one, monkeypatch):
    text = 'Ad group report\nAll time\nAd group,Campaign,Currency code,Impr.,Cost\n"two\nlines, ""x""",C,EUR,"1,000",1\n\nG,C,EUR,2,1.5\nTotal: Account,,EUR,"1,002",2.5\n'
    exact = read_one("g.csv", text)
    monkeypatch.setattr(sheets, "_EXACT_BELOW", 0)
    fast = read_one("g.csv", text)
    assert exact.frame.equals(fast.frame)
    assert exact.footer == fast.footer
    assert exact.totals["impressions"] == 1002


def test_a_table_survives_json(read_one):
    table = read_one("m.csv", META + "A,x,1,1,2026-01-01,2026-01-01\nB,1.10,1,1,2026-01-01,2026-01-01\n")
    again = Table.from_dict(json.loads(json.dumps(table.as_dict())))
    assert again == table
    answers = Answers(currency="EUR", period=(date(2026, 1, 1), date(2026, 1, 2)), mapping={"a": "spend"})
    assert Answers.from_dict(json.loads(json.dumps(answers.as_dict()))) == answers


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("Row Type,Action,Campaign status,Customer ID,Campaign,Networks,Tracking template", "bulk"),
        (
            "Keyword,Currency,Avg. monthly searches,Three month change,YoY change,Competition,Top of page bid (low range)",
            "Keyword Planner",
        ),
        ("Sale Date,Item Name,Buyer,Quantity,Price,Coupon Code,Order Shipping,Item Total,Listing ID", "Etsy"),
        (
            "order-id\torder-item-id\tpurchase-date\tpayments-date\tbuyer-email\tsku\tproduct-name\titem-price",
            "Amazon seller",
        ),
        (
            "Order ID,Customer ID,Customer Name,Customer Email,Order Status,Order Date,Subtotal (inc tax),Order Total (inc tax)",
            "BigCommerce",
        ),
        ("ad_archive_id,page_name,ad_creation_time,ad_snapshot_url,impressions,spend", "Ad Library"),
        (
            "Keyword,Position,Previous position,Search Volume,Keyword Difficulty,CPC,URL,Traffic (%),Traffic Cost",
            "rank tracker",
        ),
    ],
)
def test_files_uploaded_by_mistake_are_named(read_one, header, words):
    width = len(header.split("\t" if "\t" in header else ","))
    table = read_one("x.csv", header + "\n" + ("\t" if "\t" in header else ",").join(["1"] * width) + "\n")
    assert table.kind == "not_data"
    assert words in table.note


def test_text_without_a_table_is_refused(read):
    with pytest.raises(UnreadableFile, match="no row with column names"):
        read("a.txt", "just some words\nand more of them\n")
