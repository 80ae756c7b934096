"""The data-quality monitors: what each looks at, what it found, and what to do about it.

A monitor found something, is quiet, or could not run; the last two are never mixed up, and a monitor that
looked at some sources only says which it left out, and why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection

from reports import day_checks, figures, source_checks, tagging
from reports.checks import Outcome, Severity
from reports.figures import Figures

MOST_EXAMPLES = 3
State = Literal["found", "quiet", "not_run"]
_RANK: dict[str | None, int] = {"error": 0, "warning": 1, "info": 2, None: 3}


@dataclass(frozen=True)
class Monitor:
    """One monitor. `counted` names what its count counts."""

    slug: str
    title: str
    looks_at: str
    counted: str
    cure: str
    find: Callable[[Figures], Outcome]


@dataclass(frozen=True)
class Finding:
    """What a monitor says now. `examples` are the worst three; `unchecked` says what it could not look at."""

    monitor: Monitor
    state: State
    severity: Severity | None
    count: int
    examples: tuple[str, ...]
    unchecked: tuple[str, ...]


MONITORS = (
    Monitor(
        "timeliness", "Figures are late",
        "how far each source reaches, against its schedule", "sources",
        "Open Syncs: refresh the source, and look at its last runs. Upload newer exports of what is not connected.",
        source_checks.timeliness,
    ),
    Monitor(
        "duplicates", "An account comes in twice",
        "equal figures, or equal names, of two sources that both count", "days",
        "Leave one of the two out of the totals, or undo its imports: both under Imports.",
        source_checks.duplicates,
    ),
    Monitor(
        "spend_without_sessions", "Spend without visits",
        "days with advertising on which web analytics saw no session", "days",
        "Check that the tag is on the site and the consent banner works; days without sessions cannot be mended later.",
        day_checks.spend_without_sessions,
    ),
    Monitor(
        "volume", "Unusual volume",
        "impressions, sessions and orders of the last 7 days, each against the median of its weekday in 8 weeks", "days",
        "Look whether campaigns started or stopped, the tag broke or a sale ran; if nothing did, read the days again under Syncs.",
        day_checks.volume,
    ),
    Monitor(
        "differences", "Totals differ from the platform's",
        "totals by day that are not the platform's own, for no reason that we know", "totals",
        "See “Does it match?” below; read those days again under Syncs, and compare with the platform's own screen.",
        source_checks.differences,
    ),
    Monitor(
        "negative", "Figures below zero",
        "every metric by day", "days",
        "Correct the file and import it again; for a connected account, read the days again under Syncs.",
        day_checks.negative,
    ),
    Monitor(
        "nulls", "A figure is missing beside another",
        "spend without impressions, value without conversions, engaged sessions without sessions, opens without deliveries",
        "days",
        "The export lacks a column on these days, or the platform had not finished: import or read them again.",
        day_checks.nulls,
    ),
    Monitor(
        "clicks_without_impressions", "Clicks without impressions",
        "days with clicks on what was never shown", "days",
        "Read the days again under Syncs; if it stays, the report leaves a network out. Rates of these days are wrong.",
        day_checks.clicks_without_impressions,
    ),
    Monitor(
        "constant", "Spend that does not move",
        "the very same spend on 5 or more days in a row", "days",
        "Compare with the platform's own screen: a planned budget may stand where spend should.",
        day_checks.constant,
    ),
    Monitor(
        "terms", "Currency or time zone changed",
        "currencies of each account, and the time zones of its days", "accounts",
        "Days before and after a change are cut differently. Read the period again under Syncs so that all follow one rule.",
        source_checks.terms,
    ),
    Monitor(
        "unmatched_campaigns", "Spend without tagged traffic",
        "campaigns that were clicked, against the campaign tags of sessions", "campaigns",
        "Tag the ads' links with utm_campaign = the campaign's name or id, or switch on auto-tagging.",
        tagging.spend_without_traffic,
    ),
    Monitor(
        "untagged_traffic", "Paid traffic of unknown campaigns",
        "sessions of paid mediums, against the names and ids of campaigns", "tags",
        "Correct the links, or connect the account that these campaigns belong to.",
        tagging.traffic_without_campaign,
    ),
)  # fmt: skip


def run(connection: Connection, project_id: int, currency: str, now: datetime | None = None) -> list[Finding]:
    """Every monitor's finding, the worst first."""
    return judge(figures.read(connection, project_id, currency, now))


def judge(found: Figures) -> list[Finding]:
    """The same over figures that are at hand."""
    return sorted((_finding(monitor, monitor.find(found)) for monitor in MONITORS), key=_order)


def _finding(monitor: Monitor, outcome: Outcome) -> Finding:
    hits = sorted(outcome.hits, key=lambda hit: _RANK[hit.severity])
    state: State = "found" if hits else "quiet" if outcome.examined else "not_run"
    return Finding(
        monitor,
        state,
        hits[0].severity if hits else None,
        sum(hit.count for hit in hits),
        tuple(hit.text for hit in hits[:MOST_EXAMPLES]),
        tuple(outcome.unchecked) or (("There is nothing to look at yet.",) if state == "not_run" else ()),
    )


def _order(finding: Finding) -> tuple[int, int]:
    """By severity; what could not run goes before what is quiet."""
    return _RANK[finding.severity], {"found": 0, "not_run": 1, "quiet": 2}[finding.state]


def urgent(found: Iterable[Finding]) -> list[Finding]:
    """What somebody should look at: warnings and errors."""
    return [one for one in found if one.severity in {"error", "warning"}]
