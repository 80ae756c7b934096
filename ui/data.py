"""The only cached reads. Each checks the person's role first, on every call, and only then looks into the
cache, which all people share: so the project and the state of its data are among the arguments, and a
new import shows at once.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

import streamlit as st

from reports import campaigns as campaign_lists
from reports import comparison, detail, evidence, explanation, health, monitors, overview, places
from reports import coverage as coverages
from reports import explore as explorations
from reports import reconciliation as reconciliations
from reports import restatement as restatements
from reports import targets as progresses
from reports.campaigns import Course, Listing
from reports.comparison import Asked, Comparison
from reports.coverage import Coverage
from reports.detail import Detail
from reports.evidence import Fact
from reports.explanation import Explanation
from reports.explore import Answer
from reports.health import SourceHealth
from reports.monitors import Finding
from reports.overview import Overview, Totals
from reports.places import Place
from reports.questions import Question
from reports.reconciliation import Reconciled
from reports.restatement import Restated
from reports.targets import Followed
from reports.view import View
from store import sources
from store.access import Action, Person, enter
from store.db import Connection
from store.projects import Project
from store.targets import Target

_kept = st.cache_data(ttl=600, max_entries=500, show_spinner=False)


@_kept
def _coverage(_connection: Connection, project_id: int, stamp: str) -> list[Coverage]:
    return coverages.coverage(_connection, project_id)


@_kept
def _overview(_connection: Connection, project_id: int, stamp: str, view: View, refunds: str) -> Overview:
    return overview.overview(_connection, project_id, view, refunds)


@_kept
def _by_day(_connection: Connection, project_id: int, stamp: str, view: View) -> list[tuple[date, Totals]]:
    return overview.by_day(_connection, project_id, view)


@_kept
def _details(
    _connection: Connection, project_id: int, stamp: str, view: View, grain: int | None
) -> list[Detail]:
    return detail.details(_connection, project_id, view, grain)


@_kept
def _campaigns(_connection: Connection, project_id: int, stamp: str, channels: tuple[str, ...]) -> list[str]:
    return detail.campaigns_of(_connection, project_id, channels)


@_kept
def _grains(_connection: Connection, project_id: int, stamp: str, channel: str) -> list[int]:
    return detail.levels_of(_connection, project_id, channel)


def coverage(person: Person, project: Project) -> list[Coverage]:
    """How far each source reaches."""
    with enter(person, project.id, Action.VIEW) as connection:
        return _coverage(connection, project.id, sources.stamp(connection, project.id))


def read_overview(person: Person, project: Project, view: View) -> Overview:
    """The overview's figures."""
    with enter(person, project.id, Action.VIEW) as connection:
        stamp = sources.stamp(connection, project.id)
        return _overview(connection, project.id, stamp, view, project.refund_policy)


def by_day(person: Person, project: Project, view: View) -> list[tuple[date, Totals]]:
    """All measures by day over the view's channels."""
    with enter(person, project.id, Action.VIEW) as connection:
        return _by_day(connection, project.id, sources.stamp(connection, project.id), view)


def details(person: Person, project: Project, view: View, grain: int | None) -> list[Detail]:
    """Rows of the view's channels at one grain; None for campaigns."""
    with enter(person, project.id, Action.VIEW) as connection:
        return _details(connection, project.id, sources.stamp(connection, project.id), view, grain)


def campaigns(person: Person, project: Project, channels: tuple[str, ...] = ()) -> list[str]:
    """Names for the campaign filter."""
    with enter(person, project.id, Action.VIEW) as connection:
        return _campaigns(connection, project.id, sources.stamp(connection, project.id), channels)


def grains(person: Person, project: Project, channel: str) -> list[int]:
    """Grains that a channel has."""
    with enter(person, project.id, Action.VIEW) as connection:
        return _grains(connection, project.id, sources.stamp(connection, project.id), channel)


@_kept
def _explanation(
    _connection: Connection, project_id: int, stamp: str, view: View, slug: str, refunds: str, by: str
) -> Explanation:
    return explanation.explain(_connection, project_id, view, slug, refunds, by)


@_kept
def _facts(
    _connection: Connection, project_id: int, stamp: str, view: View, slug: str, source_id: int
) -> list[Fact]:
    return evidence.facts(_connection, project_id, view, slug, source_id)


def explain(person: Person, project: Project, view: View, slug: str, by: str) -> Explanation:
    """A figure taken apart by channel, account or campaign."""
    with enter(person, project.id, Action.VIEW) as connection:
        stamp = sources.stamp(connection, project.id)
        return _explanation(connection, project.id, stamp, view, slug, project.refund_policy, by)


def facts(person: Person, project: Project, view: View, slug: str, source_id: int) -> list[Fact]:
    """The stored rows of an account behind a figure."""
    with enter(person, project.id, Action.VIEW) as connection:
        stamp = sources.stamp(connection, project.id)
        return _facts(connection, project.id, stamp, view, slug, source_id)


@_kept
def _listing(
    _connection: Connection, project_id: int, stamp: str, view: View, at: Place | None, platforms: bool
) -> Listing:
    if platforms:
        return campaign_lists.platforms(_connection, project_id, view)
    return campaign_lists.listing(_connection, project_id, view, at)


@_kept
def _list_course(
    _connection: Connection,
    project_id: int,
    stamp: str,
    view: View,
    at: Place | None,
    keys: tuple[str, ...] | None,
    platforms: bool,
) -> Course:
    if platforms:
        return campaign_lists.platform_course(_connection, project_id, view, keys or ())
    return campaign_lists.course(_connection, project_id, view, at, keys)


@_kept
def _comparison(
    _connection: Connection, project_id: int, stamp: str, a: Asked, b: Asked, refunds: str
) -> Comparison:
    return comparison.comparison(_connection, project_id, a, b, refunds)


def trail(person: Person, project: Project, place: str) -> list[Place]:
    """The way down to a place of the drill. NotFound for what is not there."""
    with enter(person, project.id, Action.VIEW) as connection:
        return places.trail(connection, project.id, place)


def listing(
    person: Person, project: Project, view: View, at: Place | None, *, platforms: bool = False
) -> Listing:
    """What a place of the drill is made of; `platforms`: the advertising platforms themselves."""
    with enter(person, project.id, Action.VIEW) as connection:
        stamp = sources.stamp(connection, project.id)
        return _listing(connection, project.id, stamp, view, at, platforms)


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
    with enter(person, project.id, Action.VIEW) as connection:
        stamp = sources.stamp(connection, project.id)
        return _list_course(connection, project.id, stamp, view, at, keys, platforms)


def compare(person: Person, project: Project, a: Asked, b: Asked) -> Comparison:
    """One side against the other."""
    with enter(person, project.id, Action.VIEW) as connection:
        stamp = sources.stamp(connection, project.id)
        return _comparison(connection, project.id, stamp, a, b, project.refund_policy)


_briefly = st.cache_data(ttl=60, max_entries=200, show_spinner=False)
"""For what changes without new figures: a refresh that fails, a sign-in that ends."""


@_briefly
def _standing(_connection: Connection, project_id: int, stamp: str) -> list[SourceHealth]:
    return health.of_project(_connection, project_id, datetime.now(UTC))


@_kept
def _findings(
    _connection: Connection, project_id: int, stamp: str, today: date, currency: str
) -> list[Finding]:
    return monitors.run(_connection, project_id, currency)


@_kept
def _reconciled(
    _connection: Connection, project_id: int, stamp: str, first: date, last: date, currency: str, refunds: str
) -> Reconciled:
    return reconciliations.reconcile(_connection, project_id, first, last, currency, refunds)


@_kept
def _restated(
    _connection: Connection, project_id: int, stamp: str, since: datetime, source_id: int | None
) -> list[Restated]:
    return restatements.restated(_connection, project_id, since, source_id)


def standing(person: Person, project: Project) -> tuple[list[SourceHealth], list[Finding]]:
    """How each source is, at most a minute old, and what the data-quality monitors find."""
    with enter(person, project.id, Action.VIEW) as connection:
        stamp = sources.stamp(connection, project.id)
        found = _standing(connection, project.id, stamp)
        today = datetime.now(UTC).date()
        return found, _findings(connection, project.id, stamp, today, project.currency)


def reconciled(person: Person, project: Project, first: date, last: date) -> Reconciled:
    """Platform, stored and shop totals side by side."""
    with enter(person, project.id, Action.VIEW) as connection:
        stamp = sources.stamp(connection, project.id)
        return _reconciled(
            connection, project.id, stamp, first, last, project.currency, project.refund_policy
        )


def restated(
    person: Person, project: Project, since: datetime, source_id: int | None = None
) -> list[Restated]:
    """Totals that were changed since then."""
    with enter(person, project.id, Action.VIEW) as connection:
        return _restated(connection, project.id, sources.stamp(connection, project.id), since, source_id)


@_kept
def _explored(
    _connection: Connection, project_id: int, stamp: str, view: View, question: Question, refunds: str
) -> Answer:
    return explorations.explore(_connection, project_id, view, question, refunds)


@_kept
def _followed(
    _connection: Connection,
    project_id: int,
    stamp: str,
    targets: tuple[Target, ...],
    today: date,
    currency: str,
    refunds: str,
) -> list[Followed]:
    return progresses.follow(_connection, project_id, targets, today, currency, refunds)


def explore(person: Person, project: Project, view: View, question: Question) -> Answer:
    """The answer to a free question."""
    with enter(person, project.id, Action.VIEW) as connection:
        stamp = sources.stamp(connection, project.id)
        return _explored(connection, project.id, stamp, view, question, project.refund_policy)


def followed(person: Person, project: Project, targets: tuple[Target, ...], today: date) -> list[Followed]:
    """How targets go, as of a day."""
    with enter(person, project.id, Action.VIEW) as connection:
        stamp = sources.stamp(connection, project.id)
        return _followed(
            connection, project.id, stamp, targets, today, project.currency, project.refund_policy
        )
