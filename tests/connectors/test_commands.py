"""`python -m connectors`, run as a person runs it: against the sandbox, as a process of its own."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors import _commands
from connectors._base import Batch, Stream
from errors import TooMuchData
from sandbox import serving, truth
from sandbox.credentials import credentials
from sandbox.world import World
from tests.connectors.sandboxed import NOW

ROOT = Path(__file__).parents[2]
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def server() -> Iterator[serving.Server]:
    with serving.local(World(now=lambda: NOW)) as running:
        yield running


@pytest.fixture
def run(server: serving.Server) -> Run:
    def one(*words: str, given: str = "", **more: str) -> subprocess.CompletedProcess[str]:
        base = {"PLATFORM_BASE_URLS": json.dumps(server.base_urls), "ANALYTICS_RETRY_DELAY_SECONDS": "0"}
        return subprocess.run(
            [sys.executable, "-m", "connectors", *words],
            cwd=ROOT, env=os.environ | base | more, input=given, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    return one


def _file(folder: Path, held: Any) -> str:
    path = folder / "credentials.json"
    path.write_text(json.dumps(held))
    return str(path)


def _lines(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_sums_of_a_pull_equal_what_the_platform_says(run: Run, server: serving.Server, tmp_path: Path):
    file = _file(tmp_path, credentials("tiktok_ads"))
    found = _lines(run("pull", "tiktok_ads", "--credentials", file, "--from", "2026-09-20", "--to", "2026-11-05",
                       "--grain", "campaign", "--json"))  # fmt: skip
    (account,) = server.world.of("tiktok_ads")
    true = truth.total(
        server.world, "tiktok_ads", account.id, date(2026, 9, 20), date(2026, 11, 5), "campaign"
    )
    assert sum(Decimal(row["spend"]) for row in found) == true["spend"]
    assert sum(row["impressions"] for row in found) == true["impressions"]
    assert {"day", "entity", "spend", "more"} <= found[0].keys()


def test_check_prints_each_step(run: Run, tmp_path: Path):
    file = _file(tmp_path, credentials("meta_ads"))
    assert all(line["ok"] for line in _lines(run("check", "meta_ads", "--credentials", file, "--json")))
    assert run("check", "meta_ads", "--credentials", file).stdout.startswith("ok")


def test_check_names_the_step_that_fails(run: Run, tmp_path: Path):
    done = run("check", "meta_ads", "--credentials", _file(tmp_path, {"access_token": "EAA-wrong"}), "--json")
    assert done.returncode == 2
    assert json.loads(done.stdout.splitlines()[-1])["ok"] is False
    assert done.stderr.startswith("Sign in to Meta: ")
    assert len(done.stderr.splitlines()) == 1


def test_accounts_and_entities_are_lines_to_read_or_objects(run: Run, tmp_path: Path):
    file = _file(tmp_path, credentials("tiktok_ads"))
    (account,) = _lines(run("accounts", "tiktok_ads", "--credentials", file, "--json"))
    assert (account["currency"], account["time_zone"]) == ("GBP", "Europe/London")
    table = run(
        "entities", "tiktok_ads", "--credentials", file, "--account", account["key"]
    ).stdout.splitlines()
    assert table[0].split()[:3] == ["level", "key", "name"]
    assert any("UK Video Shopping" in line for line in table)


def test_platforms_and_streams_are_listed_without_credentials(run: Run):
    assert "pinterest_ads" in {line["platform"] for line in _lines(run("platforms", "--json"))}
    assert "campaign" in {line["slug"] for line in _lines(run("streams", "meta_ads", "--json"))}


def test_credentials_may_come_from_standard_input(run: Run):
    done = run(
        "accounts", "tiktok_ads", "--credentials", "-", "--json", given=json.dumps(credentials("tiktok_ads"))
    )
    assert len(_lines(done)) == 1


def test_renewed_credentials_are_written_only_when_asked(run: Run, tmp_path: Path):
    held = credentials("pinterest_ads")
    file = _file(tmp_path, held)
    done = run("accounts", "pinterest_ads", "--credentials", file)
    assert done.returncode == 0
    assert json.loads(Path(file).read_text()) == held
    assert run("accounts", "pinterest_ads", "--credentials", file, "--save").returncode == 0
    saved = json.loads(Path(file).read_text())
    assert saved["app_id"] == held["app_id"]
    assert saved["refresh_token"] != held["refresh_token"]
    assert stat.S_IMODE(Path(file).stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["credentials.json"]


@pytest.mark.parametrize(
    ("words", "given", "why"),
    [
        (("check", "nothing_ads", "--credentials", "-"), "{}", "no connector for 'nothing_ads'"),
        (("check", "meta_ads", "--credentials", "/nowhere.json"), "", "cannot be read"),
        (("check", "meta_ads", "--credentials", "-"), "no JSON", "does not hold JSON"),
        (("check", "meta_ads", "--credentials", "-"), "[1]", "one JSON object"),
        (("check", "meta_ads", "--credentials", "-"), '{"app_id": "1"}', "access_token"),
        (("check", "pinterest_ads", "--credentials", "-"), '{"refresh_token": "pinr.x"}', "app_secret"),
        (("pull", "meta_ads", "--credentials", "-", "--from", "1.11.2026"), "{}", "no date"),
        (
            ("pull", "meta_ads", "--credentials", "-", "--from", "2026-11-02", "--to", "2026-11-01"),
            "{}",
            "after",
        ),
        (("pull", "meta_ads", "--credentials", "-", "--grain", "galaxy"), "{}", "no grain 'galaxy'"),
        (
            ("accounts", "meta_ads", "--credentials", "-", "--save"),
            '{"access_token": "EAA-x"}',
            "--save needs a file",
        ),
        (("accounts", "meta_ads"), "", "--credentials"),
        (("dance",), "", "invalid choice"),
        ((), "", "COMMAND"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(run: Run, words: tuple[str, ...], given: str, why: str):
    done = run(*words, given=given)
    assert done.returncode == 2
    assert why in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""


def test_an_unknown_account_is_named(run: Run, tmp_path: Path):
    file = _file(tmp_path, credentials("tiktok_ads"))
    done = run("pull", "tiktok_ads", "--credentials", file, "--account", "42")
    assert done.returncode == 2
    assert "42" in done.stderr


@pytest.mark.parametrize("platform", ["meta_ads", "tiktok_ads", "pinterest_ads", "tiktok_organic"])
def test_no_secret_is_in_anything_that_is_written(
    run: Run, server: serving.Server, tmp_path: Path, platform: str
):
    held = credentials(platform)
    file = _file(tmp_path, held)
    secrets = [str(value) for name, value in held.items() if "token" in name or "secret" in name]
    written = ""
    server.faults.add("server_error", platform, count=1, skip=1)
    for words in (("check",), ("pull", "--json")):
        done = run(words[0], platform, "--credentials", file, *words[1:], SOUNDINGS_LOG_LEVEL="DEBUG")
        assert done.returncode == 0, done.stderr
        written += done.stdout + done.stderr
    broken = {name: f"{value}broken" if "token" in name else value for name, value in held.items()}
    done = run("check", platform, "--credentials", _file(tmp_path, broken), SOUNDINGS_LOG_LEVEL="DEBUG")
    assert done.returncode == 2
    written += done.stdout + done.stderr
    assert "DEBUG" in written
    assert secrets
    assert not [secret for secret in secrets if secret in written]


def test_a_range_that_is_too_much_is_asked_for_in_halves():
    class Small:
        def pull(self, account: Any, stream: Any, first: date, last: date) -> Iterator[Batch]:
            if (last - first).days > 2:
                raise TooMuchData("Too much.")
            yield Batch(rows=[{"day": first}, {"day": last}])

    stream = Stream("campaign", "Campaigns", "campaign", max_days=30)
    found = list(_commands._batches(Small(), None, stream, date(2026, 11, 1), date(2026, 11, 10)))  # type: ignore[arg-type]
    days = [row["day"].day for batch in found for row in batch.rows]
    assert days == [1, 3, 4, 5, 6, 8, 9, 10]
