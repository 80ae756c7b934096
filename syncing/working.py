"""A run at work, seen from the inside: is it still ours, may it go on, how far is it, and waiting that can be woken."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from errors import Stopped
from store import runs
from store.db import Connection

Say = Callable[[str, int, int | None], None]


@dataclass
class Working:
    """`stop` is set when the process is to end, `lost` when the run was cancelled or taken over."""

    run_id: int
    sidecar: str
    say: Say
    stop: threading.Event = field(default_factory=threading.Event)
    lost: threading.Event = field(default_factory=threading.Event)
    done: int = 0
    total: int | None = None

    def check(self) -> None:
        """Raises Stopped when the run must not go on."""
        if self.stop.is_set():
            raise Stopped("This server is restarting. The run goes on by itself from where it was.")
        if self.lost.is_set():
            raise Stopped("The run was cancelled. What it had written stays.")

    def wait(self, seconds: float, why: str) -> None:
        """Sleep, and say why when it is long enough to notice. Raises Stopped as soon as that is called for."""
        self.check()
        if seconds >= 3:
            until = datetime.now(UTC) + timedelta(seconds=seconds)
            self.say(f"{why}. Goes on at {until:%H:%M:%S} UTC", self.done, self.total)
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.stop.wait(min(left, 0.5))
            self.check()

    def tell(self, stage: str, done: int, total: int | None) -> None:
        """Write down how far the run is."""
        self.done, self.total = done, total
        self.say(stage, done, total)

    def commit(self, connection: Connection, rows: int) -> None:
        """The last word of a chunk's transaction: so many rows, if the run is still ours. Raises Stopped."""
        if not runs.moved(connection, self.run_id, self.sidecar, rows):
            self.lost.set()
        self.check_ours()

    def check_ours(self) -> None:
        """Raises Stopped when the run was cancelled or taken over; the end of the process may wait a moment."""
        if self.lost.is_set():
            raise Stopped("The run was cancelled. What it had written stays.")
