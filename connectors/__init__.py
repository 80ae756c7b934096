"""What talks to the outside: one module a platform; shared machinery has a leading underscore.

`REGISTRY` is every platform that can be connected. A new one is its module and one line here.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from importlib import import_module
from typing import Any

import settings
from connectors import _limits
from connectors._base import Connector, Credentials, Keeper
from connectors._http import Http, Wait, pause
from errors import BadInput

REGISTRY: dict[str, str] = {
    "google_ads": "google_ads:GoogleAds",
    "meta_ads": "meta_ads:MetaAds",
    "tiktok_ads": "tiktok_ads:TikTokAds",
    "pinterest_ads": "pinterest_ads:PinterestAds",
    "ga4": "ga4:Ga4",
    "klaviyo": "klaviyo:Klaviyo",
    "shopify": "shopify:Shopify",
    "tiktok_organic": "tiktok_organic:TikTokOrganic",
}
"""Slug of the fact sheet → class, as module:Class. Modules are loaded when first asked for."""

_RENEWED = {"access_token", "refresh_token", "expires_at", "sign_in_ends_at"}


def find(slug: str) -> type[Connector]:
    """The connector of a platform. Raises BadInput for one that cannot be connected."""
    if slug not in REGISTRY:
        raise BadInput(f"There is no connector for {slug!r}. There are: {', '.join(REGISTRY)}.")
    module, _, name = REGISTRY[slug].partition(":")
    found: type[Connector] = getattr(import_module(f"connectors.{module}"), name)
    return found


def connect(
    slug: str,
    credentials: Mapping[str, Any],
    *,
    keeper: Keeper | None = None,
    wait: Wait = pause,
    base_url: str | None = None,
) -> Connector:
    """A connector for a credential. `base_url` is for the demo, else PLATFORM_BASE_URLS counts."""
    kind, now = find(slug), settings.current()
    held = Credentials(credentials)
    http = Http(
        label=kind.label,
        limiter=_limits.of(slug, _stamp(held), kind.limits),
        base_url=base_url or now.platform_base_urls.get(slug),
        retries=now.max_retries,
        delay=now.retry_delay,
        wait=wait,
    )
    return kind(held, http, keeper)


def _stamp(credentials: Credentials) -> str:
    """Stands for a credential among others: a hash of what does not change when a token is renewed."""
    held = {name: value for name, value in credentials.items() if value and name not in _RENEWED}
    return sha256(repr(sorted(held.items()) or credentials.get("access_token")).encode()).hexdigest()
