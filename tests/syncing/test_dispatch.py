"""Reports leave when they are due, once, to whom they go; what goes wrong is told."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import polars as pl
import pytest
import sqlalchemy as sa

import scheduler
import settings
from analytics.crossing import Line
from analytics.timetable import Timetable
from destinations import mail
from errors import BadInput, NotAllowed, NotFound
from store import db, deliveries, rates, sendings, views
from store.deliveries import Content
from store.models import deliveries as table
from store.models import delivery_runs, members
from syncing import dispatch
from tests import accounts
from tests.destinations.loopback import hook, mailbox
from tests.syncing.files import bring_in, meta_file

MONDAY = date(2026, 3, 2)
NOW = datetime.now(UTC)


class Desk:
    def __init__(self, project_id, editor):
        self.project_id, self.editor = project_id, editor
        self.view = views.save(editor, project_id, "All", "overview", {"period": ["All data"]}, shared=True)

    def content(self, **more) -> Content:
        return replace(
            Content(
                "Weekly", self.view, "mail", Timetable("daily", 8), ("ann@example.com", "bob@example.com")
            ),
            **more,
        )

    def save(self, webhook="", **more) -> int:
        return dispatch.save(self.editor, self.project_id, self.content(**more), webhook=webhook)

    def due(self, at=NOW) -> None:
        with db.project(self.project_id) as connection:
            connection.execute(
                sa.update(table).where(table.c.project_id == self.project_id).values(next_at=at)
            )

    def run(self, at=NOW) -> int:
        self.due(at)
        return dispatch.run_due(at)

    def one(self):
        return deliveries.listed(self.editor, self.project_id)[0]

    def log(self):
        return deliveries.log(self.editor, self.project_id, self.one().id)

    def spend(self, amount, day=MONDAY):
        bring_in(self.project_id, meta_file([(day, "Spring", str(amount), 4)]))


@pytest.fixture
def outside(database, monkeypatch):
    with mailbox() as box, hook() as receiver:
        for name, value in {
            "SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(box.port), "SMTP_FROM": "s@example.com", "SMTP_TLS": "off",
            "SOUNDINGS_WEBHOOK_HOSTS": "127.0.0.1", "SOUNDINGS_BASE_URL": "https://numbers.example.com",
        }.items():  # fmt: skip
            monkeypatch.setenv(name, value)
        settings.current.cache_clear()
        yield box, receiver
        monkeypatch.undo()
        settings.current.cache_clear()


@pytest.fixture
def desk(make_project, outside):
    project_id = make_project()
    with db.instance() as connection:
        rates.ensure(connection)
    made = Desk(project_id, accounts.join(accounts.add("ed@example.com"), project_id, "editor"))
    made.spend(100)
    return made


@pytest.fixture
def box(outside):
    return outside[0]


@pytest.fixture
def receiver(outside):
    return outside[1]


def test_a_mail_that_is_due_goes_to_everybody_with_charts_and_workbook_and_only_once(desk, box):
    desk.save()
    assert dispatch.run_due(NOW) == 0
    assert desk.run() == 1
    assert dispatch.run_due(NOW) == 0
    [(to, message)] = box.mails
    assert to == ["ann@example.com", "bob@example.com"]
    assert message["Subject"] == "Weekly · Shop"
    parts = {part.get_content_type(): part for part in message.walk()}
    html = parts["text/html"].get_content()
    assert parts["image/png"].get_content().startswith(b"\x89PNG")
    assert f"cid:{parts['image/png']['Content-ID'].strip('<>')}" in html
    book = next(parts[kind] for kind in parts if "spreadsheet" in kind).get_content()
    figures = pl.read_excel(io.BytesIO(book), sheet_name="Figures")
    assert dict(zip(figures["Figure"], figures["Value"], strict=True))["Spend"] == 100
    assert "€100.00" in html
    assert "https://numbers.example.com/?" in html
    assert "Spend: €100.00" in parts["text/plain"].get_content()
    [run] = desk.log()
    assert (run.state, run.sent_to, desk.one().last_state) == ("sent", 2, "sent")


def test_a_post_goes_to_the_webhook_whose_address_is_nowhere_else(desk, receiver, caplog):
    desk.save(receiver.url, kind="slack", recipients=())
    desk.run()
    [post] = receiver.posts
    assert post["blocks"][0]["text"]["text"] == "Weekly"
    assert "€100.00" in str(post)
    receiver.answers.append((400, "invalid_blocks", {}))
    desk.run()
    assert desk.one().last_state == "failed"
    assert "secretWXYZ" not in caplog.text + str(desk.log()) + str(desk.one())
    assert desk.one().webhook == "127.0.0.1 …WXYZ"


def test_a_webhook_that_is_gone_pauses_its_report_and_disturbs_no_other(desk, receiver, box):
    desk.save(receiver.url, kind="slack", recipients=(), name="A")
    desk.save(name="B")
    receiver.answers.append((404, "no_service", {}))
    assert desk.run() == 2
    one, other = deliveries.listed(desk.editor, desk.project_id)
    assert (one.paused, one.last_state, other.last_state) == (True, "failed", "sent")
    assert "make a new webhook" in one.last_result
    assert len(box.mails) == 1


def test_what_may_pass_is_tried_again_three_times_and_then_has_failed(desk, receiver):
    desk.save(receiver.url, kind="slack", recipients=())
    receiver.answers += [(503, "", {}), (429, "", {"Retry-After": "7200"}), (503, "", {}), (503, "", {})]
    desk.run()
    at, waits = NOW, []
    for _ in range(3):
        with db.project(desk.project_id) as connection:
            until = connection.scalar(sa.select(delivery_runs.c.not_before))
        assert dispatch.run_due(until - timedelta(seconds=1)) == 0
        waits.append(until - at)
        at = until
        assert dispatch.run_due(at) == 1
    assert waits == [timedelta(minutes=5), timedelta(hours=2), timedelta(hours=1)]
    [run] = desk.log()
    assert (run.state, run.attempts, desk.one().last_state) == ("failed", 4, "failed")
    assert "tried 4 times" in run.detail


def test_an_address_that_is_refused_is_named(desk, box):
    desk.save()
    box.refused["bob@example.com"] = "550 who?"
    desk.run()
    [run] = desk.log()
    assert (run.state, run.sent_to) == ("sent", 1)
    assert "bob@example.com" in run.detail
    box.refused["ann@example.com"] = "550 who?"
    desk.run()
    assert desk.one().last_state == "failed"


def test_a_process_that_ends_between_sending_and_recording_sends_nothing_twice(desk, box, monkeypatch):
    desk.save()
    real = sendings.finish
    monkeypatch.setattr(sendings, "finish", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        desk.run()
    monkeypatch.setattr(sendings, "finish", real)
    assert len(box.mails) == 1
    assert dispatch.run_due(datetime.now(UTC) + sendings.LEASE + timedelta(minutes=1)) == 0
    assert len(box.mails) == 1
    assert desk.one().last_state == "unknown"


def test_a_process_that_ends_before_sending_is_followed_by_another(desk, box, monkeypatch):
    desk.save()
    real = mail.send
    monkeypatch.setattr(dispatch, "_rendered", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        desk.run()
    monkeypatch.undo()
    settings.current.cache_clear()
    assert real
    with db.project(desk.project_id) as connection:
        later = datetime.now(UTC) + sendings.LEASE + timedelta(minutes=1)
        sendings.take_over(connection, desk.project_id, later)
        assert sendings.claim(connection, desk.project_id, later) is not None
    assert box.mails == []


def test_with_a_condition_it_is_sent_when_the_line_is_crossed_and_not_again_before_it_was_back(desk, box):
    desk.save(metric="spend", line=Line("above", Decimal(150)))
    seen = []
    for amount in (100, 200, 210, 90, 151, 300):
        desk.spend(amount)
        desk.run()
        seen.append(desk.log()[0].state)
    assert seen == ["quiet", "sent", "quiet", "quiet", "sent", "quiet"]
    assert box.mails[0][1]["Subject"] == "Weekly · Shop: Spend is €200.00 (line: is above 150)"


def test_a_crossing_that_could_not_be_sent_is_sent_by_the_next_run(desk, box):
    desk.save(metric="spend", line=Line("above", Decimal(50)))
    box.data_answer = "554 no"
    desk.run()
    assert desk.one().holds is None
    box.data_answer = "250 taken"
    desk.run()
    assert len(box.mails) == 1


def test_a_test_goes_to_oneself_alone_whatever_the_condition_and_leaves_no_trace_in_it(desk, box):
    made = desk.save(metric="spend", line=Line("above", Decimal(10**6)))
    deliveries.ask(desk.editor, desk.project_id, made)
    assert dispatch.run_due(datetime.now(UTC)) == 1
    [(to, message)] = box.mails
    assert to == ["ed@example.com"]
    assert message["Subject"].startswith("Test: ")
    assert (desk.one().last_state, desk.one().holds) == ("", None)


@pytest.mark.parametrize("gone", ["access", "view", "person"])
def test_without_access_or_view_nothing_is_sent_and_it_says_why(desk, box, gone):
    desk.save()
    with db.instance() as connection:
        if gone == "access":
            connection.execute(sa.delete(members).where(members.c.user_id == desk.editor.id))
    if gone == "view":
        views.remove(desk.editor, desk.project_id, desk.view)
    if gone == "person":
        with db.project(desk.project_id) as connection:
            connection.execute(sa.update(table).values(owner_id=10**6))
    desk.run()
    assert box.mails == []
    with db.project(desk.project_id) as connection:
        [one] = deliveries.there(connection, desk.project_id)
    assert one.last_state == "failed"
    assert {"access": "no access", "view": "was removed", "person": "is gone"}[gone] in one.last_result


def test_a_defect_in_one_report_keeps_no_other(desk, box, monkeypatch):
    desk.save(name="A")
    desk.save(name="B")
    real = dispatch._rendered

    def broken(project_id, one):
        if one.content.name == "A":
            raise ZeroDivisionError
        return real(project_id, one)

    monkeypatch.setattr(dispatch, "_rendered", broken)
    assert desk.run() == 2
    assert [one.last_state for one in deliveries.listed(desk.editor, desk.project_id)] == ["failed", "sent"]


def test_saving_tries_the_view_the_figure_and_the_address_first(desk):
    other = views.save(desk.editor, desk.project_id, "Health", "health", {}, shared=True)
    with pytest.raises(BadInput, match="cannot be sent"):
        desk.save(view_id=other)
    with pytest.raises(BadInput, match="no such figure"):
        desk.save(metric="sessions", line=Line("above", Decimal(1)))
    with pytest.raises(BadInput, match="https"):
        desk.save("http://hooks.slack.com/x", kind="slack", recipients=())
    with pytest.raises(BadInput, match="Paste the webhook"):
        desk.save(kind="slack", recipients=())
    with pytest.raises(NotFound):
        desk.save(view_id=10**6)
    viewer = accounts.join(accounts.add("vi@example.com"), desk.project_id, "viewer")
    with pytest.raises(NotAllowed):
        dispatch.save(viewer, desk.project_id, desk.content())
    assert deliveries.listed(desk.editor, desk.project_id) == []


def test_the_command_line_shows_sends_and_refuses(desk, box, capsys):
    made = desk.save()
    assert scheduler.main(["deliver", "--dry-run", "--id", str(made)]) == 0
    assert "Nothing was sent" in capsys.readouterr().out
    assert box.mails == []
    assert scheduler.main(["deliver", "--id", str(made)]) == 0
    assert "sent: 2 recipients" in capsys.readouterr().out
    assert len(box.mails) == 1
    assert scheduler.main(["deliver"]) == 0
    assert len(box.mails) == 1
    assert scheduler.main(["deliver", "--id", "999"]) == 2
    deliveries.pause(desk.editor, desk.project_id, made, True)
    assert scheduler.main(["deliver", "--id", str(made)]) == 2
    with pytest.raises(SystemExit):
        scheduler.main(["status", "--dry-run"])
