"""Is the platform's quota the limit of a sync, or are we? A backfill of an account with 200 campaigns and 2,000 ads.

The stand-ins answer from a process of their own, Postgres is one too, and the engine works in a fresh process that
does nothing else (benchmarks/reading.py), so its peak of memory is the engine's. It reads ads by day and the
stream that every sync reads. Each backfill goes into an empty database, and one of a tenth of the days shows
whether memory grows with the size. `parse_load_rows_per_s` is rows over the seconds of parsing and loading, of
the slowest platform; `peak_mb` is the highest.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from benchmarks.server import scratch

PLATFORMS = ("google_ads", "meta_ads")
"""Those whose stand-in has an account of that size."""
_DAYS = 730
_SCALE = "large"
Measured = dict[str, float]


@contextmanager
def stand_ins() -> Iterator[str]:
    """The stand-ins in a process of their own; the value of PLATFORM_BASE_URLS."""
    command = [sys.executable, "-m", "sandbox", "serve", "--port", "0", "--scale", _SCALE]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            said = next((line for line in process.stdout if line.startswith("PLATFORM_BASE_URLS")), "")
            if not said:
                raise SystemExit("The sandbox did not start.")
            yield said.strip().partition("=")[2].strip("'")
        finally:
            process.terminate()


def backfill(platform: str, days: int, database_url: str | None) -> Measured:
    """One backfill into an empty database. Raises SystemExit where it did not go well."""
    command = [sys.executable, "-m", "benchmarks.reading", platform, str(days)]
    with scratch(database_url), stand_ins() as base_urls:
        environment = os.environ | {"PLATFORM_BASE_URLS": base_urls}
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"The backfill of {platform} ended with {done.returncode}.")
    found: Measured = json.loads(done.stdout.splitlines()[-1])
    found["parse_load_rows_per_s"] = round(found["rows"] / (found["parsing"] + found["loading"]))
    return found


def measure(platform: str, days: int, runs: int, database_url: str | None) -> Measured:
    """Medians of `runs` backfills, with the peak of one of a tenth of the days beside the highest peak."""
    short = backfill(platform, max(1, days // 10), database_url)
    found = [backfill(platform, days, database_url) for _ in range(runs)]
    medians = {name: statistics.median(one[name] for one in found) for name in found[0]}
    return medians | {"peak_mb": max(one["peak_mb"] for one in found), "peak_mb_of_a_tenth": short["peak_mb"]}


def summed_up(found: dict[str, Measured]) -> dict[str, Any]:
    """The slowest platform's speed and the highest peak, with everything by platform below."""
    return {
        "parse_load_rows_per_s": min(one["parse_load_rows_per_s"] for one in found.values()),
        "peak_mb": max(one["peak_mb"] for one in found.values()),
        "platforms": found,
    }


def _show(found: dict[str, Measured]) -> None:
    print(
        f"{'':12}{'rows':>10}{'wall s':>9}{'waiting':>9}{'parsing':>9}{'loading':>9}{'cpu':>9}{'rows/s':>10}{'MB':>7}{'tenth':>7}"
    )
    for platform, one in found.items():
        seconds = "".join(f"{one[name]:9.1f}" for name in ("wall", "waiting", "parsing", "loading", "cpu"))
        memory = f"{one['peak_mb']:7.0f}{one['peak_mb_of_a_tenth']:7.0f}"
        print(f"{platform:12}{one['rows']:>10,}{seconds}{one['parse_load_rows_per_s']:>10,.0f}{memory}")


def main(arguments: Sequence[str]) -> int:
    """Measure and print; the last line is one JSON object with `--json`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks sync", description=__doc__)
    parser.add_argument("--days", type=int, default=_DAYS)
    parser.add_argument("--runs", type=int, default=1, help="backfills of each platform; the median counts")
    parser.add_argument("--platforms", default=",".join(PLATFORMS), help="some of: %(default)s")
    parser.add_argument("--json", action="store_true", help="print one JSON object last")
    parser.add_argument("--database-url", help="a server to measure on (default: an embedded one of its own)")
    given = parser.parse_args(arguments)
    asked = given.platforms.split(",")
    found = {platform: measure(platform, given.days, given.runs, given.database_url) for platform in asked}
    _show(found)
    if given.json:
        about = {
            "question": "sync",
            "days": given.days,
            "runs": given.runs,
            "load_average": os.getloadavg()[0],
        }
        print(json.dumps(about | summed_up(found)))
    return 0
