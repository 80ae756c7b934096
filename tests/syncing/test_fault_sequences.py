"""The same in random sequences of faults, with the sidecar killed and the database gone in between."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store import db
from syncing.working import Working
from tests.syncing.disturbed import ADS, FAULTS, check, connect, sandbox, server, settings_of, settle, sync

__all__ = ["sandbox", "server"]

STEP = st.tuples(
    st.sampled_from([*FAULTS, "killed", "cut"]),
    st.integers(1, 4),
    st.integers(0, 6),
    st.sampled_from([None, 5, "date"]),
    st.sampled_from([500, 502, 504, 200]),
)


@settings(
    max_examples=100, derandomize=True, deadline=None, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(platform=st.sampled_from([*ADS, "shopify"]), steps=st.lists(STEP, min_size=1, max_size=3))
def test_after_any_sequence_of_faults_the_store_says_what_is_true(
    sandbox, make_project, monkeypatch, platform, steps
):
    place = connect(make_project(), platform)
    for kind, count, skip, retry_after, status in steps:
        with monkeypatch.context() as patched:
            if kind in {"killed", "cut"}:
                _interrupt(patched, kind, skip)
            else:
                more = {"retry_after": retry_after} if kind == "rate_limited" else {}
                more |= {"status": status} if kind == "server_error" else {}
                sandbox.faults.add(kind, platform, **settings_of(kind, count, skip), **more)
            try:
                run = sync(place)
            except KeyboardInterrupt:
                continue
            assert "Something broke" not in f"{run.error}{run.stage}{run.result}"
    sandbox.faults.clear()
    settle(place)
    check(place, sandbox)


_END_ALL = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def _interrupt(patched: pytest.MonkeyPatch, kind: str, skip: int) -> None:
    """The sidecar is killed, or the database restarts, between staging and the commit of a chunk."""
    commit, left = Working.commit, [skip]

    def interrupted(self: Working, connection: Any, rows: int) -> None:
        left[0] -= 1
        if left[0] < 0:
            if kind == "killed":
                raise KeyboardInterrupt
            owner = db.connect_as_owner()
            with owner.connect() as other:
                other.execute(sa.text(_END_ALL))
            owner.dispose()
        commit(self, connection, rows)

    patched.setattr(Working, "commit", interrupted)
