"""Connecting an account, step by step: sign in, test, pick accounts, first sync. Every step checks the role anew.

Credentials are stored once they are typed in (write-only from then on), as a connection that is still
`signing_in`; it becomes healthy when the platform lets it in. Reconnecting signs in beside the old
credentials and takes their place only once the new ones work.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from babel.numbers import list_currencies

import connectors
from connectors import _oauth
from connectors._base import Account, Connector, SignIn
from connectors._redaction import clean, hide
from errors import AccessMissing, BadInput, NotFound, SoundingsError
from store import audit, connections, projects, runs, schedules, sources
from store.access import Action, Person, enter, reading
from store.connections import Login
from store.db import Connection
from syncing import logins, plan
from syncing.sync import chosen

HISTORY_DAYS = 730
_LONGEST = 20_000
_REPLACES, _VERIFIER, _REDIRECT, _PERSON = "_replaces", "_verifier", "_redirect_uri", "_person"


@dataclass(frozen=True)
class Step:
    """A step of the connection test; `error` is empty where it worked."""

    label: str
    error: str = ""


@dataclass(frozen=True)
class Choice:
    """An account to pick. `why_not` says why it cannot be; `twin` names an uploaded source that holds the same."""

    account: Account
    why_not: str = ""
    twin: str = ""


@dataclass(frozen=True)
class Preview:
    """The last 30 days of an account, to see that it is the right one; `by_day` is of the headline metric."""

    metric: str
    total: Decimal
    currency: str
    by_day: dict[date, Decimal]


def logins_of(person: Person, project_id: int) -> list[Login]:
    """The project's connections."""
    with reading(person, project_id) as connection:
        return connections.listed(connection, project_id)


def login(person: Person, project_id: int, connection_id: int) -> Login:
    """One connection, for somebody who may manage it. Raises NotFound or NotAllowed."""
    with enter(person, project_id, Action.MANAGE_CONNECTIONS) as connection:
        return connections.read(connection, project_id, connection_id)


def begin(
    person: Person,
    project_id: int,
    platform: str,
    sign_in: str,
    fields: Mapping[str, str],
    *,
    replaces: int | None = None,
) -> int:
    """Lock away what was typed in, as a connection that still has to prove itself; its id. Raises BadInput."""
    kind = connectors.find(platform)
    way = next((one for one in kind.sign_ins if one.slug == sign_in), None)
    if way is None:
        raise BadInput(f"{kind.label} has no sign-in called {sign_in!r}. Nothing was stored.")
    given: dict[str, Any] = _checked(way, fields)
    with enter(person, project_id, Action.MANAGE_CONNECTIONS) as connection:
        if replaces is not None:
            old = connections.read(connection, project_id, replaces)
            if old.platform != platform:
                raise BadInput("A connection can only be renewed by a sign-in to the same platform.")
            given[_REPLACES] = replaces
        return connections.create(
            connection, project_id, platform, kind.label, sign_in, given, person.id, state="signing_in"
        )


def _checked(way: SignIn, fields: Mapping[str, str]) -> dict[str, str]:
    given = {}
    for one in way.fields:
        value = str(fields.get(one.name) or "").strip()
        hide(value) if one.secret else None
        if one.required and not value:
            raise BadInput(f"{one.label} is missing. Nothing was stored.")
        if len(value) > _LONGEST or "\x00" in value:
            raise BadInput(f"{one.label} cannot be that long. Nothing was stored.")
        if value:
            given[one.name] = value
    return given


def _connector(person: Person, project_id: int, connection_id: int) -> Connector:
    with enter(person, project_id, Action.MANAGE_CONNECTIONS):
        pass
    return logins.open_connector(project_id, connection_id)


def test(person: Person, project_id: int, connection_id: int) -> Iterator[Step]:
    """Try the connection, step by step; the last one that is yielded failed or everything works.

    A connection that works becomes healthy, and takes the place of the one that it was to renew.
    """
    try:
        connector = _connector(person, project_id, connection_id)
    except SoundingsError as error:
        yield Step("Open the stored sign-in", clean(str(error)))
        return
    for label, attempt in connector.steps():
        try:
            attempt()
        except SoundingsError as error:
            yield Step(label, clean(str(error)))
            return
        yield Step(label)
    _let_in(person, project_id, connection_id, connector)


def _let_in(person: Person, project_id: int, connection_id: int, connector: Connector) -> None:
    with enter(person, project_id, Action.MANAGE_CONNECTIONS) as connection:
        connections.let_in(connection, project_id, connection_id, connector.sign_in_ends())
        _record(
            connection, person, project_id, "use_credential", connector.label, {"connection": connection_id}
        )


# --- OAuth ---------------------------------------------------------------------------------------


def address_to_allow(person: Person, project_id: int, connection_id: int, redirect_uri: str) -> str:
    """Where the person goes to allow the reading. They come back to `redirect_uri` with a code and our state."""
    state, verifier = secrets.token_urlsafe(32), _oauth.verifier()
    with enter(person, project_id, Action.MANAGE_CONNECTIONS) as connection:
        login = connections.read(connection, project_id, connection_id)
        oauth = connectors.find(login.platform).oauth
        if oauth is None:
            raise BadInput(f"{login.name} has no page to sign in at.")
        given = connections.credentials(connection, project_id, connection_id)
        left = {_VERIFIER: verifier, _REDIRECT: redirect_uri, _PERSON: person.id}
        connections.replace_credentials(connection, project_id, connection_id, {**given, **left})
        connections.leave(connection, project_id, connection_id, state)
        is_demo = projects.is_demo(connection, project_id)
    connector = logins.with_credentials(login.platform, given, is_demo=is_demo)
    return connector.http.address(connector.allow_address(redirect_uri, state, verifier))


def come_back(person: Person, login: Login, code: str, answer: Mapping[str, str]) -> None:
    """Trade the code that the platform's page gave for tokens, and lock them away. `answer` is all that came back."""
    with enter(person, login.project_id, Action.MANAGE_CONNECTIONS) as connection:
        if answer.get("error") or not code:
            reason = answer.get("error_description") or answer.get("error") or "no code came back"
            raise BadInput(f"{login.name} was not connected: {reason[:200]}. Nothing was changed.")
        given = connections.credentials(connection, login.project_id, login.id)
        if given.get(_PERSON) != person.id:
            raise BadInput("Somebody else began this sign-in. Nothing was changed: begin it yourself.")
        is_demo = projects.is_demo(connection, login.project_id)
    connector = logins.with_credentials(login.platform, given, is_demo=is_demo)
    connector.check_return(answer)
    tokens = connector.exchange(code, str(given.get(_REDIRECT, "")), str(given.get(_VERIFIER, "")))
    kept = {name: value for name, value in given.items() if name not in {_VERIFIER, _REDIRECT, _PERSON}}
    with enter(person, login.project_id, Action.MANAGE_CONNECTIONS) as connection:
        connections.replace_credentials(connection, login.project_id, login.id, {**kept, **tokens})


def has_tokens(person: Person, project_id: int, connection_id: int) -> bool:
    """Whether the person has been at the platform's page and came back with something."""
    with enter(person, project_id, Action.MANAGE_CONNECTIONS) as connection:
        given = connections.credentials(connection, project_id, connection_id)
    return bool(given.get("access_token") or given.get("refresh_token"))


def renews(person: Person, project_id: int, connection_id: int) -> int | None:
    """The connection that this one was begun to renew."""
    with enter(person, project_id, Action.MANAGE_CONNECTIONS) as connection:
        found = connections.credentials(connection, project_id, connection_id).get(_REPLACES)
    return None if found is None else int(found)


def discard(person: Person, project_id: int, connection_id: int) -> bool:
    """Forget a sign-in that was begun and not finished. Raises BadInput for one that is in use."""
    with enter(person, project_id, Action.MANAGE_CONNECTIONS) as connection:
        if connections.sources_of(connection, project_id, connection_id):
            raise BadInput("This connection is in use: disconnect it instead.")
        connections.remove(connection, project_id, connection_id)
    return True


def note_problem(person: Person, login: Login, problem: str) -> None:
    """Keep why a sign-in did not come about, for the page to show; nothing for somebody without the right."""
    try:
        with enter(person, login.project_id, Action.MANAGE_CONNECTIONS) as connection:
            connections.change(connection, login.project_id, login.id, diagnosis=problem)
    except SoundingsError:
        return


# --- accounts ------------------------------------------------------------------------------------


def finish_reconnecting(person: Person, project_id: int, connection_id: int) -> int:
    """Where a connection was made to renew another: move the working sign-in there. The id to go on with.

    Raises AccessMissing where the new sign-in does not see the accounts that are read; then nothing changed.
    """
    with enter(person, project_id, Action.MANAGE_CONNECTIONS) as connection:
        given = connections.credentials(connection, project_id, connection_id)
        old = given.pop(_REPLACES, None)
        if old is None:
            return connection_id
        wanted = [
            sources.read(connection, project_id, one)
            for one in connections.sources_of(connection, project_id, old)
        ]
    connector = _connector(person, project_id, connection_id)
    visible = {account.key for account in connector.accounts() if not account.note}
    if missing := [source.name for source in wanted if source.account_key not in visible]:
        raise AccessMissing(
            f"This sign-in works, but does not see {', '.join(missing)}, which the connection reads. Sign in as "
            "somebody who does; the old sign-in was left as it is."
        )
    with enter(person, project_id, Action.MANAGE_CONNECTIONS) as connection:
        connections.replace_credentials(connection, project_id, old, given)
        connections.let_in(connection, project_id, old, connector.sign_in_ends())
        connections.remove(connection, project_id, connection_id)
        _record(connection, person, project_id, "reconnect", connector.label, {"connection": old})
        for source in wanted:
            runs.request_sync(connection, project_id, source.id, {"mode": "manual"}, person.id)
    return int(old)


def choices(person: Person, project_id: int, connection_id: int) -> list[Choice]:
    """Accounts that the connection sees, with what speaks against picking one."""
    connector = _connector(person, project_id, connection_id)
    found = connector.accounts()
    with enter(person, project_id, Action.MANAGE_CONNECTIONS) as connection:
        known = sources.listed(connection, project_id)
    return [_choice(connector, account, known) for account in found]


def _choice(connector: Connector, account: Account, known: list[sources.Source]) -> Choice:
    same = [one for one in known if one.platform == connector.slug and one.currency == account.currency]
    connected = next((one for one in same if one.account_key == account.key and one.connection_id), None)
    why_not = account.note or ("It is connected already." if connected else "")
    if not why_not and account.currency and account.currency not in list_currencies():
        why_not = f"It reports in “{account.currency}”, which is no currency that we know."
    twin = next((one for one in same if _is_twin(one, account)), None)
    return Choice(account, why_not, twin.name if twin else "")


def _is_twin(source: sources.Source, account: Account) -> bool:
    """An uploaded source of the same account: both would count its figures."""
    return source.connection_id is None and account.name.casefold() in {
        source.name.casefold(), source.account_key.casefold(),
    }  # fmt: skip


def preview(person: Person, project_id: int, connection_id: int, account_key: str) -> Preview:
    """The headline figure of the last 30 complete days, straight from the platform."""
    connector = _connector(person, project_id, connection_id)
    account = connector.account(account_key)
    last = plan.today(datetime.now(UTC), account.time_zone) - timedelta(1)
    metric = connector.headline
    by_day = connector.headline_by_day(account, last - timedelta(29), last)
    return Preview(metric, sum(by_day.values(), Decimal(0)), account.currency, by_day)


def pick(person: Person, project_id: int, connection_id: int, account_keys: list[str]) -> list[int]:
    """Read these accounts from now on: each becomes a source whose first sync is asked for at once."""
    offered = {one.account.key: one for one in choices(person, project_id, connection_id)}
    picked = [offered[key] for key in account_keys if key in offered]
    if not picked or len(picked) < len(account_keys):
        raise BadInput("Pick at least one of the accounts in the list. Nothing was changed.")
    if refused := next((one for one in picked if one.why_not), None):
        raise BadInput(f"{refused.account.name} cannot be read: {refused.why_not}")
    with enter(person, project_id, Action.MANAGE_CONNECTIONS) as connection:
        login = connections.read(connection, project_id, connection_id)
        made = [add_source(connection, project_id, login, one.account, person.id) for one in picked]
        if len(connections.sources_of(connection, project_id, connection_id)) == len(made):
            connections.change(connection, project_id, connection_id, name=_named(login, picked))
        _record(
            connection, person, project_id, "connect", login.name,
            {"accounts": [one.account.name for one in picked]},
        )  # fmt: skip
    return made


def _named(login: Login, picked: list[Choice]) -> str:
    label = connectors.find(login.platform).label
    more = f" and {len(picked) - 1} more" if len(picked) > 1 else ""
    return f"{label}: {picked[0].account.name}{more}"


def add_source(
    connection: Connection, project_id: int, login: Login, account: Account, person_id: int | None
) -> int:
    """The source of a picked account, its schedule and its first run; an uploaded twin leaves the totals."""
    source_id = sources.get_or_create(
        connection, project_id, login.platform, login.platform, account.key, account.name, account.currency,
        account.time_zone,
    )  # fmt: skip
    kind = connectors.find(login.platform)
    today = plan.today(datetime.now(UTC), account.time_zone)
    history = min(HISTORY_DAYS, max(stream.history_days for stream in kind.streams))
    sources.change(
        connection, project_id, source_id, connection_id=login.id, read_from=today - timedelta(history - 1),
        extra=dict(account.extra),
    )  # fmt: skip
    for other in sources.listed(connection, project_id):
        same = other.id != source_id and (other.platform, other.currency) == (
            login.platform,
            account.currency,
        )
        if same and _is_twin(other, account):
            sources.change(connection, project_id, other.id, in_totals=False)
    schedules.add(connection, project_id, source_id, login.id, login.platform)
    runs.request_sync(connection, project_id, source_id, {"mode": "first"}, person_id)
    return source_id


# --- afterwards ----------------------------------------------------------------------------------


def remove(person: Person, project_id: int, connection_id: int, *, with_data: bool) -> None:
    """Forget a sign-in, with what was read through it or without."""
    with enter(person, project_id, Action.MANAGE_CONNECTIONS) as connection:
        login = connections.read(connection, project_id, connection_id)
        found = connections.sources_of(connection, project_id, connection_id)
        connections.remove(connection, project_id, connection_id)
        if with_data and found:
            runs.request(connection, project_id, "remove", {"source_ids": found}, person.id)
        _record(connection, person, project_id, "disconnect", login.name, {"with_data": with_data})


def choose_streams(person: Person, project_id: int, source_id: int, slugs: list[str]) -> None:
    """Which streams of a source are read from now on; those left out keep what they have. Raises BadInput."""
    with enter(person, project_id, Action.MANAGE_CONNECTIONS) as connection:
        source = sources.read(connection, project_id, source_id)
        kind = connectors.find(source.platform)
        if unknown := set(slugs) - {stream.slug for stream in kind.streams}:
            raise BadInput(f"{kind.label} has no {', '.join(sorted(unknown))}. Nothing was changed.")
        sources.change(connection, project_id, source_id, streams=slugs)
        _record(connection, person, project_id, "change_source", source.name, {"streams": slugs})


def set_lookback(person: Person, project_id: int, source_id: int, days: int | None) -> None:
    """How many days are read again on each run; None: the platform's default. Raises BadInput."""
    if days is not None and not 0 <= days <= 400:
        raise BadInput("Between 0 and 400 days can be read again. Nothing was changed.")
    with enter(person, project_id, Action.MANAGE_CONNECTIONS) as connection:
        source = sources.read(connection, project_id, source_id)
        sources.change(connection, project_id, source_id, lookback=days)
        _record(connection, person, project_id, "change_source", source.name, {"lookback": days})


def read_streams(source: sources.Source) -> list[str]:
    """Slugs of the streams that a source reads."""
    return [stream.slug for stream in chosen(connectors.find(source.platform), source.streams)]


def login_back(connection: Connection, state: str) -> Login:
    """The connection that a state belongs to, once. Raises NotFound."""
    if not 20 <= len(state) <= 200:
        raise NotFound("This way back from the platform is not one of ours. Nothing was changed.")
    return connections.come_back(connection, state)


def _record(
    connection: Connection,
    person: Person,
    project_id: int,
    action: str,
    subject: str,
    details: dict[str, Any],
) -> None:
    audit.record(
        connection, who=person, action=action, subject=subject, project_id=project_id, details=details
    )
