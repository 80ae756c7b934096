"""How long does each report behind a page take, and how does that grow with the figures?

A business of two years, twenty accounts and two shops is built inside the database at each size (benchmarks/big.py).
Then every report is asked 30 times, each time for other days and another currency. Four questions are also put to
the ad-level facts themselves in plain SQL, and to DuckDB over the same rows in Parquet files: `ratios.vs_duckdb` is
DuckDB's p95 over ours at the largest size that has both; `ratios.growth_10x` is the p95 at a size over that at a
tenth of it.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from benchmarks import big, questions
from benchmarks.big import LAST_DAY, Size
from benchmarks.server import kept
from reports.view import View
from store import db
from store.models import projects

SIZES = {"1M": (1_000_000, 200_000), "10M": (10_000_000, 2_000_000), "100M": (100_000_000, 2_000_000)}
"""Facts and orders by name of the size."""
_RUNS = 30
_WARM_UP = 3
Times = dict[str, list[float]]
"""Milliseconds of each run, by report."""


def views(days: int, runs: int) -> Iterator[View]:
    """Views of so many days, each beginning on another day, in one currency or the other."""
    room = big.DAYS - 2 * days - 8
    for n in range(runs):
        end = LAST_DAY - timedelta(days=(n * 11) % max(1, room))
        yield View(end - timedelta(days=days - 1), end, ("EUR", "USD")[n % 2])


def timed(ask: Callable[[View], object], days: int, runs: int) -> list[float]:
    """Milliseconds of each run; a few more before them warm the caches."""
    found = []
    for n, view in enumerate(views(days, runs + _WARM_UP)):
        start = time.perf_counter()
        ask(view)
        if n >= _WARM_UP:
            found.append((time.perf_counter() - start) * 1000)
    return found


def percentile(values: Sequence[float], part: int) -> float:
    """The value that `part` percent of the values do not exceed."""
    return statistics.quantiles(values, n=100, method="inclusive")[part - 1]


@contextmanager
def database(folder: Path, size: str, out: Callable[[str], None]) -> Iterator[int]:
    """A database of this size, built unless the folder has it already; the id of its project."""
    built = folder / "built"
    if folder.exists() and not built.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with kept(folder) as owner:
        if not built.exists():
            rows, orders = SIZES[size]
            start = time.perf_counter()
            project_id = _project()
            made = big.build(owner, project_id, Size(rows), orders)
            questions.as_parquet(owner, project_id, folder / "parquet")
            built.write_text(f"{project_id} {made} {orders} {time.perf_counter() - start:.0f}")
        words = built.read_text().split()
        out(f"{size}: {int(words[1]):,} facts and {int(words[2]):,} orders, built in {words[3]} s")
        yield int(words[0])


def _project() -> int:
    row = {"name": "Benchmark", "currency": "EUR", "time_zone": "UTC", "customer_salt": ""}
    query = sa.insert(projects).values(**row, created_at=datetime.now(UTC)).returning(projects.c.id)
    with db.instance() as connection:
        return int(connection.scalar(query) or 0)


def measure(project_id: int, folder: Path, runs: int, only: str, without: Sequence[str]) -> dict[str, Times]:
    """Milliseconds by engine (`reports`, `roll-ups`, `plain SQL`, `DuckDB`) and question."""
    found: dict[str, Times] = {"reports": {}}
    for name, report in questions.reports(project_id).items():
        if only in name:
            found["reports"][name] = timed(_inside(project_id, report.ask), report.days, runs)
    for engine, ask in questions.engines(project_id, folder / "parquet").items():
        if engine in without:
            continue
        found[engine] = {
            name: timed(ask[name], days, runs if engine != "plain SQL" else max(5, runs // 5))
            for name, days in questions.DAYS.items()
            if only in name and name in ask
        }
    return found


def _inside(project_id: int, ask: Callable[[sa.Connection, View], object]) -> Callable[[View], object]:
    def run(view: View) -> object:
        with db.project(project_id) as connection:
            return ask(connection, view)

    return run


def _show(size: str, found: dict[str, Times]) -> None:
    print(f"\n{size:34}{'p50 ms':>9}{'p95 ms':>9}")
    for engine, times in found.items():
        for name, values in times.items():
            label = name if engine == "reports" else f"{name} ({engine})"
            print(f"  {label:32}{percentile(values, 50):9.1f}{percentile(values, 95):9.1f}")


def summed_up(found: dict[str, dict[str, Times]]) -> dict[str, Any]:
    """p95 by size and report, and the ratios that the module's docstring explains."""
    p95 = {
        size: {
            (name if engine == "reports" else f"{name} ({engine})"): round(percentile(values, 95), 2)
            for engine, times in engines.items()
            for name, values in times.items()
        }
        for size, engines in found.items()
    }
    ratios: dict[str, Any] = {"vs_duckdb": {}, "vs_plain_sql": {}, "growth_10x": {}}
    for size, engines in found.items():
        for peer, key in (("DuckDB", "vs_duckdb"), ("plain SQL", "vs_plain_sql")):
            for name in engines.get(peer, {}):
                ours, theirs = p95[size][f"{name} (roll-ups)"], p95[size][f"{name} ({peer})"]
                ratios[key][name] = round(theirs / ours, 2)
    sizes = [size for size in SIZES if size in found]
    for small, large in pairwise(sizes):
        ratios["growth_10x"][f"{small} to {large}"] = {
            name: round(p95[large][name] / p95[small][name], 2) for name in p95[large] if name in p95[small]
        }
    return {"p95_ms": p95, "ratios": ratios}


def main(arguments: Sequence[str]) -> int:
    """Measure and print; the last line is one JSON object with `--json`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks dashboards", description=__doc__)
    parser.add_argument("--sizes", default="1M,10M", help="some of 1M,10M,100M (default: %(default)s)")
    parser.add_argument("--runs", type=int, default=_RUNS)
    parser.add_argument("--only", default="", help="questions whose name holds this")
    parser.add_argument("--without", default="", help="engines to leave out: plain SQL takes minutes at 100M")
    parser.add_argument("--data", type=Path, help="keep what was built in this folder and use it again")
    parser.add_argument("--json", action="store_true", help="print one JSON object last")
    given = parser.parse_args(arguments)
    sizes = [size for size in SIZES if size in given.sizes.split(",")]
    if not sizes:
        parser.error(f"--sizes takes some of {', '.join(SIZES)}")
    found = {}
    with tempfile.TemporaryDirectory(prefix="soundings-dashboards-") as folder:
        for size in sizes:
            place = (given.data or Path(folder)) / size
            with database(place, size, lambda line: print(line, file=sys.stderr, flush=True)) as project_id:
                found[size] = measure(project_id, place, given.runs, given.only, given.without.split(","))
            _show(size, found[size])
    answer = summed_up(found)
    print("\nDuckDB's p95 over ours:", answer["ratios"]["vs_duckdb"])
    if given.json:
        about = {"question": "dashboards", "runs": given.runs, "load_average": os.getloadavg()[0]}
        print(json.dumps(about | answer))
    return 0
