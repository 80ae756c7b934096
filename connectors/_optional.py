"""Fields that may be left out of a question, should the platform not know them, or not know them any more.

Platforms add and drop fields within a version, and refuse a whole report for one name that they don't know.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TypeVar

from errors import Refused

T = TypeVar("T")


class Optional:
    """Names to ask for, fewer once some of them were refused."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(names)

    def ask(self, question: Callable[[tuple[str, ...]], T]) -> T:
        """The answer to the question, asked again without the names that a refusal mentions."""
        while True:
            try:
                return question(self.names)
            except Refused as refused:
                mentioned = set(re.findall(r"\w+", str(refused)))
                left = tuple(name for name in self.names if name not in mentioned)
                if left == self.names:
                    raise
                self.names = left
