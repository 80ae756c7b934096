"""The commands of `python -m connectors`: each reads what it needs and writes lines to standard output."""

from __future__ import annotations

import json
import logging
import os
import sys
import tempfile
from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from connectors import REGISTRY, connect, find
from connectors._base import Account, Batch, Connector, Credentials, Stream, parts
from connectors._http import pause
from connectors._redaction import clean
from errors import BadInput, SoundingsError, TooMuchData

_log = logging.getLogger("connectors")
_STDIN = "-"
_NOT_SHOWN = {"more", "extra", "lines", "visits", "refunds", "customer"}
"""What only --json shows."""


def platforms(options: Namespace) -> None:
    """Every platform, its API version and the fields of its sign-ins."""
    _show(
        (
            {
                "platform": slug,
                "label": find(slug).label,
                "version": find(slug).version,
                "sign_ins": [[field.name for field in way.fields] for way in find(slug).sign_ins],
            }
            for slug in REGISTRY
        ),
        options.json,
    )


def streams(options: Namespace) -> None:
    """The streams of a platform: what --grain takes."""
    names = ("slug", "label", "level", "breakdown", "kind", "max_days", "history_days", "attribution")
    _show(
        ({name: getattr(stream, name) for name in names} for stream in find(options.platform).streams),
        options.json,
    )


def check(options: Namespace) -> None:
    """The steps of the connection test, up to the one that fails."""
    for name, step in _connector(options).steps():
        try:
            step()
        except SoundingsError as error:
            _step(options, name, error)
            raise type(error)(f"{name}: {error}") from error
        _step(options, name, None)


def _step(options: Namespace, name: str, error: SoundingsError | None) -> None:
    if options.json:
        found = {"step": name, "ok": error is None, **({"error": str(error)} if error else {})}
        _write(json.dumps(found, ensure_ascii=False))
    else:
        _write(f"{'failed' if error else 'ok':<6}  {name}")


def accounts(options: Namespace) -> None:
    """The accounts that a sign-in sees."""
    _show((asdict(account) for account in _connector(options).accounts()), options.json)


def entities(options: Namespace) -> None:
    """Campaigns, ads … of an account."""
    connector = _connector(options)
    found = connector.entities(_account(connector, options.account))
    _show((asdict(entity) for entity in found), options.json)


def pull(options: Namespace) -> None:
    """Figures or orders of an account."""
    last = options.last or datetime.now(UTC).date()
    first = options.first or last - timedelta(6)
    if first > last:
        raise BadInput(f"--from {first} is after --to {last}.")
    stream = _stream(find(options.platform), options.grain)
    connector = _connector(options)
    account = _account(connector, options.account)
    for batch in _batches(connector, account, stream, first, last):
        _show((*batch.rows, *(asdict(order) for order in batch.orders)), options.json)


COMMANDS: dict[str, Callable[[Namespace], None]] = {
    "platforms": platforms,
    "streams": streams,
    "check": check,
    "accounts": accounts,
    "entities": entities,
    "pull": pull,
}


# --- what is asked for ---------------------------------------------------------------------------


def _stream(kind: type[Connector], slug: str | None) -> Stream:
    named = {stream.slug: stream for stream in kind.streams}
    if slug is not None and slug not in named:
        raise BadInput(f"{kind.label} has no grain {slug!r}. It has: {', '.join(named)}.")
    return named[slug] if slug else kind.streams[0]


def _account(connector: Connector, key: str | None) -> Account:
    if key is not None:
        return connector.account(key)
    found = [account for account in connector.accounts() if not account.note]
    if len(found) != 1:
        names = ", ".join(f"{account.key} ({account.name})" for account in found[:20]) or "none"
        raise BadInput(f"Say which account with --account. This sign-in can read: {names}.")
    return found[0]


def _batches(
    connector: Connector, account: Account, stream: Stream, first: date, last: date
) -> Iterator[Batch]:
    """In parts that the platform takes, smaller ones where it says that it is too much."""
    if stream.kind == "snapshots":
        yield from connector.pull(account, stream, first, last)
        return
    for begin, end in parts(first, last, stream.max_days):
        got = False
        try:
            for batch in connector.pull(account, stream, begin, end):
                got = True
                yield batch
        except TooMuchData:
            if got or begin == end:
                raise
            middle = begin + (end - begin) // 2
            yield from _batches(connector, account, stream, begin, middle)
            yield from _batches(connector, account, stream, middle + timedelta(1), end)


# --- credentials ---------------------------------------------------------------------------------


def _connector(options: Namespace) -> Connector:
    kind = find(options.platform)
    held = _credentials(kind, options.credentials)

    def keep(renew: Callable[[Credentials], Mapping[str, Any]], stale: object) -> Credentials:
        before = held.get("refresh_token")
        held.update(renew(held))
        if options.save:
            _save(Path(options.credentials), held)
        elif before and held.get("refresh_token") != before:
            _log.warning("The platform replaced the refresh token. With --save the new one is kept.")
        return Credentials(held)

    if options.save and options.credentials == _STDIN:
        raise BadInput("--save needs a file; credentials from standard input cannot be written back.")
    return connect(options.platform, held, keeper=keep, wait=_wait)


def _wait(seconds: float, why: str) -> None:
    _log.info("%s (%.0f s)", why, seconds)
    pause(seconds, why)


def _credentials(kind: type[Connector], path: str) -> Credentials:
    where = "Standard input" if path == _STDIN else f"The file {path}"
    try:
        text = sys.stdin.read() if path == _STDIN else Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{where} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{where} is no text in UTF-8.") from error
    try:
        found = json.loads(text)
    except ValueError as error:
        raise BadInput(f"{where} does not hold JSON.") from error
    if not isinstance(found, dict):
        raise BadInput(f"{where} must hold one JSON object with the fields of the sign-in.")
    held = Credentials(found)
    if not _complete(kind, held):
        ways = "; or ".join(", ".join(_needed(kind, way)) for way in range(len(kind.sign_ins)))
        raise BadInput(f"{where} lacks a field that {kind.label} needs: {ways}.")
    return held


def _needed(kind: type[Connector], way: int) -> list[str]:
    sign_in = kind.sign_ins[way]
    names = [field.name for field in sign_in.fields if field.required]
    return [*names, "refresh_token (or access_token)"] if sign_in.oauth else names


def _complete(kind: type[Connector], held: Credentials) -> bool:
    """Whether this may sign in: all fields of a way, or the tokens that a sign-in by browser leaves behind."""
    if held.get("access_token") or held.get("type") == "service_account":
        return True
    for sign_in in kind.sign_ins:
        names = [field.name for field in sign_in.fields if field.required]
        names += ["refresh_token"] if sign_in.oauth else []
        if all(held.get(name) for name in names) and any(map(held.get, (f.name for f in sign_in.fields))):
            return True
    return False


def _save(path: Path, held: Credentials) -> None:
    """Replace the file at once and whole, readable by its owner only."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(held, file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except OSError as error:
        raise BadInput(
            f"The renewed credentials could not be written to {path}: {error.strerror}."
        ) from error


# --- lines ---------------------------------------------------------------------------------------


def _show(found: Iterable[Mapping[str, Any]], as_json: bool) -> None:
    if as_json:
        for one in found:
            _write(json.dumps({name: _plain(value) for name, value in one.items()}, ensure_ascii=False))
        return
    rows = [{name: _cell(value) for name, value in one.items() if name not in _NOT_SHOWN} for one in found]
    names = list(dict.fromkeys(name for row in rows for name in row))
    widths = [max(len(name), *(len(row.get(name, "")) for row in rows)) for name in names]
    for row in ({name: name for name in names}, *rows) if rows else ():
        cells = (row.get(name, "").ljust(width) for name, width in zip(names, widths, strict=True))
        _write("  ".join(cells).rstrip())


def _plain(value: Any) -> Any:
    """As JSON has it; exact numbers and days as text."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return value


def _cell(value: Any) -> str:
    found = _plain(value)
    if isinstance(found, list):
        return " / ".join(" ".join(map(str, each)) if isinstance(each, list) else str(each) for each in found)
    return "" if found is None else str(found)


def _write(line: str) -> None:
    sys.stdout.write(clean(line) + "\n")
