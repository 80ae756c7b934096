"""The benchmark does a real backfill, splits its time, and prints what it promises."""

from __future__ import annotations

import json

import pytest

from benchmarks import reading
from benchmarks import sync as question
from benchmarks.reading import Clock


def test_a_small_backfill_ends_with_one_json_object(server_address, monkeypatch, capsys):
    monkeypatch.setattr(question, "_SCALE", "small")
    given = ["--days", "2", "--platforms", "google_ads", "--json", "--database-url", server_address]
    assert question.main(given) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    one = found["platforms"]["google_ads"]
    assert one["rows"] > 10
    assert one["wall"] == pytest.approx(one["waiting"] + one["parsing"] + one["loading"], abs=0.05)
    assert found["parse_load_rows_per_s"] == one["parse_load_rows_per_s"] > 0
    assert found["peak_mb"] == one["peak_mb"] > 50


def test_the_slowest_platform_and_the_highest_peak_stand_for_all():
    found = question.summed_up({
        "a": {"parse_load_rows_per_s": 9, "peak_mb": 100},
        "b": {"parse_load_rows_per_s": 5, "peak_mb": 70},
    })  # fmt: skip
    assert (found["parse_load_rows_per_s"], found["peak_mb"]) == (5, 100)


def test_only_what_passes_inside_a_connector_is_on_the_clock():
    clock = Clock()
    assert list(clock.each(iter("ab"))) == ["a", "b"]
    inside = clock.inside
    assert inside > 0
    clock.pausing(lambda seconds, why: None)(5, "the limit")
    assert clock.inside == inside
    assert clock.waiting == clock.paused > 0


def test_a_backfill_that_fails_stops_the_benchmark(make_project, monkeypatch):
    monkeypatch.setattr(reading.worker, "work_once", lambda kind: False)
    monkeypatch.setattr(reading.runs, "active_sync", lambda *_: None)
    monkeypatch.setattr(
        reading.runs, "read", lambda *_: type("Run", (), {"state": "failed", "error": "x", "result": None})
    )
    with pytest.raises(SystemExit, match="did not go well: failed"):
        reading.backfill(make_project(), 1, Clock())
