"""Reading figures from answers: exact, and with an error that names the field where one is not what it should be."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from errors import UnexpectedAnswer

_MILLION = Decimal(1_000_000)
_NOTHING = {None, "", "-", "--"}


def count(value: Any, field: str) -> int | None:
    """A whole number (also as text, also 12.0); None where the platform says nothing."""
    if type(value) is int:
        return value
    found = amount(value, field)
    if found is None:
        return None
    if found != found.to_integral_value():
        raise _odd(field, value)
    return int(found)


def amount(value: Any, field: str) -> Decimal | None:
    """An exact number; None where the platform says nothing."""
    if type(value) is bool or isinstance(value, (dict, list, float)):
        raise _odd(field, value)
    if value in _NOTHING:
        return None
    try:
        found = Decimal(value)
    except (InvalidOperation, TypeError, ValueError):
        raise _odd(field, value) from None
    if not found.is_finite():
        raise _odd(field, value)
    return found


def micros(value: Any, field: str) -> Decimal | None:
    """Millionths of a currency unit, as an exact amount."""
    found = count(value, field)
    return None if found is None else found / _MILLION


def day(value: Any, field: str) -> date:
    """2026-11-02, 20261102 or 2026-11-02 00:00:00."""
    text = str(value)[:10]
    try:
        return date.fromisoformat(text if "-" in text else text[:8])
    except ValueError:
        raise _odd(field, value) from None


def moment(value: Any, field: str) -> datetime:
    """An ISO time with its zone, as UTC."""
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        raise _odd(field, value) from None
    if found.tzinfo is None:
        raise _odd(field, value)
    return found.astimezone(UTC)


def text(value: Any, field: str) -> str:
    """Text, or a number as text (ids come both ways)."""
    if isinstance(value, str):
        return value
    if type(value) is int:
        return str(value)
    raise _odd(field, value)


def inside(answer: Any, *path: str) -> Any:
    """What lies under these keys. UnexpectedAnswer where one is missing or no object."""
    found = answer
    for n, key in enumerate(path):
        if not isinstance(found, dict) or key not in found:
            raise UnexpectedAnswer(
                f"The answer lacks the field {'.'.join(path[: n + 1])}. Nothing of it was stored; it is tried again later."
            )
        found = found[key]
    return found


def listed(answer: Any, *path: str) -> list[Any]:
    """The list under these keys. UnexpectedAnswer where it is missing or none."""
    found = inside(answer, *path)
    if not isinstance(found, list):
        raise _odd(".".join(path), found)
    return found


def _odd(field: str, value: Any) -> UnexpectedAnswer:
    shown = type(value).__name__ if isinstance(value, (dict, list)) else repr(value)[:40]
    return UnexpectedAnswer(
        f"The field {field} holds {shown}, which is not what the platform documents. Nothing of this answer was stored."
    )
