"""Runs: claimed once, taken over when their sidecar dies, given up after three attempts, failed in plain words."""

from __future__ import annotations

import errno
from datetime import UTC, datetime, timedelta

import psycopg2.errors
import pytest
import sqlalchemy as sa

from errors import BadInput, StoreUnavailable
from store import db, runs, uploads
from store.models import runs as table
from syncing import imports, worker
from tests.syncing.files import meta_file, receive, stored
from tests.syncing.test_imports import days


def ask(project: int, kind: str = "inspect", **params) -> int:
    with db.project(project) as connection:
        return runs.request(connection, project, kind, params, None)


def run_of(project: int, run_id: int) -> runs.Run:
    with db.project(project) as connection:
        return runs.read(connection, project, run_id)


def age(run_id: int, **columns) -> None:
    with db.instance() as connection:
        connection.execute(sa.update(table).where(table.c.id == run_id).values(columns))


def test_an_upload_is_understood_and_imported_by_runs(make_project):
    project = make_project()
    upload = receive(project, meta_file(days(3)))
    ask(project, upload_id=upload, answers={"account": "Shop"})
    assert worker.work_once("a")
    importing = ask(project, "import", upload_id=upload, answers={"account": "Shop"}, tables=[0])
    assert worker.work_once("a")
    run = run_of(project, importing)
    assert run.state == "done"
    assert len(stored(project)["daily_metrics"]) == 3
    undoing = ask(project, "undo", batch_id=run.result["batches"][0])
    assert worker.work_once("a")
    assert run_of(project, undoing).state == "done"
    assert not any(stored(project).values())


def test_nothing_waits_nothing_is_done(database):
    assert worker.work_once("a") is False


def test_a_run_is_claimed_by_one_sidecar_only(make_project):
    run_id = ask(make_project(), upload_id=1)
    with db.instance() as one, db.instance() as two:
        assert runs.claim(one, "one").id == run_id
        assert runs.claim(two, "two") is None


def test_a_run_whose_sidecar_died_is_taken_over_and_the_dead_one_cannot_finish_it(make_project):
    run_id = ask(make_project(), upload_id=1)
    with db.instance() as connection:
        runs.claim(connection, "dead")
    age(run_id, heartbeat_at=datetime.now(UTC) - timedelta(minutes=5))
    with db.instance() as connection:
        assert runs.claim(connection, "alive").id == run_id
        assert runs.beat(connection, run_id, "dead") is False
        assert runs.beat(connection, run_id, "alive") is True


def test_a_run_that_ends_its_process_three_times_is_given_up(make_project):
    project = make_project()
    run_id = ask(project, upload_id=1)
    for _ in range(runs.MOST_ATTEMPTS):
        with db.instance() as connection:
            assert runs.claim(connection, "a")
        age(run_id, heartbeat_at=datetime.now(UTC) - timedelta(minutes=5))
    with db.instance() as connection:
        assert runs.claim(connection, "a") is None
    found = run_of(project, run_id)
    assert found.state == "failed"
    assert "three times" in found.error


def test_a_refused_import_says_why_and_leaves_the_upload_to_be_answered(make_project):
    project = make_project()
    upload = receive(project, meta_file(days(3)))
    run_id = ask(project, "import", upload_id=upload, answers={}, tables=[7])
    worker.work_once("a")
    assert "Choose at least one table" in run_of(project, run_id).error
    with db.project(project) as connection:
        assert uploads.read(connection, project, upload).state == "understood"


def test_an_unforeseen_error_shows_a_reference_and_no_details(make_project, monkeypatch):
    project = make_project()
    upload = receive(project, meta_file(days(3)))
    run_id = ask(project, "inspect", upload_id=upload)
    monkeypatch.setitem(worker.WORK, "inspect", lambda *_: 1 / 0)
    worker.work_once("a")
    error = run_of(project, run_id).error
    assert "Reference" in error
    assert "division" not in error


def test_a_database_that_goes_away_leaves_the_run_to_be_taken_up_again(make_project, monkeypatch):
    project = make_project()
    run_id = ask(project, "inspect", upload_id=1)

    def gone(*_):
        raise StoreUnavailable("gone")

    monkeypatch.setitem(worker.WORK, "inspect", gone)
    worker.work_once("a")
    assert run_of(project, run_id).state == "running"


def test_a_full_disk_is_said_and_nothing_is_written(make_project, monkeypatch):
    project = make_project()
    upload = receive(project, meta_file(days(3)))
    full = sa.exc.OperationalError("INSERT", {}, psycopg2.errors.DiskFull())
    for error in (full, OSError(errno.ENOSPC, "No space left on device")):
        real = imports.write

        def breaks_off(*arguments, error=error, real=real, **named):
            real(*arguments, **named)
            raise error

        monkeypatch.setattr(imports, "write", breaks_off)
        run_id = ask(project, "import", upload_id=upload, answers={"account": "Shop"}, tables=[0])
        worker.work_once("a")
        assert "disk is full" in run_of(project, run_id).error
        monkeypatch.undo()
    assert not any(stored(project).values())


def test_an_import_whose_connection_is_cut_is_taken_up_again_and_done_once(make_project, monkeypatch):
    project = make_project()
    upload = receive(project, meta_file(days(3)))
    real = imports.write

    def cut(connection, *arguments):
        made = real(connection, *arguments)
        pid = connection.scalar(sa.text("SELECT pg_backend_pid()"))
        owner = db.connect_as_owner()
        with owner.begin() as admin:
            admin.execute(sa.text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
        owner.dispose()
        return made

    monkeypatch.setattr(imports, "write", cut)
    run_id = ask(project, "import", upload_id=upload, answers={"account": "Shop"}, tables=[0])
    worker.work_once("a")
    assert run_of(project, run_id).state == "running"
    assert not any(stored(project).values())
    monkeypatch.undo()
    age(run_id, heartbeat_at=datetime.now(UTC) - timedelta(minutes=5))
    assert worker.work_once("b")
    assert run_of(project, run_id).state == "done"
    assert len(stored(project)["daily_metrics"]) == 3


def test_progress_is_seen_while_the_work_goes_on(make_project):
    project = make_project()
    run_id = ask(project, upload_id=1)
    worker._speaker(run_id)("Writing", 3, 10)
    found = run_of(project, run_id)
    assert (found.stage, found.units_done, found.units_total) == ("Writing", 3, 10)


def test_a_file_over_the_limit_leaves_nothing_behind(make_project):
    project = make_project()
    with pytest.raises(BadInput, match="larger than"), db.project(project) as connection:
        uploads.receive(connection, project, "big.csv", iter([b"x" * 700_000] * 2), None, 1_000_000)
    with db.project(project) as connection:
        assert uploads.waiting(connection, project) == []
        assert connection.scalar(sa.text("SELECT count(*) FROM upload_chunks")) == 0


def test_the_bytes_of_a_file_come_back_as_they_were_sent(make_project):
    project = make_project()
    content = bytes(range(256)) * 40_000
    upload = receive(project, content)
    with db.project(project) as connection:
        assert b"".join(uploads.content(connection, project, upload)) == content


def test_a_sidecar_says_that_it_is_alive(database):
    with db.instance() as connection:
        assert runs.last_hello(connection) is None
        runs.say_hello(connection, "a")
        first = runs.last_hello(connection)
        runs.say_hello(connection, "a")
        assert runs.last_hello(connection) >= first
