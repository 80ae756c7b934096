"""One fixture: gives a file's content to the reader and takes the tables back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from spreadsheets.reading import understand
from spreadsheets.understanding import Answers, Table

Read = Callable[..., list[Table]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """`read(name, text or bytes, answers)` → tables."""

    def reader(name: str, content: str | bytes, answers: Answers | None = None) -> list[Table]:
        path = tmp_path / "upload"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return understand(path, name, answers)

    return reader


@pytest.fixture
def read_one(read: Read) -> Callable[..., Table]:
    """The same for files with one table."""

    def reader(name: str, content: str | bytes, answers: Answers | None = None) -> Table:
        tables = read(name, content, answers)
        assert len(tables) == 1
        return tables[0]

    return reader
