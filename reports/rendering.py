"""Saved views rendered on the server, without a browser, with the rights of a person: for mails and posts.

Links are read by the same code as the pages', and figures come from the same reports, so that the two cannot differ.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import polars as pl

from analytics import metrics
from errors import BadInput
from reports import coverage as coverages
from reports import exports, formats, links, rendered_channels, rendered_questions
from reports import health as standings
from reports.coverage import Coverage, span
from reports.daily import Caveats
from reports.desk import Desk, Parts
from reports.exports import Sheet
from reports.rendered import MOST_CHARTS, Rendered
from store import projects
from store.access import Action, Person, enter
from store.projects import Project
from store.views import SavedView

_MOST_HEALTH = 12
PAGES: dict[str, Callable[[Desk], Parts]] = {
    "overview": rendered_channels.overview,
    "channels": rendered_channels.channels_of_kind,
    "channel": rendered_channels.channel,
    "campaigns": rendered_channels.campaigns,
    "compare": rendered_questions.compare,
    "funnel": rendered_questions.funnel,
    "roi": rendered_questions.roi,
    "explore": rendered_questions.explore,
}
"""Pages that can be sent."""


def check(one: SavedView) -> None:
    """Raises BadInput for a view that makes no report."""
    if one.page not in PAGES:
        named = ", ".join(page.capitalize() if page != "roi" else "ROI" for page in PAGES)
        raise BadInput(
            f"A view of this page cannot be sent: it has no figures of its own to send. Views of these can: {named}."
        )
    if one.page == "campaigns":
        rendered_channels.check_list(one.params)


def render(person: Person, project_id: int, one: SavedView, name: str = "") -> Rendered:
    """The view as it is now, with the person's rights. Raises NotFound or NotAllowed for somebody who has none,
    SignInNeeded for somebody who was disabled, BadInput for a view that makes no report."""
    check(one)
    project = projects.get(person, project_id)
    with enter(person, project_id, Action.EXPORT) as connection:
        found = coverages.coverage(connection, project_id)
        desk = Desk(connection, person, project, found, one.params)
        parts = PAGES[one.page](desk)
        health = _health(standings.of_project(connection, project_id, datetime.now(UTC)), parts.coverage)
    notes = [*parts.notes, *(_notices(parts.found) if parts.found else [])]
    if parts.is_empty:
        notes.insert(0, _empty(found))
    return Rendered(
        name or one.name, parts.title, project.name, parts.said, parts.view, tuple(parts.figures),
        tuple(picture for picture in parts.charts if not picture.is_empty)[:MOST_CHARTS], tuple(parts.tables),
        tuple(notes), tuple(health), links.address(one.page, one.params, project),
        _about(parts, project, [*notes, *health]),
    )  # fmt: skip


def _empty(found: Sequence[Coverage]) -> str:
    covered = span(list(found))
    reach = (
        f" The sources of this project cover {formats.days(*covered)}."
        if covered
        else " The project has no data yet."
    )
    return f"No figures for this view.{reach}"


def _about(parts: Parts, project: Project, notes: Sequence[str]) -> pl.DataFrame:
    slugs = tuple(dict.fromkeys(one.key for one in parts.figures if one.key in metrics.REGISTRY))
    sheet = Sheet(parts.title, {}, [], slugs, parts.view.currency)
    about = exports.about(sheet, parts.view, project.name, project.time_zone)
    more = pl.DataFrame({"What": ["Note"] * len(notes), "Meaning": list(notes)}, schema=about.schema)
    return pl.concat([about, more])


def _health(found: Sequence[standings.SourceHealth], mine: Sequence[Coverage]) -> list[str]:
    """How far each source reaches, those that need somebody first; in one line where several reach equally far."""
    here = {one.source_id for one in mine}
    known = [one for one in found if one.source.id in here]
    well = [one for one in known if not one.needs_somebody]
    reached = {one.source.covers_through for one in well}
    lines = [_reach(one) for one in known if one.needs_somebody]
    if len(well) > 2 and len(reached) == 1 and (through := reached.pop()):
        return [
            *lines,
            f"{'the other ' if lines else 'all '}{len(well)} sources: through {formats.day(through)}",
        ]
    lines += [_reach(one) for one in well]
    rest = len(lines) - _MOST_HEALTH
    return [*lines[:_MOST_HEALTH], *([f"and {rest} more sources"] if rest > 0 else [])]


def _reach(one: standings.SourceHealth) -> str:
    through = one.source.covers_through
    text = f"{one.label}: through {formats.day(through)}" if through else f"{one.label}: no complete day yet"
    return f"{text}. Needs attention: {one.diagnosis} {one.cure}".rstrip() if one.needs_somebody else text


def _notices(found: Caveats) -> list[str]:
    lines = []
    if found.without_rate:
        lines.append(
            f"Amounts in {', '.join(found.without_rate)} are missing: there is no exchange rate for them."
        )
    if found.rates_of:
        lines.append(
            f"Amounts in other currencies after {formats.day(found.rates_of)} are converted at that day's ECB rates."
        )
    partly = sum(not one.covered for one in found.left_out)
    if partly:
        lines.append(
            f"{partly} figures for several days are not counted, as the view does not show all their days."
        )
    return lines
