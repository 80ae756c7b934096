"""Google's sign-in, shared by the stand-ins of Google Ads and Google Analytics.

Sources: Google Identity's OAuth 2.0 for web servers and service accounts. Access tokens live 3,600 s; the
refresh token does not rotate and comes only with `access_type=offline` and a first or prompted consent.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from starlette.responses import Response

from sandbox import keys, oauth
from sandbox.calls import Call, Handler, Refused, answer
from sandbox.platforms._base import Platform
from sandbox.tokens import Token

CLIENT_ID = "415555010000-sandbox.apps.googleusercontent.com"
CLIENT_SECRET = "GOCSPX-sandbox-harbour-and-pine"  # noqa: S105 invented, opens nothing
HOUR = timedelta(seconds=3599)
_INVALID = (
    "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid "
    "authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project."
)


class GoogleStand(Platform):
    """A stand-in behind Google's sign-in; a subclass sets `label` and the `scope` that its calls need."""

    label = ""
    scope = ""

    def sign_in_routes(self) -> dict[tuple[str, str], Handler]:
        """The sign-in page, token and revoke endpoints, whatever host they are on."""
        return {
            ("GET", "/o/oauth2/v2/auth"): self._page,
            ("POST", "/token"): self._token,
            ("POST", "/revoke"): self._revoke,
        }

    def authorize_url(self) -> str:
        """Google's sign-in page."""
        return f"/o/oauth2/v2/auth?client_id={CLIENT_ID}&response_type=code&access_type=offline&scope={self.scope}"

    def _page(self, call: Call) -> Response:
        offline = call.query.get("access_type") == "offline"
        return oauth.page(self.tokens, self.slug, self.label, call, "client_id", offline=offline)

    def _token(self, call: Call) -> Response:
        form = call.form()
        grant = form.get("grant_type", "")
        if grant == "urn:ietf:params:oauth:grant-type:jwt-bearer":
            return self._by_key(form)
        if form.get("client_id") != CLIENT_ID:
            return _refusal("invalid_client", "The OAuth client was not found.", 401)
        if form.get("client_secret") != CLIENT_SECRET:
            return _refusal("invalid_client", "Unauthorized", 401)
        if grant == "authorization_code":
            return self._by_code(form)
        if grant == "refresh_token":
            return self._by_refresh(form)
        return _refusal("unsupported_grant_type", f"Invalid grant_type: {grant}")

    def _by_code(self, form: dict[str, str]) -> Response:
        code = oauth.exchange(self.tokens, self.slug, form)
        if code is None:
            return _refusal("invalid_grant", "Bad Request")
        body = self._granted(code.claims["scope"])
        if code.claims.get("offline"):
            body["refresh_token"] = self.tokens.issue(
                self.slug, "refresh", prefix="1//", scope=code.claims["scope"]
            )
        return answer(body)

    def _by_refresh(self, form: dict[str, str]) -> Response:
        token = self.tokens.read(self.slug, form.get("refresh_token"), "refresh", prefix="1//")
        if token is None:
            return _refusal("invalid_grant", "Bad Request")
        if token.problem:
            return _refusal("invalid_grant", "Token has been expired or revoked.")
        return answer(self._granted(token.claims["scope"]))

    def _by_key(self, form: dict[str, str]) -> Response:
        found = keys.claims(self.world.seed, form.get("assertion", ""))
        if found is None:
            return _refusal("invalid_grant", "Invalid JWT Signature.")
        if found.get("iss") != keys.EMAIL:
            return _refusal("invalid_grant", "Invalid grant: account not found")
        if not str(found.get("aud", "")).endswith("/token"):
            return _refusal("invalid_grant", "Invalid JWT: Failed audience check.")
        if not found.get("scope"):
            return _refusal("invalid_scope", "Empty or missing scope not allowed.")
        if int(found.get("exp", 0)) - int(found.get("iat", 0)) > 3600:
            return _refusal("invalid_grant", "Invalid JWT: Token must be a short-lived token (60 minutes).")
        return answer(
            {name: value for name, value in self._granted(found["scope"]).items() if name != "scope"}
        )

    def _granted(self, scope: str) -> dict[str, Any]:
        token = self.tokens.issue(self.slug, "access", HOUR, prefix="ya29.", scope=scope)
        return {"access_token": token, "expires_in": 3599, "scope": scope, "token_type": "Bearer"}

    def _revoke(self, call: Call) -> Response:
        text = call.form().get("token") or call.query.get("token", "")
        kinds = (("access", "ya29."), ("refresh", "1//"))
        if not any(self.tokens.read(self.slug, text, kind, prefix=prefix) for kind, prefix in kinds):
            return _refusal("invalid_token", "Token expired or revoked")
        self.tokens.use_up(text)
        return answer({})

    def check(self, call: Call) -> Token:
        """The valid access token of a call with the scope it needs; otherwise the call is refused."""
        token = self.tokens.read(self.slug, call.bearer(), "access", prefix="ya29.")
        if token is None or token.problem:
            raise Refused(self.expired())
        if self.scope not in token.claims["scope"].split():
            raise Refused(
                self.error(403, "PERMISSION_DENIED", "Request had insufficient authentication scopes.",
                           [{"@type": "type.googleapis.com/google.rpc.ErrorInfo",
                             "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT", "domain": "googleapis.com"}])
            )  # fmt: skip
        return token

    def error(self, code: int, status: str, message: str, details: list[Any] | None = None) -> Response:
        """Google's error body."""
        body: dict[str, Any] = {"code": code, "message": message, "status": status}
        if details:
            body["details"] = details
        return answer({"error": body}, code)

    def expired(self) -> Response:
        """401 for a token that is unknown, ended or revoked."""
        return self.error(401, "UNAUTHENTICATED", _INVALID)

    def refresh_token(self) -> str:
        """The demo's refresh token."""
        return self.tokens.fixed(self.slug, "refresh", prefix="1//", scope=self.scope)


def _refusal(error: str, description: str, status: int = 400) -> Response:
    return answer({"error": error, "error_description": description}, status)
