"""The way back from a platform's sign-in page.

The browser arrives by a plain link with a code and our state. The state is single-use and known by its hash;
the session cookie, which browsers send along with such a link (SameSite=Lax), says who the person is, and
their role in the connection's project is checked before the code is traded for tokens.
"""

from __future__ import annotations

import logging
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse

import settings
from api.guard import client_address
from api.session import cookie_name
from connectors._redaction import clean, hide
from errors import SoundingsError
from store import audit, db, sessions
from syncing import connecting

PATH = "/api/v1/oauth/callback"
router = APIRouter(prefix="/v1/oauth")
_log = logging.getLogger("soundings.api")


def redirect_uri() -> str:
    """Where platforms send people back to: to be registered with the team's OAuth app."""
    return f"{settings.current().address_shown}{PATH}"


@router.get("/callback")
def callback(request: Request) -> RedirectResponse:
    """Store what the platform gave and go back to the Connections page, which says how it went.

    What went wrong is kept with the connection: a text in the address could be anybody's.
    """
    given = request.query_params
    code = given.get("code") or given.get("auth_code") or ""
    hide(code)
    audit.acting_from(client_address(request))
    try:
        with db.instance() as connection:
            login = connecting.login_back(connection, given.get("state", ""))
    except SoundingsError:
        return _back(problem="expired")
    where = {"project": str(login.project_id), "connection": str(login.id)}
    person = sessions.find(request.cookies.get(cookie_name()))
    if person is None:
        return _back(**where, problem="signed_out")
    try:
        connecting.come_back(person, login, code, dict(given))
    except SoundingsError as error:
        _log.info("connection %s: %s", login.id, clean(str(error)))
        connecting.note_problem(person, login, clean(str(error)))
        return _back(**where, problem="failed")
    return _back(**where)


def _back(**parameters: str) -> RedirectResponse:
    answer = RedirectResponse(f"/connections?{urlencode(parameters)}", status_code=303)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer
