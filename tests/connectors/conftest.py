"""One sandbox for all tests of the contract."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox import serving
from sandbox.world import World
from tests.connectors.contract import NOW, START, Live


@pytest.fixture(scope="session")
def served() -> Iterator[Live]:
    with serving.local(World(now=lambda: NOW, start=START)) as running:
        yield Live(running)


@pytest.fixture
def live(served: Live) -> Iterator[Live]:
    yield served
    served.server.faults.clear()
