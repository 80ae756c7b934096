"""The stand-ins know nothing of what they test: no import of ours outside the sandbox."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent / "sandbox"
LIBRARIES = {"sandbox", "numpy", "starlette", "uvicorn", "orjson", "graphql", "cryptography"}


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_stand_in_imports_nothing_of_the_app(path: Path):
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    assert names - set(sys.stdlib_module_names) <= LIBRARIES
