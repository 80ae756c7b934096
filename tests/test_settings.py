"""Settings: typed, documented, and loud when wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

import settings
from errors import SettingsError


def test_the_documentation_lists_exactly_the_settings():
    assert Path("docs/settings.md").read_text() == settings.as_markdown()


def test_defaults_need_no_environment():
    found = settings.read({})
    assert found.port == 8501
    assert found.database_url is None
    assert found.sidecar is True


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"),
        ("PORT", "eighty"),
        ("PORT", "65536"),
        ("SOUNDINGS_SIDECAR", "maybe"),
        ("DATABASE_URL", "mysql://somewhere"),
        ("SOUNDINGS_BASE_URL", "soundings.example.com"),
        ("SOUNDINGS_LOG_LEVEL", "chatty"),
        ("SOUNDINGS_MAX_UPLOAD_MB", "-5"),
    ],
)
def test_a_wrong_value_stops_the_start_and_names_the_variable(name: str, value: str):
    with pytest.raises(SettingsError, match=rf"{name}: .*Allowed: "):
        settings.read({name: value})


def test_a_secret_may_come_from_a_file(tmp_path: Path):
    file = tmp_path / "url"
    file.write_text("postgres://ann:hush@db/soundings\n")
    assert (
        settings.read({"DATABASE_URL_FILE": str(file)}).database_url
        == "postgresql+psycopg2://ann:hush@db/soundings"
    )


def test_a_secret_given_twice_or_in_a_missing_file_is_refused(tmp_path: Path):
    with pytest.raises(SettingsError, match="either SMTP_PASSWORD or SMTP_PASSWORD_FILE"):
        settings.read({"SMTP_PASSWORD": "a", "SMTP_PASSWORD_FILE": "b"})
    with pytest.raises(SettingsError, match="SMTP_PASSWORD_FILE names a file that cannot be read"):
        settings.read({"SMTP_PASSWORD_FILE": str(tmp_path / "gone")})


def test_secrets_show_neither_in_the_repr_nor_in_an_error():
    assert "hush" not in repr(
        settings.read({"DATABASE_URL": "postgresql://ann:hush@db/x", "SMTP_PASSWORD": "hush"})
    )
    with pytest.raises(SettingsError) as caught:
        settings.read({"DATABASE_URL": "mysql://ann:hush@db/x"})
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["postgres://", "postgresql://", "postgresql+psycopg2://"])
def test_every_spelling_of_a_postgres_address_names_the_driver(scheme: str):
    assert settings.read({"DATABASE_URL": f"{scheme}db/x"}).database_url == "postgresql+psycopg2://db/x"
