"""The FastAPI app that app.py mounts under `/api`."""

from __future__ import annotations

from fastapi import FastAPI

from api import errors, health, oauth, session


def build() -> FastAPI:
    """The API with all its routes; its documentation pages are off, they would be open to everybody."""
    app = FastAPI(title="Soundings", version=health.VERSION, docs_url=None, redoc_url=None, openapi_url=None)
    errors.install(app)
    app.include_router(health.router)
    app.include_router(session.router)
    app.include_router(oauth.router)
    return app
