"""What TikTok's ads and accounts share: the API for Business v1.3, its envelope and its error codes.

Every answer is `{"code", "message", "request_id", "data"}` with HTTP 200, errors too: only `code` counts. The
token goes into the header `Access-Token`. Arrays travel as JSON text in the query. Paths end with a slash.
There are no rate headers: over a limit the code is 40100 and the message says which (per second, minute, day;
the day's ends at 00:00 UTC). Codes after business-api.tiktok.com/portal/docs, Appendix – Return codes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from connectors import _oauth
from connectors._base import Connector, Limit
from connectors._http import Answer
from connectors._redaction import clean, hide
from connectors._values import inside
from errors import (
    AccessMissing,
    DayLimitReached,
    NeedsReconnect,
    RateLimited,
    Refused,
    SoundingsError,
    TooMuchData,
    Unreachable,
)

if TYPE_CHECKING:
    from connectors._http import Http

HOST = "https://business-api.tiktok.com"
VERSION = "v1.3"
SAFE = "What is stored stays as it is."

_RATE = {"40100", "40016", "40132", "40133"}
_TOO_MUCH = {"40067"}
_SIGNED_OUT = {"40102", "40104", "40105", "40106", "40110", "40113"}
_NOT_ALLOWED = {"40001", "40118", "40125", "40300", "40301"}
_PASSING = {"20001", "40201", "40202", "60001"}
_MINUTE_PAUSE = 300


class _Envelope(msgspec.Struct):
    code: int | str
    message: str = ""


_envelope = msgspec.json.Decoder(_Envelope)


class TikTok(Connector):
    """A connector of the API for Business."""

    version = VERSION
    limits = (Limit(10, 1.0), Limit(600, 60.0))

    def headers(self) -> Mapping[str, str]:
        """TikTok's own header, not a bearer token."""
        return {"Access-Token": self.token()}

    def url(self, path: str) -> str:
        """The address of an endpoint such as `campaign/get`."""
        return f"{HOST}/open_api/{self.api_version}/{path}/"

    def data(self, path: str, **query: Any) -> Any:
        """What lies under `data` in the answer to a GET."""
        return inside(self.http.get(self.url(path), as_query(query)), "data")

    def judge(self, answer: Answer) -> SoundingsError | None:
        """The error that `code` stands for; None leaves it to the status (no JSON: TikTok's gateway)."""
        try:
            found = _envelope.decode(answer.body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None
        return None if str(found.code) == "0" else meaning(str(found.code), found.message)


def as_query(query: Mapping[str, Any]) -> dict[str, Any]:
    """Lists and objects as JSON text."""
    return {
        name: json.dumps(value, separators=(",", ":")) if isinstance(value, (list, tuple, dict)) else value
        for name, value in query.items()
    }


def meaning(code: str, message: str) -> SoundingsError:
    """The error of a code and its message."""
    said = clean(message)[:200].rstrip(". ")
    if code in _RATE:
        return _slower(message.lower())
    if code in _TOO_MUCH:
        return TooMuchData(
            "TikTok says that this is too much data at once. It is asked for in smaller parts."
        )
    if code in _SIGNED_OUT:
        return NeedsReconnect(
            f"TikTok no longer accepts this sign-in ({said}). Press Reconnect. What is stored is safe."
        )
    if code in _NOT_ALLOWED:
        return AccessMissing(
            f"TikTok does not let this sign-in read that ({said}). Ask the account's owner for access, or allow "
            "the app every permission for reading. What is stored is safe."
        )
    if code in _PASSING or (code.isdecimal() and 50000 <= int(code) < 60000):
        return Unreachable(f"TikTok has a problem of its own ({said}). {SAFE}")
    return Refused(f"TikTok refused the question: {said} (code {code}). {SAFE}")


def _slower(said: str) -> SoundingsError:
    if any(word in said for word in ("per day", "daily", "qpd", "day limit")):
        return DayLimitReached(
            f"TikTok answers no more today. It goes on by itself after midnight UTC. {SAFE}",
            _until_midnight(),
        )
    seconds = None
    if any(word in said for word in ("per minute", "minute", "qpm")):
        seconds = _MINUTE_PAUSE
    elif any(word in said for word in ("per second", "second", "qps")):
        seconds = 1
    return RateLimited("TikTok asked us to slow down. Nothing to do: it goes on by itself.", seconds)


def _until_midnight() -> int:
    now = datetime.now(UTC)
    midnight = datetime.combine(now.date() + timedelta(1), time(), UTC)
    return int((midnight - now).total_seconds()) + 60


def sign(http: Http, label: str, url: str, form: Mapping[str, Any]) -> dict[str, Any]:
    """Tokens for a JSON form, as fields of the credentials; also `open_id` where one comes along."""
    hide(*(form.get(name) for name in ("secret", "client_secret", "auth_code", "refresh_token")))
    renewing, http.renew = http.renew, lambda: False
    try:
        found = inside(http.post(url, dict(form), signed=False), "data")
    except Refused as error:
        raise NeedsReconnect(
            f"{label} did not take the app's id and secret or the sign-in. Check them, then reconnect. {error}"
        ) from error
    finally:
        http.renew = renewing
    made = _oauth.fields(found, label)
    if found.get("open_id"):
        made["open_id"] = str(found["open_id"])
    return made
