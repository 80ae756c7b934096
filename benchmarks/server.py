"""A scratch database for a benchmark: the product's own embedded server and settings, thrown away after."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

import settings
from store import db, embedded, migrate

_NAME = f"soundings_benchmark_{os.getpid()}"


@contextmanager
def scratch(database_url: str | None) -> Iterator[sa.Engine]:
    """A migrated empty database that `store.db` is connected to; an engine of its owner.

    With an address, a database of its own is made on that server and dropped at the end.
    """
    with tempfile.TemporaryDirectory(prefix="soundings-benchmark-") as folder:
        given = settings.read({"DATABASE_URL": database_url}).database_url if database_url else None
        address = given or embedded.start(Path(folder) / "data")
        with _admin(address) as admin:
            admin.execute(sa.text(f"DROP DATABASE IF EXISTS {_NAME} WITH (FORCE)"))
            admin.execute(sa.text(f"CREATE DATABASE {_NAME}"))
        with _connected(address, _NAME, folder) as owner:
            yield owner
        with _admin(address) as admin:
            admin.execute(sa.text(f"DROP DATABASE {_NAME} WITH (FORCE)"))
        if given is None:
            embedded.stop(Path(folder) / "data")


@contextmanager
def kept(folder: Path) -> Iterator[sa.Engine]:
    """As `scratch`, but the server's files stay in a folder, so that what took long to build serves again."""
    address = embedded.start(folder / "data")
    name = "soundings_kept"
    with _admin(address) as admin:
        if not admin.scalar(sa.text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name}):
            admin.execute(sa.text(f"CREATE DATABASE {name}"))
    try:
        with _connected(address, name, str(folder)) as owner:
            yield owner
    finally:
        embedded.stop(folder / "data")


@contextmanager
def _admin(address: str) -> Iterator[sa.Connection]:
    engine = sa.create_engine(address, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@contextmanager
def _connected(address: str, name: str, folder: str) -> Iterator[sa.Engine]:
    own = sa.make_url(address).set(database=name).render_as_string(hide_password=False)
    with _environment({"DATABASE_URL": own, "SOUNDINGS_DATA": folder}):
        migrate.upgrade()
        owner = db.connect_as_owner()
        try:
            yield owner
        finally:
            owner.dispose()


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    """Point settings and store elsewhere for a while."""
    before = dict(os.environ)
    os.environ |= values
    settings.current.cache_clear()
    db.forget()
    try:
        yield
    finally:
        db.forget()
        os.environ.clear()
        os.environ |= before
        settings.current.cache_clear()
