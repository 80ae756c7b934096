"""Guards for answers whose shape is not what the platform documents."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from connectors._values import text
from errors import UnexpectedAnswer


def currency(value: Any, field: str) -> str:
    """A currency's code. UnexpectedAnswer for anything but three capital letters."""
    code = text(value, field)
    if len(code) == 3 and code.isascii() and code.isalpha() and code.isupper():
        return code
    raise UnexpectedAnswer(
        f"The field {field} holds {code[:20]!r}, which is no currency. Nothing of it was stored."
    )


@contextmanager
def expecting(what: str) -> Iterator[None]:
    """An answer that has a list for an object, or none at all, becomes UnexpectedAnswer.

    For the loops that read thousands of rows, where asking each value for its type costs more than reading it.
    """
    try:
        yield
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise UnexpectedAnswer(
            f"{what} does not have the shape that the platform documents ({type(error).__name__}). Nothing of this "
            "answer was stored."
        ) from error
