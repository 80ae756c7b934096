"""Connections for each role: the cards with their states, the way to a connected account, and what is never shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from streamlit.testing.v1 import AppTest

import connectors
from connectors._base import Account, Field, OAuth, SignIn
from errors import AccessMissing, NeedsReconnect, NotAllowed, NotFound
from store import connections, db, runs, schedules, sources
from store.models import runs as runs_table
from store.models import secrets
from syncing import connecting, worker
from tests import accounts
from tests.opening import buttons, press, text
from tests.syncing import pretend
from tests.syncing.pretend import TODAY, Pretend, Script

SECRET = "planted-secret-of-a-page-4711"
REGISTRY = {"pretend": "unused:Pretend"}


@pytest.fixture
def script(monkeypatch) -> Script:
    """Only the pretended platform can be connected; it has a second way to sign in, by its own page."""
    found = pretend.install(monkeypatch)
    oauth = SignIn(
        "oauth", "Sign in with Pretend", "", (Field("client_id", "App ID", secret=False),), oauth=True
    )
    monkeypatch.setattr(connectors, "REGISTRY", REGISTRY)
    monkeypatch.setattr(Pretend, "sign_ins", (*Pretend.sign_ins, oauth))
    monkeypatch.setattr(
        Pretend, "oauth", OAuth("https://pretend.example/allow", "https://pretend.example/token", ())
    )
    return found


def begun(house, token: str = SECRET, **more) -> int:
    return connecting.begin(
        house.people["owner"], house.project_id, "pretend", "token", {"access_token": token}, **more
    )


def connected(house, script: Script) -> tuple[int, int]:
    """A connection with one account, read once."""
    script.spend = {("A", TODAY): Decimal(5)}
    made = begun(house)
    list(connecting.test(house.people["owner"], house.project_id, made))
    [source_id] = connecting.pick(house.people["owner"], house.project_id, made, ["1"])
    with db.project(house.project_id) as connection:
        sources.change(connection, house.project_id, source_id, read_from=TODAY - timedelta(4))
    worker.work_once("a", kind="sync")
    return made, source_id


def logins(house) -> list[connections.Login]:
    with db.project(house.project_id) as connection:
        return connections.listed(connection, house.project_id)


def shown(found: AppTest) -> str:
    """Everything that goes to the browser, as it goes there."""
    return "\n".join(str(getattr(element, "proto", "")) for element in found.main) + text(found)


# --- the cards -----------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["viewer", "editor", "owner", "admin"])
def test_an_empty_project_says_what_would_be_read_and_owners_may_connect(house, script, role):
    found = house.open(role, "connections")
    assert "Reads nothing." in text(found)
    assert ("Connect" in buttons(found)) == (role in {"owner", "admin"})
    assert ("An owner of the project connects" in text(found)) == (role in {"viewer", "editor"})


@dataclass
class State:
    """How to bring a connected source into a state, and what its card then says."""

    make: Callable[[sa.Connection, int, int, int], object]
    badge: str
    diagnosis: str
    cure: str
    button: str = ""


def run_ends(how: str, **values):
    def make(connection, project_id, login_id, source_id):
        connection.execute(sa.update(runs_table).values(state=how, **values))

    return make


def long_ago(connection, project_id, login_id, source_id):
    connection.execute(sa.update(runs_table).values(finished_at=datetime.now(UTC) - timedelta(days=3)))


def shut_out(connection, project_id, login_id, source_id):
    connections.shut_out(connection, project_id, login_id, "Pretend ended this sign-in.")


def waits(connection, project_id, login_id, source_id):
    run_id, _ = runs.request_sync(connection, project_id, source_id, {}, None)
    runs.claim(connection, "a", "sync")
    runs.park(
        connection, run_id, "a", datetime.now(UTC) + timedelta(hours=1), "Pretend's daily limit is used up."
    )


def ends_soon(connection, project_id, login_id, source_id):
    ends = datetime.now(UTC) + timedelta(days=5)
    connections.change(connection, project_id, login_id, sign_in_ends_at=ends)


STATES = {
    "healthy": State(lambda *_: None, "Healthy", "Refreshed on", ""),
    "stale": State(long_ago, "Stale", "The last refresh was on", "Press Refresh now", "Refresh now"),
    "error": State(
        run_ends("failed", error="Pretend has a problem of its own."),
        "Error", "Pretend has a problem of its own.", "try again", "Refresh now",
    ),
    "needs reconnecting": State(
        shut_out, "Needs reconnecting", "Pretend ended this sign-in.", "presses Reconnect", "Reconnect"
    ),
    "never synced": State(
        run_ends("cancelled"), "Never synced", "No figures have been read yet.", "Press Refresh now", "Refresh now"
    ),
    "waiting": State(waits, "Waiting", "daily limit is used up", "goes on by itself"),
    "paused": State(
        lambda c, p, _, s: schedules.change(c, p, s, paused=True), "Paused", "is paused", "Switch its schedule on"
    ),
    "ends soon": State(ends_soon, "Healthy", "Refreshed on", "The sign-in ends on"),
}  # fmt: skip


@pytest.mark.parametrize("name", STATES)
@pytest.mark.parametrize("role", ["viewer", "owner"])
def test_a_card_says_how_it_is_and_what_to_do(house, script, role, name):
    state = STATES[name]
    place = connected(house, script)
    with db.project(house.project_id) as connection:
        state.make(connection, house.project_id, *place)
    found = house.open(role, "connections")
    said = text(found).replace("\\", "")
    assert state.badge in said
    assert state.diagnosis in said
    assert state.cure in said
    offered = buttons(found)
    assert not state.button or (state.button in offered) == (role == "owner")
    assert role == "owner" or not {"Manage", "Disconnect", "Connect", "Replace the sign-in"} & set(offered)
    assert SECRET not in shown(found)


def test_a_weekly_schedule_is_not_stale_in_the_middle_of_the_week(house, script):
    _, source_id = connected(house, script)
    at = datetime.now(UTC) - timedelta(days=3)
    with db.project(house.project_id) as connection:
        cron = f"0 6 * * {(at - timedelta(days=1)):%a}".lower()
        schedules.change(connection, house.project_id, source_id, cron=cron)
        connection.execute(sa.update(runs_table).values(finished_at=at))
    assert "Healthy" in text(house.open("viewer", "connections"))


def test_refreshing_from_a_card_begins_a_run(house, script):
    place = connected(house, script)
    with db.project(house.project_id) as connection:
        run_ends("failed", error="Broken.")(connection, house.project_id, *place)
    found = press(house.open("editor", "connections"), "Refresh now")
    assert "is being refreshed" in text(found)
    assert "In line" in text(found)


# --- the steps -----------------------------------------------------------------------------------


def type_in(found: AppTest, label: str, value: str) -> AppTest:
    next(field for field in found.text_input if field.label == label).set_value(value)
    return found


def test_from_the_card_to_the_first_sync(house, script):
    yesterday = TODAY - timedelta(days=1)
    script.spend = {("A", TODAY): Decimal(7), ("A", yesterday): Decimal("1234.80")}
    found = press(house.open("owner", "connections"), "Connect")
    assert "Reads nothing." in text(found)
    found = press(type_in(found, "Token", SECRET), "Save and test")
    assert "Pretend lets us in" in [status.label for status in found.get("status")] or "Step 3 of 3" in text(
        found
    )
    assert [box.label for box in found.checkbox] == ["Shop"]
    [preview] = found.metric
    assert (preview.label, preview.value) == ("Spend, last 30 days", "€1,235")
    found = press(found, "Start reading 1 account")
    assert "the newest 30 days first" in text(found)
    assert "In line" in text(found)
    assert SECRET not in shown(found)
    with db.project(house.project_id) as connection:
        [run] = runs.syncs(connection, house.project_id)
    assert (run.state, run.params) == ("queued", {"mode": "first"})


def test_what_was_typed_is_nowhere_afterwards(house, script, monkeypatch):
    refused = NeedsReconnect(f"Pretend does not take {SECRET}.")
    monkeypatch.setattr(Pretend, "accounts", lambda self: (_ for _ in ()).throw(refused))
    found = press(house.open("owner", "connections"), "Connect")
    found = press(type_in(found, "Token", SECRET), "Save and test")
    assert "Pretend does not take" in text(found)
    assert SECRET not in shown(found)
    assert SECRET not in repr(found.session_state)
    assert SECRET not in str(found.query_params)
    for page in ("connections", "syncs", "audit"):
        assert SECRET not in shown(house.open("owner", page))


def test_a_wrong_token_names_the_step_and_can_be_typed_again(house, script, monkeypatch):
    with monkeypatch.context() as broken:
        wrong = NeedsReconnect("Pretend no longer accepts this sign-in.")
        broken.setattr(Pretend, "accounts", lambda self: (_ for _ in ()).throw(wrong))
        found = press(house.open("owner", "connections"), "Connect")
        found = press(type_in(found, "Token", "wrong-token"), "Save and test")
        assert "Sign in to Pretend" in text(found)
        assert "List the accounts" in text(found)
        assert "no longer accepts" in found.error[0].value.replace("\\", "")
        assert not found.checkbox
        found = press(found, "Enter the sign-in again")
        assert logins(house) == []
    found = press(type_in(found, "Token", SECRET), "Save and test")
    assert [box.label for box in found.checkbox] == ["Shop"]


@pytest.mark.parametrize("token", ["", "   ", "x" * 30_000])
def test_a_field_that_cannot_be_used_is_said_and_nothing_stored(house, script, token):
    found = press(house.open("owner", "connections"), "Connect")
    found = press(type_in(found, "Token", token), "Save and test")
    assert "Nothing was stored" in text(found)
    assert logins(house) == []


def test_an_account_that_cannot_be_read_says_why_and_cannot_be_picked(house, script):
    script.accounts = [
        Account("1", "Shop", "EUR", "UTC"),
        Account("9", "Manager *all*", "EUR", "UTC", note="It manages other accounts."),
    ]
    found = house.open("owner", "connections", connection=str(begun(house)))
    assert [(box.disabled, box.value) for box in found.checkbox] == [(False, True), (True, False)]
    assert "It manages other accounts." in text(found).replace("\\", "")
    assert "Start reading 1 account" in buttons(found)


def test_the_preview_is_asked_for_once_and_its_failure_keeps_nobody(house, script, monkeypatch):
    asked = []
    monkeypatch.setattr(
        Pretend,
        "headline_by_day",
        lambda self, *_: asked.append(1) or (_ for _ in ()).throw(AccessMissing("No.")),
    )
    found = house.open("owner", "connections", connection=str(begun(house)))
    found = found.run()
    assert "A preview could not be had" in found.warning[0].value
    assert len(asked) == 1
    assert "Start reading 1 account" in buttons(found)


def test_many_accounts_are_searched_and_none_is_picked_beforehand(house, script):
    script.accounts = [Account(str(n), f"Shop {n}", "EUR", "UTC") for n in range(12)]
    found = house.open("owner", "connections", connection=str(begun(house)))
    assert len(found.checkbox) == 12
    assert "Start reading 0 accounts" not in buttons(found)
    found = next(f for f in found.text_input if f.label == "Search accounts").set_value("shop 11").run()
    assert [box.label for box in found.checkbox] == ["Shop 11"]


def test_accounts_that_were_picked_stay_so_while_one_searches(house, script):
    script.accounts = [Account(str(n), f"Shop {n}", "EUR", "UTC") for n in range(12)]
    found = house.open("owner", "connections", connection=str(begun(house)))
    found = found.checkbox[3].check().run()
    found = next(f for f in found.text_input if f.label == "Search accounts").set_value("shop 11").run()
    found = found.checkbox[-1].check().run()
    assert "Start reading 2 accounts" in buttons(found)


def test_a_sign_in_at_the_platforms_page_begins_with_our_state_and_not_twice_by_itself(house, script):
    found = press(house.open("owner", "connections"), "Connect")
    found = found.segmented_control[0].set_value("oauth").run()
    assert "/api/v1/oauth/callback" in text(found)
    found = press(type_in(found, "App ID", "app-1"), "Continue at Pretend")
    [way] = [element.proto.url for element in found.get("link_button")]
    assert way.startswith("https://pretend.example/allow?client_id=app-1&")
    assert "state=" in way
    found = found.run()  # as after the browser's Back button
    assert "before the sign-in at the platform was finished" in text(found)
    assert not found.get("link_button")
    found = press(found, "Sign in at Pretend again")
    assert [element.proto.url for element in found.get("link_button")] != [way]


@pytest.mark.parametrize("where", ["expired", "signed_out"])
def test_what_went_wrong_on_the_way_back_is_said(house, script, where):
    more = {} if where == "expired" else {"connection": str(begun(house))}
    assert "Nothing was changed" in text(house.open("owner", "connections", problem=where, **more)).replace(
        "nothing was changed", "Nothing was changed"
    )


@pytest.mark.parametrize("text_", ["²", "99999999999999999999", "-1", "0x1", "7"])
@pytest.mark.parametrize("name", ["connection", "replaces"])
def test_a_number_that_is_none_or_not_ours_breaks_nothing(house, script, name, text_):
    more = {"connect": "pretend"} if name == "replaces" else {}
    found = house.open("owner", "connections", **{name: text_}, **more)
    assert "Something broke" not in text(found)


# --- afterwards ----------------------------------------------------------------------------------


def test_a_sign_in_is_replaced_only_by_one_that_works(house, script):
    made, _ = connected(house, script)
    found = press(house.open("owner", "connections"), "Replace the sign-in")
    script.accounts = [Account("2", "Other", "EUR", "UTC")]
    found = press(type_in(found, "Token", "another-token-1"), "Save and test")
    assert "does not see Shop" in text(found).replace("\\", "")
    script.accounts = [Account("1", "Shop", "EUR", "UTC")]
    found = press(found, "Enter the sign-in again")
    found = press(type_in(found, "Token", "another-token-2"), "Save and test")
    assert "is connected again" in text(found)
    [login] = logins(house)
    assert login.id == made
    with db.project(house.project_id) as connection:
        kept = connections.credentials(connection, house.project_id, made)
    assert kept == {"access_token": "another-token-2"}


def test_a_connection_is_shared_by_the_owners_of_its_project(house, script):
    script.accounts = [Account("1", "Shop", "EUR", "UTC"), Account("2", "Outlet", "EUR", "UTC")]
    connected(house, script)
    found = press(house.open("admin", "connections"), "Pick more accounts")
    assert [(box.label, box.disabled) for box in found.checkbox] == [("Shop", True), ("Outlet", False)]
    press(found, "Start reading 1 account")
    with db.project(house.project_id) as connection:
        assert [one.name for one in sources.listed(connection, house.project_id)] == ["Outlet", "Shop"]


def test_disconnecting_says_what_goes_and_keeps_the_figures_unless_told_otherwise(house, script):
    _, source_id = connected(house, script)
    found = press(house.open("owner", "connections"), "Disconnect")
    assert "its sign-in is deleted here for good" in text(found)
    next(b for b in reversed(found.button) if b.label == "Disconnect").click().run()
    assert logins(house) == []
    assert pretend.stored(house.project_id, source_id)
    with db.instance() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(secrets)) == 0


def test_a_sign_in_that_was_begun_is_gone_on_with_or_forgotten(house, script):
    begun(house)
    found = house.open("owner", "connections")
    assert "Not finished" in text(found)
    assert "Start reading 1 account" in buttons(press(found, "Go on"))
    found = press(house.open("owner", "connections"), "Disconnect")
    next(b for b in reversed(found.button) if b.label == "Disconnect").click().run()
    assert logins(house) == []


# --- who may -------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["viewer", "editor"])
def test_the_steps_are_closed_to_those_who_may_not_connect(house, script, role):
    made = begun(house)
    for more in (
        {"connect": "pretend"},
        {"connection": str(made)},
        {"connect": "pretend", "replaces": str(made)},
    ):
        found = house.open(role, "connections", **more)
        assert not found.text_input
        assert not found.checkbox
        assert "Not finished" in text(found)


@pytest.mark.parametrize("role", ["viewer", "editor"])
def test_a_button_that_was_pressed_before_the_role_was_taken_away_does_nothing(house, script, role):
    made, _ = connected(house, script)
    found = press(house.open("owner", "connections"), "Disconnect")
    with db.instance() as connection:
        connection.execute(
            sa.text("UPDATE members SET role = :role WHERE user_id = :id"),
            {"role": role, "id": house.people["owner"].id},
        )
    next(b for b in reversed(found.button) if b.label == "Disconnect").click().run()
    assert [login.id for login in logins(house)] == [made]


def test_a_stranger_reaches_nothing(house, script):
    made = begun(house)
    stranger = accounts.add("stranger@example.com")
    for deed in (connecting.login, connecting.choices, connecting.discard, connecting.has_tokens):
        with pytest.raises(NotFound):
            deed(stranger, house.project_id, made)
    with pytest.raises(NotAllowed):
        connecting.has_tokens(house.people["editor"], house.project_id, made)
