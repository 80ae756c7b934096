"""Chance that is the same on every machine: each question has its own source, by seed and words."""

from __future__ import annotations

from hashlib import blake2b

import numpy as np


def number(seed: int, *words: object) -> int:
    """A whole number of 64 bits that depends on the seed and the words only."""
    text = "|".join(str(word) for word in words)
    return int.from_bytes(blake2b(text.encode(), digest_size=8, key=str(seed).encode()).digest(), "big")


def source(seed: int, *words: object) -> np.random.Generator:
    """A generator of its own for one question, so that asking in another order changes nothing."""
    return np.random.Generator(np.random.PCG64(number(seed, *words)))
