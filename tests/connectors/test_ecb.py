"""The ECB's file of rates, right and wrong."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from connectors import ecb
from errors import TryLater

GOOD = b"""<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01"
 xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref"><Cube>
<Cube time="2026-03-09"><Cube currency="USD" rate="1.0820"/><Cube currency="JPY" rate="161.31"/></Cube>
<Cube time="2026-03-06"><Cube currency="USD" rate="1.0800"/></Cube>
</Cube></gesmes:Envelope>"""


def test_rates_are_read_with_their_day():
    assert ecb.parse(GOOD) == [
        ("USD", date(2026, 3, 9), Decimal("1.0820")),
        ("JPY", date(2026, 3, 9), Decimal("161.31")),
        ("USD", date(2026, 3, 6), Decimal("1.0800")),
    ]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>maintenance</html>",
        GOOD[:200],
        GOOD.replace(b"1.0820", b"n/a"),
        GOOD.replace(b"1.0820", b"-1"),
        GOOD.replace(b"2026-03-09", b"yesterday"),
        GOOD.replace(b'currency="USD"', b'money="USD"'),
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bomb"><!ENTITY c "&b;&b;">]><a>&c;</a>',
    ],
)
def test_anything_else_is_refused_and_the_last_rates_stay(content: bytes):
    with pytest.raises(TryLater, match="last rates that are known"):
        ecb.parse(content)


@pytest.fixture
def answering() -> Iterator[tuple[str, dict[str, object]]]:
    """A server on loopback that answers what the test says."""
    says: dict[str, object] = {"status": 200, "body": GOOD}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(int(str(says["status"])))
            self.end_headers()
            self.wfile.write(says["body"])  # type: ignore[arg-type]

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/rates.xml", says
    server.shutdown()


def test_rates_are_fetched(answering):
    assert len(ecb.latest(answering[0])) == 3


@pytest.mark.parametrize("answer", [{"status": 503}, {"status": 404}, {"body": b"x" * 3_000_000}])
def test_a_failing_server_is_a_matter_of_trying_later(answering, answer):
    address, says = answering
    says.update(answer)
    with pytest.raises(TryLater):
        ecb.latest(address)


def test_no_server_is_a_matter_of_trying_later():
    with pytest.raises(TryLater):
        ecb.latest("http://127.0.0.1:9/none.xml", seconds=1)
