"""Whatever is uploaded: tables or a plain reason, never a crash."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from errors import UnreadableFile
from spreadsheets.opening import open_data
from spreadsheets.platforms import PLATFORMS
from spreadsheets.reading import _understand_sheet
from spreadsheets.siblings import settle_siblings
from spreadsheets.understanding import Answers, Table

CELLS = st.sampled_from(
    ["", " --", "1", "1,234.50", "1.234,50", "x", "2026-01-01", "31.02.2026", "1/2/2026", "EUR", "$5", "< 10%", "Total", "0001", '"', "=1+1", "A@b.example", "12:30", "0", "-5", "Total: Account"]
)  # fmt: skip
HEADERS = st.sampled_from(sorted(PLATFORMS)).flatmap(
    lambda name: st.lists(st.sampled_from([*PLATFORMS[name].index, "", "Foo"]), min_size=1, max_size=14)
)


def understood(data: bytes) -> list[Table]:
    try:
        tables = [
            table
            for sheet in open_data(data, "upload.csv")
            for table in _understand_sheet(sheet, "upload.csv", Answers())
        ]
    except UnreadableFile:
        return []
    settle_siblings(tables)
    return tables


def check(tables: list[Table]) -> None:
    for table in tables:
        json.dumps(table.as_dict())
        assert table.problem_count >= len(table.problems)
        if table.kind == "metrics":
            assert table.frame.height <= table.rows or table.rows == 0
            assert all(
                table.frame[slug].sum() == value
                for slug, value in table.totals.items()
                if slug in table.frame.columns
            )


@settings(max_examples=150, deadline=None)
@given(
    HEADERS,
    st.lists(st.lists(CELLS, max_size=14), max_size=12),
    st.sampled_from([",", ";", "\t"]),
    st.lists(
        st.sampled_from(
            ["Campaign report", "All time", "", "# Start date: 20260101", "Report Time: 1/2/2026"]
        ),
        max_size=3,
    ),
)
def test_any_table_of_known_headers_is_survived(headers, rows, delimiter, above):
    lines = [*above, delimiter.join(headers), *(delimiter.join(row) for row in rows)]
    check(understood("\n".join(lines).encode()))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_survived(data):
    check(understood(data))


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_survived(text):
    check(understood(text.encode("utf-8", "surrogatepass")))
