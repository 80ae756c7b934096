"""`breakdown_daily`: totals by source and day along one breakdown at a time, kept true with the other roll-ups.

For each slice they come from one grain: the highest that is split by the breakdown alone, else the highest that is
split by it among others (`device=mobile|country=DE`). Partial grains (keyword and below) are left out. A row is
null where all of its rows are; counts of people stand only where one row makes them.

A source that has figures and no totals yet (an older release loaded them) gets them for all of its history, with
every version: by `complete`, or by the next load of such figures.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from store import grains, rollups, sources
from store.merge import plan_as_usual, plan_for_bulk
from store.models import MEASURES
from store.models import sources as source_table
from store.windows import Slice, within

BREAKDOWNS = ("country", "device")
"""What reports ask for. Tags of web traffic are not among them: a site's rows are theirs already, one a tag and day."""
TABLE = "breakdown_daily"
_KEYS = ("breakdown", "day", "days", "value", "currency")
_NO_GRAIN = -1
_Place = dict[str, object]


def refresh(
    connection: Connection,
    project_id: int,
    source_id: int,
    grain: int,
    slices: Collection[Slice],
    at: datetime,
    measures: Sequence[str] = MEASURES,
) -> None:
    """Make the totals true for slices whose rows of `grain` changed, at the time `at`; see `rollups.refresh`."""
    place: _Place = {"project_id": project_id, "source_id": source_id}
    for breakdown in _told_by(connection, place, grain):
        mine = {**place, "breakdown": breakdown}
        earlier = {} if _is_there(connection, mine) else _changes(connection, mine)
        if earlier.keys() - {at} or earlier.get(at, set()) - set(slices):
            _replay(connection, mine, earlier)
            continue
        known = grains_of(connection, project_id, [source_id], breakdown).get(source_id, [])
        for top, found in _tops(connection, mine, known, slices, rollups.FACTS).items():
            if top == _NO_GRAIN or _rank(top) >= _rank(grain):
                _write(
                    connection,
                    {**mine, "grain": top, "at": at},
                    found,
                    measures if top == grain else MEASURES,
                )


def complete(connection: Connection, project_id: int) -> None:
    """Add up what was loaded before this table was there."""
    query = (
        sa.select(source_table.c.id)
        .where(source_table.c.project_id == project_id)
        .order_by(source_table.c.id)
    )
    ids = list(connection.scalars(query))
    having = {name: grains_of(connection, project_id, ids, name, former=True) for name in BREAKDOWNS}
    for source_id in ids:
        place: _Place = {"project_id": project_id, "source_id": source_id}
        named = [{**place, "breakdown": name} for name in BREAKDOWNS if source_id in having[name]]
        if all(_is_there(connection, mine) for mine in named):
            continue
        sources.lock(connection, project_id, source_id)
        plan_for_bulk(connection)
        for mine in named:
            if not _is_there(connection, mine):
                _replay(connection, mine, _changes(connection, mine))
        plan_as_usual(connection)


def _is_combined(grain: int) -> bool:
    return grain % 100 >= grains.COMBINED_FROM


def _rank(grain: int) -> tuple[bool, int]:
    """The lowest is the one to take totals from."""
    return _is_combined(grain), grain


def _has(segment: str | None, breakdown: str) -> bool:
    return any(part.startswith(f"{breakdown}=") for part in (segment or "").split("|"))


def _told_by(connection: Connection, place: _Place, grain: int) -> tuple[str, ...]:
    """The breakdowns that rows of a grain may tell; all of them for a mixed grain that has no row left."""
    if grain >= grains.PARTIAL_FROM:
        return ()
    if not _is_combined(grain):
        return tuple(name for name in BREAKDOWNS if grains.BREAKDOWNS[name] == grain % 100)
    query = sa.text(f"SELECT d.segment FROM daily_metrics d WHERE {rollups.OURS} ORDER BY d.day LIMIT 1")
    example = connection.scalar(query, {**place, "grain": grain})
    return tuple(name for name in BREAKDOWNS if example is None or _has(example, name))


def _is_there(connection: Connection, place: _Place) -> bool:
    """True if the source has totals by the breakdown, or had."""
    # A smallest day is found by one index probe, where EXISTS may read the table from its beginning.
    first = "SELECT min(day) FROM {} WHERE project_id = :project_id AND source_id = :source_id AND breakdown = :breakdown"
    query = f"SELECT ({first.format(TABLE)}) IS NOT NULL OR ({first.format('former_' + TABLE)}) IS NOT NULL"
    return bool(connection.scalar(sa.text(query), place))


_PROBES = """
WITH RECURSIVE found AS (
    SELECT s.id AS source_id, (SELECT min(d.grain) FROM {table} d
                               WHERE d.project_id = :project_id AND d.source_id = s.id) AS grain
    FROM unnest(CAST(:ids AS integer[])) s (id)
    UNION ALL
    SELECT found.source_id, (SELECT min(d.grain) FROM {table} d WHERE d.project_id = :project_id
                             AND d.source_id = found.source_id AND d.grain > found.grain)
    FROM found WHERE found.grain IS NOT NULL
)
SELECT source_id, grain, CASE WHEN grain % 100 >= :combined THEN
       (SELECT d.segment FROM {table} d WHERE d.project_id = :project_id AND d.source_id = found.source_id
        AND d.grain = found.grain LIMIT 1) END AS segment
FROM found WHERE grain < :partial ORDER BY source_id, grain
"""
"""The grains of each source, one index probe each, and an example of those that split by several things at once."""


def grains_of(
    connection: Connection, project_id: int, ids: Collection[int], breakdown: str, *, former: bool = False
) -> dict[int, list[int]]:
    """By source: the grains that tell a breakdown, the one to take totals from first. `former`: or told it once."""
    values = {
        "project_id": project_id, "ids": list(ids), "combined": grains.COMBINED_FROM, "partial": grains.PARTIAL_FROM,
    }  # fmt: skip
    found: dict[int, set[int]] = defaultdict(set)
    for table in (rollups.FACTS, f"former_{rollups.FACTS}") if former else (rollups.FACTS,):
        for source_id, grain, segment in connection.execute(sa.text(_PROBES.format(table=table)), values):
            if grain % 100 == grains.BREAKDOWNS[breakdown] or _has(segment, breakdown):
                found[source_id].add(grain)
    return {source_id: sorted(mine, key=_rank) for source_id, mine in found.items()}


def _tops(
    connection: Connection, place: _Place, known: Iterable[int], slices: Collection[Slice], facts: str
) -> dict[int, set[Slice]]:
    """The slices by the grain that makes their totals; those without any row stand under `_NO_GRAIN`."""
    left, tops = set(slices), dict[int, set[Slice]]()
    for candidate in known:
        if left and (found := rollups.having(connection, {**place, "grain": candidate}, left, facts=facts)):
            tops[candidate] = found
            left -= found
    return tops | ({_NO_GRAIN: left} if left else {})


def _write(
    connection: Connection,
    place: _Place,
    slices: Collection[Slice],
    measures: Sequence[str],
    facts: str = rollups.FACTS,
) -> None:
    """Write the totals of slices from one grain, added up by segment first, and those by value."""
    rows, breakdown = within(slices, "d"), place["breakdown"]
    value = f"coalesce(substring(segment from '(?:^|\\|){breakdown}=([^|]*)'), '')"
    keys = "day, days, value, currency, grain"
    fresh = f"""SELECT CAST(:breakdown AS text) AS breakdown, {keys}, {rollups.totals()}
        FROM (SELECT base.*, {value} AS value FROM base) split GROUP BY {keys}"""
    parts = [rollups.base("segment", measures, rows.sql, facts)]
    parts += rollups.replacing(TABLE, _KEYS, fresh, slices, fixed=("breakdown",))
    connection.execute(sa.text(f"WITH {', '.join(parts)} SELECT 1"), {**place, **rows.values})


_COLUMNS = ", ".join(("project_id", "source_id", "grain", "day", "days", "segment", "currency", *MEASURES))
_THEN = f"""(
    SELECT {_COLUMNS} FROM daily_metrics WHERE extracted_at <= :at
    UNION ALL
    SELECT {_COLUMNS} FROM former_daily_metrics WHERE extracted_at <= :at AND until > :at
)"""
"""The facts as they stood at `:at`."""

_WRITTEN = sa.text("""
SELECT extracted_at, day, days FROM daily_metrics
WHERE project_id = :project_id AND source_id = :source_id AND grain = ANY (CAST(:grains AS smallint[]))
UNION
SELECT version.at, d.day, d.days FROM former_daily_metrics d CROSS JOIN LATERAL (VALUES (extracted_at), (until)) version (at)
WHERE d.project_id = :project_id AND d.source_id = :source_id AND d.grain = ANY (CAST(:grains AS smallint[]))""")


def _once_told_by(connection: Connection, place: _Place) -> list[int]:
    project_id, source_id = int(str(place["project_id"])), int(str(place["source_id"]))
    known = grains_of(connection, project_id, [source_id], str(place["breakdown"]), former=True)
    return known.get(source_id, [])


def _changes(connection: Connection, place: _Place) -> dict[datetime, set[Slice]]:
    """The slices in which figures that tell the breakdown came, changed or went, by time."""
    found: dict[datetime, set[Slice]] = defaultdict(set)
    values = {**place, "grains": _once_told_by(connection, place)}
    for at, day, days in connection.execute(_WRITTEN, values):
        found[at].add((day, days))
    return found


def _replay(connection: Connection, place: _Place, changes: Mapping[datetime, set[Slice]]) -> None:
    """Make the totals of all of a source's history by a breakdown, as loads would have made them, one after another."""
    known = _once_told_by(connection, place)
    for at, slices in sorted(changes.items()):
        then = {**place, "at": at}
        for top, found in _tops(connection, then, known, slices, _THEN).items():
            _write(connection, {**then, "grain": top}, found, MEASURES, _THEN)
