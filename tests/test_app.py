from __future__ import annotations

import asyncio
import importlib
import os
import socket
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

import pytest

from store import people
from tests import accounts

ROOT = Path(__file__).parent.parent


@pytest.fixture
def app(database):
    return importlib.import_module("app")


def test_dead_child_is_started_again_and_the_last_one_ended(app, monkeypatch, tmp_path):
    monkeypatch.setattr(app, "_FIRST_PAUSE", 0.01)
    log = tmp_path / "starts"
    code = (
        "import os, sys, time, pathlib; p = pathlib.Path(sys.argv[1]);"
        "p.open('a').write(f'{os.getpid()}\\n'); time.sleep(60 if len(p.read_text().split()) > 2 else 0)"
    )

    async def run():
        task = asyncio.create_task(app.supervise(sys.executable, "-c", code, str(log)))
        while not log.exists() or len(log.read_text().split()) < 3:
            await asyncio.sleep(0.02)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(run())
    pids = [int(pid) for pid in log.read_text().split()]
    assert len(set(pids)) == 3
    with pytest.raises(ProcessLookupError):
        os.kill(pids[-1], 0)


def test_fresh_start_says_where_to_go_and_how_to_begin(app, capsys):
    app._bring_up()
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("Soundings runs at http://")
    assert second.startswith("Create the first administrator: http://")
    assert "/?link=" in second
    app._bring_up()
    assert capsys.readouterr().out.splitlines()[1] != second


def test_later_start_gives_no_link(app, capsys):
    accounts.add()
    app._bring_up()
    assert len(capsys.readouterr().out.splitlines()) == 1
    assert people.first_admin_link() is None


def test_bad_setting_stops_the_start_with_one_sentence(tmp_path):
    env = os.environ | {"SOUNDINGS_KEYS": "nonsense", "SOUNDINGS_DATA": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", "import app"], cwd=ROOT, env=env, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "Soundings cannot start. SOUNDINGS_KEYS" in done.stderr
    assert "Traceback" not in done.stderr


def _get(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.status, answer.headers, answer.read().decode()


def test_one_port_serves_pages_and_api(database, tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = os.environ | {"PORT": str(port), "SOUNDINGS_SIDECAR": "off"}
    command = [sys.executable, "-m", "uvicorn", "app:app", "--port", str(port), "--log-level", "warning"]
    server = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True)
    watchdog = threading.Timer(60, server.kill)
    watchdog.start()
    try:
        said = [server.stdout.readline() for _ in range(2)]
        assert f":{port}/?link=" in said[1]
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            threading.Event().wait(0.05)
        status, headers, body = _get(f"http://127.0.0.1:{port}/api/v1/ready")
        assert (status, headers["Content-Type"]) == (200, "application/json")
        assert '"status":"ready"' in body
        status, headers, body = _get(f"http://127.0.0.1:{port}/audit")
        assert "<html" in body
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "frame-ancestors 'self'" in headers["Content-Security-Policy"]
    finally:
        watchdog.cancel()
        server.terminate()
        server.wait(20)
