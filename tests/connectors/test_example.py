"""The example of docs/adding-a-platform.md: taken out of the page, it satisfies the whole contract."""

from __future__ import annotations

import inspect
import itertools
import re
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import connectors
from connectors._base import Account
from sandbox import platforms, serving
from sandbox.world import World
from tests.connectors import test_contract as contract
from tests.connectors import test_contract_faults as faults
from tests.connectors import truths
from tests.connectors.contract import NOW, START, Live

SLUG = "lantern_ads"
PAGE = Path(__file__).parents[2] / "docs" / "adding-a-platform.md"


def _module(name: str, code: str) -> ModuleType:
    made = ModuleType(name)
    sys.modules[name] = made
    exec(compile(code, f"{PAGE.name}: {name}", "exec"), made.__dict__)
    made.__doc__ = made.__dict__["__doc__"]
    return made


@pytest.fixture(scope="module")
def served() -> Iterator[Live]:
    connector, stand = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    names = {"connectors.lantern_ads": connector, "sandbox.platforms.lantern_ads": stand}
    with pytest.MonkeyPatch.context() as patch:
        made = [_module(name, code) for name, code in names.items()]
        patch.setitem(connectors.REGISTRY, SLUG, "lantern_ads:LanternAds")
        patch.setattr(platforms, "NAMES", (*platforms.NAMES, SLUG))
        patch.setitem(truths.TRUTH, SLUG, _truth(made[1]))
        with serving.local(World(now=lambda: NOW, start=START)) as running:
            yield Live(running)
    for name in names:
        del sys.modules[name]


def _truth(stand: Any) -> Any:
    def true(world: World, account: Account, slug: str, first: Any, last: Any) -> dict[str, Any]:
        days = range(first.toordinal(), last.toordinal() + 1)
        found = [stand.figures(world, first.fromordinal(n), key) for n in days for key in stand.CAMPAIGNS]
        return {
            "impressions": sum(row["impressions"] for row in found),
            "spend": sum(Decimal(row["cost"]) for row in found),
        }

    return true


def _cases(test: Any) -> list[dict[str, Any]]:
    """What a test of the contract is called with, for the example instead of the registry's platforms."""
    choices: list[list[dict[str, Any]]] = []
    for mark in test.pytestmark:
        names, values = mark.args
        if names == "slug":
            choices.append([{"slug": SLUG}])
        elif "slug" in names:
            choices.append([{"slug": SLUG, "name": one.slug} for one in connectors.find(SLUG).streams])
        else:
            choices.append([{names: value} for value in values])
    return [{name: value for part in case for name, value in part.items()} for case in itertools.product(*choices)]  # fmt: skip


@pytest.mark.parametrize(
    "test",
    [
        test
        for name, test in {**vars(contract), **vars(faults)}.items()
        if name.startswith("test_") and hasattr(test, "pytestmark")
    ],
    ids=lambda test: test.__name__.removeprefix("test_"),
)
def test_the_example_satisfies_the_contract(served: Live, monkeypatch: pytest.MonkeyPatch, test: Any):
    wanted = set(inspect.signature(test).parameters)
    given = {"live": served, "monkeypatch": monkeypatch}
    for case in _cases(test):
        test(**{name: value for name, value in {**given, **case}.items() if name in wanted})
        served.server.faults.clear()
