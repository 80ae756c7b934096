"""Signing in and out of a browser: a ticket becomes an HttpOnly cookie, and back.

A page runs over a websocket, where no cookie can be set; a line of script on the sign-in page calls these.
"""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from api.guard import client_address, from_own_page, is_https
from store import audit, sessions

router = APIRouter(prefix="/v1/session", dependencies=[Depends(from_own_page)])
_LONGEST = 400 * 24 * 3600  # seconds, the most that browsers allow: the row in the database decides


class Ticket(BaseModel):
    """What a right passphrase gave the page."""

    ticket: str = Field(max_length=100)


def cookie_name() -> str:
    """Under https the `__Host-` prefix keeps subdomains and plain http from planting a cookie."""
    return "__Host-soundings" if is_https() else "soundings_session"


@router.post("")
def sign_in(ticket: Ticket, request: Request, response: Response) -> dict[str, str]:
    """Trade a ticket for the session cookie."""
    token = sessions.start(ticket.ticket, client_address(request), request.headers.get("user-agent"))
    response.set_cookie(
        cookie_name(), token, max_age=_LONGEST, path="/", secure=is_https(), httponly=True, samesite="lax"
    )
    return {"status": "signed_in"}


@router.delete("")
def sign_out(request: Request, response: Response) -> dict[str, str]:
    """End this browser's session and forget its cookie."""
    audit.acting_from(client_address(request))
    sessions.end(request.cookies.get(cookie_name()))
    response.delete_cookie(cookie_name(), path="/", secure=is_https(), httponly=True, samesite="lax")
    return {"status": "signed_out"}
