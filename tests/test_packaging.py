"""What is installed: pinned exactly, explained in one line, and complete."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

DOCUMENTED = Path("docs/dependencies.md").read_text()


def _names(file: str) -> dict[str, str]:
    lines = [line for line in Path(file).read_text().splitlines() if line and not line.startswith(("-", "#"))]
    found = {}
    for line in lines:
        match = re.fullmatch(r"([A-Za-z0-9_.-]+)(?:\[\w+\])?==([\w.]+)", line)
        assert match, f"{file}: {line} is not pinned exactly"
        found[match[1].lower().replace("_", "-")] = match[2]
    return found


def test_every_package_is_pinned_and_the_constraints_agree():
    constraints = _names("constraints.txt")
    for file in ("requirements.txt", "requirements-dev.txt"):
        for name, version in _names(file).items():
            assert constraints[name] == version


@pytest.mark.parametrize("name", sorted(_names("requirements.txt")))
def test_every_package_says_why_it_is_there(name: str):
    assert re.search(rf"\b{re.escape(name)}\b", DOCUMENTED, re.IGNORECASE)


@pytest.mark.parametrize("script", ["run.sh", "test.sh", ".ci/run"])
def test_scripts_can_be_run_and_parsed(script: str):
    assert Path(script).stat().st_mode & 0o100
    subprocess.run(["sh", "-n", script], check=True)
