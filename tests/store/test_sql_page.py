"""The queries of docs/sql.md: PostgreSQL understands each of them."""

from __future__ import annotations

import re
from pathlib import Path

import sqlalchemy as sa

from store import db

PAGE = Path(__file__).parents[2] / "docs" / "sql.md"


def test_every_query_of_the_page_can_be_asked(database: str):
    queries = re.findall(r"```sql\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    assert len(queries) > 5
    with db.instance() as connection:
        for query in queries:
            for part in filter(str.strip, query.split(";")):
                connection.execute(sa.text(part.replace(":", r"\:")))
