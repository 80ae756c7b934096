"""Faults that a test switches on: what goes wrong, for which requests, how often. They never change the truth.

Kinds: `rate_limited` (retry_after: seconds, "date" or None), `server_error` (status, html; status 200: inside a good answer, where the platform does that), `reset`,
`truncated_json`, `truncated_gzip`, `html`, `same_page`, `empty`, `incomplete`, `missing_field` (name), `field_type` (name),
`unknown_currency`, `revoked` (until `reconnect`), `expired`, `day_limit`, `too_much`, `slow` (seconds).
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import asdict, dataclass
from typing import Any

from sandbox import chance

KINDS = (
    "rate_limited", "server_error", "reset", "truncated_json", "truncated_gzip", "html", "same_page", "empty",
    "incomplete", "missing_field", "field_type", "unknown_currency", "revoked", "expired", "day_limit", "too_much", "slow",
)  # fmt: skip


@dataclass
class Fault:
    """One fault. It strikes requests of `platform` (any if empty) whose path and query contain `path`,
    leaves the first `skip` of them alone, then strikes the next `count` (None: all), each with the
    probability `chance`."""

    kind: str
    platform: str = ""
    path: str = ""
    count: int | None = 1
    skip: int = 0
    chance: float = 1.0
    retry_after: int | str | None = None
    status: int = 500
    html: bool = False
    name: str = ""
    seconds: float = 0.2
    hits: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"There is no fault {self.kind!r}; the kinds are {', '.join(KINDS)}.")


class Faults:
    """The script of faults of one server, and the log of what it was asked. Safe to use from any thread."""

    def __init__(self, seed: int = 7) -> None:
        self._random = chance.source(seed, "faults")
        self._lock = threading.Lock()
        self._active: list[Fault] = []
        self._revoked: set[str] = set()
        self._log: deque[dict[str, Any]] = deque(maxlen=5_000)

    def add(self, kind: str, platform: str = "", path: str = "", **settings: Any) -> Fault:
        """Switch a fault on. `revoked` lasts until `reconnect(platform)`."""
        fault = Fault(kind, platform, path, **settings)
        with self._lock:
            if kind == "revoked":
                self._revoked.add(platform)
            else:
                self._active.append(fault)
        return fault

    def reconnect(self, platform: str) -> None:
        """End `revoked`: the pasted credentials are good again, as after a new sign-in."""
        with self._lock:
            self._revoked.discard(platform)

    def clear(self) -> None:
        """No faults any more."""
        with self._lock:
            self._active.clear()
            self._revoked.clear()

    def revoked(self) -> set[str]:
        """Platforms whose tokens are revoked now."""
        with self._lock:
            return set(self._revoked)

    def find(self, platform: str, target: str) -> Fault | None:
        """The fault that may strike this request. It counts only when `strike` says that it did."""
        with self._lock:
            for fault in self._active:
                if fault.platform not in {"", platform} or fault.path not in target:
                    continue
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                if fault.chance >= 1 or self._random.random() < fault.chance:
                    return fault
        return None

    def strike(self, fault: Fault) -> bool:
        """Count a hit; False if another request took the last one."""
        with self._lock:
            if fault.count is not None and fault.hits >= fault.count:
                return False
            fault.hits += 1
            if fault.count is not None and fault.hits >= fault.count and fault in self._active:
                self._active.remove(fault)
            return True

    def note(self, **entry: Any) -> None:
        """Write one request into the log."""
        with self._lock:
            self._log.append(entry)

    def log(self, platform: str = "") -> list[dict[str, Any]]:
        """The requests seen, oldest first: at, platform, method, path, query (secrets removed), status, fault."""
        with self._lock:
            return [dict(entry) for entry in self._log if platform in {"", entry["platform"]}]

    def active(self) -> list[dict[str, Any]]:
        """The faults that are switched on."""
        with self._lock:
            return [asdict(fault) for fault in self._active]
