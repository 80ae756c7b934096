"""Every environment variable that Soundings reads: name, type, default and one line of help.

Nothing else in the code looks at the environment. A secret may also come from a file named by
`NAME_FILE` (Docker and Kubernetes secrets). `docs/settings.md` is written from this table by
`python -m settings` and a test holds the two together.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from errors import SettingsError

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off"}


def _switch(text: str) -> bool:
    if text.lower() in _TRUE:
        return True
    if text.lower() in _FALSE:
        return False
    raise ValueError("on or off (also true/false, yes/no, 1/0)")


def _between(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = low - 1
        if not low <= number <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return number

    return parse


def _folder(text: str) -> Path:
    return Path(text).expanduser().resolve()


def _database(text: str) -> str:
    """SQLAlchemy 2.1 reads a bare `postgresql://` as psycopg 3, which is not installed: name the driver."""
    for scheme in ("postgres://", "postgresql://", "postgresql+psycopg2://"):
        if text.startswith(scheme):
            return "postgresql+psycopg2://" + text[len(scheme) :]
    raise ValueError("a PostgreSQL address such as postgresql://user:password@host:5432/name")


def _web_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("an address such as https://soundings.example.com")
    return text.rstrip("/")


def _seconds(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 3600:
        raise ValueError("seconds from 0 to 3600")
    return number


def _hours(text: str) -> tuple[int, ...]:
    try:
        found = sorted({int(part) for part in text.split(",")})
    except ValueError:
        found = [-1]
    if not all(0 <= hour <= 23 for hour in found):
        raise ValueError("hours of the day from 0 to 23, such as 5,17")
    return tuple(found)


def _map(text: str, value: Callable[[str], str]) -> Mapping[str, str]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict) or not all(isinstance(v, str) for v in found.values()):
        raise ValueError('a JSON object such as {"google_ads": "…"}')
    return {str(name): value(each) for name, each in found.items()}


def _addresses(text: str) -> Mapping[str, str]:
    return _map(text, _web_address)


def _versions(text: str) -> Mapping[str, str]:
    return _map(text, str)


def _hosts(text: str) -> frozenset[str]:
    found = {part.strip().lower() for part in text.split(",") if part.strip()}
    if any("/" in host or ":" in host or " " in host for host in found):
        raise ValueError("names of hosts without https:// and port, such as mattermost.internal,10.0.0.7")
    return frozenset(found)


def _level(text: str) -> str:
    if text.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        raise ValueError("DEBUG, INFO, WARNING or ERROR")
    return text.upper()


def _setting(
    name: str, default: str | None, help: str, parse: Callable[[str], Any] = str, *, secret: bool = False
) -> Any:
    return field(metadata={"name": name, "default": default, "help": help, "parse": parse, "secret": secret})


@dataclass(frozen=True)
class Settings:
    """The parsed environment. Attribute names are for code, `metadata["name"]` is the variable."""

    port: int = _setting("PORT", "8501", "Port of the web page and the HTTP API.", _between(1, 65535))
    address: str = _setting("SOUNDINGS_ADDRESS", "127.0.0.1", "Address to listen on; 0.0.0.0 in a container.")
    data: Path = _setting(
        "SOUNDINGS_DATA",
        "data",
        "Folder for the embedded database and the generated key file. Back it up.",
        _folder,
    )
    database_url: str | None = _setting(
        "DATABASE_URL",
        None,
        "PostgreSQL 15 or newer to use instead of the embedded one.",
        _database,
        secret=True,
    )
    base_url: str | None = _setting(
        "SOUNDINGS_BASE_URL",
        None,
        "Public address, used in links that are mailed or copied; with https the cookie is Secure.",
        _web_address,
    )
    keys: str | None = _setting(
        "SOUNDINGS_KEYS",
        None,
        "Key ring that locks stored sign-ins: base64 keys of 32 bytes, comma-separated, the newest first. "
        "Without it a key file is generated in the data folder.",
        secret=True,
    )
    sidecar: bool = _setting(
        "SOUNDINGS_SIDECAR", "on", "Start and supervise the sidecar beside the web app.", _switch
    )
    session_days: int = _setting(
        "SOUNDINGS_SESSION_DAYS", "30", "A sign-in ends after so many days without use.", _between(1, 365)
    )
    trusted_proxies: int = _setting(
        "SOUNDINGS_TRUSTED_PROXIES",
        "0",
        "Reverse proxies in front of the app whose X-Forwarded-For is believed.",
        _between(0, 5),
    )
    max_upload_mb: int = _setting(
        "SOUNDINGS_MAX_UPLOAD_MB",
        "200",
        "Largest file that may be uploaded, in megabytes.",
        _between(1, 1000),
    )
    rates_refresh: bool = _setting(
        "SOUNDINGS_RATES_REFRESH", "on", "Fetch new ECB reference rates once a day where possible.", _switch
    )
    platform_base_urls: Mapping[str, str] = _setting(
        "PLATFORM_BASE_URLS",
        "{}",
        "Where platforms are really asked, as JSON platform → URL: the URL takes the place of scheme and host "
        "of every call. For a proxy, a stand-in or tests.",
        _addresses,
    )
    platform_versions: Mapping[str, str] = _setting(
        "PLATFORM_VERSIONS",
        "{}",
        'API versions to use instead of the built-in ones, as JSON such as {"meta_ads": "v25.0"}.',
        _versions,
    )
    refresh_hours: tuple[int, ...] = _setting(
        "ANALYTICS_REFRESH_HOURS",
        "5,17",
        "Hours (UTC) at which accounts are refreshed that have no schedule of their own.",
        _hours,
    )
    history_days: int = _setting(
        "SOUNDINGS_HISTORY_DAYS",
        "400",
        "How long former versions of figures are kept, so that reports can be shown as they stood.",
        _between(1, 3650),
    )
    sync_workers: int = _setting(
        "SOUNDINGS_SYNC_WORKERS",
        "3",
        "How many accounts one sidecar refreshes at the same time.",
        _between(1, 16),
    )
    google_refresh: bool = _setting("GOOGLE_REFRESH_ENABLED", "on", "Refresh Google Ads accounts.", _switch)
    meta_refresh: bool = _setting("META_REFRESH_ENABLED", "on", "Refresh Meta Ads accounts.", _switch)
    tiktok_refresh: bool = _setting(
        "TIKTOK_REFRESH_ENABLED", "on", "Refresh TikTok Ads and TikTok accounts.", _switch
    )
    pinterest_refresh: bool = _setting(
        "PINTEREST_REFRESH_ENABLED", "on", "Refresh Pinterest Ads accounts.", _switch
    )
    ga4_refresh: bool = _setting("GA4_REFRESH_ENABLED", "on", "Refresh Google Analytics properties.", _switch)
    klaviyo_refresh: bool = _setting("KLAVIYO_REFRESH_ENABLED", "on", "Refresh Klaviyo accounts.", _switch)
    shopify_refresh: bool = _setting("SHOPIFY_REFRESH_ENABLED", "on", "Refresh Shopify shops.", _switch)
    max_retries: int = _setting(
        "ANALYTICS_MAX_RETRIES", "5", "How often a failed call to a platform is repeated.", _between(0, 20)
    )
    retry_delay: float = _setting(
        "ANALYTICS_RETRY_DELAY_SECONDS",
        "2",
        "First pause before a failed call is repeated; it doubles with every try, at random up to that.",
        _seconds,
    )
    smtp_host: str | None = _setting("SMTP_HOST", None, "Mail server; without it links are copied by hand.")
    smtp_port: int = _setting("SMTP_PORT", "587", "Port of the mail server.", _between(1, 65535))
    smtp_user: str | None = _setting("SMTP_USER", None, "User at the mail server.")
    smtp_password: str | None = _setting("SMTP_PASSWORD", None, "Password at the mail server.", secret=True)
    smtp_from: str | None = _setting("SMTP_FROM", None, "Sender of mails, such as soundings@example.com.")
    smtp_tls: bool = _setting("SMTP_TLS", "on", "Use STARTTLS with the mail server.", _switch)
    webhook_hosts: frozenset[str] = _setting(
        "SOUNDINGS_WEBHOOK_HOSTS",
        "",
        "Hosts that reports may be posted to although they lie in a private network or lack https, comma-separated.",
        _hosts,
    )
    log_level: str = _setting("SOUNDINGS_LOG_LEVEL", "INFO", "DEBUG, INFO, WARNING or ERROR.", _level)

    def __repr__(self) -> str:
        shown = (
            f"{f.name}=…" if f.metadata["secret"] else f"{f.name}={getattr(self, f.name)!r}"
            for f in fields(self)
        )
        return f"Settings({', '.join(shown)})"

    def refreshes(self, platform: str) -> bool:
        """Whether a platform's accounts are refreshed; a platform without a switch of its own always is."""
        return bool(getattr(self, f"{platform.split('_')[0]}_refresh", True))

    @property
    def address_shown(self) -> str:
        """The address to print and to put into links when no public one is set."""
        host = "localhost" if self.address in {"127.0.0.1", "0.0.0.0", "::"} else self.address
        return self.base_url or f"http://{host}:{self.port}"


def _value(meta: Mapping[str, Any], env: Mapping[str, str]) -> Any:
    name = meta["name"]
    text, origin = env.get(name, "").strip(), name
    path = env.get(f"{name}_FILE", "").strip() if meta["secret"] else ""
    if text and path:
        raise SettingsError(f"Set either {name} or {name}_FILE, not both.")
    if path:
        origin = f"{name}_FILE"
        try:
            text = Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise SettingsError(f"{origin} names a file that cannot be read: {error.strerror}.") from error
    if not text and meta["default"] is None:
        return None
    try:
        return meta["parse"](text or meta["default"])
    except ValueError as error:
        given = "what it holds" if meta["secret"] else repr(text)
        raise SettingsError(f"{origin}: {given} is not allowed. Allowed: {error}.") from None


def read(env: Mapping[str, str]) -> Settings:
    """Parse an environment. Raises SettingsError that names the variable and what is allowed."""
    return Settings(**{f.name: _value(f.metadata, env) for f in fields(Settings)})


@cache
def current() -> Settings:
    """The settings of this process, read once."""
    return read(os.environ)


def as_markdown() -> str:
    """The table of docs/settings.md."""
    lines = [
        "# Settings",
        "",
        "All settings are environment variables. A secret may instead be read from a file named by "
        "`NAME_FILE`. A wrong value stops the start and says what is allowed. This page is written by "
        "`python -m settings > docs/settings.md`.",
        "",
        "| variable | default | meaning |",
        "|---|---|---|",
    ]
    for f in fields(Settings):
        m = f.metadata
        name = f"`{m['name']}`" + (" *(secret)*" if m["secret"] else "")
        default = "–" if not m["default"] else f"`{m['default']}`"
        lines.append(f"| {name} | {default} | {m['help']} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(as_markdown())
