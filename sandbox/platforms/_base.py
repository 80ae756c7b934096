"""What every stand-in offers to the server: routes, its ways of refusing, and credentials."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from sandbox.calls import Call, Handler, answer
from sandbox.tokens import Tokens
from sandbox.world import World


class Platform:
    """One platform's stand-in. A subclass sets `slug` and answers `routes`; it overrides the faults whose
    bodies its platform has in a form of its own."""

    slug = ""

    def __init__(self, world: World, tokens: Tokens) -> None:
        self.world = world
        self.tokens = tokens

    def routes(self) -> dict[tuple[str, str], Handler]:
        """(method, path) → handler. A path is the real URL's, with `{name}` for its variable parts."""
        raise NotImplementedError

    def credentials(self) -> list[dict[str, Any]]:
        """What a person would paste, one dictionary for each way, the usual one first."""
        raise NotImplementedError

    def authorize_url(self) -> str:
        """The path of the sign-in page with the parameters that the platform expects, "" without OAuth."""
        return ""

    def not_found(self, call: Call) -> Response:
        """The answer to a path that the platform does not have."""
        return answer({"error": {"code": 404, "message": "Not Found"}}, 404)

    def rate_limited(self, headers: dict[str, str]) -> Response:
        """The platform's "too many requests"; `headers` may hold a Retry-After."""
        return answer({"error": {"code": 429, "message": "Too many requests"}}, 429, headers)

    def day_limit(self) -> Response:
        """The answer when the day's requests are used up."""
        return self.rate_limited({})

    def expired(self) -> Response:
        """The answer to an access token that has ended."""
        return answer({"error": {"code": 401, "message": "Token expired"}}, 401)

    def inner_error(self) -> Response | None:
        """A server error inside HTTP 200; None where the platform has none."""
        return None

    def too_much(self) -> Response | None:
        """The answer to a report that is too large; None where the platform has no such answer."""
        return None

    def same_page(self, call: Call, body: Any) -> Any | None:
        """The body with the page token that the request already had; None if the request had none."""
        return None

    def empty(self, call: Call, body: Any) -> Any | None:
        """The body as for an account without any figures; None if the answer holds no figures."""
        return None

    def incomplete(self, call: Call, body: Any) -> Any | None:
        """The body with its list cut off, as if that were all; None if the answer holds no list."""
        return self.empty(call, body)
