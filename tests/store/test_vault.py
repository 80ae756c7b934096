from __future__ import annotations

import base64
import dataclasses
import os
import stat
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

import settings
from errors import KeyMismatch, NotFound, SettingsError
from store import db, vault
from store.models import connections, secrets


def key(letter):
    return base64.b64encode(letter.encode() * 32).decode()


@pytest.fixture
def use(monkeypatch, tmp_path):
    """Choose the key ring, or a fresh data folder with none."""
    start = dataclasses.replace(settings.read({}), data=tmp_path)

    def choose(keys=None):
        here = dataclasses.replace(start, keys=keys)
        monkeypatch.setattr(settings, "current", lambda: here)
        return tmp_path / "keys"

    return choose


def put(plain=b"token", owner="connection:1"):
    with db.instance() as connection:
        return vault.put(connection, owner, None, plain)


def get(secret_id, owner="connection:1"):
    with db.instance() as connection:
        return vault.get(connection, secret_id, owner)


def change(secret_id, **values):
    with db.instance() as connection:
        connection.execute(sa.update(secrets).where(secrets.c.id == secret_id).values(values))


def row(secret_id):
    with db.instance() as connection:
        return connection.execute(sa.select(secrets).where(secrets.c.id == secret_id)).one()


@hypothesis(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    plain=st.binary(max_size=5000),
    owner=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
)
def test_secrets_round_trip_and_are_not_readable(database, use, plain, owner):
    use(key("a"))
    secret_id = put(plain, owner)
    assert get(secret_id, owner) == plain
    assert len(plain) < 8 or plain not in row(secret_id).ciphertext


def test_same_secret_twice_looks_different(database, use):
    use(key("a"))
    one, two = row(put()), row(put())
    assert one.ciphertext != two.ciphertext
    assert one.wrapped_key != two.wrapped_key


@pytest.mark.parametrize("column", ["ciphertext", "wrapped_key"])
@pytest.mark.parametrize("place", [0, 15, -1])
def test_tampered_record_does_not_open(database, use, column, place):
    use(key("a"))
    secret_id = put()
    content = bytearray(getattr(row(secret_id), column))
    content[place] ^= 1
    change(secret_id, **{column: bytes(content)})
    with pytest.raises(KeyMismatch, match="changed in the database"):
        get(secret_id)


def test_truncated_record_does_not_open(database, use):
    use(key("a"))
    secret_id = put()
    change(secret_id, ciphertext=b"short")
    with pytest.raises(KeyMismatch):
        get(secret_id)


def test_swapped_records_do_not_open(database, use):
    use(key("a"))
    ours, theirs = put(b"ours", "connection:1"), put(b"theirs", "connection:2")
    other = row(theirs)
    change(ours, ciphertext=other.ciphertext, wrapped_key=other.wrapped_key)
    with pytest.raises(KeyMismatch):
        get(ours, "connection:1")
    with pytest.raises(KeyMismatch):
        get(theirs, "connection:1")


def test_record_moved_to_another_project_does_not_open(database, use, make_project):
    use(key("a"))
    secret_id = put()
    change(secret_id, project_id=make_project())
    with pytest.raises(KeyMismatch):
        get(secret_id)


def test_rotation_rewraps_and_leaves_the_data(database, use):
    use(key("a"))
    ids = [put(b"one"), put(b"two")]
    before = [row(i) for i in ids]
    use(f"{key('b')},{key('a')}")
    with db.instance() as connection:
        assert vault.rotate(connection) == vault.Rotation(2, [])
        assert vault.rotate(connection) == vault.Rotation(0, [])
    use(key("b"))
    assert [get(i) for i in ids] == [b"one", b"two"]
    for old, i in zip(before, ids, strict=True):
        assert row(i).ciphertext == old.ciphertext
        assert row(i).wrapped_key != old.wrapped_key


def test_rotation_names_what_no_key_opens(database, use):
    use(key("x"))
    lost = put()
    use(key("a"))
    put()
    use(f"{key('b')},{key('a')}")
    with db.instance() as connection:
        assert vault.rotate(connection) == vault.Rotation(1, [lost])


def test_lost_key_is_named_and_marks_connections_until_it_is_back(database, use, make_project):
    use(key("a"))
    secret_id = put()
    values = {"project_id": make_project(), "platform": "meta_ads", "name": "Brand DE"}
    with db.instance() as connection:
        connection.execute(
            sa.insert(connections).values(**values, secret_id=secret_id, created_at=datetime.now(UTC))
        )
    fingerprint = row(secret_id).key_fingerprint
    use(key("b"))
    with pytest.raises(KeyMismatch, match=fingerprint):
        get(secret_id)
    for _ in range(2):
        with db.instance() as connection:
            (broken,) = vault.check(connection)
            found = connection.execute(sa.select(connections)).one()
    assert (broken.key_fingerprint, broken.connections) == (fingerprint, ["Brand DE"])
    assert found.state == "needs_reconnecting"
    assert fingerprint in found.diagnosis
    assert row(secret_id).broken_at
    use(key("a"))
    with db.instance() as connection:
        assert vault.check(connection) == []
        assert connection.execute(sa.select(connections)).one().state == "healthy"
    assert row(secret_id).broken_at is None


def test_check_leaves_other_diagnoses_alone(database, use, make_project):
    use(key("a"))
    values = {
        "project_id": make_project(),
        "platform": "meta_ads",
        "name": "Brand",
        "created_at": datetime.now(UTC),
    }
    values |= {"state": "needs_reconnecting", "diagnosis": "Meta ended this sign-in.", "secret_id": put()}
    with db.instance() as connection:
        connection.execute(sa.insert(connections).values(values))
        vault.check(connection)
        assert connection.scalar(sa.select(connections.c.state)) == "needs_reconnecting"


def test_replaced_secret_has_a_new_data_key(database, use):
    use(key("a"))
    secret_id = put()
    with db.instance() as connection:
        before = connection.scalar(sa.select(secrets.c.wrapped_key))
        vault.replace(connection, secret_id, "connection:1", b"fresh")
        with pytest.raises(NotFound):
            vault.replace(connection, secret_id, "connection:2", b"other")
    assert get(secret_id) == b"fresh"
    assert row(secret_id).wrapped_key != before


def test_key_file_is_made_once_and_private(database, use):
    path = use()
    ring = vault.ring()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [k.fingerprint for k in vault.ring()] == [k.fingerprint for k in ring]
    assert [p.name for p in path.parent.iterdir()] == ["keys"]


def test_rotation_puts_a_new_key_first_into_the_key_file(database, use):
    path = use()
    secret_id = put()
    old = vault.ring()[0].fingerprint
    with db.instance() as connection:
        assert vault.rotate(connection) == vault.Rotation(1, [])
    new = row(secret_id).key_fingerprint
    assert [k.fingerprint for k in vault.ring()] == [new, old]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert get(secret_id) == b"token"


@pytest.mark.skipif(os.name != "posix", reason="modes are a matter of POSIX")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_open_key_file_stops_the_start(use, mode):
    path = use()
    vault.ring()
    path.chmod(mode)
    with pytest.raises(SettingsError, match="chmod 600"):
        vault.ring()


@pytest.mark.parametrize("keys", ["nonsense", base64.b64encode(b"short").decode(), f"{key('a')},x", ","])
def test_malformed_ring_is_refused_without_showing_it(use, keys):
    use(keys)
    with pytest.raises(SettingsError, match="SOUNDINGS_KEYS") as caught:
        vault.ring()
    assert keys == "," or keys not in str(caught.value)


def test_empty_key_file_is_refused(use):
    path = use()
    path.write_text("")
    path.chmod(0o600)
    with pytest.raises(SettingsError, match="holds no key"):
        vault.ring()


def test_keys_from_the_environment_are_not_written_by_us(use):
    path = use(key("a"))
    with pytest.raises(SettingsError, match="SOUNDINGS_KEYS"):
        vault.add_key()
    assert not path.exists()
