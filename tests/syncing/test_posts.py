"""Posts of which only lifetime totals are told: what they gained, never a number made up."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from store import db
from store.models import daily_metrics, snapshots
from syncing import posts
from tests.syncing import pretend
from tests.syncing.pretend import TODAY, Script, connected, sync


@pytest.fixture
def place(make_project, monkeypatch) -> tuple[tuple[int, int], Script]:
    script = pretend.install(monkeypatch)
    return (project := make_project(), connected(project, "pretend_posts")), script


def look(place, script, views: dict[str, int], created: date = TODAY - timedelta(50)) -> None:
    script.snapshot = [
        {"day": TODAY, "entity": name, "views": n, "more": {"created": str(created)}}
        for name, n in views.items()
    ]
    assert sync(*place).state == "done"


def age(place, days: int) -> None:
    """Let everything have happened so many days ago."""
    with db.project(place[0]) as connection:
        connection.execute(sa.update(snapshots).values(day=snapshots.c.day - days))


def gained(place) -> list[tuple[date, int, int]]:
    d = daily_metrics.c
    with db.project(place[0]) as connection:
        return [tuple(row) for row in connection.execute(sa.select(d.day, d.days, d.views).order_by(d.day))]


def test_the_first_look_is_only_a_beginning(place):
    look(*place, {"a": 100})
    assert gained(place[0]) == []


def test_a_day_s_gain_is_the_difference_and_a_later_look_corrects_it(place):
    look(*place, {"a": 100})
    age(place[0], 1)
    look(*place, {"a": 130})
    look(*place, {"a": 140})
    assert gained(place[0]) == [(TODAY, 1, 40)]


def test_after_days_without_a_look_the_gain_is_one_figure_for_all_of_them(place):
    look(*place, {"a": 100})
    age(place[0], 3)
    look(*place, {"a": 160})
    assert gained(place[0]) == [(TODAY - timedelta(2), 3, 60)]


def test_a_new_post_started_from_nothing_and_an_old_one_seen_late_tells_nothing(place):
    look(*place, {"a": 100})
    age(place[0], 1)
    look(*place, {"a": 100, "old": 900})
    assert gained(place[0]) == []
    look(*place, {"a": 100, "new": 7}, created=TODAY)
    assert gained(place[0]) == [(TODAY, 1, 7)]


@given(st.lists(st.integers(0, 1000), min_size=2, max_size=8))
def test_gains_add_up_to_the_total(totals):
    found = 0
    for before, now in itertools.pairwise(totals):
        found += posts.gains({"views": now}, {"views": before}, None, TODAY).get("views", 0)
    assert found == totals[-1] - totals[0]
