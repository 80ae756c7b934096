"""A metric of one's own: numbers and metrics with + − × ÷ and brackets, worked out after everything is added up.

Metrics are named by their slugs (`spend / orders`, `(revenue_net - spend) ÷ orders`). Where a part is not
measured, or is divided by zero, the formula has no value. Nothing is ever run as code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, DivisionByZero, InvalidOperation, Overflow
from functools import lru_cache

from analytics import metrics

LONGEST = 200
_DEEPEST = 20
_TOKEN = re.compile(
    r"\s*(?:(\d{1,12}(?:\.\d{1,9})?)|([a-z][a-z0-9_]*)|([-+*/()×÷−·:]))", re.ASCII | re.IGNORECASE
)
_SIGNS = {"×": "*", "·": "*", "÷": "/", ":": "/", "−": "-"}


class FormulaError(ValueError):
    """The formula cannot be read; the message says where and why."""


@dataclass(frozen=True)
class Formula:
    """A formula as steps of a stack machine: numbers, slugs, and the signs that join the two before them."""

    steps: tuple[Decimal | str, ...]

    @property
    def slugs(self) -> tuple[str, ...]:
        """The metrics in it."""
        return tuple(dict.fromkeys(s for s in self.steps if isinstance(s, str) and s not in "+-*/"))

    def value(self, values: Mapping[str, Decimal | None]) -> Decimal | None:
        """Its value; None where a part has none or something is divided by zero."""
        stack: list[Decimal] = []
        for step in self.steps:
            if isinstance(step, Decimal):
                stack.append(step)
            elif step in "+-*/":
                right, left = stack.pop(), stack.pop()
                found = _joined(step, left, right)
                if found is None:
                    return None
                stack.append(found)
            else:
                part = values.get(step)
                if part is None:
                    return None
                stack.append(Decimal(part))
        return stack[0]


def _joined(sign: str, left: Decimal, right: Decimal) -> Decimal | None:
    try:
        if sign == "/":
            return left / right if right else None
        return left + right if sign == "+" else left - right if sign == "-" else left * right
    except (InvalidOperation, DivisionByZero, Overflow):
        return None


@lru_cache(256)
def parse(text: str) -> Formula:
    """The formula that a text stands for. Raises FormulaError."""
    if len(text) > LONGEST:
        raise FormulaError(f"A formula has at most {LONGEST} signs.")
    reader = _Reader(_tokens(text))
    reader.sum(0)
    if reader.left:
        raise FormulaError(f"Something is missing before “{reader.left[0]}”.")
    return Formula(tuple(reader.steps))


def _tokens(text: str) -> list[str]:
    found, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise FormulaError(f"“{text[at:].strip()[:1]}” has no meaning in a formula.")
        sign = next(group for group in match.groups() if group)
        found.append(_SIGNS.get(sign, sign))
        at = match.end()
    return found


class _Reader:
    """Reads tokens from the left, by precedence."""

    def __init__(self, tokens: list[str]) -> None:
        self.left, self.steps = tokens, list[Decimal | str]()

    def sum(self, depth: int) -> None:
        self._series(depth, ("+", "-"), self._product)

    def _product(self, depth: int) -> None:
        self._series(depth, ("*", "/"), self._one)

    def _series(self, depth: int, signs: tuple[str, str], part: Callable[[int], None]) -> None:
        part(depth)
        while self.left and self.left[0] in signs:
            sign = self.left.pop(0)
            part(depth)
            self.steps.append(sign)

    def _one(self, depth: int) -> None:
        if depth > _DEEPEST:
            raise FormulaError("There are too many brackets within each other.")
        sign = self.left.pop(0) if self.left else ""
        if sign == "(":
            self.sum(depth + 1)
            if not self.left or self.left.pop(0) != ")":
                raise FormulaError("A bracket is not closed.")
        elif sign == "-":
            self.steps.append(Decimal(0))
            self._one(depth + 1)
            self.steps.append("-")
        elif sign[:1].isdigit():
            self.steps.append(Decimal(sign))
        elif sign.lower() in metrics.REGISTRY:
            self.steps.append(sign.lower())
        elif sign[:1].isalpha():
            raise FormulaError(f"There is no metric called “{sign[:40]}”.")
        else:
            raise FormulaError(
                "A number or metric is missing" + (f" before “{sign}”." if sign else " at the end.")
            )
