"""Orders: replaced by day, moved, refunded, and the shop's totals true after any of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import polars as pl
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from errors import BadInput
from store import db, orders, sources
from store.models import order_lines, shop_daily
from store.models import orders as table
from store.windows import Loaded

AT = datetime(2026, 6, 1, tzinfo=UTC)
LATER = datetime(2026, 6, 2, tzinfo=UTC)
DAYS = [date(2026, 5, n) for n in range(1, 5)]
MONEY = pl.Decimal(38, 10)
SCHEMA = {
    "row": pl.Int32, "order_key": pl.String, "name": pl.String, "placed_at": pl.Datetime("us", "UTC"),
    "day": pl.Date, "currency": pl.String, "gross": MONEY, "discounts": MONEY, "refunds": MONEY,
    "refunded_day": pl.Date, "shipping": MONEY, "taxes": MONEY, "net": MONEY, "fees": MONEY,
    "customer_key": pl.String, "status": pl.String, "country": pl.String, "customer_type": pl.String,
    "source": pl.String, "medium": pl.String, "campaign": pl.String, "items": pl.Int32,
}  # fmt: skip
LINES = {
    "order_key": pl.String, "line": pl.Int32, "sku": pl.String, "title": pl.String,
    "quantity": pl.Int64, "price": MONEY, "discount": MONEY,
}  # fmt: skip


def order(key: str, day: date = DAYS[0], gross: int = 100, **values: object) -> dict[str, object]:
    made = {"order_key": key, "day": day, "currency": "EUR", "gross": Decimal(gross), **values}
    made.setdefault("discounts", Decimal(0))
    made.setdefault("refunds", Decimal(0))
    return made | {"net": made["gross"] - made["discounts"] - made["refunds"]}


def frame(*rows: dict[str, object]) -> pl.DataFrame:
    return pl.DataFrame([{name: row.get(name) for name in SCHEMA} for row in rows], schema=SCHEMA)


def line(key: str, number: int = 1, **values: object) -> dict[str, object]:
    return {
        "order_key": key,
        "line": number,
        "sku": "S",
        "title": "Shirt",
        "quantity": 1,
        "price": Decimal(9),
    } | values


def lines(*rows: dict[str, object]) -> pl.DataFrame:
    return pl.DataFrame([{name: row.get(name) for name in LINES} for row in rows], schema=LINES)


class Shop:
    """Two shops of one project, in one transaction."""

    def __init__(self, connection: Connection, project: int, ids: list[int]) -> None:
        self.connection, self.project, self.ids, self.run = connection, project, ids, 0

    def put(
        self, *rows: dict, days: list[date] = DAYS, shop: int = 0, of: pl.DataFrame | None = None
    ) -> Loaded:
        self.run += 1
        return orders.load_orders(
            self.connection, self.project, self.ids[shop], set(days), frame(*rows), of, self.run, AT
        )

    def daily(self, *names: str, shop: int = 0) -> list[tuple]:
        d = shop_daily.c
        query = (
            sa.select(d.day, *(d[name] for name in names))
            .where(d.source_id == self.ids[shop])
            .order_by(d.day)
        )
        return [tuple(row) for row in self.connection.execute(query)]


@pytest.fixture
def shop_ids(make_project) -> tuple[int, list[int]]:
    project = make_project()
    with db.project(project) as connection:
        ids = [
            sources.get_or_create(connection, project, "shopify", "shopify", key, key, "EUR", "")
            for key in "ab"
        ]
    return project, ids


@pytest.fixture
def shop(shop_ids) -> Iterator[Shop]:
    with db.project(shop_ids[0]) as connection:
        yield Shop(connection, *shop_ids)


def test_orders_and_lines_are_written_whole(shop):
    placed = datetime(2026, 5, 1, 21, 30, 5, 120, tzinfo=UTC)
    row = order(
        "1", name="#1001", placed_at=placed, discounts=Decimal("10.10"), refunds=Decimal(5), refunded_day=DAYS[2],
        shipping=Decimal("4.9"), taxes=None, customer_key="k", source="web", medium="cpc", items=2,
    )  # fmt: skip
    assert shop.put(row, of=lines(line("1"), line("1", 2, title='He said "hi"', quantity=None))) == Loaded(
        1, 0, 0, 0
    )
    found = shop.connection.execute(sa.select(table)).one()
    assert (found.name, found.placed_at, found.channel, found.medium, found.campaign) == (
        "#1001",
        placed,
        "web",
        "cpc",
        "",
    )
    assert (found.gross, found.net, found.shipping, found.taxes) == (
        100,
        Decimal("84.9"),
        Decimal("4.9"),
        None,
    )
    assert shop.connection.scalars(sa.select(order_lines.c.title).order_by("line")).all() == [
        "Shirt",
        'He said "hi"',
    ]


def test_the_same_orders_again_change_nothing(shop):
    rows = [order(str(n), customer_key="k", refunds=Decimal(1)) for n in range(5)]
    shop.put(*rows, of=lines(*(line(str(n)) for n in range(5))))
    versions = [sa.text(f"SELECT ctid, xmin, * FROM {t}") for t in ("orders", "order_lines", "shop_daily")]
    before = [shop.connection.execute(query).all() for query in versions]
    assert shop.put(*rows[::-1], of=lines(*(line(str(n)) for n in range(5)))) == Loaded(0, 0, 5, 0)
    assert [shop.connection.execute(query).all() for query in versions] == before


def test_a_changed_line_changes_its_order_only(shop):
    shop.put(order("1"), order("2"), of=lines(line("1"), line("2")))
    assert shop.put(order("1"), order("2"), of=lines(line("1"), line("2", price=Decimal(8)))) == Loaded(
        0, 1, 1, 0
    )
    assert shop.put(order("1"), order("2"), of=lines(line("1"))) == Loaded(0, 1, 1, 0)
    assert shop.put(order("1"), order("2"), of=None) == Loaded(0, 1, 1, 0)
    assert shop.connection.execute(sa.select(order_lines)).all() == []


def test_an_edited_order_changes_in_place_and_an_absent_one_goes_with_its_lines(shop):
    shop.put(order("1", DAYS[0], 10), order("2", DAYS[1], 20), of=lines(line("1"), line("2")))
    assert shop.put(order("1", DAYS[0], 15), days=DAYS[:1], of=lines(line("1"))) == Loaded(0, 1, 0, 0)
    assert shop.daily("revenue_gross") == [(DAYS[0], 15), (DAYS[1], 20)]
    assert shop.put(days=[DAYS[1]]) == Loaded(0, 0, 0, 1)
    assert shop.daily("revenue_gross") == [(DAYS[0], 15)]
    assert shop.connection.scalars(sa.select(order_lines.c.order_key)).all() == ["1"]


def test_refunds_count_on_the_order_day_and_on_the_refund_day(shop):
    shop.put(
        order("1", DAYS[0], refunds=Decimal(30), refunded_day=DAYS[3]),
        order("2", DAYS[1], refunds=Decimal(5)),
    )
    assert shop.daily("orders", "refunds_order_day", "refunds_refund_day") == [
        (DAYS[0], 1, 30, 0), (DAYS[1], 1, 5, 5), (DAYS[3], 0, 0, 30),
    ]  # fmt: skip


def test_an_earlier_order_that_comes_later_takes_the_new_customer_with_it(shop):
    shop.put(order("9", DAYS[2], 50, customer_key="k"))
    assert shop.daily("new_customers", "new_customer_revenue", "customers_known") == [(DAYS[2], 1, 50, 1)]
    shop.put(order("1", DAYS[0], 70, customer_key="k"), shop=1)
    assert shop.daily("new_customers", "new_customer_revenue", "customers_known") == [(DAYS[2], 0, 0, 1)]
    assert shop.daily("new_customers", "new_customer_revenue", shop=1) == [(DAYS[0], 1, 70)]
    shop.put(shop=1)
    assert shop.daily("new_customers") == [(DAYS[2], 1)]


@pytest.mark.parametrize(
    ("rows", "of", "said"),
    [
        ([order("1"), order("1")], None, "Two orders with the key: 1"),
        ([order("1", date(2026, 4, 1))], None, "A day outside of this load has order: 1"),
        ([order("1", currency="EURO")], None, "No three-letter currency code has order: 1"),
        ([order("1", currency=None)], None, "No three-letter currency code has order: 1"),
        ([order("1") | {"net": Decimal(1)}], None, "Net is not gross − discounts − refunds in order: 1"),
        ([order("1")], lines(line("2")), "Lines of an order that is not in this load: 2"),
        ([order("1")], lines(line("1"), line("1")), "Two lines with one number in order: 1"),
    ],
)
def test_bad_orders_are_named_and_nothing_is_written(shop, rows, of, said):
    shop.put(order("old"))
    with pytest.raises(BadInput, match="Nothing was written") as caught:
        shop.put(*rows, of=of)
    assert said in str(caught.value)
    assert shop.connection.scalars(sa.select(table.c.order_key)).all() == ["old"]


def recomputed(rows: list[sa.Row]) -> dict[tuple, tuple]:
    """`shop_daily` as documented, in the plainest way."""
    never = datetime.max.replace(tzinfo=UTC)
    first: dict[str, tuple] = {}
    for r in rows:
        if r.customer_key:
            mine = (r.day, r.placed_at or never, r.source_id, r.order_key, r.day)
            first[r.customer_key] = min(mine, first.get(r.customer_key, mine))
    sums: dict[tuple, list] = defaultdict(lambda: [Decimal(0)] * 10)

    def add(r: sa.Row, day: date, *values: object) -> None:
        key = (r.source_id, day, r.currency)
        sums[key] = [a + (b or 0) for a, b in zip(sums[key], values, strict=True)]

    for r in rows:
        new = bool(r.customer_key) and first[r.customer_key][2:] == (r.source_id, r.order_key, r.day)
        add(
            r, r.day, 1, r.gross, r.discounts, r.refunds, 0, r.shipping, r.taxes, int(new),
            (r.gross - r.discounts) if new else 0, int(bool(r.customer_key)),
        )  # fmt: skip
        if r.refunds:
            add(r, r.refunded_day or r.day, 0, 0, 0, 0, r.refunds, 0, 0, 0, 0, 0)
    return {key: tuple(values) for key, values in sums.items()}


amount = st.decimals(0, 50, places=2)


@st.composite
def loads(draw: st.DrawFn) -> tuple[int, list[date], list[dict]]:
    days = draw(st.lists(st.sampled_from(DAYS), unique=True, min_size=1))
    keys = draw(st.lists(st.sampled_from("12345"), unique=True))
    rows = [
        order(
            key,
            draw(st.sampled_from(days)),
            100,
            currency=draw(st.sampled_from(["EUR", "USD"])),
            refunds=draw(st.just(Decimal(0)) | amount),
            refunded_day=draw(st.none() | st.sampled_from(DAYS)),
            discounts=draw(amount),
            shipping=draw(st.none() | amount),
            taxes=draw(st.none() | amount),
            customer_key=draw(st.none() | st.sampled_from("pq")),
            placed_at=draw(st.none() | st.just(AT - timedelta(int(key)))),
            country=draw(st.sampled_from(["", "DE"])),
            source=draw(st.sampled_from(["", "Web"])),
            medium=draw(st.sampled_from(["", "CPC"])),
        )
        for key in keys
    ]
    return draw(st.integers(0, 1)), days, rows


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sequence=st.lists(loads(), min_size=1, max_size=5))
def test_shop_totals_equal_a_recomputation_after_any_sequence_of_loads(shop_ids, sequence):
    with db.project(shop_ids[0]) as connection:
        shop = Shop(connection, *shop_ids)
        for which, days, rows in sequence:
            shop.put(*rows, days=days, shop=which)
            found = {
                (r.source_id, r.day, r.currency): tuple(r)[4:-1]
                for r in connection.execute(sa.select(shop_daily))
            }
            assert found == recomputed(connection.execute(sa.select(table)).all())
        connection.rollback()
