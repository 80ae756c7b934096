"""Targets: what can be one, who sets them, and that changes can be taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from errors import BadInput, NotAllowed, NotFound
from store import audit, targets
from store.targets import Content
from tests import accounts

SPEND = Content("Budget", "spend", "", date(2026, 3, 1), date(2026, 3, 31), Decimal("1000.10"), "EUR")


@pytest.fixture
def project(make_project) -> int:
    return make_project()


@pytest.fixture
def editor(project):
    return accounts.join(accounts.add("ed@example.com"), project, "editor")


def listed(person, project) -> list[Content]:
    return [one.content for one in targets.listed(person, project)]


def test_a_target_is_set_changed_removed_and_brought_back(project, editor):
    found = targets.add(editor, project, SPEND)
    assert listed(editor, project) == [SPEND]
    ratio = Content("", "roas_reported", "meta_ads", SPEND.first, SPEND.last, Decimal("3.5"))
    targets.change(editor, project, found, ratio)
    assert listed(editor, project) == [replace(ratio, name="ROAS (platform)")]
    targets.remove(editor, project, found)
    assert listed(editor, project) == []
    assert [one.id for one in targets.removed(editor, project)] == [found]
    targets.restore(editor, project, found)
    assert len(listed(editor, project)) == 1


def test_targets_of_a_period_are_those_that_run_in_it(project, editor):
    targets.add(editor, project, SPEND)
    assert targets.covering(editor, project, date(2026, 3, 31), date(2026, 5, 1))
    assert not targets.covering(editor, project, date(2026, 4, 1), date(2026, 5, 1))


@pytest.mark.parametrize(
    "wrong",
    [
        {"value": Decimal(0)}, {"value": Decimal(-1)}, {"value": Decimal("NaN")}, {"value": Decimal("Infinity")},
        {"value": Decimal(10) ** 15}, {"metric": "reach"}, {"metric": "frequency"}, {"metric": "nobody"},
        {"last": date(2026, 2, 28)}, {"last": date(2030, 1, 1)}, {"name": "x" * 81}, {"currency": ""}, {"currency": "EURO"},
        {"metric": "orders"}, {"channel": "x" * 201}, {"name": "a\0"},
    ],
)  # fmt: skip
def test_what_cannot_be_a_target_is_refused(wrong):
    with pytest.raises(BadInput):
        replace(SPEND, **wrong)


def test_a_viewer_reads_and_does_not_set_and_a_stranger_finds_nothing(project, editor):
    viewer, stranger = (
        accounts.join(accounts.add("vi@example.com"), project, "viewer"),
        accounts.add("st@example.com"),
    )
    found = targets.add(editor, project, SPEND)
    assert listed(viewer, project) == [SPEND]
    for deed in (
        lambda who: targets.add(who, project, SPEND),
        lambda who: targets.change(who, project, found, SPEND),
        lambda who: targets.remove(who, project, found),
        lambda who: targets.restore(who, project, found),
    ):
        with pytest.raises(NotAllowed):
            deed(viewer)
        with pytest.raises(NotFound):
            deed(stranger)
    with pytest.raises(NotFound):
        targets.remove(editor, project, found + 1)


def test_targets_stand_in_the_audit_log(project, editor):
    owner = accounts.join(accounts.add("o@example.com"), project, "owner")
    found = targets.add(editor, project, SPEND)
    targets.change(editor, project, found, replace(SPEND, value=Decimal(5)))
    entries = audit.read(owner, project, audit.Filter())
    assert [(e.action, e.details.get("value")) for e in entries] == [
        ("change_target", "5"),
        ("add_target", "1000.10"),
    ]
