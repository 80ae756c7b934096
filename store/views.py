"""Saved views: links to dashboards with a name, private or shared with the project, and pinned to the overview.

Private views belong to whoever saved them, whatever their role. Sharing, and every change of a shared view,
needs an editor. A removed view can be brought back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from errors import BadInput, NotFound
from store import audit
from store.access import Action, Person, enter, reading
from store.models import users, views

LONGEST_NAME = 80
MOST_PINNED = 6
"""Charts that the overview draws besides its own: each costs a report."""
_MOST_PARAMS, _LONGEST_PARAM, _LARGEST = 60, 500, 16_000
_NOT_OF_A_VIEW = {"project", "link"}
_PAGE = re.compile(r"[a-z][a-z_]{0,39}")
_KEPT = timedelta(days=30)
Params = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class SavedView:
    """One view. `page` is the page's address, `params` the link's; `owner` is a name, empty if they are gone.

    `pinned` is its place on the overview; None: not there.
    """

    id: int
    name: str
    page: str
    params: dict[str, list[str]]
    shared: bool
    pinned: int | None
    owner_id: int
    owner: str
    updated_at: datetime


def _cleaned(name: str) -> str:
    text = " ".join(name.split())
    if not 0 < len(text) <= LONGEST_NAME:
        raise BadInput(f"A view needs a name of 1 to {LONGEST_NAME} characters. It was not saved.")
    return text


def _checked(params: Params) -> dict[str, list[str]]:
    """The parameters as they are stored. Raises BadInput for more than a link can hold."""
    kept = {name: list(values) for name, values in params.items() if name not in _NOT_OF_A_VIEW}
    texts = [text for name, values in kept.items() for text in (name, *values)]
    wrong = any(not isinstance(text, str) or len(text) > _LONGEST_PARAM or "\0" in text for text in texts)
    if wrong or len(kept) > _MOST_PARAMS or len(json.dumps(kept)) > _LARGEST:
        raise BadInput(
            "This view has more filters than a link can hold. Choose fewer, then save it; nothing was saved."
        )
    return kept


def _read(content: Any) -> dict[str, list[str]]:
    """Stored parameters, whatever an older version wrote."""
    if not isinstance(content, dict):
        return {}
    return {
        str(name): [text for text in values if isinstance(text, str)]
        for name, values in content.items()
        if isinstance(values, list)
    }


def _query(project_id: int, *where: sa.ColumnElement[bool]) -> sa.Select[Any]:
    v = views.c
    owner = sa.func.coalesce(users.c.name, "").label("owner")
    columns = (v.id, v.name, v.page, v.params, v.shared, v.pinned, v.owner_id, owner, v.updated_at)
    joined = views.outerjoin(users, users.c.id == v.owner_id)
    return sa.select(*columns).select_from(joined).where(v.project_id == project_id, *where)


def _found(connection: Connection, query: sa.Select[Any]) -> list[SavedView]:
    return [
        SavedView(row[0], row[1], row[2], _read(row[3]), *row[4:]) for row in connection.execute(query).all()
    ]


def _seen_by(person: Person) -> sa.ColumnElement[bool]:
    return sa.or_(views.c.shared, views.c.owner_id == person.id)


def listed(person: Person, project_id: int) -> list[SavedView]:
    """The person's own views and those shared with the project, by name."""
    with reading(person, project_id) as connection:
        query = _query(project_id, views.c.removed_at.is_(None), _seen_by(person))
        return _found(connection, query.order_by(sa.func.lower(views.c.name), views.c.id))


def read(person: Person, project_id: int, view_id: int) -> SavedView:
    """One view that the person sees. Raises NotFound, also for one that was removed."""
    with reading(person, project_id) as connection:
        query = _query(project_id, views.c.removed_at.is_(None), views.c.id == view_id, _seen_by(person))
        found = _found(connection, query)
    if not found:
        raise NotFound("That view is not there (any more).")
    return found[0]


def pinned(person: Person, project_id: int) -> list[SavedView]:
    """What the person sees pinned to the overview, in its order."""
    with reading(person, project_id) as connection:
        query = _query(
            project_id, views.c.removed_at.is_(None), views.c.pinned.is_not(None), _seen_by(person)
        )
        return _found(connection, query.order_by(views.c.pinned, views.c.id))[:MOST_PINNED]


def removed(person: Person, project_id: int) -> list[SavedView]:
    """Views that the person could bring back: removed in the last 30 days, the newest first."""
    since = datetime.now(UTC) - _KEPT
    with reading(person, project_id) as connection:
        query = _query(project_id, views.c.removed_at > since, _seen_by(person))
        return _found(connection, query.order_by(views.c.removed_at.desc()).limit(20))


@contextmanager
def _names() -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        raise BadInput(
            "There is a view of that name already. Choose another name; nothing was changed."
        ) from error


def save(
    person: Person, project_id: int, name: str, page: str, params: Params, *, shared: bool = False
) -> int:
    """Keep a link under a name; the view's id. Sharing needs an editor.

    Raises BadInput (name, size, or a name that the person has used already), NotAllowed, NotFound.
    """
    text, kept, now = _cleaned(name), _checked(params), datetime.now(UTC)
    if not _PAGE.fullmatch(page):
        raise BadInput("Only dashboards can be saved as a view.")
    needed = Action.EDIT_ANALYSIS if shared else Action.VIEW
    with _names(), enter(person, project_id, needed) as connection:
        row = {"owner_id": person.id, "name": text, "page": page, "params": kept, "shared": shared}
        query = sa.insert(views).values(project_id=project_id, created_at=now, updated_at=now, **row)
        found = int(connection.scalar(query.returning(views.c.id)) or 0)
        _record(connection, person, project_id, "save_view", text, {"page": page, "shared": shared})
        return found


def _record(
    connection: Connection, person: Person, project_id: int, action: str, name: str, details: dict[str, Any]
) -> None:
    audit.record(connection, who=person, action=action, subject=name, project_id=project_id, details=details)


def _one(connection: Connection, person: Person, project_id: int, view_id: int) -> Any:
    v = views.c
    query = sa.select(v.name, v.page, v.shared, v.pinned, v.removed_at).where(
        v.project_id == project_id, v.id == view_id, _seen_by(person)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound("That view is not there (any more).")
    return row


def _change(
    person: Person, project_id: int, view_id: int, action: str, *, sharing: bool = False, **values: Any
) -> None:
    """Change columns of a view that the person may change, and say so in the audit log."""
    with enter(person, project_id, Action.VIEW) as connection:
        shared = _one(connection, person, project_id, view_id).shared
    needed = Action.EDIT_ANALYSIS if shared or sharing else Action.VIEW
    with _names(), enter(person, project_id, needed) as connection:
        row = _one(connection, person, project_id, view_id)
        done = connection.execute(
            sa.update(views)
            .where(views.c.project_id == project_id, views.c.id == view_id, views.c.shared == shared)
            .values(**values, updated_at=datetime.now(UTC))
        )
        if not done.rowcount:
            raise BadInput("Somebody else changed this view just now. Look at it again; nothing was changed.")
        details = {name: value for name, value in values.items() if name in {"name", "shared"}}
        _record(connection, person, project_id, action, row.name, details)


def rename(person: Person, project_id: int, view_id: int, name: str) -> None:
    """Give a view another name. Raises as `save`."""
    _change(person, project_id, view_id, "rename_view", name=_cleaned(name))


def replace(person: Person, project_id: int, view_id: int, params: Params) -> None:
    """Let a view lead to another link of the same page. Raises as `save`."""
    _change(person, project_id, view_id, "change_view", params=_checked(params))


def share(person: Person, project_id: int, view_id: int, shared: bool) -> None:
    """Show a view to everybody in the project, or to its owner alone. Needs an editor."""
    _change(person, project_id, view_id, "share_view", sharing=True, shared=shared)


def pin(person: Person, project_id: int, view_id: int, on: bool) -> None:
    """Draw a view on the overview, behind those that are there, or no longer.

    Raises BadInput when the overview is full, or for a page that cannot be drawn there.
    """
    if not on:
        _change(person, project_id, view_id, "unpin_view", pinned=None)
        return
    there = pinned(person, project_id)
    if any(one.id == view_id for one in there):
        return
    if len(there) >= MOST_PINNED:
        raise BadInput(f"The overview has room for {MOST_PINNED} pinned views. Take one off first.")
    with enter(person, project_id, Action.VIEW) as connection:
        if _one(connection, person, project_id, view_id).page != "explore":
            raise BadInput("Only views of Explore can be drawn on the overview.")
    last = max((one.pinned or 0 for one in there), default=0)
    _change(person, project_id, view_id, "pin_view", pinned=last + 1)


def forward(person: Person, project_id: int, view_id: int) -> None:
    """Let a pinned view change places with the one before it."""
    there = pinned(person, project_id)
    at = next((n for n, one in enumerate(there) if one.id == view_id), 0)
    if at == 0:
        return
    before, places = there[at - 1], (there[at - 1].pinned or 0, there[at].pinned or 0)
    _change(person, project_id, view_id, "move_view", pinned=places[0])
    # Two that were pinned at once share a place: the one that steps back must come behind.
    _change(person, project_id, before.id, "move_view", pinned=max(places[1], places[0] + 1))


def remove(person: Person, project_id: int, view_id: int) -> None:
    """Take a view away; `restore` brings it back."""
    _change(person, project_id, view_id, "remove_view", removed_at=datetime.now(UTC))


def restore(person: Person, project_id: int, view_id: int) -> None:
    """Bring a removed view back. Raises BadInput where another took its name."""
    _change(person, project_id, view_id, "restore_view", removed_at=None)
