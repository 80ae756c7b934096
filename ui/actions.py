"""What pages make happen: each checks the person's role on the server and leaves the work to a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import settings
from errors import BadInput
from reports import offline
from store import audit, batches, rates, runs, sources, uploads
from store.access import Action, Person, enter, reading
from store.batches import Batch
from store.runs import Run
from store.uploads import Upload
from syncing import manual


def upload(person: Person, project_id: int, name: str, content: memoryview | bytes) -> int:
    """Store a file and ask for it to be understood; the upload's id."""
    most = settings.current().max_upload_mb * 1_000_000
    with enter(person, project_id, Action.IMPORT) as connection:
        upload_id = uploads.receive(connection, project_id, name, uploads.chunks_of(content), person.id, most)
        _ask(connection, project_id, upload_id, {}, person)
    return upload_id


def _ask(
    connection: Any, project_id: int, upload_id: int, answers: Mapping[str, Any], person: Person
) -> None:
    run_id = runs.request(
        connection, project_id, "inspect", {"upload_id": upload_id, "answers": dict(answers)}, person.id
    )
    uploads.change(connection, project_id, upload_id, state="reading", run_id=run_id)


def answer(person: Person, project_id: int, upload_id: int, answers: Mapping[str, Any]) -> None:
    """Tell what the file could not say; it is read again with that."""
    needed = Action.MAP_COLUMNS if answers.get("mapping") else Action.IMPORT
    with enter(person, project_id, needed) as connection:
        kept = uploads.read(connection, project_id, upload_id)
        if kept.state not in {"understood", "unreadable"}:
            raise BadInput("This file is being worked on. Wait until that is done.")
        _ask(connection, project_id, upload_id, {**kept.answers, **answers}, person)


def import_tables(person: Person, project_id: int, upload_id: int, tables: Sequence[int]) -> int:
    """Ask for tables of an understood upload to be written; the run's id."""
    with enter(person, project_id, Action.IMPORT) as connection:
        kept = uploads.read(connection, project_id, upload_id)
        if kept.state != "understood":
            raise BadInput("This file is already being imported, or is not understood yet.")
        params = {"upload_id": upload_id, "answers": kept.answers, "tables": list(tables)}
        run_id = runs.request(connection, project_id, "import", params, person.id)
        uploads.change(connection, project_id, upload_id, state="importing", run_id=run_id)
    return run_id


def discard(person: Person, project_id: int, upload_id: int) -> None:
    """Forget an uploaded file that was not imported."""
    with enter(person, project_id, Action.IMPORT) as connection:
        kept = uploads.read(connection, project_id, upload_id)
        if kept.state == "importing":
            raise BadInput("This file is being imported. Undo the import afterwards instead.")
        uploads.drop(connection, project_id, upload_id)


def undo(person: Person, project_id: int, batch_id: int) -> int:
    """Ask for an import to be taken back; the run's id."""
    with enter(person, project_id, Action.UNDO) as connection:
        batch = batches.read(connection, project_id, batch_id)
        if batch.undone_at:
            raise BadInput("This import was taken back already.")
        return runs.request(connection, project_id, "undo", {"batch_id": batch_id}, person.id)


def waiting_uploads(person: Person, project_id: int) -> list[Upload]:
    """Files that are not imported yet, newest first."""
    with enter(person, project_id, Action.IMPORT) as connection:
        return uploads.waiting(connection, project_id)


def run_of(person: Person, project_id: int, run_id: int) -> Run:
    """One run of the project."""
    with reading(person, project_id) as connection:
        return runs.read(connection, project_id, run_id)


def unfinished(person: Person, project_id: int, kinds: Iterable[str]) -> list[Run]:
    """Runs of these kinds that wait or work."""
    wanted = set(kinds)
    with reading(person, project_id) as connection:
        return [run for run in runs.unfinished(connection, project_id) if run.kind in wanted]


def history(person: Person, project_id: int) -> list[tuple[Batch, str]]:
    """All imports with who made them, newest first."""
    with reading(person, project_id) as connection:
        return batches.listed(connection, project_id)


def manual_rows(person: Person, project_id: int) -> list[dict[str, Any]]:
    """Offline spend as the grid shows it."""
    with enter(person, project_id, Action.IMPORT) as connection:
        return offline.entries(connection, project_id)


def save_manual(
    person: Person, project_id: int, before: list[dict[str, Any]], after: list[dict[str, Any]]
) -> str:
    """Save what changed in the grid as an import of its own; what was done, in words."""
    with enter(person, project_id, Action.IMPORT) as connection:
        batch_id = manual.save(connection, project_id, before, after, person.id)
        if batch_id is None:
            return "Nothing was changed."
        batch = batches.read(connection, project_id, batch_id)
        audit.record(
            connection,
            who=person,
            action="import",
            subject=batch.title,
            project_id=project_id,
            details={"batch": batch_id, "rows": batch.rows, **batch.result},
        )
    return f"Saved: {batch.result['new']} new, {batch.result['changed']} changed, {batch.result['removed']} removed."


def count_in_totals(person: Person, project_id: int, source_id: int, counts: bool) -> None:
    """Take a source into the totals, or leave it out (its sales are in another source)."""
    with enter(person, project_id, Action.EDIT_PROJECT) as connection:
        sources.change(connection, project_id, source_id, in_totals=counts)
        audit.record(
            connection,
            who=person,
            action="change_source",
            subject=sources.read(connection, project_id, source_id).name,
            project_id=project_id,
            details={"in_totals": counts},
        )


def rates_in_use(person: Person, project_id: int, target: str) -> list[rates.InUse]:
    """The newest rate into `target` of each currency that the project's sources carry."""
    with reading(person, project_id) as connection:
        return rates.in_use(connection, project_id, target)


def own_rates(person: Person, project_id: int) -> list[tuple[str, date, Decimal]]:
    """The project's own exchange rates: currency, first day, units for one euro."""
    with reading(person, project_id) as connection:
        return rates.own(connection, project_id)


def save_own_rates(person: Person, project_id: int, rows: list[dict[str, Any]]) -> None:
    """Replace the project's own exchange rates; rows have currency, day and per_euro. Raises BadInput."""
    with enter(person, project_id, Action.EDIT_RATES) as connection:
        rates.replace_own(connection, project_id, rows)
        audit.record(
            connection, who=person, action="change_rates", project_id=project_id, details={"rates": len(rows)}
        )
