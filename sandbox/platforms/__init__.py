"""The stand-ins, one module a platform.

To add one, write `sandbox/platforms/<slug>.py` with a class `Stand` that extends `sandbox.platforms._base.
Platform`, and put its slug into `NAMES`. The class says

- `slug`, and `routes()`: `{("GET", "/api/accounts"): self._accounts}`. The path is the real URL's path; the
  hosts of one platform (API, token, sign-in, download) share the prefix `/<slug>`. `{name}` in a path matches
  one piece and arrives in `call.parts["name"]`; `:` and `$` may stand for themselves (`/{id}:runReport`).
- A handler takes a `sandbox.calls.Call` (`query`, `headers` in lower case, `json()`, `form()`, `bearer()`,
  `array(name)` for a JSON array in the query, `base` for URLs in answers) and returns `calls.answer(body,
  status, headers)`. It may raise `calls.Refused(answer(...))` from any depth: that answer goes out.
- `credentials()`: the dictionaries that a person would paste, with the fact sheet's field names. Tokens come
  from `self.tokens`: `fixed(slug, "access")` is the same in every process, `issue(slug, "access", life)` ends
  by the world's clock, `read(slug, text, "access")` gives None (not ours) or a token whose `problem` is "",
  "expired" or "revoked". `sandbox.oauth` has the sign-in page and the checks of a token request.
- The bodies of its own faults: `rate_limited(headers)`, `day_limit()`, `expired()`, `too_much()`,
  `not_found(call)`, and for its paging `same_page(call, body)` and `empty(call, body)`.

Figures come from the world, as they show at `world.now`, never from a copy: `sandbox.delivery.rolled` (ads),
`sandbox.visits.day` (sessions), `sandbox.emails` (messages), `sandbox.posts` (videos), `sandbox.orders`.
Write after the platform's documents, not after what a connector expects; say in the module's docstring which
version and sources. `sandbox.truth` gives tests the same figures without the platform in between.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import cast

from sandbox.platforms._base import Platform
from sandbox.tokens import Tokens
from sandbox.world import World

NAMES = (
    "google_ads",
    "meta_ads",
    "tiktok_ads",
    "pinterest_ads",
    "ga4",
    "klaviyo",
    "shopify",
    "tiktok_organic",
)
"""Slugs, which are module names here and prefixes of the server's paths."""


def load() -> dict[str, Callable[[World, Tokens], Platform]]:
    """Slug → class of the stand-in."""
    found = {name: import_module(f"sandbox.platforms.{name}").Stand for name in NAMES}
    return cast(dict[str, Callable[[World, Tokens], Platform]], found)
