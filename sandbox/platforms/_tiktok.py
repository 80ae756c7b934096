"""What TikTok's two APIs share: the envelope of every answer, with errors inside HTTP 200."""

from __future__ import annotations

from typing import Any

from starlette.responses import PlainTextResponse, Response

from sandbox import chance
from sandbox.calls import Call, answer
from sandbox.platforms._base import Platform


class Enveloped(Platform):
    """A stand-in that answers and refuses in TikTok's envelope."""

    def say(
        self, code: int, message: str, data: Any = None, headers: dict[str, str] | None = None
    ) -> Response:
        """An answer in TikTok's envelope."""
        stamp = f"{self.world.now:%Y%m%d%H%M%S}{chance.number(self.world.seed, message) % 10**18:018d}"
        body = {"code": code, "message": message, "request_id": stamp, "data": {} if data is None else data}
        return answer(body, 200, headers)

    def rate_limited(self, headers: dict[str, str]) -> Response:
        """Too many requests, inside HTTP 200. TikTok has no Retry-After: what a test asks for goes along."""
        return self.say(40100, "Too many requests. Please retry in some time.", headers=headers)

    def day_limit(self) -> Response:
        """The day's requests of the app are used up."""
        return self.say(
            40100, "Too many requests: the app has reached its daily limit. Please retry after 00:00 UTC."
        )

    def inner_error(self) -> Response:
        """An error of TikTok's own, inside HTTP 200."""
        return self.say(50000, "System error, please try again later.")

    def not_found(self, call: Call) -> Response:
        """A wrong path, or one without its last slash."""
        return PlainTextResponse("404 page not found", 404)
