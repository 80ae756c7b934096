"""The Google Ads Query Language: SELECT … FROM … WHERE … ORDER BY … LIMIT, as the v26 grammar has it.

Errors carry the name of the `queryError` that Google gives for them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

_TOKEN = re.compile(
    r"\s*(?:('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")|([A-Za-z_][\w.]*)|(-?\d+(?:\.\d+)?)|(!=|>=|<=|[=<>(),]))"
)
_OPERATORS = {"=", "!=", ">", ">=", "<", "<=", "IN", "NOT IN", "LIKE", "NOT LIKE", "BETWEEN", "DURING", "IS NULL",
              "IS NOT NULL", "REGEXP_MATCH", "NOT REGEXP_MATCH"}  # fmt: skip


class QueryError(Exception):
    """A query that Google refuses: the code of `queryError` and its message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Condition:
    """One part of WHERE. `value` is a text, a number, a list of them, or a pair for BETWEEN."""

    field: str
    operator: str
    value: Any

    def holds(self, found: Any) -> bool:
        """Whether a value (None if it is missing) meets the condition."""
        tests = {
            "=": lambda: _same(found, self.value),
            "!=": lambda: not _same(found, self.value),
            "IN": lambda: any(_same(found, value) for value in self.value),
            "NOT IN": lambda: not any(_same(found, value) for value in self.value),
            "LIKE": lambda: _like(found, self.value),
            "NOT LIKE": lambda: not _like(found, self.value),
            "REGEXP_MATCH": lambda: re.fullmatch(str(self.value), str(found)) is not None,
            "NOT REGEXP_MATCH": lambda: re.fullmatch(str(self.value), str(found)) is None,
            "IS NULL": lambda: found is None,
            "IS NOT NULL": lambda: found is not None,
            "BETWEEN": lambda: _order(found, self.value[0]) >= 0 >= _order(found, self.value[1]),
            ">": lambda: _order(found, self.value) > 0,
            ">=": lambda: _order(found, self.value) >= 0,
            "<": lambda: _order(found, self.value) < 0,
            "<=": lambda: _order(found, self.value) <= 0,
        }
        return bool(tests[self.operator]())


def _same(found: Any, value: Any) -> bool:
    if isinstance(found, bool):
        return str(found).lower() == str(value).lower()
    return str(found) == str(value) if isinstance(found, str) else _order(found, value) == 0


def _order(found: Any, value: Any) -> int:
    if isinstance(found, str):
        return (found > str(value)) - (found < str(value))
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise QueryError("OPERATOR_FIELD_MISMATCH", "A number was expected in the condition.") from None
    return ((found or 0) > number) - ((found or 0) < number)


def _like(found: Any, pattern: str) -> bool:
    return (
        re.fullmatch(".*".join(re.escape(part) for part in pattern.split("%")), str(found), re.I) is not None
    )


@dataclass(frozen=True)
class Query:
    """A query that was understood."""

    select: tuple[str, ...]
    resource: str
    where: tuple[Condition, ...]
    order: tuple[tuple[str, bool], ...]
    limit: int | None

    def fields(self) -> set[str]:
        """Every field that it names anywhere."""
        return {*self.select, *(c.field for c in self.where), *(name for name, _ in self.order)}


class _Reader:
    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        place = 0
        text = text.strip().rstrip(";")
        while place < len(text):
            match = _TOKEN.match(text, place)
            if match is None:
                raise QueryError(
                    "UNEXPECTED_INPUT", f"Error in query: unexpected input {text[place:].split()[0]}."
                )
            kinds = ("text", "word", "number", "sign")
            kind = kinds[next(n for n in range(4) if match.group(n + 1) is not None)]
            self.tokens.append((kind, next(group for group in match.groups() if group is not None)))
            place = match.end()
        self.place = 0

    def peek(self, ahead: int = 0) -> str:
        n = self.place + ahead
        return self.tokens[n][1].upper() if n < len(self.tokens) else ""

    def take(self, *allowed: str) -> bool:
        if self.peek() in allowed:
            self.place += 1
            return True
        return False

    def next(self, code: str) -> tuple[str, str]:
        if self.place >= len(self.tokens):
            raise QueryError("UNEXPECTED_END_OF_QUERY", "Error in query: unexpected end of query.")
        self.place += 1
        found = self.tokens[self.place - 1]
        if code == "word" and found[0] != "word":
            raise QueryError("UNEXPECTED_INPUT", f"Error in query: unexpected input {found[1]}.")
        return found

    def names(self) -> list[str]:
        found = [self.next("word")[1]]
        while self.take(","):
            found.append(self.next("word")[1])
        return found

    def value(self) -> Any:
        kind, text = self.next("any")
        if kind == "text":
            return re.sub(r"\\(.)", r"\1", text[1:-1])
        if kind == "number":
            return float(text) if "." in text else int(text)
        return text

    def list(self) -> list[Any]:
        if not self.take("("):
            raise QueryError("EXPECTED_LIST", "Error in query: a list was expected.")
        found = [self.value()]
        while self.take(","):
            found.append(self.value())
        if not self.take(")"):
            raise QueryError("EXPECTED_LIST", "Error in query: the list does not end.")
        return found


def parse(text: str, today: date) -> Query:
    """The query; DURING becomes BETWEEN, counted from `today`."""
    reader = _Reader(text)
    if not reader.take("SELECT"):
        raise QueryError("EXPECTED_SELECT", "Error in query: expected SELECT clause.")
    select = reader.names()
    if not reader.take("FROM"):
        raise QueryError("EXPECTED_FROM", "Error in query: expected FROM clause.")
    resource = reader.next("word")[1]
    where = _conditions(reader, today) if reader.take("WHERE") else []
    order = []
    if reader.peek() == "ORDER" and reader.peek(1) == "BY":
        reader.place += 2
        order = _orders(reader)
    limit = None
    if reader.take("LIMIT"):
        kind, text = reader.next("any")
        if kind != "number" or "." in text:
            raise QueryError("UNEXPECTED_INPUT", f"Error in query: unexpected input {text}.")
        limit = int(text)
        if limit < 1:
            raise QueryError("LIMIT_VALUE_TOO_LOW", "Limit value is too low.")
    if reader.take("PARAMETERS"):
        reader.place = len(reader.tokens)
    if reader.place < len(reader.tokens):
        raise QueryError(
            "UNEXPECTED_INPUT", f"Error in query: unexpected input {reader.tokens[reader.place][1]}."
        )
    return Query(tuple(select), resource, tuple(where), tuple(order), limit)


def _orders(reader: _Reader) -> list[tuple[str, bool]]:
    found = []
    while True:
        name = reader.next("word")[1]
        down = reader.peek() == "DESC"
        reader.take("ASC", "DESC")
        found.append((name, down))
        if not reader.take(","):
            return found


def _conditions(reader: _Reader, today: date) -> list[Condition]:
    found = [_condition(reader, today)]
    while reader.take("AND"):
        found.append(_condition(reader, today))
    return found


def _condition(reader: _Reader, today: date) -> Condition:
    field = reader.next("word")[1]
    operator = reader.next("any")[1].upper()
    if operator == "IS":
        operator = "IS NOT NULL" if reader.take("NOT") else "IS NULL"
        reader.next("word")
        return Condition(field, operator, None)
    if operator == "NOT":
        operator = "NOT " + reader.next("word")[1].upper()
    if operator not in _OPERATORS:
        raise QueryError("UNEXPECTED_INPUT", f"Error in query: unexpected input {operator}.")
    if operator in {"IN", "NOT IN"}:
        return Condition(field, operator, reader.list())
    value = reader.value()
    if operator == "DURING":
        return Condition(field, "BETWEEN", _during(str(value).upper(), today))
    if operator == "BETWEEN":
        if not reader.take("AND"):
            raise QueryError(
                "EXPECTED_VALUE_WITH_BETWEEN_OPERATOR", "Error in query: BETWEEN needs two values."
            )
        value = (value, reader.value())
    return Condition(field, operator, value)


def _during(name: str, today: date) -> tuple[str, str]:
    yesterday = today - timedelta(days=1)
    month = today.replace(day=1)
    spans = {
        "TODAY": (today, today),
        "YESTERDAY": (yesterday, yesterday),
        "LAST_7_DAYS": (today - timedelta(days=7), yesterday),
        "LAST_14_DAYS": (today - timedelta(days=14), yesterday),
        "LAST_30_DAYS": (today - timedelta(days=30), yesterday),
        "THIS_MONTH": (month, today),
        "LAST_MONTH": ((month - timedelta(days=1)).replace(day=1), month - timedelta(days=1)),
    }
    if name not in spans:
        raise QueryError("INVALID_VALUE_WITH_DURING_OPERATOR", f"Invalid value with DURING operator: {name}.")
    return spans[name][0].isoformat(), spans[name][1].isoformat()
