"""Offline spend by hand: exact to the cent, only changed days written, wrong cells named."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from errors import BadInput
from reports import offline
from store import db
from store.models import batches, daily_metrics, source_daily
from syncing import manual
from tests.syncing.files import take_back


def row(day: str = "2026-03-01", channel: str = "Radio", spend: str = "100", **cells):
    return {"day": day, "channel": channel, "campaign": "", "currency": "EUR", "spend": spend, **cells}


def save(project: int, rows, person=None):
    with db.project(project) as connection:
        return manual.save(connection, project, offline.entries(connection, project), rows, person)


def grid(project: int):
    with db.project(project) as connection:
        return offline.entries(connection, project)


def test_entries_come_back_as_they_were_typed(make_project):
    project = make_project()
    save(project, [row(), row("2026-03-02", "Print", "12.50", campaign="Spring issue", impressions=900)])
    assert [(r["day"], r["channel"], r["campaign"], r["spend"], r["impressions"]) for r in grid(project)] == [
        (date(2026, 3, 2), "Print", "Spring issue", "12.5", 900),
        (date(2026, 3, 1), "Radio", "", "100", None),
    ]


def test_saving_again_without_a_change_makes_no_batch(make_project):
    project = make_project()
    save(project, [row()])
    assert save(project, grid(project)) is None
    with db.project(project) as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(batches)) == 1


def test_a_removed_row_empties_its_day_and_undo_brings_it_back(make_project):
    project = make_project()
    save(project, [row(), row("2026-03-02")])
    removed = save(project, [row("2026-03-02")])
    assert len(grid(project)) == 1
    assert removed is not None
    take_back(project, removed)
    assert len(grid(project)) == 2


def test_an_amount_over_several_days_is_spread_and_sums_exactly(make_project):
    project = make_project()
    save(project, [row(spend="100.00", last_day="2026-03-03")])
    with db.project(project) as connection:
        spends = connection.scalars(sa.select(daily_metrics.c.spend).order_by(daily_metrics.c.day)).all()
        assert connection.scalar(sa.select(sa.func.sum(source_daily.c.spend))) == 100
    assert spends == [Decimal("33.34"), Decimal("33.33"), Decimal("33.33")]


@given(st.decimals(-(10**6), 10**6, places=2), st.integers(1, 366))
def test_spreading_loses_no_cent(amount: Decimal, days: int):
    parts = manual.spread(amount, days)
    assert len(parts) == days
    assert sum(parts, Decimal(0)) == amount
    assert max(parts) - min(parts) <= Decimal("0.01")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (row(day="31.02.2026"), "not a day"),
        (row(day=None), "needs a day"),
        (row(channel=" "), "needs a day, a channel"),
        (row(spend="12,5O"), "not an amount"),
        (row(spend="NaN"), "not an amount"),
        (row(spend="1e400"), "not an amount"),
        (row(currency="EURO"), "a currency"),
        (row(last_day="2026-02-01"), "last day"),
    ],
)
def test_a_wrong_cell_is_named_and_nothing_is_saved(make_project, wrong, said):
    project = make_project()
    with pytest.raises(BadInput, match=said):
        save(project, [row("2026-03-05"), wrong])
    assert grid(project) == []
