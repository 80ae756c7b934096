"""The benchmark runs, checks what it measured, and prints what it promises."""

from __future__ import annotations

import json
import os

import pytest

from benchmarks import __main__ as command
from benchmarks import load as question
from store.load import Loaded


def test_without_a_question_all_are_listed(capsys):
    assert command.main([]) == 0
    assert "load" in capsys.readouterr().out
    assert command.main(["colour"]) == 2


def test_rows_are_the_same_at_every_call_and_one_in_twenty_is_restated():
    rows = question.rows(200)
    assert rows == question.rows(200)
    assert sum(a != b for a, b in zip(rows, question.restated(rows), strict=True)) == 10


def test_ratios_are_ours_over_theirs_and_null_without_a_peer():
    speeds = {"new": 80.0, "unchanged": 120.0, "changed_5_percent": 60.0, "copy": 100.0, "pandas": 8.0}
    found = question.ratios(speeds)
    assert (found["new_vs_copy"], found["unchanged_vs_copy"], found["new_vs_pandas"]) == (0.8, 1.2, 10)
    assert found["new_vs_dlt"] is None


def test_a_small_run_ends_with_one_json_object(server_address, monkeypatch, capsys):
    contestants = {name: run for name, run in question.CONTESTANTS.items() if name != "dlt"}
    monkeypatch.setattr(question, "CONTESTANTS", contestants)
    before = dict(os.environ)
    assert question.main(["--rows", "500", "--runs", "1", "--json", "--database-url", server_address]) == 0
    assert dict(os.environ) == before
    lines = capsys.readouterr().out.splitlines()
    found = json.loads(lines[-1])
    assert found["rows"] == {
        "new": 500,
        "unchanged": 500,
        "changed_5_percent": 500,
        "copy": 500,
        "pandas": 500,
    }
    assert found["ratios"]["unchanged_vs_copy"] > 0
    assert lines[1].startswith("Soundings, new rows")


def test_a_load_that_does_something_else_stops_the_benchmark(monkeypatch):
    monkeypatch.setattr(question, "_timed", lambda work, field: work() or 1.0)

    class Field:
        def load(self, rows, run_id):
            return Loaded(0, 0, 0, 0)

    with pytest.raises(SystemExit, match="did something else"):
        question._loaded(Field(), [{}], 1, Loaded(1, 0, 0, 0))
