"""Uploaded files become facts: understand, ask, write in one transaction, and undo exactly.

Nothing is written before the person confirmed what was understood. One table of a file is one batch;
a batch speaks for whole days (or periods) of a source and replaces what stood there. Undoing it puts
back what the batches under it say, from their kept rows.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from analytics import channels
from errors import BadInput, UnreadableFile
from spreadsheets import reading
from spreadsheets.understanding import Answers, Table
from store import batches, grains, load, mappings, projects, registry, sources, uploads
from store.batches import Layer, Slice
from store.db import Connection
from syncing import layers, normalising
from syncing.layers import Progress
from syncing.normalising import Account

_NO_ROWS = pl.DataFrame(
    schema={"day": pl.Date, "days": pl.Int16, "campaign": pl.Utf8, "spend": pl.Decimal(38, 10)}
)


@contextmanager
def _file(connection: Connection, project_id: int, upload: uploads.Upload) -> Iterator[Path]:
    """The upload's bytes as a file on this machine, for as long as it is read."""
    with tempfile.TemporaryDirectory(prefix="soundings-") as folder:
        path = Path(folder) / "upload"
        with path.open("wb") as file:
            for chunk in uploads.content(connection, project_id, upload.id):
                file.write(chunk)
        yield path


def understand(
    connection: Connection, project_id: int, upload_id: int, answers: Mapping[str, Any], say: Progress
) -> list[Table]:
    """Read an upload with the person's answers. Raises UnreadableFile; the caller keeps the reason."""
    upload = uploads.read(connection, project_id, upload_id)
    given = Answers.from_dict(answers, salt=projects.salt(connection, project_id))
    with _file(connection, project_id, upload) as path:
        tables = reading.understand(
            path, upload.name, given, lambda part: say("Reading", int(part * 100), 100)
        )
        remembered = _remembered(connection, project_id, tables, given)
        if remembered:
            tables = reading.understand(
                path, upload.name, remembered, lambda part: say("Reading", int(part * 100), 100)
            )
    return tables


def _remembered(
    connection: Connection, project_id: int, tables: list[Table], given: Answers
) -> Answers | None:
    """The mapping that was saved for a file with this header; None when there is none or one was given."""
    if given.mapping:
        return None
    for table in tables:
        if table.kind == "unknown" and (
            saved := mappings.find(connection, project_id, reading.fingerprint(table))
        ):
            own = {**saved, **given.as_dict()}
            return Answers.from_dict(own, salt=given.salt)
    return None


def inspect(
    connection: Connection, project_id: int, upload_id: int, answers: Mapping[str, Any], say: Progress
) -> int:
    """Understand an upload and keep what was understood, with what an import would replace. Number of tables."""
    try:
        tables = understand(connection, project_id, upload_id, answers, say)
    except UnreadableFile as error:
        uploads.change(connection, project_id, upload_id, state="unreadable", reason=str(error))
        return 0
    told = _with_account(connection, project_id, tables, answers)
    shown = [{**t.as_dict(), "plan": _plan(connection, project_id, t, told)} for t in tables]
    uploads.understood(connection, project_id, upload_id, shown, told)
    return len(tables)


def _with_account(
    connection: Connection, project_id: int, tables: list[Table], answers: Mapping[str, Any]
) -> dict[str, Any]:
    """The answers with an account where the file names none: the one of this platform that is known, else the
    platform's name. A guess that the person sees and can change is better than a question that stops them."""
    told = dict(answers)
    for table in tables:
        if any(question.kind == "account" for question in table.questions):
            table.questions = [question for question in table.questions if question.kind != "account"]
            told.setdefault("account", _likely_account(connection, project_id, table.platform or ""))
    return told


def _likely_account(connection: Connection, project_id: int, platform: str) -> str:
    known = sorted({s.name for s in sources.listed(connection, project_id) if s.platform == platform})
    return known[0] if len(known) == 1 else channels.label(platform)


def is_importable(table: Table) -> bool:
    """True if the table has rows, every question is answered and it is known what it is."""
    return table.kind in {"metrics", "orders"} and table.rows > 0 and not table.questions


def _account(
    platform: str, table: Table, answers: Mapping[str, Any]
) -> Callable[[Mapping[str, str]], Account]:
    def name(row: Mapping[str, str]) -> Account:
        medium = row.get("channel", "")
        account = row.get("account") or table.account or answers.get("account") or ""
        key = row.get("account_id") or table.account_id or account.lower()
        channel = channels.slug(medium) if medium else platform
        return Account(
            channel, key, account or channels.label(channel), row.get("currency") or table.currency or ""
        )

    return name


def _level(table: Table) -> tuple[str, str]:
    level = table.grain if table.grain in grains.LEVELS else "item"
    return level or "item", table.breakdown


def _slices(table: Table, frame: pl.DataFrame) -> frozenset[Slice]:
    """The days (or periods) that a table speaks for: all days of its range when it is daily.

    A template is filled by hand, often with gaps, so it speaks only for the days that it names.
    """
    if "days" in frame.columns and (not table.daily or table.platform in {"unified", "custom"}):
        return frozenset((day, int(days)) for day, days in frame.select("day", "days").unique().iter_rows())
    first, last = table.date_from, table.date_to
    if first is None or last is None:
        return frozenset((day, 1) for day in frame["day"].unique())
    return frozenset((first + timedelta(days=n), 1) for n in range((last - first).days + 1))


def _plan(
    connection: Connection, project_id: int, table: Table, answers: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """For each source of a table: is it new, and which totals would be replaced."""
    if table.kind not in {"metrics", "orders"} or not table.rows or table.platform is None:
        return []
    plan = []
    for account, frame in normalising.by_account(table.frame, _account(table.platform, table, answers)):
        found = sources.find(
            connection, project_id, table.platform, account.channel, account.key, account.currency
        )
        entry: dict[str, Any] = {
            "account": account.name,
            "currency": account.currency,
            "new_source": found is None,
        }
        if found is not None:
            grain = grains.ORDER_SLICE if table.kind == "orders" else grains.code(*_level(table))
            before = load.replaced(connection, project_id, found.id, grain, _slices(table, frame))
            entry |= {
                "rows": before.pop("rows", 0),
                "totals": {k: str(v) for k, v in before.items() if v is not None},
            }
        plan.append(entry)
    return plan


def import_upload(
    connection: Connection,
    project_id: int,
    upload_id: int,
    answers: Mapping[str, Any],
    chosen: Iterable[int],
    person_id: int | None,
    say: Progress,
) -> list[int]:
    """Write the chosen tables of an upload, all or none; the ids of the batches. Raises BadInput, UnreadableFile."""
    upload = uploads.read(connection, project_id, upload_id)
    tables = understand(connection, project_id, upload_id, answers, say)
    wanted = [tables[n] for n in chosen if 0 <= n < len(tables)]
    if not wanted:
        raise BadInput("Choose at least one table to import.")
    answers = _with_account(connection, project_id, wanted, answers)
    for table in wanted:
        if not is_importable(table):
            open_points = (
                ", ".join(q.text for q in table.questions) or table.note or "nothing in it can be imported"
            )
            raise BadInput(f"{table.name}: {open_points}")
    made = [write(connection, project_id, t, answers, upload, person_id, say) for t in wanted]
    if answers.get("mapping"):
        _remember(connection, project_id, tables, answers, person_id)
    uploads.drop(connection, project_id, upload_id, state="imported")
    return made


def _remember(
    connection: Connection,
    project_id: int,
    tables: list[Table],
    answers: Mapping[str, Any],
    person_id: int | None,
) -> None:
    kept = {
        k: v
        for k, v in answers.items()
        if k in {"mapping", "platform", "report", "date_order", "number_format"}
    }
    for table in tables:
        mappings.save(connection, project_id, reading.fingerprint(table), kept, person_id)


def write(
    connection: Connection,
    project_id: int,
    table: Table,
    answers: Mapping[str, Any],
    upload: uploads.Upload | None,
    person_id: int | None,
    say: Progress,
    speaks_for: Mapping[Account, frozenset[Slice]] | None = None,
) -> int:
    """Write one table as a batch; the batch's id. `speaks_for` names the days it replaces where the table
    does not say so itself: then those of an account without rows are emptied."""
    at = datetime.now(UTC)
    batch = _open_batch(connection, project_id, table, upload, person_id, at)
    parts = (
        dict(normalising.by_account(table.frame, _account(batch.platform, table, answers)))
        if table.rows
        else {}
    )
    for account in speaks_for or {}:
        parts.setdefault(account, _NO_ROWS)
    done, counted = 0, load.Loaded(0, 0, 0, 0)
    for account, frame in parts.items():
        say("Writing", done, table.rows)
        slices = speaks_for[account] if speaks_for else _slices(table, frame)
        counted += _write_account(connection, project_id, batch, table, account, frame, slices, at)
        done += frame.height
    batches.set_result(connection, project_id, batch.id, asdict(counted))
    return batch.id


def _open_batch(
    connection: Connection,
    project_id: int,
    table: Table,
    upload: uploads.Upload | None,
    person_id: int | None,
    at: datetime,
) -> batches.Batch:
    batch_id = batches.add(
        connection,
        project_id,
        upload_id=upload.id if upload else None,
        title=_title(table, upload),
        platform=table.platform or "custom",
        report=table.report,
        kind=table.kind,
        rows=table.rows,
        totals={slug: str(total) for slug, total in table.totals.items()},
        terms={"time_zone": table.time_zone or "", "attribution": table.attribution, "definition": ""},
        problems=[vars(problem) for problem in table.problems],
        date_from=table.date_from,
        date_to=table.date_to,
        imported_by=person_id,
        imported_at=at,
    )
    return batches.read(connection, project_id, batch_id)


def _title(table: Table, upload: uploads.Upload | None) -> str:
    if upload is None or table.name == upload.name:
        return table.name
    return f"{upload.name} › {table.name}"


def _write_account(
    connection: Connection,
    project_id: int,
    batch: batches.Batch,
    table: Table,
    account: Account,
    frame: pl.DataFrame,
    slices: frozenset[Slice],
    at: datetime,
) -> load.Loaded:
    """Write one account's rows: the source, its entities, what the batch keeps, and the facts."""
    source_id = sources.get_or_create(
        connection,
        project_id,
        batch.platform,
        account.channel,
        account.key,
        account.name,
        account.currency,
        table.time_zone or "",
    )
    lines = None
    if table.kind == "orders":
        grain = grains.ORDER_SLICE
        _count_sales_once(connection, project_id, source_id, batch.platform)
        if table.lines is not None:
            lines = table.lines.join(frame.select("order_key").unique(), on="order_key", how="semi")
    else:
        level, breakdown = _level(table)
        grain = grains.code(level, breakdown)
        known = registry.campaigns_by_name(connection, project_id, source_id)
        frame, found = normalising.with_entities(frame, level, known)
        load.register_entities(connection, project_id, source_id, found)
    layer = Layer(source_id, grain, slices)
    layers.keep(connection, project_id, batch, layer, frame, lines)
    return layers.apply(connection, project_id, batch, layer, frame, lines, at)


def _count_sales_once(connection: Connection, project_id: int, source_id: int, platform: str) -> None:
    """Payments and deals beside a shop are the same sales again: keep them out of the totals, visibly."""
    others = [s for s in sources.listed(connection, project_id) if s.id != source_id and s.in_totals]
    if platform in {"stripe", "hubspot"} and any(s.platform in {"shopify", "woocommerce"} for s in others):
        sources.change(connection, project_id, source_id, in_totals=False)
