from __future__ import annotations

import warnings

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount

with warnings.catch_warnings():  # it would rather have the successor of httpx, which is new
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

from api import main
from api.guard import SecurityHeaders


@pytest.fixture
def client(database) -> TestClient:
    """A browser at http://testserver, behind the same middleware as in the app."""
    app = Starlette(routes=[Mount("/api", main.build())], middleware=[Middleware(SecurityHeaders)])
    return TestClient(app, raise_server_exceptions=False)
