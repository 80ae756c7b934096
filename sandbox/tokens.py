"""Tokens that the sandbox hands out: signed by the world's seed, so that they outlive a restart.

A token carries its platform, kind, client and end, and is checked without storing it. Only what ends a
token early is kept in memory: a revocation of one token, or of everything of a platform at once. Anyone who
knows the seed can make one: they open nothing but the sandbox.
"""

from __future__ import annotations

import base64
import hmac
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.world import World

FOREVER = timedelta(days=36_500)


@dataclass(frozen=True)
class Token:
    """What a valid signature says. `problem` is "" or "expired" or "revoked"."""

    kind: str
    claims: dict[str, Any]
    problem: str = ""


@dataclass
class Tokens:
    """Makes and checks the tokens of one world."""

    world: World
    _revoked: set[str] = field(default_factory=set)
    _ended: dict[str, int] = field(default_factory=dict)
    _serial: int = 0
    _age: int = 0

    def issue(
        self, platform: str, kind: str, life: timedelta = FOREVER, prefix: str = "", **claims: Any
    ) -> str:
        """A token of that kind ("access", "refresh", "code", …) that ends after `life` of the world's clock."""
        self._serial += 1
        now = self.world.now
        ends = min(now + life, datetime(2199, 1, 1, tzinfo=UTC))
        body = {
            "p": platform,
            "k": kind,
            "e": int(ends.timestamp()),
            "n": self._serial,
            "i": int(now.timestamp()),
        }
        body |= {"g": self._age} | claims
        return prefix + self._sign(body)

    def fixed(self, platform: str, kind: str, prefix: str = "", **claims: Any) -> str:
        """The token that is the same in every process with this seed, without an end: for credentials
        that are pasted by hand. Revoking its platform ends it until `restore`."""
        return prefix + self._sign(
            {"p": platform, "k": kind, "e": 7226582400, "n": 0, "i": 0, "g": 0} | claims
        )

    def read(self, platform: str, text: str | None, *kinds: str, prefix: str = "") -> Token | None:
        """The token, or None if it is not one of ours for this platform and of these kinds."""
        if not text or not text.startswith(prefix):
            return None
        head, _, sign = text[len(prefix) :].rpartition("-")
        if not head or not hmac.compare_digest(sign, self._mac(head)):
            return None
        body = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
        if body["p"] != platform or body["k"] not in kinds:
            return None
        return Token(body["k"], body, self._problem(platform, text, body))

    def _problem(self, platform: str, text: str, body: dict[str, Any]) -> str:
        if text in self._revoked or body["g"] < self._ended.get(platform, 0):
            return "revoked"
        return "expired" if body["e"] <= self.world.now.timestamp() else ""

    def use_up(self, text: str) -> None:
        """End one token: a code that was exchanged, a refresh token that was replaced."""
        self._revoked.add(text)

    def revoke(self, platform: str) -> None:
        """End every token of a platform that was made until now, as a user does who removes the app."""
        self._age += 1
        self._ended[platform] = self._age

    def is_revoked(self, platform: str) -> bool:
        """Whether `revoke` is in force for the platform."""
        return platform in self._ended

    def restore(self, platform: str) -> None:
        """Undo `revoke`: pasted credentials work again."""
        self._ended.pop(platform, None)

    def _sign(self, body: dict[str, Any]) -> str:
        text = json.dumps(body, separators=(",", ":"), sort_keys=True).encode()
        head = base64.urlsafe_b64encode(text).rstrip(b"=").decode()
        return f"{head}-{self._mac(head)}"

    def _mac(self, head: str) -> str:
        key = f"sandbox tokens {self.world.seed}".encode()
        return hmac.new(key, head.encode(), "sha256").hexdigest()[:24]
