"""Tags of campaigns: given, taken, taken back exactly, by those who may."""

from __future__ import annotations

import pytest

from errors import BadInput, NotAllowed, NotFound
from store import db, labels, registry, sources
from store.registry import Entity
from tests import accounts


@pytest.fixture
def project(make_project) -> int:
    return make_project()


@pytest.fixture
def editor(project):
    return accounts.join(accounts.add(), project, "editor")


def campaigns(project: int, *names: str, level: str = "campaign") -> list[tuple[int, int]]:
    with db.project(project) as connection:
        source = sources.get_or_create(connection, project, "meta_ads", "meta_ads", "1", "Brand", "EUR", "")
        made = [Entity(level, name, name) for name in names]
        registry.register_entities(connection, project, source, made)
    return [(source, one.id) for one in made]


def of(project: int) -> dict:
    with db.project(project) as connection:
        return labels.of_project(connection, project)


def test_a_tag_is_given_once_and_taken_back_exactly(project, editor):
    a, b = campaigns(project, "A", "B")
    assert labels.give(editor, project, [a], "Hero").keys == (a,)
    change = labels.give(editor, project, [a, b], "  hero ")
    assert (change.tag, change.keys) == ("Hero", (b,))
    assert of(project) == {a: ("Hero",), b: ("Hero",)}
    labels.undo(editor, project, change)
    assert of(project) == {a: ("Hero",)}


def test_taking_a_tag_can_be_taken_back(project, editor):
    a, b = campaigns(project, "A", "B")
    labels.give(editor, project, [a], "Hero")
    change = labels.take(editor, project, [a, b], "HERO")
    assert of(project) == {}
    labels.undo(editor, project, change)
    assert list(of(project)) == [a]


def test_what_changed_nothing_is_taken_back_by_nothing(project, editor):
    (a,) = campaigns(project, "A")
    labels.give(editor, project, [a], "Hero")
    labels.undo(editor, project, labels.give(editor, project, [a], "Hero"))
    assert of(project) == {a: ("Hero",)}


def test_only_campaigns_of_the_project_are_tagged(project, editor, make_project):
    (ad,) = campaigns(project, "Ad", level="ad")
    (theirs,) = campaigns(make_project("Other"), "A")
    assert labels.give(editor, project, [ad, theirs, (999, 1)], "Hero").keys == ()
    assert of(project) == {}


@pytest.mark.parametrize(("tag", "said"), [(" ", "1 to 60"), ("x" * 61, "1 to 60")])
def test_a_tag_that_cannot_be_is_refused(project, editor, tag, said):
    with pytest.raises(BadInput, match=said):
        labels.give(editor, project, campaigns(project, "A"), tag)
    with pytest.raises(BadInput, match="Pick campaigns first"):
        labels.give(editor, project, [], "Hero")


def test_a_viewer_and_a_stranger_give_none(project):
    keys = campaigns(project, "A")
    viewer = accounts.join(accounts.add("vera@example.com"), project, "viewer")
    with pytest.raises(NotAllowed):
        labels.give(viewer, project, keys, "Hero")
    with pytest.raises(NotFound):
        labels.take(accounts.add("sam@example.com"), project, keys, "Hero")


def test_tags_go_with_their_source(project, editor):
    ((source, entity),) = campaigns(project, "A")
    labels.give(editor, project, [(source, entity)], "Hero")
    with db.project(project) as connection:
        sources.delete(connection, project, source)
    assert of(project) == {}
