"""The only cached reads. Each checks the person's role first, on every call, and only then looks into the
cache, which all people share: so the project and the state of its data are among the arguments, and a
new import shows at once.
"""

from __future__ import annotations

from datetime import date

import streamlit as st

from reports import coverage as coverages
from reports import detail, overview
from reports.coverage import Coverage
from reports.detail import Detail
from reports.overview import Overview, Totals
from reports.view import View
from store import sources
from store.access import Action, Person, enter
from store.db import Connection
from store.projects import Project

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
