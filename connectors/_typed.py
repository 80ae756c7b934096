"""Pages of rows decoded straight into typed records: several times faster than into dictionaries.

For streams with many rows. A record is a `msgspec.Struct`; what is not declared in it is skipped unread.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from errors import UnexpectedAnswer

if TYPE_CHECKING:
    from connectors._http import Http

T = TypeVar("T")


def decoder(kind: type[T]) -> msgspec.json.Decoder[T]:
    """Decodes JSON into `kind`; numbers may come as text, as platforms like to send them."""
    return msgspec.json.Decoder(kind, strict=False)


def ask_typed(
    http: Http,
    decode: msgspec.json.Decoder[T],
    url: str,
    params: dict[str, Any] | None = None,
    *,
    absent: bytes = b"",
    signed: bool = True,
) -> T:
    """The answer to a GET as a record. See `Http.ask`; raises UnexpectedAnswer naming the field that does not fit.

    `absent` is the JSON text of a value by which the platform says that it has none.
    """
    body = http.answer("GET", url, params=params, signed=signed).body
    try:
        return decode.decode(body.replace(absent, b"null") if absent else body)
    except msgspec.ValidationError as error:
        raise _odd(http.label, error) from error
    except (msgspec.DecodeError, UnicodeDecodeError):
        pass
    # It broke off on the way: once more, with the patience of `ask`.
    body = msgspec.json.encode(http.ask("GET", url, params=params, signed=signed))
    try:
        return decode.decode(body.replace(absent, b"null") if absent else body)
    except msgspec.ValidationError as error:
        raise _odd(http.label, error) from error


def finite(value: Decimal, field: str) -> Decimal:
    """The amount, unless it is no number: text such as "NaN" decodes to a Decimal too."""
    if value.is_finite():
        return value
    raise UnexpectedAnswer(f"The field {field} holds {value}, which is no amount. Nothing of it was stored.")


def _odd(label: str, error: msgspec.ValidationError) -> UnexpectedAnswer:
    return UnexpectedAnswer(
        f"{label}'s answer is not what it documents: {error}. Nothing of it was stored; it is tried again later."
    )
