"""COPY: the fastest way into Postgres, from polars frames as CSV text.

Tables under row-level security refuse COPY, so it fills the staging tables (and the shared `rates`).
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

import polars as pl
import psycopg2
from sqlalchemy import Connection

from errors import BadInput, StoreUnavailable

_READ = 1 << 18


def as_csv(frame: pl.DataFrame) -> bytes:
    """The rows as COPY's CSV: null is nothing, the empty text is a pair of quotes, 1.5000000000 is 1.5."""
    padded = [name for name, kind in frame.schema.items() if isinstance(kind, pl.Decimal) and kind.scale]
    short = (pl.col(name).cast(pl.String).str.replace(r"\.?0+$", "") for name in padded)
    return frame.with_columns(short).write_csv(include_header=False).encode()


def send(connection: Connection, table: str, columns: Sequence[str], text: bytes) -> None:
    """COPY rows into `table`. Raises BadInput for a value that Postgres cannot hold, StoreUnavailable."""
    cursor = connection.connection.cursor()
    try:
        cursor.copy_expert(
            f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT csv)", BytesIO(text), _READ
        )
    except psycopg2.DataError as error:
        reason = (error.diag.message_primary or "a value does not fit").rstrip(".")
        raise BadInput(f"A value cannot be stored: {reason}. Nothing was written.") from error
    except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
        if connection.connection.dbapi_connection is None or cursor.connection.closed:
            connection.invalidate(error)
        raise StoreUnavailable(
            "The database stopped taking in rows. Nothing was written; what was saved before is safe. "
            "Look at the server's disk space and log, then try again.",
            5,
        ) from error
    finally:
        cursor.close()
