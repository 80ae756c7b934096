"""How long until a page's last chart is drawn, and how many people can change filters at once?

A page is opened in headless Chromium with everything warm; counted is the time from navigation to the last change
inside a chart, beside an empty Streamlit page of the same settings (`ratios` and `above_empty_ms`). CPU per rerun is
that of the app's process, over filter changes of one session. Then 10 and 50 sessions change a filter every five
seconds (benchmarks/visitors.py): milliseconds until everything new has arrived, and how many failed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from selenium import webdriver

from api.session import cookie_name
from benchmarks.dashboards import database, percentile
from benchmarks.visitors import Door, crowd
from store import db, passphrases, sessions
from store.models import users
from tests.browser.driving import ROOT, Server, chromium, free_port

PAGES = {
    "overview": "", "channels": "kind=Sales", "campaigns": "list=Campaigns", "compare": "", "explain": "",
    "health": "",
}  # fmt: skip
_PERIOD = "period=Latest+30+days+with+data"
_RUNS = 10
_EVERY = 5.0
_CHANGES = 12
_EMPTY = "import streamlit as st\nst.set_page_config(layout='wide')\nst.title('Empty')\n"
_WATCH = """
window.__drawn = 0; window.__changed = 0;
new MutationObserver(found => {
  const now = performance.now();
  for (const one of found) {
    const where = one.target.nodeType === 1 ? one.target : one.target.parentElement;
    if (!where || !where.closest) continue;
    if (where.closest('.js-plotly-plot') && !where.closest('.hoverlayer')) window.__drawn = now;
    if (where.closest('[data-testid=stMain]')) window.__changed = now;
  }
}).observe(document, {subtree: true, childList: true});
"""
_STATE = (
    "const app = document.querySelector('[data-testid=stApp]');"
    " return [window.__drawn, window.__changed, performance.now(), app ? app.getAttribute('data-test-script-state') : '']"
)
_QUIET_MS = 1200


def drawn_after(browser: webdriver.Chrome, address: str) -> float:
    """Milliseconds from navigation to the last change in a chart, or in the page where it has none."""
    browser.get(address)
    end = time.monotonic() + 60
    while time.monotonic() < end:
        drawn, changed, now, state = browser.execute_script(_STATE)
        if state == "notRunning" and changed and now - max(drawn, changed) > _QUIET_MS:
            return float(drawn or changed)
        time.sleep(0.1)
    raise SystemExit(f"{address} did not come to rest within a minute.")


def _visitor() -> str:
    """The cookie of a new administrator's session."""
    now = datetime.now(UTC)
    row = {
        "email": f"visitor{now:%H%M%S%f}@example.com",
        "name": "Visitor",
        "is_admin": True,
        "created_at": now,
    }
    kept = passphrases.keep("four grey walnuts under the pier")
    with db.instance() as connection:
        query = sa.insert(users).values(**row, password_hash=kept).returning(users.c.id)
        ticket = sessions.issue_ticket(connection, int(connection.scalar(query) or 0))
    return sessions.start(ticket, "127.0.0.1", "benchmark")


@contextmanager
def _empty() -> Iterator[str]:
    """An empty Streamlit page with the app's settings; its address."""
    with tempfile.TemporaryDirectory() as folder:
        script, port = Path(folder) / "empty.py", free_port()
        script.write_text(_EMPTY)
        command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            time.sleep(4)
            yield f"http://localhost:{port}"
        finally:
            process.terminate()
            process.wait(20)


def _cpu_seconds(process: int) -> float:
    """Seconds of processor time that a process has had (proc(5), fields 14 and 15)."""
    words = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def _in_browser(running: Server, cookie: str, project_id: int, runs: int) -> dict[str, float]:
    """Median milliseconds until drawn, by page; `empty` is the page to compare with."""
    browser = chromium()
    try:
        browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": _WATCH})
        with _empty() as address:
            found = {"empty": statistics.median([drawn_after(browser, address) for _ in range(runs + 1)][1:])}
        browser.get(f"{running.address}/api/v1/live")
        name, _, value = cookie.partition("=")
        browser.add_cookie({"name": name, "value": value, "path": "/"})
        for page, query in PAGES.items():
            path = "" if page == "overview" else page
            address = f"{running.address}/{path}?project={project_id}&{_PERIOD}&{query}"
            found[page] = statistics.median([drawn_after(browser, address) for _ in range(runs + 1)][1:])
        return found
    finally:
        browser.quit()


def _visits(running: Server, cookie: str, project_id: int) -> dict[str, dict[str, float]]:
    """By number of sessions: p50 and p95 of a change in milliseconds, failures, and CPU per rerun for one."""
    pages = ("", "channels", "campaigns", "compare")
    found = {}
    for number in (1, 10, 50):
        doors = [
            Door(
                running.address,
                cookie,
                pages[n % len(pages)] if number > 1 else "",
                f"project={project_id}&{_PERIOD}",
            )
            for n in range(number)
        ]
        before = _cpu_seconds(running.process.pid)
        visits = asyncio.run(crowd(doors, _EVERY if number > 1 else 0.2, _CHANGES))
        spent = _cpu_seconds(running.process.pid) - before
        changes = [value for visit in visits for value in visit.changes]
        found[str(number)] = {
            "p50_ms": round(percentile(changes, 50), 1), "p95_ms": round(percentile(changes, 95), 1),
            "failed": sum(visit.failed for visit in visits), "changes": len(changes),
            "cpu_ms_per_rerun": round(spent * 1000 / (len(changes) + len(visits)), 1),
        }  # fmt: skip
    return found


def _show(drawn: dict[str, float], visits: dict[str, dict[str, float]]) -> None:
    print(f"{'until the last chart is drawn':32}{'ms':>9}{'above':>9}{'ratio':>8}")
    for page, took in drawn.items():
        above = took - drawn["empty"]
        print(f"  {page:30}{took:9.0f}{above:9.0f}{took / drawn['empty']:8.2f}")
    print(f"\n{'sessions at once':32}{'p50 ms':>9}{'p95 ms':>9}{'failed':>8}{'CPU ms':>9}")
    for number, one in visits.items():
        print(
            f"  {number:30}{one['p50_ms']:9.1f}{one['p95_ms']:9.1f}{one['failed']:8.0f}{one['cpu_ms_per_rerun']:9.1f}"
        )


def main(arguments: Sequence[str]) -> int:
    """Measure and print; the last line is one JSON object with `--json`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks pages", description=__doc__)
    parser.add_argument(
        "--size", default="1M", help="facts in the project: 1M, 10M or 100M (default: %(default)s)"
    )
    parser.add_argument("--runs", type=int, default=_RUNS)
    parser.add_argument("--data", type=Path, help="keep what was built in this folder and use it again")
    parser.add_argument("--json", action="store_true", help="print one JSON object last")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="soundings-pages-") as folder:
        place = (given.data or Path(folder)) / given.size
        with database(place, given.size, lambda line: print(line, file=sys.stderr)) as project_id:
            cookie = f"{cookie_name()}={_visitor()}"
            running = Server(place, DATABASE_URL=os.environ["DATABASE_URL"])
            try:
                running.wait_for(r"Soundings runs at (\S+)")
                time.sleep(3)
                visits = _visits(running, cookie, project_id)
                drawn = _in_browser(running, cookie, project_id, given.runs)
            finally:
                running.process.terminate()
                running.process.wait(20)
    _show(drawn, visits)
    if given.json:
        print(json.dumps(_summed_up(drawn, visits, given)))
    return 0


def _summed_up(drawn: dict[str, float], visits: dict[str, Any], given: argparse.Namespace) -> dict[str, Any]:
    empty = drawn["empty"]
    return {
        "question": "pages", "runs": given.runs, "size": given.size, "load_average": os.getloadavg()[0],
        "drawn_ms": {page: round(took) for page, took in drawn.items()},
        "above_empty_ms": {page: round(took - empty) for page, took in drawn.items() if page != "empty"},
        "ratios": {page: round(took / empty, 2) for page, took in drawn.items() if page != "empty"},
        "sessions": visits,
    }  # fmt: skip
