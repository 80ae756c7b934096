"""`python -m spreadsheets inspect`."""

from __future__ import annotations

import json

from spreadsheets.__main__ import main

KEYS = ["platform", "report", "grain", "currency", "date_from", "date_to", "rows", "totals", "problems"]
TEXT = "Campaign name,Amount spent (EUR),Link clicks,Day\nA,1.10,2,2026-01-01\nB,x,2,2026-01-01\n"


def test_json_has_the_promised_keys_first(tmp_path, capsys):
    (tmp_path / "m.csv").write_text(TEXT)
    assert main(["inspect", str(tmp_path / "m.csv"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found)[: len(KEYS)] == KEYS
    assert found["totals"] == {"clicks": "2", "link_clicks": "2", "spend": "1.1"}
    assert found["problems"] == [
        {"row": 3, "column": "Amount spent (EUR)", "value": "x", "reason": "text where a number was expected"}
    ]


def test_text_is_for_people(tmp_path, capsys):
    (tmp_path / "m.csv").write_text(TEXT)
    assert main(["inspect", str(tmp_path / "m.csv")]) == 0
    out = capsys.readouterr().out
    assert "Meta Ads" in out
    assert "spend: 1.1" in out
    assert "row 3" in out


def test_unknown_table_exits_with_zero_and_no_platform(tmp_path, capsys):
    (tmp_path / "m.csv").write_text("Month,Spend\n2026-01,5\n")
    assert main(["inspect", str(tmp_path / "m.csv"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["platform"], found["report"], len(found["columns"])) == (None, "unknown", 2)


def test_unreadable_file_exits_with_two_and_one_line(tmp_path, capsys):
    (tmp_path / "m.csv").write_bytes(b"")
    assert main(["inspect", str(tmp_path / "m.csv"), "--json"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
