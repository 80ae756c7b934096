"""Visits and orders by channel group: the right breakdown, aliases, currencies, earlier days, and both periods."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import polars as pl
import pytest

from analytics import grouping
from analytics.aliases import Alias
from analytics.grouping import Condition, Grouping, Rule
from reports import traffic
from reports.view import Compare, View
from store import agreements, db, grains, load, orders, rates, registry, sources
from store.load import Window
from store.orders import Details
from store.registry import Entity
from syncing import segments
from tests import accounts

MONDAY = date(2026, 3, 2)
AT = datetime(2026, 3, 20, tzinfo=UTC)
VIEW = View(MONDAY, MONDAY + timedelta(6), "EUR", Compare.PREVIOUS)
FULL, PLAIN = "source_medium_campaign", "source_medium"


@pytest.fixture
def project(make_project) -> int:
    with db.instance() as connection:
        rates.ensure(connection)
    return make_project()


@pytest.fixture
def editor(project):
    return accounts.join(accounts.add(), project, "editor")


def visit(
    project: int,
    tags: dict[str, int],
    breakdown: str = FULL,
    *,
    days=(MONDAY,),
    currency="EUR",
    at=AT,
    level="account",
) -> None:
    """Sessions by tag on each of the days, 10 of value a session."""
    with db.project(project) as connection:
        site = sources.get_or_create(connection, project, "ga4", "ga4", "1", "Site", currency, "")
        window = Window(
            project,
            site,
            grains.code(level, breakdown),
            frozenset((day, 1) for day in days),
            currency=currency,
        )
        rows = [
            {
                "day": day, "segment": segments.stored(breakdown, tag.partition(" @ ")[0]), "sessions": sessions,
                "engaged_sessions": sessions // 2, "conversion_value": Decimal(10 * sessions),
                **({"entity": tag.partition(" @ ")[2], "campaign": tag.partition(" @ ")[2]} if level == "campaign" else {}),
            }
            for day in days
            for tag, sessions in tags.items()
        ]  # fmt: skip
        if level == "campaign":
            names = [tag.partition(" @ ")[2] for tag in tags]
            registry.register_entities(
                connection, project, site, [Entity(level, name, name) for name in names]
            )
        load.load_rows(connection, window, rows, run_id=1, at=at)


def sell(
    project: int, *sold: tuple[str, str, str, int], day: date = MONDAY, visits: dict | None = None
) -> None:
    """Orders by source, medium, campaign and gross sales; `visits` by their number are what the shop saw last."""
    frame = pl.DataFrame(
        [
            {"order_key": str(n), "day": day, "currency": "EUR", "gross": Decimal(gross), "source": source,
             "medium": medium, "campaign": campaign}
            for n, (source, medium, campaign, gross) in enumerate(sold)
        ],
        schema={"order_key": pl.String, "day": pl.Date, "currency": pl.String, "gross": pl.Decimal(38, 10),
                "source": pl.String, "medium": pl.String, "campaign": pl.String},
    )  # fmt: skip
    names = ("source", "medium", "campaign", "content", "term", "landing_page", "referrer")
    seen = [
        {
            "day": day,
            "order_key": str(n),
            "which": "last",
            "at": None,
            **dict.fromkeys(names, ""),
            **dict(zip(names, tag, strict=False)),
        }
        for n, tag in (visits or {}).items()
    ]
    schema = {
        "day": pl.Date,
        "order_key": pl.String,
        "which": pl.String,
        "at": pl.Datetime("us", "UTC"),
        **dict.fromkeys(names, pl.String),
    }
    refunds = pl.DataFrame(
        schema={
            "day": pl.Date,
            "order_key": pl.String,
            "refund_key": pl.String,
            "refunded_day": pl.Date,
            "amount": pl.Decimal(38, 10),
        }
    )
    with db.project(project) as connection:
        shop = sources.get_or_create(connection, project, "shopify", "shopify", "1", "Shop", "EUR", "")
        details = Details(refunds, pl.DataFrame(seen, schema=schema)) if visits else None
        orders.load_orders(connection, project, shop, [day], frame, None, 1, AT, details=details)


def show(project: int, view: View = VIEW) -> traffic.Traffic:
    with db.project(project) as connection:
        return traffic.by_group(connection, project, view)


def values(found: traffic.Traffic, slug: str = "sessions") -> dict[str, Decimal | None]:
    return {group.channel: group.value(slug) for group in found.groups}


def test_sessions_come_by_channel_with_unassigned_last(project):
    visit(
        project,
        {
            "google / cpc | brand": 5,
            "google / organic | (not set)": 30,
            "qq / y | z": 90,
            "bing / cpc | a": 2,
        },
    )
    found = show(project)
    assert list(values(found).items()) == [("Organic Search", 30), ("Paid Search", 7), ("Unassigned", 90)]
    assert {g.channel: g.tags for g in found.groups}["Paid Search"] == 2
    assert values(found, "engagement_rate_web")["Paid Search"] == Decimal(3) / 7
    assert (found.whole.value("sessions"), found.version) == (127, 0)
    assert found.no_visits == ""
    assert "no shop" in found.no_orders


def test_orders_count_for_the_last_visit_else_for_their_own_tag(project):
    sell(
        project, ("web", "", "", 10), ("google", "cpc", "brand", 100), ("google", "cpc", "brand", 50), ("direct", "", "", 7),
        ("web", "", "", 3), visits={2: ("klaviyo", "email", "welcome"), 3: ("direct", "", ""), 4: ("blog.example", "", "")},
    )  # fmt: skip
    found = show(project)
    assert values(found, "orders") == {
        "Paid Search": 1,
        "Email": 1,
        "Direct": 1,
        "Referral": 1,
        "Unassigned": 1,
    }
    assert values(found, "revenue_net") == {
        "Paid Search": 100,
        "Email": 50,
        "Direct": 7,
        "Referral": 3,
        "Unassigned": 10,
    }
    assert values(found, "sessions") == dict.fromkeys(values(found))


def test_visits_and_orders_of_one_tag_stand_together_however_it_is_written(project):
    visit(project, {"Google / CPC | Brand": 5, "google / cpc | brand": 5})
    sell(project, ("google", "cpc", "brand", 100))
    with db.project(project) as connection:
        found = traffic.by_tag(connection, project, VIEW)
    assert [(one.now["sessions"], one.now["orders"]) for one in found.tagged] == [(10, 1)]
    assert values(show(project), "cvr_session") == {"Paid Search": Decimal("0.1")}


def test_the_compared_period_stands_beside(project):
    visit(project, {"google / cpc | brand": 8}, days=(MONDAY,))
    visit(project, {"google / cpc | brand": 4}, days=(MONDAY - timedelta(7),))
    (group,) = show(project).groups
    assert group.change("sessions") == 1
    assert group.before["sessions"] == 4


def test_rules_of_the_project_and_aliases_decide(project, editor):
    visit(project, {"google / cpc | brand": 5, "Ggle / cpc | brand": 2})
    assert values(show(project)) == {"Paid Search": 5, "Paid Other": 2}
    agreements.save_aliases(editor, project, (Alias("source", "ggle", "google"),), seen=0)
    assert values(show(project)) == {"Paid Search": 7}
    mine = Grouping(
        (Rule("Brand", (Condition("campaign", "contains", ("brand",)),)), *grouping.DEFAULT.rules)
    )
    agreements.save_grouping(editor, project, mine, seen=0)
    assert values(show(project)) == {"Brand": 7}
    assert show(project).version == 1


def test_the_finest_breakdown_that_holds_the_sessions_is_taken_once(project):
    visit(project, {"google / cpc": 100, "bing / organic": 20}, PLAIN)
    visit(project, {"google / cpc | shopping": 98, "bing / organic | (not set)": 20})
    assert values(show(project)) == {"Paid Shopping": 98, "Organic Search": 20}


def test_a_breakdown_that_misses_much_does_not_replace_a_coarser_one(project):
    visit(project, {"google / cpc": 100}, PLAIN)
    visit(project, {"google / cpc | shopping": 10})
    assert values(show(project)) == {"Paid Search": 100}


def test_campaigns_as_rows_are_read_too(project):
    visit(project, {"google / cpc @ Shopping": 10}, PLAIN, level="campaign")
    assert values(show(project)) == {"Paid Shopping": 10}


def test_value_is_in_the_views_currency(project):
    visit(project, {"google / cpc | brand": 10}, currency="USD")
    euros = values(show(project), "conversion_value")["Paid Search"]
    assert euros is not None
    assert 50 < euros < 100
    dollars = View(VIEW.start, VIEW.end, "USD", Compare.NONE)
    assert values(show(project, dollars), "conversion_value") == {"Paid Search": 100}


def test_a_source_out_of_totals_does_not_count(project):
    visit(project, {"google / cpc | brand": 10})
    with db.project(project) as connection:
        sources.change(connection, project, sources.listed(connection, project)[0].id, in_totals=False)
    assert show(project).groups == []


def test_figures_as_they_stood(project):
    visit(project, {"google / cpc | brand": 10})
    visit(project, {"google / cpc | brand": 4}, at=AT + timedelta(days=2))
    assert values(show(project)) == {"Paid Search": 4}
    then = View(VIEW.start, VIEW.end, "EUR", Compare.NONE, as_of=AT + timedelta(days=1))
    assert values(show(project, then)) == {"Paid Search": 10}


def test_a_filter_for_campaigns_keeps_their_tags(project):
    visit(project, {"google / cpc | Spring_Sale": 10, "google / organic | (not set)": 3})
    only = View(VIEW.start, VIEW.end, "EUR", campaigns=("spring sale",))
    assert values(show(project, only)) == {"Paid Search": 10}


def test_nothing_is_told_with_its_reason(project):
    assert "no web analytics" in show(project).no_visits
    visit(project, {"google / cpc | brand": 1}, days=(MONDAY - timedelta(400),))
    assert "brings no sessions by source and medium for these days" in show(project).no_visits
    assert show(project).whole.value("sessions") is None
