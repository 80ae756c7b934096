from __future__ import annotations

from datetime import UTC, datetime

from api import health
from errors import StoreUnavailable
from store import db, migrate, runs


def test_live_says_the_version(client):
    answer = client.get("/api/v1/health")
    assert answer.status_code == 200
    assert answer.json() == {"status": "live", "version": health.VERSION}


def test_ready_without_a_sidecar_yet(client):
    answer = client.get("/api/v1/ready")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ready",
        "store": {"reachable": True},
        "schema": {"applied": migrate.newest(), "expected": migrate.newest()},
        "sidecar": {"last_heartbeat": None, "age_s": None},
    }


def test_ready_tells_the_last_heartbeat(client):
    with db.instance() as connection:
        runs.say_hello(connection, "host:1")
    sidecar = client.get("/api/v1/ready").json()["sidecar"]
    assert 0 <= sidecar["age_s"] < 60
    assert datetime.fromisoformat(sidecar["last_heartbeat"]) <= datetime.now(UTC)


def test_old_schema_is_not_ready(client, monkeypatch):
    monkeypatch.setattr(migrate, "applied", lambda: "0001")
    answer = client.get("/api/v1/ready")
    assert answer.status_code == 503
    assert answer.json()["schema"]["applied"] == "0001"


def test_lost_store_is_live_but_not_ready(client, monkeypatch):
    def lost():
        raise StoreUnavailable("The database does not answer.")

    monkeypatch.setattr(migrate, "applied", lost)
    assert client.get("/api/v1/health").status_code == 200
    answer = client.get("/api/v1/ready")
    assert answer.status_code == 503
    assert answer.json()["store"] == {"reachable": False}
