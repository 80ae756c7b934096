"""Nothing in the house points up: who may import whom, walked from the imports themselves."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LAYERS = [
    {"app", "scheduler"},
    {"pages", "ui", "api"},
    {"reports", "syncing", "spreadsheets", "sandbox"},
    {"store", "connectors", "destinations", "analytics"},
    {"settings", "errors"},
]
LEVEL = {room: n for n, rooms in enumerate(LAYERS) for room in rooms}
ONLY_IN = {
    "streamlit": {"app", "ui", "pages"},
    "streamlit_authenticator": {"ui", "store"},
    "requests": {"connectors", "destinations"},
    "sqlalchemy": {"store", "reports"},
    "apscheduler": {"scheduler", "syncing"},
}


def _modules() -> list[Path]:
    rooms = [path for room in LEVEL for path in (ROOT / room).rglob("*.py")]
    return sorted([*rooms, *(ROOT / f"{room}.py" for room in LEVEL if (ROOT / f"{room}.py").exists())])


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return {name.partition(".")[0] for name in found}


def _room(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", _modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_a_module_imports_only_from_its_own_layer_or_below(path: Path):
    room = _room(path)
    wrong = {name for name in _imports(path) if name in LEVEL and LEVEL[name] < LEVEL[room]}
    assert not wrong, f"{room} must not import {wrong}"


@pytest.mark.parametrize("path", _modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_a_library_stays_in_its_rooms(path: Path):
    room = _room(path)
    wrong = {name for name in _imports(path) if name in ONLY_IN and room not in ONLY_IN[name]}
    assert not wrong, f"{wrong} does not belong into {room}"


def test_store_and_connectors_do_not_know_each_other():
    for path in (ROOT / "store").rglob("*.py"):
        assert "connectors" not in _imports(path), path
    for path in (ROOT / "connectors").rglob("*.py"):
        assert "store" not in _imports(path), path


def test_store_and_destinations_do_not_know_each_other():
    for path in (ROOT / "store").rglob("*.py"):
        assert "destinations" not in _imports(path), path
    for path in (ROOT / "destinations").rglob("*.py"):
        assert "store" not in _imports(path), path


def test_analytics_imports_nothing_of_ours():
    for path in (ROOT / "analytics").rglob("*.py"):
        assert not (_imports(path) & set(LEVEL)) - {"analytics"}, path


def test_pages_hold_no_sql():
    for path in (ROOT / "pages").rglob("*.py"):
        assert "sqlalchemy" not in _imports(path), path


def test_no_module_of_ui_is_called_like_a_room():
    """The entry script lies in ui/, whose modules Python therefore finds before the rooms."""
    assert not {path.stem for path in (ROOT / "ui").glob("*.py")} & set(LEVEL)
