"""The way into the database: one engine a process, transactions with or without a project in force.

The app works as the role `soundings_app`, which owns nothing and is bound by row-level security. A
transaction opened with `project(id)` sets `app.project_id` for its own length; without it, tables under
row-level security look empty. Migrations alone run as the connecting user.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import psycopg2.errors
import sqlalchemy as sa
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError, OperationalError

import settings
from errors import NoSpace, StoreUnavailable
from store import embedded

__all__ = [
    "Connection",
    "address",
    "connect_as_owner",
    "engine",
    "enter",
    "forget",
    "instance",
    "is_reachable",
    "project",
]

APP_ROLE = "soundings_app"
_RESTED = 2.0
"""Seconds after which an unused connection is asked whether it still lives."""
_starting = threading.Lock()


@cache
def address() -> str:
    """SQLAlchemy address of the database; starts the embedded server when none is configured."""
    with _starting:
        here = settings.current()
        return here.database_url or embedded.start(here.data)


def _work_as_app(connection: Any, _record: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (APP_ROLE,))
        if cursor.fetchone():
            cursor.execute(f"SET ROLE {APP_ROLE}")
    connection.commit()


def connect_as_owner() -> Engine:
    """A pool-less engine for migrations and for work on the schema. The caller disposes of it."""
    return sa.create_engine(address(), poolclass=sa.NullPool)


@cache
def engine() -> Engine:
    """The engine of this process, working as the app's role."""
    made = sa.create_engine(address(), pool_size=10, max_overflow=20, pool_recycle=1800, pool_use_lifo=True)
    event.listen(made, "connect", _work_as_app)
    event.listen(made, "checkin", _rest)
    event.listen(made, "checkout", _wake)
    return made


def _rest(_connection: Any, record: Any) -> None:
    record.info["rests_since"] = time.monotonic()


def _wake(connection: Any, record: Any, _proxy: Any) -> None:
    """Ask a connection that has rested whether it still lives; one that has just worked need not be asked, and a
    page takes a dozen in a row."""
    if time.monotonic() - record.info.get("rests_since", time.monotonic()) < _RESTED:
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        connection.rollback()
    except psycopg2.Error as error:
        raise sa.exc.DisconnectionError from error  # the pool then tries a new one


@contextmanager
def _plain_words() -> Iterator[None]:
    """Turn a lost server into StoreUnavailable and a full disk into NoSpace; all else is a defect and passes."""
    try:
        yield
    except OperationalError as error:
        if isinstance(error.orig, psycopg2.errors.DiskFull):
            raise NoSpace(
                "The database's disk is full. Nothing was written, and what was saved before is safe. "
                "Whoever runs the server must free some space; then try again."
            ) from error
        raise StoreUnavailable(
            "The database does not answer. Nothing was written; what was saved before is safe. Try again in a minute.",
            5,
        ) from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise StoreUnavailable(
                "The connection to the database broke off. Nothing was written. Try again.", 5
            ) from error
        raise


@contextmanager
def instance() -> Iterator[Connection]:
    """A transaction over the control tables. Data tables look empty in it."""
    with _plain_words(), engine().begin() as connection:
        yield connection


@contextmanager
def project(project_id: int, *, snapshot: bool = False) -> Iterator[Connection]:
    """A transaction that sees the data of one project and of no other. Committed at the end, or not at all.

    A `snapshot` sees all of it as it was at its first query, whatever others commit meanwhile.
    """
    chosen = engine().execution_options(isolation_level="REPEATABLE READ") if snapshot else engine()
    with _plain_words(), chosen.begin() as connection:
        enter(connection, project_id)
        yield connection


def enter(connection: Connection, project_id: int) -> None:
    """Put a project in force for the rest of the transaction."""
    connection.execute(sa.select(sa.func.set_config("app.project_id", str(int(project_id)), True)))


def is_reachable() -> bool:
    """True if the database answers a query now."""
    try:
        with engine().connect() as connection:
            return bool(connection.scalar(sa.text("SELECT 1")) == 1)
    except sa.exc.SQLAlchemyError:
        return False


def forget() -> None:
    """Close this process's engine so that the next use connects anew (tests, and after a fork)."""
    if engine.cache_info().currsize:
        engine().dispose()
    engine.cache_clear()
    address.cache_clear()


def shut_down() -> None:
    """The end of a process: close the engine, and stop the embedded server if this was its last user."""
    forget()
    here = settings.current()
    if here.database_url is None:
        embedded.stop(here.data)
