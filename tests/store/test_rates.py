"""Rates: dense by day, carried over weekends with their day, own before the ECB's, never guessed."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from errors import BadInput
from store import db, rates
from store.rates import Rate

FRIDAY, SATURDAY, MONDAY = date(2026, 3, 6), date(2026, 3, 7), date(2026, 3, 9)


@pytest.fixture
def project(make_project) -> int:
    with db.instance() as connection:
        rates.ensure(connection)
    return make_project()


def at(project: int, currency: str, target: str, day: date) -> Decimal | None:
    with db.project(project) as connection:
        return rates.factor(connection, project, currency, target, day)


def own(project: int, *rows) -> None:
    with db.project(project) as connection:
        rates.replace_own(
            connection, project, [dict(zip(("currency", "day", "per_euro"), r, strict=True)) for r in rows]
        )


def test_a_weekend_carries_fridays_rate_and_says_so(project):
    with db.instance() as connection:
        query = sa.text("SELECT per_euro, rate_day FROM rates WHERE currency = 'USD' AND day = :d")
        friday, saturday = (connection.execute(query, {"d": day}).one() for day in (FRIDAY, SATURDAY))
    assert saturday == friday
    assert saturday.rate_day == FRIDAY


def test_every_day_up_to_today_has_a_rate(project):
    with db.instance() as connection:
        gaps = connection.scalar(
            sa.text(
                "SELECT count(*) FROM (SELECT day - lag(day) OVER (ORDER BY day) AS step FROM rates WHERE currency = 'USD') s "
                "WHERE step > 1"
            )
        )
        assert gaps == 0
        assert connection.scalar(sa.text("SELECT max(day) FROM rates WHERE currency = 'USD'")) >= date(
            2026, 11, 20
        )


def test_filling_twice_writes_nothing(project):
    with db.instance() as connection:
        rates.ensure(connection)
        assert rates.ensure(connection) == 0


def test_a_currency_is_worth_itself_and_the_euro_is_the_bridge(project):
    assert at(project, "USD", "USD", MONDAY) == 1
    dollars, pounds = (at(project, c, "EUR", MONDAY) for c in ("USD", "GBP"))
    assert at(project, "USD", "GBP", MONDAY) == pytest.approx(dollars / pounds)


def test_a_currency_that_nobody_quotes_has_no_rate(project):
    assert at(project, "AED", "EUR", MONDAY) is None
    assert at(project, "EUR", "AED", MONDAY) is None
    assert at(project, "RUB", "EUR", MONDAY) is None


def test_an_own_rate_holds_from_its_day_until_the_next(project):
    own(project, ("AED", date(2026, 3, 1), "4.00"), ("AED", date(2026, 3, 10), "5.00"))
    assert at(project, "AED", "EUR", date(2026, 2, 28)) is None
    assert at(project, "AED", "EUR", MONDAY) == Decimal("0.25")
    assert at(project, "AED", "EUR", date(2026, 3, 10)) == Decimal("0.2")


def test_an_own_rate_goes_before_the_ecbs_and_stays_in_its_project(project, make_project):
    own(project, ("USD", date(2026, 3, 1), "2"))
    assert at(project, "USD", "EUR", MONDAY) == Decimal("0.5")
    assert at(make_project("Other"), "USD", "EUR", MONDAY) != Decimal("0.5")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("EUR", MONDAY, "1"), "three letters"),
        (("DIRHAM", MONDAY, "4"), "three letters"),
        (("AED", None, "4"), "pick the day"),
        (("AED", MONDAY, "0"), "above 0"),
        (("AED", MONDAY, "-4"), "above 0"),
        (("AED", MONDAY, "NaN"), "above 0"),
        (("AED", MONDAY, "four"), "above 0"),
    ],
)
def test_a_wrong_own_rate_is_named_and_changes_nothing(project, row, said):
    own(project, ("AED", MONDAY, "4"))
    with pytest.raises(BadInput, match=said):
        own(project, row)
    assert at(project, "AED", "EUR", MONDAY) == Decimal("0.25")


def test_a_newer_publication_replaces_what_was_carried(project):
    last = date(2026, 10, 30)
    with db.instance() as connection:
        rates.add(connection, [Rate("USD", date(2026, 11, 3), Decimal("1.5"))], today=date(2026, 11, 5))
        found = dict(
            connection.execute(
                sa.text("SELECT day, per_euro FROM rates WHERE currency = 'USD' AND day > :d"), {"d": last}
            ).all()
        )
        connection.rollback()
    assert found[date(2026, 11, 2)] != Decimal("1.5")
    assert found[date(2026, 11, 3)] == found[date(2026, 11, 5)] == Decimal("1.5")


def test_a_rate_that_cannot_be_right_is_refused(project):
    with db.instance() as connection, pytest.raises(BadInput):
        rates.add(connection, [Rate("USD", MONDAY, Decimal("-1"))])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["USD", "GBP", "JPY", "PLN"]), st.sampled_from(["EUR", "CHF", "SEK"]), st.integers(0, 900)
)
def test_there_and_back_is_where_it_began(project, one, other, back):
    day = MONDAY - timedelta(days=back)
    there, again = at(project, one, other, day), at(project, other, one, day)
    assert abs(there * again - 1) < Decimal("1e-20")


def test_a_day_has_the_rate_of_each_currency_and_none_where_none_is_known(project):
    from store import sources

    own(project, ("AED", SATURDAY, "4.01"))
    with db.project(project) as connection:
        for currency in ("USD", "AED", "GBP", ""):
            sources.get_or_create(connection, project, "meta_ads", "meta_ads", "a", "A", currency, "")
        found = rates.by_day(connection, project, "GBP", FRIDAY, MONDAY)
        rows = {row.day: row for row in connection.execute(sa.select(found))}
        alone = rates.by_day(connection, project, "XTS", FRIDAY, MONDAY)
        assert [column.name for column in alone.c] == ["day"]
        assert len(connection.execute(sa.select(alone)).all()) == 4
    assert set(rows[FRIDAY]._fields) == {"day", "USD", "AED"}
    assert rows[FRIDAY].AED is None
    for day, row in rows.items():
        for currency in ("USD", "AED"):
            known = at(project, currency, "GBP", day)
            assert getattr(row, currency) == (known and pytest.approx(known))


def test_reports_join_the_same_rates(project):
    with db.project(project) as connection:
        from store import sources

        sources.get_or_create(connection, project, "meta_ads", "meta_ads", "a", "A", "USD", "")
        found = rates.factors(project, "GBP", FRIDAY, MONDAY)
        rows = connection.execute(sa.select(found).where(found.c.currency == "USD")).all()
    assert [(r.day, r.factor) for r in sorted(rows, key=lambda r: r.day)] == [
        (day, pytest.approx(at(project, "USD", "GBP", day)))
        for day in (FRIDAY, SATURDAY, date(2026, 3, 8), MONDAY)
    ]
