"""Agreements are checked before they are saved, and read with care."""

from __future__ import annotations

import pytest

from analytics import grouping, utm
from analytics.aliases import Alias
from analytics.grouping import Grouping, Rule
from analytics.naming import Convention, Part
from analytics.utm import Vocabulary
from errors import BadInput
from store import agreements, db, definitions
from tests import accounts


@pytest.fixture
def project(make_project) -> int:
    return make_project()


@pytest.fixture
def editor(project):
    return accounts.join(accounts.add(), project, "editor")


def read(project: int, how):
    with db.project(project) as connection:
        return how(connection, project)


def test_without_any_the_products_defaults_hold(project):
    assert read(project, agreements.read_grouping).value is grouping.DEFAULT
    assert read(project, agreements.read_convention).value is None
    assert read(project, agreements.read_aliases).value == ()
    assert read(project, agreements.read_vocabulary).value == utm.OPEN


def test_what_is_saved_reads_back_with_its_version(project, editor):
    kept = [
        (
            agreements.save_grouping,
            agreements.read_grouping,
            Grouping((grouping.AI_ASSISTANTS, *grouping.DEFAULT.rules)),
        ),
        (agreements.save_convention, agreements.read_convention, Convention("_", (Part("market", ("de",)),))),
        (agreements.save_aliases, agreements.read_aliases, (Alias("campaign", "a", "B"),)),
        (agreements.save_vocabulary, agreements.read_vocabulary, Vocabulary(("google",), ("cpc",), True)),
    ]
    for save, how, value in kept:
        save(editor, project, value, seen=0)
        found = read(project, how)
        assert (found.value, found.version, found.problem) == (value, 1, "")


def test_what_cannot_be_is_refused_in_words_and_not_saved(project, editor):
    with pytest.raises(BadInput, match=r"^Rule 1 needs a channel.*Nothing was saved\.$"):
        agreements.save_grouping(editor, project, Grouping((Rule("", ()),)), seen=0)
    with pytest.raises(BadInput, match="cannot stand for itself"):
        agreements.save_aliases(editor, project, (Alias("campaign", "a", "a"),), seen=0)
    with pytest.raises(BadInput, match="holds a space"):
        agreements.save_vocabulary(editor, project, Vocabulary(("a b",)), seen=0)
    with pytest.raises(BadInput, match="The separator"):
        agreements.save_convention(editor, project, Convention("", (Part("a"),)), seen=0)
    assert read(project, agreements.read_grouping).version == 0


@pytest.mark.parametrize(
    "content", [None, 3, "x", [], [1], {"rules": {}}, {"separator": "_", "parts": [3]}, {"source": 1}]
)
def test_whatever_is_stored_the_default_holds_and_says_why(project, editor, content):
    for kind, how in (
        (agreements.GROUPING, agreements.read_grouping), (agreements.NAMING, agreements.read_convention),
        (agreements.ALIASES, agreements.read_aliases), (agreements.VOCABULARY, agreements.read_vocabulary),
    ):  # fmt: skip
        definitions.save(editor, project, kind, content, seen=0)
        found = read(project, how)
        if found.problem:
            assert "cannot be read" in found.problem or "needs" in found.problem or "1 to" in found.problem
        assert found.version == 1
