"""The only cached reads. Each checks the person's role first, on every call, and only then looks into the
cache, which all people share: so the project and the state of its data are among the arguments, and a
new import shows at once.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, TypeVar, cast
from weakref import WeakKeyDictionary

import streamlit as st

from analytics.channels import ChannelKind
from reports import campaigns as campaign_lists
from reports import (
    comparison,
    detail,
    evidence,
    explanation,
    kinds,
    monitors,
    overview,
    places,
    sales,
    tagging,
)
from reports import costs as agreed_costs
from reports import coverage as coverages
from reports import explore as explorations
from reports import funnel as funnels
from reports import health as standings
from reports import reconciliation as reconciliations
from reports import restatement as restatements
from reports import roi as returns
from reports import stages as agreed_stages
from reports import targets as progresses
from reports import traffic as traffics
from reports.campaigns import Course, Listing
from reports.comparison import Asked, Comparison
from reports.costs import InForce
from reports.coverage import Coverage
from reports.detail import Detail
from reports.evidence import Fact
from reports.explanation import Explanation
from reports.explore import Answer
from reports.funnel import Asked as FunnelAsked
from reports.funnel import Funnel
from reports.health import SourceHealth
from reports.kinds import KindReport
from reports.monitors import Finding
from reports.overview import Overview, Points, Totals
from reports.places import Place
from reports.questions import Question
from reports.reconciliation import Reconciled
from reports.restatement import Restated
from reports.roi import Roi
from reports.sales import Sold
from reports.stages import Agreed
from reports.tagging import Audit
from reports.targets import Followed
from reports.traffic import Tags, Traffic
from reports.view import View
from store import definitions, sources
from store.access import Person, reading
from store.db import Connection
from store.definitions import Definition
from store.projects import Project
from store.targets import Target

R = TypeVar("R")
Report = Callable[..., R]
"""A report: of a connection, a project's id, and what is asked."""
_stamps: WeakKeyDictionary[Connection, str] = WeakKeyDictionary()
"""The state of the data by transaction: one sees its project at one moment."""


@st.cache_data(ttl=600, max_entries=1000, show_spinner=False)
def _answer(
    _connection: Connection, _report: Report[Any], name: str, project_id: int, stamp: str, *asked: Any
) -> Any:
    """The report's name, the project, the state of its data and the question are the key."""
    return _report(_connection, project_id, *asked)


@st.cache_data(ttl=60, max_entries=200, show_spinner=False)
def _latest(
    _connection: Connection, _report: Report[Any], name: str, project_id: int, stamp: str, *asked: Any
) -> Any:
    """As `_answer`, for what changes without new figures: a refresh that fails, a sign-in that ends."""
    return _report(_connection, project_id, *asked)


def _read(person: Person, project: Project, report: Report[R], *asked: object, briefly: bool = False) -> R:
    with reading(person, project.id) as connection:
        stamp = _stamps.get(connection) or _stamps.setdefault(
            connection, sources.stamp(connection, project.id)
        )
        name = f"{report.__module__}.{report.__qualname__}"
        kept = _latest if briefly else _answer
        return cast(R, kept(connection, report, name, project.id, stamp, *asked))


# --- figures ---------------------------------------------------------------------------------------


def coverage(person: Person, project: Project) -> list[Coverage]:
    """How far each source reaches."""
    return _read(person, project, coverages.coverage)


def read_overview(person: Person, project: Project, view: View) -> Overview:
    """The overview's figures."""
    return _read(person, project, overview.overview, view, project.refund_policy)


def by_day(person: Person, project: Project, view: View) -> list[tuple[date, Totals]]:
    """All measures by day over the view's channels."""
    return _read(person, project, overview.by_day, view)


def of_kind(person: Person, project: Project, view: View, kind: ChannelKind) -> KindReport:
    """All channels of a kind."""
    return _read(person, project, kinds.of_kind, view, kind, project.refund_policy)


def details(person: Person, project: Project, view: View, grain: int | None) -> list[Detail]:
    """Rows of the view's channels at one grain; None for campaigns."""
    return _read(person, project, detail.details, view, grain)


def campaigns(person: Person, project: Project, channels: tuple[str, ...] = ()) -> list[str]:
    """Names for the campaign filter."""
    return _read(person, project, detail.campaigns_of, channels)


def grains(person: Person, project: Project, channel: str) -> list[int]:
    """Grains that a channel has."""
    return _read(person, project, detail.levels_of, channel)


def sold(person: Person, project: Project, view: View, dimension: str) -> list[Sold]:
    """Sales of the view's shops along a dimension."""
    return _read(person, project, sales.by, view, project.refund_policy, dimension, view.channels)


def sold_by_day(person: Person, project: Project, view: View, dimension: str) -> dict[str, Points]:
    """Net sales of the view's shops along a dimension, by day."""
    asked = (view, project.refund_policy, dimension, "revenue_net", view.channels)
    return _read(person, project, sales.course, *asked)


def traffic(person: Person, project: Project, view: View) -> Traffic:
    """Visits and orders by channel group."""
    return _read(person, project, traffics.by_group, view, project.refund_policy)


def tags(person: Person, project: Project, view: View) -> Tags:
    """Visits and orders by source, medium and campaign."""
    return _read(person, project, traffics.by_tag, view, project.refund_policy)


def explore(person: Person, project: Project, view: View, question: Question) -> Answer:
    """The answer to a free question."""
    return _read(person, project, explorations.explore, view, question, project.refund_policy)


def compare(person: Person, project: Project, a: Asked, b: Asked) -> Comparison:
    """One side against the other."""
    return _read(person, project, comparison.comparison, a, b, project.refund_policy)


def funnel(person: Person, project: Project, asked: FunnelAsked) -> Funnel:
    """A funnel in the stages that the project agreed on."""
    return _read(person, project, funnels.funnel_of, asked, project.refund_policy)


def roi(person: Person, project: Project, view: View) -> Roi:
    """What advertising brings, and what is left of it."""
    terms = (project.refund_policy, project.currency, project.week_start)
    return _read(person, project, returns.roi, view, *terms)


def followed(person: Person, project: Project, targets: tuple[Target, ...], today: date) -> list[Followed]:
    """How targets go, as of a day."""
    asked = (targets, today, project.currency, project.refund_policy)
    return _read(person, project, progresses.follow, *asked)


# --- campaigns -------------------------------------------------------------------------------------


def trail(person: Person, project: Project, place: str) -> list[Place]:
    """The way down to a place of the drill. NotFound for what is not there."""
    with reading(person, project.id) as connection:
        return places.trail(connection, project.id, place)


def listing(
    person: Person, project: Project, view: View, at: Place | None, *, platforms: bool = False
) -> Listing:
    """What a place of the drill is made of; `platforms`: the advertising platforms themselves."""
    if platforms:
        return _read(person, project, campaign_lists.platforms, view)
    return _read(person, project, campaign_lists.listing, view, at)


def list_course(
    person: Person,
    project: Project,
    view: View,
    at: Place | None,
    keys: tuple[str, ...] | None,
    *,
    platforms: bool = False,
) -> Course:
    """Rows of a list added up by day; None: all of them."""
    if platforms:
        return _read(person, project, campaign_lists.platform_course, view, keys or ())
    return _read(person, project, campaign_lists.course, view, at, keys)


# --- trust -----------------------------------------------------------------------------------------


def explain(person: Person, project: Project, view: View, slug: str, by: str) -> Explanation:
    """A figure taken apart by channel, account or campaign."""
    return _read(person, project, explanation.explain, view, slug, project.refund_policy, by)


def facts(person: Person, project: Project, view: View, slug: str, source_id: int) -> list[Fact]:
    """The stored rows of an account behind a figure."""
    return _read(person, project, evidence.facts, view, slug, source_id)


def _standing(connection: Connection, project_id: int) -> list[SourceHealth]:
    return standings.of_project(connection, project_id, datetime.now(UTC))


def _findings(connection: Connection, project_id: int, today: date, currency: str) -> list[Finding]:
    """`today` is asked so that the answer does not outlive the day."""
    return monitors.run(connection, project_id, currency)


def _tag_audit(connection: Connection, project_id: int, today: date, currency: str) -> Audit:
    """As `_findings`."""
    return tagging.audit(connection, project_id, currency)


def standing(person: Person, project: Project) -> tuple[list[SourceHealth], list[Finding]]:
    """How each source is, at most a minute old, and what the data-quality monitors find."""
    today = datetime.now(UTC).date()
    found = _read(person, project, _standing, briefly=True)
    return found, _read(person, project, _findings, today, project.currency)


def tag_audit(person: Person, project: Project) -> Audit:
    """Campaigns without visits, and paid visits without a campaign."""
    return _read(person, project, _tag_audit, datetime.now(UTC).date(), project.currency)


def reconciled(person: Person, project: Project, first: date, last: date) -> Reconciled:
    """Platform, stored and shop totals side by side."""
    asked = (first, last, project.currency, project.refund_policy)
    return _read(person, project, reconciliations.reconcile, *asked)


def restated(
    person: Person, project: Project, since: datetime, source_id: int | None = None
) -> list[Restated]:
    """Totals that were changed since then."""
    return _read(person, project, restatements.restated, since, source_id)


# --- what the team agreed on, never from a cache -----------------------------------------------------


def stages(person: Person, project: Project) -> Agreed:
    """Which figures make the stages of the funnel."""
    with reading(person, project.id) as connection:
        return agreed_stages.in_force(connection, project.id)


def costs(person: Person, project: Project) -> InForce:
    """What selling costs, as the team agreed."""
    with reading(person, project.id) as connection:
        return agreed_costs.in_force(connection, project.id, project.currency)


def versions(person: Person, project: Project, kind: str) -> list[Definition]:
    """The newest versions of what the team agreed on, newest first."""
    with reading(person, project.id) as connection:
        return definitions.versions(connection, project.id, kind)
