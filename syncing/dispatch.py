"""Sends the reports that are due: claims one, renders it with its owner's rights, hands it over, and records how it went.

One that fails never keeps others from leaving. What may pass by itself is tried again three times, later each time.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from analytics.crossing import TESTS, crossed, remembered
from connectors._redaction import clean
from destinations import mail, slack
from destinations.mail import Letter
from errors import (
    AccessMissing,
    BadInput,
    NeedsReconnect,
    NotAllowed,
    NotFound,
    SignInNeeded,
    SoundingsError,
    TryLater,
)
from reports import formats, letters, rendering
from reports.rendered import Rendered
from store import db, deliveries, people, projects, sendings, vault, views
from store.access import Action, Person, enter
from store.deliveries import Content, Delivery, Run
from store.sendings import MOST_ATTEMPTS

_log = logging.getLogger("soundings.reports")
_PAUSES = (timedelta(minutes=5), timedelta(minutes=20), timedelta(hours=1))


@dataclass(frozen=True)
class Outcome:
    """How a run ended: state, words, how many took it, and whether the figure is beyond its line now."""

    state: str
    detail: str = ""
    sent_to: int = 0
    holds: bool | None = None


def save(
    person: Person, project_id: int, content: Content, *, webhook: str = "", delivery_id: int | None = None
) -> int:
    """Make or change a report, after trying its view with the person's rights; its id. Raises BadInput for a view
    that makes no report, a figure that it has not, and an address that is not called; NotAllowed, NotFound."""
    with enter(person, project_id, Action.EDIT_ANALYSIS):
        pass  # first of all: whoever may not edit learns nothing else
    found = rendering.render(person, project_id, views.read(person, project_id, content.view_id))
    if content.metric and found.figure(content.metric) is None:
        raise BadInput(
            "This view has no such figure to watch. Choose one of its figures; the report was not saved."
        )
    address = slack.check(webhook) if webhook and content.kind == "slack" else ""
    shown = slack.shown(address) if address else ""
    return deliveries.save(person, project_id, content, webhook=address, shown=shown, delivery_id=delivery_id)


def run_due(now: datetime | None = None, stop: threading.Event | None = None) -> int:
    """Send everything that is due in all projects; how many runs were worked on."""
    at = now or datetime.now(UTC)
    with db.instance() as connection:
        every = projects.every(connection)
    done = 0
    for project_id in every:
        if stop is not None and stop.is_set():
            break
        with db.project(project_id) as connection:
            sendings.plan(connection, project_id, at)
            sendings.take_over(connection, project_id, at)
        done += sum(1 for _ in _worked(project_id, at, stop))
    return done


def _worked(
    project_id: int, now: datetime, stop: threading.Event | None, delivery_id: int | None = None
) -> Iterator[Run]:
    while stop is None or not stop.is_set():
        with db.project(project_id) as connection:
            run = sendings.claim(connection, project_id, now, delivery_id)
        if run is None:
            return
        work(project_id, run, now)
        yield run


def work(project_id: int, run: Run, now: datetime) -> None:
    """Do a run that was claimed; whatever happens is written down."""
    try:
        outcome = _attempt(project_id, run, now)
    except TryLater as error:
        outcome = _again(project_id, run, now, error)
    except NeedsReconnect as error:
        if not run.is_test:
            with db.project(project_id) as connection:
                deliveries.write(connection, project_id, run.delivery_id, paused=True)
        outcome = Outcome("failed", clean(str(error)))
    except SoundingsError as error:
        outcome = Outcome("failed", clean(str(error)))
    except Exception as error:  # a defect in one report must not keep the others
        _log.exception("report %s of project %s", run.delivery_id, project_id)
        outcome = Outcome(
            "failed", f"Something broke on our side ({type(error).__name__}). The server's log has more."
        )
    if outcome is not None:
        with db.project(project_id) as connection:
            sendings.finish(
                connection, project_id, run, datetime.now(UTC), outcome.state, outcome.detail, outcome.sent_to
            )


def _again(project_id: int, run: Run, now: datetime, error: TryLater) -> Outcome | None:
    """Put the run off; a last attempt has failed."""
    said = clean(str(error))
    if run.attempts >= MOST_ATTEMPTS:
        return Outcome("failed", f"{said} It was tried {run.attempts} times.")
    wait = max(_PAUSES[run.attempts - 1], timedelta(seconds=error.seconds or 0))
    with db.project(project_id) as connection:
        sendings.postpone(connection, project_id, run, now + wait, f"{said} It is tried again.")
    return None


def _attempt(project_id: int, run: Run, now: datetime) -> Outcome | None:
    with db.project(project_id) as connection:
        one = deliveries.read(connection, project_id, run.delivery_id)
    found = _rendered(project_id, one)
    holds = _holds(one, found)
    why = condition_said(one.content, found) if one.content.line else ""
    if not run.is_test and one.content.line and not crossed(one.holds, holds):
        _remember(project_id, one, remembered(one.holds, holds))
        return Outcome("quiet", _quiet(one, found, holds))
    message = _prepared(project_id, run, one, found, why)
    with db.project(project_id) as connection:
        if not sendings.hand_over(connection, project_id, run, datetime.now(UTC)):
            return None
    outcome = message.send()
    if not run.is_test and one.content.line:
        _remember(project_id, one, remembered(one.holds, holds))
    return outcome


def _remember(project_id: int, one: Delivery, holds: bool | None) -> None:
    with db.project(project_id) as connection:
        sendings.remember(connection, project_id, one, holds)


def _rendered(project_id: int, one: Delivery) -> Rendered:
    """The view with its owner's rights as they are now."""
    with db.instance() as connection:
        person = people.find(connection, one.owner_id)
    if person is None:
        raise AccessMissing("Whoever made this report is gone. Save it anew under your own name with Edit.")
    try:
        projects.get(person, project_id)
    except (NotFound, NotAllowed, SignInNeeded) as error:
        raise AccessMissing(
            f"{person.name}, with whose rights this report is made, has no access to the project any more. Nothing was "
            "sent. Save it anew under your own name with Edit."
        ) from error
    try:
        view = views.read(person, project_id, one.content.view_id)
    except NotFound as error:
        raise BadInput(
            "The saved view of this report was removed, or is not shared with its maker. Nothing was sent. Bring the view "
            "back under Saved views, or choose another with Edit."
        ) from error
    return rendering.render(person, project_id, view, one.content.name)


def _holds(one: Delivery, found: Rendered) -> bool | None:
    figure = found.figure(one.content.metric)
    if one.content.line is None or figure is None:
        return None
    return one.content.line.holds(figure.value, figure.moved)


def condition_said(content: Content, found: Rendered) -> str:
    """'Spend is €1,234 (line: is above 1,000)'; empty without a condition."""
    figure = found.figure(content.metric)
    if content.line is None:
        return ""
    limit = content.line.limit
    line = formats.percent(limit, 1) if content.line.test == "changed" else f"{limit.normalize():,f}"
    name = figure.label if figure else content.metric
    value = (figure.text + (f", {figure.change}" if figure.change else "")) if figure else formats.NONE
    return f"{name} is {value} (line: {TESTS[content.line.test]} {line})"


def _quiet(one: Delivery, found: Rendered, holds: bool | None) -> str:
    said = condition_said(one.content, found)
    if holds is None:
        return f"{said}. The figure has no value to hold against the line, so nothing was sent."
    if holds:
        return f"{said}. It was beyond the line before, and that was sent."
    return f"{said}. The line is not crossed, so nothing was sent."


# --- what leaves -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Mail:
    letter: Letter

    def send(self) -> Outcome:
        refused = mail.send(self.letter)
        took = len(self.letter.to) - len(refused)
        detail = f"The mail server refused {', '.join(refused)}." if refused else ""
        return Outcome("sent", detail, took)


@dataclass(frozen=True)
class _Post:
    address: str
    message: dict[str, object]

    def send(self) -> Outcome:
        slack.post(self.address, self.message)
        return Outcome("sent", "", 1)


def letter(found: Rendered, to: tuple[str, ...], why: str = "", *, is_test: bool = False) -> Letter:
    """The mail of a rendered view: text, HTML with its charts, and the workbook."""
    images = {letters.chart_name(n): image for n, image in enumerate(found.images, 1)}
    return Letter(
        to, letters.subject(found, why, is_test=is_test), letters.text(found, why), letters.html(found, why), images,
        {letters.file_name(found): found.workbook},
    )  # fmt: skip


def _prepared(project_id: int, run: Run, one: Delivery, found: Rendered, why: str) -> _Mail | _Post:
    if one.content.kind == "mail":
        to = (run.to_address,) if run.to_address else one.content.recipients
        return _Mail(letter(found, to, why, is_test=run.is_test))
    if one.secret_id is None:
        raise BadInput("The webhook's address is not stored any more. Paste it anew with Edit.")
    with db.project(project_id) as connection:
        address = vault.get(connection, one.secret_id, deliveries.owner(one.id)).decode()
    return _Post(address, letters.slack(found, why, is_test=run.is_test))


# --- the command line ----------------------------------------------------------------------------------


def try_out(delivery_id: int) -> str:
    """What a report would send now, in words; nothing is sent or written down. Raises NotFound."""
    project_id, one = _find(delivery_id)
    found = _rendered(project_id, one)
    lines = [letters.text(found, condition_said(one.content, found))]
    if one.content.line:
        holds = _holds(one, found)
        would = "It would be sent." if crossed(one.holds, holds) else _quiet(one, found, holds)
        lines.append(would)
    to = ", ".join(one.content.recipients) or one.webhook
    return "\n".join([*lines, f"To: {to}. Charts: {len(found.charts)}. Nothing was sent."])


def send_now(delivery_id: int, now: datetime) -> list[Run]:
    """Send one report now to everybody it goes to, as if its time had come; its newest runs."""
    project_id, one = _find(delivery_id)
    if one.paused:
        raise BadInput("This report is paused. Resume it on the page Reports first; nothing was sent.")
    with db.project(project_id) as connection:
        deliveries.write(connection, project_id, one.id, next_at=now)
        sendings.plan(connection, project_id, now)
    list(_worked(project_id, now, None, delivery_id))
    with db.project(project_id) as connection:
        return deliveries.runs_of(connection, project_id, one.id, 1)


def listed() -> list[tuple[int, Delivery]]:
    """All reports of all projects, each with its project."""
    with db.instance() as connection:
        every = projects.every(connection)
    found = []
    for project_id in every:
        with db.project(project_id) as connection:
            found += [(project_id, one) for one in deliveries.there(connection, project_id)]
    return found


def _find(delivery_id: int) -> tuple[int, Delivery]:
    for project_id, one in listed():
        if one.id == delivery_id:
            return project_id, one
    raise NotFound(
        f"There is no report {delivery_id}. Without --id, deliver lists none and sends what is due."
    )
