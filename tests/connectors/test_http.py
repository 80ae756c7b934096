"""The one way to a platform: what is retried, what is waited for, what is given up, and nothing secret shown."""

from __future__ import annotations

import gzip
import logging
import socket
import struct
import threading
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

import connectors
from connectors import _http, _redaction
from connectors._http import Http
from connectors._limits import Limit, Limiter
from connectors._oauth import OAuth, fields
from errors import (
    AccessMissing,
    NeedsReconnect,
    RateLimited,
    Refused,
    TooMuchData,
    UnexpectedAnswer,
    Unreachable,
)

OK = (200, {"Content-Type": "application/json"}, b'{"spend": 12.30, "id": 12345678901234567890}')
Canned = tuple[int, dict[str, str], bytes]


class Platform:
    """A server that answers what it is told to, in turn, and then that all is well."""

    def __init__(self) -> None:
        self.answers: deque[Canned | str] = deque()
        self.seen: list[tuple[str, dict[str, str]]] = []
        platform = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                platform.seen.append((self.path, dict(self.headers)))
                found = platform.answers.popleft() if platform.answers else OK
                if found == "reset":
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    self.connection.close()
                    return
                status, headers, body = found
                self.send_response(status)
                headers = {"Content-Length": str(len(body)), **headers}
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/base"


@pytest.fixture
def platform() -> Iterator[Platform]:
    made = Platform()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def http(platform: Platform, waits: list[float]) -> Http:
    return Http(
        "Pretend", Limiter([]), platform.address, retries=3, delay=1, wait=lambda s, _why: waits.append(s)
    )


def test_numbers_come_exact_and_the_host_is_replaced(http, platform):
    found = http.get("https://api.example.com/v1/report", {"day": "2026-11-01"})
    assert (str(found["spend"]), found["id"]) == ("12.30", 12345678901234567890)
    assert platform.seen[0][0] == "/base/v1/report?day=2026-11-01"


@pytest.mark.parametrize(
    ("header", "least", "most"),
    [
        ("7", 7, 7),
        ("in 90 seconds", 60, 91),
        ("soon", 0, 2),
        ("", 0, 2),
    ],
    ids=["seconds", "date", "nonsense", "none"],
)
def test_a_limit_is_waited_for_as_the_platform_says_in_either_form(
    http, platform, waits, header, least, most
):
    if header == "in 90 seconds":
        header = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    platform.answers.append((429, {"Retry-After": header} if header else {}, b""))
    assert http.get("https://api.example.com/")
    assert least <= waits[0] <= most


def test_a_limit_of_an_hour_is_not_sat_out(http, platform, waits):
    platform.answers.append((429, {"Retry-After": "3600"}, b""))
    with pytest.raises(RateLimited) as caught:
        http.get("https://api.example.com/")
    assert (caught.value.seconds, waits) == (3600, [])


@pytest.mark.parametrize(
    "trouble",
    [
        (500, {}, b"oops"),
        (502, {}, b"<html>Bad gateway</html>"),
        (504, {}, b""),
        (200, {}, b"<html>Please sign in to the Wi-Fi</html>"),
        (200, {}, b'{"rows": [1, 2'),
        (200, {"Content-Encoding": "gzip"}, gzip.compress(b"[1, 2, 3]" * 999)[:40]),
        (200, {"Content-Length": "500"}, b'{"rows": []}'),
        "reset",
    ],
    ids=["500", "502", "504", "sign-in page", "cut json", "cut gzip", "cut body", "reset"],
)  # fmt: skip
def test_a_passing_fault_is_asked_again_and_a_lasting_one_given_up(http, platform, waits, trouble):
    platform.answers.extend([trouble] * 3)
    if trouble[0] != 200 or "Content-Length" not in trouble[1]:
        assert http.get("https://api.example.com/")
        assert len(waits) == 3
    platform.server.RequestHandlerClass.protocol_version = "HTTP/1.0"
    platform.answers.clear()
    platform.answers.extend([trouble] * 9)
    with pytest.raises((Unreachable, UnexpectedAnswer), match="What is stored stays"):
        http.get("https://api.example.com/")


def test_backoff_grows_has_jitter_and_a_ceiling(http, platform, monkeypatch, waits):
    monkeypatch.setattr(_http.random, "uniform", lambda low, high: (low, high)[1])
    http.retries, http.delay = 8, 2
    platform.answers.extend([(503, {}, b"")] * 8)
    http.get("https://api.example.com/")
    assert waits == [4, 8, 16, 32, 64, 120, 120, 120]


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, NeedsReconnect), (403, AccessMissing), (404, Refused), (302, UnexpectedAnswer)],
)
def test_what_asking_again_would_not_help_is_not_asked_again(http, platform, status, error):
    platform.answers.extend([(status, {"Location": "https://elsewhere.example.com"}, b"{}")] * 5)
    with pytest.raises(error):
        http.get("https://api.example.com/")
    assert len(platform.seen) == 1


def test_an_expired_token_is_renewed_once_and_the_call_repeated(http, platform):
    renewed = []
    http.renew = lambda: bool(renewed.append(1)) or True
    platform.answers.append((401, {}, b"{}"))
    assert http.get("https://api.example.com/")
    platform.answers.extend([(401, {}, b"{}")] * 2)
    with pytest.raises(NeedsReconnect):
        http.get("https://api.example.com/")
    assert len(renewed) == 2


def _token(http):
    oauth = OAuth(authorize="https://example.com/allow", token="https://api.example.com/token", scopes=())
    return oauth.refresh(
        http, "Example", {"client_id": "1", "client_secret": "two", "refresh_token": "renew-me"}
    )


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_fault_of_the_token_endpoint_is_asked_again_and_says_nothing_of_the_sign_in(http, platform, status):
    platform.answers.append((status, {"Retry-After": "1"}, b'{"error": "invalid_grant"}'))
    platform.answers.append((200, {}, b'{"access_token": "fresh-token"}'))
    assert _token(http)["access_token"] == "fresh-token"


@pytest.mark.parametrize(
    ("error", "raised"),
    [("invalid_grant", NeedsReconnect), ("invalid_client", NeedsReconnect), ("invalid_scope", Refused)],
)
def test_a_refused_renewal_says_who_must_act(http, platform, error, raised):
    platform.answers.append((400, {}, f'{{"error": "{error}"}}'.encode()))
    with pytest.raises(raised, match=error if error != "invalid_client" else "OAuth app"):
        _token(http)


@pytest.mark.parametrize("name", ["expires_in", "refresh_token_expires_in"])
@pytest.mark.parametrize("value", ["soon", [1], {"seconds": 5}])
def test_a_lifetime_that_is_no_number_is_told_and_nothing_is_kept(name, value):
    with pytest.raises(UnexpectedAnswer, match="lifetime"):
        fields({"access_token": "fresh-token", name: value}, "Example")


def test_credentials_of_their_own_have_limits_of_their_own():
    def limiter(slug, **credentials):
        return connectors.connect(slug, credentials).http.limiter

    key = {"type": "service_account", "private_key": "-----BEGIN PRIVATE KEY-----", "client_email": "a@x"}
    assert limiter("ga4", **key) is limiter("ga4", **key, access_token="1", expires_at=5)
    assert limiter("ga4", **key) is not limiter("ga4", **{**key, "client_email": "b@x"})
    assert limiter("ga4", access_token="1") is not limiter("ga4", access_token="2")


def test_an_endless_answer_is_cut_off(http, platform, monkeypatch):
    monkeypatch.setattr(_http, "_MOST_BYTES", 1000)
    platform.answers.append((200, {}, b"[" + b"1," * 600 + b"1]"))
    with pytest.raises(TooMuchData):
        http.get("https://api.example.com/")


def test_a_download_comes_line_by_line_and_unsigned(http, platform):
    http.headers = lambda: {"Authorization": "Bearer secret-token"}
    platform.answers.append((200, {}, b"one\ntwo\n"))
    assert list(http.lines("https://files.example.com/report")) == [b"one", b"two"]
    assert "Authorization" not in platform.seen[0][1]


def test_calls_keep_to_the_limits_of_their_credential():
    limiter = Limiter([Limit(2, 1.0), Limit(3, 60.0)])
    assert [limiter.delay(now=0.0) for _ in range(2)] == [0.0, 0.0]
    assert limiter.delay(now=0.25) == 0.75
    assert limiter.delay(now=1.5) == 58.5
    limiter.pause(100, now=60.0)
    assert limiter.delay(now=60.0) == 100.0


def test_a_planted_secret_shows_in_no_log_no_error_and_no_repr(http, platform, caplog, capsys):
    secret = "s3cr3t/planted+token=="
    _redaction.hide(secret)
    _redaction.install()
    http.headers = lambda: {"Authorization": f"Bearer {secret}"}
    caplog.set_level(logging.DEBUG)
    platform.answers.extend([(500, {}, secret.encode())] * 9)
    with pytest.raises(Unreachable) as caught:
        http.get("https://api.example.com/", {"access_token": secret})
    try:
        raise ValueError(f"broken {secret}")
    except ValueError:
        logging.getLogger("any.library").exception("it said %s", secret)
    http.base_url = "http://127.0.0.1:9"
    with pytest.raises(Unreachable) as unreachable:
        http.get(f"https://api.example.com/{secret}", {"token": secret})
    shown = (
        caplog.text + str(caught.value) + str(unreachable.value) + repr(unreachable.value) + repr(http.spent)
    )
    shown += "".join(capsys.readouterr())
    for form in (secret, "s3cr3t%2Fplanted%2Btoken%3D%3D"):
        assert form not in shown
    assert _redaction.HIDDEN in caplog.text
