"""The one way to a platform: rate limits, retries, time and size limits, typed errors, nothing secret shown.

A connector asks for a URL of the real platform and gets parsed JSON, or lines. What an answer means is the
platform's own affair (`Connector.judge`); what to do about it is decided here: wait and ask again, renew
the sign-in once, or give up with an error that says who must act.

Backoff is exponential with full jitter: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
Retry-After comes as seconds or as an HTTP date: RFC 9110, 10.2.3.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import msgspec
import requests

from connectors._limits import Limiter
from connectors._redaction import clean
from errors import (
    AccessMissing,
    NeedsReconnect,
    RateLimited,
    Refused,
    SoundingsError,
    TooMuchData,
    UnexpectedAnswer,
    Unreachable,
)

Wait = Callable[[float, str], None]
"""Sleeps so many seconds, for the reason given; may raise Stopped."""

_CONNECT_SECONDS = 10.0
_READ_SECONDS = 90.0
_MOST_BYTES = 64_000_000
_CEILING_SECONDS = 120.0
_PATIENCE_SECONDS = 15 * 60.0
_MOST_PAUSES = 20
_decode = msgspec.json.Decoder(float_hook=Decimal).decode
_SAFE = "What is stored stays as it is."


def pause(seconds: float, why: str) -> None:
    """Just sleep."""
    time.sleep(seconds)


@dataclass(frozen=True)
class Answer:
    """What came back. `body` is empty where it is read as a stream."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body's JSON; numbers with a point become Decimal. Raises ValueError where it is none."""
        try:
            return parse(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise ValueError(str(error)) from error

    def parsed(self) -> Any:
        """The body's JSON, None where it is none."""
        try:
            return self.json()
        except ValueError:
            return None

    @property
    def retry_after(self) -> float | None:
        """Seconds to wait by the Retry-After header, in either of its forms; None without one."""
        return _retry_after(self.headers.get("Retry-After", ""))


def parse(body: bytes | str) -> Any:
    """JSON with exact numbers: an integer is an int, a number with a point a Decimal."""
    return _decode(body)


def _retry_after(text: str) -> float | None:
    if not text.strip():
        return None
    try:
        return max(0.0, float(text))
    except ValueError:
        pass
    try:
        at = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (at - datetime.now(UTC)).total_seconds())


@dataclass
class Spent:
    """Where the time of a connector went, in seconds."""

    calls: int = 0
    asking: float = 0.0
    waiting: float = 0.0
    bytes: int = 0


@dataclass
class Http:
    """A line to one platform for one credential.

    `base_url` replaces scheme and host of every URL (PLATFORM_BASE_URLS). `headers`, `judge` and `renew`
    are the connector's: what to send along, what is wrong with an answer (an error, or None), and how to
    get a fresh access token.
    """

    label: str
    limiter: Limiter
    base_url: str | None = None
    retries: int = 5
    delay: float = 1.0
    wait: Wait = pause
    headers: Callable[[], Mapping[str, str]] = dict
    judge: Callable[[Answer], SoundingsError | None] = lambda answer: None
    renew: Callable[[], bool] = lambda: False
    spent: Spent = field(default_factory=Spent)

    def __post_init__(self) -> None:
        self._session = requests.Session()
        self._session.trust_env = self.base_url is None

    def get(self, url: str, params: Mapping[str, Any] | None = None, **more: Any) -> Any:
        """The JSON that a GET answers. See `ask`."""
        return self.ask("GET", url, params=params, **more)

    def post(self, url: str, json: Any = None, **more: Any) -> Any:
        """The JSON that a POST of JSON answers. See `ask`."""
        return self.ask("POST", url, json=json, **more)

    def once(self, method: str, url: str, **parts: Any) -> Answer:
        """One try, for what must not happen twice; the answer, whatever its form. Raises as `ask`."""
        return self._judged(method, url, **parts)

    def mount(self, prefix: str, adapter: requests.adapters.BaseAdapter) -> None:
        """Make calls of addresses that begin so in another way."""
        self._session.mount(prefix, adapter)

    def ask(self, method: str, url: str, **parts: Any) -> Any:
        """The JSON of an answer. `parts` go to requests: params, json, data, headers, auth; `signed=False`
        leaves out the connector's headers. Raises one of the errors of a platform, never another."""
        return self._insist(lambda: self._parsed(method, url, **parts))

    def answer(self, method: str, url: str, **parts: Any) -> Answer:
        """The same, for an answer whose headers or text matter."""
        found: Answer = self._insist(lambda: self._judged(method, url, **parts))
        return found

    def lines(self, url: str, *, signed: bool = False) -> Iterator[bytes]:
        """The lines of a (possibly very long) download, a piece at a time; redirects are followed."""
        response = self._insist(lambda: self._opened(url, signed))
        with response:
            try:
                yield from response.iter_lines(chunk_size=1 << 20)
            except (requests.RequestException, OSError) as error:
                raise self._unreachable(error) from error

    def address(self, url: str) -> str:
        """Where a URL of the platform is really asked for."""
        if self.base_url is None or url.startswith(self.base_url):
            return url
        there, here = urlsplit(url), urlsplit(self.base_url)
        return urlunsplit(
            (here.scheme, here.netloc, here.path.rstrip("/") + there.path, there.query, there.fragment)
        )

    # --- one try ---------------------------------------------------------------------------------

    def _parsed(self, method: str, url: str, **parts: Any) -> Any:
        answer = self._judged(method, url, **parts)
        try:
            return answer.json()
        except ValueError as error:
            raise _Garbled(
                f"{self.label} answered with something that is not JSON ({_kind(answer)}). {_SAFE}"
            ) from error

    def _judged(self, method: str, url: str, **parts: Any) -> Answer:
        answer = self._sent(method, url, **parts)
        if wrong := self.judge(answer) or by_status(self.label, answer):
            if isinstance(wrong, RateLimited):
                wrong.seconds = max(wrong.seconds or 0, _whole(answer) or 0) or wrong.seconds
            raise wrong
        return answer

    def _sent(self, method: str, url: str, *, signed: bool = True, **parts: Any) -> Answer:
        self._take_turn()
        headers = {**(self.headers() if signed else {}), **(parts.pop("headers", None) or {})}
        started = time.perf_counter()
        try:
            with self._session.request(
                method, self.address(url), headers=headers, stream=True, allow_redirects=False,
                timeout=(_CONNECT_SECONDS, _READ_SECONDS), **parts,
            ) as response:  # fmt: skip
                body = self._body(response)
        except (requests.RequestException, OSError) as error:
            raise self._unreachable(error) from error
        finally:
            self.spent.asking += time.perf_counter() - started
            self.spent.calls += 1
        self.spent.bytes += len(body)
        return Answer(response.status_code, response.headers, body)

    def _body(self, response: requests.Response) -> bytes:
        pieces, size, deadline = [], 0, time.monotonic() + 5 * _READ_SECONDS
        for piece in response.iter_content(1 << 18):
            pieces.append(piece)
            size += len(piece)
            if size > _MOST_BYTES:
                raise TooMuchData(
                    f"{self.label} answered with more than {_MOST_BYTES // 1_000_000} MB at once."
                )
            if time.monotonic() > deadline:
                raise requests.Timeout("the answer never ended")
        return b"".join(pieces)

    def _opened(self, url: str, signed: bool) -> requests.Response:
        self._take_turn()
        try:
            response = self._session.get(
                self.address(url), headers=dict(self.headers()) if signed else {}, stream=True,
                timeout=(_CONNECT_SECONDS, _READ_SECONDS),
            )  # fmt: skip
        except (requests.RequestException, OSError) as error:
            raise self._unreachable(error) from error
        finally:
            self.spent.calls += 1
        if response.status_code != 200:
            with response:
                answer = Answer(response.status_code, response.headers, response.content[:10_000])
            raise self.judge(answer) or by_status(self.label, answer) or self._odd(answer)
        return response

    def _odd(self, answer: Answer) -> SoundingsError:
        return UnexpectedAnswer(f"{self.label} answered a download with status {answer.status}. {_SAFE}")

    def _take_turn(self) -> None:
        seconds = self.limiter.delay()
        if seconds > 0:
            self._wait(seconds, f"Keeping to {self.label}'s limits")

    def _wait(self, seconds: float, why: str) -> None:
        self.spent.waiting += seconds
        self.wait(seconds, why)

    def _unreachable(self, error: Exception) -> Unreachable:
        return Unreachable(clean(f"{self.label} could not be reached ({_reason(error)}). {_SAFE}"))

    # --- several tries ---------------------------------------------------------------------------

    def _insist(self, attempt: Callable[[], Any]) -> Any:
        renewed, failures, pauses = False, 0, 0
        while True:
            try:
                return attempt()
            except NeedsReconnect:
                if renewed or not self.renew():
                    raise
                renewed = True
            except RateLimited as limited:
                pauses += 1
                self._slow_down(limited, pauses)
            except (Unreachable, _Garbled) as failure:
                failures += 1
                asked = getattr(failure, "seconds", None) or 0
                if failures > self.retries or asked > _PATIENCE_SECONDS:
                    raise _final(failure) from failure.__cause__
                self._wait(
                    asked or self._backoff(failures), f"{self.label} did not answer properly; asking again"
                )

    def _slow_down(self, limited: RateLimited, pauses: int) -> None:
        seconds = limited.seconds if limited.seconds is not None else self._backoff(pauses)
        if seconds > _PATIENCE_SECONDS or pauses > (
            self.retries if limited.seconds is None else _MOST_PAUSES
        ):
            raise limited
        self.limiter.pause(seconds)
        self._wait(seconds, f"{self.label} asked to slow down")

    def _backoff(self, failures: int) -> float:
        return random.uniform(0, min(_CEILING_SECONDS, self.delay * 2**failures))


class _Garbled(UnexpectedAnswer):
    """No JSON where JSON was expected: mostly a passing fault of a proxy on the way, so ask again first."""


def _final(failure: SoundingsError) -> SoundingsError:
    return UnexpectedAnswer(str(failure)) if isinstance(failure, _Garbled) else failure


def by_status(label: str, answer: Answer) -> SoundingsError | None:
    """What the HTTP status alone says is wrong; None for 2xx."""
    status = answer.status
    if 200 <= status < 300:
        return None
    if status == 429:
        return RateLimited(
            f"{label} asked us to slow down. Nothing to do: it goes on by itself.", _whole(answer)
        )
    if status >= 500 or status == 408:
        return Unreachable(f"{label} has a problem of its own (status {status}). {_SAFE}", _whole(answer))
    if status == 401:
        return NeedsReconnect(f"{label} no longer accepts this sign-in. Reconnect it. {_SAFE}")
    if status == 403:
        return AccessMissing(f"{label} does not allow this sign-in to read what was asked for. {_SAFE}")
    if 300 <= status < 400:
        return UnexpectedAnswer(f"{label} sent us to another address (status {status}). {_SAFE}")
    return Refused(f"{label} refused the question (status {status}). {_SAFE}")


def _whole(answer: Answer) -> int | None:
    return None if answer.retry_after is None else int(answer.retry_after + 0.999)


def _kind(answer: Answer) -> str:
    return f"status {answer.status}, {answer.headers.get('Content-Type', 'no type').partition(';')[0]}"


def _reason(error: Exception) -> str:
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate is not trusted"
    if isinstance(
        error, (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError)
    ):
        return "the answer broke off"
    return "no connection"
