"""Reports that are sent by themselves: who may make them, what is refused, and what is kept secret."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from analytics.crossing import Line
from analytics.timetable import Timetable
from errors import BadInput, NotAllowed, NotFound
from store import db, deliveries, sendings, vault
from store.deliveries import Content
from store.models import deliveries as table
from store.models import delivery_runs, secrets
from tests import accounts

DAILY = Timetable("daily", 8)
MAIL = Content("Weekly", 1, "mail", DAILY, ("ann@example.com",))
SLACK = Content("Posted", 1, "slack", DAILY)
HOOK = "https://hooks.slack.com/services/T0/B0/abcdefWXYZ"


@pytest.fixture
def place(make_project):
    project_id = make_project()
    return project_id, accounts.join(accounts.add("ed@example.com"), project_id, "editor")


def later(project_id, **values):
    with db.project(project_id) as connection:
        connection.execute(sa.update(table).values(**values))


def run_states(project_id):
    with db.project(project_id) as connection:
        return list(connection.scalars(sa.select(delivery_runs.c.state).order_by(delivery_runs.c.id)))


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "}, {"name": "x" * 81}, {"name": "a\x00b"}, {"kind": "fax"}, {"recipients": ()},
        {"recipients": ("ann",)}, {"recipients": ("ann@example.com\nBcc: all@example.com",)},
        {"recipients": ("a@b.com, c@d.com",)}, {"recipients": ("Ann <ann@example.com>",)},
        {"recipients": ("x" * 250 + "@example.com",)}, {"recipients": tuple(f"a{n}@example.com" for n in range(21))},
        {"metric": "spend"}, {"line": Line("above", Decimal(1))}, {"metric": "spend", "line": Line("near", Decimal(1))},
        {"metric": "spend", "line": Line("above", Decimal("NaN"))}, {"metric": "spend", "line": Line("changed", Decimal(0))},
        {"metric": "'; DROP", "line": Line("above", Decimal(1))},
    ],
)  # fmt: skip
def test_what_cannot_be_a_report_is_refused(wrong):
    with pytest.raises(BadInput, match="saved"):
        replace(MAIL, **wrong)


def test_a_report_is_kept_changed_removed_and_brought_back(place):
    project_id, editor = place
    made = deliveries.save(editor, project_id, MAIL)
    [one] = deliveries.listed(editor, project_id)
    assert (one.content, one.owner, one.last_state) == (MAIL, "Ed", "")
    assert one.next_at > datetime.now(UTC)
    deliveries.save(editor, project_id, replace(MAIL, name="Other"), delivery_id=made)
    assert deliveries.listed(editor, project_id)[0].content.name == "Other"
    deliveries.remove(editor, project_id, made)
    assert deliveries.listed(editor, project_id) == []
    deliveries.restore(editor, project_id, made)
    assert len(deliveries.listed(editor, project_id)) == 1
    with pytest.raises(NotFound):
        deliveries.restore(editor, project_id, made)


def test_a_viewer_sees_and_changes_nothing_and_a_stranger_sees_nothing(place):
    project_id, editor = place
    made = deliveries.save(editor, project_id, MAIL)
    viewer = accounts.join(accounts.add("vi@example.com"), project_id, "viewer")
    assert len(deliveries.listed(viewer, project_id)) == 1
    for act in (
        lambda: deliveries.save(viewer, project_id, MAIL), lambda: deliveries.remove(viewer, project_id, made),
        lambda: deliveries.pause(viewer, project_id, made, True), lambda: deliveries.ask(viewer, project_id, made),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            act()
    with pytest.raises(NotFound):
        deliveries.listed(accounts.add("out@example.com"), project_id)


def test_another_project_does_not_see_or_touch_it(place, make_project):
    project_id, editor = place
    made = deliveries.save(editor, project_id, MAIL)
    other = make_project("Other")
    accounts.join(editor, other, "owner")
    assert deliveries.listed(editor, other) == []
    with pytest.raises(NotFound):
        deliveries.pause(editor, other, made, True)


def test_the_webhook_lies_in_the_vault_and_nowhere_else(place):
    project_id, editor = place
    made = deliveries.save(editor, project_id, SLACK, webhook=HOOK, shown="hooks.slack.com …WXYZ")
    with db.project(project_id) as connection:
        row = connection.execute(sa.select(table)).one()
        assert "abcdef" not in str(row)
        assert vault.get(connection, row.secret_id, deliveries.owner(made)) == HOOK.encode()
    deliveries.save(editor, project_id, replace(SLACK, name="Kept"), delivery_id=made)
    assert deliveries.listed(editor, project_id)[0].webhook == "hooks.slack.com …WXYZ"
    deliveries.save(editor, project_id, MAIL, delivery_id=made)
    with db.instance() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(secrets)) == 0
    with pytest.raises(BadInput, match="Paste the webhook"):
        deliveries.save(editor, project_id, SLACK)


def test_what_is_due_becomes_one_run_and_its_next_time_moves_on(place):
    project_id, editor = place
    deliveries.save(editor, project_id, MAIL)
    now = datetime.now(UTC)
    later(project_id, next_at=now - timedelta(days=3))
    for _ in range(2):
        with db.project(project_id) as connection:
            sendings.plan(connection, project_id, now)
    assert run_states(project_id) == ["waiting"]
    assert deliveries.listed(editor, project_id)[0].next_at > now


def test_two_sidecars_never_have_the_same_run(place):
    project_id, editor = place
    deliveries.save(editor, project_id, MAIL)
    now = datetime.now(UTC)
    later(project_id, next_at=now)
    with db.project(project_id) as one, db.project(project_id) as other:
        assert sendings.plan(one, project_id, now) == 1
        assert sendings.plan(other, project_id, now) == 0
    with db.project(project_id) as one, db.project(project_id) as other:
        assert sendings.claim(one, project_id, now) is not None
        assert sendings.claim(other, project_id, now) is None


def test_a_process_killed_while_preparing_is_followed_and_one_killed_while_sending_is_not(place):
    project_id, editor = place
    deliveries.save(editor, project_id, MAIL)
    now = datetime.now(UTC)
    later(project_id, next_at=now)
    much_later = now + sendings.LEASE + timedelta(minutes=1)
    with db.project(project_id) as connection:
        sendings.plan(connection, project_id, now)
        first = sendings.claim(connection, project_id, now)
    with db.project(project_id) as connection:
        sendings.take_over(connection, project_id, much_later)
        second = sendings.claim(connection, project_id, much_later)
        assert second.id == first.id
        assert not sendings.hand_over(connection, project_id, first, much_later)
        assert sendings.hand_over(connection, project_id, second, much_later)
    with db.project(project_id) as connection:
        end = much_later + sendings.LEASE + timedelta(minutes=1)
        sendings.take_over(connection, project_id, end)
        assert sendings.claim(connection, project_id, end) is None
    [one] = deliveries.listed(editor, project_id)
    assert one.last_state == "unknown"
    assert "may have arrived" in one.last_result


@pytest.mark.parametrize("act", ["pause", "remove", "change"])
def test_what_waits_is_dropped_when_its_report_is_paused_removed_or_changed(place, act):
    project_id, editor = place
    made = deliveries.save(editor, project_id, MAIL)
    deliveries.ask(editor, project_id, made)
    if act == "pause":
        deliveries.pause(editor, project_id, made, True)
    elif act == "remove":
        deliveries.remove(editor, project_id, made)
    else:
        deliveries.save(editor, project_id, MAIL, delivery_id=made)
    assert run_states(project_id) == ["dropped"]


def test_a_paused_report_is_not_due_and_resumes_at_its_next_time(place):
    project_id, editor = place
    made = deliveries.save(editor, project_id, MAIL)
    deliveries.pause(editor, project_id, made, True)
    now = datetime.now(UTC)
    later(project_id, next_at=now - timedelta(days=9))
    with db.project(project_id) as connection:
        assert sendings.plan(connection, project_id, now) == 0
    deliveries.pause(editor, project_id, made, False)
    assert deliveries.listed(editor, project_id)[0].next_at > now


def test_a_changed_condition_forgets_what_it_saw_and_a_changed_hour_does_not(place):
    project_id, editor = place
    lined = replace(MAIL, metric="spend", line=Line("above", Decimal(10)))
    made = deliveries.save(editor, project_id, lined)
    later(project_id, holds=True)
    deliveries.save(editor, project_id, replace(lined, timetable=Timetable("daily", 9)), delivery_id=made)
    assert deliveries.listed(editor, project_id)[0].holds is True
    deliveries.save(editor, project_id, replace(lined, line=Line("above", Decimal(11))), delivery_id=made)
    assert deliveries.listed(editor, project_id)[0].holds is None
