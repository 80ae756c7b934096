"""Connecting an account: sign in, test, pick; reconnecting; and who may do it."""

from __future__ import annotations

from decimal import Decimal

import pytest
import sqlalchemy as sa

from connectors._base import Account
from errors import AccessMissing, BadInput, NeedsReconnect, NotAllowed, NotFound
from store import audit, connections, db, runs, schedules, sources
from store.access import Role
from store.models import secrets
from syncing import connecting, refreshing, worker
from tests import accounts
from tests.syncing import pretend
from tests.syncing.files import bring_in, meta_file
from tests.syncing.pretend import TODAY, Pretend, Script

TOKEN = "planted-token-of-a-connection"


@pytest.fixture
def script(monkeypatch) -> Script:
    return pretend.install(monkeypatch)


@pytest.fixture
def house(make_project, script):
    project_id = make_project()
    owner = accounts.join(accounts.add("owner@example.com"), project_id, Role.OWNER)
    return project_id, owner


def begun(house, token: str = TOKEN, **more) -> int:
    project_id, owner = house
    return connecting.begin(owner, project_id, "pretend", "token", {"access_token": token}, **more)


def try_out(house, connection_id: int) -> list[connecting.Step]:
    return list(connecting.test(house[1], house[0], connection_id))


def test_from_sign_in_to_the_first_figures(house, script):
    project_id, owner = house
    script.spend = {("A", TODAY): Decimal(5)}
    made = begun(house)
    assert [step.error for step in try_out(house, made)] == ["", ""]
    assert [choice.why_not for choice in connecting.choices(owner, project_id, made)] == [""]
    [source_id] = connecting.pick(owner, project_id, made, ["1"])
    assert worker.work_once("a", kind="sync")
    with db.project(project_id) as connection:
        assert sources.read(connection, project_id, source_id).connection_id == made
        assert schedules.read(connection, project_id, source_id).cron == ""
        assert connections.read(connection, project_id, made).name == "Pretend: Shop"
    assert pretend.stored(project_id, source_id)
    actions = [entry.action for entry in audit.read(owner, project_id, audit.Filter())]
    assert {"use_credential", "connect", "sync"} <= set(actions)


def test_credentials_are_locked_away_and_never_shown(house):
    made = begun(house)
    with db.project(house[0]) as connection:
        login = connections.read(connection, house[0], made)
        kept = connection.execute(sa.select(secrets)).all()
    assert TOKEN not in repr(login)
    assert TOKEN.encode() not in b"".join(
        bytes(v) for row in kept for v in row if isinstance(v, bytes | memoryview)
    )


def test_the_failing_step_is_named_and_nothing_is_read(house, script, monkeypatch):
    monkeypatch.setattr(
        Pretend, "accounts", lambda self: (_ for _ in ()).throw(NeedsReconnect(f"Wrong token {TOKEN}."))
    )
    made = begun(house)
    steps = try_out(house, made)
    assert [bool(step.error) for step in steps] == [False, True]
    assert steps[-1].label == "List the accounts"
    assert TOKEN not in steps[-1].error
    with db.project(house[0]) as connection:
        assert connections.read(connection, house[0], made).state == "signing_in"


def test_an_account_that_nobody_can_read_ends_the_test(house, script):
    script.accounts = [Account("9", "Manager", "EUR", "UTC", note="It manages other accounts.")]
    assert "manages other accounts" in try_out(house, begun(house))[-1].error


@pytest.mark.parametrize(
    "fields", [{}, {"access_token": "   "}, {"access_token": "x" * 30_000}, {"access_token": "a\x00b"}]
)
def test_a_field_that_cannot_be_used_stores_nothing(house, fields):
    with pytest.raises(BadInput, match="Nothing was stored"):
        connecting.begin(house[1], house[0], "pretend", "token", fields)
    with db.instance() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(secrets)) == 0


def test_a_platform_or_way_that_there_is_not_is_refused(house):
    with pytest.raises(BadInput):
        connecting.begin(house[1], house[0], "myspace", "token", {})
    with pytest.raises(BadInput):
        connecting.begin(house[1], house[0], "pretend", "carrier_pigeon", {})


def test_an_account_in_an_unknown_currency_or_twice_cannot_be_picked(house, script):
    script.accounts = [Account("1", "Shop", "EUR", "UTC"), Account("2", "Odd", "XQX", "UTC")]
    made = begun(house)
    try_out(house, made)
    connecting.pick(house[1], house[0], made, ["1"])
    why = {one.account.key: one.why_not for one in connecting.choices(house[1], house[0], made)}
    assert "connected already" in why["1"]
    assert "no currency" in why["2"]
    for keys in (["1"], ["2"], ["nobody"], []):
        with pytest.raises(BadInput):
            connecting.pick(house[1], house[0], made, keys)


def test_an_uploaded_twin_leaves_the_totals_when_its_account_is_connected(house, script, monkeypatch):
    project_id, owner = house
    monkeypatch.setattr(Pretend, "slug", "meta_ads")
    monkeypatch.setattr("connectors.find", lambda slug: Pretend)
    bring_in(project_id, meta_file([(TODAY, "Spring", "10.00", 4)]), account="shop")
    made = connecting.begin(owner, project_id, "meta_ads", "token", {"access_token": TOKEN})
    try_out(house, made)
    assert connecting.choices(owner, project_id, made)[0].twin == "shop"
    connecting.pick(owner, project_id, made, ["1"])
    with db.project(project_id) as connection:
        counts = {one.name: one.in_totals for one in sources.listed(connection, project_id)}
    assert counts == {"shop": False, "Shop": True}


def test_reconnecting_takes_the_place_of_the_old_sign_in_only_when_it_works(house, script):
    project_id, owner = house
    old = begun(house, "the-old-token")
    try_out(house, old)
    connecting.pick(owner, project_id, old, ["1"])
    worker.work_once("a", kind="sync")
    new = begun(house, "the-new-token", replaces=old)
    try_out(house, new)
    script.accounts = [Account("2", "Other", "EUR", "UTC")]
    with pytest.raises(AccessMissing, match="does not see Shop"):
        connecting.finish_reconnecting(owner, project_id, new)
    with db.project(project_id) as connection:
        assert connections.credentials(connection, project_id, old)["access_token"] == "the-old-token"
    script.accounts = [Account("1", "Shop", "EUR", "UTC")]
    assert connecting.finish_reconnecting(owner, project_id, new) == old
    with db.project(project_id) as connection:
        assert connections.credentials(connection, project_id, old)["access_token"] == "the-new-token"
        assert [one.id for one in connections.listed(connection, project_id)] == [old]
    assert worker.work_once("a", kind="sync")


@pytest.mark.parametrize("with_data", [True, False])
def test_disconnecting_forgets_the_sign_in_and_the_data_only_if_asked(house, script, with_data):
    project_id, owner = house
    script.spend = {("A", TODAY): Decimal(5)}
    made = begun(house)
    try_out(house, made)
    [source_id] = connecting.pick(owner, project_id, made, ["1"])
    worker.work_once("a", kind="sync")
    connecting.remove(owner, project_id, made, with_data=with_data)
    while worker.work_once("a"):
        pass
    with db.instance() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(secrets)) == 0
    assert bool(pretend.stored(project_id, source_id)) is not with_data
    with db.project(project_id) as connection:
        assert len(sources.listed(connection, project_id)) == (0 if with_data else 1)
        assert schedules.listed(connection, project_id) == []


def test_a_connected_account_that_was_kept_goes_on_where_it_was_when_connected_again(house, script):
    project_id, owner = house
    made = begun(house)
    try_out(house, made)
    [source_id] = connecting.pick(owner, project_id, made, ["1"])
    worker.work_once("a", kind="sync")
    connecting.remove(owner, project_id, made, with_data=False)
    again = begun(house)
    try_out(house, again)
    assert connecting.pick(owner, project_id, again, ["1"]) == [source_id]


def test_a_preview_shows_the_last_thirty_complete_days(house, script):
    script.spend = {
        ("A", TODAY): Decimal(100),
        **{("A", TODAY.fromordinal(TODAY.toordinal() - 1)): Decimal("5.50")},
    }
    made = begun(house)
    found = connecting.preview(house[1], house[0], made, "1")
    assert (found.metric, found.total, found.currency) == ("spend", Decimal("5.50"), "EUR")


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR])
def test_only_owners_manage_connections(house, role):
    project_id, _ = house
    made = begun(house)
    other = accounts.join(accounts.add("other@example.com"), project_id, role)
    stranger = accounts.add("stranger@example.com")
    deeds = [
        lambda who: connecting.begin(who, project_id, "pretend", "token", {"access_token": TOKEN}),
        lambda who: connecting.login(who, project_id, made),
        lambda who: connecting.address_to_allow(who, project_id, made, "http://localhost/x"),
        lambda who: connecting.choices(who, project_id, made),
        lambda who: connecting.preview(who, project_id, made, "1"),
        lambda who: connecting.pick(who, project_id, made, ["1"]),
        lambda who: connecting.finish_reconnecting(who, project_id, made),
        lambda who: connecting.discard(who, project_id, made),
        lambda who: connecting.remove(who, project_id, made, with_data=True),
        lambda who: connecting.choose_streams(who, project_id, 1, []),
        lambda who: connecting.set_lookback(who, project_id, 1, 3),
        lambda who: refreshing.set_schedule(who, project_id, 1, "", paused=False),
    ]
    for deed in deeds:
        with pytest.raises(NotAllowed):
            deed(other)
        with pytest.raises(NotFound):
            deed(stranger)


def test_a_connection_of_another_project_does_not_exist(house, make_project):
    made = begun(house)
    elsewhere = make_project("Elsewhere")
    other = accounts.join(accounts.add("other@example.com"), elsewhere, Role.OWNER)
    for deed in (connecting.choices, connecting.login, connecting.discard):
        with pytest.raises(NotFound):
            deed(other, elsewhere, made)


def test_an_editor_refreshes_and_a_viewer_does_not(house, script):
    project_id, _ = house
    source_id = pretend.connected(project_id)
    editor = accounts.join(accounts.add("ed@example.com"), project_id, Role.EDITOR)
    viewer = accounts.join(accounts.add("vi@example.com"), project_id, Role.VIEWER)
    assert refreshing.refresh(editor, project_id) == 1
    assert refreshing.refresh(editor, project_id, [source_id]) == 0
    with db.project(project_id) as connection:
        run_id = runs.active_sync(connection, project_id, source_id).id
    for deed in (
        lambda: refreshing.refresh(viewer, project_id),
        lambda: refreshing.cancel(viewer, project_id, run_id),
        lambda: refreshing.backfill(viewer, project_id, source_id, TODAY, TODAY),
    ):
        with pytest.raises(NotAllowed):
            deed()
    assert refreshing.cancel(editor, project_id, run_id)
    assert len(refreshing.freshness(viewer, project_id)) == 1
    assert refreshing.history(viewer, project_id)[0][0].state == "cancelled"
