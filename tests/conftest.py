"""Real Postgres for every test that asks for it: one embedded server a test session, one database a worker.

`database` empties all tables (the exchange rates aside) before the test, so no test depends on another.
Set TEST_DATABASE_URL to run against another server whose user may create databases.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

import settings
from store import db, embedded, migrate

KEPT = {"alembic_version", "rates"}

_EMPTY = """
DO $$
DECLARE name text; filled boolean;
BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND NOT tablename = ANY ('{kept}') LOOP
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I)', name) INTO filled;
        IF filled THEN EXECUTE format('TRUNCATE %I RESTART IDENTITY CASCADE', name); END IF;
    END LOOP;
END $$
"""


def _worker() -> str:
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


@pytest.fixture(scope="session")
def server_address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Address of the server's maintenance database, shared by all workers of a test session."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        return settings.read({"DATABASE_URL": given}).database_url or ""
    # Not below pytest's own folder: that is closed to the system user whom the server runs as under root.
    base = tmp_path_factory.getbasetemp()
    name = (base.parent if _worker() != "main" else base).name
    return embedded.start(Path(tempfile.gettempdir()) / f"soundings-tests-{os.getuid()}-{name}")


@pytest.fixture(scope="session")
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder for what the app keeps in files (the key file)."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="session")
def _database(server_address: str, data_folder: Path) -> Iterator[str]:
    name = f"soundings_{_worker()}"
    admin = sa.create_engine(server_address, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with admin.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    address = sa.make_url(server_address).set(database=name).render_as_string(hide_password=False)
    os.environ |= {"DATABASE_URL": address, "SOUNDINGS_DATA": str(data_folder), "SOUNDINGS_SIDECAR": "off"}
    settings.current.cache_clear()
    db.forget()
    migrate.upgrade()
    yield address
    db.forget()
    with admin.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def database(_database: str) -> str:
    """An empty, migrated database that `store.db` is connected to; its address."""
    owner = db.connect_as_owner()
    with owner.begin() as connection:
        connection.execute(sa.text(_EMPTY.replace("{kept}", "{" + ",".join(KEPT) + "}")))
    owner.dispose()
    return _database


@pytest.fixture
def make_project(database: str) -> Callable[..., int]:
    """Insert a project and return its id; keyword arguments override its columns."""

    def make(name: str = "Shop", **columns: object) -> int:
        from store.models import projects

        values = {
            "name": name,
            "currency": "EUR",
            "time_zone": "Europe/Berlin",
            "customer_salt": "salt",
            "created_at": datetime(2026, 1, 1, tzinfo=UTC),
            **columns,
        }
        with db.instance() as connection:
            return connection.scalar(sa.insert(projects).values(values).returning(projects.c.id))

    return make


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, so that no worker is left with one of them at the end."""
    long = ("test_fault_sequences", "test_contract", "tests/browser/", "test_scheduler")
    items.sort(key=lambda item: not any(name in item.nodeid for name in long))
