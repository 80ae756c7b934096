"""Slack's incoming webhooks, and whatever else understands their JSON (Mattermost, Rocket.Chat, Discord's /slack).

https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks: a POST of JSON, answered with "ok"; at most
one a second (429 with Retry-After); errors are a status and a word as plain text: 400 invalid_payload, 403
action_prohibited, 404 channel_not_found or no_service, 410 channel_is_archived. No files.
At most 50 blocks, 150 characters in a header, 3,000 in a text, 2,000 in each of 10 fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import requests

from connectors._http import Answer, Http, by_status
from connectors._limits import Limiter
from connectors._redaction import hide
from destinations import _addresses
from errors import NeedsReconnect, Refused, SoundingsError, UnexpectedAnswer, Unreachable

MOST_BLOCKS, LONGEST_HEADER, LONGEST_TEXT, MOST_FIELDS = 50, 150, 3_000, 10
_ENDED = {403, 404, 410}
_WORDS = {
    "no_service": "the webhook was switched off or removed",
    "no_team": "the workspace is gone",
    "channel_not_found": "the channel is gone",
    "channel_is_archived": "the channel is archived",
    "action_prohibited": "an administrator there does not allow it",
    "invalid_token": "the address is not (any longer) a webhook's",
}


def check(address: str) -> str:
    """The address, if it may be one of a webhook. Raises BadInput, also for one inside a private network."""
    found = _addresses.check(address)
    hide(found)
    with suppress(Unreachable):  # said when it is sent: names may come and go
        _addresses.resolve(found)
    return found


def shown(address: str) -> str:
    """What may be shown of an address."""
    return _addresses.shown(address)


def post(address: str, message: Mapping[str, Any]) -> None:
    """Post a message, once. Raises TryLater, NeedsReconnect (the webhook is gone for good), Refused, or
    UnexpectedAnswer where it may have arrived."""
    hide(address, urlsplit(address).path)
    target = _addresses.resolve(address)
    http = Http(target.host, Limiter([]), retries=0, judge=lambda answer: _judged(target.host, answer))
    headers = {}
    if not target.allowed:
        http.mount("https://", _addresses.Named(target.host))
        headers["Host"] = urlsplit(address).netloc
    try:
        http.once("POST", target.url, json=dict(message), headers=headers)
    except Unreachable as error:
        if isinstance(error.__cause__, requests.ReadTimeout):
            raise UnexpectedAnswer(
                f"{target.host} took the report and did not answer in time. It may have arrived; it was not sent again."
            ) from error
        raise


def _judged(host: str, answer: Answer) -> SoundingsError | None:
    if 200 <= answer.status < 300:
        return None
    word = answer.body[:60].decode("ascii", "replace").strip()
    said = _WORDS.get(word, f"status {answer.status}")
    if answer.status in _ENDED:
        return NeedsReconnect(
            f"{host} no longer takes posts at this address ({said}). The report is paused: make a new webhook there, "
            "put its address in with Edit, and resume."
        )
    if 300 <= answer.status < 400:
        return UnexpectedAnswer(
            f"{host} sent us to another address, which is not followed. Check the webhook's address."
        )
    if 400 <= answer.status < 500 and answer.status not in {408, 429}:
        return Refused(f"{host} refused the report ({said}). Nothing was posted.")
    return by_status(host, answer)
