"""Numbers and days in every spelling, by example and by property."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import polars as pl
import pytest
from babel.dates import format_date
from hypothesis import given
from hypothesis import strategies as st

from spreadsheets.currencies import candidates
from spreadsheets.dates import NoDay, day_order, read_day, read_moment, read_period
from spreadsheets.headers import currency_in, normalise
from spreadsheets.numbers import decimal_sign, parse, split_signs, tidy
from spreadsheets.workbooks import currency_sign

amounts = st.decimals(min_value=-(10**12), max_value=10**12, places=4, allow_nan=False, allow_infinity=False)
days = st.dates(min_value=date(1995, 1, 1), max_value=date(2090, 12, 31))


def read(text: str, sign: str) -> Decimal | None:
    bare, _ = split_signs(tidy(pl.Series([text])))
    number = parse(bare, sign)
    return None if number.bad[0] else number.values[0]


@given(amounts, st.sampled_from([(".", ","), (",", "."), (",", " "), (",", "\u202f"), (".", "'"), (".", "")]))
def test_any_amount_reads_back_exactly(amount, signs):
    sign, group = signs
    text = f"{amount:,.4f}".replace(",", "\0").replace(".", sign).replace("\0", group)
    assert read(text, sign) == amount


@given(amounts, st.sampled_from(["US$", "R$\u00a0", "€", "Rs.", "₹ ", "EUR "]))
def test_currency_signs_do_not_change_the_amount(amount, sign):
    bare, signs = split_signs(
        tidy(pl.Series([f"{sign}{abs(amount):,.4f}", f"{abs(amount):,.4f} {sign.strip()}"]))
    )
    assert parse(bare, ".").values.to_list() == [abs(amount)] * 2
    assert signs.to_list() == [sign.strip()] * 2


@pytest.mark.parametrize(
    ("text", "sign", "value"),
    [
        ("1.234", ",", "1234"), ("1,234", ".", "1234"), ("0.321", ",", "0.321"), ("6.2527773973", ",", "6.2527773973"),
        ("1,23,456.50", ".", "123456.5"), ("(12.50)", ".", "-12.5"), ("[17]", ".", "17"), (".22", ".", "0.22"), ("5.", ".", "5"),
        ("1e-05", ".", "0.00001"), ("−3", ".", "-3"), ("৳2,999", ".", "2999"), ("12 %", ".", "12"), ("1.606880E+06", ".", "1606880"),
    ],
)  # fmt: skip
def test_odd_numbers(text, sign, value):
    assert read(text, sign) == Decimal(value)


@pytest.mark.parametrize("text", ["12,5O", "abc", "1.20E+17", "12,5", "1,2,3", "1.2.3", "12-5"])
def test_what_is_no_number_is_bad(text):
    assert read(text, ".") is None


@pytest.mark.parametrize("text", ["", " --", "--", "-", "—", "n/a", "[]", "(not set)"])
def test_not_measured_is_neither_bad_nor_zero(text):
    number = parse(tidy(pl.Series([text, "1"])), ".")
    assert number.values.to_list() == [None, 1]
    assert not number.bad.any()


@pytest.mark.parametrize("text", ["<5", "< 10%", "> 90 %", "< 10 %"])
def test_censored_numbers_are_told_apart(text):
    number = parse(tidy(pl.Series([text])), ".")
    assert number.values.to_list() == [None]
    assert number.censored.to_list() == [True]
    assert not number.bad[0]


@pytest.mark.parametrize(
    ("money", "counts", "language", "expected"),
    [
        (["1.234,50"], [], "en", ","), (["1,234.50"], [], "de", "."), (["12,5"], [], "en", ","), (["1,234"], [], "en", "."),
        (["1.234"], [], "de", ","), (["1.234"], ["1.234.567"], "en", ","), (["1.234"], ["2.345"], "en", ","),
        (["9,36", "6.2527773973"], [], "nl", ","), (["48682.72"], ["1,606,880"], "en", "."), (["5", ""], [], "en", "."),
    ],
)  # fmt: skip
def test_decimal_sign_of_a_file(money, counts, language, expected):
    assert decimal_sign([pl.Series(money)], [pl.Series(counts, dtype=pl.String)], language, ".") == expected


def test_decimal_sign_that_nothing_tells_is_asked():
    assert decimal_sign([pl.Series(["1.234"])], [], "en", ",") is None


@given(
    days,
    st.sampled_from(["en", "de", "fr", "es", "pt", "it", "nl", "pl", "sv", "ru", "tr", "cs"]),
    st.sampled_from(["medium", "long", "full"]),
)
def test_written_days_in_many_languages(day, language, width):
    text = format_date(day, width, locale=language)
    order = "mdy" if language == "en" else "dmy"
    assert read_day(text, order).first == day


@given(days)
def test_numeric_days_in_every_order(day):
    for form, order in (
        ("%Y-%m-%d", "mdy"),
        ("%Y%m%d", "mdy"),
        ("%d.%m.%Y", "dmy"),
        ("%m/%d/%Y", "mdy"),
        ("%d-%m-%Y", "dmy"),
        ("%Y/%m/%d", "dmy"),
    ):
        assert read_day(day.strftime(form), order).first == day
    assert read_day(f"{day.year}年{day.month}月{day.day}日").first == day


@given(days, st.integers(0, 60))
def test_stated_periods_read_back(first, length):
    last = first + timedelta(days=length)
    for form in ("%B %d, %Y", "%d %B %Y", "%Y-%m-%d"):
        assert read_period(f"{first.strftime(form)} - {last.strftime(form)}") == (first, last)
    assert read_period(f"x({first:%Y.%m.%d}-{last:%Y.%m.%d}).csv") == (first, last)


@pytest.mark.parametrize("text", ["31.02.2026", "2026-13-01", "tomorrow", "", "0001-01-01", "12345678901"])
def test_what_is_no_day_is_refused(text):
    with pytest.raises(NoDay):
        read_day(text, "dmy")


@pytest.mark.parametrize(
    ("texts", "language", "expected"),
    [
        (["13/1/2026"], "en", ("dmy", True)), (["1/13/2026"], "en", ("mdy", True)), (["1.2.2026"], "en", ("dmy", True)),
        (["1/2/2026", "1/3/2026", "1/4/2026"], "en", ("mdy", False)), (["1-2-2026"], "nl", ("dmy", True)), (["3/3/2026"], "en", ("dmy", True)),
    ],
)  # fmt: skip
def test_day_order(texts, language, expected):
    assert day_order(texts, language) == expected


def test_day_order_follows_the_stated_period():
    assert day_order(["2/7/2020"], "en", (date(2020, 2, 1), date(2020, 2, 28))) == ("mdy", True)


def test_moments():
    assert read_moment("2026-04-05 19:50:32 +0400") == datetime(
        2026, 4, 5, 19, 50, 32, tzinfo=timezone(timedelta(hours=4))
    )
    assert read_moment("Jun 09, 2018 09:30 pm").isoformat() == "2018-06-09T21:30:00"
    assert read_moment("13/5/2026 7:05", "dmy").isoformat() == "2026-05-13T07:05:00"


@pytest.mark.parametrize(
    ("header", "name", "currency"),
    [
        ("Amount spent (IDR)", "amount spent", "IDR"), ("14 Day Total Sales (₹)", "14 day total sales", "₹"), ("7 Day Total Sales ", "7 day total sales", None),
        ("Website URL (Ad level）", "website url (ad level)", None), ("Clicks (ALL)", "clicks (all)", None), ("消化金額 (JPY)", "消化金額", "JPY"), ("Início do relatório", "inicio do relatorio", None), ("インプレッション", "インプレッション", None),
        ("Vendite totali (€) 7 giorni", "vendite totali 7 giorni", "€"), ("\ufeffCampaign\n name", "campaign name", None), ("Cost ($)", "cost", "$"),
    ],
)  # fmt: skip
def test_headers(header, name, currency):
    assert (normalise(header), currency_in(header)) == (name, currency)


@pytest.mark.parametrize(
    ("code", "sign"),
    [
        ("[$£]#,##0.00", "£"),
        ("₹ #,##0.00", "₹"),
        ("[$€-407] #,##0.00", "€"),
        ("[$AED] #,##0.00", "AED"),
        ("#,##0.00", None),
        ("0.00%", None),
        ('"US$" #,##0', "US$"),
    ],
)
def test_currency_of_a_number_format(code, sign):
    assert currency_sign(code) == sign


def test_shared_signs_are_ambiguous():
    assert len(candidates("$")) > 1
    assert len(candidates("kr")) > 1
    assert candidates("US$") == ("USD",)
    assert candidates("usd") == ("USD",)
