"""Google's sign-in and error frame, shared by Google Ads and Google Analytics.

A person's consent (OAuth with the team's own client) or a service account's key. Facts: Google Identity,
"Using OAuth 2.0 for Web Server Applications" and "for Server to Server Applications"; google-auth 2.62
(`google/oauth2/service_account.py`, `_client.py`) for the signed assertion (RFC 7523, RS256).

- Access tokens live an hour; the refresh token does not rotate and comes only with `access_type=offline` and
  `prompt=consent`. A consent screen in "Testing" ends it after seven days.
- The token address is always Google's own, whatever a pasted key file says.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from connectors._base import Connector, Credentials, Field, OAuth, SignIn
from connectors._http import Answer, Http
from connectors._redaction import clean, hide
from errors import AccessMissing, NeedsReconnect, Refused, SoundingsError

SAFE = "What is stored stays as it is."
_AUTHORIZE = "https://accounts.google.com/o/oauth2/v2/auth"
_TOKEN = "https://oauth2.googleapis.com/token"  # noqa: S105
_BY_KEY = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_BAD_KEY = (
    "{label}: the service account's key cannot be used ({why}). Create a new JSON key in the Google Cloud "
    "console under IAM → Service accounts → Keys and paste the whole file."
)
_TESTING = (
    "If the app's Google project is still in Testing, sign-ins end after 7 days: publish it on the OAuth "
    "consent screen, then reconnect."
)

APP_ID = Field(
    "client_id", "OAuth client ID",
    "Google Cloud console → APIs & Services → Credentials → OAuth client of the type Web application.",
    secret=False,
)  # fmt: skip
APP_SECRET = Field("client_secret", "OAuth client secret", "Shown beside the client ID.")
REFRESH_TOKEN = Field("refresh_token", "Refresh token", "Starts with 1//. Made for the same OAuth client.")
KEY = Field(
    "service_account", "Key file of the service account",
    "The whole JSON file: Google Cloud console → IAM → Service accounts → Keys → Add key → JSON.",
    long=True,
)  # fmt: skip


def by_consent(*more: Field) -> SignIn:
    """Signing in on Google's page with the team's own OAuth client."""
    return SignIn(
        "oauth", "Sign in with Google",
        "You sign in on Google's page and allow reading. Needs an OAuth client of your team.",
        (APP_ID, APP_SECRET, *more), oauth=True,
    )  # fmt: skip


def by_token(*more: Field) -> SignIn:
    """A refresh token that was made elsewhere."""
    return SignIn(
        "token", "Paste a refresh token",
        "For a sign-in that you have already, from another tool or Google's OAuth playground.",
        (APP_ID, APP_SECRET, REFRESH_TOKEN, *more),
    )  # fmt: skip


def by_key(help: str, *more: Field) -> SignIn:
    """A service account's key."""
    return SignIn("service_account", "Service account", help, (KEY, *more))


@dataclass(frozen=True)
class GoogleOAuth(OAuth):
    """Fresh tokens by the refresh token or, where there is one, by a service account's key."""

    def refresh(self, http: Http, label: str, credentials: Mapping[str, Any]) -> dict[str, Any]:
        """See OAuth. Raises NeedsReconnect with what Google's Testing mode has to do with it."""
        key = key_of(credentials)
        if key is not None:
            signed = assertion(key, " ".join(self.scopes), label)
            return self._asked(http, label, {}, {"grant_type": _BY_KEY, "assertion": signed})
        try:
            return super().refresh(http, label, credentials)
        except NeedsReconnect as error:
            if "invalid_grant" not in str(error):
                raise
            raise NeedsReconnect(f"{error} {_TESTING}") from error


def oauth(scope: str) -> GoogleOAuth:
    """Google's OAuth for one scope."""
    extra = {"access_type": "offline", "prompt": "consent"}
    return GoogleOAuth(_AUTHORIZE, _TOKEN, (scope,), pkce=True, extra=extra)


def key_of(credentials: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The service account's key among the credentials: the field, or the whole file pasted as they are."""
    held = credentials.get("service_account")
    if isinstance(held, str) and held.strip():
        try:
            held = json.loads(held)
        except ValueError:
            held = {}
    if isinstance(held, Mapping):
        return held
    return credentials if credentials.get("private_key") else None


def assertion(key: Mapping[str, Any], scope: str, label: str) -> str:
    """A signed statement that buys an access token for an hour. Raises NeedsReconnect for a bad key."""
    missing = [name for name in ("client_email", "private_key") if not isinstance(key.get(name), str)]
    if missing:
        raise NeedsReconnect(_BAD_KEY.format(label=label, why=f"it lacks {' and '.join(missing)}"))
    try:
        private = load_pem_private_key(str(key["private_key"]).encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        private = None
    if not isinstance(private, RSAPrivateKey):
        raise NeedsReconnect(_BAD_KEY.format(label=label, why="its private_key is no RSA key"))
    now = int(datetime.now(UTC).timestamp())
    claims = {"iss": key["client_email"], "scope": scope, "aud": _TOKEN, "iat": now, "exp": now + 3600}
    header = {
        "alg": "RS256",
        "typ": "JWT",
        **({"kid": key["private_key_id"]} if key.get("private_key_id") else {}),
    }
    body = f"{_part(header)}.{_part(claims)}"
    signature = urlsafe_b64encode(private.sign(body.encode(), PKCS1v15(), SHA256())).rstrip(b"=").decode()
    hide(signature)
    return f"{body}.{signature}"


def _part(value: Mapping[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).rstrip(b"=").decode()


class GoogleConnector(Connector):
    """A connector that signs in at Google."""

    def __init__(self, credentials: Credentials, http: Http, keeper: Any = None) -> None:
        super().__init__(credentials, http, keeper)
        key = key_of(credentials)
        hide(key.get("private_key") if key else None, key.get("private_key_id") if key else None)

    def can_renew(self) -> bool:
        """True with a refresh token or a service account's key."""
        return key_of(self.credentials) is not None or super().can_renew()

    def judge(self, answer: Answer) -> SoundingsError | None:
        """What Google's error frame says: google.rpc.Status under `error`."""
        if answer.status == 200:
            return None
        error = error_of(answer)
        return plain(self.label, answer.status, error) if error else None


def error_of(answer: Answer) -> Mapping[str, Any]:
    """The `error` object of an answer (a stream wraps it in a list); empty without one."""
    body = answer.parsed()
    body = body[0] if isinstance(body, list) and body else body
    error = body.get("error") if isinstance(body, dict) else None
    return error if isinstance(error, dict) else {}


def details(error: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The typed details of an error."""
    found = error.get("details")
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def words(error: Mapping[str, Any]) -> str:
    """Google's own short text, fit to be shown."""
    return clean(str(error.get("message") or error.get("status") or "no reason given"))[:300]


def plain(label: str, status: int, error: Mapping[str, Any]) -> SoundingsError | None:
    """What an error means by its status alone; None leaves it to HTTP (limits, faults)."""
    if status == 401:
        return NeedsReconnect(f"{label} no longer accepts this sign-in. Reconnect it. {SAFE}")
    reasons = {str(each.get("reason")) for each in details(error)}
    if status == 403 and "SERVICE_DISABLED" in reasons:
        return AccessMissing(
            f"The API of {label} is not switched on in the Google Cloud project of this sign-in. Its owner "
            f"switches it on under APIs & Services → Library. {SAFE}"
        )
    if status == 403 and "ACCESS_TOKEN_SCOPE_INSUFFICIENT" in reasons:
        return AccessMissing(
            f"This sign-in may not read {label}. Reconnect and allow it on Google's page. {SAFE}"
        )
    if status == 403:
        return AccessMissing(
            f"{label} does not allow this sign-in to read what was asked for: {words(error)}"
        )
    if status in (400, 404):
        return Refused(f"{label} refused the question: {words(error)}")
    return None


def midnight_pacific(now: datetime) -> int:
    """Seconds until Google's daily quotas begin anew: midnight in California."""
    there = now.astimezone(ZoneInfo("America/Los_Angeles"))
    ends = there.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return int((ends.astimezone(UTC) - now).total_seconds()) + 60
