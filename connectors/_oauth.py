"""OAuth 2.0 as far as platforms agree: the address to send a person to, a code for tokens, fresh tokens.

Authorization code grant RFC 6749 4.1, PKCE with S256 RFC 7636, refresh RFC 6749 6. The OAuth app is the
team's own: its id and secret are fields of the credentials. What a platform does differently it overrides.
"""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from connectors._redaction import hide
from errors import NeedsReconnect, Refused, SoundingsError, UnexpectedAnswer

if TYPE_CHECKING:
    from connectors._http import Answer, Http

_GONE = {"invalid_grant", "invalid_token", "unauthorized_client", "access_denied"}


def verifier() -> str:
    """A fresh PKCE code verifier (43 characters, 256 bits)."""
    return secrets.token_urlsafe(32)


def challenge(verifier: str) -> str:
    """The S256 challenge of a verifier."""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


@dataclass(frozen=True)
class OAuth:
    """How a platform does it. `id_field` and `secret_field` name the app's id and secret in the credentials."""

    authorize: str
    token: str
    scopes: tuple[str, ...]
    separator: str = " "
    pkce: bool = False
    basic: bool = False
    extra: Mapping[str, str] = field(default_factory=dict)
    refresh_extra: Mapping[str, str] = field(default_factory=dict)
    id_field: str = "client_id"
    secret_field: str = "client_secret"  # noqa: S105
    id_parameter: str = "client_id"
    code_parameter: str = "code"

    def address(self, app: Mapping[str, Any], redirect_uri: str, state: str, verifier: str) -> str:
        """Where the person goes to allow it. The app's secret is not in it."""
        query = {
            self.id_parameter: app[self.id_field],
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "state": state,
            **({"scope": self.separator.join(self.scopes)} if self.scopes else {}),
            **({"code_challenge": challenge(verifier), "code_challenge_method": "S256"} if self.pkce else {}),
            **self.extra,
        }
        return f"{self.authorize}?{urlencode(query)}"

    def exchange(
        self, http: Http, label: str, app: Mapping[str, Any], code: str, redirect_uri: str, verifier: str
    ) -> dict[str, Any]:
        """Tokens for the code that came back, as fields of the credentials. Raises NeedsReconnect."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        if self.pkce:
            form["code_verifier"] = verifier
        return self._asked(http, label, app, form)

    def refresh(self, http: Http, label: str, credentials: Mapping[str, Any]) -> dict[str, Any]:
        """Fresh tokens by the refresh token, as fields of the credentials. Raises NeedsReconnect."""
        form = {
            "grant_type": "refresh_token",
            "refresh_token": credentials["refresh_token"],
            **self.refresh_extra,
        }
        return self._asked(http, label, credentials, form)

    def _asked(self, http: Http, label: str, app: Mapping[str, Any], form: dict[str, Any]) -> dict[str, Any]:
        hide(form.get("code"), form.get("refresh_token"), app.get(self.secret_field))
        auth = None
        if self.basic:
            auth = (str(app.get(self.id_field, "")), str(app.get(self.secret_field, "")))
        else:
            form = {**form, "client_id": app.get(self.id_field), "client_secret": app.get(self.secret_field)}
        form = {name: value for name, value in form.items() if value}
        quiet, http.judge = http.judge, lambda answer: _refusal(label, answer)
        renewing, http.renew = http.renew, lambda: False
        try:
            found = http.ask("POST", self.token, data=form, auth=auth, signed=False)
        finally:
            http.judge, http.renew = quiet, renewing
        return fields(found, label)


def fields(found: Any, label: str) -> dict[str, Any]:
    """A token answer as fields of the credentials: access_token, expires_at, and a refresh_token if one came."""
    token = found.get("access_token") if isinstance(found, dict) else None
    if not isinstance(token, str) or not token:
        raise UnexpectedAnswer(f"{label} answered the sign-in without an access token. Try again.")
    now = datetime.now(UTC).timestamp()
    made: dict[str, Any] = {"access_token": token}
    hide(token, found.get("refresh_token"))
    made["expires_at"] = _after(now, found.get("expires_in"), label)
    if found.get("refresh_token"):
        made["refresh_token"] = str(found["refresh_token"])
    if ends := _after(now, found.get("refresh_token_expires_in"), label):
        made["sign_in_ends_at"] = ends
    return made


def _after(now: float, seconds: Any, label: str) -> float | None:
    """So many seconds later, as a timestamp; None where the platform says nothing."""
    if not seconds:
        return None
    try:
        return now + float(seconds)
    except (TypeError, ValueError) as error:
        raise UnexpectedAnswer(
            f"{label} answered the sign-in with a lifetime that is no number. Try again."
        ) from error


def _refusal(label: str, answer: Answer) -> SoundingsError | None:
    """What an error body of RFC 6749 5.2 means; a limit or a fault of the platform's own says nothing of the login."""
    if answer.status == 429 or answer.status >= 500:
        return None
    body = answer.parsed()
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, str):
        return None
    if error in _GONE:
        return NeedsReconnect(
            f"{label} ended this sign-in or it was withdrawn ({error}). Press Reconnect. What is stored is safe."
        )
    if error == "invalid_client":
        return NeedsReconnect(
            f"{label} does not know this OAuth app: check its id and secret, then reconnect."
        )
    return Refused(f"{label} refused the sign-in ({error}).")
