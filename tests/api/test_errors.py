from __future__ import annotations

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

import errors as kinds
from api import errors


@pytest.fixture
def fails():
    """A client of an app whose only route raises what the test says."""
    app, raised = FastAPI(), []
    errors.install(app)

    @app.get("/fail")
    def fail(number: int = 0) -> None:
        raise raised[0]

    client = TestClient(app, raise_server_exceptions=False)

    def ask(error, path="/fail"):
        raised[:] = [error]
        return client.get(path)

    return ask


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (kinds.BadInput("no"), 400, "bad_input"),
        (kinds.UnreadableFile("no"), 400, "bad_input"),
        (kinds.SignInNeeded("no"), 401, "sign_in_needed"),
        (kinds.NotAllowed("no"), 403, "not_allowed"),
        (kinds.NotFound("no"), 404, "not_found"),
        (kinds.KeyMismatch("no"), 409, "key_mismatch"),
        (kinds.TryLater("no"), 429, "try_later"),
        (kinds.StoreUnavailable("no"), 503, "store_unavailable"),
        (kinds.SoundingsError("no"), 500, "error"),
    ],
)
def test_each_kind_has_its_status_in_one_shape(fails, error, status, code):
    answer = fails(error)
    assert answer.status_code == status
    assert answer.json() == {"error": {"code": code, "message": "no"}}


def test_try_later_says_when(fails):
    answer = fails(kinds.TryLater("Wait.", 90))
    assert answer.headers["Retry-After"] == "90"
    assert answer.json()["error"]["retry_after_s"] == 90


def test_unknown_error_has_a_reference_and_no_details(fails, caplog):
    answer = fails(ZeroDivisionError("secret detail"))
    assert answer.status_code == 500
    assert answer.json()["error"]["reference"] in caplog.text
    assert "secret detail" not in answer.text


def test_wrong_field_is_named_but_not_repeated(fails):
    answer = fails(None, "/fail?number=hunter2")
    assert answer.status_code == 400
    assert "number" in answer.json()["error"]["message"]
    assert "hunter2" not in answer.text


def test_unknown_path_has_the_same_shape(client):
    for path in ("/api/v1/nothing", "/api/docs", "/api/openapi.json"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert answer.json()["error"]["code"] == "not_found"


def test_answers_carry_protective_headers(client):
    headers = client.get("/api/v1/health").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'self'" in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
