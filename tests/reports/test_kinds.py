"""Channels of one kind: each beside the others, their sums, and ratios of the sums."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from analytics import channels, metrics
from analytics.channels import ChannelKind
from reports import kinds, overview
from reports.view import View
from sandbox import exports
from sandbox.business import Business
from store import db, rates
from tests.syncing.files import bring_in, meta_file

MONDAY = date(2026, 3, 2)


@pytest.fixture
def project(make_project) -> int:
    with db.instance() as connection:
        rates.ensure(connection)
    made = make_project()
    business = Business(MONDAY + timedelta(days=13), days=14)
    bring_in(
        made,
        meta_file([(MONDAY + timedelta(days=n), "Spring", "10.50", 4) for n in range(14)]),
    )
    bring_in(made, exports.shopify(business), "orders.csv")
    bring_in(made, exports.klaviyo(business), "klaviyo.csv", currency="USD")
    return made


def ask(project: int, kind: ChannelKind, currency: str = "EUR", **parts: object) -> kinds.KindReport:
    view = View(MONDAY + timedelta(days=7), MONDAY + timedelta(days=13), currency, **parts)
    with db.project(project) as connection:
        return kinds.of_kind(connection, project, view, kind, "order_day")


@pytest.mark.parametrize("currency", ["EUR", "USD"])
def test_a_kind_has_the_figures_that_the_overview_has(project, currency):
    view = View(MONDAY + timedelta(days=7), MONDAY + timedelta(days=13), currency)
    with db.project(project) as connection:
        whole = overview.overview(connection, project, view, "order_day")
    assert ask(project, "paid", currency).now["spend"] == whole.paid_total["spend"]
    assert ask(project, "shop", currency).now == whole.shops[0].now
    email = ask(project, "email", currency)
    mine = whole.others["email"][0].now
    assert {name: value for name, value in email.now.items() if value is not None} == {
        name: mine[name] for name, value in email.now.items() if value is not None
    }


@pytest.mark.parametrize("kind", ["paid", "email", "shop"])
def test_days_and_channels_add_up_to_the_total(project, kind):
    found = ask(project, kind)
    lead = channels.LEADING[kind]
    assert sum(day.get(lead) or 0 for _, day in found.days) == found.now[lead]
    assert sum(value or 0 for points in found.course.values() for _, value in points) == found.now[lead]
    assert sum(row.now[lead] for row in found.rows) == found.now[lead]
    assert len(found.days) == 7
    for slug in channels.METRICS[kind]:
        if (declared := metrics.metric(slug)).is_ratio:
            top, bottom = found.now.get(declared.numerator), found.now.get(declared.denominator)
            if top is not None and bottom:
                assert metrics.evaluate(slug, found.now) == top * declared.scale / bottom


def test_a_kind_without_a_channel_is_empty(project):
    assert ask(project, "social").is_empty
    assert ask(project, "shop", channels=("woocommerce",)).is_empty
    assert not ask(project, "shop", channels=("shopify",)).is_empty
