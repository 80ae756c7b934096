"""What `benchmarks dashboards` asks: the reports behind the pages, and four questions that every engine can answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import sqlalchemy as sa

from analytics import channels
from benchmarks.big import DAYS as LENGTH
from benchmarks.big import LAST_DAY
from reports import (
    campaigns,
    comparison,
    daily,
    detail,
    explanation,
    explore,
    funnel,
    kinds,
    monitors,
    overview,
    roi,
    sales,
    tagging,
    traffic,
)  # fmt: skip
from reports.comparison import Subject
from reports.daily import Cut
from reports.questions import Question
from reports.view import Compare, View
from store import db
from store.sales import DIMENSIONS

Ask = Callable[[View], object]
Asked = Callable[[sa.Connection, View], object]
_ORDER_DAY = "order_day"
_YEAR, _YEAR_SAID = 350, 365


@dataclass(frozen=True)
class Report:
    """A report as a page asks for it, over so many days."""

    days: int
    ask: Asked


def _of(project_id: int, function: Callable[..., object], *more: object, **parts: Any) -> Asked:
    return lambda connection, view: function(connection, project_id, replace(view, **parts), *more)


def _named(name: str, days: int) -> str:
    """Most of a year is asked, so that the period before it is there too."""
    return f"{name} {_YEAR_SAID if days == _YEAR else days} days"


def reports(project_id: int) -> dict[str, Report]:
    """The reports behind the pages, by name."""
    return (
        _of_pages(project_id)
        | _of_kinds(project_id)
        | _of_funnels(project_id)
        | _of_explore(project_id)
        | _of_trust(project_id)
        | _of_sales(project_id)
    )


def _of_pages(project_id: int) -> dict[str, Report]:
    def compared(connection: sa.Connection, view: View) -> object:
        first = replace(view, compare=Compare.NONE)
        shift = view.shift or timedelta(days=view.length)
        second = replace(first, start=first.start - shift, end=first.end - shift)
        return comparison.comparison(
            connection, project_id, (Subject(), first), (Subject(), second), _ORDER_DAY
        )

    of = partial(_of, project_id)
    return {
        "overview 30 days": Report(30, of(overview.overview, _ORDER_DAY)),
        "overview 365 days": Report(_YEAR, of(overview.overview, _ORDER_DAY)),
        "channel by day 365 days": Report(_YEAR, of(overview.by_day, channels=("google_ads",))),
        "channel campaigns 30 days": Report(30, of(detail.details, None, channels=("google_ads",))),
        "campaigns of a platform 30 days": Report(30, of(campaigns.listing, None, channels=("meta_ads",))),
        "all campaigns 90 days": Report(90, of(campaigns.listing, None)),
        "platforms 365 days": Report(_YEAR, of(campaigns.platforms)),
        "compare 30 days": Report(30, compared),
        "compare 365 days": Report(_YEAR, compared),
        "explain spend 30 days": Report(30, of(explanation.explain, "spend", _ORDER_DAY, "channel")),
        "explain CPA by campaign 90 days": Report(90, of(explanation.explain, "cpa", _ORDER_DAY, "campaign")),
        "ROI 90 days": Report(90, of(roi.roi, _ORDER_DAY, "EUR")),
    }


def _of_kinds(project_id: int) -> dict[str, Report]:
    return {
        f"channels: {label} 365 days": Report(_YEAR, _of(project_id, kinds.of_kind, kind, _ORDER_DAY))
        for kind, label in channels.KINDS.items()
        if kind != "search"
    }


def _of_funnels(project_id: int) -> dict[str, Report]:
    def by(what: funnel.By) -> Asked:
        return lambda connection, view: funnel.funnel_of(
            connection, project_id, funnel.Asked(view, by=what), _ORDER_DAY
        )

    splits: tuple[funnel.By, ...] = ("", "country", "device", "campaign")
    return {
        _named(f"funnel by {split}" if split else "funnel", days): Report(days, by(split))
        for split in splits
        for days in (90, _YEAR)
    }


def _of_explore(project_id: int) -> dict[str, Report]:
    found = {}
    for by, days in (
        ("day", 30),
        ("day", _YEAR),
        ("channel", 90),
        ("campaign", 90),
        ("ad", 30),
        ("country", 30),
    ):
        question = Question(("spend", "clicks", "cpc"), by, top=20 if by in {"campaign", "ad"} else 0)
        found[_named(f"explore by {by}", days)] = Report(
            days, _of(project_id, explore.explore, question, _ORDER_DAY)
        )
    return found


def _of_trust(project_id: int) -> dict[str, Report]:
    found = {
        "data health": Report(30, lambda connection, view: monitors.run(connection, project_id, "EUR")),
        "tag audit": Report(30, lambda connection, view: tagging.audit(connection, project_id, "EUR")),
    }
    by_group = _of(project_id, traffic.by_group, _ORDER_DAY)
    return found | {
        _named("traffic by channel group", days): Report(days, by_group) for days in (30, 90, _YEAR)
    }


def _of_sales(project_id: int) -> dict[str, Report]:
    return {
        _named(f"sales by {dimension}", days): Report(days, _of(project_id, sales.by, _ORDER_DAY, dimension))
        for dimension in DIMENSIONS
        for days in (90, _YEAR)
    }


DAYS = {"KPI": 30, "channel by day": 350, "top 50": 90, "funnel": 90}
"""Days of the questions that every engine answers."""


def engines(project_id: int, parquet: Path) -> dict[str, dict[str, Ask]]:
    """The four questions as the product asks its roll-ups, as plain SQL over ads, and as DuckDB over Parquet."""
    found = {"roll-ups": _roll_ups(project_id), "plain SQL": _plain(project_id)}
    if parquet.exists():
        found["DuckDB"] = _duckdb(parquet)
    return found


_FIVE = ("spend", "impressions", "clicks", "conversions", "conversion_value")
_STAGES = ("impressions", "clicks", "add_to_carts", "conversions")


def _roll_ups(project_id: int) -> dict[str, Ask]:
    def cut(keys: tuple[str, ...], measures: tuple[str, ...], **parts: Any) -> Ask:
        def ask(view: View) -> object:
            with db.project(project_id) as connection:
                base = daily.rows(connection, project_id, replace(view, **parts), measures)
                return daily.cuts(connection, base, Cut(keys, measures, (base.c.kind == "paid",)))

        return ask

    def top(view: View) -> object:
        with db.project(project_id) as connection:
            asked = replace(view, compare=Compare.NONE)
            base = daily.rows(connection, project_id, asked, _FIVE, by_campaign=True)
            keys, sums = (base.c.source_id, base.c.campaign_id), daily.summed(base, _FIVE)
            query = sa.select(*keys, *sums).where(base.c.kind == "paid").group_by(*keys)
            return connection.execute(query.order_by(sa.desc("spend").nulls_last()).limit(50)).all()

    return {
        "KPI": cut(("phase",), _FIVE),
        "channel by day": cut(("channel", "day"), _FIVE, compare=Compare.NONE),
        "top 50": top,
        "funnel": cut(("channel",), _STAGES, compare=Compare.NONE),
    }


_MONEY = ("spend", "conversion_value")


def _sums(names: tuple[str, ...]) -> str:
    return ", ".join(f"sum(f.{name}{' * r.factor' if name in _MONEY else ''}) AS {name}" for name in names)


def _statements(facts: str, rates: str) -> dict[str, str]:
    """The four questions over ad-level facts and the factor of each currency and day into the view's currency."""
    joined = (
        f"{facts} f LEFT JOIN {rates} r ON r.currency = f.currency AND r.day = f.day AND r.target = :currency"
    )
    now = "f.day BETWEEN :first AND :last"
    before = "f.day BETWEEN :before AND :until"
    return {
        "KPI": f"SELECT {now} AS phase, {_sums(_FIVE)} FROM {joined} WHERE {now} OR {before} GROUP BY 1",
        "channel by day": f"SELECT f.channel, f.day, {_sums(_FIVE)} FROM {joined} WHERE {now} GROUP BY 1, 2",
        "top 50": f"SELECT f.source_id, f.campaign_id, {_sums(_FIVE)} FROM {joined} WHERE {now} GROUP BY 1, 2"
        " ORDER BY spend DESC LIMIT 50",
        "funnel": f"SELECT f.channel, {_sums(_STAGES)} FROM {joined} WHERE {now} GROUP BY 1",
    }


def _values(view: View) -> dict[str, object]:
    before, until = view.compared or (view.start, view.start)
    return {
        "first": view.start,
        "last": view.end,
        "before": before,
        "until": until,
        "currency": view.currency,
    }


_ADS = """(SELECT d.*, s.channel FROM daily_metrics d
    JOIN sources s ON s.project_id = d.project_id AND s.id = d.source_id
    WHERE d.project_id = {project} AND d.grain = 400 AND d.source_id = ANY (SELECT id FROM sources))"""


def _plain(project_id: int) -> dict[str, Ask]:
    def asking(statement: str) -> Ask:
        query = sa.text(statement)

        def ask(view: View) -> object:
            with db.project(project_id) as connection:
                return connection.execute(query, _values(view)).all()

        return ask

    statements = _statements(_ADS.format(project=project_id), "benchmark_rates")
    return {name: asking(statement) for name, statement in statements.items()}


def _duckdb(parquet: Path) -> dict[str, Ask]:
    connection = duckdb.connect()
    facts = f"read_parquet('{parquet}/facts-*.parquet')"
    statements = _statements(facts, f"read_parquet('{parquet}/rates.parquet')")

    def asking(statement: str) -> Ask:
        query = statement
        for name in ("first", "last", "before", "until", "currency"):
            query = query.replace(f":{name}", f"${name}")

        def ask(view: View) -> object:
            given = {name: value for name, value in _values(view).items() if f"${name}" in query}
            return connection.execute(query, given).fetchall()

        return ask

    return {name: asking(statement) for name, statement in statements.items()}


_RATES = """
CREATE TABLE IF NOT EXISTS benchmark_rates AS
SELECT c.currency, i.target, d.day::date AS day, (0.8 + (ascii(c.currency) % 7) / 10.0)::numeric AS factor
FROM unnest(ARRAY['EUR', 'USD', 'GBP', 'SEK', '']) c (currency), unnest(ARRAY['EUR', 'USD']) i (target),
     generate_series(CAST(:first AS date), CAST(:last AS date), interval '1 day') d (day)
"""
_FACTS = (
    "SELECT d.day, s.channel, d.source_id, d.campaign_id, d.entity_id, d.currency, d.impressions, d.clicks,"
    " d.add_to_carts, d.spend, d.conversions, d.conversion_value FROM daily_metrics d"
    " JOIN sources s ON s.project_id = d.project_id AND s.id = d.source_id"
    " WHERE d.project_id = {project} AND d.source_id = {source} AND d.grain = 400 ORDER BY d.day"
)
_TYPES = {
    "day": pl.Date, "channel": pl.String, "source_id": pl.Int32, "campaign_id": pl.Int64, "entity_id": pl.Int64,
    "currency": pl.String, "impressions": pl.Int64, "clicks": pl.Int64, "add_to_carts": pl.Int64,
    "spend": pl.Decimal(18, 4), "conversions": pl.Decimal(18, 4), "conversion_value": pl.Decimal(18, 4),
}  # fmt: skip


def as_parquet(owner: sa.Engine, project_id: int, folder: Path) -> None:
    """The ad-level facts as one Parquet file an account, by day, and the rates beside them."""
    folder.mkdir(parents=True, exist_ok=True)
    with owner.begin() as connection:
        span = {"first": LAST_DAY - timedelta(days=LENGTH - 1), "last": LAST_DAY}
        connection.execute(sa.text(_RATES), span)
        connection.execute(sa.text("GRANT SELECT ON benchmark_rates TO PUBLIC"))
        rates = connection.execute(
            sa.text("SELECT currency, target, day, factor::float8 FROM benchmark_rates")
        )
        names = ["currency", "target", "day", "factor"]
        pl.DataFrame([tuple(row) for row in rates], schema=names, orient="row").with_columns(
            pl.col("factor").cast(pl.Decimal(9, 4))
        ).write_parquet(folder / "rates.parquet")
        for source in connection.scalars(sa.text("SELECT id FROM sources ORDER BY id")).all():
            query = _FACTS.format(project=project_id, source=source)
            _copy(connection, query, folder / f"facts-{source}.parquet")


def _copy(connection: sa.Connection, query: str, path: Path) -> None:
    plain = path.with_suffix(".csv")
    with plain.open("wb") as out:
        connection.connection.cursor().copy_expert(f"COPY ({query}) TO STDOUT WITH CSV", out)
    if plain.stat().st_size:
        pl.scan_csv(plain, has_header=False, schema=_TYPES).sink_parquet(path)
    plain.unlink()
