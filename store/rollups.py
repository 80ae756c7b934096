"""Roll-ups: totals by source and by campaign and day, kept true in the transaction that changes the rows.

For each slice (day and number of days) the totals come from the rows of its highest grain, that is the
lowest code in `daily_metrics`; see grains.py. By campaign, from the highest grain at or below campaign
that names campaigns. Counts of people (`models.DISTINCT`) are kept only where one row makes the total;
everything else is a sum, null where every row is null.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from store import history
from store.grains import CAMPAIGN_OR_BELOW
from store.models import COUNTS, DISTINCT, MEASURES
from store.windows import Slice, within

BY_SOURCE, BY_CAMPAIGN = "source_daily", "campaign_daily"
_KEYS = {BY_SOURCE: ("day", "days", "currency"), BY_CAMPAIGN: ("day", "days", "campaign_id", "currency")}
_LOWEST = {BY_SOURCE: 0, BY_CAMPAIGN: CAMPAIGN_OR_BELOW[0]}
FACTS = "daily_metrics"
OURS = "d.project_id = :project_id AND d.source_id = :source_id AND d.grain = :grain"


def refresh(
    connection: Connection,
    project_id: int,
    source_id: int,
    grain: int,
    slices: Collection[Slice],
    at: datetime,
    measures: Sequence[str] = MEASURES,
) -> None:
    """Make both roll-ups true for slices whose rows of `grain` changed, at the time `at`.

    `measures` are those that the rows of `grain` hold; pass all of them (the default) when a slice may
    have lost all rows of this grain, because its totals then come from another one. What already stands
    right is not written again.
    """
    place: dict[str, object] = {"project_id": project_id, "source_id": source_id, "at": at}
    work: dict[tuple[int, frozenset[Slice]], list[str]] = {}
    for table, lowest in _LOWEST.items():
        if grain >= lowest:
            for top, found in _top_grains(connection, place, grain, slices, lowest).items():
                work.setdefault((top, frozenset(found)), []).append(table)
    for (top, where), tables in work.items():
        named = measures if top == grain else MEASURES
        _write(connection, tables, {**place, "grain": top}, where, named)


def _grains(connection: Connection, place: dict[str, object], lowest: int) -> list[int]:
    """The grains that the source has rows of, one index probe each."""
    query = sa.text(
        "SELECT min(grain) FROM daily_metrics"
        " WHERE project_id = :project_id AND source_id = :source_id AND grain >= :lowest"
    )
    found: list[int] = []
    while (grain := connection.scalar(query, {**place, "lowest": lowest})) is not None:
        found.append(grain)
        lowest = grain + 1
    return found


def _top_grains(
    connection: Connection, place: dict[str, object], grain: int, slices: Collection[Slice], lowest: int
) -> dict[int, set[Slice]]:
    """The slices by the grain that makes their totals, without those that a higher grain than ours decides.

    A slice that has no row left stands under `grain` itself.
    """
    left, tops = set(slices), dict[int, set[Slice]]()
    for candidate in _grains(connection, place, lowest):
        if not left:
            break
        found = having(connection, {**place, "grain": candidate}, left, named=lowest > 0)
        left -= found
        if candidate >= grain and found:
            tops[candidate] = found
    if left:
        tops[grain] = tops.get(grain, set()) | left
    return tops


def having(
    connection: Connection,
    place: Mapping[str, object],
    slices: set[Slice],
    *,
    named: bool = False,
    facts: str = FACTS,
) -> set[Slice]:
    """The slices in which a grain has a row (that names its campaign): one index probe each."""
    with_campaign = "AND d.campaign_id IS NOT NULL" if named else ""
    query = sa.text(f"""
        SELECT given.day, given.days
        FROM unnest(CAST(:slice_day AS date[]), CAST(:slice_days AS smallint[])) AS given (day, days)
        CROSS JOIN LATERAL (
            SELECT 1 FROM {facts} d
            WHERE {OURS} AND d.day = given.day AND d.days = given.days {with_campaign} LIMIT 1
        ) present""")
    ordered = sorted(slices)
    values = {"slice_day": [day for day, _ in ordered], "slice_days": [days for _, days in ordered]}
    return {(day, days) for day, days in connection.execute(query, {**place, **values})}


def _write(
    connection: Connection,
    tables: Sequence[str],
    place: dict[str, object],
    slices: Collection[Slice],
    measures: Sequence[str],
) -> None:
    """Write the totals of slices in one pass over the rows: by campaign first, and from those by source."""
    rows = within(slices, "d")
    parts = [base("campaign_id", measures, rows.sql)]
    for table in tables:
        if table == BY_CAMPAIGN:
            fresh = f"SELECT {', '.join(_KEYS[table])}, grain, {totals('n')} FROM base WHERE campaign_id IS NOT NULL"
        else:
            keys = ", ".join(_KEYS[table])
            fresh = f"SELECT {keys}, grain, {totals()} FROM base GROUP BY {keys}, grain"
        parts += replacing(table, _KEYS[table], fresh, slices)
    connection.execute(sa.text(f"WITH {', '.join(parts)} SELECT 1"), {**place, **rows.values})


def base(key: str, measures: Sequence[str], where: str, facts: str = FACTS) -> str:
    """SQL, a CTE: rows of one grain added up by slice, `key` and currency; `n` is how many."""
    sums = ", ".join(
        f"{'max' if name in DISTINCT else 'sum'}(d.{name}) AS {name}"
        if name in measures
        else f"NULL AS {name}"
        for name in MEASURES
    )
    return f"""
    base AS MATERIALIZED (
        SELECT d.day, d.days, d.{key}, d.currency, d.grain, count(*) AS n, {sums}
        FROM {facts} d WHERE {OURS} AND {where}
        GROUP BY d.day, d.days, d.{key}, d.currency, d.grain
    )"""


def totals(rows: str = "") -> str:
    """SQL: the measures of `base`, those of each of its rows (`rows` names their count) or added up in groups."""
    if rows:
        return ", ".join(_of_one(name, rows) for name in MEASURES)
    return ", ".join(_of_one(name, "sum(n)", "max" if name in DISTINCT else "sum") for name in MEASURES)


def replacing(
    table: str, keys: Sequence[str], fresh: str, slices: Collection[Slice], fixed: Sequence[str] = ()
) -> list[str]:
    """SQL, CTEs: make a roll-up equal to the query `fresh` in the slices, writing only what differs.

    Former versions are kept. Of the roll-up's rows only those are looked at whose `fixed` keys are the
    parameters of that name.
    """
    columns = ("grain", *MEASURES)

    def mine(alias: str) -> str:
        given = "".join(f" AND {alias}.{name} = :{name}" for name in ("project_id", "source_id", *fixed))
        return f"{within(slices, alias).sql}{given}"

    same = " AND ".join(f"fresh.{name} = t.{name}" for name in keys).replace("fresh.", f"fresh_{table}.")
    names, given = ", ".join((*keys, *columns)), ", ".join(f"f.{name}" for name in (*keys, *columns))
    differs = " OR ".join(f"o.{name} IS DISTINCT FROM f.{name}" for name in columns)
    replaced = f"""FROM {table} o LEFT JOIN fresh_{table} f ON {" AND ".join(f"o.{name} = f.{name}" for name in keys)}
        WHERE {mine("o")} AND (f.day IS NULL OR {differs})"""
    kept = f"project_id, source_id, {names}, since"
    return [
        f"fresh_{table} AS MATERIALIZED ({fresh})",
        f"kept_{table} AS ({history.keeping(table, 'o', kept, replaced)})",
        f"""gone_{table} AS (
        DELETE FROM {table} t
        WHERE {mine("t")} AND NOT EXISTS (SELECT 1 FROM fresh_{table} WHERE {same})
    )""",
        f"""put_{table} AS (
        INSERT INTO {table} (project_id, source_id, {names}, since)
        SELECT :project_id, :source_id, {given}, :at
        FROM fresh_{table} f
        LEFT JOIN {table} o ON {mine("o")} AND {" AND ".join(f"o.{name} = f.{name}" for name in keys)}
        WHERE o.project_id IS NULL OR {differs}
        ON CONFLICT (project_id, source_id, {", ".join(keys)}) DO UPDATE
        SET {", ".join(f"{name} = excluded.{name}" for name in (*columns, "since"))}
    )""",
    ]


def _of_one(name: str, rows: str, total: str = "") -> str:
    """SQL: the total of a measure, typed; of people only where a single row makes it."""
    value = f"{total}({name}::numeric)"
    if name in DISTINCT:
        value = f"CASE WHEN {rows} = 1 THEN {value} END"
    return f"({value})::{'bigint' if name in COUNTS else 'numeric'} AS {name}"
