"""How fast a credential may ask: the platform's published limits, kept per credential within the process.

Other processes that share the credential are not seen here; the platform's own signal to slow down,
which `pause` passes on, settles that.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Limit:
    """At most `calls` in any `seconds`."""

    calls: int
    seconds: float


class Limiter:
    """The limits of one credential. Thread-safe: several accounts may be read through it at once."""

    def __init__(self, limits: Sequence[Limit]) -> None:
        self._limits = [(limit, deque[float](maxlen=limit.calls)) for limit in limits]
        self._paused_until = 0.0
        self._lock = threading.Lock()

    def delay(self, now: float | None = None) -> float:
        """Take a place in the queue: seconds to wait before the call may go out."""
        now = time.monotonic() if now is None else now
        with self._lock:
            at = max(now, self._paused_until)
            for limit, calls in self._limits:
                if len(calls) == limit.calls:
                    at = max(at, calls[0] + limit.seconds)
            for _, calls in self._limits:
                calls.append(at)
        return at - now

    def pause(self, seconds: float, now: float | None = None) -> None:
        """No call goes out for so long: the platform asked for it."""
        now = time.monotonic() if now is None else now
        with self._lock:
            self._paused_until = max(self._paused_until, now + seconds)


_limiters: dict[tuple[str, str], Limiter] = {}
_lock = threading.Lock()


def of(platform: str, credential: str, limits: Sequence[Limit]) -> Limiter:
    """The limiter of a credential (any text that stands for it), the same one for all who use it."""
    with _lock:
        return _limiters.setdefault((platform, credential), Limiter(limits))
