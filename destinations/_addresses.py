"""Addresses that people give us to send to: only public ones, so that nobody reaches into the server's network.

A name is looked up once, judged, and called at exactly what was judged, so that it cannot lead elsewhere in between.
"""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from requests.adapters import HTTPAdapter

import settings
from errors import BadInput, Unreachable

LONGEST = 500


@dataclass(frozen=True)
class Target:
    """An address that may be called: `url` holds a number for its host, unless the host is `allowed` by name."""

    url: str
    host: str
    allowed: bool


def check(url: str) -> str:
    """The address, if its form is one that may be called; without looking it up. Raises BadInput."""
    text = url.strip()
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        raise BadInput("That is not a webhook's address. Copy it whole, from https:// on.") from error
    if not text or len(text) > LONGEST or not text.isascii() or not text.isprintable() or " " in text:
        raise BadInput(f"That is not a webhook's address: it has at most {LONGEST} plain characters.")
    if not host or parts.username or parts.password or parts.fragment:
        raise BadInput("That is not a webhook's address. Copy it whole, from https:// on.")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_allowed(host)):
        raise BadInput(
            "A webhook's address begins with https://, so that nobody on the way can read the report."
        )
    return text


def is_allowed(host: str) -> bool:
    """Whether whoever runs the server allows this host by name."""
    return host.lower() in settings.current().webhook_hosts


def shown(url: str) -> str:
    """What may be shown of an address: its host and its last four characters."""
    return f"{urlsplit(url).hostname} …{url[-4:]}"


def resolve(url: str) -> Target:
    """Where to call an address. Raises BadInput for one inside a private network, Unreachable for none."""
    parts = urlsplit(check(url))
    host = parts.hostname or ""
    if is_allowed(host):
        return Target(url, host, True)
    try:
        found = socket.getaddrinfo(host, parts.port or 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreachable(f"The address {host} is not known on the internet at the moment.") from error
    numbers = [str(one[4][0]).partition("%")[0] for one in found]
    if not numbers or not all(_is_public(number) for number in numbers):
        raise BadInput(
            f"{host} lies in a private network, where reports are not posted to. Whoever runs the server can allow it by "
            "SOUNDINGS_WEBHOOK_HOSTS."
        )
    number = f"[{numbers[0]}]" if ":" in numbers[0] else numbers[0]
    place = f"{number}:{parts.port}" if parts.port else number
    return Target(urlunsplit((parts.scheme, place, parts.path, parts.query, "")), host, False)


def _is_public(number: str) -> bool:
    address = ipaddress.ip_address(number)
    mapped = getattr(address, "ipv4_mapped", None) or address
    return bool(mapped.is_global and not mapped.is_multicast)


class Named(HTTPAdapter):
    """Calls a number and demands the certificate of a name."""

    def __init__(self, host: str) -> None:
        self._host = host
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Its pool asks for, and checks, the name's certificate."""
        super().init_poolmanager(*args, server_hostname=self._host, assert_hostname=self._host, **kwargs)
