"""Is the process alive, and can it do its work: for containers, load balancers and administrators."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Response

from errors import StoreUnavailable
from store import db, migrate, runs

VERSION = "0.1.0"
router = APIRouter(prefix="/v1")


@router.get("/health")
def health() -> dict[str, str]:
    """The process answers; says nothing about the database."""
    return {"status": "live", "version": VERSION}


def _sidecar() -> dict[str, Any]:
    with db.instance() as connection:
        last = runs.last_hello(connection)
    age = None if last is None else round((datetime.now(UTC) - last).total_seconds(), 1)
    return {"last_heartbeat": None if last is None else last.isoformat(), "age_s": age}


@router.get("/ready")
def ready(response: Response) -> dict[str, Any]:
    """200 when the store answers with the schema of this version, 503 otherwise."""
    expected = migrate.newest()
    try:
        applied = migrate.applied()
        sidecar = _sidecar() if applied == expected else {"last_heartbeat": None, "age_s": None}
        reachable = True
    except StoreUnavailable:
        applied, reachable, sidecar = None, False, {"last_heartbeat": None, "age_s": None}
    is_ready = reachable and applied == expected
    response.status_code = 200 if is_ready else 503
    return {
        "status": "ready" if is_ready else "not_ready",
        "store": {"reachable": reachable},
        "schema": {"applied": applied, "expected": expected},
        "sidecar": sidecar,
    }
