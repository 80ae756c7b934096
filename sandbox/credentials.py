"""What to paste for each platform: the same in every process with the same seed."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sandbox import platforms
from sandbox.tokens import Tokens
from sandbox.world import World


@lru_cache(64)
def _ways(platform: str, seed: int) -> list[dict[str, Any]]:
    world = World(seed)
    return platforms.load()[platform](world, Tokens(world)).credentials()


def credentials(platform: str, seed: int = 7, way: int = 0) -> dict[str, Any]:
    """The platform's credentials by the fact sheet's field names; `way` 0 is the usual one of `ways`."""
    return dict(_ways(platform, seed)[way])


def ways(platform: str, seed: int = 7) -> list[dict[str, Any]]:
    """Every set of credentials that this platform takes."""
    return [dict(way) for way in _ways(platform, seed)]
