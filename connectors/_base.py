"""What a connector is: a declaration of a platform, and code only for its odd parts.

A platform module subclasses `Connector`, declares its sign-ins, streams and limits, and says how to list
accounts and entities and how to pull a stream. Everything else (HTTP, retries, paging, OAuth, redaction)
is shared. docs/adding-a-platform.md takes a newcomer through it; tests/connectors/test_contract*.py hold
every registered connector to it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar, Literal, TypeVar

import settings
from connectors._http import Answer, Http
from connectors._limits import Limit
from connectors._oauth import OAuth
from connectors._redaction import hide
from errors import AccessMissing, NeedsReconnect, SoundingsError, UnexpectedAnswer

__all__ = [
    "Account", "Batch", "Connector", "Credentials", "Entity", "Field", "Limit", "Line", "OAuth", "Order",
    "Refund", "Row", "SignIn", "Stream", "Visit", "follow",
]  # fmt: skip

Row = dict[str, Any]
"""A row of figures: `day` (date), `entity` (the platform's id as text; absent for the account itself),
`campaign` (id of the campaign above it, where there is one), `segment` (value of the breakdown), base
metrics of analytics/metrics.py (counts int, amounts Decimal or int; absent or None: not measured, which
is not 0), and `more`: the platform's own numbers by its own names."""

Status = Literal["", "active", "paused", "ended", "removed", "draft"]
T = TypeVar("T")


class Credentials(dict[str, Any]):
    """What signs in, by field name. Never shows its values."""

    def __repr__(self) -> str:
        return f"Credentials({', '.join(sorted(self))})"

    __str__ = __repr__


@dataclass(frozen=True)
class Field:
    """One thing to type or paste. A secret one is hidden as it is typed and never shown again."""

    name: str
    label: str
    help: str = ""
    secret: bool = True
    required: bool = True
    long: bool = False


@dataclass(frozen=True)
class SignIn:
    """A way to sign in: fields to fill in and, for `oauth`, a visit to the platform's own page after that."""

    slug: str
    label: str
    help: str
    fields: tuple[Field, ...]
    oauth: bool = False


@dataclass(frozen=True)
class Stream:
    """Figures at one grain, fetched and stored on their own.

    `level` and `breakdown` are those of store/grains.py. `max_days` is the longest range of one question,
    `history_days` how far back the platform answers. `lookback` is how many days back figures still
    change, by metric family ("spend", "conversions"): defaults from published practice, editable per source.
    """

    slug: str
    label: str
    level: str
    breakdown: str = ""
    kind: Literal["metrics", "orders", "snapshots"] = "metrics"
    max_days: int = 30
    history_days: int = 730
    lookback: Mapping[str, int] = field(default_factory=lambda: {"all": 30})
    attribution: str = ""
    definition: str = ""
    optional: bool = False

    @property
    def window(self) -> int:
        """Days to read again on every run."""
        return max(self.lookback.values())


@dataclass(frozen=True)
class Account:
    """An account that a credential can see. `note` says why one cannot be picked; empty: it can.

    `currency` is empty where the platform has no money, `time_zone` an IANA name. `extra` is what `pull`
    needs to know besides (a manager's id, say); it holds no secret.
    """

    key: str
    name: str
    currency: str = ""
    time_zone: str = ""
    note: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Entity:
    """A campaign, ad group, ad, e-mail, post … as it stands now. Budget in the account's currency."""

    level: str
    key: str
    name: str
    parent: tuple[str, str] | None = None
    status: Status = ""
    budget: Decimal | None = None
    budget_period: Literal["", "day", "lifetime"] = ""


@dataclass(frozen=True)
class Line:
    """One line of an order. Prices a piece, in the order's currency."""

    title: str
    sku: str = ""
    quantity: Decimal | None = None
    price: Decimal | None = None
    discount: Decimal | None = None


@dataclass(frozen=True)
class Refund:
    """Money given back, on a day in the shop's time zone."""

    key: str
    day: date
    amount: Decimal


@dataclass(frozen=True)
class Visit:
    """A visit that the shop ties to an order: its first or its last one."""

    which: Literal["first", "last"]
    at: datetime | None
    source: str = ""
    medium: str = ""
    campaign: str = ""
    content: str = ""
    term: str = ""
    landing_page: str = ""
    referrer: str = ""


@dataclass(frozen=True)
class Order:
    """An order, money in `currency`; net = gross − discounts − refunds, as in the shop's exports.

    `day` is the day of the order in the shop's time zone. `customer` identifies the buyer (an id, never
    shown); it is hashed before it is stored.
    """

    key: str
    name: str
    placed_at: datetime
    day: date
    currency: str
    gross: Decimal
    discounts: Decimal
    refunds: tuple[Refund, ...] = ()
    shipping: Decimal | None = None
    taxes: Decimal | None = None
    customer: str = ""
    customer_type: Literal["", "new", "returning"] = ""
    status: str = ""
    country: str = ""
    channel: str = ""
    medium: str = ""
    campaign: str = ""
    lines: tuple[Line, ...] = ()
    visits: tuple[Visit, ...] = ()


@dataclass
class Batch:
    """A page of what a stream yields."""

    rows: list[Row] = field(default_factory=list)
    entities: list[Entity] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)


Keeper = Callable[[Callable[[Credentials], Mapping[str, Any]], object], Credentials]
"""Renews stored credentials under a lock: given how to renew them and the access token that is stale, it
returns the credentials as they are now stored (renewed by us, or by somebody else meanwhile)."""


class Connector(ABC):
    """One platform for one credential.

    Public methods raise errors of errors.py only: RateLimited and DayLimitReached (later), Unreachable,
    NeedsReconnect, AccessMissing, TooMuchData (ask for less), UnexpectedAnswer, Refused, Stopped.
    """

    slug: ClassVar[str]
    label: ClassVar[str]
    version: ClassVar[str]
    version_ends: ClassVar[date | None] = None
    reads: ClassVar[str]
    sign_ins: ClassVar[tuple[SignIn, ...]]
    oauth: ClassVar[OAuth | None] = None
    streams: ClassVar[tuple[Stream, ...]]
    limits: ClassVar[tuple[Limit, ...]] = (Limit(10, 1.0),)
    headline: ClassVar[str] = "spend"

    def __init__(self, credentials: Credentials, http: Http, keeper: Keeper | None = None) -> None:
        self.credentials = credentials
        self.http = http
        self._keeper = keeper or self._keep_here
        self._hide()
        http.headers, http.judge, http.renew = self.headers, self.judge, self.renew

    # --- declared by the platform ----------------------------------------------------------------

    @abstractmethod
    def accounts(self) -> list[Account]:
        """Accounts to pick from, those that cannot be picked with a note."""

    @abstractmethod
    def pull(self, account: Account, stream: Stream, first: date, last: date) -> Iterator[Batch]:
        """Everything of a stream from `first` to `last`, both included, in the account's days.

        Rows of one day may come on several pages; a key (entity, day, segment) comes once. For a stream of
        orders: those placed on these days; for snapshots: lifetime totals as they stand, day = today.
        """

    @abstractmethod
    def totals(self, account: Account, first: date, last: date) -> dict[date, Row]:
        """The platform's own total of the account by day, asked for on its own: what loaded rows must add up to.

        Only metrics that its most detailed complete stream must reproduce. Empty where it offers none.
        """

    def entities(self, account: Account) -> Iterator[Entity]:
        """Campaigns, ad groups, ads … as they stand, with those that did not deliver."""
        return iter(())

    def changes(self, account: Account, stream: Stream, since: datetime, until: datetime) -> Iterator[Batch]:
        """Orders that were changed in [since, until), whenever they were placed. Only for orders."""
        raise NotImplementedError(f"{self.slug} has no stream of changes")

    def headers(self) -> Mapping[str, str]:
        """What every call carries to be let in."""
        return {"Authorization": f"Bearer {self.token()}"}

    def judge(self, answer: Answer) -> SoundingsError | None:
        """What the platform's own error body says is wrong; None leaves it to the HTTP status."""
        return None

    def steps(self) -> tuple[tuple[str, Callable[[], object]], ...]:
        """The connection test: what is tried, in order, each raising where it fails."""
        return ((f"Sign in to {self.label}", self.token), ("List the accounts", self._some_account))

    # --- shared ----------------------------------------------------------------------------------

    def token(self) -> str:
        """A valid access token, renewed shortly before it ends."""
        ends = self.credentials.get("expires_at")
        if not self.credentials.get("access_token") or (ends and float(ends) < _now() + 60):
            self.renew()
        token = self.credentials.get("access_token")
        if not token:
            raise NeedsReconnect(f"{self.label}: this sign-in holds no access token. Reconnect it.")
        return str(token)

    def renew(self) -> bool:
        """Get a fresh access token; False where this sign-in has no way to."""
        if not self.can_renew():
            return False
        self.credentials = self._keeper(self._renewed, self.credentials.get("access_token"))
        self._hide()
        return True

    def allow_address(self, redirect_uri: str, state: str, verifier: str) -> str:
        """The platform's page where a person allows the reading (before PLATFORM_BASE_URLS)."""
        return self._doors.address(self.credentials, redirect_uri, state, verifier)

    def check_return(self, answer: Mapping[str, str]) -> None:  # noqa: B027  (most platforms sign nothing)
        """Whether what the platform's page sent back is really from it, where it signs that. Raises Refused."""

    def exchange(self, code: str, redirect_uri: str, verifier: str) -> dict[str, Any]:
        """Fields of the credentials for the code that the platform's page gave. Raises NeedsReconnect."""
        return self._doors.exchange(self.http, self.label, self.credentials, code, redirect_uri, verifier)

    def headline_by_day(self, account: Account, first: date, last: date) -> dict[date, Decimal]:
        """The headline metric by day, to show that it is the right account."""
        totals = self.totals(account, first, last)
        if not totals:
            main = self.streams[0]
            for batch in self.pull(account, main, first, last):
                for row in batch.rows:
                    known = totals.setdefault(row["day"], {self.headline: Decimal(0)})
                    known[self.headline] += row.get(self.headline) or 0
                for order in batch.orders:
                    known = totals.setdefault(order.day, {self.headline: Decimal(0)})
                    known[self.headline] += 1 if self.headline == "orders" else order.gross - order.discounts
        return {day: Decimal(row.get(self.headline) or 0) for day, row in sorted(totals.items())}

    def can_renew(self) -> bool:
        """True where a fresh access token can be had without a person."""
        return self.oauth is not None and bool(self.credentials.get("refresh_token"))

    def _renewed(self, credentials: Credentials) -> Mapping[str, Any]:
        """Fields that a renewal changes, the access token first of all; nothing is stored here."""
        return self._doors.refresh(self.http, self.label, credentials)

    @property
    def _doors(self) -> OAuth:
        """Where the platform lets people in, at the version that is asked for."""
        assert self.oauth is not None
        there = self.oauth
        if self.api_version == self.version:
            return there
        pinned, wanted = f"/{self.version}/", f"/{self.api_version}/"
        return replace(
            there,
            authorize=there.authorize.replace(pinned, wanted),
            token=there.token.replace(pinned, wanted),
        )

    @property
    def api_version(self) -> str:
        """The version that is asked for: the pinned one, or what PLATFORM_VERSIONS says."""
        return settings.current().platform_versions.get(self.slug, self.version)

    def sign_in_ends(self) -> datetime | None:
        """When a person has to sign in again at the latest, as far as the platform says."""
        ends = self.credentials.get("sign_in_ends_at")
        return datetime.fromtimestamp(float(ends), UTC) if ends else None

    def account(self, key: str) -> Account:
        """The account of a key. Raises AccessMissing through the list where it is not visible."""
        found = next((one for one in self.accounts() if one.key == key), None)
        if found is None:
            raise AccessMissing(
                f"{self.label}: this sign-in does not see the account {key}. Ask its owner for access, or "
                "reconnect with a sign-in that has it."
            )
        return found

    def stream(self, slug: str) -> Stream:
        """A stream by its slug. KeyError."""
        return {stream.slug: stream for stream in self.streams}[slug]

    def _some_account(self) -> list[Account]:
        found = self.accounts()
        if not any(not account.note for account in found):
            why = f" ({found[0].name}: {found[0].note})" if found else ""
            raise AccessMissing(
                f"{self.label}: the sign-in works, but sees no account that can be read{why}."
            )
        return found

    def _hide(self) -> None:
        names = {f.name for way in self.sign_ins for f in way.fields if f.secret}
        names |= {"access_token", "refresh_token", "client_secret", "id_token"}
        hide(*(self.credentials.get(name) for name in names))

    def _keep_here(self, renew: Callable[[Credentials], Mapping[str, Any]], stale: object) -> Credentials:
        return Credentials({**self.credentials, **renew(self.credentials)})


def _now() -> float:
    return datetime.now(UTC).timestamp()


def follow(fetch: Callable[[Any], tuple[T, Any]], what: str, start: Any = None) -> Iterator[T]:
    """Pages until there is no next token. Raises UnexpectedAnswer when a token comes twice: it would never end.

    `fetch` takes a token (`start` for the first page) and returns the page and the next token, falsy at the end.
    """
    seen, token = {str(start)}, start
    while True:
        page, token = fetch(token)
        yield page
        if not token:
            return
        if str(token) in seen:
            raise UnexpectedAnswer(
                f"{what} gave the same page twice and would never end. What is stored stays as it is; it is tried again later."
            )
        seen.add(str(token))


def parts(first: date, last: date, days: int) -> Iterator[tuple[date, date]]:
    """The range in parts of at most so many days, oldest first."""
    while first <= last:
        until = min(last, first + timedelta(days - 1))
        yield first, until
        first = until + timedelta(1)


def in_lots(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items in lists of at most `size`."""
    lot: list[T] = []
    for item in items:
        lot.append(item)
        if len(lot) == size:
            yield lot
            lot = []
    if lot:
        yield lot
