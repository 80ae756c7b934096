from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from store import audit, db
from store.access import Role
from store.audit import Filter
from store.models import audit as table
from tests import accounts

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def log(make_project):
    """Two projects, five lines an hour apart, the owner of the first project and an administrator."""
    one, two = make_project("One"), make_project("Two")
    owner = accounts.join(accounts.add(), one, Role.OWNER)
    admin = accounts.add("root@example.com", is_admin=True)
    with db.instance() as connection:
        for who, action, project_id in [
            (owner, "import", one),
            (owner, "export", one),
            (admin, "import", one),
            (admin, "import", two),
            (None, "fail_sign_in", None),
        ]:
            audit.record(connection, who=who, action=action, project_id=project_id, address="192.0.2.1")
        for n in range(1, 6):
            connection.execute(sa.update(table).where(table.c.id == n).values(at=NOON + timedelta(hours=n)))
    return owner, admin, one


def said(entries):
    return [(e.who.partition(" <")[0], e.action) for e in entries]


def test_owner_reads_the_project_and_administrator_everything(log):
    owner, admin, one = log
    assert said(audit.read(owner, one, Filter())) == [
        ("Root", "import"),
        ("Ann", "export"),
        ("Ann", "import"),
    ]
    assert len(audit.read(admin, None, Filter())) == 5
    assert audit.read(admin, None, Filter())[0].who == "Soundings"


def test_filters_by_person_action_and_time(log):
    owner, admin, one = log
    assert said(audit.read(owner, one, Filter(who="Ann <ann@example.com>", action="import"))) == [
        ("Ann", "import")
    ]
    since, until = NOON + timedelta(hours=2), NOON + timedelta(hours=4)
    assert said(audit.read(admin, None, Filter(since=since, until=until))) == [
        ("Root", "import"),
        ("Ann", "export"),
    ]
    assert audit.count(admin, None, Filter(action="import")) == 3
    people, actions = audit.choices(owner, one)
    assert people == ["Ann <ann@example.com>", "Root <root@example.com>"]
    assert actions == ["export", "import"]


def test_pages_do_not_overlap(log):
    _, admin, _ = log
    ids = [e.id for page in range(3) for e in audit.read(admin, None, Filter(), limit=2, offset=page * 2)]
    assert ids == [5, 4, 3, 2, 1]


def test_address_of_the_run_is_recorded(database):
    admin = accounts.add(is_admin=True)
    audit.acting_from("198.51.100.7")
    with db.instance() as connection:
        audit.record(connection, who=admin, action="export")
    audit.acting_from(None)
    assert audit.read(admin, None, Filter())[0].address == "198.51.100.7"
