"""How fast is `store.load`? New rows, the same again, and 5 % changed, beside three ways of others.

Everybody starts from the same Python rows, as a connector yields them: a list of dicts with twelve
metrics. Plain COPY writes into an identical table (indexes and all) and knows nothing of change
detection, roll-ups or row-level security; pandas appends; dlt merges by primary key. pandas and dlt
get fewer rows, because they take minutes for a million; rows a second are compared. The contestants
take turns in every round and the median round counts, so that a busy machine slows all of them.

dlt comes with requirements-dev.txt; without it the others are measured all the same.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import random
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib.util import find_spec
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa

from benchmarks.server import scratch
from store import db, load, sources
from store.entities import identity
from store.models import projects

COUNTED = [
    "impressions",
    "clicks",
    "link_clicks",
    "reach",
    "video_views_3s",
    "video_completions",
    "likes",
    "comments",
    "add_to_carts",
]
PAID = ("spend", "conversions", "conversion_value")
ADS, ADS_PER_CAMPAIGN, AD_GRAIN = 10_000, 40, 400
FIRST_DAY = date(2026, 1, 1)
AT = datetime(2026, 11, 1, tzinfo=UTC)
Row = dict[str, Any]


def rows(count: int) -> list[Row]:
    """Rows of ads, day after day, the same ones at every call."""
    dice = random.Random(7)
    return [_row(dice, n) for n in range(count)]


def _row(dice: random.Random, n: int) -> Row:
    ad, shown = n % ADS, dice.randrange(100, 50_000)
    return {
        "day": FIRST_DAY + timedelta(n // ADS),
        "entity": f"12025{ad:012}",
        "campaign": f"12019{ad // ADS_PER_CAMPAIGN:012}",
        "segment": "",
        **{name: shown // (5 * place) for place, name in enumerate(COUNTED, 1)},
        "spend": Decimal(dice.randrange(100_000)).scaleb(-2),
        "conversions": Decimal(dice.randrange(300)).scaleb(-1),
        "conversion_value": Decimal(dice.randrange(500_000)).scaleb(-2),
    }


def restated(some: list[Row]) -> list[Row]:
    """The rows with every twentieth changed."""
    return [{**row, "clicks": row["clicks"] + 1} if n % 20 == 0 else row for n, row in enumerate(some)]


@dataclass
class Field:
    """Where the contest takes place."""

    owner: sa.Engine
    rows: list[Row]
    changed: list[Row]
    folder: str
    project_id: int = 0
    source_id: int = 0
    round: int = 0

    def __post_init__(self) -> None:
        with db.instance() as connection:
            values = {
                "name": "B",
                "currency": "EUR",
                "time_zone": "UTC",
                "customer_salt": "",
                "created_at": AT,
            }
            made = connection.scalar(sa.insert(projects).values(values).returning(projects.c.id))
        self.project_id = made or 0
        with db.project(self.project_id) as connection:
            self.source_id = sources.get_or_create(
                connection, self.project_id, "meta_ads", "meta_ads", "1", "Brand", "EUR", ""
            )

    def clean(self) -> None:
        """Empty the tables and flush the server's buffers, outside of the measured time."""
        with self.owner.begin() as connection:
            connection.execute(sa.text("DROP TABLE IF EXISTS plain_copy, plain_pandas"))
            connection.execute(sa.text("CREATE TABLE plain_copy (LIKE daily_metrics INCLUDING ALL)"))
            connection.execute(
                sa.text("TRUNCATE daily_metrics, staged_metrics, source_daily, campaign_daily")
            )
        self.settle()

    def settle(self) -> None:
        with self.owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("CHECKPOINT"))

    def load(self, some: list[Row], run_id: int) -> load.Loaded:
        last = some[-1]["day"]
        window = load.Window.daily(
            self.project_id,
            self.source_id,
            AD_GRAIN,
            FIRST_DAY,
            last,
            currency="EUR",
            terms=load.Terms("UTC"),
        )
        with db.project(self.project_id) as connection:
            return load.load_rows(connection, window, some, run_id=run_id, at=AT)


Measured = tuple[int, float]
"""Rows and seconds."""


def new_rows(field: Field) -> Measured:
    field.clean()
    return _loaded(field, field.rows, 1, load.Loaded(len(field.rows), 0, 0, 0))


def unchanged_rows(field: Field) -> Measured:
    return _loaded(field, field.rows, 2, load.Loaded(0, 0, len(field.rows), 0))


def changed_rows(field: Field) -> Measured:
    few = len(field.rows[::20])
    return _loaded(field, field.changed, 3, load.Loaded(0, few, len(field.rows) - few, 0))


def _timed(work: Callable[[], object], field: Field) -> float:
    field.settle()
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _loaded(field: Field, some: list[Row], run_id: int, expected: load.Loaded) -> Measured:
    done: list[load.Loaded] = []
    seconds = _timed(lambda: done.append(field.load(some, run_id)), field)
    if done != [expected]:
        raise SystemExit(f"The load did something else: {done}, expected {expected}.")
    return len(some), seconds


def plain_copy(field: Field) -> Measured:
    """COPY of the same rows into an identical table, by straightforward csv code, in blocks of 20,000."""
    columns = [
        "project_id",
        "source_id",
        "grain",
        "day",
        "days",
        "entity_id",
        "segment",
        "campaign_id",
        "currency",
        "terms_id",
        "run_id",
        "extracted_at",
    ]
    columns += [*COUNTED, *PAID]

    def copy() -> None:
        raw = field.owner.raw_connection()
        try:
            cursor = raw.cursor()
            for start in range(0, len(field.rows), 20_000):
                file = io.StringIO()
                csv.writer(file).writerows(_plain(field, field.rows[start : start + 20_000]))
                file.seek(0)
                cursor.copy_expert(
                    f"COPY plain_copy ({', '.join(columns)}) FROM STDIN (FORMAT csv, FORCE_NOT_NULL (segment))",
                    file,
                )
            raw.commit()
        finally:
            raw.close()

    return len(field.rows), _timed(copy, field)


def _plain(field: Field, some: list[Row]) -> Iterator[list[object]]:
    for row in some:
        ids = identity("ad", row["entity"]), identity("campaign", row["campaign"])
        head = [field.project_id, field.source_id, AD_GRAIN, row["day"], 1, ids[0], row["segment"], ids[1]]
        yield [*head, "EUR", 1, 1, AT, *(row[name] for name in COUNTED), *(row[name] for name in PAID)]


def with_pandas(field: Field, count: int = 20_000) -> Measured:
    """pandas.to_sql into a table of its own without an index; plain, which is faster here than method="multi"."""
    import pandas

    some = field.rows[:count]

    def append() -> None:
        pandas.DataFrame(some).to_sql(
            "plain_pandas", field.owner, if_exists="replace", index=False, chunksize=10_000
        )

    return len(some), _timed(append, field)


def with_dlt(field: Field, count: int = 200_000) -> Measured:
    """dlt's merge by primary key, into a new dataset, by COPY of csv files."""
    quiet = {"RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "CRITICAL"}
    os.environ |= quiet | {"DLT_DATA_DIR": field.folder}
    import dlt

    some = field.rows[:count]
    field.round += 1
    name = f"peer_{field.round}"
    url = field.owner.url
    credentials = {
        "host": url.host or quote(str(url.query["host"]), safe=""), "port": url.port or 5432,
        "username": url.username, "password": url.password or "-", "database": url.database,
    }  # fmt: skip
    resource = dlt.resource(
        some, name="metrics", write_disposition="merge", primary_key=("day", "entity", "segment")
    )
    pipeline = dlt.pipeline(
        name,
        destination=dlt.destinations.postgres(credentials),
        dataset_name=name,
        pipelines_dir=field.folder,
    )

    def merge() -> None:
        pipeline.run(resource, loader_file_format="csv").raise_on_failed_jobs()

    seconds = _timed(merge, field)
    with field.owner.begin() as connection:
        if connection.scalar(sa.text(f"SELECT count(*) FROM {name}.metrics")) != len(some):
            raise SystemExit("dlt did not load all rows.")
        connection.execute(sa.text(f"DROP SCHEMA {name} CASCADE"))
        connection.execute(sa.text(f"DROP SCHEMA IF EXISTS {name}_staging CASCADE"))
    return len(some), seconds


CONTESTANTS: dict[str, Callable[[Field], Measured]] = {
    "new": new_rows,
    "unchanged": unchanged_rows,
    "changed_5_percent": changed_rows,
    "copy": plain_copy,
    "dlt": with_dlt,
    "pandas": with_pandas,
}
LABELS = {
    "new": "Soundings, new rows",
    "unchanged": "Soundings, the same again",
    "changed_5_percent": "Soundings, 5 % changed",
    "copy": "plain COPY",
    "dlt": "dlt merge",
    "pandas": "pandas.to_sql",
}


def measure(field: Field, runs: int) -> tuple[dict[str, float], dict[str, int]]:
    """Median rows a second of each contestant over `runs` rounds, and how many rows it got."""
    present = {name: run for name, run in CONTESTANTS.items() if name != "dlt" or find_spec("dlt")}
    speeds: dict[str, list[float]] = {name: [] for name in present}
    counts: dict[str, int] = {}
    for _ in range(runs):
        for name, run in present.items():
            counts[name], seconds = run(field)
            speeds[name].append(counts[name] / seconds)
    return {name: statistics.median(found) for name, found in speeds.items()}, counts


RATIOS = {
    "new_vs_dlt": ("new", "dlt"),
    "new_vs_copy": ("new", "copy"),
    "new_vs_pandas": ("new", "pandas"),
    "unchanged_vs_copy": ("unchanged", "copy"),
    "changed_vs_copy": ("changed_5_percent", "copy"),
}
"""Ours over theirs."""


def ratios(speeds: dict[str, float]) -> dict[str, float | None]:
    """Our rows a second over theirs; null beside a contestant that is not installed."""
    return {
        name: round(speeds[ours] / speeds[theirs], 3) if theirs in speeds else None
        for name, (ours, theirs) in RATIOS.items()
    }


def _show(speeds: dict[str, float], counts: dict[str, int]) -> None:
    print(f"{'':28}{'rows':>10}{'rows/s':>12}{'× COPY':>9}{'× dlt':>9}")
    for name, speed in speeds.items():
        beside = f"{speed / speeds['dlt']:9.1f}" if "dlt" in speeds else f"{'–':>9}"
        print(f"{LABELS[name]:28}{counts[name]:>10,}{speed:>12,.0f}{speed / speeds['copy']:9.2f}{beside}")
    if "dlt" not in speeds:
        print("dlt is not installed: pip install -r requirements-dev.txt")


def main(arguments: Sequence[str]) -> int:
    """Measure and print; the last line is one JSON object with `--json`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks load", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3, help="rounds; the median counts")
    parser.add_argument("--json", action="store_true", help="print one JSON object last")
    parser.add_argument("--database-url", help="a server to measure on (default: an embedded one of its own)")
    given = parser.parse_args(arguments)
    warnings.simplefilter("ignore")
    made = rows(given.rows)
    with scratch(given.database_url) as owner, tempfile.TemporaryDirectory() as folder:
        speeds, counts = measure(Field(owner, made, restated(made), folder), given.runs)
    _show(speeds, counts)
    if given.json:
        whole = {name: round(speed) for name, speed in speeds.items()}
        found = {"ratios": ratios(speeds), "rows_per_second": whole, "rows": counts, "runs": given.runs}
        print(json.dumps({"question": "load"} | found))
    return 0
