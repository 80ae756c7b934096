"""A run that reads one source: plan, pull chunk by chunk, load each with its cursor in one transaction.

Whatever ends the process in between, the next run goes on from the last committed chunk: what is still to
be read follows from `synced_days`, not from the run. docs/syncing.md tells the whole story.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from connectors._base import Account, Batch, Connector, Entity, Row, Stream, parts
from errors import (
    AccessMissing,
    BadInput,
    GivesWay,
    NeedsReconnect,
    Refused,
    SoundingsError,
    TooMuchData,
    UnexpectedAnswer,
)
from store import connections, db, grains, load, runs, sources, synced
from store.db import Connection
from store.entities import identity
from store.runs import Run
from store.sources import Source
from store.windows import Loaded, Terms, Window
from syncing import canary, logins, plan, posts, segments, shop
from syncing.plan import Chunk
from syncing.working import Working

_log = logging.getLogger(__name__)
_SPOILT = (Refused, UnexpectedAnswer, TooMuchData, BadInput, AccessMissing)
"""Errors of one stream that leave the others alone."""


@dataclass
class Progress:
    """What a run has done so far."""

    loaded: Loaded = Loaded(0, 0, 0, 0)
    days_done: int = 0
    days_total: int = 0
    chunks: int = 0
    spoilt: dict[str, str] = field(default_factory=dict)
    longest: dict[str, int] = field(default_factory=dict)


def perform(run: Run, working: Working) -> dict[str, Any]:
    """Read what the source of this run is to have; what was done, for the run's record.

    Raises Stopped, TryLater errors (park it), NeedsReconnect and other errors of a platform (it failed).
    """
    assert run.source_id is not None
    with db.project(run.project_id) as connection:
        source = sources.read(connection, run.project_id, run.source_id)
    if source.connection_id is None:
        raise BadInput(f"{source.name} is no longer connected. Connect it again under Connections.")
    connector = logins.open_connector(run.project_id, source.connection_id, working.wait)
    try:
        return _Reading(run, source, connector, working).go()
    except NeedsReconnect as error:
        with db.project(run.project_id) as connection:
            connections.shut_out(connection, run.project_id, source.connection_id, str(error))
        raise


class _Reading:
    """One run of one source."""

    def __init__(self, run: Run, source: Source, connector: Connector, working: Working) -> None:
        self.run, self.source, self.connector, self.working = run, source, connector, working
        self.place = (run.project_id, source.id)
        self.streams = chosen(connector, source.streams)
        self.progress = Progress(longest={s.slug: s.max_days for s in self.streams})
        self.account = Account(source.account_key, source.name, source.currency, source.time_zone)

    def go(self) -> dict[str, Any]:
        self.working.tell(f"Signing in to {self.connector.label}", 0, None)
        self.account = self._account()
        self._register_entities()
        waiting = self._waiting()
        self.progress.days_total = sum(map(len, waiting.values()))
        while chunk := plan.following(waiting, self.progress.longest, self._today()):
            self.working.check()
            self._give_way(chunk)
            self._read(chunk, waiting)
        for stream in self.streams:
            if stream.kind == "snapshots":
                self._attempt(stream.slug, lambda stream=stream: self._snapshot(stream))
            elif stream.kind == "orders":
                self._attempt(stream.slug, lambda stream=stream: self._changes(stream))
        differing = self._compare()
        return self._finish(differing)

    # --- before ----------------------------------------------------------------------------------

    def _account(self) -> Account:
        """The account as the platform has it now: its zone may have changed, its currency must not."""
        account = self.connector.account(self.source.account_key)
        if account.note:
            raise AccessMissing(f"{account.name} can no longer be read: {account.note}")
        if account.currency != self.source.currency:
            raise UnexpectedAnswer(
                f"{account.name} now reports in {account.currency or 'no currency'} instead of "
                f"{self.source.currency or 'none'}. Figures in two currencies are kept apart: pick the account again "
                "under Connections. What is stored is safe."
            )
        if (account.name, account.time_zone) != (self.source.name, self.source.time_zone):
            with db.project(self.run.project_id) as connection:
                sources.change(connection, *self.place, name=account.name, time_zone=account.time_zone)
        return account

    def _register_entities(self) -> None:
        self.working.tell("Reading names, status and budgets", 0, None)

        def read() -> None:
            found = [stored_entity(entity) for entity in self.connector.entities(self.account)]
            with db.project(self.run.project_id) as connection:
                load.register_entities(connection, *self.place, found)

        self._attempt("entities", read)

    def _today(self) -> date:
        return plan.today(datetime.now(UTC), self.account.time_zone)

    def _range(self, stream: Stream) -> tuple[date, date]:
        today = self._today()
        oldest = today - timedelta(stream.history_days)
        params = self.run.params
        first = date.fromisoformat(params["first"]) if params.get("first") else self.source.read_from
        last = date.fromisoformat(params["last"]) if params.get("last") else today
        return max(first or oldest, oldest), min(last, today)

    def _waiting(self) -> dict[str, list[date]]:
        """Days to read by stream, oldest first."""
        found = {}
        with db.project(self.run.project_id) as connection:
            for stream in self.streams:
                if stream.kind == "snapshots":
                    continue
                first, last = self._range(stream)
                read = synced.days(connection, *self.place, stream.slug, first, last)
                found[stream.slug] = plan.needed(
                    read, first, last, self.run.requested_at, self._lookback(stream), self.account.time_zone
                )
        return found

    def _lookback(self, stream: Stream) -> int:
        """Orders are followed by their time of change, so their days settle when they are over."""
        if stream.kind == "orders":
            return 0
        return stream.window if self.source.lookback is None else self.source.lookback

    # --- a chunk ---------------------------------------------------------------------------------

    def _read(self, chunk: Chunk, waiting: dict[str, list[date]]) -> None:
        stream = self.connector.stream(chunk.stream)
        self._say(f"{stream.label}: {_days(chunk)}")
        try:
            loaded = self._load(stream, chunk)
        except TooMuchData as error:
            if chunk.days > 1:
                self.progress.longest[stream.slug] = (chunk.days + 1) // 2
                return
            self._spoil(stream.slug, error, waiting)
            return
        except _SPOILT as error:
            self._spoil(stream.slug, error, waiting)
            return
        waiting[stream.slug] = [day for day in waiting[stream.slug] if not chunk.first <= day <= chunk.last]
        self._count(loaded, chunk.days)

    def _give_way(self, chunk: Chunk) -> None:
        """History can wait: accounts whose newest days nobody has read yet come first."""
        if self.progress.chunks and not plan.is_recent(chunk.last, self._today()):
            with db.instance() as connection:
                if runs.others_wait(connection):
                    raise GivesWay("Lets other accounts read their newest days first.")

    def _load(self, stream: Stream, chunk: Chunk) -> Loaded:
        """Pull and load the days of a chunk with their cursor: all of it, or nothing."""
        at = datetime.now(UTC)
        pulled = self.connector.pull(self.account, stream, chunk.first, chunk.last)
        with db.project(self.run.project_id) as connection:
            if stream.kind == "orders":
                loaded = shop.load(
                    connection, *self.place, pulled, (chunk.first, chunk.last), self.run.id, at
                )
                self._mark_changes(connection, stream, at)
            else:
                loaded = self._load_rows(connection, stream, chunk, pulled, at)
            synced.note(connection, *self.place, stream.slug, chunk.first, chunk.last, at, self.run.id)
            self._complete_days_only(connection)
            self.working.commit(connection, loaded.new + loaded.changed)
        return loaded

    def _load_rows(
        self, connection: Connection, stream: Stream, chunk: Chunk, pulled: Iterator[Batch], at: datetime
    ) -> Loaded:
        entities: dict[tuple[str, str], Entity] = {}
        window = Window.daily(
            *self.place, grains.code(stream.level, stream.breakdown), chunk.first, chunk.last,
            currency=self.source.currency,
            terms=Terms(self.account.time_zone, stream.attribution, stream.definition),
        )  # fmt: skip
        rows = _rows(pulled, entities)
        if stream.breakdown:
            rows = segments.named(rows, stream.breakdown)
        loaded = load.load_rows(connection, window, rows, run_id=self.run.id, at=at)
        load.register_entities(connection, *self.place, map(stored_entity, entities.values()))
        return loaded

    def _complete_days_only(self, connection: Connection) -> None:
        """A source covers complete days; today's figures are there, but not the whole day."""
        yesterday = self._today() - timedelta(1)
        known = sources.read(connection, *self.place)
        if known.covers_through and known.covers_through > yesterday:
            whole = bool(known.covers_from and known.covers_from <= yesterday)
            sources.change(
                connection, *self.place,
                covers_through=yesterday if whole else None, covers_from=known.covers_from if whole else None,
            )  # fmt: skip

    # --- orders that changed, posts ----------------------------------------------------------------

    def _mark_changes(self, connection: Connection, stream: Stream, at: datetime) -> None:
        """Changes are followed from the first order on: whatever changes after it was read comes by itself."""
        if synced.cursor(connection, *self.place, stream.slug) is None:
            synced.advance(connection, *self.place, stream.slug, at)

    def _changes(self, stream: Stream) -> None:
        until = datetime.now(UTC)
        with db.project(self.run.project_id) as connection:
            since = synced.cursor(connection, *self.place, stream.slug)
        if since is None or self.run.params.get("first"):
            return
        self._say(f"{stream.label}: what changed since {since:%d %b %H:%M} UTC")
        # Shops stamp a change before it can be read: an overlap loses none and doubles none.
        pulled = self.connector.changes(self.account, stream, since - timedelta(minutes=10), until)
        with db.project(self.run.project_id) as connection:
            first = sources.read(connection, *self.place).read_from
            loaded = shop.merge(connection, *self.place, pulled, first, self.run.id, until)
            synced.advance(connection, *self.place, stream.slug, until)
            self._complete_days_only(connection)
            self.working.commit(connection, loaded.new + loaded.changed)
        self._count(loaded, 0)

    def _snapshot(self, stream: Stream) -> None:
        if self.run.params.get("first"):
            return
        self._say(f"{stream.label}: totals as they stand")
        at, today = datetime.now(UTC), self._today()
        pulled = self.connector.pull(self.account, stream, today, today)
        with db.project(self.run.project_id) as connection:
            loaded = posts.load(
                connection, *self.place, stream, self.account.time_zone, pulled, today, self.run.id, at
            )
            self._complete_days_only(connection)
            self.working.commit(connection, loaded.new + loaded.changed)
        self._count(loaded, 0)

    # --- after -----------------------------------------------------------------------------------

    def _compare(self) -> int:
        """The platform's own totals beside ours, for the days that may have moved; how many differ unexplained."""
        main = self.streams[0]
        if main.kind != "metrics" or self.progress.spoilt.get(main.slug):
            return 0
        last = self._today()
        first = max(last - timedelta(min(self._lookback(main), 31)), self.source.read_from or date.min)
        found = 0

        def compare() -> None:
            nonlocal found
            self.working.tell(
                "Comparing with the platform's own totals", self.progress.days_done, self.progress.days_total
            )
            totals: dict[date, Row] = {}
            for one, until in parts(first, last, main.max_days):
                totals |= self.connector.totals(self.account, one, until)
            with db.project(self.run.project_id) as connection:
                found = canary.compare(
                    connection, *self.place, totals, self._lookback(main), last, self.run.id,
                    by_campaign=any(_of_campaigns(stream) for stream in self.streams),
                )  # fmt: skip

        self._attempt("totals", compare)
        return found

    def _finish(self, differing: int) -> dict[str, Any]:
        assert self.source.connection_id is not None
        with db.project(self.run.project_id) as connection:
            connections.let_in(
                connection, self.run.project_id, self.source.connection_id, self.connector.sign_in_ends()
            )
        done = self.progress
        if done.spoilt.get(self.streams[0].slug):
            raise UnexpectedAnswer(done.spoilt[self.streams[0].slug])
        return {
            "new": done.loaded.new, "changed": done.loaded.changed, "unchanged": done.loaded.unchanged,
            "removed": done.loaded.removed, "days": done.days_done, "chunks": done.chunks,
            "problems": done.spoilt, "differences": differing,
        }  # fmt: skip

    def _attempt(self, what: str, do: Any) -> None:
        """Do a part that the others do not depend on."""
        try:
            do()
        except _SPOILT as error:
            self._spoil(what, error, {})

    def _spoil(self, what: str, error: SoundingsError, waiting: dict[str, list[date]]) -> None:
        _log.warning("run %s: %s: %s", self.run.id, what, error)
        self.progress.spoilt[what] = str(error)
        self.progress.days_total -= len(waiting.get(what, ()))
        waiting[what] = []

    def _count(self, loaded: Loaded, days: int) -> None:
        self.progress.loaded += loaded
        self.progress.days_done += days
        self.progress.chunks += 1

    def _say(self, stage: str) -> None:
        self.working.tell(stage, self.progress.days_done, self.progress.days_total)


def chosen(connector: Connector | type[Connector], slugs: list[str] | None) -> list[Stream]:
    """The streams that a source reads: those picked, else all that are not optional; the first one always."""
    if slugs is None:
        return [stream for stream in connector.streams if not stream.optional]
    main = connector.streams[0]
    return [stream for stream in connector.streams if stream is main or stream.slug in slugs]


def stored_entity(entity: Entity) -> load.Entity:
    """A connector's entity as the store takes it."""
    parent = identity(*entity.parent) if entity.parent else None
    return load.Entity(
        entity.level, entity.key, entity.name, parent, entity.status, entity.budget, entity.budget_period
    )


def _of_campaigns(stream: Stream) -> bool:
    return grains.LEVELS[stream.level] == grains.LEVELS["campaign"] and not stream.breakdown


def _rows(pulled: Iterator[Batch], entities: dict[tuple[str, str], Entity]) -> Iterator[Row]:
    """The rows of all pages; what they name is noted on the way."""
    for batch in pulled:
        for entity in batch.entities:
            entities[entity.level, entity.key] = entity
        yield from batch.rows


def _days(chunk: Chunk) -> str:
    if chunk.first == chunk.last:
        return f"{chunk.last:%d %b %Y}"
    year = " %Y" if chunk.first.year != chunk.last.year else ""
    return f"{chunk.first:%d %b{year}} – {chunk.last:%d %b %Y}"
