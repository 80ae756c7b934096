"""A large invented business, made inside the database: two years, twenty accounts, two shops.

However many rows are asked for, accounts and campaigns stay the same and only ad groups and ads grow: that is
how one business's figures become ten times as many. Figures are pseudo-random by entity and day; roll-ups are those of the product's
rules (the account's row is the total of a day, the campaigns' rows are the campaigns').
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from math import ceil

import sqlalchemy as sa

from store import breakdowns, db, grains, rates, sales
from store.models import MEASURES

LAST_DAY = date(2026, 10, 31)
DAYS = 730
WRITTEN = datetime(2026, 11, 1, 5, tzinfo=UTC)
CAMPAIGNS = 40
PAID = (
    ("google_ads", "EUR"), ("google_ads", "USD"), ("google_ads", "GBP"), ("meta_ads", "EUR"), ("meta_ads", "USD"),
    ("meta_ads", "SEK"), ("tiktok_ads", "EUR"), ("tiktok_ads", "USD"), ("pinterest_ads", "EUR"),
    ("pinterest_ads", "USD"), ("linkedin_ads", "EUR"), ("microsoft_ads", "GBP"),
)  # fmt: skip
OTHERS = (("ga4", "EUR"), ("ga4", "USD"), ("klaviyo", "EUR"), ("klaviyo", "USD"),
          ("tiktok_organic", ""), ("tiktok_organic", ""))  # fmt: skip
SHOPS = (("shopify", "EUR"), ("shopify", "USD"))
_WITH_BREAKDOWNS = (1, 4)
"""Accounts (the first of two platforms) whose campaigns are known by device and country too."""
_BREAKDOWNS = {"device": ("mobile", "desktop", "tablet"), "country": ("DE", "US", "FR", "GB", "SE")}
_TAGS = {"source_medium": 25, "source_medium_campaign": 100}
"""How many tags a site's visits come with."""
_PAID_FIGURES = {
    "impressions": "200 + h % 9000", "clicks": "2 + h % 190", "reach": "150 + h % 7000",
    "video_views_3s": "h % 2500", "engagements": "h % 300", "add_to_carts": "h % 30",
    "spend": "(h % 90000) / 100.0", "conversions": "(h % 90) / 10.0", "conversion_value": "(h % 400000) / 100.0",
}  # fmt: skip
_FIGURES = {
    "ga4": {"sessions": "500 + h % 4000", "engaged_sessions": "300 + h % 2000", "users": "400 + h % 3000",
            "pageviews": "1500 + h % 9000", "key_events": "h % 90", "checkouts_started": "h % 120",
            "conversions": "h % 80", "conversion_value": "(h % 900000) / 100.0"},
    "klaviyo": {"sent": "900 + h % 4000", "delivered": "880 + h % 3900", "bounces": "h % 20",
                "unique_opens": "200 + h % 900", "unique_clicks": "20 + h % 90", "opens": "300 + h % 1200",
                "email_clicks": "25 + h % 120", "unsubscribes": "h % 9", "conversions": "h % 20",
                "conversion_value": "(h % 90000) / 100.0"},
    "tiktok_organic": {"views": "1000 + h % 90000", "likes": "h % 3000", "comments": "h % 200",
                       "shares": "h % 300", "saves": "h % 250", "engagements": "h % 3700", "shop_clicks": "h % 90"},
}  # fmt: skip


_MOST_MADE = 10_000_000


@dataclass(frozen=True)
class Size:
    """How many ad groups and ads an account has so that about `rows` rows come out in all.

    Beyond ten million rows, every ad is there several times: copying a row is faster than making one up.
    """

    rows: int

    @property
    def copies(self) -> int:
        """How often each ad is there."""
        return 1 + ceil(max(0, self.rows - _MOST_MADE) / (self.ads * len(PAID) * DAYS))

    @property
    def ad_groups(self) -> int:
        """Ad groups of an account."""
        return CAMPAIGNS * (4 if self.rows >= _MOST_MADE else 1)

    @property
    def ads(self) -> int:
        """Ads of an account, each counted once."""
        return max(1, min(self.rows, _MOST_MADE) // (len(PAID) * DAYS) - self.ad_groups - CAMPAIGNS - 1)


def build(owner: sa.Engine, project_id: int, size: Size, orders: int) -> int:
    """Fill an empty project; rows of facts that were made."""
    with owner.begin() as connection:
        rates.ensure(connection)
        connection.execute(
            sa.text(
                "INSERT INTO terms (project_id, time_zone, attribution, definition) VALUES (:p, 'UTC', '', '')"
            ),
            {"p": project_id},
        )
    made = 0
    _prepare(owner)
    for n, (platform, currency) in enumerate((*PAID, *OTHERS, *SHOPS), 1):
        with owner.begin() as connection:
            source_id = _source(connection, project_id, platform, currency, n)
            place = {"p": project_id, "s": source_id, "c": currency}
            if (platform, currency) in SHOPS:
                _orders(connection, place, orders // len(SHOPS))
            elif platform in _FIGURES:
                made += _others(connection, place, platform)
            else:
                made += _paid(connection, place, size)
    for copy in range(1, size.copies):
        with owner.begin() as connection:
            made += connection.execute(_COPY, {"p": project_id, "n": copy}).rowcount
    _finish(owner)
    with db.project(project_id) as connection:
        sales.complete(connection, project_id, WRITTEN)
        breakdowns.complete(connection, project_id)
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM (ANALYZE)"))
    return made


_COLUMNS = (
    "project_id, source_id, grain, day, days, segment, campaign_id, currency, terms_id, run_id, extracted_at"
)
_COPY = sa.text(f"""
INSERT INTO daily_metrics ({_COLUMNS}, entity_id, {", ".join(_PAID_FIGURES)})
SELECT {_COLUMNS}, entity_id + :n * 1000000, {", ".join(_PAID_FIGURES)}
FROM daily_metrics WHERE project_id = :p AND grain = 400 AND entity_id < 401000000
""")
_KEY = "PRIMARY KEY (project_id, source_id, grain, day, days, entity_id, segment)"


def _prepare(owner: sa.Engine) -> None:
    """Facts go in without a log and without their index, which is built once at the end."""
    with owner.begin() as connection:
        connection.execute(sa.text("ALTER TABLE daily_metrics DROP CONSTRAINT pk_daily_metrics"))
        connection.execute(sa.text("ALTER TABLE daily_metrics SET UNLOGGED"))


def _finish(owner: sa.Engine) -> None:
    with owner.begin() as connection:
        connection.execute(sa.text("SET LOCAL maintenance_work_mem = '1GB'"))
        connection.execute(sa.text(f"ALTER TABLE daily_metrics ADD CONSTRAINT pk_daily_metrics {_KEY}"))


def _source(connection: sa.Connection, project_id: int, platform: str, currency: str, n: int) -> int:
    first = LAST_DAY - timedelta(DAYS - 1)
    query = sa.text(
        "INSERT INTO sources (project_id, platform, channel, account_key, name, currency, time_zone, covers_from,"
        " covers_through, written_at, created_at) VALUES (:p, :platform, :platform, :key, :name, :c, 'UTC', :first,"
        " :last, '2026-11-01T05:00Z', '2026-11-01T05:00Z') RETURNING id"
    )
    values = {"p": project_id, "platform": platform, "key": str(n), "name": f"Account {n}", "c": currency}
    return int(connection.scalar(query, {**values, "first": first, "last": LAST_DAY}) or 0)


def _level(connection: sa.Connection, place: dict[str, object], level: str, count: int, above: int) -> None:
    """`count` entities of a level, ids n + code × 10⁸, spread over `above` parents of the level before."""
    code = grains.LEVELS[level]
    query = sa.text(
        "INSERT INTO entities (project_id, source_id, id, level, key, parent_id, name, status)"
        " SELECT :p, :s, :base + n, :level, n::text, CASE WHEN :above > 0 THEN :parents + n % :above END,"
        " (ARRAY['de', 'fr', 'uk', 'us'])[1 + n % 4] || '_' || (ARRAY['search', 'video', 'social'])[1 + n % 3] || '_'"
        " || :level || '_' || n, 'active' FROM generate_series(0, :count - 1) n"
    )
    base = code * 100_000_000
    values = {"base": base, "level": level, "above": above, "parents": base - 100_000_000, "count": count}
    connection.execute(query, {**place, **values})


def _facts(
    connection: sa.Connection,
    place: dict[str, object],
    grain: int,
    entities: int,
    figures: dict[str, str],
    segment: str = "''",
    campaign: str = "NULL",
) -> int:
    query = sa.text(f"""
        INSERT INTO daily_metrics (project_id, source_id, grain, day, days, entity_id, segment, campaign_id, currency,
            terms_id, run_id, extracted_at, {", ".join(figures)})
        SELECT :p, :s, :grain, d.day::date, 1, e.id, {segment}, {campaign}, :c, 1, 1, '2026-11-01T05:00Z',
               {", ".join(figures.values())}
        FROM generate_series(CAST(:first AS date), CAST(:last AS date), interval '1 day') d (day)
        CROSS JOIN LATERAL (SELECT n, CASE WHEN :grain < 200 THEN 0 ELSE (:grain / 100 * 100000000 + n)::bigint END AS id
                            FROM generate_series(0, :count - 1) n) e
        CROSS JOIN LATERAL (SELECT abs(hashint8(e.id * 7919 + extract(julian FROM d.day)::bigint
                                                * 104729 + :s)::bigint)::bigint AS h) x""")
    first = LAST_DAY - timedelta(DAYS - 1)
    values = {"grain": grain, "first": first, "last": LAST_DAY, "count": entities}
    return connection.execute(query, {**place, **values}).rowcount


def _rolled(connection: sa.Connection, place: dict[str, object], table: str, grain: int) -> None:
    columns = ", ".join(("day", "days", "currency", "grain", *MEASURES))
    campaign = ", campaign_id" if table == "campaign_daily" else ""
    connection.execute(
        sa.text(
            f"INSERT INTO {table} (project_id, source_id, {columns}{campaign}, since) SELECT project_id, source_id,"
            f" {columns}{campaign}, extracted_at FROM daily_metrics WHERE project_id = :p AND source_id = :s AND grain = {grain}"
        ),
        place,
    )


def _paid(connection: sa.Connection, place: dict[str, object], size: Size) -> int:
    for level, count, above in (
        ("campaign", CAMPAIGNS, 0), ("ad_group", size.ad_groups, CAMPAIGNS), ("ad", size.ads, size.ad_groups),
    ):  # fmt: skip
        _level(connection, place, level, count, above)
    campaigns = 2 * 100_000_000
    made = _facts(connection, place, 100, 1, {k: f"40 * ({v})" for k, v in _PAID_FIGURES.items()})
    made += _facts(connection, place, 200, CAMPAIGNS, _PAID_FIGURES, campaign="e.id")
    for grain, count in ((300, size.ad_groups), (400, size.ads)):
        campaign = f"{campaigns} + (e.n % {size.ad_groups}) % {CAMPAIGNS}"
        made += _facts(connection, place, grain, count, _PAID_FIGURES, campaign=campaign)
    for by, values in _BREAKDOWNS.items() if place["s"] in _WITH_BREAKDOWNS else ():
        grain = grains.code("campaign", by)
        for value in values:
            segment = f"'{by}={value}'"
            made += _facts(connection, place, grain, CAMPAIGNS, _PAID_FIGURES, segment, "e.id")
    _rolled(connection, place, "source_daily", 100)
    _rolled(connection, place, "campaign_daily", 200)
    return made


def _others(connection: sa.Connection, place: dict[str, object], platform: str) -> int:
    figures = _FIGURES[platform]
    made = 0
    if platform == "klaviyo":
        _level(connection, place, "email", 20, 0)
        made += _facts(connection, place, 200, 20, figures, campaign="e.id")
        _rolled(connection, place, "campaign_daily", 200)
    made += _facts(connection, place, 100, 1, figures)
    _rolled(connection, place, "source_daily", 100)
    return made + (_traffic(connection, place) if platform == "ga4" else 0)


def _traffic(connection: sa.Connection, place: dict[str, object]) -> int:
    """Visits by tag, device and country; as the site reports them."""
    made = 0
    for breakdown, count in _TAGS.items():
        segment = "'source_medium=source ' || e.n % 25 || ' / cpc'"
        if breakdown == "source_medium_campaign":
            segment += " || '|campaign=campaign_' || e.n"
        made += _facts(connection, place, grains.code("account", breakdown), count, _FIGURES["ga4"], segment)
    for by, values in _BREAKDOWNS.items():
        for value in values:
            grain = grains.code("account", by)
            made += _facts(connection, place, grain, 1, _FIGURES["ga4"], f"'{by}={value}'")
    return made


def _orders(connection: sa.Connection, place: dict[str, object], count: int) -> None:
    first = LAST_DAY - timedelta(DAYS - 1)
    values = {**place, "first": first, "days": DAYS, "count": count, "customers": max(1, count // 3)}
    connection.execute(sa.text(_ORDERS), values)
    connection.execute(sa.text(_LINES), values)
    connection.execute(sa.text(_SHOP_DAILY), values)


_ORDERS = """
INSERT INTO orders (project_id, source_id, day, order_key, name, currency, gross, discounts, refunds, net,
    shipping, taxes, customer_key, customer_type, status, country, channel, medium, campaign, items, run_id, extracted_at)
SELECT :p, :s, day, n::text, '#' || n, :c, gross, discounts, refunds, gross - discounts - refunds, 4.9, gross * 0.19,
       'c' || n % :customers, CASE WHEN n < :customers THEN 'new' ELSE 'returning' END, 'paid',
       (ARRAY['DE', 'FR', 'GB', 'US', 'SE', 'NL', 'AT', 'CH'])[1 + h % 8], (ARRAY['google', 'facebook', 'newsletter', ''])[1 + h % 4],
       (ARRAY['cpc', 'paid_social', 'email', ''])[1 + h % 4], CASE WHEN h % 4 < 3 THEN 'campaign_' || h % 40 ELSE '' END,
       1 + h % 3, 1, '2026-11-01T05:00Z'
FROM (SELECT n, h, CAST(:first AS date) + (n::bigint * :days / :count)::int AS day, 20 + (h % 18000) / 100.0 AS gross,
             CASE WHEN h % 5 = 0 THEN 5.0 ELSE 0 END AS discounts, CASE WHEN h % 20 = 0 THEN 10.0 ELSE 0 END AS refunds
      FROM (SELECT n, abs(hashint8(n::bigint * 7919)::bigint)::bigint AS h FROM generate_series(0, :count - 1) n) a) b
"""
_LINES = """
INSERT INTO order_lines (project_id, source_id, day, order_key, line, sku, title, quantity, price)
SELECT o.project_id, o.source_id, o.day, o.order_key, l, 'SKU-' || (hashtext(o.order_key) + l) % 300,
       'Product ' || abs((hashtext(o.order_key) + l) % 300), 1, o.gross / o.items
FROM orders o CROSS JOIN LATERAL generate_series(1, o.items) l
WHERE o.project_id = :p AND o.source_id = :s
"""
_SHOP_DAILY = """
INSERT INTO shop_daily (project_id, source_id, day, currency, orders, revenue_gross, discounts, refunds_order_day,
    refunds_refund_day, shipping, taxes, new_customers, new_customer_revenue, customers_known, since)
SELECT project_id, source_id, day, currency, count(*), sum(gross), sum(discounts), sum(refunds), sum(refunds),
       sum(shipping), sum(taxes), count(*) FILTER (WHERE customer_type = 'new'),
       coalesce(sum(gross - discounts) FILTER (WHERE customer_type = 'new'), 0), count(*),
       max(extracted_at)
FROM orders WHERE project_id = :p AND source_id = :s GROUP BY project_id, source_id, day, currency
"""
