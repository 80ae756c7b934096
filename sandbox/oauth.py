"""Sign-in pages and the parts of a token request that platforms have in common.

The page stands at the platform's own authorize path, names what is asked for, and redirects with `code` and
`state` (Allow) or `error=access_denied` (Deny). Codes are single use, bound to the client and redirect URI.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from datetime import timedelta
from html import escape
from typing import Any
from urllib.parse import urlencode

from starlette.responses import HTMLResponse, Response

from sandbox.calls import Call
from sandbox.tokens import Token, Tokens

CODE_LIFE = timedelta(minutes=10)


def page(
    tokens: Tokens, platform: str, label: str, call: Call, client: str, code: str = "code",
    sign: Callable[[dict[str, str]], dict[str, str]] = dict, **claims: Any,
) -> Response:  # fmt: skip
    """The sign-in page with its two links. `client` names the query parameter of the app's id, `code` the
    parameter that brings the code back, `sign` may add to the redirect's query; `claims` travel in the code."""
    target = call.query.get("redirect_uri", "")
    if not target.startswith(("http://", "https://")) or not call.query.get(client):
        return HTMLResponse("<!DOCTYPE html><h1>Error 400: invalid_request</h1>", 400)
    claims |= {
        "client": call.query[client],
        "redirect": target,
        "scope": call.query.get("scope", ""),
        "challenge": call.query.get("code_challenge", ""),
        "how": call.query.get("code_challenge_method", "plain"),
    }
    state = {"state": call.query["state"]} if "state" in call.query else {}
    allow = _with(target, sign({code: tokens.issue(platform, "code", CODE_LIFE, **claims)} | state))
    deny = _with(target, {"error": "access_denied"} | state)
    return HTMLResponse(
        f'<!DOCTYPE html><html lang="en"><head><title>{label} (sandbox)</title></head><body>'
        f"<h1>{label} (sandbox)</h1><p>An app asks to read: {escape(claims['scope'] or 'your account')}.</p>"
        f'<p><a id="allow" href="{escape(allow)}">Allow</a> <a id="deny" href="{escape(deny)}">Deny</a></p>'
        "</body></html>"
    )


def _with(url: str, query: dict[str, str]) -> str:
    return url + ("&" if "?" in url else "?") + urlencode(query)


def exchange(tokens: Tokens, platform: str, form: dict[str, str], field: str = "code") -> Token | None:
    """The code of a token request, used up; None if it is not ours, ended, used, or for another redirect
    URI or verifier."""
    text = form.get(field, "")
    token = tokens.read(platform, text, "code")
    if token is None or token.problem:
        return None
    if "redirect_uri" in form and form["redirect_uri"] != token.claims["redirect"]:
        return None
    if not _verified(token.claims, form.get("code_verifier", "")):
        return None
    tokens.use_up(text)
    return token


def _verified(claims: dict[str, Any], verifier: str) -> bool:
    challenge = claims.get("challenge", "")
    if not challenge:
        return True
    if claims.get("how") != "S256":
        return bool(challenge == verifier)
    digest = hashlib.sha256(verifier.encode()).digest()
    return bool(base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == challenge)


def basic(call: Call) -> tuple[str, str]:
    """Name and password of an `Authorization: Basic` header, empty without one."""
    scheme, _, text = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        name, _, password = base64.b64decode(text).decode().partition(":")
    except ValueError:
        return "", ""
    return name, password
