"""What the contract test needs: one sandbox, connectors to it, and what rows, orders and errors must be."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from analytics.metrics import REGISTRY as METRICS
from connectors import REGISTRY, find
from connectors._base import Account, Batch, Connector, Credentials, Entity, Order, Stream
from connectors._http import Http
from connectors._limits import Limiter
from errors import SoundingsError
from sandbox.credentials import credentials
from sandbox.serving import Server
from store import grains
from store.models import AMOUNTS, COUNTS

NOW = datetime.now(UTC).replace(microsecond=0)
"""The world stands still at the time of the test, because some connectors ask for today themselves."""
START = NOW.date() - timedelta(217)
PLATFORMS = list(REGISTRY)
STREAMS = [(slug, stream.slug) for slug in PLATFORMS for stream in find(slug).streams]
every_platform = pytest.mark.parametrize("slug", PLATFORMS)
every_stream = pytest.mark.parametrize(("slug", "name"), STREAMS)
_KEYS = {"day", "entity", "campaign", "segment", "more"}


@dataclass
class Heard:
    """What a connector asked, and the fields of the answers."""

    asked: list[str] = field(default_factory=list)
    fields: dict[str, None] = field(default_factory=dict)
    notes_fields: bool = False

    def hear(self, response: Any, **_: Any) -> None:
        """A hook of requests."""
        request = response.request
        self.asked.append(f"{request.url} {dict(request.headers)}")
        if self.notes_fields and "json" in response.headers.get("Content-Type", ""):
            self._note(json.loads(response.content))

    def _note(self, value: Any) -> None:
        for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            self._note(each)
        if isinstance(value, dict):
            self.fields.update(dict.fromkeys(name for name in value if not name.isdigit()))


@dataclass
class Live:
    """Connectors to a running sandbox, by platform. Accounts are asked for once."""

    server: Server
    _accounts: dict[str, list[Account]] = field(default_factory=dict)
    _entities: dict[tuple[str, str], list[Entity]] = field(default_factory=dict)
    _tokens: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)
    _true: dict[tuple[str, str, int], Any] = field(default_factory=dict)

    def connect(self, slug: str, held: Mapping[str, Any] | None = None, way: int = 0) -> Any:
        """A connector whose waiting takes no time: `waits` are the seconds, `heard` what went over the line."""
        kind, waits, heard = find(slug), [], Heard()
        base = self.server.base_urls[slug]
        http = Http(kind.label, Limiter(()), base, delay=0.0, wait=lambda seconds, why: waits.append(seconds))
        http._session.hooks["response"].append(heard.hear)
        given = {**credentials(slug, way=way), **self._token(slug, way)} if held is None else held
        made: Any = kind(Credentials(given), http)
        made.waits, made.heard = waits, heard
        return made

    def _token(self, slug: str, way: int) -> dict[str, Any]:
        """The access token of a sign-in that was bought once, for all who don't test signing in."""
        if (slug, way) not in self._tokens:
            fresh = self.connect(slug, credentials(slug, way=way))
            fresh.accounts()
            bought = {"access_token", "refresh_token", "expires_at"} & set(fresh.credentials)
            self._tokens[slug, way] = {name: fresh.credentials[name] for name in bought}
        return self._tokens[slug, way]

    def accounts(self, slug: str) -> list[Account]:
        """Those that can be picked."""
        if slug not in self._accounts:
            self._accounts[slug] = [one for one in self.connect(slug).accounts() if not one.note]
        return self._accounts[slug]

    def account(self, slug: str) -> Account:
        """The first of them."""
        return self.accounts(slug)[0]

    def entities(self, slug: str, account: Account) -> list[Entity]:
        """Its campaigns, ads …, asked for once."""
        if (slug, account.key) not in self._entities:
            self._entities[slug, account.key] = list(self.connect(slug).entities(account))
        return self._entities[slug, account.key]

    def true(self, slug: str, name: str, count: int) -> Any:
        """Figures of the last days of the first account, pulled once and without faults."""
        if (slug, name, count) not in self._true:
            batches = pull(self.connect(slug), self.account(slug), name, *self.days(slug, count))
            self._true[slug, name, count] = figures(batches)
        return self._true[slug, name, count]

    def days(self, slug: str, count: int) -> tuple[date, date]:
        """The last full days of the account."""
        last = NOW.astimezone(ZoneInfo(self.account(slug).time_zone)).date() - timedelta(1)
        return last - timedelta(count - 1), last


# --- pulling -------------------------------------------------------------------------------------


def pull(
    connector: Connector, account: Account, stream: str | Stream, first: date, last: date
) -> list[Batch]:
    """All batches."""
    wanted = connector.stream(stream) if isinstance(stream, str) else stream
    return list(connector.pull(account, wanted, first, last))


def figures(batches: list[Batch]) -> dict[tuple[Any, ...], Any]:
    """Rows by (day, entity, segment), or orders by (day, key). A key that comes twice fails."""
    keyed: list[tuple[tuple[Any, ...], Any]] = []
    for batch in batches:
        keyed += [((row["day"], row.get("entity"), row.get("segment")), row) for row in batch.rows]
        keyed += [((order.day, order.key), order) for order in batch.orders]
    twice = [key for key, times in Counter(key for key, _ in keyed).items() if times > 1]
    assert not twice, f"more than once: {twice[:3]}"
    return dict(keyed)


def summed(batches: list[Batch], name: str) -> Decimal:
    """A metric over all rows; of orders their number and net sales."""
    found = sum((Decimal(row.get(name) or 0) for batch in batches for row in batch.rows), Decimal(0))
    orders = [order for batch in batches for order in batch.orders]
    if name == "orders":
        return Decimal(len(orders))
    return found + (sum(map(_net, orders), Decimal(0)) if name == "revenue_net" else 0)


def _net(order: Order) -> Decimal:
    return order.gross - order.discounts - sum((refund.amount for refund in order.refunds), Decimal(0))


def clock_changes(zone: str) -> Iterator[date]:
    """Days since the world began on which that zone's clocks were changed: one or two."""
    for back in range(5, 210):
        day = NOW.date() - timedelta(back)
        before, after = (datetime(d.year, d.month, d.day, tzinfo=ZoneInfo(zone)).utcoffset() for d in (day, day + timedelta(1)))  # fmt: skip
        if before != after:
            yield day


# --- what must hold ------------------------------------------------------------------------------


def check_row(row: Mapping[str, Any], stream: Stream, first: date, last: date) -> None:
    """A row is exact, of the days asked and says only what the store can keep."""
    assert type(row["day"]) is date
    assert stream.kind == "snapshots" or first <= row["day"] <= last
    assert (stream.level == "account") == (row.get("entity") is None), row
    assert bool(stream.breakdown) == ("segment" in row), row
    for name in {"entity", "campaign", "segment"} & set(row):
        assert isinstance(row[name], str), (name, row[name])
    for name, value in row.items():
        if name in COUNTS:
            assert value is None or type(value) is int, (name, value)
        elif name in AMOUNTS:
            assert value is None or type(value) is int or _exact(value), (name, value)
        else:
            assert name in _KEYS, f"{name} is no metric that the store keeps: put it into `more`"
        assert name in _KEYS or not METRICS[name].is_ratio, f"{name} is a ratio: give what it is made of"
    json.dumps(row.get("more", {}), default=_refuse)


def _refuse(value: Any) -> Any:
    raise AssertionError(f"`more` holds {value!r}: only text, whole numbers and lists of them can be kept")


def _exact(value: Any) -> bool:
    return isinstance(value, Decimal) and value.is_finite()


def check_order(order: Order, first: date, last: date) -> None:
    """An order is exact, of the days asked, with times that name their zone."""
    assert first <= order.day <= last
    assert order.placed_at.tzinfo is not None
    assert re.fullmatch("[A-Z]{3}", order.currency)
    money = [order.gross, order.discounts, *(refund.amount for refund in order.refunds)]
    money += [line.price for line in order.lines if line.price is not None]
    assert all(map(_exact, money)), order


def check_stream(stream: Stream) -> None:
    """A stream's level and breakdown are known to the store."""
    grain = grains.code(stream.level, stream.breakdown)
    assert stream.level in grains.LEVELS
    assert grains.label(grain)
    assert 1 <= stream.max_days <= 400
    assert stream.history_days >= 1
    assert min(stream.lookback.values()) >= 0
    assert stream.label


def check_error(error: BaseException, connector: Connector) -> None:
    """An error of ours, readable, without a secret."""
    assert isinstance(error, SoundingsError), f"{type(error).__name__}: {error}"
    said = str(error)
    assert 20 < len(said) < 600, said
    assert said.rstrip().endswith((".", ")", "”")), said
    assert not re.search(r"Traceback|<html|<!DOCTYPE|\{\"|\n|object at 0x", said), said
    for secret in secrets(connector):
        assert secret not in said


def secrets(connector: Connector) -> list[str]:
    """Every secret that the connector holds."""
    names = {f.name for way in connector.sign_ins for f in way.fields if f.secret}
    names |= {"access_token", "refresh_token", "client_secret"}
    held = [connector.credentials.get(name) for name in names]
    texts = [one["private_key"] if isinstance(one, dict) else str(one) for one in held if one]
    return [line for text in texts for line in text.splitlines() if len(line) > 5 and "KEY-----" not in line]


def attempt(connector: Connector, deed: Callable[[], Any]) -> Any:
    """What the deed gives; None where it ended in an error as it should be. Any other error fails."""
    try:
        return deed()
    except Exception as error:
        check_error(error, connector)
        return None


def is_lesser(found: Any, true: Any) -> bool:
    """Whether this says nothing but the truth: the same keys, figures absent or smaller, texts absent."""
    if isinstance(true, dict):
        return set(found) <= set(true) and (
            all(is_lesser(found[key], true[key]) for key in found)
            and (not true or not isinstance(next(iter(true)), tuple) or set(found) == set(true))
        )
    if is_dataclass(true):
        return all(is_lesser(getattr(found, f.name), getattr(true, f.name)) for f in fields(true))  # type: ignore[arg-type]
    if isinstance(true, tuple):
        return all(any(is_lesser(each, other) for other in true) for each in found)
    if isinstance(true, (int, Decimal)):
        return found is None or (isinstance(found, (int, Decimal)) and found <= true)
    return found == true or not found
