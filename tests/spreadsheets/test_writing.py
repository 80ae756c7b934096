"""What leaves as CSV or XLSX: types, exactness, and nothing that executes."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

import fastexcel
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from spreadsheets.writing import sheet_titles, write_csv, write_xlsx

FRAME = pl.DataFrame(
    {
        "=name": ["=HYPERLINK(1)", "+1", "-1", "@x", "\tx", "\rx", "ok", None],
        "spend": pl.Series([Decimal("-12.3400"), *[Decimal("0.1")] * 7], dtype=pl.Decimal(38, 10)),
        "day": [date(2026, 1, 2)] * 8,
        "clicks": [-5, *range(7)],
    }
)


def test_csv_is_exact_typed_and_harmless():
    rows = list(csv.reader(io.StringIO(write_csv(FRAME).decode("utf-8-sig"), newline="")))
    assert rows[0] == ["'=name", "spend", "day", "clicks"]
    assert rows[1] == ["'=HYPERLINK(1)", "-12.34", "2026-01-02", "-5"]
    assert [row[0][:1] for row in rows[1:7]] == ["'"] * 6
    assert rows[7][0] == "ok"


def test_xlsx_has_real_numbers_and_dates_and_harmless_texts():
    data = write_xlsx({"Numbers": FRAME, "Notes": pl.DataFrame({"a": ["b"]})})
    reader = fastexcel.read_excel(data)
    frame = reader.load_sheet("Numbers").to_polars()
    assert reader.sheet_names == ["Numbers", "Notes"]
    assert frame["'=name"].to_list()[:2] == ["'=HYPERLINK(1)", "'+1"]
    assert frame["spend"][0] == -12.34
    assert frame["clicks"][0] == -5
    assert frame["day"].dtype.is_temporal()


@given(st.lists(st.text(max_size=20), min_size=1, max_size=5))
def test_no_text_starts_like_a_formula(texts):
    written = write_csv(pl.DataFrame({"a": texts})).decode("utf-8-sig")
    for row in list(csv.reader(io.StringIO(written, newline="")))[1:]:
        assert not row or not row[0].startswith(("=", "+", "-", "@", "\t", "\r"))


def test_sheet_titles_are_cut_cleaned_and_unique():
    long = "Very long title of a sheet that Excel refuses"
    titles = list(sheet_titles({long: FRAME, long + "!": FRAME, "a/b": FRAME, "": FRAME}))
    assert len(set(titles)) == 4
    assert all(0 < len(title) <= 31 for title in titles)
    assert "/" not in titles[2]


def test_empty_frames_are_written():
    assert write_csv(FRAME.head(0)).count(b"\r\n") == 1
    assert fastexcel.read_excel(write_xlsx({"A": FRAME.head(0)})).sheet_names == ["A"]
