"""One JSON shape for all errors: `{"error": {"code", "message"[, "retry_after_s"|"reference"]}}`."""

from __future__ import annotations

import logging
import secrets
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

import errors

_log = logging.getLogger("soundings.api")

_STATUS: dict[type[errors.SoundingsError], tuple[int, str]] = {
    errors.StoreUnavailable: (503, "store_unavailable"),
    errors.TryLater: (429, "try_later"),
    errors.BadInput: (400, "bad_input"),
    errors.NotFound: (404, "not_found"),
    errors.NotAllowed: (403, "not_allowed"),
    errors.SignInNeeded: (401, "sign_in_needed"),
    errors.KeyMismatch: (409, "key_mismatch"),
}


def _answer(status: int, code: str, message: str, **more: Any) -> JSONResponse:
    return JSONResponse({"error": {"code": code, "message": message, **more}}, status)


def _ours(_request: Request, error: Exception) -> JSONResponse:
    found = [known for kind, known in _STATUS.items() if isinstance(error, kind)]
    status, code = found[0] if found else (500, "error")
    answer = _answer(status, code, str(error))
    if isinstance(error, errors.TryLater) and error.seconds is not None:
        answer = _answer(status, code, str(error), retry_after_s=error.seconds)
        answer.headers["Retry-After"] = str(error.seconds)
    return answer


def _http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    phrase = HTTPStatus(error.status_code).phrase
    answer = _answer(error.status_code, phrase.lower().replace(" ", "_"), f"{phrase}.")
    answer.headers.update(error.headers or {})
    return answer


def _invalid(_request: Request, error: Exception) -> JSONResponse:
    """Names the fields that are wrong, never what was sent in them."""
    assert isinstance(error, RequestValidationError)
    fields = ", ".join(
        sorted({".".join(str(part) for part in e["loc"][1:]) or "body" for e in error.errors()})
    )
    return _answer(400, "bad_input", f"The request cannot be used: check {fields}.")


def _unknown(_request: Request, error: Exception) -> JSONResponse:
    reference = secrets.token_hex(4)
    _log.error("reference %s", reference, exc_info=error)
    message = f"Something broke on our side. Tell your administrator the reference {reference}."
    return _answer(500, "error", message, reference=reference)


def install(app: FastAPI) -> None:
    """Give an app the one error shape."""
    app.add_exception_handler(errors.SoundingsError, _ours)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _unknown)
