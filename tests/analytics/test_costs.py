"""Costs with their days, what they leave of sales, and which channel a tag belongs to."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import channels, costs, metrics, tags
from analytics.costs import Agreed, Costs, Sold

JANUARY = date(2026, 1, 1)
MAY = date(2026, 5, 1)
amounts = st.decimals(-(10**7), 10**7, places=4)
positive = st.decimals(0, 10**7, places=4)
shares = st.decimals(0, 1, places=4)
some_costs = st.builds(Costs, st.just(JANUARY), shares, shares, shares, positive, positive, positive)
some_sales = st.builds(Sold, amounts, positive, positive, positive)


@given(st.lists(st.tuples(some_costs, some_sales), max_size=4), positive)
def test_the_waterfall_adds_up_exactly(periods, spend):
    net = sum((sold.net for _, sold in periods), Decimal(0))
    found = costs.results(net, costs.added(costs.applied(one, sold) for one, sold in periods), spend)
    steps = costs.waterfall(net, found, spend)
    assert sum((amount for _, amount in steps), Decimal(0)) == found["contribution_margin"]
    assert found["gross_profit"] - spend == found["contribution_margin"]


@given(some_costs, st.lists(some_sales, min_size=1, max_size=4))
def test_costs_of_parts_add_up_to_those_of_the_whole(one, parts):
    names = ("net", "paid", "shipping", "order_unit")
    whole = Sold(*(sum((getattr(sold, name) for sold in parts), Decimal(0)) for name in names))
    assert costs.added(costs.applied(one, sold) for sold in parts) == costs.applied(one, whole)


@given(some_costs, some_sales, st.decimals("0.001", 1000, places=3), positive)
def test_ratios_do_not_change_with_the_currency(one, sold, factor, spend):
    other = Sold(*(getattr(sold, name) * factor for name in ("net", "paid", "shipping", "order_unit")))
    here, there = (
        {"revenue_net": s.net, "spend": spent, **costs.results(s.net, costs.applied(one, s), spent)}
        for s, spent in ((sold, spend), (other, spend * factor))
    )
    for slug in ("poas", "gross_margin", "contribution_margin_rate"):
        a, b = metrics.evaluate(slug, here), metrics.evaluate(slug, there)
        assert (a is None) == (b is None)
        if a is not None and b is not None:
            assert abs(a - b) <= abs(a) * Decimal("1e-20")


def test_costs_are_taken_off_as_they_are_said():
    one = Costs(
        JANUARY, Decimal("0.4"), Decimal("0.5"), Decimal("0.03"), Decimal(4), Decimal("0.25"), Decimal(1)
    )
    sold = Sold(net=Decimal(900), paid=Decimal(1000), shipping=Decimal(50), order_unit=Decimal(20))
    assert costs.applied(one, sold) == {
        "goods_cost": 360, "shipping_cost": 80 + 25, "payment_fees": 30 + 5, "other_costs": 20,
    }  # fmt: skip


def test_no_roas_breaks_even_without_a_profit():
    assert costs.breaks_even({"revenue_net": Decimal(100), "gross_profit": Decimal(40)}) == Decimal("2.5")
    for profit in (Decimal(0), Decimal(-5), None):
        assert costs.breaks_even({"revenue_net": Decimal(100), "gross_profit": profit}) is None
    assert costs.breaks_even({"revenue_net": Decimal(-1), "gross_profit": Decimal(4)}) is None


def content(*periods: object, currency: str = "EUR") -> dict:
    return {"currency": currency, "periods": list(periods)}


@pytest.mark.parametrize(
    ("given_costs", "words"),
    [
        (None, "not a list"),
        ({"currency": "EUR"}, "not a list"),
        (content(currency=""), "currency"),
        (content(7), "cannot be read"),
        (content({"since": "soon"}), "is no day"),
        (content({}), "is no day"),
        (content({"since": "2026-01-01", "goods": "101"}), "above 100 %"),
        (content({"since": "2026-01-01", "goods": "-1"}), "below zero"),
        (content({"since": "2026-01-01", "fee_each": "-0.01"}), "below zero"),
        (content({"since": "2026-01-01", "fee_each": "a lot"}), "is no number"),
        (content({"since": "2026-01-01", "fee_each": "NaN"}), "is no number"),
        (content({"since": "2026-01-01", "other_each": "1e9"}), "above 1,000,000"),
        (content({"since": "2026-01-01", "rent": "5"}), "no known cost"),
        (content({"since": "2026-01-01"}, {"since": "2026-01-01"}), "Two lines"),
        (content(*[{"since": "2026-01-01"}] * 201), "too many"),
    ],
)
def test_costs_that_cannot_be_are_refused_in_words(given_costs, words):
    assert words in " ".join(costs.problems(given_costs))


def test_costs_are_read_back_as_they_were_agreed_on():
    agreed = Agreed("CHF", (Costs(JANUARY, Decimal("0.355"), fee_each=Decimal("0.30")), Costs(MAY)))
    stored = costs.as_content(agreed)
    assert costs.problems(stored) == []
    assert costs.read(stored, "EUR") == agreed
    assert stored["periods"][0]["goods"] == "35.5"


@pytest.mark.parametrize(
    "stored", [None, 3, [], {}, {"periods": 4}, content(3, {"since": "x"}), {"periods": [None]}]
)
def test_stored_costs_of_any_shape_are_read(stored):
    assert costs.read(stored, "EUR") == Agreed("EUR")


def test_the_costs_of_a_day_are_the_last_that_began_before_it():
    periods = (Costs(JANUARY, Decimal("0.5")), Costs(MAY, Decimal("0.6")))
    assert costs.in_force(periods, date(2025, 12, 31)) is None
    assert costs.in_force(periods, date(2026, 4, 30)) == periods[0]
    assert costs.in_force(periods, MAY) == periods[1]
    newer = costs.with_period(Agreed("EUR", periods), Costs(JANUARY, Decimal("0.2")))
    assert [one.goods for one in newer.periods] == [Decimal("0.2"), Decimal("0.6")]


@pytest.mark.parametrize(
    ("tag", "channel"),
    [
        ("google / cpc / spring", "google_ads"),
        ("Google / CPC", "google_ads"),
        ("youtube / paid_video / x", "google_ads"),
        ("adwords /  / ", "google_ads"),
        ("google / organic / ", ""),
        ("google / product_sync / ", ""),
        ("facebook / paid_social / a / b", "meta_ads"),
        ("ig / paid", "meta_ads"),
        ("m.facebook.com / cpm / ", "meta_ads"),
        ("facebook_ads / social / ", "meta_ads"),
        ("facebook.com / referral / ", ""),
        ("instagram / social / bio", ""),
        ("tiktok / cpc / ", "tiktok_ads"),
        ("pinterest / paidsocial / ", "pinterest_ads"),
        ("linkedin / sponsored / ", "linkedin_ads"),
        ("bing / cpc / ", "microsoft_ads"),
        ("x / paid / ", "x_ads"),
        ("t.co / cpc / ", "x_ads"),
        ("taboola / cpc / ", ""),
        ("klaviyo / email / welcome", "klaviyo"),
        ("newsletter / e-mail / ", "klaviyo"),
        ("radio /  / ", "Radio"),
        ("", ""),
        (" /  / ", ""),
        ("(direct) / (none)", ""),
    ],
)
def test_a_tag_belongs_to_the_channel_that_paid_for_the_visit(tag, channel):
    assert tags.channel(tag, frozenset({"google_ads", "klaviyo", "Radio"})) == channel


def test_a_mail_is_nobodys_where_several_tools_send_and_none_is_named():
    both = frozenset({"klaviyo", "mailchimp"})
    assert tags.channel("newsletter / email / ", both) == ""
    assert tags.channel("mailchimp / email / ", both) == "mailchimp"
    assert tags.channel("news / email / ", frozenset()) == ""


@given(st.text(max_size=40))
def test_any_tag_is_understood_without_an_error(tag):
    assert tags.channel(tag, frozenset({"klaviyo"})) in {"", *channels.PLATFORMS}
