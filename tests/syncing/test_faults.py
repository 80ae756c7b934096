"""Whatever goes wrong once between us and a platform: when it is over, the store says what is true."""

from __future__ import annotations

import pytest

from tests.syncing.disturbed import ADS, FAULTS, check, connect, sandbox, server, settings_of, settle, sync

__all__ = ["sandbox", "server"]


@pytest.mark.parametrize("platform", [*ADS, "shopify"])
def test_an_undisturbed_sync_stores_the_truth(sandbox, make_project, platform):
    place = connect(make_project(), platform)
    settle(place)
    check(place, sandbox)


@pytest.mark.parametrize("kind", FAULTS)
@pytest.mark.parametrize("platform", ["google_ads", "tiktok_ads"])
def test_after_a_fault_the_store_says_what_is_true(sandbox, make_project, platform, kind):
    place = connect(make_project(), platform)
    sandbox.faults.add(kind, platform, **settings_of(kind, 3, 2))
    run = sync(place)
    assert run.state in {"done", "queued", "failed"}
    said = " ".join(filter(None, [run.error, run.stage, *(run.result or {}).get("problems", {}).values()]))
    assert "Traceback" not in said
    assert "Something broke" not in said
    sandbox.faults.clear()
    settle(place)
    check(place, sandbox)
