"""Isolation between projects, and the schema."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from store import db, migrate
from store.models import DATA_TABLES, MEASURES, daily_metrics, metadata, sources


def _add_source(project_id: int, name: str) -> None:
    with db.project(project_id) as connection:
        connection.execute(
            sa.insert(sources).values(
                project_id=project_id,
                platform="meta_ads",
                channel="meta_ads",
                account_key=name,
                name=name,
                created_at=sa.func.now(),
            )
        )


def test_a_query_that_forgets_the_project_filter_sees_only_its_own_project(make_project):
    mine, theirs = make_project("Mine"), make_project("Theirs")
    _add_source(mine, "a")
    _add_source(theirs, "b")
    with db.project(mine) as connection:
        assert connection.scalars(sa.select(sources.c.name)).all() == ["a"]
        connection.execute(sa.delete(sources))
    with db.project(theirs) as connection:
        assert connection.scalars(sa.select(sources.c.name)).all() == ["b"]


def test_without_a_project_in_force_nothing_is_seen(make_project):
    _add_source(make_project(), "a")
    with db.instance() as connection:
        assert connection.scalars(sa.select(sources.c.name)).all() == []


def test_a_row_cannot_be_written_into_another_project(make_project):
    mine, theirs = make_project("Mine"), make_project("Theirs")
    with pytest.raises(sa.exc.ProgrammingError, match="row-level security"), db.project(mine) as connection:
        connection.execute(
            sa.insert(sources).values(
                project_id=theirs,
                platform="x",
                channel="x",
                account_key="x",
                name="x",
                created_at=sa.func.now(),
            )
        )


def test_the_project_in_force_ends_with_its_transaction(make_project):
    mine = make_project()
    with db.project(mine):
        pass
    with db.instance() as connection:
        assert connection.scalar(sa.text("SELECT current_setting('app.project_id', true)")) in {None, ""}


def test_every_table_with_a_leading_project_is_under_row_level_security(database):
    control = {"members", "audit", "schedules"}
    leading = {
        t.name
        for t in metadata.sorted_tables
        if next(iter(t.columns)).name == "project_id" and t.name not in control
    }
    staged = {name for name in leading if name.startswith("staged_")}
    assert {t.name for t in DATA_TABLES} == leading - staged
    with db.instance() as connection:
        secured = connection.scalars(
            sa.text("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
        ).all()
    assert set(secured) == {t.name for t in DATA_TABLES}


def test_the_views_hide_other_projects(make_project):
    mine, theirs = make_project("Mine"), make_project("Theirs")
    _add_source(theirs, "b")
    with db.project(mine) as connection:
        views = connection.scalars(sa.text("SELECT viewname FROM pg_views WHERE schemaname = 'public'")).all()
        assert len(views) >= 6
        for view in views:
            assert connection.scalar(sa.text(f"SELECT count(*) FROM {view}")) == 0


def test_migrations_and_models_describe_the_same_schema(database):
    with db.engine().connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_facts_and_roll_ups_have_the_same_measures(database):
    assert [c.name for c in daily_metrics.columns if c.name in MEASURES] == list(MEASURES)


def test_two_processes_that_start_at_once_migrate_once(database):
    owner = db.connect_as_owner()
    with owner.begin() as connection:
        connection.execute(sa.text("DROP SCHEMA public CASCADE"))
        connection.execute(sa.text("CREATE SCHEMA public"))
    failures: list[BaseException] = []

    def start() -> None:
        try:
            migrate.upgrade()
        except BaseException as error:
            failures.append(error)

    starts = [threading.Thread(target=start) for _ in range(3)]
    for thread in starts:
        thread.start()
    for thread in starts:
        thread.join()
    db.forget()
    assert failures == []
    assert migrate.applied() == migrate.newest()
