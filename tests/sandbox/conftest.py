"""A world at a fixed time, and stand-ins asked without a network: one client for each platform."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from sandbox import server
from sandbox.credentials import credentials
from sandbox.faults import Faults
from sandbox.world import World

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@dataclass
class Clock:
    """The time in a test's world: set `now` to move it."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Sandbox:
    """A sandbox without a port: `client(platform)` takes the paths of the real URLs."""

    clock: Clock
    world: World
    faults: Faults
    app: Starlette
    _clients: dict[str, TestClient] = field(default_factory=dict)

    def client(self, platform: str) -> TestClient:
        if platform not in self._clients:
            self._clients[platform] = TestClient(
                self.app, base_url=f"http://sandbox/{platform}", follow_redirects=False
            )
        return self._clients[platform]

    def ask(self, platform: str, method: str, path: str, **settings: Any) -> Any:
        return self.client(platform).request(method, path, **settings)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sandbox(clock: Clock) -> Sandbox:
    world = World(now=clock)
    faults = Faults()
    return Sandbox(clock, world, faults, server.application(world, faults))


@pytest.fixture
def pasted() -> Callable[..., dict[str, Any]]:
    """The pasted credentials of a platform."""
    return credentials
