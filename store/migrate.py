"""Schema changes: Alembic migrations, applied at every start under an advisory lock.

Two processes that start at once wait for each other; the second finds nothing left to do.
"""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from errors import StoreUnavailable
from store import db

_LOCK = 0x50D1_0001  # any number that no other program uses on this database
_log = logging.getLogger(__name__)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


@cache
def newest() -> str:
    """Revision that this version of the code works with."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None
    return head


def applied() -> str | None:
    """Revision that the database is at; None before the first start. Raises StoreUnavailable."""
    try:
        with db.engine().connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    except sa.exc.OperationalError as error:
        raise StoreUnavailable("The database does not answer.", 5) from error


def upgrade() -> None:
    """Bring the schema up to date; other processes that start meanwhile wait."""
    owner = db.connect_as_owner()
    try:
        with owner.connect() as lock:
            lock.execute(sa.text("SELECT pg_advisory_lock(:id)"), {"id": _LOCK})
            lock.commit()
            try:
                with owner.begin() as connection:
                    config = _config()
                    config.attributes["connection"] = connection
                    command.upgrade(config, "head")
            finally:
                lock.execute(sa.text("SELECT pg_advisory_unlock(:id)"), {"id": _LOCK})
    except sa.exc.OperationalError as error:
        raise StoreUnavailable(
            "The database cannot be reached, so Soundings cannot start. Check DATABASE_URL and that the server runs.",
            5,
        ) from error
    finally:
        owner.dispose()
    _log.info("schema is at %s", newest())
