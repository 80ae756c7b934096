"""What a page is rendered from on the server, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from analytics import channels
from reports import (
    annotated,
    detail,
    links,
)
from reports.coverage import Coverage
from reports.daily import Caveats
from reports.links import Params
from reports.pictures import Mark, Picture
from reports.rendered import Figure, Table
from reports.settling import Settling
from reports.view import View
from store import annotations as days_noted
from store.access import Person
from store.projects import Project

MOST_ROWS = 500
"""Lines of a list that are sent: a workbook for reading, not an export of everything."""


@dataclass(frozen=True)
class Desk:
    """What a page is rendered from: an open transaction of its project, who looks, and the link's parameters."""

    connection: Connection
    person: Person
    project: Project
    coverage: list[Coverage]
    params: Params

    def choice(self, found: list[Coverage], **more: Any) -> tuple[View, list[str]]:
        """The view of the filter bar, and what the link asks for that is gone."""
        campaigns: list[str] | None = None
        if self.params.get("campaigns"):
            chosen = links.read(self.params, self.project, found, **more).channels
            campaigns = detail.campaigns_of(self.connection, self.project.id, chosen)
        view = links.view(
            links.read(self.params, self.project, found, campaigns, **more), self.project, found
        )
        gone = links.missing(self.params, "campaigns", campaigns or ())
        if not more.get("channel"):
            gone += links.missing(self.params, "channels", [channels.label(c.channel) for c in found])
        return view, said_gone(gone)

    def settled(self, view: View, slug: str) -> Settling:
        """Which days of a metric are final."""
        return links.settling(self.project, self.coverage, view, [slug])

    def marks(self, view: View) -> tuple[Mark, ...]:
        """The notes on the view's days."""
        found = days_noted.between(self.person, self.project.id, view.start, view.end, view.channels)
        return annotated.marks(found, view)


@dataclass(frozen=True)
class Parts:
    """What a page shows. `coverage` are the sources that it stands on."""

    title: str
    said: str
    view: View
    figures: Sequence[Figure]
    charts: Sequence[Picture]
    tables: Sequence[Table]
    coverage: Sequence[Coverage]
    notes: Sequence[str] = ()
    found: Caveats | None = None
    is_empty: bool = field(default=False)


def said_gone(gone: Sequence[str]) -> list[str]:
    """A note on what a link asks for that is not there."""
    if not gone:
        return []
    named = ", ".join(text[:60] for text in gone[:3]) + (" …" if len(gone) > 3 else "")
    return [
        f"The view asks for what this project has no figures of (any more): {named}. It is shown without."
    ]


def kept(found: Mapping[str, Any]) -> dict[str, Any]:
    """The lines that have any value."""
    return {name: points for name, points in found.items() if any(value is not None for _, value in points)}
